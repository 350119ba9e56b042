// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, circle, exclude, read, write } from '../support/town.mjs';

let town;
before(async () => { town = await Town.start(); });
after(() => town?.close());

const readersOf = async (person, dialogue, number) => (await person.get(`/dialogue/${dialogue}/post/${number}/readers`, { json: true })).json;
const named = (list, who) => list.find((one) => one.who === who);

describe('who has read it?', () => {
    test('the citizen sees employees by name and unit, first time and how often, and who has not read yet', async () => {
        const { dialogue, anne, emil, jonas } = await circle(town);
        const number = await write(emil, dialogue, 'Jeg vil gerne have en fast aftale');
        await read(anne, dialogue);
        await read(anne, dialogue);
        const view = await readersOf(emil, dialogue, number);
        const found = named(view.read, anne.name);
        assert.ok(found, 'Anne has read');
        assert.equal(found.times, 2);
        assert.ok(found.first_at);
        assert.equal(found.unit, town.person('anne').unit);
        assert.ok(named(view.unread, jonas.name), 'Jonas has not');
        const page = await emil.get(`/dialogue/${dialogue}/post/${number}/readers`);
        assert.equal(page.status, 200);
        for (const word of [anne.name, town.person('anne').unit, '2 gange', jonas.name]) assert.ok(page.page.text().includes(word), word);
    });

    test('relatives are told by role, and only whether they have read', async () => {
        const { dialogue, anne, emil, mette } = await circle(town);
        const number = await write(anne, dialogue, 'Vi ses på torsdag');
        await read(mette, dialogue);
        await read(emil, dialogue);
        for (const viewer of [emil, anne]) {
            const page = await viewer.get(`/dialogue/${dialogue}/post/${number}/readers`);
            assert.ok(!page.text.includes(mette.name), `${viewer.name} is not told that Mette has read by name`);
            const view = await readersOf(viewer, dialogue, number);
            const mother = view.read.find((one) => one.who === 'Pårørende');
            assert.deepEqual([mother.first_at, mother.times, mother.unit, mother.record], [null, 0, '', null]);
        }
        const own = (await readersOf(mette, dialogue, number)).read.find((one) => one.self);
        assert.equal(own.who, mette.name, 'of herself she sees everything');
        assert.ok(own.times > 0);
    });

    test('a relative is told the role and unit of those at work, not the name', async () => {
        const { dialogue, anne, mette, jonas } = await circle(town);
        const number = await write(mette, dialogue, 'Han sover bedre nu');
        await read(jonas, dialogue);
        const view = await readersOf(mette, dialogue, number);
        assert.equal(named(view.read, jonas.name), undefined);
        const professional = view.read.find((one) => one.who === 'Fagperson');
        assert.equal(professional.unit, town.person('jonas').unit);
        assert.ok(professional.first_at);
        assert.ok(anne.name);
    });

    test('only messages that were on the page count', async () => {
        const { dialogue, anne, emil, jonas } = await circle(town);
        const first = await write(emil, dialogue, 'Den første');
        await read(jonas, dialogue);
        const second = await write(emil, dialogue, 'Den anden');
        assert.ok(named((await readersOf(emil, dialogue, first)).read, jonas.name));
        assert.ok(named((await readersOf(emil, dialogue, second)).unread, jonas.name));
        assert.equal((await readersOf(emil, dialogue, first)).read.find((one) => one.author).self, true);
        assert.ok(anne.name);
    });

    test('who has left stays in the list of who has read, and is not waited for', async () => {
        const { dialogue, anne, emil, jonas, karim } = await circle(town);
        const number = await write(emil, dialogue, 'Til alle');
        await read(jonas, dialogue);
        await exclude(anne, dialogue, jonas.name);
        await exclude(anne, dialogue, karim.name);
        const view = await readersOf(emil, dialogue, number);
        assert.equal(named(view.read, jonas.name).former, true);
        assert.equal(named(view.unread, karim.name), undefined);
        for (const person of [jonas, karim]) assert.equal((await person.get(`/dialogue/${dialogue}/post/${number}/readers`)).status, 404);
    });

    test('nobody else gets to see it, and a message that is not there has no readers', async () => {
        const { dialogue, emil } = await circle(town);
        const number = await write(emil, dialogue, 'Kun for os');
        const birgit = await town.as('birgit');
        assert.equal((await birgit.get(`/dialogue/${dialogue}/post/${number}/readers`)).status, 404);
        assert.equal((await emil.get(`/dialogue/${dialogue}/post/${number + 1}/readers`)).status, 404);
    });
});
