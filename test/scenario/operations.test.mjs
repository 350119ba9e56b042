// SPDX-License-Identifier: MPL-2.0
// What the person who looks after the server asks it, and what monitoring asks: status, check-config, metrics.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { onPostgres } from '../support/database.mjs';
import { freePort, until } from '../support/server.mjs';
import { files, read } from '../static/source.mjs';
import { Town, circle, write } from '../support/town.mjs';

let town, one, port;
before(async () => {
    port = await freePort();
    town = await Town.start({ settings: `[metrics]\nport = ${port}` });
    one = await circle(town, 'Kanariefuglens emne');
    for (let n = 0; n < 3; n++) await write(one.mette, one.dialogue, `Kanariefuglen ${n}`);
});
after(() => town?.close());

const scrape = (options, at = port) => fetch(`http://127.0.0.1:${at}/metrics`, options);

/** The figures of a scrape by name and labels. */
async function figures() {
    const text = await (await scrape()).text();
    return Object.fromEntries(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
    }));
}

describe('metrics', () => {
    test('are what promtool accepts', async () => {
        const answer = await scrape();
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
        const checked = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text(), encoding: 'utf8' });
        assert.equal(checked.status, 0, checked.stdout + checked.stderr);
        const wrong = spawnSync('promtool', ['check', 'metrics'], { input: 'samtraad requests 1 2 3\n', encoding: 'utf8' });
        assert.notEqual(wrong.status, 0, 'promtool tells what is none');
    });

    test('count what happens', async () => {
        const before = await figures();
        await one.karim.get(`/dialogue/${one.dialogue}`);
        await write(one.karim, one.dialogue, 'En til');
        await fetch(`${town.url}/nowhere`);
        await fetch(`${town.url}/bad%zz`);
        const after = await figures();
        const more = (name) => after[name] - (before[name] ?? 0);
        assert.ok(more('samtraad_requests_total{class="dialogue",status="2xx"}') >= 2, JSON.stringify(after));
        assert.equal(more('samtraad_requests_total{class="dialogue",status="3xx"}'), 1);
        assert.equal(more('samtraad_requests_total{class="none",status="4xx"}'), 2);
        assert.equal(more('samtraad_request_duration_seconds_bucket{class="dialogue",le="+Inf"}'), more('samtraad_request_duration_seconds_count{class="dialogue"}'));
        assert.ok(more('samtraad_request_duration_seconds_sum{class="dialogue"}') > 0);
        assert.ok(more('samtraad_writer_batch_jobs_sum') >= 3, 'the message, and the records of who read');
        assert.ok(more('samtraad_log_records') >= 3);
        assert.ok(after.samtraad_sessions >= 5);
        assert.equal(after.samtraad_keeper_up, 1);
        assert.equal(after.samtraad_writer_broken, 0);
        assert.equal(after.samtraad_last_backup_timestamp_seconds, 0);
        assert.ok(after.samtraad_database_bytes > 100_000);
    });

    test('see live streams come and go', async () => {
        const idle = (await figures()).samtraad_streams;
        const stream = await one.emil.stream(`/dialogue/${one.dialogue}/live`);
        assert.equal((await figures()).samtraad_streams, idle + 1);
        await stream.close();
        await until('it is gone', async () => (await figures()).samtraad_streams === idle);
    });

    test('say nothing about anybody, and nothing else is there', async () => {
        const text = await (await scrape()).text();
        for (const word of ['Kanariefugl', one.dialogue, ...['emil', 'mette', 'anne'].map((id) => town.person(id).name)]) assert.ok(!text.includes(word), word);
        assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
        assert.equal((await fetch(`${town.url}/metrics`)).status, 404, 'not where people come');
    });

    test('ask for a token when there is one, and must have one when others can reach the address', async () => {
        const other = await freePort(), token = path.join(town.server.folder, 'token'), secret = 'et-langt-hemmeligt-tegn';
        await writeFile(token, `${secret}\n`, { mode: 0o600 });
        await town.server.configure(`[metrics]\nport = ${other}\naddress = 0.0.0.0\ntoken_file = ${token}`);
        await town.server.restart();
        await until('the figures are there', () => scrape({}, other));   // a moment after the server's first answer
        assert.equal((await scrape({}, other)).status, 401);
        assert.equal((await scrape({ headers: { authorization: `Bearer ${secret}x` } }, other)).status, 401);
        assert.equal((await scrape({ headers: { authorization: `Bearer ${secret}` } }, other)).status, 200);
        await town.server.stop();
        await town.server.configure(`[metrics]\nport = ${other}\naddress = 0.0.0.0`);
        const refused = await town.server.command('serve', '--port', '0');
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /setting=metrics\.address value="0\.0\.0\.0" expected="an address of this machine alone/);
        await town.server.configure(`[metrics]\nport = ${port}`);
        await town.server.start();
        await until('the figures are there', () => scrape());
    });
});

