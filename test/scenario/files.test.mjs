// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { attr } from '../support/html.mjs';
import { begin, choose, fetchFile, finish, piece, send, tray, upload } from '../support/files.mjs';
import { multipart, photo, pixelOf, place, png, sizeOf } from '../support/pictures.mjs';
import { until } from '../support/server.mjs';
import { answer, consent, mustAgree, propose, withdraw } from '../support/consent.mjs';
import { Town, accept, circle, exclude, invite, read, startDialogue, write } from '../support/town.mjs';

let town, dialogue, anne, emil, mette, karim;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, emil, mette, karim } = await circle(town));
});
after(() => town?.close());

const folder = () => path.join(town.server.data, 'files');
/** What lies on the disk, with the sizes. */
const kept = async () => Promise.all((await readdir(folder())).sort().map(async (name) => [name, (await stat(path.join(folder(), name))).size]));

function sendForm(client, target, fields) {
    const { body, type } = multipart(fields);
    return client.request('POST', target, { body, headers: { 'content-type': type } });
}

const text = (bytes) => bytes.toString('latin1');

describe('a picture', () => {
    test('that the mother sends is seen by everybody in the circle, upright and without the place where it was taken', async () => {
        const made = await upload(mette, dialogue, 'IMG_0417.jpg', photo(640, 400));
        assert.deepEqual([made.ready, made.error], [true, '']);
        const post = await send(mette, dialogue, 'Se hvad Emil har bygget', made.id);
        assert.equal(post.files.length, 1);
        for (const reader of [anne, emil, karim]) {
            const shown = (await read(reader, dialogue)).at(-1).files[0];
            assert.deepEqual([shown.picture, shown.name], [true, 'IMG_0417.jpg']);
            const { page } = await reader.get(`/dialogue/${dialogue}`);
            const image = page.one('img', page.classed('picture', page.id(`post-${post.number}`))[0]);
            const answer = await reader.get(attr(image, 'src'));
            assert.equal(answer.status, 200);
            assert.equal(answer.headers['content-type'], 'image/webp');
            assert.deepEqual(sizeOf(answer.bytes), [400, 640]);
            for (const mark of [place, 'Exif', 'EXIF', 'GPS', 'ICCP', 'XMP']) assert.ok(!text(answer.bytes).includes(mark), mark);
        }
    });

    test('comes in three sizes, none larger than it was', async () => {
        const made = await upload(anne, dialogue, 'tegning.png', png(2000, 500));
        const { number } = await send(anne, dialogue, '', made.id);
        const sizes = [];
        for (const size of ['small', 'middle', 'large']) sizes.push(sizeOf((await fetchFile(karim, dialogue, number, made.id, size)).bytes));
        assert.deepEqual(sizes, [[480, 120], [1280, 320], [2000, 500]]);
        assert.equal((await fetchFile(karim, dialogue, number, made.id, 'whole')).status, 404);
    });

    test('stands the way it was held, whichever way that was', async () => {
        const paint = (x, y) => (x < 20 && y < 20 ? [250, 20, 20] : [20, 20, 250]);
        const corners = { 1: [5, 5], 3: [54, 34], 6: [34, 5], 8: [5, 54] };
        for (const [orientation, [x, y]] of Object.entries(corners)) {
            const made = await upload(mette, dialogue, 'a.jpg', photo(60, 40, { orientation: Number(orientation), paint }));
            const { number } = await send(mette, dialogue, '', made.id);
            const [red, , blue] = pixelOf((await fetchFile(mette, dialogue, number, made.id, 'large')).bytes, x, y);
            assert.ok(red > 150 && blue < 120, `orientation ${orientation}: ${red} ${blue}`);
        }
    });

    test('is described by who sends it, and read aloud to who can’t see it', async () => {
        const made = await upload(mette, dialogue, 'a.png', png(30, 30));
        const described = await mette.submit(`/dialogue/${dialogue}/files`, `/dialogue/${dialogue}/file/${made.id}/about`, { about: 'Emil står ved <sin> hule' });
        assert.equal(described.status, 303);
        const { number } = await send(mette, dialogue, 'Færdig!', made.id);
        const { page } = await karim.get(`/dialogue/${dialogue}`);
        const image = page.one('img', page.classed('picture', page.id(`post-${number}`))[0]);
        assert.equal(attr(image, 'alt'), 'Emil står ved <sin> hule');
        const large = await karim.get(`/dialogue/${dialogue}/post/${number}/file/${made.id}`);
        assert.match(large.page.text(large.page.one('h1')), /Emil står ved <sin> hule/);
    });
});

