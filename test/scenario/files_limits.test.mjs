// SPDX-License-Identifier: MPL-2.0
// What is too much is said before, and in clear words with a way back when it happens; and the pictures of newer telephones.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { begin, choose, fetchFile, send, tray, upload } from '../support/files.mjs';
import { Page, attr } from '../support/html.mjs';
import { heic, multipart, pixelOf, place, sizeOf } from '../support/pictures.mjs';
import { Town, circle } from '../support/town.mjs';

let town, one;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Billeder');
});
after(() => town?.close());

/** Writes bytes to the server as they are, and gives all that it answers. */
const raw = (...parts) => new Promise((resolve) => {
    let answer = '';
    const socket = connect(town.server.port, '127.0.0.1', () => { for (const part of parts) socket.write(part); });
    socket.setEncoding('utf8').on('data', (text) => { answer += text; }).on('error', () => {}).on('close', () => resolve(answer));
    setTimeout(() => socket.destroy(), 8000).unref();
});

describe('a picture of a newer telephone (HEIC)', () => {
    const paint = (x, y) => (x < 100 && y < 100 ? [230, 30, 30] : [30, 30, 220]);

    test('is seen by everybody as any other, in three sizes, without the place where it was taken', async () => {
        const bytes = heic(1500, 900, { paint, orientation: 1 });
        assert.equal(bytes.toString('latin1', 4, 12), 'ftypheic');
        assert.ok(bytes.includes(place.slice(0, 9)), 'the file itself tells where');
        const made = await upload(one.mette, one.dialogue, 'IMG_0417.HEIC', bytes);
        assert.deepEqual([made.ready, made.error], [true, '']);
        const post = await send(one.mette, one.dialogue, 'Fra min telefon', made.id);
        assert.equal(post.files[0].picture, true);
        for (const [size, expected] of [['small', [480, 288]], ['middle', [1280, 768]], ['large', [1500, 900]]]) {
            const answer = await fetchFile(one.karim, one.dialogue, post.number, made.id, size);
            assert.equal(answer.headers['content-type'], 'image/webp');
            assert.deepEqual(sizeOf(answer.bytes), expected);
            for (const mark of [place.slice(0, 9), 'Exif', 'EXIF', 'ftyp']) assert.ok(!answer.bytes.includes(mark), `${size} ${mark}`);
        }
        const { bytes: shown } = await fetchFile(one.karim, one.dialogue, post.number, made.id, 'large');
        const [inside, outside] = [pixelOf(shown, 40, 40), pixelOf(shown, 1200, 700)];
        assert.ok(inside[0] > 180 && inside[2] < 90, `red in its corner: ${inside}`);
        assert.ok(outside[2] > 170 && outside[0] < 90, `blue elsewhere: ${outside}`);
    });

    test('that was cut short or spoilt is refused with words that help', async () => {
        const whole = heic(600, 400);
        const spoilt = Buffer.from(whole);
        spoilt.fill(0xa5, Math.floor(whole.length / 3), Math.floor(whole.length / 3) + 64);
        for (const [what, bytes] of [['half', whole.subarray(0, whole.length / 2)], ['its head only', whole.subarray(0, 40)]]) {
            const made = await upload(one.mette, one.dialogue, 'a.heic', bytes);
            assert.equal(made.ready, false, what);
            assert.match(made.error, /^Vi kan ikke (læse billedet|vise den slags billeder)/, what);
        }
        // Spoilt in the middle it may still be a picture; whatever comes of it, the server goes on.
        await upload(one.mette, one.dialogue, 'b.heic', spoilt);
        assert.equal((await upload(one.mette, one.dialogue, 'c.heic', whole)).ready, true);
    });
});

