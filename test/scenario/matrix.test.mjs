// SPDX-License-Identifier: MPL-2.0
// The printed matrix of rights, held against the running program: what it says of people whose part rests on consent (awaiting, from today, removed) in an
// open, locked, closed and journalised dialogue is what they meet at every route. "Proposed" lasts only while the proposal is being made.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { sleep } from '../support/server.mjs';
import { Town, accept, invite, startDialogue, write } from '../support/town.mjs';
import { answer, linkOf, mustAgree, proposalOf, propose, proposeOutside, withdraw } from '../support/consent.mjs';

let town, anne, emil, mette, jonas, karim, routes;
const dialogues = new Map();   // "awaiting open" → id
const stages = ['awaiting', 'from-today', 'removed'], states = ['open', 'locked', 'closed', 'journalised'];
const letter = { open: 'o', locked: 'l', closed: 'c', journalised: 'j' };

async function signIn() {
    [anne, emil, mette, jonas, karim] = await Promise.all(['anne', 'emil', 'mette', 'jonas', 'karim'].map((id) => town.signIn(id)));
}

async function prepare(stage, state) {
    const dialogue = await startDialogue(anne, town.person('emil'), `${stage} ${state}`);
    dialogues.set(`${stage} ${state}`, dialogue);
    await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
    await write(mette, dialogue, 'Fortid');
    await mustAgree(anne, dialogue, emil.name);
    const proposal = await propose(anne, dialogue, jonas.name);
    if (stage !== 'awaiting') await answer(emil, proposal, 'today', 12);
    await write(mette, dialogue, 'Nutid');
    if (stage === 'removed') await withdraw(emil, proposal);
    if (state !== 'locked') return;
    await proposeOutside(anne, dialogue, { name: karim.name, kind: 'external', relation: 'klasselærer' });
    await answer(emil, (await proposalOf(anne, dialogue, karim.name)).proposal, 'all', 1);
    await accept(karim, await linkOf(anne, dialogue, karim.name));
}

async function bring(stage, state) {
    const dialogue = dialogues.get(`${stage} ${state}`), done = (got) => assert.equal(got.status, 303, got.page?.text().slice(0, 300));
    if (state === 'open' || state === 'locked') return;
    done(await anne.submit(`/dialogue/${dialogue}/close`, `/dialogue/${dialogue}/close`, { reason: 'Forløbet er slut' }));
    if (state === 'closed') return;
    done(await anne.submit(`/dialogue/${dialogue}/journal/new`, `/dialogue/${dialogue}/journal`, { scope: 'all', theme: 'Det hele' }));
    done(await anne.submit(`/dialogue/${dialogue}/journal`, `/dialogue/${dialogue}/journal/finish`, {}));
}

/** The routes of a dialogue, with the cells of an employee by column. */
function readMatrix() {
    const text = execFileSync(process.env.SAMTRAAD_BIN ?? 'build/src/samtraad', ['matrix'], { encoding: 'utf8' });
    return text.split('\n\n').map((part) => part.split('\n')).filter((lines) => /^(GET|POST) \/dialogue\/\{dialogue#\}/.test(lines[0]) && / proposed /.test(lines[2])).map((lines) => {
        const [method, path] = lines[0].split(' '), columns = lines[2].trim().split(/\s+/);
        const [role, ...cells] = lines.find((line) => /^ {2}employee/.test(line)).trim().split(/\s+/);
        assert.equal(role, 'employee');
        return { method, path, cells: Object.fromEntries(columns.map((column, index) => [column, cells[index]])) };
    });
}

before(async () => {
    town = await Town.start({ clock: true });
    await town.server.shiftClock(`+${Math.round((Date.parse('2027-03-01T09:00:00Z') - Date.now()) / 1000)}`);
    await sleep(60);
    await signIn();
    for (const stage of stages) for (const state of states) await prepare(stage, state);
    for (const stage of stages) for (const state of states) await bring(stage, state);
    await town.server.shiftClock(`+${Math.round((Date.parse('2027-04-05T09:00:00Z') - Date.now()) / 1000)}`);
    await sleep(60);
    await signIn();
    routes = readMatrix();
});
after(() => town?.close());

const target = (path, dialogue) => path.replace('{dialogue#}', dialogue).replace(/\{number#\}/, '1').replace(/\{size\}/, 'small').replace(/\{[^}]+\}/g, '1');

test('the states are what they are called', async () => {
    for (const stage of stages) {
        const seen = await Promise.all(states.map(async (state) => (await anne.get(`/dialogue/${dialogues.get(`${stage} ${state}`)}`, { json: true })).json));
        assert.deepEqual(seen.map((one) => [one.locked, one.may_write]), [[false, true], [true, false], [false, false], [false, false]]);
    }
    assert.ok(routes.length > 40, `${routes.length} routes`);
    for (const { cells } of routes) for (const stage of ['proposed', 'awaiting', 'removed']) assert.equal(cells[stage], '.');
    assert.ok(routes.some(({ cells }) => cells['from-today'] === 'O-CJSE'));
});

for (const stage of stages) {
    for (const state of states) {
        test(`${stage}, ${state}: what the matrix denies is denied at each route, and what it allows is there`, async () => {
            const dialogue = dialogues.get(`${stage} ${state}`), csrf = await jonas.csrf();
            let allowed = 0;
            for (const { method, path, cells } of routes) {
                const may = cells[stage].toLowerCase().includes(letter[state]), at = target(path, dialogue);
                if (may && (method === 'POST' || path.endsWith('/live'))) continue;   // what may be done, and heard, other scenarios do
                const got = method === 'GET' ? await jonas.get(at, { json: true })
                    : await jonas.post(at, { csrf, text: 'Hej', reason: 'x', value: '1', relation: 'x', name: 'x', email: 'a@b.dk', kind: 'relative', person: '1' }, { json: true });
                if (!may) assert.ok([403, 404].includes(got.status), `${method} ${at}: ${got.status}`);
                if (!may && stage !== 'from-today') assert.equal(got.status, 404, `${at} is not even there`);
                assert.doesNotMatch(got.text, /Fortid/, at);
                if (may && !(path.endsWith('/closed') && state === 'open') && /^\/dialogue\/\{dialogue#\}(\/[a-z]+)?$/.test(path)) assert.ok([200, 406].includes(got.status), `GET ${at}: ${got.status}`);
                if (may && got.status === 200) allowed++;
            }
            assert.ok(stage === 'from-today' && state !== 'locked' ? allowed > 5 : allowed === 0, `${allowed} routes answered`);
        });
    }
}
