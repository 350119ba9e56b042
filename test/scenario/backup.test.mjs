// SPDX-License-Identifier: MPL-2.0
// Backups with the program's own commands: while people write, cut off by kill -9, damaged, and brought back on an empty machine.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary, freePort, Server, sleep } from '../support/server.mjs';
import { fileDatabase } from '../support/database.mjs';
import { send, upload } from '../support/files.mjs';
import { Town, circle, everything, write } from '../support/town.mjs';

const kills = Number(process.env.BACKUP_KILLS ?? 8);

let town, one, folder;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Kanariefuglens emne');
    folder = path.join(town.server.folder, 'saved');
});
after(() => town?.close());

const backup = (...more) => town.server.command('backup', ...more, folder);
const drill = (...more) => town.server.command('restore', '--drill', ...more, folder);
const names = async () => (await readdir(path.join(folder, 'backups'))).filter((name) => !name.startsWith('.')).sort();
const number = (text, what) => Number(new RegExp(`^${what} .*?(\\d+) bytes`, 'm').exec(text)?.[1]);

async function pieces() {
    const all = await readdir(path.join(folder, 'pieces'), { recursive: true, withFileTypes: true });
    return all.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

/** Another machine: nothing on it but the program, the key and the newest file of shares. A backup comes back as a file, whatever it was made of. */
async function emptyMachine() {
    const machine = new Server(await mkdtemp(path.join(tmpdir(), 'samtraad-')), await freePort(), fileDatabase);
    await mkdir(path.join(machine.folder, 'cores'));
    machine.demo = true;
    await machine.configure('');
    await copyFile(town.server.key, machine.key);
    await copyFile(`${town.server.data}.shares`, `${machine.data}.shares`);
    return machine;
}

describe('a backup', () => {
    test('is made while people write, and holds all that was acknowledged before it began', async () => {
        const acknowledged = [], during = { now: true };
        const work = [one.mette, one.karim].map(async (writer, index) => {
            for (let n = 0; during.now; n++) {
                const text = `Kanariefugl ${index}.${n}`;
                await write(writer, one.dialogue, text);
                acknowledged.push(text);
            }
        });
        while (acknowledged.length < 6) await sleep(20);
        const sure = [...acknowledged];
        const made = await backup();
        during.now = false;
        await Promise.all(work);
        assert.equal(made.code, 0, made.stderr);
        assert.ok(acknowledged.length > sure.length, 'the writers went on');

        const machine = await emptyMachine();
        try {
            const restored = await machine.command('restore', folder);
            assert.equal(restored.code, 0, restored.stderr);
            assert.match(restored.stdout, /rows .* as they were copied\nthe log +holds: \d+ records/);
            await machine.start();
            const there = Object.assign(new Town(), { server: machine });
            const emil = await there.signIn('emil');
            const texts = await everything(emil, one.dialogue);
            for (const text of sure) assert.ok(texts.includes(text), `"${text}" is there`);
            await write(emil, one.dialogue, 'Her går det videre');
            await machine.stop();
            const verified = await machine.verify();
            assert.equal(verified.code, 0, verified.stdout);
        } finally {
            await machine.remove();
        }
    });

    test('of a quiet database gives the same rows on another machine', async () => {
        await town.server.stop();
        assert.equal((await backup()).code, 0);
        const machine = await emptyMachine();
        const restored = await machine.command('restore', folder);
        assert.equal(restored.code, 0, restored.stderr);
        assert.deepEqual(await machine.database.rows(), await town.server.database.rows());
        const again = await machine.command('restore', folder);
        assert.equal(again.code, 1, 'nothing is restored over something');
        assert.match(again.stderr, /is there already/);
        // A power cut in the middle of a restore.
        await rename(machine.data, `${machine.data}.restoring`);
        const cut = await machine.command('restore', folder);
        assert.equal(cut.code, 1);
        assert.match(cut.stderr, /has left its folder; remove that, and run this again: .*\.restoring/);
        await rm(`${machine.data}.restoring`, { recursive: true });
        assert.equal((await machine.command('restore', folder)).code, 0);
        await machine.remove();
        await town.server.start();
    });

    test('copies only what is new, and a sealed file once', async () => {
        one.mette = await town.signIn('mette');
        const file = await upload(one.mette, one.dialogue, 'brev.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(900_000)]));
        await send(one.mette, one.dialogue, 'Med brev', file.id);
        const first = await backup();
        assert.ok(number(first.stdout, 'new') >= 900_000, first.stdout);
        await write(one.mette, one.dialogue, 'En kort besked til');
        const second = await backup();
        assert.equal(second.code, 0, second.stderr);
        assert.ok(number(second.stdout, 'new') < number(first.stdout, 'files') - 800_000, second.stdout);
        assert.equal(number(second.stdout, 'files') >= 900_000, true, 'and yet it is whole');
        assert.equal((await drill()).code, 0);
    });

    test('of a large database brings little when little was written', async () => {
        const add = (dialogue, count) => town.server.sql(`INSERT INTO post_earlier WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
            SELECT ${dialogue}, i, 1, i * 1000, 1, ${town.server.database.random(600)} FROM n;`);
        await add(77, 8000);
        const first = await backup();
        assert.ok(number(first.stdout, 'new') > 4_000_000, first.stdout);
        await write(one.mette, one.dialogue, 'En besked til');
        await add(76, 20);   // in the midst of what was there
        const second = await backup();
        assert.ok(number(second.stdout, 'new') < number(first.stdout, 'new') / 2, second.stdout);
        await town.server.sql('DELETE FROM post_earlier WHERE dialogue < 100;');
    });

    test('tells nothing: no word of it can be read, and neither key nor shares are in it', async () => {
        const key = (await readFile(town.server.key, 'utf8')).trim();
        const share = (await readFile(`${town.server.data}.shares`)).subarray(16, 96);
        const contents = await Promise.all((await pieces()).map((name) => readFile(name)));
        assert.ok(contents.length > 5);
        for (const secret of ['Kanariefugl', town.person('emil').name, town.person('mette').name, key, Buffer.from(key, 'hex'), share]) {
            assert.ok(!contents.some((bytes) => bytes.includes(secret)), `found: ${secret}`);
        }
        const { stdout } = await backup();
        assert.match(stdout, /not in it and never must be:\n +the master key .*\n +the file of shares/);
        for (const name of [folder, ...(await pieces())]) assert.equal((await stat(name)).mode & 0o077, 0, 'others can not read it');
    });

    test('that is old goes when only some are to be kept, with what it alone had', async () => {
        const before = (await names()).length;
        assert.ok(before > 2);
        assert.equal((await backup('--keep', '2')).code, 0);
        assert.equal((await names()).length, 2);
        const needed = new Set();
        for (const name of await names()) for (const [, hash] of (await readFile(path.join(folder, 'backups', name), 'utf8')).matchAll(/^piece (\w+)$/gm)) needed.add(hash);
        assert.deepEqual((await pieces()).map((name) => path.basename(name)).sort(), [...needed].sort());
        assert.equal((await drill()).code, 0);
    });
});

describe('a backup of a folder into itself', () => {
    test('is refused, by whatever way one gets there, and leaves nothing behind', async () => {
        const { data, folder: around } = town.server, way = path.join(around, 'way');
        await symlink(data, way);
        const before = [await readdir(data), await readdir(around)];
        for (const target of [data, `${data}/`, path.join(data, 'saved'), path.join(data, 'files'), path.join(data, 'files', 'new', 'newer'), path.join(data, '..', path.basename(data)), way, path.join(way, 'saved'), around, '/']) {
            const { code, stderr } = await town.server.command('backup', target);
            assert.equal(code, 1, target);
            assert.match(stderr, /no backup was made: .* must be a folder of its own/, target);
        }
        assert.deepEqual([await readdir(data), await readdir(around)], before);
        await rm(way);
        const made = await town.server.command('backup', path.join(around, `${path.basename(data)}2`));
        assert.equal(made.code, 0, `beside it, whatever its name begins with: ${made.stderr}`);
    });
});

describe('a backup that was cut off', () => {
    test(`${kills} times by kill -9 never passes as whole, and harms no other`, async () => {
        let cut = 0;
        const began = performance.now();
        assert.equal((await backup()).code, 0);
        const whole = performance.now() - began;   // how long one takes here and now
        for (let round = 0; round < kills; round++) {
            const known = await names();
            await write(one.mette, one.dialogue, `Runde ${round} ${'æ'.repeat(1000)}`);
            const child = spawn(binary, ['backup', '--data', town.server.data, '--key', town.server.key, '--config', town.server.config, folder], { stdio: 'ignore' });
            const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal)));
            await sleep(whole * 0.8 * (round + 0.5) / kills);
            child.kill('SIGKILL');
            if ((await ended) === 'SIGKILL') cut++;
            const fresh = (await names()).filter((name) => !known.includes(name));
            for (const name of [known.at(-1), ...fresh]) assert.equal((await drill('--backup', name)).code, 0, `round ${round}: ${name} is whole`);
        }
        assert.ok(cut >= kills / 2, `${cut} were really cut off`);
        assert.equal((await backup()).code, 0);
        assert.deepEqual(await readdir(path.join(folder, 'incoming')), []);
        for (const name of await pieces()) assert.equal(createHash('sha256').update(await readFile(name)).digest('hex'), path.basename(name));
        assert.equal((await drill()).code, 0);
    });
});