describe('a file', () => {
    test('is saved under its own name, and never opened in the page', async () => {
        const bytes = randomBytes(300000);
        const made = await upload(karim, dialogue, 'Referat æøå.pdf', bytes);
        const post = await send(karim, dialogue, 'Her er referatet', made.id);
        assert.deepEqual(post.files.map((one) => [one.picture, one.name, one.type, one.bytes]), [[false, 'Referat æøå.pdf', 'PDF', 300000]]);
        const answer = await fetchFile(emil, dialogue, post.number, made.id, 'whole');
        assert.ok(answer.bytes.equals(bytes));
        assert.equal(answer.headers['content-type'], 'application/octet-stream');
        assert.equal(answer.headers['content-disposition'], "attachment; filename*=UTF-8''Referat%20%C3%A6%C3%B8%C3%A5.pdf");
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.match(answer.headers['content-security-policy'], /sandbox/);
        assert.equal(answer.headers['cache-control'], 'no-store');
        const { page } = await anne.get(`/dialogue/${dialogue}`);
        assert.match(page.text(page.classed('file', page.id(`post-${post.number}`))[0]), /Referat æøå\.pdf.*PDF · 293 KB/);
    });

    test('of 25 MB arrives whole; a larger one is refused before it is sent', async () => {
        const bytes = randomBytes(25 << 20);
        const made = await upload(anne, dialogue, 'film.mov', bytes);
        const post = await send(anne, dialogue, 'Filmen', made.id);
        assert.ok((await fetchFile(mette, dialogue, post.number, made.id, 'whole')).bytes.equals(bytes));
        const refused = await begin(anne, dialogue, 'film.mov', (25 << 20) + 1);
        assert.equal(refused.status, 422);
        assert.match(refused.json.errors[0].message, /højst fylde 25 MB/);
    });

    test('is there after the server was killed, once the message was answered for', async () => {
        const bytes = randomBytes(200000);
        const made = await upload(anne, dialogue, 'plan.docx', bytes);
        const post = await send(anne, dialogue, 'Planen', made.id);
        await town.server.kill();
        await town.server.start();
        assert.ok((await fetchFile(mette, dialogue, post.number, made.id, 'whole')).bytes.equals(bytes));
    });
});

describe('an upload that is interrupted', () => {
    test('goes on where it stopped, also after the server was started anew', async () => {
        const bytes = randomBytes(2500000);
        const { id, piece: size } = (await begin(mette, dialogue, 'lang.pdf', bytes.length)).json;
        assert.equal((await piece(mette, dialogue, id, 0, bytes.subarray(0, size))).status, 200);
        await town.server.restart();
        const where = await mette.get(`/dialogue/${dialogue}/file/${id}/upload`, { json: true });
        assert.equal(where.json.offset, size);
        for (let at = size; at < bytes.length; at += size) await piece(mette, dialogue, id, at, bytes.subarray(at, at + size));
        assert.equal((await finish(mette, dialogue, id)).json.ready, true);
        const post = await send(mette, dialogue, 'Endelig', id);
        assert.ok((await fetchFile(anne, dialogue, post.number, id, 'whole')).bytes.equals(bytes));
    });

    test('takes a piece that comes twice once, and tells where to go on when one is missing', async () => {
        const bytes = randomBytes(2200000);
        const { id, piece: size } = (await begin(mette, dialogue, 'to.pdf', bytes.length)).json;
        const answers = await Promise.all([0, 0, 0].map(() => piece(mette, dialogue, id, 0, bytes.subarray(0, size))));
        for (const answer of answers) assert.equal(answer.json.offset, size);
        assert.equal((await piece(mette, dialogue, id, 2 * size, bytes.subarray(2 * size))).json.offset, size);
        const early = await finish(mette, dialogue, id);
        assert.equal(early.status, 422);
        for (let at = size; at < bytes.length; at += size) await piece(mette, dialogue, id, at, bytes.subarray(at, at + size));
        assert.equal((await finish(mette, dialogue, id)).json.ready, true);
        assert.equal((await finish(mette, dialogue, id)).json.ready, true, 'an answer that was lost can be asked for again');
        const post = await send(mette, dialogue, '', id);
        assert.ok((await fetchFile(anne, dialogue, post.number, id, 'whole')).bytes.equals(bytes));
    });

    test('can’t be sent before it has all come', async () => {
        const { id } = (await begin(mette, dialogue, 'halv.pdf', 5000)).json;
        const answer = await mette.postJson(`/dialogue/${dialogue}/post`, { text: 'Nu', files: id });
        assert.equal(answer.status, 422);
        assert.match(answer.json.errors[0].message, /ikke kommet helt/);
        assert.notEqual((await read(mette, dialogue)).at(-1).text, 'Nu');
        await mette.postJson(`/dialogue/${dialogue}/file/${id}/remove`, {});
    });
});

