// SPDX-License-Identifier: MPL-2.0
// Pictures and files the way people handle them in a browser. Pictures of the pages are in ./screenshots/files.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/server.mjs';
import { photo, png, vips } from '../support/pictures.mjs';
import { Town, circle, read } from '../support/town.mjs';
import { inspectDesktop, inspectPhone, launch, picture, visitor, walkByKeyboard } from './browser.mjs';

let town, browser, dialogue, mette, folder;

const hill = (x, y) => (y > 260 + 60 * Math.sin(x / 90) ? [60 + (x % 40), 120, 70] : y > 200 ? [190, 205, 215] : [150 + y / 8, 190, 230]);

/** A file on this machine, to be chosen. */
async function onDisk(name, bytes) {
    const at = path.join(folder, name);
    await writeFile(at, bytes);
    return at;
}

async function enter(page, id) {
    await page.goto(`${town.url}/login`);
    await page.locator('.demo button', { hasText: town.person(id).name }).first().click();
    await page.waitForURL(`${town.url}/`);
    await page.goto(`${town.url}/dialogue/${dialogue}`);
}

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'samtraad-files-'));
    town = await Town.start();
    ({ dialogue, mette } = await circle(town, 'Emil og vejen tilbage til skolen'));
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await town?.close();
    await rm(folder, { recursive: true });
});

const sound = async (page) => assert.deepEqual(page.size === 'phone' ? await inspectPhone(page) : await inspectDesktop(page), []);
const ready = (page, count) => until(`${count} files wait`, async () => await page.locator('#tray .tray__item').count() === count, 30000);

for (const size of ['phone', 'desktop']) {
    test(`a mother adds a photo and a file to her message, says what it shows, and sends it (${size})`, async () => {
        const page = await visitor(browser, size);
        await enter(page, 'mette');
        await picture(page, `files/composer-${size}`, false);
        await page.locator('#attach-input').setInputFiles([await onDisk('hulen.jpg', photo(900, 600, { orientation: 1, paint: hill })), await onDisk('Plan for ugen.pdf', randomBytes(182000))]);
        await ready(page, 2);
        await page.locator('[name=about]').fill('Emil foran den hule, han har bygget');
        await page.locator('#text').fill('Se, hvad han fik lavet i dag!');
        await sound(page);
        await picture(page, `files/tray-${size}`, false);
        await page.locator('.composer__send').click();
        const own = page.locator('.post--own', { hasText: 'Se, hvad han fik lavet i dag!' }).last();
        await own.locator('.picture__image').waitFor();
        await until('the tray is empty', async () => await page.locator('.tray__item').count() === 0);
        await until('the picture is there', () => own.locator('.picture__image').evaluate((image) => image.complete && image.naturalWidth === 900));
        await page.waitForTimeout(300);
        await sound(page);
        await picture(page, `files/sent-${size}`, false);
        const [shown] = (await read(mette, dialogue)).at(-1).files;
        assert.equal(shown.about, 'Emil foran den hule, han har bygget');
        await own.locator('.picture').click();
        await page.locator('.large__image').waitFor();
        await sound(page);
        await picture(page, `files/large-${size}`);
        await page.goto(`${town.url}/dialogue/${dialogue}/files`);
        await sound(page);
        await walkByKeyboard(page);
        await picture(page, `files/choose-${size}`);
        await page.context().close();
    });
}

test('six pictures stand beside each other, and a word is not needed', async () => {
    const page = await visitor(browser, 'phone');
    await enter(page, 'emil');
    const files = [];
    for (let i = 0; i < 6; i++) files.push(await onDisk(`billede ${i}.png`, png(300 + 60 * i, 420 - 40 * i, (x, y) => hill(x + 80 * i, y))));
    await page.locator('#attach-input').setInputFiles(files);
    await ready(page, 6);
    await picture(page, 'files/tray-many-phone', false);
    await page.locator('.composer__send').click();
    await page.locator('.post--own .picture').nth(5).waitFor();
    await until('all pictures are there', () => page.locator('.post--own .picture__image').evaluateAll((all) => all.every((image) => { image.loading = 'eager'; return image.complete && image.naturalWidth > 0; })));
    await picture(page, 'files/gallery-phone', false);
    await sound(page);
    await page.context().close();
});

test('an upload stops when the connection is lost and goes on by itself when it is back', async () => {
    const page = await visitor(browser, 'phone');
    await enter(page, 'emil');
    let pieces = 0;
    await page.route('**/piece', async (route) => {
        pieces++;
        if (pieces === 2) return route.abort('connectionreset');
        return route.continue();
    });
    await page.locator('#attach-input').setInputFiles(await onDisk('video.mp4', randomBytes(3_300_000)));
    await page.locator('.tray__state', { hasText: 'Ingen forbindelse' }).waitFor();
    await picture(page, 'files/lost-phone', false);
    await ready(page, 1);
    assert.equal(pieces, 5, 'only what had not come was sent again');
    await page.locator('#tray .tray__item button.round').click();
    await ready(page, 0);
    await page.context().close();
});

