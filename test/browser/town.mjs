// SPDX-License-Identifier: MPL-2.0
// What people do in a browser, by what they see on it.
import { staff } from '../support/oidc.mjs';

const isStaff = (id) => staff.some((one) => one.id === id);

/** Signs in from whatever login page is open, through the provider's own page. */
export async function signInHere(page, town, id) {
    await page.locator(`form[action="/login/${isStaff(id) ? 'staff' : 'citizen'}"] button`).click();
    await page.getByRole('button', { name: town.person(id).name }).click();
    await page.waitForURL((url) => url.origin === town.url && !url.pathname.startsWith('/login'));
}

export async function signIn(page, town, id) {
    await page.goto(`${town.url}/login`);
    await signInHere(page, town, id);
}

/** Types a message and sends it; waits until it stands in the thread. */
export async function say(page, text) {
    await page.locator('#text').fill(text);
    await page.locator('.composer__send').click();
    await seen(page, text);
}

/** Waits until a message with that beginning stands in the thread. */
export function seen(page, text, timeout = 10000) {
    return page.locator('.post__body', { hasText: text.split('\n')[0].replace(/[*_`]/g, '').slice(0, 60) }).first().waitFor({ timeout });
}

/** The first words of all messages on the page, in order. */
export function thread(page) {
    return page.locator('.post').evaluateAll((all) => all.map((one) => `${one.id.replace(/^post-/, '')}: ${one.querySelector('.post__body').innerText.slice(0, 40).replace(/\s+/g, ' ')}`));
}