describe('without JavaScript', () => {
    test('several pictures and files are chosen at once, wait beside the message, and go with it', async () => {
        const sent = await choose(emil, dialogue, { name: 'hule.png', bytes: png(80, 60) }, { name: 'liste.txt', bytes: Buffer.from('søm, bræt') });
        assert.equal(sent.status, 303, sent.page?.text().slice(0, 300));
        const page = await emil.open(`/dialogue/${dialogue}`);
        assert.equal(page.page.classed('tray__item').length, 2);
        const posted = await emil.submit(page, `/dialogue/${dialogue}/post`, { text: 'Min hule' });
        assert.equal(posted.status, 303);
        const post = (await read(anne, dialogue)).at(-1);
        assert.deepEqual(post.files.map((one) => one.name), ['hule.png', 'liste.txt']);
        assert.equal((await tray(emil, dialogue)).length, 0);
    });

    test('one that can’t be taken is told of by its name; the others are kept', async () => {
        const sent = await choose(emil, dialogue, { name: 'god.png', bytes: png(20, 20) }, { name: 'knust.jpg', bytes: Buffer.from('ikke et billede') });
        assert.equal(sent.status, 422);
        assert.match(sent.page.text(), /knust\.jpg: Vi kan ikke læse billedet/);
        assert.deepEqual((await tray(emil, dialogue)).map((one) => one.name), ['god.png']);
        const [{ id }] = await tray(emil, dialogue);
        assert.equal((await emil.submit(`/dialogue/${dialogue}/files`, `/dialogue/${dialogue}/file/${id}/remove`, {})).status, 303);
        assert.equal((await tray(emil, dialogue)).length, 0);
    });

    test('an empty choice is met with words that help', async () => {
        const sent = await choose(emil, dialogue, { name: '', bytes: Buffer.alloc(0) });
        assert.equal(sent.status, 422);
        assert.match(sent.page.text(), /Vælg et billede eller en fil først/);
    });
});

