// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, addEmployee, exclude, participants, read, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, jonas, birgit, family, school;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, jonas, birgit] = await Promise.all(['anne', 'emil', 'mette', 'jonas', 'birgit'].map((id) => town.as(id)));
    const { units } = (await emil.get('/write', { json: true })).json;
    [family, school] = ['Familie og trivsel', 'Skovbakkeskolen'].map((name) => units.find((one) => one.name === name).id);
});
after(() => town?.close());

/** Writes to a unit the way a citizen does; the dialogue's id. */
async function writeTo(client, unit, topic, text = 'Hej. Jeg vil gerne høre om hjælp.') {
    const answer = await client.submit('/write', '/write', { unit, topic, text });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
    return /^\/dialogue\/(\d+)/.exec(answer.headers.location)[1];
}

const inbox = async (client) => (await client.get('/inbox', { json: true })).json.items;
const day = (days) => new Date(Date.now() + days * 86400000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Copenhagen' });

describe('writing to a unit', () => {
    test('the message waits in that unit\'s inbox, the citizen sees that it has come, and whoever takes it becomes coordinator', async () => {
        const dialogue = await writeTo(emil, family, 'Hjælp til lektier', 'Kan nogen hjælpe mig?');
        assert.match((await emil.open(`/dialogue/${dialogue}`)).page.text(), /Din besked er kommet frem til Familie og trivsel\. Ingen har taget den endnu/);
        assert.deepEqual((await inbox(anne)).map((one) => [one.topic, one.citizen]), [['Hjælp til lektier', emil.name]]);
        assert.match((await anne.open(`/inbox/${dialogue}`)).page.text(), /Kan nogen hjælpe mig\?/);
        assert.equal((await anne.get(`/dialogue/${dialogue}`)).status, 404, 'not in it before it is taken');

        const person = (await anne.get(`/inbox/${dialogue}`, { json: true })).json.colleagues[0];
        assert.match(person.words, /Anne/, 'oneself first');
        const taken = await anne.submit(`/inbox/${dialogue}`, `/inbox/${dialogue}`, { relation: 'sagsbehandler', person: person.person });
        assert.equal(taken.headers.location, `/dialogue/${dialogue}`);
        assert.deepEqual(await inbox(anne), []);
        assert.equal((await anne.get(`/inbox/${dialogue}`)).status, 404, 'it was taken');
        await write(anne, dialogue, 'Ja, jeg hjælper dig.');
        assert.equal((await read(emil, dialogue)).length, 2);
        const { people } = await participants(emil, dialogue);
        assert.equal(people.find((one) => one.name === 'Anne Kjær Holm').role, 'Tovholder');
        assert.ok(!(await emil.open(`/dialogue/${dialogue}`)).page.text().includes('Ingen har taget den endnu'));
    });

    test('another unit, the administrator and other citizens see nothing of it', async () => {
        const dialogue = await writeTo(emil, family, 'Kun til familieenheden', 'Fortroligt ord');
        assert.ok(!(await jonas.open('/inbox')).text.includes('Kun til familieenheden'));
        for (const client of [jonas, birgit, mette, emil]) {
            const answer = await client.get(`/inbox/${dialogue}`);
            assert.ok([403, 404].includes(answer.status), `${client.id}: ${answer.status}`);
            assert.ok(!answer.text.includes('Fortroligt'));
            const given = await client.post(`/inbox/${dialogue}`, { csrf: await client.csrf(), person: '1', relation: 'x' });
            assert.ok([403, 404].includes(given.status), `${client.id}: ${given.status}`);
        }
    });

    test('what somebody has taken can not be taken again, though its row is put back into the database', async () => {
        const dialogue = await writeTo(emil, family, 'Taget og lagt tilbage', 'Det er kun til den, der tog den'), rikke = await town.as('rikke');
        assert.equal((await rikke.get(`/inbox/${dialogue}`)).status, 200);
        await town.server.sql('CREATE TABLE kept_letter AS SELECT * FROM unit_letter');
        const person = (await anne.get(`/inbox/${dialogue}`, { json: true })).json.colleagues[0].person;
        assert.equal((await anne.submit(`/inbox/${dialogue}`, `/inbox/${dialogue}`, { relation: 'sagsbehandler', person })).status, 303);
        await town.server.sql(`INSERT INTO unit_letter SELECT * FROM kept_letter WHERE dialogue = ${dialogue}; DROP TABLE kept_letter`);
        assert.equal((await rikke.get(`/inbox/${dialogue}`)).status, 404);
        assert.equal((await rikke.post(`/inbox/${dialogue}`, { csrf: await rikke.csrf(), person, relation: 'x' })).status, 404);
        assert.ok(!(await inbox(rikke)).some((one) => one.topic === 'Taget og lagt tilbage'));
        await town.server.sql(`DELETE FROM unit_letter WHERE dialogue = ${dialogue}`);
    });

    test('a dialogue that has a coordinator can not be reached through the inbox', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Har en tovholder');
        await write(emil, dialogue, 'Ubesvaret');
        assert.ok(!(await inbox(anne)).some((one) => one.id === dialogue));
        assert.equal((await anne.get(`/inbox/${dialogue}`)).status, 404);
    });

    test('a dialogue that lost its coordinator does not fall open to the unit, and no row put into the database opens one', async () => {
        const lost = await writeTo(emil, family, 'Mistede sin tovholder', 'Et fortroligt ord');
        const { person } = (await anne.get(`/inbox/${lost}`, { json: true })).json.colleagues[0];
        assert.equal((await anne.submit(`/inbox/${lost}`, `/inbox/${lost}`, { relation: 'sagsbehandler', person })).status, 303);
        const waiting = await writeTo(emil, family, 'Venter');
        await town.server.sql(`UPDATE participant SET ended = 1 WHERE dialogue = ${lost} AND person = ${person}`);
        assert.equal((await anne.get(`/inbox/${lost}`)).status, 404, 'without a coordinator');
        await town.server.sql(`INSERT INTO unit_letter SELECT ${lost}, unit, created, sealed FROM unit_letter WHERE dialogue = ${waiting}`);
        assert.equal((await anne.get(`/inbox/${lost}`)).status, 404, 'another letter\'s row');
        assert.ok(!(await inbox(anne)).some((one) => one.id === lost));
        await town.server.sql(`UPDATE unit_letter SET unit = ${school} WHERE dialogue = ${waiting}`);
        assert.equal((await jonas.get(`/inbox/${waiting}`)).status, 404, 'moved to another unit');
        assert.deepEqual((await inbox(jonas)).filter((one) => one.id === waiting), []);
    });

    test('it can be given to nobody outside the unit', async () => {
        const dialogue = await writeTo(emil, family, 'Til den rette');
        const { person } = (await participants(anne, await startDialogue(anne, town.person('emil'), 'Et emne'))).people.find((one) => one.name === emil.name);
        const refused = await anne.submit(`/inbox/${dialogue}`, `/inbox/${dialogue}`, { relation: 'ven', person });
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /arbejder ikke i enheden/);
        assert.equal((await inbox(anne)).some((one) => one.id === dialogue), true);
    });

    test('the citizen sees in the log who read it in the inbox', async () => {
        const dialogue = await writeTo(emil, family, 'Hvem læste');
        await anne.open(`/inbox/${dialogue}`);
        assert.match((await emil.open('/log')).page.text(), /Anne Kjær Holm, Familie og trivsel, læste besked 1 i .Hvem læste./);
    });

    test('an employee writes to no unit, and nobody floods one', async () => {
        assert.equal((await anne.get('/write')).status, 403);
        assert.equal((await anne.post('/write', { csrf: await anne.csrf(), unit: school, topic: 'x', text: 'y' })).status, 403);
        assert.equal((await anne.post('/write', { csrf: await anne.csrf(), unit: school, topic: 'Et rigtigt emne', text: 'En rigtig besked til skolen' })).status, 403);
        assert.ok(!(await inbox(jonas)).some((one) => one.topic === 'Et rigtigt emne'));
        for (let i = 0; i < 5; i++) await writeTo(mette, school, `Emne ${i}`);
        const answer = await mette.submit('/write', '/write', { unit: school, topic: 'Et til', text: 'y' });
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Fem af dine beskeder venter/);
        assert.equal((await inbox(jonas)).length, 5);
    });

    test('a unit where nobody works is not offered, and takes nothing; the administrator sees why, and what waits there', async () => {
        await birgit.submit('/admin/units', '/admin/units', { name: 'Borgerservice' });
        const unitOf = async (name) => (await birgit.get('/admin/units', { json: true })).json.units.find((one) => one.name === name);
        const empty = await unitOf('Borgerservice');
        const offered = async () => (await emil.get('/write', { json: true })).json.units.map((one) => one.name);
        assert.ok(!(await offered()).includes('Borgerservice') && (await offered()).includes('Skovbakkeskolen'));
        const answer = await emil.post('/write', { csrf: await emil.csrf(), unit: empty.id, topic: 'Et emne', text: 'En lang tekst' });
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Ingen læser det, der skrives til den enhed lige nu/);
        assert.match(answer.text, /En lang tekst/);
        assert.match((await birgit.open('/admin/units')).page.text(), /Borgerservice 0 medarbejdere · 0 samtaler Borgere kan først skrive til enheden, når der er en medarbejder i den/);

        const staffPage = `/admin/staff/${(await birgit.get('/admin/staff', { json: true })).json.people.find((one) => one.name === 'Jonas Dam').person}`;
        const move = (unit) => birgit.submit(staffPage, staffPage, { unit });
        assert.equal((await move(empty.id)).status, 303);
        assert.ok((await offered()).includes('Borgerservice'));
        await writeTo(await town.as('karim'), empty.id, 'Pas', 'Mit pas er væk');
        assert.equal((await move(school)).status, 303);
        assert.deepEqual([(await unitOf('Borgerservice')).letters, (await offered()).includes('Borgerservice')], [1, false]);
        assert.match((await birgit.open('/admin/units')).page.text(), /1 besked venter Ingen kan læse det, som borgere har skrevet til enheden\. Giv den en medarbejder/);
    });

    test('a unit that does not exist is refused, and what was written stands there still', async () => {
        const answer = await emil.post('/write', { csrf: await emil.csrf(), unit: '1', topic: 'Et emne', text: 'En lang tekst' });
        assert.equal(answer.status, 422);
        assert.match(answer.text, /En lang tekst/);
    });
});

