// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { sleep, until } from '../support/server.mjs';
import { Town, circle, exclude, write } from '../support/town.mjs';

let town;
before(async () => { town = await Town.start(); });
after(() => town?.close());

const posts = (stream) => stream.events.filter((event) => event.name === 'post');
const ended = (stream, limit = 2000) => Promise.race([stream.closed.then(() => true), sleep(limit).then(() => false)]);

describe('live', () => {
    test('a message reaches everybody who has the page open, and says nothing of its content', async () => {
        const { dialogue, anne, emil, mette, karim } = await circle(town);
        const streams = await Promise.all([anne, emil, mette, karim].map((one) => one.stream(`/dialogue/${dialogue}/live`)));
        await write(mette, dialogue, 'Hemmelig besked undervejs');
        for (const stream of streams) {
            await until('the event arrives', () => posts(stream).length === 1, 3000);
            assert.ok(!JSON.stringify(stream.events).includes('Hemmelig'));
            stream.close();
        }
    });

    test('the start page hears of it too', async () => {
        const { dialogue, anne, emil } = await circle(town);
        const stream = await emil.stream('/live');
        await write(anne, dialogue, 'Nyt');
        await until('the start page is told', () => stream.events.some((event) => event.name === 'dialogue'), 3000);
        stream.close();
    });

    test('one dialogue’s stream tells nothing of another dialogue', async () => {
        const [one, two] = [await circle(town), await circle(town)];
        const stream = await one.mette.stream(`/dialogue/${one.dialogue}/live`);
        await write(two.anne, two.dialogue, 'I den anden dialog');
        await sleep(300);
        assert.equal(posts(stream).length, 0);
        stream.close();
    });

    test('who is excluded in mid-stream hears nothing more, at once', async () => {
        const { dialogue, anne, emil, karim } = await circle(town);
        const [hers, his] = [await emil.stream(`/dialogue/${dialogue}/live`), await karim.stream(`/dialogue/${dialogue}/live`)];
        await exclude(anne, dialogue, 'Karim Haddad');
        assert.ok(await ended(his), 'the stream of the excluded person ends');
        const heard = his.events.length;
        await write(anne, dialogue, 'Efter at han er væk');
        await until('the others go on', () => posts(hers).length >= 1, 3000);
        assert.equal(his.events.length, heard);
        assert.equal((await karim.get(`/dialogue/${dialogue}/live`)).status, 404, 'and it cannot be opened again');
        hers.close();
    });

    test('who signs out hears nothing more; a second browser of the same person goes on', async () => {
        const { dialogue, anne } = await circle(town);
        const [phone, desk] = [await town.signIn('mette'), await town.signIn('mette')];
        const [first, second] = [await phone.stream(`/dialogue/${dialogue}/live`), await desk.stream(`/dialogue/${dialogue}/live`)];
        await phone.submit('/', '/logout', {});
        assert.ok(await ended(first));
        await write(anne, dialogue, 'Er du der?');
        await until('the other browser hears it', () => posts(second).length === 1, 3000);
        second.close();
    });

    test('nobody listens without taking part', async () => {
        const { dialogue } = await circle(town);
        for (const visitor of [new Client(town.url), await town.as('stranger'), await town.as('birgit')]) {
            const answer = await visitor.get(`/dialogue/${dialogue}/live`, { headers: { accept: 'text/event-stream' } });
            assert.ok([303, 401, 404].includes(answer.status), String(answer.status));
        }
    });

    test('a program that asks for a stream’s head alone gets that, and opens none', async () => {
        const { dialogue, mette } = await circle(town);
        for (const target of ['/live', `/dialogue/${dialogue}/live`]) {
            for (let count = 0; count < 12; count++) {
                const answer = await mette.request('HEAD', target);
                assert.deepEqual([answer.status, answer.headers['content-type'], answer.bytes.length], [200, 'text/event-stream', 0], target);
            }
        }
        const stream = await mette.stream(`/dialogue/${dialogue}/live`);
        assert.equal(stream.status, 200, 'none of them counts');
        stream.close();
    });

    test('one person cannot open streams without end', async () => {
        const { dialogue, mette } = await circle(town);
        const streams = [];
        for (let count = 0; count < 12; count++) streams.push(await mette.stream(`/dialogue/${dialogue}/live`));
        assert.equal(streams.filter((one) => one.status === 200).length, 10);
        assert.equal(streams.filter((one) => one.status === 429).length, 2);
        for (const one of streams) one.close();
        await sleep(300);
        const again = await mette.stream(`/dialogue/${dialogue}/live`);
        assert.equal(again.status, 200, 'closed streams make room');
        again.close();
    });

    test('a stop of the server ends the streams and nothing is left hanging', async () => {
        const { dialogue, mette, anne } = await circle(town);
        const stream = await mette.stream(`/dialogue/${dialogue}/live`);
        const end = await town.server.stop();
        assert.deepEqual(end, { code: 0, signal: null }, town.server.log.slice(-1500));
        assert.ok(await ended(stream));
        await town.server.start();
        await write(anne, dialogue, 'Vi er tilbage');
    });
});
