// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sleep, until } from '../support/server.mjs';
import { Town, accept, addEmployee, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';
import { answer, consent, linkOf, mustAgree, proposalOf, propose, proposeOutside, renew, withdraw } from '../support/consent.mjs';

let town, anne, emil, mette, karim, jonas;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
});
after(() => town?.close());

/** Anne (coordinator), Emil (citizen, must say yes), Mette (his mother). */
async function small(topic = 'Emil og skolen') {
    const dialogue = await startDialogue(anne, town.person('emil'), topic);
    await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
    await mustAgree(anne, dialogue, emil.name);
    return dialogue;
}

const sees = async (who, dialogue) => (await who.get(`/dialogue/${dialogue}`)).status;

describe('somebody who is proposed', () => {
    test('learns nothing: no title, no page, no live event, and no line on the start page', async () => {
        const dialogue = await small('Kanarietitel');
        await write(mette, dialogue, 'Kanariebesked');
        const heard = await jonas.stream('/live');
        const proposal = await propose(anne, dialogue, jonas.name);
        await write(mette, dialogue, 'Kanariebesked igen');
        const places = ['/', '/consents', '/log', '/search?q=kanarie', `/dialogue/${dialogue}`, `/dialogue/${dialogue}/posts`, `/dialogue/${dialogue}/post/1`, `/dialogue/${dialogue}/people`,
            `/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/consent`, `/dialogue/${dialogue}/live`, `/consents/${proposal}`, `/dialogue/${dialogue}/post/1/history`,
            `/dialogue/${dialogue}/search?q=kanarie`, `/dialogue/${dialogue}/post/1/readers`];
        for (const place of places) {
            for (const json of [false, true]) {
                const got = await jonas.get(place, { json });
                assert.doesNotMatch(got.text, /Kanarietitel|Kanariebesked/i, `${place} says nothing`);
                if (!['/', '/consents', '/log', '/search?q=kanarie'].includes(place)) assert.equal(got.status, 404, `${place} is not there`);
            }
        }
        const csrf = await jonas.csrf();
        for (const act of ['answer', 'withdraw', 'renew']) assert.equal((await jonas.post(`/consents/${proposal}/${act}`, { csrf, ...(act === 'answer' ? { answer: 'all' } : {}) })).status, 404, `may not ${act}`);
        await sleep(300);
        assert.deepEqual(heard.events, []);
        heard.close();
        const { people, former } = await participants(mette, dialogue);
        assert.ok(![...people, ...former].some((one) => one.name === jonas.name), 'and the others are not told');
    });

    test('is let in when all who must have said yes, and not before', async () => {
        const dialogue = await small();
        await mustAgree(anne, dialogue, mette.name, 'custody');
        await write(mette, dialogue, 'En besked');
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'all');
        assert.equal(await sees(jonas, dialogue), 404, 'one yes of two');
        await answer(mette, proposal, 'all');
        assert.deepEqual((await read(jonas, dialogue)).map((post) => post.text), ['En besked']);
        await write(jonas, dialogue, 'Tak, jeg er med');
    });

    test('stays outside when one says no, whatever the others said', async () => {
        const dialogue = await small();
        await mustAgree(anne, dialogue, mette.name, 'attorney');
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'all');
        await answer(mette, proposal, 'no');
        assert.equal(await sees(jonas, dialogue), 404);
        assert.equal((await proposalOf(anne, dialogue, jonas.name)).status, 'Kom ikke med');
    });

    test('cannot be let in past those who must say yes', async () => {
        const dialogue = await small();
        const found = (await anne.get(`/dialogue/${dialogue}/participants?search=Jonas`, { json: true })).json.found[0];
        const csrf = await anne.csrf();
        const added = await anne.post(`/dialogue/${dialogue}/participants/employee`, { csrf, person: found.person, relation: 'lærer' });
        assert.equal(added.status, 422);
        const invited = await anne.post(`/dialogue/${dialogue}/invitations`, { csrf, kind: 'relative', name: 'Lone Bæk', relation: 'farmor', email: 'lone@post.example' });
        assert.equal(invited.status, 422);
        assert.equal(await sees(jonas, dialogue), 404);
    });

    test('can be taken back while it waits, and then no yes lets them in', async () => {
        const dialogue = await small();
        const proposal = await propose(anne, dialogue, jonas.name);
        const csrf = await emil.csrf();
        assert.equal((await anne.submit(`/dialogue/${dialogue}/consent`, `/dialogue/${dialogue}/consent/${proposal}/take-back`, {})).status, 303);
        assert.equal((await emil.post(`/consents/${proposal}/answer`, { csrf, answer: 'all', months: '12', text: '1' })).status, 422);
        assert.equal(await sees(jonas, dialogue), 404);
    });

    test('comes by link only once all have said yes', async () => {
        const dialogue = await small();
        await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' });
        assert.equal(await linkOf(anne, dialogue, 'Karim Haddad'), undefined, 'no link yet');
        const { proposal } = await proposalOf(anne, dialogue, 'Karim Haddad');
        await write(mette, dialogue, 'Før Karim');
        await answer(emil, proposal, 'today');
        await accept(karim, await linkOf(anne, dialogue, 'Karim Haddad'));
        await write(mette, dialogue, 'Efter Karim');
        assert.deepEqual((await read(karim, dialogue)).map((post) => post.text), ['Efter Karim']);
    });

    test('by link: a yes that is taken back before the link is used takes the link along', async () => {
        const dialogue = await small();
        await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' });
        const { proposal } = await proposalOf(anne, dialogue, 'Karim Haddad');
        await answer(emil, proposal, 'all');
        const link = await linkOf(anne, dialogue, 'Karim Haddad');
        await withdraw(emil, proposal);
        assert.equal((await karim.get(link)).status, 410);
        assert.equal(await sees(karim, dialogue), 404);
    });
});

