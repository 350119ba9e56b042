// SPDX-License-Identifier: MPL-2.0
// Files that were made to do harm, and what becomes of them: a clear message, or nothing but a file to save.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { begin, choose, fetchFile, finish, piece, send, tray, upload } from '../support/files.mjs';
import { multipart, photo, place, png, vips } from '../support/pictures.mjs';
import { until } from '../support/server.mjs';
import { Town, circle, read } from '../support/town.mjs';

let town, dialogue, anne, mette;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne, mette } = await circle(town));
});
after(() => town?.close());

/** A zip with one file of zeros, as small as it can be made. */
function zipBomb() {
    const data = deflateRawSync(Buffer.alloc(20 << 20), { level: 9 });
    const head = Buffer.alloc(30);
    head.write('PK\x03\x04', 'latin1');
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt32LE(0xffffffff, 22);
    return Buffer.concat([head, data]);
}

describe('pictures that are none', () => {
    const damaged = /^Vi kan ikke læse billedet/, large = /^Billedet er for stort/, kind = /^Vi kan ikke vise den slags billeder/;
    const good = () => png(60, 40);
    const cases = {
        'tom-bombe.png': [() => png(4, 4, undefined, [60000, 60000]), large],
        'bred.png': [() => png(4, 4, undefined, [2000000000, 1]), /./],
        'halv.jpg': [() => { const whole = photo(400, 300); return whole.subarray(0, whole.length / 2); }, damaged],
        'halv.png': [() => { const whole = png(400, 300); return whole.subarray(0, whole.length / 2); }, damaged],
        'zip.jpg': [zipBomb, damaged],
        'gzip.png': [() => gzipSync(Buffer.alloc(1 << 20)), damaged],
        'tegning.jpg': [() => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), damaged],
        'tilfaeldig.webp': [() => randomBytes(5000), damaged],
        'tilfaeldig.jpg': [() => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(50000)]), damaged],
        'kun-hoved.gif': [() => Buffer.from('GIF89a'), damaged],
        'stor.gif': [() => Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff]), Buffer.from(',\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0;', 'latin1')]), /./],
        'telefon.heic': [() => Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), randomBytes(3000)]), kind],
    };
    for (const [name, [make, message]] of Object.entries(cases)) {
        test(`${name} is refused with words that help, and nothing of it is kept`, async () => {
            const made = await upload(mette, dialogue, name, make());
            assert.equal(made.ready, false);
            assert.match(made.error, message);
            assert.deepEqual(await tray(mette, dialogue), []);
        });
    }

    test('the server goes on, and the next good picture is taken', async () => {
        const made = await upload(mette, dialogue, 'god.png', good());
        assert.equal(made.ready, true);
        const { number } = await send(mette, dialogue, '', made.id);
        assert.equal((await fetchFile(anne, dialogue, number, made.id, 'small')).status, 200);
    });
});

describe('pictures that are also something else', () => {
    const script = '<script>document.title="ran"</script>';
    const cases = {
        'html behind a PNG': () => Buffer.concat([png(30, 30), Buffer.from(script)]),
        'script in a JPEG’s comment': () => {
            const whole = photo(30, 30);
            const text = Buffer.from(`*/=1;/*${script}`);
            const head = Buffer.from([0xff, 0xfe, 0, text.length + 2]);
            return Buffer.concat([whole.subarray(0, 2), head, text, whole.subarray(2)]);
        },
        'a zip behind a GIF': () => Buffer.concat([vips(png(30, 30), 'a.png', 'a.gif'), zipBomb()]),
    };
    for (const [what, make] of Object.entries(cases)) {
        test(`${what}: only the picture comes out`, async () => {
            const made = await upload(mette, dialogue, 'a.bin', make());
            assert.equal(made.ready, true, made.error);
            const { number } = await send(mette, dialogue, '', made.id);
            for (const size of ['small', 'middle', 'large']) {
                const { bytes } = await fetchFile(anne, dialogue, number, made.id, size);
                const text = bytes.toString('latin1');
                assert.ok(text.startsWith('RIFF') && !text.includes('script') && !text.includes('PK\x03') && !text.includes(place), size);
            }
        });
    }
});

