// SPDX-License-Identifier: MPL-2.0
// A dialogue is read from where one came to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Town, circle, invite, startDialogue, write } from '../support/town.mjs';
import { launch, visitor } from './browser.mjs';

let town, browser, anne;
before(async () => {
    [town, browser] = await Promise.all([Town.start(), launch()]);
    ({ anne } = await circle(town, 'Emil og skolen'));
});
after(async () => {
    await browser?.close();
    await town?.close();
});

async function be(page, name) {
    await page.context().clearCookies();
    await page.goto(`${town.url}/login`);
    await page.locator('.demo button', { hasText: name }).first().click();
    await page.waitForURL(`${town.url}/`);
}

test('who is invited into a long dialogue begins with its first message, not in the middle', async () => {
    const dialogue = await startDialogue(anne, town.person('emil'), 'Et langt forløb');
    for (let n = 1; n <= 60; n++) await write(anne, dialogue, `Besked nummer ${n}: vi talte om skolen og om, hvad der hjælper.`);
    const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
    const page = await visitor(browser);
    await be(page, 'Mette Østergaard');
    await page.goto(town.url + link);
    await page.locator(`form[action="${link}"] button`).click();
    await page.waitForURL(`**/dialogue/${dialogue}`);
    await page.locator('#newer a').waitFor({ state: 'attached' });
    await page.waitForTimeout(300);
    assert.equal(await page.locator('#post-1').evaluate((post) => post.getBoundingClientRect().top >= 0 && post.getBoundingClientRect().top < window.innerHeight), true);
    await page.context().close();
});
