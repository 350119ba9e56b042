// SPDX-License-Identifier: MPL-2.0
// The folder's file as it opens from a phone's own memory: without the internet, readable, usable, printable.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { axeFindings, launch, picture, visitor } from './browser.mjs';
import { demoServer } from './tour.mjs';
import { makeFolder } from './tour_folder.mjs';

let server, browser, folder, file;
before(async () => {
    [server, browser, folder] = await Promise.all([demoServer(), launch(), mkdtemp(path.join(tmpdir(), 'samtraad-folder-'))]);
    file = path.join(folder, 'min-mappe.html');
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
        if (process.env.SCREENSHOTS) {
            await picture(page, `folder-file-${size}`, false);
            await page.locator('.code').scrollIntoViewIfNeeded();
            await picture(page, `folder-file-end-${size}`, false);
        }
        await page.context().close();
    });
}

test('the data in the file can be kept by itself, without script', async () => {
    const page = await visitor(browser, 'phone', { javaScriptEnabled: false });
    await page.goto(pathToFileURL(file).href);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
    assert.equal(download.suggestedFilename(), 'min-mappe.json');
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const data = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    assert.equal(data.person.name, 'Emil Dahl Kristensen');
    await page.context().close();
});
