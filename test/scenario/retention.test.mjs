// SPDX-License-Identifier: MPL-2.0
// For how long what is closed is kept, and erasing it for good: by two people, in backups too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { onPostgres } from '../support/database.mjs';
import { sleep, until } from '../support/server.mjs';
import { staff } from '../support/oidc.mjs';
import { Town, circle, startDialogue, write } from '../support/town.mjs';

const unit = 'Familie og trivsel';
for (const [id, name] of [['agnes', 'Agnes Arkivar'], ['bente', 'Bente Bevaring']]) {
    staff.push({ id, uuid: `0b1f2b52-5f0c-4c5e-8e1f-bb00000000${id.length}${id.charCodeAt(0)}`, name, email: `${id}@kommune.example`, unit, groups: ['samtraad-administrator'] });
}
const journalised = 5, erased = 8, canary = 'Kanariefuglen sang om natten';
const yearsAgo = (years) => Date.now() - years * 365.25 * 86400000;

let town, one;
before(async () => {
    town = await Town.start({ settings: '[retention]\nwait_days = 0' });
    one = await circle(town, 'Kanariefuglens emne');
    for (let n = 0; n < 5; n++) await write(one.mette, one.dialogue, `${canary} ${n}`);
    // A changed text, an invitation and a draft lie there too.
    const number = await write(one.mette, one.dialogue, `${canary} før`);
    await one.mette.submit(`/dialogue/${one.dialogue}/post/${number}/edit`, `/dialogue/${one.dialogue}/post/${number}/edit`, { text: `${canary} efter` });
    await one.karim.post(`/dialogue/${one.dialogue}/draft`, { csrf: await one.karim.csrf(), text: `${canary} kladde` });
});
after(() => town?.close());

/** As if it had been closed and journalised so long ago. */
async function close(dialogue, years) {
    await town.server.stop();
    await town.server.sql(`UPDATE dialogue SET state = ${journalised}, closed = ${yearsAgo(years)}, journalised = ${yearsAgo(years)} WHERE id = ${dialogue}`);
    await town.server.start();
}

async function list(person) {
    const answer = await person.get('/admin/retention', { json: true });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.json;
}

async function setRule(person, years, ground = 'Bekendtgørelse om bevaring') {
    const { units } = await list(person);
    const { id } = units.find((each) => each.name === unit);
    return person.post('/admin/retention/rule', { csrf: await person.csrf(), unit: id, years: String(years), ground });
}

async function ask(person, dialogue, fields = { reason: 'Fristen er gået', sure: '1' }) {
    return person.submit(`/admin/retention/dialogue/${dialogue}`, `/admin/retention/dialogue/${dialogue}`, fields);
}

const erasureOf = async (person, dialogue, kind = 'asked') => (await list(person))[kind].find((each) => each.dialogue === dialogue);
const agree = async (person, id) => person.post(`/admin/retention/erasure/${id}/agree`, { csrf: await person.csrf(), sure: '1' });
const stop = async (person, id) => person.post(`/admin/retention/erasure/${id}/stop`, { csrf: await person.csrf() });
const state = async (dialogue) => Number(await town.server.sql(`SELECT state FROM dialogue WHERE id = ${dialogue}`));

/** The tables that hold something of dialogues, but for the log and who decided about erasing. */
async function tablesOfDialogues() {
    const all = Object.entries(await town.server.database.schema());
    return Object.fromEntries(all.filter(([name, columns]) => !['audit_indexed', 'audit_recent', 'erasure'].includes(name) && columns.some((each) => each.name === 'dialogue')));
}

/** Wherever somebody who took part could look. */
async function looksEverywhere(person, dialogue) {
    const found = [];
    for (const target of ['/', `/dialogue/${dialogue}`, `/dialogue/${dialogue}/posts?after=0`, `/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/post/1/history`,
        `/dialogue/${dialogue}/search?q=kanariefuglen`, '/search?q=kanariefuglen', '/log', `/dialogue/${dialogue}/journal`]) {
        const { text } = await person.get(target);
        if (/[Kk]anariefugl/.test(text.replaceAll('q=kanariefuglen', '').replaceAll('value="kanariefuglen"', ''))) found.push(target);
    }
    return found;
}