describe('names', () => {
    test('lead nowhere, and say what they are', async () => {
        const names = {
            '../../../etc/passwd': 'passwd',
            'C:\\Windows\\a.txt': 'a.txt',
            'bill\u202egpj.exe': 'billgpj.exe',
            '.htaccess': 'htaccess',
            'a"; filename="b.txt': 'a filename=b.txt',
            [`${'x'.repeat(300)}.pdf`]: `${'x'.repeat(115)}….pdf`,
        };
        for (const [name, expected] of Object.entries(names)) {
            const made = await upload(mette, dialogue, name, Buffer.from('x'));
            const post = await send(mette, dialogue, '', made.id);
            assert.equal(post.files[0].name, expected);
            const answer = await fetchFile(anne, dialogue, post.number, made.id, 'whole');
            assert.equal(answer.headers['content-disposition'], `attachment; filename*=UTF-8''${encodeURIComponent(expected)}`);
        }
    });

    test('with line breaks add no header', async () => {
        const made = await choose(mette, dialogue, { name: 'a%0D%0ASet-Cookie: x=1.txt', bytes: Buffer.from('x') });
        assert.equal(made.status, 303);
        const [{ id }] = await tray(mette, dialogue);
        const post = await send(mette, dialogue, '', id);
        const answer = await fetchFile(anne, dialogue, post.number, id, 'whole');
        assert.equal(answer.headers['set-cookie'], undefined);
        const refused = await begin(mette, dialogue, 'a\r\nb.txt', 5);
        assert.ok([200, 422].includes(refused.status));
    });
});

describe('uploads that do not keep to the rules', () => {
    test('pieces at wrong places, too long, or for others’ files are refused', async () => {
        const { id, piece: size } = (await begin(mette, dialogue, 'a.pdf', 3000000)).json;
        for (const [offset, length] of [[1, 1000], [0, 1000], [2999999, 10], [4 << 20, 10], [0, size + 1]]) {
            const answer = await piece(mette, dialogue, id, offset, Buffer.alloc(length));
            assert.ok([413, 422].includes(answer.status), `${offset} ${length}: ${answer.status}`);
        }
        assert.equal((await mette.get(`/dialogue/${dialogue}/file/${id}/upload`, { json: true })).json.offset, 0);
        assert.equal((await piece(anne, dialogue, id, 0, Buffer.alloc(size))).status, 404);
        assert.equal((await finish(anne, dialogue, id)).status, 404);
        assert.equal((await finish(mette, dialogue, id)).status, 422);
        assert.equal((await mette.postJson(`/dialogue/${dialogue}/file/${id}/remove`, {})).status, 200);
        for (const bytes of [-1, 0, 2 ** 60]) assert.equal((await begin(mette, dialogue, 'a', bytes)).status, 422, String(bytes));
    });

    test('a body that is larger than anybody may send is not even read, and much only from who is signed in', async () => {
        const { body, type } = multipart([['files', { name: 'a.bin', bytes: Buffer.alloc(27 << 20) }]]);
        const sent = await mette.request('POST', `/dialogue/${dialogue}/files`, { body, headers: { 'content-type': type } }).catch((fault) => fault);
        assert.ok(sent.status === 413 || ['EPIPE', 'ECONNRESET'].includes(sent.code), String(sent.status ?? sent.code));
        const answer = await fetch(`${town.url}/dialogue/${dialogue}/files`, { method: 'POST', body: new Uint8Array(1 << 20), headers: { 'content-type': type } }).then((one) => one.status, () => 0);
        assert.ok([0, 401].includes(answer), String(answer));
    });

    test('ids of others, of nothing, or too many go with no message', async () => {
        const count = (await read(mette, dialogue)).length;
        for (const files of ['1', 'x', '1 2 3', Array(11).fill('1').join(' '), '../1']) {
            const answer = await mette.postJson(`/dialogue/${dialogue}/post`, { text: 'Hej', files });
            assert.equal(answer.status, 422, files);
        }
        assert.equal((await read(mette, dialogue)).length, count);
    });
});