describe('a link from before anybody had to say yes', () => {
    const invited = async (topic) => {
        const dialogue = await startDialogue(anne, town.person('emil'), topic);
        return { dialogue, link: await invite(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' }) };
    };
    const nobodyCame = async (dialogue) => {
        const { people, former, invitations } = await participants(anne, dialogue);
        assert.ok(![...people, ...former].some((one) => one.name === karim.name), 'nobody has come in');
        assert.deepEqual(invitations, [], 'and no link waits');
        assert.equal(await sees(karim, dialogue), 404);
    };

    test('lets nobody in afterwards: the coordinator is told before, the log says it, and those who must say yes are asked', async () => {
        const { dialogue, link } = await invited('Link før reglen');
        const open = await karim.open(link);
        const told = await anne.open(`/dialogue/${dialogue}/consent`), { json } = await anne.get(`/dialogue/${dialogue}/consent`, { json: true });
        assert.match(told.page.text(), /Karim Haddad er inviteret, men ikke her endnu\. Når du vælger, hvem der skal sige ja, bliver invitationen trukket tilbage/);
        assert.equal(json.unasked, 'Karim Haddad');
        await mustAgree(anne, dialogue, emil.name);
        assert.equal((await karim.submit(open, link, {})).status, 422, 'who has the page open already');
        assert.equal((await karim.get(link)).status, 410);
        assert.equal((await karim.get(link, { json: true })).status, 404);
        const pressed = await karim.postJson(link, {});
        assert.equal(pressed.status, 422, pressed.text);
        await nobodyCame(dialogue);
        assert.doesNotMatch((await anne.open(`/dialogue/${dialogue}/consent`)).page.text(), /er inviteret/);
        assert.match((await emil.open('/log')).page.text(), /trak en invitation til .*Link før reglen.* tilbage/);
        await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' });
        await answer(emil, (await proposalOf(anne, dialogue, 'Karim Haddad')).proposal, 'all');
        await accept(karim, await linkOf(anne, dialogue, 'Karim Haddad'));
        assert.equal(await sees(karim, dialogue), 200);
    });

    test('stays dead when nobody has to say yes any more', async () => {
        const { dialogue, link } = await invited('Regel taget af igen');
        await mustAgree(anne, dialogue, emil.name);
        await mustAgree(anne, dialogue, emil.name, 'none');
        assert.equal((await karim.post(link, { csrf: await karim.csrf() })).status, 422);
        await nobodyCame(dialogue);
        await accept(karim, await invite(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' }));
        assert.equal(await sees(karim, dialogue), 200, 'a new one works');
    });

    test('that was used before leaves its person where they are', async () => {
        const { dialogue, link } = await invited('Brugt før reglen');
        await accept(karim, link);
        await mustAgree(anne, dialogue, emil.name);
        assert.equal(await sees(karim, dialogue), 200);
        assert.equal((await karim.post(link, { csrf: await karim.csrf() })).status, 303, 'and the link still leads there');
    });

    test('and a choice that is refused takes nothing back; one who is to be asked too takes no agreed link back', async () => {
        const { dialogue, link } = await invited('Afvist valg'), csrf = await anne.csrf();
        const { people } = await participants(anne, dialogue), self = people.find((one) => one.name === anne.name).person;
        assert.equal((await anne.post(`/dialogue/${dialogue}/consent/givers`, { csrf, person: self, basis: 'own' })).status, 422);
        assert.equal((await karim.get(link)).status, 200);
        await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
        await mustAgree(anne, dialogue, emil.name);
        await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' });
        await answer(emil, (await proposalOf(anne, dialogue, 'Karim Haddad')).proposal, 'all');
        const agreed = await linkOf(anne, dialogue, 'Karim Haddad');
        await mustAgree(anne, dialogue, mette.name, 'custody');
        assert.equal((await karim.get(link)).status, 410);
        await accept(karim, agreed);
        assert.equal(await sees(karim, dialogue), 200);
    });
});

describe('the citizen', () => {
    test('proposes a relative and is asked at once', async () => {
        const dialogue = await small();
        const proposed = await proposeOutside(emil, dialogue, { name: 'Lone Bæk', relation: 'farmor' });
        assert.match(proposed.headers.location, /^\/consents\/\d+$/);
        const page = await emil.open(proposed.headers.location);
        assert.match(page.page.text(), /Må Lone Bæk være med\?/);
    });

    test('proposes relatives only: nobody from outside, no employee, and nobody by law', async () => {
        const dialogue = await small(), csrf = await emil.csrf(), path = `/dialogue/${dialogue}/consent/propose`;
        const said = { csrf, relation: 'lærer', purpose: 'Kender mig' };
        const { person } = (await anne.get(`/dialogue/${dialogue}/participants?search=Jonas`, { json: true })).json.found[0];
        assert.equal((await emil.post(path, { ...said, person })).status, 422);
        assert.equal((await emil.post(path, { ...said, name: 'Karim Haddad', email: 'k@post.example', kind: 'external' })).status, 422);
        assert.equal((await emil.post(path, { ...said, name: 'Lone Bæk', email: 'l@post.example', kind: 'relative', statute: 'Serviceloven § 153', reason: 'Derfor' })).status, 403);
        assert.deepEqual((await anne.get(`/dialogue/${dialogue}/consent`, { json: true })).json.proposals, [], 'nobody was proposed');
    });

    test('is proposed to nobody as if they were an employee, and no number tells whether somebody is there', async () => {
        const dialogue = await small(), other = await participants(anne, dialogue);
        const { person } = other.people.find((one) => one.name === mette.name), path = `/dialogue/${await small()}/consent/propose`;
        const known = await anne.get(`${path}?person=${person}`), unknown = await anne.get(`${path}?person=1`);
        assert.deepEqual([known.status, unknown.status], [404, 404]);
        assert.ok(!known.text.includes(mette.name));
        for (const one of [person, '1']) assert.equal((await anne.post(path, { csrf: await anne.csrf(), person: one, relation: 'lærer', purpose: 'Hjælp' })).status, 404);
    });

    test('and nobody takes a proposal of another dialogue back', async () => {
        const [here, there] = [await small(), await small('En anden samtale')];
        const proposal = await propose(anne, there, jonas.name);
        assert.equal((await anne.post(`/dialogue/${here}/consent/${proposal}/take-back`, { csrf: await anne.csrf() })).status, 404);
        await answer(emil, proposal, 'all');
        assert.equal(await sees(jonas, there), 200);
    });

    test('sees of somebody who came from today on only what that one sees', async () => {
        const dialogue = await small();
        for (const text of ['Et', 'To']) await write(mette, dialogue, text);
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'today');
        await write(mette, dialogue, 'Tre');
        const seen = await consent(emil, proposal);
        assert.deepEqual([seen.messages, seen.days.map((one) => one.count)], [1, [1]]);
    });

    test('and who came from today on can’t be asked for others: they do not see what they would give', async () => {
        const dialogue = await small();
        await write(mette, dialogue, 'Før Lone');
        await proposeOutside(anne, dialogue, { name: 'Lone Bæk', relation: 'farmor' });
        const { proposal } = await proposalOf(anne, dialogue, 'Lone Bæk');
        await answer(emil, proposal, 'today');
        const lone = await town.as('lone');
        await accept(lone, await linkOf(anne, dialogue, 'Lone Bæk'));
        const { person } = (await participants(anne, dialogue)).people.find((one) => one.name === lone.name), csrf = await anne.csrf();
        assert.equal((await anne.post(`/dialogue/${dialogue}/consent/givers`, { csrf, person, basis: 'attorney' })).status, 422);
        const employee = (await participants(anne, dialogue)).people.find((one) => one.name === anne.name).person;
        assert.equal((await anne.post(`/dialogue/${dialogue}/consent/givers`, { csrf, person: employee, basis: 'attorney' })).status, 422, 'nor an employee');
    });

    test('is told nothing of the dialogue any more when they have left it', async () => {
        const dialogue = await small('Titlen på det hele');
        await mustAgree(anne, dialogue, mette.name, 'custody');
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(mette, proposal, 'all');
        const page = async () => (await mette.open(`/consents/${proposal}`)).page.text();
        assert.match(await page(), /Du svarer for Emil Østergaard Lund/);
        await exclude(anne, dialogue, 'Mette Østergaard');
        assert.doesNotMatch(await page(), /Du svarer for Emil|Titlen på det hele/);
    });

    test('sees who is let in by law, with the law and the reason', async () => {
        const dialogue = await small();
        await propose(anne, dialogue, jonas.name, { statute: 'Serviceloven § 153', reason: 'Skolen har pligt til at være med' });
        assert.equal(await sees(jonas, dialogue), 200);
        const page = (await emil.open('/consents')).page.text();
        assert.match(page, /Serviceloven § 153/);
        assert.match(page, /Skolen har pligt til at være med/);
    });

    test('sees before the answer what the new one will see: how many messages, when, by whom', async () => {
        const dialogue = await small();
        for (const text of ['Et', 'To']) await write(mette, dialogue, text);
        await write(emil, dialogue, 'Mit eget');
        const proposal = await propose(anne, dialogue, jonas.name, { purpose: 'Vi skal tale om lektier' });
        const asked = await consent(emil, proposal);
        assert.equal(asked.messages, 3);
        assert.deepEqual(asked.days.map(({ author, own, count }) => ({ author, own, count })), [{ author: emil.name, own: true, count: 1 }, { author: mette.name, own: false, count: 2 }]);
        const page = (await emil.open(`/consents/${proposal}`)).page.text();
        for (const words of ['Må Jonas Dam være med?', 'Vi skal tale om lektier', 'Der er skrevet 3 beskeder', 'Ja, Jonas Dam må se alt', 'Ja, men kun det, der bliver skrevet fra nu af', 'Nej, ikke Jonas Dam'])
            assert.ok(page.includes(words), `the page says “${words}”: ${page.slice(0, 900)}`);
        assert.ok(!page.includes('Et') || !/\bTo\b/.test(page), 'and not what is in them');
    });

    test('takes a yes back as easily: access and live stream end at once, what was written stays', async () => {
        const dialogue = await small();
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'all');
        await write(jonas, dialogue, 'Jonas skriver');
        const stream = await jonas.stream(`/dialogue/${dialogue}/live`);
        await withdraw(emil, proposal);
        assert.ok(await Promise.race([stream.closed.then(() => true), sleep(3000).then(() => false)]), 'the stream ends');
        assert.equal(await sees(jonas, dialogue), 404);
        assert.ok((await read(mette, dialogue)).some((post) => post.text === 'Jonas skriver'));
        assert.doesNotMatch((await jonas.get('/')).text, /Emil og skolen.*Jonas skriver/);
        const again = await jonas.get(`/dialogue/${dialogue}/live`);
        assert.equal(again.status, 404);
    });

    test('renews with one tap', async () => {
        const dialogue = await small();
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'all', 1);
        const before = (await consent(emil, proposal)).status;
        await renew(emil, proposal);
        assert.notEqual((await consent(emil, proposal)).status, before);
        assert.equal(await sees(jonas, dialogue), 200);
    });
});

describe('who may see only what is written from today', () => {
    test('is told of with day and time: what was written earlier that day is not seen, in the citizen’s folder too', async () => {
        const moment = /^Kan se det, der er skrevet fra \d+\. \p{L}+ kl\. \d\d\.\d\d og frem$/u;
        const dialogue = await small('Fra nu af');
        await mustAgree(anne, dialogue, mette.name, 'custody');
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'today');
        assert.equal((await consent(emil, proposal)).sees, 'Kan se det, der er skrevet, efter at alle har sagt ja');
        await write(emil, dialogue, 'Mellem de to svar');
        await answer(mette, proposal, 'all');
        for (const giver of [emil, mette]) {
            assert.match((await consent(giver, proposal)).sees, moment, `${giver.id}: the strictest answer counts`);
            assert.match((await giver.open('/consents')).page.text(), /fra \d+\. \p{L}+ kl\. \d\d\.\d\d og frem/u);
        }
        assert.deepEqual(await read(jonas, dialogue), []);
        const folder = await emil.submitAndOpen('/folder', '/folder', { sure: '1' });
        const { text } = await emil.get(/href="(\/folder\/\d+\/file)"/.exec(folder.text)[1]);
        assert.match(text, /fra \d+\. \p{L}+(?: \d{4})? kl\. \d\d\.\d\d og frem/u);
        assert.match(text, /\d+\. \p{L}+(?: \d{4})? kl\. \d\d\.\d\d: ja, til det, der skrives fra da af/u);
    });

    test('finds no trace of what came before: not in pages, JSON, quotes, history, search, start page or live events', async () => {
        const dialogue = await small('Fælles titel');
        const first = await write(mette, dialogue, 'Kanariefugl i fortiden');
        const second = await write(emil, dialogue, 'Kanariefugl svarer', { reply_to: String(first) });
        await addAndLose(dialogue);
        const proposal = await propose(anne, dialogue, jonas.name);
        await answer(emil, proposal, 'today');
        const start = (await jonas.get('/', { json: true })).json.dialogues.find((one) => one.id === dialogue);
        assert.equal(start.unread, 0);
        assert.equal(start.last_author, '');
        assert.equal(start.last_at, null);
        assert.equal((await read(jonas, dialogue)).length, 0);
        const stream = await jonas.stream(`/dialogue/${dialogue}/live`), own = await jonas.stream('/live');
        const third = await write(mette, dialogue, 'Nyt svar', { reply_to: String(second) });
        await until('the new message is heard of', () => stream.events.some((event) => event.name === 'post' && event.data === '1'), 3000);
        await emil.submit(`/dialogue/${dialogue}/post/${second}/edit`, `/dialogue/${dialogue}/post/${second}/edit`, { text: 'Kanariefugl rettet' });
        await sleep(300);
        assert.ok(!stream.events.some((event) => event.name === 'changed'), 'a change of an earlier message is not heard of');
        stream.close();
        own.close();
        for (const place of ['', `?at=${first}`, `?before=${third}`, '?before=1', '?reply=1', '/posts', '/posts?after=0', `/posts?before=${third}`, '/post/1', '/people', '/participants', '/search?q=kanariefugl', '/post/1/menu', '/print']) {
            for (const json of [false, true]) {
                const got = await jonas.get(`/dialogue/${dialogue}${place}`, { json });
                assert.doesNotMatch(got.text, /Kanariefugl|Karim/, `${place} ${json ? 'as JSON' : ''}`);
            }
        }
        for (const number of [second, third]) {   // to him, the third message is the first
            for (const place of ['', '/history', '/readers', '/menu', '/edit']) {
                const got = await jonas.get(`/dialogue/${dialogue}/post/${number}${place}`);
                assert.ok(got.status === 404 || got.status === 403, `/post/${number}${place}: ${got.status}`);
                assert.doesNotMatch(got.text, /Kanariefugl|Mette/);
            }
        }
        assert.doesNotMatch((await jonas.get('/search?q=kanariefugl')).text, /Kanariefugl i|Kanariefugl s|Kanariefugl r/);
        const page = await jonas.get(`/dialogue/${dialogue}`);
        assert.match(page.page.text(), /Svar på en tidligere besked/);
        assert.ok(!(await jonas.get(`/dialogue/${dialogue}`, { json: true })).json.page.older_before, 'nothing older is offered');
        for (const place of [`/posts?before=${third + 1}`, '/posts?after=0']) assert.ok(!(await jonas.get(`/dialogue/${dialogue}${place}`, { json: true })).json.older_before, place);
        assert.ok((await mette.get(`/dialogue/${dialogue}/posts?before=${third}`, { json: true })).json.posts.length === 2);
        assert.deepEqual((await read(jonas, dialogue)).map((post) => post.text), ['Nyt svar']);
        const csrf = await jonas.csrf();
        assert.ok((await jonas.post(`/dialogue/${dialogue}/post`, { csrf, text: 'Svar på det skjulte', reply_to: String(second) })).status >= 400);
        assert.equal((await read(mette, dialogue)).length, 3, 'the others see all');
    });

    /** Karim takes part and leaves before the one who comes later. */
    async function addAndLose(dialogue) {
        const { proposal } = await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' }).then(() => proposalOf(anne, dialogue, 'Karim Haddad'));
        await answer(emil, proposal, 'all');
        await accept(karim, await linkOf(anne, dialogue, 'Karim Haddad'));
        assert.equal((await karim.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
    }

    test('keeps reading when the next one comes from a later day, and everybody still reads the title', async () => {
        const dialogue = await small('Titlen');
        await write(mette, dialogue, 'Et');
        await answer(emil, await propose(anne, dialogue, jonas.name), 'today');
        await write(mette, dialogue, 'To');
        await proposeOutside(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'klasselærer' });
        await answer(emil, (await proposalOf(anne, dialogue, 'Karim Haddad')).proposal, 'today');
        await accept(karim, await linkOf(anne, dialogue, 'Karim Haddad'));
        await write(mette, dialogue, 'Tre');
        const texts = async (who) => (await read(who, dialogue)).map((post) => post.text);
        assert.deepEqual(await texts(jonas), ['To', 'Tre']);
        assert.deepEqual(await texts(karim), ['Tre']);
        assert.deepEqual(await texts(emil), ['Et', 'To', 'Tre']);
        for (const who of [jonas, karim, emil, mette, anne]) assert.match((await who.get(`/dialogue/${dialogue}`)).text, /Titlen/);
        assert.ok((await participants(karim, dialogue)).people.some((one) => one.relation === 'mor'), 'what people are to the citizen is carried over');
    });

    test('holds no key of what came before, whatever is changed in the database', async () => {
        const dialogue = await small();
        await write(mette, dialogue, 'Gemt i fortiden');
        await answer(emil, await propose(anne, dialogue, jonas.name), 'today');
        await write(mette, dialogue, 'Nutid');
        const grants = async () => (await town.server.sql(`SELECT g.epoch FROM key_grant g JOIN participant p ON p.dialogue = g.dialogue AND p.person = g.member WHERE g.dialogue = ${dialogue} AND p.from_number > 1`)).split('\n');
        await town.server.stop();
        assert.deepEqual(await grants(), ['2']);
        for (const change of ['from_number = 1', 'admission = 0, admitted = NULL, from_number = 1, until = NULL']) {
            await town.server.sql(`CREATE TABLE kept AS SELECT * FROM participant WHERE dialogue = ${dialogue}; UPDATE participant SET ${change} WHERE dialogue = ${dialogue} AND from_number > 1`);
            await town.server.start();
            const got = await jonas.get(`/dialogue/${dialogue}/posts?after=0`, { json: true });
            assert.doesNotMatch(got.text, /Gemt i fortiden/, change);
            await town.server.stop();
            await town.server.sql(`DELETE FROM participant WHERE dialogue = ${dialogue}; INSERT INTO participant SELECT * FROM kept; DROP TABLE kept`);
        }
        await town.server.start();
        assert.equal(await sees(jonas, dialogue), 200);
    });
});

test('the page says who is asked, and its button what it does; a question about one person speaks of one', async () => {
    const dialogue = await startDialogue(anne, town.person('emil'), 'Knap og tilstand'), row = async () => {
        const { page } = await anne.open(`/dialogue/${dialogue}/consent`);
        return page.text(page.all('li').find((one) => page.text(one).includes(emil.name) && page.one('form', one)));
    };
    assert.match(await row(), /Spørg/);
    assert.doesNotMatch(await row(), /Skal sige ja/, 'nobody must yet');
    await mustAgree(anne, dialogue, emil.name);
    assert.match(await row(), /Skal sige ja.*Spørg ikke mere/);
    const { page } = await anne.open(`/dialogue/${dialogue}/consent/propose`);
    assert.match(page.text(), /Hvorfor skal personen være med\?.*Loven lader personen være med uden et ja/);
});

test('an employee who was added before anybody had to say yes stays', async () => {
    const dialogue = await startDialogue(anne, town.person('emil'), 'Først uden');
    await addEmployee(anne, dialogue, jonas.name, 'lærer');
    await mustAgree(anne, dialogue, emil.name);
    assert.equal(await sees(jonas, dialogue), 200);
});
