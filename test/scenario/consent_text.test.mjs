// SPDX-License-Identifier: MPL-2.0
// What the municipality says to those who are asked for consent: drafts, versions, and which one somebody has agreed to.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { Town, accept, invite, startDialogue } from '../support/town.mjs';
import { answer, consent, mustAgree, propose, proposalOf, renew, withdraw } from '../support/consent.mjs';

let town, anne, emil, mette, birgit, ulla;
before(async () => {
    town = await Town.start();
    [anne, emil, mette, birgit, ulla] = await Promise.all(['anne', 'emil', 'mette', 'birgit', 'ulla'].map((id) => town.as(id)));
});
after(() => town?.close());

const easy = 'Du skal læse det her, før du siger ja. Det er din egen sag. Du må gerne sige nej. Så sker der intet. Du må også sige ja i dag og nej i morgen. '
    + 'Det er kun dig, der ved, hvad du vil. Spørg os, hvis du er i tvivl. Vi vil gerne hjælpe dig. Tag den tid, du har brug for.';
const hard = 'Samtykkeerklæringens retsvirkninger indtræder umiddelbart efter afgivelsen, hvorefter forvaltningsmyndigheden behandler personoplysningerne i '
    + 'overensstemmelse med databeskyttelsesforordningens bestemmelser om behandlingsgrundlag, formålsbegrænsning, dataminimering, opbevaringsbegrænsning, '
    + 'integritet samt fortrolighed, idet oplysningspligten forudsættes iagttaget gennem nærværende underretning, medmindre lovgivningens undtagelsesbestemmelser '
    + 'konkret finder anvendelse efter myndighedens individuelle vurdering af samtlige foreliggende omstændigheder i forbindelse hermed.';
const texts = (mark, own = easy) => ({ own_da: `${mark} ${own}`, own_en: `${mark} Read this first.`, relative_da: `${mark} Du svarer for en anden.`,
    relative_en: `${mark} You answer for somebody.`, law_da: `${mark} Loven siger det.`, law_en: `${mark} The law says so.` });
const draft = (who, fields) => who.submit('/admin/consent-texts', '/admin/consent-texts', fields);
const publish = (who) => who.submit('/admin/consent-texts/draft', '/admin/consent-texts/publish', {});
const newest = async () => (await birgit.get('/admin/consent-texts', { json: true })).json.versions[0].version;

async function publishes(mark) {
    assert.equal((await draft(birgit, texts(mark))).status, 303);
    assert.equal((await publish(birgit)).status, 303);
    return newest();
}

async function asked(topic = 'Emil og skolen') {
    const dialogue = await startDialogue(anne, town.person('emil'), topic);
    await mustAgree(anne, dialogue, emil.name);
    return { dialogue, proposal: await propose(anne, dialogue, 'Jonas Dam') };
}

test('a draft that is sent after the session ran out is shown once more, each part of it', async () => {
    const stranger = new Client(town.url);
    await stranger.get('/login');
    const late = await stranger.post('/admin/consent-texts', { csrf: 'gammelt', ...texts('Sent.') });
    assert.equal(late.status, 401);
    assert.equal(late.page.text(late.page.id('kept')), Object.values(texts('Sent.')).join(' '));
});

describe('the text that the program brings', () => {
    test('is version 1, easy to read, and word for word what it has always been', async () => {
        const { json } = await emil.get('/consent-texts/1', { json: true });
        assert.match(json.parts[0].text, /^Du bestemmer, hvem der må læse det, der er skrevet om dig\. Ingen har krav på et ja\.\n\nSiger du ja, kan den nye læse og skrive med i samtalen om dig\./);
        const { parts } = (await birgit.get('/admin/consent-texts', { json: true })).json;
        for (const part of parts) {
            const number = Number(/LIX (\d+)/.exec(part.ease)?.[1] ?? 0);
            assert.ok(number <= 30, `${part.title} (${part.tag}): ${part.ease}`);
            assert.equal(part.hard, false);
        }
        assert.ok(parts.some((part) => /LIX \d+/.test(part.ease)));
    });

    test('is what a giver reads before they answer, and what their consent names', async () => {
        const { proposal } = await asked();
        assert.match((await emil.open(`/consents/${proposal}`)).page.text(), /Ingen har krav på et ja/);
        await answer(emil, proposal, 'all');
        assert.equal((await consent(emil, proposal)).given_version, 1);
    });
});

