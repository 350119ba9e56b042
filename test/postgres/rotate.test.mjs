// SPDX-License-Identifier: MPL-2.0
// A new master key while several servers work on one database, and people on all of them. Under test/postgres/run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sleep, until } from '../support/server.mjs';
import { Town, at, circle, everything, read, startDialogue, write } from '../support/town.mjs';

const keyRotate = 88, keyRetire = 89;   // AUDIT_KEY_ROTATE, AUDIT_KEY_RETIRE

let town, one, two, three, four, there;
before(async () => {
    town = await Town.start({ plain: true, settings: 'nodes = 4\n' });
    one = town.server;
    [two, three, four] = [await one.beside(), await one.beside(), await one.beside()];
    await two.start();
    await three.start();
    there = await circle(town, 'Nøglen skiftes');
    await write(there.anne, there.dialogue, 'Skrevet før alt');
});
after(async () => {
    for (const server of [two, three, four]) await server?.stop();
    await town?.close();
});

const keyFile = () => readFile(one.key, 'utf8');
const versions = async () => [...(await keyFile()).matchAll(/^key (\d+) [0-9a-f]{64}$/gm)].map(([, version]) => Number(version));
const newest = async () => (await versions())[0] ?? 1;   // of a file as init makes it
const isKnownOnly = async () => /^use \d+$/m.test(await keyFile());
const under = (rows) => one.sql(`SELECT DISTINCT ${one.database.hex('substr(wrapped, 2, 4)')} FROM key_grant WHERE ${rows}`).then((hex) => hex.split('\n').map((word) => parseInt(word, 16)).sort());
const logged = (kind, version) => one.sql(`SELECT count(*) FROM audit WHERE kind = ${kind} AND object = ${version}`).then(Number);
const state = async (number) => Object.fromEntries((await readFile(path.join(one.data, `rotation.state.${number}`), 'utf8')).trim().split('\n').map((line) => line.split(' ')));

/** Rows that open nothing make the wrapping last; they stay as they are. */
const makeItLast = (rows) => one.sql(`INSERT INTO key_grant SELECT ${there.dialogue}, -i, 1, ${one.database.bytes('0200000001000000')} || ${one.database.random(72)} FROM generate_series(1, ${rows}) i`);
const noMore = () => one.sql('DELETE FROM key_grant WHERE member < 0');

