// SPDX-License-Identifier: MPL-2.0
// How long citizens wait for an answer, unit by unit and month by month: numbers, and none by which somebody could be recognised.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep } from '../support/server.mjs';
import { Town, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, jonas, birgit, ulla;
const dialogues = [];
const asked = Date.parse('2027-03-01T09:00:00Z'), hour = 3600000, day = 24 * hour;

async function at(moment) {
    await town.server.shiftClock(`+${Math.round((moment - Date.now()) / 1000)}`);
    await sleep(60);
    [anne, emil, jonas, birgit, ulla] = await Promise.all(['anne', 'emil', 'jonas', 'birgit', 'ulla'].map((id) => town.signIn(id)));
}

const numbers = async (unit, back = 0) => (await birgit.get(`/admin/statistics?back=${back}`, { json: true })).json.units.find((one) => one.unit === unit);
const told = ({ questions, median, day: one, three_days: three, week }) => [questions, median, one, three, week];

before(async () => {
    town = await Town.start({ clock: true });
    await at(asked);
    for (let i = 0; i < 12; i++) {
        dialogues.push(await startDialogue(anne, town.person('emil'), `Sag ${i}`));
        await write(emil, dialogues[i], 'Hvornår er mødet?');
    }
    await write(emil, dialogues[0], 'Jeg mener mødet om skolen');
    const school = await startDialogue(jonas, town.person('emil'), 'Skolen');
    await write(emil, school, 'Er der lektier?');
});
after(() => town?.close());

test('an hour later nobody has answered, and nothing can be said yet', async () => {
    await at(asked + hour);
    assert.deepEqual(told(await numbers('Familie og trivsel')), ['12', '', '', '', ''], 'who asks twice in a row waits once');
});

test('what was answered after two hours, two days and ten days stands in its share, and the one in the middle is told', async () => {
    await at(asked + 2 * hour);
    for (const dialogue of dialogues.slice(0, 5)) await write(anne, dialogue, 'På torsdag');
    await at(asked + 2 * day + hour);
    await write(anne, dialogues[5], 'På torsdag');
    await at(asked + 10 * day);
    for (const dialogue of dialogues.slice(6, 11)) await write(anne, dialogue, 'Undskyld det sene svar');
    assert.deepEqual(told(await numbers('Familie og trivsel')), ['12', '2 dage', '42 %', '50 %', '50 %']);
    assert.match((await birgit.open('/admin/statistics')).page.text(), /Spørgsmål i måneden 12 Svar efter \(median\) 2 dage Svar inden for en dag 42 %/);
});

test('few are not told: neither how many, nor how fast, nor that nearly all but a few were', async () => {
    assert.deepEqual(told(await numbers('Skovbakkeskolen')), ['under 5', '', '', '', '']);
    await at(asked + 20 * day);
    for (const dialogue of dialogues.slice(0, 8)) await write(emil, dialogue, 'Og hvornår så?');
    await at(asked + 20 * day + hour);
    for (const dialogue of dialogues.slice(0, 8)) await write(anne, dialogue, 'På fredag');
    const [questions, , one] = told(await numbers('Familie og trivsel'));
    assert.deepEqual([questions, one], ['20', '65 %']);
    await at(asked + 45 * day);
    for (const dialogue of dialogues.slice(0, 6)) await write(emil, dialogue, 'Tak, og i maj?');
    for (const dialogue of dialogues.slice(0, 4)) await write(anne, dialogue, 'I maj også');
    await at(asked + 55 * day);
    const april = await numbers('Familie og trivsel');
    assert.deepEqual(told(april), ['6', '', 'under 5', 'under 5', 'under 5']);
    await write(anne, dialogues[4], 'I maj også');
    assert.deepEqual(told(await numbers('Familie og trivsel')).slice(2), ['under 5', 'under 5', 'under 5']);
    assert.deepEqual(told(await numbers('Familie og trivsel', 1)).slice(0, 1), ['20'], 'a month is told by itself');
});

test('nobody is named, and who runs one unit sees that one', async () => {
    const { text } = await birgit.open('/admin/statistics');
    for (const word of ['Sag 1', 'mødet', 'Emil', 'Anne']) assert.ok(!text.includes(word), word);
    assert.deepEqual((await ulla.get('/admin/statistics', { json: true })).json.units.map((one) => one.unit), ['Skovbakkeskolen']);
    for (const one of [anne, emil]) assert.equal((await one.get('/admin/statistics')).status, 403);
});
