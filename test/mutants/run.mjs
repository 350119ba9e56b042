// SPDX-License-Identifier: MPL-2.0
// See script/mutate.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { read, root } from '../static/source.mjs';
import { Workshop, folder } from './build.mjs';
import { findPolicy, findRoutes, findSwitched } from './find.mjs';
import { notices, runPart, runScenario, scenarioFiles, trace } from './scenarios.mjs';
import { likelyFor } from './likely.mjs';
import { spareOf } from './spare.mjs';

const AT_ONCE = Number(process.env.MUTATE_AT_ONCE ?? 2);
const kinds = ['route', 'policy', 'refusal', 'call', 'sql', 'chosen'];
const LONG = 15;   // seconds: files that take as long come last
const FILES_MAX = Number(process.env.MUTATE_FILES ?? 1000);   // of scenarios that come by a mutant

const readKept = (name, otherwise) => (existsSync(path.join(folder, name)) ? JSON.parse(readFileSync(path.join(folder, name), 'utf8')) : otherwise);

function keep(name, value) {
    writeFileSync(path.join(folder, name), JSON.stringify(value, null, 1));
    return value;
}

const isPart = (one) => one.name.endsWith('_test');
const textOf = (name) => (isPart({ name }) ? '' : createHash('sha256').update(read(`test/scenario/${name}`)).digest('hex').slice(0, 16));

/** Runs tasks, some at a time. */
async function some(tasks) {
    const rest = [...tasks];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let task; (task = rest.shift());) await task();
    }));
}

