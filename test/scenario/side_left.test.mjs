// SPDX-License-Identifier: MPL-2.0
// A talk of employees that all have left is filed by nobody who may read it; the dialogue beside which it was is erased all the same.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { file } from '../support/journal.mjs';
import { until } from '../support/server.mjs';
import { staff } from '../support/oidc.mjs';
import { Town, addEmployee, exclude, participants, startDialogue, write } from '../support/town.mjs';

for (const id of ['agnes', 'bente']) {
    staff.push({ id, uuid: `0b1f2b52-5f0c-4c5e-8e1f-bb00000000${id.length}${id.charCodeAt(0)}`, name: `${id} arkivar`, email: `${id}@kommune.example`, unit: 'Familie og trivsel', groups: ['samtraad-administrator'] });
}
const journalised = 5, erased = 8, said = 'Kanariefuglen sang om natten';
const yearsAgo = (years) => Date.now() - years * 365.25 * 86400000;
const day = (days) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + days * 86400000);

let town, folder;
const settings = (deliver) => `[retention]\nwait_days = 0\n${deliver ? `[journal]\ndeliver = ${folder}\nretry_seconds = 1\npoll_seconds = 1\n` : ''}`;
const state = async (dialogue) => Number(await town.server.sql(`SELECT state FROM dialogue WHERE id = ${dialogue}`));
const pageOf = (dialogue) => `/admin/retention/dialogue/${dialogue}`;
const leftOf = async (person, dialogue) => (await person.get(pageOf(dialogue), { json: true })).json.left;
const ask = (person, dialogue) => person.submit(pageOf(dialogue), pageOf(dialogue), { reason: 'Fristen er gået', sure: '1' });
const fileUnread = async (person, dialogue) => person.post(`${pageOf(dialogue)}/side`, { csrf: await person.csrf() });

async function reconfigure(deliver) {
    await town.server.stop();
    await town.server.configure(settings(deliver));
    await town.server.start();
}

