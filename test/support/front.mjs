// SPDX-License-Identifier: MPL-2.0
// A real HAProxy before several servers, with the set-up of docs/fronts/haproxy-nodes.cfg, without TLS.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, until } from './server.mjs';

const example = (name) => readFile(path.resolve(import.meta.dirname, '../../docs/fronts', name), 'utf8');

export class Front {
    log = '';

    /** 'servers': at least three ports. Gives where people go in 'url'. */
    static async start(folder, servers) {
        const front = new Front();
        const port = await freePort(), config = path.join(folder, 'haproxy.cfg');
        const above = (await example('haproxy.cfg')).split('frontend samtraad')[0];
        // The lines for the frontend stand in its comment.
        const nodes = await example('haproxy-nodes.cfg'), rules = [...nodes.matchAll(/^#( {5}use_backend .*)$/gm)].map(([, rule]) => rule);
        const places = ['10.0.0.11:8080', '10.0.0.12:8080', '10.0.0.13:8080'];
        const below = places.reduce((text, place, at) => text.replaceAll(place, `127.0.0.1:${servers[at]}`), nodes);
        await writeFile(config, `${above}
frontend samtraad
    bind 127.0.0.1:${port}
${rules.join('\n')}
    default_backend samtraad
${below}`);
        front.url = `http://localhost:${port}`;
        front.child = spawn('haproxy', ['-db', '-f', config], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [front.child.stdout, front.child.stderr]) stream.setEncoding('utf8').on('data', (text) => { front.log += text; });
        front.ended = new Promise((resolve) => front.child.once('exit', resolve));
        await until('the front answers', async () => (await fetch(`${front.url}/healthz`)).ok, 20000).catch((error) => { throw new Error(`${error.message}\n${front.log}`); });
        return front;
    }

    async stop() {
        this.child.kill('SIGTERM');
        const patience = setTimeout(() => this.child.kill('SIGKILL'), 3000);
        await this.ended;
        clearTimeout(patience);
    }
}
