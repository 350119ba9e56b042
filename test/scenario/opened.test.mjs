// SPDX-License-Identifier: MPL-2.0
// The server keeps what it has opened for a moment. Nobody may notice: what is changed, written or withdrawn shows at once, whoever has just read.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';
import { Server } from '../support/server.mjs';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { multipart, photo } from '../support/pictures.mjs';
import { Town, accept, addEmployee, circle, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';

let town, dialogue, anne, emil, mette, karim;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, emil, mette, karim } = await circle(town));
    for (let n = 1; n <= 60; n++) await write(n % 2 ? mette : anne, dialogue, `Besked nummer ${n}`);
});
after(() => town?.close());

/** Everybody reads the newest and the oldest, as a page and as JSON, often enough that each of the server's threads has opened them. */
async function everybodyReads() {
    for (let round = 0; round < 4; round++) {
        await Promise.all([anne, emil, mette, karim].flatMap((reader) => [read(reader, dialogue), reader.get(`/dialogue/${dialogue}`),
            reader.get(`/dialogue/${dialogue}/posts?after=0`, { json: true })]));
    }
}

/** A reader's page from whichever thread, some as gzip and some as it is. */
function pages(reader) {
    return Promise.all(Array.from({ length: 8 }, (_, n) => reader.get(`/dialogue/${dialogue}`, n % 2 ? {} : { headers: { 'accept-encoding': 'identity' } })));
}

/** What a reader's page says of a message: one text, or they differ. */
async function shown(reader, number) {
    return [...new Set((await pages(reader)).map(({ page }) => page.text(page.id(`post-${number}`))))];
}

/** Who takes part, as a reader's page says, without repetition. */
async function strip(reader) {
    return [...new Set((await pages(reader)).map(({ page }) => page.text(page.id('people'))))];
}

/** What the server's threads show of a message, without repetition: one text, or they differ. */
async function texts(reader, number) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => read(reader, dialogue)));
    return [...new Set(answers.map((posts) => posts.find((post) => Number(post.number) === number)?.text))];
}

