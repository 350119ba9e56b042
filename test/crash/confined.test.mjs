// SPDX-License-Identifier: MPL-2.0
// Whoever takes over the server's process gets little further: tried from inside the running server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../support/server.mjs';
import { Workload, randomOf } from './workload.mjs';

const { EACCES, EPERM, ECONNREFUSED, EAFNOSUPPORT } = constants.errno;
const shimOf = (folder) => path.join(folder, 'confined_probe.so');
let load, outside;

before(async () => {
    load = await Workload.start({ random: randomOf(6) });
    await load.server.stop();
    const { folder } = load.server;
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shimOf(folder), fileURLToPath(new URL('confined_probe.c', import.meta.url))]);
    load.server.variables = { LD_PRELOAD: shimOf(folder), PROBE_FOLDER: folder };
    outside = createServer((socket) => socket.destroy());
    await new Promise((resolve) => outside.listen(0, '127.0.0.1', resolve));
    await load.server.start();
});
after(async () => {
    outside?.close();
    await load?.close();
});

const statusOf = (pid) => Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/)));
const childrenOf = (pid) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
        return statusOf(name).PPid === String(pid);
    } catch {
        return false;   // has ended meanwhile
    }
});
const isGone = (pid) => {
    try {
        return statusOf(pid).State.startsWith('Z');
    } catch {
        return true;
    }
};
const child = (name) => childrenOf(load.server.pid).find((pid) => statusOf(pid).Name === name);
const keeper = () => child('samtraad-keeper');
const spawner = () => child('samtraad-spawn');

test('the server, each of its threads, the keeper and the spawner have no capabilities, no way to new ones, and a filter for system calls', () => {
    const pids = [...readdirSync(`/proc/${load.server.pid}/task`).map((thread) => `${load.server.pid}/task/${thread}`), keeper(), spawner()];
    assert.ok(pids.length > 3);
    for (const pid of pids) {
        const { CapEff, CapPrm, NoNewPrivs, Seccomp } = statusOf(pid);
        assert.deepEqual({ pid, CapEff, CapPrm, NoNewPrivs, Seccomp }, { pid, CapEff: '0'.repeat(16), CapPrm: '0'.repeat(16), NoNewPrivs: '1', Seccomp: '2' });
    }
    assert.equal(statusOf(load.server.pid).CapBnd, '0'.repeat(16));
});

test('from inside: no key, no other file, no program, not even its own, no other process, no other server', async () => {
    await writeFile(path.join(load.server.data, 'probe'), `${keeper()} ${outside.address().port}`);
    process.kill(load.server.pid, 'SIGUSR2');
    const told = await until('the probe is done', async () => {
        const text = await readFile(path.join(load.server.data, 'probe.out'), 'utf8');
        return /^done 0$/m.test(text) && Object.fromEntries(text.trim().split('\n').map((line) => [line.replace(/ \d+$/, ''), Number(/\d+$/.exec(line)[0])]));
    });
    // 1 to ABI 3 of Landlock have no rules for ports.
    const ports = !/event=landlock/.test(load.server.log);
    const may = { 'connects to the usual port': ECONNREFUSED, done: 0 };
    for (const [attempt, error] of Object.entries(told)) {
        if (attempt in may) assert.equal(error, may[attempt], attempt);
        else if (attempt === 'connects elsewhere') assert.equal(error, ports ? EACCES : 0, attempt);
        else assert.ok([EACCES, EPERM, EAFNOSUPPORT].includes(error), `${attempt}: ${error}`);
    }
    assert.equal(Object.keys(told).length, 24, Object.keys(told).join(', '));
});

test('and it works on: messages, restarts, an orderly end', async () => {
    assert.equal((await load.post(load.anne)).outcome, 'done');
    await load.check('after the probe');
    assert.doesNotMatch(load.server.log, /key-exposed/);
    const children = [keeper(), spawner()];
    assert.deepEqual(await load.server.stop(), { code: 0, signal: null });
    assert.ok(children.every(isGone), 'and nothing of it is left');
});

test('killed, it leaves neither keeper nor spawner behind', async () => {
    await load.server.start();
    const children = [keeper(), spawner()];
    assert.ok(!children.some(isGone));
    await load.server.kill();
    await until('they are gone', () => children.every(isGone));
});
