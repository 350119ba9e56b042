// SPDX-License-Identifier: MPL-2.0
// Pages of somebody else in the browser of a person who is signed in: of another site, and of another port of the same host, which the browser
// sends the person's cookie along with. Nothing is changed by them and nothing is read; and one browser with two people does not mix them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Town, circle, read } from '../support/town.mjs';
import { launch, visitor } from './browser.mjs';

let town, browser, dialogue, anne, karim, elsewhere;

async function enter(page, id) {
    await page.goto(`${town.url}/login`);
    await page.locator('.demo button', { hasText: town.person(id).name }).first().click();
    await page.waitForURL(`${town.url}/`);
}

before(async () => {
    town = await Town.start();
    ({ dialogue, anne, karim } = await circle(town));
    browser = await launch();
    // An empty page of the attacker's, whatever is asked for; 'asked' keeps what forms and links sent there.
    elsewhere = http.createServer((request, response) => response.end('<!doctype html><title>Elsewhere</title><body>'));
    await new Promise((listening) => elsewhere.listen(0, '0.0.0.0', listening));
});
after(async () => {
    await browser?.close();
    elsewhere?.close();
    await town?.close();
});

/** What the attacker could change, as it stands. */
async function state(page) {
    const cookies = await page.context().cookies(town.url);
    const mette = new Client(town.url);
    mette.cookies.set(new URL(town.url).host, new Map(cookies.map((one) => [one.name, one.value])));
    const session = (await mette.get('/session', { json: true })).json;
    const people = (await anne.get(`/dialogue/${dialogue}/participants`, { json: true })).json.people.map((one) => one.name);
    return { name: session.name, language: session.language, posts: (await read(anne, dialogue)).map((post) => post.text), people };
}

/** A form that the browser sends by itself, into a frame or window of that name. */
const sendForm = (page, action, fields, { enctype = 'application/x-www-form-urlencoded', target = 'sink', method = 'post' } = {}) => page.evaluate((all) => {
    const form = document.createElement('form');
    Object.assign(form, { action: all.action, method: all.method, enctype: all.enctype, target: all.target });
    for (const [name, value] of Object.entries(all.fields)) form.append(Object.assign(document.createElement('input'), { name, value, type: 'hidden' }));
    if (!document.querySelector('iframe[name=sink]')) document.body.append(Object.assign(document.createElement('iframe'), { name: 'sink' }));
    document.body.append(form);
    form.submit();
}, { action, fields, enctype, target, method });

