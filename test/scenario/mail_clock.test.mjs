// SPDX-License-Identifier: MPL-2.0
// Mails that come with the time: the daily one at its hour, in winter and summer and on the days when the clock is changed, and the reminders of a consent.
// The server's clock is moved to days of the coming years, so that neither the hour nor the season in which the test runs matters.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answer, mustAgree, propose, renew, withdraw } from '../support/consent.mjs';
import { PostOffice, confirmAddress } from '../support/post_office.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, circle, write } from '../support/town.mjs';

let town, office, dialogue;
const year = new Date().getUTCFullYear() + 1;

/** A time of day in Denmark, 'YYYY-MM-DDTHH:MM', in ms. */
function danish(local) {
    const wanted = Date.parse(`${local}:00Z`);
    const offset = (at) => Date.parse(`${new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', dateStyle: 'short', timeStyle: 'medium' }).format(at).replace(' ', 'T')}Z`) - at;
    return wanted - offset(wanted - offset(wanted));
}

/** The last Sunday of a month: when the clock is changed. */
const lastSunday = (month) => {
    const last = new Date(Date.UTC(year, month, 0));
    return day(last.getTime() - last.getUTCDay() * 86400000);
};
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const dayAfter = (date, days = 1) => day(Date.parse(`${date}T12:00:00Z`) + days * 86400000);

/** From now on it is that time for the server. Sessions may end with it: whoever does something signs in again. */
async function moveTo(local) {
    await town.server.shiftClock(`+${Math.round((danish(local) - Date.now()) / 1000)}`);
}

const address = 'mette@post.example';
const daily = () => office.of(address).filter((one) => /^Der er nyt/.test(one.mail.subject));
const quiet = () => sleep(2500);   // the server looks about once a second
const tell = async (text) => write(await town.signIn('anne'), dialogue, text);

before(async () => {
    office = await PostOffice.open();
    town = await Town.start({ clock: true, settings: office.settings().replace('daily_hour = 0', 'daily_hour = 7') });
    await moveTo(`${year}-01-14T20:00`);
    const around = await circle(town, 'Kanariefuglens emne');
    ({ dialogue } = around);
    await confirmAddress(around.mette, office, address);
    assert.equal((await around.mette.submit(`/dialogue/${dialogue}/mail`, `/dialogue/${dialogue}/mail`, { choice: 'daily' })).status, 303);
});
after(async () => {
    await town?.close();
    await office?.close();
});

describe('the daily mail', () => {
    const seasons = { 'in winter': `${year}-01-15`, 'on the day when summer time begins': lastSunday(3), 'in summer': `${year}-07-15`, 'on the day when it ends': lastSunday(10) };
    for (const [season, date] of Object.entries(seasons)) {
        test(`${season} comes at seven by the clock on the wall: not before, and once for all that was written`, async () => {
            const before = daily().length;
            await moveTo(`${dayAfter(date, -1)}T20:00`);
            await tell('Kanarie: i aften');
            await tell('Kanarie: og lidt senere');
            await moveTo(`${date}T06:50`);
            await quiet();
            assert.equal(daily().length, before, 'nothing in the evening, in the night, and before seven');
            await moveTo(`${date}T07:00`);
            await until('the mail of the morning', () => daily().length > before, 60000);
            await quiet();
            assert.equal(daily().length, before + 1, 'one for both messages');
            const { mail, secure } = daily().at(-1);
            assert.ok(secure);
            assert.ok(!/[Kk]anarie/.test(mail.text + mail.html + mail.subject));
            const sent = Date.parse(mail.date) - danish(`${date}T07:00`);
            assert.ok(sent >= 0 && sent < 600000, `its date is the time of the server: ${mail.date}`);
        });
    }

    test('what is written after it waits for the next morning; what was read meanwhile, and nothing, are told of in none', async () => {
        const date = `${year}-11-15`, before = daily().length;
        await moveTo(`${date}T08:00`);
        await tell('Efter morgenens mail');
        await moveTo(`${date}T23:58`);
        await quiet();
        assert.equal(daily().length, before, 'not on the same day');
        await moveTo(`${dayAfter(date)}T07:01`);
        await until('the mail of the next morning', () => daily().length === before + 1, 60000);
        await moveTo(`${dayAfter(date, 2)}T07:01`);
        await quiet();
        assert.equal(daily().length, before + 1, 'nothing new: no mail');
        await tell('Bliver læst');
        await (await town.signIn('mette')).open(`/dialogue/${dialogue}`);
        await moveTo(`${dayAfter(date, 3)}T07:01`);
        await quiet();
        assert.equal(daily().length, before + 1, 'read meanwhile: no mail');
    });

    test('a server that was off at seven sends it when it is back, and not a second time', async () => {
        const date = `${year}-11-25`, before = daily().length;
        await moveTo(`${dayAfter(date, -1)}T20:00`);
        await tell('Mens I sov');
        await town.server.stop();
        await moveTo(`${date}T11:30`);
        await town.server.start();
        await until('the mail of the morning, late', () => daily().length === before + 1, 60000);
        await town.server.restart();
        await quiet();
        assert.equal(daily().length, before + 1);
    });
});