describe('being away', () => {
    test('who writes to somebody who is away sees until when, and who answers meanwhile', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Ferie');
        const seen = async () => (await emil.open(`/dialogue/${dialogue}`)).page.text();
        assert.equal((await anne.submit('/absence', '/absence', { first: day(1), last: day(9), words: 'God ferie.' })).status, 303);
        assert.ok(!(await seen()).includes('er væk til'), 'not before it begins');
        assert.equal((await anne.submit('/absence', '/absence', { first: day(-1), last: day(9), words: 'God ferie.' })).status, 303);
        assert.match(await seen(), /Anne Kjær Holm er væk til og med .*God ferie\./);
        assert.equal((await anne.submit('/absence', '/absence/end', {})).status, 303);
        assert.ok(!(await seen()).includes('er væk til'));
    });

    test('who answers meanwhile is named only where they take part, and who goes away hears in how many dialogues they do not', async () => {
        const [there, not] = [await startDialogue(anne, town.person('emil'), 'Med Jonas'), await startDialogue(anne, town.person('emil'), 'Uden Jonas')];
        await addEmployee(anne, there, jonas.name, 'kollega');
        const { person: deputy } = (await participants(anne, there)).people.find((one) => one.name === jonas.name);
        assert.equal((await anne.post('/absence', { csrf: await anne.csrf(), first: day(0), last: day(9), deputy })).status, 303);
        const seen = async (dialogue) => (await emil.open(`/dialogue/${dialogue}`)).page.text();
        assert.match(await seen(there), /Anne Kjær Holm er væk til og med .*\. Jonas Dam svarer imens\./);
        assert.match(await seen(not), /Anne Kjær Holm er væk til og med/);
        assert.ok(!(await seen(not)).includes('svarer imens'));

        const without = async () => (await anne.get('/absence', { json: true })).json.without_deputy;
        const before = await without();
        assert.match((await anne.open('/absence')).page.text(), new RegExp(`Jonas Dam er ikke med i ${before} samtale.*Inviter Jonas Dam`));
        await addEmployee(anne, not, jonas.name, 'kollega');
        assert.equal(await without(), before - 1);
        assert.match(await seen(not), /Jonas Dam svarer imens\./);
        await exclude(anne, there, jonas.name);
        assert.ok(!(await seen(there)).includes('svarer imens'), 'he has left it');
        assert.equal(await without(), before);
        await anne.submit(`/dialogue/${there}/close`, `/dialogue/${there}/close`, { reason: 'Slut for nu' });
        assert.equal(await without(), before - 1, 'in a closed one nobody answers');
        assert.equal((await anne.submit('/absence', '/absence/end', {})).status, 303);
        assert.equal(await without(), 0);
    });

    test('who takes part where one coordinates can be chosen to answer meanwhile, whatever their unit', async () => {
        const shown = async () => (await anne.open('/absence')).page.text().includes('Jonas Dam, Skovbakkeskolen');
        const dialogue = await startDialogue(anne, town.person('emil'), 'På tværs');
        const already = await shown();
        await addEmployee(anne, dialogue, jonas.name, 'kollega');
        assert.ok(await shown());
        const { deputies } = (await anne.get('/absence', { json: true })).json;
        assert.equal(deputies.filter((one) => one.name.startsWith('Jonas Dam')).length, 1);
        assert.ok(!deputies.some((one) => /Emil|Mette|Karim|Anne Kjær/.test(one.name)), 'no citizen, nobody from outside, not oneself');
        const deputy = deputies.find((one) => one.name.startsWith('Jonas Dam')).id;
        assert.equal((await anne.submit('/absence', '/absence', { first: day(0), last: day(9), deputy })).status, 303);
        assert.match((await anne.open('/absence')).text, new RegExp(`<option value="${deputy}" selected>`), 'and stands there as chosen');
        assert.match((await emil.open(`/dialogue/${dialogue}`)).page.text(), /Jonas Dam svarer imens/);
        await exclude(anne, dialogue, jonas.name);
        assert.equal(await shown(), already);
        assert.equal((await anne.submit('/absence', '/absence/end', {})).status, 303);
    });

    test('days in the wrong order and a deputy who is none are refused', async () => {
        const csrf = await anne.csrf();
        assert.equal((await anne.post('/absence', { csrf, first: day(3), last: day(2) })).status, 422);
        assert.equal((await anne.post('/absence', { csrf, first: day(1), last: day(500) })).status, 422);
        assert.equal((await anne.post('/absence', { csrf, first: day(1), last: day(2), deputy: '12345' })).status, 422);
        assert.equal((await emil.get('/absence')).status, 403);
    });
});
