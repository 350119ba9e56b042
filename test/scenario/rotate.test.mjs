// SPDX-License-Identifier: MPL-2.0
// A new master key: while people read and write, cut off by kill -9, without a server, and with a backup from before.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { onPostgres } from '../support/database.mjs';
import { binary, sleep, until } from '../support/server.mjs';
import { Town, circle, everything, write } from '../support/town.mjs';

const kills = Number(process.env.ROTATE_KILLS ?? 3);

let town, one, saved, oldKey;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Kanariefuglens emne');
    await write(one.mette, one.dialogue, 'Skrevet før alt');
    saved = path.join(town.server.folder, 'saved');
    oldKey = path.join(town.server.folder, 'old.key');
    await copyFile(town.server.key, oldKey);
    if (onPostgres) {   // a backup of it comes back as a file
        await town.server.stop();
        await town.server.keep(saved);
        await town.server.start();
    } else {
        assert.equal((await town.server.command('backup', saved)).code, 0);
    }
});

/** On a machine where nothing is left of the data folder and the database. */
async function restore() {
    if (onPostgres) return town.server.putBack(saved);
    await rm(town.server.data, { recursive: true });
    const restored = await town.server.command('restore', saved);
    assert.equal(restored.code, 0, restored.stderr);
}

after(() => town?.close());

const rotate = (...more) => town.server.command('rotate', '--grace', '1', ...more);
const versions = async () => [...(await readFile(town.server.key, 'utf8')).matchAll(/^key (\d+) [0-9a-f]{64}$/gm)].map(([, version]) => Number(version));
const wrappedUnder = async () => (await town.server.sql(`SELECT DISTINCT ${town.server.database.hex('substr(wrapped, 2, 4)')} FROM key_grant`)).split('\n').map((hex) => parseInt(hex, 16));

async function assertReads(...texts) {
    for (const id of ['mette', 'emil', 'anne']) {
        const there = await everything(await town.signIn(id), one.dialogue);
        for (const text of texts) assert.ok(there.includes(text), `${id} reads "${text}"`);
    }
}

