// SPDX-License-Identifier: MPL-2.0
// Every route of the program, as every role and relation that may not use it: what is not for somebody is not there. The routes and who may come from the
// reviewed matrix, so that a new route is in the walk by itself; a new kind of number in an address must be told here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { answer, mustAgree, proposalOf, propose, proposeOutside } from '../support/consent.mjs';
import { send, upload } from '../support/files.mjs';
import { file as journalise } from '../support/journal.mjs';
import { may, readMatrix } from '../support/matrix.mjs';
import { photo } from '../support/pictures.mjs';
import { Town, accept, addEmployee, circle, exclude, participants, startDialogue, write } from '../support/town.mjs';

const routes = readMatrix();
const secret = /kanarie|Emil Østergaard|Mette Østergaard|Karim Haddad|Lone Bæk/i;   // in no answer to somebody outside
let town, people, letter, own, places;

before(async () => {
    town = await Town.start();
    people = Object.fromEntries(await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas', 'lone', 'rikke', 'stranger', 'birgit', 'ulla'].map(async (id) => [id, await town.as(id)])));
    people.nobody = new Client(town.url);
    const open = await world('kanarieåben');
    const closed = await world('kanarielukket');
    const done = await people.anne.submit(`/dialogue/${closed.dialogue}/close`, `/dialogue/${closed.dialogue}/close`, { reason: 'Målet er nået' });
    assert.equal(done.status, 303, done.page.text().slice(0, 400));
    places = { o: open, c: closed, s: await sideTalk(open) };
    letter = await writeToUnit();
    own = await ownThings(open.dialogue);
});
after(() => town?.close());

/** Who is what to a dialogue: Rikke was in it, Lone only reads. */
const circleOf = () => [
    ['nobody', 'anonymous', 'none'], ['stranger', 'public', 'none'], ['birgit', 'administrator', 'none'], ['ulla', 'administrator', 'none'], ['rikke', 'employee', 'former'],
    ['emil', 'public', 'citizen'], ['mette', 'public', 'relative'], ['lone', 'public', 'reader'], ['karim', 'public', 'external'], ['jonas', 'employee', 'professional'], ['anne', 'employee', 'coordinator'],
].map(([id, role, relation]) => ({ id, role, relation, client: people[id] }));

/** In a side talk of Anne and Jonas everybody else is a stranger. */
const sideCircle = () => circleOf().map((one) => (['anne', 'jonas'].includes(one.id) ? one : { ...one, relation: 'none' }));

/** A dialogue that has one of everything, and the numbers for what an address may name. */
async function world(topic) {
    const { anne, emil, mette, jonas, lone } = people, { dialogue } = await circle(town, topic);
    await acceptReader(dialogue, lone);
    await addEmployee(anne, dialogue, people.rikke.name, 'vikar');
    await exclude(anne, dialogue, people.rikke.name);
    const number = await write(anne, dialogue, `${topic} besked`);
    const picture = await upload(anne, dialogue, 'kanarie.jpg', photo(60, 40)), plain = await upload(anne, dialogue, 'kanarie.pdf', Buffer.from('%PDF-1.4 kanarie'));
    const post = await send(anne, dialogue, `${topic} med bilag`, picture.id, plain.id);
    const waiting = await upload(mette, dialogue, 'kanarie venter.jpg', photo(60, 40));
    await anne.postJson(`/dialogue/${dialogue}/draft`, { text: `${topic} kladde` });
    const entry = await journalise(anne, dialogue, { theme: 'Skole' });
    await mustAgree(anne, dialogue, emil.name);
    const proposal = await propose(anne, dialogue, 'Rikke Vang');
    await proposeOutside(anne, dialogue, { name: 'Kanarie Gæst' });
    await answer(emil, (await proposalOf(anne, dialogue, 'Kanarie Gæst')).proposal, 'all');
    const { invitations, people: all } = await participants(anne, dialogue);
    return { topic, dialogue, number, files: { number: post.number, picture: picture.id, plain: plain.id }, waiting: waiting.id, entry, proposal,
        invitation: invitations[0].id, person: all.find((one) => one.name === jonas.name).person };
}

async function acceptReader(dialogue, lone) {
    const made = await people.emil.post(`/dialogue/${dialogue}/invitations`, { csrf: await people.emil.csrf(), name: 'Lone Bæk', email: 'l@post.example', relation: 'farmor', kind: 'relative', reading: '1' });
    assert.equal(made.status, 303, made.text.slice(0, 300));
    const page = await people.emil.open(made.headers.location);
    const link = new URL(page.page.id('link').attrs.find(({ name }) => name === 'value').value).pathname;
    assert.equal((await accept(lone, link)).status, 200);
}

async function sideTalk({ dialogue, topic, ...more }) {
    const { anne } = people, { people: all } = (await anne.get(`/dialogue/${dialogue}/side`, { json: true })).json;
    const until = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + 3 * 86400000);
    const answer = await anne.post(`/dialogue/${dialogue}/side`, { csrf: await anne.csrf(), name: 'kanariesidetale', reason: 'Vi skal afklare en underretning', until,
        person1: all.find((one) => one.name === people.jonas.name).person });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
    const side = /^\/dialogue\/(\d+)/.exec(answer.headers.location)[1];
    const number = await write(anne, side, 'kanariesidebesked');
    return { ...more, topic, dialogue: side, number, entry: await journalise(anne, side, { theme: 'Skole' }), person: more.person };
}

