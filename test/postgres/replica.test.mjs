// SPDX-License-Identifier: MPL-2.0
// Reads on a real standby that lags, stands still, dies and comes back: nobody sees more than on the database itself, nor less.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster } from '../support/cluster.mjs';
import { answer, mustAgree, propose, withdraw } from '../support/consent.mjs';
import { freePort, sleep, until } from '../support/server.mjs';
import { Town, accept, at, circle, exclude, invite, read, startDialogue, write } from '../support/town.mjs';

const unique = (() => { let count = 0; return (word) => `${word} ${++count}`; })();
const excluded = 13;   // AUDIT_PARTICIPANT_EXCLUDE

let cluster, town, one, two, there, metrics;

/** A second server on the same database that knows of no replica. */
async function withoutReplica() {
    const other = await one.beside(), lines = (await readFile(one.config, 'utf8')).split('\n');
    other.config = path.join(one.folder, 'two.conf');
    await writeFile(other.config, lines.filter((line) => !/^(replica|port) =|^\[metrics\]/.test(line)).join('\n'));
    await other.start();
    return other;
}

async function counts() {
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    const figure = (name) => Number(new RegExp(`^samtraad_replica_${name} (\\d+)$`, 'm').exec(text)[1]);
    return { follows: figure('follows'), reads: figure('reads_total'), left: figure('left_reads_total') };
}

const following = (limit) => until('reads go to the replica', async () => (await counts()).follows === 1, limit);
const apply = async (how) => { await cluster.standby.sql(`SELECT pg_wal_replay_${how}()`); };

/** The replica hears of nothing while something is done; it did follow until then. */
async function lagging(something) {
    await following();
    await apply('pause');
    await until('it stands still', async () => await cluster.standby.sql('SELECT pg_get_wal_replay_pause_state()') === 'paused');
    const earlier = await counts();
    assert.equal(earlier.follows, 1, 'nothing has happened that it would not know');
    let later;
    try {
        await something();
        later = await counts();
    } finally {
        await apply('resume');
    }
    assert.ok(later.left > earlier.left, `reads went to the database itself: ${JSON.stringify([earlier, later])}`);
}

before(async () => {
    cluster = await Cluster.start({ settings: 'shared_preload_libraries = pg_stat_statements' });
    await cluster.set(cluster.primary, "synchronous_standby_names = ''");
    metrics = await freePort();
    town = await Town.start({ plain: true, settings: `nodes = 3\n[metrics]\nport = ${metrics}`, database: () => cluster.database() });
    one = town.server;
    two = await withoutReplica();
    there = await circle(town, 'Med en kopi');
    await following();
});
after(async () => {
    await two?.stop();
    await one?.stop();
    await cluster?.stop();   // and the database with it
    if (one) one.database.remove = async () => {};
    await town?.close();
});

test('pages are read on the replica', async (context) => {
    await following();
    const earlier = await counts();
    await until('reads went there', async () => {
        await read(there.emil, there.dialogue);
        return (await counts()).reads > earlier.reads + 5;
    }, 30000);
    const later = await counts();
    context.diagnostic(`${later.reads - earlier.reads} reads on the replica, ${later.left - earlier.left} not`);
});

test('one’s own message is there after the redirect, and another’s of another server, though the replica is some milliseconds late', async () => {
    await cluster.set(cluster.standby, "recovery_min_apply_delay = '8ms'");
    try {
        await following();
        const earlier = await counts(), emil = at(two, there.emil);
        for (let n = 0; n < 15; n++) {
            const [mine, his] = [unique('Min'), unique('Hans')];
            const { page } = await there.anne.submitAndOpen(`/dialogue/${there.dialogue}`, `/dialogue/${there.dialogue}/post`, { text: mine });
            assert.ok(page.text().includes(mine), mine);
            assert.equal((await emil.submit(`/dialogue/${there.dialogue}`, `/dialogue/${there.dialogue}/post`, { text: his })).status, 303);
            assert.equal((await read(there.anne, there.dialogue)).at(-1).text, his);
        }
        assert.ok((await counts()).reads > earlier.reads, 'it was waited for');
    } finally {
        await cluster.set(cluster.standby, 'recovery_min_apply_delay = 0');
    }
});

