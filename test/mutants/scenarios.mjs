// SPDX-License-Identifier: MPL-2.0
// Runs the tests against a program with mutants in it: files of scenarios, and the tests of the parts, which are programs of their own.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../static/source.mjs';
import { folder } from './build.mjs';

const LIMIT = 240000;   // ms for one file
const SLOW = 4000;      // ms: a test that fails after as long may only have waited in vain

export const scenarioFiles = async () => (await readdir(path.join(root, 'test/scenario'))).filter((name) => name.endsWith('.test.mjs')).sort();

/** What TAP says has failed first, with the time that it took; the parts of a suite come before it. */
function failure(text) {
    const [, failed, ms] = /^ *not ok \d+ - (.*)\n *---\n *duration_ms: ([\d.]+)/m.exec(text) ?? [];
    return failed && { failed, isSlow: Number(ms) > SLOW || Number(ms) === 0 };   // 0: what comes before all of them has failed
}

/**
 * Runs one file until something in it fails: { failed: the test's name or undefined, isSlow: it may have been a wait in vain, seconds }.
 * What the run leaves, processes and files, goes with it.
 */
export async function runScenario(program, file, environment = {}) {
    await mkdir(folder, { recursive: true });
    const own = await mkdtemp(path.join(folder, 'run-')), began = Date.now();
    const child = spawn(process.execPath, ['--test-reporter=tap', path.join('test/scenario', file)], {
        cwd: root, detached: true, stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, NODE_TEST_CONTEXT: undefined, SAMTRAAD_BIN: program, SAMTRAAD_PLAIN_BIN: program, TMPDIR: own, ...environment },
    });
    let text = '', found;
    const end = (why) => {
        found ??= why;
        try {
            process.kill(-child.pid, 'SIGKILL');
        } catch (error) {
            if (error.code !== 'ESRCH') throw error;
        }
    };
    const timer = setTimeout(() => end({ failed: `no end in ${LIMIT / 1000} s`, isSlow: true }), LIMIT);
    child.stdout.setEncoding('utf8').on('data', (part) => {
        text += part;
        const why = failure(text.slice(0, text.lastIndexOf('\n') + 1));
        if (why) end(why);
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    end(code === 0 ? undefined : { failed: 'the file itself', isSlow: true });
    await rm(own, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return { ...found, seconds: (Date.now() - began) / 1000 };
}

/** Runs the test of a part: the same. */
export async function runPart(test, environment = {}) {
    const began = Date.now();
    const found = await promisify(execFile)(test, { env: { ...process.env, ...environment }, timeout: 60000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 })
        .then(() => undefined, ({ killed, stdout, stderr }) => ({ failed: /^\[ {2}FAILED {2}\] (\w+)/m.exec(`${stdout}${stderr}`)?.[1] ?? 'ended by itself', isSlow: killed }));
    return { ...found, seconds: (Date.now() - began) / 1000 };
}

/**
 * Whether a test notices a mutant, { failed, seconds }. What may only have been slow is looked at once more: without the mutant it must be green, and with it
 * red again; a test that does not even do the first notices nothing.
 */
export async function notices(run, environment) {
    const first = await run(environment);
    if (!first.failed || !first.isSlow) return first;
    const without = await run({}), again = without.failed ? {} : await run(environment);
    return { failed: again.failed, seconds: first.seconds + without.seconds + (again.seconds ?? 0) };
}

/** The same without a mutant: which mutants the test comes by; failed: it was not green, twice. */
export async function trace(name, run) {
    await mkdir(folder, { recursive: true });
    const trace = path.join(folder, `trace-${name}`);
    await writeFile(trace, Buffer.alloc(4096));
    let result = await run({ MUTANT_TRACE: trace });
    if (result.failed) result = await run({ MUTANT_TRACE: trace });
    const met = [...(await readFile(trace)).entries()].filter(([, value]) => value).map(([number]) => number);
    await rm(trace);
    return { name, seconds: result.seconds, met, failed: result.failed };
}
