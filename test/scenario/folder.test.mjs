// SPDX-License-Identifier: MPL-2.0
// "Min mappe": everything about oneself that one may see, in one file that shows by itself that it is genuine.
import assert from 'node:assert/strict';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dataOf, folderOf } from '../support/folder.mjs';
import { Page } from '../support/html.mjs';
import { Verifiers } from '../support/proof.mjs';
import { Town, circle, exclude, startDialogue, write } from '../support/town.mjs';

let town, one, verifiers;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Emil og læsningen');
    await write(one.anne, one.dialogue, 'Velkommen til <b>alle</b> & hver især – æøå');
    await write(one.mette, one.dialogue, 'Han **læser** nu hver aften');
    const secret = await startDialogue(one.anne, town.person('stranger'), 'Noget helt andet');
    await write(one.anne, secret, 'Det her er ikke for Emil');
    verifiers = await Verifiers.of(town.server.folder, (await one.emil.get('/proof', { json: true })).json.key);
});

after(() => town?.close());

describe('my folder', () => {
    test('holds what Emil may see, in words and as data, and nothing else', async () => {
        const file = await folderOf(one.emil);
        assert.match(file.headers['content-disposition'] ?? '', /^attachment; .*min-mappe-\d{4}-\d\d-\d\d\.html/);
        assert.equal(file.headers['cache-control'], 'no-store');
        const page = new Page(file.text);
        for (const words of ['Emil og læsningen', 'Velkommen til <b>alle</b> & hver især – æøå', 'klasselærer', 'Mette Østergaard', one.emil.name]) {
            assert.ok(page.text().includes(words), words);
        }
        assert.match(file.text, /Han <strong>læser<\/strong> nu/);
        for (const words of ['Noget helt andet', 'Det her er ikke for Emil']) assert.ok(!file.text.includes(words), words);
        assert.doesNotMatch(file.text, /<script|<link|https?:\/\/(?!localhost)/, 'opens without the internet, runs nothing');
        const data = dataOf(file);
        assert.equal(data.format, 'samtraad folder 1');
        assert.equal(data.person.name, one.emil.name);
        assert.deepEqual(data.dialogues.map((each) => each.topic), ['Emil og læsningen']);
        assert.deepEqual(data.dialogues[0].posts.map((post) => post.text), ['Velkommen til <b>alle</b> & hver især – æøå', 'Han **læser** nu hver aften']);
        assert.equal(data.dialogues[0].participants.length, 5);
        assert.ok(data.log.some((line) => line.text.includes('Mette Østergaard') && line.text.includes('Emil og læsningen')), JSON.stringify(data.log).slice(0, 900));
    });

    test('promises who has read only to whom the log tells it, and says when there is nothing', async () => {
        const promise = 'Hvem der har læst i samtalerne om dig';
        assert.ok((await one.emil.open('/folder')).page.text().includes(promise));
        assert.ok(!(await one.karim.open('/folder')).page.text().includes('har læst'), 'he is in no dialogue about himself');
        const file = await folderOf(one.karim);
        assert.deepEqual(dataOf(file).log, []);
        assert.match(new Page(file.text).text(), /Hvem har læst Sådan står der i serverens log\. Det nyeste først\. Der er ikke noget at fortælle/);
        assert.doesNotMatch(file.text, /<ul class="log">\s*<\/ul>/);
        assert.doesNotMatch((await folderOf(one.emil)).text, /Der er ikke noget at fortælle/);
    });

    test('promises what was filed only to the citizen and to those who file', async () => {
        const promise = 'Hvad der er gemt i kommunens journal';
        for (const person of [one.emil, one.anne]) assert.ok((await person.open('/folder')).page.text().includes(promise));
        assert.ok(!(await one.karim.open('/folder')).page.text().includes(promise));
    });

    test('is made only when one says that one will look after it', async () => {
        const answer = await one.emil.submit('/folder', '/folder', {});
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Sæt kryds/);
    });

    test('keeps how a message read before it was changed', async () => {
        const number = await write(one.emil, one.dialogue, 'Jeg kommer klokken tre');
        const changed = await one.emil.submit(`/dialogue/${one.dialogue}/post/${number}/edit`, `/dialogue/${one.dialogue}/post/${number}/edit`, { text: 'Jeg kommer klokken fire' });
        assert.equal(changed.status, 303, changed.text.slice(0, 300));
        const file = await folderOf(one.emil);
        assert.match(file.text, /klokken tre/);
        assert.deepEqual(dataOf(file).dialogues[0].posts.find((post) => post.number === number).earlier.map((each) => each.text), ['Jeg kommer klokken tre']);
    });

    test('of a long dialogue has every message, once and in order', async () => {
        const long = await startDialogue(one.anne, town.person('emil'), 'En lang samtale');
        for (let n = 1; n <= 120; n++) await one.anne.post(`/dialogue/${long}/post`, { csrf: await one.anne.csrf(), text: `Besked ${n} ${'ord '.repeat(300)}` });
        const file = await folderOf(one.emil);
        const posts = dataOf(file).dialogues.find((each) => each.id === long).posts;
        assert.deepEqual(posts.map((post) => post.number), Array.from({ length: 120 }, (_, n) => n + 1));
        assert.ok(posts.every((post) => post.text.startsWith(`Besked ${post.number} `)));
        await verifiers.holds(file.bytes);
    });

    test('stands in the log, and the dialogue shows that it was read for it', async () => {
        const before = (await town.server.sql('SELECT count(*) FROM audit')).trim();
        await folderOf(one.mette);
        const rows = (await town.server.sql(`SELECT kind, dialogue, first_post, last_post FROM audit WHERE seq >= ${before} ORDER BY seq`)).split('\n');
        assert.ok(rows.some((row) => row.startsWith('27|0|')), 'the document');
        assert.ok(rows.some((row) => row.includes(`|${one.dialogue}|1|3`)), `what was put in: ${rows.join(' ')}`);
    });

    test('can be fetched by nobody else', async () => {
        const { link } = await folderOf(one.emil);
        assert.equal((await one.mette.get(link)).status, 303);
        assert.equal((await one.mette.get(link, { json: true })).status, 404);
        const visitor = await town.signIn('stranger');
        assert.equal((await visitor.get(link)).headers.location, '/folder');
    });

    test('lies nowhere on the disk in the clear', async () => {
        const marker = 'kanariefugl-4711';
        await write(one.emil, one.dialogue, marker);
        await folderOf(one.emil);
        for (const one of await readdir(town.server.data, { recursive: true, withFileTypes: true })) {
            if (one.isFile()) assert.ok(!(await readFile(path.join(one.parentPath, one.name))).includes(marker), one.name);
        }
    });

    test('can no longer be fetched by who was excluded after it was made', async () => {
        const { link } = await folderOf(one.jonas);
        await exclude(one.anne, one.dialogue, one.jonas.name);
        const answer = await one.jonas.open(link);
        assert.match(answer.page.text(), /ikke længere med i en af samtalerne/);
        const file = await folderOf(one.jonas);
        assert.ok(!file.text.includes('Velkommen til'), 'made anew it holds nothing of it');
        assert.match(file.text, /En samtale, du har forladt/);
    });
});

