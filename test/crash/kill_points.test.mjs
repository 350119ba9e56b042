// SPDX-License-Identifier: MPL-2.0
// Killed at a chosen point: instead of its n-th write or fsync of a file, the server dies. After each, the restart finds everything that
// was acknowledged, once and in order, and the log holds. KILL_POINTS sets how many of them (24); there are a hundred or so.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workload, randomOf } from './workload.mjs';
import { counted, counts, injected, plain } from './strace.mjs';

const points = Number(process.env.KILL_POINTS ?? 24);
const calls = ['pwrite64', 'write', 'fdatasync', 'fsync', 'ftruncate'];
const each = 3;   // messages of each writer

let load;
before(async () => { load = await Workload.start({ random: randomOf(1) }); });
after(() => load?.close());

/** A life of the server: start, a few messages of each writer, an orderly end. It may be cut short anywhere. */
async function live() {
    await load.server.start().catch((error) => { if (!/the server ended/.test(error.message)) throw error; });
    await Promise.all(load.writers.map(async (writer) => {
        for (let n = 0; n < each; n++) if ((await load.post(writer)).status === 0) return;
    }));
    return load.server.stop();
}

/** So many of them, evenly over 1 … last. */
const spread = (last, many) => Array.from({ length: Math.min(last, many) }, (_, n) => 1 + Math.floor((n * last) / Math.min(last, many)));

test(`killed at ${points} writes and fsyncs`, { timeout: 3600000 }, async (context) => {
    await load.server.stop();
    counted(load.server, calls);
    assert.deepEqual(await live(), { code: 0, signal: null });
    const most = await counts(load.server);
    assert.ok(most.pwrite64 > 10 && most.fdatasync > 3, `the server writes to the files that are watched: ${JSON.stringify(most)}`);
    const all = Object.values(most).reduce((sum, count) => sum + count, 0);
    let killed = 0, tried = 0;
    for (const call of calls.filter((name) => most[name])) {
        for (const when of spread(most[call], Math.max(2, Math.round((points * most[call]) / all)))) {
            const what = `killed at ${call} number ${when}`;
            injected(load.server, call, 'signal=SIGKILL', when);
            const end = await live();
            tried++;
            killed += end.signal === 'SIGKILL' ? 1 : 0;
            plain(load.server);
            await load.verified(what);
            await load.server.start();
            await load.check(what);
            await load.server.stop();
        }
    }
    context.diagnostic(`${JSON.stringify(most)}: ${killed} of ${tried} killed; ${load.count('done')} acknowledged, ${load.count('unknown')} without an answer`);
    assert.ok(killed >= tried * 0.7, 'most of the points were reached');
    assert.deepEqual(load.refusals, [], 'nobody was refused');
});
