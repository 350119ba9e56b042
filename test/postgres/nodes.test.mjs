// SPDX-License-Identifier: MPL-2.0
// Several servers on one database: what is done through one is so on the others from the next question on. Under test/postgres/run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PostOffice, confirmAddress } from '../support/post_office.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, accept, at, circle, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';

const unique = (() => { let count = 0; return (word) => `${word} ${++count}`; })();

const excluded = 13;   // AUDIT_PARTICIPANT_EXCLUDE
const turn = 8385554661497365348n;   // of the writers: docs/adr/0021-postgresql.md

let town, office, one, two, there;
before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ plain: true, settings: `nodes = 3\n${office.settings()}` });
    one = town.server;
    two = await one.beside();
    await two.start();
    there = await circle(town, 'To servere');
});
after(async () => {
    try {
        await two?.stop();
        await town?.close();
    } finally {
        await office?.close();   // what stays open keeps the test from ending
    }
});

test('a message that was written through one server is read on the other at once', async () => {
    const emil = at(two, there.emil);
    for (let n = 0; n < 10; n++) {
        const text = unique('Hej');
        await write(there.anne, there.dialogue, text);
        assert.equal((await read(emil, there.dialogue)).at(-1).text, text);
    }
});

test('a change of what the other server has opened and kept is seen there at once', async () => {
    const anne = at(two, there.anne), text = unique('Først sådan');
    const number = await write(there.anne, there.dialogue, text);
    for (let n = 0; n < 8; n++) await read(anne, there.dialogue);   // each of its threads
    const edited = await there.anne.submit(`/dialogue/${there.dialogue}/post/${number}/edit`, `/dialogue/${there.dialogue}/post/${number}/edit`, { text: 'Nu sådan' });
    assert.equal(edited.status, 303, edited.page.text().slice(0, 300));
    for (let n = 0; n < 8; n++) assert.equal((await read(anne, there.dialogue)).at(-1).text, 'Nu sådan');
});

test('a message through one server is heard of live on a stream of the other', async () => {
    const stream = await at(two, there.emil).stream(`/dialogue/${there.dialogue}/live`);
    const start = await at(two, there.emil).stream('/live');
    assert.equal(stream.status, 200);
    const number = await write(there.anne, there.dialogue, unique('Levende'));
    await until('the other server tells of it', () => stream.events.some((event) => event.name === 'post' && event.data === String(number)));
    await until('and on the start page', () => start.events.some((event) => event.name === 'dialogue' && event.data === String(there.dialogue)));
    stream.close();
    start.close();
});

test('who is excluded through one server reads nothing on the other from then on, and hears nothing', async () => {
    const dialogue = await startDialogue(there.anne, town.person('emil'), unique('Udelukket'));
    await accept(there.karim, await invite(there.anne, dialogue, { name: 'Karim Haddad', relation: 'klasselærer', kind: 'external' }));
    const karim = at(two, there.karim);
    const stream = await karim.stream(`/dialogue/${dialogue}/live`);
    for (let n = 0; n < 8; n++) await read(karim, dialogue);
    // He asks all the time, while it happens.
    const asked = [];
    let over = false;
    const asking = Promise.all([1, 2, 3, 4].map(async () => {
        while (!over) {
            const from = performance.now();
            asked.push({ from, status: (await karim.get(`/dialogue/${dialogue}`)).status });
        }
    }));
    await until('he reads', () => asked.some((one) => one.status === 200));
    await exclude(there.anne, dialogue, there.karim.name);
    const ended = performance.now();
    await sleep(300);
    over = true;
    await asking;
    assert.ok(asked.some((one) => one.from < ended && one.status === 200), 'he read until then');
    assert.ok(asked.some((one) => one.from > ended), 'and asked afterwards');
    assert.deepEqual(asked.filter((one) => one.from > ended && one.status !== 404), []);
    await stream.closed;
    // The log has no reading of his behind the end of his access.
    const log = await one.sql(`SELECT count(*) FILTER (WHERE a.seq < e.seq) > 8, count(*) FILTER (WHERE a.seq > e.seq) FROM audit a, audit e
        WHERE a.dialogue = ${dialogue} AND e.dialogue = ${dialogue} AND e.kind = ${excluded} AND a.person = e.object`);
    assert.equal(log, 't|0');
});

