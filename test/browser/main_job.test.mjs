// SPDX-License-Identifier: MPL-2.0
// The walk through the main job, with real providers, the real server and four real browsers. Pictures of each step are in
// ./screenshots/walk.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Town } from '../support/town.mjs';
import { launch, picture, visitor } from './browser.mjs';
import { say, seen, signIn, signInHere, thread } from './town.mjs';

const topic = 'Emil og vejen tilbage til skolen';
const words = {
    anne1: 'Hej Emil og Mette. Godt, at vi kan skrive sammen her. Hvordan går det med at komme op om morgenen?',
    mette1: 'Hej Anne. Det er svært. I går sad han på trappen i en halv time med sko på og kunne ikke gå ud ad døren 😔',
    emil1: 'jeg får ondt i maven når jeg tænker på klassen',
    karim1: 'Hej Emil. Vi savner dig. Du må gerne komme ind ad bagdøren og starte i biblioteket hos Søren. 📚',
    anne2: 'Det lyder som en god idé, Karim. Her er det, vi kan prøve:\n\n- Emil møder kl. 9.30 på biblioteket\n- Mette følger ham til porten\n- Karim kommer forbi efter en halv time',
    emil2: 'ok. må jeg have høretelefoner på?',
    karim2: 'Ja, selvfølgelig må du det 🎧',
    mette2: `Jeg vil gerne fortælle, hvordan en morgen er hos os. ${'Vækkeuret ringer, og han ligger helt stille. Jeg sætter mig på sengekanten, og vi siger ikke noget. Så spiser vi lidt, og nogle dage går det, og andre dage går det ikke. '.repeat(6)}Tak, fordi I lytter.`,
    anne3: 'Tak, Mette. Læs gerne om jeres muligheder her: https://www.borger.dk/familie-og-boern/skolefravaer?kommune=eksempel&side=2',
    emil3: 'jeg prøver i morgen',
    mette3: 'Blåbærgrød på rømø til dig i aften, så! 🫐',
    anne4: 'Hvor er det flot, Emil. Vi skrives ved i morgen.',
};

let town, browser, dialogue, anne, emil, mette, karim, all;
const step = (() => { let n = 0; return async (name) => { n++; for (const page of all) await picture(page, `walk/${String(n).padStart(2, '0')}-${name}-${page.who}`, false); }; })();

// One step builds on the other: after the first that fails the rest does not try.
let stopped;
function walk(name, steps) {
    test(name, async () => {
        assert.ok(!stopped, `the walk ended at: ${stopped}`);
        stopped = name;
        await steps();
        stopped = undefined;
    });
}

before(async () => {
    town = await Town.start({ providers: true });
    browser = await launch();
    all = [];
    for (const [who, size] of [['anne', 'desktop'], ['emil', 'phone'], ['mette', 'phone'], ['karim', 'phone']]) {
        const page = await visitor(browser, size);
        page.who = who;
        all.push(page);
    }
    [anne, emil, mette, karim] = all;
});
after(async () => {
    await browser?.close();
    await town?.close();
});

walk('a caseworker starts a dialogue about a boy who stays away from school', async () => {
    await signIn(emil, town, 'emil');
    await emil.locator('.empty').waitFor();
    await signIn(anne, town, 'anne');
    await anne.locator('a[href="/dialogue/new"]').first().click();
    await anne.locator('input[name=why][value=concern]').check();
    await anne.locator('#name').fill(town.person('emil').name);
    await anne.locator('#birth').fill('12-03-2013');
    await anne.locator('form:has(#name) button').click();
    await anne.locator('#topic').fill(topic);
    await anne.locator('#relation').fill('sagsbehandler');
    await step('start');
    await anne.locator('form:has(#topic) button').click();
    await anne.locator('#composer').waitFor();
    dialogue = /\/dialogue\/(\d+)/.exec(anne.url())[1];
});

walk('she invites the mother and the teacher by link; each signs in for the first time and is in', async () => {
    for (const [page, name, relation, kind] of [[mette, 'Mette Østergaard', 'mor', 'relative'], [karim, 'Karim Haddad', 'klasselærer i 6. B', 'external']]) {
        await anne.goto(`${town.url}/dialogue/${dialogue}/participants`);
        await anne.locator(`input[name=kind][value=${kind}]`).check();
        await anne.locator('#invite-name').fill(name);
        await anne.locator('#invite-relation').fill(relation);
        await anne.locator('#invite-email').fill(`${page.who}@post.example`);
        await anne.locator('form:has(#invite-name) button').click();
        const link = await anne.locator('#link').inputValue();
        await page.goto(link);
        await step(`invitation-${page.who}`);
        await page.locator('form[action^="/invitation/"] button').click();
        // Who is not signed in comes to the provider, at once or over the login page, and from there back to the invitation.
        const name2 = town.person(page.who).name;
        await page.waitForLoadState();
        if (await page.locator('form[action="/login/citizen"]').count()) await signInHere(page, town, page.who);
        else await page.getByRole('button', { name: name2 }).click();
        const yes = page.locator('form[action^="/invitation/"] button');
        await page.waitForURL((url) => url.origin === town.url);
        if (await yes.count()) await yes.click();
        await page.locator('#composer').waitFor();
    }
    await emil.goto(town.url);
    await emil.getByRole('link', { name: topic }).click();
    await anne.goto(`${town.url}/dialogue/${dialogue}`);
    await step('everybody-is-here');
});

