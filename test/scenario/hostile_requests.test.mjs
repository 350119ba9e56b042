// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client, raw } from '../support/client.mjs';
import { sleep } from '../support/server.mjs';
import { Town, circle, read } from '../support/town.mjs';

let town, dialogue, anne, csrf, count;
before(async () => {
    town = await Town.start();
    ({ dialogue, anne } = await circle(town));
    csrf = await anne.csrf();
    count = (await read(anne, dialogue)).length;
});
after(() => town?.close());

// Whatever was sent: nothing was written, the server is well, and the person is still signed in.
afterEach(async () => {
    assert.equal((await read(anne, dialogue)).length, count, 'nothing was written');
    assert.equal((await fetch(`${town.url}/healthz`)).status, 200);
});

const target = () => `/dialogue/${dialogue}/post`;
const refused = (answer, what, ...statuses) => {
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
    if (statuses.length > 0) assert.ok(statuses.includes(answer.status), `${what}: ${answer.status}, expected ${statuses}`);
};

describe('too much', () => {
    test('a body of 64 MiB is refused without being read', async () => {
        const cookie = `samtraad=${anne.session}`;
        const { hostname, port } = new URL(town.url);
        const status = await new Promise((resolve) => {
            const request = http.request({ hostname, port, path: target(), method: 'POST', agent: false,
                headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', 'content-length': 64 << 20 } }, (answer) => {
                resolve(answer.statusCode);
                request.destroy();
            });
            request.on('error', () => resolve('closed'));
            const part = Buffer.alloc(1 << 20, 'a');
            let sent = 0;
            const pump = () => {
                while (sent < 64 && !request.destroyed) {
                    sent++;
                    if (!request.write(part)) return void request.once('drain', pump);
                }
            };
            pump();
            setTimeout(() => resolve('silent'), 10000);
        });
        assert.ok([413, 'closed'].includes(status), String(status));
    });

    test('a chunked body without end is refused', async () => {
        const head = `POST ${target()} HTTP/1.1\r\nHost: x\r\nCookie: samtraad=${anne.session}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const answer = await raw(town.url, head + `10000\r\n${'a'.repeat(65536)}\r\n`.repeat(80));
        assert.ok([0, 400, 411, 413].includes(answer.status), answer.text.slice(0, 200));
    });

    test('10,000 headers are refused', async () => {
        const answer = await raw(town.url, `GET / HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 10000 }, (_, n) => `X-${n}: 1\r\n`).join('')}\r\n`);
        assert.ok([0, 400, 413, 431].includes(answer.status), answer.text.slice(0, 200));
    });

    test('a very long path, query or cookie is refused', async () => {
        for (const line of [`GET /${'a'.repeat(100000)} HTTP/1.1\r\nHost: x\r\n`, `GET /?next=${'a'.repeat(100000)} HTTP/1.1\r\nHost: x\r\n`,
            `GET / HTTP/1.1\r\nHost: x\r\nCookie: samtraad=${'a'.repeat(100000)}\r\n`]) {
            const answer = await raw(town.url, `${line}\r\n`);
            assert.ok([0, 400, 413, 414, 431].includes(answer.status), answer.text.slice(0, 200));
        }
    });

    test('10,000 fields, and a field of a megabyte, are refused', async () => {
        const many = Array.from({ length: 10000 }, (_, n) => `f${n}=1`).join('&');
        refused(await anne.request('POST', target(), { body: `csrf=${csrf}&${many}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 'many');
        refused(await anne.post(target(), { csrf, text: 'a'.repeat(1 << 20) }), 'long');
    });

    test('a slow header and a slow body do not keep a connection for ever', { timeout: 60000 }, async () => {
        const began = Date.now();
        const answer = await raw(town.url, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 40000);
        assert.ok(Date.now() - began < 35000, `still open after ${Date.now() - began} ms`);
        assert.ok([0, 400, 408].includes(answer.status));
    });
});