describe('the reminder of a consent', () => {
    const giver = 'emil@post.example';
    const reminders = () => office.of(giver).filter((one) => one.mail.subject.includes('venter på dit svar'));
    let place, proposal, end;

    /** What time brings to consents is looked at when the server starts, and every few minutes. */
    async function liveOn(local) {
        await town.server.stop();
        await moveTo(local);
        await town.server.start();
    }

    const daysBefore = (date, days) => `${dayAfter(date, -days)}T12:00`;

    async function agree(months) {
        const [anne, emil] = [await town.signIn('anne'), await town.signIn('emil')];
        proposal = await propose(anne, place, 'Rikke Vang', { relation: 'kontaktperson', purpose: 'Kanarie' });
        await answer(emil, proposal, 'all', months);
        // "…through 14 February": it is over as the day after begins.
        const [, last] = /(\d+\. \w+ \d{4})/.exec((await emil.get(`/consents/${proposal}`, { json: true })).json.status) ?? [];
        const [dayOfMonth, month, ofYear] = last.split(/\.? /);
        const names = ['januar', 'februar', 'marts', 'april', 'maj', 'juni', 'juli', 'august', 'september', 'oktober', 'november', 'december'];
        end = dayAfter(`${ofYear}-${String(names.indexOf(month) + 1).padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`);
    }

    before(async () => {
        await liveOn(`${year}-12-01T12:00`);
        const around = await circle({ as: (id) => town.signIn(id), person: (id) => town.person(id) }, 'Samtykke');
        place = around.dialogue;
        await confirmAddress(around.emil, office, giver);
        await mustAgree(around.anne, place, around.emil.name);
        await agree(3);
    });

    test('comes 30, 7 and 1 days before it runs out, once each, and tells neither whom nor what it is about', async () => {
        await liveOn(daysBefore(end, 31));
        await quiet();
        assert.equal(reminders().length, 0, 'not 31 days before');
        for (const [index, days] of [30, 7, 1].entries()) {
            await liveOn(daysBefore(end, days));
            await until(`the reminder ${days} days before`, () => reminders().length > index, 60000);
            await town.server.restart();
            if (days === 1) await quiet();
            assert.equal(reminders().length, index + 1, `once, ${days} days before`);
            const { mail } = reminders().at(-1);
            assert.doesNotMatch(mail.text + mail.html + mail.subject, /[Ss]amtykke|Emil|Rikke|Anne|[Kk]anarie/);
            assert.ok(Math.abs(Date.parse(mail.date) - danish(daysBefore(end, days))) < 600000, mail.date);
        }
    });

    test('whoever renews it is not reminded any more, until the new end is near', async () => {
        const before = reminders().length;
        await renew(await town.signIn('emil'), proposal, 3);
        await liveOn(`${end}T12:00`);
        await quiet();
        assert.equal(reminders().length, before, 'the old end passes in silence');
        assert.equal((await (await town.signIn('rikke')).get(`/dialogue/${place}`)).status, 200, 'and Rikke still takes part');
        const status = (await (await town.signIn('emil')).get(`/consents/${proposal}`, { json: true })).json;
        assert.ok(status.may_renew);
        await liveOn(`${dayAfter(end, 75)}T12:00`);
        await until('a reminder of the new end', () => reminders().length === before + 1, 60000);
    });

    test('a consent that was taken back reminds of nothing', async () => {
        const before = reminders().length;
        await withdraw(await town.signIn('emil'), proposal);
        await liveOn(`${dayAfter(end, 88)}T12:00`);
        await quiet();
        assert.equal(reminders().length, before);
    });

    test('the log holds after years of it', async () => {
        await town.server.stop();
        assert.equal((await town.server.verify()).code, 0);
    });
});