test('my folder is there as well when a message is hidden, and tells that it is', async () => {
    const dialogue = await startDialogue(one.anne, town.person('emil'), 'Noget blev skjult');
    const number = await write(one.anne, dialogue, 'Skrevet ved en fejl');
    await one.anne.submit(`/dialogue/${dialogue}/post/${number}/hide`, `/dialogue/${dialogue}/post/${number}/hide`, { reason: 'Stod i den forkerte samtale' });
    const file = await folderOf(one.emil);
    assert.ok(!file.text.includes('Skrevet ved en fejl'));
    assert.match(new Page(file.text).text(), /Noget blev skjult.*Beskeden er skjult af tovholderen/s);
});

describe('the proof of a file', () => {
    let file;
    before(async () => { file = await folderOf(one.emil); });

    test('holds by both verifiers, offline, also against the checkpoints of a witness', async () => {
        const said = await verifiers.holds(file.bytes);
        assert.ok(said.includes(file.code));
        assert.ok(file.text.includes(file.code), 'the code stands in the file');
        const witness = path.join(town.server.folder, 'witness');
        await cp(path.join(town.server.data, 'checkpoints.jsonl'), witness);
        await verifiers.holds(file.bytes, { checkpoints: witness });
        const verified = await town.server.verify();
        assert.equal(verified.code, 0, verified.stdout);
    });

    test('finds every changed byte', async () => {
        const short = await folderOf(one.mette);
        assert.deepEqual(await verifiers.everyFlip(short.bytes), []);
        const places = [0, 1, 400, Math.floor(file.bytes.length / 2), ...Array.from({ length: 12 }, (_, n) => file.bytes.length - 1 - n * 73)];
        for (const at of places) {
            const changed = Buffer.from(file.bytes);
            changed[at] ^= 1;
            await verifiers.refuses(changed);
        }
    });

    test('finds what is missing, what was added, and what was put together of two files', async () => {
        const other = await folderOf(one.mette);
        const mark = Buffer.from('<!--samtraad-proof-1-->');
        const cut = (bytes) => [bytes.subarray(0, bytes.lastIndexOf(mark)), bytes.subarray(bytes.lastIndexOf(mark))];
        const [content, proof] = cut(file.bytes);
        const [otherContent, otherProof] = cut(other.bytes);
        const json = (bytes) => /<!--(\{.*\})-->/.exec(bytes.toString())[1];
        const cases = {
            'half of it': file.bytes.subarray(0, file.bytes.length / 2),
            'without its last byte': file.bytes.subarray(0, -1),
            'with one byte more': Buffer.concat([file.bytes, Buffer.from('\n')]),
            'without proof': content,
            'empty': Buffer.alloc(0),
            "with the other's end": Buffer.concat([content, otherProof]),
            "the other's content with the right code and the wrong proof": Buffer.from(other.text.replace(json(otherProof), json(proof))),
            "the other's content with this end": Buffer.concat([otherContent, proof]),
            'its end twice': Buffer.concat([file.bytes, proof]),
            'one content behind the other': Buffer.concat([otherContent, content, proof]),
            'its own content once more in front of the mark': Buffer.concat([content, mark, content, proof]),
        };
        for (const [what, bytes] of Object.entries(cases)) assert.ok(await verifiers.refuses(bytes), what);
        await verifiers.holds(other.bytes);
    });

    test('is refused under another key, and with checkpoints that are older, of another log, or damaged', async () => {
        const other = path.join(town.server.folder, 'other.key');
        await writeFile(other, `${'5'.repeat(64)}\n`);
        assert.match(await verifiers.refuses(file.bytes, { key: other }), /not signed with this key/);
        const lines = (await readFile(path.join(town.server.data, 'checkpoints.jsonl'), 'utf8')).trimEnd().split('\n');
        const size = Number(/"size":(\d+)/.exec(/<!--(\{.*\})-->/.exec(file.text.slice(-4000))[1])[1]);
        const at = lines.findIndex((line) => JSON.parse(line).size === size);
        assert.ok(at > 1);
        const witness = path.join(town.server.folder, 'witness');
        const cases = {
            older: lines.slice(0, at),
            'without its own': [...lines.slice(0, at), ...lines.slice(at + 1)],
            'without the first': lines.slice(1),
            changed: lines.map((line, index) => (index === 0 ? line.replace(/"time":\d/, '"time":9') : line)),
        };
        for (const [what, list] of Object.entries(cases)) {
            await writeFile(witness, list.length ? `${list.join('\n')}\n` : '');
            const said = await verifiers.refuses(file.bytes, { checkpoints: witness });
            if (what === 'older') assert.match(said, /newer copy/);
        }
        await writeFile(witness, `${lines.slice(0, at + 1).join('\n')}\n`);
        await verifiers.holds(file.bytes, { checkpoints: witness });
    });

    test('still holds when the server has gone on, was started anew, and is gone', async () => {
        await write(one.anne, one.dialogue, 'Livet går videre');
        await town.server.restart();
        const emil = await town.signIn('emil');
        assert.match((await emil.get('/folder')).page.text(), /Lav min mappe/);
        assert.doesNotMatch((await emil.get('/folder')).text, /\/folder\/\d+\/file/, 'nothing of it is kept over a restart');
        await verifiers.holds(file.bytes, { checkpoints: path.join(town.server.data, 'checkpoints.jsonl') });
        await town.server.stop();
        await verifiers.holds(file.bytes, { checkpoints: path.join(town.server.data, 'checkpoints.jsonl') });
    });
});
