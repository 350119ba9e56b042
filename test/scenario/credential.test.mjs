// SPDX-License-Identifier: MPL-2.0
// The master key comes from systemd: a file in $CREDENTIALS_DIRECTORY. Here the test makes that folder as systemd does.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Town, circle, everything, write } from '../support/town.mjs';

let town, one, server, source, credentials;
before(async () => {
    town = await Town.start();
    server = town.server;
    one = await circle(town, 'Nøglen');
    await write(one.mette, one.dialogue, 'Skrevet med nøglen som fil');
    await server.stop();
    source = path.join(server.folder, 'root-only.key');
    credentials = path.join(server.folder, 'credentials');
    await rename(server.key, source);
    await mkdir(credentials, { mode: 0o700 });
    server.key = 'credential:master.key';
    server.variables = { CREDENTIALS_DIRECTORY: credentials };
});
after(() => town?.close());

/** What systemd does at a unit's start. */
async function handOver(mode = 0o400) {
    await rm(path.join(credentials, 'master.key'), { force: true });
    await copyFile(source, path.join(credentials, 'master.key'));
    await chmod(path.join(credentials, 'master.key'), mode);
}

/** A command within the unit (or, without the folder, outside of it). */
function command(name, { folder = credentials, key = server.key } = {}, ...more) {
    const env = { ...process.env, CREDENTIALS_DIRECTORY: folder };
    if (!folder) delete env.CREDENTIALS_DIRECTORY;
    const [program, ...words] = server.words(name, '--key', key, ...more);
    return new Promise((resolve) => execFile(program, words, { env, timeout: 60000 }, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr })));
}

const refused = (answer, why) => {
    assert.notEqual(answer.code, 0, answer.stdout);
    assert.match(answer.stderr, why);
};

test('the server reads with it what was written before, and can not read the key itself any more', async () => {
    await handOver();
    await server.start();
    assert.ok((await everything(one.emil, one.dialogue)).includes('Skrevet med nøglen som fil'));
    await write(one.mette, one.dialogue, 'Skrevet med en nøgle fra systemd');
    assert.doesNotMatch(server.log, /key-exposed/);
    const checked = await command('check-config');
    assert.doesNotMatch(checked.stdout, /^key = /m);
});

test('rotates: the file it is made of gets the new key, while the server runs, and the next start takes it from there', async () => {
    refused(await command('rotate'), /a credential can't be replaced.*--key FILE/);
    const rotated = await command('rotate', { folder: null, key: source }, '--grace', '0');
    assert.equal(rotated.code, 0, rotated.stdout + rotated.stderr);
    assert.match(await readFile(source, 'utf8'), /^key 2 /m);
    assert.ok((await everything(one.emil, one.dialogue)).includes('Skrevet med en nøgle fra systemd'));
    await server.stop();
    await handOver();
    await server.start();
    assert.ok((await everything(one.emil, one.dialogue)).includes('Skrevet med en nøgle fra systemd'));
    await server.stop();
    assert.equal((await command('verify')).code, 0);
});

test('may show the mask of an access list where a group stands, and nothing more; elsewhere not even that', async () => {
    await handOver(0o440);
    assert.equal((await command('verify')).code, 0);
    for (const mode of [0o444, 0o460, 0o404]) {
        await handOver(mode);
        refused(await command('verify'), /others may read the master key/);
        assert.match((await command('check-config')).stdout, /nobody else may read/, mode.toString(8));
    }
    await handOver(0o440);
    refused(await command('verify', { folder: server.folder, key: path.join(credentials, 'master.key') }), /others may read the master key/);
});

test('is asked for in words that help when it is not there', async () => {
    refused(await command('verify', { folder: null }), /LoadCredential=NAME:FILE.*not set/);
    for (const key of ['credential:', 'credential:../root-only.key', 'credential:.']) refused(await command('verify', { key }), /expected "credential:NAME"/);
    refused(await command('verify', { key: 'credential:other' }), /the master key is not there/);
    refused(await command('init', { key: 'credential:other', folder: credentials }, '--data', path.join(server.folder, 'fresh'), '--database', path.join(server.folder, 'fresh/samtraad.db')), /Make the key first/);
});
