// SPDX-License-Identifier: MPL-2.0
// "Min mappe" holds everything: pictures and files, what one has said yes and no to, what was filed with its receipts, who has read.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answer, mustAgree, propose, withdraw } from '../support/consent.mjs';
import { fetchFile, send, upload } from '../support/files.mjs';
import { dataOf, folderOf } from '../support/folder.mjs';
import { Page } from '../support/html.mjs';
import { file as fileMessages, note } from '../support/journal.mjs';
import { photo } from '../support/pictures.mjs';
import { Verifiers } from '../support/proof.mjs';
import { Town, circle, exclude, startDialogue, write } from '../support/town.mjs';

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const small = Buffer.from('Ugeplan: <b>mandag</b> svømning\n'), large = randomBytes(6 << 20);
const wholePart = 2;   // enum file_part
const numbers = (length) => Array.from({ length }, (_, index) => index);

/** What stands in the file as an address that holds its data: the bytes, by the id of their element. */
function held(file) {
    const found = new Map();
    for (const [, id, inner] of file.text.matchAll(/<figure class="file" id="f(\d+)">([^]*?)<\/figure>/g)) {
        const [, type, data] = /(?:src|href)="data:([a-z/-]+);base64,([A-Za-z0-9+/=]+)"/.exec(inner) ?? [];
        found.set(id, { type, bytes: data && Buffer.from(data, 'base64'), inner });
    }
    return found;
}

/** The words of the file, without the bytes that stand in it. */
const wordsOf = (file) => file.text.replace(/;base64,[A-Za-z0-9+/=]+/g, '');

let town, one, verifiers, seal, picture, plan, film;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Emil og svømningen');
    seal = await upload(one.mette, one.dialogue, 'saeler.jpg', photo(900, 1600));
    const described = await one.mette.submit(`/dialogue/${one.dialogue}/files`, `/dialogue/${one.dialogue}/file/${seal.id}/about`, { about: 'To sæler på en <sten>' });
    assert.equal(described.status, 303, described.text.slice(0, 300));
    plan = await upload(one.mette, one.dialogue, 'ugeplan "uge 3".txt', small);
    film = await upload(one.mette, one.dialogue, 'film.mp4', large);
    picture = await send(one.mette, one.dialogue, 'Se her', seal.id, plan.id, film.id);
    const other = await startDialogue(one.anne, town.person('stranger'), 'Noget andet');
    const secret = await upload(one.anne, other, 'hemmelig.txt', Buffer.from('ikke for Emil'));
    await send(one.anne, other, 'Fremmed', secret.id);
    verifiers = await Verifiers.of(town.server.folder, (await one.emil.get('/proof', { json: true })).json.key);
});
after(() => town?.close());

