// SPDX-License-Identifier: MPL-2.0
// Searching in one's own dialogues.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Town, circle, exclude, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas, dialogue;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, emil, mette, karim, jonas } = await circle(town));
});
after(() => town?.close());

const search = async (person, q, where = '/search') => (await person.get(`${where}?q=${encodeURIComponent(q)}`, { json: true })).json;
const texts = ({ hits }) => hits.map((hit) => hit.pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join(''));

describe('searching', () => {
    test('one finds what was written, the newest first, with what was found marked', async () => {
        await write(anne, dialogue, 'Mødet om støtte er på mandag.');
        await write(mette, dialogue, 'Tak. Kan STØTTEN begynde før sommeren?');
        const found = await search(mette, 'støtte');
        assert.deepEqual(texts(found), ['Tak. Kan [STØTTE]N begynde før sommeren?', 'Mødet om [støtte] er på mandag.']);
        assert.equal(found.hits[0].author, 'Mette Østergaard');
        assert.equal(found.hits[0].topic, 'Emil og skolen');
        const { page } = await mette.get('/search?q=st%C3%B8tte');
        assert.equal(page.all('mark').length, 2);
        assert.match(page.text(), /Emil og skolen/);
    });

    test('å and aa are the same letter, capitals and small letters too', async () => {
        await write(anne, dialogue, 'Vi ses på Aalborg Skole.');
        assert.deepEqual(texts(await search(karim, 'ålborg')), ['Vi ses på [Aalborg] Skole.']);
    });

    test('all the words must be there; a phrase in quotation marks as it stands', async () => {
        await write(karim, dialogue, 'Vi øver læsning hver fredag.');
        assert.equal((await search(anne, 'fredag læs')).hits.length, 1);
        assert.equal((await search(anne, 'fredag cykel')).hits.length, 0);
        assert.equal((await search(anne, '"øver læsning"')).hits.length, 1);
        assert.equal((await search(anne, '"læsning øver"')).hits.length, 0);
    });

    test('a long message shows what stands around the place', async () => {
        await write(anne, dialogue, `${'Der er meget at fortælle om den tur. '.repeat(20)}Nålen i høstakken lå her. ${'Og så gik vi hjem igen. '.repeat(20)}`);
        const [text] = texts(await search(emil, 'høstak'));
        assert.match(text, /^… .*Nålen i \[høstak\]ken lå her\..* …$/);
        assert.ok(text.length < 320, `${text.length}`);
    });

    test('markup in a message is text among the results', async () => {
        await write(anne, dialogue, 'Se <b>kantstenen</b> & **bordet**');
        const { text } = await anne.get('/search?q=kantsten');
        assert.ok(text.includes('&lt;b&gt;<mark>kantsten</mark>en&lt;/b&gt; &amp;'), text);
    });

    test('nothing found, and nothing to look for, in words that help', async () => {
        const nothing = await anne.get('/search?q=giraf');
        assert.equal(nothing.status, 200);
        assert.match(nothing.page.text(), /Vi fandt ingen besked/);
        for (const q of ['a', '"', '– ?', 'a b']) {
            const answer = await anne.get(`/search?q=${encodeURIComponent(q)}`);
            assert.equal(answer.status, 422, q);
            assert.match(answer.page.text(), /mindst to bogstaver/);
        }
        assert.equal((await anne.get('/search?q=ab+cd+ef+gh+ij+kl+mn+op+qr')).status, 422);
        for (const wrong of ['q=' + 'a'.repeat(101), 'q=aa%00', 'q=ab&before=-1', 'q=ab&before=5&in=x', 'p=ab']) assert.ok([400, 422].includes((await anne.get(`/search?${wrong}`)).status), wrong);
        assert.equal((await anne.get('/search?q=ab&before=5&in=1&at=1', { json: true })).json.hits.length, 0, 'a place where nothing is');
        assert.equal((await anne.get('/search')).status, 200);
    });

    test('with many hits one goes on further back, and every message comes once', async () => {
        const topic = await startDialogue(anne, town.person('emil'), 'Bogklub');
        for (let i = 1; i <= 45; i++) await write(anne, topic, `pindsvin nummer ${i}`);
        const seen = [];
        let next = '/search?q=pindsvin';
        for (let pages = 0; next && pages < 9; pages++) {
            const { hits, more, next_before: before, next_in: within, next_at: at } = (await emil.get(next, { json: true })).json;
            seen.push(...hits.map((hit) => hit.number));
            next = more && `/search?q=pindsvin&before=${before}&in=${within}&at=${at}`;
        }
        assert.deepEqual(seen, Array.from({ length: 45 }, (_, i) => 45 - i));
        const first = await emil.get('/search?q=pindsvin');
        const link = first.page.all('a').map((one) => one.attrs?.find(({ name }) => name === 'href')?.value).find((href) => href?.includes('before='));
        assert.equal((await emil.get(link)).page.all('mark').length, 20);
    });

    test('in one dialogue only what stands there is found', async () => {
        const other = await startDialogue(anne, town.person('emil'), 'Fritid');
        await write(anne, other, 'Svømning hver onsdag');
        await write(anne, dialogue, 'Svømning i skolen');
        assert.deepEqual(texts(await search(anne, 'svøm', `/dialogue/${other}/search`)), ['[Svøm]ning hver onsdag']);
        assert.equal((await search(anne, 'svøm')).hits.length, 2);
        assert.equal((await search(mette, 'svøm')).hits.length, 1, 'Mette is in one of them');
    });
});

