// SPDX-License-Identifier: MPL-2.0
// A little server with holes, and the same without: what sqlmap must find, and what it must not. A tool that finds nothing here says nothing about us.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

const people = Array.from({ length: 9 }, (none, n) => `(${n + 1}, 'Person ${n + 1}', 'Title of ${n + 1}')`).join();
const columns = 'id, name, title';

function sql(file, text) {
    return new Promise((resolve, reject) => {
        const child = execFile('sqlite3', ['-bail', file], (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
        child.stdin.on('error', () => {}).end(text);
    });
}

/** The name of what was sent in one of three kinds of bodies. */
function sent(type, body) {
    if (type.includes('json')) return String(JSON.parse(body).name);
    if (type.includes('multipart')) return /name="name"\r\n\r\n([^]*?)\r\n--/.exec(body)?.[1] ?? '';
    return new URLSearchParams(body).get('name') ?? '';
}

/** How each route puts its question. Those under /safe take numbers and quote texts. */
function question(method, url, headers, body) {
    const id = decodeURIComponent(url.pathname.split('/').at(-1));
    const name = method === 'POST' ? sent(headers['content-type'] ?? '', body) : url.searchParams.get('name') ?? '';
    if (url.pathname.startsWith('/safe/person/')) return `SELECT ${columns} FROM person WHERE id = ${Number.parseInt(id, 10) || 0};`;
    if (url.pathname.startsWith('/safe')) return `SELECT ${columns} FROM person WHERE name = '${name.replaceAll("'", "''").replaceAll('\0', '')}';`;
    if (url.pathname.startsWith('/person/')) return `SELECT ${columns} FROM person WHERE id = ${id};`;
    if (url.pathname === '/') return `SELECT ${columns} FROM person WHERE name = '${decodeURIComponent(/samtraad=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? '')}';`;
    return `SELECT ${columns} FROM person WHERE name = '${name}';`;
}

/** Starts it: { url, close }. */
export async function control() {
    const folder = await mkdtemp(path.join(tmpdir(), 'samtraad-control-'));
    const file = path.join(folder, 'control.db');
    await sql(file, `CREATE TABLE person (id INTEGER, name TEXT, title TEXT); INSERT INTO person VALUES ${people};`);
    const server = createServer(async (request, response) => {
        let body = '';
        for await (const part of request) body += part;
        try {
            const rows = await sql(file, question(request.method, new URL(request.url, 'http://localhost'), request.headers, body));
            // Each page differs in a token, as ours do.
            response.setHeader('content-type', 'text/html').end(`<p>${rows || 'nobody'}</p><input type="hidden" name="csrf" value="${Math.random()}">`);
        } catch {
            response.writeHead(500).end('no');
        }
    });
    await new Promise((resolve) => server.listen(0, 'localhost', resolve));
    return {
        url: `http://localhost:${server.address().port}`,
        close: async () => { server.closeAllConnections(); server.close(); await rm(folder, { recursive: true, force: true }); },
    };
}
