// SPDX-License-Identifier: MPL-2.0
// sqlmap over every parameter of every route: numbers in paths, queries, fields of forms and of JSON, and the headers that we read.
// It takes a log of requests, as a proxy writes it, and every place to try is marked in it: so it starts once for many requests, and what it did not try is seen.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

const rule = '='.repeat(54), boundary = '----places';
const mark = (value) => `${encodeURIComponent(value).replaceAll('*', '%2A')}*`;
const processes = 3;

// All kinds of databases, whatever its first guess is; on after a find; pages are compared by their text, since tokens differ in each.
const options = ['--batch', '--ignore-stdin', '--level', '1', '--risk', '1', '--technique', 'BEU', '--timeout', '10', '--retries', '0', '--flush-session', '--ignore-code', '*', '--skip-waf', '--drop-set-cookie',
    '--ignore-redirects', '--disable-coloring', '--text-only', '--answers', 'back-end DBMS is=N,keep testing=Y,skip further tests=N,exploit this=N'];

/** One request as text; 'headers' are pairs. */
function request(url, method, target, headers, body = '') {
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${new URL(url).host}`, ...headers.map(([name, value]) => `${name}: ${value}`), '', body];
    return `${rule}\n00:00:00  ${url}  [127.0.0.1]\n${rule}\n${lines.join('\n')}\n${rule}\n`;
}

/** What the body of a form looks like in the kind that the route takes: { type, body }. */
function formBody(route, csrf) {
    if (route.types.includes('application/x-www-form-urlencoded'))
        return { type: 'application/x-www-form-urlencoded', body: [...csrf ? [`csrf=${csrf}`] : [], ...route.fields.map((name) => `${name}=${mark(route.value(name))}`)].join('&') };
    const part = (name, value) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${route.properties[name]?.contentMediaType || /file|picture|data/.test(name) ? '; filename="a.txt"' : ''}\r\n\r\n${value}\r\n`;
    return { type: `multipart/form-data; boundary=${boundary}`, body: [...csrf ? [part('csrf', csrf)] : [], ...route.fields.map((name) => part(name, `${route.value(name)}*`))].join('') + `--${boundary}--\r\n` };
}

/** A value as JSON has it; what sqlmap marks by itself is each text, number and truth. */
function jsonValue(route, name) {
    const { type } = route.properties[name];
    if (type === 'boolean') return true;
    if (type === 'integer') return Number.parseInt(route.value(name), 10) || 1;
    return type === 'array' ? [route.value(name)] : route.value(name);
}

/**
 * The targets of three passes. Each is { name, places, own, last, text }: 'places' are the parameters to try, 'last' says that it may end what others need.
 * 'session' gives { cookie, csrf }, fresh ones if asked.
 */
async function targetsOf(url, routes, session, headers) {
    const passes = { get: [], form: [], json: [], csrf: [] };
    const add = (pass, route, places, text) => { if (places.length) passes[pass].push({ name: `${pass} ${route.where}`, places, own: route.own, last: ending.test(route.where), text }); };
    for (const route of routes.filter((one) => !one.where.endsWith('/live'))) {
        const marked = route.where.replace(/\{([^}]+)\}/g, '\u0000$1\u0000');
        const target = marked.split('\u0000').map((piece, n) => (n % 2 ? `${route.number(piece)}*` : piece)).join('');
        const { cookie, csrf } = await session(/^\/(login|logout)/.test(route.where));
        const signed = cookie ? [['Cookie', cookie]] : [];
        if (route.method === 'get') {
            const query = route.query.length ? `?${route.query.map((name) => `${name}=${mark(route.value(name))}`).join('&')}` : '';
            add('get', route, [...route.parameters, ...route.query], request(url, 'GET', target + query, signed));
            continue;
        }
        const { type, body } = formBody(route, csrf);
        add('form', route, [...route.parameters, ...route.fields], request(url, 'POST', target, [...signed, ['Content-Type', type]], body));
        if (route.types.includes('application/json') && route.fields.length)
            add('json', route, route.fields, request(url, 'POST', route.fill(), [...signed, ['Content-Type', 'application/json'], ['Accept', 'application/json'], ...csrf ? [['X-CSRF-Token', csrf]] : []],
                JSON.stringify(Object.fromEntries(route.fields.map((name) => [name, jsonValue(route, name)])))));
    }
    if (headers) {
        const { cookie, csrf } = await session(true);
        passes.get.push({ name: 'get / (headers)', places: ['Cookie', 'User-Agent', 'Referer', 'Accept-Language'], own: true, text: request(url, 'GET', '/', [['Cookie', `${cookie ?? 'samtraad=1'}*`], ['User-Agent', 'a*'], ['Referer', `${url}/*`], ['Accept-Language', 'da*']]) });
        passes.csrf.push({ name: 'form /language (csrf)', places: ['csrf'], own: true, text: request(url, 'POST', '/language', [...cookie ? [['Cookie', cookie]] : [], ['Content-Type', 'application/x-www-form-urlencoded']], `language=da&next=%2F&csrf=${csrf ?? 1}*`) });
    }
    return passes;
}

