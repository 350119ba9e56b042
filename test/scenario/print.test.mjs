// SPDX-License-Identifier: MPL-2.0
// A dialogue on paper.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, circle, exclude, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas, dialogue;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, emil, mette, karim, jonas } = await circle(town));
});
after(() => town?.close());

const copenhagen = (days = 0) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + days * 86400000);

describe('printing', () => {
    test('all messages, who takes part, and at the foot who printed it and when', async () => {
        await write(anne, dialogue, 'Velkommen til **alle**');
        await write(mette, dialogue, 'Tak. Det er godt <at> være med');
        const { page, text, status } = await karim.get(`/dialogue/${dialogue}/print`);
        assert.equal(status, 200);
        const words = page.text();
        for (const one of ['Emil og skolen', 'Anne Kjær Holm (sagsbehandler)', 'Mette Østergaard (mor) ·', 'besked 1', 'besked 2', 'Det er godt <at> være med']) assert.ok(words.includes(one), `${one}: ${words}`);
        assert.match(text, /Velkommen til <strong>alle<\/strong>/);
        assert.match(words, /Besked 1 til 2\. Udskrevet af Karim Haddad den \d+\. \w+ 20\d\d kl\. \d\d\.\d\d\. Udskriften står i loggen\./);
    });

    test('only some messages or some days', async () => {
        await write(anne, dialogue, 'Den tredje');
        const numbers = async (query) => (await emil.get(`/dialogue/${dialogue}/print?${query}`, { json: true })).json.posts.map((post) => post.number);
        assert.deepEqual(await numbers('first=2&last=2'), [2]);
        assert.deepEqual(await numbers('first=2'), [2, 3]);
        assert.deepEqual(await numbers('last=1'), [1]);
        assert.deepEqual(await numbers('first=9'), []);
        assert.deepEqual(await numbers(`from=${copenhagen()}&to=${copenhagen()}`), [1, 2, 3]);
        assert.deepEqual(await numbers(`to=${copenhagen(-1)}`), []);
        assert.deepEqual(await numbers(`from=${copenhagen(1)}`), []);
        assert.deepEqual(await numbers('from=&to='), [1, 2, 3]);
    });

    test('days in the wrong order are told of', async () => {
        const answer = await emil.get(`/dialogue/${dialogue}/print?from=2026-02-02&to=2026-02-01`);
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Den sidste dag ligger før den første/);
        assert.equal(answer.page.all('article').length, 0);
    });

    test('a long dialogue comes in parts that follow each other', async () => {
        const long = await startDialogue(anne, town.person('emil'), 'Lang');
        for (let i = 0; i < 10; i++) await write(anne, long, `${'Lange beskeder fylder. '.repeat(850)}${i}`);
        const seen = [];
        for (let first = 1; first;) {
            const { posts, next } = (await emil.get(`/dialogue/${long}/print?first=${first}`, { json: true })).json;
            seen.push(...posts.map((post) => post.number));
            first = next;
        }
        assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test('who does not take part, or not any more, prints nothing', async () => {
        const other = await startDialogue(anne, town.person('emil'), 'Anden');
        assert.equal((await jonas.get(`/dialogue/${other}/print`)).status, 404);
        const place = await circle(town, 'Skiftende');
        await exclude(anne, place.dialogue, 'Jonas Dam');
        assert.equal((await jonas.get(`/dialogue/${place.dialogue}/print`)).status, 404);
    });

    test('what was printed counts as read, and stands in the log as printed', async () => {
        const place = await startDialogue(anne, town.person('emil'), 'Loggen');
        for (const text of ['Et', 'To', 'Tre']) await write(anne, place, text);
        const log = async () => (await town.server.sql(`SELECT first_post || '-' || last_post FROM audit WHERE dialogue = ${place} ORDER BY seq`)).split('\n');
        const before = (await log()).length;
        await emil.get(`/dialogue/${place}/print?first=2`);
        assert.deepEqual((await log()).slice(before), ['2-3', '2-3']);
    });
});
