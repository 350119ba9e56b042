// SPDX-License-Identifier: MPL-2.0
// When a dialogue is erased, the talks of employees beside it go too, in backups as well; and nothing else does.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { send, upload } from '../support/files.mjs';
import { file } from '../support/journal.mjs';
import { until } from '../support/server.mjs';
import { staff } from '../support/oidc.mjs';
import { Town, circle, write } from '../support/town.mjs';

for (const id of ['agnes', 'bente']) {
    staff.push({ id, uuid: `0b1f2b52-5f0c-4c5e-8e1f-bb00000000${id.length}${id.charCodeAt(0)}`, name: `${id} arkivar`, email: `${id}@kommune.example`, unit: 'Familie og trivsel', groups: ['samtraad-administrator'] });
}
const journalised = 5, erased = 8, canary = 'Kanariefuglen sang om natten';
const yearsAgo = (years) => Date.now() - years * 365.25 * 86400000;
const day = (days) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + days * 86400000);

let town, anne, jonas, one, side, other, otherSide, backup;

async function startSide(dialogue, name) {
    const { people } = (await anne.get(`/dialogue/${dialogue}/side`, { json: true })).json;
    const { person } = people.find((each) => each.name === jonas.name);
    const answer = await anne.post(`/dialogue/${dialogue}/side`, { csrf: await anne.csrf(), name, reason: 'Vi skal afklare en underretning', until: day(3), person1: person });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 500));
    return /^\/dialogue\/(\d+)$/.exec(answer.headers.location)[1];
}

/** As if they had been closed, or had ended, long ago. */
const age = (...dialogues) => town.server.sql(`UPDATE dialogue SET state = ${journalised}, closed = ${yearsAgo(6)}, journalised = ${yearsAgo(6)} WHERE id IN (${dialogues})`);

const state = async (dialogue) => Number(await town.server.sql(`SELECT state FROM dialogue WHERE id = ${dialogue}`));

async function ask(person, dialogue) {
    return person.submit(`/admin/retention/dialogue/${dialogue}`, `/admin/retention/dialogue/${dialogue}`, { reason: 'Fristen er gået', sure: '1' });
}

async function agree(person, dialogue) {
    const { asked } = (await person.get('/admin/retention', { json: true })).json;
    const { erasure } = asked.find((each) => each.dialogue === dialogue);
    const answer = await person.post(`/admin/retention/erasure/${erasure}/agree`, { csrf: await person.csrf(), sure: '1' });
    assert.equal(answer.status, 303, answer.text.slice(0, 300));
}

/** Wherever its members could look. */
async function found(person, dialogue) {
    const places = [];
    for (const target of ['/', ...['', '/posts?after=0', '/people', '/participants', '/post/1/history', '/print', '/search?q=kanariefuglen', '/journal', '/side/about'].map((rest) => `/dialogue/${dialogue}${rest}`), '/search?q=kanariefuglen', '/log']) {
        const { text } = await person.get(target);
        if (/[Kk]anariefugl/.test(text.replaceAll('q=kanariefuglen', '').replaceAll('value="kanariefuglen"', ''))) places.push(target);
    }
    return places;
}

before(async () => {
    town = await Town.start({ settings: '[retention]\nwait_days = 0' });
    [anne, jonas] = [await town.as('anne'), await town.as('jonas')];
    one = (await circle(town, 'Skolen')).dialogue;
    other = (await circle(town, 'En anden')).dialogue;
    side = await startSide(one, 'Kanariefuglens sidesamtale');
    otherSide = await startSide(other, 'En anden sidesamtale');
    await write(anne, side, canary);
    const picture = await upload(jonas, side, 'kanariefugl.txt', Buffer.from(canary));
    await send(jonas, side, `${canary} igen`, picture.id);
    await write(anne, otherSide, 'Den skal blive');
    const agnes = await town.signIn('agnes');
    const { units } = (await agnes.get('/admin/retention', { json: true })).json;
    const unit = units.find((each) => each.name === 'Familie og trivsel').id;
    assert.equal((await agnes.post('/admin/retention/rule', { csrf: await agnes.csrf(), unit, years: '5', ground: 'Bekendtgørelse' })).status, 303);
});
after(() => town?.close());

