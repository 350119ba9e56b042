// SPDX-License-Identifier: MPL-2.0
// Writers at work, kill -9 at random moments, start again: every acknowledged message is there once, no other appears changed or in
// half, and the log holds. CRASHES sets how often (200).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep } from '../support/server.mjs';
import { Town, circle } from '../support/town.mjs';

const rounds = Number(process.env.CRASHES ?? 200);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
let state = seed;
const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };

let town, dialogue, writers;
before(async () => {
    town = await Town.start({ plain: true });
    const people = await circle(town, 'Nedbrud');
    dialogue = people.dialogue;
    writers = [people.anne, people.emil, people.mette, people.karim];
});
after(() => town?.close());

/** Writes one message after the other until the server is gone. Notes what was sent and what was acknowledged. */
async function work(writer, index, sent, acknowledged, over) {
    let page = (await writer.get(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`);
    const csrf = page?.values.csrf;
    for (let n = 0; !over.now; n++) {
        const text = `skriver ${index} besked ${over.round}.${n} ${'ø'.repeat(Math.floor(random() * 200))}.`;
        sent.add(text);
        const answer = await writer.post(`/dialogue/${dialogue}/post`, { csrf, text }).catch(() => null);
        if (!answer) return;
        assert.equal(answer.status, 303, `${answer.status} ${answer.text.slice(0, 200)}`);
        acknowledged.add(text);
        over.begun();
    }
}

/** All messages, from the newest back: the dialogue's own page would open at the reader's oldest unread one. */
async function everything(reader) {
    const texts = [];
    let before = `?before=${Number.MAX_SAFE_INTEGER}`;
    for (;;) {
        const { json } = await reader.get(`/dialogue/${dialogue}${before}`, { json: true });
        texts.unshift(...json.page.posts.map((post) => post.text));
        if (!json.page.older_before || json.page.older_before === '0') return texts;
        before = `?before=${json.page.older_before}`;
    }
}

test(`${rounds} times kill -9 (SEED=${seed})`, { timeout: 900000 }, async (context) => {
    const sent = new Set(), acknowledged = new Set();
    for (let round = 1; round <= rounds; round++) {
        const over = { now: false, round };
        const begun = new Promise((resolve) => { over.begun = resolve; });
        const workers = writers.map((writer, index) => work(writer, index, sent, acknowledged, over).catch((error) => { if (!over.now) throw error; }));
        // Two times of three in the middle of the work, however slow the machine is; one time of three whenever it may be.
        if (round % 3) await Promise.race([begun, sleep(30000)]);
        await sleep(random() * 60);
        over.now = true;
        await town.server.kill();
        await Promise.all(workers);
        const found = await town.server.verify();
        assert.equal(found.code, 0, `after kill ${round}: ${found.stdout}${found.stderr}`);
        await town.server.start();
    }
    const found = await everything(writers[0]);
    const counted = new Map();
    for (const text of found) counted.set(text, (counted.get(text) ?? 0) + 1);
    const lost = [...acknowledged].filter((text) => !counted.has(text));
    const doubled = [...counted].filter(([, count]) => count > 1).map(([text]) => text);
    const changed = found.filter((text) => !sent.has(text));
    context.diagnostic(`${acknowledged.size} acknowledged, ${found.length} found, ${sent.size} sent`);
    assert.ok(acknowledged.size > rounds / 2, 'the writers got work done');
    assert.deepEqual({ lost: lost.slice(0, 3), doubled: doubled.slice(0, 3), changed: changed.slice(0, 3) }, { lost: [], doubled: [], changed: [] });
    await town.server.stop();
    const verified = await town.server.verify();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});