describe('pictures and files in my folder', () => {
    test('stand in it whole: the picture to look at, the file to keep, with the name and what the picture shows', async () => {
        const file = await folderOf(one.emil);
        const inside = held(file), data = dataOf(file);
        const seen = inside.get(seal.id), kept = inside.get(plan.id);
        assert.equal(seen.type, 'image/webp');
        assert.deepEqual(seen.bytes, (await fetchFile(one.emil, one.dialogue, picture.number, seal.id, 'large')).bytes, 'as large as Emil may see it');
        const page = new Page(file.text);
        assert.ok(page.all('img').some((img) => img.attrs.some(({ name, value }) => name === 'alt' && value === 'To sæler på en <sten>')), 'said to who can not see it');
        assert.equal(kept.type, 'application/octet-stream');
        assert.deepEqual(kept.bytes, small);
        assert.match(kept.inner, /download="ugeplan [^"]*uge 3[^"]*\.txt"/);
        const files = data.dialogues[0].posts.find((post) => post.number === picture.number).files;
        assert.deepEqual(files.map((each) => [each.id, each.kind, each.part, each.included]),
            [[seal.id, 'picture', 'large', true], [plan.id, 'file', 'whole', true], [film.id, 'file', 'whole', false]]);
        for (const each of files.slice(0, 2)) assert.equal(each.sha256, sha(inside.get(each.id).bytes), each.name);
        assert.ok(!/hemmelig\.txt/.test(wordsOf(file) + JSON.stringify(data)));
        assert.doesNotMatch(file.text, /<script|<link|https?:\/\/(?!localhost)/, 'opens without the internet, runs nothing');
        await verifiers.holds(file.bytes);
    });

    test('what is too large is named with its size and hash, and the page says so before', async () => {
        const file = await folderOf(one.emil);
        const { inner, bytes } = held(file).get(film.id);
        assert.equal(bytes, undefined);
        const words = new Page(`<p>${inner}</p>`).text();
        assert.match(words, /film\.mp4/);
        assert.match(words, /6 MB/);
        assert.ok(words.includes(sha(large)), words);
        assert.match(words, new RegExp(`besked nr\\. ${picture.number}`));
        assert.match((await one.emil.open('/folder')).page.text(), /Filer over 5 MB står der kun navnet på/);
    });

    test('a changed bit of a picture is found by both verifiers', async () => {
        const file = await folderOf(one.emil);
        const changed = Buffer.from(file.bytes);
        changed[file.bytes.indexOf('data:image/webp;base64,') + 5000] ^= 1;
        await verifiers.refuses(changed);
    });

    test('of a message that was hidden afterwards they are no longer in it', async () => {
        const place = await circle(town, 'Skjult');
        const made = await upload(place.karim, place.dialogue, 'fejl.txt', Buffer.from('skulle ikke have været sendt'));
        const post = await send(place.karim, place.dialogue, 'Ups', made.id);
        assert.ok(held(await folderOf(place.emil)).has(made.id));
        const hidden = await place.anne.submit(`/dialogue/${place.dialogue}/post/${post.number}/hide`, `/dialogue/${place.dialogue}/post/${post.number}/hide`, { reason: 'Sendt ved en fejl' });
        assert.equal(hidden.status, 303, hidden.page.text().slice(0, 300));
        const file = await folderOf(place.emil);
        assert.ok(!held(file).has(made.id) && !/fejl\.txt|Ups/.test(wordsOf(file)));
        assert.match(file.text, /skjult af tovholderen/);
        assert.equal(dataOf(file).dialogues.find((each) => each.id === place.dialogue).posts.at(-1).hidden, true);
    });

    test('a file that is damaged on the disk is told of, and the rest is there', async () => {
        const place = await circle(town, 'Ødelagt');
        const made = await upload(place.karim, place.dialogue, 'tabt.txt', Buffer.from('gik tabt'));
        await send(place.karim, place.dialogue, 'Se filen', made.id);
        await truncate(path.join(town.server.data, 'files', `${made.id}.${wholePart}`), 20);
        const file = await folderOf(place.emil);
        assert.match(held(file).get(made.id).inner, /gået i stykker/);
        const told = dataOf(file).dialogues.find((each) => each.id === place.dialogue).posts.at(-1).files[0];
        assert.deepEqual([told.included, told.sha256], [false, '']);
        await verifiers.holds(file.bytes);
    });
});

describe('consents in my folder', () => {
    test('every answer stands there: who, what, why, when and until; also who takes part by law', async () => {
        const place = await startDialogue(one.anne, town.person('emil'), 'Samtykke');
        await mustAgree(one.anne, place, one.emil.name);
        const yes = await propose(one.anne, place, one.jonas.name, { relation: 'kontaktperson', purpose: 'Hjælper med lektier' });
        await answer(one.emil, yes, 'today', 3);
        await withdraw(one.emil, yes);
        const byLaw = await propose(one.anne, place, 'Rikke Vang', { relation: 'skoleleder', statute: 'Serviceloven § 50', reason: 'Børnefaglig undersøgelse' });
        const file = await folderOf(one.emil);
        const { consents } = dataOf(file);
        const given = consents.find((each) => each.proposal === yes), law = consents.find((each) => each.proposal === byLaw);
        assert.deepEqual([given.name, given.relation, given.purpose, given.topic], [one.jonas.name, 'kontaktperson', 'Hjælper med lektier', 'Samtykke']);
        assert.deepEqual(given.records.map((each) => [each.event, each.from_today]), [['ask', false], ['grant', true], ['withdraw', false]]);
        assert.ok(given.records.every((each) => Date.parse(each.at) > Date.now() - 600000));
        const shown = (await one.emil.get(`/consents/${yes}`, { json: true })).json;
        assert.deepEqual(given.texts, [{ version: shown.text_version, words: shown.text }], 'the words that Emil had before him');
        assert.ok(given.texts[0].words.length > 100);
        assert.equal(law.texts.length, 1);
        const months = (Date.parse(given.records[1].until) - Date.now()) / 86400000;
        assert.ok(months > 85 && months < 95, given.records[1].until);
        assert.deepEqual([law.statute, law.reason, law.records], ['Serviceloven § 50', 'Børnefaglig undersøgelse', []]);
        const words = new Page(file.text).text();
        for (const part of ['Må Jonas', 'Hjælper med lektier', 'Serviceloven § 50', ': spurgt', ': ja, til det, der skrives fra da af', ': taget tilbage']) assert.ok(words.includes(part), part);
        assert.doesNotMatch(words, /i dag kl\./, 'what it says of a day holds in a year too');
        const other = dataOf(await folderOf(one.mette));
        assert.deepEqual(other.consents, [], "nobody else's");
    });
});

