// SPDX-License-Identifier: MPL-2.0
// The package on a clean Debian 12 with a running systemd: installed, brought to life as docs/operations.md says, used, killed, backed up, purged.
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { send, upload, fetchFile } from '../support/files.mjs';
import { cleanRoot, Machine } from '../support/machine.mjs';
import { photo, place, sizeOf } from '../support/pictures.mjs';
import { PostOffice, confirmAddress } from '../support/post_office.mjs';
import { Server, freePort, until } from '../support/server.mjs';
import { Town, circle, everything, write } from '../support/town.mjs';

const built = path.resolve(process.env.SAMTRAAD_PACKAGE);
const manual = readFileSync('docs/operations.md', 'utf8');
const config = '/etc/samtraad/samtraad.conf';

/** The lines to be typed of a part of docs/operations.md, as they stand there. */
function lines(title) {
    const [, part] = new RegExp(`^## ${title.replace('’', "'")}\\n(.*?)(?=^## )`, 'ms').exec(manual);
    return part.split('\n').filter((line) => /^ {4,}[a-z]/.test(line)).map((line) => line.trim());
}

/** A server under samtraad@demo.service, for the hands of Town. */
class Unit extends Server {
    static async prepare(machine, office) {
        const unit = new Unit(path.join(machine.shared, 'demo'), await freePort());
        unit.machine = machine;
        const own = '/var/lib/samtraad/demo';
        const certificate = '/etc/samtraad/mail.crt', password = '/etc/samtraad/mail.password';
        for (const [from, to, mode] of [[office.certificate.file, certificate, 444], [office.passwordFile, password, 400]]) {
            copyFileSync(from, path.join(machine.shared, path.basename(from)));
            await machine.must(`install -o samtraad -m ${mode} ${machine.shared}/${path.basename(from)} ${to}`);
        }
        const settings = [`base_url = ${unit.url}`, `port = ${unit.port}`, `data = ${own}/data`, `key = ${own}/key`, `shares = ${own}/shares`,
            office.settings({ ca: certificate, password_file: password })].join('\n');
        await machine.must(`install -d -o samtraad -m 700 ${own} && cat >/etc/samtraad/demo.conf <<'END'\n${settings}\nEND\nchown root:samtraad /etc/samtraad/demo.conf; chmod 640 /etc/samtraad/demo.conf`);
        await machine.must("mkdir -p /etc/systemd/system/samtraad@demo.service.d && printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/samtraad serve --config /etc/samtraad/%%i.conf --demo\\n' "
            + '>/etc/systemd/system/samtraad@demo.service.d/demo.conf && systemctl daemon-reload');
        assert.equal((await unit.command('init')).code, 0);
        return unit;
    }

    async command(name, ...more) {
        await this.machine.must(`chmod 711 ${this.machine.shared}; chmod -R a+rX ${this.machine.shared}/*`);
        return this.machine.run(`runuser -u samtraad -- samtraad ${name} --config /etc/samtraad/demo.conf ${more.join(' ')}`);
    }

    async start() {
        await this.machine.must('systemctl start samtraad@demo');
        assert.ok((await fetch(`${this.url}/healthz`)).ok, 'the demonstration answers once systemctl is back');
    }

    async stop() {
        await this.machine.must('systemctl stop samtraad@demo');
    }

    async remove() {
        await this.stop();
    }
}

let machine, office, port;
const answers = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
const state = async (unit, name) => (await machine.must(`systemctl show --property ${name} --value ${unit}`)).trim();
/** All that bears the package's name on the machine; dpkg's list of what there once was aside. */
const traces = () => machine.must('find /etc /usr /var /run -xdev -path "*samtraad*" -not -path "/var/lib/dpkg/*" -not -path "/var/cache/*" -not -path "/var/log/*" | sort');
before(async () => {
    machine = await Machine.boot(await cleanRoot(built));
    office = await PostOffice.open();
    port = await freePort();
}, { timeout: 1200000 });
after(async () => {
    await office?.close();
    await machine?.close();
});

const typed = lines('Day 1');
const type = async (pattern) => {
    const line = typed.find((each) => pattern.test(each));
    assert.ok(line, `docs/operations.md has ${pattern}`);
    return machine.must(line);
};

