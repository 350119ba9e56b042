// SPDX-License-Identifier: MPL-2.0
// Accounts of the installation's own: the first administrator, passkeys, recovery codes; and everything that must not get in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Authenticator, askedOn, begin, enrol, flags, passwordIn, signInWith } from '../support/authenticator.mjs';
import { Client } from '../support/client.mjs';
import { dataOf, folderOf } from '../support/folder.mjs';
import { Page } from '../support/html.mjs';
import { Server, sleep } from '../support/server.mjs';
import { Town } from '../support/town.mjs';

const accountOf = (text, account) => ({ account, password: passwordIn(text) });

// Trying a password is as cheap as it may be; what it costs otherwise, "in time" pays.
const cheap = '[local]\npassword_mebibytes = 19\npassword_passes = 2';

/** A server with an administrator who has not come yet. */
async function begun(options) {
    const server = await Server.prepare({ demo: false, settings: cheap, ...options });
    const made = await server.command('administrator', 'birgit', '--name', 'Birgit Sø');
    assert.equal(made.code, 0, made.stderr);
    await server.start();
    return { server, birgit: accountOf(made.stdout, 'birgit') };
}

/** The same, come and signed in with a passkey. */
async function running(options) {
    const { server, birgit } = await begun(options);
    const client = new Client(server.url), key = new Authenticator(server.url);
    const answer = await enrol(client, birgit, key);
    assert.equal(answer.status, 303, answer.page?.text());
    return { server, birgit, client, key };
}

const isSignedIn = async (client) => (await client.get('/session', { json: true })).json.person !== null;
const codesOf = (answer) => answer.page.all('code').map((one) => answer.page.text(one));
const makeCodes = async (client) => codesOf(await client.submit('/profile/passkeys', '/profile/passkeys/codes', {}));
const useCode = (client, name, code) => client.submit('/login/local', '/login/local/code', { name, code });
const own = async (client) => (await client.get('/profile/passkeys', { json: true })).json;

async function addPasskey(client, name, key, changed) {
    const ask = (await client.postJson('/profile/passkeys/begin', {})).json;
    return client.submit('/profile/passkeys', '/profile/passkeys', { ...key.create(ask, changed), name });
}

async function refused(client, answer, what) {
    assert.equal(answer.status, 403, `${what}: ${answer.page.text().slice(0, 300)}`);
    assert.equal(await isSignedIn(client), false, what);
}

