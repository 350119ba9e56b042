// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Client, contractOf } from '../support/client.mjs';
import { Town, circle, write } from '../support/town.mjs';

let town, dialogue, anne, mette, document;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, mette } = await circle(town));
    await write(mette, dialogue, 'Hej');
    ({ document } = await contractOf(town.url));
});
after(() => town?.close());

describe('the interface for programs', () => {
    test('is described by a valid OpenAPI 3.1 document', async () => {
        assert.match(document.openapi, /^3\.1\./);
        const result = await new Validator().validate(structuredClone(document));
        assert.ok(result.valid, JSON.stringify(result.errors, null, 1)?.slice(0, 3000));
    });

    test('says of every route what it is for, and names no operation twice', () => {
        const ids = new Set();
        for (const [path, methods] of Object.entries(document.paths)) {
            for (const [method, operation] of Object.entries(methods)) {
                assert.ok(operation.summary, `${method} ${path} has a summary`);
                if (operation.operationId) {
                    assert.ok(!ids.has(operation.operationId), operation.operationId);
                    ids.add(operation.operationId);
                }
                const named = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort();
                const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name).sort();
                assert.deepEqual(declared, named, `${method} ${path}`);
            }
        }
    });

    test('gives each page as JSON that keeps the promise', async () => {
        for (const target of ['/', `/dialogue/${dialogue}`, `/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants?search=jo`, '/profile', '/dialogue/new']) {
            const answer = await anne.get(target, { json: true });
            assert.ok([200, 406].includes(answer.status), `${target}: ${answer.status}`);
        }
    });

    test('writes with JSON as well as with forms', async () => {
        const answer = await mette.postJson(`/dialogue/${dialogue}/post`, { text: 'Skrevet af et program' });
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        assert.equal(answer.json.posts[0].text, 'Skrevet af et program');
        assert.equal((await anne.get(`/dialogue/${dialogue}`, { json: true })).json.page.posts.at(-1).text, 'Skrevet af et program');
    });

    test('refuses JSON without a token as it refuses a form', async () => {
        const answer = await mette.postJson(`/dialogue/${dialogue}/post`, { text: 'Uden' }, { headers: { 'x-csrf-token': '' } });
        assert.equal(answer.status, 403);
    });

    test('names what is wrong field by field', async () => {
        const answer = await mette.postJson(`/dialogue/${dialogue}/post`, { text: '' });
        assert.equal(answer.status, 422);
        assert.match(JSON.stringify(answer.json), /text/);
    });

    test('answers 406 to whom wants something else', async () => {
        const answer = await anne.get('/', { headers: { accept: 'image/png' } });
        assert.ok([200, 406].includes(answer.status), String(answer.status));
    });
});

describe('what everybody may see', () => {
    test('health says well and nothing else', async () => {
        const { status, text } = await new Client(town.url).get('/healthz');
        assert.equal(status, 200);
        assert.ok(text.length < 100, text);
    });

    test('assets have names that change with them, are kept for ever and come compressed', async () => {
        const { page } = await new Client(town.url).open('/login');
        const paths = [...page.all('link').map((node) => node.attrs.find((one) => one.name === 'href')?.value),
            ...page.all('script').map((node) => node.attrs.find((one) => one.name === 'src')?.value)].filter((one) => one?.startsWith('/asset/'));
        assert.ok(paths.length >= 2);
        for (const path of paths) {
            const plain = await new Client(town.url).get(path);
            assert.equal(plain.status, 200, path);
            assert.match(plain.headers['cache-control'], /immutable/);
            const packed = await new Client(town.url).get(path, { headers: { 'accept-encoding': 'br' } });
            if (/css|javascript/.test(plain.headers['content-type'])) assert.equal(packed.headers['content-encoding'], 'br', path);
            assert.match(packed.headers.vary ?? '', /accept-encoding/i);
            for (const refused of ['br;q=0', 'BR; q=0.000', 'deflate, br;q=0.']) {
                assert.equal((await new Client(town.url).get(path, { headers: { 'accept-encoding': refused } })).headers['content-encoding'], undefined, refused);
            }
        }
        assert.equal((await new Client(town.url).get('/asset/samtraad.00000000.css')).status, 404);
    });
});
