// SPDX-License-Identifier: MPL-2.0
// What clients have seen, checked against what the server promises. Knows nothing of the server: only the clients' own records.
//
//     node test/crash/history.mjs FILE…      one record a line (JSON); prints what is wrong; ends with 1 if anything is
//
// Records. 'from' and 'until' are milliseconds of one clock: when the client asked, and when it had the answer.
//     { kind: 'post', who, text, from, until, outcome }    outcome: 'done' (acknowledged), 'refused' (the server says that nothing was
//                                                          changed), 'unknown' (no answer, or one that leaves it open)
//     { kind: 'read', who, from, until, texts, whole }     the messages in their order; whole: all there are, not the newest of them
//     { kind: 'denied', who, from, until }                 a read that was refused
//     { kind: 'revoke', who, from, until, outcome }        whose access ended
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const shorten = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Keeps the records while the clients work. */
export class History {
    records = [];

    constructor(now = () => performance.now()) {
        this.now = now;
    }

    /** Runs 'act', which gives what the client learnt ({ outcome, texts, … }), and notes it with its times. */
    async note(record, act) {
        const from = this.now();
        const learnt = await act();
        this.records.push({ ...record, from, until: this.now(), ...learnt });
        return learnt;
    }

    get lines() {
        return this.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    }
}

function index(records) {
    const posts = new Map();
    for (const post of records.filter((record) => record.kind === 'post')) {
        if (posts.has(post.text)) throw new Error(`two posts with the same text can't be told apart: ${shorten(post.text)}`);
        posts.set(post.text, post);
    }
    const reads = records.filter((record) => record.kind === 'read').sort((a, b) => a.from - b.from);
    const revoked = new Map();
    for (const one of records) if (one.kind === 'revoke' && one.outcome === 'done') revoked.set(one.who, Math.min(one.until, revoked.get(one.who) ?? Infinity));
    return { posts, reads, revoked };
}

/** Each message once, sent by somebody before it was seen, and not one that the server said it had not taken. */
function* strange(read, posts) {
    const seen = new Set();
    for (const text of read.texts) {
        const post = posts.get(text);
        if (seen.has(text)) yield { fault: 'doubled', text };
        seen.add(text);
        if (!post) yield { fault: 'never sent', text };
        else if (post.from > read.until) yield { fault: 'seen before it was sent', text };
        else if (post.outcome === 'refused') yield { fault: 'refused and there all the same', text };
    }
}

function* lost(read, posts) {
    if (!read.whole) return;
    const seen = new Set(read.texts);
    for (const post of posts.values())
        if (post.outcome === 'done' && post.until < read.from && !seen.has(post.text)) yield { fault: 'lost', text: post.text };
}

/** What was acknowledged before another was begun stands before it. */
function* against_time(read, posts) {
    let earliest = { until: Infinity };
    for (const text of [...read.texts].reverse()) {
        const post = posts.get(text);
        if (!post) continue;
        if (earliest.until < post.from) yield { fault: 'reordered', text, behind: earliest.text };
        if (post.outcome === 'done' && post.until < earliest.until) earliest = post;
    }
}

/** All see one order, and what one has seen does not go away again. */
function* against_others(reads) {
    const whole = reads.filter((read) => read.whole);
    const last = whole.at(-1);
    if (!last) return;
    const place = new Map(last.texts.map((text, at) => [text, at]));
    for (const read of reads) {
        let before = -1;
        for (const text of read.texts) {
            const at = place.get(text);
            if (at === undefined && read.until < last.from) yield { fault: 'seen and gone', who: read.who, text };
            if (at < before) yield { fault: 'in another order for others', who: read.who, text };
            before = Math.max(before, at ?? before);
        }
    }
    for (let at = 1; at < whole.length; at++) {
        const now = new Set(whole[at].texts);
        // Two reads that overlap in time may each be the first.
        const earlier = whole.slice(0, at).findLast((read) => read.until < whole[at].from);
        for (const text of earlier?.texts ?? []) if (!now.has(text)) yield { fault: 'seen and gone', who: whole[at].who, text };
    }
}

/** Whoever lost access reads and writes nothing from the moment that this was acknowledged. */
function* after_revocation(records, revoked) {
    for (const one of records) {
        if (!(one.from > revoked.get(one.who))) continue;
        if (one.kind === 'read') yield { fault: 'read after revocation', who: one.who, text: one.texts.at(-1) ?? '' };
        if (one.kind === 'post' && one.outcome === 'done') yield { fault: 'wrote after revocation', who: one.who, text: one.text };
    }
}

/** All faults: [{ fault, text, who … }]. Empty: the history is one that a correct server can give. */
export function faultsOf(records) {
    const { posts, reads, revoked } = index(records);
    const found = [];
    for (const read of reads)
        for (const rule of [strange, lost, against_time]) for (const fault of rule(read, posts)) found.push({ ...fault, who: read.who });
    return [...found, ...against_others(reads), ...after_revocation(records, revoked)];
}

/** The faults in words, the first few of them. */
export function told(faults, most = 5) {
    const lines = faults.slice(0, most).map((one) => `${one.fault}: ${one.who}: "${shorten(one.text)}"${one.behind ? ` behind "${shorten(one.behind)}"` : ''}`);
    return [...lines, ...(faults.length > most ? [`and ${faults.length - most} more`] : [])].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const records = process.argv.slice(2).flatMap((name) => readFileSync(name, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    const faults = faultsOf(records);
    if (faults.length > 0) console.log(told(faults, 100));
    console.log(`${records.length} records, ${faults.length} faults`);
    process.exitCode = faults.length > 0 || records.length === 0 ? 1 : 0;
}
