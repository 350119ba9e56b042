// SPDX-License-Identifier: MPL-2.0
// "From today" tells nothing of what came before, not even how much it was. Two dialogues that differ in just that, 2 messages in one and 41 in the other, are one and
// the same to Jonas, who came today: whatever he can fetch of the one, he is given of the other, byte for byte but for ids and times.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attr } from '../support/html.mjs';
import { until } from '../support/server.mjs';
import { send, upload } from '../support/files.mjs';
import { dataOf, folderOf } from '../support/folder.mjs';
import { Town, accept, exclude, invite, participants, read, startDialogue, write } from '../support/town.mjs';
import { answer, mustAgree, propose } from '../support/consent.mjs';

const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let town, anne, emil, mette, jonas;
const both = [{ name: 'A', earlier: 2 }, { name: 'B', earlier: 41 }];

async function prepare(one) {
    one.id = await startDialogue(anne, town.person('emil'), `Prøvesamtale ${one.name}`);
    await accept(mette, await invite(anne, one.id, { name: 'Mette Østergaard', relation: 'mor' }));
    for (let i = 0; i < one.earlier; i++) await write(i % 2 ? mette : anne, one.id, 'Før i tiden');
    await mustAgree(anne, one.id, emil.name);
    one.past = (await emil.get(`/log?dialogue=${one.id}`, { json: true })).json.entries.find(({ sentence }) => !sentence.startsWith(anne.name)).record;
    await answer(emil, await propose(anne, one.id, jonas.name), 'today');
}

async function goOn(one) {
    const first = await write(mette, one.id, 'Ny besked et om skoven');
    await write(anne, one.id, 'Svar på noget gammelt', { reply_to: String(one.earlier) });
    await write(anne, one.id, 'Svar på noget nyt', { reply_to: String(first) });
    await send(mette, one.id, 'Med billede', (await upload(mette, one.id, 'skov.png', picture)).id);
    const hidden = await write(mette, one.id, 'Skal skjules');
    await anne.submit(`/dialogue/${one.id}/post/${hidden}/hide`, `/dialogue/${one.id}/post/${hidden}/hide`, { reason: 'En fejl' });
    await anne.submit(`/dialogue/${one.id}/post/${first}/important`, `/dialogue/${one.id}/post/${first}/important`, { value: '1' });
    one.first = first;
}

before(async () => {
    town = await Town.start();
    [anne, emil, mette, jonas] = await Promise.all(['anne', 'emil', 'mette', 'jonas'].map((id) => town.as(id)));
    for (const one of both) await prepare(one);
    for (const one of both) await goOn(one);
});
after(() => town?.close());

