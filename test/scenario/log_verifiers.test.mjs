// SPDX-License-Identifier: MPL-2.0
// Two verifiers of the log that know nothing of each other say the same: of good logs that they hold, of hostile ones that they do not.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Fault, check } from '../../script/verify-log.mjs';
import { binary } from '../support/server.mjs';
import { Town, startDialogue, write } from '../support/town.mjs';

const run = promisify(execFile);
const second = path.resolve(import.meta.dirname, '../../script/verify-log.mjs');
const flips = path.resolve(path.dirname(binary), '../test/log/log_flips');

let town, key, log, checkpoints;

/** The log of a server that does not run: the lines of it, and the bytes of its checkpoint file. */
async function exported(server = town.server) {
    const answer = await server.command('export-log');
    assert.equal(answer.code, 0, answer.stderr);
    return { text: answer.stdout, checkpoints: await readFile(path.join(server.data, 'checkpoints.jsonl')), said: answer.stderr };
}

async function say(program, args) {
    const { code, stdout, stderr } = await run(program, args, { timeout: 60000 }).then(({ stdout: out }) => ({ code: 0, stdout: out }), (error) => error);
    assert.ok(code === 0 || code === 1, `${program} ended with ${code}: ${stdout}${stderr}`);
    assert.match(stdout, code === 0 ? /^the log holds$/m : /^the log does not hold: /m);
    return { holds: code === 0, text: stdout };
}

/** What both programs say of these bytes; fails when they differ. */
async function both(bytes, witness, publicKey = key) {
    const [file, keyFile, witnessFile] = ['log', 'log.key', 'witness'].map((name) => path.join(town.server.folder, name));
    await writeFile(file, bytes);
    await writeFile(keyFile, `${publicKey}\n`);
    if (witness) await writeFile(witnessFile, witness);
    const more = ['--log-key', keyFile, ...(witness ? ['--checkpoints', witnessFile] : [])];
    const [ours, other] = await Promise.all([say(binary, ['verify', '--log', file, ...more]), say(process.execPath, [second, file, ...more])]);
    assert.equal(ours.holds, other.holds, `the verifiers differ: ${ours.text}${other.text}`);
    if (ours.holds) for (const name of ['records', 'root', 'checkpoints']) assert.equal(...[ours, other].map(({ text }) => new RegExp(`^${name} +(.*)$`, 'm').exec(text)[1]), name);
    return ours;
}

const holds = async (bytes, witness) => assert.ok((await both(bytes, witness)).holds);
const refuses = async (what, bytes, witness, publicKey) => assert.ok(!(await both(bytes, witness, publicKey)).holds, what);

const lines = (text) => text.trimEnd().split('\n');
const joined = (list) => `${list.join('\n')}\n`;

before(async () => {
    town = await Town.start();
    const anne = await town.as('anne');
    const dialogue = await startDialogue(anne, town.person('emil'), 'Kanariefuglens emne');
    // Three lives of the server: each ends with a checkpoint.
    for (const text of ['Kanariefuglen sang', 'Igen', 'Og igen']) {
        await write(await town.signIn('anne'), dialogue, text);
        await town.server.restart();
    }
    await town.server.stop();
    key = (await readFile(path.join(town.server.data, 'log.pub'), 'latin1')).trim();
    ({ text: log, checkpoints } = await exported());
});
after(() => town?.close());