walk('messages appear live in all four browsers, in ordinary Danish', async () => {
    for (const [page, key] of [[anne, 'anne1'], [mette, 'mette1'], [emil, 'emil1'], [karim, 'karim1'], [anne, 'anne2'], [emil, 'emil2'], [karim, 'karim2'], [mette, 'mette2']]) {
        await say(page, words[key]);
        for (const other of all) await seen(other, words[key]);
    }
    await step('talk');
    const lists = await Promise.all(all.map(thread));
    for (const list of lists) assert.deepEqual(list.map((line) => line.split(':')[0]), ['1', '2', '3', '4', '5', '6', '7', '8']);
    assert.equal(await emil.locator('#post-5 .post__body li').count(), 3, 'the list is a list');
});

walk('the network drops for one and returns: what was missed comes, what was written is not lost', async () => {
    await karim.context().setOffline(true);
    await say(anne, words.anne3);
    await seen(mette, words.anne3);
    await karim.locator('#text').fill('Jeg skriver i tunnelen');
    await step('network-gone');
    await karim.context().setOffline(false);
    await seen(karim, words.anne3, 40000);
    assert.equal(await karim.locator('#text').inputValue(), 'Jeg skriver i tunnelen');
    await karim.locator('#text').fill('');
    await karim.locator('.post__body a').first().waitFor();
    assert.equal(await emil.locator('#post-9 a[href^="https://www.borger.dk/"]').innerText(), 'https://www.borger.dk/familie-og-boern/skolefravaer?kommune=eksempel&side=2');
});

walk('the server is killed between two messages and started again: everybody goes on where they were', async () => {
    await say(emil, words.emil3);
    await mette.locator('#text').fill(words.mette3);
    await town.server.kill();
    await step('server-gone');
    await town.server.start();
    await mette.locator('.composer__send').click();
    await seen(mette, words.mette3, 40000).catch(async () => {
        await mette.locator('.composer__send').click();
        await seen(mette, words.mette3);
    });
    await say(anne, words.anne4);
    for (const page of all) for (const key of ['emil3', 'mette3', 'anne4']) await seen(page, words[key], 60000);
    for (const page of all) {
        const numbers = (await thread(page)).map((line) => Number(line.split(':')[0]));
        assert.deepEqual(numbers, Array.from({ length: 12 }, (_, n) => n + 1), `${page.who} sees each message once and in order`);
    }
    await step('after-the-crash');
});

walk('the teacher is excluded and sees nothing from that moment', async () => {
    const page = karim.context();
    await anne.goto(`${town.url}/dialogue/${dialogue}/participants`);
    const row = anne.locator('li.row', { hasText: 'Karim Haddad' });
    await row.locator('summary').click();
    await row.locator('input[name=reason]').fill('Emil har fået en ny klasselærer');
    await row.locator('form[action$="/exclude"] button').click();
    await anne.locator('.rows--former', { hasText: 'Karim Haddad' }).waitFor();
    await anne.goto(`${town.url}/dialogue/${dialogue}`);
    await say(anne, 'Nu er vi tre.');
    await seen(emil, 'Nu er vi tre.');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(await karim.getByText('Nu er vi tre.').count(), 0);
    await karim.reload();
    assert.equal(await karim.locator('.post').count(), 0);
    assert.equal((await page.request.get(`${town.url}/dialogue/${dialogue}`)).status(), 404);
    await step('excluded');
});

walk('the log holds, and the data folder has no word of it in clear', async () => {
    await town.server.stop();
    const verified = await town.server.verify();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const needles = [topic, ...Object.values(words).map((text) => text.slice(0, 30)), 'Østergaard', 'Karim Haddad', 'klasselærer i 6. B', 'Kjær Holm'];
    for (const entry of await readdir(town.server.data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const bytes = await readFile(path.join(entry.parentPath ?? entry.path, entry.name));
        for (const word of needles) assert.ok(!bytes.includes(word), `${entry.name} holds "${word}"`);
    }
    for (const word of needles) assert.ok(!town.server.log.includes(word), `the log says "${word}"`);
});

walk('no script failed on the way', async () => {
    assert.deepEqual(all.flatMap((page) => page.faults), []);
});
