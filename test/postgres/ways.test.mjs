// SPDX-License-Identifier: MPL-2.0
// How often a page and a message wait for the database's server: somebody stands between the two and counts. On a network each way there and back is
// most of what a page takes.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { databaseAt } from '../support/database.mjs';
import { sleep } from '../support/server.mjs';
import { Town, circle, startDialogue } from '../support/town.mjs';

const [, user, host] = /^postgresql:\/\/(\w+)@([^/]+)$/.exec(process.env.SAMTRAAD_POSTGRES);
const socket = '.s.PGSQL.5432';

/** One connection's messages to the server: the type, a length, and what it says. The first has no type. A round ends with 'S', and is waited for unless it only ends a read. */
class Ear {
    #rest = Buffer.alloc(0);
    #started = false;
    #round = [];
    writes = false;
    waits = 0;

    hear(bytes) {
        this.#rest = Buffer.concat([this.#rest, bytes]);
        for (;;) {
            const head = this.#started ? 1 : 0;
            if (this.#rest.length < head + 4) return;
            const length = head + this.#rest.readUInt32BE(head);
            if (this.#rest.length < length) return;
            if (this.#started) this.#note(String.fromCharCode(this.#rest[0]), this.#rest.subarray(5, length).toString('latin1'));
            this.#started = true;
            this.#rest = this.#rest.subarray(length);
        }
    }

    #note(type, text) {
        if (text.includes('pg_advisory_xact_lock')) this.writes = true;
        if (type !== 'S') this.#round.push([type, text]);
        if (type === 'S' || type === 'Q') {
            const asked = this.#round.filter(([one]) => one === 'E' || one === 'Q').length;
            const ends = asked === 1 && this.#round.some(([one, said]) => one === 'P' && said.startsWith('\0COMMIT\0'));
            if (asked > 0 && (!ends || this.writes)) this.waits++;
            this.#round = [];
        }
    }
}

const ears = [];
let folder, between, town;
const sum = (writes) => ears.filter((one) => one.writes === writes).reduce((all, one) => all + one.waits, 0);
const counts = () => ({ reading: sum(false), writing: sum(true) });

/** How often something waits that was done before: the least of three times, since others' work comes in between now and then. */
async function waitsOf(something) {
    const waits = { reading: Infinity, writing: Infinity };
    await something();
    for (let i = 0; i < 3; i++) {
        await sleep(300);
        const begun = counts();
        await something();
        await sleep(300);
        const ended = counts();
        for (const which of ['reading', 'writing']) waits[which] = Math.min(waits[which], ended[which] - begun[which]);
    }
    return waits;
}

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'samtraad-ways-'));
    between = createServer((client) => {
        const server = connect(path.join(decodeURIComponent(host), socket)), ear = new Ear();
        ears.push(ear);
        client.on('data', (bytes) => { ear.hear(bytes); server.write(bytes); }).on('close', () => server.destroy()).on('error', () => {});
        server.on('data', (bytes) => client.write(bytes)).on('close', () => client.destroy()).on('error', () => {});
    });
    await new Promise((resolve) => { between.listen(path.join(folder, socket), resolve); });
    town = await Town.start({ plain: true, settings: 'workers = 1\n', database: () => databaseAt((name) => `postgresql://${user}@${encodeURIComponent(folder)}/${name}`) });
});
after(async () => {
    await town?.close();
    between.close();
    await rm(folder, { recursive: true, force: true });
});

const page = async (person, dialogue) => assert.equal((await person.get(`/dialogue/${dialogue}`)).status, 200);

/** Sends a message as from a page that is open already, each another. */
async function sender(person, dialogue) {
    const form = `/dialogue/${dialogue}/post`, shown = await person.get(`/dialogue/${dialogue}`);
    const fields = { ...shown.page.form(form, 'text').values, text: 'Besked' };
    let key = 1000;
    return async () => assert.equal((await person.post(form, { ...fields, key: String(++key) })).status, 303);
}

test('a page of a dialogue waits twice: for who asks, and for what it shows of them; once more for what somebody has just changed', async () => {
    const { dialogue, karim, emil } = await circle(town, 'Veje');
    for (const person of [karim, emil]) {
        const waits = await waitsOf(() => page(person, dialogue));
        assert.deepEqual(waits, { reading: 2, writing: 3 }, person.name);   // and its record: its turn, itself, the commit
    }
    const send = await sender(karim, dialogue);
    const alone = await waitsOf(send), both = await waitsOf(async () => { await send(); await page(emil, dialogue); });
    assert.equal(both.reading - alone.reading, 3);
});

test('a message waits for its turn, with all that it asks, for itself and for the commit: like whatever is written', async () => {
    const { dialogue, karim } = await circle(town, 'Beskeder');
    assert.deepEqual(await waitsOf(await sender(karim, dialogue)), { reading: 1, writing: 3 });
});

test('a start page waits no longer for twenty dialogues than for one', async () => {
    const anne = await town.as('anne');
    const start = async () => assert.equal((await anne.get('/')).status, 200);
    await startDialogue(anne, town.person('emil'), 'Den første');
    const few = await waitsOf(start);
    for (let i = 0; i < 20; i++) await startDialogue(anne, town.person('emil'), `Nummer ${i}`);
    const many = await waitsOf(start);
    assert.deepEqual(many, few);
    assert.ok(many.reading <= 4, JSON.stringify(many));
});
