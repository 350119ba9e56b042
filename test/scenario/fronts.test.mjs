// SPDX-License-Identifier: MPL-2.0
// The example set-ups of docs/fronts, each really started: TLS, HTTP/2, signing in, a message, a live event that comes at once.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { after, before, describe, test } from 'node:test';
import { randomBytes } from 'node:crypto';
import { frontFolder, fronts, startFront } from '../support/fronts.mjs';
import { until } from '../support/server.mjs';
import { send, upload } from '../support/files.mjs';
import { Town, circle, write } from '../support/town.mjs';

let town, one, folder, ca;
before(async () => {
    town = await Town.start({ settings: 'behind_proxy = 1' });
    one = await circle(town, 'Bag en front');
    ({ folder, ca } = await frontFolder(town));
});
after(() => town?.close());

/** One request over HTTP/2; gives { status, headers, text } or, with 'live', calls it with what comes. */
function overHttp2(url, target, headers = {}, live) {
    return new Promise((resolve, refuse) => {
        let patience;
        const reject = (error) => { clearTimeout(patience); refuse(error); };
        const session = http2.connect(url, { ca });
        session.on('error', reject);
        patience = live ? undefined : setTimeout(() => { session.destroy(); reject(new Error(`no answer over HTTP/2: ${target}`)); }, 5000);
        const stream = session.request({ ':path': target, ...headers });
        let text = '', status, answer, protocol;
        stream.setEncoding('utf8').on('error', reject).on('response', (all) => {
            status = all[':status'];
            answer = all;
            protocol = session.alpnProtocol;
            if (live) resolve({ status, close: () => session.destroy() });
        }).on('data', (part) => { text += part; live?.(part); }).on('end', () => {
            clearTimeout(patience);
            session.destroy();
            resolve({ status, headers: answer, text, protocol });
        });
        stream.end();
    });
}

for (const name of fronts) {
    describe(`behind ${name}`, () => {
        let front, url, ports, mette, anne;
        before(async () => {
            front = await startFront(name, town.server.port, folder, async (address) => (await overHttp2(address, '/healthz')).status === 200);
            ({ url, ports } = front);
            const there = Object.assign(new Town(), { server: { url } });
            [mette, anne] = await Promise.all(['mette', 'anne'].map((id) => there.signIn(id, { ca, behind: town.url })));
        });
        after(() => front?.stop());

        test('the connection is HTTP/2 over TLS, and stays with TLS', async () => {
            const { protocol, status, headers } = await overHttp2(url, '/login');
            assert.equal(protocol, 'h2');
            assert.equal(status, 200);
            assert.match(headers['strict-transport-security'], /max-age=\d{8}/);
            const plain = await fetch(`http://localhost:${ports.plain}/login`, { redirect: 'manual' });
            assert.ok([301, 308].includes(plain.status), `${plain.status}`);
            assert.match(plain.headers.get('location'), /^https:\/\/localhost/);
        });

        test('a person who has signed in has a cookie that goes over TLS alone', () => {
            assert.ok([...mette.cookies.values()].some((jar) => jar.has('__Host-samtraad')), JSON.stringify([...mette.cookies.values()].map((jar) => [...jar.keys()])));
        });

        test('a message is heard of at once on a live stream, over HTTP/1.1 and HTTP/2', async () => {
            const target = `/dialogue/${one.dialogue}/live`;
            const first = await anne.stream(target);
            let heard = '';
            const cookie = [...anne.cookies.get(new URL(url).host)].map(([key, value]) => `${key}=${value}`).join('; ');
            const second = await overHttp2(url, target, { cookie, accept: 'text/event-stream' }, (part) => { heard += part; });
            assert.equal(first.status, 200);
            assert.equal(second.status, 200);
            await write(mette, one.dialogue, `Bag ${name}`);
            // The streams stay open: what is held back until they end would never come.
            await until('both hear of it', () => first.events.some((event) => event.name === 'post') && heard.includes('event: post'), 15000);
            first.close();
            second.close();
        });

        test('a file of several megabytes goes through', async () => {
            const file = await upload(mette, one.dialogue, 'brev.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000_000)]));
            const post = await send(mette, one.dialogue, 'Med brev', file.id);
            assert.equal(post.files.length, 1);
        });

        test('nothing of what people ask for is in its log, neither while the server is there nor while it is started anew', async () => {
            await town.server.stop();
            for (const target of [`/dialogue/${one.dialogue}`, '/invitation/hemmelighedensnoegle']) assert.ok((await overHttp2(url, target)).status >= 500);
            await town.server.start();
            await until('it is there again', async () => (await overHttp2(url, '/healthz')).status === 200, 15000);
            await front.stop();
            for (const word of [one.dialogue, 'hemmelighedensnoegle']) assert.ok(!front.log.includes(word), front.log.slice(0, 2000));
        });
    });
}
