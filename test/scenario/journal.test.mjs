// SPDX-License-Identifier: MPL-2.0
// What a coordinator files as municipal record, and what comes of it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { send, upload } from '../support/files.mjs';
import { file, fileOf, journalOf, note, pdfOf } from '../support/journal.mjs';
import { photo, png } from '../support/pictures.mjs';
import { Town, circle, exclude, participants, startDialogue, write } from '../support/town.mjs';

let town, anne;
before(async () => {
    town = await Town.start({ settings: '[journal]\nremind_days = 0\n' });
    anne = await town.as('anne');
});
after(() => town?.close());

const ajv = addFormats(new Ajv({ strict: true, allErrors: true }));
const valid = ajv.compile(JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../docs/journal-package.schema.json'), 'utf8')));
const fits = (value) => assert.ok(valid(value), JSON.stringify(valid.errors, null, 1));

describe('filing messages', () => {
    test('the whole dialogue: a PDF that people read, and data that programs read', async () => {
        const { dialogue, mette, karim } = await circle(town);
        await write(mette, dialogue, 'Emil sover dårligt. Han er bange for at gå i skole.');
        await write(karim, dialogue, 'Tak, Mette 👍 Vi taler med ham på åen i morgen: æøå ÆØÅ');
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Søvn og skole', day: '2026-01-31' });

        const { text, info, structure } = await pdfOf(town, anne, dialogue, entry);
        const order = ['Søvn og skole', '31. januar 2026', 'Emil Østergaard Lund', 'Emil og skolen', 'Anne Kjær Holm', 'Hvem er med', 'Karim Haddad',
            'klasselærer', 'Beskeder', 'Mette Østergaard', 'mor', 'Emil sover dårligt.', 'Tak, Mette 👍', 'æøå ÆØÅ', 'Side 1 af 1'];
        let at = 0;
        for (const words of order) {
            const found = text.indexOf(words, at);
            assert.ok(found >= 0, `"${words}" stands in its order in:\n${text}`);
            at = found;
        }
        assert.match(info, /Title: +Søvn og skole/);
        assert.match(info, /Tagged: +yes/);
        assert.match(structure, /H1 \(block\)\n\s+"Søvn og skole"/);
        assert.match(structure, /H2 \(block\)\n\s+"Beskeder"/);

        const data = (await fileOf(anne, dialogue, entry, 'package')).json;
        fits(data);
        assert.deepEqual(data.messages.map((one) => [one.number, one.name, one.words]), [[1, 'Mette Østergaard', 'mor'], [2, 'Karim Haddad', 'klasselærer']]);
        assert.equal(data.messages[1].text, 'Tak, Mette 👍 Vi taler med ham på åen i morgen: æøå ÆØÅ');
        assert.equal(data.participants.length, 5);
    });

    test('a message that was changed stands with its earlier text, an answer with what it answers', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Rettelser');
        const number = await write(anne, dialogue, 'Mødet er mandag.');
        const changed = await anne.submit(`/dialogue/${dialogue}/post/${number}/edit`, `/dialogue/${dialogue}/post/${number}/edit`, { text: 'Mødet er tirsdag.' });
        assert.equal(changed.status, 303);
        await write(anne, dialogue, 'Husk madpakken', { reply_to: number });
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Møde' });
        const { text } = await pdfOf(town, anne, dialogue, entry);
        assert.ok(text.indexOf('Mødet er tirsdag.') < text.indexOf('Tidligere tekst') && text.indexOf('Tidligere tekst') < text.indexOf('Mødet er mandag.'), text);
        assert.match(text, /Svar på besked 1/);
        const data = (await fileOf(anne, dialogue, entry, 'package')).json;
        fits(data);
        assert.equal(data.messages[0].earlier[0].text, 'Mødet er mandag.');
        assert.equal(data.messages[1].answers, 1);
    });

    test('a message that is changed after it was filed is to be filed again', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Rettet siden');
        for (const text of ['en', 'to', 'tre']) await write(anne, dialogue, text);
        await file(anne, dialogue, { scope: 'all', theme: 'Før' });
        assert.equal((await journalOf(anne, dialogue)).missing, 0);
        const edit = `/dialogue/${dialogue}/post/2/edit`;
        assert.equal((await anne.submit(edit, edit, { text: 'to og en halv' })).status, 303);
        assert.equal((await journalOf(anne, dialogue)).missing, 1);
        const again = await file(anne, dialogue, { scope: 'rest', theme: 'Efter' });
        assert.deepEqual((await fileOf(anne, dialogue, again, 'package')).json.messages.map((one) => [one.number, one.text]), [[2, 'to og en halv']]);
        assert.equal((await journalOf(anne, dialogue)).missing, 0);
    });

    test('a closed dialogue that is filed whole is confirmed as such, and stays so; an open one, or one with gaps, is not', async () => {
        const { dialogue, mette } = await circle(town, 'Slut');
        await write(mette, dialogue, 'Tak for alt');
        const finish = async () => anne.post(`/dialogue/${dialogue}/journal/finish`, { csrf: await anne.csrf() });
        assert.equal((await finish()).status, 422);
        const closed = await anne.submit(`/dialogue/${dialogue}/close`, `/dialogue/${dialogue}/close`, { reason: 'Forløbet er slut' });
        assert.equal(closed.status, 303, closed.page.text().slice(0, 300));
        assert.equal((await finish()).status, 422, 'a message is not filed');
        await file(anne, dialogue, { scope: 'rest', theme: 'Hele forløbet' });
        const page = await anne.open(`/dialogue/${dialogue}/journal`);
        assert.ok(page.page.text().includes('kan den aldrig åbnes igen'));
        assert.equal((await anne.submit(page, `/dialogue/${dialogue}/journal/finish`, {})).status, 303);
        assert.equal((await journalOf(anne, dialogue)).finished, true);
        assert.equal((await mette.get(`/dialogue/${dialogue}`)).status, 200, 'it can still be read');
        assert.equal((await finish()).status, 422);
    });

    test('one message, those of a period, and then only what is left', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Udvalg');
        for (const text of ['første', 'anden', 'tredje']) await write(anne, dialogue, text);
        assert.equal((await journalOf(anne, dialogue)).missing, 3);
        const one = await file(anne, dialogue, { scope: 'one', theme: 'Kun den anden' }, `/dialogue/${dialogue}/journal/new?post=2`);
        assert.deepEqual((await fileOf(anne, dialogue, one, 'package')).json.messages.map((post) => post.text), ['anden']);
        assert.equal((await journalOf(anne, dialogue)).missing, 2);

        const day = new Date().toISOString().slice(0, 10);
        const yesterday = new Date(Date.now() - 864e5).toISOString().slice(0, 10), tomorrow = new Date(Date.now() + 864e5).toISOString().slice(0, 10);
        const period = await file(anne, dialogue, { scope: 'period', theme: 'De dage', from: yesterday, to: tomorrow });
        assert.equal((await fileOf(anne, dialogue, period, 'package')).json.messages.length, 3);
        assert.equal((await journalOf(anne, dialogue)).missing, 0);

        await write(anne, dialogue, 'fjerde');
        const rest = await file(anne, dialogue, { scope: 'rest', theme: 'Resten' });
        assert.deepEqual((await fileOf(anne, dialogue, rest, 'package')).json.messages.map((post) => post.text), ['fjerde']);
        const page = await anne.open(`/dialogue/${dialogue}/journal`);
        assert.ok(page.page.text().includes('Alle beskeder er journaliseret.'));
        assert.equal((await journalOf(anne, dialogue)).entries.length, 3);
        for (const [fields, words] of [[{ scope: 'period', theme: 'x', from: day, to: yesterday }, 'Vælg den første og den sidste dag'],
            [{ scope: 'period', theme: 'x', from: '2020-01-01', to: '2020-01-02' }, 'Ingen skrev noget'], [{ scope: 'all', theme: '' }, 'Skriv med få ord'],
            [{ scope: 'all', theme: 'x'.repeat(101) }, '100']]) {
            const answer = await anne.submit(`/dialogue/${dialogue}/journal/new`, `/dialogue/${dialogue}/journal`, fields);
            assert.equal(answer.status, 422, JSON.stringify(fields));
            assert.ok(answer.page.text().includes(words), `${words}: ${answer.page.text().slice(0, 600)}`);
        }
        assert.equal((await journalOf(anne, dialogue)).entries.length, 3);
    });

    test('of three who file at once one is asked to try again in a moment; the others notice nothing', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Tre på én gang');
        await write(anne, dialogue, 'Mødet er onsdag.');
        const spawner = readFileSync(`/proc/${town.server.pid}/task/${town.server.pid}/children`, 'utf8').trim().split(' ').map(Number)
            .find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'samtraad-spawn');
        const send = () => anne.submit(`/dialogue/${dialogue}/journal/new`, `/dialogue/${dialogue}/journal`, { scope: 'all', theme: 'Møde', day: '2026-01-31' });
        process.kill(spawner, 'SIGSTOP');   // who draws the PDF
        let sent;
        try {
            sent = [send(), send(), send()];
            const first = await Promise.race(sent);
            assert.equal(first.status, 422);
            assert.match(first.page.text(), /Andre er i gang lige nu. Prøv igen om lidt./);
        } finally {
            process.kill(spawner, 'SIGCONT');
        }
        assert.deepEqual((await Promise.all(sent)).map(({ status }) => status).sort(), [303, 303, 422]);
        assert.equal((await send()).status, 303);
    });

    test('an empty dialogue has nothing to file, and the page says so', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Tom');
        assert.ok((await anne.open(`/dialogue/${dialogue}/journal`)).page.text().includes('Ingen har skrevet endnu'));
        const answer = await anne.submit(`/dialogue/${dialogue}/journal/new`, `/dialogue/${dialogue}/journal`, { scope: 'all', theme: 'x' });
        assert.equal(answer.status, 422);
    });

    test('pictures stand in the PDF, files are named; both are hashed in the data', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Billeder');
        const made = await upload(anne, dialogue, 'hule.jpg', photo(640, 400));
        const letter = await upload(anne, dialogue, 'Brev fra skolen.pdf', Buffer.from('%PDF-1.4 et brev'));
        await send(anne, dialogue, 'Se hvad Emil har bygget', made.id, letter.id);
        await send(anne, dialogue, '', (await upload(anne, dialogue, 'tegning.png', png(3000, 500))).id);
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Med billeder' });
        const data = (await fileOf(anne, dialogue, entry, 'package')).json;
        fits(data);
        assert.deepEqual(data.messages.flatMap((one) => one.files.map(({ file: stored, kind, name }) => [stored, kind, name])),
            [['picture-0001.webp', 'picture', 'hule.jpg'], ['file-0002.pdf', 'file', 'Brev fra skolen.pdf'], ['picture-0003.webp', 'picture', 'tegning.png']]);
        assert.equal(data.messages[0].files[1].sha256, createHash('sha256').update('%PDF-1.4 et brev').digest('hex'));
        const { text, structure, images } = await pdfOf(town, anne, dialogue, entry);
        for (const words of ['Billede: hule.jpg', 'Vedhæftet fil: Brev fra skolen.pdf', 'Billede: tegning.png']) assert.ok(text.includes(words), text);
        assert.deepEqual(images.map(({ width, height, kind }) => [width, height, kind]), [[400, 640, 'jpeg'], [1400, 233, 'jpeg']]);
        assert.match(structure, /Figure/);
    });

    test('500 messages, long words and all: every page is numbered, nothing is missing', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Mange');
        const long = 'Speciallægepraksisplanlægningsstabiliseringsperiode'.repeat(6);
        for (let i = 1; i <= 500; i++) {
            const answer = await anne.postJson(`/dialogue/${dialogue}/post`, { text: `Besked nummer ${i} ${i % 50 ? '' : long}` });
            assert.equal(answer.status, 200);
        }
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Det hele' });
        const { text, info, pages } = await pdfOf(town, anne, dialogue, entry);
        for (let i = 1; i <= 500; i++) assert.match(text, new RegExp(`Besked nummer ${i}\\b`));
        assert.ok(text.replace(/\s/g, '').includes(long), 'the long word is whole');
        const count = Number(/Pages: +(\d+)/.exec(info)[1]);
        assert.ok(count > 10);
        for (let i = 1; i <= count; i++) assert.ok(pages[i - 1].includes(`Side ${i} af ${count}`), `page ${i}`);
        const code = /Kontrolkode ([0-9A-Z-]+)/.exec(pages[0])[1];
        for (const page of pages.slice(0, count)) assert.ok(page.includes(code));
        assert.equal((await fileOf(anne, dialogue, entry, 'package')).json.messages.length, 500);
    });
});

