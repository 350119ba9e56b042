// SPDX-License-Identifier: MPL-2.0
// The package as script/package has built it: what is in it, and that its program runs with its own configuration file.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const built = process.env.SAMTRAAD_PACKAGE;
let root, program;
before(() => {
    const name = readdirSync(built).find((each) => /^samtraad_[^-]*\.deb$/.test(each));
    root = mkdtempSync(path.join(tmpdir(), 'samtraad-package-'));
    execFileSync('dpkg', ['-x', path.join(built, name), root]);
    program = path.join(root, 'usr/bin/samtraad');
});
after(() => rmSync(root, { recursive: true, force: true }));

const run = (...args) => spawnSync(program, args, { encoding: 'utf8', timeout: 60000 });

test('lintian finds no error', () => {
    const { status, stdout } = spawnSync('lintian', ['--allow-root', '--fail-on', 'error', path.join(built, readdirSync(built).find((each) => /^samtraad_[^-]*\.deb$/.test(each)))], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    assert.doesNotMatch(stdout, /^E:/m);
});

test('it brings program, units, user, settings and manual pages', () => {
    for (const name of ['usr/bin/samtraad', 'etc/samtraad/samtraad.conf', 'lib/systemd/system/samtraad.service', 'lib/systemd/system/samtraad@.service',
        'lib/systemd/system/samtraad-backup.service', 'lib/systemd/system/samtraad-backup.timer', 'usr/lib/sysusers.d/samtraad.conf', 'usr/lib/tmpfiles.d/samtraad.conf',
        'usr/share/man/man1/samtraad.1.gz', 'usr/share/man/man5/samtraad.conf.5.gz', 'usr/share/doc/samtraad/operations.md', 'usr/share/doc/samtraad/adr/0003-log.md', 'usr/share/doc/samtraad/examples/alarms.yml']) {
        assert.ok(readFileSync(path.join(root, name)).length > 0, name);
    }
});

test('its program makes a folder and looks through its configuration file', () => {
    const config = path.join(root, 'etc/samtraad/samtraad.conf');
    const text = readFileSync(config, 'utf8');
    for (const place of ['data = /var/lib/samtraad/data', 'key = /etc/samtraad/keys/master.key', 'shares = /var/lib/samtraad/shares']) assert.ok(text.includes(`\n${place}\n`), place);
    execFileSync('mkdir', ['-p', path.join(root, 'etc/samtraad/keys'), path.join(root, 'var/lib/samtraad')]);
    writeFileSync(config, text.replaceAll(' = /var/lib', ` = ${root}/var/lib`).replaceAll(' = /etc/samtraad/keys', ` = ${root}/etc/samtraad/keys`));
    chmodSync(config, 0o640);
    const made = run('init', '--config', config);
    assert.equal(made.status, 0, made.stderr);
    const checked = run('check-config', '--config', config);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.match(run('version').stdout, /^samtraad \d/);
});
