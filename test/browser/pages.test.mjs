// SPDX-License-Identifier: MPL-2.0
// Every page in both languages, as on a phone and on a desktop: axe-core, width, targets, keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspectDesktop, inspectPhone, launch, sized, visitor, walkByKeyboard } from './browser.mjs';
import { tour } from './tour.mjs';
import { Server } from '../support/server.mjs';

let server, browser;
before(async () => { [server, browser] = await Promise.all([Server.demonstrate(), launch()]); });
after(async () => {
    await browser?.close();
    await server?.remove();
});

describe('every page', () => {
    for (const [language, inspect] of [['da', inspectPhone], ['en', inspectPhone], ['da', inspectDesktop], ['en', inspectDesktop]]) {
        const where = inspect === inspectPhone ? 'a phone' : 'a desktop, also with everything twice as large';
        test(`is accessible and fits on ${where} (${language})`, async () => {
            const page = await visitor(browser, 'phone', { deviceScaleFactor: 1 });
            const wrong = [];
            await tour(page, server.url, language, async (name) => {
                assert.equal(await page.locator('html').getAttribute('lang'), language, name);
                wrong.push(...(await inspect(page)).map((one) => `${name}: ${one}`));
            });
            await page.context().close();
            assert.equal(wrong.length, 0, `${wrong.length} findings:\n  ${wrong.join('\n  ')}`);
        });
    }

    for (const [how, options] of [['', {}], [', also in forced colours', { forcedColors: 'active' }]]) {
        test(`can be used with the keyboard alone, and shows where one is${how}`, async () => {
            const page = await visitor(browser, 'desktop', options);
            await tour(page, server.url, 'da', async (name) => {
                if (!/menu|people/.test(name)) await walkByKeyboard(page, 400);
            });
            await page.context().close();
        });
    }

    test('shows a message with the lines that it was written in', async () => {
        const page = await visitor(browser, 'phone');
        await page.goto(`${server.url}/login`);
        await page.locator('.demo button', { hasText: 'Katrine Dahl' }).first().click();
        await page.locator('.list__link').first().click();
        await page.locator('#text').fill('Mandag: svømning\nTirsdag: fri');
        await page.locator('.composer__send').click();
        const text = await page.locator('.post--own .post__body', { hasText: 'svømning' }).last().innerText();
        assert.equal(text.trim(), 'Mandag: svømning\nTirsdag: fri');
        await page.context().close();
    });
});
