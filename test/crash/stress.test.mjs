// SPDX-License-Identifier: MPL-2.0
// More than usual: 256 at once on a slow disk, floods of sign-ins at a provider that does not answer, connections that trickle or lie idle.
// Everybody is answered or told to come again; nobody waits for ever. STRESS sets the rounds on the slow disk (2) and, times 500, how many
// connections lie idle; 20 is the long run.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { sleep, until } from '../support/server.mjs';
import { plain, slowed } from './strace.mjs';
import { Workload, randomOf } from './workload.mjs';

const rounds = Number(process.env.STRESS ?? 2);
const clients = 256;
const patience = 30000;   // the client's own; a connection that stalls is never answered at all

let load, silent, givesUp = false;
const waiting = new Set();
before(async () => {
    // Takes connections and says nothing, until it is told to give up.
    silent = net.createServer((socket) => { waiting.add(socket.on('error', () => {})); if (givesUp) socket.destroy(); });
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${silent.address().port}`;
    load = await Workload.start({ random: randomOf(7), settings: `header_seconds = 2\nconnections_per_address = 12000\n[citizen]\nissuer = ${issuer}\nclient_id = x\nclient_secret = y` });
});
after(async () => {
    await load?.close();
    silent?.close();
});

/** The same person on a connection of their own that is kept. */
function copyOf(person) {
    const client = new Client(load.server.url);
    Object.assign(client, { id: person.id, name: person.name, cookies: person.cookies, token: person.token, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) });
    return client;
}

for (const delay of [1000, 5000]) {
    test(`${clients} clients, each fsync takes ${delay / 1000} ms longer: ${rounds} rounds, and nobody is left waiting`, { timeout: 1200000 }, async (context) => {
        await load.server.stop();
        slowed(load.server, delay);
        await load.server.start();
        const people = Array.from({ length: clients }, (_, n) => copyOf(load.writers[n % load.writers.length]));
        const answers = new Map();
        const count = (status) => answers.set(status, (answers.get(status) ?? 0) + 1);
        for (let round = 0; round < rounds; round++) {
            await Promise.all(people.map(async (person) => {
                count((await load.post(person, { long: 20 })).status);
                count((await person.get(`/dialogue/${load.dialogue}`, { json: true }).catch((error) => ({ status: error.message }))).status);
            }));
        }
        for (const person of people) person.agent.destroy();
        context.diagnostic(JSON.stringify([...answers]));
        assert.deepEqual([...answers].sort(), [[200, clients * rounds], [303, clients * rounds]], 'everybody is answered');
        await load.check('on the slow disk');
        await load.server.stop();
        plain(load.server);
        await load.verified('on the slow disk');
        await load.server.start();
    });
}

describe('floods', () => {
    test('sign-ins at a provider that does not answer: most are told to come again, and everybody else works on', { timeout: 120000 }, async (context) => {
        const visitor = new Client(load.server.url);
        const { page } = await visitor.open('/login');
        const { csrf } = page.form('/login/citizen').values;
        const flood = Array.from({ length: 200 }, () => visitor.post('/login/citizen', { csrf }).catch((error) => ({ status: error.message, headers: {} })));
        const told = [];
        for (const one of flood) one.then((answer) => told.push(answer));
        await until('those who find no room are told, while the others wait', () => told.length >= 100, patience);
        const first = told.length;
        assert.ok(waiting.size > 0, 'the provider was asked');
        assert.ok(told.every((answer) => answer.status === 503 && Number(answer.headers['retry-after']) > 0), JSON.stringify(told.map((one) => one.status)));
        assert.equal((await load.post(load.anne)).outcome, 'done');
        assert.equal((await load.emil.get(`/dialogue/${load.dialogue}`)).status, 200);
        givesUp = true;
        for (const socket of waiting) socket.destroy();
        const all = await Promise.all(flood);
        context.diagnostic(`${first} of 200 told to come again at first`);
        assert.ok(all.every((answer) => answer.status >= 200 && answer.status < 600), 'and those who waited are answered when the provider is gone');
    });

    test('500 connections that trickle are ended, and the others do not notice', { timeout: 120000 }, async () => {
        const slow = await Promise.all(Array.from({ length: 500 }, () => connect()));
        const closed = slow.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
        const trickle = setInterval(() => { for (const socket of slow) if (!socket.destroyed) socket.write('a'); }, 500);
        for (const socket of slow) socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
        for (let n = 0; n < 10; n++) assert.equal((await load.post(load.writers[n % 4])).outcome, 'done');
        assert.ok(await Promise.race([Promise.all(closed).then(() => true), sleep(patience).then(() => false)]), 'all are ended');
        clearInterval(trickle);
    });

    test(`${rounds * 500} connections lie idle, and the others do not notice`, { timeout: 300000 }, async () => {
        const idle = [];
        while (idle.length < rounds * 500) {
            const some = await Promise.all(Array.from({ length: 250 }, () => connect()));
            await Promise.all(some.map((socket) => new Promise((resolve) => {
                socket.once('data', resolve);
                socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
            })));
            idle.push(...some);
        }
        for (let n = 0; n < 10; n++) assert.equal((await load.post(load.writers[n % 4])).outcome, 'done');
        assert.equal((await load.emil.get(`/dialogue/${load.dialogue}`)).status, 200);
        assert.ok(idle.filter((socket) => !socket.destroyed).length > idle.length / 2, 'they were really there');
        for (const socket of idle) socket.destroy();
        await until('all is as before', async () => (await load.post(load.anne)).outcome === 'done');
        await load.check('after the floods');
    });
});

function connect() {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host: '127.0.0.1', port: load.server.port }, () => resolve(socket));
        socket.on('error', reject);
    });
}