describe('who may open it', () => {
    test('nobody but its owner before it is sent, nobody outside the dialogue afterwards', async () => {
        const made = await upload(mette, dialogue, 'privat.png', png(20, 20));
        assert.equal((await mette.get(`/dialogue/${dialogue}/file/${made.id}/small`)).status, 200);
        for (const other of [anne, karim]) assert.equal((await other.get(`/dialogue/${dialogue}/file/${made.id}/small`)).status, 404);
        const taken = await karim.postJson(`/dialogue/${dialogue}/post`, { text: 'Mit?', files: made.id });
        assert.equal(taken.status, 422);
        const { number } = await send(mette, dialogue, '', made.id);
        const outsider = await town.as('stranger');
        for (const size of ['small', 'large']) {
            assert.equal((await fetchFile(karim, dialogue, number, made.id, size)).status, 200);
            assert.equal((await fetchFile(outsider, dialogue, number, made.id, size)).status, 404);
        }
        assert.equal((await outsider.get(`/dialogue/${dialogue}/post/${number}/file/${made.id}`)).status, 404);
    });

    test('who may not write sends no file either: not a byte of it is kept', async () => {
        const place = await circle(town, 'Lukket');
        const begun = (await begin(mette, place.dialogue, 'a.pdf', 10)).json;
        await anne.submit(`/dialogue/${place.dialogue}/close`, `/dialogue/${place.dialogue}/close`, { reason: 'Målet er nået' });
        const before = await kept();
        const outsider = await town.as('stranger');
        for (const [who, status] of [[mette, [403, 404]], [outsider, [404]]]) {
            for (const answer of [await piece(who, place.dialogue, begun.id, 0, randomBytes(10)), await finish(who, place.dialogue, begun.id), await begin(who, place.dialogue, 'b.pdf', 10),
                await sendForm(who, `/dialogue/${place.dialogue}/files`, [['csrf', await who.csrf()], ['files', { name: 'c.pdf', bytes: randomBytes(10) }]])]) {
                assert.ok(status.includes(answer.status), `${who.id}: ${answer.request.url.pathname} ${answer.status}`);
            }
        }
        assert.deepEqual(await kept(), before);
    });

    test('a file is not to be had through another message or another dialogue', async () => {
        const other = await startDialogue(anne, town.person('emil'), 'En anden sag');
        const made = await upload(anne, dialogue, 'a.pdf', randomBytes(1000));
        const { number } = await send(anne, dialogue, '', made.id);
        await write(anne, other, 'Hej');
        assert.equal((await fetchFile(anne, other, 1, made.id, 'whole')).status, 404);
        assert.equal((await fetchFile(anne, dialogue, 1, made.id, 'whole')).status, 404);
        assert.equal((await fetchFile(anne, dialogue, number, made.id, 'whole')).status, 200);
        assert.equal((await anne.postJson(`/dialogue/${other}/post`, { text: 'x', files: made.id })).status, 422);
    });

    test('what a coordinator has hidden is shown to nobody, its pictures neither; shown again, they are back', async () => {
        const made = await upload(mette, dialogue, 'skjult.png', png(20, 20)), plain = await upload(mette, dialogue, 'skjult.pdf', randomBytes(10));
        const { number } = await send(mette, dialogue, 'Skal skjules', made.id, plain.id);
        const page = `/dialogue/${dialogue}/post/${number}`;
        const opened = async (reader) => [(await fetchFile(reader, dialogue, number, made.id, 'large')).status, (await fetchFile(reader, dialogue, number, plain.id, 'whole')).status,
            (await reader.get(`${page}/file/${made.id}`)).status, (await read(reader, dialogue)).find((one) => one.number === number).files.length];
        assert.equal((await anne.submit(`${page}/hide`, `${page}/hide`, { reason: 'Billedet viser andre børn' })).status, 303);
        for (const reader of [mette, emil, anne]) assert.deepEqual(await opened(reader), [404, 404, 404, 0]);
        assert.doesNotMatch((await emil.get(`/dialogue/${dialogue}`)).text, /skjult\.pdf/);
        assert.equal((await anne.submit(`${page}/hidden`, `${page}/unhide`, {})).status, 303);
        for (const reader of [mette, emil, anne]) assert.deepEqual(await opened(reader), [200, 200, 200, 2]);
    });

    test('who was excluded opens nothing any more', async () => {
        const made = await upload(mette, dialogue, 'b.png', png(20, 20));
        const { number } = await send(mette, dialogue, '', made.id);
        assert.equal((await fetchFile(karim, dialogue, number, made.id, 'large')).status, 200);
        await exclude(anne, dialogue, karim.name);
        assert.equal((await fetchFile(karim, dialogue, number, made.id, 'large')).status, 404);
        const next = await upload(mette, dialogue, 'c.png', png(20, 20));
        const post = await send(mette, dialogue, '', next.id);
        assert.equal((await fetchFile(emil, dialogue, post.number, next.id, 'large')).status, 200);
    });
});

describe('on the disk', () => {
    test('nothing can be read, and an upload’s own bytes are gone once a picture was made of it', async () => {
        const secret = Buffer.from('Hemmeligt referat om Emil. '.repeat(20));
        const made = await upload(mette, dialogue, 'r.txt', secret);
        await send(mette, dialogue, '', made.id);
        await upload(mette, dialogue, 'p.jpg', photo(100, 80));
        const names = await readdir(folder());
        assert.ok(names.length > 10);
        assert.deepEqual(names.filter((name) => name.endsWith('.1')), [], 'what arrived was made into what is kept');
        for (const name of names) {
            const bytes = await readFile(path.join(folder(), name));
            assert.ok(!text(bytes).includes('Hemmeligt') && !text(bytes).includes(place), name);
        }
    });

    test('what is taken away again is gone, and what no message knows is removed at the next start', async () => {
        const made = await upload(mette, dialogue, 'v.png', png(20, 20));
        const files = async () => (await readdir(folder())).filter((name) => name.startsWith(`${made.id}.`)).length;
        assert.equal(await files(), 3);
        assert.equal((await mette.postJson(`/dialogue/${dialogue}/file/${made.id}/remove`, {})).status, 200);
        assert.equal(await files(), 0);
        await writeFile(path.join(folder(), `${made.id}.3`), 'left by a crash');
        await writeFile(path.join(folder(), 'lost+found.txt'), 'not ours');
        await town.server.restart();
        assert.equal(await files(), 0);
        assert.ok((await readdir(folder())).includes('lost+found.txt'), 'what is not ours is left alone');
        await rm(path.join(folder(), 'lost+found.txt'));
    });
});

