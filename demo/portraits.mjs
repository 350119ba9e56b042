// SPDX-License-Identifier: MPL-2.0
// Draws the portraits of the demonstration's people as flat SVG and renders them to PNG (192 pixels) with the installed Chromium:
//
//   node demo/portraits.mjs
//
// What a face looks like is said by "face" in municipality.json; the drawings are ours and show nobody.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const here = new URL('.', import.meta.url).pathname;
const skins = { pale: ['#f6d7c3', '#e9b79c'], fair: ['#efc3a2', '#dba07c'], olive: ['#d9a679', '#bd855a'], tan: ['#b97f55', '#9a6440'], brown: ['#8f5d3e', '#74472c'], deep: ['#6d4530', '#543321'] };
const hairs = { blond: '#d8ac5c', honey: '#b98543', brown: '#6a4630', dark: '#33261f', black: '#211d1f', red: '#b4572c', grey: '#a8a49d', white: '#e4e0d8', silver: '#c7c3bb' };

const shade = (hex, by) => '#' + [1, 3, 5].map(i => Math.max(0, Math.min(255, parseInt(hex.slice(i, i + 2), 16) + by)).toString(16).padStart(2, '0')).join('');

// Hair behind the head and hair before it, for each style. The head is an ellipse about (96, 92), 34 wide and 40 high on each side.
const styles = {
  short: c => ['', `<path fill="${c}" d="M60 92c-4-34 10-50 36-50s41 15 36 50c-3-16-7-24-13-28-12 5-34 4-45-2-7 5-11 14-14 30z"/>`],
  side: c => ['', `<path fill="${c}" d="M60 94c-5-36 8-53 38-53 26 0 39 16 34 52-3-14-6-22-11-27-16 4-31 1-42-9-4 12-15 18-19 37z"/>`],
  crop: c => ['', `<path fill="${c}" d="M61 86c-1-28 12-42 35-42s36 14 35 42c-3-14-8-21-12-23-14-4-32-4-46 0-5 3-9 10-12 23z"/>`],
  thin: c => ['', `<path fill="${c}" d="M60 98c-4-14-3-26 4-34-1 12 0 22-1 30zM132 98c4-14 3-26-4-34 1 12 0 22 1 30z"/>`],
  bald: () => ['', ''],
  bob: c => [`<path fill="${c}" d="M54 128c-6-60 6-90 42-90s48 30 42 90c-12 8-72 8-84 0z"/>`, `<path fill="${c}" d="M60 92c0-32 12-47 36-47s36 15 36 47c-4-12-10-21-18-26-12 9-36 12-44 10-5 4-8 9-10 16z"/>`],
  long: c => [`<path fill="${c}" d="M50 166c2-20 0-40 2-70 2-38 16-58 44-58s42 20 44 58c2 30 0 50 2 70-20 10-72 10-92 0z"/>`, `<path fill="${c}" d="M60 96c-1-34 12-51 36-51s37 17 36 51c-3-16-12-28-34-36-22 8-34 20-38 36z"/>`],
  fringe: c => [`<path fill="${c}" d="M52 150c0-20-1-36 1-58 3-36 16-54 43-54s40 18 43 54c2 22 1 38 1 58-18 8-70 8-88 0z"/>`, `<path fill="${c}" d="M60 82c0-26 13-38 36-38s36 12 36 38c-22-6-50-6-72 0z"/>`],
  bun: c => [`<circle fill="${shade(c, -10)}" cx="96" cy="36" r="17"/>`, `<path fill="${c}" d="M60 94c-3-34 10-51 36-51s39 17 36 51c-3-18-12-29-36-32-24 3-33 14-36 32z"/>`],
  tail: c => [`<path fill="${shade(c, -12)}" d="M120 52c26 4 34 32 24 74-8-10-12-20-14-34z"/>`, `<path fill="${c}" d="M60 94c-4-35 9-51 36-51 28 0 40 17 36 50-3-15-9-24-16-30-20 8-46 6-56 31z"/>`],
  curly: c => [`<g fill="${c}"><circle cx="62" cy="74" r="20"/><circle cx="130" cy="74" r="20"/><circle cx="58" cy="100" r="17"/><circle cx="134" cy="100" r="17"/><circle cx="78" cy="54" r="22"/><circle cx="114" cy="54" r="22"/><circle cx="96" cy="46" r="22"/></g>`, `<g fill="${c}"><circle cx="74" cy="62" r="14"/><circle cx="90" cy="56" r="14"/><circle cx="106" cy="56" r="14"/><circle cx="120" cy="64" r="13"/></g>`],
  tousle: c => ['', `<path fill="${c}" d="M59 94c-8-32 4-56 24-55 6-9 20-7 24 0 18-3 34 18 27 55-2-12-6-20-11-25-5 4-12 5-18 3-5 5-15 6-22 2-6 6-10 4-13 1-6 5-9 11-11 19z"/>`],
  waves: c => [`<path fill="${c}" d="M54 142c-10-14 0-24-4-40-4-36 14-64 46-64s50 28 46 64c-4 16 6 26-4 40-14 10-22 0-42 0s-28 10-42 0z"/>`, `<path fill="${c}" d="M60 96c-2-34 12-51 34-51 26 0 40 16 38 51-4-12-8-20-18-28-6 8-30 16-44 10-5 5-8 10-10 18z"/>`],
  scarf: c => [`<path fill="${c}" d="M50 176c-2-22 4-40 3-76-1-42 17-64 43-64s44 22 43 64c-1 36 5 54 3 76z"/>`, `<path fill="${c}" fill-rule="evenodd" d="M56 100c-4-40 12-62 40-62s44 22 40 62c-2 24-16 42-40 44-24-2-38-20-40-44zm9-2c2 20 13 36 31 37 18-1 29-17 31-37 0-26-10-41-31-41s-31 15-31 41z"/><path fill="${shade(c, -14)}" d="M62 130c14 18 54 18 68 0 6 22-2 40-34 42-32-2-40-20-34-42z"/>`],
};

