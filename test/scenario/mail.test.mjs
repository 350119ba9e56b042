// SPDX-License-Identifier: MPL-2.0
// Being told by mail that something is new, through a real mail server that wants TLS and a password.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { PostOffice, confirmAddress, linksOf } from '../support/post_office.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, accept, circle, exclude, invite, startDialogue, write } from '../support/town.mjs';

let town, office;
before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ settings: office.settings() });
});
after(async () => {
    await town?.close();
    await office?.close();
});

let people = 0;
const fresh = (name) => `${name}${++people}@post.example`;
const read = (client, dialogue) => client.open(`/dialogue/${dialogue}`);
const choose = (client, dialogue, choice) => client.submit(`/dialogue/${dialogue}/mail`, `/dialogue/${dialogue}/mail`, { choice });

/** A circle in which Mette has confirmed an address, and nothing is unread. */
async function told(topic) {
    const around = await circle(town, topic);
    const address = fresh('mette');
    await confirmAddress(around.mette, office, address);
    return { ...around, address, letters: () => office.of(address).filter((one) => one.mail.subject.startsWith('Der er nyt')) };
}

const letter = (address, count = 1) => office.wait(address, count + 1);   // the first one was for confirming

describe('an address', () => {
    test('counts once its link was opened and said yes to; before that nothing is sent there', async () => {
        const { anne, karim, dialogue } = await circle(town);
        const address = fresh('karim');
        await karim.submit('/mail', '/mail/address', { email: address });
        const mail = await office.wait(address);
        await write(anne, dialogue, 'Nyt til Karim');
        await sleep(2500);
        assert.equal(office.of(address).length, 1, 'only the question whether it is his');
        const [link] = linksOf(mail);
        assert.match(link, /^\/mail\/confirm\//);
        assert.match((await karim.open('/mail')).page.text(), new RegExp(`Vi har sendt en mail til ${address}`));

        const stranger = new Client(town.url);   // opened on a phone where nobody is signed in
        await stranger.open(link);
        assert.match((await karim.open('/mail')).page.text(), /Vi har sendt/, 'looking confirms nothing: mail programs open links on their own');
        assert.match((await stranger.submit(link, link, { answer: 'yes' })).page.text(), /Tak/);
        assert.match((await karim.open('/mail')).page.text(), new RegExp(`Du får mail på ${address}`));
        assert.equal((await stranger.open(link)).status, 410, 'the link works once');
        await write(anne, dialogue, 'Mere til Karim');
        assert.match((await letter(address)).mail.subject, /Der er nyt/);
    });

    test('that belongs to somebody else is never used once they say no', async () => {
        const { anne, mette, dialogue } = await circle(town);
        const address = fresh('forkert');
        await mette.submit('/mail', '/mail/address', { email: address });
        const [link] = linksOf(await office.wait(address));
        const other = new Client(town.url);
        await other.submit(link, link, { answer: 'no' });
        assert.equal((await other.submit(await other.open(link), link, {}).catch(() => ({ status: 410 }))).status, 410);
        await write(anne, dialogue, 'Nyt');
        await sleep(2000);
        assert.equal(office.of(address).length, 1);
    });

    test('is changed only when the new one was confirmed, and forgotten on request', async () => {
        const { mette, anne, dialogue, address } = await told('Adressen');
        const second = fresh('ny');
        await mette.submit('/mail', '/mail/address', { email: second });
        const [link] = linksOf(await office.wait(second));
        await write(anne, dialogue, 'Til den gamle adresse');
        await letter(address);
        await read(mette, dialogue);
        await mette.submit(link, link, { answer: 'yes' });
        await write(anne, dialogue, 'Til den nye adresse');
        await office.wait(second, 2);
        assert.equal(office.of(address).length, 2);
        await mette.submit('/mail', '/mail/address/remove', {});
        await read(mette, dialogue);
        await write(anne, dialogue, 'Til ingen');
        await sleep(2500);
        assert.equal(office.of(second).length, 2);
    });

    test('that was asked for twice while the mail server was away is sent the newest link alone', async () => {
        const anne = await town.as('anne'), address = fresh('anne');
        await office.stop();
        for (let count = 0; count < 2; count++) assert.equal((await anne.submit('/mail', '/mail/address', { email: address })).status, 303);
        await office.start();
        const [link] = linksOf(await office.wait(address));
        await sleep(2500);
        assert.equal(office.of(address).length, 1);
        assert.equal((await new Client(town.url).open(link)).status, 200);
    });

    test('that no mail can be sent to is refused with a helpful sentence', async () => {
        const mette = await town.as('mette');
        for (const email of ['mette', 'mette@post', 'søren@post.example', 'a@b.dk,c@d.dk', 'a@b.dk\r\nBcc: x@y.dk', '"a b"@c.dk']) {
            const answer = await mette.submit('/mail', '/mail/address', { email });
            assert.ok([400, 422].includes(answer.status), `${email}: ${answer.status}`);
        }
    });

    test('cannot be used to pester somebody: five links a day', async () => {
        const jonas = await town.signIn('jonas');
        const address = fresh('plaget');
        let refused = 0;
        for (let count = 0; count < 8; count++) refused += (await jonas.submit('/mail', '/mail/address', { email: address })).status === 422 ? 1 : 0;
        assert.equal(refused, 3);
    });
});

describe('a mail', () => {
    test('says that something is new, where, and nothing else', async () => {
        const { anne, dialogue, address } = await told('Hemmeligt emne');
        await write(anne, dialogue, 'Hemmelig besked om Emil');
        const { raw, mail, secure, user, from } = await letter(address);
        assert.ok(secure && user === 'samtraad', 'over TLS and signed in');
        assert.equal(from, 'samtraad@kommune.example');
        assert.equal(mail.subject, 'Der er nyt til dig i Samtråd');
        assert.deepEqual(mail.from, { name: 'Samtråd', address: 'samtraad@kommune.example' });
        assert.deepEqual(mail.to.map((one) => one.address), [address]);
        assert.match(mail.text, /Der er nyt i en af dine samtaler/);
        assert.ok(mail.text.includes(`${town.url}/dialogue/${dialogue}`), mail.text);
        assert.ok(mail.html.includes(`href="${town.url}/dialogue/${dialogue}"`));
        for (const word of ['Hemmelig', 'emne', 'Emil', 'Anne', 'Kjær', 'Mette', 'Familie']) assert.ok(!`${mail.text}${mail.html}${mail.subject}`.includes(word), word);
        const header = (name) => mail.headers.find((one) => one.key === name)?.value;
        assert.equal(header('auto-submitted'), 'auto-generated');
        assert.match(header('list-unsubscribe'), new RegExp(`^<${town.url}/mail/stop/[\\w-]+>$`));
        assert.equal(header('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
        assert.match(mail.messageId, /^<\d+@localhost>$/);
        assert.ok(Math.abs(Date.parse(mail.date) - Date.now()) < 60000);
        const longest = Math.max(...raw.split('\r\n').map((line) => line.length));
        assert.ok(longest <= 998 && !/[^\r]\n/.test(raw) && !/[^\x00-\x7f]/.test(raw), 'ASCII, CRLF, no line too long');
    });

    test('comes in English to who has chosen English', async () => {
        const { anne, emil, dialogue } = await circle(town);
        await emil.submit('/', '/language', { language: 'en' });
        const address = fresh('emil');
        await confirmAddress(emil, office, address);
        await write(anne, dialogue, 'Hello');
        const { mail } = await letter(address);
        assert.equal(mail.subject, 'Something is new for you in Samtråd');
        assert.match(mail.html, /<html lang="en">/);
        await emil.submit('/', '/language', { language: 'da' });
    });

    test('is one for many messages', async () => {
        const { anne, jonas, dialogue, address, letters } = await told('Mange beskeder');
        for (let number = 0; number < 4; number++) await write(number % 2 ? anne : jonas, dialogue, `Besked ${number}`);
        await letter(address);
        await sleep(2500);
        assert.equal(letters().length, 1);
    });

    test('is not for one’s own messages', async () => {
        const { mette, dialogue, letters } = await told('Mine egne');
        await write(mette, dialogue, 'Jeg skriver selv');
        await sleep(2500);
        assert.equal(letters().length, 0);
    });

    test('is not sent for what was read meanwhile', async () => {
        const { anne, mette, dialogue, letters } = await told('Læst i tide');
        await write(anne, dialogue, 'Læses straks');
        await read(mette, dialogue);
        await sleep(2500);
        assert.equal(letters().length, 0);
    });

    test('is not sent again for what one was told of, and is for what is newer', async () => {
        const { anne, dialogue, address, letters } = await told('Igen');
        await write(anne, dialogue, 'Den første');
        await letter(address);
        await sleep(1500);
        assert.equal(letters().length, 1);
        await write(anne, dialogue, 'Den anden');
        await letter(address, 2);
        assert.equal(letters().length, 2);
    });

    test('does not go to who was excluded before it was sent', async () => {
        const { anne, dialogue, letters } = await told('Udelukket');
        await write(anne, dialogue, 'Før udelukkelsen');
        await exclude(anne, dialogue, 'Mette Østergaard');
        await sleep(2500);
        assert.equal(letters().length, 0);
    });

    test('is not sent for a message that was hidden meanwhile', async () => {
        const { anne, jonas, dialogue, letters } = await told('Skjult');
        const number = await write(jonas, dialogue, 'Skal ikke stå her');
        const hide = `/dialogue/${dialogue}/post/${number}/hide`;
        assert.equal((await anne.submit(hide, hide, { reason: 'Hører ikke til her' })).status, 303);
        await sleep(2500);
        assert.equal(letters().length, 0);
    });

    test('in the outbox already does not go to who is excluded before the mail server is there again', async () => {
        const { anne, dialogue, letters } = await told('Udelukket senere');
        await office.stop();
        await write(anne, dialogue, 'Mens posten er nede');
        await sleep(2500);
        await exclude(anne, dialogue, 'Mette Østergaard');
        await office.start();
        await sleep(4000);
        assert.equal(letters().length, 0);
    });
});

describe('how often', () => {
    test('never is never, and at once is at once again', async () => {
        const { anne, mette, dialogue, address, letters } = await told('Aldrig');
        assert.equal((await choose(mette, dialogue, 'never')).status, 303);
        await write(anne, dialogue, 'Ingen mail');
        await sleep(2500);
        assert.equal(letters().length, 0);
        await choose(mette, dialogue, 'at_once');
        await write(anne, dialogue, 'Nu igen');
        await letter(address);
    });

    test('is chosen for each dialogue by itself', async () => {
        const { anne, mette, emil, dialogue, address, letters } = await told('Den ene');
        const other = await startDialogue(anne, town.person('emil'), 'Den anden');
        const emilsAddress = fresh('emil');
        await confirmAddress(emil, office, emilsAddress);
        await choose(emil, other, 'never');
        await write(anne, other, 'Ikke til Emil');
        await write(anne, dialogue, 'Til dem begge');
        await letter(emilsAddress);
        await letter(address);
        assert.ok(office.of(emilsAddress)[1].mail.text.includes(`/dialogue/${dialogue}`));
        assert.equal(letters().length, 1);
        const { dialogues } = (await emil.get('/mail', { json: true })).json;
        assert.equal(dialogues.find((one) => one.id === other).choice, 'never');
        assert.equal(dialogues.find((one) => one.id === dialogue).choice, 'at_once');
        assert.ok(mette);
    });

    test('daily is one mail for all that has come', async () => {
        const { anne, mette, dialogue, letters } = await told('Dagligt');
        const second = await circle(town, 'Også dagligt');
        await choose(mette, dialogue, 'daily');
        await choose(mette, second.dialogue, 'daily');
        await write(anne, dialogue, 'Den ene');
        await write(second.anne, second.dialogue, 'Den anden');
        await sleep(2500);
        assert.equal(letters().length, 0, 'not at once');
        await town.server.stop();
        await town.server.sql('DELETE FROM notice_day');   // as if it were the next day
        await town.server.start();
        await until('the daily mail comes', () => letters().length > 0, 8000);
        await sleep(1500);
        assert.equal(letters().length, 1);
        const { mail } = letters()[0];
        assert.match(mail.text, /flere af dine samtaler/);
        assert.ok(!mail.text.includes('/dialogue/'), 'the link leads to the start page');
    });
});

describe('one click', () => {
    test('ends the mails of that dialogue, without signing in, and nothing else', async () => {
        const { anne, mette, dialogue, address, letters } = await told('Stop');
        const other = await circle(town, 'Går videre');
        await write(anne, dialogue, 'Første');
        const stop = linksOf(await letter(address)).find((one) => one.startsWith('/mail/stop/'));
        const nobody = new Client(town.url);
        assert.match((await nobody.open(stop)).page.text(), /Stop disse mails\?/);
        assert.equal((await mette.get('/mail', { json: true })).json.dialogues.find((one) => one.id === dialogue).choice, 'at_once', 'looking changes nothing');
        // As a mail program does it: no cookie, no page before.
        const clicked = await new Client(town.url).post(stop, { 'List-Unsubscribe': 'One-Click' });
        assert.equal(clicked.status, 200);
        assert.match(clicked.page.text(), /Du får ikke flere af disse mails/);
        await write(anne, dialogue, 'Anden');
        await sleep(2500);
        assert.equal(letters().length, 1);
        await write(other.anne, other.dialogue, 'I den anden samtale');
        await letter(address, 2);
    });

    test('with a changed link does nothing', async () => {
        const { anne, dialogue, mette, address } = await told('Ændret');
        await write(anne, dialogue, 'Første');
        const stop = linksOf(await letter(address)).find((one) => one.startsWith('/mail/stop/'));
        for (let at = '/mail/stop/'.length; at < stop.length; at += 5) {
            const changed = stop.slice(0, at) + (stop[at] === 'A' ? 'B' : 'A') + stop.slice(at + 1);
            assert.equal((await new Client(town.url).post(changed, { 'List-Unsubscribe': 'One-Click' })).status, 410, changed);
        }
        assert.equal((await mette.get('/mail', { json: true })).json.dialogues.find((one) => one.id === dialogue).choice, 'at_once');
    });
});

describe('an invitation', () => {
    const link = (mail) => linksOf(mail).find((one) => one.startsWith('/invitation/'));
    const open = async (client, dialogue) => (await client.get(`/dialogue/${dialogue}/participants`, { json: true })).json.invitations;
    const send = (client, dialogue, id) => client.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/invitations/${id}/mail`, {});

    test('goes by mail when the coordinator says so, and says nothing of whom or what', async () => {
        const { anne, dialogue } = await circle(town, 'Hemmelig indbydelse');
        const [email, stranger] = [fresh('gaest'), await town.signIn('stranger')];
        await invite(anne, dialogue, { name: 'Lone Bæk', email, relation: 'moster' });
        await sleep(1500);
        assert.equal(office.of(email).length, 0, 'not by itself');
        const [{ id }] = await open(anne, dialogue);
        assert.match((await send(anne, dialogue, id)).page.text(), new RegExp(`Vi sender linket til ${email}`));
        const mail = await office.wait(email);
        for (const word of ['Lone', 'Bæk', 'moster', 'Anne', 'Emil', 'Hemmelig', 'Familie']) assert.ok(!`${mail.mail.text}${mail.mail.html}${mail.mail.subject}`.includes(word), word);
        assert.ok(!mail.mail.headers.some((one) => one.key === 'list-unsubscribe'));
        assert.equal((await accept(stranger, link(mail))).status, 200);
        assert.equal((await stranger.get(`/dialogue/${dialogue}`)).status, 200);
    });

    test('that was taken back before it was sent is not sent, and is mailed three times at most', async () => {
        const { anne, dialogue } = await circle(town);
        const [first, second] = [fresh('fortrudt'), fresh('tre')];
        for (const email of [first, second]) await invite(anne, dialogue, { name: 'Lone Bæk', email });
        const [taken, kept] = await open(anne, dialogue);
        await office.stop();
        await send(anne, dialogue, taken.id);
        await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/invitations/${taken.id}/revoke`, {});
        const answers = [];
        for (let count = 0; count < 4; count++) answers.push((await send(anne, dialogue, kept.id)).page.text());
        await office.start();
        await office.wait(second, 3, 20000);
        await sleep(1500);
        assert.equal(office.of(second).length, 3);
        assert.match(answers[3], /sendt tre gange/);
        assert.equal(office.of(first).length, 0);
    });

    test('of somebody else’s is nobody’s to send', async () => {
        const { anne, mette, emil, dialogue } = await circle(town);
        await invite(anne, dialogue, { name: 'Lone Bæk', email: fresh('lone') });
        const [{ id }] = await open(anne, dialogue);
        for (const [client, status] of [[mette, 403], [emil, 404], [await town.as('stranger'), 404]]) {
            assert.equal((await client.postJson(`/dialogue/${dialogue}/invitations/${id}/mail`, {})).status, status);
        }
    });
});

