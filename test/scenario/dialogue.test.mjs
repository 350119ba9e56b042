// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';
import { Town, accept, addEmployee, circle, invite, read, startDialogue, write } from '../support/town.mjs';

let town, dialogue, anne, emil, mette, karim;
before(async () => {
    town = await Town.start({ clock: true });
    ({ dialogue, anne, emil, mette, karim } = await circle(town));
});
after(() => town?.close());

describe('writing and reading', () => {
    test('what the mother writes, everybody in the circle reads, with her name and her relation', async () => {
        await write(mette, dialogue, 'Han vil ikke i skole i dag. Jeg ved ikke, hvad jeg skal gøre 😔 æøå ÆØÅ');
        for (const reader of [anne, emil, mette, karim]) {
            const post = (await read(reader, dialogue)).at(-1);
            assert.equal(post.text, 'Han vil ikke i skole i dag. Jeg ved ikke, hvad jeg skal gøre 😔 æøå ÆØÅ');
            assert.equal(post.author, 'Mette Østergaard');
            assert.equal(post.relation, 'mor');
            const { page } = await reader.get(`/dialogue/${dialogue}`);
            assert.match(page.text(page.id(`post-${post.number}`)), /Han vil ikke i skole i dag\. .*😔 æøå ÆØÅ/);
        }
    });

    test('a page and its JSON say the same', async () => {
        const posts = await read(karim, dialogue);
        const { page } = await karim.get(`/dialogue/${dialogue}`);
        const shown = page.classed('post');
        assert.deepEqual(shown.map((node) => attr(node, 'id')), posts.map((post) => `post-${post.number}`));
        shown.forEach((node, index) => {
            assert.equal(page.text(page.classed('post__body', node)[0]), posts[index].text.replace(/\s+/g, ' '));
        });
    });

    test('markup that somebody types is shown as text and never runs', async () => {
        const hostile = '<script>alert(1)</script> <img src=x onerror=alert(1)> [her](javascript:alert(1)) "\'& </textarea>';
        const number = await write(mette, dialogue, hostile);
        const { page } = await anne.get(`/dialogue/${dialogue}`);
        const body = page.classed('post__body', page.id(`post-${number}`))[0];
        assert.equal(page.all((node) => ['script', 'img'].includes(node.tagName), body).length, 0);
        assert.equal(page.all('a', body).filter((a) => !/^https?:|^mailto:/.test(attr(a, 'href'))).length, 0);
        assert.match(page.text(body), /<script>alert\(1\)<\/script>/);
    });

    test('paragraphs, lists and emphasis are shown as such, and a link shows its full address', async () => {
        const number = await write(anne, dialogue, 'Vi aftaler:\n\n- møde fredag\n- ring til *skolen*\n\nSe https://www.borger.dk/skole?a=1&b=2');
        const { page } = await mette.get(`/dialogue/${dialogue}`);
        const body = page.classed('post__body', page.id(`post-${number}`))[0];
        assert.equal(page.all('li', body).length, 2);
        const link = page.one('a', body);
        assert.equal(attr(link, 'href'), 'https://www.borger.dk/skole?a=1&b=2');
        assert.equal(page.text(link), 'https://www.borger.dk/skole?a=1&b=2');
    });

    test('a link cannot hide where it goes behind other words', async () => {
        const number = await write(anne, dialogue, '[borger.dk](https://svindel.example/login)');
        const { page } = await mette.get(`/dialogue/${dialogue}`);
        assert.match(page.text(page.classed('post__body', page.id(`post-${number}`))[0]), /https:\/\/svindel\.example\/login/);
    });

    test('an empty message is refused with words that help, and nothing is written', async () => {
        const count = (await read(anne, dialogue)).length;
        const answer = await anne.submit(`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, { text: '   \n ' });
        assert.equal(answer.status, 422);
        assert.ok(answer.page.classed('form-error-message').length > 0, answer.page.text());
        assert.equal((await read(anne, dialogue)).length, count);
    });

    test('a message of 20,000 characters arrives whole, a longer one is refused and not lost', async () => {
        const long = 'Ærlig snak. '.repeat(1666) + 'Slut!!!!';
        assert.equal(long.length, 20000);
        await write(mette, dialogue, long);
        assert.equal((await read(anne, dialogue)).at(-1).text, long);
        const answer = await mette.submit(`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, { text: `${long}!` });
        assert.equal(answer.status, 422);
        assert.ok(answer.text.includes('Ærlig snak.'), 'what was typed is still in the box');
    });

    test('sending the same form twice writes once', async () => {
        const page = await mette.open(`/dialogue/${dialogue}`);
        const form = page.page.form(`/dialogue/${dialogue}/post`);
        const fields = { ...form.values, text: 'Trykkede jeg to gange?' };
        const answers = await Promise.all([mette.post(form.action, fields), mette.post(form.action, fields)]);
        for (const answer of answers) assert.equal(answer.status, 303);
        assert.equal((await mette.post(form.action, fields)).status, 303);
        assert.equal((await read(anne, dialogue)).filter((post) => post.text === 'Trykkede jeg to gange?').length, 1);
    });

    test('an answer shows what it answers', async () => {
        const number = await write(anne, dialogue, 'Hvornår passer det?');
        const asked = await mette.open(`/dialogue/${dialogue}?reply=${number}`);
        const answer = await mette.submit(asked, `/dialogue/${dialogue}/post`, { text: 'Fredag klokken ni' });
        assert.equal(answer.status, 303);
        const post = (await read(anne, dialogue)).at(-1);
        assert.equal(Number(post.reply_to), number);
        const { page } = await anne.get(`/dialogue/${dialogue}`);
        const quote = page.classed('quote', page.id(`post-${post.number}`))[0];
        assert.match(page.text(quote), /Anne Kjær Holm.*Hvornår passer det\?/);
    });

    test('an answer to a message that is not there is refused', async () => {
        const answer = await mette.submit(`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, { text: 'Hej', reply_to: '99999' });
        assert.ok([404, 422].includes(answer.status), String(answer.status));
    });
});

describe('the menu of a message', () => {
    const items = ({ page }) => page.classed('menu__item', page.id('main')).map((node) => attr(node, 'href'));

    test('is a page that says which message it is about and what one can do with it', async () => {
        const number = await write(mette, dialogue, 'Kan vi rykke mødet?');
        const link = (await anne.get(`/dialogue/${dialogue}`)).page.one((node) => attr(node, 'href') === `/dialogue/${dialogue}/post/${number}/menu`);
        assert.equal(attr(link, 'aria-label'), 'Mere om beskeden');
        const others = await anne.get(attr(link, 'href'));
        assert.equal(others.status, 200);
        assert.match(others.page.text(), /Mette Østergaard Kan vi rykke mødet\?/);
        assert.deepEqual(items(others).slice(0, 2), [`/dialogue/${dialogue}?reply=${number}#composer`, `/dialogue/${dialogue}?at=${number}#post-${number}`]);
        assert.ok(items(await mette.get(attr(link, 'href'))).includes(`/dialogue/${dialogue}/post/${number}/edit`), 'who wrote it can change it');
    });

    test('comes alone, without the page around it, when the page asks for it', async () => {
        const number = await write(mette, dialogue, 'Tak for i dag');
        const { text, page } = await mette.get(`/dialogue/${dialogue}/post/${number}/menu`, { headers: { 'HX-Request': 'true' } });
        assert.ok(page.classed('menu__item').length >= 3);
        assert.doesNotMatch(text, /<html|Tak for i dag/);
    });

    test('is not there for a message that is not there', async () => {
        assert.equal((await anne.get(`/dialogue/${dialogue}/post/99999/menu`)).status, 404);
    });
});

describe('changing a message', () => {
    test('within five minutes; the earlier text is kept and everybody sees that it was changed', async () => {
        const number = await write(mette, dialogue, 'Vi ses torsdag');
        const answer = await mette.submit(`/dialogue/${dialogue}/post/${number}/edit`, `/dialogue/${dialogue}/post/${number}/edit`, { text: 'Vi ses fredag' });
        assert.equal(answer.status, 303);
        const post = (await read(karim, dialogue)).find((one) => Number(one.number) === number);
        assert.equal(post.text, 'Vi ses fredag');
        assert.equal(post.edited, true);
        const { json } = await karim.get(`/dialogue/${dialogue}/post/${number}/history`, { json: true });
        assert.deepEqual(json.versions.map((one) => one.text), ['Vi ses fredag', 'Vi ses torsdag']);
    });

    test('nobody can change what somebody else wrote', async () => {
        const number = await write(mette, dialogue, 'Det her er mine ord');
        for (const other of [anne, emil, karim]) {
            const page = await other.get(`/dialogue/${dialogue}/post/${number}/edit`);
            assert.ok([403, 404].includes(page.status), `GET gave ${page.status}`);
            const csrf = (await other.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.csrf;
            const posted = await other.post(`/dialogue/${dialogue}/post/${number}/edit`, { csrf, text: 'Andre ord' });
            assert.ok([403, 404].includes(posted.status), `POST gave ${posted.status}`);
        }
        assert.equal((await read(anne, dialogue)).find((one) => Number(one.number) === number).text, 'Det her er mine ord');
    });

    test('after five minutes it stands as it is', async () => {
        const number = await write(mette, dialogue, 'Det bliver stående');
        const edit = await mette.open(`/dialogue/${dialogue}/post/${number}/edit`);
        await town.server.shiftClock('+4m');
        assert.equal((await mette.submit(edit, `/dialogue/${dialogue}/post/${number}/edit`, { text: 'Det bliver her' })).status, 303);
        await town.server.shiftClock('+6m');
        const late = await mette.submit(edit, `/dialogue/${dialogue}/post/${number}/edit`, { text: 'For sent' });
        assert.ok([403, 404, 409, 422].includes(late.status), String(late.status));
        assert.equal((await read(anne, dialogue)).find((one) => Number(one.number) === number).text, 'Det bliver her');
        assert.equal((await read(mette, dialogue)).find((one) => Number(one.number) === number).may_edit, false);
        await town.server.shiftClock('+0');
    });
});

describe('finding one’s way in a long dialogue', () => {
    let long;
    before(async () => {
        long = await startDialogue(anne, town.person('emil'), 'En lang historie');
        for (let number = 1; number <= 120; number++) await write(anne, long, `Besked nummer ${number}`);
    });

    test('the page holds the newest fifty; older ones come fifty at a time', async () => {
        let posts = await read(anne, long);
        assert.deepEqual([posts.length, posts[0].text, posts.at(-1).text], [50, 'Besked nummer 71', 'Besked nummer 120']);
        const older = (await anne.get(`/dialogue/${long}?before=${posts[0].number}`, { json: true })).json.page;
        assert.deepEqual([older.posts.length, older.posts[0].text], [50, 'Besked nummer 21']);
        posts = (await anne.get(`/dialogue/${long}?before=${older.posts[0].number}`, { json: true })).json.page.posts;
        assert.deepEqual([posts.length, posts[0].text], [20, 'Besked nummer 1']);
        const { page } = await anne.get(`/dialogue/${long}`);
        assert.ok(page.links.some((link) => link.href.includes('?before=')), 'a link to older messages that works without JavaScript');
    });

    test('a permanent link shows the message that it names', async () => {
        const { page } = await anne.get(`/dialogue/${long}?at=33`);
        assert.match(page.text(page.id('post-33')), /Besked nummer 33/);
    });

    test('somebody who comes later starts at the oldest message they have not seen, and goes on from there the next time', async () => {
        const unread = async () => Number((await emil.get('/', { json: true })).json.dialogues.find((one) => one.id === long).unread);
        assert.equal(await unread(), 120);
        assert.equal((await read(emil, long))[0].text, 'Besked nummer 1');
        assert.equal(await unread(), 70);
        const { page } = await emil.open(`/dialogue/${long}`);
        assert.match(page.text(page.id('post-51')), /Besked nummer 51/);
        assert.ok(page.id('new'), 'the line "new since last time"');
        await emil.open(`/dialogue/${long}`);
        assert.equal(await unread(), 0);
        await write(anne, long, 'Og én til');
        const start = (await emil.get('/', { json: true })).json.dialogues.find((one) => one.id === long);
        assert.equal(Number(start.unread), 1);
        assert.equal(start.last_author, 'Anne Kjær Holm');
    });

    test('a number that is no message is answered politely', async () => {
        for (const query of ['before=0', 'before=-1', 'at=99999999999999999999', 'at=x', 'before=1&before=2', 'unknown=1']) {
            const { status } = await anne.get(`/dialogue/${long}?${query}`);
            assert.ok(status >= 200 && status < 500, `${query}: ${status}`);
        }
    });
});

describe('the start page', () => {
    test('shows my dialogues with what is new first, who wrote last, and how many are unread', async () => {
        const other = await startDialogue(anne, town.person('emil'), 'Fritidsjob');
        await write(anne, other, 'Der er en plads i køkkenet');
        const { json } = await emil.get('/', { json: true });
        assert.equal(json.dialogues[0].id, other);
        assert.equal(json.dialogues[0].topic, 'Fritidsjob');
        assert.equal(Number(json.dialogues[0].unread), 1);
        assert.equal(json.dialogues[0].last_author, 'Anne Kjær Holm');
        const { page } = await emil.get('/');
        assert.match(page.text(page.classed('list__item')[0]), /Fritidsjob.*Anne Kjær Holm.*1/);
    });

    test('reading a dialogue makes it read, for me and nobody else', async () => {
        const number = await write(mette, dialogue, 'Er der nogen?');
        assert.ok(number > 0);
        await emil.open(`/dialogue/${dialogue}`);
        const unread = async (person) => Number((await person.get('/', { json: true })).json.dialogues.find((one) => one.id === dialogue).unread);
        assert.equal(await unread(emil), 0);
        assert.ok(await unread(karim) > 0);
    });

    test('somebody without dialogues is told what to do', async () => {
        const stranger = await town.as('stranger');
        const { page } = await stranger.get('/');
        assert.equal(page.classed('empty').length, 1);
    });
});

describe('drafts', () => {
    test('what was being written comes back, also after signing in again', async () => {
        const karim2 = await town.signIn('karim');
        const csrf = (await karim2.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.csrf;
        const saved = await karim2.post(`/dialogue/${dialogue}/draft`, { csrf, text: 'Jeg tænkte på, om' });
        assert.deepEqual([saved.status, saved.headers.location], [303, `/dialogue/${dialogue}`], 'a page that has to be left is loaded anew');
        const again = await town.signIn('karim');
        assert.equal((await again.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.text, 'Jeg tænkte på, om');
        assert.notEqual((await mette.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.text, 'Jeg tænkte på, om');
    });

    test('a text that is sent after the session ran out is shown once more, to copy, and the way leads back to where it was written', async () => {
        const text = 'Kære alle\n\nDet her tog mig fyrre minutter, og "bremserne" hviner <stadig>.';
        const mette2 = await town.signIn('mette');
        for (const [path, action, fields] of [[`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, {}], ['/write', '/write', { topic: 'Trappen' }]]) {
            const { values } = (await mette2.open(path)).page.form(action, 'text');
            const stranger = new Client(town.url);
            await stranger.get('/login');
            const answer = await stranger.post(action, { ...values, ...fields, text });
            assert.equal(answer.status, 401);
            assert.equal(answer.page.id('kept').childNodes.map((child) => child.value).join(''), text);
            assert.ok(answer.page.links.some((link) => link.href === `/login?next=${encodeURIComponent(path)}`), `${action} leads back to ${path}`);
        }
        assert.ok(!(await read(anne, dialogue)).some((post) => post.text.includes('fyrre minutter')));
    });

    test('and so is one from a page of before the last sign-in; what another site sends is not', async () => {
        const { values } = (await mette.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`);
        const mette2 = await town.signIn('mette');
        const old = await mette2.post(`/dialogue/${dialogue}/post`, { ...values, text: 'Fra den gamle fane' });
        assert.equal(old.status, 403);
        assert.equal(old.page.text(old.page.id('kept')), 'Fra den gamle fane');
        assert.ok(old.page.links.some((link) => link.href === `/dialogue/${dialogue}`));
        const foreign = await mette2.post(`/dialogue/${dialogue}/post`, { ...values, text: 'Ring til os på 90 00 00 00' }, { headers: { origin: 'https://svindel.example' } });
        assert.equal(foreign.status, 403);
        assert.ok(!foreign.text.includes('90 00 00 00'));
        const program = await mette2.postJson(`/dialogue/${dialogue}/post`, { text: 'Fra et program' }, { headers: { 'x-csrf-token': 'gammelt' } });
        assert.ok(program.status === 403 && !program.text.includes('Fra et program'));
    });

    test('a message that was sent leaves no draft behind', async () => {
        const csrf = (await karim.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.csrf;
        await karim.post(`/dialogue/${dialogue}/draft`, { csrf, text: 'Udkast' });
        await write(karim, dialogue, 'Færdig');
        assert.equal((await karim.open(`/dialogue/${dialogue}`)).page.form(`/dialogue/${dialogue}/post`).values.text, '');
    });
});

describe('starting a dialogue', () => {
    test('a citizen is found by name and birth date together, never by one of them or by a part', async () => {
        for (const fields of [
            { name: 'Emil', birth: '12-03-2013' },
            { name: 'Emil Østergaard Lund', birth: '12-03-2012' },
            { name: '%', birth: '12-03-2013' },
            { name: 'Emil Østergaard Lund', birth: '' },
        ]) {
            const answer = await anne.submit('/dialogue/new', '/dialogue/new/citizen', { why: 'enquiry', ...fields });
            assert.ok(!answer.text.includes('name="topic"'), `${JSON.stringify(fields)} found somebody`);
        }
    });

    test('who starts one is told that the citizen has read nothing yet, and gets the address to pass on; until the citizen has', async () => {
        const started = await startDialogue(anne, town.person('emil'), 'En ny begyndelse');
        const address = `${town.server.url}/dialogue/${started}`;
        const hint = /Emil Østergaard Lund har ikke læst noget her endnu/;
        const addressFor = async (who) => (await who.get(`/dialogue/${started}/participants`, { json: true })).json.people.map((one) => one.address).join('');
        await addEmployee(anne, started, 'Jonas Dam', 'klasselærer');
        await write(anne, started, 'Velkommen');
        assert.match((await anne.open(`/dialogue/${started}`)).page.text(), hint);
        const { page } = await anne.open(`/dialogue/${started}/participants`);
        assert.equal(attr(page.id('address'), 'value'), address);
        assert.match(page.text(), /Send adressen til Emil Østergaard Lund/);
        const jonas = await town.as('jonas');
        assert.equal(await addressFor(jonas), '', 'it is for who runs the dialogue');
        assert.doesNotMatch((await jonas.open(`/dialogue/${started}`)).page.text(), hint);
        assert.equal((await emil.open(new URL(address).pathname)).status, 200);
        assert.equal(await addressFor(anne), '');
        assert.doesNotMatch((await anne.open(`/dialogue/${started}`)).page.text(), hint);
    });

    test('a birth date may be typed as a phone’s number keys can, and as it is pasted', async () => {
        for (const birth of ['12032013', ' 12-03-2013 ', '12. 03. 2013', '12/3-2013', '2013-03-12']) {
            const found = await anne.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { name: 'Emil Østergaard Lund', birth, why: 'enquiry' });
            assert.match(found.page.text(), /Emil Østergaard Lund/, birth);
        }
    });

    test('a citizen is found by the whole CPR number', async () => {
        const found = await anne.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { cpr: town.person('emil').cpr, why: 'enquiry' });
        assert.match(found.page.text(), /Emil Østergaard Lund/);
        const none = await anne.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { cpr: '1203134112', why: 'enquiry' });
        assert.ok(!none.page.text().includes('Emil'));
    });

    test('a citizen cannot start a dialogue or look others up', async () => {
        for (const target of ['/dialogue/new']) assert.ok([403, 404].includes((await mette.get(target)).status));
        const csrf = await mette.csrf();
        for (const [target, fields] of [['/dialogue/new/citizen', { name: 'Emil Østergaard Lund', birth: '12-03-2013', why: 'enquiry' }], ['/dialogue/new', { citizen: '1', topic: 'Hej', relation: 'mor' }]]) {
            const answer = await mette.post(target, { ...fields, csrf });
            assert.ok([403, 404].includes(answer.status), `${target}: ${answer.status}`);
        }
    });

    test('the proof that a citizen was found is no use to another employee', async () => {
        const found = await anne.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { cpr: town.person('emil').cpr, why: 'enquiry' });
        const { citizen } = found.page.form('/dialogue/new').values;
        const jonas = await town.as('jonas');
        const answer = await jonas.post('/dialogue/new', { csrf: await jonas.csrf(), citizen, topic: 'Snageri', relation: 'x' });
        assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
    });
});

describe('what waits for an answer', () => {
    test('an employee sees what waits for an answer in the unit, and for how long', async () => {
        await write(mette, dialogue, 'Hvem ringer til mig?');
        await town.server.shiftClock('+3h');
        const again = await town.signIn('anne');
        const { json } = await again.get('/', { json: true });
        const waiting = json.waiting.find((one) => one.id === dialogue);
        assert.ok(waiting, JSON.stringify(json.waiting));
        assert.ok(Math.abs(Date.now() - Date.parse(waiting.since)) < 60000, waiting.since);
        const { page } = await again.get('/');
        assert.match(page.text(page.classed('waiting')[0]), /3 timer/);
    });

    test('where somebody has waited long for a coordinator who is away, colleagues see so, and who answers meanwhile', async () => {
        const shown = async () => {
            const rikke = await town.signIn('rikke');
            assert.ok((await rikke.get('/', { json: true })).json.waiting.length > 0);
            const { page } = await rikke.get('/');
            return page.text(page.classed('waiting')[0]);
        };
        const day = (days) => new Date(Date.now() + days * 86400000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Copenhagen' });
        const away = await town.signIn('anne');
        const { deputies } = (await away.get('/absence', { json: true })).json;
        const deputy = deputies.find((one) => one.name === town.person('rikke').name).id;
        assert.equal((await away.submit('/absence', '/absence', { first: day(0), last: day(9), deputy })).status, 303);
        assert.doesNotMatch(await shown(), /er væk/, 'nobody has waited long yet');
        await town.server.shiftClock('+75h');
        assert.match(await shown(), /Anne Kjær Holm er væk til og med .*Rikke Vang svarer imens/);
        await town.server.shiftClock('+240h');
        assert.doesNotMatch(await shown(), /er væk/, 'she is back');
        await town.server.shiftClock('+3h');
    });

    describe('and what does not', () => {
        let coordinator, family;
        const waits = async (one) => (await coordinator.get('/', { json: true })).json.waiting.find((row) => row.id === one);
        before(async () => { [coordinator, family] = [await town.signIn('anne'), await town.signIn('mette')]; });
        async function asked(topic, ...texts) {
            const one = await startDialogue(coordinator, town.person('emil'), topic);
            await accept(family, await invite(coordinator, one, { name: 'Mette Østergaard' }));
            const numbers = [];
            for (const text of texts) numbers.push(await write(family, one, text));
            return [one, ...numbers];
        }
        const hide = async (one, number) => {
            const page = `/dialogue/${one}/post/${number}/hide`;
            assert.equal((await coordinator.submit(page, page, { reason: 'Et navn' })).status, 303);
        };

        test('a closed dialogue waits for nobody; opened again it waits since the same message', async () => {
            const [one] = await asked('Lukket og venter', 'Tak for hjælpen');
            const { since } = await waits(one), path = `/dialogue/${one}`;
            assert.equal((await coordinator.submit(`${path}/close`, `${path}/close`, { reason: 'Planen er færdig' })).status, 303);
            assert.equal(await waits(one), undefined);
            assert.equal((await coordinator.submit(`${path}/closed`, `${path}/reopen`, {})).status, 303);
            assert.equal((await waits(one)).since, since);
        });

        test('nobody waits for an answer to a message that is hidden, until it is shown again', async () => {
            const [one, first, second] = await asked('Skjult og venter', 'Navnet på en anden', 'Hvornår ringer I?');
            const { since } = await waits(one);
            await hide(one, first);
            assert.ok(Date.parse((await waits(one)).since) > Date.parse(since), 'only for the one that can be read');
            await hide(one, second);
            assert.equal(await waits(one), undefined);
            assert.equal((await coordinator.submit(`/dialogue/${one}/post/${first}/hidden`, /\/unhide$/, {})).status, 303);
            assert.equal((await waits(one)).since, since);
            await write(coordinator, one, 'I morgen kl. 9');
            await hide(one, first);
            assert.equal(await waits(one), undefined, 'what was answered does not wait again');
            assert.equal((await coordinator.submit(`/dialogue/${one}/post/${second}/hidden`, /\/unhide$/, {})).status, 303);
            assert.equal(await waits(one), undefined);
        });
    });
});