function clothes(face) {
  const c = face.clothes;
  const body = `<path fill="${c}" d="M20 192c2-34 24-46 54-50 12 12 32 12 44 0 30 4 52 16 54 50z"/>`;
  const dark = shade(c, -22);
  switch (face.collar) {
  case 'shirt': return body + `<path fill="#fff" d="M74 141l22 26 22-26 6 5-24 34h-8l-24-34z"/><path fill="${dark}" d="M94 172h4v20h-4z"/>`;
  case 'round': return body + `<path fill="none" stroke="${dark}" stroke-width="5" d="M72 142c10 16 38 16 48 0"/>`;
  case 'zip': return body + `<path fill="${dark}" d="M70 143c4-6 8-8 10-8 8 12 24 12 32 0 2 0 6 2 10 8-6 14-46 14-52 0z"/><path stroke="#fff" stroke-opacity=".5" stroke-width="2" d="M96 154v38"/>`;
  case 'stripe': return body + `<g stroke="#fff" stroke-opacity=".75" stroke-width="5"><path d="M30 168h132M24 182h144"/></g>`;
  default: return body + `<path fill="${dark}" d="M74 141l22 22 22-22 5 3-27 30-27-30z"/>`;
  }
}

function draw(face) {
  const [skin, dim] = skins[face.skin];
  const hair = face.style === 'scarf' ? face.scarf : hairs[face.hair] ?? hairs.brown;
  const brow = face.style === 'scarf' ? hairs.dark : shade(hairs[face.hair] ?? hairs.brown, face.hair === 'white' || face.hair === 'silver' ? -50 : -16);
  const [back, front] = styles[face.style](hair);
  const young = face.age === 'child';
  const old = face.age === 'old';
  const wide = young ? 33 : 34;
  const high = young ? 36 : 40;
  const eye = young ? 4.4 : 3.8;
  const mouth = { smile: 'M82 113c7 9 21 9 28 0', calm: 'M84 115c7 4 17 4 24 0', open: 'M82 111c6 14 22 14 28 0z', wry: 'M84 116c8 3 16 2 23-4' }[face.mouth ?? 'smile'];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 192 192" width="192" height="192">`,
    `<path fill="${face.ground}" d="M0 0h192v192H0z"/>`,
    `<circle cx="150" cy="40" r="64" fill="#fff" fill-opacity=".16"/>`,
    back,
    `<path fill="${dim}" d="M80 118h32v26c-6 14-26 14-32 0z"/>`,
    clothes(face),
    face.style === 'scarf' ? '' : `<g fill="${skin}"><ellipse cx="${96 - wide}" cy="97" rx="7" ry="9"/><ellipse cx="${96 + wide}" cy="97" rx="7" ry="9"/></g><g fill="${dim}" fill-opacity=".6"><ellipse cx="${97 - wide}" cy="98" rx="3.4" ry="5"/><ellipse cx="${95 + wide}" cy="98" rx="3.4" ry="5"/></g>`,
    `<path fill="${skin}" d="M${96 - wide} 86c0-${high - 4} 14-${high} ${wide}-${high}s${wide} 4 ${wide} ${high}c0 30-12 50-${wide} 50s-${wide}-20-${wide}-50z"/>`,
    face.beard === 'full' ? `<path fill="${shade(hairs[face.hair], -6)}" d="M62 96c2 28 14 44 34 44s32-16 34-44c-4 8-8 12-14 11-12-5-28-5-40 0-6 1-10-3-14-11z"/>` : '',
    face.beard === 'stubble' ? `<path fill="${brow}" fill-opacity=".22" d="M63 98c2 26 13 40 33 40s31-14 33-40c-4 8-8 11-14 10-12-4-26-4-38 0-6 1-10-2-14-10z"/>` : '',
    face.beard === 'moustache' ? `<path fill="${hairs[face.hair]}" d="M78 110c4-7 14-8 18-4 4-4 14-3 18 4-8 2-14 1-18-1-4 2-10 3-18 1z"/>` : '',
    `<g fill="#e2735a" fill-opacity="${young ? '.32' : '.2'}"><ellipse cx="73" cy="106" rx="8" ry="5.5"/><ellipse cx="119" cy="106" rx="8" ry="5.5"/></g>`,
    `<g fill="#2a2321"><ellipse cx="82" cy="94" rx="${eye}" ry="${eye + 0.6}"/><ellipse cx="110" cy="94" rx="${eye}" ry="${eye + 0.6}"/></g><g fill="#fff"><circle cx="83.4" cy="92.4" r="1.3"/><circle cx="111.4" cy="92.4" r="1.3"/></g>`,
    `<g fill="none" stroke="${brow}" stroke-width="${young ? 2.6 : 3.4}" stroke-linecap="round"><path d="M74 84c4-4 11-4 15-1"/><path d="M103 83c4-3 11-3 15 1"/></g>`,
    `<path fill="none" stroke="${dim}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" d="M97 96c3 4 3 8-3 9"/>`,
    old ? `<g fill="none" stroke="${dim}" stroke-width="2" stroke-linecap="round"><path d="M71 101c3 3 6 4 9 4M121 101c-3 3-6 4-9 4M77 112c-2 3-3 6-2 9M115 112c2 3 3 6 2 9M84 68c8-2 16-2 24 0"/></g>` : '',
    face.mouth === 'open' ? `<path fill="#8e3b33" d="${mouth}"/><path fill="#fff" d="M84 112h24c-1 3-2 4-4 5H88c-2-1-3-2-4-5z"/>` : `<path fill="none" stroke="${face.beard === 'full' ? '#f2d2c4' : '#9c4a3c'}" stroke-width="3.4" stroke-linecap="round" d="${mouth}"/>`,
    face.freckles ? `<g fill="${dim}"><circle cx="70" cy="102" r="1.3"/><circle cx="76" cy="105" r="1.3"/><circle cx="80" cy="101" r="1.2"/><circle cx="116" cy="105" r="1.3"/><circle cx="122" cy="102" r="1.3"/><circle cx="112" cy="101" r="1.2"/></g>` : '',
    front,
    face.glasses ? `<g fill="#fff" fill-opacity=".18" stroke="${face.glasses}" stroke-width="3"><circle cx="81" cy="94" r="11.5"/><circle cx="111" cy="94" r="11.5"/></g><path fill="none" stroke="${face.glasses}" stroke-width="3" d="M92 92c3-2 5-2 8 0M69.500 92l-8-2M122.500 92l8-2"/>` : '',
    face.earrings ? `<g fill="${face.earrings}"><circle cx="61" cy="110" r="3.2"/><circle cx="131" cy="110" r="3.2"/></g>` : '',
    face.hat ? `<path fill="${face.hat}" d="M58 78c-2-30 14-44 38-44s40 14 38 44c-20-7-56-7-76 0z"/><path fill="${shade(face.hat, -20)}" d="M56 82c0-8 2-12 4-14 22-8 50-8 72 0 2 2 4 6 4 14-24-8-56-8-80 0z"/>` : '',
    `</svg>`,
  ];
  return parts.filter(Boolean).join('\n');
}

const { people } = JSON.parse(readFileSync(here + 'municipality.json', 'utf8'));
mkdirSync(here + 'portraits', { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 192, height: 192 } });
for (const person of people) {
  if (!person.face)
    continue;
  const svg = draw(person.face);
  writeFileSync(`${here}portraits/${person.id}.svg`, '<!-- SPDX-License-Identifier: MPL-2.0 -->\n' + svg + '\n');
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
  await page.screenshot({ path: `${here}portraits/${person.id}.png` });
}
await browser.close();
