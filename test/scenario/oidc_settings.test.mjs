// SPDX-License-Identifier: MPL-2.0
// The settings that the program asks for, the file that shows them and the page that explains them are the same.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const sources = readdirSync('src', { recursive: true }).filter((name) => name.endsWith('.c') && !/_(test|fuzz|fixture)\.c$/.test(name))
    .map((name) => readFileSync(`src/${name}`, 'utf8')).join('\n');
const example = readFileSync('docs/samtraad.conf', 'utf8');
const page = readFileSync('docs/configuration.md', 'utf8');

function asked() {
    const plain = [...sources.matchAll(/config_(?:get|int)\([^"()]*(?:\([^()]*\))?[^"()]*"([a-z_.]+)"/g)].map(([, name]) => name);
    const provider = [...sources.matchAll(/(?:setting|number)\(config, kind, "([a-z_]+)"/g)].map(([, name]) => name);
    assert.ok(plain.length > 15 && provider.length > 15, 'the settings are found in the sources');
    return { plain: new Set(plain.filter((name) => !/^(citizen|staff)\./.test(name))), provider: new Set(provider) };
}

function shown() {
    const names = [];
    let section = '';
    for (const line of example.split('\n')) {
        section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
        const name = /^#([a-z_]+) = /.exec(line)?.[1];
        if (name) names.push(section ? `${section}.${name}` : name);
    }
    return names;
}

test('each setting stands in the example file, and each line of it is asked for', () => {
    const { plain, provider } = asked();
    const names = shown();
    const providers = names.filter((name) => /^(citizen|staff)\./.test(name));
    assert.deepEqual(names.filter((name) => !providers.includes(name)).sort(), [...plain].sort());
    assert.deepEqual([...new Set(providers.map((name) => name.split('.')[1]))].sort(), [...provider].sort());
});

test('each setting is explained', () => {
    const { plain, provider } = asked();
    for (const name of [...plain, ...provider]) assert.ok(page.includes(`\`${name.split('.').at(-1)}\``), name);
});
