// SPDX-License-Identifier: MPL-2.0
// The presence rule: no talk of employees alone, but for an exception that is named, has a reason and an end, and stands in the log.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer as consentTo, linkOf, mustAgree, proposalOf, propose, proposeOutside } from '../support/consent.mjs';
import { file, fileOf } from '../support/journal.mjs';
import { staff } from '../support/oidc.mjs';
import { until } from '../support/server.mjs';
import { Town, accept, addEmployee, circle, exclude, participants, read, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
});
after(() => town?.close());

const rikke = staff.find((one) => one.id === 'rikke');
const day = (days) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + days * 86400000);
const reason = 'Vi skal afklare en underretning';

async function ask(person, dialogue, fields = {}, chosen = ['Jonas Dam']) {
    const { people } = (await person.get(`/dialogue/${dialogue}/side`, { json: true })).json;
    const boxes = Object.fromEntries(people.map((one, index) => [`person${index + 1}`, one]).filter(([, one]) => chosen.includes(one.name)).map(([name, one]) => [name, one.person]));
    return person.post(`/dialogue/${dialogue}/side`, { csrf: await person.csrf(), name: 'Bekymring for Emil', reason, until: day(3), ...boxes, ...fields });
}

async function start(person, dialogue, fields, chosen) {
    const answer = await ask(person, dialogue, fields, chosen);
    assert.equal(answer.status, 303, answer.page.text().slice(0, 600));
    return /^\/dialogue\/(\d+)$/.exec(answer.headers.location)[1];
}

const outsider = async (person, side) => {
    for (const path of ['', '/posts', '/people', '/participants', '/live', '/side/about', '/print', '/search?q=bekymring', '/journal', '/post/1']) {
        const answer = await person.get(`/dialogue/${side}${path}`);
        assert.equal(answer.status, 404, `${person.id} ${path}`);
    }
    assert.equal((await person.get('/search?q=bekymring', { json: true })).json.hits.length, 0);
    assert.ok(!(await person.get('/')).text.includes('Bekymring for Emil'));
};

