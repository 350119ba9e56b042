// SPDX-License-Identifier: MPL-2.0
// A server under strace, which counts the calls that concern the server's files and changes the answer of chosen ones.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The files that hold what people wrote and the log of it. */
export const filesOf = (server) => [...['samtraad.db', 'samtraad.db-wal', 'checkpoints.jsonl'].map((name) => path.join(server.data, name)), `${server.data}.shares`];

// Detached, so that the process that is started is the server's own. strace counts for each thread by itself.
const command = (server, record, calls, more) => ['strace', '-D', '-f', '-qq', '-o', record, '-e', `trace=${calls.join(',')}`,
    ...filesOf(server).flatMap((name) => ['-P', name]), ...more];

const record = (server) => path.join(server.folder, 'strace');

/** From the next start on: only counts. */
export function counted(server, calls) {
    server.wrapper = command(server, record(server), calls, []);
}

/** From the next start on: 'what' (strace's words, such as signal=SIGKILL or error=EIO) befalls call number 'when' of each thread. */
export function injected(server, call, what, when) {
    // All other calls run at full speed; but with this filter strace 6.1 sends no signals.
    const fast = what.startsWith('signal=') ? [] : ['--seccomp-bpf'];
    server.wrapper = command(server, record(server), [call], [...fast, '-e', `inject=${call}:${what}:when=${when}`]);
}

/** From the next start on: each fsync of the server's files takes so many microseconds longer. */
export function slowed(server, microseconds) {
    const calls = ['fdatasync', 'fsync'];
    server.wrapper = command(server, '/dev/null', calls, ['--seccomp-bpf', ...calls.flatMap((call) => ['-e', `inject=${call}:delay_exit=${microseconds}`])]);
}

export function plain(server) {
    server.wrapper = [];
}

/** How often the busiest thread of the last run made each call: { fdatasync: 12, … }. */
export async function counts(server) {
    const of = new Map();
    for (const line of (await readFile(record(server), 'utf8')).split('\n')) {
        const [, thread, call] = /^(\d+) +(?:<\.\.\. )?([a-z0-9]+)/.exec(line) ?? [];
        if (!call || line.includes(' resumed>')) continue;
        const key = `${thread} ${call}`;
        of.set(key, (of.get(key) ?? 0) + 1);
    }
    const most = {};
    for (const [key, count] of of) {
        const call = key.split(' ')[1];
        most[call] = Math.max(most[call] ?? 0, count);
    }
    return most;
}

/** Whether an error was injected in the last run. */
export async function struck(server) {
    return (await readFile(record(server), 'utf8')).includes('(INJECTED)');
}
