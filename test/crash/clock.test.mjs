// SPDX-License-Identifier: MPL-2.0
// The machine's clock jumps: ten years ahead and back, an hour at the turn of summer time. Messages and the log keep their order, and
// what has an end (sessions, consents, invitations) keeps it: a wrong clock may end it early, never late.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { until } from '../support/server.mjs';
import { invite, startDialogue } from '../support/town.mjs';
import { Workload, randomOf } from './workload.mjs';

let load;
before(async () => { load = await Workload.start({ random: randomOf(4), clock: true }); });
after(() => load?.close());

/** Signs everybody in anew, as they have to after a leap of the clock, and gives the writers. */
async function everybodyAgain() {
    for (const name of ['anne', 'emil', 'mette', 'karim']) {
        load[name] = await load.town.signIn(name);
        load[name].token = undefined;
    }
    load.writers = [load.anne, load.emil, load.mette, load.karim];
}

const postAll = async (what) => {
    for (const writer of load.writers) assert.equal((await load.post(writer)).outcome, 'done', `${what}: ${writer.id} writes`);
};

const signedIn = async (client) => (await client.get(`/dialogue/${load.dialogue}`)).status === 200;

/** Runs 'act' with the server's clock shifted, on the running server. */
async function at(offset, act) {
    await load.server.shiftClock(offset);
    await act();
}

test('ten years ahead and back: messages and the log keep their order, before and after a restart', async () => {
    await postAll('before');
    await at('+3650d', async () => {
        assert.ok(!(await signedIn(load.anne)), 'a session of ten years ago is over');
        await everybodyAgain();
        await postAll('ten years ahead');
        await load.server.restart();
        await postAll('ten years ahead, after a restart');
    });
    await load.verified('ten years ahead');
    await at('+0', async () => {
        await everybodyAgain();
        await postAll('back');
        await load.check('back again');
        await load.server.restart();
        await postAll('back, after a restart');
        await load.check('back again, after a restart');
    });
    await load.server.stop();
    await load.verified('back again');
    await load.server.start();
});

test('ten years back and forth: the same', async () => {
    await at('-3650d', async () => {
        await everybodyAgain();
        await postAll('ten years back');
        await load.server.restart();
        await postAll('ten years back, after a restart');
        await load.check('ten years back');
    });
    await at('+0', async () => {
        await everybodyAgain();
        await postAll('back');
        await load.check('back from the past');
    });
    await load.server.stop();
    await load.verified('back from the past');
    await load.server.start();
});

test('a session that began under a clock that ran ahead does not live on for those years', async () => {
    const offset = 3650;
    await load.server.shiftClock(`+${offset}d`);
    const ahead = await load.town.signIn('anne');
    assert.ok(await signedIn(ahead));
    await load.server.shiftClock('+0');
    await load.server.shiftClock('+9h');
    assert.ok(!(await signedIn(ahead)), 'nine hours later it is over, whatever the clock said when it began');
    await load.server.shiftClock('+0');
    await everybodyAgain();
});

test('a consent and an invitation end by the clock, and a leap there and back gives nobody more', async () => {
    const later = await startDialogue(load.anne, load.town.person('emil'), 'Med samtykke');
    await mustAgree(load.anne, later, load.emil.name);
    await answer(load.emil, await propose(load.anne, later, 'Jonas Dam'), 'all', 3);
    const link = await invite(load.anne, load.dialogue, { name: 'Freja Lind', relation: 'moster' });
    const seen = async () => (await (await load.town.signIn('jonas')).get(`/dialogue/${later}`)).status;
    const opened = async () => (await (await load.town.signIn('stranger')).open(link)).page.form(link) !== undefined;
    assert.deepEqual([await seen(), await opened()], [200, true]);
    for (const [offset, reads, opens] of [['+60d', 200, false], ['+200d', 404, false], ['+3650d', 404, false], ['-3650d', 200, true], ['+0', 200, true]]) {
        await load.server.shiftClock(offset);
        assert.deepEqual([await seen(), await opened()], [reads, opens], offset);
    }
    // What runs by itself closes what has ended, and a clock that is put back does not open it.
    await load.server.shiftClock('+200d');
    await load.server.restart();
    await until('it has ended', async () => (await seen()) === 404);
    await load.server.shiftClock('+0');
    await load.server.restart();
    await everybodyAgain();
});

test('an hour twice, an hour missing: at the turns of summer time the order holds', async () => {
    const now = Date.now();
    for (const turn of ['2027-03-28T00:59:58Z', '2027-10-31T00:59:58Z']) {
        await load.server.shiftClock(`+${Math.round((Date.parse(turn) - now) / 1000)}`);
        await everybodyAgain();
        for (let round = 0; round < 3; round++) await postAll(turn);
        await new Promise((resolve) => setTimeout(resolve, 2500));
        await postAll(`${turn}, behind it`);
        await load.check(turn);
    }
    await load.server.stop();
    await load.verified('after both turns');
});