describe('the first administrator', () => {
    let server, birgit;
    before(async () => { ({ server, birgit } = await begun()); });
    after(() => server?.remove());
    const fresh = () => new Client(server.url);

    test('is told a password once, which is nowhere in the database', async () => {
        assert.match(birgit.password, /^[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){3}$/);
        assert.match((await fresh().get('/login')).page.text(), /Log ind med adgangsnøgle/);
    });

    test('gets nothing with the password but the page on which a passkey is made', async () => {
        const client = fresh();
        const page = await client.submit('/login/local', '/login/local/password', { name: 'Birgit', password: birgit.password.toUpperCase().replaceAll('-', ' ') });
        assert.equal(page.status, 200);
        assert.match(page.page.text(), /Velkommen, Birgit Sø/);
        assert.equal(await isSignedIn(client), false, 'the password alone signs nobody in');
        assert.equal((await client.get('/admin')).status, 303);
    });

    test('whoever does not know the password learns nothing: not even whether there is such an account', async () => {
        const shown = async (name, password) => {
            const answer = await fresh().submit('/login/local', '/login/local/password', { name, password });
            return [answer.status, answer.text.replace(/name="csrf" value="[^"]*"/g, '').replaceAll(name, 'NAME')];
        };
        const wrong = await shown('birgit', '00000-00000-00000-00000');
        assert.equal(wrong[0], 403);
        assert.deepEqual(await shown('bodil', '00000-00000-00000-00000'), wrong);
        assert.deepEqual(await shown('bodil', birgit.password), wrong);
        assert.deepEqual(await shown('nogen@kommune.example', 'x'), wrong);
    });

    test('a new passkey that is not what was asked for is refused', async () => {
        const point = new Map([...new Authenticator('').cose, [-3, Buffer.alloc(32, 7)]]);
        const cases = {
            'another origin': { client: { origin: 'https://svindel.example' } },
            'another port': { client: { origin: server.url.replace(/\d+$/, '1') } },
            'inside another site’s page': { client: { crossOrigin: true } },
            'another challenge': { client: { challenge: Buffer.alloc(32, 1).toString('base64url') } },
            'no challenge': { client: { challenge: undefined } },
            'the act of signing in': { client: { type: 'webauthn.get' } },
            'a name twice': { clientText: `{"type":"webauthn.create","type":"webauthn.create","challenge":"x","origin":"${server.url}"}` },
            'no JSON': { clientText: 'webauthn.create' },
            'JSON that is no object': { clientText: '["webauthn.create"]' },
            'JSON nested a thousand times': { clientText: '['.repeat(1000) },
            'another relying party': { rp: 'svindel.example' },
            'the person not verified': { flag: flags.present | flags.credential },
            'the person not there': { flag: flags.verified | flags.credential },
            'no credential in it': { flag: flags.present | flags.verified },
            'a point beside the curve': { cose: point },
            'an algorithm that nobody asked for': { cose: new Map([...new Authenticator('').cose, [3, -47]]) },
            'a key with half of its parts': { cose: new Map([[1, 2], [3, -7], [-1, 1]]) },
            'a key that is no map': { cose: Buffer.from([0x58, 0x20, ...Buffer.alloc(32)]) },
            'CBOR that promises more than there is': { cose: Buffer.from([0xbf, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) },
            'a map of four billion entries': { cose: Buffer.from([0xbb, 0, 0, 0, 0, 255, 255, 255, 255]) },
            'bytes without end': { cose: Buffer.from([0xa1, 1, 0x5f, 0x41, 0x01, 0xff]) },
            'something behind the key': { data: (bytes) => Buffer.concat([bytes, Buffer.from([0xa0])]) },
            'CBOR nested': { cose: Buffer.alloc(1000, 0x81) },
            'an empty credential id': { id: Buffer.alloc(0) },
            'a credential id of 1,024 bytes': { id: Buffer.alloc(1024, 5) },
            'nothing': { data: () => Buffer.alloc(0) },
            'more than two kibibytes': { data: (bytes) => Buffer.concat([bytes, Buffer.alloc(2049)]) },
        };
        for (const [what, changed] of Object.entries(cases)) {
            const client = fresh(), answer = await enrol(client, birgit, new Authenticator(server.url), changed);
            assert.ok([403, 422].includes(answer.status), `${what}: ${answer.status}`);
            assert.equal(await isSignedIn(client), false, what);
        }
        const whole = new Authenticator(server.url), client = fresh();
        const page = await client.submit('/login/local', '/login/local/password', { name: 'birgit', password: birgit.password });
        const good = Buffer.from(whole.create(askedOn(page.page)).authenticator_data, 'base64url');
        for (let length = 1; length < good.length; length += 9) {
            const answer = await enrol(fresh(), birgit, whole, { data: (bytes) => bytes.subarray(0, length) });
            assert.equal(answer.status, 403, `cut after ${length} of ${good.length} bytes`);
        }
    });

    test('a passkey that was asked for in one browser is not made in another, and a challenge counts once', async () => {
        const client = fresh(), thief = fresh(), key = new Authenticator(server.url);
        const page = await client.submit('/login/local', '/login/local/password', { name: 'birgit', password: birgit.password });
        const theirs = await thief.submit('/login/local', '/login/local/password', { name: 'birgit', password: birgit.password });
        const fields = { ...key.create(askedOn(page.page)), name: 'Min' };
        await refused(thief, await thief.submit(theirs, '/login/local/enrol', fields), 'another browser');
        const wrong = new Authenticator(server.url).create(askedOn(page.page), { flag: flags.present | flags.credential });
        await refused(client, await client.submit(page, '/login/local/enrol', { ...wrong, name: 'Min' }), 'not verified');
        await refused(client, await client.submit(page, '/login/local/enrol', fields), 'the challenge was answered once already');
    });

    test('makes a passkey, is signed in, and the password is at its end', async () => {
        const client = fresh(), key = new Authenticator(server.url);
        const before = (await client.get('/session', { json: true })) && client.session;
        const answer = await enrol(client, birgit, key, { name: 'Nøglen på kontoret' });
        assert.equal(answer.status, 303);
        assert.notEqual(client.session, before, 'a new session');
        assert.equal((await client.get('/admin')).status, 200, 'administers');
        assert.deepEqual((await own(client)).passkeys.map((one) => one.name), ['Nøglen på kontoret']);
        const again = await fresh().submit('/login/local', '/login/local/password', { name: 'birgit', password: birgit.password });
        assert.equal(again.status, 403);
        const inside = client.session;
        await client.submit('/profile', '/logout', {});
        assert.equal(await isSignedIn(client), false);
        assert.equal((await signInWith(client, key)).status, 303);
        assert.notEqual(client.session, inside);
        assert.match((await client.get('/profile')).page.text(), /en adgangsnøgle/);
        assert.equal((await server.verify()).code, 0);
    });

    test('keys of all three algorithms work', async () => {
        const client = fresh();
        await server.stop();
        const made = await server.command('administrator', 'bodil');
        await server.start();
        assert.equal((await enrol(client, accountOf(made.stdout, 'bodil'), new Authenticator(server.url, { algorithm: 'EdDSA' }))).status, 303);
        for (const algorithm of ['EdDSA', 'RS256', 'ES256']) {
            const key = new Authenticator(server.url, { algorithm, step: 0 });
            assert.equal((await addPasskey(client, algorithm, key)).status, 303, algorithm);
            for (let i = 0; i < 2; i++) assert.equal((await signInWith(fresh(), key)).status, 303, `${algorithm}, which does not count`);
        }
    });

    test('a name that could be misread as another is none', async () => {
        await server.stop();
        for (const name of ['b', 'birgit sø', 'Ørsted', 'a'.repeat(61), 'x\ny']) assert.equal((await server.command('administrator', name)).code, 2, name);
        await server.start();
    });
});

describe('signing in with a passkey', () => {
    let server, birgit, key, other, otherKey;
    before(async () => {
        ({ server, birgit, key } = await running());
        await server.stop();
        other = accountOf((await server.command('administrator', 'ulla')).stdout, 'ulla');
        await server.start();
        otherKey = new Authenticator(server.url);
        assert.equal((await enrol(new Client(server.url), other, otherKey)).status, 303);
    });
    after(() => server?.remove());
    const fresh = () => new Client(server.url);

    test('what is not whole is refused, and the same answer without the fault gets in', async () => {
        const cases = {
            'another origin': { client: { origin: 'https://svindel.example' } },
            'our origin with something behind': { client: { origin: `${server.url}.svindel.example` } },
            'inside another site’s page': { client: { crossOrigin: true } },
            'on top of another site': { client: { topOrigin: 'https://svindel.example' } },
            'a challenge that nobody made': { client: { challenge: Buffer.alloc(32, 1).toString('base64url') } },
            'the act of making a passkey': { client: { type: 'webauthn.create' } },
            'a name twice': { clientText: `{"type":"webauthn.get","challenge":"a","challenge":"b","origin":"${server.url}"}` },
            'another relying party': { rp: 'svindel.example' },
            'the person not verified': { flag: flags.present },
            'the person not there': { flag: flags.verified },
            'a signature that was changed': { signature: (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) ^ 1])]) },
            'a signature that was cut': { signature: (bytes) => bytes.subarray(0, 20) },
            'no signature': { signature: () => Buffer.alloc(0) },
            'another person’s passkey by name': { credential: otherKey.id },
            'another person’s passkey and person': { credential: otherKey.id, handle: otherKey.handle },
            'the own passkey for another person': { handle: otherKey.handle },
            'for nobody': { handle: '' },
            'a passkey that nobody has': { credential: Buffer.alloc(32, 9) },
            'authenticator data that was cut': { data: (bytes) => bytes.subarray(0, 36) },
            'authenticator data with a credential that is not there': { flag: flags.present | flags.verified | flags.credential },
            'something behind authenticator data': { data: (bytes) => Buffer.concat([bytes, Buffer.alloc(8)]) },
            'extensions that are not there': { flag: flags.present | flags.verified | 128 },
        };
        for (const [what, changed] of Object.entries(cases)) {
            const client = fresh();
            await refused(client, await signInWith(client, key, changed), what);
            assert.equal((await signInWith(client, key)).status, 303, `after ${what}`);
        }
    });

    test('fields that are no base64url, too long or missing are refused', async () => {
        const client = fresh(), page = await client.open('/login/local'), good = key.get(await begin(client));
        for (const name of ['credential', 'client_data', 'authenticator_data', 'signature', 'handle']) {
            for (const value of ['', '=', 'a', `${good[name]}=`, `${good[name]} x`, 'æ', 'A'.repeat(3000), '\u0000']) {
                const answer = await client.submit(page, '/login/local/passkey', { ...good, [name]: value });
                assert.ok([400, 403, 422].includes(answer.status), `${name} = ${value.slice(0, 60)}: ${answer.status}`);
            }
        }
        assert.equal(await isSignedIn(client), false);
    });

    test('an answer counts once, in the browser that asked', async () => {
        const still = new Authenticator(server.url, { step: 0 });   // does not count, so that no counter refuses what is sent again
        const own = fresh();
        assert.equal((await signInWith(own, key)).status, 303);
        assert.equal((await addPasskey(own, 'Tæller ikke', still)).status, 303);
        const client = fresh(), thief = fresh(), page = await client.open('/login/local'), answer = still.get(await begin(client));
        await refused(thief, await thief.submit('/login/local', '/login/local/passkey', answer), 'another browser');
        const fields = { ...page.page.form('/login/local/passkey').values, ...answer }, cookie = `samtraad=${client.session}`;
        assert.equal((await client.post('/login/local/passkey', fields)).status, 303, 'the thief has not ended it');
        const whole = await new Client(server.url).post('/login/local/passkey', fields, { headers: { cookie } });
        assert.equal(whole.status, 403, 'all of the request once more, its cookie too');
        await client.submit('/profile', '/logout', {});
        await refused(client, await client.submit('/login/local', '/login/local/passkey', answer), 'replayed by who sent it');
        await refused(thief, await thief.submit('/login/local', '/login/local/passkey', answer), 'replayed by another');
    });

    test('a challenge for one purpose is none for another', async () => {
        const client = fresh();
        assert.equal((await signInWith(client, key)).status, 303);
        const ask = (await client.postJson('/profile/passkeys/begin', {})).json;
        assert.equal((await client.submit('/login/local', '/login/local/passkey', key.get(ask))).status, 403, 'to add one is not to sign in');
        const answer = await client.submit('/profile/passkeys', '/profile/passkeys', { ...new Authenticator(server.url).create({ ...await begin(client), site: 'localhost' }), name: 'x' });
        assert.equal(answer.status, 422, 'to sign in is not to add one');
    });

    test('a counter that does not go forward is refused, told in the log, and in the person’s own', async () => {
        const copy = key.counter;
        assert.equal((await signInWith(fresh(), key)).status, 303);
        for (const counter of [copy, key.counter, 0]) {
            const client = fresh();
            await refused(client, await signInWith(client, key, { counter }), `counter ${counter} after ${key.counter}`);
        }
        assert.match(server.log, /event=passkey-refused act=get passkey=\d+ reason=counter/);
        const client = fresh();
        assert.equal((await signInWith(client, key)).status, 303, 'the one that counts on gets in');
        assert.match((await client.get('/log?own=1')).page.text(), /ældre kopi af din adgangsnøgle/);
    });

    test('programs that want JSON are told before anything is tried', async () => {
        const client = fresh(), csrf = await client.csrf(), answer = key.get(await begin(client));
        for (const [path, fields] of [['passkey', answer], ['code', { name: 'birgit', code: 'x' }], ['password', { name: 'birgit', password: 'x' }]]) {
            assert.equal((await client.post(`/login/local/${path}`, { csrf, ...fields }, { json: true })).status, 406, path);
        }
        assert.equal((await client.submit('/login/local', '/login/local/passkey', answer)).status, 303, 'the challenge is still good');
    });

    test('another site’s page can’t ask, and who has no cookie gets no challenge', async () => {
        const client = fresh(), { csrf } = (await client.open('/login/local')).page.form('/login/local/passkey').values;
        const answer = await client.post('/login/local/begin', { csrf }, { headers: { origin: 'https://svindel.example' } });
        assert.equal(answer.status, 403);
        const bare = await new Client(server.url).request('POST', '/login/local/begin', { json: true, body: '{}', headers: { 'content-type': 'application/json' } });
        assert.ok([400, 422].includes(bare.status), String(bare.status));
    });

    test('a session of a passkey ends the browser’s earlier one', async () => {
        const client = fresh();
        await signInWith(client, key);
        const first = client.session;
        await signInWith(client, otherKey);
        assert.match((await client.get('/profile')).page.text(), /ulla/);
        const old = new Client(server.url);
        assert.equal((await old.get('/profile', { headers: { cookie: `samtraad=${first}` } })).status, 303, 'the earlier one is over');
    });

    test('rows that were moved in the database open nothing', async () => {
        const rows = async () => (await server.sql('SELECT COUNT(*) FROM passkey'));
        assert.ok(await rows());
        await server.stop();
        await server.sql(`CREATE TABLE keep AS SELECT id, person, sealed FROM passkey`);
        await server.sql('UPDATE passkey SET person = (SELECT MAX(person) FROM local_account)');
        await server.start();
        const client = fresh();
        const answer = await signInWith(client, key);
        assert.ok(answer.status >= 400, 'a passkey given to another account');
        assert.equal(await isSignedIn(client), false);
        await server.stop();
        await server.sql('UPDATE passkey SET person = (SELECT person FROM keep WHERE keep.id = passkey.id)');
        await server.start();
        assert.equal((await signInWith(client, key)).status, 303);
        assert.ok(birgit);
    });
});

