// SPDX-License-Identifier: MPL-2.0
// Somebody with the disk in their hands: rows put in, moved, changed. Nothing opens, and the log tells.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { mustAgree } from '../support/consent.mjs';
import { Server } from '../support/server.mjs';
import { Town, circle, exclude, write } from '../support/town.mjs';

let town, one, two, untouched;
before(async () => {
    town = await Town.start();
    one = await circle(town, 'Den ene dialog');
    two = await circle(town, 'Den anden dialog');
    for (let n = 0; n < 12; n++) {
        await write(one.anne, one.dialogue, `Første kreds ${n}`);
        await write(two.mette, two.dialogue, `Anden kreds ${n}`);
    }
    await town.as('stranger');
    await town.server.stop();
    untouched = `${town.server.data}.untouched`;
    await town.server.keep(untouched);
});
after(() => town?.close());
beforeEach(async () => {
    await town.server.stop();
    await town.server.putBack(untouched);
});

/** The columns of a table and which of them hold sealed bytes. */
async function columns(table) {
    return (await town.server.database.schema())[table].map(({ name, type, key }) => ({ name, blob: type === 'blob', key }));
}

const tables = async () => Object.keys(await town.server.database.schema());

describe('the log', () => {
    test('holds as it was left', async () => {
        const answer = await town.server.verify();
        assert.equal(answer.code, 0, answer.stdout + answer.stderr);
        assert.match(answer.stdout, /records\s+\d+/);
    });

    /** The table in which the log is, of which there is one for the newest records, and its position column. */
    const find = async () => {
        const count = async (table) => Number(await town.server.sql(`SELECT count(*) FROM ${table}`));
        const table = await count('audit_recent') > 0 ? 'audit_recent' : 'audit_indexed';
        const position = (await columns(table)).find((column) => column.key).name;
        const body = (await columns(table)).find((column) => column.blob)?.name;
        return { table, position, body };
    };

    const changes = {
        'a record in the middle was deleted': ({ table, position }) => `DELETE FROM ${table} WHERE ${position} = (SELECT max(${position})/2 FROM ${table})`,
        'the last record was deleted': ({ table, position }) => `DELETE FROM ${table} WHERE ${position} = (SELECT max(${position}) FROM ${table})`,
        'the last ten records were deleted': ({ table, position }) => `DELETE FROM ${table} WHERE ${position} > (SELECT max(${position}) - 10 FROM ${table})`,
        'the first record was deleted': ({ table, position }) => `DELETE FROM ${table} WHERE ${position} = (SELECT min(${position}) FROM ${table})`,
        'one byte of a record was changed': ({ table, position, body }) =>
            `UPDATE ${table} SET ${body} = ${town.server.database.changed(body)} WHERE ${position} = (SELECT max(${position})/2 FROM ${table})`,
        'two records changed places': ({ table, position }) => `UPDATE ${table} SET ${position} = -1 WHERE ${position} = 5; UPDATE ${table} SET ${position} = 5 WHERE ${position} = 6; UPDATE ${table} SET ${position} = 6 WHERE ${position} = -1`,
        'a record stands twice': ({ table, position }, names) => `INSERT INTO ${table}(${names.join()}) SELECT ${names.map((name) => (name === position ? `(SELECT max(${position})+1 FROM ${table})` : name)).join()} FROM ${table} WHERE ${position} = 5`,
    };
    for (const [what, change] of Object.entries(changes)) {
        test(`${what}: verify finds it`, async () => {
            const log = await find();
            const before = await town.server.sql(`SELECT count(*) FROM ${log.table}`);
            assert.ok(Number(before) > 20);
            await town.server.sql(change(log, (await columns(log.table)).map((column) => column.name)));
            const answer = await town.server.verify();
            assert.notEqual(answer.code, 0, answer.stdout);
            assert.match(answer.stdout + answer.stderr, /record|head|root|log/i);
        });
    }

    test('the whole database was set back to an earlier day: the checkpoints outside tell', async () => {
        const checkpoints = `${town.server.folder}/later`;
        await town.server.start();
        for (let n = 0; n < 5; n++) await write(one.anne, one.dialogue, `Senere ${n}`);
        await town.server.stop();
        await cp(`${town.server.data}/checkpoints.jsonl`, checkpoints);
        await town.server.putBack(untouched);
        await cp(checkpoints, `${town.server.data}/checkpoints.jsonl`);
        const answer = await town.server.verify();
        assert.notEqual(answer.code, 0, answer.stdout);
    });
});

const jonas = () => one.jonas.name;

