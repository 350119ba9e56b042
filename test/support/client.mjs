// SPDX-License-Identifier: MPL-2.0
// A person's browser without the browser: cookies, forms found on pages, HTML and JSON; and the raw bytes for hostile requests.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Contract } from './contract.mjs';
import { Page, attr } from './html.mjs';

const contracts = new Map();

/** The contract of the server at 'url', read once. */
export function contractOf(url) {
    if (!contracts.has(url)) contracts.set(url, Contract.of(url));
    return contracts.get(url);
}

export class Answer {
    constructor(request, message, bytes) {
        this.request = request;
        this.status = message.statusCode;
        this.headers = message.headers;
        this.rawHeaders = message.rawHeaders;
        this.sent = bytes;   // before it is unpacked
        this.bytes = message.headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes;   // HEAD has none
    }

    get text() {
        return this.bytes.toString('utf8');
    }

    get json() {
        return JSON.parse(this.text);
    }

    get page() {
        return (this.parsed ??= new Page(this.text));
    }

    get location() {
        return this.headers.location ?? (this.headers['content-type']?.includes('json') ? this.json.location : undefined);
    }
}

export class Client {
    cookies = new Map();

    /** How connections are kept: false: a new one for each request. */
    agent = false;

    /** Through a front: 'ca' is the certificate that it is trusted by, 'behind' the server's own address. */
    constructor(url, { language = 'da', ca, behind = url } = {}) {
        this.url = url;
        this.ca = ca;
        this.behind = behind;
        this.language = language;
    }