describe('a side talk', () => {
    test('is read and written by the employees who were chosen, and by nobody else', async () => {
        const place = await circle(town, 'Skolen');
        const side = await start(anne, place.dialogue);
        await write(anne, side, 'Bekymring: hvad så I?');
        await write(jonas, side, 'Jeg så blå mærker.');
        assert.deepEqual((await read(jonas, side)).map((post) => post.text), ['Bekymring: hvad så I?', 'Jeg så blå mærker.']);
        for (const person of [emil, mette, karim]) await outsider(person, side);
        const { page } = await jonas.get(`/dialogue/${side}`);
        assert.match(page.text(), /Sidesamtale for ansatte/);
        assert.match(page.text(), /Kun I, der er med her, kan læse det\. Den slutter/);
        assert.match((await jonas.get(`/dialogue/${side}/side/about`)).page.text(), /Vi skal afklare en underretning/);
        assert.match((await jonas.get('/')).page.text(), /Bekymring for Emil[^]*Sidesamtale/);
    });

    test('needs a name, a reason, an end within 14 days and somebody to talk with', async () => {
        const place = await circle(town, 'Krav');
        for (const [wrong, words] of [[{ name: '' }, /hvad sidesamtalen handler om/], [{ reason: '' }, /hvorfor det ikke kan siges/], [{ reason: 'kort' }, /mindst 10/], [{ until: '' }, /Vælg den sidste dag/],
            [{ until: day(-1) }, /Vælg en dag fra i dag/], [{ until: day(15) }, /Vælg en dag fra i dag/]]) {
            const answer = await ask(anne, place.dialogue, wrong);
            assert.equal(answer.status, 422, JSON.stringify(wrong));
            assert.match(answer.page.text(), words);
        }
        assert.match((await ask(anne, place.dialogue, {}, [])).page.text(), /mindst en ansat/);
        assert.equal((await anne.get(`/dialogue/${place.dialogue}/side`, { json: true })).json.talks.length, 0);
        await start(anne, place.dialogue, { until: day(14) });
        await start(anne, place.dialogue, { until: day(0) });
    });

    test('only a coordinator starts one, and only employees of the dialogue can be in it', async () => {
        const place = await circle(town, 'Hvem');
        for (const person of [emil, mette, karim, jonas]) {
            assert.equal((await person.get(`/dialogue/${place.dialogue}/side`)).status, 403, person.id);
            assert.equal((await person.post(`/dialogue/${place.dialogue}/side`, { csrf: await person.csrf(), name: 'Mit', reason, until: day(1), person1: '1' })).status, 403);
        }
        const { people } = await participants(anne, place.dialogue);
        for (const name of ['Emil Østergaard Lund', 'Mette Østergaard', 'Karim Haddad', 'Anne Kjær Holm']) {
            const answer = await ask(anne, place.dialogue, { person1: people.find((one) => one.name === name).person }, []);
            assert.equal(answer.status, 422, name);
        }
        const side = await start(anne, place.dialogue);
        assert.equal((await anne.get(`/dialogue/${side}/side`)).status, 403, 'no side talk beside a side talk');
        const invited = await anne.post(`/dialogue/${side}/invitations`, { csrf: await anne.csrf(), name: 'Mette', email: 'm@post.example', relation: 'mor', kind: 'relative' });
        assert.equal(invited.status, 403, 'nobody from outside is invited into one');
        assert.equal((await anne.post(`/dialogue/${side}/reopen`, { csrf: await anne.csrf() })).status, 403);
    });

    test('who was excluded from the dialogue is in no side talk that begins afterwards', async () => {
        const place = await circle(town, 'Uden Jonas');
        const person1 = (await participants(anne, place.dialogue)).people.find((one) => one.name === jonas.name).person;
        await exclude(anne, place.dialogue, jonas.name);
        assert.equal((await ask(anne, place.dialogue, { person1 }, [])).status, 422);
        assert.ok(!(await jonas.get('/')).text.includes('Uden Jonas'));
    });

    test('is announced to nobody else, and stands in the log that the citizen reads', async () => {
        const place = await circle(town, 'Loggen');
        const stream = await emil.stream(`/dialogue/${place.dialogue}/live`);
        const own = await emil.stream('/live');
        const side = await start(anne, place.dialogue);
        await write(jonas, side, 'Noget');
        await new Promise((done) => { setTimeout(done, 300); });
        assert.deepEqual([stream.events, own.events], [[], []]);
        stream.close();
        own.close();
        const rows = await town.server.sql(`SELECT count(*) FROM audit WHERE dialogue = ${place.dialogue} AND object = ${side}`);
        assert.equal(rows.trim(), '1');
        const { page } = await emil.get('/log');
        assert.match(page.text(), /startede en sidesamtale for ansatte ved siden af .*Loggen/);
        assert.ok(!page.text().includes('Bekymring'), 'neither its name nor what is said');
    });

    test('can be ended before its time; then it is only read, and can be journalised', async () => {
        const place = await circle(town, 'Slut');
        const side = await start(anne, place.dialogue);
        await write(jonas, side, 'Det sidste ord');
        assert.equal((await jonas.post(`/dialogue/${side}/side/end`, { csrf: await jonas.csrf() })).status, 403);
        assert.equal((await anne.submit(`/dialogue/${side}/side/about`, `/dialogue/${side}/side/end`, {})).status, 303);
        for (const person of [anne, jonas]) {
            assert.equal((await read(person, side)).length, 1);
            assert.equal((await person.post(`/dialogue/${side}/post`, { csrf: await person.csrf(), text: 'Mere' })).status, 403);
        }
        const entry = await file(anne, side, { scope: 'all', theme: 'Sidesamtale' });
        assert.equal((await fileOf(anne, side, entry, 'package')).json.messages[0].text, 'Det sidste ord');
    });

    test('ends with its dialogue, which says so beforehand; it is only read then, and opening the dialogue again does not open it', async () => {
        const place = await circle(town, 'Lukker'), beside = await circle(town, 'Lukker ikke');
        const path = `/dialogue/${place.dialogue}`;
        assert.ok(!(await anne.get(`${path}/close`)).page.text().includes('sidesamtale'), 'there is none');
        const [first, second, over, other] = [await start(anne, place.dialogue), await start(anne, place.dialogue), await start(anne, place.dialogue), await start(anne, beside.dialogue)];
        await write(jonas, first, 'Sagt i tide');
        assert.equal((await anne.submit(`/dialogue/${over}/side/about`, `/dialogue/${over}/side/end`, {})).status, 303);
        assert.match((await anne.get(`${path}/close`)).page.text(), /2 sidesamtaler for ansatte slutter også/);
        assert.equal((await anne.get(`${path}/close`, { json: true })).json.side_talks, 2);
        const stream = await jonas.stream(`/dialogue/${first}/live`);
        assert.equal((await anne.submit(`${path}/close`, `${path}/close`, { reason: 'Planen er færdig' })).status, 303);
        for (let i = 0; i < 100 && stream.events.length === 0; i++) await new Promise((done) => { setTimeout(done, 20); });
        assert.deepEqual(stream.events.map(({ name }) => name), ['members'], 'an open page hears of it');
        stream.close();
        const ended = async () => {
            for (const side of [first, second]) {
                for (const person of [anne, jonas]) {
                    assert.equal((await person.post(`/dialogue/${side}/post`, { csrf: await person.csrf(), text: 'Efter lukning' })).status, 403, person.id);
                    assert.match((await person.get(`/dialogue/${side}`)).page.text(), /Sidesamtalen er slut/);
                }
            }
        };
        await ended();
        assert.deepEqual((await read(jonas, first)).map((post) => post.text), ['Sagt i tide']);
        await write(jonas, other, 'Den anden samtale lever');
        assert.match((await emil.get('/log')).page.text(), /Anne Kjær Holm, Familie og trivsel, sluttede en sidesamtale for ansatte ved siden af »Lukker«/);
        for (const side of [first, second, over])
            assert.equal((await town.server.sql(`SELECT count(*) FROM audit WHERE dialogue = ${place.dialogue} AND object = ${side}`)).trim(), '2', 'its start and its end');
        const entry = await file(anne, first, { scope: 'all', theme: 'Sidesamtale' });
        assert.equal((await fileOf(anne, first, entry, 'package')).json.messages[0].text, 'Sagt i tide');
        assert.equal((await anne.submit(`${path}/closed`, `${path}/reopen`, {})).status, 303);
        await ended();
        await start(anne, place.dialogue);
    });

    test('who starts an ordinary dialogue can not leave the citizen out', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Almindelig');
        await addEmployee(anne, dialogue, 'Jonas Dam', 'kollega');
        assert.equal((await emil.get(`/dialogue/${dialogue}`)).status, 200);
    });

    test('an end that somebody set later in the database does not prolong it', async () => {
        const place = await circle(town, 'Snyd');
        const side = await start(anne, place.dialogue);
        assert.equal((await anne.get(`/dialogue/${side}`, { json: true })).json.may_write, true);
        await town.server.stop();
        await town.server.sql(`UPDATE side_talk SET ends = ends + 86400000 WHERE dialogue = ${side}`);
        await town.server.start();
        assert.equal((await anne.get(`/dialogue/${side}`, { json: true })).json.may_write, false);
    });

    test('one that was ended stays so, whatever somebody writes into the database', async () => {
        const place = await circle(town, 'Genoplivet'), closed = await circle(town, 'Lukket og genoplivet');
        const [ended, after, beside, running] = [await start(anne, place.dialogue), await start(anne, place.dialogue), await start(anne, closed.dialogue), await start(anne, place.dialogue)];
        for (const side of [ended, after]) assert.equal((await anne.submit(`/dialogue/${side}/side/about`, `/dialogue/${side}/side/end`, {})).status, 303);
        assert.equal((await anne.submit(`/dialogue/${closed.dialogue}/close`, `/dialogue/${closed.dialogue}/close`, { reason: 'Planen er færdig' })).status, 303);
        const endOf = async (person) => (await person.get(`/dialogue/${running}/side/about`, { json: true })).json.ends_at, end = await endOf(anne);
        assert.ok(Date.parse(end) > Date.now());
        assert.match((await anne.get(`/dialogue/${ended}/side/about`)).page.text(), /Vi skal afklare en underretning/, 'why it was there stands there still');
        await town.server.stop();
        await town.server.sql(`UPDATE side_talk SET ended = NULL, ends = ends + 86400000 WHERE dialogue IN (${ended}, ${beside})`);
        await town.server.sql(`UPDATE side_talk SET ended = ended + 86400000 WHERE dialogue = ${after}; UPDATE side_talk SET ended = ends + 86400000 WHERE dialogue = ${running}`);
        await town.server.start();
        for (const side of [ended, after, beside]) {
            const person = await town.signIn('jonas');
            assert.equal((await person.get(`/dialogue/${side}`, { json: true })).json.may_write, false, side);
            assert.equal((await person.post(`/dialogue/${side}/post`, { csrf: await person.csrf(), text: 'Genoplivet' })).status, 403);
        }
        assert.equal(await endOf(await town.signIn('anne')), end, 'a running one ends when it was to');
    });
});