test('a page that was closed in the middle of an upload goes on when the same file is chosen again', async () => {
    const page = await visitor(browser, 'desktop');
    await enter(page, 'emil');
    const file = await onDisk('lang film.mp4', randomBytes(4_400_000));
    let pieces = 0;
    await page.route('**/piece', async (route) => (++pieces > 2 ? route.abort('connectionreset') : route.continue()));
    await page.locator('#attach-input').setInputFiles(file);
    await page.locator('.tray__state', { hasText: 'Ingen forbindelse' }).waitFor();
    page.on('dialog', (dialog) => dialog.accept());
    await page.unroute('**/piece');
    pieces = 0;
    await page.route('**/piece', async (route) => { pieces++; return route.continue(); });
    await page.reload();
    await page.locator('.tray__state', { hasText: 'Vælg den samme fil igen' }).waitFor();
    await picture(page, 'files/partly-desktop', false);
    await page.locator('#attach-input').setInputFiles(file);
    await until('the rest has come', async () => await page.locator('#tray [data-arriving="1"], #tray-sending .tray__item').count() === 0 && await page.locator('#tray .tray__item').count() === 1, 30000);
    assert.equal(pieces, 3);
    await page.locator('#tray .tray__item button.round').click();
    await ready(page, 0);
    await page.context().close();
});

test('who presses Send before all has come sends it all the same, once it has', async () => {
    const page = await visitor(browser, 'phone');
    await enter(page, 'emil');
    await page.route('**/piece', async (route) => { await new Promise((resolve) => setTimeout(resolve, 700)); await route.continue(); });
    await page.locator('#attach-input').setInputFiles(await onDisk('langsom.png', png(200, 200)));
    await page.locator('#text').fill('Sendt for tidligt');
    await page.locator('.composer__send').click();
    await page.locator('.post--own', { hasText: 'Sendt for tidligt' }).locator('.picture').waitFor();
    await page.context().close();
});

test('files can be dropped and pasted', async () => {
    const page = await visitor(browser, 'desktop');
    await enter(page, 'emil');
    await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['hej'], 'sluppet.txt', { type: 'text/plain' }));
        document.querySelector('.thread').dispatchEvent(new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await picture(page, 'files/drop-desktop', false);
    await page.evaluate(() => {
        const data = (name) => { const transfer = new DataTransfer(); transfer.items.add(new File(['hej'], name, { type: 'text/plain' })); return transfer; };
        document.querySelector('.thread').dispatchEvent(new DragEvent('drop', { dataTransfer: data('sluppet.txt'), bubbles: true, cancelable: true }));
        document.querySelector('#text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data('sat ind.txt'), bubbles: true, cancelable: true }));
    });
    await ready(page, 2);
    assert.deepEqual(await page.locator('.tray__name').evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim())), ['sluppet.txt', 'sat ind.txt']);
    for (let n = 1; n >= 0; n--) {
        await page.locator('#tray .tray__item button.round').first().click();
        await ready(page, n);
    }
    await page.context().close();
});

test('a picture that can’t be read is told of beside it, in words', async () => {
    const page = await visitor(browser, 'phone');
    await enter(page, 'emil');
    await page.locator('#attach-input').setInputFiles(await onDisk('knust.jpg', Buffer.from('ikke et billede')));
    await page.locator('.tray__state', { hasText: 'Vi kan ikke læse billedet' }).waitFor();
    await picture(page, 'files/refused-phone', false);
    await sound(page);
    await page.locator('.tray__item--new button').click();
    await until('it is gone', async () => await page.locator('.tray__item').count() === 0);
    await page.context().close();
});

test('without JavaScript a page with a form does the same', async () => {
    const page = await visitor(browser, 'phone', { javaScriptEnabled: false });
    await enter(page, 'mette');
    await page.locator('#text').fill('Her kommer de.');
    await page.locator('.composer__send').click();
    await page.locator('.post', { hasText: 'Her kommer de.' }).locator('.post__more').click();
    await page.getByRole('link', { name: 'Svar på denne' }).click();
    await page.locator('#text').fill('Uden');
    await page.locator('#attach').click();
    await page.getByRole('link', { name: 'Tilbage til beskeden' }).click();
    assert.equal(await page.locator('#text').inputValue(), 'Uden', 'what was written is still there');
    assert.ok(await page.locator('#reply-to').inputValue(), 'and what it answers');
    await page.locator('#attach').click();
    await page.locator('#files').setInputFiles([await onDisk('a.png', png(300, 200, hill)), await onDisk('liste.txt', Buffer.from('æbler'))]);
    await page.locator('form:has(#files) button').click();
    await page.locator('#tray .tray__item').nth(1).waitFor();
    assert.equal(await page.locator('#text').inputValue(), 'Uden');
    assert.ok(await page.locator('#reply-to').inputValue());
    await picture(page, 'files/without-script-phone', false);
    await page.locator('#tray [name=about]').fill('En bakke');
    await page.locator('#tray .tray__save').click();
    await page.locator('#text').fill('Uden script');
    await page.locator('.composer__send').click();
    const own = page.locator('.post--own', { hasText: 'Uden script' });
    assert.equal(await own.locator('.picture__image').getAttribute('alt'), 'En bakke');
    assert.equal(await own.locator('.file').count(), 1);
    await page.context().close();
});

