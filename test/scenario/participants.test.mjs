// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';
import { answer, mustAgree, propose } from '../support/consent.mjs';
import { Town, accept, addEmployee, circle, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas;
before(async () => {
    town = await Town.start({ clock: true });
    [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
});
after(() => town?.close());

const fresh = (topic = 'Trivsel') => startDialogue(anne, town.person('emil'), topic);
const status = async (person, dialogue) => (await person.get(`/dialogue/${dialogue}`)).status;

describe('invitations', () => {
    test('a link lets the one who first uses it in, and nobody after that', async () => {
        const dialogue = await fresh();
        const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
        assert.equal(await status(mette, dialogue), 404);
        assert.equal((await accept(mette, link)).status, 200);
        assert.equal(await status(mette, dialogue), 200);
        const again = await karim.get(link);
        assert.ok([404, 410].includes(again.status), String(again.status));
        const csrf = await karim.csrf();
        assert.ok([404, 410, 422].includes((await karim.post(link, { csrf })).status));
        assert.equal(await status(karim, dialogue), 404);
    });

    test('two people who press at the same moment: one comes in', async () => {
        const dialogue = await fresh();
        const link = await invite(anne, dialogue, { name: 'En gæst' });
        const pages = await Promise.all([mette.open(link), karim.open(link)]);
        await Promise.all([mette.submit(pages[0], link, {}), karim.submit(pages[1], link, {})]);
        const inside = [await status(mette, dialogue), await status(karim, dialogue)].sort();
        assert.deepEqual(inside, [200, 404]);
    });

    test('the page behind the link shows neither topic nor citizen before the person has come in', async () => {
        const dialogue = await fresh('Hemmeligt emne om skolen');
        const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
        for (const visitor of [new Client(town.url), mette]) {
            const { text } = await visitor.open(link);
            for (const word of ['Hemmeligt emne', 'Emil']) assert.ok(!text.includes(word), word);
        }
    });

    test('a link that was taken back opens nothing', async () => {
        const dialogue = await fresh();
        const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
        const page = await anne.open(`/dialogue/${dialogue}/participants`);
        assert.equal((await anne.submit(page, /\/revoke$/, {})).status, 303);
        assert.ok([404, 410].includes((await mette.get(link)).status));
        const pressed = await mette.post(link, { csrf: await mette.csrf() });
        assert.ok([404, 410, 422].includes(pressed.status), String(pressed.status));
        assert.equal(await status(mette, dialogue), 404);
    });

    test('a link is not for employees: they stand in the staff list', async () => {
        const dialogue = await fresh();
        const link = await invite(anne, dialogue, { name: 'Mette Østergaard' });
        assert.equal((await jonas.post(link, { csrf: await jonas.csrf() })).status, 422);
        assert.equal(await status(jonas, dialogue), 404);
        assert.equal((await accept(mette, link)).status, 200, 'and it was not used up');
    });

    test('a guessed or mangled link is 404 and says nothing', async () => {
        const link = await invite(anne, await fresh(), { name: 'Mette Østergaard' });
        const token = link.split('/').at(-1);
        for (const wrong of [`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, token.slice(1), `${token}A`, 'x', '%00', '..%2f..']) {
            const answer = await mette.get(`/invitation/${wrong}`);
            assert.ok(answer.status >= 400 && answer.status < 500, `${wrong}: ${answer.status}`);
        }
    });

    test('the citizen may invite a relative', async () => {
        const { dialogue } = await circle(town);
        const link = await invite(emil, dialogue, { name: 'Farmor Grethe', relation: 'farmor' });
        assert.match(link, /^\/invitation\//);
        assert.match((await new Client(town.url).get(link)).page.text(), /Emil Østergaard Lund inviterer dig med i en samtale/);
    });

    test('and nobody else: not a teacher from outside, and not as an employee', async () => {
        const { dialogue, emil, karim: teacher } = await circle(town), csrf = await emil.csrf();
        const asked = await emil.post(`/dialogue/${dialogue}/invitations`, { csrf, name: 'Ny lærer', email: 'l@post.example', relation: 'lærer', kind: 'external' });
        assert.equal(asked.status, 422);
        const before = await participants(anne, dialogue);
        assert.deepEqual(before.invitations, []);
        await invite(anne, dialogue, { name: 'Læreren' });
        const [{ id }] = (await participants(anne, dialogue)).invitations;
        for (const act of ['revoke', 'mail']) assert.equal((await emil.post(`/dialogue/${dialogue}/invitations/${id}/${act}`, { csrf })).status, 404, `nor does he ${act} what others have made`);
        assert.equal((await participants(anne, dialogue)).invitations.length, 1);
        const { person } = before.people.find((one) => one.name === teacher.name), other = await fresh();
        assert.equal((await anne.post(`/dialogue/${other}/participants/employee`, { csrf: await anne.csrf(), person, relation: 'kollega' })).status, 422);
        assert.equal(await status(teacher, other), 404);
    });

    test('an ordinary participant cannot invite, and does not see the links of others', async () => {
        const { dialogue } = await circle(town);
        await invite(anne, dialogue, { name: 'Ny Gæst', email: 'ny@post.example' });
        for (const person of [mette, karim]) {
            const page = await person.open(`/dialogue/${dialogue}/participants`);
            assert.ok(!page.text.includes('/invitation/'), 'no link is shown');
            const csrf = await person.csrf();
            const answer = await person.post(`/dialogue/${dialogue}/invitations`, { csrf, name: 'Min ven', email: 'ven@post.example', relation: 'ven', kind: 'relative' });
            assert.ok([403, 404].includes(answer.status), `${person.id}: ${answer.status}`);
        }
    });

    test('an address that is none, a missing name, an unknown kind: words that help, nothing made', async () => {
        const dialogue = await fresh();
        const good = { name: 'Mette', email: 'mette@post.example', relation: 'mor', kind: 'relative' };
        for (const wrong of [{ email: 'mette' }, { email: 'a@b.dk\r\nBcc: x@y.dk' }, { name: '' }, { kind: 'boss' }, { relation: 'x'.repeat(61) }]) {
            const answer = await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/invitations`, { ...good, ...wrong });
            assert.equal(answer.status, 422, JSON.stringify(wrong));
            assert.ok(answer.page.classed('form-error-message').length > 0, `a message for ${JSON.stringify(wrong)}`);
        }
        assert.equal((await participants(anne, dialogue)).invitations.length, 0);
    });
});

describe('an invitation with limits', () => {
    const day = (days) => new Date(Date.now() + days * 86400000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Copenhagen' });
    const said = (iso) => new Date(`${iso}T12:00`).toLocaleDateString('da-DK', { day: 'numeric', month: 'long', ...(iso.slice(0, 4) !== day(0).slice(0, 4) && { year: 'numeric' }) });
    const form = { name: 'Karim Haddad', email: 'karim@post.example', relation: 'klasselærer', kind: 'external', reading: '1' };
    const send = (dialogue, values) => anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/invitations`, { ...form, ...values });
    const reading = (page) => page.all('input').find((one) => attr(one, 'name') === 'reading');

    test('that is refused keeps the last day and that it is for reading only', async () => {
        const dialogue = await fresh();
        for (const wrong of [{ email: 'karim@post' }, { name: '' }]) {
            const { status: code, page } = await send(dialogue, { until: day(20), ...wrong });
            assert.equal(code, 422);
            assert.equal(attr(page.id('invite-until'), 'value'), day(20));
            assert.notEqual(attr(reading(page), 'checked'), undefined, 'still for reading only');
        }
        const { page } = await anne.open(`/dialogue/${dialogue}/participants`);
        assert.ok(!attr(page.id('invite-until'), 'value'), 'a new form is empty');
        assert.equal(attr(reading(page), 'checked'), undefined);
    });

    test('whose last day is over is refused at that field, and the day stays', async () => {
        const dialogue = await fresh(), { status: code, text, page } = await send(dialogue, { until: day(-2) });
        assert.equal(code, 422);
        assert.match(text, /for="invite-until">[^<]*<\/label>\s*<p class="form-error-message" role="alert">Den sidste dag er gået/);
        assert.equal(page.classed('form-error-message').length, 1, 'and not above as well');
        assert.equal(attr(page.id('invite-until'), 'value'), day(-2));
        assert.deepEqual((await participants(anne, dialogue)).invitations, []);
    });

    test('shows them where it waits and where its person takes part: to who invites, and to that person', async () => {
        const { dialogue } = await circle(town, 'Med grænser'), last = day(20), lone = await town.as('lone');
        const made = await send(dialogue, { name: 'Lone Bæk', relation: 'farmor', kind: 'relative', until: last });
        const page = await anne.open(made.headers.location);
        assert.match(page.page.text(), new RegExp(`Må være med til og med ${said(last)}`));
        const [waits] = (await participants(anne, dialogue)).invitations;
        assert.deepEqual([waits.last_day, waits.reads_only], [`Må være med til og med ${said(last)}`, true]);
        await accept(lone, new URL(waits.link).pathname);
        for (const person of [anne, emil, lone]) {
            const row = (await participants(person, dialogue)).people.find((one) => one.name === 'Lone Bæk');
            assert.deepEqual([row.last_day, row.reads_only], [`til og med ${said(last)}`, true], person.id);
            assert.match((await person.open(`/dialogue/${dialogue}/participants`)).page.text(), new RegExp(`til og med ${said(last)} · Må kun læse`));
        }
        const others = (await participants(mette, dialogue)).people;
        assert.deepEqual(others.map((one) => [one.last_day, one.reads_only]), others.map(() => ['', false]), 'nobody else is told');
        const own = (await participants(anne, dialogue)).people.filter((one) => one.name !== 'Lone Bæk');
        assert.deepEqual(own.map((one) => [one.last_day, one.reads_only]), own.map(() => ['', false]), 'and nobody else has limits');
    });
});

describe('taking part', () => {
    test('an employee found in the staff list comes in at once', async () => {
        const dialogue = await fresh();
        await addEmployee(anne, dialogue, 'Jonas Dam', 'skolens kontaktperson');
        assert.equal(await status(jonas, dialogue), 200);
        const { people } = await participants(jonas, dialogue);
        assert.equal(people.find((one) => one.name === 'Jonas Dam').relation, 'skolens kontaktperson');
    });

    test('citizens do not stand in the staff list', async () => {
        const dialogue = await fresh();
        const { json } = await anne.get(`/dialogue/${dialogue}/participants?search=Karim`, { json: true });
        assert.equal(json.found.length, 0);
    });

    test('everybody sees who takes part, with name, relation and role', async () => {
        const { dialogue } = await circle(town);
        for (const person of [anne, emil, mette, karim, jonas]) {
            const { people } = await participants(person, dialogue);
            assert.deepEqual(people.map((one) => one.name).sort(), ['Anne Kjær Holm', 'Emil Østergaard Lund', 'Jonas Dam', 'Karim Haddad', 'Mette Østergaard'].sort());
            for (const one of people) assert.ok(one.role.length > 2);
        }
    });

    test('a teacher who was excluded sees nothing from then on; what he wrote stays', async () => {
        const { dialogue } = await circle(town);
        const number = await write(karim, dialogue, 'Han trives bedst i små grupper');
        await exclude(anne, dialogue, 'Karim Haddad');
        for (const target of ['', '/participants', '/posts?after=0', `/post/${number}`, `/post/${number}/history`, `/post/${number}/edit`, '/live', '?at=1']) {
            assert.equal((await karim.get(`/dialogue/${dialogue}${target}`)).status, 404, target);
            assert.equal((await karim.get(`/dialogue/${dialogue}${target}`, { json: true })).status, 404, `JSON ${target}`);
        }
        assert.ok(!(await karim.get('/')).text.includes(dialogue), 'it is gone from his start page');
        const csrf = await karim.csrf();
        assert.equal((await karim.post(`/dialogue/${dialogue}/post`, { csrf, text: 'Endnu en' })).status, 404);
        assert.ok((await read(anne, dialogue)).some((post) => post.text === 'Han trives bedst i små grupper'));
        assert.ok((await participants(anne, dialogue)).former.some((one) => one.name === 'Karim Haddad'));
    });

    test('somebody who was excluded can be invited again', async () => {
        const { dialogue } = await circle(town);
        await exclude(anne, dialogue, 'Karim Haddad');
        await write(anne, dialogue, 'Mens han var væk');
        const answer = await accept(karim, await invite(anne, dialogue, { name: 'Karim Haddad', relation: 'klasselærer', kind: 'external' }));
        assert.equal(answer.status, 200);
        assert.equal(await status(karim, dialogue), 200);
    });

    test('excluding needs a reason', async () => {
        const { dialogue } = await circle(town);
        const { people } = await participants(anne, dialogue);
        const { person } = people.find((one) => one.name === 'Karim Haddad');
        const answer = await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/exclude`, { reason: '' });
        assert.equal(answer.status, 422);
        assert.equal(await status(karim, dialogue), 200);
    });

    test('only a coordinator excludes', async () => {
        const { dialogue } = await circle(town);
        const { people } = await participants(anne, dialogue);
        const { person } = people.find((one) => one.name === 'Karim Haddad');
        for (const other of [emil, mette, jonas]) {
            const csrf = await other.csrf();
            const answer = await other.post(`/dialogue/${dialogue}/participants/${person}/exclude`, { csrf, reason: 'Fordi' });
            assert.ok([403, 404].includes(answer.status), `${other.id}: ${answer.status}`);
        }
        assert.equal(await status(karim, dialogue), 200);
    });

    test('who leaves sees nothing from then on', async () => {
        const { dialogue } = await circle(town);
        assert.equal((await karim.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
        assert.equal(await status(karim, dialogue), 404);
    });
});

describe('coordinators', () => {
    test('there can be several, and the last one cannot leave or be taken away', async () => {
        const { dialogue } = await circle(town);
        const csrf = await anne.csrf();
        const refused = await anne.post(`/dialogue/${dialogue}/leave`, { csrf });
        assert.ok([403, 404, 409, 422].includes(refused.status), String(refused.status));
        assert.equal(await status(anne, dialogue), 200);

        const { people } = await participants(anne, dialogue);
        const id = people.find((one) => one.name === 'Jonas Dam').person;
        const made = await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${id}/coordinator`, { value: '1' });
        assert.equal(made.status, 303);
        assert.equal((await participants(jonas, dialogue)).may_invite, true);
        assert.equal((await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/leave`, {})).status, 303);
        assert.equal(await status(anne, dialogue), 404);
        const alone = await jonas.post(`/dialogue/${dialogue}/leave`, { csrf: await jonas.csrf() });
        assert.ok([403, 404, 409, 422].includes(alone.status), String(alone.status));
        assert.equal(await status(jonas, dialogue), 200);
    });

    test('two coordinators who leave at the same moment: one stays', async () => {
        const { dialogue } = await circle(town);
        const { people } = await participants(anne, dialogue);
        const id = people.find((one) => one.name === 'Jonas Dam').person;
        await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${id}/coordinator`, { value: '1' });
        const tokens = [await anne.csrf(), await jonas.csrf()];
        await Promise.all([anne.post(`/dialogue/${dialogue}/leave`, { csrf: tokens[0] }), jonas.post(`/dialogue/${dialogue}/leave`, { csrf: tokens[1] })]);
        assert.deepEqual([await status(anne, dialogue), await status(jonas, dialogue)].sort(), [200, 404]);
    });

    test('a citizen or a relative cannot become coordinator', async () => {
        const { dialogue } = await circle(town);
        const { people } = await participants(anne, dialogue);
        for (const name of ['Emil Østergaard Lund', 'Mette Østergaard', 'Karim Haddad']) {
            const id = people.find((one) => one.name === name).person;
            const answer = await anne.post(`/dialogue/${dialogue}/participants/${id}/coordinator`, { csrf: await anne.csrf(), value: '1' });
            assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`);
        }
        assert.equal((await participants(mette, dialogue)).may_invite, false);
    });

    test('the citizen cannot be excluded from the dialogue about themself', async () => {
        const { dialogue } = await circle(town);
        const { people } = await participants(anne, dialogue);
        const id = people.find((one) => one.name === 'Emil Østergaard Lund').person;
        const answer = await anne.post(`/dialogue/${dialogue}/participants/${id}/exclude`, { csrf: await anne.csrf(), reason: 'Nej' });
        assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
        assert.equal(await status(emil, dialogue), 200);
    });
});