describe('a side talk of a dialogue that is to be erased', () => {
    test('must lie in the journal before anybody can ask', async () => {
        await town.server.stop();
        await age(one);
        await town.server.start();
        const agnes = await town.signIn('agnes');
        const refused = await ask(agnes, one);
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /En sidesamtale for ansatte er ikke i journalen/);
        assert.match(refused.page.text(), /Sidesamtaler for ansatte bliver slettet med/);
        await file(await town.signIn('anne'), side, { scope: 'all', theme: 'Underretning' });
        assert.equal((await ask(agnes, one)).status, 303);
    });

    test('a row that says that another talk belongs there too gets that one erased by nobody', async () => {
        await town.server.stop();
        backup = `${town.server.data}.backup`;
        await town.server.keep(backup);
        await town.server.sql(`UPDATE side_talk SET parent = ${one} WHERE dialogue = ${otherSide}; UPDATE dialogue SET parent = ${one} WHERE id = ${otherSide}`);
        await town.server.start();
        const employee = await town.signIn('anne');
        assert.deepEqual((await found(employee, side)).length > 4, true, 'before, it is there to be found');
        await agree(await town.signIn('bente'), one);
        await until('both are erased', async () => (await state(one)) === erased && (await state(side)) === erased, 60000);
        assert.notEqual(await state(otherSide), erased);
        assert.match(town.server.log, /side-talk-kept/);
        await town.server.stop();
        await town.server.sql(`UPDATE side_talk SET parent = ${other} WHERE dialogue = ${otherSide}; UPDATE dialogue SET parent = ${other} WHERE id = ${otherSide}`);
        await town.server.start();
        assert.match((await (await town.signIn('jonas')).get(`/dialogue/${otherSide}`)).text, /Den skal blive/, 'it opens as before');
    });

    test('opens nowhere afterwards, and no table and no folder holds anything of it', async () => {
        for (const id of ['anne', 'jonas', 'emil']) {
            const person = await town.signIn(id);
            assert.equal((await person.get(`/dialogue/${side}`)).status, 404, id);
            assert.deepEqual(await found(person, side), [], id);
        }
        for (const [table, columns] of Object.entries(await town.server.database.schema())) {
            if (['audit_indexed', 'audit_recent', 'erasure'].includes(table) || !columns.some((each) => each.name === 'dialogue')) continue;
            assert.equal(await town.server.sql(`SELECT count(*) FROM ${table} WHERE dialogue = ${side}`), '0', table);
        }
        await town.server.restart();
        assert.deepEqual(await readdir(path.join(town.server.data, 'files')), []);
    });

    test('stands in the log as erased, and the log holds', async () => {
        const rows = (await town.server.sql(`SELECT dialogue FROM audit WHERE kind = (SELECT kind FROM audit WHERE dialogue = ${one} ORDER BY seq DESC LIMIT 1) ORDER BY seq`)).split('\n');
        assert.deepEqual(rows, [side, one], 'the talk first');
        await town.server.stop();
        const verified = await town.server.verify();
        assert.equal(verified.code, 0, verified.stdout);
    });

    test('put back from a backup it opens nowhere, at once, and goes again', async () => {
        await town.server.putBack(backup);
        await town.server.start();
        for (const id of ['anne', 'jonas']) assert.equal((await (await town.signIn(id)).get(`/dialogue/${side}`)).status, 404, id);
        await until('both are erased again', async () => (await state(one)) === erased && (await state(side)) === erased, 60000);
        assert.match((await (await town.signIn('jonas')).get(`/dialogue/${otherSide}`)).text, /Den skal blive/);
        await town.server.stop();
        assert.equal((await town.server.verify()).code, 0);
        await town.server.start();
    });

    test('killed in the middle, neither outlives the other', async () => {
        const place = (await circle(town, 'Midt i')).dialogue;
        const beside = await startSide(place, 'Midt i sidesamtale');
        await write(anne, beside, canary);
        await file(anne, beside, { scope: 'all', theme: 'Underretning' });
        await town.server.stop();
        await age(place);
        await town.server.start();
        assert.equal((await ask(await town.signIn('agnes'), place)).status, 303);
        await agree(await town.signIn('bente'), place);
        await town.server.kill();
        await town.server.start();
        await until('both are erased', async () => (await state(place)) === erased && (await state(beside)) === erased, 60000);
        assert.equal((await (await town.signIn('jonas')).get(`/dialogue/${beside}`)).status, 404);
        await town.server.stop();
        assert.equal((await town.server.verify()).code, 0);
        await town.server.start();
    });
});