test('a face is moved until it fits, by hand or with the knobs', async () => {
    for (const size of ['phone', 'desktop']) {
        const page = await visitor(browser, size);
        await enter(page, 'karim');
        await page.goto(`${town.url}/profile/picture`);
        await page.locator('#picture').setInputFiles(await onDisk('mig.jpg', photo(900, 600, { orientation: 1, paint: hill })));
        await page.locator('form:has(#picture) button').click();
        await page.locator('#cut-frame').waitFor();
        await until('the picture is there', () => page.locator('#cut-image').evaluate((image) => image.complete && image.naturalWidth > 0));
        const before = await page.locator('#cut-x').inputValue();
        const box = await page.locator('#cut-frame').boundingBox();
        await page.mouse.move(box.x + 150, box.y + 100);
        await page.mouse.down();
        await page.mouse.move(box.x + 90, box.y + 100, { steps: 4 });
        await page.mouse.up();
        assert.ok(Number(await page.locator('#cut-x').inputValue()) > Number(before));
        await page.locator('#cut-zoom').fill('1500');
        await sound(page);
        await picture(page, `files/portrait-${size}`);
        await page.locator('form.cut button').click();
        await page.waitForLoadState();
        await page.goto(`${town.url}/profile`);
        await sound(page);
        await picture(page, `files/profile-${size}`);
        await page.locator('a[href="/profile/picture"]').click();
        await page.locator('form[action="/profile/picture/remove"] button').click();
        await page.locator('#picture').waitFor();
        await sound(page);
        await picture(page, `files/portrait-none-${size}`);
        await page.context().close();
    }
});

/** Hostile files; each tries to run 'document.title = "ran"' or to ask a server of its own. */
const hostile = {
    'tegning.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=\'ran\'"><script>document.title="ran"</script></svg>',
    'brev.html': '<!doctype html><title>x</title><script>document.title="ran"; fetch("https://example.invalid/")</script>',
    'side.xhtml': '<html xmlns="http://www.w3.org/1999/xhtml"><script>document.title="ran"</script></html>',
    'kode.js': 'document.title="ran"',
    'blanding.pdf': Buffer.concat([Buffer.from('%PDF-1.4\n<script>document.title="ran"</script>\n'), png(4, 4)]),
};

describe('hostile files that others sent', () => {
    test('are saved, never opened; nothing of them runs', async () => {
        const page = await visitor(browser, 'desktop', { acceptDownloads: true });
        await enter(page, 'karim');
        const names = Object.keys(hostile);
        const files = [];
        for (const [name, bytes] of Object.entries(hostile)) files.push(await onDisk(name, bytes));
        const gif = Buffer.concat([vips(png(8, 8), 'a.png', 'a.gif'), Buffer.from(';*/=0;document.title="ran"//<script>document.title="ran"</script>')]);
        files.push(await onDisk('polyglot.gif', gif));
        await page.locator('#attach-input').setInputFiles(files);
        await ready(page, files.length);
        await page.locator('.composer__send').click();
        const post = page.locator('.post--own').last();
        await post.locator('.file').nth(names.length - 1).waitFor();
        const reader = await visitor(browser, 'desktop', { acceptDownloads: true });
        const asked = [];
        await reader.context().route('**/*', (route) => { asked.push(route.request().url()); return route.continue(); });
        await enter(reader, 'mette');
        const links = await reader.locator('.post').last().locator('.file').evaluateAll((all) => all.map((one) => one.href));
        assert.equal(links.length, names.length);
        for (const link of links) {
            const tab = await reader.context().newPage();
            const download = tab.waitForEvent('download');
            await tab.goto(link).catch(() => {});
            await (await download).cancel();
            assert.notEqual(await tab.title(), 'ran', link);
            await tab.close();
            // As a script, a frame, a style or a picture of a page of ours either.
            await reader.evaluate((address) => {
                for (const [name, attribute] of [['script', 'src'], ['iframe', 'src'], ['embed', 'src'], ['object', 'data'], ['img', 'src']]) {
                    const element = document.createElement(name);
                    element.setAttribute(attribute, address);
                    document.body.append(element);
                }
            }, link);
        }
        await reader.waitForTimeout(1000);
        const image = await reader.locator('.post').last().locator('.picture').getAttribute('href');
        await reader.goto(`${town.url}${image}/large`);
        assert.notEqual(await reader.title(), 'ran');
        await reader.goto(`${town.url}${image}`);
        assert.notEqual(await reader.title(), 'ran');
        assert.deepEqual(asked.filter((one) => !one.startsWith(town.url)), []);
        await reader.context().close();
        await page.context().close();
    });
});
