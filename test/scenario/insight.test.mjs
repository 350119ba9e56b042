// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { Town, addEmployee, circle, exclude, invite, read, startDialogue, write } from '../support/town.mjs';

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
        assert.equal(found.times, 1, 'at one go');
        assert.ok(found.first_at);
        assert.equal(found.unit, town.person('anne').unit);
        assert.ok(named(view.unread, jonas.name), 'Jonas has not');
        const page = await emil.get(`/dialogue/${dialogue}/post/${number}/readers`);
        assert.equal(page.status, 200);
        for (const word of [anne.name, town.person('anne').unit, jonas.name]) assert.ok(page.page.text().includes(word), word);
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

describe('searching is not reading', () => {
    const searchFor = async (person, q) => assert.equal((await person.get(`/search?q=${encodeURIComponent(q)}`)).status, 200);

    test('who looked for something else has not read the message that the search went through', async () => {
        const { dialogue, emil, jonas } = await circle(town);
        const number = await write(emil, dialogue, 'Vi ses hos tandlægen');
        await searchFor(jonas, 'flyvemaskine');
        const { read: have, unread } = await readersOf(emil, dialogue, number);
        assert.ok(named(unread, jonas.name), 'Jonas has not read it');
        assert.equal(named(have, jonas.name), undefined);
        const page = await emil.get(`/dialogue/${dialogue}/post/${number}/readers`);
        assert.match(page.page.text(), new RegExp(`Har ikke læst den endnu.*${jonas.name}`, 's'));
        assert.ok(sentences(await logOf(emil, `?dialogue=${dialogue}`)).some((text) => text.startsWith(jonas.name) && text.includes('søgte i besked')), 'the log holds the search');
    });

    test('who found the message has been shown it', async () => {
        const { dialogue, emil, jonas } = await circle(town);
        const number = await write(emil, dialogue, 'Vi ses hos tandlægen');
        await searchFor(jonas, 'tandlægen');
        const found = named((await readersOf(emil, dialogue, number)).read, jonas.name);
        assert.equal(found.times, 1);
    });
});

describe('how often somebody has read', () => {
    let later;
    before(async () => { later = await Town.start({ clock: true }); });
    after(() => later?.close());
    const minutes = (count) => later.server.shiftClock(`+${count}m`);

    test('opening the dialogue is one visit, with all that the page fetches by itself; coming back later is another', async () => {
        const { dialogue, anne, emil } = await circle(later, 'Besøg');
        const number = await write(emil, dialogue, 'Jeg vil gerne have en fast aftale');
        const visit = async () => {
            await read(anne, dialogue);
            for (const rest of [`posts?after=${number - 1}`, `post/${number}/menu`, `post/${number}`]) assert.equal((await anne.get(`/dialogue/${dialogue}/${rest}`)).status, 200, rest);
        };
        const page = async () => (await emil.get(`/dialogue/${dialogue}/post/${number}/readers`)).page.text();
        const line = async () => (await logOf(emil, `?dialogue=${dialogue}&group=1`)).entries.filter((one) => one.sentence.startsWith(anne.name) && one.kind === 'dialogue-read');
        await visit();
        assert.equal(named((await readersOf(emil, dialogue, number)).read, anne.name).times, 1);
        assert.ok(!/\d gange/.test(await page()));
        assert.ok(!/\d gange/.test((await emil.get(`/log?dialogue=${dialogue}&group=1`)).page.text()));
        assert.deepEqual((await line()).map((one) => [one.times >= 4, one.visits]), [[true, 1]], 'the log has each record');
        await minutes(4);
        await visit();
        assert.equal(named((await readersOf(emil, dialogue, number)).read, anne.name).times, 1, 'four minutes later it is the same visit');
        await minutes(12);
        await visit();
        assert.equal(named((await readersOf(emil, dialogue, number)).read, anne.name).times, 2);
        assert.match(await page(), new RegExp(`${anne.name}.*2 gange`, 's'));
        assert.deepEqual((await line()).map((one) => one.visits), [2]);
    });

    test('the same goes for those who take no part; a look-up with a reason counts each time', async () => {
        const [anne, emil, birgit] = await Promise.all(['anne', 'emil', 'birgit'].map((id) => later.as(id)));
        const unit = (await emil.get('/write', { json: true })).json.units.find((one) => one.name === 'Familie og trivsel').id;
        const { headers } = await emil.submit('/write', '/write', { unit, topic: 'Hjælp til lektier', text: 'Kan nogen hjælpe mig?' });
        const dialogue = /^\/dialogue\/(\d+)/.exec(headers.location)[1];
        const letter = async () => assert.equal((await anne.get(`/inbox/${dialogue}`)).status, 200);
        const lookUp = async () => assert.equal((await birgit.submit('/admin/dialogues', '/admin/dialogues', { unit, why: 'other', why_words: 'Tilsyn med sagerne' })).status, 200);
        const times = async () => Object.fromEntries((await readersOf(emil, dialogue, 1)).strangers.map((one) => [one.who, one.times]));
        await letter();
        await letter();
        await lookUp();
        await lookUp();
        assert.deepEqual(await times(), { [anne.name]: 1, [birgit.name]: 2 });
        await minutes(30);
        await letter();
        assert.deepEqual(await times(), { [anne.name]: 2, [birgit.name]: 2 });
    });
});