test('who sees from today on gets in the folder what is written since, counted from the first of these, and nothing of before', async () => {
    const place = await startDialogue(one.anne, town.person('emil'), 'Fra i dag');
    await mustAgree(one.anne, place, one.emil.name);
    for (const text of ['Kanarie et', 'Kanarie to']) await write(one.anne, place, text);
    const before = await upload(one.emil, place, 'kanarie.txt', Buffer.from('før'));
    await send(one.emil, place, 'Kanarie tre', before.id);
    await answer(one.emil, await propose(one.anne, place, 'Rikke Vang', { relation: 'kontaktperson' }), 'today', 3);
    const since = await upload(one.emil, place, 'nyt.mp4', large);
    await send(one.emil, place, 'Efter', since.id);
    const file = await folderOf(await town.as('rikke'));
    const dialogue = dataOf(file).dialogues.find((each) => each.id === place);
    assert.deepEqual(dialogue.posts.map((post) => [post.number, post.text]), [[1, 'Efter']]);
    assert.ok(!/[Kk]anarie/.test(wordsOf(file) + JSON.stringify(dataOf(file))));
    assert.match(new Page(wordsOf(file)).text(), /står den ved besked nr\. 1\./);
    assert.deepEqual(dialogue.posts[0].files.map((each) => each.sha256), [sha(large)]);
});

describe('the journal in my folder', () => {
    test('what was filed stands there with date, state and code; what a phone note is about does not', async () => {
        const place = await circle(town, 'Journal');
        for (const text of ['Første', 'Anden']) await write(place.mette, place.dialogue, text);
        const entry = await fileMessages(place.anne, place.dialogue, { theme: 'Aftale om skolen', scope: 'all', day: '2026-01-15' });
        await write(place.mette, place.dialogue, 'Tredje');
        await note(place.anne, place.dialogue, { theme: 'Bekymring fra nabo', who: 'Naboen', text: 'Ringede om larm' });
        const theirs = (person) => folderOf(person).then((file) => ({ file, data: dataOf(file).dialogues.find((each) => each.id === place.dialogue).journal }));
        const { file, data } = await theirs(place.emil);
        assert.deepEqual(data.map((each) => [each.kind, each.theme, each.first, each.last, each.state]), [['call', '', 0, 0, 'made'], ['messages', 'Aftale om skolen', 1, 2, 'made']]);
        const packaged = await place.anne.get(`/dialogue/${place.dialogue}/journal/${entry}/package`);
        const pdf = await place.anne.get(`/dialogue/${place.dialogue}/journal/${entry}/pdf`);
        assert.deepEqual([data[1].package_sha256, data[1].pdf_sha256], [sha(packaged.bytes), sha(pdf.bytes)]);
        assert.match(new Page(file.text).text(), /Besked(er)? 1 til 2: Aftale om skolen/);
        assert.ok(!/Naboen|Bekymring fra nabo|larm/.test(wordsOf(file) + JSON.stringify(dataOf(file))));
        assert.deepEqual((await theirs(place.mette)).data, [], 'whoever does not see the journal');
        assert.equal((await theirs(place.anne)).data[0].theme, 'Bekymring fra nabo', 'whoever wrote it');
        await exclude(place.anne, place.dialogue, place.jonas.name);
        assert.deepEqual((await theirs(place.jonas)).data, []);
    });
});

// Last: every folder of Emil's is large from here on.
describe('many pictures and files in my folder', () => {
    test('are in it as long as there is room, pictures then in the size of the thread; what comes after 40 MB is named', async () => {
        const many = await startDialogue(one.anne, town.person('emil'), 'Mange film');
        const five = numbers(9).map(() => randomBytes(5 << 20));
        for (const [index, bytes] of five.entries()) {
            const made = await upload(one.anne, many, `film${index}.mp4`, bytes);
            await send(one.anne, many, `Film ${index}`, made.id);
        }
        const late = await upload(one.anne, many, 'sidst.jpg', photo(900, 1600));
        const last = await send(one.anne, many, 'Til sidst', late.id);
        const file = await folderOf(one.emil);
        const dialogue = dataOf(file).dialogues.find((each) => each.id === many);
        const files = dialogue.posts.flatMap((post) => post.files);
        assert.ok(file.bytes.length < 60e6, `${file.bytes.length}`);
        const included = files.filter((each) => each.included);
        assert.ok(included.length >= 7 && included.length <= 9, `${included.length}`);
        assert.deepEqual(files.slice(0, 9).map((each) => each.sha256), five.map(sha), 'each with its hash, in it or not');
        const end = files.at(-1);
        assert.ok(end.included, 'there is room for what is small');
        assert.equal(end.part, 'middle');
        assert.deepEqual(held(file).get(late.id).bytes, (await fetchFile(one.emil, many, last.number, late.id, 'middle')).bytes);
        await verifiers.holds(file.bytes);
    });
});