describe('who sees the journal', () => {
    test('only coordinators: the others, whatever they are to the dialogue, learn nothing of it', async () => {
        const { dialogue, emil, mette, karim, jonas } = await circle(town);
        await write(mette, dialogue, 'Hej');
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Fortroligt' });
        const outsider = await town.as('lars').catch(() => null);
        for (const person of [emil, mette, karim, jonas, outsider].filter(Boolean)) {
            for (const where of ['', '/new', '/call', `/${entry}`, `/${entry}/pdf`, `/${entry}/package`, `/${entry}/pdf/proof`]) {
                const answer = await person.get(`/dialogue/${dialogue}/journal${where}`);
                assert.ok([403, 404].includes(answer.status), `${person.id} ${where}: ${answer.status}`);
                assert.ok(!answer.text.includes('Fortroligt'));
            }
            const csrf = await person.csrf();
            for (const [where, fields] of [['journal', { scope: 'all', theme: 'x', day: '2026-01-01' }], ['post/1/important', { value: '1' }],
                ['journal/call', { who: 'x', day: '2026-01-01', clock: '10:00', theme: 'x', text: 'x' }]]) {
                assert.ok([403, 404].includes((await person.post(`/dialogue/${dialogue}/${where}`, { csrf, ...fields })).status), `${person.id} ${where}`);
            }
            const page = await person.get(`/dialogue/${dialogue}`);
            if (page.status === 200) assert.ok(!page.text.includes(`/dialogue/${dialogue}/journal`), `${person.id} sees no link`);
        }
        assert.equal((await journalOf(anne, dialogue)).entries.length, 1);
    });

    test('who was excluded is told that there is nothing to file, who only takes part that it is not for them', async () => {
        const { dialogue, jonas, mette } = await circle(town);
        await write(mette, dialogue, 'Hej');
        const ask = async (person) => person.post(`/dialogue/${dialogue}/journal`, { csrf: await person.csrf(), scope: 'all', theme: 'Skole', day: '2026-01-01' });
        assert.equal((await ask(jonas)).status, 403);
        await exclude(anne, dialogue, jonas.name);
        assert.equal((await ask(jonas)).status, 404);
        assert.deepEqual((await journalOf(anne, dialogue)).entries, []);
    });

    test('a coordinator who came from today on files, marks and sees in the journal only what was written since', async () => {
        const { dialogue, emil, mette } = await circle(town, 'Fra i dag'), rikke = await town.as('rikke');
        for (const text of ['Kanarie et', 'Kanarie to']) await write(mette, dialogue, text);
        const earlier = await file(anne, dialogue, { scope: 'all', theme: 'Kanarietema' });
        const call = await note(anne, dialogue, { who: 'skolen', text: 'Kanarieopkald', theme: 'Kanarieopkald' });
        const markOf = async (person, number) => person.post(`/dialogue/${dialogue}/post/${number}/important`, { csrf: await person.csrf(), value: '1' });
        assert.equal((await markOf(anne, 1)).status, 303);
        await anne.submit(`/dialogue/${dialogue}/post/2/important`, `/dialogue/${dialogue}/post/2/important`, {});
        await mustAgree(anne, dialogue, emil.name);
        await answer(emil, await propose(anne, dialogue, rikke.name), 'today');
        await write(mette, dialogue, 'Efter et');
        const { person } = (await participants(anne, dialogue)).people.find((one) => one.name === rikke.name);
        assert.equal((await anne.post(`/dialogue/${dialogue}/participants/${person}/coordinator`, { csrf: await anne.csrf(), value: '1' })).status, 303);

        const empty = await journalOf(rikke, dialogue);
        assert.deepEqual([empty.posts, empty.missing, empty.entries, empty.marks], [1, 1, [], []]);
        assert.equal((await rikke.get(`/dialogue/${dialogue}/journal/new`, { json: true })).json.posts, 1);
        for (const entry of [earlier, call]) for (const part of ['', '/pdf', '/package']) assert.equal((await rikke.get(`/dialogue/${dialogue}/journal/${entry}${part}`)).status, 404, part);
        assert.ok(!(await rikke.open(`/dialogue/${dialogue}/journal`)).text.includes('Kanarie'));
        // Numbers count from her first message on; there is no other that she could name.
        for (const number of [-1, 0, 2, 3]) {
            assert.equal((await markOf(rikke, number)).status, 404);
            assert.equal((await rikke.get(`/dialogue/${dialogue}/post/${number}/important`)).status, 404);
            assert.equal((await rikke.post(`/dialogue/${dialogue}/journal`, { csrf: await rikke.csrf(), scope: 'one', post: number, theme: 'x', day: '2026-01-01' })).status, number < 1 ? 422 : 404);
        }
        const { messages } = (await fileOf(rikke, dialogue, await file(rikke, dialogue, { scope: 'all', theme: 'Skole' }), 'package')).json;
        assert.deepEqual(messages.map((one) => one.text), ['Efter et']);
        assert.equal((await journalOf(rikke, dialogue)).entries.length, 1);
        assert.equal((await journalOf(anne, dialogue)).entries.length, 3);

        assert.equal((await rikke.post(`/dialogue/${dialogue}/close`, { csrf: await rikke.csrf(), reason: 'Målet er nået' })).status, 303);
        assert.deepEqual([(await journalOf(rikke, dialogue)).may_finish, (await journalOf(anne, dialogue)).may_finish], [false, true], 'who does not see all can’t say that all is filed');
    });

    test('an entry is found in its own dialogue only', async () => {
        const [one, other] = [await startDialogue(anne, town.person('emil'), 'Den ene'), await startDialogue(anne, town.person('emil'), 'Den anden')];
        await write(anne, one, 'Hej');
        const entry = await file(anne, one, { scope: 'all', theme: 'Her' });
        for (const where of ['', '/pdf', '/package']) assert.equal((await anne.get(`/dialogue/${other}/journal/${entry}${where}`)).status, 404);
    });

    test('after somebody has left, what was filed before opens still', async () => {
        const { dialogue, mette } = await circle(town);
        await write(mette, dialogue, 'Før');
        const before = await file(anne, dialogue, { scope: 'all', theme: 'Før' });
        await exclude(anne, dialogue, 'Karim Haddad');
        await write(mette, dialogue, 'Efter');
        const later = await file(anne, dialogue, { scope: 'rest', theme: 'Efter' });
        assert.equal((await fileOf(anne, dialogue, before, 'package')).json.messages.length, 1);
        const data = (await fileOf(anne, dialogue, later, 'package')).json;
        fits(data);
        assert.ok(data.participants.find((one) => one.name === 'Karim Haddad').ended);
    });
});

