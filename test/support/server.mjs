// SPDX-License-Identifier: MPL-2.0
// The real program on a temporary data folder: started, stopped, killed, started again. One instance per test file.
import { spawn, execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { databaseFor } from './database.mjs';

const run = promisify(execFile);

/** The program under test. */
export const binary = path.resolve(process.env.SAMTRAAD_BIN ?? 'build/src/samtraad');

/** The same without sanitizers: for tests of time and of crashes. */
export const plainBinary = path.resolve(process.env.SAMTRAAD_PLAIN_BIN ?? 'build-clang/src/samtraad');

const faketime = execFileSync('dpkg', ['-L', 'libfaketime'], { encoding: 'utf8' }).split('\n').find((name) => name.endsWith('libfaketimeMT.so.1'));

/** A port that was free a moment ago: none of those that the system gives to whoever asks for any. */
export async function freePort() {
    for (;;) {
        const port = 10000 + Math.floor(Math.random() * 22000);
        const free = await new Promise((resolve) => {
            const probe = createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
        });
        if (free) return port;
    }
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How many times longer to wait than usual, for a program that something looks over (script/analyse). */
const patience = Number(process.env.SAMTRAAD_PATIENCE ?? 1);

/** Polls until 'check' gives something true; fails with 'what' after 'limit' milliseconds. */
export async function until(what, check, limit = 10000) {
    const end = Date.now() + limit * patience;
    let fault;
    while (Date.now() < end) {
        try {
            const value = await check();
            if (value) return value;
        } catch (error) {
            fault = error;
        }
        await sleep(40);
    }
    throw new Error(`waited ${limit * patience} ms in vain: ${what}`, { cause: fault });
}

export class Server {
    /** Everything this server has written to standard error, over all its lives. */
    log = '';
    /** What the server is started under from now on: words before its own command, and variables beside the usual ones. */
    wrapper = [];
    variables = {};
    #child = null;

    constructor(folder, port, database = databaseFor) {
        this.folder = folder;
        this.data = path.join(folder, 'data');
        this.key = path.join(folder, 'master.key');
        this.port = port;
        this.database = database(this.data);
        this.url = `http://localhost:${port}`;
    }

    /** A prepared installation that does not run yet. 'settings' are lines of the configuration file. */
    static async prepare({ settings = '', demo = true, clock = false, plain = clock, database } = {}) {
        const server = new Server(await mkdtemp(path.join(tmpdir(), 'samtraad-')), await freePort(), database);
        server.demo = demo;
        server.plain = plain;
        if (clock) await server.shiftClock('+0');
        await mkdir(path.join(server.folder, 'cores'));
        await server.configure(settings);
        await server.database.make();
        await server.command('init');
        return server;
    }

    /** Another server on the same installation ('nodes' in the settings), with a port of its own; started, stopped and killed by itself. */
    async beside() {
        const other = new Server(this.folder, await freePort());
        return Object.assign(other, { database: this.database, demo: this.demo, plain: this.plain, config: this.config, settings: this.settings });
    }

    static async start(options) {
        const server = await Server.prepare(options);
        await server.start();
        return server;
    }

    /** The same with the demonstration municipality. */
    static async demonstrate(options) {
        const server = await Server.prepare(options);
        const loaded = await server.command('demo', 'demo');
        if (loaded.code !== 0) throw new Error(loaded.stderr);
        await server.start();
        return server;
    }

    async configure(settings) {
        this.settings = settings;
        this.config = path.join(this.folder, 'samtraad.conf');
        // All of a test's people come from one address; how much one address may do has a test of its own.
        const limits = settings.includes('[limit]') ? '' : '[limit]\nperson = 0\nperson_writes = 0\nperson_look_ups = 0\naddress = 0\naddress_writes = 0\n';
        // Its clock is a file that is looked at again and again, from inside the server's cell.
        const sandbox = this.clock ? `[sandbox]\nread = ${path.dirname(this.clock)}\n` : '';
        await writeFile(this.config, `base_url = ${this.url}\n${this.database.settings}${settings}\n${limits}${sandbox}`);
    }

    /** Sets how far the server's clock is from the real one ("+6m", "-10y"): it runs under libfaketime, from its next look at the clock on. */
    async shiftClock(offset) {
        await mkdir(path.join(this.folder, 'clock'), { recursive: true });
        this.clock = path.join(this.folder, 'clock', 'offset');
        await writeFile(`${this.clock}.new`, `${offset}\n`);
        await rename(`${this.clock}.new`, this.clock);
    }

    get #environment() {
        if (!this.clock) return process.env;
        // The sanitizers want to be loaded first, so a test with a clock of its own uses the program without them.
        return { ...process.env, LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: this.clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    }

    get #binary() {
        return this.plain ? plainBinary : binary;
    }

    get #common() {
        return ['--data', this.data, '--key', this.key, '--config', this.config];
    }

    /** The words of a subcommand on this installation, for whoever starts it by themselves. */
    words(name, ...more) {
        return [this.#binary, name, ...this.#common, ...more];
    }

    /** Runs a subcommand to its end: { code, stdout, stderr }. */
    async command(name, ...more) {
        try {
            const { stdout, stderr } = await run(this.#binary, [name, ...this.#common, ...more], { timeout: 60000 * patience, env: this.#environment });
            return { code: 0, stdout, stderr };
        } catch (error) {
            if (typeof error.code !== 'number') throw error;
            return { code: error.code, stdout: error.stdout, stderr: error.stderr };
        }
    }

    async start() {
        const args = ['serve', ...this.#common, '--port', String(this.port), ...(this.demo ? ['--demo'] : [])];
        // A core of a killed or aborted program lands in the folder that the canary test searches.
        const [program, ...words] = [...this.wrapper, this.#binary, ...args];
        const child = spawn(program, words, { cwd: path.join(this.folder, 'cores'), env: { ...this.#environment, ...this.variables }, stdio: ['ignore', 'ignore', 'pipe'] });
        this.#child = child;
        this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
        child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
        const ended = () => child.exitCode !== null || child.signalCode !== null;
        // By its own word: on the same port another test's server could answer.
        const before = this.log.length, ready = () => this.log.includes('event=ready', before);
        await until('the server answers', async () => ended() || (ready() && (await fetch(`${this.url}/healthz`)).ok), 20000)
            .catch((error) => { throw new Error(`${error.message}\n${this.log.slice(-2000)}`, { cause: error }); });
        if (ended()) throw new Error(`the server ended: ${this.log.slice(-2000)}`);
    }

    get pid() {
        return this.#child?.pid;
    }

    /** Asks politely; returns { code, signal }. */
    async stop(signal = 'SIGTERM') {
        if (!this.#child) return null;
        const child = this.#child;
        this.#child = null;
        child.kill(signal);
        const timer = setTimeout(() => child.kill('SIGKILL'), 15000 * patience);
        const end = await this.ended;
        clearTimeout(timer);
        return end;
    }

    /** The process and all that it has not yet written are gone. */
    kill() {
        return this.stop('SIGKILL');
    }

    async restart() {
        await this.stop();
        await this.start();
    }

    async verify() {
        return this.command('verify');
    }

    /** Runs SQL on the database with its own program: how an attacker with the disk would. */
    sql(text) {
        return this.database.sql(text);
    }

    /** Copies the data folder to a new one, and the database with it; puts such a copy back. The server is stopped. */
    async keep(place) {
        await cp(this.data, place, { recursive: true });
        await this.database.keep(place);
    }

    async putBack(place) {
        await rm(this.data, { recursive: true });
        await cp(place, this.data, { recursive: true });
        await this.database.putBack(place);
    }

    /** Ends the process and removes its folder. */
    async remove() {
        await this.stop();
        if (process.env.SAMTRAAD_KEEP) return;
        await this.database.remove();
        await rm(this.folder, { recursive: true, force: true });
    }
}
