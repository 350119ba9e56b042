// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, contractOf } from '../support/client.mjs';
import { Town, circle, participants, write } from '../support/town.mjs';

let town, dialogue, anne, people;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne } = await circle(town, 'Kun for kredsen'));
    await write(anne, dialogue, 'Fortrolig besked til kredsen');
    people = (await participants(anne, dialogue)).people;
});
after(() => town?.close());

/** Every route of the document that names a dialogue, filled in with this one. */
async function routes() {
    const { document } = await contractOf(town.url);
    return Object.entries(document.paths).filter(([path]) => path.includes('{dialogue')).flatMap(([path, methods]) => Object.keys(methods)
        .map((method) => ({
            method: method.toUpperCase(),
            target: path.replace(/\{dialogue[^}]*\}/, dialogue).replace(/\{person[^}]*\}/, people[1].person).replace(/\{[^}]+\}/g, '1'),
        })));
}

/**
 * What the routes may answer: that there is no such thing. A unit's inbox and the pages of administration tell everybody else, whatever the
 * number, that they are not for them; to an administrator they say nothing of a dialogue that is not due.
 */
function allowedTo(id, target) {
    if (!id) return [303, 401];
    if (target.startsWith('/inbox/')) return [403];
    if (target.startsWith('/admin/')) return id === 'birgit' ? [404, 422] : [403];
    return [404];
}

describe('someone who does not take part', () => {
    for (const [id, who] of [['stranger', 'a citizen'], ['birgit', 'the administrator'], [null, 'somebody who is not signed in']]) {
        test(`${who} gets no word of the dialogue from any route, in HTML or JSON`, async () => {
            const visitor = id ? await town.as(id) : new Client(town.url);
            const all = await routes();
            assert.ok(all.length >= 10, 'the document lists the routes of a dialogue');
            const csrf = await visitor.csrf();
            for (const { method, target } of all) {
                for (const json of [false, true]) {
                    const answer = method === 'GET' ? await visitor.get(target, { json })
                        : await visitor.post(target, { csrf, text: 'Hej', reason: 'x', value: '1', relation: 'x', name: 'x', email: 'a@b.dk', kind: 'relative', person: '1' }, { json });
                    assert.ok(allowedTo(id, target).includes(answer.status), `${method} ${target}${json ? ' as JSON' : ''}: ${answer.status}`);
                    for (const word of ['Fortrolig', 'Kun for kredsen', 'Emil', 'Mette']) assert.ok(!answer.text.includes(word), `${target} says ${word}`);
                }
            }
        });
    }

    test('a dialogue that does not exist looks the same as one that one may not see', async () => {
        const stranger = await town.as('stranger');
        const strip = (answer) => answer.text.replace(/name="csrf" value="[^"]*"|\d{10,}|nonce-[^']*/g, '');
        const [real, none] = [await stranger.get(`/dialogue/${dialogue}`), await stranger.get(`/dialogue/${BigInt(dialogue) + 1n}`)];
        assert.deepEqual([real.status, none.status], [404, 404]);
        assert.equal(strip(real), strip(none));
    });

    test('a number of somebody else’s dialogue in one’s own address opens nothing', async () => {
        const stranger = await town.as('stranger');
        const own = await town.as('mette');
        assert.equal((await own.get(`/dialogue/${dialogue}`)).status, 200);
        for (const wrong of [`/dialogue/0${dialogue}`, `/dialogue/%2b${dialogue}`, `/dialogue/${dialogue}%20`, `/dialogue//${dialogue}`, `/dialogue/-${dialogue}`]) {
            assert.equal((await own.get(wrong)).status, 404, wrong);
            assert.equal((await stranger.get(wrong)).status, 404, wrong);
        }
    });

    test('portraits are for those who are signed in', async () => {
        const answer = await new Client(town.url).get(`/portrait/${people[0].person}`);
        assert.ok([303, 401, 403, 404].includes(answer.status), String(answer.status));
    });

    test('an administrator does not see the dialogue on the start page', async () => {
        const { text } = await (await town.as('birgit')).get('/');
        assert.ok(!text.includes('Fortrolig'));
    });
});

describe('pages with content', () => {
    test('are stored nowhere and framed by nobody', async () => {
        for (const target of ['/', `/dialogue/${dialogue}`, `/dialogue/${dialogue}/participants`, '/profile', '/login']) {
            for (const json of [false, true]) {
                const { headers, status } = await anne.get(target, { json });
                if (status === 406) continue;
                assert.match(headers['cache-control'] ?? '', /no-store/, target);
                assert.equal(headers['x-content-type-options'], 'nosniff', target);
            }
            const { headers } = await anne.get(target);
            const policy = headers['content-security-policy'] ?? '';
            assert.match(policy, /default-src 'none'|default-src 'self'/, target);
            assert.match(policy, /frame-ancestors 'none'/, target);
            assert.match(policy, /form-action/, target);
            assert.match(policy, /base-uri 'none'/, target);
            assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/, target);
            assert.match(headers['referrer-policy'] ?? '', /no-referrer|same-origin/, target);
        }
    });

    test('hold no inline script or style', async () => {
        for (const target of ['/', `/dialogue/${dialogue}`, `/dialogue/${dialogue}/participants`, '/profile', '/dialogue/new']) {
            const { page } = await anne.get(target);
            assert.deepEqual(page.all((node) => node.tagName === 'style' || (node.tagName === 'script' && node.childNodes.length > 0)
                || node.attrs.some((one) => one.name.startsWith('on') || one.name === 'style')).map((node) => node.tagName), [], target);
        }
    });
});
