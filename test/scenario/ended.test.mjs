// SPDX-License-Identifier: MPL-2.0
// Whose part in a dialogue is over has no part in what came of it either: the talks beside it, the links they made, the say over who comes next.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { answer, consent, linkOf, mustAgree, propose, proposalOf, proposeOutside, withdraw } from '../support/consent.mjs';
import { dataOf, folderOf } from '../support/folder.mjs';
import { file } from '../support/journal.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, accept, addEmployee, circle, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas, birgit;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim, jonas, birgit] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas', 'birgit'].map((id) => town.as(id)));
});
after(() => town?.close());

const sees = async (who, dialogue) => (await who.get(`/dialogue/${dialogue}`)).status;

const personOf = async (dialogue, who) => (await participants(anne, dialogue)).people.find((one) => one.name === who.name).person;

/** A talk of Anne beside a dialogue with all its other employees. */
async function aside(dialogue, coordinator = anne) {
    const { people } = (await coordinator.get(`/dialogue/${dialogue}/side`, { json: true })).json;
    const last = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + 3 * 86400000);
    const answered = await coordinator.post(`/dialogue/${dialogue}/side`, { csrf: await coordinator.csrf(), name: 'Imellem os', reason: 'Vi skal afklare noget', until: last,
        ...Object.fromEntries(people.map((one, index) => [`person${index + 1}`, one.person])) });
    assert.equal(answered.status, 303, answered.text?.slice(0, 300));
    return /^\/dialogue\/(\d+)$/.exec(answered.headers.location)[1];
}

const leave = async (who, dialogue) => assert.equal((await who.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);

/** Nothing of a side talk, by any way. */
async function nothingOf(who, side) {
    for (const path of ['', '/posts', '/people', '/participants', '/live', '/side/about', '/print', '/journal', '/post/1', '/search?q=imellem'])
        assert.equal((await who.get(`/dialogue/${side}${path}`)).status, 404, path);
    assert.equal((await who.post(`/dialogue/${side}/post`, { csrf: await who.csrf(), text: 'Efter mig' })).status, 404);
    assert.ok(!(await who.get('/')).text.includes(`/dialogue/${side}`));
}

const cut = (stream) => Promise.race([stream.closed, sleep(20000).then(() => assert.fail('the stream goes on'))]);

describe('a talk of employees beside a dialogue', () => {
    test('is over at once for who is excluded from the dialogue, in the open stream too', async () => {
        const { dialogue } = await circle(town, 'Udelukket midt i');
        const side = await aside(dialogue);
        await write(jonas, side, 'Sagt af Jonas');
        const stream = await jonas.stream(`/dialogue/${side}/live`);
        await exclude(anne, dialogue, 'Jonas Dam');
        await nothingOf(jonas, side);
        await cut(stream);
        assert.deepEqual((await read(anne, side)).map((post) => post.text), ['Sagt af Jonas'], 'what was said stays');
    });

    test('is over for whose consent is taken back, and for who leaves', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Taget tilbage');
        await mustAgree(anne, dialogue, emil.name);
        const proposal = await propose(anne, dialogue, 'Jonas Dam');
        await answer(emil, proposal, 'all');
        const side = await aside(dialogue);
        assert.equal(await sees(jonas, side), 200);
        await withdraw(emil, proposal);
        await nothingOf(jonas, side);
        const { dialogue: other } = await circle(town, 'Går selv');
        const left = await aside(other);
        await leave(jonas, other);
        await nothingOf(jonas, left);
    });
});

