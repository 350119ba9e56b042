// SPDX-License-Identifier: MPL-2.0
// What the source must look like, whatever it does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { wrongArrows } from './arrows.mjs';
import { files, read, root } from './source.mjs';

const none = (found, message) => assert.equal(found.length, 0, `${message}:\n  ${found.join('\n  ')}`);
const code = /\.(c|h|mjs|js|sql|html|css|sh|conf)$|(^|\/)meson(\.build|_options\.txt)$|^script\/[a-z]+$|^\.ci\/run$/;

test('no arrow between the floors runs the wrong way', () => {
    const sources = files(/^src\/.*\.[ch]$/);
    assert.ok(sources.length > 10);
    none(sources.flatMap((name) => wrongArrows(name, read(name))), 'wrong #include lines');
});

test('a planted wrong arrow is found', () => {
    assert.equal(wrongArrows('src/store/db.c', '#include "web/html.h"').length, 1);
    assert.equal(wrongArrows('src/base/buf.c', '// x\n#include "store/db.h"').length, 1);
    assert.equal(wrongArrows('src/web/router.c', '#include "feature/dialogue/dialogue.h"').length, 1);
    assert.equal(wrongArrows('src/policy/policy.c', '#include "web/request.h"').length, 1);
    assert.equal(wrongArrows('src/feature/post/post.c', '#include "feature/dialogue/dialogue_web.h"').length, 1);
    assert.equal(wrongArrows('src/feature/post/post.c', '#include "command/command.h"').length, 1);
    assert.equal(wrongArrows('src/audit/audit.c', '#include "tree.c"').length, 1);
    assert.equal(wrongArrows('src/feature/post/post.c', '#include "feature/dialogue/dialogue.h"\n#include "web/request.h"').length, 0);
});

test('every source file begins with its licence', () => {
    const line = /^(\/\/|#|--|<!--|\/\*|;|\{#) ?SPDX-License-Identifier: MPL-2\.0/;
    none(files(code).filter((name) => {
        const [first, second] = read(name).split('\n', 2);
        return !line.test(first.startsWith('#!') || first.startsWith('<!doctype') ? second ?? '' : first);
    }), 'files without an SPDX line');
});

test('a file tells one story: at most 400 lines', () => {
    none(files(/^(src|tools)\/.*\.[ch]$/).map((name) => [read(name).split('\n').length - 1, name])
        .filter(([lines]) => lines > 400).map(([lines, name]) => `${name}: ${lines}`), 'files that are too long');
});

test('lines of C have at most 170 columns and no tabs or trailing blanks', () => {
    none(files(/^(src|tools|bench)\/.*\.[ch]$/).flatMap((name) => read(name).split('\n')
        .map((line, index) => (/\t|[ \t]$/.test(line) || line.length > 170 ? `${name}:${index + 1}` : '')).filter(Boolean)), 'lines');
});

/** pmccabe's table: complexity, lines and place of each function. */
function functions(names) {
    return execFileSync('pmccabe', names, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n').filter(Boolean).map((line) => {
        const [modified, , , , lines, rest] = line.split('\t');
        return { complexity: Number(modified), lines: Number(lines), place: rest };
    });
}

test('a function fits on a screen: at most 60 lines and complexity 15', () => {
    const found = functions(files(/^(src|tools)\/.*\.c$/).filter((name) => !/_test\.c$/.test(name)));
    assert.ok(found.length > 10);
    none(found.filter((one) => one.lines > 60 || one.complexity > 15)
        .map((one) => `${one.place}: ${one.lines} lines, complexity ${one.complexity}`), 'functions that are too long or too tangled');
});

test('nothing is left half done', () => {
    const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
    none(files(code).flatMap((name) => read(name).split('\n').map((line, index) => (words.test(line) ? `${name}:${index + 1}` : ''))
        .filter(Boolean)), 'marks of unfinished work');
    none(files(/\.test\.mjs$/).filter((name) => /\b(test|describe|it)\.(skip|todo|only)\(/.test(read(name))), 'tests that are switched off');
});

test('no test or script depends on where the repository lies', () => {
    none(files(code).filter((name) => /["'\s=(]\/(work|root|home)\//.test(read(name))), 'files that name a place of their own');
});

test('the lock file names versions and checksums, no hosts', () => {
    const lock = JSON.parse(read('package-lock.json'));
    none(Object.entries(lock.packages).filter(([name, one]) => name && (one.resolved || !one.integrity)).map(([name]) => name), 'packages');
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
    none(Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)).map(([name]) => name), 'packages that are not pinned');
});

test('no public package is copied into the repository', () => {
    none(files(/(^|\/)(htmx|dkfds|axe)[^/]*\.(js|css|mjs)$/), 'copies');
});

test('scripts stop at the first error', () => {
    none(files(/^script\/[a-z]+$|^\.ci\/run$/).filter((name) => !/set -euo pipefail|lib\.sh"/.test(read(name))), 'scripts');
    for (const name of files(/^script\/[a-z]+$|^\.ci\/run$/)) execFileSync('bash', ['-n', path.join(root, name)]);
});

test('features read a form by its name, so that a page which is shown again after another form does not take it for its own', () => {
    none(files(/^src\/feature\/.*\.c$/).filter((file) => /request->form\b/.test(read(file))), 'files that read request->form');
});

test('the code of the first feature on its page is the code that is built', () => {
    const built = files(/^docs\/first-feature\//).map(read).join('\n');
    const blocks = [...read('docs/first-feature.md').matchAll(/```\w+\n([^]*?)```/g)].map(([, block]) => block.trim());
    assert.ok(blocks.length >= 9);
    none(blocks.filter((block) => !built.includes(block)).map((block) => block.split('\n')[0]), 'blocks that differ');
});