describe('a log that is as it was', () => {
    test('holds, by itself and beside what a witness has, also an older copy of that', async () => {
        const { text } = await both(log);
        assert.match(text, new RegExp(`^records +${lines(log).filter((line) => /^[0-9a-f]{64}$/.test(line)).length}$`, 'm'));
        assert.ok(lines(log).filter((line) => line.startsWith('{')).length >= 3, log.slice(-2000));
        await holds(log, checkpoints);
        const witness = joined(lines(checkpoints.toString()).slice(0, 2));
        await holds(log, witness);
        await holds(log, witness.slice(0, -40));
        assert.equal((await town.server.verify()).code, 0);
    });

    test('has no word and no number of anybody in it', async () => {
        assert.deepEqual(lines(log).filter((line) => !/^samtraad log 1$|^[0-9a-f]{64}$|^\{"size":\d+,"root":"[0-9a-f]{64}","time":\d+,"previous":"[0-9a-f]{64}","signature":"[0-9a-f]{128}"\}$/.test(line)), []);
        assert.doesNotMatch(log, /[Kk]anarie/);
        const ids = (await town.server.sql('SELECT person FROM audit UNION SELECT dialogue FROM audit')).split('\n').filter((id) => id.length > 6);
        assert.ok(ids.length > 0);
        for (const id of ids) assert.ok(!log.includes(id) && !log.includes(BigInt(id).toString(16).padStart(16, '0')), id);
    });

    test('can be written while the server works; what is not signed yet is left out and told', async () => {
        await town.server.start();
        const emil = await town.signIn('emil');
        await emil.get('/');
        const now = await exported();
        await holds(now.text, checkpoints);
        assert.match(now.said, /records are newer/);
        await town.server.stop();
        const later = await exported();
        assert.ok(later.text.startsWith(now.text), 'a log only grows');
        await holds(later.text, now.checkpoints);
        ({ text: log, checkpoints } = later);
    });
});

