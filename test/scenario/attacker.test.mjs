// SPDX-License-Identifier: MPL-2.0
// What a person tries who knows how the web works: what is good for one time at the same moment several times, numbers of one dialogue in another, headers that say more than is so.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer as say, mustAgree, propose } from '../support/consent.mjs';
import { Client } from '../support/client.mjs';
import { Authenticator, enrol, passwordIn } from '../support/authenticator.mjs';
import { Server } from '../support/server.mjs';
import { send, upload } from '../support/files.mjs';
import { file as journalise } from '../support/journal.mjs';
import { Town, circle, invite, participants, read, startDialogue } from '../support/town.mjs';

let town;
before(async () => { town = await Town.start(); });
after(() => town?.close());

const times = (count, act) => Promise.all(Array.from({ length: count }, (none, n) => act(n)));
const inLog = async (person, dialogue, kind) => (await person.get(`/log?own=1&dialogue=${dialogue}`, { json: true })).json.entries.filter((one) => one.kind === kind).length;

describe('at the same moment', () => {
    test('a recovery code that is sent eight times lets one in, and twelve wrong ones shut the door as if they had come in a row', async () => {
        const server = await Server.prepare({ demo: false, settings: '[local]\npassword_mebibytes = 19\npassword_passes = 2' });
        try {
            const made = await server.command('administrator', 'birgit', '--name', 'Birgit Sø');
            await server.start();
            const client = new Client(server.url);
            await enrol(client, { account: 'birgit', password: passwordIn(made.stdout) }, new Authenticator(server.url));
            const sheet = await client.submit('/profile/passkeys', '/profile/passkeys/codes', {});
            const [code, next] = sheet.page.all('code').map((one) => sheet.page.text(one));
            const guests = Array.from({ length: 8 }, () => new Client(server.url));
            const pages = await Promise.all(guests.map((one) => one.open('/login/local')));
            const answers = await times(8, (n) => guests[n].submit(pages[n], '/login/local/code', { name: 'birgit', code }));
            assert.deepEqual(answers.map((one) => one.status).sort(), [303, ...Array(7).fill(403)]);
            assert.match((await client.open('/profile/passkeys')).page.text(), /9 koder tilbage/);
            const thieves = Array.from({ length: 12 }, () => new Client(server.url));
            const doors = await Promise.all(thieves.map((one) => one.open('/login/local')));
            await times(12, (n) => thieves[n].submit(doors[n], '/login/local/code', { name: 'birgit', code: '0000-0000-0000-0000' }));
            assert.equal((await new Client(server.url).submit('/login/local', '/login/local/code', { name: 'birgit', code: next })).status, 403);
        } finally {
            await server.remove();
        }
    });

    test('what costs the server much is not begun for somebody who may not have it', async () => {
        const server = await Server.prepare({ settings: '[local]\npassword_mebibytes = 64\npassword_passes = 3' });
        try {
            assert.equal((await server.command('demo', 'demo')).code, 0);
            await server.start();
            const employee = new Client(server.url), { page } = await employee.open('/login');
            await employee.post('/login/demo', page.values(page.all('form').find((one) => page.text(one).includes('Mette Lindgaard'))));
            const csrf = await employee.csrf();
            const answers = await times(40, () => employee.post('/admin/local', { csrf, name: 'Jonas Dam', title: 'Lærer', unit: '1', account: 'jonas' }));
            // Who may would hear that too many passwords are worked out at the moment.
            assert.deepEqual([...new Set(answers.map((one) => one.status))], [403]);
        } finally {
            await server.remove();
        }
    });

    test('one link that four browsers of the same person press makes them a participant once', async () => {
        const { dialogue, anne } = await circle(town, 'Fire gange');
        const link = await invite(anne, dialogue, { name: 'En gæst' });
        const browsers = await times(4, () => town.signIn('stranger'));
        const pages = await Promise.all(browsers.map((one) => one.open(link)));
        await times(4, (n) => browsers[n].submit(pages[n], link, {}));
        const { people } = await participants(anne, dialogue);
        assert.equal(people.filter((one) => one.name === browsers[0].name).length, 1);
    });

    test('the link of one person and its revocation: either they are in, or the link was taken back', async () => {
        for (let round = 0; round < 4; round++) {
            const { dialogue, anne } = await circle(town, `Tilbage eller ind ${round}`);
            const link = await invite(anne, dialogue, { name: 'En gæst' }), stranger = await town.as('stranger');
            const [page, mine] = [await stranger.open(link), await anne.open(`/dialogue/${dialogue}/participants`)];
            const [entered, revoked] = await Promise.all([stranger.submit(page, link, {}), anne.submit(mine, /\/revoke$/, {})]);
            const inside = (await stranger.get(`/dialogue/${dialogue}`)).status === 200;
            const { people, invitations } = await participants(anne, dialogue);
            assert.equal(people.some((one) => one.name === stranger.name), inside, `${entered.status} ${revoked.status}`);
            assert.deepEqual(invitations, [], 'the link is used or gone');
        }
    });

    test('a yes that is taken back and renewed: withdrawn is withdrawn, and once', async () => {
        for (let round = 0; round < 4; round++) {
            const { dialogue, anne, emil } = await circle(town, `Ja og nej ${round}`);
            await mustAgree(anne, dialogue, emil.name);
            const proposal = await propose(anne, dialogue, 'Rikke Vang');
            await say(emil, proposal, 'all', 1);
            const rikke = await town.as('rikke');
            assert.equal((await rikke.get(`/dialogue/${dialogue}`)).status, 200);
            const page = await emil.open(`/consents/${proposal}`);
            await Promise.all([
                emil.submit(page, `/consents/${proposal}/withdraw`, {}), emil.submit(page, `/consents/${proposal}/renew`, { months: '12' }), emil.submit(page, `/consents/${proposal}/withdraw`, {}),
            ]);
            assert.equal((await rikke.get(`/dialogue/${dialogue}`)).status, 404, 'whatever came first');
            assert.equal(await inLog(emil, dialogue, 'consent-withdraw'), 1, 'one withdrawal is in the log');
            assert.ok(await inLog(emil, dialogue, 'consent-renew') <= 1);
        }
    });

    test('a message that a bad line sends five times stands there once', async () => {
        const { dialogue, mette, emil } = await circle(town, 'Dårlig linje');
        const csrf = await mette.csrf();
        const answers = await times(5, () => mette.post(`/dialogue/${dialogue}/post`, { csrf, text: 'Vi kommer kl. 9', key: '7253513753920964099' }));
        assert.deepEqual(answers.map((one) => one.status), Array(5).fill(303));
        assert.equal((await read(emil, dialogue)).filter((post) => post.text === 'Vi kommer kl. 9').length, 1);
    });

    test('a letter to a unit that two employees take has one coordinator', async () => {
        const [emil, anne, rikke] = await Promise.all(['emil', 'anne', 'rikke'].map((id) => town.as(id)));
        const { units } = (await emil.get('/write', { json: true })).json;
        const sent = await emil.submit('/write', '/write', { unit: units.find((one) => one.name === 'Familie og trivsel').id, topic: 'Hjælp til skolen', text: 'Kan nogen hjælpe?' });
        const dialogue = /^\/dialogue\/(\d+)/.exec(sent.headers.location)[1];
        const pages = await Promise.all([anne, rikke].map((one) => one.open(`/inbox/${dialogue}`)));
        await Promise.all([anne, rikke].map((one, n) => one.submit(pages[n], `/inbox/${dialogue}`, { relation: 'sagsbehandler' })));
        const inside = await Promise.all([anne, rikke].map(async (one) => (await one.get(`/dialogue/${dialogue}`)).status));
        assert.deepEqual(inside.sort(), [200, 404]);
    });
});

