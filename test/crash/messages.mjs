// SPDX-License-Identifier: MPL-2.0
// People who write one message after the other while something breaks, and what must be true of their messages afterwards.
import assert from 'node:assert/strict';
import { circle } from '../support/town.mjs';

/** Numbers that the same seed gives again. */
export function dice(seed) {
    let state = seed;
    return () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
}

export class Writers {
    sent = new Set();
    acknowledged = new Set();
    refused = new Set();
    #count = 0;

    static async of(town, topic) {
        const writers = new Writers();
        const people = await circle(town, topic);
        writers.dialogue = people.dialogue;
        writers.people = [people.anne, people.emil, people.mette, people.karim];
        for (const one of writers.people) {
            one.form = (await one.get(`/dialogue/${writers.dialogue}`)).page.form(`/dialogue/${writers.dialogue}/post`).values.csrf;
        }
        return writers;
    }

    /** One message: 'written', 'refused' (the server says that it is not there), or 'unknown' (no answer). */
    async write(person, more = '') {
        const text = `besked ${this.#count++} ${more}.`;
        this.sent.add(text);
        const answer = await person.post(`/dialogue/${this.dialogue}/post`, { csrf: person.form, text }).catch(() => null);
        if (!answer) return 'unknown';
        assert.ok([303, 503].includes(answer.status), `${answer.status} ${answer.text.slice(0, 200)}`);
        (answer.status === 303 ? this.acknowledged : this.refused).add(text);
        return answer.status === 303 ? 'written' : 'refused';
    }

    /** All of them write while something is done; 'when' is told how each of their messages fared. */
    async during(something, when = async () => {}) {
        let over = false;
        const work = async (person) => {
            while (!over) await when(await this.write(person, 'ø'.repeat(Math.floor(Math.random() * 200))));
        };
        // Whoever fails ends it for all.
        const workers = Promise.all(this.people.map(work));
        try {
            await Promise.race([something(), workers]);
        } finally {
            over = true;
        }
        await workers;
    }

    /** All messages, from the newest back: the dialogue's own page would open at the reader's oldest unread one. */
    async everything() {
        const texts = [];
        let before = `?before=${Number.MAX_SAFE_INTEGER}`;
        for (;;) {
            const { json } = await this.people[0].get(`/dialogue/${this.dialogue}${before}`, { json: true });
            texts.unshift(...json.page.posts.map((post) => post.text));
            if (!json.page.older_before || json.page.older_before === '0') return texts;
            before = `?before=${json.page.older_before}`;
        }
    }

    /** What was acknowledged is there once, nothing is there twice or otherwise than it was sent, and what was refused is not there. */
    async check(context) {
        const found = await this.everything();
        const counted = new Map();
        for (const text of found) counted.set(text, (counted.get(text) ?? 0) + 1);
        const wrong = {
            lost: [...this.acknowledged].filter((text) => !counted.has(text)),
            doubled: [...counted].filter(([, count]) => count > 1).map(([text]) => text),
            changed: found.filter((text) => !this.sent.has(text)),
            there_all_the_same: [...this.refused].filter((text) => counted.has(text)),
        };
        context.diagnostic(`${this.acknowledged.size} acknowledged, ${this.refused.size} refused, ${found.length} found, ${this.sent.size} sent`);
        for (const [what, texts] of Object.entries(wrong)) assert.deepEqual(texts.slice(0, 3), [], what);
    }
}