describe('important messages', () => {
    test('a marked message waits on the journal page until it is filed', async () => {
        const { dialogue, mette } = await circle(town);
        await write(mette, dialogue, 'Emil er blevet slået.');
        await write(mette, dialogue, 'Ellers går det godt.');
        const page = await anne.open(`/dialogue/${dialogue}/post/1/menu`);
        assert.ok(page.text.includes(`/dialogue/${dialogue}/post/1/important`), 'the message has it in its menu');
        assert.equal((await anne.submit(`/dialogue/${dialogue}/post/1/important`, `/dialogue/${dialogue}/post/1/important`, {})).status, 303);
        let journal = await journalOf(anne, dialogue);
        assert.deepEqual(journal.marks.map((mark) => [mark.number, mark.author, mark.late]), [[1, 'Mette Østergaard', true]]);
        assert.ok((await anne.open(`/dialogue/${dialogue}/journal`)).page.text().includes('Emil er blevet slået.'));
        assert.match((await anne.open('/')).page.text(), /vigtig(e)? besked(er)? venter på at blive journaliseret/);
        assert.ok((await anne.open('/journal')).page.text().includes('Emil og skolen'));
        assert.ok(!(await mette.open('/')).page.text().includes('journaliseret'));
        await file(anne, dialogue, { scope: 'one', theme: 'Vold' }, `/dialogue/${dialogue}/journal/new?post=1`);
        journal = await journalOf(anne, dialogue);
        assert.deepEqual(journal.marks, []);
        assert.equal((await anne.get(`/dialogue/${dialogue}/post/9/important`)).status, 404);
    });

    test('a mark can be taken away, and others do not see it', async () => {
        const { dialogue, mette } = await circle(town);
        await write(mette, dialogue, 'Hej');
        const path = `/dialogue/${dialogue}/post/1/important`;
        await anne.submit(path, path, {});
        assert.ok(!(await mette.get(`/dialogue/${dialogue}`)).text.includes('vigtig'));
        await anne.submit(path, path, {});
        assert.deepEqual((await journalOf(anne, dialogue)).marks, []);
    });
});