describe('consent', () => {
    test('who comes along from today finds no earlier picture; the giver is told how many there are, their own with them', async () => {
        const jonas = await town.as('jonas');
        const own = await startDialogue(anne, town.person('emil'), 'Med samtykke');
        await accept(mette, await invite(anne, own, { name: 'Mette Østergaard', relation: 'mor' }));
        await mustAgree(anne, own, emil.name);
        const first = await upload(emil, own, 'mit.png', png(20, 20)), second = await upload(anne, own, 'plan.pdf', randomBytes(100));
        const early = await send(emil, own, 'Mit billede', first.id), plan = await send(anne, own, 'Planen', second.id);
        const late = await upload(mette, own, 'ny.png', png(20, 20));
        const proposal = await propose(anne, own, jonas.name);
        const asked = await consent(emil, proposal);
        assert.deepEqual([asked.messages, asked.files, asked.own_files], [2, 2, 1]);
        assert.match((await emil.get(`/consents/${proposal}`)).page.text(), /Med 2 billeder og filer – dine egne: 1/);
        const open = (number, file, size) => fetchFile(jonas, own, number, file, size);
        assert.equal((await open(early.number, first.id, 'small')).status, 404, 'proposed');
        await answer(emil, proposal, 'today');
        for (const [number, file, size] of [[early.number, first.id, 'small'], [early.number, first.id, 'large'], [plan.number, second.id, 'whole']]) {
            assert.equal((await open(number, file, size)).status, 404);
            assert.equal((await open(Number(plan.number) + 1, file, size)).status, 404);
        }
        assert.equal((await jonas.get(`/dialogue/${own}/post/${early.number}/file/${first.id}`)).status, 404);
        const post = await send(mette, own, 'Et nyt', late.id);
        assert.equal((await open(post.number, late.id, 'small')).status, 404, 'his numbers begin with his first message');
        assert.equal((await open(1, late.id, 'small')).status, 200, 'what was chosen before and sent after is seen');
        assert.deepEqual((await read(jonas, own)).map((one) => one.files.length), [1]);
        await withdraw(emil, proposal);
        assert.equal((await open(post.number, late.id, 'small')).status, 404, 'taken back');
    });
});

describe('what was never sent', () => {
    test('is forgotten after a day, and what a message holds stays', async () => {
        const timed = await Town.start({ clock: true });
        try {
            const person = await timed.as('anne');
            const own = await startDialogue(person, timed.person('emil'), 'En sag');
            const kept = await upload(person, own, 'sendt.txt', Buffer.from('sendt'));
            await send(person, own, 'Her', kept.id);
            await upload(person, own, 'glemt.txt', Buffer.from('glemt'));
            await begin(person, own, 'halv.txt', 5);
            await timed.server.shiftClock('+25h');
            await timed.server.restart();
            await until('the forgotten file is gone', async () => (await readdir(path.join(timed.server.data, 'files'))).length === 1);
            const again = await timed.signIn('anne');
            assert.deepEqual(await tray(again, own), []);
            assert.equal((await fetchFile(again, own, 1, kept.id, 'whole')).text, 'sendt');
        } finally {
            await timed.close();
        }
    });
});

describe('ten', () => {
    test('go with a message, the eleventh waits for the next one', async () => {
        for (const { id } of await tray(anne, dialogue)) await anne.postJson(`/dialogue/${dialogue}/file/${id}/remove`, {});
        const ids = [];
        for (let i = 0; i < 10; i++) ids.push((await upload(anne, dialogue, `${i}.txt`, Buffer.from(String(i)))).id);
        const eleventh = await begin(anne, dialogue, '11.txt', 5);
        assert.equal(eleventh.status, 422);
        assert.match(eleventh.json.errors[0].message, /plads til 10/);
        const post = await send(anne, dialogue, 'Alle ti', ...ids);
        assert.deepEqual(post.files.map((one) => one.name), ids.map((_, i) => `${i}.txt`));
    });

    test('an answer to a message without words says that it answers a picture', async () => {
        const made = await upload(mette, dialogue, 'uden ord.png', png(20, 20));
        const { number } = await send(mette, dialogue, '', made.id);
        const asked = await anne.open(`/dialogue/${dialogue}?reply=${number}`);
        assert.equal((await anne.submit(asked, `/dialogue/${dialogue}/post`, { text: 'Hvor flot' })).status, 303);
        const { page } = await emil.get(`/dialogue/${dialogue}`);
        assert.match(page.text(page.classed('quote').at(-1)), /Mette Østergaard Et billede eller en fil/);
    });

    test('a message needs words or a file', async () => {
        const answer = await anne.postJson(`/dialogue/${dialogue}/post`, { text: '' });
        assert.equal(answer.status, 422);
    });
});
