// SPDX-License-Identifier: MPL-2.0
// script/attack: lets ffuf, sqlmap and wapiti at a server with the demonstration municipality, as every role. Prints a table; exits with 1 when anything was found.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '../support/client.mjs';
import { control } from './control.mjs';
import { routesFor } from './routes.mjs';
import { scene } from './scene.mjs';
import { controlRoutes, sqlmap } from './sqlmap.mjs';
import { payloads } from '../support/payloads.mjs';
import { Server } from '../support/server.mjs';

const seconds = Number(process.env.SECONDS_EACH ?? 60);
const roles = { nobody: null, citizen: 'Emil Dahl Kristensen', relative: 'Katrine Dahl', employee: 'Mette Lindgaard', administrator: 'Bo Kjeldsen' };

/** Words for every place: of SQL, paths, formats, numbers, and those that would be script. */
const words = [
    "'", '"', "' OR '1'='1", "1' OR 1=1--", '1 OR 1=1', "'; DROP TABLE post;--", "' UNION SELECT NULL,NULL--", '1;SELECT pg_sleep(3)', "1' AND randomblob(100000000)--", '%27', '\\', '`', '$(id)', '`id`', ';id', '|id', '&&id',
    '../../../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%2e%2e/', '....//', '/etc/passwd%00', 'file:///etc/passwd', 'http://127.0.0.1:1/', '%00', '%0d%0aX: y', '%s%n%x', '%99999999d', '-1', '0', '00', '1.5', '1e9', '0x10', 'NaN', 'true', 'null', '[]', '{}',
    '9223372036854775807', '9223372036854775808', '-9223372036854775808', '18446744073709551616', '2147483648', '99999999999999999999999999', 'a'.repeat(3000), 'æ'.repeat(500), '\u{1f600}'.repeat(100), '%C3', '%ED%A0%80', '\u202e', '2026-02-30', '0000-00-00', '9999-99-99', '31-02-2026',
    ...payloads.filter((one, n) => n % 6 === 0),
];

const signIn = (url, name) => (name ? new Client(url).choose(name) : new Client(url));

/** Runs a tool; gives what it said. It is stopped after its time. */
function run(program, args, limit) {
    return new Promise((resolve, reject) => {
        let text = '';
        // wapiti would fetch a list of programs from the network: whatever does not go to this machine goes nowhere. What is written is not lost when it is stopped.
        const env = { ...process.env, PYTHONUNBUFFERED: '1', http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', no_proxy: 'localhost,127.0.0.1' };
        const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
        const timer = setTimeout(() => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ } }, limit * 1000);
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => { text += part; });
        child.once('error', reject).once('close', () => { clearTimeout(timer); resolve(text); });
    });
}