/** The sections of 'samtraad matrix': what stands under each route, and the rest. */
function sections(text) {
    const found = new Map([['', '']]);
    let name = '';
    for (const line of text.split('\n')) {
        if (/^(GET|POST) \//.test(line)) found.set(name = line, '');
        else found.set(name, `${found.get(name)}${line}\n`);
    }
    return found;
}

const matrix = (program) => execFileSync(program, ['matrix'], { encoding: 'utf8', maxBuffer: 1 << 24 });
const golden = () => read('test/golden/matrix.txt');

/** Every route open to anyone, all in one program: each must show as a difference of the golden file under its own name. */
async function routes(workshop) {
    const all = findRoutes();
    const [before, after] = [sections(golden()), sections(matrix(await workshop.changed('routes', all)))];
    return all.map((one) => ({ name: `route ${one.name}`, kind: 'route', by: before.has(one.name) && before.get(one.name) !== after.get(one.name) ? 'the golden matrix' : undefined }));
}

/** An entry of the policy's tables must show in its own test, or in the golden file. */
async function policy(workshop) {
    const results = [];
    for (const one of findPolicy()) {
        const test = `${path.basename(one.file, '.c')}_test`, { failed } = await runPart(await workshop.changed('policy', [one], `src/${test}`));
        const by = failed ? `${test}: ${failed}` : matrix(await workshop.changed('policy', [one])) !== golden() ? 'the golden matrix' : undefined;
        results.push({ name: one.name, kind: 'policy', by });
    }
    return results;
}

/** All tests by name: how each is run. */
async function testsOf({ program, parts }) {
    return new Map([
        ...(await scenarioFiles()).map((name) => [name, (environment) => runScenario(program, name, environment)]),
        ...parts.map((test) => [path.basename(test), (environment) => runPart(test, environment)]),
    ]);
}

/** Which test comes by which mutant, the quickest first. What is kept of an earlier run holds for scenarios that have not changed, as long as they go the same ways. */
async function traces(tests, mutants) {
    const names = new Map(mutants.map((one) => [one.number, one.name]));
    const isKept = (one) => tests.has(one.name) && !isPart(one) && one.text === textOf(one.name);
    const kept = process.env.MUTATE_TRACE ? [] : readKept('traces.json', []).filter(isKept);
    const missing = [...tests].filter(([test]) => !kept.some((one) => one.name === test));
    if (missing.length) console.log(`Running ${missing.length} tests without any mutant, to see which they come by`);
    await some(missing.map(([test, run]) => async () => {
        const { seconds, met, failed } = await trace(test, run);
        if (failed) console.log(`${test} is not green without any mutant, and is left out: ${failed}`);
        else kept.push({ name: test, text: textOf(test), seconds, met: met.map((number) => names.get(number)), known: [...names.values()] });
        keep('traces.json', kept);
    }));
    return kept.sort((a, b) => a.seconds - b.seconds);
}

function testsFor(mutant, mutants, traced, caught) {
    const feature = mutant.file.split('/').at(-2), likely = likelyFor(mutant);
    // What caught another of the same query, and of the same file, comes first.
    const catches = (isNear) => new Set(mutants.filter((one) => isNear(one) && caught[one.name]).map((one) => caught[one.name].split(': ')[0]));
    const [near, beside] = [catches((one) => mutant.query && one.query === mutant.query && one.file === mutant.file), catches((one) => one.file === mutant.file)];
    const ranks = [(name) => near.has(name), (name) => likely.includes(name), (name) => beside.has(name), (name) => name.startsWith(feature.replace('participant', 'participants')), () => true];
    const rank = ({ name, seconds }) => (seconds > LONG ? ranks.length : 0) + ranks.findIndex((holds) => holds(name));
    // What is new since is looked for where the rest of its source is met.
    const others = mutants.filter((one) => one.file === mutant.file).map((one) => one.name);
    const meets = ({ met, known }) => (known.includes(mutant.name) ? met.includes(mutant.name) : !others.some((name) => known.includes(name)) || met.some((name) => others.includes(name)));
    const found = traced.filter(meets).sort((a, b) => rank(a) - rank(b));
    const scenarios = found.filter((one) => !isPart(one)), parts = found.filter(isPart);   // the tests of the parts take no time
    return { met: found.length, names: [...parts, ...scenarios.slice(0, FILES_MAX)].map((one) => one.name) };
}

async function switched({ tests, mutants, traced, caught }, wanted, report) {
    await some(wanted.map((mutant) => async () => {
        const { met, names } = testsFor(mutant, mutants, traced, caught);
        const result = { name: mutant.name, kind: mutant.kind, met, tried: 0, by: undefined, seconds: 0 };
        for (const test of names) {
            const { failed, seconds } = await notices(tests.get(test), { MUTANT: String(mutant.number) });
            result.tried++;
            result.seconds += seconds;
            if (failed) {
                result.by = `${test}: ${failed}`;
                break;
            }
        }
        report(result);
    }));
}

const say = (one) => console.log(`${one.by ? 'caught  ' : 'SURVIVED'} ${one.name}${one.by ? `\n             ${one.by}` : ''}${one.by || one.met === undefined ? '' : ` (met by ${one.met} tests, ${one.tried} tried)`}`);

/** The list of a pattern's mutants without building anything. */
export function list() {
    const all = findSwitched();
    for (const one of all) console.log(`${String(one.number).padStart(4)} ${one.kind.padEnd(8)} ${one.name}${spareOf(one) ? `   (left out: ${spareOf(one)})` : ''}`);
    console.log(`${all.length} by a switch, ${findRoutes().length} routes, ${findPolicy().length} entries of the policy`);
}

/** The kinds that are built without a switch, when they are wanted by name, or all is. */
async function built(workshop, wanted) {
    const results = [];
    for (const [kind, whole] of [['route', routes], ['policy', policy]]) {
        if (!wanted.includes(kind) && (wanted.length > 0 || process.env.MUTATE_RESUME)) continue;
        const found = await whole(workshop);
        for (const one of found) if (!one.by) say(one);
        console.log(`${kind}: ${found.filter((one) => one.by).length} of ${found.length} caught`);
        results.push(...found);
    }
    return results;
}

async function main(wanted) {
    const caught = readKept('caught.json', {}), all = findSwitched(), workshop = new Workshop();
    const isWanted = (one) => (wanted.length === 0 || wanted.some((word) => (kinds.includes(word) ? one.kind === word : one.name.includes(word)))) && !(process.env.MUTATE_RESUME && caught[one.name]);
    const results = await built(workshop, wanted), todo = all.filter((one) => isWanted(one) && !spareOf(one));
    const note = (one) => {
        results.push(one);
        say(one);
        if (one.by) caught[one.name] = one.by;
        else delete caught[one.name];
        keep('caught.json', caught);
    };
    if (todo.length > 0) {
        console.log(`Building a program with ${all.length} mutants in it, for ${todo.length} of them`);
        const tests = await testsOf(await workshop.switched(all));
        await switched({ tests, mutants: all, traced: await traces(tests, all), caught }, todo, note);
    }
    const survived = results.filter((one) => !one.by);
    keep('report.json', results);
    console.log(`\n${results.length} mutants, ${results.length - survived.length} caught, ${survived.length} survived`);
    for (const one of survived) console.log(`    ${one.name}`);
    process.exitCode = survived.length ? 1 : 0;
}

/** A few of each sort, with a test that must be green without and red with them: that the machinery itself still works. */
const samples = [
    ['who was let in for reading only reads only', 'access.test.mjs'],
    ['dialogue/post_page.c: number < dialogue_first_visible(dialogue)', 'locks_test'],
    ['file/file.sql:waiting_get: owner = :owner', 'locks_test'],
    ['a session runs out', 'session_test'],
];

async function smoke() {
    const all = findSwitched(), workshop = new Workshop(), tests = await testsOf(await workshop.switched(all));
    let count = 0;
    const tell = (good, what) => {
        console.log(`${good ? 'ok' : 'not ok'} ${++count} - ${what}`);
        if (!good) process.exitCode = 1;
    };
    for (const test of new Set(samples.map(([, name]) => name))) tell(!(await tests.get(test)({})).failed, `${test} is green without a mutant`);
    for (const [name, test] of samples) {
        const mutant = all.find((one) => one.name === name);
        tell(mutant && (await tests.get(test)({ MUTANT: String(mutant.number) })).failed, `${name}: ${test} notices`);
    }
    const [entry] = findPolicy();
    tell((await runPart(await workshop.changed('policy', [entry], 'src/policy_test'))).failed, `${entry.name}: policy_test notices`);
}

const [, own, ...words] = process.argv;
if (path.resolve(own) === path.join(root, 'test/mutants/run.mjs')) {
    if (words[0] === '--list') list();
    else if (words[0] === '--smoke') await smoke();
    else await main(words);
}
