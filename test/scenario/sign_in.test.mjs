// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { signIn } from '../support/oidc.mjs';
import { Town } from '../support/town.mjs';

let town;
before(async () => { town = await Town.start({ clock: true, providers: true }); });
after(() => town?.close());

const cookieOf = (answer) => (answer.headers['set-cookie'] ?? []).find((line) => line.includes('samtraad='));

describe('signing in', () => {
    test('a citizen comes in with MitID and is greeted by first name', async () => {
        const mette = await town.signIn('mette');
        const { page, status } = await mette.get('/');
        assert.equal(status, 200);
        assert.match(page.text(page.one('h1')), /Mette/);
        assert.equal((await mette.get('/dialogue/new')).status === 200, false, 'a citizen starts no dialogues');
    });

    test('an employee comes in with the work account and may start a dialogue', async () => {
        const anne = await town.signIn('anne');
        assert.equal((await anne.get('/dialogue/new')).status, 200);
    });

    test('the same person is the same person the next time', async () => {
        const first = await (await town.signIn('mette')).get('/profile');
        const second = await (await town.signIn('mette')).get('/profile');
        assert.equal(first.page.text(first.page.one('h1')), second.page.text(second.page.one('h1')));
        assert.match(second.page.text(), /Mette Østergaard/);
    });

    test('a sign-in that is too weak is refused with words that help', async () => {
        const lone = new Client(town.url);
        const asked = await lone.submit('/login', '/login/citizen', {});
        const end = await signIn(lone, asked.headers.location, 'lone');
        assert.equal(end.status, 403);
        assert.match(end.page.text(), /MitID/);
        assert.match(end.page.text(), /app|kodeviser/);
        assert.equal((await lone.get('/')).status, 303, 'nobody is signed in');
    });

    test('somebody who is not signed in is sent to the login page and afterwards where they wanted to go', async () => {
        const client = new Client(town.url);
        const asked = await client.get('/profile');
        assert.equal(asked.status, 303);
        assert.match(asked.headers.location, /^\/login\?next=(%2F|\/)profile$/);
        const login = await client.open(asked.headers.location);
        const start = await client.submit(login, '/login/citizen', {});
        const end = await signIn(client, start.headers.location, 'mette');
        assert.equal(end.request.url.pathname, '/profile');
        assert.equal((await client.get('/profile', { json: true })).status < 500, true);
        assert.equal((await new Client(town.url).get('/', { json: true })).status, 401, 'a program is told 401');
    });

    test('an address that is too long to come back to leads to the login page all the same', async () => {
        for (const long of [`/log?unit=${'a'.repeat(3000)}`, `/log?unit=${'%C3%A6'.repeat(500)}`]) {
            const answer = await new Client(town.url).get(long);
            assert.equal(answer.status, 303);
            assert.equal(answer.headers.location, '/login');
        }
    });

    test('the login page leads to no other site', async () => {
        for (const next of ['https://svindel.example/', '//svindel.example/', '/\\svindel.example', '/%2f/svindel.example', 'javascript:alert(1)', '/\r\nSet-Cookie: a=b']) {
            const client = new Client(town.url);
            const login = await client.get(`/login?next=${encodeURIComponent(next)}`);
            if (login.status >= 400) continue;
            const start = await client.submit(login, '/login/citizen', {});
            const end = await signIn(client, start.headers.location, 'mette');
            assert.equal(end.request.url.origin, town.url, next);
        }
    });

    test('what comes back from a provider counts once, in the browser that asked', async () => {
        const client = new Client(town.url);
        const asked = await client.submit('/login', '/login/citizen', {});
        const choose = await client.open(asked.headers.location);
        let step = await client.post(new URL(choose.page.form(/mette$/).action, choose.request.url).href);
        while (!step.headers.location.startsWith(town.url)) step = await client.get(step.headers.location);
        const back = step.headers.location;
        const thief = new Client(town.url);
        assert.ok((await thief.get(back)).status >= 400, 'another browser');
        assert.equal((await thief.get('/')).status, 303);
        assert.equal((await client.get(back)).status, 303);
        const again = await client.get(back);
        assert.ok(again.status >= 400 || again.headers.location?.includes('/login'), `a second time: ${again.status}`);
    });
});

