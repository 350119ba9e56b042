// SPDX-License-Identifier: MPL-2.0
// What the person who runs the server meets: the commands, their order, their words when something is missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { binary, until } from '../support/server.mjs';

let folder, data, key;
before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'samtraad-'));
    data = path.join(folder, 'data');
    key = `${data}.key`;
});
after(() => rm(folder, { recursive: true, force: true }));

/** Starts the program; gives the process with what it has said in .out. */
function begin(...args) {
    const child = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    child.out = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { child.out += text; });
    const patience = setTimeout(() => child.kill('SIGKILL'), 20000);
    child.once('close', () => clearTimeout(patience));
    child.ended = once(child, 'close').then(([code, signal]) => ({ code, signal, out: child.out }));
    return child;
}

const run = (...args) => begin(...args).ended;

async function serve(...more) {
    const child = begin('serve', '--data', data, '--port', '0', ...more);
    const [, port] = await until('the server says that it is ready', () => child.out.match(/ready on port (\d+)/));
    child.url = `http://localhost:${port}`;
    return child;
}

test('whoever mistypes is told what there is', async () => {
    for (const args of [[], ['serv'], ['serve', '--prot', '1'], ['help', 'nothing'], ['init', 'word']]) {
        const { code, out } = await run(...args);
        assert.equal(code, 2, args.join(' '));
        assert.match(out, /samtraad/);
    }
    const { code, out } = await run('help', 'serve');
    assert.equal(code, 0);
    assert.match(out, /--port/);
});

test('nothing runs before init has made the folder', async () => {
    for (const command of ['serve', 'verify']) {
        const { code, out } = await run(command, '--data', data);
        assert.equal(code, 1);
        assert.match(out, /samtraad init/);
    }
});

test('init makes a folder for this user only, and the key beside it', async () => {
    assert.equal((await run('init', '--data', data)).code, 0);
    assert.equal((await stat(data)).mode & 0o777, 0o700);
    assert.equal((await stat(key)).mode & 0o777, 0o400);
    const before = await readFile(key, 'utf8');
    assert.equal((await run('init', '--data', data)).code, 0);
    assert.equal(await readFile(key, 'utf8'), before, 'a second time changes nothing');
});

test('the key never lies in the folder', async () => {
    const { code, out } = await run('init', '--data', data, '--key', path.join(data, 'key'));
    assert.equal(code, 1);
    assert.match(out, /outside the data folder/);
});

test('without its key a database is left alone', async () => {
    await rename(key, `${key}.away`);
    for (const command of ['init', 'serve', 'verify']) {
        const { code, out } = await run(command, '--data', data);
        assert.equal(code, 1);
        assert.match(out, /master key/);
    }
    await rename(`${key}.away`, key);
});