describe('malformed', () => {
    const form = (body) => anne.request('POST', target(), { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });

    test('broken UTF-8, NUL and control characters in a form are refused', async () => {
        for (const [what, text] of [['cut', '%C3'], ['overlong', '%C0%AF'], ['surrogate', '%ED%A0%80'], ['beyond', '%F5%80%80%80'], ['NUL', 'a%00b'], ['bell', 'a%07b'], ['bad percent', '%zz'], ['raw byte', Buffer.from([0xff]).toString('latin1')]]) {
            refused(await form(Buffer.from(`csrf=${csrf}&text=${text}`, 'latin1')), what, 400, 422);
        }
    });

    test('unknown and repeated fields are refused', async () => {
        refused(await anne.post(target(), { csrf, text: 'Hej', admin: '1' }), 'unknown', 400, 422);
        refused(await form(`csrf=${csrf}&text=Hej&text=Hov`), 'repeated', 400, 422);
    });

    test('JSON that is broken, deep, doubled, of wrong type or with unknown fields is refused', async () => {
        for (const [what, body] of [
            ['broken', '{"text":'], ['not an object', '["text"]'], ['a number for a text', '{"text":7}'], ['null', '{"text":null}'], ['an object for a text', '{"text":{}}'],
            ['unknown field', '{"text":"Hej","admin":true}'], ['a field twice', '{"text":"a","text":"b"}'], ['100,000 deep', `{"text":${'['.repeat(100000)}${']'.repeat(100000)}}`],
            ['a NUL', '{"text":"a\\u0000b"}'], ['half a surrogate pair', '{"text":"\\ud800"}'], ['trailing rubbish', '{"text":"Hej"} x'], ['empty', ''], ['a byte order mark', '\ufeff{"text":"Hej"}'],
            ['a huge number', `{"text":"Hej","reply_to":${'9'.repeat(400)}}`], ['a huge exponent', '{"text":"Hej","reply_to":1e999}'],
        ]) refused(await anne.postJson(target(), body), what, 400, 413, 422);
        refused(await anne.request('POST', target(), { json: true, body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), headers: { 'content-type': 'application/json', 'x-csrf-token': csrf } }), 'broken UTF-8', 400, 422);
    });

    test('huge and odd numbers are refused', async () => {
        for (const reply_to of ['99999999999999999999', '-1', '1.5', '0x1', '1e3', ' 1', '１']) refused(await anne.post(target(), { csrf, text: 'Hej', reply_to }), reply_to);
    });

    test('another media type is refused', async () => {
        for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'multipart/form-data; boundary=', 'application/x-www-form-urlencoded; charset=utf-16', '']) {
            refused(await anne.request('POST', target(), { body: `csrf=${csrf}&text=Hej`, headers: { 'content-type': type } }), type, 400, 403, 415, 422);
        }
    });

    test('methods that are not there are refused', async () => {
        for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
            const answer = await anne.request(method, target());
            assert.ok([400, 404, 405, 501].includes(answer.status), `${method}: ${answer.status}`);
        }
        assert.equal((await anne.request('POST', '/', { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 405);
    });

    test('requests that two programs could read differently are refused', async () => {
        const body = `csrf=${csrf}&text=Hej`;
        const head = `POST ${target()} HTTP/1.1\r\nCookie: samtraad=${anne.session}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
        for (const [what, lines] of [
            ['two lengths', `Host: x\r\nContent-Length: ${body.length}\r\nContent-Length: 0\r\n`],
            ['the same length twice', `Host: x\r\nContent-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n`],
            ['length and chunks', `Host: x\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`],
            ['an unknown coding', `Host: x\r\nTransfer-Encoding: gzip\r\n`],
            ['a blank before the colon', `Host: x\r\nContent-Length : ${body.length}\r\n`],
            ['a folded line', `Host: x\r\nX-A: b\r\n  c\r\nContent-Length: ${body.length}\r\n`],
            ['a signed length', `Host: x\r\nContent-Length: +${body.length}\r\n`],
            ['a negative length', `Host: x\r\nContent-Length: -1\r\n`],
            ['two hosts', `Host: x\r\nHost: y\r\nContent-Length: ${body.length}\r\n`],
            ['no host', `Content-Length: ${body.length}\r\n`],
            ['a NUL in a header', `Host: x\r\nX-A: a\0b\r\nContent-Length: ${body.length}\r\n`],
            ['a bare line feed', `Host: x\nContent-Length: ${body.length}\r\n`],
        ]) {
            const answer = await raw(town.url, `${head}${lines}\r\n${body}`, 3000);
            assert.ok(answer.status === 0 || (answer.status >= 400 && answer.status < 500) || answer.status === 501, `${what}: ${answer.text.slice(0, 120)}`);
        }
    });

    test('what is no HTTP at all does no harm', async () => {
        for (const bytes of ['\0\0\0\0', 'GET\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\x16\x03\x01\x02\x00\x01', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 'GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n', '\r\n'.repeat(5000)]) {
            await raw(town.url, Buffer.from(bytes, 'latin1'), 1500);
        }
    });

    test('odd paths open no file and no other route', async () => {
        for (const path of ['/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/asset/../../../etc/passwd', '/asset/%2e%2e%2fsamtraad.db', '//etc/passwd', '/%00', '/%ff', '/dialogue/%00', '/.git/config', '/login/', '/LOGIN']) {
            const answer = await raw(town.url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 2000);
            assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.text.slice(0, 100)}`);
            assert.ok(!answer.text.includes('root:'), path);
        }
    });

    test('a cookie that is none means nobody is signed in', async () => {
        for (const cookie of ['samtraad=', 'samtraad=%00', `samtraad=${'A'.repeat(42)}!`, `samtraad=${anne.session}x`, 'samtraad', ';;;===']) {
            const answer = await new Client(town.url).get('/', { headers: { cookie } });
            assert.ok([303, 400].includes(answer.status), `${cookie}: ${answer.status}`);
        }
    });
});

describe('a flood', () => {
    test('from one address is slowed with a clear answer, and others are served', async () => {
        const sockets = [];
        const { hostname, port } = new URL(town.url);
        for (let n = 0; n < 300; n++) {
            const request = http.request({ hostname, port, path: '/login', method: 'POST', agent: false, headers: { 'content-length': 10 } });
            request.on('error', () => {}).on('response', (answer) => answer.resume());
            request.flushHeaders();
            sockets.push(request);
        }
        await sleep(500);
        for (const one of sockets) one.destroy();
        await sleep(300);
        assert.equal((await anne.get('/')).status, 200);
    });
});
