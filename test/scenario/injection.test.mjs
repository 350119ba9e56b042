// SPDX-License-Identifier: MPL-2.0
// Line breaks where a header, an address or a mail would take them for its end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Town, circle, participants, startDialogue } from '../support/town.mjs';

const breaks = ['\r\n', '\n', '\r', '\u0085', '\u2028', '\u2029', '\v', '\f', '\0'];
const planted = 'X-Planted: yes';

let town, one;
before(async () => {
    town = await Town.start();
    one = await circle(town);
});
after(() => town?.close());

const clean = (answer, what) => {
    assert.ok(!answer.rawHeaders.some((word) => /^x-planted$/i.test(word)), `${what}: ${answer.rawHeaders}`);
    assert.ok(!answer.rawHeaders.some((word) => /[\r\n]/.test(word)), what);
};

test('in an address of mail it is refused, and nobody is invited', async () => {
    const open = async () => (await participants(one.anne, one.dialogue)).invitations.length;
    const before_ = await open();
    for (const sign of breaks) {
        for (const email of [`gaest@post.example${sign}Bcc: alle@post.example`, `gaest${sign}@post.example`, `"a${sign}b"@post.example`, `gaest@post.example,b${sign}@post.example`]) {
            const answer = await one.anne.postJson(`/dialogue/${one.dialogue}/invitations`, { name: 'Gæst', email, relation: 'ven', kind: 'relative' });
            clean(answer, JSON.stringify(email));
            assert.ok([400, 422].includes(answer.status), `${JSON.stringify(email)}: ${answer.status}`);
        }
    }
    assert.equal(await open(), before_);
});

test('in a word of one line it is refused', async () => {
    for (const sign of breaks) {
        const relation = `ven${sign}${planted}`;
        const answer = await one.anne.postJson(`/dialogue/${one.dialogue}/invitations`, { name: `Gæst${sign}${planted}`, email: 'gaest@post.example', relation, kind: 'relative' });
        clean(answer, JSON.stringify(relation));
        assert.ok([400, 422].includes(answer.status), JSON.stringify(relation));
    }
    const dialogue = await startDialogue(one.anne, town.person('emil'), `Emne ${planted}`);
    clean(await one.anne.get(`/dialogue/${dialogue}`), 'topic');
});

test('in the address of a page and in where one goes on it makes no header', async () => {
    const client = new Client(town.url);
    for (const sign of breaks.map(encodeURIComponent)) {
        for (const target of [`/login?next=%2F${sign}${encodeURIComponent(planted)}`, `/${sign}${encodeURIComponent(planted)}`, `/dialogue/${one.dialogue}/search?q=${sign}x`, `/dialogue/${one.dialogue}%2f..${sign}`]) {
            clean(await client.get(target), target);
            clean(await one.mette.get(target), target);
        }
        const going = await one.mette.submit('/profile', '/language', { language: 'da', next: `/profile${decodeURIComponent(sign)}${planted}` });
        clean(going, `next with ${sign}`);
        assert.ok(going.status === 422 || going.headers.location === '/' || !/planted/i.test(going.headers.location), `${sign}: ${going.status} ${going.headers.location}`);
    }
});

test('in a cookie and in a header of the request it comes back nowhere', async () => {
    for (const value of ['a%0d%0aX-Planted: yes', 'a\tb', '"a;b"', 'a,b']) clean(await new Client(town.url).get('/login', { headers: { cookie: `samtraad=${value}`, 'accept-language': value, origin: value } }), value);
});