describe('the coordinator of a talk beside a dialogue', () => {
    const rise = async (dialogue, person) => assert.equal((await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/coordinator`, { value: '1' })).status, 303);

    test('who leaves the dialogue is followed by who is left, so that it can be filed; who leaves last reads nothing more either', async () => {
        const { dialogue } = await circle(town, 'Tovholderen går'), rikke = await town.as('rikke');
        const side = await aside(dialogue);
        await write(anne, side, 'Skal på sagen');
        await addEmployee(anne, dialogue, rikke.name, 'kollega');
        for (const one of [jonas, rikke]) await rise(dialogue, await personOf(dialogue, one));
        const records = async () => Number(await town.server.sql(`SELECT count(*) FROM audit WHERE dialogue = ${side} AND object = ${heir}`));
        const heir = await personOf(dialogue, jonas), before = await records();
        await leave(anne, dialogue);
        await nothingOf(anne, side);
        assert.equal(await records(), before + 1, 'it stands in the log');
        assert.match((await anne.get('/log?own=1')).page.text(), /En sidesamtale for ansatte fik en ny tovholder ved det, du gjorde/);
        assert.deepEqual((await participants(jonas, side)).people.map((one) => [one.name, one.role]), [['Jonas Dam', 'Tovholder']]);
        assert.equal((await jonas.get(`/dialogue/${side}/journal`)).status, 200);
        await leave(jonas, dialogue);
        await nothingOf(jonas, side);
        await nothingOf(rikke, side);
    });
});

describe('a talk beside a dialogue that all have left', () => {
    /** Anne was in it last, and has left the dialogue. */
    async function left(at, beforehand = async () => {}) {
        const [coordinator, next] = await Promise.all(['anne', 'rikke'].map((id) => at.as(id)));
        const { dialogue } = await circle(at, 'Forladt');
        const side = await aside(dialogue, coordinator);
        await leave(await at.as('jonas'), dialogue);
        await write(coordinator, side, 'Skal på sagen');
        await beforehand(side, coordinator);
        await addEmployee(coordinator, dialogue, next.name, 'kollega');
        const person = (await participants(coordinator, dialogue)).people.find((one) => one.name === next.name).person;
        assert.equal((await coordinator.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/coordinator`, { value: '1' })).status, 303);
        await leave(coordinator, dialogue);
        return { dialogue, side, coordinator };
    }

    test('ends in the open stream of who was there last', async () => {
        let stream;
        await left(town, async (side, coordinator) => { stream = await coordinator.stream(`/dialogue/${side}/live`); });
        await cut(stream);
    });

    test('is filed all the same when it was sent to the case system before', async (t) => {
        const place = mkdtempSync(path.join(tmpdir(), 'samtraad-target-'));
        t.after(() => rmSync(place, { recursive: true, force: true }));
        const other = await Town.start({ settings: `[journal]\ndeliver = ${place}\nretry_seconds = 1\npoll_seconds = 1\ntries = 100\n` });
        t.after(() => other.close());
        let entry;
        renameSync(place, `${place}.away`);
        await left(other, async (side, coordinator) => { entry = await file(coordinator, side, { scope: 'all', theme: 'Sidesamtale' }); });
        renameSync(`${place}.away`, place);
        await until('it is handed over', () => existsSync(path.join(place, `samtraad-${entry}`, 'manifest.json')), 30000);
    });

    test('keeps nobody from their own folder, which tells that they have left', async () => {
        const { dialogue, side, coordinator } = await left(town);
        const { dialogues } = dataOf(await folderOf(coordinator));
        assert.deepEqual(dialogues.filter((one) => [dialogue, side].includes(one.id)).map((one) => [one.topic, one.posts.length]), [['', 0], ['', 0]]);
    });

    test('reminds nobody of what is not filed there', async () => {
        let unfiled;
        const told = async (coordinator) => (await coordinator.get('/', { json: true })).json.unfiled;
        const { coordinator } = await left(town, async (side, one) => {
            await town.server.sql(`INSERT INTO journal_mark (dialogue, number, person, at) VALUES (${side}, 1, 1, 1)`);
            unfiled = await told(one);
            assert.ok(unfiled > 0);
        });
        assert.equal(await told(coordinator), unfiled - 1);
    });
});

describe('a link', () => {
    test('lets nobody in after its time, whatever somebody writes into the database', async (t) => {
        const later = await Town.start({ clock: true });
        t.after(() => later.close());
        const place = await circle(later, 'For længst'), link = await invite(place.anne, place.dialogue, { name: 'Lone Bæk', relation: 'farmor' });
        await later.server.shiftClock('+31d');
        const lone = await later.signIn('lone');
        assert.equal((await lone.get(link)).status, 410);
        await later.server.sql('UPDATE invitation SET expires = expires + 31536000000, created = created + 31536000000');
        assert.equal((await lone.get(link)).status, 410);
        assert.equal((await lone.post(link, { csrf: await lone.csrf() })).status, 422);
        assert.equal(await sees(lone, place.dialogue), 404);
    });

    test('lets nobody into a dialogue that was closed meanwhile', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Lukket imens');
        const link = await invite(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'lærer' });
        assert.equal((await anne.submit(`/dialogue/${dialogue}/close`, `/dialogue/${dialogue}/close`, { reason: 'Planen er færdig' })).status, 303);
        assert.equal((await karim.post(link, { csrf: await karim.csrf() })).status, 422);
        assert.equal(await sees(karim, dialogue), 404);
        assert.equal((await anne.submit(`/dialogue/${dialogue}/closed`, `/dialogue/${dialogue}/reopen`, {})).status, 303);
        await accept(karim, link);
        assert.equal(await sees(karim, dialogue), 200);
    });
});

