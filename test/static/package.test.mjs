// SPDX-License-Identifier: MPL-2.0
// What the package brings beside the program: manual pages that say what the program does, units that let it do little.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { files, read, root } from './source.mjs';

const manual = read('docs/man/samtraad.1');
const settings = read('docs/man/samtraad.conf.5');
const missing = (names, text, form) => names.filter((name) => !text.includes(form(name)));

test('the manual page has every command and every option of the program, and no other', () => {
    const commands = files(/^src\/command\/.*\.c$/).flatMap((name) => [...read(name).matchAll(/^ {4}\.name = "([\w-]+)",$/gm)].map(([, command]) => command));
    assert.ok(commands.length > 12, commands.join());
    assert.deepEqual(missing(commands, manual, (name) => `.It Cm ${name}`), [], 'commands');
    assert.deepEqual([...manual.matchAll(/^\.It Cm ([\w-]+)/gm)].map(([, name]) => name).filter((name) => !commands.includes(name)), []);
    const options = [...read('src/command/options.c').matchAll(/\{ OPTION_\w+, "--([\w-]+)"/g)].map(([, option]) => option);
    assert.ok(options.length > 12, options.join());
    assert.deepEqual(missing(options, manual, (name) => `.It Fl -${name}`), [], 'options');
    assert.deepEqual([...manual.matchAll(/^\.It Fl -([\w-]+)/gm)].map(([, name]) => name).filter((name) => !options.includes(name)), []);
    const variables = [...read('src/command/options.c').matchAll(/"(SAMTRAAD_\w+|PORT)"/g)].map(([, name]) => name);
    assert.deepEqual(missing(variables, manual, (name) => `.It Ev ${name}`), [], 'environment');
});

test('the manual page of the settings has each one that the example file has, with its section, and no other', () => {
    const names = [];
    let section = '';
    for (const line of read('docs/samtraad.conf').split('\n')) {
        const [, begun] = /^\[(\w+)\]/.exec(line) ?? [];
        if (begun) section = `${begun}.`;
        const [, name] = /^#?(\w+) = /.exec(line) ?? [];
        if (name) names.push(section + name);
    }
    assert.ok(names.length > 70);
    const told = [...settings.matchAll(/^\.It Cm ([\w.]+)$/gm)].map(([, name]) => name);
    assert.deepEqual(names.filter((name) => !told.includes(name)), [], 'not told');
    assert.deepEqual(told.filter((name) => !names.includes(name)), [], 'told, but there is none');
});

test('the manual pages are well formed', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', 'docs/man/samtraad.1', 'docs/man/samtraad.conf.5'], { cwd: root, encoding: 'utf8' });
    assert.equal(stdout, '');
});

test('each document of the package leads to documents that are in it too', () => {
    const told = read('debian/samtraad.docs').trim().split('\n').flatMap((name) => (name.includes('.') ? name : files(new RegExp(`^${name}/.*`))));
    const links = told.filter((name) => /^docs\/.*\.md$/.test(name)).flatMap((name) => [...read(name).matchAll(/\]\(([^)#\s:]+\.(?:md|json))/g)]
        .map(([, target]) => [name, path.join(path.dirname(name), target)]));
    assert.ok(links.length > 40, `${links.length} links`);
    assert.deepEqual(links.filter(([, target]) => !told.includes(target)), []);
    for (const unit of files(/^debian\/.*\.service$/)) {
        for (const [, name] of read(unit).matchAll(/file:\/usr\/share\/doc\/samtraad\/(\S+)/g)) assert.ok(told.includes(`docs/${name}`), `${unit}: ${name}`);
    }
});

test('the server waits for the clock, where something on the machine sets it', () => {
    for (const unit of ['samtraad.service', 'samtraad@.service']) assert.match(read(`debian/${unit}`), /^After=.*\btime-sync\.target\b/m, unit);
});

test('the units leave the service an exposure of at most 1.1', () => {
    for (const unit of ['samtraad.service', 'samtraad@.service', 'samtraad.samtraad-backup.service']) {
        const { status, stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', '--threshold=11', path.join(root, 'debian', unit)], { encoding: 'utf8' });
        assert.doesNotMatch(stderr, /Failed to create directory '\/run\/systemd/, 'systemd-analyze needs /run/systemd; where systemd does not run, make it once, as root: mkdir -p /run/systemd');
        assert.equal(status, 0, `${unit}: ${stdout.split('\n').filter((line) => line.startsWith('✗')).join('\n')}\n${stderr}`);
        assert.match(stdout, /Overall exposure level for .*: (0\.\d|1\.[01]) /);
        assert.equal(stderr, '', 'systemd understands all of it');
    }
});
