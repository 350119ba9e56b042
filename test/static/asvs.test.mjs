// SPDX-License-Identifier: MPL-2.0
// docs/asvs.md: every requirement once, with its level; every file is there; every test that is named is in its file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files, read } from './source.mjs';

// ASVS 5.0.0: the levels of each section's requirements, in their order.
const levels = {
    '1.1': '22', '1.2': '1111122223', '1.3': '112222222223', '1.4': '222', '1.5': '123', '2.1': '122', '2.2': '112', '2.3': '12223', '2.4': '23',
    '3.1': '3', '3.2': '113', '3.3': '12223', '3.4': '11222233', '3.5': '11122333', '3.6': '3', '3.7': '22333', '4.1': '12233', '4.2': '23333', '4.3': '22', '4.4': '1222',
    '5.1': '2', '5.2': '112333', '5.3': '113', '5.4': '222', '6.1': '122', '6.2': '111111112222', '6.3': '11223333', '6.4': '112233', '6.5': '22222333', '6.6': '2223', '6.7': '33', '6.8': '2222',
    '7.1': '222', '7.2': '1111', '7.3': '22', '7.4': '11222', '7.5': '223', '7.6': '22', '8.1': '1233', '8.2': '1123', '8.3': '133', '8.4': '23', '9.1': '111', '9.2': '1222',
    '10.1': '22', '10.2': '223', '10.3': '22223', '10.4': '1111122222233333', '10.5': '22222', '10.6': '22', '10.7': '222',
    '11.1': '2233', '11.2': '22233', '11.3': '11233', '11.4': '1222', '11.5': '23', '11.6': '23', '11.7': '33', '12.1': '12233', '12.2': '11', '12.3': '22223',
    '13.1': '2333', '13.2': '222223', '13.3': '2233', '13.4': '1222233', '14.1': '22', '14.2': '12223333', '14.3': '122', '15.1': '12233', '15.2': '12233', '15.3': '1222222', '15.4': '3333',
    '16.1': '2', '16.2': '22222', '16.3': '2222', '16.4': '222', '16.5': '2223', '17.1': '23', '17.2': '22223333', '17.3': '22',
};
const all = Object.entries(levels).flatMap(([section, each]) => [...each].map((level, n) => ({ number: `${section}.${n + 1}`, level: Number(level), chapter: Number(section.split('.')[0]) })));
const wholly = [6, 7, 8, 9, 10, 11, 16];

const text = read('docs/asvs.md');
const rows = [...text.matchAll(/^\| (\d[\d., ]*) \| ([123]) \| ([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(([, numbers, level, short, where, how]) => ({ numbers: numbers.split(', '), level: Number(level), short, where, how }));

test('the standard has as many requirements as it says', () => {
    assert.deepEqual([1, 2, 3].map((level) => all.filter((one) => one.level === level).length), [70, 183, 92]);
});

test('each requirement of levels 1 and 2, and of 3 where it is promised, stands there once and with its level', () => {
    const expected = all.filter((one) => one.level < 3 || wholly.includes(one.chapter)).map((one) => `${one.number} ${one.level}`);
    const found = rows.flatMap((row) => row.numbers.map((number) => `${number} ${row.level}`));
    assert.deepEqual(found.toSorted(), expected.toSorted());
});

test('each has a place and a test, or a reason, or an exception that is written out', () => {
    const written = new Map([...text.matchAll(/^- \*\*(E\d+)\*\* \(([\d., ]+)\)\. (.+)$/gm)].map(([, name, numbers]) => [name, numbers.split(', ')]));
    const wrong = [];
    for (const row of rows) {
        const names = [...row.how.matchAll(/\*\*(E\d+)\*\*/g)].map(([, name]) => name);
        if (!/«|`script\//.test(row.how) && !/– \S/.test(row.how) && names.length === 0) wrong.push(`${row.numbers}: nothing`);
        for (const name of names) for (const number of row.numbers) if (!written.get(name)?.includes(number)) wrong.push(`${number}: ${name} does not name it`);
    }
    for (const [name, numbers] of written) for (const number of numbers) if (!rows.some((row) => row.numbers.includes(number) && row.how.includes(`**${name}**`))) wrong.push(`${name}: ${number} does not refer to it`);
    assert.deepEqual(wrong, []);
});

test('every file that it names is there, and every test in its file', () => {
    const known = new Set(files(/./));
    const wrong = [];
    let tests = 0;
    for (const [, name] of text.matchAll(/`((?:src|docs|test|tools|script|debian)\/[^`…]+|meson\.build|package-lock\.json)`/g)) if (!known.has(name) && !/_test$/.test(name)) wrong.push(name);
    for (const [whole, place, words] of text.matchAll(/`(\w+\/\w+)` «([^»]+)»/g)) {
        const [folder, base] = place.split('/');
        const at = base.endsWith('_test') ? [...known].find((name) => `/${name}`.endsWith(`/${place}.c`)) : `test/${place}.test.mjs`;
        tests++;
        if (!at || !known.has(at)) wrong.push(`${whole}: no ${folder}/${base}`);
        else if (!read(at).split('\n').some((line) => line.includes(words) && /\b(test|describe|walk)\(|cmocka_unit_test/.test(line))) wrong.push(whole);
    }
    assert.ok(tests > 100, `${tests}`);
    assert.deepEqual(wrong, []);
});
