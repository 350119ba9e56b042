// SPDX-License-Identifier: MPL-2.0
// How often somebody may ask: a visitor's address, and a person once signed in. Who is too fast is told when to come again, and nobody else
// notices. Each limit alone, so small that a handful of requests reaches it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { sleep } from '../support/server.mjs';
import { Town, circle } from '../support/town.mjs';

const few = 12;   // more than a sign-in takes
const none = { person: 0, person_writes: 0, person_look_ups: 0, address: 0, address_writes: 0 };
const settings = (limits) => `behind_proxy = 1\n[limit]\n${Object.entries({ ...none, ...limits }).map(([name, value]) => `${name} = ${value}`).join('\n')}\n`;
const from = (address) => ({ headers: { 'x-forwarded-for': address, 'x-forwarded-proto': 'http' } });

/** Asks until it is refused; gives the refusal and how often it was answered before. */
async function untilRefused(ask) {
    for (let answered = 0; answered < 5 * few; answered++) {
        const answer = await ask(answered);
        if (answer.status === 429) return { answer, answered };
        assert.ok(answer.status < 400, `${answer.status}: ${answer.text.slice(0, 300)}`);
    }
    throw new Error(`never refused in ${5 * few} requests`);
}

/** Refused kindly: when to come again, in words and in a header. */
function assertTold({ answer, answered }, atLeast) {
    assert.ok(answered >= atLeast && answered <= few + 2, `${answered} were answered`);
    const seconds = Number(answer.headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 60, String(answer.headers['retry-after']));
    assert.match(answer.page.text(), /Intet er ændret/);
    return seconds;
}

/** A town with one limit, and people who were signed in before anything was counted. */
function limited(limits, more) {
    const place = {};
    before(async () => {
        place.town = await Town.start();
        Object.assign(place, await circle(place.town));
        await place.town.server.stop();
        await place.town.server.configure(settings(limits));
        await place.town.server.start();
    });
    after(() => place.town?.close());
    more(place);
}

describe('a visitor', () => limited({ address: few }, (place) => {
    test('who asks too often from one address is told to wait; another address, and who is signed in, go on', async () => {
        const visitor = new Client(place.town.url), neighbour = new Client(place.town.url);
        assertTold(await untilRefused(() => visitor.get('/login', from('198.51.100.7'))), few);
        assert.equal((await neighbour.get('/login', from('198.51.100.8'))).status, 200);
        for (let n = 0; n < 2 * few; n++) assert.equal((await place.anne.get('/', from('198.51.100.7'))).status, 200);
    });
    test('of one IPv6 network is one visitor', async () => {
        const visitor = new Client(place.town.url);
        assertTold(await untilRefused((n) => visitor.get('/login', from(`2001:db8:0:7::${n + 1}`))), few);
        assert.equal((await visitor.get('/login', from('2001:db8:0:8::1'))).status, 200);
    });
    test('may ask again after the time that was told', async () => {
        const visitor = new Client(place.town.url);
        const seconds = assertTold(await untilRefused(() => visitor.get('/login', from('198.51.100.9'))), few);
        await sleep(seconds * 1000 + 200);
        assert.equal((await visitor.get('/login', from('198.51.100.9'))).status, 200);
    });
}));

describe('a flood of sign-ins', () => limited({ address_writes: few }, (place) => {
    test('from one address is stopped; pages are shown there, and others sign in', async () => {
        const visitor = new Client(place.town.url);
        const { page } = await visitor.open('/login');
        const form = page.form('/login/demo').values;
        const attempt = (address) => {
            const browser = new Client(place.town.url);
            browser.cookies = structuredClone(visitor.cookies);
            return browser.request('POST', '/login/demo', { body: new URLSearchParams(form).toString(),
                headers: { ...from(address).headers, 'content-type': 'application/x-www-form-urlencoded', origin: place.town.url } });
        };
        assertTold(await untilRefused(() => attempt('198.51.100.7')), few / 2 - 1);   // each counts twice
        assert.equal((await visitor.get('/login', from('198.51.100.7'))).status, 200);
        assert.equal((await attempt('198.51.100.8')).status, 303);
    });
}));

describe('somebody signed in', () => limited({ person: few }, (place) => {
    test('who asks too often is told to wait, from wherever they ask; others go on', async () => {
        assertTold(await untilRefused((n) => place.mette.get('/', from(`198.51.100.${n + 1}`))), few);
        assert.equal((await place.anne.get('/')).status, 200);
    });
}));

describe('somebody who writes', () => limited({ person_writes: few }, (place) => {
    test('too often is told to wait, reads on, and nothing of what was refused is there; others write', async () => {
        const { anne, mette, dialogue } = place;
        const csrf = await mette.csrf();
        const refusal = await untilRefused((n) => mette.post(`/dialogue/${dialogue}/post`, { csrf, text: `Hurtig ${n}.` }));
        assertTold(refusal, few);
        const read = await mette.get(`/dialogue/${dialogue}`);
        assert.equal(read.status, 200);
        assert.ok(read.text.includes(`Hurtig ${refusal.answered - 1}.`) && !read.text.includes(`Hurtig ${refusal.answered}.`));
        assert.equal((await anne.post(`/dialogue/${dialogue}/post`, { csrf: await anne.csrf(), text: 'Roligt.' })).status, 303);
    });
}));
