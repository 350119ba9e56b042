// SPDX-License-Identifier: MPL-2.0
// The people of a unit are told by mail that something waits in its inbox, when they chose it: one mail for many, and not a word of what it is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PostOffice, confirmAddress, linksOf } from '../support/post_office.mjs';
import { sleep } from '../support/server.mjs';
import { Town, accept, invite, participants, startDialogue } from '../support/town.mjs';
import { answer, mustAgree, propose, withdraw } from '../support/consent.mjs';

const address = 'jonas@post.example';
let town, office, anne, emil, jonas, mette, school;
before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ settings: office.settings() });
    [anne, emil, jonas, mette] = await Promise.all(['anne', 'emil', 'jonas', 'mette'].map((id) => town.as(id)));
    school = (await emil.get('/write', { json: true })).json.units.find((one) => one.name === 'Skovbakkeskolen').id;
});
after(async () => {
    await town?.close();
    await office?.close();
});

const letters = () => office.of(address).filter((one) => one.mail.subject === 'Der venter noget nyt i enhedens indbakke');
const ask = async (who, topic) => assert.equal((await who.submit('/write', '/write', { unit: school, topic, text: 'Hemmelighedsordet' })).status, 303);
const wish = (who, value) => who.submit('/mail', '/mail/unit', value ? { value: '1' } : {});
const take = async (topic) => {
    const { items } = (await jonas.get('/inbox', { json: true })).json;
    const { id } = items.find((one) => one.topic === topic);
    const [self] = (await jonas.get(`/inbox/${id}`, { json: true })).json.colleagues;
    assert.equal((await jonas.submit(`/inbox/${id}`, `/inbox/${id}`, { person: self.person, relation: 'lærer' })).status, 303);
};

test('who has not chosen it is told nothing', async () => {
    await confirmAddress(jonas, office, address);
    assert.match((await jonas.open('/mail')).page.text(), /Vi kan sende dig en mail, når der venter noget nyt/);
    await ask(mette, 'Første');
    await sleep(3000);
    assert.equal(letters().length, 0);
});

test('who has chosen it gets one mail for several, with a link and no name, topic or word', async () => {
    assert.equal((await wish(jonas, true)).status, 303);
    assert.match((await jonas.open('/mail')).page.text(), /Du får en mail, når der venter noget nyt/);
    await Promise.all([ask(emil, 'Mistrivselordet'), ask(mette, 'Anden')]);   // within the second that has to be quiet
    await office.wait(address, 2);
    await sleep(2500);
    assert.equal(letters().length, 1);
    const { mail } = letters()[0];
    assert.doesNotMatch(`${mail.subject} ${mail.text} ${mail.html}`, /Hemmelighedsordet|Mistrivselordet|Anden|Emil|Mette|Skovbakke/);
    assert.ok(linksOf(letters()[0]).includes('/inbox'));
});

test('the next thing that comes is told by a mail of its own', async () => {
    await ask(emil, 'Tredje');
    await office.wait(address, 3);
    assert.equal(letters().length, 2);
});

test('what somebody has taken meanwhile is not told of', async () => {
    for (const topic of ['Første', 'Mistrivselordet', 'Anden', 'Tredje']) await take(topic);
    const before = letters().length;
    await ask(emil, 'Taget straks');
    await take('Taget straks');
    await sleep(3000);
    assert.equal(letters().length, before);
});

test('a dialogue that has lost its last coordinator is told of too', async () => {
    const dialogue = await startDialogue(jonas, town.person('emil'), 'Uden tovholder');
    await accept(mette, await invite(jonas, dialogue, { name: mette.name, relation: 'mor' }));
    await mustAgree(jonas, dialogue, emil.name);
    const proposal = await propose(jonas, dialogue, anne.name);
    await answer(emil, proposal, 'all');
    const { person } = (await participants(jonas, dialogue)).people.find((one) => one.name === anne.name);
    await jonas.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/coordinator`, { value: '1' });
    await jonas.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {});
    const before = letters().length, all = office.of(address).length;
    await withdraw(emil, proposal);
    await office.wait(address, all + 1);
    assert.equal(letters().length, before + 1);
});

test('who no longer wants it, gets no more; and nobody else can choose', async () => {
    assert.equal((await wish(jonas, false)).status, 303);
    const before = letters().length;
    await ask(mette, 'Sidste');
    await sleep(3000);
    assert.equal(letters().length, before);
    assert.equal((await emil.post('/mail/unit', { csrf: await emil.csrf(), value: '1' })).status, 403);
    const birgit = await town.as('birgit');
    assert.equal((await birgit.post('/mail/unit', { csrf: await birgit.csrf(), value: '1' })).status, 403);
});
