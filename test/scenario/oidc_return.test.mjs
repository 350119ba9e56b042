// SPDX-License-Identifier: MPL-2.0
// The way back from a login provider: it counts once, in the browser that left, for the provider that it left for, for a while.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, raw } from '../support/client.mjs';
import { HostileTown } from '../support/hostile_town.mjs';

let town;
before(async () => { town = await HostileTown.start(); });
after(() => town?.close());

const jar = (client) => client.cookies.get(new URL(town.url).host);
const changed = (address, change) => {
    const url = new URL(address);
    change(url.searchParams, url);
    return url.href;
};

/** A browser away and back, the address changed on the way: refused, where the address as it was signs in. */
async function proves(change, way = 'citizen') {
    const client = new Client(town.url);
    const back = await town.away(client, way);
    const answer = await town.refuses(() => client.get(changed(back, change)), client);
    const honest = new Client(town.url);
    assert.equal((await honest.get(await town.away(honest, way))).status, 303);
    town.began();
    return answer;
}

describe('the way back is refused when', () => {
    const ways = {
        'the state is missing': (query) => query.delete('state'),
        'the state is empty': (query) => query.set('state', ''),
        'the state is made up': (query) => query.set('state', 'A'.repeat(43)),
        'the state is cut off': (query) => query.set('state', query.get('state').slice(0, -1)),
        'the state is in capitals': (query) => query.set('state', query.get('state').toUpperCase()),
        'the state has a NUL': (query) => query.set('state', `${query.get('state')}\0`),
        'the state has no end': (query) => query.set('state', 'A'.repeat(3000)),
        'the state stands twice': (query) => query.append('state', query.get('state')),
        'the code is missing': (query) => query.delete('code'),
        'the code is empty': (query) => query.set('code', ''),
        'the code is made up': (query) => query.set('code', 'made-up'),
        'the code stands twice': (query) => query.append('code', 'another'),
        'the code has no end': (query) => query.set('code', 'c'.repeat(5000)),
        'the code carries more parameters': (query) => query.set('code', `${query.get('code')}&redirect_uri=https://elsewhere.example`),
        'the issuer is another one': (query) => query.set('iss', 'https://elsewhere.example'),
        'the issuer is that of the other provider': (query) => query.set('iss', town.staff.issuer),
        'it leads to the other provider’s return': (query, url) => { url.pathname = '/login/staff/return'; },
        'an error comes along with the code': (query) => query.set('error', 'server_error'),
    };
    for (const [name, change] of Object.entries(ways)) test(name, () => proves(change));

    test('it is used a second time', async () => {
        const client = new Client(town.url);
        const back = await town.away(client);
        assert.equal((await client.get(back)).status, 303);
        town.began();
        const copy = new Client(town.url);
        await town.refuses(() => copy.get(back), copy);
        const again = await client.get(back);
        assert.equal(again.status, 403);
    });

    test('it is used twice at the same moment: one of them at most', async () => {
        for (let round = 0; round < 5; round++) {
            const client = new Client(town.url);
            const back = await town.away(client);
            const answers = await Promise.all([1, 2, 3, 4].map(() => client.get(back)));
            const good = answers.filter((answer) => answer.status === 303).length;
            assert.ok(good <= 1, `${good} times`);
            assert.ok(answers.every((answer) => [303, 403].includes(answer.status)), answers.map((answer) => answer.status).join());
            for (let count = 0; count < good; count++) town.began();
        }
    });

    test('another browser brings it', async () => {
        const victim = new Client(town.url), thief = new Client(town.url);
        const back = await town.away(victim);
        await town.refuses(() => thief.get(back), thief);
        await town.away(thief);
        await town.refuses(() => thief.get(back), thief);
        assert.equal((await victim.get(back)).status, 303, 'and the one who left can still come back');
        town.began();
    });

    test('a browser is made to finish somebody else’s sign-in', async () => {
        const attacker = new Client(town.url), victim = new Client(town.url);
        await victim.open('/login');
        const back = await town.away(attacker);
        await town.refuses(() => victim.get(back), victim);
    });

    test('the cookie of the way out is gone, empty or another', async () => {
        for (const value of [undefined, '', 'A'.repeat(43), 'A'.repeat(4000)]) {
            const client = new Client(town.url);
            const back = await town.away(client);
            const name = [...jar(client).keys()].find((one) => one.endsWith('-login'));
            if (value === undefined) jar(client).delete(name);
            else jar(client).set(name, value);
            await town.refuses(() => client.get(back), client);
        }
        const client = new Client(town.url);
        assert.equal((await client.get(await town.away(client))).status, 303);
        town.began();
    });

    test('it comes after ten minutes', async () => {
        for (const [age, status] of [[9 * 60000, 303], [11 * 60000, 403]]) {
            const client = new Client(town.url);
            const back = await town.away(client);
            await town.server.sql(`UPDATE login SET created = created - ${age}`);
            const answer = await client.get(back);
            assert.equal(answer.status, status, `${age} ms`);
            if (status === 303) town.began();
        }
    });

    test('the row of another sign-in was put in its place', async () => {
        const client = new Client(town.url), other = new Client(town.url);
        const back = await town.away(client);
        await town.away(other);
        await town.server.sql('UPDATE login SET sealed = (SELECT sealed FROM login ORDER BY sealed DESC LIMIT 1)');
        const otherBack = await town.away(other);
        await town.server.sql('UPDATE login SET sealed = (SELECT sealed FROM login ORDER BY created DESC LIMIT 1) WHERE created < (SELECT max(created) FROM login)');
        await town.refuses(() => client.get(back), client).catch(async (error) => {
            assert.fail(`a moved row: ${error.message} ${(await client.get(back)).status}`);
        });
        assert.equal((await other.get(otherBack)).status, 303);
        town.began();
    });
});

