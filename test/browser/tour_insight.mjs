// SPDX-License-Identifier: MPL-2.0
// The tour's part with who has read, the log about oneself, and reviews. For the citizen, who is signed in and has the dialogue open; is
// signed in again afterwards.
export async function tourInsight(page, { dialogue, visit, become }) {
    const go = async (path, name) => {
        await page.goto(new URL(path, page.url()).href);
        await visit(name);
    };
    const number = (await page.locator('.post').last().getAttribute('id')).replace('post-', '');
    await go(`${dialogue}/post/${number}/readers`, 'readers');
    await go('/log', 'log');
    await go('/log?own=1', 'log-own');
    await go('/log?group=4&from=2020-01-01&until=2020-01-02', 'log-nothing');
    await page.goto(new URL('/log', page.url()).href);
    await page.locator('.entry a', { hasText: 'Mette Lindgaard' }).first().click();
    await page.locator('#text, .notice').first().waitFor();
    await visit('log-question');
    if (await page.locator('#text').count()) {
        await page.locator('#text').fill('Hvorfor har hun set det? Jeg har ikke bedt om noget.');
        await page.locator('form:has(#text) button').click();
        await page.locator('#questions').waitFor();
    }
    await visit('log-asked');

    const citizen = await become('Vibeke Storm');
    await go('/review', 'review');
    await page.locator('.row__name a').first().click();
    await page.locator('#looks').waitFor();
    await visit('review-one');
    if (await page.locator('#note').count()) {
        await page.locator('input[name=outcome][value=fine]').check();
        await page.locator('#note').fill('Talt med hendes leder.');
        await page.locator('#answer').fill('Hun er din tovholder. Hun læser med for at hjælpe dig.');
        await page.locator('form:has(#note) button').click();
        await page.locator('#open').waitFor();
    }
    await visit('review-signed');
    await page.locator('ul[aria-labelledby=closed] .row__name a').first().click();
    await visit('review-closed');
    await citizen();
    await go('/log', 'log-answered');
}
