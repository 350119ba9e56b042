// SPDX-License-Identifier: MPL-2.0
// Debian's Chromium as phones and desktops, and what every page must be: free of axe-core's findings, within its width, with targets
// that a thumb hits and a focus that can be seen.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = path.resolve(process.env.SCREENSHOTS ?? 'screenshots');

export const sizes = {
    phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    desktop: { viewport: { width: 1280, height: 800 } },
};

/** One Chromium for a test file. */
export function launch() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
        env: { ...process.env, LC_ALL: 'C.UTF-8' },   // in the locale C no file can be kept under a Danish name
    });
}

/** A person with a browser of their own. Faults of scripts on the page collect in page.faults. */
export async function visitor(browser, size = 'phone', options = {}) {
    const context = await browser.newContext({ ...sizes[size], locale: 'da-DK', timezoneId: 'Europe/Copenhagen', reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error' && !/status of (401|403|404|410|422)|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_NETWORK|^htmx: htmx:(sse:)?error: (Failed to fetch|SSE reconnect failed with status 404)/.test(message.text())) page.faults.push(message.text()); });
    page.size = size;
    return page;
}

export async function picture(page, name, whole = true) {
    // What keeps to the edges of the window would stand in the middle of a picture of a whole dialogue.
    const fullPage = whole && await page.locator('.dialogue').count() === 0;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage, animations: 'disabled', caret: 'hide' });
}

/** Rules of WCAG 2.1 A and AA by axe-core. */
export async function axeFindings(page) {
    // The page's own policy forbids inline script; the debugger's evaluate does not go through it.
    await page.evaluate(axe);
    const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    return result.violations.map((one) => `${one.id} (${one.impact}): ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.target}: ${node.failureSummary?.split('\n').slice(1).join(';')}`).join(' | ')}`);
}

/** Targets of the pointer that are too small: 44 px; links within running text 24 px by their line. */
export function smallTargets(page) {
    return page.evaluate(() => {
        const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
        const small = [];
        for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]')) {
            if (!shown(element) || element.closest('[inert]')) continue;
            const style = getComputedStyle(element);
            // Hidden until it has the focus (a skip link), or hidden for the eye only.
            const box = element.getBoundingClientRect();
            if (style.clip !== 'auto' || box.bottom < 0 || (box.right < 0 && !document.activeElement.isSameNode(element))) continue;
            // A label, or a stretched pseudo-element (a card that is one link), belongs to the target.
            const label = element.labels?.length && /checkbox|radio/.test(element.type) ? element.labels[0].getBoundingClientRect() : box;
            const after = getComputedStyle(element, '::after');
            if (after.content !== 'none' && after.position === 'absolute') {
                const parent = element.offsetParent?.getBoundingClientRect() ?? box;
                const inset = ['top', 'right', 'bottom', 'left'].map((side) => parseFloat(after[side]));
                const width = inset.some(Number.isNaN) ? label.width : (style.position === 'static' ? parent.width : box.width) - inset[1] - inset[3];
                const height = inset.some(Number.isNaN) ? label.height : (style.position === 'static' ? parent.height : box.height) - inset[0] - inset[2];
                if (width >= 43.5 && height >= 43.5) continue;
            }
            const inline = element.tagName === 'A' && style.display === 'inline';
            const [width, height] = [Math.max(label.width, box.width), Math.max(label.height, box.height)];
            const needed = inline ? 24 : 44;
            const enough = inline ? parseFloat(style.lineHeight) >= needed - 0.5 || height >= needed - 0.5 : height >= needed - 0.5 && width >= needed - 0.5;
            if (!enough) small.push(`${element.outerHTML.slice(0, 110)}: ${Math.round(width)} × ${Math.round(height)}`);
        }
        return small;
    });
}

/** What sticks out to the right, at the present width. */
export function overflow(page) {
    return page.evaluate(() => {
        const limit = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= limit) return [];
        return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > limit + 1 && element.checkVisibility())
            .slice(-4).map((element) => `${element.outerHTML.slice(0, 90)}: ${Math.round(element.getBoundingClientRect().right)} of ${limit}`);
    });
}

/** At another size for a while. */
export async function sized(page, width, height, work) {
    const own = page.viewportSize();
    await page.setViewportSize({ width, height });
    try {
        return await work();
    } finally {
        await page.setViewportSize(own);
    }
}

/** Everything that is wrong with the page as it stands on a phone: axe-core, width (also at 320 pixels), targets; an empty list when nothing is. */
export async function inspectPhone(page) {
    await page.evaluate(() => document.fonts.ready);
    const wrong = (await axeFindings(page)).map((one) => `axe: ${one}`);
    wrong.push(...(await smallTargets(page)).map((one) => `small: ${one}`));
    wrong.push(...(await overflow(page)).map((one) => `too wide: ${one}`));
    wrong.push(...await sized(page, 320, 640, async () => (await overflow(page)).map((one) => `too wide at 320: ${one}`)));
    wrong.push(...page.faults.splice(0).map((one) => `script: ${one}`));
    return wrong;
}

/** The same on a desktop; 640 pixels is what is left of 1280 when everything is twice as large. */
export async function inspectDesktop(page) {
    return sized(page, 1280, 800, async () => {
        const wrong = (await axeFindings(page)).map((one) => `axe, desktop: ${one}`);
        wrong.push(...(await overflow(page)).map((one) => `too wide, desktop: ${one}`));
        wrong.push(...await sized(page, 640, 400, async () => (await overflow(page)).map((one) => `too wide at 200 %: ${one}`)));
        return wrong;
    });
}

/**
 * Presses Tab from the top of the page to its end. Every stop must be visible, be marked as having the focus, and all that can be
 * pressed must be reached. Gives the names of the stops.
 */
export async function walkByKeyboard(page, limit = 200) {
    // Where Tab starts is otherwise the place that the address names.
    await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); });
    const stops = [];
    for (let n = 0; n < limit; n++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
            const element = document.activeElement;
            if (!element || element === document.body) return null;
            // A date or time has several parts that Tab goes through.
            if (element.dataset.walked) return /^(date|time)/.test(element.type) ? 'part' : null;
            element.dataset.walked = '1';
            const look = (one) => { const s = getComputedStyle(one); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration].join(); };
            const parents = [element, element.parentElement, element.closest('li, form, label')].filter(Boolean);
            const focused = parents.map(look).join('|');
            element.blur();
            const plain = parents.map(look).join('|');
            element.focus({ focusVisible: true });
            const box = element.getBoundingClientRect();
            return {
                name: (element.getAttribute('aria-label') || element.innerText || element.name || element.id || element.tagName).trim().slice(0, 50),
                marked: focused !== plain,
                seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
            };
        });
        if (!stop) break;
        if (stop !== 'part') stops.push(stop);
    }
    const missed = await page.evaluate(() => [...document.querySelectorAll('a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary')]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0 && !element.dataset.walked && !element.closest('[inert]')
            && !(element.type === 'radio' && document.querySelector(`input[name="${element.name}"][data-walked]`)))
        .map((element) => element.outerHTML.slice(0, 100)));
    await page.evaluate(() => { for (const element of document.querySelectorAll('[data-walked]')) delete element.dataset.walked; });
    assert.deepEqual(missed, [], `not reached by Tab on ${page.url()}`);
    assert.deepEqual(stops.filter((stop) => !stop.marked || !stop.seen), [], `focus that cannot be seen on ${page.url()}`);
    return stops.map((stop) => stop.name);
}
