// SPDX-License-Identifier: MPL-2.0
// An installation moves between SQLite and PostgreSQL. Under test/postgres/run. MOVE_KILLS sets how often a move is cut off by kill -9 in each direction (8).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { randomOf } from '../crash/workload.mjs';
import { fileDatabase, remoteDatabase } from '../support/database.mjs';
import { send, upload } from '../support/files.mjs';
import { sleep } from '../support/server.mjs';
import { Town, circle, everything, write } from '../support/town.mjs';

const kills = Number(process.env.MOVE_KILLS ?? 8);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const random = randomOf(seed);

let town, one, server, file;
const remotes = [];
before(async () => {
    town = await Town.start({ database: fileDatabase, plain: true });
    server = town.server;
    file = server.database;
    one = await circle(town, 'Flytning');
    for (const who of [one.mette, one.karim, one.anne]) await write(who, one.dialogue, `Skrevet før flytningen af ${who.id}: æøå \u{1F4E6}`);
    const sent = await upload(one.emil, one.dialogue, 'brev.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(20_000)]));
    await send(one.emil, one.dialogue, 'Med brev', sent.id);
});
after(async () => {
    await town?.close();
    for (const remote of remotes) await remote.remove();
});

async function empty() {
    const remote = remoteDatabase();
    await remote.make();
    remotes.push(remote);
    return remote;
}

const nameOf = (database) => database.url ?? database.path;
const move = (from, to, ...more) => server.command('move', '--from', nameOf(from), '--to', nameOf(to), ...more);

const undo = (from) => server.command('move', '--undo', '--from', nameOf(from));

/** From now on the server works with this database. */
async function use(database) {
    server.database = database;
    database.settings ??= '';
    await server.configure(server.settings);
}

async function equal(from, to) {
    const [before, now] = [await from.rows(), await to.rows()];
    assert.deepEqual(Object.keys(now), Object.keys(before));
    for (const name of Object.keys(before)) assert.deepEqual(now[name], before[name], `the rows of ${name}`);
    assert.ok(before.post.length > 3 && before.session.length > 3 && before.audit_recent.length > 20, 'and there are some');
}

/** Everything is there: to those who are still signed in, and in the log. */
async function holds(texts) {
    await server.start();
    for (const who of [one.emil, one.mette]) {
        const there = await everything(who, one.dialogue);
        for (const text of texts) assert.ok(there.includes(text), `${who.id} reads "${text}"`);
    }
    await server.stop();
    const verified = await server.verify();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    await server.start();
}

const moved = (answer, what = '') => assert.equal(answer.code, 0, `${what}\n${answer.stdout}${answer.stderr}`);
const refused = (answer, why) => {
    assert.equal(answer.code, 1, answer.stdout);
    assert.match(answer.stderr, why);
};

describe('an installation on SQLite', () => {
    let remote, texts;

    test('is not moved while its server runs', async () => {
        remote = await empty();
        refused(await move(file, remote), /another samtraad runs on the data folder/);
        texts = await everything(one.emil, one.dialogue);
        await server.stop();
    });

    test('is not moved to itself, to nowhere, from nowhere, or to another’s database', async () => {
        refused(await move(file, file), /one database, not two/);
        refused(await move(file, { url: `${process.env.SAMTRAAD_POSTGRES}/nobody_made_this` }), /can't be reached/);
        refused(await move({ path: `${server.folder}/nothing.db` }, remote), /no database to move from/);
        await remote.sql('CREATE TABLE migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied BIGINT NOT NULL); INSERT INTO migration VALUES (1, \'0001_other\', \'\', 1);');
        refused(await move(file, remote), /not empty, and no unfinished move/);
        await remote.sql('DROP TABLE migration;');
    });

    test('is not moved when its database is of another version', async () => {
        const kept = await file.sql('SELECT checksum FROM migration WHERE number = 5;');
        await file.sql("UPDATE migration SET checksum = 'changed' WHERE number = 5;");
        refused(await move(file, remote), /not of this program's version/);
        await file.sql(`UPDATE migration SET checksum = '${kept}' WHERE number = 5;`);
        const [row] = (await file.sql('SELECT name || \'|\' || checksum || \'|\' || applied FROM migration WHERE number = 32;')).split('\n');
        await file.sql('DELETE FROM migration WHERE number = 32;');
        refused(await move(file, remote), /not of this program's version/);
        const [name, checksum, applied] = row.split('|');
        await file.sql(`INSERT INTO migration VALUES (32, '${name}', '${checksum}', ${applied});`);
    });

    test('is moved to PostgreSQL, row for row, and the server goes on there', async () => {
        const answer = await move(file, remote);
        moved(answer);
        assert.match(answer.stdout, /^post +\d+ rows +[0-9a-f]{64}$/m);
        assert.match(answer.stdout, /the log holds: \d+ records/);
        assert.ok(answer.stdout.includes(`database = ${remote.url}`));
        await equal(file, remote);
        assert.equal(await remote.sql("SELECT COUNT(*) FROM pg_class WHERE relkind = 'S';"), '0', 'no number is given out by the database');
        await use(remote);
        await holds(texts);
        await write(one.mette, one.dialogue, 'Skrevet efter flytningen');
        texts = await everything(one.emil, one.dialogue);
    });

    test('nobody goes on in the database that was left', async () => {
        await server.stop();
        await use(file);
        for (const command of ['serve', 'init', 'verify', 'status', 'backup']) {
            const answer = await server.command(command, ...(command === 'backup' ? [`${server.folder}/saved`] : []));
            assert.equal(answer.code, 1, `${command}: ${answer.stdout}`);
            assert.match(answer.stdout + answer.stderr, /was moved to another/, command);
        }
        const again = await move(file, remote);
        moved(again, 'asked once more');
        assert.match(again.stdout, /in its new database already/);
        refused(await move(file, await empty()), /was moved to another database already/);
        await use(remote);
    });

    test('is not moved away from PostgreSQL while a server works there, from whichever machine', async () => {
        await server.start();
        const elsewhere = path.join(server.folder, 'elsewhere');
        await cp(server.data, elsewhere, { recursive: true });
        refused(await move(remote, { path: `${elsewhere}/new.db` }, '--data', elsewhere, '--key', server.key), /another samtraad works with it/);
        await server.stop();
    });

    test('has backups on PostgreSQL that come back as a file, and from there to another server', async () => {
        const saved = path.join(server.folder, 'saved'), machine = path.join(server.folder, 'machine');
        moved(await server.command('backup', saved));
        const there = ['--data', machine, '--key', server.key];
        const restored = await server.command('restore', ...there, saved);
        moved(restored);
        const another = await empty(), restoredFile = { path: `${machine}/samtraad.db` };
        assert.ok(restored.stdout.includes(`samtraad move --from ${restoredFile.path} --to ${remote.url}`));
        moved(await move(restoredFile, another, ...there));
        await equal(remote, another);
    });

    test('is moved back to SQLite, row for row, once the old file is out of the way', async () => {
        refused(await move(remote, file), /not empty, and no unfinished move/);
        await rename(file.path, `${file.path}.old`);
        moved(await move(remote, file));
        await equal(remote, file);
        assert.equal((await stat(file.path)).mode & 0o077, 0, 'others can not read it');
        await use(file);
        await holds(texts);
        await server.stop();
    });

    test('goes on in the database that was left when somebody says so', async () => {
        refused(await undo(file), /no installation was moved away/);
        moved(await move(file, await empty()));
        moved(await undo(file));
        await holds(texts);
        await server.stop();
    });
});

describe('a move that is cut off', () => {
    /** Starts it and kills it after a while; true: it was at an end before. */
    async function cut(from, to, wait) {
        const [program, ...words] = server.words('move', '--from', nameOf(from), '--to', nameOf(to));
        const child = spawn(program, words, { stdio: 'ignore' });
        const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
        const timer = setTimeout(() => child.kill('SIGKILL'), wait);
        const how = await ended;
        clearTimeout(timer);
        assert.ok(how === 'SIGKILL' || how === 0, `it ended with ${how}`);
        return how === 0;
    }

    /** Moves it, cut off again and again. One that comes to its end before is taken back and begun anew. Gives where it went to. */
    async function inPieces(from, to, another, context) {
        let cuts = 0, whole = 0, longest = usual;
        while (cuts < kills && whole < 3 * kills) {
            if (!await cut(from, to, random() * longest)) {
                cuts++;
                longest *= 1.1;
                continue;
            }
            whole++;
            longest *= 0.7;
            moved(await undo(from));
            to = await another(to);
        }
        context.diagnostic(`cut off ${cuts} times, and ${whole} times at its end before; a whole move takes ${Math.round(usual)} ms`);
        assert.equal(cuts, kills);
        moved(await move(from, to));
        await equal(from, to);
        return to;
    }

    /** As it was at the last moment before the move was at its end. */
    const unfinished = "UPDATE migration SET name = replace(name, 'here', 'filling') WHERE number = 0";
    const filling = (database) => database.sql('SELECT COUNT(*) FROM migration WHERE number = 0;').catch(() => '0');
    let usual;

    before(async () => {
        // Rows enough that there are several transactions for them.
        await file.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
            INSERT INTO post_earlier SELECT 77, i, 1, i * 1000, 1, randomblob(10 + i % 600) FROM n;`);
        const remote = await empty(), began = performance.now();
        moved(await move(file, remote));
        usual = performance.now() - began;
        moved(await undo(file));
    });

    test(`to PostgreSQL, ${kills} times by kill -9 (SEED=${seed}), goes on and ends with the same rows`, async (context) => {
        await use(await inPieces(file, await empty(), empty, context));
        await holds(await everythingBefore());
        await server.stop();
    });

    test(`back to SQLite, ${kills} times, the same`, async (context) => {
        let aside = 0;
        const another = async () => {
            for (const end of ['', '-wal', '-shm']) await rename(file.path + end, `${file.path}.aside${++aside}`).catch(() => {});
            return file;
        };
        const remote = server.database;
        await use(await inPieces(remote, await another(), another, context));
        await holds(await everythingBefore());
        await server.stop();
    });

    test('between closing the old database and opening the new one, goes on too; until then no server starts on either', async () => {
        const remote = await empty();
        moved(await move(file, remote));
        await remote.sql(`${unfinished};`);
        for (const database of [file, remote]) {
            await use(database);
            refused(await server.command('serve'), /was moved to another one, or a move to it is not finished/);
        }
        refused(await move(file, await empty()), /was moved to another database already/);
        moved(await move(file, remote));
        await equal(file, remote);
        moved(await undo(file));
    });

    test('lets no server begin in the new database, and the old one is as good as before', async () => {
        const remote = await empty();
        while (await filling(remote) !== '1') assert.equal(await cut(file, remote, random() * usual / 3), false);
        await use(remote);
        const answer = await server.command('serve');
        refused(answer, /a move to it is not finished/);
        await use(file);
        await server.start();
        await write(one.mette, one.dialogue, 'Skrevet mens flytningen lå stille');
        await server.stop();
        const finished = await move(file, remote);
        moved(finished);
        await equal(file, remote);
        assert.ok((await remote.rows()).post.length === (await file.rows()).post.length);
        moved(await undo(file));
    });

    test('notices what was changed in the new database meanwhile, and brings it anew', async () => {
        const remote = await empty();
        moved(await move(file, remote));
        moved(await undo(file));
        await remote.sql(`${unfinished}; UPDATE post SET sealed = ${remote.changed('sealed')}; DELETE FROM audit_recent WHERE seq = 3; INSERT INTO demo_person VALUES (1);`);
        moved(await move(file, remote));
        await equal(file, remote);
        moved(await undo(file));
        await remote.sql(`${unfinished}; UPDATE person SET language = language + 1;`);
        const begunAnew = await move(file, remote);
        moved(begunAnew);
        assert.match(begunAnew.stdout, /so it begins anew/, 'sessions refer to people');
        await equal(file, remote);
    });

    async function everythingBefore() {
        await server.start();
        const texts = await everything(one.emil, one.dialogue);
        await server.stop();
        assert.ok(texts.length >= 5);
        return texts;
    }
});
