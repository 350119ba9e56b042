// SPDX-License-Identifier: MPL-2.0
// People who take part and mean harm, or come back by another way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, accept, circle, exclude, invite, participants, startDialogue, write } from '../support/town.mjs';

let town, anne, emil, mette, karim, jonas;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
});
after(() => town?.close());

const status = async (person, dialogue) => (await person.get(`/dialogue/${dialogue}`)).status;

/** The records of a dialogue, oldest first. */
async function records(dialogue) {
    const rows = await town.server.sql(`SELECT kind, person, object, first_post, last_post FROM audit WHERE dialogue = ${dialogue} ORDER BY seq`);
    return rows.split('\n').filter(Boolean).map((row) => {
        const [kind, person, object, first, last] = row.split('|').map(Number);
        return { kind, person, object, first, last };
    });
}

async function writeAll(client, dialogue, texts) {
    const headers = { 'content-type': 'application/json', 'x-csrf-token': await client.csrf() };
    for (const text of texts) {
        const answer = await client.request('POST', `/dialogue/${dialogue}/post`, { json: true, headers, body: JSON.stringify({ text }) });
        assert.equal(answer.status, 200, answer.text.slice(0, 200));
    }
}

describe('somebody who writes as much as they can', () => {
    const longest = {
        'short links': 'www.a '.repeat(3333),
        'quotation marks': '"'.repeat(20000),
        'faces': '😀'.repeat(20000),
    };
    for (const [what, text] of Object.entries(longest)) {
        test(`closes the dialogue to nobody with fifty messages of ${what}`, async () => {
            const { dialogue } = await circle(town, `Langt: ${what}`);
            await write(anne, dialogue, 'Det vigtige');
            await writeAll(karim, dialogue, Array(50).fill(text));
            for (const json of [true, false]) assert.equal((await mette.get(`/dialogue/${dialogue}`, { json })).status, 200);
            const numbers = new Set();
            for (let before = 1000; before > 0;) {
                const answer = await mette.get(`/dialogue/${dialogue}/posts?before=${before}`, { json: true });
                assert.equal(answer.status, 200);
                for (const post of answer.json.posts) numbers.add(post.number);
                before = answer.json.older_before;
            }
            assert.equal(numbers.size, 51, 'every message can be reached');
            numbers.clear();
            for (let newer = 0; numbers.size < 51;) {
                const answer = await mette.get(`/dialogue/${dialogue}/posts?after=${newer}`, { json: true });
                assert.equal(answer.status, 200);
                for (const post of answer.json.posts) numbers.add(post.number);
                newer = answer.json.newer_after;
                if (!newer) break;
            }
            assert.equal(numbers.size, 51, 'forwards too');
        });
    }
});

