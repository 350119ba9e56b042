// SPDX-License-Identifier: MPL-2.0
// The pages about consent, in the demonstration municipality. Part of the tour; leaves everybody signed out but the one who was there before it ends.

/** be(name) signs somebody in; go(path, name) opens a page and visits it; first: the address of a dialogue that Mette Lindgaard coordinates. */
export async function tourConsent({ page, url, be, go, visit }, first, citizen) {
    await be('Mette Lindgaard');
    await go(`${first}/consent`, 'consent-rule');
    const row = page.locator('.row', { hasText: citizen }).first();
    if (await row.locator('[value=own]').count()) {
        await row.locator('[value=own]').click();
        await page.waitForURL(/\/consent$/);
    }
    await go(`${first}/participants?search=an`, 'consent-participants');
    await page.locator('a[href*="/consent/propose?person="]').first().click();
    await visit('consent-propose');
    await page.locator('#purpose').fill('Skal hjælpe med at finde en god plan for skolen.');
    await page.locator('form:has(#purpose) button').click();
    await page.waitForURL(/\/consent$/);
    await visit('consent-proposed');
    await be(citizen);
    await visit('start-asked');
    await page.locator('.calls a').first().click();
    await page.waitForURL(/\/consents\/\d+$/);
    await visit('consent-asked');
    const asked = page.url();
    await page.locator('[value=today]').click();
    await page.waitForURL(/\/consents\/\d+$/);
    await visit('consent-given');
    await go('/consents', 'consents');
    await page.goto(asked);
    await page.locator('form[action$="/withdraw"] button').click();
    await page.waitForURL(/\/consents\/\d+$/);
    await visit('consent-withdrawn');
    await be('Mette Lindgaard');
    await page.goto(`${url}${first}/consent`);
    await page.locator('[value=none]').first().click();
    await page.waitForURL(/\/consent$/);
}
