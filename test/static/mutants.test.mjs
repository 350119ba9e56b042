// SPDX-License-Identifier: MPL-2.0
// The list of checks that script/mutate switches off: that it still fits the source, and that a new check is in it by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPolicy, findRoutes, findSwitched, mutantsOf, switchedText } from '../mutants/find.mjs';
import { idleSpares, spareOf } from '../mutants/spare.mjs';
import { readMatrix } from '../support/matrix.mjs';
import { read } from './source.mjs';

test('every mutant has a name of its own and stands in its file once', () => {
    const all = findSwitched();
    assert.ok(all.length > 500);
    assert.equal(new Set(all.map((one) => one.name)).size, all.length);
    for (const file of new Set(all.map((one) => one.file))) {
        const here = all.filter((one) => one.file === file), text = switchedText(file, here);
        for (const one of here) assert.equal(text.split(new RegExp(`\\bmutant(?:_on)?\\(${one.number}\\)`)).length, 2, one.name);
        assert.equal(text.split('(').length, text.split(')').length, file);
    }
});

test('every route that is not for anyone is a mutant', () => {
    const found = new Set(findRoutes().map((one) => one.name));
    const open = new Set(readMatrix().filter((one) => one.rows.get('anonymous')[''] === 'yes').map((one) => `${one.method} ${one.path}`));
    assert.deepEqual(readMatrix().map((one) => `${one.method} ${one.path}`).filter((name) => !found.has(name) && !open.has(name)), []);
});

test('every permission and relation of the policy’s tables is a mutant', () => {
    const names = findPolicy().map((one) => one.name).join('\n'), text = read('src/policy/policy.c');
    const rows = [...text.slice(0, text.indexOf('static bool is_known')).matchAll(/^ +\[((?:PERMISSION|RELATION)_\w+)\] =/gm)].map(([, key]) => key);
    assert.ok(rows.length > 50);
    assert.deepEqual(rows.filter((key) => !names.includes(key)), []);
});

test('what is left out has a reason, and is there', () => {
    const all = findSwitched();
    assert.deepEqual(idleSpares(all), []);
    assert.ok(all.filter((one) => !spareOf(one)).length > 350);
});

test('a planted check is found', () => {
    const c = (text) => mutantsOf('src/feature/x/x.c', `int x(void)\n{\n    ${text}\n}\n`).map((one) => one.what);
    assert.deepEqual(c('if (post.author != self)\n        return -EACCES;'), ['post.author != self']);
    assert.deepEqual(c('if (result == 0 && hidden)\n        result = -ENOENT;'), ['result == 0 && hidden']);
    assert.deepEqual(c('return is_mine(post) ? 0 : -EACCES;'), ['is_mine(post)']);
    assert.deepEqual(c('if (request->session.role != ROLE_PUBLIC)\n        return request_refuse(request, "", TEXT("No."));'), ['request->session.role != ROLE_PUBLIC']);
    assert.deepEqual(c('view.count = last - dialogue_first_visible(dialogue);'), ['dialogue_first_visible(dialogue)']);
    assert.deepEqual(c('if (text.len == 0)\n        return request_refuse(request, "text", TEXT("Write something."));'), [], 'what was typed is no right');
    const sql = (text) => mutantsOf('src/feature/x/x.sql', `-- name: x many\n-- in: person int\n-- out: id int\n${text}\n`).map((one) => one.what);
    assert.deepEqual(sql('SELECT d.id FROM participant p JOIN dialogue d ON d.id = p.dialogue\nWHERE p.person = :person AND p.ended IS NULL ORDER BY d.id LIMIT 5;'), ['p.person = :person', 'p.ended IS NULL']);
    assert.deepEqual(sql('SELECT id FROM post WHERE dialogue = :dialogue AND (author = :a OR number > :n) AND NOT EXISTS (SELECT 1 FROM h WHERE h.shown IS NULL);'),
        ['(author = :a OR number > :n)', 'NOT EXISTS (SELECT 1 FROM h WHERE h.shown IS NULL)', 'h.shown IS NULL']);
});
