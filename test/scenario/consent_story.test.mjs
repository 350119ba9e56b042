// SPDX-License-Identifier: MPL-2.0
// The whole life of a consent: two years, three givers, one withdrawal, one renewal, one lapse; clocks that are put forward and a leap day between.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, until } from '../support/server.mjs';
import { Town, accept, invite, read, startDialogue, write } from '../support/town.mjs';
import { answer, consent, linkOf, mustAgree, proposalOf, propose, proposeOutside, renew, withdraw } from '../support/consent.mjs';

let town, dialogue, jonasProposal, karimProposal, jonasFolder, streams;
before(async () => { town = await Town.start({ clock: true }); });
after(() => town?.close());

const names = ['anne', 'emil', 'mette', 'lone', 'karim', 'jonas'];

/** The clock stands at that moment, and everybody signs in anew: their sessions ended long ago. */
async function at(moment) {
    await town.server.shiftClock(`+${Math.round((Date.parse(moment) - Date.now()) / 1000)}`);
    await sleep(60);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await town.signIn(name)])));
}

/** What the server does by itself every few minutes it also does when it starts. */
async function meanwhile() {
    await town.server.restart();
    await sleep(300);
}

const status = async (who) => (await who.get(`/dialogue/${dialogue}`)).status;
const texts = async (who) => (await read(who, dialogue)).map((post) => post.text);
const state = (who) => who.get(`/dialogue/${dialogue}`, { json: true }).then((got) => got.json);
const notices = async (who) => (await who.get('/', { json: true })).json.notices.map((one) => one.text);

test('1 March 2027: Jonas is let in once all three have said yes, for a year', async () => {
    const { anne, emil, mette, lone, jonas } = await at('2027-03-01T09:00:00Z');
    dialogue = await startDialogue(anne, town.person('emil'), 'Emil og skolen');
    await accept(mette, await invite(anne, dialogue, { name: mette.name, relation: 'mor' }));
    await accept(lone, await invite(anne, dialogue, { name: lone.name, relation: 'farmor' }));
    await mustAgree(anne, dialogue, emil.name);
    await mustAgree(anne, dialogue, mette.name, 'custody');
    await mustAgree(anne, dialogue, lone.name, 'attorney');
    await write(mette, dialogue, 'Marts');
    jonasProposal = await propose(anne, dialogue, jonas.name);
    assert.deepEqual(await notices(emil), ['Må Jonas Dam være med? Sig ja eller nej']);
    for (const giver of [emil, mette]) await answer(giver, jonasProposal, 'all', 12);
    assert.equal(await status(jonas), 404);
    await answer(lone, jonasProposal, 'all', 12);
    assert.deepEqual(await texts(jonas), ['Marts']);
    assert.match((await consent(lone, jonasProposal)).status, /til og med 29\. februar 2028/, 'a leap day is the last day');
});

test('27 March: Karim is let in from that day, for a month; the clocks are put forward the night after', async () => {
    const { anne, emil, mette, lone, karim } = await at('2027-03-27T09:00:00Z');
    await proposeOutside(anne, dialogue, { name: karim.name, kind: 'external', relation: 'klasselærer' });
    karimProposal = (await proposalOf(anne, dialogue, karim.name)).proposal;
    await answer(emil, karimProposal, 'all', 1);
    await answer(mette, karimProposal, 'today', 1);
    await answer(lone, karimProposal, 'all', 1);
    await accept(karim, await linkOf(anne, dialogue, karim.name));
    await write(mette, dialogue, 'Velkommen Karim');
    assert.deepEqual(await texts(karim), ['Velkommen Karim'], 'one of three has said from today');
});

test('26 April, a minute before midnight: he still reads', async () => {
    const { karim, emil, jonas, mette } = await at('2027-04-26T21:58:50Z');
    assert.equal(await status(karim), 200);
    streams = await Promise.all([karim, mette].map((who) => who.stream(`/dialogue/${dialogue}/live`)));
    assert.deepEqual(streams.map((one) => one.status), [200, 200]);
    assert.match((await consent(emil, karimProposal)).status, /til og med 26\. april/);
    assert.equal((await notices(emil)).length, 1, 'and Emil is told that it runs out');
    const folder = await jonas.submitAndOpen('/folder', '/folder', { sure: '1' });
    [, jonasFolder] = /href="(\/folder\/\d+\/file)"/.exec(folder.text);
    assert.match((await jonas.get(jonasFolder)).text, /Velkommen Karim/);
});

test('midnight: his access is over without any job having run, and the dialogue is locked', async () => {
    const { anne, emil, mette, jonas, karim } = await at('2027-04-26T22:00:01Z');
    for (const one of streams) assert.ok(await Promise.race([one.closed.then(() => true), sleep(60000).then(() => false)]), 'pages that were open hear nothing more, though nobody has signed out');
    assert.equal(await status(karim), 404);
    assert.equal((await karim.get('/', { json: true })).json.dialogues.length, 0);
    for (const who of [mette, jonas]) assert.ok((await status(who)) >= 403, 'nobody else reads');
    assert.equal((await mette.get('/', { json: true })).json.dialogues.length, 0);
    for (const who of [anne, emil]) assert.equal((await state(who)).locked, true, 'but the citizen and the coordinator');
    const hits = async (who) => (await who.get('/search?q=velkommen', { json: true })).json.hits.length;
    assert.deepEqual([await hits(mette), await hits(jonas), await hits(emil)], [0, 0, 1], 'nor do they find it');
    for (const who of [mette, jonas]) assert.ok(!(await who.get('/mail', { json: true })).text.includes('Emil og skolen'), 'nor on the page about mail');
    const csrf = await emil.csrf();
    assert.equal((await emil.post(`/dialogue/${dialogue}/post`, { csrf, text: 'Må ikke' })).status, 403, 'and nobody writes');
    assert.match((await notices(emil))[0], /udløbet, og samtalen er låst/);
    for (const json of [false, true]) assert.doesNotMatch((await jonas.get(jonasFolder, { json })).text, /Velkommen Karim|Marts/, 'nor from the folder that he made before');
    const folder = await mette.submitAndOpen('/folder', '/folder', { sure: '1' });
    const [, made] = /href="(\/folder\/\d+\/file)"/.exec(folder.text);
    const { text } = await mette.get(made);
    assert.match(text, /Mette Østergaard/);
    assert.doesNotMatch(text, /Velkommen Karim|Marts|Emil og skolen/, 'nor in one that is made now');
    const page = await consent(mette, karimProposal);
    assert.deepEqual([page.messages, page.days], [0, []], 'and who gave the consent may renew it without being told what was written');
    assert.equal((await consent(emil, karimProposal)).messages, 1);
});

