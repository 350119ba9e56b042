// SPDX-License-Identifier: MPL-2.0
// The disk gives errors: the n-th write, fsync or read of the server's files fails, once or from then on. The server does not crash, and
// acknowledges nothing that it does not have; who is refused is told in plain words what became of the message; what was left in
// doubt ends the server, and a restart finds all that was acknowledged. DISK_ERRORS sets how many (24).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep } from '../support/server.mjs';
import { Workload, randomOf } from './workload.mjs';
import { counted, counts, injected, plain, struck } from './strace.mjs';

const points = Number(process.env.DISK_ERRORS ?? 24);
const each = 3;   // messages of each writer
const kinds = [
    { call: 'fdatasync', error: 'EIO', share: 6 },
    { call: 'fsync', error: 'EIO', share: 1 },
    { call: 'pwrite64', error: 'EIO', share: 6 },
    { call: 'pwrite64', error: 'ENOSPC', share: 5 },
    { call: 'fdatasync', error: 'ENOSPC', share: 2 },
    { call: 'pread64', error: 'EIO', share: 3 },
    { call: 'write', error: 'ENOSPC', share: 1 },
];
const calls = [...new Set(kinds.map((kind) => kind.call))];

let load;
before(async () => { load = await Workload.start({ random: randomOf(2) }); });
after(() => load?.close());

/** Whether the server still runs after a few messages of each writer. */
async function live() {
    await Promise.all(load.writers.map(async (writer) => {
        for (let n = 0; n < each; n++) if ((await load.post(writer)).status === 0) return;
        await load.read(writer);
    }));
    // A server in doubt ends by itself within a second or two.
    if (/event=commit/.test(load.server.log.slice(load.began))) await Promise.race([load.server.ended, sleep(10000)]);
}

/** Start, work, end. Gives how it ended, and whether it had started at all. */
async function life() {
    load.began = load.server.log.length;
    const started = await load.server.start().then(() => true, (error) => { if (!/the server ended/.test(error.message)) throw error; });
    if (started) await live();
    return { started, ...(await load.server.stop()) };
}

/** What every refusal must be: one of our own pages, which says what became of the message. */
function plainWords(what) {
    for (const { status, words, after } of load.refusals) {
        assert.ok([500, 503].includes(status), `${what}: ${status} ${words.slice(0, 200)}`);
        assert.match(words, /Intet er ændret|Måske er det gemt, måske ikke/, what);
        if (status === 503) assert.ok(Number(after) > 0, `${what}: says when to come again`);
    }
    return load.refusals.splice(0);
}

const spread = (last, many) => Array.from({ length: Math.min(last, many) }, (_, n) => 1 + Math.floor((n * last) / Math.min(last, many)));

test(`${points} errors of the disk`, { timeout: 3600000 }, async (context) => {
    await load.server.stop();
    counted(load.server, calls);
    assert.deepEqual(await life(), { started: true, code: 0, signal: null });
    const most = await counts(load.server);
    const all = kinds.reduce((sum, kind) => sum + kind.share, 0);
    let hit = 0, tried = 0, doubts = 0, refused = 0;
    for (const { call, error, share } of kinds.filter((kind) => most[kind.call])) {
        for (const [index, when] of spread(most[call], Math.max(1, Math.round((points * share) / all))).entries()) {
            const lasting = index % 2 === 1;
            const what = `${error} from ${call} number ${when}${lasting ? ' on' : ''}`;
            injected(load.server, call, `error=${error}`, `${when}${lasting ? '+' : ''}`);
            const end = await life();
            tried++;
            hit += (await struck(load.server)) ? 1 : 0;
            assert.equal(end.signal, null, `${what}: no crash\n${load.server.log.slice(-1500)}`);
            assert.ok(end.code === 0 || end.code === 1, `${what}: ends in order, ${end.code}`);
            const refusals = plainWords(what);
            refused += refusals.length;
            doubts += refusals.filter((one) => /Måske/.test(one.words)).length;
            plain(load.server);
            await load.verified(what);
            await load.server.start();
            await load.check(what);
            await load.server.stop();
        }
    }
    context.diagnostic(`${JSON.stringify(most)}: ${hit} of ${tried} struck; ${load.count('done')} acknowledged, ${refused} refused, ${doubts} of them in doubt`);
    assert.ok(hit >= tried * 0.7, 'most of the errors struck');
    assert.ok(doubts > 0 && refused > doubts, 'both kinds of refusal were seen');
});

test('reads and writes that move only a part are gone on with, and nobody notices', { timeout: 120000 }, async () => {
    const shim = path.join(load.server.folder, 'short_shim.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, fileURLToPath(new URL('short_shim.c', import.meta.url))]);
    load.server.variables = { LD_PRELOAD: shim, SHORT_FOLDER: load.server.folder };
    assert.deepEqual(await life(), { started: true, code: 0, signal: null });
    load.server.variables = {};
    const said = load.server.log.slice(load.began);
    assert.match(said, /short_shim: the first one was cut/);
    assert.doesNotMatch(said, /level=error/);
    assert.deepEqual(load.refusals, [], 'nobody was refused');
    await load.verified('with short reads and writes');
    await load.server.start();
    await load.check('with short reads and writes');
});