describe('in time', () => {
    let later;
    before(async () => { later = await Town.start({ clock: true }); });
    after(() => later?.close());

    test('it ends by itself after its last day', async () => {
        const place = await circle(later, 'Tiden går');
        const side = await start(place.anne, place.dialogue, { until: day(2) });
        await later.server.shiftClock('+1d');
        await write(await later.signIn('jonas'), side, 'Stadig åben');
        await later.server.shiftClock('+4d');
        const reader = await later.signIn('jonas');
        const { may_write: may, page } = (await reader.get(`/dialogue/${side}`, { json: true })).json;
        assert.deepEqual([may, page.posts.length], [false, 1]);
        assert.equal((await reader.post(`/dialogue/${side}/post`, { csrf: await reader.csrf(), text: 'For sent' })).status, 403);
        assert.match((await reader.get(`/dialogue/${side}`)).page.text(), /Sidesamtalen er slut/);
    });

    test('it is over for whose consent has run out, before anything has ended it', async (t) => {
        const months = await Town.start({ clock: true });
        t.after(() => months.close());
        const [coordinator, citizen] = await Promise.all(['anne', 'emil'].map((id) => months.as(id)));
        const dialogue = await startDialogue(coordinator, months.person('emil'), 'Løbet ud');
        await mustAgree(coordinator, dialogue, citizen.name);
        await consentTo(citizen, await propose(coordinator, dialogue, 'Jonas Dam'), 'all', 1);
        await consentTo(citizen, await propose(coordinator, dialogue, rikke.name), 'all', 12);
        await months.server.shiftClock('+25d');
        const side = await start(await months.signIn('anne'), dialogue, { until: day(38) }, ['Jonas Dam', rikke.name]);
        await write(await months.signIn('jonas'), side, 'Så længe det gælder');
        await months.server.shiftClock('+33d');
        const reader = await months.signIn('jonas');
        for (const path of ['', '/posts', '/live', '/side/about']) assert.equal((await reader.get(`/dialogue/${side}${path}`)).status, 404, path);
        assert.equal((await reader.post(`/dialogue/${side}/post`, { csrf: await reader.csrf(), text: 'For sent' })).status, 404);
        assert.ok(!(await reader.get('/')).text.includes('Bekymring for Emil'));
        const again = await months.signIn('anne'), [own, there] = [await reader.stream('/live'), await (await months.signIn('rikke')).stream('/live')];
        await write(again, side, 'Det hører han ikke om');
        await until('who is there is told', () => there.events.length > 0);
        assert.deepEqual(own.events, []);
        for (const stream of [own, there]) stream.close();
        assert.deepEqual((await read(again, side)).map((post) => post.text), ['Så længe det gælder', 'Det hører han ikke om']);
        const { people } = await participants(again, dialogue);
        const next = `/dialogue/${dialogue}/participants/${people.find((one) => one.name === rikke.name).person}/coordinator`;
        assert.equal((await again.submit(`/dialogue/${dialogue}/participants`, next, { value: '1' })).status, 303);
        assert.equal((await again.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
        const heirs = (await participants(await months.signIn('rikke'), side)).people.filter((one) => one.role === 'Tovholder');
        assert.deepEqual(heirs.map((one) => one.name), [rikke.name], 'who can file it follows');
    });

    test('it ends, too, when the program closes a dialogue whose consent was not renewed', async (t) => {
        const months = await Town.start({ clock: true, settings: 'consent.close_days = 8\n' });
        t.after(() => months.close());
        const place = await circle(months, 'Ikke fornyet');
        await mustAgree(place.anne, place.dialogue, 'Emil Østergaard Lund');
        await proposeOutside(place.anne, place.dialogue, { name: 'Lone Bæk', relation: 'farmor' });
        await consentTo(place.emil, (await proposalOf(place.anne, place.dialogue, 'Lone Bæk')).proposal, 'all', 1);
        await accept(await months.as('lone'), await linkOf(place.anne, place.dialogue, 'Lone Bæk'));
        await months.server.shiftClock('+32d');
        const coordinator = await months.signIn('anne');
        const side = await start(coordinator, place.dialogue, { until: day(46) });
        await write(coordinator, side, 'Mens samtalen er låst');
        await months.server.shiftClock('+45d');
        await months.server.restart();   // it then does at once what it does by itself every few minutes
        const reader = await months.signIn('jonas');
        const open = async () => (await reader.get(`/dialogue/${side}`, { json: true })).json.may_write;
        for (let i = 0; i < 150 && await open(); i++) await new Promise((done) => { setTimeout(done, 100); });
        assert.equal(await open(), false);
        assert.match((await (await months.signIn('emil')).get('/log')).page.text(), /Samtråd sluttede en sidesamtale for ansatte ved siden af »Ikke fornyet«/);
    });
});
