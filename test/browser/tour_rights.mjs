// SPDX-License-Identifier: MPL-2.0
// The pages for searching and printing, in the demonstration municipality. Part of the tour: whoever is signed in coordinates the dialogue at 'first'.

/** go(path, name) opens a page and visits it. */
export async function tourSearch(go, first) {
    await go('/search', 'search');
    await go('/search?q=m%C3%B8de', 'search-found');
    await go('/search?q=giraf', 'search-nothing');
    await go('/search?q=a', 'search-too-little');
    await go(`${first}/search?q=emil`, 'search-dialogue');
}

export async function tourPrint(go, first) {
    await go(`${first}/print`, 'print');
    await go(`${first}/print?from=2020-01-01&to=2020-01-02`, 'print-nothing');
    await go(`${first}/print?from=2026-01-02&to=2026-01-01`, 'print-wrong');
}

/** Hides the second message of the dialogue, closes it and opens it again: it is as it was afterwards. */
export async function tourModeration(go, first, { page, visit, url }) {
    await go(`${first}/post/2/hide`, 'post-hide');
    await page.locator('#reason').fill('Den nævner en anden families navn');
    await page.locator('.button-danger').click();
    await page.waitForURL(/at=2/);
    await visit('dialogue-hidden');
    await go(`${first}/post/2/hidden`, 'post-hidden');
    await go(`${first}/post/2/original`, 'post-original');
    await page.locator('form[action$="/unhide"] button').click();
    await page.waitForURL(/at=2/);
    await go(`${first}/close`, 'dialogue-close');
    await page.locator('#reason').fill('Planen er gennemført');
    await page.locator('.button-danger').click();
    await page.waitForURL(`${url}${first}`);
    await visit('dialogue-closed');
    await go(`${first}/closed`, 'dialogue-why-closed');
    await page.locator('form[action$="/reopen"] button').click();
    await page.waitForURL(`${url}${first}`);
    await page.goto(`${url}${first}/participants`);
    const person = (await page.locator('.row__menu form[action$="/coordinator"]').first().getAttribute('action')).replace(/coordinator$/, 'relation');
    await go(person, 'participant-relation');
}

export async function tourSide(go, first, { page, visit, url }) {
    await go(`${first}/side`, 'side-new');
    await page.locator('#name').fill('Mødet i PPR');
    await page.locator('#reason').fill('Vi venter på svar, før vi kan sige noget');
    await page.locator('.choice__item').first().click();
    await page.locator('form.card .button-primary').click();
    await page.locator('.notice.side').waitFor();
    await visit('side-talk');
    const side = new URL(page.url()).pathname;
    await go(`${side}/side/about`, 'side-about');
    await page.locator('form[action$="/end"] button').click();
    await page.waitForURL(`${url}${side}`);
    await visit('side-over');
    await go(`${first}/side`, 'side-list');
}
