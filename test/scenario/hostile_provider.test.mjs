// SPDX-License-Identifier: MPL-2.0
// A login provider that misbehaves in one way at a time. Nobody comes in, the program stays well, and an honest answer right
// afterwards still works, which shows that the refusal came from the one thing that was changed.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { HostileProvider, misbehaviours } from '../support/hostile_oidc.mjs';
import { citizens } from '../support/oidc.mjs';
import { Server } from '../support/server.mjs';

const client = { id: 'samtraad-citizen', secret: 'only-for-the-tests-0123456789-0123456789' };
let server, provider;
before(async () => {
    server = await Server.prepare({ plain: true });
    provider = await HostileProvider.start({ client, person: citizens.find((one) => one.id === 'mette') });
    await server.configure(`[citizen]\nissuer = ${provider.issuer}\nclient_id = ${client.id}\nclient_secret = ${client.secret}`);
    await server.start();
});
after(async () => {
    await server?.remove();
    await provider?.close();
});
beforeEach(() => { provider.behaviour = {}; });

/** Goes to the provider and comes back. Gives the browser and the answer to the way back. */
async function attempt(browser = new Client(server.url)) {
    const asked = await browser.submit('/login', '/login/citizen', {});
    if (asked.status !== 303) return { browser, answer: asked };
    const sent = await browser.get(asked.headers.location);
    return { browser, answer: await browser.get(sent.headers.location), back: sent.headers.location };
}

const inside = async (browser) => (await browser.get('/')).status === 200;

test('an honest provider is believed', async () => {
    const { browser, answer } = await attempt();
    assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
    assert.ok(await inside(browser));
});

describe('nobody comes in when', () => {
    for (const [what, behaviour] of Object.entries(misbehaviours)) {
        test(what, async () => {
            provider.behaviour = behaviour;
            const { browser, answer } = await attempt();
            assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
            assert.ok(!answer.text.includes('<script>alert'), 'what the provider says is not shown as markup');
            assert.equal(await inside(browser), false);
            provider.behaviour = {};
            assert.ok(await inside((await attempt()).browser), 'an honest answer works afterwards');
        });
    }

    for (const [what, discovery] of Object.entries({
        'the discovery document belongs to another issuer': (document) => ({ ...document, issuer: 'https://elsewhere.example' }),
        'the discovery document has no issuer': ({ issuer, ...document }) => document,
        'the discovery document points to a plain http server elsewhere': (document) => ({ ...document, token_endpoint: 'http://192.0.2.1/token' }),
        'the discovery document points to a file': (document) => ({ ...document, jwks_uri: 'file:///etc/passwd' }),
        'the discovery document has no keys': ({ jwks_uri, ...document }) => document,
    })) {
        test(what, async () => {
            // A server of its own, that has not met the provider before.
            const [own, other] = [server, await Server.prepare({ plain: true })];
            try {
                await other.configure(own.settings);
                await other.start();
                server = other;
                provider.behaviour = { discovery };
                const { browser, answer } = await attempt();
                assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
                assert.equal(await inside(browser), false);
                provider.behaviour = {};
                assert.ok(await inside((await attempt()).browser));
            } finally {
                server = own;
                await other.remove();
            }
        });
    }
});

describe('on the way there and back', () => {
    test('PKCE, state and nonce are fresh and long each time', async () => {
        provider.asked.length = 0;
        for (let n = 0; n < 3; n++) await attempt();
        const seen = new Set();
        for (const query of provider.asked) {
            assert.equal(query.code_challenge_method, 'S256');
            assert.equal(query.response_type, 'code');
            assert.equal(query.redirect_uri, `${server.url}/login/citizen/return`);
            assert.match(query.scope, /\bopenid\b/);
            for (const name of ['state', 'nonce', 'code_challenge']) {
                assert.ok(query[name].length >= 22, `${name} is long enough to be unguessable`);
                seen.add(query[name]);
            }
        }
        assert.equal(seen.size, 9);
        for (const body of provider.exchanged) assert.ok((body.code_verifier?.length ?? 0) >= 43 || body.code_verifier === undefined);
    });

    test('a code that was used once is not used again', async () => {
        const { browser, back } = await attempt();
        assert.ok(await inside(browser));
        const count = provider.exchanged.length;
        const thief = new Client(server.url);
        assert.notEqual((await thief.get(back)).status, 200);
        assert.equal(await inside(thief), false);
        assert.equal(provider.exchanged.length, count, 'the provider is not even asked');
    });

    test('an answer that another browser began is refused', async () => {
        const mine = new Client(server.url);
        const asked = await mine.submit('/login', '/login/citizen', {});
        const sent = await mine.get(asked.headers.location);
        const victim = new Client(server.url);
        await victim.submit('/login', '/login/citizen', {});
        const answer = await victim.get(sent.headers.location);
        assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
        assert.equal(await inside(victim), false);
    });

    test('an answer meant for the other provider is refused', async () => {
        const browser = new Client(server.url);
        const asked = await browser.submit('/login', '/login/citizen', {});
        const sent = await browser.get(asked.headers.location);
        const answer = await browser.get(sent.headers.location.replace('/login/citizen/return', '/login/staff/return'));
        assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
        assert.equal(await inside(browser), false);
    });

    test('a provider that is gone is told of in plain words', async () => {
        await provider.close();
        await server.restart();
        const { answer } = await attempt().catch(() => ({ answer: { status: 0 } }));
        assert.ok(answer.status === 403 || answer.status === 0 || answer.status === 303, String(answer.status));
        assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    });
});
