// SPDX-License-Identifier: MPL-2.0
// Runs the tests against a program with mutants in it: files of scenarios, and the tests of the parts, which are programs of their own.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../static/source.mjs';
import { folder } from './build.mjs';

const LIMIT = 240000;   // ms for one file

export const scenarioFiles = async () => (await readdir(path.join(root, 'test/scenario'))).filter((name) => name.endsWith('.test.mjs')).sort();

/** What a line of TAP says has failed; the parts of a suite come before it. */
const failure = (text) => /^ *not ok \d+ - (.*)$/m.exec(text)?.[1];

/**
 * Runs one file until something in it fails: { failed: the test's name or undefined, seconds }. What the run leaves, processes and files, goes with it.
 */
export async function runScenario(program, file, environment = {}) {
    await mkdir(folder, { recursive: true });
    const own = await mkdtemp(path.join(folder, 'run-')), began = Date.now();
    const child = spawn(process.execPath, ['--test', '--test-reporter=tap', '--test-concurrency=1', path.join('test/scenario', file)], {
        cwd: root, detached: true, stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, NODE_TEST_CONTEXT: undefined, SAMTRAAD_BIN: program, SAMTRAAD_PLAIN_BIN: program, TMPDIR: own, ...environment },
    });
    let text = '', failed;
    const end = (why) => {
        failed ??= why;
        try {
            process.kill(-child.pid, 'SIGKILL');
        } catch (error) {
            if (error.code !== 'ESRCH') throw error;
        }
    };
    const timer = setTimeout(() => end(`no end in ${LIMIT / 1000} s`), LIMIT);
    child.stdout.setEncoding('utf8').on('data', (part) => {
        text += part;
        const why = failure(text.slice(0, text.lastIndexOf('\n') + 1));
        if (why) end(why);
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    end(code === 0 ? undefined : failed ?? 'the file itself');
    await rm(own, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return { failed, seconds: (Date.now() - began) / 1000 };
}

/** Runs the test of a part: { failed, seconds }. */
export async function runPart(test, environment = {}) {
    const began = Date.now();
    const failed = await promisify(execFile)(test, { env: { ...process.env, ...environment }, timeout: 60000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 })
        .then(() => undefined, ({ stdout, stderr }) => /^\[ {2}FAILED {2}\] (\w+)/m.exec(`${stdout}${stderr}`)?.[1] ?? 'ended by itself');
    return { failed, seconds: (Date.now() - began) / 1000 };
}

/** The same without a mutant: which mutants the test comes by. Throws when it is not green. */
export async function trace(name, run) {
    await mkdir(folder, { recursive: true });
    const trace = path.join(folder, `trace-${name}`);
    await writeFile(trace, Buffer.alloc(4096));
    const { failed, seconds } = await run({ MUTANT_TRACE: trace });
    if (failed) throw new Error(`${name} is not green without any mutant: ${failed}`);
    const met = [...(await readFile(trace)).entries()].filter(([, value]) => value).map(([number]) => number);
    await rm(trace);
    return { name, seconds, met };
}