describe('somebody who was excluded', () => {
    test('does not come back with a link that was made before', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'To links');
        const [first, second] = [await invite(anne, dialogue, { name: 'Karim Haddad' }), await invite(anne, dialogue, { name: 'Karim Haddad igen' })];
        await accept(karim, first);
        assert.equal(await status(karim, dialogue), 200);
        await exclude(anne, dialogue, 'Karim Haddad');
        const answer = await accept(karim, second);
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /før, du forlod dialogen/);
        assert.equal(await status(karim, dialogue), 404);
    });

    test('is out, however many invitations have run out', async () => {
        const { dialogue } = await circle(town, 'Mange gamle invitationer');
        const headers = { 'content-type': 'application/json', 'x-csrf-token': await anne.csrf() };
        for (let n = 0; n < 220; n++) {
            const body = JSON.stringify({ kind: 'relative', name: `Gæst ${n}`, relation: 'ven', email: 'gaest@post.example' });
            assert.equal((await anne.request('POST', `/dialogue/${dialogue}/invitations`, { json: true, headers, body })).status, 200);
            if (n % 49 === 48) await town.server.sql(`UPDATE invitation SET expires = 1 WHERE dialogue = ${dialogue}`);
        }
        await exclude(anne, dialogue, 'Karim Haddad');
        assert.equal(await status(karim, dialogue), 404);
    });

    test('comes back with a link that was made for them afterwards', async () => {
        const { dialogue } = await circle(town, 'Tilbage');
        await exclude(anne, dialogue, 'Karim Haddad');
        await accept(karim, await invite(anne, dialogue, { name: 'Karim Haddad' }));
        assert.equal(await status(karim, dialogue), 200);
    });

    test('has left no open link behind', async () => {
        const { dialogue } = await circle(town, 'Links efter Jonas');
        const { people } = await participants(anne, dialogue);
        const id = people.find((one) => one.name === jonas.name).person;
        await anne.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${id}/coordinator`, { value: '1' });
        const stranger = await town.as('stranger');
        const link = await invite(jonas, dialogue, { name: 'En bekendt' });
        const kept = await invite(anne, dialogue, { name: 'Farmor' });
        await exclude(anne, dialogue, jonas.name);
        const { invitations } = await participants(anne, dialogue);
        assert.deepEqual(invitations.map((one) => one.name), ['Farmor']);
        assert.ok([404, 410].includes((await stranger.get(link)).status));
        assert.equal((await stranger.get(kept)).status, 200);
    });
});

describe('an invitation', () => {
    test('that is for people with MitID says so to an employee', async () => {
        const { dialogue } = await circle(town, 'Til en medarbejder');
        const link = await invite(anne, dialogue, { name: 'Jonas Dam' });
        const answer = await jonas.submit(link, link, {});
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /MitID\. Du er logget/);
    });
});

describe('the log', () => {
    test('names a message that was shown as a quotation', async () => {
        const { dialogue } = await circle(town, 'Citater');
        await write(anne, dialogue, 'Hemmelig ét');
        await writeAll(anne, dialogue, Array(60).fill('Fyld'));
        await writeAll(mette, dialogue, ['Læst']);
        const csrf = await anne.csrf();
        const answer = await anne.post(`/dialogue/${dialogue}/post`, { csrf, text: 'Svar på den første', reply_to: '1' });
        assert.equal(answer.status, 303);
        const mark = (await records(dialogue)).length;
        const page = await karim.get(`/dialogue/${dialogue}/posts?before=63`);
        assert.ok(!page.text.includes('Hemmelig ét'));
        const shown = await karim.get(`/dialogue/${dialogue}/post/63`);
        assert.ok(shown.text.includes('Hemmelig ét'));
        const later = (await records(dialogue)).slice(mark);
        assert.ok(later.some((one) => one.first === 1 && one.last === 1), JSON.stringify(later));
        const again = (await records(dialogue)).length;
        const composer = await karim.get(`/dialogue/${dialogue}?at=63&reply=1`);
        assert.ok(composer.text.includes('Hemmelig ét'));
        assert.ok((await records(dialogue)).slice(again).some((one) => one.first === 1 && one.last === 1));
    });

    test('says nothing of an invitation that was not accepted', async () => {
        const { dialogue } = await circle(town, 'Ikke taget imod');
        const link = await invite(anne, dialogue, { name: 'Mette igen' });
        const count = async () => Number(await town.server.sql('SELECT count(*) FROM audit WHERE kind = 18'));
        const visitor = new (mette.constructor)(town.url);
        const before = await count();
        assert.equal((await visitor.submit(link, link, {})).status, 303);
        assert.equal(await count(), before, 'nobody was signed in');
        assert.equal((await mette.submit(link, link, {})).status, 303);
        assert.equal(await count(), before, 'she takes part already');
    });
});

describe('a dialogue of many messages', () => {
    test('can be read back to its beginning from wherever it was opened', async () => {
        const { dialogue } = await circle(town, 'Mange');
        await writeAll(anne, dialogue, Array.from({ length: 120 }, (_, n) => `Nr. ${n + 1}`));
        const answer = await anne.get(`/dialogue/${dialogue}?at=60`, { json: true });
        assert.equal(answer.status, 200);
        const [first] = answer.json.page.posts;
        assert.ok(first.number > 1);
        assert.equal(answer.json.page.older_before, first.number);
    });
});

describe('somebody who tries numbers', () => {
    test('is slowed down: an employee looks up a handful of citizens a minute, no more', async () => {
        const other = await Town.start({ settings: '[limit]\nperson = 0\nperson_writes = 0\naddress = 0\naddress_writes = 0\n' });
        try {
            const employee = await other.as('anne');
            const csrf = await employee.csrf();
            const tried = [];
            for (let n = 0; n < 25; n++) {
                const answer = await employee.post('/dialogue/new/citizen', { csrf, why: 'enquiry', cpr: `1203134${String(n).padStart(3, '0')}` });
                tried.push(answer.status);
            }
            assert.equal(tried[0], 200);
            assert.equal(tried.at(-1), 429);
            assert.equal((await employee.get('/')).status, 200, 'everything else goes on');
        } finally {
            await other.close();
        }
    });
});
