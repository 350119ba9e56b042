// SPDX-License-Identifier: MPL-2.0
// A data folder that an earlier release has made opens in this one: test/fixtures/*.tar.gz, each with its key (made for this, and of no use
// to anybody), its shares, and what is to be found in it. A release adds its own: RELEASE=1.2 makes test/fixtures/release-1.2.tar.gz. None is ever changed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePort, Server } from '../support/server.mjs';
import { send, upload } from '../support/files.mjs';
import { Town, circle, everything, write } from '../support/town.mjs';

const fixtures = path.resolve(import.meta.dirname, '../fixtures');
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

if (process.env.RELEASE) {
    test(`makes the fixture of release ${process.env.RELEASE}`, async () => {
        const town = await Town.start();
        const one = await circle(town, 'Skrevet i en tidligere udgave');
        const texts = ['Den første besked', 'Æbler, øller og ål', 'En besked til alle'];
        await write(one.mette, one.dialogue, texts[0]);
        await write(one.karim, one.dialogue, texts[1]);
        const number = await write(one.anne, one.dialogue, 'Før den blev rettet');
        await one.anne.submit(`/dialogue/${one.dialogue}/post/${number}/edit`, `/dialogue/${one.dialogue}/post/${number}/edit`, { text: texts[2] });
        const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from('en lille fil'.repeat(200))]);
        const file = await upload(one.emil, one.dialogue, 'brev.pdf', bytes);
        const post = await send(one.emil, one.dialogue, 'Med brev', file.id);
        await town.server.stop();
        await town.server.sql('VACUUM');
        await writeFile(path.join(town.server.folder, 'expected.json'),
            JSON.stringify({ dialogue: one.dialogue, texts: [...texts, 'Med brev'], file: { number: post.number, id: file.id, sha256: digest(bytes) } }));
        execFileSync('tar', ['-C', town.server.folder, '--owner=0', '--group=0', '-czf', path.join(fixtures, `release-${process.env.RELEASE}.tar.gz`),
            'data/samtraad.db', 'data/checkpoints.jsonl', 'data/log.pub', 'data/files', 'data.shares', 'master.key', 'expected.json']);
        await town.close();
    });
}

for (const name of (await readdir(fixtures)).filter((each) => each.endsWith('.tar.gz'))) {
    test(`${name} opens, holds, and can be read and written in`, async () => {
        assert.ok((await stat(path.join(fixtures, name))).size < 500_000);
        const server = new Server(await mkdtemp(path.join(tmpdir(), 'samtraad-')), await freePort());
        try {
            execFileSync('tar', ['-C', server.folder, '--no-same-owner', '-xzf', path.join(fixtures, name)]);
            await mkdir(path.join(server.folder, 'cores'));
            server.demo = true;
            await server.configure('');
            const expected = JSON.parse(await readFile(path.join(server.folder, 'expected.json'), 'utf8'));
            const before = await server.verify();
            assert.equal(before.code, 0, before.stdout + before.stderr);

            await server.start();
            const town = Object.assign(new Town(), { server });
            for (const id of ['mette', 'emil', 'anne', 'karim']) {
                assert.deepEqual(await everything(await town.signIn(id), expected.dialogue), expected.texts, id);
            }
            const anne = await town.signIn('anne');
            const fetched = await anne.get(`/dialogue/${expected.dialogue}/post/${expected.file.number}/file/${expected.file.id}/whole`);
            assert.equal(digest(fetched.bytes), expected.file.sha256);
            await write(anne, expected.dialogue, 'Skrevet i en senere udgave');
            assert.ok((await everything(await town.signIn('mette'), expected.dialogue)).includes('Skrevet i en senere udgave'));
            await server.stop();
            const after = await server.verify();
            assert.equal(after.code, 0, after.stdout);
        } finally {
            await server.remove();
            await rm(server.folder, { recursive: true, force: true });
        }
    });
}

test('there is a fixture', async () => {
    assert.ok((await readdir(fixtures)).length > 0);
});
