// SPDX-License-Identifier: MPL-2.0
// What a login provider says of itself, and what happens when it can't be reached or takes its time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HostileTown } from '../support/hostile_town.mjs';
import { discoveries } from '../support/hostile_ways.mjs';

let town;
before(async () => { town = await HostileTown.start(); });
after(() => town?.close());

describe('a provider is not followed when', () => {
    for (const [name, behaviour] of Object.entries(discoveries)) test(name, () => town.proves(behaviour, { fresh: true }));
});

describe('a provider that takes its time', () => {
    const wait = () => {};
    const drip = (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 200);
        response.once('close', () => clearInterval(timer));
    };

    for (const [name, way, path, answer] of [['at its token endpoint', 'citizen', '/token', wait], ['with its keys, a blank at a time', 'staff', '/jwks', drip]]) {
        test(`${name} is given up, and others are not held up`, async () => {
            await town.forget();
            town[way].behaviour = { raw: { [path]: answer } };
            const began = Date.now();
            const attempt = town.refuses((client) => town.attempt(client, way));
            assert.equal((await fetch(`${town.url}/login`)).status, 200);
            assert.ok(Date.now() - began < 3000, 'the login page comes meanwhile');
            await attempt;
            assert.ok(Date.now() - began < 12000, `${Date.now() - began} ms`);
            town[way].behaviour = {};
            await town.honest(way);
        });
    }
});

describe('what providers publish', () => {
    const fetched = (provider) => provider.visited.filter((path) => path === '/jwks').length;

    test('is kept for a while, and a key that is new is found', async () => {
        await town.forget();
        await town.honest();
        const before = fetched(town.citizen);
        await town.honest();
        assert.equal(fetched(town.citizen), before);
        const rename = (key) => ({ ...key, kid: 'the-next-one' });
        town.citizen.behaviour = { jwks: (keys) => keys.map(rename), header: (header) => ({ ...header, kid: 'the-next-one' }) };
        assert.equal((await town.attempt()).status, 303, 'signed with the next key');
        assert.equal(fetched(town.citizen), before + 1);
    });

    test('can’t be changed in the database: it is asked for anew', async () => {
        for (const change of [
            `UPDATE login_metadata SET sealed = ${town.server.database.bytes('00'.repeat(500))}`,
            'UPDATE login_metadata SET sealed = (SELECT sealed FROM login_metadata WHERE provider = 2) WHERE provider = 1',
            'UPDATE login_metadata SET fetched = fetched + 1 WHERE provider = 1',
            'UPDATE login_metadata SET fetched = fetched - 1 WHERE provider = 1',
        ]) {
            await town.honest('staff');
            await town.honest();
            const before = fetched(town.citizen);
            await town.server.sql(`${change}`);
            await town.honest();
            assert.ok(fetched(town.citizen) > before, change);
        }
    });
});

test('a setting that can’t be right stops the server at the start', async () => {
    await town.server.stop();
    for (const lines of ['issuer = http://elsewhere.example\nclient_id = a\nclient_secret = b', 'issuer = https://login.example\nclient_id = a',
        'issuer = https://login.example\nclient_id = a\nclient_secret = b\nrequired_assurance = 4',
        'issuer = https://login.example\nclient_id = a\nclient_secret = b\nalgorithms = RS256 HS256']) {
        await town.server.configure(`[citizen]\n${lines}`);
        const { code, stderr } = await town.server.command('serve', '--port', '0');
        assert.notEqual(code, 0, lines);
        assert.match(stderr, /citizen/, lines);
    }
    assert.doesNotMatch(town.server.log, /AddressSanitizer|runtime error/);
});
