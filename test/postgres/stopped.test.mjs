// SPDX-License-Identifier: MPL-2.0
// The database server breaks, ours does not. Under test/postgres/run with SAMTRAAD_POSTGRES_SYNC=1. STOPS sets how often the server is
// stopped as hard as it can be (10).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createConnection, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { sleep, until } from '../support/server.mjs';
import { Workload, randomOf } from '../crash/workload.mjs';

const stops = Number(process.env.STOPS ?? 10);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const random = randomOf(seed);
const control = (what) => promisify(execFile)(process.env.SAMTRAAD_POSTGRES_CONTROL, [what]);

/** Stands between our server and the database's; cuts a connection when it is asked to. */
class Cable {
    cut = null;   // 'before': the next commit of a writer does not arrive; 'after': its answer does not
    cuts = 0;

    async plug() {
        const socket = `${decodeURIComponent(/@([^/]+)/.exec(process.env.SAMTRAAD_POSTGRES)[1])}/.s.PGSQL.5432`;
        this.server = createServer((client) => this.#join(client, createConnection(socket)));
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        return this.server.address().port;
    }

    #join(client, database) {
        const both = [client, database];
        let silent = false;
        for (const one of both) one.on('error', () => {}).on('close', () => both.forEach((each) => each.destroy()));
        database.on('data', (bytes) => { if (!silent) client.write(bytes); });
        client.on('data', (bytes) => {
            const how = this.cut && bytes.includes('writer_turn') && bytes.includes('COMMIT') ? this.cut : null;
            if (how !== 'before') database.write(bytes);
            if (!how) return;
            this.cut = null;
            this.cuts++;
            silent = true;
            if (how === 'before') both.forEach((each) => each.destroy());
            else setTimeout(() => both.forEach((each) => each.destroy()), 100);
        });
    }

    unplug() {
        this.server?.close();
        this.server?.unref();
    }
}

let load, cable;
before(async () => {
    load = await Workload.start({ random });
    await load.server.stop();
    cable = new Cable();
    const port = await cable.plug();
    load.server.database.settings = `database = postgresql://samtraad@127.0.0.1:${port}/${load.server.database.name}\n`;
    await load.server.configure(load.server.settings);
    await load.server.start();
});
after(async () => {
    await load?.close();
    cable?.unplug();
});

/** All write, one message after the other each, while something is done; 'each' is told how each message fared. Who fails ends it for all. */
async function during(something, each = async () => {}) {
    let over = false;
    const work = async (writer) => { while (!over) await each(await load.post(writer)); };
    const workers = Promise.all(load.writers.map(work));
    try {
        await Promise.race([something(), workers]);
    } finally {
        over = true;
    }
    await workers;
}

const told = () => `${load.count('done')} acknowledged, ${load.count('refused')} refused, ${load.count('unknown')} without an answer`;

test('a commit that the connection breaks on is written once, whether it had arrived or not', async () => {
    for (let n = 0; n < 20; n++) {
        cable.cut = n % 2 ? 'before' : 'after';
        const { outcome } = await load.post(load.writers[n % 4]);
        assert.equal(outcome, 'done');
        assert.equal(cable.cut, null, 'the cable was cut');
    }
    assert.equal(cable.cuts, 20);
    assert.match(load.server.log, /the connection broke on it.*it is there/);
    assert.match(load.server.log, /the connection broke on it.*it is not there/);
    await load.check('after the cuts');
});

test('many write while commits are cut', async (context) => {
    await during(async () => {
        for (let n = 0; n < 30; n++) {
            cable.cut = random() < 0.5 ? 'before' : 'after';
            await until('the cable is cut', () => !cable.cut, 20000);
        }
    });
    assert.equal(load.count('unknown'), 0);
    await load.check('after the cuts');
    context.diagnostic(told());
});

test(`${stops} times the database server is stopped hard under load (SEED=${seed})`, { timeout: 60000 + stops * 15000 }, async (context) => {
    const back = [];
    const each = async ({ outcome }) => {
        assert.notEqual(outcome, 'unknown', 'our server answers');
        if (outcome === 'refused') await sleep(20);
        const { status } = await load.emil.get(`/dialogue/${load.dialogue}`);
        assert.ok([200, 503].includes(status), `a page: ${status}`);
    };
    await during(async () => {
        for (let n = 0; n < stops; n++) {
            await sleep(100 + random() * 300);
            await control('stop');
            await sleep(random() * 300);
            await control('start');
            const began = Date.now(), before = load.count('done');
            await until('messages are written again', () => load.count('done') > before + 3, 60000);
            back.push(Date.now() - began);
        }
    }, each);
    back.sort((a, b) => a - b);
    context.diagnostic(`back after ${back[back.length >> 1]} ms, at the worst ${back.at(-1)} ms; ${told()}`);
    await sleep(500);   // a reader that found the server away does not ask it again for a quarter of a second
    await load.check('after all stops');
    await load.server.stop();
    await load.verified('at the end');
});
