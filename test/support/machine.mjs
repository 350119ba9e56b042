// SPDX-License-Identifier: MPL-2.0
// A clean Debian 12 with a systemd of its own that runs, in a container (systemd-nspawn) on this machine's network: what is installed there is started by its units.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { until } from './server.mjs';

/** The root folder that every machine is a copy of, made once; minutes. 'folder' is where it is kept. */
export async function cleanRoot(folder) {
    const root = path.join(folder, 'bookworm');
    if (existsSync(root)) return root;
    await mkdir(folder, { recursive: true });
    await rm(`${root}.part`, { recursive: true, force: true });
    execFileSync('debootstrap', ['--variant=minbase', '--include=systemd-sysv,dbus,man-db', 'bookworm', `${root}.part`], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 900000 });
    await rename(`${root}.part`, root);
    return root;
}

/** The process whose parent is the one named; 0: none. */
function childOf(parent) {
    for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
        try {
            const [, number] = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'));
            if (Number(number) === parent) return Number(name);
        } catch {}   // it has ended meanwhile
    }
    return 0;
}

export class Machine {
    #container;
    said = '';

    /** Boots a copy of 'root', which is gone with the machine. 'shared' is a folder that has the same path here and there. Needs root. */
    static async boot(root) {
        assert.equal(process.getuid(), 0, 'a machine is started by root: sudo script/test package');
        const machine = new Machine();
        machine.shared = await mkdtemp('/srv/samtraad-');
        const words = ['--quiet', '--directory', root, '--ephemeral', '--boot', '--register=no', '--keep-unit', '--console=pipe', '--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self',   // as on a machine of its own
            `--bind=${machine.shared}`];
        machine.#container = spawn('systemd-nspawn', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
        for (const stream of [machine.#container.stdout, machine.#container.stderr]) stream.on('data', (text) => { machine.said += text; });
        machine.ended = new Promise((resolve) => machine.#container.once('close', resolve));
        await until('systemd has started', async () => {
            if (machine.#container.exitCode !== null) return true;
            machine.leader = childOf(machine.#container.pid);
            return machine.leader && /running|degraded/.test((await machine.run('systemctl is-system-running')).stdout);
        }, 120000);
        if (machine.#container.exitCode !== null) throw new Error(`the container ended: ${machine.said}`);
        return machine;
    }

    /** Runs a line of shell as root on the machine: { code, stdout, stderr }. */
    run(line, timeout = 60000) {
        const words = ['-t', String(this.leader), '-m', '-u', '-i', '-p', '-C', '-r', '-w', '--', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8',
            'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', line];
        return new Promise((resolve) => {
            execFile('nsenter', words, { timeout, maxBuffer: 1 << 24 }, (error, stdout, stderr) => resolve({ code: error ? error.code ?? -1 : 0, stdout, stderr }));
        });
    }

    /** The same, and it must succeed; gives what it printed. */
    async must(line, timeout) {
        const { code, stdout, stderr } = await this.run(line, timeout);
        assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
        return stdout;
    }

    /** What the units of that name pattern have told the journal. */
    journal(unit) {
        return this.must(`journalctl --no-pager -o cat --unit ${unit}`);
    }

    async close() {
        // The container's own init: with it all others end, and the copy is removed.
        if (this.#container.exitCode === null) process.kill(this.leader || this.#container.pid, this.leader ? 'SIGKILL' : 'SIGTERM');
        await this.ended;
        await rm(this.shared, { recursive: true, force: true });
    }
}