const logOf = async (person, query = '') => (await person.get(`/log${query}`, { json: true })).json;
const sentences = (log) => log.entries.map((entry) => entry.sentence);

describe('who has seen me?', () => {
    test('the citizen reads in plain words who did what in a dialogue about them', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Skolegang');
        await write(emil, dialogue, 'Hej');
        await read(anne, dialogue);
        const page = await emil.get('/log');
        assert.equal(page.status, 200);
        assert.match(page.page.text(), new RegExp(`${anne.name}, ${town.person('anne').unit}, læste besked 1 i »Skolegang«`));
        assert.match(page.page.text(), /i dag kl\. \d\d\.\d\d/);
        assert.ok(!page.text.includes('Hej</'), 'the log holds no message');
    });

    test('a line that names a message leads to it, for who may see it', async () => {
        const { dialogue, anne, emil, mette, jonas } = await circle(town, 'Vejen hen');
        for (const text of ['Den første', 'Den anden', 'Den tredje']) await write(emil, dialogue, text);
        await read(mette, dialogue);
        await read(jonas, dialogue);
        const third = await write(anne, dialogue, 'Den fjerde');
        await emil.get(`/dialogue/${dialogue}/people`);
        const leads = async (person, query) => Object.fromEntries((await person.open(`/log?dialogue=${dialogue}${query}`)).page.links
            .filter((one) => one.text.startsWith('Vis i samtalen')).map((one) => [one.text.replace(/^Vis i samtalen ?: /, ''), one.href]));
        const there = await leads(emil, '');
        const wrote = Object.keys(there).find((text) => text.includes(`skrev besked ${third}`));
        assert.equal(there[wrote], `/dialogue/${dialogue}?at=${third}#post-${third}`);
        assert.equal(there['Pårørende læste besked 1–3 i »Vejen hen«'], `/dialogue/${dialogue}?at=1#post-1`, 'the first of several');
        assert.ok(!Object.keys(there).some((text) => /åbnede|lukkede|hvem der er med/.test(text)), 'only where a message is named');
        assert.match((await emil.open(there[wrote])).page.text(), /Den fjerde/);

        const own = await leads(jonas, '&own=1');
        assert.equal(own['Du læste besked 1–3 i »Vejen hen«'], `/dialogue/${dialogue}?at=1#post-1`);
        await exclude(anne, dialogue, jonas.name);
        assert.deepEqual(await leads(jonas, '&own=1'), {}, 'not for who has left');
    });

    test('relatives stand there by role; what everybody can see in the dialogue stands with its name', async () => {
        const { dialogue, emil, mette } = await circle(town, 'Fritid');
        await read(mette, dialogue);
        await write(mette, dialogue, 'Kan vi tale om fritid?');
        const { json } = await emil.get('/log', { json: true });
        const here = json.entries.map((entry) => entry.sentence).filter((text) => text.includes('»Fritid«'));
        assert.ok(here.some((text) => text.startsWith('Pårørende åbnede')), here.join('\n'));
        assert.ok(here.some((text) => text.startsWith(`${mette.name} skrev besked 1`)), here.join('\n'));
        assert.ok(!here.some((text) => text.startsWith(mette.name) && /læste|åbnede/.test(text)));
    });

    test('everybody sees what they have done themselves, and nobody else’s', async () => {
        const { dialogue, anne, emil, mette } = await circle(town, 'Det egne');
        await read(anne, dialogue);
        const own = await logOf(anne, '?own=1');
        assert.ok(sentences(own).some((text) => /^Du (læste|åbnede) .*»Det egne«/.test(text)), sentences(own).join('\n'));
        assert.ok(sentences(own).every((text) => !text.includes(mette.name) && text.startsWith('Du')));
        assert.ok(own.entries.every((entry) => !entry.may_ask));
        assert.deepEqual((await logOf(anne)).entries, [], 'nobody has looked at Anne');
        assert.ok(emil.name);
    });

    test('nobody is offered by name to look for who stands there without', async () => {
        const { dialogue, anne, emil, mette, jonas } = await circle(town, 'Hvem kan vælges');
        for (const one of [anne, mette]) await read(one, dialogue);
        const { page } = await emil.open(`/log?dialogue=${dialogue}`);
        const offered = page.all('option').map((one) => page.text(one));
        assert.ok(offered.some((text) => text.includes(jonas.name)), offered.join(', '));
        assert.ok(!offered.some((text) => text.includes(mette.name)), 'a relative');
    });

    test('who came along from a day on is told nothing of looks at what was written before', async () => {
        const { dialogue, anne, emil, mette } = await circle(town, 'Fra en dag');
        await write(mette, dialogue, 'Før');
        await read(anne, dialogue);
        const recordOf = async () => (await logOf(emil, `?dialogue=${dialogue}&group=1`)).entries.find((one) => one.sentence.startsWith(anne.name)).record;
        const before = await recordOf();
        await mustAgree(anne, dialogue, emil.name);
        const rikke = await town.as('rikke');
        await answer(emil, await propose(anne, dialogue, rikke.name), 'today');
        await read(anne, dialogue);
        const again = await recordOf();
        assert.notEqual(again, before);
        assert.equal((await rikke.get(`/log/${again}/question`)).status, 404, 'a look of today, at nothing that she sees');
        const waiting = async () => (await rikke.get('/', { json: true })).json.waiting.filter((one) => one.topic === 'Fra en dag' || one.id === dialogue).length;
        assert.equal(await waiting(), 0, 'nor that an answer has been waited for since before');
        await write(anne, dialogue, 'Svar');
        await write(mette, dialogue, 'Efter');
        assert.equal(await waiting(), 1);
        await read(anne, dialogue);
        assert.equal((await rikke.get(`/log/${before}/question`)).status, 404);
        assert.equal((await rikke.get(`/log/${await recordOf()}/question`)).status, 200);
        await exclude(anne, dialogue, rikke.name);
        assert.equal(await waiting(), 0, 'nor where she no longer takes part');
    });

    test('of what coordinators do otherwise, and of looks from outside, the citizen is told and a relative is not', async () => {
        const { dialogue, anne, emil, mette } = await circle(town, 'Også journalen'), birgit = await town.as('birgit');
        await write(mette, dialogue, 'Hej');
        const filed = await anne.submit(`/dialogue/${dialogue}/journal/new`, `/dialogue/${dialogue}/journal`, { scope: 'all', theme: 'Skole' });
        assert.equal(filed.status, 303);
        const { record } = (await logOf(emil, `?dialogue=${dialogue}`)).entries.find((one) => one.kind === 'journal-make');
        assert.equal((await emil.get(`/log/${record}/question`)).status, 200);
        assert.equal((await mette.get(`/log/${record}/question`)).status, 404);

        const { units } = (await birgit.get('/admin/units', { json: true })).json, unit = units.find((one) => one.name === 'Familie og trivsel').id;
        await birgit.submit('/admin/dialogues', '/admin/dialogues', { unit, why: 'other', why_words: 'Tilsyn med sagerne' });
        const strangers = async (person) => (await readersOf(person, dialogue, 1)).strangers.map((one) => one.who);
        assert.equal((await strangers(emil)).length, 1);
        assert.deepEqual(await strangers(mette), []);
    });

    test('what somebody has not sent is no entry that the citizen could ask about', async () => {
        const { dialogue, anne, emil, mette } = await circle(town, 'Kladden');
        await write(mette, dialogue, 'Hej');
        await read(anne, dialogue);
        const { record } = (await logOf(emil, `?dialogue=${dialogue}&group=1`)).entries[0];
        assert.equal((await anne.postJson(`/dialogue/${dialogue}/draft`, { text: 'Ikke sendt' })).status, 200);
        for (let next = BigInt(record) + 1n; next < BigInt(record) + 12n; next++) assert.equal((await emil.get(`/log/${next}/question`)).status, 404);
    });

    test('a relative does not see who reads in the citizen’s dialogue', async () => {
        const { dialogue, anne, mette } = await circle(town, 'Kun borgerens');
        await read(anne, dialogue);
        assert.deepEqual((await logOf(mette)).entries, []);
    });

    test('looks that follow one another are one line', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Mange gange');
        await write(emil, dialogue, 'En');
        for (let n = 0; n < 5; n++) await read(anne, dialogue);
        const lines = (await logOf(emil)).entries.filter((entry) => entry.kind === 'dialogue-read' && entry.sentence.includes('»Mange gange«') && entry.sentence.startsWith(anne.name));
        assert.equal(lines.length, 1, lines.map((one) => one.sentence).join('\n'));
        assert.ok(lines[0].times >= 5);
    });

    test('it can be narrowed down: what, who, unit, dialogue and days', async () => {
        const { dialogue, anne, emil, jonas } = await circle(town, 'Filter');
        await write(emil, dialogue, 'En');
        await read(anne, dialogue);
        await read(jonas, dialogue);
        const { page } = await emil.get('/log');
        const choice = (field, text) => page.values(page.all('form').find((form) => form.attrs.some((one) => one.value === '/log')))[field] ?? text;
        assert.ok(choice('group') !== undefined);
        const option = (text) => page.all('option').find((one) => page.text(one) === text).attrs.find((one) => one.name === 'value').value;
        const only = async (query) => sentences(await logOf(emil, `?dialogue=${dialogue}&${query}`));
        assert.ok((await only(`person=${option(jonas.name)}`)).every((text) => text.startsWith(jonas.name)));
        assert.ok((await only(`unit=${option(town.person('anne').unit)}`)).every((text) => text.startsWith(anne.name)));
        assert.ok((await only('group=1')).every((text) => /læste|åbnede|så, hvem/.test(text)));
        assert.equal(option('Filter'), dialogue);
        assert.ok((await logOf(emil, `?dialogue=${dialogue}`)).entries.length > 3);
        assert.deepEqual(await only('until=2020-01-01'), []);
        assert.ok((await only('from=2020-01-01')).length > 3);
        const answer = await emil.get('/log?group=99');
        assert.ok(answer.status >= 400 && answer.status < 500);
    });

    test('a long log comes in pages, and nothing falls between them', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Lang');
        for (let n = 0; n < 110; n++) {
            await anne.get(`/dialogue/${dialogue}`, { json: true });
            await anne.get(`/dialogue/${dialogue}/participants`, { json: true });
        }
        let before = '', times = 0, pages = 0, seen = new Set();
        do {
            const { entries, older_before: older } = await logOf(emil, `?dialogue=${dialogue}&group=1${before}`);
            for (const entry of entries) {
                assert.ok(!seen.has(entry.record), 'no entry twice');
                seen.add(entry.record);
                if (entry.sentence.startsWith(anne.name)) times += entry.times;
            }
            before = older ? `&before=${older}` : '';
            pages++;
        } while (before && pages < 20);
        assert.ok(pages > 1, 'more than one page');
        assert.ok(times >= 220, String(times));
    });
});