test('under load no request fails, and afterwards only the new key opens anything', async () => {
    const during = { now: true }, written = [];
    // Rows that open nothing make the work last; they stay as they are.
    await town.server.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
        INSERT INTO key_grant SELECT ${one.dialogue}, -i, 1, ${town.server.database.bytes('0200000001000000')} || ${town.server.database.random(72)} FROM n`);
    const writers = [one.mette, one.karim].map(async (writer, index) => {
        for (let n = 0; during.now; n++) {
            await write(writer, one.dialogue, `Under skiftet ${index}.${n}`);   // fails when any of its answers is another than expected
            written.push(`Under skiftet ${index}.${n}`);
        }
    });
    const readers = [one.emil, one.anne].map(async (reader) => {
        for (let n = 0; during.now; n++) {
            for (const target of ['/', `/dialogue/${one.dialogue}`, `/dialogue/${one.dialogue}/participants`]) {
                assert.equal((await reader.get(target)).status, 200, target);
            }
        }
        return true;
    });
    const { code, stdout, stderr } = await rotate();
    const atEnd = written.length;
    during.now = false;
    await Promise.all([...writers, ...readers]);
    assert.equal(code, 0, stdout + stderr);
    assert.ok(atEnd > 5, `${atEnd} messages were written meanwhile`);
    assert.match(stdout, /wrapped anew: 64 shares, \d+ grants \(8000 that open nothing were left as they are\)/);
    assert.deepEqual(await versions(), [2]);
    assert.equal((await stat(town.server.key)).mode & 0o777, 0o400);
    const text = await readFile(town.server.key, 'utf8');
    assert.ok(!text.includes((await readFile(oldKey, 'utf8')).trim()), 'the old key is not in the file');
    await town.server.stop();
    await town.server.sql('DELETE FROM key_grant WHERE member < 0');
    assert.deepEqual(await wrappedUnder(), [2]);
    const verified = await town.server.verify();
    assert.equal(verified.code, 0, verified.stdout);
    await town.server.start();
    await assertReads('Skrevet før alt', ...written);
});

test('the old key opens no dialogue any more', async () => {
    const kept = path.join(town.server.folder, 'kept.key');
    await town.server.stop();
    await copyFile(town.server.key, kept);
    await rm(town.server.key);
    await copyFile(oldKey, town.server.key);
    await town.server.start();
    const mette = await town.signIn('mette');
    assert.equal((await mette.get(`/dialogue/${one.dialogue}`)).status, 404);
    await town.server.stop();
    await rm(town.server.key);
    await copyFile(kept, town.server.key);
    await town.server.start();
    await assertReads('Skrevet før alt');
});

test('a request by somebody who does not have the present key is refused', async () => {
    const { log } = town.server;
    const state = () => readFile(path.join(town.server.data, 'rotation.state.1'), 'utf8');
    const [, box] = /^box ([0-9a-f]{64})$/m.exec(await state());
    await writeFile(path.join(town.server.data, 'rotation.1'), `to ${box} admit ${'ab'.repeat(120)}\n`);
    await until('it is refused', async () => /^refused 1$/m.test(await state()));
    assert.match(town.server.log.slice(log.length), /event=rotation/);
    await assertReads('Skrevet før alt');
});

test(`${kills} times cut off by kill -9, it goes on, and nothing is lost`, { timeout: 300000 }, async () => {
    await town.server.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
        INSERT INTO key_grant SELECT ${one.dialogue}, -i, 1, ${town.server.database.bytes('0200000001000000')} || ${town.server.database.random(72)} FROM n`);
    const [first] = await versions();
    let unfinished = 0;
    for (let round = 0; round < kills; round++) {
        const child = spawn(binary, ['rotate', '--grace', '0', '--data', town.server.data, '--key', town.server.key, '--config', town.server.config], { stdio: 'ignore' });
        const ended = new Promise((resolve) => child.once('close', resolve));
        await sleep(150 + (round * 331) % 1900);
        // One time the server, one time who asked, one time both.
        if (round % 3 !== 1) await town.server.kill();
        if (round % 3 !== 0) child.kill('SIGKILL');
        await ended;
        if (round % 3 !== 1) await town.server.start();
        unfinished += (await versions()).length === 2 ? 1 : 0;
        assert.equal((await (await town.signIn('emil')).get(`/dialogue/${one.dialogue}`)).status, 200, `round ${round}`);
        await write(await town.signIn('mette'), one.dialogue, `Efter nedbrud ${round}`);
    }
    assert.ok(unfinished >= 1, `${unfinished} were really cut off`);
    const { code, stdout, stderr } = await rotate();
    assert.equal(code, 0, stdout + stderr);
    assert.equal((await versions()).length, 1);
    assert.ok((await versions())[0] > first);
    await assertReads('Skrevet før alt', ...Array.from({ length: kills }, (_, round) => `Efter nedbrud ${round}`));
    await town.server.stop();
    await town.server.sql('DELETE FROM key_grant WHERE member < 0');
    assert.deepEqual(await wrappedUnder(), await versions());
    const verified = await town.server.verify();
    assert.equal(verified.code, 0, verified.stdout);
});

test('without a server it does all of it by itself', async () => {
    const [before] = await versions();
    const { code, stdout, stderr } = await rotate();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await versions(), [before + 1]);
    assert.deepEqual(await wrappedUnder(), [before + 1]);
    await town.server.start();
    await assertReads('Skrevet før alt');
});

test('a backup from before opens only when the key of its time is put into the key file again', async () => {
    await town.server.stop();
    await restore();
    await town.server.start();
    assert.equal((await (await town.signIn('mette')).get(`/dialogue/${one.dialogue}`)).status, 404, 'its grants are under a key that is destroyed');
    await town.server.stop();

    // As docs/operations.md tells it.
    const text = await readFile(town.server.key, 'utf8');
    await chmod(town.server.key, 0o600);
    await writeFile(town.server.key, text.replace(/^(key .*\n)/m, `$1key 1 ${(await readFile(oldKey, 'utf8')).trim()}\n`));
    await chmod(town.server.key, 0o400);
    await town.server.start();
    await assertReads('Skrevet før alt');
    const { code, stdout, stderr } = await rotate();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /going on with the rotation from key 1/);
    assert.equal((await versions()).length, 1);
    await assertReads('Skrevet før alt');
    await town.server.stop();
    assert.deepEqual(await wrappedUnder(), await versions());
});