describe('what the provider says of an error', () => {
    test('stands nowhere on the page', async () => {
        for (const text of ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'a\r\nSet-Cookie: evil=1', '{{7*7}}', '%0d%0aX-Evil:1']) {
            for (const name of ['error', 'error_description', 'error_uri', 'session_state', 'scope']) {
                const client = new Client(town.url);
                const back = changed(await town.away(client), (query) => { query.delete('code'); query.set('error', 'server_error'); query.set(name, text); });
                const answer = await client.get(back);
                assert.ok(answer.status >= 400 && answer.status < 500, `${name} ${text}: ${answer.status}`);
                assert.ok(!answer.text.includes(text), `${name} ${text}`);
                assert.equal(answer.headers['x-evil'], undefined);
                assert.ok(!(answer.headers['set-cookie'] ?? []).some((line) => line.includes('evil')));
            }
        }
    });

    test('that the person stopped it is said so, and the sign-in is over', async () => {
        const client = new Client(town.url);
        const address = await town.away(client, 'citizen', '/profile');
        const stop = changed(address, (query) => { query.delete('code'); query.set('error', 'access_denied'); });
        const answer = await town.refuses(() => client.get(stop), client);
        assert.match(answer.page.text(), /Du stoppede|afbr/i);
        assert.ok(answer.page.links.some((link) => link.href === '/login?next=%2Fprofile' || link.href === '/login?next=/profile'), 'try again leads on to the same page');
        assert.equal((await client.get(address)).status, 403);
    });
});