describe('with a virus scanner', () => {
    let scanned, folder, clamd, person, own;
    const evil = 'SAMTRAAD-PROEVE-VIRUS-4711';

    const startScanner = async () => {
        clamd = spawn('/usr/sbin/clamd', ['--foreground', '-c', path.join(folder, 'clamd.conf')], { stdio: 'ignore' });
        await until('clamd answers', () => new Promise((resolve) => {
            import('node:net').then(({ connect }) => {
                const socket = connect(path.join(folder, 'clamd.sock'), () => { socket.destroy(); resolve(true); });
                socket.on('error', () => resolve(false));
            });
        }), 30000);
    };
    const stopScanner = async () => {
        const ended = new Promise((resolve) => clamd.once('close', resolve));
        clamd.kill('SIGTERM');
        await ended;
    };

    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), 'samtraad-clamd-'));
        await mkdir(path.join(folder, 'db'));
        // One signature of our own: any file that holds these bytes.
        await writeFile(path.join(folder, 'db', 'own.ndb'), `Samtraad.Proeve:0:*:${Buffer.from(evil).toString('hex')}\n`);
        await writeFile(path.join(folder, 'clamd.conf'), [
            `LocalSocket ${path.join(folder, 'clamd.sock')}`, `DatabaseDirectory ${path.join(folder, 'db')}`, `TemporaryDirectory ${folder}`,
            'Foreground yes', 'StreamMaxLength 30M', 'MaxThreads 2', 'OfficialDatabaseOnly no', ''].join('\n'));
        await startScanner();
        scanned = await Town.start({ settings: `[file]\nclamd = ${path.join(folder, 'clamd.sock')}\n` });
        ({ dialogue: own, mette: person } = await circle(scanned));
    });
    after(async () => {
        await scanned?.close();
        if (clamd && clamd.exitCode === null) await stopScanner();
        await rm(folder, { recursive: true, force: true });
    });

    test('a file in which it finds something is refused, a clean one is taken', async () => {
        const infected = await upload(person, own, 'regning.pdf', Buffer.from(`%PDF-1.4 ${evil}`));
        assert.equal(infected.ready, false);
        assert.match(infected.error, /viruskontrol fandt noget skadeligt/);
        assert.deepEqual(await tray(person, own), []);
        const picture = await upload(person, own, 'a.png', Buffer.concat([png(20, 20), Buffer.from(evil)]));
        assert.match(picture.error, /viruskontrol/);
        const clean = await upload(person, own, 'ren.pdf', Buffer.concat([Buffer.from('%PDF-1.4 '), randomBytes(500000)]));
        assert.equal(clean.ready, true);
        await send(person, own, 'Ren', clean.id);
        assert.doesNotMatch(scanned.server.log, /setting=file/);
        assert.match(scanned.server.log, /event=file-infected signature="Samtraad\.Proeve/);
    });

    test('while it can’t be asked nothing is taken; once it can, the same upload goes through', async () => {
        await stopScanner();
        const waits = await upload(person, own, 'vent.pdf', Buffer.from('%PDF-1.4 hej'));
        assert.deepEqual([waits.ready, waits.again], [false, true]);
        assert.match(waits.error, /ikke tjekke filer for virus lige nu/);
        const refused = await person.postJson(`/dialogue/${own}/post`, { text: 'Nu', files: waits.id });
        assert.equal(refused.status, 422);
        assert.equal((await person.get(`/dialogue/${own}/file/${waits.id}/whole`)).status, 404);
        await startScanner();
        assert.equal((await finish(person, own, waits.id)).json.ready, true);
    });
});

test('a scanner that says nonsense is believed nothing, and nothing of ours gets into the log with its words', async (context) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'samtraad-scanner-')), socket = path.join(folder, 'clamd.sock');
    let reply = '';
    const scanner = createServer((peer) => {
        peer.on('error', () => {}).on('data', (bytes) => { if (bytes.subarray(-4).equals(Buffer.alloc(4))) peer.end(reply); });
    }).listen(socket);
    await once(scanner, 'listening');
    const scanned = await Town.start({ settings: `[file]\nclamd = ${socket}\n` });
    context.after(async () => { await scanned.close(); scanner.close(); await rm(folder, { recursive: true, force: true }); });
    const { dialogue: own, mette: person } = await circle(scanned);
    for (reply of ['stream: FOUND\0', 'stream: \0', ' FOUND\0', '', 'stream: OK FOUND'.repeat(500)]) {
        const sent = await upload(person, own, 'brev.pdf', Buffer.from('%PDF-1.4 hej'));
        assert.equal(sent.ready, false, reply.slice(0, 40));
    }
    assert.doesNotMatch(scanned.server.log, /signature="FOUND/);
    reply = 'stream: OK\0';
    assert.equal((await upload(person, own, 'brev.pdf', Buffer.from('%PDF-1.4 hej'))).ready, true);
});