describe('recovery codes', () => {
    let server, client, key;
    before(async () => { ({ server, client, key } = await running()); });
    after(() => server?.remove());
    const fresh = () => new Client(server.url);

    test('ten are shown once; each signs in once, without scripts, and says so', async () => {
        const codes = await makeCodes(client);
        assert.equal(new Set(codes).size, 10);
        for (const code of codes) assert.doesNotMatch((await client.open('/profile/passkeys')).text, new RegExp(code));
        const guest = fresh(), answer = await useCode(guest, 'BIRGIT', codes[3].toUpperCase().replaceAll('-', ''));
        assert.equal(answer.status, 303, answer.page?.text());
        assert.equal(answer.headers.location, '/profile/passkeys');
        const page = (await guest.open('/profile/passkeys')).page.text();
        assert.match(page, /Du loggede ind med en nødkode/);
        assert.match(page, /9 koder tilbage/);
        assert.match(page, /En blev brugt/);
        assert.equal((await own(guest)).by_code, true);
        assert.match((await guest.get('/profile')).page.text(), /en nødkode/, 'the session knows that it was the weaker way');
        assert.match((await client.get('/log?own=1')).page.text(), /Du loggede ind med en nødkode/);
        const thief = fresh();
        await refused(thief, await useCode(thief, 'birgit', codes[3]), 'used before');
        await refused(thief, await useCode(thief, 'bodil', codes[4]), 'another name');
        assert.equal((await useCode(fresh(), 'birgit', codes[4])).status, 303);
    });

    test('new ones end the old ones', async () => {
        const [old] = await makeCodes(client), [young] = await makeCodes(client), guest = fresh();
        await refused(guest, await useCode(guest, 'birgit', old), 'of an earlier sheet');
        assert.equal((await useCode(guest, 'birgit', young)).status, 303);
    });

    test('my folder tells which ways to sign in there are, and nothing that could be used to', async () => {
        const [code] = await makeCodes(client), guest = fresh();
        await useCode(guest, 'birgit', code);
        const file = await folderOf(client), words = new Page(file.text).text(), data = dataOf(file);
        assert.match(words, /Sådan logger du ind Din konto hedder birgit\. Du har 1 adgangsnøgle\. Du har 9 nødkoder tilbage\. En blev brugt \d+\. \S+ \d{4} kl\./);
        assert.match(words, /Min telefon · Tilføjet \d+\. \S+ \d{4} kl\. \d\d\.\d\d/);
        const { account, passkeys, codes_left: left, code_used: used } = data.sign_in;
        assert.deepEqual([account, left, passkeys.map((one) => Object.keys(one))], ['birgit', 9, [['name', 'made', 'used']]]);
        assert.equal(passkeys[0].name, 'Min telefon');
        for (const time of [passkeys[0].made, used]) assert.ok(Math.abs(Date.now() - Date.parse(time)) < 600_000, time);
        const all = file.text + JSON.stringify(data);
        const bytes = [key.id, key.cose.get(-2)].flatMap((one) => ['base64url', 'base64', 'hex'].map((how) => one.toString(how)));
        for (const secret of [code, ...bytes]) assert.ok(!all.includes(secret), secret);
    });

    test('stand nowhere in the database', async () => {
        const codes = await makeCodes(client), text = JSON.stringify(await server.sql("SELECT * FROM recovery_code"));
        for (const code of codes) assert.ok(!text.includes(code) && !text.includes(code.replaceAll('-', '')));
    });

    test('a passkey that is lost is replaced: code, new passkey, the old one removed, other sessions over', async () => {
        const [code] = await makeCodes(client), guest = fresh(), next = new Authenticator(server.url);
        await useCode(guest, 'birgit', code);
        assert.equal((await addPasskey(guest, 'Ny telefon', next)).status, 303);
        const { passkeys } = await own(guest);
        assert.deepEqual(passkeys.map((one) => one.name), ['Min telefon', 'Ny telefon']);
        const gone = await guest.submitAndOpen(`/profile/passkeys/${passkeys[0].id}`, `/profile/passkeys/${passkeys[0].id}/remove`, {});
        assert.match(gone.page.text(), /Ny telefon/);
        assert.doesNotMatch(gone.page.text(), /Min telefon/);
        assert.equal(await isSignedIn(client), false, 'whoever has the lost phone is out');
        const thief = fresh();
        await refused(thief, await signInWith(thief, key), 'the lost passkey');
        assert.equal((await signInWith(client, next)).status, 303);
        key = next;
    });

    test('the same authenticator is not registered twice, and nobody sees another’s passkeys', async () => {
        const answer = await addPasskey(client, 'Igen', key);
        assert.equal(answer.status, 422);
        assert.match(answer.page.text(), /allerede en nøgle/);
        const [{ id }] = (await own(client)).passkeys;
        await server.stop();
        const ulla = accountOf((await server.command('administrator', 'ulla')).stdout, 'ulla');
        await server.start();
        const other = fresh();
        assert.equal((await enrol(other, ulla, new Authenticator(server.url))).status, 303);
        assert.equal((await other.get(`/profile/passkeys/${id}`)).status, 404);
        assert.equal((await other.post(`/profile/passkeys/${id}/remove`, { csrf: await other.csrf() })).status, 404);
        const mine = (await own(other)).passkeys[0].id;
        assert.match((await other.get(`/profile/passkeys/${mine}`)).page.text(), /eneste nøgle/, 'the last one, without codes');
        assert.equal((await other.post(`/profile/passkeys/${mine}/remove`, { csrf: await other.csrf() })).status, 403);
        await makeCodes(other);
        assert.equal((await other.post(`/profile/passkeys/${mine}/remove`, { csrf: await other.csrf() })).status, 303, 'with codes it may go');
    });

    test('an account that begins anew has none of its passkeys, codes and sessions', async () => {
        const [code] = await makeCodes(client);
        await server.stop();
        const anew = await server.command('administrator', 'birgit');
        assert.match(anew.stdout, /begins anew/);
        await server.start();
        assert.equal(await isSignedIn(client), false);
        const thief = fresh();
        await refused(thief, await signInWith(thief, key), 'an earlier passkey');
        await refused(thief, await useCode(thief, 'birgit', code), 'an earlier code');
        assert.equal((await enrol(client, accountOf(anew.stdout, 'birgit'), new Authenticator(server.url))).status, 303);
        assert.match((await client.get('/profile')).page.text(), /Birgit Sø/);
    });
});

