// SPDX-License-Identifier: MPL-2.0
// A yes to the only coordinator is taken back: that person is out at once, and the dialogue is not forgotten.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, accept, addEmployee, invite, participants, read, startDialogue, write } from '../support/town.mjs';
import { answer, consent, mustAgree, propose, proposalOf, withdraw } from '../support/consent.mjs';

let town, anne, emil, mette, jonas, birgit, ulla;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, jonas, birgit, ulla] = await Promise.all(['anne', 'emil', 'mette', 'jonas', 'birgit', 'ulla'].map((id) => town.as(id)));
});
after(() => town?.close());

const personOf = async (who, dialogue, name) => (await participants(who, dialogue)).people.find((one) => one.name === name).person;
const without = async () => (await birgit.get('/admin/coordinators', { json: true })).json.items;
const rise = async (who, dialogue, name, value) => who.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${await personOf(who, dialogue, name)}/coordinator`, value ? { value: '1' } : {});
const appoint = (who, dialogue, person, relation = 'kontaktperson') => who.submit(`/admin/coordinators/${dialogue}`, `/admin/coordinators/${dialogue}`, { person, relation });

/** Jonas is let in by consent, becomes the only coordinator, and the dialogue belongs to his school. */
async function alone(topic) {
    const dialogue = await startDialogue(jonas, town.person('emil'), topic);
    await accept(mette, await invite(jonas, dialogue, { name: mette.name, relation: 'mor' }));
    await write(emil, dialogue, 'Hemmelighedsordet');
    await mustAgree(jonas, dialogue, emil.name);
    const proposal = await propose(jonas, dialogue, anne.name);
    await answer(emil, proposal, 'all');
    assert.equal((await rise(jonas, dialogue, anne.name, true)).status, 303);
    assert.equal((await jonas.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
    return { dialogue, proposal };
}

/** Jonas is the only coordinator of a dialogue of Anne's unit, until Emil takes his yes back. */
async function aloneInFamily(topic) {
    const dialogue = await startDialogue(anne, town.person('emil'), topic);
    await mustAgree(anne, dialogue, emil.name);
    const proposal = await propose(anne, dialogue, jonas.name);
    await answer(emil, proposal, 'all');
    assert.equal((await rise(anne, dialogue, jonas.name, true)).status, 303);
    assert.equal((await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
    await withdraw(emil, proposal);
    return dialogue;
}

describe('when a yes to the only coordinator is taken back', () => {
    test('the giver is told first what it means, and only where it is so', async () => {
        const { dialogue, proposal } = await alone('Før der trykkes');
        assert.equal((await consent(emil, proposal)).alone, 'Skovbakkeskolen');
        assert.match((await emil.open(`/consents/${proposal}`)).page.text(), /Anne Kjær Holm er den eneste tovholder\. Skovbakkeskolen får det at vide med det samme og finder en ny/);
        const other = await propose(anne, dialogue, 'Jonas Dam');
        await answer(emil, other, 'all');
        assert.equal((await consent(emil, other)).alone, '', 'Jonas is no coordinator');
        await rise(anne, dialogue, 'Jonas Dam', true);
        assert.equal((await consent(emil, proposal)).alone, '', 'now there are two');
        await withdraw(emil, proposal);
        assert.ok(!(await without()).some((one) => one.dialogue === dialogue));
    });

    test('the coordinator is out at once; those who stay, the unit and its administrators know, and none of them is told a word of it', async () => {
        const { dialogue, proposal } = await alone('Mistrivselordet');
        const before = (await jonas.get('/inbox', { json: true })).json.orphans;
        await withdraw(emil, proposal);
        assert.equal((await anne.get(`/dialogue/${dialogue}`)).status, 404);
        assert.match((await mette.open(`/dialogue/${dialogue}`)).page.text(), /Der er ingen tovholder lige nu\. Skovbakkeskolen ved det og finder en ny/);
        assert.equal((await jonas.get('/inbox', { json: true })).json.orphans, before + 1);
        assert.match((await jonas.open('/inbox')).page.text(), /samtale(r)? har ingen tovholder mere/);
        assert.equal((await jonas.get(`/inbox/${dialogue}`)).status, 404);
        assert.equal((await jonas.get(`/dialogue/${dialogue}`)).status, 404);
        const one = (await without()).find((item) => item.dialogue === dialogue);
        assert.deepEqual([one.unit, one.last, one.asked], ['Skovbakkeskolen', anne.name, '']);
        for (const page of [await jonas.open('/inbox'), await birgit.open('/admin/coordinators'), await birgit.open(`/admin/coordinators/${dialogue}`)])
            for (const word of ['Mistrivselordet', 'Hemmelighedsordet', 'Emil', 'Mette']) assert.ok(!page.text.includes(word), `${word} on ${page.request.url.pathname}`);
        await write(mette, dialogue, 'Vi skriver videre imens');
    });

    test('the administrator proposes somebody new, and the citizen decides', async () => {
        const { dialogue, proposal } = await alone('En ny tovholder');
        await withdraw(emil, proposal);
        const { people } = (await birgit.get(`/admin/coordinators/${dialogue}`, { json: true })).json;
        const { person } = people.find((one) => one.words.startsWith('Jonas Dam'));
        assert.equal((await appoint(birgit, dialogue, person)).status, 303);
        assert.equal((await without()).find((item) => item.dialogue === dialogue).asked, 'Jonas Dam');
        assert.equal((await jonas.get(`/dialogue/${dialogue}`)).status, 404, 'not before the citizen has said yes');
        const asked = (await emil.get('/consents', { json: true })).json.asked.find((one) => one.topic === 'En ny tovholder');
        const page = (await emil.open(`/consents/${asked.proposal}`)).page.text();
        assert.match(page, /Må Jonas Dam være med\?/);
        assert.match(page, /kontaktperson · Tovholder/);
        assert.match(page, /Birgit Sø har spurgt/);
        await answer(emil, asked.proposal, 'all');
        assert.equal((await read(jonas, dialogue))[0].text, 'Hemmelighedsordet');
        assert.doesNotMatch((await proposalOf(jonas, dialogue, 'Jonas Dam')).status, /[Vv]enter/);
        assert.ok(!(await without()).some((item) => item.dialogue === dialogue));
        assert.match((await emil.open('/log')).page.text(), /Birgit Sø.* foreslog .*En ny tovholder/);
    });

    test('a no leaves it as it was, and somebody else is proposed', async () => {
        const { dialogue, proposal } = await alone('Et nej');
        await withdraw(emil, proposal);
        const { people } = (await birgit.get(`/admin/coordinators/${dialogue}`, { json: true })).json;
        const { person } = people.find((one) => one.words.startsWith('Jonas Dam'));
        await appoint(birgit, dialogue, person);
        const again = await appoint(birgit, dialogue, person);
        assert.equal(again.status, 422);
        assert.match(again.page.text(), /foreslået i forvejen/);
        const asked = (await emil.get('/consents', { json: true })).json.asked.find((one) => one.topic === 'Et nej');
        await answer(emil, asked.proposal, 'no');
        assert.equal((await jonas.get(`/dialogue/${dialogue}`)).status, 404);
        assert.equal((await without()).find((item) => item.dialogue === dialogue).asked, '');
    });

    test('who takes part already only rises: the citizen has said yes to them', async () => {
        const { dialogue, proposal } = await alone('Allerede med');
        await answer(emil, await propose(anne, dialogue, 'Jonas Dam'), 'all');
        await withdraw(emil, proposal);
        const { people } = (await birgit.get(`/admin/coordinators/${dialogue}`, { json: true })).json;
        assert.equal((await appoint(birgit, dialogue, people.find((one) => one.words.startsWith('Jonas Dam')).person)).status, 303);
        assert.ok(!(await without()).some((item) => item.dialogue === dialogue));
        assert.equal((await jonas.get(`/dialogue/${dialogue}/consent`)).status, 200, 'and coordinates');
    });
});

describe('the page of dialogues without a coordinator', () => {
    test('is for administrators, and for their own units', async () => {
        const { dialogue, proposal } = await alone('Kun for skolen');
        await withdraw(emil, proposal);
        assert.ok((await ulla.get('/admin/coordinators', { json: true })).json.items.some((one) => one.dialogue === dialogue), 'Ulla runs the school');
        const family = await startDialogue(anne, town.person('emil'), 'Familien');
        const theirs = await aloneInFamily('Kun for familien');
        assert.ok((await without()).some((one) => one.dialogue === theirs), 'Birgit runs all of it');
        assert.ok(!(await ulla.get('/admin/coordinators', { json: true })).json.items.some((one) => one.dialogue === theirs));
        assert.equal((await ulla.get(`/admin/coordinators/${theirs}`)).status, 404);
        assert.equal((await ulla.post(`/admin/coordinators/${theirs}`, { csrf: await ulla.csrf(), person: '1', relation: 'x' })).status, 404);
        for (const one of [anne, jonas, emil]) {
            assert.equal((await one.get('/admin/coordinators')).status, 403);
            assert.equal((await one.post(`/admin/coordinators/${dialogue}`, { csrf: await one.csrf(), person: '1', relation: 'x' })).status, 403);
        }
        assert.equal((await birgit.get(`/admin/coordinators/${family}`)).status, 404, 'a dialogue that has one is not found');
        const { people } = (await birgit.get(`/admin/coordinators/${dialogue}`, { json: true })).json;
        assert.ok(people.every((one) => !one.words.startsWith('Anne')), 'only the unit’s own people can be chosen');
        await addEmployee(anne, family, 'Jonas Dam', 'lærer');
        const anneId = await personOf(anne, family, anne.name);
        assert.equal((await birgit.post(`/admin/coordinators/${dialogue}`, { csrf: await birgit.csrf(), person: anneId, relation: 'x' })).status, 422);
    });
});

describe('when the only coordinator’s employment ends', () => {
    const end = async (name, successor) => {
        const { people } = (await birgit.get('/admin/staff', { json: true })).json;
        const person = (wanted) => people.find((one) => one.name === wanted).person;
        const path = `/admin/staff/${person(name)}`;
        assert.match((await birgit.open(path)).page.text(), /skal sige ja til nye, bliver de spurgt først/);
        return birgit.submit(path, `${path}/end`, { successor: person(successor) });
    };

    /** A side talk of Anne with Jonas. */
    const aside = async (dialogue) => {
        const { people } = (await anne.get(`/dialogue/${dialogue}/side`, { json: true })).json;
        const until = new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 10);
        const answered = await anne.post(`/dialogue/${dialogue}/side`, { csrf: await anne.csrf(), name: 'Imellem os', reason: 'Vi skal afklare noget', until,
            ...Object.fromEntries(people.map((one, i) => [`person${i + 1}`, one.person])) });
        assert.equal(answered.status, 303, answered.text?.slice(0, 200));
        return /dialogue\/(\d+)/.exec(answered.headers.location)[1];
    };

    test('the successor comes in where nobody must agree, and is proposed where somebody must', async () => {
        const rikke = await town.as('rikke');
        const free = await startDialogue(anne, town.person('emil'), 'Uden samtykke');
        const { dialogue } = await alone('Skal spørges');
        await write(emil, dialogue, 'Kun for dem, jeg har sagt ja til');
        const talked = await startDialogue(anne, town.person('emil'), 'Med sidesamtale');
        await addEmployee(anne, talked, 'Jonas Dam', 'lærer');
        const side = await aside(talked);
        await mustAgree(anne, talked, emil.name);
        assert.equal((await end(anne.name, 'Rikke Vang')).status, 303);
        assert.equal((await participants(rikke, free)).people.find((one) => one.name === 'Rikke Vang').role, 'Tovholder');
        assert.equal((await rikke.get(`/dialogue/${dialogue}`)).status, 404, 'nobody has said yes to her');
        assert.equal((await rikke.get(`/dialogue/${side}`)).status, 404, 'nor comes she into the talk of employees beside a dialogue that she is not in');
        assert.deepEqual((await participants(jonas, side)).people.map((one) => one.name), ['Jonas Dam']);
        assert.equal((await without()).find((one) => one.dialogue === dialogue).asked, 'Rikke Vang');
        const asked = (await emil.get('/consents', { json: true })).json.asked.find((one) => one.topic === 'Skal spørges');
        assert.match((await emil.open(`/consents/${asked.proposal}`)).page.text(), /Tager over efter en kollega, der er holdt op/);
        await answer(emil, asked.proposal, 'all');
        assert.equal((await participants(rikke, dialogue)).people.find((one) => one.name === 'Rikke Vang').role, 'Tovholder');
        assert.ok((await participants(rikke, dialogue)).former.some((one) => one.name === anne.name));
        assert.ok(!(await without()).some((one) => one.dialogue === dialogue));
    });
});
