// SPDX-License-Identifier: MPL-2.0
// Every route of the API's description, filled in with what a person meets on their own pages: numbers of what they may see, and forms as those pages hold them.
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';

/** What is filled in where no page holds anything. */
const usual = { clock: '10:30', cpr: '0101801234', day: '2026-11-02', email: 'a@example.org', first: '2026-11-02', last: '2026-11-03', from: '1', to: '2', months: '6', years: '5', number: '1', size: 'small', token: 'a'.repeat(43), until: '2027-01-31' };
const pagesAtMost = 400, samePages = 6;

/** Routes that answer with no page, or end something. */
const silent = /\/(live|file|pdf|package|proof|portrait|healthz|openapi\.json|return)\b/;

/** The description's routes, those with fewer parameters in their path first: { method, where, fits }. */
function routesOf(spec) {
    const schemaOf = (media) => (media?.schema?.$ref ? spec.components.schemas[media.schema.$ref.split('/').at(-1)] : media?.schema);
    const routes = Object.entries(spec.paths).flatMap(([where, operations]) => Object.entries(operations).filter(([method]) => ['get', 'post'].includes(method)).map(([method, operation]) => {
        const content = operation.requestBody?.content ?? {};
        const { properties = {}, required = [] } = Object.values(content).map(schemaOf)[0] ?? {};
        return {
            method, where, properties, required,
            parameters: [...where.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name),
            query: (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name),
            fields: Object.keys(properties).filter((name) => name !== 'csrf'),
            types: Object.keys(content),
            fits: new RegExp(`^${where.replace(/\{[^}]+\}/g, '([^/]+)')}$`),
        };
    }));
    return routes.sort((a, b) => a.parameters.length - b.parameters.length);
}

/** Reads one page: its links, and the forms that it holds. */
function noted(routes, client, answer, seen) {
    const find = (method, address) => {
        const url = new URL(address, answer.request.url);
        if (url.origin !== client.url) return null;
        const route = routes.find((one) => one.method === method && one.fits.test(url.pathname));
        return route && { route, url, numbers: route.fits.exec(url.pathname).slice(1).map(decodeURIComponent) };
    };
    const keep = ({ route, url, numbers }, values) => {
        const one = seen.get(route) ?? { numbers, values: {} };
        for (const [name, value] of [...url.searchParams, ...Object.entries(values)]) one.values[name] ||= value;
        seen.set(route, one);
    };
    const itself = find('get', answer.request.url.href);
    if (itself) keep(itself, {});
    for (const form of answer.page.all('form')) {
        const method = (attr(form, 'method') ?? 'get').toLowerCase();
        const found = find(method, attr(form, 'action') ?? answer.request.url.href);
        if (found) keep(found, answer.page.values(form));
    }
    return answer.page.links.map(({ href }) => find('get', href)).filter(Boolean).map((found) => { keep(found, {}); return found; });
}

/** Looks through the pages that this person can reach by links, from 'queue' on. */
async function lookAround(routes, client, queue, { seen, looked, asked }) {
    while (queue.length && asked.size < pagesAtMost) {
        const target = queue.shift();
        if (asked.has(target)) continue;
        asked.add(target);
        const answer = await client.open(target);
        if (answer.status !== 200 || !/html/.test(answer.headers['content-type'] ?? '')) continue;
        for (const { route, url } of noted(routes, client, answer, seen)) {
            const times = looked.get(route) ?? 0;
            if (times >= samePages || silent.test(route.where)) continue;
            looked.set(route, times + 1);
            queue.push(url.pathname + url.search);
        }
    }
}

/** Gives each route what it is filled in with: what this person met, or else what others did, or else something usual. */
function fillIn(routes, seen, pool) {
    const mine = {};
    for (const [route, { numbers }] of seen) route.parameters.forEach((name, n) => (mine[name] ??= new Set()).add(numbers[n]));
    for (const [name, all] of Object.entries(mine)) pool[name] = [...new Set([...pool[name] ?? [], ...all])];
    const one = (name) => pool[name]?.find((number) => mine[name]?.has(number)) ?? pool[name]?.[0] ?? usual[name] ?? '1';
    for (const route of routes) {
        const met = seen.get(route);
        const numbers = met?.numbers ?? route.parameters.map(one);
        route.own = met !== undefined;
        route.number = (name) => encodeURIComponent(numbers[route.parameters.indexOf(name)]);
        route.value = (name) => met?.values[name] || (route.properties[name]?.enum?.[0] ?? pool[name]?.[0] ?? usual[name] ?? '1');
        route.fill = (name, word) => route.where.replace(/\{([^}]+)\}/g, (whole, parameter) => (parameter === name ? word : route.number(parameter)));
    }
}

/**
 * The routes as this person meets them: those of the description with { own, number(parameter), value(field), fill }; own: a page of theirs holds it. 'pool' is what others have met already, by the parameter's name; this person's own
 * is added to it. fill(name, word) is the path with 'word' in the place of that parameter, fill() the path as it is.
 */
export async function routesFor(client, pool = {}) {
    const routes = routesOf((await new Client(client.url).get('/api/openapi.json', { json: true })).json);
    const known = { seen: new Map(), looked: new Map(), asked: new Set() };
    await lookAround(routes, client, ['/', '/login'], known);
    // Pages that no link leads to are asked for too: their forms count when they answer.
    for (let round = 0; round < 2; round++) {
        fillIn(routes, known.seen, pool);
        await lookAround(routes, client, routes.filter((route) => route.method === 'get' && !silent.test(route.where)).map((route) => route.fill()), known);
    }
    fillIn(routes, known.seen, pool);
    return routes;
}
