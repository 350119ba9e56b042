// SPDX-License-Identifier: MPL-2.0
// The folder's file as it opens from a phone's own memory: without the internet, readable, usable, printable.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { mustAgree, propose, answer } from '../support/consent.mjs';
import { send, upload } from '../support/files.mjs';
import { file as fileMessages } from '../support/journal.mjs';
import { photo } from '../support/pictures.mjs';
import { Server } from '../support/server.mjs';
import { axeFindings, launch, picture, visitor } from './browser.mjs';
import { makeFolder } from './tour_folder.mjs';

let server, browser, folder, file;

const enter = (name) => new Client(server.url).choose(name);

/** Pictures, files, a consent and an entry of the journal in Emil's first dialogue. */
async function fill() {
    const [emil, anne] = [await enter('Emil Dahl Kristensen'), await enter('Mette Lindgaard')];
    const { dialogues } = (await anne.get('/', { json: true })).json;
    const mine = (await emil.get('/', { json: true })).json.dialogues.map((one) => one.id);
    const dialogue = dialogues.map((one) => one.id).find((id) => mine.includes(id));
    const paint = (x, y) => [60 + y % 120, 110 + (x + y) % 90, 150];
    const upright = await upload(emil, dialogue, 'IMG_0417.jpg', photo(1600, 1000, { paint }));
    const wide = await upload(emil, dialogue, 'hule.jpg', photo(1400, 500, { paint, orientation: 1 }));
    const plan = await upload(emil, dialogue, 'Ugeplan for uge 48 med et meget langt navn som ingen nogensinde ville finde på at skrive helt ud.txt', Buffer.from('mandag'));
    const film = await upload(emil, dialogue, 'film.mp4', Buffer.alloc(6 << 20, 7));
    await send(emil, dialogue, 'Se min hule', upright.id, wide.id, plan.id, film.id);
    await mustAgree(anne, dialogue, 'Emil Dahl Kristensen');
    await answer(emil, await propose(anne, dialogue, 'Tariq Rahimi', { relation: 'kontaktperson', purpose: 'Hjælper med lektier' }), 'all', 3);
    await fileMessages(anne, dialogue, { scope: 'rest', theme: 'Aftaler om skolen' });
}

before(async () => {
    [server, browser, folder] = await Promise.all([Server.demonstrate(), launch(), mkdtemp(path.join(tmpdir(), 'samtraad-folder-'))]);
    file = path.join(folder, 'min-mappe.html');
    await fill();
    const page = await visitor(browser);
    await page.goto(`${server.url}/login`);
    await page.locator('.demo button', { hasText: 'Emil Dahl Kristensen' }).first().click();
    await page.waitForURL(`${server.url}/`);
    await page.goto(`${server.url}/folder`);
    await makeFolder(page);
    const link = await page.locator('a[href$="/file"]').getAttribute('href');
    await writeFile(file, await (await page.request.get(server.url + link)).body());
    await page.context().close();
});
after(async () => {
    await browser?.close();
    await server?.remove();
    if (folder) await rm(folder, { recursive: true });
});

for (const size of ['phone', 'desktop']) {
    test(`the file opens on a ${size} and asks the network for nothing`, async () => {
        const page = await visitor(browser, size, { deviceScaleFactor: 1 });
        const asked = [];
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(pathToFileURL(file).href);
        assert.deepEqual(asked.filter((one) => !one.startsWith('data:')), [pathToFileURL(file).href]);
        assert.deepEqual(page.faults, []);
        assert.deepEqual(await axeFindings(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it fits');
        assert.match(await page.locator('.code').textContent(), /^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
        assert.ok(await page.locator('article.post').count() > 20);
        const pictures = await page.locator('figure img').evaluateAll(async (all) => {
            await Promise.all(all.map((one) => one.decode()));
            return all.map((one) => [one.naturalWidth, one.naturalHeight, one.getBoundingClientRect().width <= innerWidth]);
        });
        assert.deepEqual(pictures, [[1000, 1600, true], [1400, 500, true]]);
        if (process.env.SCREENSHOTS) {
            await picture(page, `folder-file-${size}`, false);
            for (const [name, place] of [['picture', 'figure img'], ['file', 'figure:has(a[download])'], ['consents', '#consents'], ['journal', '.log >> nth=1']]) {
                await page.locator(place).first().scrollIntoViewIfNeeded();
                await picture(page, `folder-file-${name}-${size}`, false);
            }
            await page.locator('.code').scrollIntoViewIfNeeded();
            await picture(page, `folder-file-end-${size}`, false);
        }
        await page.context().close();
    });
}

test('the data in the file can be kept by itself, without script', async () => {
    const page = await visitor(browser, 'phone', { javaScriptEnabled: false });
    await page.goto(pathToFileURL(file).href);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download="min-mappe.json"]').click()]);
    assert.equal(download.suggestedFilename(), 'min-mappe.json');
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const data = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    assert.equal(data.person.name, 'Emil Dahl Kristensen');
    await page.context().close();
});

test('a file in it can be kept under its own name, without script', async () => {
    const page = await visitor(browser, 'phone', { javaScriptEnabled: false });
    await page.goto(pathToFileURL(file).href);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('figure a[download]').click()]);
    assert.match(download.suggestedFilename(), /^Ugeplan for uge 48/);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString('utf8'), 'mandag');
    await page.context().close();
});