describe('in time', () => {
    test('a page that stays open hears nothing more once its sign-in has run out', async () => {
        const dialogue = await fresh(), citizen = await town.signIn('emil');
        const stream = await citizen.stream(`/dialogue/${dialogue}/live`);
        assert.equal(stream.status, 200);
        await town.server.shiftClock('+3d');
        assert.ok(await Promise.race([stream.closed.then(() => true), new Promise((resolve) => setTimeout(resolve, 60000, false))]));
        await town.server.shiftClock('+0');
        anne = await town.signIn('anne');
    });

    test('a coordinator whose part is over is reminded no more of what is not filed', async () => {
        const dialogue = await fresh(), citizen = await town.signIn('emil'), number = await write(citizen, dialogue, 'Husk det her');
        await mustAgree(anne, dialogue, emil.name);
        await answer(citizen, await propose(anne, dialogue, jonas.name), 'all', 1);
        const { person } = (await participants(anne, dialogue)).people.find((one) => one.name === jonas.name);
        await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person}/coordinator`, { value: '1' });
        await anne.submit(`/dialogue/${dialogue}/post/${number}/important`, `/dialogue/${dialogue}/post/${number}/important`, { value: '1' });
        const reminded = async () => (await (await town.signIn('jonas')).get('/journal', { json: true })).json.late.map((one) => one.dialogue);
        await town.server.shiftClock('+20d');
        assert.deepEqual(await reminded(), [dialogue]);
        await town.server.shiftClock('+40d');
        assert.deepEqual(await reminded(), []);
        await town.server.shiftClock('+0');
        anne = await town.signIn('anne');
    });

    test('a page that stays open hears nothing more once its reader’s part is over, though their sign-in goes on', async () => {
        const dialogue = await fresh(), dayOf = (moment) => new Date(moment).toLocaleDateString('sv-SE', { timeZone: 'Europe/Copenhagen' });
        const last = dayOf(Date.now() + 86400000), relative = await town.signIn('mette');
        const made = await anne.post(`/dialogue/${dialogue}/invitations`, { csrf: await anne.csrf(), name: 'Kort', email: 'k@post.example', relation: 'moster', kind: 'relative', until: last });
        await accept(relative, new URL((await anne.open(made.headers.location)).page.id('link').attrs.find(({ name }) => name === 'value').value).pathname);
        let end = Math.floor(Date.now() / 60000) * 60000;
        while (dayOf(end) <= last) end += 60000;
        const at = (moment) => town.server.shiftClock(`+${Math.round((moment - Date.now()) / 1000)}`);
        await at(end - 300000);
        const reader = await town.signIn('mette'), stream = await reader.stream(`/dialogue/${dialogue}/live`);
        assert.equal(stream.status, 200);
        await at(end + 60000);
        assert.ok(await Promise.race([stream.closed.then(() => true), new Promise((resolve) => setTimeout(resolve, 60000, false))]));
        assert.equal((await reader.get('/')).status, 200);
        assert.equal(await status(reader, dialogue), 404);
        await town.server.shiftClock('+0');
        anne = await town.signIn('anne');
    });

    test('a link to a part that ends on a day lets nobody in after that day', async () => {
        const dialogue = await fresh(), last = new Date(Date.now() + 86400000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Copenhagen' });
        const made = await anne.post(`/dialogue/${dialogue}/invitations`, { csrf: await anne.csrf(), name: 'Kort', email: 'k@post.example', relation: 'moster', kind: 'relative', until: last });
        assert.equal(made.status, 303, made.page.text().slice(0, 300));
        const link = new URL((await anne.open(made.headers.location)).page.id('link').attrs.find(({ name }) => name === 'value').value).pathname;
        await town.server.shiftClock('+3d');
        const somebody = await town.signIn('karim');
        assert.equal((await somebody.post(link, { csrf: await somebody.csrf() })).status, 422);
        await town.server.shiftClock('+0');
        anne = await town.signIn('anne');
        const { people, former } = await participants(anne, dialogue);
        assert.ok(![...people, ...former].some((one) => one.name === somebody.name), 'nobody has come and gone');
    });

    test('a link expires after 30 days', async () => {
        const dialogue = await fresh();
        const [early, late] = [await invite(anne, dialogue, { name: 'Tidlig' }), await invite(anne, dialogue, { name: 'Sen' })];
        await town.server.shiftClock('+29d');
        assert.equal((await new Client(town.url).open(early)).status, 200);
        await town.server.shiftClock('+31d');
        assert.ok([404, 410].includes((await new Client(town.url).get(late)).status));
        const somebody = await town.signIn('karim'), pressed = await somebody.post(late, { csrf: await somebody.csrf() });
        assert.ok([404, 410, 422].includes(pressed.status), String(pressed.status));
        assert.equal(await status(somebody, dialogue), 404, 'nor does it let anybody in who has kept the page');
    });
});
