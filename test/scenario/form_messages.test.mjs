// SPDX-License-Identifier: MPL-2.0
// Whatever is wrong in a form is said on the page that comes back, once, whichever field it is. Each form that somebody meets on their pages is sent as it stands there, with one field at a time that can't be read.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { routesFor } from '../attack/routes.mjs';
import { scene } from '../attack/scene.mjs';
import { Client } from '../support/client.mjs';
import { Server } from '../support/server.mjs';

let server;
before(async () => {
    server = await Server.demonstrate();
});
after(() => server?.remove());

const as = (name) => new Client(server.url).choose(name);

/** No number, date, choice or address, and longer than any text may be. */
const unreadable = `\u00a7 ${'x'.repeat(30000)}`;
const spaces = (text) => text.replace(/\s+/g, ' ');

describe('what is wrong in a field is said once on the page that comes back to', () => {
    const people = { 'a citizen': 'Emil Dahl Kristensen', 'a relative': 'Katrine Dahl', 'an employee': 'Mette Lindgaard', 'an administrator': 'Bo Kjeldsen' };
    let pool;
    for (const [who, name] of Object.entries(people)) {
        test(who, async () => {
            pool ??= await scene(await as(people['an employee']), await as(people['a citizen']));
            const client = await as(name);
            const forms = (await routesFor(client, pool)).filter((route) => route.method === 'post' && route.own);
            const silent = [];
            let said = 0;
            for (const route of forms) {
                for (const field of route.fields) {
                    const fields = { csrf: await client.csrf(), ...Object.fromEntries(route.required.map((one) => [one, route.value(one)])), [field]: unreadable };
                    const told = await client.post(route.fill(), fields, { json: true });
                    assert.equal(told.status, 422, `${route.where}, ${field}`);
                    const back = await client.post(route.fill(), fields);
                    const text = spaces(back.page.text());
                    const messages = new Set(told.json.errors.map((one) => spaces(one.message)));
                    const wrong = [...messages].filter((message) => text.split(message).length !== 2);
                    if (back.status === 422 && wrong.length === 0) said++;
                    else silent.push(`${route.where}, ${field}: ${back.status} ${wrong.map((message) => `${text.split(message).length - 1} times: ${message}`).join(' ')}`);
                }
            }
            assert.deepEqual(silent, []);
            assert.ok(said > 25, `only ${said} fields`);
        });
    }
});
