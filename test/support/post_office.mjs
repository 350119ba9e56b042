// SPDX-License-Identifier: MPL-2.0
// A real mail server for the scenarios: it takes mails with TLS and a password as a municipality's does, parses each, and can be told to fail.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { freePort, until } from './server.mjs';

const run = promisify(execFile);
const login = { user: 'samtraad', password: 'only-for-the-tests-øæå' };

/** A key and a certificate for "localhost" that nobody trusts but who is told to; also for servers whose clock is years ahead. */
async function certificate(folder) {
    const [key, cert] = [path.join(folder, 'mail.key'), path.join(folder, 'mail.crt')];
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1200', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert]);
    return { key: await readFile(key), cert: await readFile(cert), file: cert };
}

const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });

export class PostOffice {
    /** All mails that were taken, as sent and parsed: { to, raw, mail, secure, user }. */
    mails = [];
    /** How it fails from the next mail on: { rcpt(address), data(), hold }: an SMTP code, or nothing for none; hold: a promise to wait for at the end. */
    faults = {};
    attempts = 0;
    #server = null;

    /** 'implicit': TLS from the first byte; 'tls: false': none is offered. */
    static async open({ implicit = false, tls = true } = {}) {
        const office = new PostOffice();
        office.folder = await mkdtemp(path.join(tmpdir(), 'post-office-'));
        office.certificate = await certificate(office.folder);
        office.implicit = implicit;
        office.tls = tls;
        office.port = await freePort();
        office.passwordFile = path.join(office.folder, 'password');
        await writeFile(office.passwordFile, `${login.password}\n`, { mode: 0o600 });
        await office.start();
        return office;
    }

    /** Lines of the configuration file; others can be given instead of them or beside them. */
    settings(changes = {}) {
        const all = {
            url: `${this.implicit ? 'smtps' : 'smtp'}://localhost:${this.port}`, user: login.user, password_file: this.passwordFile, ca: this.certificate.file,
            from: 'samtraad@kommune.example', retry_seconds: 1, ...changes,
        };
        const lines = Object.entries(all).filter(([, value]) => value !== null).map(([name, value]) => `${name} = ${value}`);
        return ['[notice]', 'quiet_seconds = 1', 'longest_seconds = 3', 'daily_hour = 0', '[smtp]', ...lines].join('\n');
    }

    async start() {
        this.#server = new SMTPServer({
            secure: this.implicit, key: this.certificate.key, cert: this.certificate.cert, disabledCommands: this.tls ? [] : ['STARTTLS'],
            allowInsecureAuth: !this.tls, authMethods: ['PLAIN', 'LOGIN'], logger: false, disableReverseLookup: true, closeTimeout: 200,
            onAuth: (auth, session, done) => (auth.username === login.user && auth.password === login.password
                ? done(null, { user: auth.username }) : done(refusal(535, 'wrong password'))),
            onRcptTo: (address, session, done) => {
                this.attempts++;
                const code = this.faults.rcpt?.(address.address);
                done(code ? refusal(code, 'refused as told') : null);
            },
            onData: (stream, session, done) => this.#take(stream, session).then((code) => done(code ? refusal(code, 'refused as told') : null), done),
        });
        this.#server.on('error', () => {});
        await new Promise((resolve) => { this.#server.listen(this.port, '127.0.0.1', resolve); });
    }

    async #take(stream, session) {
        const parts = [];
        for await (const part of stream) parts.push(part);
        const raw = Buffer.concat(parts);
        const code = this.faults.data?.();
        if (code) return code;
        this.mails.push({
            raw: raw.toString('latin1'), mail: await PostalMime.parse(raw), to: session.envelope.rcptTo.map((one) => one.address),
            from: session.envelope.mailFrom.address, secure: session.secure, user: session.user, hello: session.hostNameAppearsAs,
        });
        await this.faults.hold;
        return 0;
    }

    async stop() {
        const server = this.#server;
        this.#server = null;
        if (server) await new Promise((resolve) => { server.close(resolve); });
    }

    /** Those for an address. */
    of(address) {
        return this.mails.filter((one) => one.to.includes(address));
    }

    /** Waits until there are 'count' mails for an address; gives the last one. */
    async wait(address, count = 1, limit = 15000) {
        await until(`mail number ${count} for ${address}`, () => this.of(address).length >= count, limit);
        return this.of(address)[count - 1];
    }

    async close() {
        await this.stop();
        await rm(this.folder, { recursive: true, force: true });
    }
}

/** The links of a mail's text part, as paths on our server. */
export function linksOf(letter) {
    return [...letter.mail.text.matchAll(/^https?:\S+$/gm)].map(([address]) => new URL(address).pathname);
}

/** Types an address and opens the link that comes there. */
export async function confirmAddress(client, office, address) {
    const before = office.of(address).length;
    const asked = await client.submit('/mail', '/mail/address', { email: address });
    if (asked.status !== 303) throw new Error(`asking for ${address}: ${asked.status} ${asked.page.text().slice(0, 300)}`);
    const link = linksOf(await office.wait(address, before + 1)).find((one) => one.startsWith('/mail/confirm/'));
    return client.submit(link, link, { answer: 'yes' });
}
