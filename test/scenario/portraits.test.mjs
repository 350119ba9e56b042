// SPDX-License-Identifier: MPL-2.0
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { attr } from '../support/html.mjs';
import { multipart, photo, pixelOf, place, png, sizeOf } from '../support/pictures.mjs';
import { Town, circle, exclude, participants } from '../support/town.mjs';

let town, dialogue, anne, mette, karim;
before(async () => {
    town = await Town.start({ providers: true, demo: false });   // in a demonstration everybody sees everybody's picture before signing in
    ({ dialogue, anne, mette, karim } = await circle(town));
});
after(() => town?.close());

async function choose(client, name, bytes) {
    const { page } = await client.open('/profile/picture');
    const { csrf } = page.form('/profile/picture').values;
    const { body, type } = multipart([['csrf', csrf], ['picture', { name, bytes }]]);
    return client.request('POST', '/profile/picture', { body, headers: { 'content-type': type } });
}

const idOf = async (person) => (await participants(anne, dialogue)).people.find((one) => one.name === person.name).person;

/** Four coloured quarters: red and green above, blue and yellow below. */
const quarters = (x, y) => (y < 100 ? (x < 150 ? [230, 20, 20] : [20, 200, 20]) : (x < 150 ? [20, 20, 230] : [230, 220, 20]));

test('a mother adds a picture of herself: others see it, cut to a square, without where it was taken', async () => {
    const sent = await choose(mette, 'mig.jpg', photo(300, 200, { orientation: 1, paint: quarters }));
    assert.equal(sent.status, 303);
    const id = await idOf(mette);
    for (const reader of [mette, anne, karim]) {
        const answer = await reader.get(`/portrait/${id}`);
        assert.equal(answer.headers['content-type'], 'image/webp');
        assert.deepEqual(sizeOf(answer.bytes), [256, 256]);
        assert.ok(!answer.bytes.toString('latin1').includes(place));
    }
    const { page } = await karim.get(`/dialogue/${dialogue}`);
    assert.ok(page.all('img').some((image) => attr(image, 'src') === `/portrait/${id}`));
    const source = await mette.get('/profile/picture/source');
    assert.ok(!source.bytes.toString('latin1').includes(place) && !source.bytes.includes('Exif'));
    assert.equal((await karim.get('/profile/picture/source')).status, 404, 'the whole picture is one’s own');
});

test('who shares no dialogue with her does not see it, colleagues see one another, and who leaves sees it no more', async () => {
    const id = await idOf(mette), [stranger, rikke, jonas] = await Promise.all(['stranger', 'rikke', 'jonas'].map((name) => town.as(name)));
    for (const outsider of [stranger, rikke]) assert.equal((await outsider.get(`/portrait/${id}`)).status, 404, outsider.name);
    assert.equal((await choose(anne, 'anne.jpg', photo(300, 200))).status, 303);
    const hers = await idOf(anne);
    assert.equal((await rikke.get(`/portrait/${hers}`)).status, 200, 'a colleague');
    assert.equal((await stranger.get(`/portrait/${hers}`)).status, 404);
    assert.equal((await jonas.get(`/portrait/${id}`)).status, 200);
    await exclude(anne, dialogue, jonas.name);
    assert.equal((await jonas.get(`/portrait/${id}`)).status, 404, 'who was excluded');
});

test('a demonstration that is served as the real thing lets nobody choose who to be, and shows no face to who is not signed in', async (context) => {
    const demo = await Town.start();
    context.after(() => demo.close());
    const made = await circle(demo), visitor = new Client(demo.url), csrf = await visitor.csrf();
    assert.equal((await choose(made.mette, 'mig.jpg', photo(300, 200))).status, 303);
    const { person } = (await participants(made.anne, made.dialogue)).people.find((one) => one.name === mette.name);
    assert.equal((await visitor.get(`/portrait/${person}`)).status, 200, 'on the page where one chooses');
    demo.server.demo = false;
    await demo.server.restart();
    assert.equal((await visitor.post('/login/demo', { csrf, person })).status, 404);
    assert.equal((await visitor.get('/', { json: true })).status, 401);
    assert.equal((await visitor.get(`/portrait/${person}`)).status, 404);
});

test('she moves it until her face fits', async () => {
    const id = await idOf(mette);
    for (const [x, y, expected] of [[100, 100, 0], [900, 100, 1], [100, 900, 2]]) {
        const answer = await mette.submit('/profile/picture', '/profile/picture/cut', { x: String(x), y: String(y), zoom: '3000' });
        assert.equal(answer.status, 303);
        const [red, green, blue] = pixelOf((await anne.get(`/portrait/${id}`)).bytes, 128, 128);
        assert.ok([red, green, blue][expected] > 150 && [red, green, blue].filter((part) => part > 130).length === 1, `${x} ${y}: ${red} ${green} ${blue}`);
    }
    const { page } = await mette.open('/profile/picture');
    assert.deepEqual(page.form('/profile/picture/cut').values.x, '100');
    const wrong = await mette.submit('/profile/picture', '/profile/picture/cut', { x: '100', y: '5000', zoom: '3000' });
    assert.equal(wrong.status, 422);
});

test('what is no picture is refused with words that help, and the old one stays', async () => {
    const id = await idOf(mette);
    const before = (await anne.get(`/portrait/${id}`)).bytes;
    for (const [bytes, message] of [[Buffer.from('hej'), /ikke vise den slags billeder/], [png(4, 4, undefined, [50000, 50000]), /for stort/],
        [photo(200, 200).subarray(0, 900), /ikke læse billedet/]]) {
        const answer = await choose(mette, 'mig.jpg', bytes);
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), message);
    }
    assert.ok((await anne.get(`/portrait/${id}`)).bytes.equals(before));
});

test('she takes it away again; nothing of it is left', async () => {
    const id = await idOf(mette);
    assert.equal((await mette.submit('/profile/picture', '/profile/picture/remove', {})).status, 303);
    assert.equal((await anne.get(`/portrait/${id}`)).status, 404);
    assert.equal((await mette.get('/profile/picture/source')).status, 404);
    assert.deepEqual(await readdir(path.join(town.server.data, 'files')), []);
});
