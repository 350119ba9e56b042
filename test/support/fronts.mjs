// SPDX-License-Identifier: MPL-2.0
// The example set-ups of docs/fronts, each really started before a server of a test.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, until } from './server.mjs';

const example = (name) => readFile(path.resolve(import.meta.dirname, '../../docs/fronts', name), 'utf8');

/** The example with the places of this test in it; each of them must occur. */
function adapt(text, places) {
    for (const [from, to] of places) {
        assert.ok(text.includes(from), `the example says "${from}"`);
        text = text.replaceAll(from, to);
    }
    return text;
}

const prepare = {
    async nginx(folder, server, ports) {
        const site = adapt(await example('nginx.conf'), [['127.0.0.1:8080', `127.0.0.1:${server}`], ['/etc/ssl/samtraad', folder],
            ['listen 443 ssl', `listen ${ports.tls} ssl`], ['listen [::]:443 ssl http2;', ''], ['listen 80;', `listen ${ports.plain};`], ['listen [::]:80;', ''],
            ['/var/log/nginx/error.log', 'stderr'], ['samtraad.kommune.example', 'localhost']]);
        const config = path.join(folder, 'nginx.conf');
        const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
        await writeFile(config, `daemon off;\npid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n${temporary}\n${site}\n}\n`);
        return ['nginx', ['-e', 'stderr', '-p', folder, '-c', config]];
    },
    async haproxy(folder, server, ports) {
        const config = path.join(folder, 'haproxy.cfg');
        await writeFile(config, adapt(await example('haproxy.cfg'), [['127.0.0.1:8080', `127.0.0.1:${server}`], ['/etc/ssl/samtraad', folder],
            ['bind :443', `bind :${ports.tls}`], ['bind :80', `bind :${ports.plain}`]]));
        return ['haproxy', ['-db', '-f', config]];
    },
    async caddy(folder, server, ports) {
        const config = path.join(folder, 'Caddyfile');
        await writeFile(config, adapt(await example('Caddyfile'), [['127.0.0.1:8080', `127.0.0.1:${server}`], ['/etc/ssl/samtraad', folder],
            ['admin off', `admin off\n\thttp_port ${ports.plain}\n\thttps_port ${ports.tls}`], ['samtraad.kommune.example {', `localhost:${ports.tls} {`]]));
        return ['caddy', ['run', '--adapter', 'caddyfile', '--config', config]];
    },
};

/** The names of the set-ups. */
export const fronts = Object.keys(prepare);

/** A folder for fronts of this town, with a certificate for localhost in it: { folder, ca }. */
export async function frontFolder(town) {
    const folder = path.join(town.server.folder, 'front');
    await mkdir(folder);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'fullchain.pem')], { stdio: 'ignore' });
    const ca = await readFile(path.join(folder, 'fullchain.pem'), 'utf8');
    await writeFile(path.join(folder, 'all.pem'), ca + await readFile(path.join(folder, 'key.pem'), 'utf8'));
    return { folder, ca };
}

/** Starts a front before the server at that port and waits until answers(url) is true: { url, ports: { tls, plain }, log, stop() }. */
export async function startFront(name, server, folder, answers) {
    const ports = { tls: await freePort(), plain: await freePort() };
    const front = { url: `https://localhost:${ports.tls}`, ports, log: '' };
    const [program, args] = await prepare[name](folder, server, ports);
    const child = spawn(program, args, { cwd: folder, env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { front.log += text; });
    child.once('error', (error) => { front.log += error.message; });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    front.stop = async () => {
        if (!child.pid) return;
        child.kill('SIGTERM');
        const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
        await ended;
        clearTimeout(patience);
    };
    try {
        await until(`${name} answers`, () => answers(front.url), 20000);
    } catch (error) {
        await front.stop();
        throw new Error(`${error.message}\n${front.log}`, { cause: error });
    }
    return front;
}
