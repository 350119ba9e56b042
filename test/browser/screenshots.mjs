// SPDX-License-Identifier: MPL-2.0
// screenshots.mjs FOLDER: pictures of every page at 390 and 1280 pixels in Danish and English.
process.env.SCREENSHOTS = process.argv[2] ?? 'screenshots';
const { launch, picture, visitor } = await import('./browser.mjs');
const { tour } = await import('./tour.mjs');
const { Server } = await import('../support/server.mjs');

const [server, browser] = [await Server.demonstrate(), await launch()];
try {
    for (const language of ['da', 'en']) {
        for (const size of ['phone', 'desktop']) {
            const page = await visitor(browser, size);
            await tour(page, server.url, language, (name) => picture(page, `${language}/${name}-${size}`));
            await page.context().close();
        }
    }
} finally {
    await browser.close();
    await server.remove();
}