describe('what may be erased', () => {
    test('is nothing while the unit has no rule, and nothing that is younger than the rule says', async () => {
        await close(one.dialogue, 6);
        const agnes = await town.signIn('agnes');
        assert.deepEqual((await list(agnes)).due, []);
        assert.equal((await setRule(agnes, 7)).status, 303);
        assert.deepEqual((await list(agnes)).due, []);
        assert.equal((await setRule(agnes, 5)).status, 303);
        const { due } = await list(agnes);
        assert.deepEqual(due.map((each) => each.dialogue), [one.dialogue]);
        assert.equal(due[0].citizen, one.emil.name);
        assert.equal(due[0].posts, 6);
    });

    test('a rule that is refused stands there as it was typed, with what is wrong', async () => {
        const agnes = await town.signIn('agnes');
        for (const [years, ground, says] of [['3', '', /Skriv, hvilken arkivregel/], ['101', 'Ny regel', /»År«/]]) {
            const answer = await setRule(agnes, years, ground);
            assert.equal(answer.status, 422);
            const { node, values } = answer.page.form('/admin/retention/rule');
            assert.match(answer.page.text(node), says);
            assert.equal(values.ground, ground);
            if (years === '3') assert.equal(values.years, years);
        }
        assert.equal((await list(agnes)).units.find((each) => each.name === unit).years, 5);
    });

    test('is not what is still open, or closed and not in the journal', async () => {
        const agnes = await town.signIn('agnes');
        const anne = await town.signIn('anne');
        const open = await startDialogue(anne, town.person('mette'), 'Stadig i gang');
        assert.equal((await agnes.get(`/admin/retention/dialogue/${open}`)).status, 404);
        assert.equal((await agnes.post(`/admin/retention/dialogue/${open}`, { csrf: await agnes.csrf(), reason: 'Fordi', sure: '1' })).status, 404);
    });

    test('is shown without topic and messages, to administrators of the unit alone', async () => {
        const agnes = await town.signIn('agnes');
        assert.ok(!(await agnes.get('/admin/retention')).text.includes('Kanariefugl'));
        for (const [id, status] of [['ulla', 404], ['anne', 403], ['emil', 403]]) {
            const person = await town.signIn(id);
            assert.equal((await person.get(`/admin/retention/dialogue/${one.dialogue}`)).status, status, id);
            const answer = await person.get('/admin/retention', { json: true });
            assert.ok(!answer.text.includes(one.dialogue), id);
        }
        assert.equal((await agnes.get(`/admin/retention/dialogue/${one.dialogue}`)).status, 200);
        const emil = await town.signIn('emil'), readers = await emil.get(`/dialogue/${one.dialogue}/post/1/readers`, { json: true });
        assert.equal(readers.status, 200);
        assert.deepEqual(readers.json.strangers, [], 'who sees a row of a list has not looked into the dialogue');
        const ulla = await town.signIn('ulla'), { id } = (await list(agnes)).units.find((each) => each.name === unit);
        const tried = await ulla.post('/admin/retention/rule', { csrf: await ulla.csrf(), unit: id, years: '9', ground: 'Bekendtgørelse om bevaring' });
        assert.equal(tried.status, 404, 'nor does anybody else change the rule');
        assert.deepEqual((await list(agnes)).due.map((each) => each.dialogue), [one.dialogue]);
    });
});

describe('two people decide', () => {
    let agnes, bente, id;
    before(async () => {
        [agnes, bente] = [await town.signIn('agnes'), await town.signIn('bente')];
    });

    test('who asks says why and that it is in the journal', async () => {
        assert.equal((await ask(agnes, one.dialogue, { reason: '', sure: '1' })).status, 422);
        assert.equal((await ask(agnes, one.dialogue, { reason: 'Fristen er gået' })).status, 422);
        assert.equal((await ask(agnes, one.dialogue)).status, 303);
        ({ erasure: id } = await erasureOf(agnes, one.dialogue));
        assert.deepEqual((await list(agnes)).due, [], 'it is not offered twice');
    });

    test('the one who asked can not agree, nor can somebody of another unit', async () => {
        const answer = await agree(agnes, id);
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /Du har selv bedt om det/);
        assert.equal((await agree(await town.signIn('ulla'), id)).status, 422);
        assert.equal((await agree(await town.signIn('anne'), id)).status, 403);
        assert.equal((await bente.post(`/admin/retention/erasure/${id}/agree`, { csrf: await bente.csrf() })).status, 422, 'one says that one is sure');
        await sleep(300);
        assert.equal(await state(one.dialogue), journalised);
    });

    test('it can be taken back, and asked for anew', async () => {
        assert.equal((await stop(bente, id)).status, 303);
        assert.equal((await agree(bente, id)).status, 422);
        assert.deepEqual((await list(bente)).due.map((each) => each.dialogue), [one.dialogue]);
    });

    test('a request that somebody wrote into the database, or changed there, erases nothing', async () => {
        assert.equal((await ask(agnes, one.dialogue)).status, 303);
        const { erasure } = await erasureOf(agnes, one.dialogue);
        await town.server.stop();
        await town.server.sql(`UPDATE erasure SET state = 2, due = 1 WHERE id = ${erasure}`);
        await town.server.sql(`INSERT INTO erasure SELECT id + 1, dialogue, unit, 3, changed, 1, sealed FROM erasure WHERE id = ${erasure}`);
        await town.server.start();
        await until('the rows are refused', () => town.server.log.includes('erasure-refused'), 15000);
        await sleep(300);
        assert.equal(await state(one.dialogue), journalised);
        const emil = await town.signIn('emil');
        assert.match((await emil.get(`/dialogue/${one.dialogue}`)).text, /Kanariefuglen/);
    });
});