describe('on a clean Debian 12, as docs/operations.md says,', () => {
    test('the package installs, and starts nothing by itself', { timeout: 600000 }, async () => {
        const name = readdirSync(built).find((each) => /^samtraad_[^-]*\.deb$/.test(each));
        assert.equal(typed[0], `apt install ./${name}`);
        copyFileSync(path.join(built, name), path.join(machine.shared, name));
        // Without what Debian only recommends (a front), so that nothing else of the machine takes a port.
        await machine.must(`cd ${machine.shared} && apt-get update -qq && apt-get install -y --no-install-recommends ./${name}`, 560000);
        assert.equal((await machine.must('stat -c "%a %U %G %n" /etc/samtraad /etc/samtraad/samtraad.conf /etc/samtraad/keys /var/lib/samtraad /var/backups/samtraad')).trim(),
            `750 root samtraad /etc/samtraad
640 root samtraad ${config}
700 samtraad samtraad /etc/samtraad/keys
700 samtraad samtraad /var/lib/samtraad
700 samtraad samtraad /var/backups/samtraad`);
        for (const unit of ['samtraad', 'samtraad-backup.timer']) assert.equal(await state(unit, 'ActiveState'), 'inactive', unit);
    });

    test('purged before anybody used it, nothing is left', { timeout: 120000 }, async () => {
        await machine.must('apt-get purge -y samtraad', 60000);
        assert.equal(await traces(), '');
        await machine.must(`cd ${machine.shared} && apt-get install -y --no-install-recommends ./samtraad_*.deb`, 60000);
    });

    test('the manual pages are there, and the fonts of the journal', async () => {
        assert.match(await machine.must('man samtraad | cat'), /samtraad — |check-config/);
        assert.match(await machine.must('man samtraad.conf | cat'), /base_url/);
        await machine.must('ls /usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/truetype/ancient-scripts/Symbola*.ttf');
    });

    test('the units are understood, and leave the service an exposure of at most 1.1', async () => {
        const units = ['samtraad.service', 'samtraad@demo.service', 'samtraad-backup.service'];
        assert.equal((await machine.run(`systemd-analyze verify ${units.join(' ')} samtraad-backup.timer`)).stderr.split('\n').filter((line) => line.includes('samtraad')).join('\n'), '');
        for (const unit of units) await machine.must(`systemd-analyze security --threshold=11 ${unit}`);
    });

    test('a start before there is a folder fails, and says so', async () => {
        const { code, stderr } = await machine.run('systemctl start samtraad');
        assert.notEqual(code, 0);
        assert.match(stderr, /Assertion failed/);
    });

    test('day 1 is typed line by line, and the server answers', async () => {
        await machine.must(`sed -i -e 's|^#base_url = .*|base_url = https://samtraad.kommune.example|' -e 's|^#behind_proxy = 1|behind_proxy = 1|' -e 's|^#port = 8080|port = ${port}|' ${config}`);
        const asRoot = await machine.run(typed.find((line) => /samtraad init/.test(line)).replace(/^runuser -u samtraad -- /, ''));
        assert.deepEqual([asRoot.code, await machine.must('ls /var/lib/samtraad /etc/samtraad/keys')], [1, '/etc/samtraad/keys:\n\n/var/lib/samtraad:\n']);
        assert.match(asRoot.stderr, /runuser -u samtraad -- samtraad init/);
        await type(/samtraad init/);
        assert.match(await type(/samtraad check-config/), /in order/);
        assert.match(await type(/samtraad administrator/), /password: \S+/);
        await type(/^systemctl enable --now samtraad$/);
        assert.match(await answers(), /^ok/, 'it answers once systemctl is back');
        assert.match(await type(/^systemctl status/), /active \(running\)/);
        assert.match((await machine.run(typed.find((line) => /samtraad status/.test(line)))).stdout, /^server +running$/m);
        assert.match(await machine.journal('samtraad'), /event=ready/);
    });

    test('the first backup is made and brought back, and the timer is set', async () => {
        await type(/^systemctl start samtraad-backup/);
        await type(/^systemctl enable --now samtraad-backup.timer/);
        assert.equal(await state('samtraad-backup', 'Result'), 'success');
        assert.match(await type(/restore --drill/), /the backup can be restored/);
        assert.match(await machine.must('systemctl list-timers --no-pager samtraad-backup.timer'), /02:|\d+h/);
    });

    test('killed, it is there again by itself; stopped, it stays away', async () => {
        const first = await state('samtraad', 'MainPID');
        await machine.must(`kill -9 ${first}`);
        await until('another one runs', async () => ![first, '0'].includes(await state('samtraad', 'MainPID')) && (await answers()).startsWith('ok'), 30000);
        assert.equal(await state('samtraad', 'NRestarts'), '1');
        await machine.must('systemctl restart samtraad');
        assert.match(await answers(), /^ok/, 'it answers once systemctl is back');
        await machine.must('systemctl stop samtraad');
        assert.deepEqual([await state('samtraad', 'ActiveState'), await state('samtraad', 'Result')], ['inactive', 'success']);
    });

    test('on a new machine all of it comes back from what was kept, line by line', { timeout: 180000 }, async () => {
        const kept = `${machine.shared}/kept`;
        await machine.must(`mkdir ${kept} && cd ${kept} && cp /etc/samtraad/samtraad.conf /etc/samtraad/keys/master.key /var/lib/samtraad/shares . && cp -r /var/backups/samtraad backups`);
        await machine.must('apt-get purge -y samtraad && rm -rf /etc/samtraad /var/lib/samtraad /var/backups/samtraad && userdel samtraad', 60000);
        await machine.must(`cd ${machine.shared} && apt-get install -y --no-install-recommends ./samtraad_*.deb`, 60000);
        const [, part] = /^### The machine is gone\n(.*?)(?=^### )/ms.exec(manual);
        const block = part.split('\n').filter((line) => line.startsWith('    ')).map((line) => line.trim());
        assert.ok(block.length > 5);
        for (const line of block) await machine.must(`cd ${kept} && ${line}`);
        assert.match(await answers(), /^ok/, 'it answers once systemctl is back');
        await machine.must('systemctl start samtraad-backup && systemctl stop samtraad');
        assert.equal(await machine.must('find /var/lib/samtraad /etc/samtraad/keys /var/backups/samtraad -user root'), '');
    });

    test('the key goes out of the service’s reach, encrypted to the machine', async () => {
        const [inUnit, ...before] = lines('The key out of the service’s reach').reverse();
        for (const line of before.reverse()) await machine.must(line);
        const [, drop] = /^ {4}(\[Service\]\n.*?)\n\n/ms.exec(manual);
        for (const unit of ['samtraad', 'samtraad-backup']) {
            await machine.must(`mkdir -p /etc/systemd/system/${unit}.service.d && cat >/etc/systemd/system/${unit}.service.d/override.conf <<'END'\n${drop.replaceAll(/^ {4}/gm, '')}\nEND`);
        }
        await machine.must('systemctl daemon-reload && systemctl start samtraad');
        assert.match(await answers(), /^ok/, 'it answers once systemctl is back');
        await machine.must('mv /etc/samtraad/keys/master.key /root && systemctl restart samtraad');
        assert.match(await answers(), /^ok/, 'it answers once systemctl is back');
        await machine.must('systemctl start samtraad-backup');
        assert.match(await machine.must(inUnit), /the log holds/);
    });

    test('root rotates that key while the service runs, which starts with the new one', async () => {
        const [decrypt, rotate, encrypt] = lines('Every year, and when somebody with access leaves');
        await machine.must(decrypt);
        assert.match(await machine.must(`${rotate} --grace 1`), /key 1 is destroyed/);
        await machine.must(encrypt);
        await machine.must('rm /run/master.key && systemctl restart samtraad');
        assert.match(await answers(), /^ok/, 'it answers with the new key');
    });
});

