// SPDX-License-Identifier: MPL-2.0
// A real PostgreSQL server and a real standby that confirms each commit (synchronous streaming replication), which takes over when the first is killed.
import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { databaseAt } from './database.mjs';
import { freePort, until } from './server.mjs';

const run = promisify(execFile);
const root = process.getuid() === 0;

/** The server refuses to run as root. */
const unprivileged = (program, args) => (root ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]] : [program, args]);

async function children(pid) {
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const parents = await Promise.all(all.map(async (name) => Number((await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')).split(') ').at(-1).split(' ')[1])));
    return all.filter((_, at) => parents[at] === pid).map(Number);
}

/** One of the two. */
class Member {
    log = '';

    constructor(cluster, name, port) {
        Object.assign(this, { cluster, name, port, data: path.join(cluster.folder, name) });
    }

    async run(program, ...args) {
        const [command, words] = unprivileged(path.join(this.cluster.programs, program), args);
        return (await run(command, words, { cwd: this.cluster.folder })).stdout;
    }

    sql(text) {
        return this.run('psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-h', this.cluster.folder, '-p', String(this.port), '-U', 'samtraad', '-c', text, 'postgres').then((out) => out.trim());
    }

    async start() {
        const [command, words] = unprivileged(path.join(this.cluster.programs, 'postgres'), ['-D', this.data, '-p', String(this.port)]);
        this.child = spawn(command, words, { cwd: this.cluster.folder, stdio: ['ignore', 'ignore', 'pipe'] });
        this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
        this.ended = new Promise((resolve) => this.child.once('exit', resolve));
        await until(`the database server ${this.name} answers`, () => this.sql('SELECT 1'), 30000).catch((error) => { throw new Error(`${error.message}\n${this.log.slice(-2000)}`); });
    }

    /** Stands still ('SIGSTOP') or goes on ('SIGCONT'), with all its processes: its connections stay, and nobody answers on them. */
    async signal(name) {
        for (const pid of [this.child.pid, ...await children(this.child.pid)]) process.kill(pid, name);
    }

    /** All its processes at once, as when the power goes. */
    async kill() {
        if (!this.child) return;
        this.child.kill('SIGSTOP');   // so that it starts no more of them
        for (const pid of [...await children(this.child.pid), this.child.pid]) {
            try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
        }
        await this.ended;
        this.child = null;
    }
}

export class Cluster {
    /** 'settings' are lines of both servers' configuration. */
    static async start({ settings = '' } = {}) {
        const cluster = new Cluster();
        const versions = (await readdir('/usr/lib/postgresql')).sort((a, b) => a - b);
        cluster.programs = `/usr/lib/postgresql/${versions.at(-1)}/bin`;
        cluster.folder = await mkdtemp(path.join(tmpdir(), 'samtraad-cluster-'));
        await chmod(cluster.folder, 0o755);
        if (root) {
            const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => Number((await run('id', [what, 'postgres'])).stdout)));
            await chown(cluster.folder, uid, gid);
        }
        cluster.members = [new Member(cluster, 'first', await freePort()), new Member(cluster, 'second', await freePort())];
        [cluster.primary, cluster.standby] = cluster.members;
        const { primary } = cluster;
        await primary.run('initdb', '-D', primary.data, '-U', 'samtraad', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
        await appendFile(path.join(primary.data, 'postgresql.conf'), `
listen_addresses = '127.0.0.1'
unix_socket_directories = '${cluster.folder}'
shared_buffers = 64MB
max_connections = 200
min_wal_size = 32MB
max_wal_size = 64MB
wal_keep_size = 64MB
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 500ms
recovery_init_sync_method = syncfs
${settings}
`);
        await primary.start();
        await cluster.copy();
        return cluster;
    }

    /** Makes the standby anew from the primary, and has each commit wait for it from now on. */
    async copy() {
        const { primary, standby } = this;
        await rm(standby.data, { recursive: true, force: true });
        await standby.run('pg_basebackup', '-D', standby.data, '-R', '-X', 'stream', '-c', 'fast', '-d',
            `host=127.0.0.1 port=${primary.port} user=samtraad application_name=standby`);
        await standby.start();
        await this.set(primary, "synchronous_standby_names = 'standby'");
        await until('the standby confirms commits', async () => await primary.sql('SELECT sync_state FROM pg_stat_replication') === 'sync');
    }

    /** Sets something of a member's while it runs. */
    async set(member, setting) {
        await member.sql(`ALTER SYSTEM SET ${setting}`);
        await member.sql('SELECT pg_reload_conf()');
    }

    /** The primary is gone from one moment to the next, and the standby becomes the primary. There is no other then that could confirm commits. */
    async failOver() {
        const [dead, next] = [this.primary, this.standby];
        await dead.kill();
        await next.sql('SELECT pg_promote()');
        await this.set(next, "synchronous_standby_names = ''");
        [this.primary, this.standby] = [next, dead];
    }

    /** The name of a database that is found on whichever of them is the primary. */
    url(name) {
        const hosts = this.members.map((member) => `127.0.0.1:${member.port}`).join(',');
        return `postgresql://samtraad@${hosts}/${name}?target_session_attrs=read-write`;
    }

    /** A database of a test's own, with today's standby for reads. */
    database() {
        const database = databaseAt((name) => this.url(name));
        database.settings += `replica = postgresql://samtraad@127.0.0.1:${this.standby.port}/${database.name}\n`;
        return database;
    }

    async stop() {
        for (const member of this.members) await member.kill();
        await rm(this.folder, { recursive: true, force: true });
    }
}
