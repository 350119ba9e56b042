// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Town, startDialogue } from '../support/town.mjs';

let town, anne, birgit;
before(async () => {
    town = await Town.start({ providers: true });
    await town.as('jonas');
    [anne, birgit] = await Promise.all(['anne', 'birgit'].map((id) => town.as(id)));
    await Promise.all(['emil', 'rikke'].map((id) => town.as(id)));
});
after(() => town?.close());

/** Sends a file the way a browser does; the page where it leads. */
async function send(client, file, { whole = false } = {}) {
    const boundary = 'a-boundary-that-is-in-no-file';
    const head = (name, more = '') => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n`;
    const body = Buffer.concat([
        Buffer.from(`${head('csrf')}\r\n${await client.csrf()}\r\n${whole ? `${head('whole')}\r\n1\r\n` : ''}`),
        Buffer.from(`${head('file', '; filename="personale.csv"')}content-type: text/csv\r\n\r\n`), Buffer.from(file), Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const answer = await client.request('POST', '/admin/staff/import', { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
    return answer.status === 303 ? client.open(answer.headers.location) : answer;
}

const plan = async (client, page) => (await client.get(page.request.url.pathname + page.request.url.search, { json: true })).json;
const staff = async (query = '') => (await birgit.get(`/admin/staff${query}`, { json: true })).json.people;
const sub = (id) => id;

test('a list is shown line by line before anything changes, and then changed', async () => {
    const file = `\uFEFFlogin;navn;titel;enhed\r\nny-1;Søren Ærø;Pædagog;Skovbakkeskolen\r\n${sub('jonas')};Jonas Dam;Skoleleder;Skovbakkeskolen\r\n;Uden Login;;\r\n`;
    const page = await send(birgit, file);
    assert.equal(page.status, 200, page.page.text().slice(0, 300));
    const shown = await plan(birgit, page);
    assert.deepEqual([shown.added, shown.changed, shown.same, shown.ended, shown.refused], [1, 1, 0, 0, 1]);
    assert.deepEqual(shown.steps.map((one) => [one.line, one.what]), [[2, 'Ny'], [3, 'Rettes'], [4, 'Kan ikke bruges']]);
    assert.match(page.page.text(), /Login mangler/);
    assert.ok(!(await staff()).some((one) => one.name === 'Søren Ærø'), 'nothing has happened yet');

    assert.equal((await birgit.submit(page, page.request.url.pathname, {})).status, 303);
    const people = await staff();
    assert.equal(people.find((one) => one.name === 'Søren Ærø').unit, 'Skovbakkeskolen');
    assert.equal(people.find((one) => one.name === 'Jonas Dam').title, 'Skoleleder');
    assert.equal((await birgit.get(page.request.url.pathname)).status, 404, 'it can be decided once');
});

test('who was imported is the same person when they first sign in', async () => {
    const before = (await staff()).filter((one) => one.name === 'Ulla Friis').length;
    assert.equal(before, 0);
    const page = await send(birgit, `login,navn,enhed\n${sub('ulla')},Ulla Friis,Skovbakkeskolen\n`);
    assert.equal((await birgit.submit(page, page.request.url.pathname, {})).status, 303);
    await town.signIn('ulla');
    assert.equal((await staff()).filter((one) => one.name === 'Ulla Friis').length, 1);
});

test('who looks after one school imports into that school only, and ends nobody elsewhere', async () => {
    const ulla = await town.as('ulla');
    const page = await send(ulla, [`login;navn;enhed`, 'ny-4;Ny Uden Enhed;', 'ny-5;Ny Andetsteds;Familie og trivsel', 'ny-6;Ny Enhed;Ulvens Enhed',
        `${sub('anne')};Anne Overtaget;Skovbakkeskolen`, `${sub('jonas')};Jonas Dam;`, ''].join('\n'), { whole: true });
    const shown = await plan(ulla, page);
    const line = (number) => shown.steps.find((one) => one.line === number);
    assert.equal(line(2).what, 'Ny');
    assert.equal(line(2).unit || 'Skovbakkeskolen', 'Skovbakkeskolen');
    for (const number of [3, 4, 5]) assert.ok(line(number).bad, `line ${number}: ${JSON.stringify(line(number))}`);
    assert.ok(!shown.steps.some((one) => one.what === 'Slutter' && one.name === 'Rikke Vang'), 'nobody of another unit is ended');
    assert.equal((await ulla.submit(page, page.request.url.pathname, {})).status, 303);
    const people = await staff();
    assert.equal(people.find((one) => one.name === 'Ny Uden Enhed').unit, 'Skovbakkeskolen');
    for (const name of ['Ny Andetsteds', 'Ny Enhed', 'Anne Overtaget']) assert.ok(!people.some((one) => one.name === name), name);
    assert.ok(people.some((one) => one.name === 'Rikke Vang'), 'still employed');
    assert.equal((await (await town.as('rikke')).get('/', { json: true })).status, 200);
});

test('a whole list ends those who are not in it, but nobody who would leave a dialogue without a coordinator', async () => {
    const dialogue = await startDialogue(anne, town.person('emil'), 'Alene');
    const page = await send(birgit, 'login;navn;enhed\nny-1;Søren Ærø;Skovbakkeskolen\n', { whole: true });
    const shown = await plan(birgit, page);
    assert.ok(shown.steps.some((one) => one.name === 'Anne Kjær Holm' && one.bad), 'Anne is the only coordinator');
    assert.ok(shown.steps.some((one) => one.name === 'Jonas Dam' && one.what === 'Slutter'));
    const jonas = await town.as('jonas');
    assert.equal((await jonas.get('/', { json: true })).status, 200);
    assert.equal((await birgit.submit(page, page.request.url.pathname, {})).status, 303);
    assert.equal((await jonas.get('/', { json: true })).status, 401, 'signed out at once');
    await assert.rejects(town.signIn('jonas'), /jonas signs in: 403/, 'and the login provider’s word does not bring him back');
    assert.ok(!(await staff()).some((one) => one.name === 'Jonas Dam'));
    assert.equal((await anne.get(`/dialogue/${dialogue}`)).status, 200);
    assert.ok((await staff('?former=1')).some((one) => one.name === 'Jonas Dam' && one.former));
});

test('a file that is no staff list is refused in words', async () => {
    for (const [file, words] of [['', /tom eller ikke en tekstfil/], ['PK\x03\x04\0\0', /ikke en tekstfil/], ['a;b\n1;2\n', /Første linje skal sige/], ['login;navn\n"a;b\n', /Anførselstegnene/]]) {
        const answer = await send(birgit, file);
        assert.equal(answer.status, 422, JSON.stringify(file));
        assert.match(answer.page.text(), words);
    }
});

test('another administrator, and whoever is none, can not see or decide a list', async () => {
    const page = await send(birgit, 'login;navn;enhed\nny-2;Nanna;Skovbakkeskolen\n');
    const ulla = await town.as('ulla');
    assert.equal((await ulla.get(page.request.url.pathname)).status, 404);
    assert.equal((await ulla.post(page.request.url.pathname, { csrf: await ulla.csrf() })).status, 404);
    assert.equal((await anne.get('/admin/staff/import')).status, 403);
    assert.equal((await send(anne, 'login;navn\nx;y\n')).status, 403);
});

test('a name that begins like a formula stays a name', async () => {
    const page = await send(birgit, 'login;navn;enhed\nny-3;=1+1;Skovbakkeskolen\n');
    assert.match(page.page.text(), /=1\+1/);
});
