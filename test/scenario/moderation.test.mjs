// SPDX-License-Identifier: MPL-2.0
// What a coordinator may do: hide a message, close and open a dialogue, say what somebody is, hand over.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fetchFile, send, upload } from '../support/files.mjs';
import { file, fileOf, pdfOf } from '../support/journal.mjs';
import { Town, circle, exclude, participants, read, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
});
after(() => town?.close());

const hide = async (person, dialogue, number, reason = 'Navnet på en anden elev') => {
    const page = `/dialogue/${dialogue}/post/${number}/hide`;
    return person.submit(page, page, { reason });
};
const force = async (person, path, fields = {}) => person.post(path, { csrf: await person.csrf(), ...fields });
const personOf = async (dialogue, name) => (await participants(anne, dialogue)).people.find((one) => one.name === name).person;

describe('hiding a message', () => {
    const canary = 'Kanariefuglen hedder Bodil';

    async function hidden() {
        const place = await circle(town, 'Skjult');
        await write(mette, place.dialogue, 'Den første');
        const number = await write(mette, place.dialogue, canary);
        await write(karim, place.dialogue, 'Jeg svarer', { reply_to: number });
        assert.equal((await hide(anne, place.dialogue, number)).status, 303);
        return { ...place, number };
    }

    test('a marker stands in its place for everybody, and the text is nowhere', async () => {
        const { dialogue, number } = await hidden();
        for (const person of [anne, emil, mette, karim, jonas]) {
            for (const path of [`/dialogue/${dialogue}`, `/dialogue/${dialogue}/posts?after=0`, `/dialogue/${dialogue}/post/${number}`, `/dialogue/${dialogue}/print`,
                `/dialogue/${dialogue}/post/${number}/menu`, `/dialogue/${dialogue}?reply=${number}`, `/dialogue/${dialogue}/post/${number}/hidden`]) {
                for (const json of [false, true]) {
                    const answer = await person.get(path, { json });
                    assert.equal(answer.status, 200, `${person.id} ${path}`);
                    assert.ok(!answer.text.includes('Kanariefugl'), `${person.id} ${path}`);
                }
            }
            assert.match((await person.get(`/dialogue/${dialogue}`)).page.text(), /Beskeden er skjult af tovholderen/);
            assert.equal((await person.get(`/search?q=kanariefugl`, { json: true })).json.hits.length, 0);
            assert.equal((await person.get(`/dialogue/${dialogue}/post/${number}/history`)).status, 404);
        }
        const posts = await read(emil, dialogue);
        assert.deepEqual(posts.map((post) => post.hidden), [false, true, false]);
    });

    test('who regrets a message is told beside it whom to ask, and who can hide it is not', async () => {
        const { dialogue } = await circle(town, 'Fortrudt');
        const number = await write(mette, dialogue, 'Det skulle jeg ikke have skrevet');
        const words = /Fortryder du beskeden\? Bed en tovholder om at skjule den/;
        const menu = async (who, post) => (await who.get(`/dialogue/${dialogue}/post/${post}/menu`)).page.text();
        assert.match(await menu(mette, number), words);
        for (const other of [emil, karim, anne]) assert.doesNotMatch(await menu(other, number), words);
        assert.doesNotMatch(await menu(anne, await write(anne, dialogue, 'Min egen')), words);
        assert.equal((await hide(anne, dialogue, number)).status, 303);
        assert.doesNotMatch(await menu(mette, number), words);
    });

    test('the author can not change it, and its earlier texts are hidden with it', async () => {
        const place = await startDialogue(anne, town.person('emil'), 'Rettet og skjult');
        const number = await write(emil, place, canary);
        const edit = `/dialogue/${place}/post/${number}/edit`;
        assert.equal((await emil.submit(edit, edit, { text: 'Uden navnet' })).status, 303);
        assert.equal((await hide(anne, place, number)).status, 303);
        assert.equal((await emil.get(edit)).status, 403);
        assert.notEqual((await force(emil, edit, { text: 'Igen' })).status, 303);
        for (const person of [anne, emil]) assert.equal((await person.get(`/dialogue/${place}/post/${number}/history`)).status, 404);
    });

    test('everybody can see who hid it, when and why; only the coordinator what it says, and that stands in the log', async () => {
        const { dialogue, number } = await hidden();
        const words = (await emil.get(`/dialogue/${dialogue}/post/${number}/hidden`)).page.text();
        assert.match(words, /Anne Kjær Holm skjulte en besked fra Mette Østergaard den .* kl\./);
        assert.match((await mette.get(`/dialogue/${dialogue}/post/${number}/hidden`)).page.text(), /Anne Kjær Holm skjulte din besked den .* kl\./);
        assert.match(words, /Navnet på en anden elev/);
        for (const person of [emil, mette, karim, jonas]) assert.equal((await person.get(`/dialogue/${dialogue}/post/${number}/original`)).status, 403, person.id);
        const log = async () => Number(await town.server.sql(`SELECT count(*) FROM audit WHERE dialogue = ${dialogue} AND object = ${number} AND first_post = ${number}`));
        const before = await log();
        const original = await anne.get(`/dialogue/${dialogue}/post/${number}/original`);
        assert.ok(original.page.text().includes(canary));
        assert.equal(await log(), before + 1);
    });

    test('shown again it is as it was', async () => {
        const { dialogue, number } = await hidden();
        const page = `/dialogue/${dialogue}/post/${number}/hidden`;
        assert.equal((await anne.submit(page, /\/unhide$/, {})).status, 303);
        const post = (await read(mette, dialogue)).find((one) => Number(one.number) === number);
        assert.equal(post.text, canary);
        assert.equal(post.hidden, false);
        assert.equal((await mette.get(page)).status, 404);
        assert.equal((await anne.get(`/dialogue/${dialogue}/post/${number}/original`)).status, 404);
        assert.equal((await hide(anne, dialogue, number, 'En gang til')).status, 303, 'and it can be hidden again');
        assert.match((await mette.get(page)).page.text(), /En gang til/);
    });

    test('in the journal it stands as it was, with who hid it and why', async () => {
        const place = await startDialogue(anne, town.person('emil'), 'Til journalen');
        const number = await write(emil, place, 'Første tekst');
        const edit = `/dialogue/${place}/post/${number}/edit`;
        assert.equal((await emil.submit(edit, edit, { text: canary })).status, 303);
        await hide(anne, place, number, 'Navn på et barn');
        const entry = await file(anne, place, { scope: 'all', theme: 'Alt' });
        const [message] = (await fileOf(anne, place, entry, 'package')).json.messages;
        assert.equal(message.text, canary);
        assert.deepEqual([message.hidden.name, message.hidden.reason], ['Anne Kjær Holm', 'Navn på et barn']);
        assert.deepEqual(message.earlier.map((one) => one.text), ['Første tekst']);
        const { text } = await pdfOf(town, anne, place, entry);
        assert.match(text, /Skjult i samtalen[^]*Anne Kjær Holm: Navn på et barn[^]*Kanariefuglen hedder Bodil/);
    });

    test('its files are hidden with it', async () => {
        const place = await circle(town, 'Med fil');
        const made = await upload(mette, place.dialogue, 'notat.txt', Buffer.from('Kanariefuglens stamtavle'));
        const post = await send(mette, place.dialogue, 'Se filen', made.id);
        const file = post.files[0].id;
        assert.equal((await fetchFile(karim, place.dialogue, post.number, file, 'whole')).status, 200);
        await hide(anne, place.dialogue, post.number);
        for (const person of [anne, mette, karim]) {
            assert.equal((await fetchFile(person, place.dialogue, post.number, file, 'whole')).status, 404, person.id);
            assert.ok(!(await person.get(`/dialogue/${place.dialogue}`)).text.includes('notat.txt'));
        }
    });

    test('nobody else hides or shows, a reason is needed, and what is hidden can not be hidden', async () => {
        const place = await circle(town, 'Rettigheder');
        const number = await write(mette, place.dialogue, 'Noget');
        const path = `/dialogue/${place.dialogue}/post/${number}`;
        for (const person of [emil, mette, karim, jonas]) {
            assert.equal((await person.get(`${path}/hide`)).status, 403, person.id);
            assert.equal((await force(person, `${path}/hide`, { reason: 'Derfor' })).status, 403, person.id);
        }
        const empty = await hide(anne, place.dialogue, number, '');
        assert.equal(empty.status, 422);
        assert.match(empty.page.text(), /Skriv, hvorfor beskeden bliver skjult/);
        assert.equal((await hide(anne, place.dialogue, number)).status, 303);
        assert.equal((await anne.get(`${path}/hide`)).status, 409);
        assert.equal((await force(anne, `${path}/hide`, { reason: 'Igen' })).status, 409);
        assert.equal((await force(karim, `${path}/unhide`)).status, 403);
        assert.equal((await anne.get(`/dialogue/${place.dialogue}/post/99/hide`)).status, 404);
    });

    test('an open page hears that the message changed', async () => {
        const place = await circle(town, 'Live');
        const number = await write(mette, place.dialogue, 'Noget');
        const stream = await karim.stream(`/dialogue/${place.dialogue}/live`);
        await hide(anne, place.dialogue, number);
        for (let i = 0; i < 100 && stream.events.length === 0; i++) await new Promise((done) => { setTimeout(done, 20); });
        assert.deepEqual(stream.events.map(({ name, data }) => [name, data]), [['changed', String(number)]]);
        stream.close();
    });
});

