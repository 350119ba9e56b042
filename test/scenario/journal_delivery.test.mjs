// SPDX-License-Identifier: MPL-2.0
// From the journal to the case system: whole, once, and with an answer; whatever breaks on the way.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { send, upload } from '../support/files.mjs';
import { file, fileOf, journalOf } from '../support/journal.mjs';
import { photo } from '../support/pictures.mjs';
import { Server, binary, freePort, sleep, until } from '../support/server.mjs';
import { Town, circle, startDialogue, write } from '../support/town.mjs';

const settings = (deliver, more = '') => `[journal]\ndeliver = ${deliver}\nretry_seconds = 1\npoll_seconds = 1\n${more}`;
const entryOf = async (client, dialogue, entry) => (await client.get(`/dialogue/${dialogue}/journal/${entry}`, { json: true })).json;
const stateIs = (client, dialogue, entry, ...states) => until(`the entry is ${states}`, async () => {
    const found = await entryOf(client, dialogue, entry);
    return states.includes(found.state_key) && found;
}, 20000);

function checkParcel(folder, entry) {
    const parcel = path.join(folder, `samtraad-${entry}`);
    const manifest = JSON.parse(readFileSync(path.join(parcel, 'manifest.json'), 'utf8'));
    assert.equal(manifest.entry, entry);
    assert.deepEqual(readdirSync(parcel).sort(), [...manifest.files.map((one) => one.name), 'manifest.json'].sort());
    for (const { name, bytes, sha256 } of manifest.files) {
        const content = readFileSync(path.join(parcel, name));
        assert.equal(content.length, bytes);
        assert.equal(createHash('sha256').update(content).digest('hex'), sha256, name);
    }
    return { parcel, manifest };
}

const answer = (folder, entry, value) => {
    const name = path.join(folder, `samtraad-${entry}.receipt.json`);
    writeFileSync(`${name}.new`, typeof value === 'string' ? value : JSON.stringify({ entry, ...value }));
    renameSync(`${name}.new`, name);
};