/** The command, as somebody starts it who may also be killed. */
function rotate(grace = 1) {
    const [program, ...words] = one.words('rotate', '--grace', String(grace));
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const told = { child, stdout: '', stderr: '', code: null };
    child.stdout.setEncoding('utf8').on('data', (text) => { told.stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { told.stderr += text; });
    told.ended = new Promise((resolve) => child.once('close', (code) => { told.code = code; resolve(told); }));
    return told;
}

async function rotateToEnd() {
    const told = await rotate().ended;
    assert.equal(told.code, 0, told.stdout + told.stderr);
    return told;
}

/**
 * People at work on a server until told to stop: one writes, one reads, one begins a dialogue each time and reads it on the server 'elsewhere'. Any answer but the
 * expected one is a failure, except once the server was killed.
 */
function work(server, elsewhere, name, written) {
    const job = { now: true, killed: false, rounds: 0 };
    const mette = at(server, there.mette), karim = at(server, there.karim), anne = at(server, there.anne), other = at(elsewhere, there.anne);
    const each = async (act) => {
        for (let n = 0; job.now && !job.killed; n++) {
            try {
                await act(n);
                job.rounds++;
            } catch (error) {
                if (!job.killed) throw error;
            }
        }
    };
    job.ended = Promise.all([
        each(async (n) => {
            const text = `${name} skriver ${n}`;
            await write(mette, there.dialogue, text);
            written.push(text);
        }),
        each(async () => {
            for (const target of ['/', `/dialogue/${there.dialogue}`, `/dialogue/${there.dialogue}/participants`]) assert.equal((await karim.get(target)).status, 200, target);
        }),
        each(async (n) => {
            const dialogue = await startDialogue(anne, town.person('emil'), `${name} begynder ${n}`);
            await write(anne, dialogue, `Begyndt ${n}`);
            if (!job.killed && !elsewhere.gone) assert.equal((await read(other, dialogue)).at(-1).text, `Begyndt ${n}`);
        }),
    ]);
    job.ended.catch(() => {});   // told when it is awaited
    job.end = () => { job.now = false; return job.ended; };
    return job;
}

async function assertAllThere(written, ...servers) {
    for (const server of servers) {
        for (const person of [there.emil, there.karim]) {
            const texts = (await everything(at(server, person), there.dialogue));
            for (const text of ['Skrevet før alt', ...written]) assert.equal(texts.filter((other) => other === text).length, 1, `"${text}" is there once`);
        }
    }
}

/** All that was written opens, on each of them; nothing is under another key than the newest; the log says once what happened. */
async function assertDone(version, written, ...servers) {
    assert.deepEqual(await versions(), [version]);
    assert.ok(!await isKnownOnly());
    await noMore();
    assert.deepEqual(await under('true'), [version]);
    for (let number = 1; number <= servers.length; number++) {
        const { newest: known, used, lowest } = await state(number);
        assert.deepEqual([known, used, lowest], [version, version, version].map(String), `server ${number}`);
    }
    await assertAllThere(written, ...servers);
    assert.equal(await logged(keyRotate, version), 1);
    assert.equal(await logged(keyRetire, version - 1), 1);
    const verified = await one.verify();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
}

test('while people work on three servers, and a fourth starts, no request fails', { timeout: 180000 }, async () => {
    const written = [], next = await newest() + 1;
    await makeItLast(20000);
    const jobs = [work(one, two, 'Én', written), work(two, three, 'To', written), work(three, one, 'Tre', written)];
    const told = rotate();
    await until('it is begun', async () => (await versions()).length === 2);
    await four.start();
    jobs.push(work(four, one, 'Fire', written));
    await told.ended;
    const atEnd = written.length;
    await sleep(500);   // and after it
    await Promise.all(jobs.map((job) => job.end()));
    assert.equal(told.code, 0, told.stdout + told.stderr);
    assert.match(told.stdout, /\(20000 that open nothing were left as they are\)/);
    assert.ok(atEnd > 8, `${atEnd} messages were written meanwhile`);
    await assertDone(next, written, one, two, three, four);
    await four.stop();
});

test('as long as one server does not know the new key, nobody wraps under it, not even who starts now', { timeout: 120000 }, async () => {
    const before = await newest(), copy = path.join(one.folder, 'copy.key');
    await copyFile(one.key, copy);
    process.kill(two.pid, 'SIGSTOP');
    let told;
    try {
        told = rotate();
        await until('the others know it', async () => (await isKnownOnly()) && (await state(1)).newest === String(before + 1) && (await state(3)).newest === String(before + 1));
        await four.start();
        for (const server of [one, three, four]) {
            const dialogue = await startDialogue(at(server, there.anne), town.person('emil'), 'Mens én ikke svarer');
            await write(at(server, there.anne), dialogue, 'Endnu den gamle nøgle');
        }
        // On a machine with a copy of the key file from before: it would not open what the others will write.
        await assert.rejects(Object.assign(await one.beside(), { key: copy }).start(), /the master key's file .* is from before a rotation/);
        await sleep(1500);
        assert.ok(await isKnownOnly(), 'the key file still says which one is used');
        assert.deepEqual(await under('member > 0'), [before]);
        assert.equal(told.code, null, 'it waits');
        const { stdout } = await one.command('status');
        assert.match(stdout, /^server +running, 4 of them$/m);
        assert.match(stdout, new RegExp(`^master key +${before + 1} is being brought in for ${before} {2}! if "samtraad rotate" does not run`, 'm'));
    } finally {
        process.kill(two.pid, 'SIGCONT');
    }
    await told.ended;
    assert.equal(told.code, 0, told.stdout + told.stderr);
    await assertDone(before + 1, [], one, two, three, four);
    assert.doesNotMatch((await one.command('status')).stdout, /^master key/m);
    await four.stop();
});

test('the server that wraps is killed while it does: another goes on, and the people elsewhere notice nothing', { timeout: 180000 }, async () => {
    const written = [], next = await newest() + 1;
    await makeItLast(20000);
    const jobs = [work(two, three, 'To igen', written), work(three, two, 'Tre igen', written)];
    const told = rotate();
    await until('the first is in the middle', async () => { const now = await state(1); return Number(now.false) > 0 && Number(now.false) < 20000; });
    await one.kill();
    await told.ended;
    await Promise.all(jobs.map((job) => job.end()));
    assert.equal(told.code, 0, told.stdout + told.stderr);
    await one.start();
    await assertDone(next, written, one, two, three);
});

const cuts = Number(process.env.ROTATE_CUTS ?? 3);
test(`the command is killed ${cuts} times at various moments, and a server now and then: run again, it goes on`, { timeout: 300000 }, async () => {
    const written = [];
    let unfinished = 0;
    for (let round = 0; round < cuts; round++) {
        await makeItLast(5000);
        const jobs = [work(one, three, `Runde ${round} én`, written), work(three, one, `Runde ${round} tre`, written)];
        const told = rotate(0);
        await sleep(100 + (round * 1730) % 5000);
        told.child.kill('SIGKILL');
        await told.ended;
        unfinished += (await versions()).length === 2 ? 1 : 0;
        if (round % 2) {
            await two.kill();
            await two.start();
        }
        const next = await newest();
        await rotateToEnd();
        await Promise.all(jobs.map((job) => job.end()));
        assert.ok(await newest() >= next);
        await noMore();
        assert.deepEqual(await under('true'), await versions());
    }
    assert.ok(unfinished >= 1, `${unfinished} were really cut off`);
    await assertDone(await newest(), written, one, two, three);
});

test('only one leads at a time', async () => {
    process.kill(two.pid, 'SIGSTOP');
    let told;
    try {
        told = rotate();
        await until('it waits', isKnownOnly);
        const second = await one.command('rotate');
        assert.notEqual(second.code, 0);
        assert.match(second.stderr, /another "samtraad rotate"/);
    } finally {
        process.kill(two.pid, 'SIGCONT');
    }
    await told.ended;
    assert.equal(told.code, 0, told.stdout + told.stderr);
});

test('with all of them stopped it does the same alone, and they start with what it left', async () => {
    const next = await newest() + 1;
    await Promise.all([one, two, three].map((server) => server.stop()));
    await rotateToEnd();
    for (const server of [one, two, three]) await server.start();
    await assertDone(next, [], one, two, three);
});
