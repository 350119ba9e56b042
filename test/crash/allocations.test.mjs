// SPDX-License-Identifier: MPL-2.0
// There is no memory: the n-th allocation of a request fails, alone or with all that follow, for each n that there is. Nobody crashes,
// nothing is acknowledged that is not kept, nothing leaks. ALLOCATIONS sets how many n of each request are tried (30); all: 100000.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '../support/client.mjs';
import { Workload, randomOf } from './workload.mjs';

const most = Number(process.env.ALLOCATIONS ?? 30);
let load, control;

before(async () => {
    load = await Workload.start({ random: randomOf(5) });
    await load.server.stop();
    const shim = path.join(load.server.folder, 'allocation_shim.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', shim, fileURLToPath(new URL('allocation_shim.c', import.meta.url))]);
    const file = path.join(load.server.folder, 'allocation');
    writeFileSync(file, Buffer.alloc(4096));
    control = openSync(file, 'r+');
    load.server.variables = { LD_PRELOAD: shim, ALLOCATION_CONTROL: file };
    await load.server.start();
});
after(() => load?.close());

function set(at, value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(control, bytes, 0, 8, at);
}

function get(at) {
    const bytes = Buffer.alloc(8);
    readSync(control, bytes, 0, 8, at);
    return Number(bytes.readBigInt64LE());
}

/** Runs 'act' while its allocation number n fails. Gives whether there were so many. */
async function without(n, lasting, act) {
    set(16, 0);
    set(8, lasting ? 1 : 0);
    set(0, n);
    await act();
    set(0, 0);
    set(8, 0);
    return get(16) > 0;
}

/** How many allocations the act takes. */
async function allocationsOf(act) {
    const far = 1e12;
    for (let n = 0; n < 12; n++) await act();   // what each worker makes once is there
    set(0, far);
    await act();
    const used = far - get(0);
    set(0, 0);
    return used;
}

const spread = (last, many) => Array.from({ length: Math.min(last, many) }, (_, n) => 1 + Math.floor((n * last) / Math.min(last, many)));
const quiet = (promise) => promise.then((answer) => answer.status, () => 0);

const requests = {
    'writing a message': () => load.post(load.anne, { long: 2000 }).then((learnt) => learnt.status),
    'reading the dialogue': () => quiet(load.emil.get(`/dialogue/${load.dialogue}`)),
    'reading it as JSON': () => quiet(load.mette.get(`/dialogue/${load.dialogue}`, { json: true })),
    'searching': () => quiet(load.karim.get('/search?q=besked')),
    'who has read': () => quiet(load.emil.get('/log')),
    'signing in and the first page': async () => {
        const client = new Client(load.server.url);
        client.id = 'jonas';
        const { page } = await client.open('/login');
        const form = page.all('form').find((one) => page.text(one).includes('Jonas Dam'));
        if (!form) return 503;
        const answer = await client.post('/login/demo', page.values(form));
        return answer.status === 303 ? quiet(client.get('/')) : answer.status;
    },
    'a live stream': async () => {
        const stream = await load.jonas.stream(`/dialogue/${load.dialogue}/live`);
        stream.close();
        return stream.status;
    },
};

for (const [name, request] of Object.entries(requests)) {
    test(`${name}: each allocation that fails is a refusal at most`, { timeout: 600000 }, async (context) => {
        const safely = () => request().catch(() => 0);
        const pid = load.server.pid;
        const needed = await allocationsOf(request);
        const answers = new Map();
        const grown = [];
        let struck = 0, tried = 0;
        // What is kept on purpose is made once, in one pass or another; what leaks, leaks in each.
        while (grown.length < 2 || (grown.length < 10 && Math.min(...grown) > 1)) {
            const live = get(24);
            for (const n of spread(needed, most)) {
                for (const lasting of [false, true]) {
                    let status;
                    struck += (await without(n, lasting, async () => { status = await safely(); })) ? 1 : 0;
                    tried++;
                    answers.set(status, (answers.get(status) ?? 0) + 1);
                    assert.ok([0, 200, 303, 500, 503].includes(status), `allocation ${n}: ${status}`);
                    assert.equal((await fetch(`${load.server.url}/healthz`).catch(() => null))?.status, 200, `allocation ${n}${lasting ? ' and on' : ''}: alive\n${load.server.log.slice(-2500)}`);
                }
            }
            for (let n = 0; n < 3; n++) assert.ok([200, 303].includes(await request()), 'and goes on');
            grown.push(get(24) - live);
        }
        context.diagnostic(`${needed} allocations, ${struck} of ${tried} failed; answers ${JSON.stringify([...answers])}; ${grown.join(', ')} blocks more after each pass`);
        assert.equal(load.server.pid, pid);
        assert.ok(struck > tried / 4, 'allocations did fail');
        assert.ok(Math.min(...grown) < 2, `${grown.join(', ')} blocks are left behind`);
    });
}

test('what was acknowledged without memory is there, what was refused is not, and the log holds', async () => {
    assert.ok(load.refusals.length > 0, 'some were refused');
    await load.check('after all failures');
    load.refusals.length = 0;
    assert.deepEqual(await load.server.stop(), { code: 0, signal: null });
    load.server.variables = {};
    await load.verified('after all failures');
});
