// SPDX-License-Identifier: MPL-2.0
// Thousands of people have a dialogue open and do nothing. Pages and messages are answered meanwhile, a message reaches everybody it concerns,
// whoever comes when all places are taken is told to come again, and what the streams took is given back. STREAMS sets how many (2000);
// 10000 is the long run. Each takes a descriptor here and one in the server ("ulimit -Hn").
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Server, until } from '../support/server.mjs';

const wanted = Number(process.env.STREAMS ?? 2000);
const eachPerson = 10;        // the server's own limit
const circle = 20;            // people of a dialogue
const load = 100;             // people that one run of "samtraad demo" takes
const spare = 50;             // places beside the streams
const patience = 120000;
const people = Math.ceil(wanted / eachPerson / load) * load;

let server, first;
const sessions = [], streams = [];
const figures = {};

/** A hundred people in five dialogues. */
function municipality(batch) {
    const all = Array.from({ length: load }, (_, n) => n);
    return {
        municipality: 'Prøvekøbing Kommune',
        units: [{ id: 'unit', name: `Enhed ${batch}` }],
        people: all.map((n) => n % circle === 1
            ? { id: `p${n}`, name: `Borger ${batch} ${n}`, role: 'citizen', birth: '1980-01-01', cpr: `010180${String(batch * load + n).padStart(4, '0')}`, about: 'Borger' }
            : { id: `p${n}`, name: `Ansat ${batch} ${n}`, role: 'employee', unit: 'unit', title: 'Medarbejder', about: 'Enhed' }),
        dialogues: all.filter((n) => n % circle === 0).map((n) => `d${n}`),
    };
}

function dialogueOf(first) {
    const members = Array.from({ length: circle }, (_, n) => `p${first + n}`);
    return { topic: 'Hverdagen', unit: 'unit', citizen: members[1], coordinators: [members[0]],
        participants: members.map((person) => ({ person, relation: 'deltager' })), posts: [{ author: members[0], ago_minutes: 60, text: 'Velkommen.' }] };
}

async function settle() {
    for (let batch = 0; batch < people / load; batch++) {
        const folder = path.join(server.folder, `town${batch}`);
        await mkdir(path.join(folder, 'dialogues'), { recursive: true });
        await mkdir(path.join(folder, 'portraits'));
        await writeFile(path.join(folder, 'municipality.json'), JSON.stringify(municipality(batch)));
        for (let n = 0; n < load; n += circle) await writeFile(path.join(folder, 'dialogues', `d${n}.json`), JSON.stringify(dialogueOf(n)));
        const answer = await server.command('demo', folder);
        assert.equal(answer.code, 0, answer.stderr);
        await rm(folder, { recursive: true });
    }
}

/** Everybody signs in, each with a browser of their own. */
async function signIn() {
    const visitor = new Client(server.url);
    const { page } = await visitor.open('/login');
    const { csrf } = page.form('/login/demo').values;
    const rows = (await server.sql('SELECT person, dialogue FROM participant ORDER BY dialogue, person')).trim().split('\n').map((line) => line.split('|'));
    assert.equal(rows.length, people);
    for (let at = 0; at < rows.length; at += 25) {
        await Promise.all(rows.slice(at, at + 25).map(async ([person, dialogue]) => {
            const client = new Client(server.url);
            client.cookies = structuredClone(visitor.cookies);
            const answer = await client.post('/login/demo', { csrf, person });
            assert.equal(answer.status, 303, answer.text.slice(0, 300));
            sessions.push({ client, dialogue, cookie: [...client.cookies.get(new URL(server.url).host)].map(([name, value]) => `${name}=${value}`).join('; ') });
        }));
    }
}

/** A live stream over a socket of its own; counts the messages that it is told of. */
function listen({ dialogue, cookie }) {
    const stream = { dialogue, heard: 0, ended: false, text: '' };
    return new Promise((resolve, reject) => {
        stream.socket = net.connect({ host: '127.0.0.1', port: server.port }, () => {
            stream.socket.write(`GET /dialogue/${dialogue}/live HTTP/1.1\r\nHost: localhost:${server.port}\r\nAccept: text/event-stream\r\nCookie: ${cookie}\r\n\r\n`);
        });
        stream.socket.setEncoding('utf8').on('error', reject).on('close', () => { stream.ended = true; }).on('data', (part) => {
            stream.text += part;
            if (!stream.status && stream.text.includes('\r\n\r\n')) {
                stream.status = Number(stream.text.slice(9, 12));
                resolve(stream);
            }
            const events = stream.text.split('\n\n');
            stream.text = events.pop();
            stream.heard += events.filter((event) => /^event: post$/m.test(event)).length;
        });
    });
}