describe('who may find what', () => {
    test('an outsider finds nothing, and can not ask within the dialogue', async () => {
        const secret = await startDialogue(anne, town.person('emil'), 'Hemmelig');
        await write(anne, secret, 'Kanariefugl i bur');
        assert.equal((await search(jonas, 'kanariefugl')).hits.length, 0);
        assert.equal((await jonas.get(`/dialogue/${secret}/search?q=kanariefugl`)).status, 404);
        assert.equal((await search(emil, 'kanariefugl')).hits.length, 1);
    });

    test('who was excluded finds nothing there from then on', async () => {
        const place = await circle(town, 'Skiftende');
        await write(anne, place.dialogue, 'Rabarbergrød til alle');
        assert.equal((await search(karim, 'rabarber')).hits.length, 1);
        await exclude(anne, place.dialogue, 'Karim Haddad');
        assert.equal((await search(karim, 'rabarber')).hits.length, 0);
        assert.equal((await karim.get(`/dialogue/${place.dialogue}/search?q=rabarber`)).status, 404);
    });

    test('who is not signed in is asked to sign in', async () => {
        const answer = await new Client(town.url).get('/search?q=noget');
        assert.equal(answer.status, 303);
        assert.match(answer.headers.location, /^\/login/);
    });

    test('a text that was changed is found as it reads now', async () => {
        const place = await startDialogue(anne, town.person('emil'), 'Rettelser');
        const number = await write(anne, place, 'Flodhest klokken ti');
        const changed = await anne.submit(`/dialogue/${place}/post/${number}/edit`, `/dialogue/${place}/post/${number}/edit`, { text: 'Næsehorn klokken ti' });
        assert.equal(changed.status, 303);
        assert.equal((await search(anne, 'flodhest')).hits.length, 0);
        assert.equal((await search(anne, 'næsehorn')).hits.length, 1);
    });

    test('the log says that it was searched, and where; never for what', async () => {
        const place = await startDialogue(anne, town.person('emil'), 'Loggen');
        for (const text of ['Et', 'Kanelsnegl', 'Tre']) await write(anne, place, text);
        const log = async () => (await town.server.sql(`SELECT first_post || '-' || last_post FROM audit WHERE dialogue = ${place} ORDER BY seq`)).split('\n');
        const before = (await log()).length;
        await search(emil, 'kanelsne');
        assert.deepEqual((await log()).slice(before), ['1-3', '2-2'], 'what was looked through, and what was shown');
        await search(emil, 'giraf');
        assert.deepEqual((await log()).slice(before + 2), ['1-3']);
        const found = execFileSync('bash', ['-c', `grep -rlaiE 'kanelsne' ${town.server.folder} || true`]).toString();
        assert.equal(found, '', 'the words stand nowhere in the installation');
    });
});