test('while the replica hears of nothing, one’s own message is there after the redirect', async () => {
    await lagging(async () => {
        const text = unique('Min egen');
        const { page } = await there.anne.submitAndOpen(`/dialogue/${there.dialogue}`, `/dialogue/${there.dialogue}/post`, { text });
        assert.ok(page.text().includes(text));
        assert.equal((await read(there.emil, there.dialogue)).at(-1).text, text);
        // After a while no read waits for it any more.
        await until('it is left', async () => {
            await read(there.emil, there.dialogue);
            return (await counts()).follows === 0;
        });
        const log = one.log.split('\n').filter((line) => line.includes('event=replica'));
        assert.match(log.at(-1), /it is behind; reads go to the database itself/);
    });
});

test('… a message that came through another server is read at once', async () => {
    await lagging(async () => {
        const text = unique('Fra den anden');
        await write(at(two, there.emil), there.dialogue, text);
        assert.equal((await read(there.anne, there.dialogue)).at(-1).text, text);
    });
});

/** Neither by what leaves a record, in whose turn it could be found out, nor by what leaves none and rests on its snapshot alone. */
async function seesNothing(person, dialogue) {
    for (let n = 0; n < 4; n++) {
        assert.equal((await person.get(`/dialogue/${dialogue}/files`)).status, 404);
        assert.equal((await person.get(`/dialogue/${dialogue}`)).status, 404);
    }
}

async function withKarim() {
    const dialogue = await startDialogue(there.anne, town.person('emil'), unique('Karim er med'));
    await accept(there.karim, await invite(there.anne, dialogue, { name: 'Karim Haddad', relation: 'klasselærer', kind: 'external' }));
    await write(there.anne, dialogue, 'Til Karim');
    assert.equal((await read(there.karim, dialogue)).at(-1).text, 'Til Karim');
    return dialogue;
}

test('… who is excluded, through this server or another, reads nothing from then on', async () => {
    for (const where of [one, two]) {
        const dialogue = await withKarim();
        await lagging(async () => {
            await exclude(at(where, there.anne), dialogue, there.karim.name);
            await seesNothing(there.karim, dialogue);
        });
    }
});

test('… whose consent is withdrawn reads nothing from then on', async () => {
    for (const where of [one, two]) {
        const dialogue = await startDialogue(there.anne, town.person('emil'), unique('Med samtykke'));
        await mustAgree(there.anne, dialogue, there.emil.name);
        const proposal = await propose(there.anne, dialogue, there.jonas.name);
        await answer(there.emil, proposal, 'all');
        await write(there.anne, dialogue, 'Til Jonas');
        assert.equal((await read(there.jonas, dialogue)).at(-1).text, 'Til Jonas');
        await lagging(async () => {
            await withdraw(at(where, there.emil), proposal);
            await seesNothing(there.jonas, dialogue);
        });
    }
});

test('… who signs out, on this server or another, is signed out', async () => {
    for (const where of [one, two]) {
        const jonas = await town.signIn('jonas');
        assert.equal((await jonas.get('/session', { json: true })).json.name, jonas.name);
        await lagging(async () => {
            assert.equal((await at(where, jonas).submit('/', '/logout')).status, 303);
            for (let n = 0; n < 8; n++) assert.notEqual((await jonas.get('/session', { json: true })).json.name, jonas.name);
        });
    }
});

test('who asks all the time while being excluded through another server gets nothing after it, and the log says so', async () => {
    await cluster.set(cluster.standby, "recovery_min_apply_delay = '8ms'");
    const dialogue = await withKarim(), asked = [];
    await following();
    let over = false;
    const asking = Promise.all([`/dialogue/${dialogue}`, ...Array(3).fill(`/dialogue/${dialogue}/files`)].map(async (page) => {
        while (!over) {
            const from = performance.now();
            asked.push({ from, status: (await there.karim.get(page)).status });
        }
    }));
    await until('he reads', () => asked.some((each) => each.status === 200));
    await exclude(at(two, there.anne), dialogue, there.karim.name);
    const ended = performance.now();
    await sleep(300);
    over = true;
    await asking;
    await cluster.set(cluster.standby, 'recovery_min_apply_delay = 0');
    assert.ok(asked.some((each) => each.from > ended));
    assert.deepEqual(asked.filter((each) => each.from > ended && each.status !== 404), []);
    assert.equal(await one.sql(`SELECT count(*) FROM audit a, audit e WHERE a.dialogue = ${dialogue} AND e.dialogue = ${dialogue} AND e.kind = ${excluded}
        AND a.person = e.object AND a.seq > e.seq`), '0');
});