    /** One request and its answer; redirects are not followed. */
    request(method, target, { body, headers = {}, json = false } = {}) {
        const url = new URL(target, this.url);
        const all = { accept: json ? 'application/json' : 'text/html', 'accept-encoding': 'gzip', 'accept-language': this.language, ...headers };
        const jar = this.#jar(url);
        if (jar.size > 0) all.cookie ??= [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        if (body !== undefined) all['content-length'] ??= Buffer.byteLength(body);
        return new Promise((resolve, reject) => {
            const request = this.#library(url).request(url, { method, headers: all, agent: this.agent, ca: this.ca }, (message) => {
                const parts = [];
                message.on('data', (part) => parts.push(part)).on('error', reject).on('end', () => {
                    const answer = new Answer({ method, url }, message, Buffer.concat(parts));
                    this.#keep(url, message.headers['set-cookie'] ?? []);
                    this.#check(answer).then(() => resolve(answer), reject);
                });
            });
            request.on('error', reject).setTimeout(30000, () => request.destroy(new Error(`${method} ${url}: no answer in 30 s`)));
            request.end(body);
        });
    }

    #library(url) {
        return url.protocol === 'https:' ? https : http;
    }

    // Cookies are kept for each host and port, so that login providers on localhost do not see ours.
    #jar(url) {
        if (!this.cookies.has(url.host)) this.cookies.set(url.host, new Map());
        return this.cookies.get(url.host);
    }

    #keep(url, lines) {
        for (const line of lines) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (/max-age=0\b/i.test(line) || /expires=Thu, 01 Jan 1970/i.test(line)) this.#jar(url).delete(name);
            else this.#jar(url).set(name, value);
        }
    }

    async #check(answer) {
        const { url, method } = answer.request;
        if (url.origin !== new URL(this.url).origin || !/^application\/(problem\+)?json/.test(answer.headers['content-type'] ?? '')) return;
        if (url.pathname === '/api/openapi.json' || answer.bytes.length === 0) return;
        (await contractOf(this.behind)).check(method, url.pathname, answer.status, answer.json);
    }

    get session() {
        return [...this.#jar(new URL(this.url))].find(([name]) => name.endsWith('samtraad'))?.[1];
    }

    get(target, options) {
        return this.request('GET', target, options);
    }

    /** Follows redirects by GET, on this server and on login providers, to the page where they end. */
    async open(target, options) {
        let answer = await this.get(target, options);
        for (let hops = 0; answer.status >= 300 && answer.status < 400 && answer.headers.location; hops++) {
            assert.ok(hops < 12, `too many redirects from ${target}`);
            answer = await this.get(new URL(answer.headers.location, answer.request.url).href);
        }
        return answer;
    }

    /** Sends a urlencoded form without looking at any page. */
    post(target, fields = {}, options = {}) {
        return this.request('POST', target, {
            body: new URLSearchParams(fields).toString(),
            ...options,
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
        });
    }

    /** Sends JSON, as a program would; the CSRF token comes from the session's own page. */
    async postJson(target, value, options = {}) {
        return this.request('POST', target, {
            json: true,
            body: typeof value === 'string' ? value : JSON.stringify(value),
            ...options,
            headers: { 'content-type': 'application/json', 'x-csrf-token': await this.csrf(), ...options.headers },
        });
    }

    /** Signs in as one of the demonstration's people, who are chosen by name on the login page. */
    async choose(name) {
        const { page } = await this.open('/login');
        const form = page.all('form').find((one) => attr(one, 'action') === '/login/demo' && page.text(one).includes(name));
        assert.ok(form, `${name} can be chosen on the login page`);
        const answer = await this.post('/login/demo', page.values(form));
        assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
        return this;
    }

    /** A fresh CSRF token of this session, for a program. */
    async csrf() {
        return (await this.get('/session', { json: true })).json.csrf;
    }

    /** Fills in and sends the form with that action on a page, as a person without JavaScript does. */
    async submit(target, action, fields = {}) {
        const answer = target instanceof Answer ? target : await this.open(target);
        const form = answer.page.form(action, Object.keys(fields)[0]);
        assert.ok(form, `no form ${action} on ${answer.request.url.pathname} (${answer.status}): ${answer.page.text().slice(0, 400)}`);
        const url = new URL(form.action, answer.request.url);
        if (form.method === 'get') {
            url.search = new URLSearchParams({ ...form.values, ...fields }).toString();
            return this.open(url.href);
        }
        return this.post(url.href, { ...form.values, ...fields });
    }

    /** The same, and then the page it leads to. */
    async submitAndOpen(target, action, fields) {
        const answer = await this.submit(target, action, fields);
        if (answer.status < 300 || answer.status >= 400) return answer;
        return this.open(new URL(answer.headers.location, answer.request.url).href);
    }

    /** A live stream; events collect in .events, .closed resolves when the server ends it. */
    stream(target) {
        const url = new URL(target, this.url);
        const stream = { events: [], text: '', status: 0 };
        const headers = { accept: 'text/event-stream', cookie: [...this.#jar(url)].map(([name, value]) => `${name}=${value}`).join('; ') };
        stream.opened = new Promise((resolve, reject) => {
            const request = this.#library(url).get(url, { headers, agent: false, ca: this.ca }, (message) => {
                stream.status = message.statusCode;
                resolve(stream);
                stream.closed = new Promise((ended) => message.once('close', ended));
                message.setEncoding('utf8').on('error', () => {}).on('data', (text) => {
                    stream.text += text;
                    const events = stream.text.split('\n\n');
                    stream.text = events.pop();
                    for (const one of events) {
                        const name = /^event: ?(.*)$/m.exec(one)?.[1];
                        if (name) stream.events.push({ name, data: /^data: ?(.*)$/m.exec(one)?.[1] ?? '', at: Date.now() });
                    }
                });
            });
            request.on('error', reject);
            stream.close = () => request.destroy();
        });
        return stream.opened;
    }
}

/** Writes raw bytes to the server and gives back what it answers until it closes or 'limit' milliseconds pass. */
export function raw(url, bytes, limit = 5000) {
    const { hostname, port } = new URL(url);
    return new Promise((resolve) => {
        let answer = '';
        const socket = net.connect({ host: hostname, port, autoSelectFamily: true });
        const done = () => { socket.destroy(); resolve({ text: answer, status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0) }); };
        socket.setTimeout(limit, done).on('error', done).on('close', done);
        socket.on('data', (part) => {
            answer += part.toString('latin1');
            if (/^content-length: 0\r$/im.test(answer) || /\r\n\r\n[^]+/.test(answer)) setTimeout(done, 50);
        });
        socket.on('connect', () => socket.write(bytes));
    });
}