describe('in time', () => {
    let server, birgit;
    before(async () => { ({ server, birgit } = await begun({ clock: true, settings: '' })); });
    after(() => server?.remove());
    const fresh = () => new Client(server.url);
    const later = async (offset) => {
        await server.shiftClock(offset);
        await sleep(60);
    };

    test('a challenge is good for five minutes, a change for a quarter of an hour after signing in, a starting password for three days', async () => {
        const client = fresh(), key = new Authenticator(server.url);
        await later('+73h');
        assert.equal((await enrol(client, birgit, key)).status, 403, 'after three days');
        await later('+0');
        assert.equal((await enrol(client, birgit, key)).status, 303);
        const guest = fresh(), page = await guest.open('/login/local'), ask = await begin(guest);
        await later('+6m');
        await refused(guest, await guest.submit(page, '/login/local/passkey', key.get(ask)), 'after six minutes');
        assert.equal((await client.postJson('/profile/passkeys/begin', {})).status, 200);
        await later('+16m');
        assert.equal((await client.postJson('/profile/passkeys/begin', {})).status, 403);
        assert.equal((await client.post('/profile/passkeys/codes', { csrf: await client.csrf() })).status, 403);
        assert.equal(await isSignedIn(client), true);
        assert.match((await client.open('/profile/passkeys')).page.text(), /Log ind igen/);
        const { id } = (await own(client)).passkeys[0];
        assert.equal((await client.post(`/profile/passkeys/${id}/remove`, { csrf: await client.csrf() })).status, 403);
        assert.equal((await signInWith(client, key)).status, 303);
        assert.equal((await makeCodes(client)).length, 10, 'after signing in again');
        await later('+50m');
        assert.equal(await isSignedIn(client), false, 'a session ends like any other');
        await later('+16m');
    });

    test('who has tried ten wrong codes waits a quarter of an hour, and the passkey is not shut out by it', async () => {
        await server.stop();
        const ulla = accountOf((await server.command('administrator', 'ulla')).stdout, 'ulla');
        await server.start();
        const client = fresh(), key = new Authenticator(server.url);
        assert.equal((await enrol(client, ulla, key)).status, 303);
        const codes = await makeCodes(client);
        for (let i = 0; i < 10; i++) assert.equal((await useCode(fresh(), 'ulla', '0000-0000-0000-0000')).status, 403);
        assert.equal((await useCode(fresh(), 'ulla', codes[0])).status, 403, 'even a right one');
        assert.equal((await signInWith(fresh(), key)).status, 303);
        await later('+32m');
        assert.equal((await useCode(fresh(), 'ulla', codes[0])).status, 303, 'a quarter of an hour later');
    });
});

