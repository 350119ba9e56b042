// SPDX-License-Identifier: MPL-2.0
// Whose part in a dialogue is over has no part in what came of it either: the talks beside it, the links they made, the say over who comes next.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Town, accept, invite, startDialogue } from '../support/town.mjs';

let town, anne, emil, karim;
before(async () => {
    town = await Town.start();
    [anne, emil, karim] = await Promise.all(['anne', 'emil', 'karim'].map((id) => town.as(id)));
});
after(() => town?.close());

const sees = async (who, dialogue) => (await who.get(`/dialogue/${dialogue}`)).status;

describe('a link', () => {
    test('lets nobody into a dialogue that was closed meanwhile', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Lukket imens');
        const link = await invite(anne, dialogue, { name: 'Karim Haddad', kind: 'external', relation: 'lærer' });
        assert.equal((await anne.submit(`/dialogue/${dialogue}/close`, `/dialogue/${dialogue}/close`, { reason: 'Planen er færdig' })).status, 303);
        assert.equal((await karim.post(link, { csrf: await karim.csrf() })).status, 422);
        assert.equal(await sees(karim, dialogue), 404);
        assert.equal((await anne.submit(`/dialogue/${dialogue}/closed`, `/dialogue/${dialogue}/reopen`, {})).status, 303);
        await accept(karim, link);
        assert.equal(await sees(karim, dialogue), 200);
    });
});