describe('rows of the database', () => {
    test('an inserted membership opens nothing', async () => {
        const table = (await tables()).find((name) => /^participant$|member/.test(name));
        const names = (await columns(table)).map((column) => column.name);
        await town.server.start();
        const stranger = await town.signIn('stranger');
        const page = await stranger.get('/profile');
        assert.equal(page.status, 200);
        await town.server.stop();
        // The stranger's id is the newest person's; the row copies Mette's, keys and all.
        const person = await town.server.sql('SELECT max(id) FROM person');
        const key = names.find((name) => name === 'person');
        await town.server.sql(`INSERT INTO ${table}(${names.join()}) SELECT ${names.map((name) => (name === key ? person : name === 'id' ? 'id+1' : name)).join()} FROM ${table} WHERE dialogue = ${one.dialogue} LIMIT 1`);
        for (const grants of (await tables()).filter((name) => /grant/.test(name))) {
            const own = (await columns(grants)).map((column) => column.name);
            const holder = own.find((name) => ['person', 'member', 'holder'].includes(name));
            if (holder) await town.server.sql(`INSERT INTO ${grants}(${own.join()}) SELECT ${own.map((name) => (name === holder ? person : name === 'id' ? 'id+1' : name)).join()} FROM ${grants} WHERE ${own.includes('dialogue') ? `dialogue = ${one.dialogue}` : 'true'} LIMIT 3 ON CONFLICT DO NOTHING`);
        }
        await town.server.start();
        const visitor = await town.signIn('stranger');
        for (const target of [`/dialogue/${one.dialogue}`, '/', `/dialogue/${one.dialogue}/participants`]) {
            const { text } = await visitor.get(target);
            for (const word of ['Første kreds', 'Den ene dialog', 'Mette']) assert.ok(!text.includes(word), `${target} shows ${word}`);
        }
    });

    test('a relative who made themself coordinator in the database is none', async () => {
        await town.server.sql(`UPDATE participant SET relation = (SELECT max(relation) FROM participant WHERE dialogue = ${one.dialogue} AND ended IS NULL)
            WHERE dialogue = ${one.dialogue}`);
        await town.server.start();
        const mette = await town.signIn('mette');
        const answer = await mette.get(`/dialogue/${one.dialogue}/participants`, { json: true });
        if (answer.status === 200) assert.equal(answer.json.may_invite, false);
        const { status } = await mette.post(`/dialogue/${one.dialogue}/invitations`, { csrf: await mette.csrf(), name: 'Ven', email: 'ven@post.example', relation: 'ven', kind: 'relative' });
        assert.ok(status >= 400, String(status));
        assert.equal((await fetch(`${town.url}/healthz`)).status, 200);
    });

    test('somebody who was excluded and put back in the database does not read what was written since', async () => {
        await town.server.start();
        await exclude(one.anne, one.dialogue, 'Karim Haddad');
        await write(one.anne, one.dialogue, 'Skrevet, da han var ude');
        await town.server.stop();
        await town.server.sql(`UPDATE participant SET ended = NULL, relation = (SELECT relation FROM participant WHERE dialogue = ${two.dialogue} AND person = p.person)
            FROM (SELECT person FROM participant WHERE dialogue = ${one.dialogue} AND ended IS NOT NULL) p WHERE participant.dialogue = ${one.dialogue} AND participant.person = p.person`);
        assert.equal(await town.server.sql(`SELECT count(*) FROM participant WHERE dialogue = ${one.dialogue} AND ended IS NOT NULL`), '0');
        await town.server.start();
        const karim = await town.signIn('karim');
        for (const target of ['', '/posts?after=0', '/participants']) {
            assert.ok(!(await karim.get(`/dialogue/${one.dialogue}${target}`)).text.includes('Skrevet, da han var ude'), target);
        }
    });

    test('old keys from a backup, put back for somebody who was excluded, open nothing, and nobody writes under them', async () => {
        const kept = `CREATE TABLE kept AS SELECT * FROM key_grant WHERE dialogue = ${one.dialogue}; CREATE TABLE kept_part AS SELECT * FROM participant WHERE dialogue = ${one.dialogue}`;
        await town.server.sql(kept);
        await town.server.start();
        const out = await exclude(one.anne, one.dialogue, jonas());
        await write(one.anne, one.dialogue, 'Skrevet uden ham');
        await town.server.stop();
        await town.server.sql(`INSERT INTO key_grant SELECT * FROM kept WHERE member = ${out};
            DELETE FROM participant WHERE dialogue = ${one.dialogue} AND person = ${out};
            INSERT INTO participant SELECT * FROM kept_part WHERE person = ${out}`);
        await town.server.start();
        const [person, anne] = await Promise.all([town.signIn('jonas'), town.signIn('anne')]);
        const promote = async () => anne.post(`/dialogue/${one.dialogue}/participants/${out}/coordinator`, { csrf: await anne.csrf(), value: '1' });
        assert.ok((await promote()).status >= 400, 'no keys are made for him');
        for (const target of ['', '/posts?before=13', '/participants']) assert.equal((await person.get(`/dialogue/${one.dialogue}${target}`)).status, 404, target);
        await town.server.stop();
        // With the epoch set back he is let in to what he has read before; nobody writes under his keys.
        await town.server.sql(`UPDATE dialogue SET epoch = 1 WHERE id = ${one.dialogue}`);
        await town.server.start();
        assert.ok((await promote()).status >= 400);
        assert.ok((await anne.post(`/dialogue/${one.dialogue}/post`, { csrf: await anne.csrf(), text: 'Skrevet bagefter' })).status >= 400);
        for (const target of ['', '/posts?before=99']) assert.ok(!(await person.get(`/dialogue/${one.dialogue}${target}`)).text.includes('Skrevet'), target);
    });

    test('terms that were changed in the database let their owner in nowhere there, and hold nobody else up', async () => {
        await town.server.start();
        const [anne, emil, mette] = await Promise.all(['anne', 'emil', 'mette'].map((id) => town.signIn(id)));
        const { person } = (await emil.get('/access', { json: true })).json.parts.find((part) => part.dialogue === one.dialogue);
        assert.equal((await emil.post(`/dialogue/${one.dialogue}/access/${person}`, { csrf: await emil.csrf(), reading: '1' })).status, 303);
        await mustAgree(anne, one.dialogue, mette.name, 'custody');
        await town.server.sql(`UPDATE participant SET admitted = ${town.server.database.changed('admitted')} WHERE dialogue = ${one.dialogue} AND person = ${person}`);
        assert.equal((await mette.get(`/dialogue/${one.dialogue}`)).status, 404);
        for (const [who, page] of [[mette, '/'], [mette, `/dialogue/${two.dialogue}`], [anne, `/dialogue/${one.dialogue}`], [anne, `/dialogue/${one.dialogue}/participants`],
            [anne, `/dialogue/${one.dialogue}/consent`]]) assert.equal((await who.get(page)).status, 200, `${who.id} ${page}`);
        assert.match(town.server.log, /event=terms-refused/);
    });

    test('a message cannot be put into somebody else’s mouth or moved to another day', async () => {
        const [before] = [await town.server.sql(`SELECT count(DISTINCT author) FROM post WHERE dialogue = ${one.dialogue}`)];
        assert.equal(before, '1');
        for (const change of [`author = (SELECT citizen FROM dialogue WHERE id = ${one.dialogue})`, 'created = created - 86400000']) {
            await town.server.sql(`UPDATE post SET ${change} WHERE dialogue = ${one.dialogue} AND number = 12`);
            await town.server.start();
            assert.ok(!(await (await town.signIn('mette')).get(`/dialogue/${one.dialogue}/post/12`)).text.includes('Første kreds 11'), change);
            await town.server.stop();
        }
    });

    test('a session that was given to somebody else is nobody’s', async () => {
        await town.server.start();
        const stranger = await town.signIn('stranger');
        const mette = await town.signIn('mette');
        assert.equal((await stranger.get('/session', { json: true })).json.name, stranger.name);
        const id = await town.server.sql('SELECT person FROM session ORDER BY created DESC LIMIT 1');
        await town.server.stop();
        await town.server.sql(`UPDATE session SET person = ${id}`);
        await town.server.start();
        const seen = (await stranger.get('/session', { json: true })).json;
        assert.ok(!seen.person, JSON.stringify(seen));
        assert.equal((await mette.get('/session', { json: true })).json.name, mette.name, 'her own still holds');
    });

    test('a citizen who is an employee in the database, or of another unit, is not let in', async () => {
        const id = await town.server.sql(`SELECT person FROM participant WHERE dialogue = ${one.dialogue} AND person = (SELECT citizen FROM dialogue WHERE id = ${one.dialogue})`);
        await town.server.sql(`UPDATE person SET role = (SELECT role FROM person WHERE unit IS NOT NULL LIMIT 1), unit = (SELECT min(id) FROM unit) WHERE id = ${id}`);
        await town.server.start();
        assert.notEqual((await one.emil.get('/dialogue/new')).status, 200, 'nor is who was signed in before');
        assert.ok(!(await one.emil.get('/session', { json: true })).json.person);
        const emil = await town.signIn('emil').catch(() => null);
        if (emil) assert.notEqual((await emil.get('/dialogue/new')).status, 200);
    });

    test('sealed values that changed places between two dialogues do not open', async () => {
        for (const table of (await tables()).filter((name) => /^(post|dialogue|participant)$/.test(name))) {
            const all = await columns(table);
            const sealed = all.filter((column) => column.blob && !column.key).map((column) => column.name);
            const by = all.some((column) => column.name === 'dialogue') ? 'dialogue' : 'id';
            for (const name of sealed) {
                await town.server.sql(`CREATE TEMP TABLE a AS SELECT ${name} AS v FROM ${table} WHERE ${by} = ${one.dialogue} AND ${name} IS NOT NULL LIMIT 1;
                    CREATE TEMP TABLE b AS SELECT ${name} AS v FROM ${table} WHERE ${by} = ${two.dialogue} AND ${name} IS NOT NULL LIMIT 1;
                    UPDATE ${table} SET ${name} = (SELECT v FROM b) WHERE ${by} = ${one.dialogue} AND EXISTS(SELECT 1 FROM b);
                    UPDATE ${table} SET ${name} = (SELECT v FROM a) WHERE ${by} = ${two.dialogue} AND EXISTS(SELECT 1 FROM a);`);
            }
        }
        await town.server.start();
        const [mette] = [await town.signIn('mette')];
        for (const [dialogue, word] of [[one.dialogue, 'Anden kreds'], [one.dialogue, 'Den anden dialog'], [two.dialogue, 'Første kreds']]) {
            const { text } = await mette.get(`/dialogue/${dialogue}`);
            assert.ok(!text.includes(word), `${dialogue} shows ${word}`);
        }
        assert.equal((await fetch(`${town.url}/healthz`)).status, 200, 'the server is well');
    });

    test('two messages of the same dialogue that changed places do not open', async () => {
        const sealed = (await columns('post')).filter((column) => column.blob && !column.key).map((column) => column.name);
        const seq = (await columns('post')).filter((column) => column.key).map((column) => column.name).find((name) => name !== 'dialogue');
        const set = sealed.map((name) => `${name} = (SELECT ${name} FROM post o WHERE o.dialogue = post.dialogue AND o.${seq} = 2)`).join();
        await town.server.sql(`UPDATE post SET ${set} WHERE dialogue = ${one.dialogue} AND ${seq} = 1`);
        await town.server.start();
        const { text } = await (await town.signIn('anne')).get(`/dialogue/${one.dialogue}`);
        assert.ok((text.match(/Første kreds 1(?!\d)/g) ?? []).length <= 1, 'the second message does not stand in the place of the first');
    });

    test('a row that says employee of a citizen gives no right', async () => {
        const role = (await columns('person')).find((column) => column.name === 'role');
        if (role) await town.server.sql('UPDATE person SET role = (SELECT max(role) FROM person)');
        await town.server.start();
        const stranger = await town.signIn('stranger').catch(() => null);
        if (!stranger) return;   // the changed row does not open: nobody comes in
        assert.notEqual((await stranger.get('/dialogue/new')).status, 200);
    });

    test('another master key opens nothing', async () => {
        const key = town.server.key;
        const other = await Server.prepare();
        try {
            town.server.key = other.key;
            await assert.rejects(() => town.server.start(), /.*/);
            await town.server.stop();
        } finally {
            town.server.key = key;
            await other.remove();
        }
    });
});

describe('logins', () => {
    test('that changed places in the database let nobody in as somebody else', async () => {
        const other = await Town.start({ providers: true });
        try {
            const stranger = await other.signIn('stranger');
            const mette = await other.signIn('mette');
            const id = async (client) => (await client.get('/session', { json: true })).json.person;
            const [a, b] = [await id(stranger), await id(mette)];
            await other.server.stop();
            for (const column of ['login', 'cpr']) {
                await other.server.sql(`CREATE TABLE ids AS SELECT id, ${column} AS v FROM person; UPDATE person SET ${column} = NULL WHERE id IN (${a}, ${b});
                    UPDATE person SET ${column} = (SELECT v FROM ids WHERE id = ${a}) WHERE id = ${b};
                    UPDATE person SET login = NULL WHERE id = ${b} AND '${column}' = 'cpr'; DELETE FROM person WHERE id = ${a} AND '${column}' = 'cpr'; DROP TABLE ids`);
                await other.server.start();
                const again = await other.signIn('stranger').catch(() => null);
                if (again) assert.notEqual(await id(again), b, column);
                await other.server.stop();
            }
        } finally {
            await other.close();
        }
    });
});