/** Somebody else has the writers' turn, until 'give' is called; 'waiting' tells how many wait for it. */
async function takeTurn() {
    const psql = spawn('psql', ['-qAtX', one.database.url], { stdio: ['pipe', 'ignore', 'inherit'] });
    const waiting = async () => Number(await one.sql(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${turn & 0xffffffffn} AND NOT granted`));
    const held = () => one.sql(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${turn & 0xffffffffn} AND granted`);
    psql.stdin.write(`SELECT pg_advisory_lock(${turn});\n`);
    await until('the turn is taken', held);
    return { waiting, give: () => new Promise((resolve) => { psql.once('close', resolve); psql.stdin.end(); }) };
}

/** Karim asks for a page while his exclusion waits for its turn; gives what he got, and how much he read by the log behind its end. */
async function askWhileExcluded() {
    const dialogue = await startDialogue(there.anne, town.person('emil'), unique('Midt i det hele'));
    await accept(there.karim, await invite(there.anne, dialogue, { name: 'Karim Haddad', relation: 'klasselærer', kind: 'external' }));
    await write(there.anne, dialogue, 'Til Karim');
    const { people } = await participants(there.anne, dialogue), page = await there.anne.open(`/dialogue/${dialogue}/participants`);
    const person = people.find((one) => one.name === there.karim.name).person;
    const held = await takeTurn();
    const excluding = there.anne.submit(page, `/dialogue/${dialogue}/participants/${person}/exclude`, { reason: 'Ikke længere med' });
    await until('the exclusion waits', async () => await held.waiting() >= 1);
    // What he may see is read and opened; only its record waits, behind the exclusion.
    const reading = at(two, there.karim).get(`/dialogue/${dialogue}`);
    await until('the reading waits', async () => await held.waiting() >= 2);
    await held.give();
    assert.equal((await excluding).status, 303);
    const { status } = await reading;
    const later = await one.sql(`SELECT count(*) FROM audit a, audit e WHERE a.dialogue = ${dialogue} AND e.dialogue = ${dialogue} AND e.kind = ${excluded}
        AND a.person = e.object AND a.seq > e.seq`);
    return { status, later };
}

test('a page that was begun before an exclusion is not given after it, nor does the log say so', async () => {
    // A server's own work may have stood before one of the two: then he was the first, and it shows nothing.
    let status = 200;
    for (let n = 0; n < 8 && status === 200; n++) {
        const asked = await askWhileExcluded();
        assert.equal(asked.later, '0');
        status = asked.status;
    }
    assert.equal(status, 404);
});

test('who signs out on one server is signed out on the other, and the streams there end', async () => {
    const jonas = await town.signIn('jonas'), elsewhere = at(two, jonas);
    const stream = await elsewhere.stream('/live');
    assert.equal((await elsewhere.get('/session', { json: true })).json.name, jonas.name);
    assert.equal((await jonas.submit('/', '/logout')).status, 303);
    assert.notEqual((await elsewhere.get('/session', { json: true })).json.name, jonas.name);
    await stream.closed;
});

test('who cannot hear the others any more ends its streams, and who comes again hears', async () => {
    const emil = at(two, there.emil);
    const before = await emil.stream(`/dialogue/${there.dialogue}/live`);
    const cut = await one.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND (query = 'SELECT true'
        OR query = 'SELECT pg_try_advisory_lock(8385554661497365350)')`);
    assert.equal(cut, '2');
    await before.closed;
    // It may be opened before the others are heard again: then it ends once more.
    const number = await write(there.anne, there.dialogue, unique('Efter bruddet'));
    const heard = await until('a stream that stays', async () => {
        const stream = await emil.stream(`/dialogue/${there.dialogue}/live`);
        await write(there.anne, there.dialogue, unique('Igen'));
        for (let n = 0; n < 20 && !stream.events.length; n++) await sleep(50);
        if (stream.events.length) return stream;
        stream.close();
        return null;
    });
    assert.ok(heard.events.every((event) => event.name !== 'post' || Number(event.data) > number));
    heard.close();
});

test('mail is sent once, by one of them, and by another when that one dies', async () => {
    const mette = there.mette, address = 'mette@post.example', told = () => office.of(address).filter((letter) => letter.mail.subject.startsWith('Der er nyt')).length;
    const leads = (server) => (server.log.match(/does what is to be done once/g) ?? []).length - (server.log.match(/led=1/g) ?? []).length === 1;
    await until('one leads', () => [one, two].some(leads));
    await confirmAddress(mette, office, address);
    await write(there.anne, there.dialogue, unique('Til Mette'));
    await until('she is told', () => told() === 1);
    await sleep(2500);
    assert.equal(told(), 1);
    assert.equal([one, two].filter(leads).length, 1, 'one leads, the other does not');
    const [leader, other] = leads(one) ? [one, two] : [two, one];
    const anne = at(other, there.anne);
    await at(other, mette).open(`/dialogue/${there.dialogue}`);
    await leader.kill();
    await until('the other leads', () => leads(other));
    await write(anne, there.dialogue, unique('Igen til Mette'));
    await until('she is told by the other', () => told() === 2);
    leader.log = '';
    await leader.start();
    await sleep(2500);
    assert.equal(told(), 2);
    assert.ok(!leads(leader) && leads(other), 'who comes back does not take over');
});

test('dialogues that are begun on both servers in turn have shares of their own', async () => {
    const shares = async () => (await one.sql('SELECT share FROM dialogue ORDER BY share')).split('\n').map(Number);
    const bodies = [there.anne, at(two, there.anne)];
    // More than are made at a time, so that both make some.
    for (let n = 0; n < 70; n++) await startDialogue(bodies[n % 2], town.person('emil'), unique('Sag'));
    const all = await shares();
    assert.equal(new Set(all).size, all.length);
    const size = (await readFile(path.join(one.folder, 'data.shares')).catch(() => readFile(`${one.data}.shares`))).length;
    assert.equal((size - 16) % 80, 0);
    assert.ok((size - 16) / 80 >= all.length);
});

test('a program that wants the database for itself is refused while servers run, and so is a server without "nodes"', async () => {
    const refused = await one.command('demo', one.folder);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /another samtraad/);
    const alone = await one.command('serve', '--port', '0', '--data', `${one.data}`, '--config', '/dev/null', '--database', one.database.url);
    assert.notEqual(alone.code, 0);
    assert.match(alone.stderr, /another samtraad/);
});

test('servers come and go, the log is one, and so is the file of checkpoints', async () => {
    await two.kill();
    await write(there.anne, there.dialogue, unique('Mens den anden er nede'));
    await two.start();
    await write(at(two, there.anne), there.dialogue, unique('Og igen'));
    await two.stop();
    await write(there.anne, there.dialogue, unique('Nu er der kun én'));
    await one.stop();
    const found = await one.verify();
    assert.equal(found.code, 0, found.stdout + found.stderr);
    const lines = (await readFile(path.join(one.data, 'checkpoints.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line).size);
    assert.deepEqual(lines, [...lines].sort((a, b) => a - b));
    assert.ok(lines.length >= 2);
    await one.start();
    await two.start();
});

test('several servers need a database on a server', async () => {
    const answer = await one.command('serve', '--port', '0', '--database', `${one.folder}/file.db`);
    assert.notEqual(answer.code, 0);
    assert.match(answer.stderr, /nodes = 3: several servers share a database on a PostgreSQL server only/);
});