const encode = (word) => (/%[0-9a-f]{2}/i.test(word) ? word.replace(/[^\x21-\x7e]|[#"<>\\^`{|}]/g, encodeURIComponent) : encodeURIComponent(word));

const tools = {
    /** Every word in every place of every route: none may be answered with 5xx. */
    async ffuf({ client, cookie, folder, routes }) {
        const found = [];
        let sent = 0, cut = 0;
        const fuzz = async (list, more, threads = 8) => {
            const [file, out] = [path.join(folder, 'words'), path.join(folder, 'ffuf.json')];
            await writeFile(file, list.join('\n'));
            await writeFile(out, '{}');
            const began = Date.now();
            await run('ffuf', ['-w', file, '-t', String(threads), '-mc', '500-599', '-ac=false', '-s', '-maxtime', String(seconds), '-o', out, '-of', 'json', '-b', cookie, ...more], seconds + 10);
            if (Date.now() - began >= seconds * 1000) cut += list.length;   // how far it came it does not say
            else sent += list.length;
            for (const one of JSON.parse(await readFile(out, 'utf8')).results ?? []) found.push(`ffuf: ${one.status} ${one.url.slice(0, 160)} ${Object.values(one.input).join().slice(0, 200)}`);
        };
        const gets = routes.filter((route) => route.method === 'get' && !route.where.endsWith('/live')).flatMap((route) => [
            ...route.parameters.flatMap((name) => words.map((word) => route.fill(name, encode(word)))),
            ...route.query.flatMap((name) => words.map((word) => `${route.fill()}?${name}=${encode(word)}`)), `${route.fill()}?x=1`]);
        await fuzz([...new Set(gets.map((one) => one.slice(1)))].filter((one) => one.length < 6000 && one), ['-u', `${client.url}/FUZZ`]);
        for (const route of routes.filter((one) => one.method === 'post' && !/logout|\/login/.test(one.where))) {
            const csrf = await client.csrf();
            const bodies = [`csrf=${csrf}`, ...(route.fields.length ? route.fields : ['x']).flatMap((field) => words.map((word) => `csrf=${csrf}&${route.fields.map((other) => `${other}=${other === field ? encode(word) : encodeURIComponent(route.value(other))}`).join('&')}`))];
            // Passwords are made two at a time, and a third is told so (503).
            const threads = /^\/admin\/local/.test(route.where) ? 2 : 8;
            await fuzz(bodies, ['-X', 'POST', '-H', 'Content-Type: application/x-www-form-urlencoded', '-d', 'FUZZ', '-u', client.url + route.fill()], threads);
        }
        return { found, sent: `${sent} requests${cut ? `, part of ${cut}` : ''}` };
    },

    /** Every place of every route; what it did not try, or what was answered with 5xx, is a finding too. */
    async sqlmap({ client, name, folder, routes }) {
        const session = async (fresh) => {
            const one = fresh ? await signIn(client.url, name) : client;
            return { cookie: one.session && `samtraad=${one.session}`, csrf: await one.csrf() };
        };
        const all = await sqlmap(client.url, routes, session, { folder, run, limit: seconds * 20 });
        const found = all.flatMap((one) => [
            ...one.found ? [`sqlmap: ${one.name}: ${one.found} of ${one.places.join(', ')} can be injected`] : [],
            ...one.tried < one.places.length ? [`sqlmap: ${one.name}: ${one.tried} of ${one.places.length} tried: ${one.said.trim().split('\n').at(-1).slice(0, 200)}`] : [],
            ...one.codes.filter(([code]) => code >= '500').map(([code, times]) => `sqlmap: ${one.name}: ${code}, ${times} times`),
        ]);
        if (name && (await client.get('/session', { json: true })).json.person === null) found.push(`sqlmap: ${name} was signed out on the way`);
        const count = (some) => some.reduce((sum, one) => sum + one.tried, 0);
        return { found, sent: `${count(all)} of ${all.reduce((sum, one) => sum + one.places.length, 0)} places in ${all.length} requests, ${count(all.filter((one) => one.own))} in requests of their own pages, ${all.filter((one) => one.doubted).length} doubted` };
    },

    async wapiti({ client, cookie, folder, routes }) {
        const out = path.join(folder, 'wapiti.json');
        await writeFile(out, '{}');
        // Modules that ask servers elsewhere are left out, and those about TLS, which a front ends.
        // Each page by itself, since following links it would sign out (Debian's version can't leave an address out).
        const pages = routes.filter((route) => route.method === 'get' && !route.where.endsWith('/live')).flatMap((route) => ['-s', `${client.url}${route.fill()}${route.query.length ? `?${route.query.map((name) => `${name}=1`).join('&')}` : ''}`]);
        const text = await run('wapiti', ['-u', `${client.url}/`, ...pages, '-d', '0', '-H', `Cookie: ${cookie}`, '--scope', 'domain', '-m', 'crlf,exec,file,permanentxss,redirect,sql,xss', '--skip', 'csrf', '--flush-session',
            '--max-scan-time', String(seconds), '--max-attack-time', String(Math.ceil(seconds / 5)), '--store-session', path.join(folder, 'wapiti'), '-f', 'json', '-o', out, '--no-bugreport'], seconds * 3 + 60);
        const report = JSON.parse(await readFile(out, 'utf8'));
        const found = Object.entries({ ...report.vulnerabilities, ...report.anomalies }).flatMap(([kind, all]) => all.map((one) => `wapiti: ${kind}: ${one.method} ${one.path} ${one.info}`));
        const [, count] = /Wapiti found (\d+) URLs and forms/.exec(text) ?? [];
        if (!report.infos || !count) throw new Error(`wapiti did not come to its end: ${text.slice(-1000)}`);
        return { found, sent: `${count} pages and forms` };
    },
};

/** The same sqlmap, with the same options, at a server with holes: it finds each, and nothing in what is whole. */
async function checkControl() {
    const holes = await control();
    const folder = await mkdtemp(path.join(tmpdir(), 'samtraad-attack-'));
    try {
        const all = await sqlmap(holes.url, controlRoutes, () => ({ cookie: 'samtraad=Person%203' }), { folder, run, limit: 120 });
        const wrong = all.filter((one) => one.found !== (/safe|csrf/.test(one.name) ? 0 : 1)).map((one) => `control: sqlmap found ${one.found} holes in ${one.name}, which has ${1 - one.found}`);
        console.log(`control: sqlmap found ${all.filter((one) => one.found).length} holes, and none in ${all.filter((one) => !one.found).length} requests`);
        for (const one of wrong) console.log(`  ${one}`);
        return wrong;
    } finally {
        await holes.close();
        await rm(folder, { recursive: true, force: true });
    }
}

/** One tool as one person, on a municipality that nobody has been at before: what one ends, the next would miss. */
async function attackAs(tool, role, name) {
    const folder = await mkdtemp(path.join(tmpdir(), 'samtraad-attack-'));
    // Trying a password is as cheap as it may be: otherwise that is what takes the time.
    const server = await Server.demonstrate({ settings: '[local]\npassword_mebibytes = 19\npassword_passes = 2' });
    try {
        const client = await signIn(server.url, name);
        const pool = await scene(await signIn(server.url, roles.employee), await signIn(server.url, roles.citizen));
        // What the employee and the administrator meet, the others try as well.
        for (const other of [roles.employee, roles.administrator]) await routesFor(await signIn(server.url, other), pool);
        const routes = await routesFor(client, pool);
        const began = Date.now();
        const { found, sent } = await tools[tool]({ client, name, cookie: `samtraad=${client.session}`, folder, routes });
        console.log(`${tool.padEnd(8)} ${role.padEnd(14)} ${sent.padEnd(34)} ${String(found.length).padStart(3)} findings ${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s`);
        found.push(...await held(server));
        for (const one of found) console.log(`  ${one}`);
        return found;
    } finally {
        await server.remove();
        await rm(folder, { recursive: true, force: true });
    }
}

/** Whether the server lives, has failed at nothing, ends well, and its log holds. */
async function held(server) {
    const found = [];
    if (!(await fetch(`${server.url}/healthz`)).ok) found.push('the server does not answer');
    const end = await server.stop();
    if (end.code !== 0) found.push(`the server ended with ${JSON.stringify(end)}`);
    found.push(...server.log.split('\n').filter((line) => /event=request-failed|AddressSanitizer|runtime error/.test(line)).map((line) => `in its log: ${line}`));
    const verified = await server.verify();
    if (verified.code !== 0) found.push(`the log does not hold: ${verified.stdout}${verified.stderr}`);
    return found;
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tools);
const all = chosen.includes('sqlmap') ? await checkControl() : [];
const wanted = process.env.ROLES?.split(' ') ?? Object.keys(roles);
const turns = chosen.flatMap((tool) => wanted.map((role) => [tool, role, roles[role]]));
await Promise.all(Array.from({ length: availableParallelism() }, async () => { while (turns.length) all.push(...await attackAs(...turns.shift())); }));
console.log(all.length ? `${all.length} findings` : 'nothing was found');
process.exit(all.length ? 1 : 0);