test('a day later all three renew, and all goes on; he still sees only what is his', async () => {
    const { emil, mette, lone, karim, jonas } = await at('2027-04-27T10:00:00Z');
    for (const giver of [emil, mette]) await renew(giver, karimProposal, 12);
    assert.equal(await status(karim), 404, 'two of three');
    await renew(lone, karimProposal, 12);
    assert.deepEqual(await texts(karim), ['Velkommen Karim']);
    for (const giver of [emil, mette]) assert.match((await consent(giver, karimProposal)).sees, /fra 27\. marts kl\. \d\d\.\d\d og frem/, 'a renewal moves nothing');
    assert.deepEqual(await texts(jonas), ['Marts', 'Velkommen Karim']);
    await write(karim, dialogue, 'Tak');
});

test('1 September: Mette takes her yes to Karim back; he is out at once and what he wrote stays', async () => {
    const { mette, emil, karim, jonas } = await at('2027-09-01T07:00:00Z');
    const stream = await karim.stream(`/dialogue/${dialogue}/live`);
    await withdraw(mette, karimProposal);
    assert.ok(await Promise.race([stream.closed.then(() => true), sleep(3000).then(() => false)]));
    assert.equal(await status(karim), 404);
    assert.equal((await state(jonas)).locked, false, 'a consent that was taken back locks nobody else out');
    assert.ok((await texts(emil)).includes('Tak'));
    assert.match((await consent(emil, karimProposal)).status, /Slut/);
    const csrf = await emil.csrf();
    assert.equal((await emil.post(`/consents/${karimProposal}/renew`, { csrf, months: '12', text: '1' })).status, 422, 'and nobody else renews it');
});

test('1 February 2028: givers and coordinator are reminded, once', async () => {
    await at('2028-02-01T09:00:00Z');
    await meanwhile();
    const { anne, emil, mette, lone } = await at('2028-02-01T09:05:00Z');
    for (const giver of [emil, mette, lone]) assert.match((await notices(giver)).join(), /Dit ja til Jonas Dam udløber efter 29\. februar/);
    await until('the coordinator is told', async () => (await notices(anne)).some((text) => /Samtykket til Jonas Dam udløber/.test(text)));
    const rows = () => town.server.sql('SELECT COUNT(*) FROM consent_reminder');
    const before = await rows();
    await meanwhile();
    assert.equal(await rows(), before);
});

test('29 February 2028: all three renew on the leap day', async () => {
    const { emil, mette, lone, jonas } = await at('2028-02-29T12:00:00Z');
    for (const giver of [emil, mette, lone]) await renew(giver, jonasProposal, 12);
    assert.match((await consent(emil, jonasProposal)).status, /til og med 28\. februar 2029/, 'the day that the next year does not have');
    assert.equal(await status(jonas), 200);
    assert.deepEqual(await notices(emil), []);
});

test('1 March 2029: nobody has renewed; the dialogue is locked', async () => {
    const before = await at('2029-02-28T22:58:50Z');
    assert.equal(await status(before.jonas), 200);
    const { anne, emil, mette, jonas } = await at('2029-02-28T23:00:01Z');
    assert.equal(await status(jonas), 404);
    assert.ok((await status(mette)) >= 403);
    for (const who of [anne, emil]) assert.equal(await status(who), 200);
});

test('thirty days later it has closed by itself: the others read again, and nobody writes', async () => {
    await at('2029-03-30T09:00:00Z');
    await meanwhile();
    assert.equal((await state((await at('2029-03-30T09:05:00Z')).emil)).locked, true, 'not yet');
    await at('2029-03-31T09:00:00Z');
    await meanwhile();
    const { emil, mette, jonas } = await at('2029-03-31T09:05:00Z');
    await until('it is closed', async () => (await state(emil)).locked === false);
    assert.equal((await state(emil)).may_write, false);
    assert.deepEqual(await texts(mette), ['Marts', 'Velkommen Karim', 'Tak']);
    assert.equal(await status(jonas), 404);
    assert.equal(await town.server.sql(`SELECT state FROM dialogue WHERE id = ${dialogue}`), '3');
});

test('and every record of it still stands as it was written', async () => {
    const events = await town.server.sql(`SELECT event, COUNT(*) FROM consent_record WHERE dialogue = ${dialogue} GROUP BY event ORDER BY event`);
    // asked 6, granted 6, renewed 6, taken back 1
    assert.deepEqual(events.split('\n'), ['1|6', '2|6', '6|6', '7|1']);
    assert.equal((await town.server.verify()).code, 0);
});