/** What the server holds, and what the kernel holds for it (both ends of each connection, and whatever else the machine does). */
async function used() {
    const pss = async (pid) => Number(/^Pss: +(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
    const sockets = await readFile('/proc/net/sockstat', 'utf8');
    const slab = Number(/^Slab: +(\d+)/m.exec(await readFile('/proc/meminfo', 'utf8'))[1]);
    return {
        descriptors: (await readdir(`/proc/${server.pid}/fd`)).length, pssKb: await pss(server.pid),
        tcpKb: 4 * Number(/^TCP:.* mem (\d+)/m.exec(sockets)[1]), slabKb: slab,
    };
}

const each = (from, to) => Object.fromEntries(['pssKb', 'tcpKb', 'slabKb'].map((name) => [name, Math.round(10 * (to[name] - from[name]) / wanted) / 10]));
const tokens = new Map();

/** One message from somebody of that session. */
async function post({ client, dialogue }) {
    if (!tokens.has(client)) tokens.set(client, (await client.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.csrf);
    return client.post(`/dialogue/${dialogue}/post`, { csrf: tokens.get(client), text: 'En besked til alle.' });
}

before(async () => {
    const hard = Number(/^Max open files +\S+ +(\S+)/m.exec(await readFile('/proc/self/limits', 'utf8'))[1]);
    assert.ok(!(hard < wanted + 1000), `${wanted} streams take ${wanted + 1000} descriptors, and this shell allows ${hard}`);
    server = await Server.prepare({ plain: true, settings: `connections = ${wanted + spare}\nconnections_per_address = ${wanted + 2 * spare}` });
    await settle();
    await server.start();
    await signIn();
    first = sessions.filter(({ dialogue }, n) => sessions.findIndex((one) => one.dialogue === dialogue) === n);
    for (const session of first) assert.equal((await post(session)).status, 303);
});
after(() => server?.remove());

test(`${wanted} streams are opened`, { timeout: 600000 }, async () => {
    figures.before = await used();
    const places = sessions.flatMap((session) => Array(eachPerson).fill(session)).slice(0, wanted);
    for (let at = 0; at < places.length; at += 100) streams.push(...await Promise.all(places.slice(at, at + 100).map(listen)));
    assert.equal(streams.filter(({ status }) => status === 200).length, wanted);
    figures.open = await used();
    assert.ok(figures.open.descriptors >= figures.before.descriptors + wanted);
});

test('pages and messages are answered, and a message reaches everybody it concerns, once', { timeout: 600000 }, async (context) => {
    assert.equal((await first[0].client.get(`/dialogue/${first[0].dialogue}`)).status, 200);
    const began = Date.now();
    for (const session of first) assert.equal((await post(session)).status, 303);
    await until('all have heard of it', () => streams.every(({ heard }) => heard > 0), patience);
    context.diagnostic(`${first.length} messages to ${wanted} streams: ${Date.now() - began} ms`);
    assert.ok(streams.every(({ heard, ended }) => heard === 1 && !ended));
});

test('when all places are taken, who comes is told to come again, and nobody loses theirs', { timeout: 120000 }, async () => {
    const more = await Promise.all(Array.from({ length: 4 * spare }, () => new Promise((resolve) => {
        const socket = net.connect({ host: '127.0.0.1', port: server.port });
        let text = '';
        socket.setEncoding('utf8').on('error', () => resolve({ text, socket })).on('close', () => resolve({ text, socket })).on('data', (part) => { text += part; });
        setTimeout(() => resolve({ text, socket }), 3000);
    })));
    const told = more.filter(({ text }) => /^HTTP\/1\.1 503 [^]*\r\nRetry-After: \d+\r\n/.test(text));
    assert.ok(told.length >= 3 * spare && told.length < 4 * spare, `${told.length} of ${more.length}`);
    assert.equal(more.filter(({ text }) => text && !text.startsWith('HTTP/1.1 503 ')).length, 0);
    for (const { socket } of more) socket.destroy();
    await until('there are places again', async () => (await first[0].client.get('/')).status === 200, patience);
    assert.ok(streams.every(({ ended }) => !ended));
});

test('closed, they give back what they took', { timeout: 300000 }, async (context) => {
    for (const { socket } of streams) socket.destroy();
    await until('the descriptors are given back', async () => (await used()).descriptors < figures.before.descriptors + spare, patience);
    figures.after = await used();
    context.diagnostic(`${JSON.stringify(figures)}`);
    context.diagnostic(`kilobytes for each stream: ${JSON.stringify(each(figures.before, figures.open))}; kept: ${JSON.stringify(each(figures.before, figures.after))}`);
    const again = await Promise.all(sessions.slice(0, circle).map(listen));
    assert.ok(again.every(({ status }) => status === 200), 'and others can come');
    await post(first[0]);
    await until('they hear', () => again.filter(({ dialogue }) => dialogue === first[0].dialogue).every(({ heard }) => heard === 1), patience);
    for (const { socket } of again) socket.destroy();
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
});
