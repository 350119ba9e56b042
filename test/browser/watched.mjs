// SPDX-License-Identifier: MPL-2.0
// A browser page that notices when something of somebody else's runs, is refused by the page's policy, asks for anything from elsewhere, or has become an element.
import assert from 'node:assert/strict';
import { files, read } from '../static/source.mjs';

const named = (pattern, text) => new Set([...text.matchAll(pattern)].map(([, name]) => name.toLowerCase()));

/** The elements that our own templates and Markdown can make. */
const elements = new Set([...named(/<([a-z][a-z0-9-]*)/gi, files(/^src\/.*\.(html|c)$/).map(read).join('\n')), 'html', 'head', 'body', 'tbody']);
for (const never of ['iframe', 'object', 'embed', 'base', 'frame', 'applet', 'marquee', 'noscript', 'math', 'style']) elements.delete(never);

/** Everything of the page that is not ours: elements, handlers, places that links lead to. */
const strangers = (allowed) => {
    const found = [];
    for (const element of document.querySelectorAll('*')) {
        const name = element.localName;
        if (!allowed.includes(name)) found.push(`<${name}>: ${element.outerHTML.slice(0, 120)}`);
        if (name === 'script' && (!String(element.src).startsWith(`${location.origin}/asset/`) || element.textContent.trim())) found.push(`script ${element.outerHTML.slice(0, 120)}`);
        for (const { name: attribute, value } of element.attributes) {
            // A style that a page brings along is refused by its policy, and told; our script sets some.
            if (/^on|^hx-on|^data-hx-|^srcdoc$|^xlink:/.test(attribute)) found.push(`${attribute} at <${name}>: ${value.slice(0, 80)}`);
            if (/^(href|src|action|formaction|data|poster|hx-get|hx-post|sse-connect)$/.test(attribute) && value && name !== 'use') {
                const place = new URL(value, document.baseURI);
                if (!['http:', 'https:', 'mailto:', 'tel:', 'blob:'].includes(place.protocol)) found.push(`${attribute}=${value.slice(0, 80)}`);
                if (name !== 'a' && place.origin !== location.origin && place.protocol !== 'blob:') found.push(`<${name}> ${attribute}=${value.slice(0, 80)}`);
                if (/stolen/.test(place.host + place.pathname) && attribute !== 'href') found.push(`${attribute}=${value.slice(0, 80)}`);
            }
        }
    }
    if (document.querySelectorAll('head meta[http-equiv]').length) found.push('meta http-equiv');
    return found;
};

/**
 * Watches all pages of this context that open from now on; everything must come from 'origin'. Gives { faults, check(page, name), none(), looked, shown }: check() looks at a
 * page as it stands, none() fails when something was found, 'shown' counts the pages looked at on which some of the corpus can be read.
 */
export async function watch(context, origin) {
    const watched = { faults: [], looked: 0, shown: 0 };
    await context.exposeFunction('reportHook', (what) => { watched.faults.push(what); });
    await context.addInitScript(() => {
        for (const name of ['hook', 'alert', 'confirm', 'prompt']) globalThis[name] = () => globalThis.reportHook(`${name}() was called on ${location.pathname}`);
        document.addEventListener('securitypolicyviolation', (event) => globalThis.reportHook(`refused by the policy on ${location.pathname}: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    context.on('dialog', (dialog) => { watched.faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    context.on('request', (request) => {
        const url = request.url();
        if ((!url.startsWith(origin) && !/^(blob|about|data):/.test(url)) || url.includes('stolen')) watched.faults.push(`asked for ${url}`);
    });
    watched.check = async (page, name) => {
        const found = await page.evaluate(strangers, [...elements]);
        watched.faults.push(...found.map((one) => `${name}: ${one}`));
        if (page.frames().length > 1) watched.faults.push(`${name}: ${page.frames().length} frames`);
        watched.looked++;
        if (await page.evaluate(() => /hook\(\)|stolen/.test(document.body.innerText + [...document.querySelectorAll('input, textarea, [aria-label], [title], [alt]')].map((one) => `${one.value} ${one.ariaLabel} ${one.title} ${one.alt}`).join()))) watched.shown++;
    };
    watched.none = () => assert.deepEqual(watched.faults, []);
    return watched;
}

