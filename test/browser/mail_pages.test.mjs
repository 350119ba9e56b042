// SPDX-License-Identifier: MPL-2.0
// The pages about mail, on a phone and on a desktop: free of faults, and pictures of them in ./screenshots/mail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PostOffice, linksOf } from '../support/post_office.mjs';
import { until } from '../support/server.mjs';
import { Town, circle, invite, write } from '../support/town.mjs';
import { inspectDesktop, inspectPhone, launch, picture, visitor } from './browser.mjs';

let town, office, browser, around, phone, desk;
const address = 'mette@post.example';

async function be(page, name) {
    await page.context().clearCookies();
    await page.goto(`${town.url}/login`);
    await page.locator('.demo button', { hasText: name }).first().click();
    await page.waitForURL(`${town.url}/`);
}

before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ settings: office.settings() });
    browser = await launch();
    around = await circle(town, 'Emil og vejen tilbage til skolen');
    [phone, desk] = [await visitor(browser, 'phone'), await visitor(browser, 'desktop')];
    await Promise.all([be(phone, 'Mette Østergaard'), be(desk, 'Birgit Sø')]);
});
after(async () => {
    await browser?.close();
    await town?.close();
    await office?.close();
});

async function look(page, name) {
    await picture(page, `mail/${name}-${page.size}`);
    const faults = page.size === 'phone' ? await inspectPhone(page) : [];
    assert.deepEqual([...faults, ...await inspectDesktop(page)], [], name);
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 1280, height: 800 });
    await picture(page, `mail/${name}-wide`);
    await page.setViewportSize(wide);
}

test('one’s address is asked for, confirmed and shown', async () => {
    await phone.goto(`${town.url}/mail`);
    await look(phone, 'none');
    await phone.goto(`${town.url}/dialogue/${around.dialogue}/mail`);
    await look(phone, 'dialogue-none');
    await phone.locator('.actions a').click();
    await phone.locator('#email').fill(address);
    await phone.locator('form[action="/mail/address"] button').click();
    await phone.locator('.notice').waitFor();
    await look(phone, 'waiting');
    const [link] = linksOf(await office.wait(address));
    await phone.goto(town.url + link);
    await look(phone, 'confirm');
    await phone.locator('button[value=yes]').click();
    await phone.locator('h1', { hasText: 'Tak' }).waitFor();
    await look(phone, 'confirmed');
    await phone.goto(town.url + link);
    await look(phone, 'dead');
});

test('how often is chosen with one tap', async () => {
    await phone.goto(`${town.url}/mail`);
    await phone.locator('button[value=daily]').first().click();
    await phone.locator('button[value=daily][aria-pressed=true]').first().waitFor();
    await look(phone, 'choices');
    await phone.goto(`${town.url}/dialogue/${around.dialogue}/mail`);
    await look(phone, 'dialogue');
    await phone.locator('button[value=at_once]').click();
});

test('mails are stopped with one click', async () => {
    await write(around.anne, around.dialogue, 'Nyt');
    const mail = await office.wait(address, 2);
    await phone.goto(town.url + linksOf(mail).find((one) => one.startsWith('/mail/stop/')));
    await look(phone, 'stop');
    await phone.locator('.card button').click();
    await phone.locator('h1', { hasText: 'ikke flere' }).waitFor();
    await look(phone, 'stopped');
    const letter = await visitor(browser, 'phone', { javaScriptEnabled: false });
    await letter.setContent(mail.mail.html);
    await picture(letter, 'mail/letter-phone');
});

test('the administrator sees what is stuck', async () => {
    await desk.goto(`${town.url}/admin/mail`);
    await look(desk, 'queue-empty');
    office.faults.rcpt = () => 550;
    const id = await invite(around.anne, around.dialogue, { name: 'Lone Bæk', email: 'lone@post.example' });
    assert.ok(id);
    await be(phone, 'Anne Kjær Holm');
    await phone.goto(`${town.url}/dialogue/${around.dialogue}/participants`);
    await look(phone, 'participants');
    await phone.locator('form[action$="/mail"] button').click();
    await phone.locator('h1', { hasText: 'på vej' }).waitFor();
    await look(phone, 'invited');
    await until('it is given up', async () => { await desk.reload(); return await desk.locator('.rows .row').count() > 0; });
    await look(desk, 'queue');
    await be(phone, 'Birgit Sø');
    await phone.goto(`${town.url}/admin/mail`);
    await look(phone, 'queue');
});