describe('without JavaScript', () => {
    test('the page says before that all of one go share the limit, and what to do with more', async () => {
        const page = await one.emil.open(`/dialogue/${one.dialogue}/files`);
        const hint = page.page.text(page.page.id('files-hint'));
        assert.match(hint, /på én gang, må højst fylde 25 MB i alt/);
        assert.match(hint, /én ad gangen\. Hver må fylde op til 25 MB/);
        assert.equal(attr(page.page.id('files'), 'aria-describedby'), 'files-hint');
    });

    test('two files of 13 MB are too much together, and one at a time they are not', async () => {
        const film = (name) => ({ name, bytes: Buffer.alloc(13 << 20, name) });
        const { body, type } = multipart([['csrf', await one.emil.csrf()], ['files', film('a.mp4')], ['files', film('b.mp4')]]);
        const together = await one.emil.request('POST', `/dialogue/${one.dialogue}/files`, { body, headers: { 'content-type': type } });
        assert.equal(together.status, 413);
        assert.match(together.headers['content-type'], /^text\/html/);
        assert.match(together.headers['content-security-policy'], /default-src 'none'/);
        const words = together.page.text();
        for (const part of ['Det var for meget på én gang', 'Der er ikke gemt noget', 'højst sende 25 MB', 'ét for ét']) assert.ok(words.includes(part), `${part} in ${words}`);
        const back = together.page.all('a').find((link) => together.page.text(link) === 'Tilbage');
        assert.equal(attr(back, 'href'), `/dialogue/${one.dialogue}/files`, 'back to where it was sent from');
        assert.match(words, /Min profil|Log ud|Emil/, 'in the frame that Emil knows');
        assert.deepEqual(await tray(one.emil, one.dialogue), []);
        for (const name of ['a.mp4', 'b.mp4']) assert.equal((await choose(one.emil, one.dialogue, film(name))).status, 303);
        assert.deepEqual((await tray(one.emil, one.dialogue)).map((each) => each.name), ['a.mp4', 'b.mp4']);
    });
});

describe('what is too much', () => {
    test('a message of a megabyte: the limit, in Danish or English, and the way back to the dialogue', async () => {
        const body = Buffer.from(new URLSearchParams({ csrf: await one.emil.csrf(), text: 'ord '.repeat(300000) }).toString());
        const answer = await one.emil.request('POST', `/dialogue/${one.dialogue}/post`, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
        assert.equal(answer.status, 413);
        assert.match(answer.page.text(), /højst sende \d+ [KM]B på én gang/);
        assert.ok(answer.page.all('a').some((link) => attr(link, 'href') === `/dialogue/${one.dialogue}`));
        const visitor = await raw(`POST /login HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${9 << 20}\r\n\r\n`, Buffer.alloc(3 << 20, 'a'));
        assert.match(visitor, /^HTTP\/1\.1 413 /);
        assert.match(visitor, /That was too much at once/);
        assert.match(visitor, /Connection: close/i);
    });

    test('programs get it as JSON; who is no longer signed in is told that', async () => {
        const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(3 << 20) }));
        const answer = await one.emil.request('POST', `/dialogue/${one.dialogue}/post`, { json: true, body, headers: { 'content-type': 'application/json', 'x-csrf-token': await one.emil.csrf() } });
        assert.equal(answer.status, 413);
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        assert.equal(answer.json.status, 413);
        assert.match(answer.json.errors[0].message, /højst sende/);
        const { body: files, type } = multipart([['files', { name: 'a.bin', bytes: Buffer.alloc(2 << 20) }]]);
        const gone = await raw(`POST /dialogue/${one.dialogue}/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${files.length}\r\n\r\n`, files);
        assert.match(gone, /^HTTP\/1\.1 401 /);
        assert.match(gone, /href="\/login"/);
    });

    test('an address, or a head, that is too long: a page in both languages with the limit and the way to the front page', async () => {
        const cases = {
            414: [`GET /${'a'.repeat(6000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, /over 4\.000 tegn[^]*more than 4,000 characters/],
            431: [`GET / HTTP/1.1\r\nHost: localhost\r\nX-Extra: ${'b'.repeat(9000)}\r\n\r\n`, /over 8 KB[^]*more than 8 KB/],
        };
        for (const [status, [request, words]] of Object.entries(cases)) {
            const answer = await raw(request);
            assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer.slice(0, 100));
            const [head, body] = answer.split('\r\n\r\n');
            assert.match(head, /Content-Type: text\/html; charset=utf-8/);
            assert.match(head, /Content-Security-Policy: default-src 'none'/);
            assert.match(body, words);
            const page = new Page(body);
            assert.deepEqual(page.all('a').map((link) => attr(link, 'href')), ['/', '/']);
            assert.deepEqual(page.all('p').map((paragraph) => attr(paragraph, 'lang')), ['da', 'en']);
        }
    });

    test('the server goes on after each', async () => {
        assert.equal((await one.emil.get('/')).status, 200);
        assert.equal((await begin(one.emil, one.dialogue, 'a.bin', 26 << 20)).status, 422, 'one file that is too large is told of before it is sent');
    });
});
