// SPDX-License-Identifier: MPL-2.0
// Every page, in both languages, on a phone and a desktop: axe-core, width, targets, keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect, launch, overflow, picture, visitor, walkByKeyboard } from './browser.mjs';
import { demoServer, tour } from './tour.mjs';

let server, browser;
before(async () => { [server, browser] = await Promise.all([demoServer(), launch()]); });
after(async () => {
    await browser?.close();
    await server?.remove();
});

describe('every page', () => {
    for (const language of ['da', 'en']) {
        for (const size of ['phone', 'desktop']) {
            test(`is accessible, fits and has targets for a thumb (${language}, ${size})`, async () => {
                const page = await visitor(browser, size);
                const wrong = [];
                await tour(page, server.url, language, async (name) => {
                    assert.equal(await page.locator('html').getAttribute('lang'), language, name);
                    wrong.push(...(await inspect(page, `${language}/${name}-${size}`)).map((one) => `${name}: ${one}`));
                });
                await page.context().close();
                assert.equal(wrong.length, 0, `${wrong.length} findings:\n  ${wrong.join('\n  ')}`);
            });
        }
    }

    test('can be used with the keyboard alone, and shows where one is', async () => {
        const page = await visitor(browser, 'desktop');
        await tour(page, server.url, 'da', async (name) => {
            if (!/menu|people/.test(name)) await walkByKeyboard(page, 400);
        });
        await page.context().close();
    });

    test('works with letters twice as large and in forced colours', async () => {
        const page = await visitor(browser, 'desktop', { forcedColors: 'active', viewport: { width: 640, height: 400 } });
        const wrong = [];
        await tour(page, server.url, 'da', async (name) => {
            wrong.push(...(await overflow(page)).map((one) => `${name}: ${one}`));
            await picture(page, `zoom/${name}`, false);
        });
        await page.context().close();
        assert.equal(wrong.length, 0, wrong.join('\n'));
    });

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