/** A page without what may differ: ids, times, keys. */
function plain(text, one) {
    return text.replaceAll(one.id, 'DIALOGUE').replace(/(\/log\/|"record":")\d+/g, '$1RECORD').replace(/data-seconds="\d+"/g, '').replace(/Prøvesamtale [AB]/g, 'Prøvesamtale').replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, 'INSTANT')
        .replace(/\b\d\d[.:]\d\d\b/g, 'CLOCK').replace(/(csrf|key|version|until|nonce)("[^>]*?value="|":\s*"?)[^",]*/g, '$1$2X').replace(/[0-9a-f]{32,}/g, 'HEX')
        .replace(/[A-Za-z0-9_-]{40,}/g, 'TOKEN').replace(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b/g, 'CODE').replace(/\b\d{10,}\b/g, 'ID');
}

async function same(path, options) {
    const got = [];
    for (const one of both) got.push(await jonas.get(path(one), options));
    assert.equal(got[0].status, got[1].status, path(both[0]));
    assert.equal(plain(got[0].text, both[0]), plain(got[1].text, both[1]), `${path(both[0])} and ${path(both[1])}`);
    return got;
}

const linksOf = (page) => page.all((node) => ['href', 'src', 'hx-get', 'sse-connect'].some((name) => attr(node, name)))
    .flatMap((node) => ['href', 'src', 'hx-get'].map((name) => attr(node, name)).filter(Boolean)).map((link) => link.split('#')[0]);

/** Follows every link of both dialogues, side by side. */
async function walk(begin) {
    const waiting = [begin], known = new Set();
    let pages = 0;
    while (waiting.length > 0) {
        const pair = waiting.shift(), name = plain(pair[0], both[0]);
        if (known.has(name)) continue;
        known.add(name);
        for (const json of [false, true]) {
            const got = await same((one) => pair[both.indexOf(one)], { json });
            pages++;
            if (json || !got[0].headers['content-type']?.includes('html')) continue;
            const links = got.map((one) => linksOf(one.page));
            links[0].forEach((link, index) => link.startsWith('/dialogue/') && link.includes(both[0].id) && waiting.push([link, links[1][index]]));
        }
    }
    return { pages, known };
}

function tellsTheSame(word) {
    test(`${word}: every page, list, fragment and picture that can be reached by links`, async () => {
        const { pages, known } = await walk(both.map((one) => `/dialogue/${one.id}`));
        assert.ok(pages > 40, `${pages} pages`);
        for (const part of ['print', 'search', 'people', 'post/1/menu', 'post/1/readers', 'file/'])
            assert.ok([...known].some((name) => name.includes(part)), `${part} was among them: ${[...known].join(' ')}`);
    });

    test(`${word}: whatever number is tried in an address`, async () => {
        for (const number of [1, 2, 3, 5, 6, 7, 12, 40, 41, 42, 43, 48, 90]) {
            for (const rest of ['', '/menu', '/readers', '/history', '/hidden', '/hide', '/original', '/edit', '/important'])
                await same((one) => `/dialogue/${one.id}/post/${number}${rest}`);
            for (const rest of ['?at=', '?before=', '?reply=', '/posts?after=', '/posts?before=', '/print?first=', '/print?last=', '/journal/new?post='])
                await same((one) => `/dialogue/${one.id}${rest}${number}`, { json: true });
        }
    });

    test(`${word}: search, in one dialogue and in all`, async () => {
        const [got] = await same((one) => `/dialogue/${one.id}/search?q=skoven`, { json: true });
        assert.equal(got.json.hits.length, 1);
        assert.equal(got.json.hits[0].number, 1);
        const { hits } = (await jonas.get('/search?q=skoven', { json: true })).json;
        assert.deepEqual(hits.map((hit) => hit.number), [1, 1]);
    });

    test(`${word}: the start page`, async () => {
        const { dialogues } = (await jonas.get('/', { json: true })).json;
        const lines = both.map((one) => plain(JSON.stringify(dialogues.find((line) => line.id === one.id)), one).replace(/"last_at":[^,]*/, ''));
        assert.equal(lines[0], lines[1]);
    });
}

describe('to who came today, a dialogue is what was written since:', () => {
    tellsTheSame('an employee');

    test('live events tell numbers as they count, and those who were there before hear the others', async () => {
        const heard = [];
        for (const one of both) heard.push(await jonas.stream(`/dialogue/${one.id}/live`));
        const old = await mette.stream(`/dialogue/${both[1].id}/live`);
        for (const one of both) {
            const number = await write(mette, one.id, 'Hør her');
            await mette.submit(`/dialogue/${one.id}/post/${number}/edit`, `/dialogue/${one.id}/post/${number}/edit`, { text: 'Hør nu her' });
            await jonas.open(`/dialogue/${one.id}`);
        }
        await until('he has heard', () => heard.every((stream) => stream.events.some((event) => event.name === 'read')));
        const told = heard.map((stream) => JSON.stringify(stream.events.map(({ name, data }) => [name, data])));
        assert.equal(told[0], told[1]);
        assert.match(told[0], /\["post","6"\]/);
        assert.ok(old.events.some((event) => event.name === 'post' && event.data === '47'), JSON.stringify(old.events));
        for (const stream of [...heard, old]) stream.close();
    });

    test('what they answer is what they see: number 1 is their first', async () => {
        for (const one of both) {
            const number = await write(jonas, one.id, 'Mit svar', { reply_to: '1' });
            assert.equal(number, 7);
            assert.equal((await read(jonas, one.id)).at(-1).reply_to, 1);
            assert.match((await jonas.open(`/dialogue/${one.id}?reply=1`)).page.text(), /Ny besked et om skoven/);
            const seen = (await read(mette, one.id)).at(-1);
            assert.deepEqual([seen.number, seen.reply_to], [one.earlier + 7, one.first], 'the others read it as the answer that it is');
            const beyond = await jonas.post(`/dialogue/${one.id}/post`, { csrf: await jonas.csrf(), text: 'Svar på intet', reply_to: '8' });
            assert.equal(beyond.status, 404, 'and nothing lies beyond');
        }
    });
});

describe('to a coordinator who came today,', () => {
    before(async () => {
        for (const one of both) {
            const { people } = await participants(anne, one.id);
            const { person } = people.find((each) => each.name === jonas.name);
            assert.equal((await anne.submit(`/dialogue/${one.id}/participants`, `/dialogue/${one.id}/participants/${person}/coordinator`, { value: '1' })).status, 303);
            await anne.submit(`/dialogue/${one.id}/journal/new?post=${one.first}`, `/dialogue/${one.id}/journal`, { scope: 'one', theme: 'Annes notat' });
            await until('it is proven', async () => (await anne.get(`/dialogue/${one.id}/journal`, { json: true })).json.entries[0].proven);
        }
    });

    tellsTheSame('a coordinator');

    test('the journal: what others have filed is there, and opens for those who count as its maker does', async () => {
        for (const one of both) {
            const { entries } = (await jonas.get(`/dialogue/${one.id}/journal`, { json: true })).json;
            assert.deepEqual(entries.map((entry) => [entry.theme, entry.kind]), [['Annes notat', 'Besked 1']]);
            for (const part of ['pdf', 'package', 'pdf/proof', 'package/proof'])
                assert.equal((await jonas.get(`/dialogue/${one.id}/journal/${entries[0].id}/${part}`)).status, 404, part);
            assert.equal((await anne.get(`/dialogue/${one.id}/journal/${entries[0].id}/package`)).status, 200);
        }
    });

    test('the journal: what he files himself tells of no message before his first', async () => {
        const packages = [];
        for (const one of both) {
            await jonas.submit(`/dialogue/${one.id}/journal/new`, `/dialogue/${one.id}/journal`, { scope: 'all', theme: 'Jonas’ notat' });
            const { entries } = (await jonas.get(`/dialogue/${one.id}/journal`, { json: true })).json;
            const got = await jonas.get(`/dialogue/${one.id}/journal/${entries.find((entry) => entry.theme.startsWith('Jonas')).id}/package`);
            assert.equal(got.status, 200);
            packages.push(JSON.parse(got.text));
        }
        assert.deepEqual(packages.map((one) => [one.dialogue.messages > 6, one.messages[0].number]), [[true, 1], [true, 1]]);
        assert.deepEqual(packages[0].messages.map((one) => [one.number, one.answers]).slice(0, 7), packages[1].messages.map((one) => [one.number, one.answers]).slice(0, 7));
        assert.equal(packages[0].messages.length, packages[0].dialogue.messages);
        assert.equal(packages[1].messages.length, packages[1].dialogue.messages);
    });

    test('the log: nothing of what was done before he came, whichever entry he asks about', async () => {
        const { entries } = (await jonas.get('/log?own=1', { json: true })).json;
        const newest = Number(entries[0].record), came = entries.length;
        assert.ok(came > 0);
        for (let record = 1; record < newest; record++) {
            const page = await jonas.get(`/log/${record}/question`);
            if (page.status === 200) assert.doesNotMatch(page.page.text(), /besked(er)? (1[3-9]|[2-9]\d)/, `record ${record}`);
        }
        for (const one of both) {
            assert.equal((await anne.get(`/log/${one.past}/question`)).status, 200, 'who has coordinated it since before');
            assert.equal((await jonas.get(`/log/${one.past}/question`)).status, 404, 'he came later');
        }
        const log = await Promise.all(both.map(async (one) => (await jonas.get(`/log?own=1&dialogue=${one.id}`, { json: true })).json.entries));
        for (const lines of log) {
            assert.ok(lines.length > 3);
            for (const line of lines) assert.doesNotMatch(line.sentence, /(1[3-9]|[2-9]\d)/, line.sentence);
        }
    });

    test('my folder: in words and as data', async () => {
        const file = await folderOf(jonas);
        const data = dataOf(file);
        const parts = both.map((one) => data.dialogues.find((dialogue) => dialogue.id === one.id).posts.slice(0, 7));
        assert.equal(plain(JSON.stringify(parts[0]), both[0]), plain(JSON.stringify(parts[1]), both[1]));
        assert.equal(parts[1][0].number, 1);
        assert.doesNotMatch(file.text.replace(/base64,[A-Za-z0-9+/=]*/g, ''), /besked(er)? (1[3-9]|[2-9]\d)\b/);
    });
});

test('who has left reads in their own log no number at all', async () => {
    for (const one of both) await exclude(anne, one.id, jonas.name);
    const { entries } = (await jonas.get('/log?own=1&group=1', { json: true })).json;
    const lines = entries.map((entry) => entry.sentence).filter((sentence) => /en samtale/.test(sentence));
    assert.ok(lines.length > 3, entries.map((entry) => entry.sentence).join('\n'));
    for (const line of lines) assert.doesNotMatch(line, /\d/, line);
    for (const one of both) {
        const { entries: own } = (await mette.get(`/log?own=1&dialogue=${one.id}`, { json: true })).json;
        assert.ok(own.some((entry) => entry.sentence.includes(`besked ${one.earlier + 1}`)), 'who was there from the beginning reads the dialogue’s own numbers');
    }
});
