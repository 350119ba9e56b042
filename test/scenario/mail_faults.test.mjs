// SPDX-License-Identifier: MPL-2.0
// Mail when the mail server misbehaves: nothing is lost, nobody is pestered, and the administrator sees what is stuck.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { PostOffice, confirmAddress } from '../support/post_office.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, circle, write } from '../support/town.mjs';

let town, office, around, admin;
const address = 'mette@post.example';
const queue = async () => (await admin.get('/admin/mail', { json: true })).json;
const letters = () => office.of(address).filter((one) => one.mail.subject.startsWith('Der er nyt'));
const read = (client) => client.open(`/dialogue/${around.dialogue}`);

/** The server with other settings; the outbox stays. */
async function configured(settings) {
    await town.server.stop();
    await town.server.configure(settings);
    await town.server.start();
}

before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ settings: office.settings() });
    around = await circle(town);
    admin = await town.as('birgit');
    await confirmAddress(around.mette, office, address);
});
after(async () => {
    await town?.close();
    await office?.close();
});

describe('a mail server', () => {
    test('that is down for a while gets the mail when it is back, once', async () => {
        await office.stop();
        await write(around.anne, around.dialogue, 'Mens posten er lukket');
        await until('the administrator sees that mail waits', async () => (await queue()).failing === 1);
        assert.match((await queue()).trouble, /ikke få fat i mailserveren/);
        await office.start();
        await office.wait(address, 2, 20000);
        await sleep(1500);
        assert.equal(letters().length, 1);
        assert.equal((await queue()).waiting, 0);
        await read(around.mette);
    });

    test('that says "later" is asked again', async () => {
        let asked = 0;
        office.faults.rcpt = () => (++asked <= 2 ? 451 : 0);
        const had = letters().length;
        await write(around.anne, around.dialogue, 'Kom igen senere');
        await until('the mail comes in the end', () => letters().length === had + 1, 20000);
        assert.ok(asked >= 3);
        office.faults = {};
        await read(around.mette);
    });

    test('that says "never" is not asked again; the administrator can, and the person is told', async () => {
        office.faults.rcpt = () => 550;
        const had = letters().length;
        await write(around.anne, around.dialogue, 'Findes ikke');
        const [dead] = await until('it is given up', async () => { const { entries } = await queue(); return entries.length > 0 && entries; });
        assert.equal(dead.tries, 1);
        assert.match(dead.trouble, /endeligt nej \(550\)/);
        const attempts = office.attempts;
        await sleep(2500);
        assert.equal(office.attempts, attempts, 'once was enough');
        const page = await admin.open('/admin/mail');
        for (const word of [address, 'Mette', 'Emil', 'skolen', 'Findes']) assert.ok(!page.text.includes(word), `the page says nothing of ${word}`);
        assert.match((await around.mette.open('/mail')).page.text(), /Vores mails når ikke frem/);
        office.faults = {};
        assert.equal((await admin.submit('/admin/mail', `/admin/mail/${dead.id}`, { action: 'again' })).status, 303);
        await until('tried again, it comes', () => letters().length === had + 1, 20000);
        assert.equal((await queue()).entries.length, 0);
        await confirmAddress(around.mette, office, address);
        assert.doesNotMatch((await around.mette.open('/mail')).page.text(), /når ikke frem/);
        await read(around.mette);
    });

    test('that refuses what it was sent is not sent it again', async () => {
        office.faults.data = () => 554;
        await write(around.anne, around.dialogue, 'Ligner spam');
        const [dead] = await until('it is given up', async () => { const { entries } = await queue(); return entries.length > 0 && entries; });
        assert.match(dead.trouble, /554/);
        office.faults = {};
        await admin.submit('/admin/mail', `/admin/mail/${dead.id}`, { action: 'discard' });
        assert.equal((await queue()).entries.length, 0);
        const had = letters().length;
        await sleep(2000);
        assert.equal(letters().length, had, 'thrown away is thrown away');
        await read(around.mette);
    });

    test('whose queue somebody else than an administrator looks at is not shown', async () => {
        assert.equal((await around.anne.get('/admin/mail')).status, 403);
        assert.equal((await around.mette.get('/admin/mail')).status, 403);
    });

    test('that never gives up saying "later" is given up', async () => {
        await configured(office.settings({ tries: 2 }));
        office.faults.rcpt = () => 450;
        await write(around.anne, around.dialogue, 'To forsøg');
        const [dead] = await until('it is given up', async () => { const { entries } = await queue(); return entries.length > 0 && entries; }, 20000);
        assert.equal(dead.tries, 2);
        office.faults = {};
        assert.equal((await admin.submit('/admin/mail', '/admin/mail/again', {})).status, 303);
        await until('all again', async () => (await queue()).given_up === 0);
        await read(around.mette);
    });

    test('that takes a mail while the program dies gets the same mail again, with the same Message-ID', async () => {
        await configured(office.settings());
        let open;
        office.faults.hold = new Promise((resolve) => { open = resolve; });
        const had = letters().length;
        await write(around.anne, around.dialogue, 'Midt i det hele');
        await until('the server has the mail and has not said so', () => letters().length === had + 1, 20000);
        await town.server.kill();
        open();
        office.faults = {};
        await town.server.start();
        await until('it comes again', () => letters().length === had + 2, 20000);
        const [first, second] = letters().slice(-2);
        assert.equal(first.mail.messageId, second.mail.messageId);
        await sleep(1500);
        assert.equal(letters().length, had + 2, 'and not a third time');
        await read(around.mette);
    });

    test('that hangs does not keep the program from stopping', async () => {
        office.faults.hold = new Promise(() => {});
        const had = letters().length;
        await write(around.anne, around.dialogue, 'Langsom post');
        await until('the mail is under way', () => letters().length === had + 1, 20000);
        const began = Date.now();
        assert.deepEqual(await town.server.stop(), { code: 0, signal: null }, town.server.log.slice(-1500));
        assert.ok(Date.now() - began < 8000);
        office.faults = {};
        await office.stop();
        await office.start();
        await town.server.start();
        await until('it comes again', () => letters().length === had + 2, 20000);
        await read(around.mette);
    });
});

