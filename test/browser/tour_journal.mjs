// SPDX-License-Identifier: MPL-2.0
// The journal's pages, in the demonstration municipality. Part of the tour: whoever is signed in coordinates the dialogue at 'first'.

export async function tourJournal(go, first, { page, visit, url }) {
    await go(`${first}/journal`, 'journal-empty');
    await go('/journal', 'journal-mine');
    await go(`${first}/post/2/important`, 'journal-important');
    await page.locator('form[action$="/important"] button').click();
    await page.waitForURL(/at=2/);
    await go(`${first}/post/2/important`, 'journal-marked');
    await go(`${first}/journal/new?post=2`, 'journal-new');
    await page.locator('input[value="all"]').check();
    await page.locator('#theme').fill('Skole og trivsel');
    await page.locator('form.card .button-primary').click();
    await page.waitForURL(/\/journal\/\d+$/, { timeout: 30000 });
    await visit('journal-entry');
    await go(`${first}/journal/call`, 'journal-call');
    for (const [id, text] of [['who', 'Skolens leder'], ['theme', 'Opkald'], ['text', 'Skolen starter støtten på mandag.']]) await page.locator(`#${id}`).fill(text);
    await page.locator('#day').fill('2099-01-01');
    await page.locator('form.card .button-primary').click();
    await page.locator('.form-error-message').waitFor();
    await visit('journal-call-wrong');
    await go(`${first}/journal`, 'journal');
    await page.goto(`${url}${first}/post/2/important`);   // as it was, but for the entry
    await page.locator('form[action$="/important"] button').click();
    await page.waitForURL(/at=2/);
}