describe('who must say yes', () => {
    /** Mette, Emil's mother, is asked for him. */
    const asked = async (topic) => {
        const dialogue = await startDialogue(anne, town.person('emil'), topic);
        await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
        await mustAgree(anne, dialogue, mette.name, 'custody');
        return dialogue;
    };
    const list = async (who) => (await who.get('/consents', { json: true })).json;

    test('is told of nobody new once they are excluded; the citizen is asked where nobody else is left', async () => {
        const dialogue = await asked('Mor er ude');
        await exclude(anne, dialogue, mette.name);
        await proposeOutside(anne, dialogue, { name: 'Lone Bæk', purpose: 'Bor på den hemmelige adresse' });
        const page = await mette.open('/consents');
        assert.doesNotMatch(page.page.text(), /Lone Bæk/);
        assert.equal((await mette.get(`/consents/${(await proposalOf(anne, dialogue, 'Lone Bæk')).proposal}`)).status, 404);
        assert.match((await anne.get(`/dialogue/${dialogue}/consent`, { json: true })).json.proposals[0].givers, /^Emil/);
        const added = await anne.post(`/dialogue/${dialogue}/participants/employee`, { csrf: await anne.csrf(), relation: 'lærer',
            person: (await anne.get(`/dialogue/${dialogue}/participants?search=Jonas`, { json: true })).json.found[0].person });
        assert.equal(added.status, 422, 'and nobody comes in past him');
    });

    test('answers no more what they were asked before: no yes lets anybody in, no button asks for one', async () => {
        const dialogue = await asked('Spurgt inden'), proposal = await propose(anne, dialogue, 'Jonas Dam');
        const open = await mette.open(`/consents/${proposal}`);
        await exclude(anne, dialogue, mette.name);
        for (const what of ['all', 'today', 'no'])
            assert.equal((await mette.submit(open, `/consents/${proposal}/answer`, { answer: what })).status, 422, what);
        assert.equal(await sees(jonas, dialogue), 404);
        assert.equal((await list(mette)).asked.some((one) => one.proposal === proposal), false);
        assert.equal((await consent(mette, proposal)).may_answer, false);
    });

    test('prolongs nothing any more, and can still take back what they gave', async () => {
        const dialogue = await asked('Givet inden'), proposal = await propose(anne, dialogue, 'Jonas Dam');
        await answer(mette, proposal, 'all', 1);
        const open = await mette.open(`/consents/${proposal}`), { until } = await consent(mette, proposal);
        await exclude(anne, dialogue, mette.name);
        assert.equal((await mette.submit(open, `/consents/${proposal}/renew`, { months: '12' })).status, 422);
        const now = await consent(mette, proposal);
        assert.deepEqual([now.may_renew, now.may_withdraw, now.until], [false, true, until]);
        assert.equal(await sees(jonas, dialogue), 200);
        await withdraw(mette, proposal);
        assert.equal(await sees(jonas, dialogue), 404);
    });

    test('is asked again when they come back, though others were chosen meanwhile', async () => {
        const dialogue = await asked('Ude en tid');
        await exclude(anne, dialogue, mette.name);
        await mustAgree(anne, dialogue, emil.name);
        await proposeOutside(anne, dialogue, { name: mette.name, relation: 'mor' });
        await answer(emil, (await proposalOf(anne, dialogue, mette.name)).proposal, 'all');
        await accept(mette, await linkOf(anne, dialogue, mette.name));
        await propose(anne, dialogue, 'Jonas Dam');
        assert.match((await proposalOf(anne, dialogue, 'Jonas Dam')).givers, /Mette/);
    });

    test('lets nobody back in by a late yes who was let in otherwise meanwhile, and excluded', async () => {
        const dialogue = await asked('Sent ja'), proposal = await propose(anne, dialogue, 'Jonas Dam');
        const open = await mette.open(`/consents/${proposal}`);
        await mustAgree(anne, dialogue, mette.name, 'none');
        await addEmployee(anne, dialogue, 'Jonas Dam', 'lærer');
        await exclude(anne, dialogue, 'Jonas Dam');
        const late = await mette.submit(open, `/consents/${proposal}/answer`, { answer: 'all' });
        assert.equal(await sees(jonas, dialogue), 404);
        assert.equal(late.status, 422);
    });

    test('has no say by an earlier yes over somebody who was excluded since, and came back otherwise', async () => {
        const dialogue = await asked('Ud og ind'), proposal = await propose(anne, dialogue, 'Jonas Dam');
        await answer(mette, proposal, 'all');
        await exclude(anne, dialogue, 'Jonas Dam');
        assert.equal((await consent(mette, proposal)).may_withdraw, false);
        await mustAgree(anne, dialogue, mette.name, 'none');
        await addEmployee(anne, dialogue, 'Jonas Dam', 'lærer');
        const now = await consent(mette, proposal);
        assert.deepEqual([now.may_renew, now.may_withdraw], [false, false]);
        assert.equal((await mette.post(`/consents/${proposal}/withdraw`, { csrf: await mette.csrf() })).status, 422);
        assert.equal(await sees(jonas, dialogue), 200);
    });
});

