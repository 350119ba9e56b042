// SPDX-License-Identifier: MPL-2.0
// The master key's file is sealed by the key of a PKCS#11 token. Here that is SoftHSM's, which p11-kit knows from its package.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Town, circle, everything, write } from '../support/town.mjs';

let town, one, server, firstKey, pin, uri;

/** A token of its own folder, with an AES key called "master". */
async function makeToken(name) {
    const folder = path.join(server.folder, name), conf = `${folder}.conf`;
    await mkdir(folder, { mode: 0o700 });
    await writeFile(conf, `directories.tokendir = ${folder}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    const util = (...words) => execFileSync('softhsm2-util', words, { env: { ...process.env, SOFTHSM2_CONF: conf }, stdio: 'pipe' });
    util('--init-token', '--free', '--label', 'samtraad', '--so-pin', '87654321', '--pin', '1234');
    await writeFile(`${folder}.aes`, randomBytes(16).toString('hex'));   // softhsm2-util cuts a key at a zero and at a line feed
    const more = (id) => util('--import', `${folder}.aes`, '--aes', '--token', 'samtraad', '--label', 'master', '--id', id, '--pin', '1234');
    more('01');
    return { conf, more };
}

before(async () => {
    town = await Town.start();
    server = town.server;
    one = await circle(town, 'Chippen');
    await write(one.mette, one.dialogue, 'Skrevet med nøglen som fil');
    await server.stop();
    firstKey = (await readFile(server.key, 'utf8')).trim();
    pin = path.join(server.folder, 'pin');
    await writeFile(pin, '1234\n', { mode: 0o600 });
    uri = `pkcs11:token=samtraad;object=master?pin-source=${pin}`;
    process.env.SOFTHSM2_CONF = (await makeToken('first')).conf;
    await server.configure(`[rotate]\ntoken = ${uri}`);
    await server.start();
    one.mette = await town.signIn('mette');
});
after(() => town?.close());

const rotate = () => server.command('rotate', '--grace', '0');
const ok = (answer) => assert.equal(answer.code, 0, answer.stdout + answer.stderr);
const refused = (answer, why) => {
    assert.equal(answer.code, 1, answer.stdout);
    assert.match(answer.stderr, why);
};
const reads = async (...texts) => {
    const there = await everything(await town.signIn('emil'), one.dialogue);
    for (const text of texts) assert.ok(there.includes(text), text);
};

test('rotate brings the key from a file into one that the token seals, while people work', async () => {
    ok(await rotate());
    const file = await readFile(server.key, 'utf8');
    assert.match(file, new RegExp(`^samtraad sealed master key 1\ntoken ${uri.replace(/[?.]/g, '\\$&')}\nsealed [0-9a-f]{1500,3300}\n$`));
    assert.ok(!file.includes(firstKey) && !/^(key|carried|signing) /m.test(file), 'no key stands in it');
    await write(one.mette, one.dialogue, 'Skrevet bagefter');
    await server.restart();
    await reads('Skrevet med nøglen som fil', 'Skrevet bagefter');
});

test('a sealed file is rotated like any other, and stays sealed', async () => {
    const before = await readFile(server.key, 'utf8');
    const rotated = await rotate();
    ok(rotated);
    assert.match(rotated.stdout, /key 2 is destroyed/);
    const after = await readFile(server.key, 'utf8');
    assert.ok(after.startsWith('samtraad sealed') && after !== before);
    await server.restart();
    await reads('Skrevet med nøglen som fil', 'Skrevet bagefter');
    await server.stop();
    ok(await server.verify());
});

const useless = /sealed by a token of PKCS#11 that can't be used/;

test('without the token, with another of its name, or with a wrong PIN, nothing starts', async () => {
    const kept = process.env.SOFTHSM2_CONF;
    for (const wrong of [path.join(server.folder, 'no-such.conf'), (await makeToken('second')).conf]) {
        process.env.SOFTHSM2_CONF = wrong;
        refused(await server.verify(), useless);
        refused(await server.command('serve'), useless);
    }
    process.env.SOFTHSM2_CONF = kept;
    await writeFile(pin, '4321\n');
    refused(await server.verify(), useless);
    await writeFile(pin, '1234\n');
    await chmod(pin, 0o640);
    refused(await server.verify(), useless);
    await chmod(pin, 0o600);
    ok(await server.verify());
});

test('a sealed file that was changed opens nothing', async () => {
    const kept = `${server.key}.kept`, text = await readFile(server.key, 'utf8');
    await copyFile(server.key, kept);
    await chmod(server.key, 0o600);
    const at = text.length - 40;
    await writeFile(server.key, text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1));
    refused(await server.verify(), useless);
    for (const malformed of [text.replace('token ', 'tokens '), text.slice(0, -200), `${text}more\n`, text.replace(/^sealed .*$/m, 'sealed 00')]) {
        await writeFile(server.key, malformed);
        refused(await server.verify(), /malformed|can't be used/);
    }
    await writeFile(server.key, text);
    ok(await server.verify());
});

test('a PIN in the address, an address of nothing, or one of two keys is refused, and the file stays as it was', async () => {
    const text = await readFile(server.key, 'utf8');
    for (const wrong of [`pkcs11:token=samtraad;object=master?pin-value=1234`, 'pkcs11:token=samtraad;object=master', `pkcs11:token=samtraad?pin-source=${pin}`, 'master']) {
        await server.configure(`[rotate]\ntoken = ${wrong}`);
        refused(await rotate(), /rotate\.token: pkcs11:token=/);
    }
    await server.configure(`[rotate]\ntoken = ${uri.replace('object=master', 'object=another')}`);
    refused(await rotate(), /can't be replaced; nothing has changed/);
    assert.equal(await readFile(server.key, 'utf8'), text);
    await server.configure('');
    ok(await server.verify());
});