describe('a note from a phone call', () => {
    test('becomes an entry; nobody else reads it unless the coordinator says so', async () => {
        const { dialogue, mette } = await circle(town);
        const entry = await note(anne, dialogue, { who: 'Mette Østergaard', text: 'Hun ringede om natten.\nVi aftalte et møde.', theme: 'Opkald' });
        const data = (await fileOf(anne, dialogue, entry, 'package')).json;
        fits(data);
        assert.equal(data.kind, 'call');
        assert.equal(data.call.who, 'Mette Østergaard');
        assert.equal(data.call.at, '2026-01-15T07:05:00.000Z');
        assert.match((await pdfOf(town, anne, dialogue, entry)).text, /Telefonsamtale\n[^]*Mette Østergaard\n[^]*15\. januar 2026 kl\. 08\.05\n[^]*Hun ringede om natten\.\nVi aftalte et møde\./);
        assert.ok(!(await mette.get(`/dialogue/${dialogue}`)).text.includes('Hun ringede'));

        await note(anne, dialogue, { who: 'skolen', text: 'De starter mandag.', theme: 'Skole', post: '1' });
        assert.ok((await mette.get(`/dialogue/${dialogue}`)).text.includes('De starter mandag.'));
    });

    test('is no way to write in a dialogue that is closed', async () => {
        const { dialogue, mette } = await circle(town);
        await write(mette, dialogue, 'Den sidste besked');
        assert.equal((await anne.post(`/dialogue/${dialogue}/close`, { csrf: await anne.csrf(), reason: 'Målet er nået' })).status, 303);
        const said = { csrf: await anne.csrf(), who: 'skolen', day: '2026-01-15', clock: '08:05', theme: 'Opkald', text: 'Skrevet efter lukning' };
        assert.equal((await anne.post(`/dialogue/${dialogue}/journal/call`, { ...said, post: '1' })).status, 422);
        assert.ok(!(await mette.get(`/dialogue/${dialogue}`)).text.includes('Skrevet efter lukning'));
        assert.equal((await anne.post(`/dialogue/${dialogue}/journal/call`, said)).status, 303, 'the note alone can be filed');
    });

    test('a call from tomorrow, or at half past 99, is refused with words that help', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Telefon');
        for (const [fields, words] of [[{ day: '2099-01-01' }, 'senere end nu'], [{ clock: '99:30' }, 'Skriv klokken'], [{ clock: 'nu' }, ''], [{ text: '' }, 'Skriv, hvad der blev sagt']]) {
            const answer = await anne.submit(`/dialogue/${dialogue}/journal/call`, `/dialogue/${dialogue}/journal/call`,
                { who: 'x', day: '2026-01-15', clock: '08:05', theme: 'x', text: 'x', ...fields });
            assert.equal(answer.status, 422, JSON.stringify(fields));
            assert.ok(answer.page.text().includes(words), answer.page.text().slice(0, 500));
        }
    });
});