test('the start page tells a coordinator who was excluded no more that a consent runs out, or whose', async () => {
    const { dialogue } = await circle(town, 'Løber ud');
    await mustAgree(anne, dialogue, emil.name);
    await proposeOutside(anne, dialogue, { name: 'Lone Bæk', relation: 'farmor' });
    const { proposal } = await proposalOf(anne, dialogue, 'Lone Bæk');
    await answer(emil, proposal, 'all', 1);
    const person = await personOf(dialogue, jonas);
    assert.equal((await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/coordinator`, { value: '1' })).status, 303);
    await town.server.sql(`INSERT INTO consent_reminder (record, days, person, dialogue, at)
        SELECT MAX(id), 7, ${person}, ${dialogue}, 1 FROM consent_record WHERE proposal = ${proposal}`);
    const told = async () => (await jonas.get('/', { json: true })).json.notices.some((one) => one.text.includes('Lone Bæk'));
    assert.equal(await told(), true);
    await exclude(anne, dialogue, jonas.name);
    assert.equal(await told(), false);
});

test('who takes part until a day gets their own folder after it too', async (t) => {
    const later = await Town.start({ clock: true });
    t.after(() => later.close());
    const place = await circle(later, 'Til en dag');
    const part = (await place.emil.get('/access', { json: true })).json.parts.find((one) => one.dialogue === place.dialogue);
    const last = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + 86400000);
    assert.equal((await place.emil.post(`/dialogue/${place.dialogue}/access/${part.person}`, { csrf: await place.emil.csrf(), until: last })).status, 303);
    await later.server.shiftClock('+3d');
    const { dialogues } = dataOf(await folderOf(await later.signIn('mette')));
    assert.deepEqual(dialogues.map((one) => [one.id, one.posts.length]), [[place.dialogue, 0]]);
});

test('the link of an employee who has left the municipality lets nobody in', async () => {
    const { dialogue } = await circle(town, 'Ansat væk');
    assert.equal((await anne.post(`/dialogue/${dialogue}/participants/${await personOf(dialogue, jonas)}/coordinator`, { csrf: await anne.csrf(), value: 'on' })).status, 303);
    const link = await invite(jonas, dialogue, { name: 'Lone Bæk', relation: 'farmor' });
    const { people } = (await birgit.get('/admin/staff', { json: true })).json;
    const path = `/admin/staff/${people.find((one) => one.name === jonas.name).person}`;
    const ended = await birgit.submit(path, `${path}/end`, {});
    assert.equal(ended.status, 303, ended.text.slice(0, 500));
    const lone = await town.as('lone');
    assert.equal((await lone.post(link, { csrf: await lone.csrf() })).status, 422);
    assert.equal(await sees(lone, dialogue), 404);
});

describe('a reviewer', () => {
    const staff = async (name) => `/admin/staff/${(await birgit.get('/admin/staff', { json: true })).json.people.find((one) => one.name === name).person}`;

    test('who works in another unit by now can be told to stop, and then reviews none', async () => {
        const rikke = await town.as('rikke'), page = await staff(rikke.name);
        const { units } = (await birgit.get('/admin/units', { json: true })).json;
        assert.equal((await birgit.post(`${page}/reviewer`, { csrf: await birgit.csrf(), value: '1' })).status, 303);
        assert.equal((await birgit.submit(page, page, { title: 'Lærer', unit: units.find((one) => one.name === 'Skovbakkeskolen').id })).status, 303);
        assert.equal((await birgit.get(page, { json: true })).json.reviews, true);
        assert.equal((await birgit.submit(page, `${page}/reviewer`, {})).status, 303);
        assert.equal((await rikke.get('/review')).status, 404);
    });

    test('whose employment ended is none when they come back', async () => {
        const rikke = await town.as('rikke'), page = await staff(rikke.name);
        assert.equal((await birgit.post(`${page}/reviewer`, { csrf: await birgit.csrf(), value: '1' })).status, 303);
        assert.equal((await rikke.get('/review')).status, 200);
        assert.equal((await birgit.submit(page, `${page}/end`, { successor: (await staff(anne.name)).split('/').at(-1) })).status, 303);
        assert.equal((await birgit.post(`${page}/return`, { csrf: await birgit.csrf() })).status, 303);
        const back = await town.signIn('rikke');
        assert.equal((await back.get('/')).status, 200);
        assert.equal((await back.get('/review')).status, 404);
    });
});
