// SPDX-License-Identifier: MPL-2.0
// A login provider that misbehaves in one way at a time: each way is refused, and the same sign-in without it succeeds.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { misbehaviours } from '../support/hostile_oidc.mjs';
import { identities, staffIdentities, tokens } from '../support/hostile_ways.mjs';
import { HostileTown, citizen } from '../support/hostile_town.mjs';

let town;
before(async () => { town = await HostileTown.start(); });
after(() => town?.close());

describe('an answer is refused when', () => {
    for (const [name, behaviour] of Object.entries(misbehaviours)) test(name, () => town.proves(behaviour));
});

describe('an identity token is refused when', () => {
    for (const [name, behaviour] of Object.entries(tokens)) test(name, () => town.proves(behaviour, { fresh: Boolean(behaviour.jwks) }));

    test('it was made for an earlier sign-in', async () => {
        let kept;
        town.citizen.behaviour = { token: (answer) => { kept = answer.id_token; return answer; } };
        assert.equal((await town.attempt()).status, 303);
        await town.proves({ token: (answer) => ({ ...answer, id_token: kept }) });
    });

    test('the other provider made it', async () => {
        let kept;
        town.staff.behaviour = { token: (answer) => { kept = answer.id_token; return answer; } };
        assert.equal((await town.attempt(undefined, 'staff')).status, 303);
        await town.proves({ token: (answer) => ({ ...answer, id_token: kept }) });
    });
});

describe('a person is refused when', () => {
    for (const [name, behaviour] of Object.entries(identities)) test(name, () => town.proves(behaviour));
    for (const [name, behaviour] of Object.entries(staffIdentities)) test(`at the provider for staff ${name}`, () => town.proves(behaviour, { way: 'staff' }));

    test('the personal number is that of an account with another login', () => town.proves({ claims: (c) => ({ ...c, sub: 'another-subject', uuid: 'another-subject' }) }));

    test('a citizen comes to the provider for staff', () => town.proves({ claims: ({ groups, unit, ...c }) => ({ ...c, cpr: citizen.cpr }) }, { way: 'staff' }));

    test('the assurance is too low, with words that help', async () => {
        town.citizen.behaviour = { claims: (c) => ({ ...c, loa: 'https://data.gov.dk/concept/core/nsis/Low' }) };
        const answer = await town.refuses((client) => town.attempt(client));
        assert.match(answer.page.text(), /app|kodeviser/);
        await town.honest();
    });
});

describe('afterwards', () => {
    test('the log has told why, and nothing about anybody', () => {
        const { log } = town.server;
        for (const reason of ['issuer', 'audience', 'nonce', 'signature', 'key', 'algorithm', 'expired', 'future', 'subject', 'access-hash', 'cpr', 'name', 'group', 'claimed', 'form', 'claims']) {
            assert.match(log, new RegExp(`reason=${reason}\\b`), reason);
        }
        for (const text of [citizen.cpr, citizen.name, citizen.uuid, 'Ejnar', 'secret-only', 'eyJ']) assert.ok(!log.includes(text), text);
        assert.doesNotMatch(log, /AddressSanitizer|runtime error/);
    });

    test('an honest sign-in still reaches the same account', async () => {
        const first = await (await town.honest()).get('/profile');
        const again = new Client(town.url);
        await town.attempt(again);
        assert.equal((await again.get('/profile')).page.text(), first.page.text());
        assert.equal(await town.server.sql('SELECT COUNT(*) FROM person'), '2');
    });
});