describe('a log that was changed', () => {
    test('in any single bit, or cut off anywhere: both verifiers say the same each time', async () => {
        // Up to its second checkpoint it is a whole log too, small enough for every bit.
        const list = lines(log), end = list.flatMap((line, index) => (line.startsWith('{') ? [index] : []))[1];
        const small = joined(list.slice(0, end + 1)), witness = Buffer.from(joined(lines(checkpoints.toString()).slice(0, 2)));
        const files = ['small', 'small.key', 'small.witness'].map((name) => path.join(town.server.folder, name));
        const bytes = Buffer.from(small);
        for (const [index, content] of [bytes, key, witness].entries()) await writeFile(files[index], content);
        const { stdout } = await run(flips, files, { maxBuffer: 1 << 24, timeout: 120000 });
        const raw = Buffer.from(key, 'hex');
        const verdict = (data, theirs) => {
            try {
                check(data, raw, theirs);
                return '1';
            } catch (error) {
                if (!(error instanceof Fault)) throw error;
                return '0';
            }
        };
        let [flipped, cut, cutBesideWitness] = ['', '', ''];
        for (let bit = 0; bit < 8 * bytes.length; bit++) {
            bytes[bit >> 3] ^= 1 << (bit & 7);
            flipped += verdict(bytes);
            bytes[bit >> 3] ^= 1 << (bit & 7);
        }
        for (let length = 0; length < bytes.length; length++) {
            cut += verdict(bytes.subarray(0, length));
            cutBesideWitness += verdict(bytes.subarray(0, length), witness);
        }
        assert.equal(verdict(bytes, witness), '1');
        assert.deepEqual(stdout.split('\n').slice(0, 3), [flipped, cut, cutBesideWitness]);
        assert.ok(!flipped.includes('1'), `every flipped bit is found (${flipped.length} of them)`);
        assert.ok(flipped.length > 5000, `${flipped.length}`);
        assert.ok(!cutBesideWitness.includes('1'), 'beside a witness every cut is found');
        const ends = [...small.matchAll(/\}\n/g)].map((one) => one.index + 2).filter((at) => at < bytes.length);
        assert.deepEqual([...cut].flatMap((one, index) => (one === '1' ? [index] : [])), ends, 'without one only a whole older log holds');
    });

    test('by moving, removing, adding or doubling lines', async () => {
        const list = lines(log), leaves = list.flatMap((line, index) => (/^[0-9a-f]{64}$/.test(line) ? [index] : [])), signs = list.flatMap((line, index) => (line.startsWith('{') ? [index] : []));
        const swapped = (a, b) => list.map((line, index) => list[index === a ? b : index === b ? a : index]);
        const without = (...gone) => list.filter((_, index) => !gone.includes(index));
        const cases = {
            'two records changed places': swapped(leaves[3], leaves[4]),
            'records on both sides of a checkpoint changed places': swapped(leaves[0], leaves.at(-1)),
            'two checkpoints changed places': swapped(signs[0], signs[1]),
            'the first record is missing': without(leaves[0]),
            'one in the middle is missing': without(leaves[5]),
            'the last is missing': without(leaves.at(-1)),
            'the last ten and the newest checkpoint are missing, but one': without(...leaves.slice(-10), signs.at(-1)).concat(list[leaves.at(-1)]),
            'a record stands twice': [...list.slice(0, leaves[4] + 1), list[leaves[4]], ...list.slice(leaves[4] + 1)],
            'a record was added at the end': [...list, list[leaves[2]]],
            'the first checkpoint is missing': without(signs[0]),
            'one in the middle is missing too': without(signs[1]),
            'a checkpoint stands twice': [...list, list.at(-1)],
            'it has no checkpoint': without(...signs),
            'it has no beginning': list.slice(1),
            'an empty line': [...list.slice(0, 3), '', ...list.slice(3)],
            'capital letters': list.map((line, index) => (index === leaves[1] ? line.toUpperCase() : line)),
            'a space behind a record': list.map((line, index) => (index === leaves[1] ? `${line} ` : line)),
            'another form of a number': list.map((line) => line.replace(/"size":(\d)/, '"size":0$1')),
        };
        for (const [what, changed] of Object.entries(cases)) {
            assert.notDeepEqual(changed, list, what);
            await refuses(what, joined(changed));
        }
        await refuses('line ends of another system', log.replaceAll('\n', '\r\n'));
        await refuses('empty', '');
        await refuses('without the last line feed', log.slice(0, -1));
        await refuses('a very long line', `samtraad log 1\n${'a'.repeat(5000)}\n`);
        await refuses('under another key', log, undefined, '5'.repeat(64));
    });

    test('by splicing two logs, and by another installation that says it is this one', async () => {
        const other = await Town.start();
        await other.signIn('emil');
        await other.server.stop();
        const theirs = await exported(other.server);
        await other.close();
        await refuses('the other log under this key', theirs.text);
        const [mine, strange] = [lines(log), lines(theirs.text)];
        await refuses("the other's records before this one's checkpoints", joined([...strange.slice(0, 2), ...mine.slice(2)]));
        await refuses("the other's checkpoint at the end", joined([...mine, strange.at(-1)]));
        await refuses('one behind the other', log + theirs.text);
        await refuses("this log beside the other's witness", log, theirs.checkpoints);
    });

    test('by putting an older day back: found by what a witness has since', async () => {
        const signs = lines(log).flatMap((line, index) => (line.startsWith('{') ? [index] : []));
        const older = joined(lines(log).slice(0, signs[1] + 1));
        await holds(older);
        await refuses('an older log beside a newer witness', older, checkpoints);
    });

    test('by going on from an older day (a fork), signed with the right key: found by what a witness has', async () => {
        const kept = `${town.server.data}.kept`;
        await town.server.keep(kept);
        await town.server.start();
        await town.signIn('emil');
        await town.server.stop();
        const [one, witness] = [await exported(), await readFile(path.join(town.server.data, 'checkpoints.jsonl'))];
        await town.server.putBack(kept);
        await town.server.start();
        await town.signIn('mette');
        await town.signIn('karim');
        await town.server.stop();
        const fork = await exported();
        await holds(one.text, witness);
        await holds(fork.text);
        await refuses('the fork beside the witness', fork.text, witness);
        assert.equal((await town.server.verify()).code, 0, 'by itself the fork is a log like any other');
    });

    test('in the database: the log that is written of it is refused, as the database is by verify', async () => {
        const kept = `${town.server.data}.clean`;
        await town.server.keep(kept);
        const changes = {
            'another person': 'UPDATE audit_TABLE SET person = person + 1 WHERE seq = 3',
            'another time': 'UPDATE audit_TABLE SET moment = moment - 1 WHERE seq = 0',
            'a record less': 'DELETE FROM audit_TABLE WHERE seq = 4',
            'the end': 'DELETE FROM audit_TABLE WHERE seq > 5',
            'a number moved': 'UPDATE audit_TABLE SET seq = -1 WHERE seq = 2; UPDATE audit_TABLE SET seq = 2 WHERE seq = 3; UPDATE audit_TABLE SET seq = 3 WHERE seq = -1',
        };
        for (const [what, sql] of Object.entries(changes)) {
            for (const table of ['recent', 'indexed']) await town.server.sql(sql.replaceAll('TABLE', table));
            assert.equal((await town.server.verify()).code, 1, what);
            await refuses(what, (await exported()).text);
            await town.server.putBack(kept);
        }
        await holds((await exported()).text);
    });
});
