// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sleep } from '../support/server.mjs';
import { Town, accept, addEmployee, exclude, invite, startDialogue, write } from '../support/town.mjs';

// Words that occur nowhere else, in everything that names or describes a person.
const canary = {
    topic: 'Kanariefugletopic', post: 'Kanariefuglebesked', edited: 'Kanariefuglerettet', draft: 'Kanariefugleudkast', name: 'Kanariefuglenavn',
    relation: 'Kanariefuglerelation', email: 'kanariefugl@post.example', reason: 'Kanariefuglegrund', search: 'Kanariefuglesøgning',
    citizen: 'Østergaard Lund', mother: 'Mette Østergaard', employee: 'Kjær Holm', cpr: '1203134111', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a001', mail: 'anne@kommune.example',
};

let town, dialogue, anne, mette, karim;
before(async () => {
    town = await Town.start();
    [anne, mette, karim] = await Promise.all([town.as('anne'), town.as('mette'), town.as('karim'), town.as('emil'), town.as('jonas')]);
});
after(() => town?.close());

async function filesBelow(folder) {
    const all = await readdir(folder, { recursive: true, withFileTypes: true });
    return all.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

/** The same word as bytes in the codings it could lie around in. */
function forms(word) {
    const utf8 = Buffer.from(word);
    return [utf8, Buffer.from(word, 'utf16le'), Buffer.from(encodeURIComponent(word)), Buffer.from(utf8.toString('hex')), Buffer.from(utf8.toString('base64').slice(0, -4)),
        Buffer.from(word.toLowerCase()), Buffer.from(word.toUpperCase())];
}

function hits(bytes) {
    return Object.entries(canary).filter(([, word]) => forms(word).some((form) => bytes.includes(form))).map(([what]) => what);
}

/** Every file of the installation but the tests' own configuration file, and everything the server has written to standard error. */
async function search(when) {
    const files = [...new Set([...await filesBelow(town.server.folder), ...await town.server.database.files()])].filter((name) => name !== town.server.config);
    let database = false;
    for (const name of files) {
        const bytes = await readFile(name).catch((error) => {
            if (error.code !== 'ENOENT' || name.startsWith(town.server.folder)) throw error;
        });
        if (!bytes) continue;   // the database server has put its journal's file to another use
        database ||= bytes.includes('key_grant');   // a table’s name
        assert.deepEqual(hits(bytes), [], `${when}: in ${path.relative(town.server.folder, name)}`);
        if (bytes[0] === 0x1f && bytes[1] === 0x8b) assert.deepEqual(hits(gunzipSync(bytes)), [], `${when}: packed in ${name}`);
    }
    assert.ok(database, 'there is a database to search');
    assert.deepEqual(hits(Buffer.from(town.server.log)), [], `${when}: in the log`);
    assert.doesNotMatch(town.server.log, /\/invitation\/[A-Za-z0-9_-]{8}/, 'no invitation’s secret in the log');
}

async function use() {
    dialogue = await startDialogue(anne, town.person('emil'), canary.topic, canary.relation);
    await accept(mette, await invite(anne, dialogue, { name: canary.name, email: canary.email, relation: canary.relation }));
    await accept(karim, await invite(anne, dialogue, { name: canary.name, email: canary.email, relation: canary.relation, kind: 'external' }));
    await invite(anne, dialogue, { name: canary.name, email: canary.email, relation: canary.relation });
    await addEmployee(anne, dialogue, 'Jonas Dam', canary.relation);
    const number = await write(mette, dialogue, `${canary.post}\n\n- ${canary.post}`);
    await mette.submit(`/dialogue/${dialogue}/post/${number}/edit`, `/dialogue/${dialogue}/post/${number}/edit`, { text: canary.edited });
    const { values } = (await mette.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`);
    assert.ok((await mette.post(`/dialogue/${dialogue}/draft`, { csrf: values.csrf, text: canary.draft })).status < 400);
    await anne.get(`/dialogue/${dialogue}/participants?search=${encodeURIComponent(canary.search)}`);
    await exclude(anne, dialogue, 'Karim Haddad', canary.reason);
    // What fails must not say more than what succeeds.
    await mette.post(`/dialogue/${dialogue}/post`, { csrf: values.csrf, text: canary.post, unknown: canary.post });
    await mette.postJson(`/dialogue/${dialogue}/post`, `{"text":"${canary.post}","`);
    await mette.get(`/dialogue/${dialogue}?${canary.search}=1`);
    await mette.get(`/${canary.search}`);
}

test('the search itself finds what is there', async () => {
    assert.deepEqual(hits(Buffer.from(`x${canary.topic}y`)), ['topic']);
    assert.deepEqual(hits(Buffer.from(canary.post, 'utf16le')), ['post']);
});

test('no file of the data folder holds a word of what was written, while the server runs', async () => {
    await use();
    await search('in use');
});

test('nor after kill -9 in the middle of work', async () => {
    const busy = Promise.allSettled(Array.from({ length: 20 }, () => write(mette, dialogue, canary.post)));
    await sleep(150);
    await town.server.kill();
    await busy;
    await search('after kill -9');
    await town.server.start();
    assert.ok((await mette.get(`/dialogue/${dialogue}`)).text.includes(canary.edited), 'those who take part still read it');
});

test('nor after an abort: a core, if the system writes one, holds no key and no word', async () => {
    await town.server.stop('SIGABRT');
    await search('after an abort');
    await town.server.start();
});

test('nor after a stop in good order', async () => {
    const end = await town.server.stop();
    assert.deepEqual(end, { code: 0, signal: null }, town.server.log.slice(-1500));
    await search('after a stop');
    assert.equal((await town.server.verify()).code, 0);
});

test('the master key lies nowhere in the data folder', async () => {
    const key = await readFile(town.server.key);
    const secret = key.subarray(-32);
    for (const name of await filesBelow(town.server.data)) {
        const bytes = await readFile(name);
        assert.ok(!bytes.includes(secret) && !bytes.includes(Buffer.from(secret.toString('hex'))), name);
    }
});