describe('an administrator of the municipality', () => {
    test('writes a draft, sees it as people will and how hard it is, and nobody else is shown it', async () => {
        const { proposal } = await asked();
        const before = (await consent(emil, proposal)).text_version;
        assert.equal((await draft(birgit, texts('Kladdeordet', `${hard} ${hard}`))).status, 303);
        const { page } = await birgit.open('/admin/consent-texts/draft');
        assert.match(page.text(), /Kladdeordet/);
        assert.match(page.text(), /LIX \d+: meget svær/);
        assert.match(page.text(), /Noget af det er svært at læse/);
        const seen = await consent(emil, proposal);
        assert.equal(seen.text_version, before);
        assert.doesNotMatch((await emil.open(`/consents/${proposal}`)).text, /Kladdeordet/);
        assert.equal((await emil.get(`/consent-texts/${before + 1}`)).status, 404);
        assert.equal((await birgit.submit('/admin/consent-texts/draft', '/admin/consent-texts/remove', {})).status, 303);
        assert.equal((await birgit.get('/admin/consent-texts/draft')).status, 404);
    });

    test('publishes: whoever is asked from then on reads it, in Danish and in English', async () => {
        const { proposal } = await asked();
        const version = await publishes('Forårsteksten');
        const seen = await consent(emil, proposal);
        assert.equal(seen.text_version, version);
        assert.match(seen.text, /^Forårsteksten Du skal læse/);
        const english = await town.signIn('emil');
        await english.submit('/', '/language', { language: 'en' });
        assert.match((await consent(english, proposal)).text, /^Forårsteksten Read this first/);
        await english.submit('/', '/language', { language: 'da' });
    });

    test('sees every version, with who published it, and none can be changed', async () => {
        const first = await publishes('Sommerteksten'), second = await publishes('Efterårsteksten');
        assert.equal(second, first + 1);
        const { versions } = (await birgit.get('/admin/consent-texts', { json: true })).json;
        assert.match(versions[0].published, /Udgivet .* af Birgit/);
        assert.deepEqual(versions.filter((one) => one.current).map((one) => one.version), [second]);
        assert.match((await emil.get(`/consent-texts/${first}`, { json: true })).json.parts[0].text, /^Sommerteksten/);
        for (const path of [`/consent-texts/${first}`, `/admin/consent-texts/${first}`])
            assert.ok([404, 405].includes((await birgit.post(path, { csrf: await birgit.csrf(), ...texts('Omskrevet') })).status), path);
    });

    test('publishes only what they looked at: a draft that a colleague changed meanwhile is read again', async () => {
        await draft(birgit, texts('Min'));
        const { page } = await birgit.open('/admin/consent-texts/draft');
        const { values } = page.form('/admin/consent-texts/publish');
        await draft(birgit, texts('Kollegaens'));
        const before = await newest(), refused = await birgit.post('/admin/consent-texts/publish', values);
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /Kladden blev rettet/);
        assert.equal(await newest(), before);
        assert.equal((await birgit.submit('/admin/consent-texts/draft', '/admin/consent-texts/remove', {})).status, 303);
    });

    test('leaves no text out', async () => {
        const got = await draft(birgit, { ...texts('Halv'), relative_en: ' ' });
        assert.equal(got.status, 422);
        assert.equal((await birgit.get('/admin/consent-texts/draft')).status, 404);
    });
});