/** What ends a session, a membership, a dialogue: tried after all the rest. */
const ending = /login|logout|leave|close|exclude|\/end$|handover|coordinator|agree|erasure|retention|take-back|withdraw|revoke|remove|return$/;

/** What sqlmap said of each target, in the order of the log. */
function verdicts(targets, text) {
    const parts = text.split(/^\[\d+\/\d+\] URL:$/m).slice(1);
    return targets.map((target, n) => {
        const said = parts[n] ?? '';
        return {
            ...target, said, tried: (said.match(/testing for SQL injection on/g) ?? []).length,
            found: (said.match(/parameter '[^']*' is vulnerable/g) ?? []).length,
            codes: [...said.matchAll(/^(\d{3}) \([^)]*\) - (\d+) times$/gm)].map(([, code, times]) => [code, Number(times)]),
        };
    });
}

/** Runs sqlmap over targets, several processes side by side; gives the verdicts. 'run' starts a program and gives what it said. */
async function over(targets, { folder, run, limit }, label) {
    const shares = Array.from({ length: Math.min(processes, targets.length) }, (none, n) => targets.filter((one, k) => k % processes === n));
    const all = await Promise.all(shares.map(async (share, n) => {
        const log = path.join(folder, `${label}-${n}`);
        await writeFile(log, share.map((one) => one.text).join('\n'));
        const text = await run('sqlmap', ['-l', log, ...options, '--output-dir', `${log}-out`], limit);
        return verdicts(share, text);
    }));
    return all.flat();
}

/** All of it for one person, at most 'limit' seconds for each pass; gives the verdicts. What was found is tried once more by itself: 'found' is what both say, 'doubted' what only the first did. */
export async function sqlmap(url, routes, session, { headers = true, ...how }) {
    const passes = await targetsOf(url, routes, session, headers);
    const done = [];
    for (const last of [false, true])
        for (const [pass, targets] of Object.entries(passes)) {
            const some = targets.filter((one) => Boolean(one.last) === last);
            if (some.length) done.push(...await over(some, how, `${pass}${last ? '-last' : ''}`));
        }
    const found = done.filter((one) => one.found);
    for (const one of found) {
        const [again] = await over([one], how, `again-${found.indexOf(one)}`);
        Object.assign(one, { found: Math.min(one.found, again.found), doubted: one.found > again.found });
    }
    return done;
}

/** The control's routes, in the form of ours; those that are not safe have a hole in each place. */
export const controlRoutes = ['/person/{id}', '/people', '/form', '/parts', '/safe/person/{id}', '/safe/people', '/safe/form'].map((where) => {
    const post = /form|parts/.test(where);
    return {
        method: post ? 'post' : 'get', where, parameters: where.endsWith('{id}') ? ['id'] : [], query: where.endsWith('people') ? ['name'] : [], fields: post ? ['name'] : [], properties: { name: { type: 'string' } }, own: true,
        types: where === '/parts' ? ['multipart/form-data'] : ['application/x-www-form-urlencoded', 'application/json'], number: () => '3', value: () => 'Person 3', fill: () => where.replace('{id}', '3'),
    };
});