describe('numbers of another dialogue of one’s own', () => {
    let here, there, anne;
    before(async () => {
        ({ dialogue: here, anne } = await circle(town, 'Den ene samtale'));
        there = await startDialogue(anne, town.person('emil'), 'Den anden samtale');
    });

    test('take back no link there, and send none', async () => {
        await invite(anne, there, { name: 'Farmor' });
        const revoke = (await anne.open(`/dialogue/${there}/participants`)).page.form(/\/invitations\/\d+\/revoke$/).action;
        const csrf = await anne.csrf();
        for (const act of ['revoke', 'mail']) assert.equal((await anne.post(revoke.replace(there, here).replace(/revoke$/, act), { csrf })).status, 404);
        assert.equal((await participants(anne, there)).invitations.length, 1);
        assert.equal((await anne.post(revoke, { csrf })).status, 303, 'in its own dialogue it is');
    });

    test('change nothing about people who take part only there', async () => {
        const csrf = await anne.csrf(), of = async (dialogue) => (await participants(anne, dialogue)).people;
        const mette = (await of(here)).find((one) => one.name === 'Mette Østergaard').person;
        for (const [what, fields] of [['exclude', { reason: 'Derfor' }], ['coordinator', { value: '1' }], ['handover', {}], ['relation', { relation: 'nabo', kind: 'relative' }]]) {
            const answer = await anne.post(`/dialogue/${there}/participants/${mette}/${what}`, { csrf, ...fields });
            assert.ok([404, 422].includes(answer.status), `${what}: ${answer.status}`);
        }
        assert.equal((await of(there)).some((one) => one.person === mette), false);
        assert.equal((await of(here)).find((one) => one.person === mette).relation, 'mor');
    });

    test('file nothing of it, show no entry of it, and send none of its files', async () => {
        const plan = await upload(anne, there, 'plan.txt', Buffer.from('Onsdag kl. 10'));
        const post = await send(anne, there, 'Kun i den anden', plan.id), entry = await journalise(anne, there, { theme: 'Skole' });
        const csrf = await anne.csrf();
        for (const part of ['', '/pdf', '/package', '/pdf/proof', '/package/proof']) assert.equal((await anne.get(`/dialogue/${here}/journal/${entry}${part}`)).status, 404, part);
        // A proof is there only after the next checkpoint.
        for (const part of ['', '/pdf', '/package']) assert.equal((await anne.get(`/dialogue/${there}/journal/${entry}${part}`)).status, 200, part);
        const waiting = await upload(anne, there, 'kladde.txt', Buffer.from('Endnu ikke sendt'));
        for (const file of [plan.id, waiting.id]) {
            const answer = await anne.post(`/dialogue/${here}/post`, { csrf, text: 'Se her', files: file });
            assert.ok([404, 422].includes(answer.status), String(answer.status));
            for (const act of ['finish', 'remove', 'about']) assert.ok([404, 422].includes((await anne.post(`/dialogue/${here}/file/${file}/${act}`, { csrf, ...act === 'about' ? { about: 'x' } : {} })).status), act);
        }
        assert.equal((await read(anne, here)).length, 0);
        assert.equal((await anne.get(`/dialogue/${there}/post/${post.number}/file/${plan.id}/whole`)).text, 'Onsdag kl. 10');
    });
});