describe('into a folder', () => {
    let town, anne, dialogue, folder;
    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), 'samtraad-target-'));
        town = await Town.start({ settings: settings(folder, 'tries = 3\n') });
        anne = await town.as('anne');
        dialogue = await startDialogue(anne, town.person('emil'), 'Overdragelse');
        await write(anne, dialogue, 'Vi har aftalt støtte i hjemmet.');
    });
    after(async () => {
        await town?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    test('the parcel comes whole, proves itself, and the receipt brings the case number', async () => {
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Støtte i hjemmet' });
        await stateIs(anne, dialogue, entry, 'delivered');
        const { parcel, manifest } = checkParcel(folder, entry);
        assert.equal(manifest.theme, 'Støtte i hjemmet');
        assert.deepEqual(readFileSync(path.join(parcel, 'package.json')), (await fileOf(anne, dialogue, entry, 'package')).bytes);
        for (const name of ['package.json', 'journal.pdf']) {
            const checked = await town.server.command('verify', '--file', path.join(parcel, name), '--proof', path.join(parcel, `${name}.proof`),
                '--log-key', path.join(town.server.data, 'log.pub'));
            assert.equal(checked.code, 0, checked.stdout + checked.stderr);
        }
        const code = (await entryOf(anne, dialogue, entry)).code;
        assert.ok(execFileSync('pdftotext', [path.join(parcel, 'journal.pdf'), '-'], { encoding: 'utf8' }).includes(code));

        answer(folder, entry, { state: 'accepted', case: '2026-1234', message: 'Modtaget af sagsarkivet' });
        const accepted = await stateIs(anne, dialogue, entry, 'accepted');
        assert.equal(accepted.case_number, '2026-1234');
        const page = (await anne.open(`/dialogue/${dialogue}/journal/${entry}`)).page.text();
        for (const words of ['Er på sagen', 'Sag 2026-1234', 'Modtaget af sagsarkivet']) assert.ok(page.includes(words), words);
        assert.deepEqual(readdirSync(folder).filter((name) => !name.endsWith('.json')), [`samtraad-${entry}`]);
    });

    test('pictures and files go along, each with its hash', async () => {
        const other = await startDialogue(anne, town.person('emil'), 'Med bilag');
        const letter = randomBytes(600000);
        await send(anne, other, 'Se her', (await upload(anne, other, 'hule.jpg', photo(640, 400))).id, (await upload(anne, other, 'brev.docx', letter)).id);
        const entry = await file(anne, other, { scope: 'all', theme: 'Bilag' });
        await stateIs(anne, other, entry, 'delivered');
        const { parcel, manifest } = checkParcel(folder, entry);
        assert.deepEqual(manifest.files.slice(4).map((one) => one.name), ['picture-0001.webp', 'file-0002.docx']);
        assert.deepEqual(readFileSync(path.join(parcel, 'file-0002.docx')), letter);
        // What the case system has can be drawn anew, and gives the same pages.
        const again = execFileSync(binary, ['journal-pdf'], { input: Buffer.concat(['package.json', 'picture-0001.webp'].map((name) => readFileSync(path.join(parcel, name)))) });
        assert.deepEqual(again, readFileSync(path.join(parcel, 'journal.pdf')));
    });

    test('a side talk of employees is handed over as well, with its reason', async () => {
        const place = await circle(town, 'Ved siden af');
        const { people } = (await anne.get(`/dialogue/${place.dialogue}/side`, { json: true })).json;
        const jonas = people.findIndex((one) => one.name === 'Jonas Dam');
        const until = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen' }).format(Date.now() + 2 * 864e5);
        const begun = await anne.post(`/dialogue/${place.dialogue}/side`, { csrf: await anne.csrf(), name: 'Bekymring', reason: 'Vi skal afklare en underretning', until,
            [`person${jonas + 1}`]: people[jonas].person });
        assert.equal(begun.status, 303, begun.page.text().slice(0, 400));
        const side = /\/dialogue\/(\d+)$/.exec(begun.headers.location)[1];
        await write(anne, side, 'Hvad så du?');
        const entry = await file(anne, side, { scope: 'all', theme: 'Sidesamtale' });
        await stateIs(anne, side, entry, 'delivered');
        const { parcel } = checkParcel(folder, entry);
        const data = JSON.parse(readFileSync(path.join(parcel, 'package.json'), 'utf8'));
        assert.deepEqual([data.dialogue.side.of, data.dialogue.side.reason, data.dialogue.citizen], [place.dialogue, 'Vi skal afklare en underretning', 'Emil Østergaard Lund']);
        assert.match(execFileSync('pdftotext', [path.join(parcel, 'journal.pdf'), '-'], { encoding: 'utf8' }), /Sidesamtale for ansatte, fordi: Vi skal afklare/);
    });

    test('an entry that the case system refuses is told, and its messages wait anew', async () => {
        await write(anne, dialogue, 'Til en lukket sag');
        const entry = await file(anne, dialogue, { scope: 'rest', theme: 'Afvist' });
        assert.equal((await journalOf(anne, dialogue)).missing, 0);
        await stateIs(anne, dialogue, entry, 'delivered');
        answer(folder, entry, { state: 'refused', message: 'Sagen er lukket' });
        const refused = await stateIs(anne, dialogue, entry, 'refused');
        assert.equal(refused.message, 'Sagen er lukket');
        assert.equal((await journalOf(anne, dialogue)).missing, 1);
        assert.equal((await town.server.command('verify')).code, 0);
    });

    test('a receipt that is none changes nothing, until a good one comes', async () => {
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Kvitteringer' });
        await stateIs(anne, dialogue, entry, 'delivered');
        for (const wrong of ['', '{', '[]', '{"state":"accepted"}', { entry: '1', state: 'accepted' }, { state: 'perhaps' }, { state: 'accepted', case: 'x'.repeat(101) },
            { state: 'accepted', case: 'a\nb' }, { state: 'accepted', message: 7 }, `{"entry":"${entry}","entry":"${entry}","state":"accepted"}`, 'x'.repeat(70000)]) {
            answer(folder, entry, wrong);
            await sleep(150);
        }
        await sleep(1500);
        assert.equal((await entryOf(anne, dialogue, entry)).state_key, 'delivered');
        answer(folder, entry, { state: 'accepted', case: '<b>12</b>' });
        await stateIs(anne, dialogue, entry, 'accepted');
        assert.ok(!(await anne.open(`/dialogue/${dialogue}/journal`)).text.includes('<b>12</b>'), 'what others write is shown as text');
    });

    test('while the folder is gone it is tried again; then it comes, once', async () => {
        renameSync(folder, `${folder}-away`);
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Mappen er væk' });
        await until('a first try', async () => /journal-deliver .*errno=2/.test(town.server.log));
        renameSync(`${folder}-away`, folder);
        await stateIs(anne, dialogue, entry, 'delivered');
        checkParcel(folder, entry);
    });

    test('after enough tries somebody has to look; the coordinator sends it again', async () => {
        renameSync(folder, `${folder}-away`);
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Opgivet' });
        await stateIs(anne, dialogue, entry, 'failed');
        const page = await anne.open(`/dialogue/${dialogue}/journal/${entry}`);
        assert.ok(page.page.text().includes('Kunne ikke sendes'));
        renameSync(`${folder}-away`, folder);
        assert.equal((await anne.submit(page, `/dialogue/${dialogue}/journal/${entry}/retry`, {})).status, 303);
        await stateIs(anne, dialogue, entry, 'delivered');
        checkParcel(folder, entry);
        assert.equal((await anne.post(`/dialogue/${dialogue}/journal/${entry}/retry`, { csrf: await anne.csrf() })).status, 422, 'what is not failed is not sent again');
    });

    test('something else that lies there under that name is not touched', async () => {
        renameSync(folder, `${folder}-away`);
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Optaget' });
        mkdirSync(path.join(`${folder}-away`, `samtraad-${entry}`));
        writeFileSync(path.join(`${folder}-away`, `samtraad-${entry}`, 'other.txt'), 'mine');
        renameSync(`${folder}-away`, folder);
        await stateIs(anne, dialogue, entry, 'failed');
        assert.deepEqual(readdirSync(path.join(folder, `samtraad-${entry}`)), ['other.txt']);
    });

    test('killed in the middle, again and again: exactly one whole parcel of each entry', async () => {
        const entries = [];
        for (let round = 0; round < 6; round++) {
            entries.push(await file(anne, dialogue, { scope: 'all', theme: `Runde ${round}` }));
            await sleep(150 * round);
            await town.server.kill();
            await town.server.start();
        }
        for (const entry of entries) await stateIs(anne, dialogue, entry, 'delivered');
        for (const entry of entries) checkParcel(folder, entry);
        assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('.')), [], 'nothing half is left');
        assert.equal((await town.server.command('verify')).code, 0);
    });
});