describe('the page to go on to', () => {
    test('is one of ours, whatever the address says', async () => {
        const evil = ['//elsewhere.example', '/\\elsewhere.example', '\\\\elsewhere.example', 'https://elsewhere.example', 'https:elsewhere.example', '/%0d%0aLocation:%20https://elsewhere.example',
            '/\r\nSet-Cookie: a=b', 'javascript:alert(1)', '/\t/elsewhere.example', ' //elsewhere.example', '///elsewhere.example', '/.//elsewhere.example', '/..//elsewhere.example', '/@elsewhere.example', 'data:text/html,x'];
        for (const next of evil) {
            const client = new Client(town.url);
            const csrf = (await client.open('/login')).page.form('/login/citizen').values.csrf;
            const asked = await client.post('/login/citizen', { csrf, next });
            if (asked.status === 422 || asked.status === 400) continue;
            assert.equal(asked.status, 303, `${next}: ${asked.status}`);
            const back = await client.get(asked.headers.location);
            const answer = await client.get(back.headers.location);
            assert.equal(answer.status, 303, next);
            town.began();
            assert.equal(new URL(answer.headers.location, town.url).origin, town.url, `${next} → ${answer.headers.location}`);
            assert.ok(answer.headers.location.startsWith('/') && !answer.headers.location.startsWith('//'), answer.headers.location);
            assert.equal(answer.rawHeaders.filter((name) => name.toLowerCase() === 'location').length, 1);
        }
    });

    test('is kept over the provider', async () => {
        for (const next of ['/profile', '/dialogue/17?before=3', '/?a=b%26c']) {
            const client = new Client(town.url);
            const answer = await town.attempt(client, 'citizen', next);
            assert.equal(answer.headers.location, next);
        }
    });
});

describe('what is asked of the provider', () => {
    test('is a code with PKCE, for exactly our address, with fresh secrets each time', async () => {
        const seen = new Set();
        for (let round = 0; round < 3; round++) {
            await town.honest();
            const asked = town.citizen.asked.at(-1), exchanged = town.citizen.exchanged.at(-1);
            assert.equal(asked.response_type, 'code');
            assert.equal(asked.code_challenge_method, 'S256');
            assert.equal(asked.redirect_uri, `${town.url}/login/citizen/return`);
            assert.equal(exchanged.redirect_uri, asked.redirect_uri);
            assert.equal(exchanged.grant_type, 'authorization_code');
            assert.equal(exchanged.client_secret, undefined, 'it goes in the header');
            for (const value of [asked.state, asked.nonce, asked.code_challenge, exchanged.code_verifier]) {
                assert.match(value, /^[A-Za-z0-9_-]{43}$/);
                assert.ok(!seen.has(value));
                seen.add(value);
            }
        }
    });

    test('leaves a cookie that scripts and other sites do not get, for ten minutes', async () => {
        const client = new Client(town.url);
        const asked = await town.begin(client);
        const line = asked.headers['set-cookie'].find((one) => one.includes('-login='));
        assert.match(line, /HttpOnly/i);
        assert.match(line, /SameSite=Lax/i);
        assert.match(line, /Path=\/(;|$)/i);
        assert.match(line, /Max-Age=600/i);
        assert.doesNotMatch(line, /Domain=/i);
        const end = await client.get((await client.get(asked.headers.location)).headers.location);
        town.began();
        assert.match(end.headers['set-cookie'].find((one) => one.includes('-login=')), /Max-Age=0/i);
    });

    test('needs a form of ours: no other site can begin a sign-in', async () => {
        const client = new Client(town.url);
        await client.open('/login');
        assert.equal((await client.post('/login/citizen', {})).status, 403);
        assert.equal((await client.get('/login/citizen')).status, 405);
        const { csrf } = (await client.open('/login')).page.form('/login/citizen').values;
        assert.equal((await client.post('/login/citizen', { csrf }, { headers: { origin: 'https://elsewhere.example' } })).status, 403);
        assert.equal((await client.post('/login/citizen', { csrf })).status, 303);
    });

    test('sign-ins that nobody finished are swept away', async () => {
        await town.begin(new Client(town.url));
        await town.server.sql('UPDATE login SET created = created - 700000');
        await town.begin(new Client(town.url));
        assert.equal(await town.server.sql('SELECT COUNT(*) FROM login'), '1');
    });
});

test('afterwards the server is well and its log tells nothing about anybody', async () => {
    await raw(town.url, 'GET /login/citizen/return?state=%00&code=\xff HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal((await fetch(`${town.url}/healthz`)).status, 200);
    await town.honest();
    assert.doesNotMatch(town.server.log, /AddressSanitizer|runtime error|Ida|0203871111|secret-only|elsewhere/);
});