describe('the alarms that come with it', () => {
    const hours = 30, now = hours * 3600;
    const well = {
        'up{job="samtraad"}': 1, samtraad_writer_broken: 0, samtraad_keeper_up: 1, samtraad_database_readable: 1, samtraad_last_backup_timestamp_seconds: now - 3600,
        samtraad_log_records: 9, samtraad_log_checkpoint_records: 9, samtraad_log_checkpoint_timestamp_seconds: now - 3600, samtraad_wal_bytes: 4096,
        samtraad_mail_oldest_failing_timestamp_seconds: 0, 'samtraad_mail_queue{state="given_up"}': 0, 'samtraad_journal_deliveries{state="failed"}': 0,
        samtraad_log_errors_total: 3, 'samtraad_requests_total{class="dialogue",status="2xx"}': '0+100x', 'samtraad_requests_total{class="dialogue",status="5xx"}': '0+1x',
        'node_filesystem_avail_bytes{mountpoint="/var"}': 30, 'node_filesystem_size_bytes{mountpoint="/var"}': 100,
    };
    const cases = {
        SamtraadAway: { 'up{job="samtraad"}': 0 },
        SamtraadWritesNothing: { samtraad_writer_broken: 1 },
        SamtraadKeeperAway: { samtraad_keeper_up: 0 },
        SamtraadDatabaseUnreadable: { samtraad_database_readable: 0 },
        SamtraadAnswersFail: { 'samtraad_requests_total{class="dialogue",status="5xx"}': '0+5x' },
        SamtraadBackupLate: { samtraad_last_backup_timestamp_seconds: now - 27 * 3600 },
        SamtraadClockRanAhead: { samtraad_last_backup_timestamp_seconds: now + 3600 },
        SamtraadCheckpointLate: { samtraad_log_records: 10 },
        SamtraadWriteAheadLogLarge: { samtraad_wal_bytes: 2 ** 31 },
        SamtraadMailStands: { samtraad_mail_oldest_failing_timestamp_seconds: now - 3 * 3600 },
        SamtraadMailGivenUp: { 'samtraad_mail_queue{state="given_up"}': 1 },
        SamtraadJournalFailed: { 'samtraad_journal_deliveries{state="failed"}': 2 },
        SamtraadErrors: { samtraad_log_errors_total: '0+1x' },
        SamtraadDiskFull: { 'node_filesystem_avail_bytes{mountpoint="/var"}': 15 },
    };

    test('rest while all is well, and each goes off for what it is for, alone', async () => {
        const rules = read('docs/alarms.yml'), file = path.join(town.server.folder, 'alarms.json');
        assert.deepEqual([...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name), Object.keys(cases));
        const one = (changes, firing) => ({
            interval: '1m',
            input_series: Object.entries({ ...well, ...changes }).map(([series, value]) => ({ series, values: `${String(value).replace(/x$/, '')}x${hours * 60}` })),
            promql_expr_test: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: `${hours}h`,
                exp_samples: firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })) }],
        });
        await writeFile(file, JSON.stringify({ rule_files: [path.resolve('docs/alarms.yml')], evaluation_interval: '1m',
            tests: [one({}, []), ...Object.entries(cases).map(([name, changes]) => one(changes, [name]))] }));
        const checked = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
        assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    });

    test('ask for figures that are there', async () => {
        const there = await (await until('the figures are told', () => scrape())).text();
        const asked = new Set([...read('docs/alarms.yml').matchAll(/\bsamtraad_\w+/g)].map(([name]) => name));
        assert.ok(asked.size > 10);
        assert.deepEqual([...asked].filter((name) => !there.includes(`# TYPE ${name} `)), onPostgres ? ['samtraad_wal_bytes'] : []);
    });
});