describe('this looks wrong', () => {
    test('the citizen asks about an entry once, and sees that it waits', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Spørgsmål');
        await write(emil, dialogue, 'Hej');
        await read(anne, dialogue);
        const number = (await read(emil, dialogue)).at(-1).number;
        const page = await emil.get(`/dialogue/${dialogue}/post/${number}/readers`);
        const link = page.page.links.find((one) => one.text.includes('Det ser forkert ud') && one.text.includes(anne.name));
        assert.ok(link, 'there is something to press');
        const asked = await emil.submitAndOpen(link.href, `${link.href}`, { text: 'Hvorfor læser hun med?' });
        assert.equal(asked.status, 200);
        assert.match(asked.page.text(), /Du spurgte: Hvorfor læser hun med\?/);
        assert.match(asked.page.text(), /Venter på svar/);
        assert.match((await emil.get(link.href)).page.text(), /allerede spurgt/);
        const csrf = await emil.csrf();
        assert.equal((await emil.post(link.href, { csrf, text: 'Igen og igen' })).status, 422);
    });

    test('a question needs words', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Tomt');
        await read(anne, dialogue);
        const entry = (await logOf(emil, `?dialogue=${dialogue}`)).entries.find((one) => one.may_ask);
        const answer = await emil.submit(`/log/${entry.record}/question`, `/log/${entry.record}/question`, { text: ' ' });
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Skriv, hvad der ser forkert ud/);
    });

    test('nobody can ask about, or look at, an entry that is not theirs', async () => {
        const { dialogue, anne, emil, mette } = await circle(town, 'Andres');
        await write(anne, dialogue, 'Hej');
        await anne.get('/log?own=1');
        const own = (await logOf(anne, '?own=1')).entries;
        const lone = await town.as('lone');
        for (const entry of own.slice(0, 8)) {
            for (const person of [lone, anne]) assert.equal((await person.get(`/log/${entry.record}/question`)).status, 404, entry.sentence);
        }
        const csrf = await lone.csrf();
        assert.equal((await lone.post(`/log/${own[0].record}/question`, { csrf, text: 'Hvad er det?' })).status, 404);
        const ours = (await logOf(emil, `?dialogue=${dialogue}`)).entries.find((one) => one.kind === 'participant-add');
        assert.equal((await emil.get(`/log/${ours.record}/question`)).status, 200);
        assert.equal((await mette.get(`/log/${ours.record}/question`)).status, 404, 'the mother sees looks at messages only');
    });

    test('who was excluded can no longer look at entries of the dialogue', async () => {
        const { dialogue, anne, emil, jonas } = await circle(town, 'Ude');
        const number = await write(emil, dialogue, 'Hej');
        await read(anne, dialogue);
        const { record } = (await readersOf(jonas, dialogue, number)).read.find((one) => one.record);
        assert.equal((await jonas.get(`/log/${record}/question`)).status, 200);
        await exclude(anne, dialogue, jonas.name);
        assert.equal((await jonas.get(`/log/${record}/question`)).status, 404);
        const own = sentences(await logOf(jonas, '?own=1'));
        assert.ok(!own.some((text) => text.includes('»Ude«')), 'the topic is not told any more');
    });

    test('somebody who was only invited learns nothing from the log', async () => {
        const dialogue = await startDialogue(await town.as('anne'), town.person('emil'), 'Endnu hemmeligt');
        await invite(await town.as('anne'), dialogue, { name: 'Lone Bæk', relation: 'nabo' });
        const lone = await town.as('lone');
        for (const query of ['', '?own=1', `?dialogue=${dialogue}`]) {
            const { text } = await lone.get(`/log${query}`);
            for (const word of ['Endnu hemmeligt', 'Emil', 'Anne']) assert.ok(!text.includes(word), `${query}: ${word}`);
        }
    });
});