async function writeToUnit() {
    const { units } = (await people.emil.get('/write', { json: true })).json;
    const unit = units.find((one) => one.name === 'Familie og trivsel').id;
    const answer = await people.emil.submit('/write', '/write', { unit, topic: 'kanariebrev', text: 'kanariebrev til enheden' });
    return /^\/dialogue\/(\d+)/.exec(answer.headers.location)[1];
}

/** Things that are somebody's own, outside any dialogue: what the address names, and who finds it. */
async function ownThings(dialogue) {
    const { emil, birgit, rikke } = people;
    let look;
    for (let before = ''; !look; ) {
        const log = (await emil.get(`/log${before && `?before=${before}`}`, { json: true })).json;
        look = log.entries.find((one) => one.kind === 'citizen-look-up');   // Anne found him, in no dialogue
        before = log.older_before;
        assert.ok(look || before, 'Emil sees that he was looked up');
    }
    await emil.submit(`/log/${look.record}/question`, `/log/${look.record}/question`, { text: 'kanarie: hvorfor?' });
    const review = (await rikke.get('/review', { json: true })).json.open[0].id;
    const folder = /href="(\/folder\/(\d+)\/file)"/.exec((await emil.submitAndOpen('/folder', '/folder', { sure: '1' })).text)[2];
    const staff = (await birgit.get('/admin/staff', { json: true })).json.people.find((one) => one.name === rikke.name).person;
    const unit = (await birgit.get('/admin/units', { json: true })).json.units.find((one) => one.name === 'Familie og trivsel').id;
    return new Map([
        ['/consents/{proposal#}', { id: places.o.proposal, finds: ['emil'] }],
        ['/folder/{folder#}', { id: folder, finds: ['emil'] }],
        ['/inbox/{dialogue#}', { id: letter, finds: ['anne', 'rikke'] }],
        ['/log/{record#}', { id: look.record, finds: ['emil'] }],
        ['/review/{review#}', { id: review, finds: ['rikke'] }],
        ['/admin/staff/{person#}', { id: staff, finds: ['birgit'] }],
        ['/admin/units/{unit#}', { id: unit, finds: ['birgit'] }],
        ['/admin/retention/dialogue/{dialogue#}', { id: dialogue, finds: [] }],
        ['/admin/coordinators/{dialogue#}', { id: dialogue, finds: [] }],   // it has one
    ]);
}

/** Addresses by who holds a link, and what has scenarios of its own. */
const elsewhere = [/^\/invitation\/\{token\}/, /^\/mail\/(confirm|stop)\/\{token\}/, /^\/portrait\//, /^\/admin\/mail\/\{entry#\}/, /^\/admin\/staff\/import\//, /^\/consent-texts\//, /^\/admin\/retention\/erasure\//, /^\/profile\/passkeys\//, /^\/admin\/local\//];

/** All addresses of a route in a dialogue: each size of each file. */
function targets(route, place) {
    const ofFile = route.path.includes('/post/{number#}/file/');
    const known = { 'dialogue#': place.dialogue, 'number#': ofFile ? place.files.number : place.number, 'person#': place.person, 'entry#': place.entry, 'proposal#': place.proposal, 'invitation#': place.invitation };
    const files = !route.path.includes('{file#}') ? [{}] : ofFile
        ? [...['small', 'middle', 'large'].map((size) => ({ 'file#': place.files.picture, size })), ...(route.path.includes('{size}') ? [{ 'file#': place.files.plain, size: 'whole' }] : [])]
        : ['small', 'large'].map((size) => ({ 'file#': place.waiting, size }));
    return files.map((file) => route.path.replace(/\{([^}]+)\}/g, (_, name) => {
        const value = { ...known, ...file }[name];
        assert.ok(value !== undefined, `${route.path}: the walk does not know what to name by {${name}}`);
        return value;
    }));
}

const tokens = new Map();
const tokenOf = async (client) => tokens.get(client) ?? tokens.set(client, await client.csrf()).get(client);

