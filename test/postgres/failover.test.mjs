// SPDX-License-Identifier: MPL-2.0
// Three servers behind a front, a database server with a standby that confirms each commit and takes reads: servers are killed, and the database server too, under load.
// ROUNDS sets how often (2).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workload, randomOf } from '../crash/workload.mjs';
import { Cluster } from '../support/cluster.mjs';
import { Front } from '../support/front.mjs';
import { sleep, until } from '../support/server.mjs';
import { exclude, write } from '../support/town.mjs';

const rounds = Number(process.env.ROUNDS ?? 2);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const random = randomOf(seed);

let cluster, front, load, nodes, listeners = [];
before(async () => {
    cluster = await Cluster.start();
    load = await Workload.start({
        random, settings: 'nodes = 3', database: () => cluster.database(),
        front: async (server) => {
            nodes = [server, await server.beside(), await server.beside()];
            await Promise.all(nodes.slice(1).map((node) => node.start()));
            front = await Front.start(server.folder, nodes.map((node) => node.port));
            return front.url;
        },
    });
});
after(async () => {
    for (const listener of listeners) listener.over = true;
    for (const node of nodes ?? []) await node.stop();
    await front?.stop();
    await cluster?.stop();   // and the database with it: without a standby nobody could remove that
    if (load) load.server.database.remove = async () => {};
    await load?.close();
});

/** A page that is left open: its stream, opened again whenever it ends. Counts what it hears. */
class Listener {
    heard = [];
    opened = 0;
    over = false;

    constructor(person, target) {
        this.done = this.#listen(person, target);
    }

    async #listen(person, target) {
        while (!this.over) {
            const stream = await person.stream(target).catch(() => null);
            if (stream?.status === 200) {
                this.opened++;
                this.stream = stream;
                await stream.closed;
                this.heard.push(...stream.events);
                this.stream = null;
            } else {
                stream?.close();
            }
            await sleep(100);
        }
    }

    get events() {
        return [...this.heard, ...(this.stream?.events ?? [])];
    }

    stop() {
        this.over = true;
        this.stream?.close();
        return this.done;
    }
}

/** Everybody writes and reads while something is done. */
async function during(something) {
    const over = { now: false };
    const writing = load.writers.map(async (writer, at) => {
        while (!over.now) {
            if (at % 2) await load.persist(writer, over);
            else await load.post(writer);
            await sleep(5);
        }
    });
    const reading = [load.emil, load.jonas].map(async (reader) => { while (!over.now) { await load.read(reader); await sleep(20); } });
    try {
        await something();
    } finally {
        over.now = true;
    }
    await Promise.all([...writing, ...reading]);
}

const progress = async (what, limit = 60000) => {
    const before = load.count('done');
    await until(`messages are written ${what}`, () => load.count('done') > before + 20, limit)
        .catch((error) => { throw new Error(`${error.message}\n${nodes.map((node) => node.log.slice(-1500)).join('\n---\n')}\n${cluster.primary.log.slice(-1500)}`); });
};

async function heardBy(listeners) {
    const text = `Er I her? ${random()}`;
    const number = await write(load.anne, load.dialogue, text);
    load.history.records.push({ kind: 'post', who: load.anne.id, text, from: 0, until: load.history.now(), outcome: 'unknown' });
    for (const listener of listeners) await until('the streams hear', () => listener.events.some((event) => event.name === 'post' && Number(event.data) >= number), 30000);
}

const waiting = async () => Number(await cluster.primary.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));

test('a message whose commit waited for the standby when the database server fell is acknowledged once the standby has it, not before', async () => {
    await cluster.standby.kill();
    let answer = null;
    const posting = load.post(load.mette).then((one) => { answer = one; });
    await until('its commit waits for the standby', async () => await waiting() > 0);
    await cluster.primary.kill();
    await cluster.primary.start();
    // It is in the database now, though the standby has not got it: read so, it would be lost with this machine.
    await until('whoever asks whether it is there waits for the standby as well', async () => answer || await waiting() > 0, 30000);
    await sleep(1500);
    assert.equal(answer, null, JSON.stringify(answer));
    await cluster.standby.start();
    await until('the standby confirms', async () => await cluster.primary.sql('SELECT sync_state FROM pg_stat_replication') === 'sync', 30000);
    await posting;
    assert.equal(answer.outcome, 'done');
    await load.check('after the wait');
});

test(`servers and the database server are killed under load (SEED=${seed})`, { timeout: 120000 + rounds * 120000 }, async (context) => {
    listeners = [load.anne, load.emil, load.mette].map((person) => new Listener(person, `/dialogue/${load.dialogue}/live`));
    const back = { node: [], database: [] };
    for (let round = 0; round < rounds; round++) {
        await during(async () => {
            await progress('before');
            const victim = nodes[Math.floor(random() * 3)];
            let began = Date.now();
            await victim.kill();
            await progress('while a server is down');
            back.node.push(Date.now() - began);
            await victim.start();
            if (round === 0) {
                await load.history.note({ kind: 'revoke', who: load.jonas.id }, async () => {
                    await until('Jonas is excluded', () => exclude(load.anne, load.dialogue, load.jonas.name).then(() => true), 20000);
                    return { outcome: 'done' };
                });
            }
            await progress('with all servers');
            began = Date.now();
            await cluster.failOver();
            await progress('on the standby that took over');
            back.database.push(Date.now() - began);
        });
        assert.equal(await load.read(load.jonas), 404, 'who was excluded stays excluded');
        await load.check(`after round ${round + 1}`);
        await heardBy(listeners);
        if (round + 1 < rounds) await cluster.copy();
    }
    const leaders = nodes.map((node) => (node.log.match(/does what is to be done once/g) ?? []).length);
    context.diagnostic(`back after ${back.node} ms without a server, after ${back.database} ms without the database server; ${load.count('done')} acknowledged, ` +
        `${load.count('refused')} refused, ${load.count('unknown')} without an answer; streams opened ${listeners.map((one) => one.opened)} times; led ${leaders} times`);
    assert.ok(leaders.reduce((a, b) => a + b) > rounds, 'the lead moved on');
    assert.ok(listeners.every((one) => one.opened > 1), 'the streams came again by themselves');
    for (const listener of listeners) await listener.stop();
    for (const node of nodes) await node.stop();
    await load.verified('at the end');
});