describe('closing and opening again', () => {
    test('closed, everybody reads and nobody writes; the reason is there for all', async () => {
        const place = await circle(town, 'Lukket');
        await write(mette, place.dialogue, 'Før lukning');
        const path = `/dialogue/${place.dialogue}`;
        assert.equal((await anne.submit(`${path}/close`, `${path}/close`, { reason: 'Planen er færdig' })).status, 303);
        for (const person of [anne, emil, mette, karim, jonas]) {
            const { page } = await person.get(path);
            assert.match(page.text(), /Før lukning/);
            assert.equal(page.form(`${path}/post`), undefined, person.id);
            assert.equal((await force(person, `${path}/post`, { text: 'Efter' })).status, 403);
            assert.match((await person.get(`${path}/closed`)).page.text(), /Anne Kjær Holm lukkede den den .*Planen er færdig/);
        }
        assert.equal((await anne.get(`${path}/close`)).status, 403);
        assert.equal((await anne.submit(`${path}/closed`, `${path}/reopen`, {})).status, 303);
        await write(mette, place.dialogue, 'Efter genåbning');
        assert.equal((await anne.get(`${path}/closed`)).status, 403);
    });

    test('in a closed dialogue people can leave and be excluded', async () => {
        const place = await circle(town, 'Lukket, ud');
        const path = `/dialogue/${place.dialogue}`;
        await anne.submit(`${path}/close`, `${path}/close`, { reason: 'Slut for nu' });
        await exclude(anne, place.dialogue, 'Karim Haddad');
        assert.equal((await karim.get(path)).status, 404);
        assert.equal((await mette.submit(`${path}/participants`, `${path}/leave`, {})).status, 303);
        assert.equal((await mette.get(path)).status, 404);
        assert.equal((await jonas.get(path)).status, 200);
    });

    test('only a coordinator closes and opens, with a reason', async () => {
        const place = await circle(town, 'Hvem lukker');
        const path = `/dialogue/${place.dialogue}`;
        for (const person of [emil, mette, karim, jonas]) assert.equal((await force(person, `${path}/close`, { reason: 'Nok' })).status, 403, person.id);
        assert.equal((await anne.submit(`${path}/close`, `${path}/close`, { reason: ' ' })).status, 422);
        await anne.submit(`${path}/close`, `${path}/close`, { reason: 'Nok' });
        for (const person of [emil, mette, karim, jonas]) assert.equal((await force(person, `${path}/reopen`)).status, 403, person.id);
    });
});