describe('looking a citizen up', () => {
    const find = (person, fields) => person.submit('/dialogue/new', '/dialogue/new/citizen', { name: 'Lone Bæk', birth: '28-02-1958', ...fields });
    const lookUps = async () => (await logOf(await town.as('lone'))).entries.filter((entry) => entry.kind === 'citizen-look-up');

    test('needs a reason first; without one nobody is found and nothing is said', async () => {
        const anne = await town.as('anne');
        const answer = await find(anne, {});
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /»Hvorfor slår du op\?«/);
        assert.ok(!answer.text.includes('name="topic"'));
        const other = await find(anne, { why: 'other' });
        assert.equal(other.status, 422);
        assert.match(other.page.text(), /Skriv din grund/);
        assert.deepEqual(await lookUps(), []);
    });

    test('the citizen sees who looked, when and why, and can ask about it', async () => {
        const [anne, lone] = await Promise.all([town.as('anne'), town.as('lone')]);
        assert.equal((await find(anne, { why: 'other', why_words: 'Ringede om sin søster' })).status, 200);
        const [entry, ...more] = await lookUps();
        assert.equal(more.length, 0);
        assert.equal(entry.sentence, `${anne.name}, ${town.person('anne').unit}, slog dig op blandt borgerne`);
        assert.equal(entry.reason, 'Ringede om sin søster');
        assert.ok(entry.may_ask);
        assert.match((await lone.get(`/log/${entry.record}/question`)).page.text(), /Ringede om sin søster/);
    });

    test('by registering a number that is known already is a look like any other: with a reason, and told of', async () => {
        const [anne, jonas] = await Promise.all([town.as('anne'), town.as('jonas')]), path = '/dialogue/new/register';
        const register = async (person, fields) => person.post(path, { csrf: await person.csrf(), cpr: '010190-1239', name: 'Ny Borger', ...fields });
        assert.equal((await register(anne, { why: 'enquiry' })).status, 200);
        const records = (kind) => town.server.sql(`SELECT count(*) FROM audit WHERE kind = ${kind} AND object = (SELECT MAX(id) FROM person)`);
        const kinds = (await town.server.sql('SELECT DISTINCT kind FROM audit WHERE object = (SELECT MAX(id) FROM person)')).trim();
        assert.match(kinds, /^\d+$/, 'registered');
        const own = async () => (await jonas.get('/log?own=1', { json: true })).json.entries.filter((entry) => entry.kind === 'citizen-look-up');
        const before = (await own()).length;
        assert.equal((await register(jonas, {})).status, 422);
        const vague = await register(jonas, { why: 'other' });
        assert.deepEqual([vague.status, /Skriv din grund/.test(vague.page.text()), /kender allerede/.test(vague.page.text())], [422, true, false]);
        const found = await register(jonas, { why: 'concern', name: 'Gættet Navn' });
        assert.deepEqual([found.status, /Ny Borger/.test(found.page.text()), /Gættet/.test(found.page.text())], [200, true, false]);
        assert.equal((await records(kinds)).trim(), '1', 'once registered');
        assert.equal((await own()).length, before + 1);
    });

    test('the reason holds for that look only', async () => {
        const jonas = await town.as('jonas');
        await find(jonas, { why: 'concern', why_words: 'Underretning fra skolen' });
        assert.equal((await find(jonas, {})).status, 422, 'the next look needs its own');
        await find(jonas, { why: 'takeover' });
        const mine = (await lookUps()).filter((entry) => entry.sentence.startsWith(jonas.name));
        assert.deepEqual(mine.map((entry) => entry.reason), ['Jeg tager over for en kollega', 'Der er en bekymring for borgeren: Underretning fra skolen']);
    });

    test('one who was not found learns nothing, and neither does anybody else', async () => {
        const anne = await town.as('anne');
        const before = (await lookUps()).length;
        const answer = await find(anne, { birth: '28-02-1959', why: 'enquiry' });
        assert.match(answer.page.text(), /ingen borger/i);
        assert.equal((await lookUps()).length, before);
        assert.ok(sentences(await logOf(anne, '?own=1')).includes('Du slog en borger op'));
    });

    test('a reason that was changed in the database is not believed', async () => {
        const lone = await town.as('lone');
        await town.server.stop();
        const people = await town.server.sql('SELECT DISTINCT person FROM look_up ORDER BY person');
        assert.ok(people.split('\n').length >= 2);
        await town.server.sql(`UPDATE look_up SET person = (SELECT MAX(person) FROM look_up)`);
        await town.server.start();
        const entries = (await logOf(lone)).entries.filter((entry) => entry.kind === 'citizen-look-up');
        assert.ok(entries.some((entry) => entry.reason === ''), 'a reason under a false name is left out');
        assert.ok(entries.some((entry) => entry.sentence.startsWith('Anne')), 'who looked stands in the log, which nobody can change so');
    });

    test('a number alone starts no dialogue: the citizen is found first, by who starts it, in that sign-in', async () => {
        const [anne, rikke] = [await town.as('anne'), await town.as('rikke')];
        const found = await find(rikke, { why: 'citizen' });
        const { values } = found.page.form('/dialogue/new', 'topic'), [person] = values.citizen.split('.');
        for (const citizen of [values.citizen, `${person}.${'0'.repeat(values.citizen.length - person.length - 1)}`, person]) {
            const answer = await anne.post('/dialogue/new', { csrf: await anne.csrf(), citizen, topic: 'Uden at slå op', relation: 'sagsbehandler' });
            assert.equal(answer.status, 422, citizen);
        }
        assert.ok(!(await (await town.as('lone')).get('/')).text.includes('Uden at slå op'));
    });
});

