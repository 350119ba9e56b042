// SPDX-License-Identifier: MPL-2.0
// The server keeps what it has opened for a moment. Nobody may notice: what is changed, written or withdrawn shows at once, whoever has just read.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attr } from '../support/html.mjs';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { Town, accept, circle, exclude, invite, read, startDialogue, write } from '../support/town.mjs';

let town, dialogue, anne, emil, mette, karim;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, emil, mette, karim } = await circle(town));
    for (let n = 1; n <= 60; n++) await write(n % 2 ? mette : anne, dialogue, `Besked nummer ${n}`);
});
after(() => town?.close());

/** Everybody reads the newest and the oldest, often enough that each of the server's threads has opened them. */
async function everybodyReads() {
    for (let round = 0; round < 4; round++) {
        await Promise.all([anne, emil, mette, karim].flatMap((reader) => [read(reader, dialogue),
            reader.get(`/dialogue/${dialogue}/posts?after=0`, { json: true })]));
    }
}

/** What the server's threads show of a message, without repetition: one text, or they differ. */
async function texts(reader, number) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => read(reader, dialogue)));
    return [...new Set(answers.map((posts) => posts.find((post) => Number(post.number) === number)?.text))];
}

describe('what was just read by everybody', () => {
    test('shows a change at once, and only the new text', async () => {
        const number = await write(mette, dialogue, 'Vi ses torsdag');
        await everybodyReads();
        assert.deepEqual(await texts(karim, number), ['Vi ses torsdag']);
        const answer = await mette.submit(`/dialogue/${dialogue}/post/${number}/edit`, `/dialogue/${dialogue}/post/${number}/edit`, { text: 'Vi ses fredag' });
        assert.equal(answer.status, 303);
        for (const reader of [anne, emil, mette, karim]) {
            assert.deepEqual(await texts(reader, number), ['Vi ses fredag']);
            const { page } = await reader.get(`/dialogue/${dialogue}`);
            assert.match(page.text(page.id(`post-${number}`)), /Vi ses fredag.*Rettet/);
        }
    });

    test('shows a new message at once', async () => {
        await everybodyReads();
        const number = await write(emil, dialogue, 'Jeg kommer i morgen');
        for (const reader of [anne, emil, mette, karim]) assert.deepEqual(await texts(reader, number), ['Jeg kommer i morgen']);
    });

    test('is each reader’s own page: whose message it is, and in which language', async () => {
        const number = (await read(mette, dialogue)).at(-1).number;
        const own = (await emil.get(`/dialogue/${dialogue}`)).page, others = (await anne.get(`/dialogue/${dialogue}`)).page;
        assert.match(attr(own.id(`post-${number}`), 'class'), /post--own/);
        assert.match(attr(others.id(`post-${number}`), 'class'), /post--other/);
        const page = (await karim.get(`/dialogue/${dialogue}`, { headers: { 'accept-language': 'en' } })).page;
        assert.ok(page.id(`post-${number}`));
    });

    test('a change that is refused changes nothing', async () => {
        const number = await write(mette, dialogue, 'Mine ord');
        await everybodyReads();
        const form = (await mette.open(`/dialogue/${dialogue}/post/${number}/edit`)).page.form(`/dialogue/${dialogue}/post/${number}/edit`);
        const { csrf } = (await karim.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values;
        assert.equal((await karim.post(form.action, { csrf, text: 'Andres ord' })).status, 403);
        assert.equal((await mette.post(form.action, { ...form.values, text: '' })).status, 422);
        for (const reader of [anne, karim]) assert.deepEqual(await texts(reader, number), ['Mine ord']);
    });

    test('is gone at once when a coordinator hides it, and there again at once', async () => {
        const number = await write(mette, dialogue, 'Navnet på en anden elev');
        await everybodyReads();
        const page = `/dialogue/${dialogue}/post/${number}`;
        assert.equal((await anne.submit(`${page}/hide`, `${page}/hide`, { reason: 'En andens navn' })).status, 303);
        for (const reader of [anne, emil, mette, karim]) assert.deepEqual(await texts(reader, number), ['']);
        assert.equal((await anne.submit(`${page}/hidden`, /\/unhide$/, {})).status, 303);
        for (const reader of [emil, karim]) assert.deepEqual(await texts(reader, number), ['Navnet på en anden elev']);
    });

    test('is not for who may see only what is written from today, though others have just read it', async () => {
        const jonas = await town.as('jonas');
        const other = await startDialogue(anne, town.person('emil'), 'Fra i dag');
        await accept(mette, await invite(anne, other, { name: 'Mette Østergaard', relation: 'mor' }));
        await mustAgree(anne, other, emil.name);
        await write(mette, other, 'Kanariefugl i fortiden');
        await answer(emil, await propose(anne, other, jonas.name), 'today');
        const number = await write(mette, other, 'Fra nu af');
        const seen = async (reader) => (await Promise.all(Array.from({ length: 8 }, () => reader.get(`/dialogue/${other}/posts?after=0`, { json: true }))))
            .map((one) => one.json.posts.map((post) => post.text).join());
        for (let round = 0; round < 2; round++) {
            assert.deepEqual([...new Set(await seen(mette))], ['Kanariefugl i fortiden,Fra nu af']);
            assert.deepEqual([...new Set(await seen(jonas))], ['Fra nu af']);
            assert.deepEqual((await read(jonas, other)).map((post) => Number(post.number)), [number]);
        }
    });

    test('opens for nobody who was excluded, on no thread', async () => {
        await everybodyReads();
        await exclude(anne, dialogue, karim.name);
        const answers = await Promise.all(Array.from({ length: 12 }, (unused, index) => karim.get(`/dialogue/${dialogue}${index % 2 ? '/posts?after=0' : ''}`)));
        assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [404]);
        for (const answer of answers) assert.doesNotMatch(answer.text, /Besked nummer|torsdag|fredag/);
        const number = await write(anne, dialogue, 'Nu er vi tre');
        for (const reader of [anne, emil, mette]) {
            assert.deepEqual(await texts(reader, number), ['Nu er vi tre']);
            assert.equal((await read(reader, dialogue)).length, 50);
        }
    });
});