describe('who is what', () => {
    test('the coordinator changes what somebody is called, and all see it', async () => {
        const place = await circle(town, 'Relationer');
        const page = `/dialogue/${place.dialogue}/participants/${await personOf(place.dialogue, 'Mette Østergaard')}/relation`;
        assert.equal((await anne.submit(page, page, { relation: 'plejemor' })).status, 303);
        for (const person of [emil, mette, karim]) {
            const { people } = await participants(person, place.dialogue);
            assert.equal(people.find((one) => one.name === 'Mette Østergaard').relation, 'plejemor');
        }
        assert.equal((await anne.submit(page, page, { relation: '' })).status, 422);
        for (const person of [emil, mette, karim, jonas]) assert.equal((await force(person, page, { relation: 'chef' })).status, 403, person.id);
        await exclude(anne, place.dialogue, 'Mette Østergaard');
        assert.equal((await anne.get(page)).status, 404, 'who has left is called what they were called');
        assert.equal((await force(anne, page, { relation: 'ingen' })).status, 404);
    });

    test('a relative who is a professional from outside, too, and still reads everything', async () => {
        const place = await circle(town, 'Udefra');
        await write(anne, place.dialogue, 'Hej');
        const page = `/dialogue/${place.dialogue}/participants/${await personOf(place.dialogue, 'Karim Haddad')}/relation`;
        assert.equal((await anne.submit(page, page, { relation: 'farbror', kind: 'relative' })).status, 303);
        const { people } = await participants(karim, place.dialogue);
        assert.equal(people.find((one) => one.name === 'Karim Haddad').role, 'Pårørende');
        assert.equal((await read(karim, place.dialogue)).length, 1);
        await write(karim, place.dialogue, 'Tak');
        const own = `/dialogue/${place.dialogue}/participants/${await personOf(place.dialogue, 'Anne Kjær Holm')}/relation`;
        assert.equal((await force(anne, own, { relation: 'tovholder', kind: 'relative' })).status, 422, 'an employee does not become a relative');
    });

    test('handing over: the other is coordinator, and one is not any more', async () => {
        const place = await circle(town, 'Overdragelse');
        await write(mette, place.dialogue, 'Hej');
        const page = `/dialogue/${place.dialogue}/participants/${await personOf(place.dialogue, 'Jonas Dam')}/relation`;
        assert.equal((await anne.submit(page, /\/handover$/, {})).status, 303);
        const { people } = await participants(jonas, place.dialogue);
        assert.deepEqual(people.filter((one) => one.role === 'Tovholder').map((one) => one.name), ['Jonas Dam']);
        assert.equal((await anne.get(`/dialogue/${place.dialogue}/close`)).status, 403);
        assert.equal((await jonas.get(`/dialogue/${place.dialogue}/close`)).status, 200);
        for (const person of [anne, jonas]) assert.equal((await read(person, place.dialogue)).length, 1);
        await write(anne, place.dialogue, 'Nu er jeg bare med');
    });

    test('only an employee who takes part can take over', async () => {
        const place = await circle(town, 'Kun ansatte');
        for (const name of ['Mette Østergaard', 'Karim Haddad', 'Emil Østergaard Lund']) {
            const page = `/dialogue/${place.dialogue}/participants/${await personOf(place.dialogue, name)}/handover`;
            assert.equal((await force(anne, page)).status, 422, name);
        }
        assert.equal((await force(anne, `/dialogue/${place.dialogue}/participants/12345/handover`)).status, 404);
        assert.deepEqual((await participants(anne, place.dialogue)).people.filter((one) => one.role === 'Tovholder').map((one) => one.name), ['Anne Kjær Holm']);
    });
});