describe('a reviewer', () => {
    const queue = async (person) => (await person.get('/review', { json: true })).json;

    /** Emil asks about a look of Anne's; gives the dialogue, the entry and the review. */
    async function asked(topic, who = 'anne', text = 'Hvorfor har hun set det?') {
        const { dialogue, emil } = await circle(town, topic);
        await write(emil, dialogue, 'Kanariefugl i en besked');
        const person = await town.as(who);
        await read(person, dialogue);
        const entry = (await logOf(emil, `?dialogue=${dialogue}&group=1`)).entries.find((one) => one.sentence.startsWith(person.name));
        await emil.submit(`/log/${entry.record}/question`, `/log/${entry.record}/question`, { text });
        const rikke = await town.as('rikke');
        const { open } = await queue(rikke);
        return { dialogue, emil, person, rikke, review: open.at(-1) };
    }

    test('finds the question, sees who, when and what sort, and never what was written or what it is about', async () => {
        const { rikke, person, review } = await asked('Kanarieemne');
        assert.equal(review.who, person.name);
        assert.ok(review.asked);
        for (const options of [{}, { json: true }]) {
            for (const target of ['/review', `/review/${review.id}`]) {
                const { text, status } = await rikke.get(target, options);
                assert.equal(status, 200);
                for (const word of ['Kanarie', 'mor', 'klasselærer', 'Karim', 'Mette']) assert.ok(!text.includes(word), `${target}: ${word}`);
            }
        }
        const page = await rikke.get(`/review/${review.id}`);
        for (const word of ['Hvorfor har hun set det?', 'Emil Østergaard Lund', 'læste besked 1 i en samtale', 'Tovholder siden']) assert.ok(page.page.text().includes(word), word);
    });

    test('of another unit does not find it, in the list or by its number', async () => {
        const { review } = await asked('En anden enhed'), [birgit, jonas] = [await town.as('birgit'), await town.as('jonas')];
        const { person } = (await birgit.get('/admin/staff', { json: true })).json.people.find((one) => one.name === jonas.name);
        assert.equal((await birgit.post(`/admin/staff/${person}/reviewer`, { csrf: await birgit.csrf(), value: '1' })).status, 303);
        assert.ok(![...(await queue(jonas)).open, ...(await queue(jonas)).closed].some((one) => one.id === review.id));
        assert.equal((await jonas.get(`/review/${review.id}`)).status, 404);
        assert.equal((await jonas.post(`/review/${review.id}`, { csrf: await jonas.csrf(), outcome: 'fine', note: 'Det er i orden' })).status, 404);
        assert.equal((await birgit.post(`/admin/staff/${person}/reviewer`, { csrf: await birgit.csrf(), value: '0' })).status, 303);
        assert.equal((await jonas.get('/review')).status, 404);
    });

    test('signs it off with a note and an answer, which the citizen reads in the log', async () => {
        const { rikke, emil, review } = await asked('Svar');
        const answer = await rikke.submit(`/review/${review.id}`, `/review/${review.id}`, { outcome: 'fine', note: 'Talt med lederen om vagtplanen', answer: 'Hun er din tovholder og skal læse med.' });
        assert.equal(answer.status, 303);
        const { questions } = await logOf(emil);
        const mine = questions.find((one) => one.answer === 'Hun er din tovholder og skal læse med.');
        assert.equal(mine.outcome, 'Det var i orden.');
        assert.equal(mine.open, false);
        const page = await emil.get('/log');
        assert.ok(page.page.text().includes('Hun er din tovholder og skal læse med.'));
        assert.ok(!page.text.includes('vagtplanen'), 'the note is for reviewers');
        assert.ok((await queue(rikke)).closed.some((one) => one.id === review.id));
        const csrf = await rikke.csrf();
        assert.equal((await rikke.post(`/review/${review.id}`, { csrf, outcome: 'wrong', note: 'En gang til', answer: 'Nej' })).status, 422, 'only once');
    });

    test('is told on the start page of questions that wait, and the citizen of the answer until it is opened', async () => {
        const [rikke, emil, anne] = await Promise.all(['rikke', 'emil', 'anne'].map((id) => town.as(id)));
        const calls = async (person) => {
            const { page } = await person.open('/');
            return page.links.filter((one) => /spørgsmål om/.test(one.text)).map((one) => [one.text, one.href]);
        };
        const answerTo = ({ id }) => rikke.submit(`/review/${id}`, `/review/${id}`, { outcome: 'fine', note: 'Set på det', answer: 'Hun skal læse med.' });
        for (const one of (await queue(rikke)).open.filter((each) => each.asked && !each.own)) assert.equal((await answerTo(one)).status, 303);
        await emil.get('/log');
        assert.deepEqual([await calls(rikke), await calls(emil)], [[], []], 'nothing waits');

        const first = await asked('Et svar');
        assert.deepEqual(await calls(rikke), [['1 spørgsmål om et opslag venter på dit svar', '/review']]);
        const second = await asked('Endnu et svar');
        assert.deepEqual(await calls(rikke), [['2 spørgsmål om opslag venter på dit svar', '/review']]);
        assert.deepEqual([await calls(emil), await calls(anne)], [[], []], 'neither who asked nor who looked is called to answer');

        assert.equal((await answerTo(first.review)).status, 303);
        assert.deepEqual(await calls(emil), [['Der er svar på dit spørgsmål om et opslag', '/log#questions']]);
        await emil.get('/log?own=1');
        assert.equal((await calls(emil)).length, 1, 'the answer does not stand among what he did himself');
        assert.equal((await answerTo(second.review)).status, 303);
        assert.deepEqual(await calls(emil), [['Der er svar på 2 af dine spørgsmål om opslag', '/log#questions']]);
        assert.match((await emil.get('/log')).page.text(), /Hun skal læse med\./);
        assert.deepEqual([await calls(rikke), await calls(emil), await calls(anne)], [[], [], []]);
    });

    test('must write a note, and an answer where somebody waits for one', async () => {
        const { rikke, review } = await asked('Mangler');
        for (const fields of [{ outcome: 'fine', note: 'Set på det', answer: '' }, { outcome: 'fine', note: '', answer: 'Fint' }, { note: 'Set på det', answer: 'Fint' }]) {
            const answer = await rikke.submit(`/review/${review.id}`, `/review/${review.id}`, fields);
            assert.equal(answer.status, 422, JSON.stringify(fields));
            assert.ok(answer.page.classed('form-error-message').length > 0);
        }
    });

    test('cannot sign off what they did themselves', async () => {
        const { dialogue, anne, emil } = await circle(town, 'Egen');
        const rikke = await town.as('rikke');
        await addEmployee(anne, dialogue, rikke.name, 'jurist');
        await write(emil, dialogue, 'Hej');
        await read(rikke, dialogue);
        const entry = (await logOf(emil, `?dialogue=${dialogue}&group=1`)).entries.find((one) => one.sentence.startsWith(rikke.name));
        await emil.submit(`/log/${entry.record}/question`, `/log/${entry.record}/question`, { text: 'Hvem er hun?' });
        const review = (await queue(rikke)).open.find((one) => one.own);
        assert.ok(review);
        const page = await rikke.get(`/review/${review.id}`);
        assert.match(page.page.text(), /En anden skal afslutte det/);
        const csrf = await rikke.csrf();
        assert.equal((await rikke.post(`/review/${review.id}`, { csrf, outcome: 'fine', note: 'Det var mig', answer: 'Det var i orden' })).status, 403);
        assert.equal((await queue(rikke)).open.filter((one) => one.id === review.id).length, 1);
    });

    test('is somebody who was appointed: nobody else finds the page, an administrator neither', async () => {
        const { review } = await asked('Andre');
        for (const id of ['anne', 'jonas', 'birgit', 'ulla', 'emil', 'lone']) {
            const person = await town.as(id);
            for (const target of ['/review', `/review/${review.id}`]) assert.ok([403, 404].includes((await person.get(target)).status), `${id} ${target}`);
            assert.ok(!(await person.get('/')).text.includes('href="/review"'), `${id} is not offered it`);
        }
        assert.ok((await (await town.as('rikke')).get('/')).text.includes('href="/review"'));
    });

    test('who reviews stands in the log, also for the citizen', async () => {
        const { dialogue, emil, rikke, review } = await asked('Kontrolleret');
        await rikke.get(`/review/${review.id}`);
        const lines = sentences(await logOf(emil, `?dialogue=${dialogue}&group=5`));
        assert.ok(lines.some((text) => text.startsWith(`${rikke.name}, ${town.person('rikke').unit}, kontrollerede`)), lines.join('\n'));
    });

    test('a row that somebody put into the database makes nobody a reviewer', async () => {
        const anne = await town.as('anne');
        await town.server.stop();
        await town.server.sql('INSERT INTO reviewer (person, unit, since, sealed) SELECT a.person, r.unit, 0, r.sealed FROM reviewer r, (SELECT MIN(id) AS person FROM person WHERE role = 3) a');
        await town.server.start();
        assert.equal((await anne.get('/review')).status, 404);
        const { json } = await (await town.as('rikke')).get('/', { json: true });
        assert.ok(json.questions > 0);
        assert.equal((await anne.get('/', { json: true })).json.questions, 0, 'nor is she told how many questions wait');
        assert.equal((await (await town.as('rikke')).get('/review')).status, 200);
    });
});
