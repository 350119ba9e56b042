// SPDX-License-Identifier: MPL-2.0
// The process that draws the journal's PDF is locked into its cell before it reads a byte, and draws all the same.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, readlink, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { binary, plainBinary, until } from '../support/server.mjs';

const package_ = JSON.stringify({
    format: 'samtraad-journal', version: 1, language: 'da', timezone: 'Europe/Copenhagen', made: '2026-01-31T10:00:00.000Z', day: '2026-01-31', theme: 'Søvn ✓ 👍 Привет',
    kind: 'messages', dialogue: { id: '1', topic: 'Emil', unit: 'Skole' }, participants: [], messages: [],
});

for (const program of [binary, plainBinary]) {
    test(`${program.includes('clang') ? 'as clang builds it' : 'with sanitizers'}: filter of system calls and no new privileges from the start; three descriptors; the PDF is drawn`, async () => {
        const child = spawn(program, ['journal-pdf'], { stdio: ['pipe', 'pipe', 'ignore'] });
        const chunks = [];
        child.stdout.on('data', (chunk) => chunks.push(chunk));
        const ended = new Promise((resolve) => { child.once('close', (code, signal) => resolve({ code, signal })); });
        try {
            // Nothing was written to it yet: it waits for its first byte.
            const status = await until('it is in its cell', async () => {
                const text = await readFile(`/proc/${child.pid}/status`, 'utf8');
                return /^Seccomp:\t2$/m.test(text) && text;
            });
            assert.match(status, /^NoNewPrivs:\t1$/m);
            assert.match(await readFile(`/proc/${child.pid}/limits`, 'utf8'), /^Max core file size +0 +0/m);
            // Only root looks into a process that can not be traced.
            if (process.getuid() === 0) {
                const open = await readdir(`/proc/${child.pid}/fd`);
                const names = await Promise.all(open.map((fd) => readlink(`/proc/${child.pid}/fd/${fd}`)));
                assert.ok(names.every((name) => /^(pipe|socket):|^\/dev\/null$/.test(name)), names.join());
            }
            child.stdin.end(`${package_}\n`);
            assert.deepEqual(await ended, { code: 0, signal: null });
            const pdf = Buffer.concat(chunks);
            assert.equal(pdf.subarray(0, 4).toString(), '%PDF');
            for (const font of ['LiberationSans', 'DejaVu', 'Symbola']) assert.ok(pdf.includes(font), `drawn with ${font}`);
        } finally {
            child.kill('SIGKILL');
        }
    });
}