test('another key is refused before anything is read or written', async () => {
    const other = path.join(folder, 'other.key');
    await writeFile(other, `${'5'.repeat(64)}\n`, { mode: 0o400 });
    for (const command of ['serve', 'verify', 'init']) {
        const { code, out } = await run(command, '--data', data, '--key', other);
        assert.equal(code, 1);
        assert.match(out, /another than the data folder's/);
    }
});

test('only one server runs on a folder; verify runs beside it', async () => {
    const server = await serve();
    const second = await run('serve', '--data', data, '--port', '0');
    assert.equal(second.code, 1);
    assert.match(second.out, /another samtraad/);
    const verified = await run('verify', '--data', data);
    assert.equal(verified.code, 0, verified.out);
    assert.match(verified.out, /the log holds/);
    server.kill('SIGTERM');
    assert.deepEqual({ ...(await server.ended), out: '' }, { code: 0, signal: null, out: '' });
});

test('the program leaves no core and lets nobody look into it', async () => {
    const server = await serve();
    const limits = await readFile(`/proc/${server.pid}/limits`, 'utf8');
    assert.match(limits, /Max core file size\s+0\s+0/);
    assert.equal((await stat(`/proc/${server.pid}/mem`)).uid, 0, 'not dumpable: its files in /proc are root\'s');
    server.kill('SIGINT');
    assert.equal((await server.ended).code, 0);
});

test('who asks twice to stop does not wait', async () => {
    const server = await serve();
    const { hostname, port } = new URL(server.url);
    const { connect } = await import('node:net');
    const slow = connect(Number(port), hostname).on('error', () => {});
    await once(slow, 'connect');
    slow.write('POST /login/demo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf');
    server.kill('SIGTERM');
    await until('it has begun to stop', () => server.out.includes('event=stopping'));
    server.kill('SIGTERM');
    const { code, signal } = await server.ended;
    assert.ok(signal === 'SIGTERM' || code === 0);
    slow.destroy();
});

test('every setting that nobody knows is named, with its line', async () => {
    const config = path.join(folder, 'samtraad.conf');
    await writeFile(config, 'prot = 8080\nworkers = 1\n[jornal]\ndeliver = /tmp\n');
    const server = await serve('--config', config);
    assert.match(server.out, /setting=prot line=1 /);
    assert.match(server.out, /setting=jornal.deliver line=4 /);
    assert.doesNotMatch(server.out, /setting=workers/);
    server.kill('SIGTERM');
    await server.ended;
});

test('where a server can not listen, the log says what is wrong with the place', async () => {
    const taken = await serve(), { port } = new URL(taken.url), beside = path.join(folder, 'beside');
    assert.equal((await run('init', '--data', beside)).code, 0);
    for (const [address, at, expected] of [['127.0.0.1', port, /a port that no other program listens on/], ['192.0.2.1', port, /an address of this machine/],
        ['localhost', port, /a numeric IPv4 or IPv6 address/]]) {
        const { code, out } = await run('serve', '--data', beside, '--address', address, '--port', at);
        assert.equal(code, 1);
        assert.match(out, expected);
    }
    taken.kill('SIGTERM');
    await taken.ended;
});

test('a front that does not say https is told of in the log, once', async () => {
    const config = path.join(folder, 'front.conf');
    await writeFile(config, 'base_url = https://samtraad.kommune.example\nbehind_proxy = 1\n');
    const server = await serve('--config', config), told = () => server.out.match(/event=front expected="X-Forwarded-Proto: https/g)?.length ?? 0;
    const visit = async (headers) => (await fetch(`${server.url}/login`, { headers })).headers.get('set-cookie');
    assert.match(await visit({ 'X-Forwarded-Proto': 'https' }), /^__Host-samtraad=.*; Secure$/);
    assert.equal(told(), 0);
    for (let n = 0; n < 2; n++) assert.doesNotMatch(await visit({}), /Secure/);
    server.kill('SIGTERM');
    await server.ended;
    assert.equal(told(), 1, server.out);
});

test('the journal of systemd learns how grave a line is; a file does not', async () => {
    for (const journal of [true, false]) {
        const file = await open(path.join(folder, `log-${journal}`), 'w'), { dev, ino } = await file.stat();
        const child = spawn(binary, ['serve', '--data', data, '--port', '0', '--address', 'nowhere'], { cwd: folder, stdio: ['ignore', 'ignore', file.fd],
            env: { ...process.env, JOURNAL_STREAM: journal ? `${dev}:${ino}` : `${dev}:1` } });
        await once(child, 'close');
        await file.close();
        const text = await readFile(path.join(folder, `log-${journal}`), 'utf8');
        assert.match(text, journal ? /^<3>time=\S+ level=error event=listen /m : /^time=\S+ level=error event=listen /m);
    }
});

test('root is told to run a command as the user whose folder it is, and leaves nothing there', async () => {
    const words = process.getuid() === 0 ? [] : ['sudo', '-n'], asRoot = (...line) => {
        const [name, ...args] = [...words, ...line];
        return spawnSync(name, args, { encoding: 'utf8' });
    };
    const theirs = path.join(folder, 'theirs');
    await mkdir(theirs, { mode: 0o700 });
    assert.equal(asRoot('chown', 'nobody', theirs).status, 0);
    const config = path.join(folder, 'theirs.conf');
    await writeFile(config, `data = ${theirs}/data\nkey = ${theirs}/key\nshares = ${theirs}/shares\n`);
    const left = () => asRoot('find', theirs, '-mindepth', '1').stdout;
    for (const folderIsThere of [false, true]) {
        if (folderIsThere) assert.equal(asRoot('install', '-d', '-o', 'nobody', '-m', '700', `${theirs}/data`).status, 0);
        const before = left();
        for (const command of ['init', 'serve', 'status', 'verify', 'check-config', 'backup']) {
            const { status, stderr } = asRoot(binary, command, '--config', config);
            assert.equal(status, 1, `${command} ${stderr}`);
            assert.match(stderr, new RegExp(`belongs to the user nobody.*\n +runuser -u nobody -- samtraad ${command}`));
        }
        assert.equal(left(), before);
    }
    asRoot('rm', '-r', theirs);
});

test('a server whose keeper or spawner was killed ends, so that it is started anew', async () => {
    for (const which of [0, 1]) {
        const server = await serve();
        const children = (await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')).trim().split(' ');
        assert.equal(children.length, 2);
        process.kill(Number(children[which]), 'SIGKILL');
        const { code, out } = await server.ended;
        assert.equal(code, 1);
        assert.match(out, /event=stopping reason=failure/);
    }
    const again = await serve();
    assert.equal((await fetch(`${again.url}/healthz`)).status, 200);
    again.kill('SIGTERM');
    assert.equal((await again.ended).code, 0);
});