/** What is sent where nothing but the number says whether it is for somebody; elsewhere who may not come learns that before the form is looked at. */
const forms = [[/\/answer$/, { answer: 'all', text: '1' }], [/\/renew$/, { text: '1' }], [/^\/inbox\//, { person: '1', relation: 'x' }], [/\/question$/, { text: 'Hvorfor?' }], [/^\/(consents|review)\//, {}], [/./, { text: 'Hej', reason: 'Derfor' }]];

async function ask(route, target, { client }, json) {
    if (route.method === 'GET') return client.get(target, { json });
    const [, fields] = forms.find(([path]) => path.test(target));
    return client.post(target, { csrf: await tokenOf(client), ...fields }, { json });
}

/** What somebody is told for whom there is nothing: to sign in, that there is no such thing, or (who takes part) that it is not for them. */
function denied({ role, relation }, inDialogue) {
    if (role === 'anonymous') return [303, 401];
    return inDialogue && ['none', 'former'].includes(relation) ? [404] : inDialogue ? [403] : [403, 404];
}

async function walk(circleHere, state, formats) {
    const place = places[state];
    let asked = 0;
    for (const route of routes.filter((one) => one.path.startsWith('/dialogue/{dialogue#}'))) {
        for (const target of targets(route, place)) {
            for (const who of circleHere.filter((one) => !may(route, one, state))) {
                for (const json of formats) {
                    const answer = await ask(route, target, who, json), what = `${who.id} (${who.relation}), ${route.method} ${target}${json ? ' as JSON' : ''}: ${answer.status}`;
                    assert.ok(denied(who, true).includes(answer.status), what);
                    if (['none', 'former'].includes(who.relation)) assert.doesNotMatch(answer.text, secret, what);
                    assert.doesNotMatch(answer.text, /kanarie\S* (besked|kladde|med bilag)|kanarieside/i, what);
                    asked++;
                }
            }
        }
    }
    return asked;
}

describe('in a dialogue', () => {
    test('the numbers of the walk name what is there: who may, finds each of it', async () => {
        const missing = [];
        for (const [state, here] of [['o', circleOf()], ['s', sideCircle()]]) {
            for (const route of routes.filter((one) => one.method === 'GET' && one.path.startsWith('/dialogue/{dialogue#}') && !one.path.endsWith('/live'))) {
                if (!here.some((one) => may(route, one, state)) || (state === 's' && /file|participants\/\{/.test(route.path))) continue;
                for (const target of targets(route, places[state])) {
                    const found = await Promise.all(here.filter((one) => may(route, one, state)).map(async ({ client }) => (await client.get(target)).status));
                    if (!found.includes(200) && !found.includes(406)) missing.push(`${target}: ${found}`);
                }
            }
        }
        // Of another state, of a hidden message, or made later.
        assert.deepEqual(missing.filter((one) => !/\/(closed|hidden|original|side\/about|proof)(:|\?)/.test(one)), []);
    });

    test('that is open, nobody finds what is not for them, as a page or as JSON', async () => {
        assert.ok(await walk(circleOf(), 'o', [false, true]) > 800);
    });

    test('that is closed', async () => {
        assert.ok(await walk(circleOf(), 'c', [true]) > 400);
    });

    test('that is a side talk: for everybody else it is not there', async () => {
        assert.ok(await walk(sideCircle(), 's', [true]) > 400);
    });
});

describe('outside dialogues', () => {
    test('what hangs on the role is refused to all others', async () => {
        for (const route of routes.filter((one) => !one.inDialogue && !one.path.includes('{'))) {
            for (const who of circleOf().filter((one) => may(route, one) === '.')) {
                for (const json of [false, true]) {
                    const answer = await ask(route, route.path, who, json);
                    assert.ok(denied(who, false).includes(answer.status), `${who.id}, ${route.method} ${route.path}: ${answer.status}`);
                    assert.doesNotMatch(answer.text, /kanarie/i);
                }
            }
        }
    });

    test('what is somebody’s own is not there for others, whatever number they try', async () => {
        for (const route of routes.filter((one) => !one.inDialogue && one.path.includes('{') && !elsewhere.some((own) => own.test(one.path)))) {
            const [, thing] = [...own].find(([prefix]) => route.path.startsWith(prefix)) ?? [];
            assert.ok(thing, `${route.path}: the walk does not know whose it is`);
            const target = route.path.replace(/\{[^}]+\}/, thing.id);
            for (const who of circleOf().filter((one) => !thing.finds.includes(one.id))) {
                for (const json of [false, true]) {
                    const answer = await ask(route, target, who, json), expected = may(route, who) === '.' ? denied(who, false) : [404];
                    // A form that is not filled in says so to an administrator, whatever the number.
                    if (route.method === 'POST' && route.path.startsWith('/admin/')) expected.push(422);
                    if (route.path.startsWith('/folder/') && !json) expected.push(303);   // to the page where one makes one's own
                    assert.ok(expected.includes(answer.status), `${who.id}, ${route.method} ${target}${json ? ' as JSON' : ''}: ${answer.status}`);
                    assert.doesNotMatch(answer.text, who.relation === 'none' ? secret : /kanarie/i, `${who.id}, ${target}`);
                }
            }
            if (route.method === 'GET' && thing.finds.length) {
                for (const id of thing.finds) assert.equal((await people[id].get(target)).status, 200, `${id} finds ${target}`);
            }
        }
    });
});

test('what was walked changed nothing', async () => {
    const { people: all, former } = await participants(people.anne, places.o.dialogue);
    assert.equal(all.length, 6);
    assert.equal(former.length, 1);
    assert.equal((await people.anne.get(`/dialogue/${places.o.dialogue}`, { json: true })).json.page.posts.length, 2);
});