describe('status', () => {
    test('says what asks for attention, and monitoring sees it from the exit status', async () => {
        const first = await town.server.command('status');
        assert.equal(first.code, 1, first.stdout);
        assert.match(first.stdout, /^server +running$/m);
        assert.match(first.stdout, /^last backup +never {2}! run "samtraad backup"/m);
        assert.equal((await town.server.command('backup', path.join(town.server.folder, 'saved'))).code, 0);
        const second = await town.server.command('status');
        assert.equal(second.code, 0, second.stdout);
        assert.match(second.stdout, /^last backup +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
        assert.ok((await figures()).samtraad_last_backup_timestamp_seconds > 1.7e9);
        for (const word of ['Kanariefugl', one.dialogue, town.person('emil').name]) assert.ok(!second.stdout.includes(word), word);
    });

    test('tells mails that were given up, and a server that is not there', async () => {
        await town.server.stop();
        await town.server.sql(`INSERT INTO outbox (id, kind, purpose, person, made, due, tries, trouble, given_up, payload) VALUES (1, 1, 1, 0, 1, 1, 12, 550, 2, ${town.server.database.bytes('00')})`);
        const { code, stdout } = await town.server.command('status');
        assert.equal(code, 1);
        assert.match(stdout, /^server +not running {2}! start it$/m);
        assert.match(stdout, /^mail +0 waiting, 0 of them failing, 1 given up {2}!/m);
        await town.server.sql('DELETE FROM outbox WHERE id = 1');
        await town.server.start();
    });

    test('tells that the mail server takes nothing, long before mails are given up', async () => {
        const waits = (id, made) => `INSERT INTO outbox (id, kind, purpose, person, made, due, tries, trouble, given_up, payload) VALUES (${id}, 1, 1, 0, ${made}, ${Date.now() + 9e6}, 3, -7, 0, ${town.server.database.bytes('00')})`;
        await town.server.sql(waits(1, Date.now() - 60000));
        assert.match((await town.server.command('status')).stdout, /^mail +1 waiting, 1 of them failing, 0 given up$/m);
        await town.server.sql(waits(2, Date.now() - 3 * 3600000));
        const { code, stdout } = await town.server.command('status');
        assert.equal(code, 1);
        assert.match(stdout, /^mail +2 waiting, 2 of them failing, 0 given up {2}! the mail server has not taken one for hours/m);
        const since = Date.now() / 1000 - (await figures()).samtraad_mail_oldest_failing_timestamp_seconds;
        assert.ok(since > 3 * 3600 - 60 && since < 4 * 3600, `${since} seconds`);
        await town.server.sql('DELETE FROM outbox WHERE id IN (1, 2)');
        assert.equal((await figures()).samtraad_mail_oldest_failing_timestamp_seconds, 0);
    });

    test('takes no backup of next year for a fresh one', async () => {
        const last = path.join(town.server.data, 'last_backup'), kept = await readFile(last, 'utf8');
        await writeFile(last, kept.replace(/\d+/, (ms) => String(Number(ms) + 365 * 24 * 3600000)));
        const { code, stdout } = await town.server.command('status');
        await writeFile(last, kept);
        assert.equal(code, 1);
        assert.match(stdout, /^last backup +\d{4}-\S+ \S+ UTC {2}! that is in the future/m);
    });

    test('and metrics know how large the database is, be it a file or on a server', async () => {
        const { database } = town.server;
        const { stdout } = await town.server.command('status');
        const told = [Number(/^database +(\d+) bytes/m.exec(stdout)[1]), (await figures()).samtraad_database_bytes];
        const real = onPostgres ? Number(await database.sql('SELECT pg_database_size(current_database());')) : (await stat(database.path)).size;
        for (const bytes of told) assert.ok(bytes > real / 2 && bytes < real * 2, `${bytes} of ${real}`);
    });

    test('needs no key', async () => {
        const { stdout } = await town.server.command('status', '--key', '/nowhere');
        assert.match(stdout, /^server +running$/m);
    });
});

describe('the log', () => {
    test('names the login provider that can not be reached, and says why', async () => {
        const away = `http://127.0.0.1:${await freePort()}`;
        await town.server.stop();
        await town.server.configure(`[metrics]\nport = ${port}\n[staff]\nissuer = ${away}\nclient_id = samtraad\nclient_secret = hemmeligt`);
        await town.server.start();
        const client = new Client(town.url);
        assert.equal((await client.submit('/login', '/login/staff')).status, 403);
        assert.ok(town.server.log.includes(`event=login-provider address=${away}/.well-known/openid-configuration curl=7 meaning="Couldn't connect to server"`), town.server.log.slice(-600));
    });
});

describe('check-config', () => {
    const check = async (settings) => {
        const kept = await readFile(town.server.config, 'utf8');
        await writeFile(town.server.config, `${settings}\n`);
        await chmod(town.server.config, 0o600);
        const answer = await town.server.command('check-config');
        await writeFile(town.server.config, kept);
        return answer;
    };

    test('finds nothing in what is right', async () => {
        const { code, stdout, stderr } = await check('base_url = https://samtraad.kommune.example\nbehind_proxy = 1\ntimezone = Europe/Copenhagen\n[session]\nidle_minutes = 20');
        assert.equal(code, 0, stdout + stderr);
        assert.equal(stdout, 'the settings are in order\n');
    });

    for (const [what, settings, expected] of [
        ['a name that is not known', '[sesion]\nidle_minutes = 20', /^sesion\.idle_minutes = 20\n {4}expected: a setting of this name is not known/],
        ['a number out of its limits', '# Where\nport = 70000', /^port = 70000\n {4}expected: a number of 0 to 65535 \(line 2\)\n1 thing is to be put right/],
        ['a word that is none of the choices', '[smtp]\nurl = smtp://mail.example\nfrom = a@b.example\ntls = maybe', /^smtp\.tls = maybe\n {4}expected: one of: required wanted off/],
        ['a file that is not there', '[smtp]\nca = /nowhere/ca.pem', /^smtp\.ca = \/nowhere\/ca\.pem\n {4}expected: a file that is there/],
        ['a folder that can not be written', '[journal]\ndeliver = /nowhere', /^journal\.deliver = \/nowhere\n {4}expected: a folder/],
        ['an address that is none', 'address = 127.0.0.1x', /^address = .*\n {4}expected: a numeric IPv4 or IPv6 address/],
        ['a time zone that nobody knows', 'timezone = Europe/Copenhage', /^timezone = .*\n {4}expected: a time zone that the system knows/],
        ['a database that would be taken for a file', 'database = postgresq://samtraad@localhost/samtraad', /^database = .*\n {4}expected: postgresql:\/\/USER@HOST\/NAME/],
        ['a path behind the address', 'base_url = https://samtraad.kommune.example/sti\nbehind_proxy = 1', /^base_url = .*\n {4}expected: .*without a path/],
        ['an address that goes unprotected over the net', 'base_url = http://samtraad.kommune.example', /^base_url = .*\n {4}expected: .*https:/],
        ['that the front is not believed', 'base_url = https://samtraad.kommune.example', /^behind_proxy = 0\n {4}expected: 1, since/],
        ['quotation marks', '[staff]\nclaim_name = "name"', /^staff\.claim_name = "name"\n {4}expected: the value without quotation marks/],
        ['a comment behind a value', '[staff]\nclaim_name = name # ours', /^staff\.claim_name = name # ours\n {4}expected: the value alone/],
        ['a scope that no sign-in is made with', '[staff]\nscope = profile', /^staff\.scope = profile\n {4}expected: .*openid/],
        ['an algorithm that is not used', '[staff]\nalgorithms = ES256 HS256', /^staff\.algorithms = .*\n {4}expected: some of: RS256 PS256 ES256/],
        ['a place for the journal that is none', '[journal]\ndeliver = srv/journal', /^1 thing is/],
        ['a token that is none', '[rotate]\ntoken = pkcs11', /^rotate\.token = pkcs11\n {4}expected: pkcs11:token=/],
        ['two settings that do not fit', '[metrics]\nport = 9000\naddress = 10.0.0.1', /^1 thing is/],
    ]) {
        test(`tells ${what}`, async () => {
            const { code, stdout } = await check(settings);
            assert.equal(code, 1);
            assert.match(stdout, expected);
        });
    }

    test('tells where a line is no setting', async () => {
        for (const [settings, expected] of [['port = 8080\ntimezone: Europe/Copenhagen', /line=2 expected="name = value"/],
            ['port = 8080\nport = 8081', /line=2 expected="a name that does not stand above already"/]]) {
            const { code, stderr } = await check(settings);
            assert.equal(code, 1, 'the command line was right');
            assert.match(stderr, expected);
        }
    });

    test('a server does not start with a time zone that nobody knows, which would be another one', async () => {
        await writeFile(`${town.server.config}.zone`, 'timezone = Europe/Copenhage\n');
        const { code, stderr } = await town.server.command('serve', '--port', '0', '--config', `${town.server.config}.zone`);
        assert.equal(code, 1);
        assert.match(stderr, /setting=timezone value="Europe\/Copenhage" expected="a time zone/);
    });

    test('tells a secret that others can read', async () => {
        await chmod(town.server.key, 0o444);
        const { code, stdout } = await check('');
        await chmod(town.server.key, 0o400);
        assert.equal(code, 1);
        assert.match(stdout, /^key = .*\n {4}expected: a file that nobody else may read \(chmod 400\)/);
        await chmod(`${town.server.data}.shares`, 0o644);
        const shares = await check('');
        await chmod(`${town.server.data}.shares`, 0o600);
        assert.match(shares.stdout, /^shares = /);
    });

    test('tells a key that is none, or another folder’s', async () => {
        for (const [text, expected] of [[`${'5'.repeat(64)}\n`, /another than the data folder's/], [`${'5'.repeat(63)}\r\n`, /malformed; 64 hexadecimal digits/]]) {
            const other = `${town.server.key}.other`;
            await writeFile(other, text, { mode: 0o400 });
            const { code, stdout, stderr } = await town.server.command('check-config', '--key', other);
            await rm(other);
            assert.equal(code, 1, stdout);
            assert.match(stderr, expected);
        }
    });

    test('knows every setting of the example file, and each one that the program asks for stands there', async () => {
        const example = read('docs/samtraad.conf');
        // All of them switched on: none may be unknown.
        const all = await check(example.replace(/^#(\w+ = )/gm, '$1'));
        assert.doesNotMatch(all.stdout, /not known/);
        const names = new Set();
        let section = '';
        for (const line of example.split('\n')) {
            const [, begun] = /^\[(\w+)\]/.exec(line) ?? [];
            if (begun) section = `${begun}.`;
            const [, name] = /^#?(\w+) = /.exec(line) ?? [];
            if (name) names.add(section + name);
        }
        const known = new Set([...read('src/command/settings.c').matchAll(/(?:NUMBER\(|\{ )"([\w.]+)"/g)].map(([, name]) => name));
        for (const [, name] of read('src/command/settings.c').matchAll(/section "(\.\w+)"/g)) for (const side of ['citizen', 'staff']) known.add(side + name);
        assert.deepEqual([...known].sort(), [...names].sort());
        const asked = files(/^src\/.*\.c$/).filter((name) => !/_test\.c$/.test(name))
            .flatMap((name) => [...read(name).matchAll(/config_(?:get|int)\([^,;]*config, "([\w.]+)"/g)].map(([, setting]) => setting));
        assert.ok(asked.length > 40);
        assert.deepEqual(asked.filter((name) => !known.has(name)), [], 'settings that check-config does not know');
        const table = read('docs/configuration.md');
        for (const name of names) assert.ok(table.includes(`\`${name.split('.').at(-1)}\``), `${name} is in docs/configuration.md`);
    });
});