test('who administers one school reads the texts and writes none; employees and citizens do not find the page', async () => {
    const page = await ulla.get('/admin/consent-texts', { json: true });
    assert.equal(page.json.may_write, false);
    for (const [path, fields] of [['', texts('Skolens')], ['/publish', { revision: '1' }], ['/remove', {}]])
        assert.equal((await ulla.post(`/admin/consent-texts${path}`, { csrf: await ulla.csrf(), ...fields })).status, 403, path);
    assert.equal((await ulla.get('/admin/consent-texts/draft')).status, 403);
    for (const one of [anne, emil]) {
        assert.equal((await one.get('/admin/consent-texts')).status, 403);
        assert.equal((await one.post('/admin/consent-texts', { csrf: await one.csrf(), ...texts('Borgerens') })).status, 403);
    }
});

describe('a giver', () => {
    test('agrees to what stands there now: after a new version they read it first', async () => {
        const { dialogue, proposal } = await asked();
        const { page } = await emil.open(`/consents/${proposal}`);
        const { values } = page.form(`/consents/${proposal}/answer`);
        const version = await publishes('Nytårsteksten');
        const refused = await emil.post(`/consents/${proposal}/answer`, { ...values, answer: 'all' });
        assert.equal(refused.status, 422);
        assert.match(refused.page.text(), /Teksten er lavet om/);
        assert.match(refused.page.text(), /Nytårsteksten/);
        assert.equal((await (await town.as('jonas')).get(`/dialogue/${dialogue}`)).status, 404, 'the old yes let nobody in');
        await answer(emil, proposal, 'all');
        assert.equal((await consent(emil, proposal)).given_version, version);
    });

    test('reads later the very text that they agreed to, on its page and from the log, whatever was published since', async () => {
        const { proposal } = await asked('Loggen husker');
        const version = await publishes('Dengangteksten');
        await answer(emil, proposal, 'all');
        await publishes('Nuteksten');
        const seen = await consent(emil, proposal);
        assert.deepEqual([seen.given_version, /^Dengangteksten/.test(seen.given_text), /^Nuteksten/.test(seen.text)], [version, true, true]);
        assert.match((await emil.open(`/consents/${proposal}`)).page.text(), /Det, du fik at vide, da du svarede Dengangteksten/);
        const { entries } = (await emil.get('/log?own=1', { json: true })).json;
        const entry = entries.find((one) => one.kind === 'consent-give' && one.sentence.includes('Loggen husker'));
        assert.equal(entry.text_version, version);
        assert.ok((await emil.open('/log?own=1')).page.links.some((link) => link.href === `/consent-texts/${version}`));
        await renew(emil, proposal, 1);
        assert.equal((await consent(emil, proposal)).given_version, version + 1, 'a renewal is to the text of its day');
        await withdraw(emil, proposal);
        assert.equal((await consent(emil, proposal)).given_version, version + 1, 'and taking back changes nothing of it');
    });

    test('who answers for somebody else reads the text to relatives', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Fuldmagt');
        await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
        await mustAgree(anne, dialogue, mette.name, 'attorney');
        const proposal = await propose(anne, dialogue, 'Jonas Dam');
        await publishes('Pårørendeteksten');
        assert.equal((await consent(mette, proposal)).text, 'Pårørendeteksten Du svarer for en anden.');
        await answer(mette, proposal, 'no');
        assert.equal((await proposalOf(anne, dialogue, 'Jonas Dam')).status, 'Kom ikke med');
    });

    test('where the law stands in place of a yes, finds the text of that day as well', async () => {
        const dialogue = await startDialogue(anne, town.person('emil'), 'Efter loven');
        await mustAgree(anne, dialogue, emil.name);
        const version = await publishes('Lovteksten');
        await propose(anne, dialogue, 'Jonas Dam', { statute: 'Serviceloven § 153', reason: 'Skolen har pligt til at være med' });
        await publishes('Ny lovtekst');
        const { law } = (await emil.get('/consents', { json: true })).json;
        const one = law.find((item) => item.topic === 'Efter loven');
        assert.equal(one.text_version, version);
        const { parts } = (await emil.get(`/consent-texts/${version}`, { json: true })).json;
        assert.ok(parts.some((part) => part.text === 'Lovteksten Loven siger det.'));
    });
});
