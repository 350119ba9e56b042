// SPDX-License-Identifier: MPL-2.0
// The checker of histories itself: it passes what may happen, and names what may not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { History, faultsOf } from './history.mjs';

const post = (text, from, until, outcome = 'done', who = 'anne') => ({ kind: 'post', who, text, from, until, outcome });
const read = (texts, from, until, more) => ({ kind: 'read', who: 'emil', whole: true, texts, from, until, ...more });
const revoke = (who, from, until, outcome = 'done') => ({ kind: 'revoke', who, from, until, outcome });
const names = (records) => [...new Set(faultsOf(records).map((one) => one.fault))].sort();

const good = {
    'one writes, another reads': [post('a', 1, 2), read(['a'], 3, 4)],
    'what is on its way may be seen or not': [post('a', 1, 9), read([], 2, 3), read(['a'], 4, 5)],
    'what nobody answered may be there': [post('a', 1, 2, 'unknown'), read(['a'], 3, 4)],
    'what nobody answered may be missing': [post('a', 1, 2, 'unknown'), read([], 3, 4)],
    'what was refused is not there': [post('a', 1, 2, 'refused'), post('b', 3, 4), read(['b'], 5, 6)],
    'two at the same time stand in either order': [post('a', 1, 5), post('b', 2, 4), read(['b', 'a'], 6, 7)],
    'an unanswered one may be taken later than its sender gave up': [post('a', 1, 2, 'unknown'), post('b', 3, 4), read(['b', 'a'], 5, 6)],
    'the newest page need not show the oldest': [post('a', 1, 2), post('b', 3, 4), read(['b'], 5, 6, { whole: false }), read(['a', 'b'], 7, 8)],
    'a read that began before access ended may be answered': [post('a', 1, 2), revoke('emil', 3, 6), read(['a'], 4, 9)],
    'a revocation that was not acknowledged binds nobody': [revoke('emil', 1, 2, 'unknown'), read([], 3, 4)],
    'others read on': [revoke('karim', 1, 2), read([], 3, 4)],
    'reads that overlap may come in either order': [post('a', 1, 9), read(['a'], 2, 6), read([], 3, 5), read(['a'], 10, 11)],
};

const bad = {
    lost: [post('a', 1, 2), post('b', 3, 4), read(['b'], 5, 6)],
    doubled: [post('a', 1, 2), read(['a', 'a'], 3, 4)],
    reordered: [post('a', 1, 2), post('b', 3, 4), read(['b', 'a'], 5, 6)],
    'never sent': [post('a', 1, 2), read(['a', 'half of a'], 3, 4)],
    'seen before it was sent': [read(['a'], 1, 2), post('a', 3, 4), read(['a'], 5, 6)],
    'refused and there all the same': [post('a', 1, 2, 'refused'), read(['a'], 3, 4)],
    'seen and gone': [post('a', 1, 2, 'unknown'), read(['a'], 3, 4), read([], 5, 6)],
    'in another order for others': [post('a', 1, 9), post('b', 1, 9), read(['a', 'b'], 10, 11, { whole: false }), read(['b', 'a'], 12, 13)],
    'read after revocation': [post('a', 1, 2), revoke('emil', 3, 4), read(['a'], 5, 6)],
    'wrote after revocation': [revoke('anne', 1, 2), post('a', 3, 4), read(['a'], 5, 6)],
};

describe('histories that a correct server can give', () => {
    for (const [name, records] of Object.entries(good)) test(name, () => assert.deepEqual(faultsOf(records), []));
});

describe('histories that it can not', () => {
    for (const [name, records] of Object.entries(bad)) test(name, () => assert.deepEqual(names(records), [name]));

    test('lost in the middle of many, whoever looks', () => {
        const many = Array.from({ length: 1000 }, (_, n) => post(`nr. ${n}`, 2 * n, 2 * n + 1));
        const texts = many.map((one) => one.text).filter((text) => text !== 'nr. 500');
        assert.deepEqual(faultsOf([...many, read(texts, 5000, 5001)]), [{ fault: 'lost', text: 'nr. 500', who: 'emil' }]);
    });
});

test('two posts with one text would hide each other, so they are refused', () => {
    assert.throws(() => faultsOf([post('a', 1, 2), post('a', 3, 4)]), /same text/);
});

test('a recorder notes what its clients learn, with times', async () => {
    let now = 0;
    const history = new History(() => ++now);
    await history.note({ kind: 'post', who: 'anne', text: 'a' }, async () => ({ outcome: 'done' }));
    await history.note({ kind: 'read', who: 'emil', whole: true }, async () => ({ texts: [] }));
    assert.deepEqual(names(history.records), ['lost']);
});

test('as a program: nothing is printed but the faults and their number, and 1 is the answer to a bad history', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'history-'));
    const run = (records) => {
        const file = path.join(folder, 'records');
        writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
        try {
            return { code: 0, out: execFileSync(process.execPath, [fileURLToPath(new URL('history.mjs', import.meta.url)), file], { encoding: 'utf8' }) };
        } catch (error) {
            return { code: error.status, out: error.stdout };
        }
    };
    assert.deepEqual(run(good['one writes, another reads']), { code: 0, out: '2 records, 0 faults\n' });
    assert.deepEqual(run(bad.lost), { code: 1, out: 'lost: emil: "a"\n3 records, 1 faults\n' });
    assert.equal(run([]).code, 1, 'an empty history proves nothing');
    rmSync(folder, { recursive: true });
});