/** A dialogue of Anne's and a talk beside it with Jonas, both of whom are out of it in the end: Rikke has taken over. */
async function leftBehind(topic, before) {
    const [anne, rikke] = [await town.signIn('anne'), await town.signIn('rikke')];
    const dialogue = await startDialogue(anne, town.person('emil'), topic);
    await addEmployee(anne, dialogue, 'Jonas Dam', 'skolens kontaktperson');
    await addEmployee(anne, dialogue, 'Rikke Vang', 'sagsbehandler');
    const { people } = (await anne.get(`/dialogue/${dialogue}/side`, { json: true })).json;
    const { person } = people.find((each) => each.name === 'Jonas Dam');
    const begun = await anne.post(`/dialogue/${dialogue}/side`, { csrf: await anne.csrf(), name: 'Om fuglen', reason: 'Vi skal afklare en underretning', until: day(3), person1: person });
    assert.equal(begun.status, 303, begun.page.text().slice(0, 500));
    const side = /^\/dialogue\/(\d+)$/.exec(begun.headers.location)[1];
    await write(anne, side, said);
    await before?.(anne, side);
    const id = (await participants(anne, dialogue)).people.find((each) => each.name === 'Rikke Vang').person;
    assert.equal((await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${id}/coordinator`, { value: '1' })).status, 303);
    for (const name of ['Jonas Dam', 'Anne Kjær Holm']) await exclude(rikke, dialogue, name);
    await town.server.stop();
    await town.server.sql(`UPDATE dialogue SET state = ${journalised}, closed = ${yearsAgo(6)}, journalised = ${yearsAgo(6)} WHERE id = ${dialogue}`);
    await town.server.start();
    return { dialogue, side };
}

before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'samtraad-target-'));
    town = await Town.start({ settings: settings(false) });
    const agnes = await town.signIn('agnes');
    const { units } = (await agnes.get('/admin/retention', { json: true })).json;
    const unit = units.find((each) => each.name === 'Familie og trivsel').id;
    assert.equal((await agnes.post('/admin/retention/rule', { csrf: await agnes.csrf(), unit, years: '5', ground: 'Bekendtgørelse' })).status, 303);
});
after(async () => {
    await town?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
});

describe('a talk of employees that all have left', () => {
    let place;

    test('keeps its dialogue from being erased, and who wants to erase it is told what to do', async () => {
        place = await leftBehind('Uden nogen');
        const agnes = await town.signIn('agnes');
        assert.equal((await ask(agnes, place.dialogue)).status, 422);
        const { page } = await agnes.get(pageOf(place.dialogue));
        assert.match(page.text(), /1 sidesamtale er ikke i journalen/);
        assert.match(page.text(), /koble journalen på/, 'nothing takes it from here');
        const refused = await fileUnread(agnes, place.dialogue);
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /Journalen er ikke koblet på/);
    });

    test('goes to the case system without anybody reading it; then the dialogue is erased', async () => {
        await reconfigure(true);
        const agnes = await town.signIn('agnes');
        const seen = await agnes.open(pageOf(place.dialogue));
        assert.match(seen.page.text(), /Du ser ikke, hvad der står/);
        const filed = await agnes.submit(seen, `${pageOf(place.dialogue)}/side`, {});
        assert.equal(filed.status, 303, filed.page.text().slice(0, 500));
        assert.equal(await leftOf(agnes, place.dialogue), 0);
        await until('the parcel is there', async () => readdirSync(folder).some((name) => /^samtraad-\d+$/.test(name)));
        const [parcel] = readdirSync(folder);
        const data = JSON.parse(readFileSync(path.join(folder, parcel, 'package.json'), 'utf8'));
        assert.deepEqual([data.messages.map((one) => one.text), data.made_by, data.dialogue.topic, data.dialogue.side.of], [[said], 'agnes arkivar', 'Om fuglen', place.dialogue]);
        for (const target of [pageOf(place.dialogue), '/admin/retention', `/dialogue/${place.side}`, `/dialogue/${place.side}/journal`, `/dialogue/${place.side}/${parcel.replace('samtraad-', 'journal/')}/package`, '/log']) {
            const { text } = await agnes.get(target);
            assert.ok(!/[Kk]anariefugl|Om fuglen/.test(text), `${target} shows it to who had it filed`);
        }
        assert.match((await (await town.signIn('emil')).get('/log')).page.text(), /agnes arkivar, Familie og trivsel, lagde en sidesamtale for ansatte ved siden af »Uden nogen« i journalen uden at læse den/);
        await until('it may be asked for', async () => (await ask(agnes, place.dialogue)).status === 303, 20000);
        const bente = await town.signIn('bente');
        const { erasure } = (await bente.get('/admin/retention', { json: true })).json.asked.find((each) => each.dialogue === place.dialogue);
        assert.equal((await bente.post(`/admin/retention/erasure/${erasure}/agree`, { csrf: await bente.csrf(), sure: '1' })).status, 303);
        await until('both are erased', async () => (await state(place.dialogue)) === erased && (await state(place.side)) === erased, 60000);
        await town.server.stop();
        assert.equal((await town.server.verify()).code, 0);
        await town.server.start();
    });

    test('is handed over, too, when it was filed just before they left', async () => {
        await reconfigure(false);
        let entry;
        const other = await leftBehind('Lige før', async (anne, side) => {
            entry = await file(anne, side, { scope: 'all', theme: 'Underretning' });
        });
        await reconfigure(true);
        await until('the parcel is there', async () => readdirSync(folder).includes(`samtraad-${entry}`), 20000);
        assert.equal(await leftOf(await town.signIn('agnes'), other.dialogue), 0);
    });

    test('nobody else has one filed, and no administrator one that its people can file', async () => {
        const employee = await town.signIn('anne');
        const dialogue = await startDialogue(employee, town.person('emil'), 'Med nogen');
        await addEmployee(employee, dialogue, 'Jonas Dam', 'skolens kontaktperson');
        const { people } = (await employee.get(`/dialogue/${dialogue}/side`, { json: true })).json;
        const begun = await employee.post(`/dialogue/${dialogue}/side`, { csrf: await employee.csrf(), name: 'Om fuglen', reason: 'Vi skal afklare en underretning', until: day(3), person1: people.find((each) => each.name === 'Jonas Dam').person });
        await write(employee, /\d+$/.exec(begun.headers.location)[0], said);
        await town.server.stop();
        await town.server.sql(`UPDATE dialogue SET state = ${journalised}, closed = ${yearsAgo(6)}, journalised = ${yearsAgo(6)} WHERE id = ${dialogue}`);
        await town.server.start();
        for (const id of ['anne', 'jonas', 'emil']) assert.equal((await fileUnread(await town.signIn(id), dialogue)).status, 403, id);
        const agnes = await town.signIn('agnes');
        assert.equal(await leftOf(agnes, dialogue), 0);
        assert.equal((await fileUnread(agnes, dialogue)).status, 404);
        const refused = await ask(agnes, dialogue);
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /Den skal gemmes dér først/);
    });
});