const sites = { 'another site': '127.0.0.1', 'another port of the same host': 'localhost' };
for (const [where, host] of Object.entries(sites)) {
    describe(`a page of ${where}`, () => {
        let page, evil, before_, came, accepted;
        before(async () => {
            page = await visitor(browser, 'desktop');
            await enter(page, 'mette');
            before_ = await state(page);
            assert.equal(before_.name, town.person('mette').name);
            evil = `http://${host}:${elsewhere.address().port}`;
            came = [];
            accepted = [];
            const ours = (request) => request.url().startsWith(town.url) && request.method() === 'POST';
            page.context().on('request', (request) => { if (ours(request)) came.push(request.url()); });
            page.context().on('response', (response) => { if (ours(response.request()) && response.status() < 400) accepted.push(`${response.status()} ${response.url()}`); });
        });
        after(() => page?.context().close());

        const unchanged = async () => assert.deepEqual(await state(page), before_);
        const post = () => `${town.url}/dialogue/${dialogue}/post`;
        const arrived = async (count) => {
            for (let waited = 0; came.length < count && waited < 5000; waited += 50) await page.waitForTimeout(50);
            await page.waitForTimeout(150);
            assert.ok(came.length >= count, `${came.length} of ${count} were sent`);
            assert.deepEqual(accepted, [], 'none was accepted');
            came.length = 0;
        };

        test('sends forms in vain, of every type that a form can have', async () => {
            await page.goto(evil);
            const token = await karim.csrf();   // the attacker's own
            const tries = [[post(), { text: 'Fra et andet sted', csrf: token }, {}], [post(), { text: 'Fra et andet sted' }, { enctype: 'multipart/form-data' }],
                [post(), { '{"text":"Fra et andet sted","x":"': '"}' }, { enctype: 'text/plain' }], [`${town.url}/logout`, { csrf: token }, {}],
                [`${town.url}/language`, { language: 'en', next: '/', csrf: token }, {}], [`${town.url}/session/stay`, {}, {}], [`${town.url}/login/demo`, { person: '1', csrf: token }, {}]];
            for (const [action, fields, options] of tries) {
                await sendForm(page, action, fields, options);
                await arrived(1);
            }
            await unchanged();
            // As the whole page, where no frame stands in the way.
            await sendForm(page, post(), { text: 'Fra et andet sted', csrf: token }, { target: '_self' });
            await page.waitForURL(post());
            await arrived(1);
            await unchanged();
        });

        test('sends by script in vain, and reads nothing', async () => {
            await page.goto(evil);
            const got = await page.evaluate(async ({ url, target }) => {
                const body = new URLSearchParams({ text: 'Fra et script' });
                const all = {};
                const attempt = async (what, address, init) => {
                    try {
                        const answer = await fetch(address, init);
                        all[what] = `${answer.type} ${answer.status} ${(await answer.text()).length}`;
                    } catch (error) {
                        all[what] = error.name;
                    }
                };
                await attempt('no-cors', target, { method: 'POST', mode: 'no-cors', credentials: 'include', body });
                await attempt('cors', target, { method: 'POST', credentials: 'include', body });
                await attempt('json', target, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"text":"Fra et script"}' });
                await attempt('own header', target, { method: 'POST', credentials: 'include', headers: { 'x-csrf-token': 'x' }, body });
                await attempt('put', target, { method: 'PUT', credentials: 'include', body });
                for (const path of ['/', '/session', '/api/openapi.json', target.replace('/post', ''), target.replace('/post', '/files')]) {
                    await attempt(`read ${path}`, new URL(path, url), { credentials: 'include' });
                    await attempt(`read blind ${path}`, new URL(path, url), { credentials: 'include', mode: 'no-cors' });
                }
                all.beacon = navigator.sendBeacon(target, body);
                return all;
            }, { url: town.url, target: post() });
            assert.ok(got.beacon);
            delete got.beacon;
            // Nothing but a failure, or an answer that the page can't look into.
            assert.deepEqual(Object.entries(got).filter(([, what]) => what !== 'TypeError' && what !== 'opaque 0 0'), []);
            assert.ok(Object.keys(got).length === 15);
            await arrived(3);   // two of them reach us without asking beforehand, and the beacon
            await unchanged();
        });

        test('listens to no live stream', async () => {
            await page.goto(evil);
            const heard = page.evaluate((live) => new Promise((resolve) => {
                const seen = [];
                for (const withCredentials of [true, false]) {
                    const source = new EventSource(live, { withCredentials });
                    for (const name of ['message', 'open', 'post', 'hello', 'seen']) source.addEventListener(name, () => seen.push(name));
                }
                setTimeout(() => resolve(seen), 1500);
            }), `${town.url}/dialogue/${dialogue}/live`);
            await page.waitForTimeout(400);
            await anne.submit(`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, { text: 'Kun for os' });
            assert.deepEqual(await heard, []);
            before_.posts.push('Kun for os');
            await unchanged();
        });

        test('shows nothing of ours as picture, script, style, frame or object', async () => {
            await page.goto(evil);
            const got = await page.evaluate(async ({ url, dialogue: id }) => {
                const paths = ['/', `/dialogue/${id}`, '/session', '/logout', `/dialogue/${id}/post`, '/api/openapi.json', '/profile'];
                const all = [];
                const settled = (element, what) => new Promise((resolve) => {
                    element.onload = () => { all.push([what, 'load', element]); resolve(); };
                    element.onerror = () => { all.push([what, 'error', element]); resolve(); };
                    setTimeout(resolve, 3000);
                    document.body.append(element);
                });
                await Promise.all(paths.flatMap((path) => [['img', 'src'], ['script', 'src'], ['video', 'src'], ['link', 'href'], ['iframe', 'src'], ['object', 'data'], ['embed', 'src']].map(([tag, attribute]) => {
                    const element = document.createElement(tag);
                    if (tag === 'link') element.rel = 'stylesheet';
                    element[attribute] = url + path;
                    return settled(element, `${tag} ${path}`);
                })));
                // A frame 'loads' an error page of the browser's too: what counts is what can be read of it.
                return all.filter(([what, how]) => how === 'load' && !/^(iframe|object|embed) /.test(what)).map(([what]) => what)
                    .concat([...document.querySelectorAll('iframe')].filter((one) => { try { return one.contentDocument?.body?.innerText; } catch { return false; } }).map((one) => `frame ${one.src}`));
            }, { url: town.url, dialogue });
            assert.deepEqual(got, []);
            for (const frame of page.frames().slice(1)) assert.ok(!(await frame.content().catch(() => '')).includes('Samtråd'), `framed: ${frame.url()}`);
            await unchanged();
        });

        test('holds no handle on a window of ours, and gets no word from it', async () => {
            await page.goto(evil);
            const [popup, handle] = await Promise.all([page.context().waitForEvent('page'), page.evaluateHandle((url) => {
                globalThis.words = [];
                addEventListener('message', (event) => globalThis.words.push(String(event.data)));
                return globalThis.open(url, 'ours');
            }, `${town.url}/dialogue/${dialogue}`)]);
            await popup.waitForLoadState();
            const seen = await page.evaluate((one) => {
                const tries = {};
                for (const [what, look] of Object.entries({ closed: () => one.closed, text: () => one.document?.body?.innerText, place: () => String(one.location.href), frames: () => one.frames.length })) {
                    try { tries[what] = look(); } catch (error) { tries[what] = error.name; }
                }
                return tries;
            }, handle);
            // Cross-Origin-Opener-Policy has cut it off: the page sees a window that is closed.
            assert.equal(seen.closed, true);
            assert.notEqual(typeof seen.text === 'string' && seen.text.includes('Emil'), true);
            assert.ok(!String(seen.place).startsWith(town.url));
            assert.equal(await popup.evaluate(() => globalThis.opener), null);
            assert.deepEqual(await page.evaluate(() => globalThis.words), []);
            await unchanged();
        });
    });
}

describe('one browser', () => {
    test('a cookie planted before signing in is worth nothing after', async () => {
        const page = await visitor(browser, 'desktop');
        // The attacker's own cookie of a visitor, put there by a page on another port of the host.
        const attacker = new Client(town.url);
        await attacker.open('/login');
        const planted = attacker.session;
        assert.match(planted, /^[0-9a-f]{64}$/);
        await page.goto(`http://localhost:${elsewhere.address().port}/`);
        await page.evaluate((value) => { document.cookie = `samtraad=${value}; path=/`; }, planted);
        assert.ok((await page.context().cookies(town.url)).some((one) => one.value === planted), 'it is there');
        await enter(page, 'mette');
        assert.ok(!(await page.context().cookies(town.url)).some((one) => one.name === 'samtraad' && one.value === planted), 'it is gone');
        assert.equal((await attacker.get('/', {})).status, 303);
        // And what the server has set, a page's script can neither read nor replace.
        await page.goto(`http://localhost:${elsewhere.address().port}/`);
        assert.ok(!(await page.evaluate(() => document.cookie)).includes('samtraad'));
        await page.evaluate((value) => { document.cookie = `samtraad=${value}; path=/`; }, planted);
        await page.goto(`${town.url}/`);
        assert.match(await page.locator('body').innerText(), /Mette/);
        await page.context().close();
    });

    test('what one person began in a tab is not sent as another who signed in in a second one', async () => {
        const first = await visitor(browser, 'desktop');
        await enter(first, 'mette');
        await first.goto(`${town.url}/dialogue/${dialogue}`);
        await first.locator('#text').fill('Skrevet af Mette');
        const second = await first.context().newPage();
        await enter(second, 'karim');
        const answer = first.waitForResponse((response) => response.request().method() === 'POST');
        await first.locator('.composer__send').click();
        assert.equal((await answer).status(), 403);
        assert.ok(!(await read(anne, dialogue)).some((post) => post.text.includes('Skrevet af Mette')));
        await second.goto(`${town.url}/`);
        assert.match(await second.locator('body').innerText(), /Karim/);
        await first.context().close();
    });
});