describe('the session', () => {
    test('its cookie cannot be read by scripts and is not sent from other sites', async () => {
        const client = new Client(town.url);
        const asked = await client.submit('/login', '/login/citizen', {});
        const choose = await client.open(asked.headers.location);
        let step = await client.post(new URL(choose.page.form(/mette$/).action, choose.request.url).href);
        while (!step.headers.location.startsWith(town.url)) step = await client.get(step.headers.location);
        const line = cookieOf(await client.get(step.headers.location));
        assert.match(line, /HttpOnly/i);
        assert.match(line, /SameSite=Lax/i);
        assert.match(line, /Path=\//i);
        assert.doesNotMatch(line, /Domain=/i);
    });

    test('it begins anew at login: a cookie planted beforehand is worth nothing', async () => {
        const victim = new Client(town.url);
        await victim.open('/login');
        victim.cookies.get(new URL(town.url).host).set('samtraad', 'A'.repeat(43));
        const planted = victim.session;
        const asked = await victim.submit('/login', '/login/citizen', {});
        await signIn(victim, asked.headers.location, 'mette');
        assert.equal((await victim.get('/')).status, 200);
        assert.notEqual(victim.session, planted);
        const attacker = new Client(town.url);
        attacker.cookies.set(new URL(town.url).host, new Map([['samtraad', planted]]));
        assert.equal((await attacker.get('/')).status, 303);
    });

    test('signing in as somebody else in the same browser ends the first session', async () => {
        const browser = await town.signIn('mette');
        const old = new Client(town.url);
        old.cookies.set(new URL(town.url).host, new Map(browser.cookies.get(new URL(town.url).host)));
        assert.equal((await old.get('/')).status, 200);
        const asked = await browser.submit('/login', '/login/citizen', {});
        for (const host of [...browser.cookies.keys()]) if (host !== new URL(town.url).host) browser.cookies.delete(host);
        await signIn(browser, asked.headers.location, 'karim');
        assert.match((await browser.get('/')).page.text(), /Karim/);
        assert.equal((await old.get('/')).status, 303);
    });

    test('signing out ends it on the server', async () => {
        const browser = await town.signIn('mette');
        const copy = new Client(town.url);
        copy.cookies.set(new URL(town.url).host, new Map(browser.cookies.get(new URL(town.url).host)));
        assert.equal((await browser.submit('/', '/logout', {})).status, 303);
        assert.equal((await copy.get('/')).status, 303);
    });

    test('it ends after half an hour without use, and after eight hours in any case', async () => {
        const idle = await town.signIn('mette');
        await town.server.shiftClock('+29m');
        assert.equal((await idle.get('/')).status, 200);
        await town.server.shiftClock('+60m');
        assert.equal((await idle.get('/')).status, 303);
        await town.server.shiftClock('+0');
        const busy = await town.signIn('karim');
        for (let minutes = 25; minutes < 8 * 60; minutes += 25) {
            await town.server.shiftClock(`+${minutes}m`);
            assert.equal((await busy.get('/')).status, 200, `after ${minutes} minutes of work`);
        }
        await town.server.shiftClock('+484m');
        assert.equal((await busy.get('/')).status, 303);
        await town.server.shiftClock('+0');
    });

    test('it outlives a restart of the server', async () => {
        const mette = await town.signIn('mette');
        await town.server.restart();
        assert.equal((await mette.get('/')).status, 200);
    });
});

describe('a request from another site', () => {
    test('changes nothing: without a token, with a wrong one, with somebody else’s', async () => {
        const mette = await town.signIn('mette');
        const other = await (await town.signIn('karim')).csrf();
        for (const csrf of [undefined, '', 'x', 'A'.repeat(128), other]) {
            const answer = await mette.post('/logout', csrf === undefined ? {} : { csrf });
            assert.equal(answer.status, 403, `token ${csrf}`);
        }
        assert.equal((await mette.get('/')).status, 200);
    });

    test('is refused by where it comes from, even with a token', async () => {
        const mette = await town.signIn('mette');
        const csrf = await mette.csrf();
        for (const headers of [{ origin: 'https://svindel.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
            assert.equal((await mette.post('/logout', { csrf }, { headers })).status, 403, JSON.stringify(headers));
        }
        assert.equal((await mette.get('/')).status, 200);
    });

    test('signs nobody out: with its form the browser sends no cookie, and gets none that would take its place', async () => {
        for (const target of ['/logout', '/session/stay', '/not-there', '/login/demo']) {
            for (const headers of [{ origin: 'https://svindel.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }]) {
                const answer = await new Client(town.url).post(target, {}, { headers });
                assert.ok([401, 403, 404].includes(answer.status), `${target}: ${answer.status}`);
                assert.equal(answer.headers['set-cookie'], undefined, `${target} ${JSON.stringify(headers)}`);
            }
        }
    });

    test('a token is different on every page, so that its length and parts tell nothing', async () => {
        const mette = await town.signIn('mette');
        const tokens = new Set([await mette.csrf(), await mette.csrf(), await mette.csrf()]);
        assert.equal(tokens.size, 3);
    });
});

describe('language', () => {
    test('is Danish until the person chooses, and the choice is remembered', async () => {
        const karim = await town.signIn('karim');
        assert.equal((await karim.get('/')).page.lang, 'da');
        assert.equal((await karim.submit('/profile', '/language', { language: 'en', next: '/profile' })).status, 303);
        assert.equal((await karim.get('/')).page.lang, 'en');
        assert.equal((await (await town.signIn('karim')).get('/')).page.lang, 'en');
        await karim.submit('/profile', '/language', { language: 'da', next: '/profile' });
        assert.equal((await karim.get('/')).page.lang, 'da');
    });

    test('a language that is not there is refused', async () => {
        const karim = await town.signIn('karim');
        assert.equal((await karim.submit('/profile', '/language', { language: 'xx', next: '/' })).status, 422);
    });
});

describe('demonstration identities', () => {
    test('come in with one press, and a banner says so on every page', async () => {
        const visitor = new Client(town.url);
        const login = await visitor.open('/login');
        const { values, action } = login.page.form('/login/demo') ?? {};
        if (!action) return;   // no demonstration municipality is loaded here; the next test and the browser tests have one
        await visitor.post(action, values);
        assert.equal((await visitor.get('/')).status, 200);
    });

    test('do not exist without --demo', async () => {
        await town.server.stop();
        town.server.demo = false;
        await town.server.start();
        const visitor = new Client(town.url);
        const login = await visitor.open('/login');
        assert.equal(login.page.form('/login/demo'), undefined);
        const csrf = login.page.form('/login/citizen').values.csrf;
        const answer = await visitor.post('/login/demo', { csrf, person: '1', next: '/' });
        assert.ok([403, 404].includes(answer.status), String(answer.status));
        assert.equal(login.page.classed('demo').length, 0);
    });
});