describe('a page', () => {
    /** Without what differs from one page to the next: its forms' token and key, and how long the session lasts. */
    const steady = (answer) => answer.text.replace(/(name="(?:csrf|key)" value|data-seconds)="[^"]*"/g, '$1');

    test('is the same as gzip and as it is, new and kept, for each reader', async () => {
        for (const reader of [anne, emil, mette, karim]) {
            for (const path of [`/dialogue/${dialogue}`, `/dialogue/${dialogue}?before=30`, `/dialogue/${dialogue}/posts?after=5`]) {
                for (let n = 0; n < 3; n++) await reader.get(path);   // until nothing is new
                const answers = [];
                for (let n = 0; n < 12; n++) answers.push(await reader.get(path, { headers: { 'accept-encoding': n % 3 ? 'gzip, deflate, br' : 'deflate' } }));
                assert.deepEqual(new Set(answers.map((answer) => answer.headers['content-encoding'])), new Set([undefined, 'gzip']));
                assert.equal(new Set(answers.map(steady)).size, 1, path);
            }
        }
    });

    test('that is gzip has only the messages deflated, and no token of its forms', async () => {
        const { sent, text } = await mette.get(`/dialogue/${dialogue}`);
        const tokens = new Set(text.match(/(?<=name="csrf" value=")[^"]*/g));
        assert.equal(tokens.size, 1);
        assert.equal(sent.toString('latin1').split([...tokens][0]).length, text.split([...tokens][0]).length, 'each stands there as it is');
        assert.ok(!sent.includes('Besked nummer 59') && text.includes('Besked nummer 59'));
    });
});

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

    test('says at once who somebody is, when that is put in other words', async () => {
        const number = await write(mette, dialogue, 'Hilsen fra mig');
        await everybodyReads();
        const person = (await participants(anne, dialogue)).people.find((one) => one.name === mette.name).person;
        const page = `/dialogue/${dialogue}/participants/${person}/relation`;
        assert.equal((await anne.submit(page, page, { relation: 'plejemor' })).status, 303);
        for (const reader of [anne, emil, karim]) {
            const texts = await shown(reader, number);
            assert.equal(texts.length, 1);
            assert.match(texts[0], /plejemor/);
            assert.match((await strip(reader)).join('|'), /^[^|]*plejemor[^|]*$/);
        }
    });

    test('shows a new face at once', async () => {
        const number = await write(mette, dialogue, 'Nu med billede');
        await everybodyReads();
        const faces = async () => new Set((await Promise.all(Array.from({ length: 8 }, () => karim.get(`/dialogue/${dialogue}`))))
            .map(({ page }) => page.all('img', page.id(`post-${number}`)).length));
        assert.deepEqual([...await faces()], [0]);
        const { csrf } = (await mette.open('/profile/picture')).page.form('/profile/picture').values;
        const { body, type } = multipart([['csrf', csrf], ['picture', { name: 'mig.jpg', bytes: photo(200, 200) }]]);
        assert.equal((await mette.request('POST', '/profile/picture', { body, headers: { 'content-type': type } })).status, 303);
        assert.deepEqual([...await faces()], [1]);
        await everybodyReads();
        assert.equal((await mette.submit('/profile/picture', '/profile/picture/remove', {})).status, 303);
        assert.deepEqual([...await faces()], [0]);
    });

    test('shows who has come, and who has left, at once', async () => {
        await everybodyReads();
        await addEmployee(anne, dialogue, 'Rikke Vang', 'skolesocialrådgiver');
        for (const reader of [anne, emil, karim]) assert.match((await strip(reader)).join('|'), /^[^|]*skolesocialrådgiver[^|]*$/);
        await everybodyReads();
        await exclude(anne, dialogue, 'Rikke Vang');
        for (const reader of [anne, emil, karim]) for (const text of await strip(reader)) assert.doesNotMatch(text, /Rikke/);
    });

    test('does not go on quoting what was hidden', async () => {
        const quoted = await write(karim, dialogue, 'Det gælder Oliver fra klassen');
        const number = await write(emil, dialogue, 'Ja', { reply_to: String(quoted) });
        await everybodyReads();
        for (const text of await shown(mette, number)) assert.match(text, /Oliver/);
        const page = `/dialogue/${dialogue}/post/${quoted}`;
        assert.equal((await anne.submit(`${page}/hide`, `${page}/hide`, { reason: 'En andens navn' })).status, 303);
        for (const reader of [anne, emil, mette, karim]) for (const text of await shown(reader, number)) assert.doesNotMatch(text, /Oliver/);
    });

    test('is each reader’s own page: whose message it is, and in which language', async () => {
        const number = (await read(mette, dialogue)).at(-1).number;
        const own = (await emil.get(`/dialogue/${dialogue}`)).page, others = (await anne.get(`/dialogue/${dialogue}`)).page;
        assert.match(attr(own.id(`post-${number}`), 'class'), /post--own/);
        assert.match(attr(others.id(`post-${number}`), 'class'), /post--other/);
        const page = (await karim.get(`/dialogue/${dialogue}`, { headers: { 'accept-language': 'en' } })).page;
        assert.ok(page.id(`post-${number}`));
        assert.equal((await karim.submit('/profile', '/language', { language: 'en', next: '/profile' })).status, 303);
        for (const text of await shown(karim, number)) assert.match(text, /Reply to/);
        for (const text of await shown(mette, number)) assert.match(text, /Svar til/);
        for (const text of await shown(emil, number)) assert.match(text, /^Dig|^Du/);
        await karim.submit('/profile', '/language', { language: 'da', next: '/profile' });
        for (const text of await shown(karim, number)) assert.match(text, /Svar til/);
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
        await write(mette, other, 'Fra nu af');
        const seen = async (reader) => (await Promise.all(Array.from({ length: 8 }, () => reader.get(`/dialogue/${other}/posts?after=0`, { json: true }))))
            .map((one) => one.json.posts.map((post) => post.text).join());
        for (let round = 0; round < 2; round++) {
            assert.deepEqual([...new Set(await seen(mette))], ['Kanariefugl i fortiden,Fra nu af']);
            assert.deepEqual([...new Set(await seen(jonas))], ['Fra nu af']);
            assert.deepEqual((await read(jonas, other)).map((post) => Number(post.number)), [1]);
        }
    });

    test('is counted as each reader counts, though both are shown the same fifty messages', async () => {
        const jonas = await town.as('jonas'), other = await startDialogue(anne, town.person('emil'), 'Fra i dag, på ny');
        await mustAgree(anne, other, emil.name);
        await write(anne, other, 'Før i tiden');
        await answer(emil, await propose(anne, other, jonas.name), 'today');
        for (let n = 0; n < 50; n++) await write(anne, other, 'Siden da');
        const firsts = async (reader) => [...new Set((await Promise.all(Array.from({ length: 8 }, () => reader.get(`/dialogue/${other}`))))
            .map(({ text }) => /id="(post-\d+)"/.exec(text)[1]))];
        await Promise.all([read(jonas, other), read(emil, other)]);
        await Promise.all([jonas, emil].map((reader) => reader.get(`/dialogue/${other}`)));
        for (const [reader, first] of [[emil, 'post-2'], [jonas, 'post-1'], [emil, 'post-2']]) assert.deepEqual(await firsts(reader), [first], reader.name);
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

describe('somebody who has a new name', () => {
    test('is called so at once, by everybody who has just read the old one', async () => {
        const other = await Town.start({ providers: true });
        try {
            const people = await circle(other);
            await write(people.mette, people.dialogue, 'Hej');
            const pages = async () => Promise.all(Array.from({ length: 8 }, () => people.anne.get(`/dialogue/${people.dialogue}`)));
            for (const { text } of await pages()) assert.match(text, /Mette Østergaard/);
            other.person('mette').name = 'Mette Munk Sommer';
            await other.signIn('mette');
            for (const { text } of await pages()) {
                assert.match(text, /Mette Munk Sommer/);
                assert.doesNotMatch(text, /Mette Østergaard/);
            }
        } finally {
            await other.close();
        }
    });
});

test('what was written today was written yesterday from midnight on, for who has just read it too', async () => {
    const server = await Server.demonstrate({ clock: true });
    try {
        const [hours, minutes, seconds] = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', timeStyle: 'medium' }).format(new Date()).split(':').map(Number);
        const midnight = 86400 - hours * 3600 - minutes * 60 - seconds;
        await server.shiftClock(`+${midnight + 86400 - 60}s`);   // a minute before it, tomorrow
        const mette = new Client(server.url);
        await mette.choose('Mette Lindgaard');
        const path = (await mette.open('/')).page.links.map((link) => /^\/dialogue\/\d+/.exec(link.href)?.[0]).find(Boolean);
        assert.equal((await mette.submit(path, `${path}/post`, { text: 'Lige før midnat' })).status, 303);
        const days = async () => {
            const answers = await Promise.all(Array.from({ length: 8 }, () => mette.get(path)));
            return [...new Set(answers.map(({ page }) => page.classed('day').map((one) => page.text(one)).at(-1)))];
        };
        for (let n = 0; n < 3; n++) assert.deepEqual(await days(), ['I dag']);
        await server.shiftClock(`+${midnight + 86400 + 60}s`);
        assert.deepEqual(await days(), ['I går']);
    } finally {
        await server.remove();
    }
});