describe('an entry that somebody changed in the database', () => {
    const change = (entry, what) => town.server.sql(`UPDATE journal_entry SET ${what} WHERE id = ${entry}`);

    test('files nothing, and is shown to nobody, until it is as it was', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Ændret bagefter');
        for (const text of ['Den første', 'Den anden', 'Den tredje']) await write(anne, dialogue, text);
        const kept = await file(anne, dialogue, { scope: 'one', post: 1, theme: 'Den første' });
        const entry = await file(anne, dialogue, { scope: 'one', post: 2, theme: 'Den anden' });
        assert.equal((await journalOf(anne, dialogue)).missing, 1);
        const before = (await town.server.sql(`SELECT author, made, day, kind FROM journal_entry WHERE id = ${entry}`)).split(/[|,\t]/);
        for (const what of ['first = 1, last = 3', 'last = 3', `author = ${before[0]} + 1`, `made = ${before[1]} + 86400000`, `day = ${before[2]} + 1`, 'kind = 2']) {
            await change(entry, what);
            const { missing, entries } = await journalOf(anne, dialogue);
            assert.equal(missing, 2, what);
            assert.deepEqual(entries.map((one) => one.id), [kept], what);
            assert.notEqual((await anne.get(`/dialogue/${dialogue}/journal/${entry}/pdf`)).status, 200, what);
            await change(entry, `first = 2, last = 2, author = ${before[0]}, made = ${before[1]}, day = ${before[2]}, kind = ${before[3]}`);
        }
        const { missing, entries } = await journalOf(anne, dialogue);
        assert.deepEqual([missing, entries.map((one) => one.id)], [1, [entry, kept]]);
        assert.match(town.server.log, /journal-entry-refused/);
    });
});
