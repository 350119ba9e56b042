// SPDX-License-Identifier: MPL-2.0
// Follows every link, picture and file that pages name, for each sort of person: nothing leads nowhere, and each page is one page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { scene } from '../attack/scene.mjs';
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';
import { Server } from '../support/server.mjs';

const people = { 'a citizen': 'Emil Dahl Kristensen', 'a relative': 'Katrine Dahl', 'an employee': 'Mette Lindgaard', 'an administrator': 'Bo Kjeldsen' };
const alike = 100;  // addresses that differ in their numbers only are followed so often

let server;
before(async () => {
    server = await Server.demonstrate();
    await scene(await as(people['an employee']), await as(people['a citizen']));
});
after(() => server?.remove());

const as = (name) => new Client(server.url).choose(name);
const sort = (address) => address.replace(/\d+/g, 'n').replace(/=[^&]*/g, '=');

/** What is wrong with a page by itself. */
function faultsOf({ page, request }, named) {
    const ids = page.all((node) => attr(node, 'id')).map((node) => attr(node, 'id'));
    const faults = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `two are called ${id}`);
    if (page.all('h1').length !== 1) faults.push(`${page.all('h1').length} main headings`);
    for (const { url } of named) {
        if (url.hash && url.pathname === request.url.pathname && url.search === request.url.search && !ids.includes(url.hash.slice(1))) faults.push(`nothing is called ${url.hash}`);
    }
    return faults;
}

/** The addresses of this server that a page names. */
function named({ page, request }) {
    const names = { a: 'href', link: 'href', img: 'src', script: 'src' };
    return page.all((node) => names[node.tagName] && attr(node, names[node.tagName]) !== undefined)
        .map((node) => ({ url: new URL(attr(node, names[node.tagName]), request.url) }))
        .filter(({ url }) => url.origin === server.url);
}

/** Goes from page to page; gives what is wrong, and how many addresses were followed. */
async function walk(client) {
    const queue = [{ target: '/', from: '' }], seen = new Set(['/']), times = new Map(), faults = [];
    const follow = (url, from) => {
        const target = url.pathname + url.search, of = sort(target);
        if (seen.has(target) || (times.get(of) ?? 0) >= alike) return;
        seen.add(target);
        times.set(of, (times.get(of) ?? 0) + 1);
        queue.push({ target, from });
    };
    for (const { target, from } of queue) {
        const answer = await client.get(target);
        if (answer.status === 303) follow(new URL(answer.headers.location, server.url), target);
        else if (answer.status !== 200) faults.push(`${target}, named on ${from}: ${answer.status}`);
        else if (/html/.test(answer.headers['content-type'])) {
            const all = named(answer);
            faults.push(...faultsOf(answer, all).map((fault) => `${target}: ${fault}`));
            for (const { url } of all) follow(url, target);
        }
    }
    return { faults, followed: seen.size };
}

describe('nothing leads nowhere on the pages of', () => {
    for (const [who, name] of Object.entries(people)) {
        test(who, async () => {
            const { faults, followed } = await walk(await as(name));
            assert.deepEqual(faults, []);
            assert.ok(followed > 40, `only ${followed} addresses`);
        });
    }
});