describe('under its unit', () => {
    let town, one;
    before(async () => {
        town = await Town.start({ server: await Unit.prepare(machine, office) });
        one = await circle(town);
    });

    test('a picture is made anew and shown without the place where it was taken', async () => {
        const made = await upload(one.mette, one.dialogue, 'IMG_0417.jpg', photo(640, 400));
        assert.deepEqual([made.ready, made.error], [true, '']);
        const { number } = await send(one.mette, one.dialogue, 'Se hvad Emil har bygget', made.id);
        const answer = await fetchFile(one.karim, one.dialogue, number, made.id, 'middle');
        assert.deepEqual([answer.status, ...sizeOf(answer.bytes)], [200, 400, 640]);
        assert.ok(!answer.bytes.toString('latin1').includes(place));
    });

    test('a mail goes out that says something is new', async () => {
        const address = 'mette@post.example';
        await confirmAddress(one.mette, office, address);
        await one.mette.get(`/dialogue/${one.dialogue}`);   // nothing is unread
        await write(one.anne, one.dialogue, 'Er der nyt om skemaet?');
        const mail = await office.wait(address, 2, 30000);
        assert.match(mail.mail.subject, /Der er nyt/);
        assert.ok(!mail.raw.includes('skemaet'));
    });

    test('what was written is there after kill -9, and no memory reaches the disk', async () => {
        const before = await everything(one.anne, one.dialogue);
        const pid = await state('samtraad@demo', 'MainPID');
        assert.match(await machine.must(`cat /proc/${pid}/limits`), /Max core file size +0 +0/);
        await machine.must(`kill -9 ${pid}`);
        await until('it is there again', async () => (await fetch(`${town.url}/healthz`)).ok && await state('samtraad@demo', 'MainPID') !== pid, 30000);
        assert.deepEqual(await everything(one.anne, one.dialogue), before);
    });

    after(() => town?.close());
});

test('purged, what people have written stays, with its key and its backups; all else goes', { timeout: 120000 }, async () => {
    const said = await machine.must('systemctl stop samtraad samtraad-backup.timer && apt-get purge -y samtraad', 100000);
    const kept = ['/etc/samtraad/keys', '/var/lib/samtraad', '/var/backups/samtraad'];
    for (const folder of kept) assert.ok(said.includes(`samtraad: ${folder} is not empty and stays.`), said);
    await machine.must('ls /var/lib/samtraad/data/samtraad.db /var/lib/samtraad/shares /etc/samtraad/keys/master.key.sealed /var/backups/samtraad/backups');
    // What the operator has written beside it is theirs too.
    const own = [...kept, '/etc/samtraad', '/etc/systemd/system/'];
    assert.deepEqual((await traces()).split('\n').filter((name) => name && !own.some((folder) => name.startsWith(folder))), []);
});