describe('a damaged backup', () => {
    const damage = async (what, change, expected) => {
        const machine = await emptyMachine();
        const kept = path.join(machine.folder, 'kept');
        const file = await what();
        await copyFile(file, kept);
        await change(file);
        for (const answer of [await drill(), await machine.command('restore', folder)]) {
            assert.equal(answer.code, 1, answer.stdout);
            assert.match(answer.stderr, expected);
        }
        await assert.rejects(stat(machine.data), 'nothing was put in place');
        await rename(kept, file);
        await machine.remove();
        assert.equal((await drill()).code, 0, 'mended, it can be restored again');
    };
    const newest = async () => path.join(folder, 'backups', (await names()).at(-1));
    const newestPiece = async () => {
        const [, hash] = /^file samtraad\.db .*\npiece (\w+)$/m.exec(await readFile(await newest(), 'utf8'));
        return path.join(folder, 'pieces', hash.slice(0, 2), hash);
    };
    const replace = async (file, bytes) => {
        await rm(file);
        await writeFile(file, bytes, { mode: 0o600 });
    };

    test('with one bit changed in a piece is refused', () => damage(newestPiece, async (file) => {
        const bytes = await readFile(file);
        bytes[bytes.length >> 1] ^= 4;
        await replace(file, bytes);
    }, /missing or damaged: samtraad\.db/));

    test('with a piece gone is refused', () => damage(newestPiece, rm, /missing or damaged: samtraad\.db/));

    test('whose list was changed by somebody without the key is refused', () => damage(newest, async (file) => {
        const text = await readFile(file, 'utf8');
        await replace(file, text.replace(/^file files\/.*\n(piece .*\n)+/m, ''));
    }, /damaged, or not of this installation's key/));

    test('cut short is refused', () => damage(newest, async (file) => {
        const text = await readFile(file, 'utf8');
        await replace(file, text.slice(0, text.length - 100));
    }, /damaged, or not of this installation's key/));

    test('and another installation’s key opens none', async () => {
        const other = await Server.prepare();
        const answer = await other.command('restore', '--drill', folder);
        assert.equal(answer.code, 1);
        assert.match(answer.stderr, /not of this installation's key/);
        await other.remove();
    });
});