describe('what a header says of itself', () => {
    const many = (url, headers) => times(14, (n) => new Client(url).get('/login', { headers: headers(n) }));
    const limits = (behind) => `${behind ? 'behind_proxy = 1\n' : ''}[limit]\nperson = 0\nperson_writes = 0\naddress = 10\naddress_writes = 0\n`;
    const waits = (answers) => answers.filter((one) => one.status === 429).length;

    test('is not believed without a front: whoever makes up an address each time is counted as one', async () => {
        const server = await Server.start({ settings: limits(false) });
        try {
            assert.ok(waits(await many(server.url, (n) => ({ 'x-forwarded-for': `192.0.2.${n}`, forwarded: `for=192.0.2.${n}`, 'x-real-ip': `192.0.2.${n}` }))) >= 3);
        } finally {
            await server.remove();
        }
    });

    test('behind a front its own word counts, the last one, and nothing that came from outside', async () => {
        const server = await Server.start({ settings: limits(true) });
        try {
            assert.ok(waits(await many(server.url, (n) => ({ 'x-forwarded-for': `192.0.2.${n}, 198.51.100.7` }))) >= 3, 'the rest was made up');
            assert.equal(waits(await many(server.url, (n) => ({ 'x-forwarded-for': `198.51.100.7, 192.0.2.${n}` }))), 0, 'fourteen people');
        } finally {
            await server.remove();
        }
    });

    test('makes no other request of it, and no part of a file', async () => {
        const { dialogue, anne } = await circle(town, 'Hoveder');
        for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) assert.equal((await anne.get(`/dialogue/${dialogue}/leave`, { headers: { [name]: 'POST' } })).status, 405, name);
        for (const name of ['x-original-url', 'x-rewrite-url']) assert.equal((await anne.get('/', { headers: { [name]: '/admin' } })).page.text().includes('Mine samtaler'), true, name);
        for (const name of ['host', 'x-forwarded-host', 'forwarded']) {
            const { text, headers } = await new Client(town.url).get('/profile', { headers: { [name]: name === 'forwarded' ? 'host=svindel.example' : 'svindel.example' } });
            assert.doesNotMatch(`${text}${headers.location}`, /svindel/, name);
            const made = await anne.post(`/dialogue/${dialogue}/invitations`, { csrf: await anne.csrf(), name: 'Farmor', email: 'f@post.example', relation: 'farmor', kind: 'relative' }, { headers: { [name]: 'svindel.example' } });
            assert.doesNotMatch((await anne.get(made.headers.location)).text, /svindel/, `${name}: the link leads to us`);
        }
        const plan = await upload(anne, dialogue, 'plan.txt', Buffer.from('Onsdag kl. 10')), post = await send(anne, dialogue, 'Planen', plan.id);
        for (const headers of [{ range: 'bytes=0-3' }, { range: 'bytes=0-0,5-6' }, { 'if-none-match': '*' }, { 'if-modified-since': 'Fri, 01 Jan 2038 00:00:00 GMT' }]) {
            const got = await anne.get(`/dialogue/${dialogue}/post/${post.number}/file/${plan.id}/whole`, { headers });
            assert.deepEqual([got.status, got.text, got.headers['cache-control'], got.headers.etag], [200, 'Onsdag kl. 10', 'no-store', undefined]);
            assert.equal((await anne.get(`/dialogue/${dialogue}`, { headers })).status, 200);
        }
        const before = Number(await town.server.sql('SELECT COUNT(*) FROM audit'));
        assert.equal((await (await town.as('emil')).request('HEAD', `/dialogue/${dialogue}`)).status, 200);
        assert.ok(Number(await town.server.sql('SELECT COUNT(*) FROM audit')) > before, 'who asks for the head alone has looked, too');
    });
});
