// SPDX-License-Identifier: MPL-2.0
// The data folder lies on a small disk of its own (a tmpfs, mounted here, so this needs root or sudo) that others fill up.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { begin, finish, piece } from '../support/files.mjs';
import { until } from '../support/server.mjs';
import { startDialogue } from '../support/town.mjs';
import { Workload, randomOf } from './workload.mjs';

const megabytes = 48;
const asRoot = (...words) => execFileSync(process.getuid() === 0 ? words[0] : 'sudo', process.getuid() === 0 ? words.slice(1) : words);

let load, disk, filler, mounted = false;

before(async () => {
    load = await Workload.start({ random: randomOf(3) });
    await load.server.stop();
    disk = path.join(load.server.folder, 'disk');
    filler = path.join(disk, 'filler');
    await mkdir(disk);
    asRoot('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', disk);
    mounted = true;
    for (const name of ['data', 'data.shares']) await cp(path.join(load.server.folder, name), path.join(disk, name), { recursive: true });
    await rm(load.server.data, { recursive: true });
    load.server.data = path.join(disk, 'data');
    await load.server.start();
    assert.equal((await load.post(load.anne)).outcome, 'done', 'while there is room');
});
after(async () => {
    await load?.server.stop();
    if (mounted) asRoot('umount', disk);
    await load?.close();
});

/** Somebody else's file takes all that is left. */
async function fill() {
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch((error) => { if (error.code !== 'ENOSPC') throw error; });
    while ((await statfs(disk)).bavail > 0) await writeFile(filler, Buffer.alloc(4096), { flag: 'a' }).catch(() => {});
}

const makeRoom = () => truncate(filler, 0);

/** Messages until one is refused: what was set aside on the disk before may still take a few. */
async function postUntilRefused() {
    for (let n = 0; n < 300; n++) {
        const { outcome } = await load.post(load.writers[n % 4], { long: 3000 });
        if (outcome !== 'done') return;
    }
    assert.fail('a full disk takes messages without end');
}

test('who writes is told in plain words, and nothing of it is there', async () => {
    await fill();
    await postUntilRefused();
    const [refusal] = load.refusals.splice(0);
    assert.equal(refusal.status, 503);
    assert.match(refusal.words, /Vi kan ikke gemme noget lige nu/);
    assert.match(refusal.words, /ikke mere plads på vores server\. Intet er ændret/);
    assert.ok(Number(refusal.after) > 0, 'says when to come again');
});

test('nothing is shown of which the log could not tell', async () => {
    for (const reader of [load.anne, load.emil]) {
        const answer = await reader.get(`/dialogue/${load.dialogue}`);
        assert.equal(answer.status, 503);
        assert.doesNotMatch(answer.text, / besked \d/, 'no message is on the page');
        assert.match(answer.page.text(), /ikke mere plads/);
    }
    const asked = await load.mette.get(`/dialogue/${load.dialogue}`, { json: true });
    assert.equal(asked.status, 503);
    assert.equal(asked.json.page, undefined);
});

test('what needs no room goes on', async () => {
    assert.equal((await fetch(`${load.server.url}/healthz`)).status, 200);
    assert.equal((await fetch(`${load.server.url}/login`)).status, 200);
});

test('it recovers by itself when there is room again', async () => {
    await makeRoom();
    await until('a message is taken', async () => (await load.post(load.anne)).outcome === 'done', 5000);
    load.refusals.length = 0;
    await load.check('after the disk was full');
    await load.server.stop();
    await load.verified('after the disk was full');
    await load.server.start();
});

test('an upload and a new dialogue are refused too, and can be gone on with', async () => {
    const bytes = Buffer.alloc(200000, 7);
    const { json: file } = await begin(load.anne, load.dialogue, 'noter.bin', bytes.length);
    await fill();
    await postUntilRefused();
    const refused = await piece(load.anne, load.dialogue, file.id, 0, bytes.subarray(0, file.piece));
    assert.equal(refused.status, 503, refused.text.slice(0, 300));
    await assert.rejects(startDialogue(load.anne, load.town.person('freja') ?? load.town.person('emil'), 'På en fuld disk'));
    await makeRoom();
    let state = { ...file, offset: 0 };
    await until('the upload goes on', async () => {
        const answer = await piece(load.anne, load.dialogue, file.id, state.offset, bytes.subarray(state.offset, state.offset + file.piece));
        if (answer.status === 200) state = answer.json;
        return state.offset === bytes.length;
    }, 10000);
    assert.equal((await finish(load.anne, load.dialogue, file.id)).status, 200);
    await startDialogue(load.anne, load.town.person('emil'), 'Igen plads');
    load.refusals.length = 0;
});

test('killed while the disk is full, it has everything when there is room', async () => {
    await fill();
    await postUntilRefused();
    await load.server.kill();
    // It may or may not start on a full disk; when it does not, it says why.
    await load.server.start().catch((error) => assert.match(error.message, /can't be|did not start/));
    await load.server.stop();
    await makeRoom();
    await load.server.start();
    await load.check('after a kill on a full disk');
    await load.server.stop();
    await load.verified('after a kill on a full disk');
});
