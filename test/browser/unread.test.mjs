// SPDX-License-Identifier: MPL-2.0
// What is new to somebody is the same on all their devices, in the list and in the title, without touching anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Town, circle, write } from '../support/town.mjs';
import { launch, visitor } from './browser.mjs';

let town, browser, anne, dialogue, desk, phone;
before(async () => {
    town = await Town.start();
    browser = await launch();
    ({ anne, dialogue } = await circle(town, 'Emil og skolen'));
    [desk, phone] = [await visitor(browser, 'desktop'), await visitor(browser, 'phone')];
    for (const page of [desk, phone]) {
        await page.goto(`${town.url}/login`);
        await page.locator('.demo button', { hasText: 'Mette Østergaard' }).first().click();
        await page.waitForURL(`${town.url}/`);
    }
});
after(async () => {
    await browser?.close();
    await town?.close();
});

const titled = (page, pattern) => page.waitForFunction((text) => new RegExp(text).test(document.title), pattern.source, { timeout: 8000 });
/** Whether the person is at this window is nothing that a window without a screen knows. */
const look = (page, yes) => page.evaluate((here) => { document.hasFocus = () => here; if (here) window.dispatchEvent(new Event('focus')); }, yes);

test('what is new shows in the title and in the list on each device as it comes', async () => {
    await titled(desk, /^Mine samtaler/);
    await write(anne, dialogue, 'Den første');
    await write(anne, dialogue, 'Den anden');
    for (const page of [desk, phone]) {
        await titled(page, /^\(2\) Mine samtaler/);
        assert.equal(await page.locator('.list__item .count span').first().innerText(), '2');
    }
});

test('what was read on the phone is no longer new on the desktop', async () => {
    await phone.locator('.list__link').first().click();
    await phone.locator('.post', { hasText: 'Den anden' }).waitFor();
    await titled(desk, /^Mine samtaler/);
    assert.equal(await desk.locator('.list__item .count').count(), 0);
    await phone.goto(`${town.url}/`);
    await titled(phone, /^Mine samtaler/);
});

test('what comes while a dialogue stands open and nobody looks at it is new everywhere', async () => {
    await desk.goto(`${town.url}/dialogue/${dialogue}`);
    await desk.locator('#text').waitFor();
    await desk.waitForTimeout(500);   // until its stream is there
    await look(desk, false);
    await write(anne, dialogue, 'Mens ingen ser på det');
    await titled(desk, /^\(1\) Emil og skolen/);
    await titled(phone, /^\(1\) Mine samtaler/);
});

test('and is read everywhere once somebody looks', async () => {
    await look(desk, true);
    await titled(desk, /^Emil og skolen/);
    await titled(phone, /^Mine samtaler/);
});

test('a dialogue that stands open elsewhere hears that its messages were read', async () => {
    await look(desk, false);
    await write(anne, dialogue, 'Læses på telefonen');
    await titled(desk, /^\(1\) Emil og skolen/);
    await phone.goto(`${town.url}/dialogue/${dialogue}`);
    await phone.locator('.post', { hasText: 'Læses på telefonen' }).waitFor();
    await titled(desk, /^Emil og skolen/);
    assert.deepEqual([...desk.faults, ...phone.faults], []);
});