describe('TLS', () => {
    test('that is required and not offered: nothing is sent, no password, and the administrator reads why', async () => {
        const plain = await PostOffice.open({ tls: false });
        try {
            await configured(plain.settings());
            await write(around.anne, around.dialogue, 'Aldrig i klar tekst');
            await until('the administrator reads why', async () => /tilbyder ikke TLS/.test((await queue()).trouble));
            assert.equal(plain.mails.length, 0);
            assert.equal(plain.attempts, 0);
        } finally {
            await plain.close();
        }
    });

    test('with a certificate that nobody vouches for: nothing is sent', async () => {
        await configured(office.settings({ ca: null }));
        const had = office.mails.length;
        await until('the administrator reads why', async () => /certifikat/.test((await queue()).trouble), 15000);
        assert.equal(office.mails.length, had);
    });

    test('from the first byte works too, and what was stuck comes', async () => {
        const implicit = await PostOffice.open({ implicit: true });
        try {
            await configured(implicit.settings());
            const { secure } = await implicit.wait(address, 1, 30000);
            assert.ok(secure);
        } finally {
            await implicit.close();
        }
    });

    test('a wrong password is no reason to give up mails', async () => {
        await read(around.mette);
        await configured(office.settings({ user: 'somebody' }));
        await write(around.anne, around.dialogue, 'Forkert bruger');
        await until('the administrator reads why', async () => /bruger og adgangskode/.test((await queue()).trouble), 15000);
        assert.equal((await queue()).given_up, 0);
    });
});

describe('a setting that is wrong', () => {
    const cases = {
        'a mail server that is no address of one': { url: 'http://localhost:25' },
        'a password without TLS to another machine': { url: 'smtp://mail.example:25', tls: 'wanted' },
        'TLS that is neither required, wanted nor off': { tls: 'maybe' },
        'a sender that is no address': { from: 'samtraad' },
        'a user without a password': { password_file: null },
        'a password file that is not there': { password_file: '/nowhere/password' },
    };
    for (const [name, changes] of Object.entries(cases)) {
        test(`stops the program at the start, with what was expected: ${name}`, async () => {
            await town.server.stop();
            await town.server.configure(office.settings(changes));
            const before = town.server.log.length;
            await assert.rejects(town.server.start());
            assert.match(town.server.log.slice(before), /event=config setting=smtp\.\w+ value=.* expected=/);
        });
    }
});

test('a server that is never there does not fill the memory or the machine', async () => {
    const dead = net.createServer((socket) => socket.destroy());
    await new Promise((resolve) => { dead.listen(0, '127.0.0.1', resolve); });
    await town.server.stop();
    await town.server.configure(office.settings({ url: `smtp://localhost:${dead.address().port}` }));
    await town.server.start();
    let asked = 0;
    dead.on('connection', () => { asked++; });
    await sleep(5000);
    assert.ok(asked <= 5, `${asked} connections in five seconds`);
    await new Promise((resolve) => { dead.close(resolve); });
});
