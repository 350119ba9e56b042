// SPDX-License-Identifier: MPL-2.0
// The example set-ups of docs/fronts, each really started: TLS, HTTP/2, signing in, a message, a live event that comes at once.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { randomBytes } from 'node:crypto';
import { freePort, until } from '../support/server.mjs';
import { send, upload } from '../support/files.mjs';
import { Town, circle, write } from '../support/town.mjs';

const example = (name) => readFile(path.resolve(import.meta.dirname, '../../docs/fronts', name), 'utf8');

let town, one, folder, ca;
before(async () => {
    town = await Town.start({ settings: 'behind_proxy = 1' });
    one = await circle(town, 'Bag en front');
    folder = path.join(town.server.folder, 'front');
    await mkdir(folder);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'fullchain.pem')], { stdio: 'ignore' });
    ca = await readFile(path.join(folder, 'fullchain.pem'), 'utf8');
    await writeFile(path.join(folder, 'all.pem'), ca + await readFile(path.join(folder, 'key.pem'), 'utf8'));
});
after(() => town?.close());

/** The example with the places of this test in it; each of them must occur. */
function adapt(text, places) {
    for (const [from, to] of places) {
        assert.ok(text.includes(from), `the example says "${from}"`);
        text = text.replaceAll(from, to);
    }
    return text;
}

const fronts = {
    async nginx(ports) {
        const site = adapt(await example('nginx.conf'), [['127.0.0.1:8080', `127.0.0.1:${town.server.port}`], ['/etc/ssl/samtraad', folder],
            ['listen 443 ssl', `listen ${ports.tls} ssl`], ['listen [::]:443 ssl http2;', ''], ['listen 80;', `listen ${ports.plain};`], ['listen [::]:80;', ''],
            ['samtraad.kommune.example', 'localhost']]);
        const config = path.join(folder, 'nginx.conf');
        const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
        await writeFile(config, `daemon off;\npid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n${temporary}\n${site}\n}\n`);
        return ['nginx', ['-e', 'stderr', '-p', folder, '-c', config]];
    },
    async haproxy(ports) {
        const config = path.join(folder, 'haproxy.cfg');
        await writeFile(config, adapt(await example('haproxy.cfg'), [['127.0.0.1:8080', `127.0.0.1:${town.server.port}`], ['/etc/ssl/samtraad', folder],
            ['bind :443', `bind :${ports.tls}`], ['bind :80', `bind :${ports.plain}`]]));
        return ['haproxy', ['-db', '-f', config]];
    },
    async caddy(ports) {
        const config = path.join(folder, 'Caddyfile');
        await writeFile(config, adapt(await example('Caddyfile'), [['127.0.0.1:8080', `127.0.0.1:${town.server.port}`], ['/etc/ssl/samtraad', folder],
            ['admin off', `admin off\n\thttp_port ${ports.plain}\n\thttps_port ${ports.tls}`], ['samtraad.kommune.example {', `localhost:${ports.tls} {`]]));
        return ['caddy', ['run', '--adapter', 'caddyfile', '--config', config]];
    },
};

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

for (const [name, prepare] of Object.entries(fronts)) {
    describe(`behind ${name}`, () => {
        let front, ended, url, ports, log = '', mette, anne;
        before(async () => {
            ports = { tls: await freePort(), plain: await freePort() };
            url = `https://localhost:${ports.tls}`;
            const [program, args] = await prepare(ports);
            front = spawn(program, args, { cwd: folder, env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
            for (const stream of [front.stdout, front.stderr]) stream.setEncoding('utf8').on('data', (text) => { log += text; });
            front.once('error', (error) => { log += error.message; });
            ended = new Promise((resolve) => front.once('exit', resolve));
            await until(`${name} answers`, async () => (await overHttp2(url, '/healthz')).status === 200, 20000).catch((error) => { throw new Error(`${error.message}\n${log}`, { cause: error }); });
            const there = Object.assign(new Town(), { server: { url } });
            [mette, anne] = await Promise.all(['mette', 'anne'].map((id) => there.signIn(id, { ca, behind: town.url })));
        });
        after(async () => {
            if (!front?.pid) return;
            front.kill('SIGTERM');
            const patience = setTimeout(() => front.kill('SIGKILL'), 5000);
            await ended;
            clearTimeout(patience);
        });

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

        test('nothing of what people ask for is in its log', () => {
            assert.ok(!log.includes(one.dialogue), log.slice(0, 2000));
        });
    });
}