test('a reminder of a consent comes by mail once, says nothing of it, and not when it was answered meanwhile, or to who is no longer there', async () => {
    const { anne, mette, dialogue, address } = await told('Samtykke');
    const { person } = (await mette.get('/session', { json: true })).json;
    const reminders = () => office.of(address).filter((one) => one.mail.subject.includes('venter på dit svar'));
    const remind = async (record, answered) => {
        await town.server.stop();
        const values = (id) => `(${id}, 7, ${dialogue}, ${person}, 1, 0, ${town.server.database.bytes('00')})`;
        await town.server.sql(`INSERT INTO consent_record (id, proposal, dialogue, giver, event, at, sealed) VALUES ${values(record)}${answered ? `, ${values(record + 1)}` : ''};
            INSERT INTO consent_reminder (record, days, person, dialogue, at) VALUES (${record}, 7, ${person}, ${dialogue}, ${Date.now()});`);
        await town.server.start();
    };
    await remind(1001, false);
    await until('the reminder comes', () => reminders().length === 1, 10000);
    assert.doesNotMatch(reminders()[0].mail.text, /[Ss]amtykke|Emil|Anne/);
    await town.server.restart();
    await remind(1003, true);
    await sleep(2500);
    assert.equal(reminders().length, 1);
    await exclude(anne, dialogue, mette.name);
    await remind(1005, false);
    await sleep(2500);
    assert.equal(reminders().length, 1);
});

test('no file of the data folder, and no line of the log, holds an address in clear', async () => {
    await town.server.stop();
    const names = (await readdir(town.server.data, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    assert.ok(names.length > 0);
    for (const one of names) {
        const bytes = await readFile(path.join(one.parentPath ?? one.path, one.name));
        assert.ok(!bytes.includes('post.example'), one.name);
    }
    assert.ok(!town.server.log.includes('post.example'));
    await town.server.start();
});
