// SPDX-License-Identifier: MPL-2.0
// What the release binary says of itself, asked of the file and not of the build's settings.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const binary = process.env.SAMTRAAD_PLAIN_BIN;
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });

// What a file lacks, in words.
function lacking(file) {
    const head = run('readelf', '-Wh', file);
    const segments = run('readelf', '-Wl', file);
    const dynamic = run('readelf', '-Wd', file);
    const symbols = run('readelf', '-W', '--dyn-syms', file);
    const notes = run('readelf', '-Wn', file);
    const functions = run('objdump', '-d', '-j', '.text', '--no-show-raw-insn', file);
    const wanted = {
        'a position of its own at each start (PIE)': /Type:\s+DYN/.test(head) && /\bINTERP\b/.test(segments),
        'a table of addresses that is read-only (RELRO)': /\bGNU_RELRO\b/.test(segments),
        'all addresses known before it starts (BIND_NOW)': /\bBIND_NOW\b|FLAGS_1.*\bNOW\b/.test(dynamic),
        'a stack that is not executable': /GNU_STACK(\s+0x[0-9a-f]+){5}\s+RW\s/.test(segments),
        'no memory both writable and executable': !/LOAD.*\sRWE\s/.test(segments),
        'no code that is changed while loading': !/\bTEXTREL\b/.test(dynamic),
        'no search path for libraries': !/\b(RPATH|RUNPATH)\b/.test(dynamic),
        'guarded stack frames': /\b__stack_chk_fail\b/.test(symbols),
        'checked copying (_FORTIFY_SOURCE)': /\b__(memcpy|vsnprintf|snprintf|read|fprintf|memset)_chk\b/.test(symbols),
        'a claim of the shadow stack (CET)': /x86 feature:.*\bSHSTK\b/.test(notes),
        'marks at the targets of indirect jumps (CET)': (functions.match(/\bendbr64\b/g) ?? []).length > 100,
    };
    return Object.keys(wanted).filter((what) => !wanted[what]);
}

test('the release binary has every hardening that Debian 12 gives', () => {
    assert.ok(binary, 'SAMTRAAD_PLAIN_BIN names the binary');
    assert.deepEqual(lacking(binary), []);
});

test('a program built with none of it is found out', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'samtraad-'));
    try {
        const source = path.join(folder, 'bare.c');
        const bare = path.join(folder, 'bare');
        writeFileSync(source, 'int main(void)\n{\n    return 0;\n}\n');
        run('gcc', '-no-pie', '-fcf-protection=none', '-z', 'norelro', '-z', 'lazy', '-z', 'execstack', '-Wl,-rpath,/lib', source, '-o', bare);
        assert.equal(lacking(bare).length, 9);
    } finally {
        rmSync(folder, { recursive: true });
    }
});

test('it carries no symbols of the sanitizers and no assertion is compiled out', () => {
    const symbols = run('readelf', '-W', '--dyn-syms', binary);
    assert.doesNotMatch(symbols, /__asan_|__ubsan_/);
    assert.match(symbols, /__assert_fail/);
});
