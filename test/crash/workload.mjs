// SPDX-License-Identifier: MPL-2.0
// People who write and read while things go wrong, and the record of what each of them was told.
import assert from 'node:assert/strict';
import { Town, circle } from '../support/town.mjs';
import { History, faultsOf, told } from './history.mjs';

/** A source of numbers that gives the same ones for the same seed. */
export function randomOf(seed) {
    let state = seed >>> 0;
    return () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
}

const unchanged = /Intet er ændret|Nothing was changed/;

export class Workload {
    history = new History();
    /** Answers to posts that were neither "done" nor "unknown": status and text. */
    refusals = [];
    #number = 0;

    /** 'front' gives, for the server, the address at which people reach it. The circle around Emil; anne, emil, mette and karim write. */
    static async start({ random = Math.random, topic = 'Nedbrud', front, ...options } = {}) {
        const load = new Workload();
        load.random = random;
        load.town = await Town.start({ plain: true, ...options });
        if (front) load.town.url = await front(load.town.server);   // where the people go
        Object.assign(load, await circle(load.town, topic));
        load.server = load.town.server;
        load.writers = [load.anne, load.emil, load.mette, load.karim];
        for (const writer of load.writers) await load.#token(writer);
        await load.anne.get('/session', { json: true });   // fetches what JSON is held against, which a server that is killed would not give
        return load;
    }

    async #token(writer) {
        writer.token ??= (await writer.get(`/dialogue/${this.dialogue}`)).page.form(`/dialogue/${this.dialogue}/post`)?.values.csrf;
        return writer.token;
    }

    /** One message. Gives { outcome, status }; no answer at all is 'unknown' with status 0. */
    async post(writer, { long = 200 } = {}) {
        const text = `${writer.id} besked ${++this.#number} ${'ø'.repeat(Math.floor(this.random() * long))}.`;
        const csrf = await this.#token(writer);
        return this.history.note({ kind: 'post', who: writer.id, text }, async () => {
            const answer = await writer.post(`/dialogue/${this.dialogue}/post`, { csrf, text }).catch(() => null);
            if (!answer) return { outcome: 'unknown', status: 0 };
            if (answer.status === 303) return { outcome: 'done', status: 303 };
            const words = answer.page.text();
            this.refusals.push({ status: answer.status, words, after: answer.headers['retry-after'] });
            return { outcome: unchanged.test(words) ? 'refused' : 'unknown', status: answer.status };
        });
    }

    /** One message, sent with the same key again and again until it is acknowledged, as a phone does whose network breaks. Gives how often it was sent. */
    async persist(writer, over = { now: false }) {
        const text = `${writer.id} besked ${++this.#number} igen og igen.`, key = String(1 + Math.floor(this.random() * 2 ** 50));
        const csrf = await this.#token(writer);
        let tries = 0;
        await this.history.note({ kind: 'post', who: writer.id, text }, async () => {
            while (!over.now) {
                tries++;
                const answer = await writer.post(`/dialogue/${this.dialogue}/post`, { csrf, text, key }).catch(() => null);
                if (answer?.status === 303) return { outcome: 'done' };
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            return { outcome: 'unknown' };
        });
        return tries;
    }

    /** All messages, from the newest back: the dialogue's own page would open at the reader's oldest unread one. Gives the status. */
    async read(reader) {
        const from = this.history.now();
        const texts = [];
        let before = `?before=${Number.MAX_SAFE_INTEGER}`;
        for (;;) {
            const answer = await reader.get(`/dialogue/${this.dialogue}${before}`, { json: true }).catch(() => null);
            if (answer?.status !== 200) {
                if (answer?.status === 404) this.history.records.push({ kind: 'denied', who: reader.id, from, until: this.history.now() });
                return answer?.status ?? 0;
            }
            texts.unshift(...answer.json.page.posts.map((post) => post.text));
            if (!answer.json.page.older_before || answer.json.page.older_before === '0') break;
            before = `?before=${answer.json.page.older_before}`;
        }
        this.history.records.push({ kind: 'read', who: reader.id, whole: true, texts, from, until: this.history.now() });
        return 200;
    }

    /** All writers write, one message after the other each, until 'over.now' or until nobody answers. 'over.begun' is called at each acknowledgement. */
    write(over, writers = this.writers) {
        return Promise.all(writers.map(async (writer) => {
            while (!over.now) {
                const { outcome, status } = await this.post(writer);
                if (outcome === 'done') over.begun?.();
                if (status === 0) return;
            }
        }));
    }

    count(outcome) {
        return this.history.records.filter((one) => one.kind === 'post' && one.outcome === outcome).length;
    }

    /** Nothing that was promised is broken, as far as the clients can see. Reads everything once more. */
    async check(what, reader = this.anne) {
        assert.equal(await this.read(reader), 200, `${what}: the messages can be read`);
        this.faultless(what);
    }

    faultless(what) {
        const faults = faultsOf(this.history.records);
        assert.equal(faults.length, 0, `${what}:\n${told(faults)}`);
    }

    async verified(what) {
        const found = await this.server.verify();
        assert.equal(found.code, 0, `${what}: ${found.stdout}${found.stderr}`);
    }

    close() {
        return this.town?.close();
    }
}