describe('an administrator', () => {
    let server, client, unit;
    before(async () => {
        ({ server, client } = await running());
        await client.submit('/admin/units', '/admin/units', { name: 'Skovbakkeskolen' });
        unit = (await client.get('/admin/units', { json: true })).json.units[0].id;
    });
    after(() => server?.remove());
    const fresh = () => new Client(server.url);
    const give = (account, name = 'Jonas Dam', more = {}) => client.submit('/admin/local', '/admin/local', { name, title: 'Lærer', unit, account, ...more });

    test('gives a new employee an account, and is shown the password once', async () => {
        const made = await give('jonas.dam');
        assert.equal(made.status, 200, made.page.text());
        const jonas = accountOf(made.page.text(), 'jonas.dam'), employee = fresh(), key = new Authenticator(server.url);
        assert.doesNotMatch((await client.open('/admin/local')).text, new RegExp(jonas.password));
        assert.equal((await enrol(employee, jonas, key)).status, 303);
        assert.equal((await employee.get('/dialogue/new')).status, 200, 'is an employee');
        assert.equal((await employee.get('/admin')).status, 403, 'and no administrator');
        assert.match((await client.open('/admin/local')).page.text(), /Jonas Dam.*Logger ind med adgangsnøgle/);
    });

    test('can’t give a second account of a name, or one with a name that is none', async () => {
        for (const name of ['jonas.dam', 'JONAS.dam', 'birgit', 'jonas dam', 'ø', 'x\ny']) {
            const answer = await give(name, 'Karen Holt');
            assert.ok([400, 422].includes(answer.status), `${name}: ${answer.status}`);
        }
        const { people } = (await client.get('/admin/staff', { json: true })).json;
        assert.equal(people.filter((one) => one.name === 'Karen Holt').length, 0, 'nobody was made');
    });

    test('gives a new password only to who has not made a passkey: nobody signs in as somebody else', async () => {
        const made = await give('rikke', 'Rikke Vang'), { people } = (await client.get('/admin/local', { json: true })).json;
        const rikke = people.find((one) => one.name === 'Rikke Vang'), jonas = people.find((one) => one.name === 'Jonas Dam'), self = people.find((one) => one.name === 'Birgit Sø');
        const csrf = await client.csrf();
        for (const { person } of [jonas, self]) assert.equal((await client.post(`/admin/local/${person}/password`, { csrf })).status, 404);
        const again = await client.submit('/admin/local', `/admin/local/${rikke.person}/password`, {});
        assert.equal(again.status, 200);
        assert.equal((await enrol(fresh(), accountOf(made.page.text(), 'rikke'), new Authenticator(server.url))).status, 403, 'the first one is over');
        assert.equal((await enrol(fresh(), accountOf(again.page.text(), 'rikke'), new Authenticator(server.url))).status, 303);
    });

    test('a page that was opened with a password that is over makes no passkey', async () => {
        const made = await give('lone', 'Lone Bæk'), old = fresh();
        const page = await old.submit('/login/local', '/login/local/password', { name: 'lone', password: passwordIn(made.page.text()) });
        const { person } = (await client.get('/admin/local', { json: true })).json.people.find((one) => one.name === 'Lone Bæk');
        await client.submit('/admin/local', `/admin/local/${person}/password`, {});
        await refused(old, await old.submit(page, '/login/local/enrol', { ...new Authenticator(server.url).create(askedOn(page.page)), name: 'x' }), 'the older page');
    });

    test('ends it with the employment: neither passkey nor code nor password', async () => {
        const made = await give('karim', 'Karim Haddad'), karim = fresh(), key = new Authenticator(server.url);
        assert.equal((await enrol(karim, accountOf(made.page.text(), 'karim'), key)).status, 303);
        const [code] = await makeCodes(karim);
        const { person } = (await client.get('/admin/local', { json: true })).json.people.find((one) => one.name === 'Karim Haddad');
        assert.equal((await client.submit(`/admin/staff/${person}`, `/admin/staff/${person}/end`, {})).status, 303);
        assert.equal(await isSignedIn(karim), false);
        await refused(karim, await signInWith(karim, key), 'the passkey of who has left');
        await refused(karim, await useCode(karim, 'karim', code), 'the code of who has left');
    });

    test('of one unit gives accounts there only', async () => {
        assert.equal((await fresh().get('/admin/local')).status, 303, 'nobody sees the page without signing in');
        assert.equal((await give('fremmed', 'Fremmed', { unit: '12345' })).status, 404, 'a unit that is not there');
        const town = await Town.start({ settings: cheap });
        try {
            const [birgit, ulla] = await Promise.all(['birgit', 'ulla'].map((id) => town.as(id)));
            const units = (await birgit.get('/admin/units', { json: true })).json.units;
            const [school, other] = ['Skovbakkeskolen', 'Familie og trivsel'].map((name) => units.find((one) => one.name === name).id);
            const ask = async (who, account, where) => who.post('/admin/local', { csrf: await who.csrf(), name: `Prøve ${account}`, account, unit: where }, { json: true });
            const offered = async (who) => (await who.get('/admin/local')).page.all('option').length;
            assert.deepEqual(await Promise.all([ulla, birgit].map(offered)), [1, units.length], 'only their own units are to be chosen');
            assert.equal((await ask(ulla, 'egen', school)).status, 200);
            assert.equal((await ask(ulla, 'fremmed', other)).status, 404);
            assert.equal((await ask(birgit, 'anden', other)).status, 200);
            const seen = async (who) => (await who.get('/admin/local', { json: true })).json.people.map((one) => one.name);
            assert.deepEqual(await seen(ulla), ['Prøve egen']);
            assert.deepEqual((await seen(birgit)).sort(), ['Prøve anden', 'Prøve egen']);
            const { person } = (await birgit.get('/admin/local', { json: true })).json.people.find((one) => one.name === 'Prøve anden');
            assert.equal((await ulla.post(`/admin/local/${person}/password`, { csrf: await ulla.csrf() })).status, 404);
        } finally {
            await town.close();
        }
    });

    test('many at once at the door are told to wait, and the others get in', async () => {
        const tried = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
            const guest = fresh();
            return (await guest.submit('/login/local', '/login/local/password', { name: `ukendt${i}`, password: 'x' })).status;
        }));
        assert.ok(tried.every((status) => [403, 503].includes(status)), tried.join());
        assert.ok(tried.includes(403));
        assert.equal((await client.get('/admin')).status, 200);
    });
});
