// SPDX-License-Identifier: MPL-2.0
// Spot checks are drawn by the server itself, three days after the looks; so the clock is moved.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/server.mjs';
import { Town, circle, read, write } from '../support/town.mjs';

let town;
// As many as there can be: which of fewer are drawn is chance (the unit test of spot has a fixed seed).
before(async () => {
    town = await Town.start({ clock: true, settings: '[review]\nchecks_per_day = 20' });
    await moveTo(0);
});
after(() => town?.close());

const open = async (person) => (await person.get('/review', { json: true })).json.open;

/** Hours from the real time to the next such hour in Denmark (to within the hour). */
const hoursUntil = (wanted) => {
    const hour = Number(new Intl.DateTimeFormat('en', { timeZone: 'Europe/Copenhagen', hour: 'numeric', hourCycle: 'h23' }).format(new Date()));
    return (wanted - hour + 24) % 24;
};
const noon = hoursUntil(12);
const night = hoursUntil(23);

/** The server lives on, so many days and hours from the real time; whoever was signed in signs in again. */
async function moveTo(days, hours = noon) {
    await town.server.stop();
    await town.server.shiftClock(`+${days * 24 + hours}h`);
    await town.server.start();
    return town.signIn('rikke');
}

const drawn = (rikke, ...names) => until(`spot checks of ${names}`, async () => {
    const list = await open(rikke);
    return names.every((name) => list.some((one) => one.who === name)) && list;
}, 40000);

describe('spot checks', () => {
    let dialogue, rikke, first;

    test('are drawn some days later, and say what was unusual; what was answered is not silent', async () => {
        const people = await circle(town, 'Kanarieemne');
        ({ dialogue } = people);
        await write(people.emil, dialogue, 'Kanariefugl');
        await read(people.jonas, dialogue);
        await read(people.anne, dialogue);
        await write(people.anne, dialogue, 'Tak for din besked');
        assert.deepEqual(await open(await town.as('rikke')), [], 'nothing is drawn on the day itself');
        rikke = await moveTo(4);
        const list = await drawn(rikke, 'Jonas Dam', 'Anne Kjær Holm');
        const jonas = list.find((one) => one.who === 'Jonas Dam');
        assert.ok(jonas, JSON.stringify(list));
        assert.ok(!jonas.asked);
        assert.match(jonas.signs, /uden for egen enhed/);
        assert.match(jonas.signs, /skrev ikke noget bagefter/);
        for (const one of list.filter((row) => row.who.startsWith('Anne') && /besked/.test(row.what))) assert.doesNotMatch(one.signs, /uden for|skrev ikke/);
        const waits = (await rikke.open('/')).page.links.find((one) => one.href === '/review' && /stikprøve/.test(one.text));
        assert.equal(waits?.text, `${list.filter((one) => !one.own).length} stikprøver venter på, at du ser på dem`);
        first = list;
    });

    test('show the reviewer no topic, no message and no citizen', async () => {
        for (const one of first) {
            for (const options of [{}, { json: true }]) {
                const { text } = await rikke.get(`/review/${one.id}`, options);
                for (const word of ['Kanarie', 'Emil', 'Mette', 'Karim']) assert.ok(!text.includes(word), word);
            }
        }
    });

    test('are drawn once for each day and unit, also when the server begins anew', async () => {
        const before = (await open(rikke)).length;
        rikke = await moveTo(4);
        await town.server.restart();
        await until('the server has looked again', async () => (await town.server.log).length > 0 && (await rikke.get('/review')).status === 200);
        await new Promise((resolve) => setTimeout(resolve, 6000));
        assert.equal((await open(rikke)).length, before);
    });

    test('are signed off; the citizen is told when the reviewer says so', async () => {
        const one = first.find((row) => row.who === 'Jonas Dam');
        await rikke.submit(`/review/${one.id}`, `/review/${one.id}`, { outcome: 'wrong', note: 'Talt med skolen', answer: 'En ansat så din samtale uden grund. Det er vi kede af.' });
        const emil = await town.signIn('emil');
        const { questions } = (await emil.get('/log', { json: true })).json;
        assert.equal(questions.length, 1);
        assert.equal(questions[0].outcome, 'Det var ikke i orden.');
        assert.match((await emil.get('/log')).page.text(), /Vi har selv set på det.*Det er vi kede af/);
    });

    test('a look at night shows as one', async () => {
        await moveTo(10, night);
        const jonas = await town.signIn('jonas');
        await read(jonas, dialogue);
        rikke = await moveTo(14, night);
        const found = await until('a spot check of the night', async () => (await open(rikke)).find((one) => /om natten/.test(one.signs)), 40000);
        assert.equal(found.who, 'Jonas Dam');
    });

    test('stand in the log, and the log holds', async () => {
        await town.server.stop();
        assert.equal((await town.server.verify()).code, 0);
        await town.server.start();
    });
});
