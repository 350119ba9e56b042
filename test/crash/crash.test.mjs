// SPDX-License-Identifier: MPL-2.0
// Writers and readers at work, kill -9 at random moments, start again: every acknowledged message is there once and in its order, no
// other appears changed or in half, who was excluded stays so, and the log holds. CRASHES sets how often (200).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep } from '../support/server.mjs';
import { exclude } from '../support/town.mjs';
import { Workload, randomOf } from './workload.mjs';

const rounds = Number(process.env.CRASHES ?? 200);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const random = randomOf(seed);

let load;
before(async () => { load = await Workload.start({ random }); });
after(() => load?.close());

/** Somebody loses access while the others write, and asks again and again. */
async function excludeOne() {
    await load.history.note({ kind: 'revoke', who: load.jonas.id }, async () => {
        await exclude(load.anne, load.dialogue, load.jonas.name);
        return { outcome: 'done' };
    });
}

test(`${rounds} times kill -9 (SEED=${seed})`, { timeout: 900000 }, async (context) => {
    for (let round = 1; round <= rounds; round++) {
        const over = { now: false };
        const begun = new Promise((resolve) => { over.begun = resolve; });
        if (round === Math.ceil(rounds / 2)) await excludeOne();
        const work = load.write(over);
        const reading = round % 8 === 0 ? load.read(load.jonas) : null;
        // Two times of three in the middle of the work, however slow the machine is; one time of three whenever it may be.
        if (round % 3) await Promise.race([begun, sleep(30000)]);
        await sleep(random() * 60);
        over.now = true;
        await load.server.kill();
        await Promise.all([work, reading]);
        await load.verified(`after kill ${round}`);
        await load.server.start();
    }
    assert.equal(await load.read(load.jonas), 404, 'who was excluded stays excluded');
    await load.check('after all kills');
    context.diagnostic(`${load.count('done')} acknowledged, ${load.count('unknown')} without an answer, ${load.history.records.at(-1).texts.length} found`);
    assert.ok(load.count('done') > rounds / 2, 'the writers got work done');
    assert.deepEqual(load.refusals, [], 'nobody was refused');
    await load.server.stop();
    await load.verified('at the end');
});