/** Anne and Emil read all the time while something is done; gives what they got, and the longest time of an answer. */
async function reading(something) {
    const statuses = [];
    let over = false, longest = 0;
    const all = Promise.all([there.anne, there.emil, there.mette].map(async (person) => {
        while (!over) {
            const from = Date.now();
            statuses.push((await person.get(`/dialogue/${there.dialogue}`)).status);
            longest = Math.max(longest, Date.now() - from);
        }
    }));
    try {
        await something(statuses);
    } finally {
        over = true;
        await all;
    }
    return { statuses, longest };
}

test('the replica is killed while people read, and comes back: nobody notices', async (context) => {
    await following();
    const before = one.log.length;
    const { statuses, longest } = await reading(async () => {
        await sleep(300);
        await cluster.standby.kill();
        await until('reads go to the database itself', async () => (await counts()).follows === 0);
        await sleep(300);
        await cluster.standby.start();
        await following(20000);
        const earlier = await counts();
        await until('they go there again', async () => (await counts()).reads > earlier.reads + 10);
    });
    context.diagnostic(`${statuses.length} pages, the slowest in ${longest} ms`);
    assert.deepEqual([...new Set(statuses)], [200]);
    const told = one.log.slice(before).split('\n').filter((line) => line.includes('event=replica'));
    assert.ok(told.some((line) => line.includes('reads go to the database itself')), told.join('\n'));
    assert.match(told.at(-1), /it follows; reads go there/);
});

test('the replica stands still with its connections open: whoever asked it is answered by the database itself, and all others at once', async (context) => {
    await following();
    const { statuses, longest } = await reading(async (statuses) => {
        await cluster.standby.signal('SIGSTOP');
        try {
            await until('reads go to the database itself', async () => (await counts()).follows === 0, 20000);
            const then = statuses.length;
            await until('people read', () => statuses.length > then + 20, 20000);
        } finally {
            await cluster.standby.signal('SIGCONT');
        }
        await following(20000);
    });
    context.diagnostic(`${statuses.length} pages, the slowest in ${longest} ms`);
    assert.deepEqual([...new Set(statuses)], [200]);
});

/** How many statements both database servers were given, ever: [primary, replica]. */
const statements = () => Promise.all([cluster.primary, cluster.standby].map(async (member) => Number(await member.run('psql', '-qAtX', '-h', cluster.folder, '-p', String(member.port),
    '-U', 'samtraad', '-d', one.database.name, '-c', 'SELECT sum(calls) FROM pg_stat_statements'))));

test('where each commit waits until the replica shows it, no read is left to the database itself', async (context) => {
    await cluster.set(cluster.primary, 'synchronous_commit = remote_apply');
    await cluster.set(cluster.primary, "synchronous_standby_names = 'standby'");
    await until('the standby confirms commits', async () => await cluster.primary.sql('SELECT sync_state FROM pg_stat_replication') === 'sync');
    await one.sql('CREATE EXTENSION pg_stat_statements');
    await write(there.anne, there.dialogue, unique('Herfra'));
    await following();
    const earlier = await counts(), before = await statements();
    const { statuses } = await reading(async (statuses) => {
        for (let n = 0; n < 10; n++) await write(at(two, there.karim), there.dialogue, unique('Imens'));
        await until('people read', () => statuses.length > 200, 60000);
    });
    const later = await counts(), [own, copy] = (await statements()).map((sum, member) => sum - before[member]);
    context.diagnostic(`${statuses.length} pages, ${later.reads - earlier.reads} reads on the replica; statements: ${own} on the primary, ${copy} on the replica`);
    assert.equal(later.left, earlier.left);
    await cluster.set(cluster.primary, "synchronous_standby_names = ''");
});

test('a replica that went its own way is left for good', async () => {
    await following();
    await cluster.standby.sql('SELECT pg_promote()');
    const text = unique('Kun her');
    await write(at(two, there.emil), there.dialogue, text);
    assert.equal((await read(there.anne, there.dialogue)).at(-1).text, text);
    await until('it is left', async () => {
        await read(there.anne, there.dialogue);
        return (await counts()).follows === 0;
    });
    await sleep(1500);
    assert.equal((await counts()).follows, 0);
});

test('a replica needs a database on a server, and is one', async () => {
    for (const [database, replica] of [['file.db', 'postgresql://x@127.0.0.1/y'], [one.database.url, 'copy.db']]) {
        await writeFile(path.join(one.folder, 'wrong.conf'), `replica = ${replica}\n`);
        const refused = await one.command('serve', '--port', '0', '--database', database, '--config', path.join(one.folder, 'wrong.conf'));
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, /replica = .*: expected postgresql:/);
    }
});
