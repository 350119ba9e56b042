// SPDX-License-Identifier: MPL-2.0
// A dialogue is read from where one came to, long words stay on the page, and what was written is not lost with the session.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Town, circle, invite, startDialogue, write } from '../support/town.mjs';
import { launch, overflow, visitor } from './browser.mjs';

let town, browser, anne, emil;
before(async () => {
    [town, browser] = await Promise.all([Town.start(), launch()]);
    ({ anne, emil } = await circle(town, 'Emil og skolen'));
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

/** Whether the dialogue's first message is what one sees. */
async function beginsAtFirst(page, last) {
    await page.locator(`#post-${last}`).waitFor({ state: 'attached' });
    await page.waitForTimeout(300);
    const top = await page.locator('#post-1').evaluate((post) => post.getBoundingClientRect().top);
    assert.ok(top >= 0 && top < page.viewportSize().height, `the first message stands at ${top}`);
}

for (const [many, long] of [[60, 'a long dialogue'], [20, 'a dialogue']]) {
    test(`who is invited into ${long} begins with its first message, and so does who has its address`, async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Et forløb');
        for (let n = 1; n <= many; n++) await write(anne, dialogue, `Besked nummer ${n}: vi talte om skolen og om, hvad der hjælper.`);
        const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
        const page = await visitor(browser);
        await be(page, 'Mette Østergaard');
        await page.goto(town.url + link);
        await page.locator(`form[action="${link}"] button`).click();
        await page.waitForURL(`**/dialogue/${dialogue}*`);
        await beginsAtFirst(page, 20);
        await be(page, emil.name);
        await page.goto(`${town.url}/dialogue/${dialogue}`);
        await beginsAtFirst(page, 20);
        await page.context().close();
    });
}

test('a topic of one long word pushes no page beyond the edge of a phone', async () => {
    const topic = 'Specialundervisningsvejledningskommunikationsplatformsudviklingsarbejdsgruppemødeindkaldelsesbilag';
    const dialogue = await startDialogue(anne, town.person('emil'), topic, 'Specialundervisningskoordinatorogfamiliebehandlersupervisor');
    const number = await write(anne, dialogue, `${'Ø'.repeat(200)} er et langt ord`);
    const here = `/dialogue/${dialogue}`;
    const wide = [];
    const page = await visitor(browser, 'phone', { viewport: { width: 320, height: 640 } });
    const look = async (paths) => {
        for (const path of paths) {
            assert.equal((await page.goto(town.url + path)).status(), 200, path);
            wide.push(...(await overflow(page)).map((one) => `${path.replace(dialogue, '…')}: ${one}`));
        }
    };
    await be(page, anne.name);
    await look(['/', here, ...['/participants', '/consent', '/journal', '/journal/new', '/side', '/search?q=langt', '/print', '/close', '/files',
        `/post/${number}/menu`, `/post/${number}/edit`, `/post/${number}/readers`].map((end) => here + end), '/log?own=1', '/search?q=langt']);
    await be(page, emil.name);
    await look(['/', here, '/log', '/mail', '/folder']);
    assert.deepEqual(wide, []);
    await page.context().close();
});

test('who is signed out behind their back and presses Send, or goes on typing, gets their words back', async () => {
    const dialogue = await startDialogue(anne, town.person('emil'), 'Logget ud imens');
    const page = await visitor(browser);
    for (const send of [true, false]) {
        const text = `Skrevet, før jeg ${send ? 'sendte' : 'skrev videre'}`;
        await be(page, anne.name);
        await page.goto(`${town.url}/dialogue/${dialogue}`);
        await page.locator('#text').fill(text);
        await page.locator('#draft-state', { hasText: 'Kladden er gemt' }).waitFor();
        await page.context().clearCookies();
        await page.locator('#text').fill(`${text}, og efter`);
        if (send) await page.locator('.composer__send').click();
        else await page.evaluate(() => window.htmx.trigger('#catch-up', 'samtraad:catch-up'));
        await page.locator('#kept').waitFor();
        assert.equal(await page.locator('#kept').inputValue(), `${text}, og efter`);
        const [login] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('link', { name: 'Log ind' }).click()]);
        await login.locator('.demo button', { hasText: anne.name }).click();
        await login.waitForURL(`${town.url}/dialogue/${dialogue}`);
        await login.locator('#text').waitFor();
        assert.equal(await page.locator('#kept').isVisible(), true);
        await login.close();
    }
    await page.context().close();
});
