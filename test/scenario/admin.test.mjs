// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attr } from '../support/html.mjs';
import { until } from '../support/server.mjs';
import { Town, addEmployee, circle, participants, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, jonas, birgit, ulla;
before(async () => {
    town = await Town.start();
    [anne, emil, jonas, birgit, ulla] = await Promise.all(['anne', 'emil', 'jonas', 'birgit', 'ulla'].map((id) => town.as(id)));
});
after(() => town?.close());

const staff = async (client, query = '') => (await client.get(`/admin/staff${query}`, { json: true })).json.people;
const pageOf = async (name) => `/admin/staff/${(await staff(birgit, '?former=1')).find((one) => one.name === name).person}`;

describe('the pages of administration', () => {
    test('only administrators find them, in the menu and by address', async () => {
        assert.ok((await birgit.open('/')).text.includes('href="/admin"'));
        for (const client of [anne, emil]) {
            assert.ok(!(await client.open('/')).text.includes('href="/admin"'));
            for (const path of ['/admin', '/admin/units', '/admin/staff', await pageOf('Jonas Dam')])
                assert.equal((await client.get(path)).status, 403, path);
        }
    });

    test('the start page of who administers leads there, and does not wait for an invitation', async () => {
        for (const who of [birgit, ulla]) {
            const { page } = await who.open('/');
            const main = page.id('main');
            assert.equal(page.all('a', main).filter((link) => attr(link, 'href') === '/admin').length, 1);
            assert.doesNotMatch(page.text(main), /Når nogen inviterer dig/);
        }
    });

    test('no word of a dialogue stands on them', async () => {
        const { dialogue } = await circle(town, 'Mistrivselordet');
        await write(emil, dialogue, 'Hemmelighedsordet');
        for (const path of ['/admin', '/admin/units', '/admin/staff?former=1', await pageOf('Anne Kjær Holm')]) {
            const { text } = await birgit.open(path);
            for (const word of ['Mistrivselordet', 'Hemmelighedsordet', 'Emil']) assert.ok(!text.includes(word), `${word} on ${path}`);
        }
    });

    test('a unit is added, renamed, and no two are called the same', async () => {
        assert.equal((await birgit.submit('/admin/units', '/admin/units', { name: 'Sundhedsplejen' })).status, 303);
        const page = await birgit.submit('/admin/units', '/admin/units', { name: 'Sundhedsplejen' });
        assert.equal(page.status, 422);
        assert.match(page.page.text(), /Der er allerede en enhed med det navn/);
        assert.equal((await birgit.submit('/admin/units', '/admin/units', { name: 'SUNDHEDSplejen' })).status, 422, 'whatever the capitals');
        const { units } = (await birgit.get('/admin/units', { json: true })).json;
        const made = units.find((one) => one.name === 'Sundhedsplejen');
        assert.equal((await birgit.submit('/admin/units', `/admin/units/${made.id}`, { name: 'Sundhed og pleje' })).status, 303);
        assert.match((await birgit.open('/admin/units')).page.text(), /Sundhed og pleje/);
        assert.equal((await birgit.submit('/admin/units', `/admin/units/${made.id}`, { name: 'Sundhed og Pleje' })).status, 303, 'its own name is its own');
    });

    test('who administers a school looks after that school only', async () => {
        assert.deepEqual((await staff(ulla)).map((one) => one.name), ['Ulla Friis', 'Jonas Dam']);
        assert.equal((await ulla.get(await pageOf('Anne Kjær Holm'))).status, 404);
        const { units, may_add } = (await ulla.get('/admin/units', { json: true })).json;
        assert.deepEqual([units.map((one) => one.name), may_add], [['Skovbakkeskolen'], false]);
        assert.equal((await ulla.post('/admin/units', { csrf: await ulla.csrf(), name: 'Min egen' })).status, 403);
        const other = (await birgit.get('/admin/units', { json: true })).json.units.find((one) => one.name !== 'Skovbakkeskolen');
        assert.equal((await ulla.post(`/admin/units/${other.id}`, { csrf: await ulla.csrf(), name: 'Overtaget' })).status, 404);
        assert.equal((await ulla.post(await pageOf('Jonas Dam'), { csrf: await ulla.csrf(), title: 'Lærer', unit: other.id })).status, 404);
    });

    test('a citizen is nobody in the staff list, by any number', async () => {
        assert.equal((await birgit.get(`/admin/staff/${(await participants(anne, await startDialogue(anne, town.person('emil'), 'Emne'))).people.find((one) => one.name === 'Emil Østergaard Nielsen')?.person ?? 1}`)).status, 404);
    });

    test('title and unit are changed', async () => {
        const page = await birgit.open(await pageOf('Jonas Dam'));
        assert.equal((await birgit.submit(page, await pageOf('Jonas Dam'), { title: 'Skoleleder' })).status, 303);
        assert.equal((await staff(birgit)).find((one) => one.name === 'Jonas Dam').title, 'Skoleleder');
    });
});

test('an employee is made a reviewer of their unit, and no longer', async () => {
    const path = await pageOf('Jonas Dam'), reviews = async () => (await birgit.get(path, { json: true })).json.reviews;
    const before = await reviews();
    const queue = async () => (await jonas.get('/review')).status;
    for (const value of [!before, before]) {
        assert.equal((await birgit.submit(path, `${path}/reviewer`, {})).status, 303);
        assert.equal(await reviews(), value);
        assert.equal(await queue() === 200, value, `the queue: ${await queue()}`);
    }
    assert.equal((await anne.post(`${path}/reviewer`, { csrf: await anne.csrf(), value: 1 })).status, 403);
});

describe('the overview of dialogues', () => {
    test('asks why, shows subject and people, never a message, and the citizen sees that it was done and why', async () => {
        const { dialogue } = await circle(town, 'Overbliksemnet');
        await write(emil, dialogue, 'Beskedordet');
        const { units } = (await birgit.get('/admin/units', { json: true })).json;
        const unit = units.find((one) => one.name === 'Familie og trivsel').id;
        assert.ok(!(await birgit.open('/admin/dialogues')).text.includes('Overbliksemnet'), 'nothing before the reason');
        assert.equal((await birgit.submit('/admin/dialogues', '/admin/dialogues', { unit, why: '' })).status, 422);
        const page = await birgit.submit('/admin/dialogues', '/admin/dialogues', { unit, why: 'other', why_words: 'Tilsyn med sagerne' });
        assert.match(page.page.text(), /Overbliksemnet/);
        assert.match(page.page.text(), /Karim Haddad \(klasselærer\)/);
        assert.ok(!page.text.includes('Beskedordet'));
        const log = (await emil.open('/log')).page.text();
        assert.match(log, /Birgit Sø.*så, at .Overbliksemnet. findes/s);
        assert.match(log, /Tilsyn med sagerne/);
        assert.equal((await ulla.post('/admin/dialogues', { csrf: await ulla.csrf(), unit, why: 'duty' })).status, 404, 'not her unit');
        assert.equal((await anne.get('/admin/dialogues')).status, 403);
    });

    test('numbers below five are not told', async () => {
        const { units } = (await birgit.get('/admin/statistics', { json: true })).json;
        const school = units.find((one) => one.unit === 'Skovbakkeskolen');
        assert.equal(school.posts, '0');
        const family = units.find((one) => one.unit === 'Familie og trivsel');
        assert.equal(family.started, 'under 5');
        for (let i = 0; i < 5; i++) await startDialogue(anne, town.person('emil'), `Emne ${i}`);
        assert.ok(Number((await birgit.get('/admin/statistics', { json: true })).json.units.find((one) => one.unit === 'Familie og trivsel').started) >= 5);
        assert.equal((await birgit.get('/admin/statistics?back=1', { json: true })).json.units.find((one) => one.unit === 'Familie og trivsel').posts, '0');
    });
});

describe('the end of an employment', () => {
    test('somebody must take over where the person is the only coordinator; then access ends at once, open streams too', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Overdragelse');
        const other = await startDialogue(anne, town.person('emil'), 'Også her');
        await addEmployee(anne, other, 'Jonas Dam', 'skolens kontaktperson');
        const stream = await anne.stream(`/dialogue/${dialogue}/live`);
        assert.equal(stream.status, 200);
        const path = await pageOf('Anne Kjær Holm');

        const refused = await birgit.post(`${path}/end`, { csrf: await birgit.csrf() });
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /Vælg, hvem der tager over/);
        assert.equal((await anne.get(`/dialogue/${dialogue}`)).status, 200, 'nothing has happened yet');

        const { person } = (await staff(birgit)).find((one) => one.name === 'Jonas Dam');
        assert.equal((await birgit.submit(path, `${path}/end`, { successor: person })).status, 303);
        await until('the stream is closed', async () => Promise.race([stream.closed.then(() => true), new Promise((resolve) => setTimeout(resolve, 10))]));
        assert.notEqual((await anne.get(`/dialogue/${dialogue}`)).status, 200);
        assert.equal((await anne.get('/', { json: true })).status, 401);

        for (const one of [dialogue, other]) {
            const { people, former } = await participants(jonas, one);
            assert.equal(people.find((who) => who.name === 'Jonas Dam').role, 'Tovholder');
            assert.ok(former.some((who) => who.name === 'Anne Kjær Holm'));
        }
        await write(jonas, dialogue, 'Jeg har taget over efter Anne.');
    });

    test('who has left can do nothing, even when they sign in again, until they are employed again', async () => {
        const again = await town.signIn('anne');
        assert.equal((await again.get('/', { json: true })).status, 403);
        const path = await pageOf('Anne Kjær Holm');
        assert.equal((await birgit.submit(path, `${path}/return`, {})).status, 303);
        const back = await town.signIn('anne');
        const { dialogues } = (await back.get('/', { json: true })).json;
        assert.deepEqual(dialogues, [], 'takes part in nothing');
    });

    test('who has left is changed by nobody, and who has not can’t be employed again', async () => {
        const [gone, here] = [await pageOf('Anne Kjær Holm'), await pageOf('Jonas Dam')], csrf = await birgit.csrf();
        assert.equal((await birgit.post(`${here}/return`, { csrf })).status, 404);
        assert.equal((await birgit.post(`${await pageOf('Ulla Friis')}/return`, { csrf })).status, 404, 'an administrator stays one');
        assert.equal((await ulla.get('/admin')).status, 200);
        const { units } = (await birgit.get('/admin/units', { json: true })).json;
        await birgit.submit(gone, `${gone}/end`, {});
        assert.equal((await birgit.post(gone, { csrf, title: 'Direktør', unit: units[0].id })).status, 404);
        assert.equal((await birgit.post(`${gone}/reviewer`, { csrf, value: 1 })).status, 404, 'nor made a reviewer');
        assert.equal((await birgit.post(`${await pageOf('Birgit Sø')}/reviewer`, { csrf, value: 1 })).status, 404, 'an administrator reviews nobody');
    });

    test('nobody ends their own employment', async () => {
        const path = await pageOf('Birgit Sø');
        assert.ok(!(await birgit.open(path)).text.includes(`${path}/end`));
        assert.equal((await birgit.post(`${path}/end`, { csrf: await birgit.csrf() })).status, 404);
    });
});

test('the log of it all holds', async () => {
    await town.server.stop();
    const { code, stdout } = await town.server.command('verify');
    assert.equal(code, 0, stdout);
});
