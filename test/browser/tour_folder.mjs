// SPDX-License-Identifier: MPL-2.0
// The tour's part with one's own folder and how to check it, for who is signed in.
export async function tourFolder(page, url, visit) {
    await page.goto(`${url}/folder`);
    await visit('folder');
    await makeFolder(page);
    await visit('folder-ready');
    await page.goto(`${url}/proof`);
    await visit('proof');
}

/** On the page of the folder. */
export async function makeFolder(page) {
    await page.locator('#sure').check();
    await page.locator('form:has(#sure) button').click();
    await page.locator('#ready-title').waitFor();
}