describe('over SFTP', () => {
    let town, anne, dialogue, folder, keys, sshd, port;

    async function startSshd() {
        sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path.join(keys, 'sshd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
        sshd.log = '';
        sshd.stderr.setEncoding('utf8').on('data', (text) => { sshd.log += text; });
        await until('sshd listens', async () => /listening on/.test(sshd.log));
    }

    async function stopSshd() {
        const ended = new Promise((resolve) => sshd.once('close', resolve));
        sshd.kill();
        await ended;
    }

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), 'samtraad-target-'));
        keys = mkdtempSync(path.join(tmpdir(), 'samtraad-ssh-'));
        port = await freePort();
        for (const name of ['host', 'client']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(keys, name)]);
        writeFileSync(path.join(keys, 'authorized'), readFileSync(path.join(keys, 'client.pub')));
        chmodSync(path.join(keys, 'authorized'), 0o600);
        writeFileSync(path.join(keys, 'sshd.conf'), [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${keys}/host`, `PidFile ${keys}/pid`, 'UsePAM no', 'StrictModes no',
            `AuthorizedKeysFile ${keys}/authorized`, 'PasswordAuthentication no', 'PermitRootLogin yes', 'Subsystem sftp internal-sftp', ''].join('\n'));
        if (process.getuid() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });   // sshd's own demand of whoever starts it as root
        await startSshd();
        const print = execFileSync('ssh-keygen', ['-lf', path.join(keys, 'host.pub')], { encoding: 'utf8' }).split(' ')[1];
        town = await Town.start({ settings: settings(`sftp://${userInfo().username}@127.0.0.1:${port}${folder}`, `sftp_key = ${keys}/client\nsftp_host_key = ${print}\n`) });
        anne = await town.as('anne');
        dialogue = await startDialogue(anne, town.person('emil'), 'Til en anden maskine');
        await write(anne, dialogue, 'Besked til sagen');
    });
    after(async () => {
        await town?.close();
        if (sshd?.exitCode === null) await stopSshd();
        for (const name of [folder, keys]) rmSync(name, { recursive: true, force: true });
    });

    test('the parcel comes whole, and its receipt is found', async () => {
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Over nettet' });
        await stateIs(anne, dialogue, entry, 'delivered');
        checkParcel(folder, entry);
        assert.deepEqual(readdirSync(folder), [`samtraad-${entry}`]);
        answer(folder, entry, { state: 'accepted', case: 'S-77' });
        assert.equal((await stateIs(anne, dialogue, entry, 'accepted')).case_number, 'S-77');
    });

    test('while the other machine is down it waits; killed in the middle, it still comes once', async () => {
        await stopSshd();
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Nede' });
        await until('a try that failed', async () => new RegExp(`journal-deliver .*entry=${entry} try=1`).test(town.server.log));
        await startSshd();
        for (let round = 0; round < 4; round++) {
            await sleep(120 * round);
            await town.server.kill();
            await town.server.start();
        }
        await stateIs(anne, dialogue, entry, 'delivered');
        checkParcel(folder, entry);
        assert.deepEqual(readdirSync(folder).filter((name) => name.includes(entry)), [`samtraad-${entry}`]);
    });

    test('a machine with another key gets nothing', async () => {
        await stopSshd();
        rmSync(path.join(keys, 'host'));
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(keys, 'host')]);
        await startSshd();
        const entry = await file(anne, dialogue, { scope: 'all', theme: 'Falsk' });
        await until('a try that failed', async () => new RegExp(`journal-deliver .*entry=${entry} try=1 errno=13`).test(town.server.log));
        assert.deepEqual(readdirSync(folder).filter((name) => name.includes(entry)), []);
    });
});

describe('settings', () => {
    test('a place that is none, an address without its key: the server says so and does not start', async () => {
        for (const [wrong, words] of [['relative/folder', 'expected a folder'], ['ftp://x/y', 'expected a folder'], ['sftp://x@y/z', 'sftp_host_key']]) {
            const server = await Server.prepare({ settings: settings(wrong) });
            const { code, stderr } = await server.command('serve', '--port', String(server.port));
            await server.remove();
            assert.notEqual(code, 0, wrong);
            assert.ok(stderr.includes(words), `${wrong}: ${stderr}`);
        }
    });
});
