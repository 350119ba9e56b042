// SPDX-License-Identifier: MPL-2.0
// Whom a citizen has let in: how far, until when, and taken back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, circle, read, write } from '../support/town.mjs';

let town, anne, emil, mette, karim;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim] = await Promise.all(['anne', 'emil', 'mette', 'karim'].map((id) => town.as(id)));
});
after(() => town?.close());

const day = (days) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + days * 86400000);
const parts = async (dialogue) => (await emil.get('/access', { json: true })).json.parts.filter((one) => one.dialogue === dialogue);
const post = async (person, path, fields = {}) => person.post(path, { csrf: await person.csrf(), ...fields });

describe('whom have I let in?', () => {
    test('the citizen sees the relatives on one page', async () => {
        const { dialogue } = await circle(town, 'Overblik');
        assert.deepEqual((await parts(dialogue)).map((one) => [one.name, one.relation, one.ends, one.reads_only]), [['Mette Østergaard', 'mor', null, false]]);
        assert.match((await emil.get('/access')).page.text(), /Hvem har jeg lukket ind\?[^]*Mette Østergaard[^]*Overblik/);
        assert.equal((await mette.get('/access', { json: true })).json.parts.length, 0);
    });

    test('for reading only: the relative reads and can not write', async () => {
        const { dialogue } = await circle(town, 'Læse');
        await write(mette, dialogue, 'Før');
        const [{ person }] = await parts(dialogue);
        assert.equal((await post(emil, `/dialogue/${dialogue}/access/${person}`, { reading: '1', until: day(5) })).status, 303);
        assert.equal((await read(mette, dialogue)).length, 1);
        assert.match((await mette.get(`/dialogue/${dialogue}`)).page.text(), /Du kan læse med her/);
        assert.equal((await post(mette, `/dialogue/${dialogue}/post`, { text: 'Efter' })).status, 403);
        assert.ok((await parts(dialogue))[0].ends);
        assert.equal((await post(emil, `/dialogue/${dialogue}/access/${person}`, {})).status, 303);
        await write(mette, dialogue, 'Må igen');
    });

    test('taken back it ends at once, also the open page', async () => {
        const { dialogue } = await circle(town, 'Tilbage');
        const stream = await mette.stream(`/dialogue/${dialogue}/live`);
        const [{ person }] = await parts(dialogue);
        assert.equal((await emil.submit('/access', `/dialogue/${dialogue}/access/${person}/end`, {})).status, 303);
        await stream.closed;
        assert.equal((await mette.get(`/dialogue/${dialogue}`)).status, 404);
        assert.equal((await parts(dialogue)).length, 0);
    });

    test('only the citizen decides, only about relatives, and not into the past', async () => {
        const { dialogue } = await circle(town, 'Hvem må');
        const [{ person }] = await parts(dialogue);
        for (const one of [anne, mette, karim]) assert.equal((await post(one, `/dialogue/${dialogue}/access/${person}`, {})).status, 403, one.id);
        const { people } = (await emil.get(`/dialogue/${dialogue}/participants`, { json: true })).json;
        const teacher = people.find((one) => one.name === 'Karim Haddad').person;
        assert.equal((await post(emil, `/dialogue/${dialogue}/access/${teacher}/end`)).status, 404);
        const past = await post(emil, `/dialogue/${dialogue}/access/${person}`, { until: day(-1), reading: '1' });
        assert.equal(past.status, 422);
        const form = past.page.form(`/dialogue/${dialogue}/access/${person}`);
        assert.match(past.page.text(form.node), /Sidste dag[^]*Den sidste dag er gået/);
        assert.deepEqual([form.values.until, form.values.reading], [day(-1), '1'], 'what was typed stands there still');
    });

    test('an invitation can say both from the start', async () => {
        const { dialogue } = await circle(town, 'Fra start');
        const answer = await post(emil, `/dialogue/${dialogue}/invitations`, { name: 'Farmor', email: 'f@post.example', relation: 'farmor', kind: 'relative', reading: '1', until: day(9) });
        assert.equal(answer.status, 303, answer.text.slice(0, 200));
        const page = await emil.open(answer.headers.location);
        const link = new URL(page.page.id('link').attrs.find(({ name }) => name === 'value').value).pathname;
        const lone = await town.as('lone').catch(() => null) ?? karim;
        if (lone === karim) return;
        assert.equal((await lone.submitAndOpen(link, link, {})).status, 200);
        assert.equal((await post(lone, `/dialogue/${dialogue}/post`, { text: 'Hej' })).status, 403);
    });
});