describe('erased', () => {
    let backup, emil;
    const restore = async (shares = false) => {
        await town.server.stop();
        await town.server.putBack(backup);
        if (shares) await copyFile(`${backup}.shares`, `${town.server.data}.shares`);
        await town.server.start();
    };
    before(async () => {
        emil = await town.signIn('emil');
        assert.ok((await looksEverywhere(emil, one.dialogue)).length >= 4, 'before, it is there to be found');
        await town.server.stop();
        // Every feature's table gets a row of the dialogue, also those that this test does not know.
        const bytes = () => town.server.database.bytes(randomBytes(60).toString('hex'));
        const rows = Object.entries(await tablesOfDialogues()).map(([table, columns]) => {
            const value = ({ name, type }) => name === 'dialogue' ? one.dialogue : type === 'blob' ? bytes() : type === 'text' ? "'x'" : '424242';
            return `INSERT INTO ${table}(${columns.map(({ name }) => name)}) VALUES (${columns.map(value)}) ON CONFLICT DO NOTHING;`;
        });
        await town.server.sql(rows.join('\n'));
        backup = `${town.server.data}.backup`;
        await town.server.keep(backup);
        await copyFile(`${town.server.data}.shares`, `${backup}.shares`);
        const saved = await town.server.command('backup', `${town.server.data}.saved`);
        assert.equal(saved.code, 0, saved.stderr);
        await town.server.start();
        const [agnes, bente] = [await town.signIn('agnes'), await town.signIn('bente')];
        assert.equal((await ask(agnes, one.dialogue)).status, 303);
        const { erasure } = await erasureOf(bente, one.dialogue);
        assert.equal((await agree(bente, erasure)).status, 303);
        await until('it is erased', async () => (await state(one.dialogue)) === erased, 60000);
    });

    test('it can be read by nobody, anywhere', async () => {
        for (const id of ['emil', 'mette', 'karim', 'anne', 'jonas']) {
            const person = await town.signIn(id);
            assert.equal((await person.get(`/dialogue/${one.dialogue}`)).status, 404, id);
            assert.deepEqual(await looksEverywhere(person, one.dialogue), [], id);
        }
    });

    test('no table holds anything of it but the log, the stub and who decided', async () => {
        const tables = Object.keys(await tablesOfDialogues());
        assert.ok(tables.length > 15, tables.join());
        for (const table of tables) {
            assert.equal(await town.server.sql(`SELECT count(*) FROM ${table} WHERE dialogue = ${one.dialogue}`), '0', table);
        }
        assert.equal(await town.server.sql(`SELECT last_number||'|'||length(topic) FROM dialogue WHERE id = ${one.dialogue}`), '6|0');
    });

    test('the page says what was erased, when, and by whom; the log holds', async () => {
        const agnes = await town.signIn('agnes');
        const item = await erasureOf(agnes, one.dialogue, 'done');
        assert.deepEqual([item.asked_by, item.agreed_by, item.posts, item.citizen], ['Agnes Arkivar', 'Bente Bevaring', 6, town.person('emil').name]);
        await town.server.stop();
        const verified = await town.server.verify();
        assert.equal(verified.code, 0, verified.stdout);
        await town.server.start();
    });

    test('put back from a backup, it opens nowhere, is erased once more, and the log holds', async () => {
        await restore();
        // At once, before the server has had time to do anything by itself.
        const person = await town.signIn('emil');
        assert.equal((await person.get(`/dialogue/${one.dialogue}`)).status, 404);
        for (const id of ['emil', 'mette', 'anne']) assert.deepEqual(await looksEverywhere(await town.signIn(id), one.dialogue), [], id);
        await until('it is erased again', async () => (await state(one.dialogue)) === erased, 60000);
        assert.equal(await town.server.sql(`SELECT count(*) FROM post WHERE dialogue = ${one.dialogue}`), '0');
        assert.equal((await erasureOf(await town.signIn('agnes'), one.dialogue, 'done')).restored, true);
        await town.server.stop();
        const verified = await town.server.verify();
        assert.equal(verified.code, 0, verified.stdout);
        await town.server.start();
    });

    // To a database that is a file; test/scenario/backup.test.mjs brings one to a server.
    if (!onPostgres) test('put back by the program’s own restore, it opens nowhere either, and is erased once more', async () => {
        await town.server.stop();
        await rm(town.server.data, { recursive: true });
        const restored = await town.server.command('restore', `${town.server.data}.saved`);
        assert.equal(restored.code, 0, restored.stderr);
        assert.match(restored.stdout, /of which 1 are erased/);
        assert.notEqual(await town.server.sql(`SELECT count(*) FROM post WHERE dialogue = ${one.dialogue}`), '0', 'the rows were in the backup');
        await town.server.start();
        for (const id of ['emil', 'mette', 'anne']) assert.deepEqual(await looksEverywhere(await town.signIn(id), one.dialogue), [], id);
        await until('it is erased again', async () => (await state(one.dialogue)) === erased, 60000);
        assert.equal(await town.server.sql(`SELECT count(*) FROM post WHERE dialogue = ${one.dialogue}`), '0');
    });

    test('its rows from a backup, put into the present database, open nothing', async () => {
        await town.server.stop();
        const rows = ['dialogue', 'participant', 'key_grant', 'post', 'post_earlier', 'draft'].map((table) => ({ table, where: `${table === 'dialogue' ? 'id' : 'dialogue'} = ${one.dialogue}` }));
        await town.server.sql(rows.map(({ table, where }) => `DELETE FROM ${table} WHERE ${where};`).join('\n'));
        await town.server.database.rowsFrom(backup, rows);
        await town.server.start();
        const person = await town.signIn('emil');
        assert.equal((await person.get(`/dialogue/${one.dialogue}`)).status, 404);
        assert.deepEqual(await looksEverywhere(person, one.dialogue), []);
    });

    test('only with the old file of shares would the backup open: so that one must not be kept', async () => {
        const present = `${backup}.present`;
        await copyFile(`${town.server.data}.shares`, present);
        await restore(true);
        const person = await town.signIn('emil');
        assert.match((await person.get(`/dialogue/${one.dialogue}`)).text, /Kanariefuglen/);
        await town.server.stop();
        await copyFile(present, `${town.server.data}.shares`);
        await town.server.start();
        assert.equal((await (await town.signIn('emil')).get(`/dialogue/${one.dialogue}`)).status, 404);
    });

    test('killed in the middle of erasing, it is erased or not, and then it is', async () => {
        for (const pause of [0, 900, 2300]) {
            const anne = await town.signIn('anne');
            const dialogue = await startDialogue(anne, town.person('emil'), `${canary} igen`);
            await write(anne, dialogue, canary);
            await close(dialogue, 6);
            const [agnes, bente] = [await town.signIn('agnes'), await town.signIn('bente')];
            assert.equal((await ask(agnes, dialogue)).status, 303);
            assert.equal((await agree(bente, (await erasureOf(bente, dialogue)).erasure)).status, 303);
            await sleep(pause);
            await town.server.kill();
            await town.server.start();
            const emil = await town.signIn('emil');
            const answer = await emil.get(`/dialogue/${dialogue}`);
            assert.ok(answer.status === 404 || answer.text.includes(canary), 'whole, or not at all');
            await until('it is erased', async () => (await state(dialogue)) === erased, 60000);
            assert.equal((await emil.get(`/dialogue/${dialogue}`)).status, 404);
        }
        await town.server.stop();
        const verified = await town.server.verify();
        assert.equal(verified.code, 0, verified.stdout);
        await town.server.start();
    });

    test('the program does not start without the file of shares, nor with one that is older than the database', async () => {
        const shares = `${town.server.data}.shares`, kept = `${shares}.kept`;
        await town.server.stop();
        await copyFile(shares, kept);
        await rm(shares);
        const missing = await town.server.command('serve', '--port', '0');
        assert.equal(missing.code, 1);
        assert.match(missing.stderr, /file of shares .* is not there/);
        await copyFile(kept, shares);
        await town.server.sql('UPDATE dialogue SET share = 100000 WHERE id = (SELECT max(id) FROM dialogue)');
        const old = await town.server.command('serve', '--port', '0');
        assert.match(old.stderr, /older than the database/);
        assert.equal(old.code, 1);
    });
});
