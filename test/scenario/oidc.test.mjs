// SPDX-License-Identifier: MPL-2.0
// Sign-in at real OpenID providers, one for citizens and one for staff.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { signIn } from '../support/oidc.mjs';
import { Server } from '../support/server.mjs';
import { Town, startDialogue } from '../support/town.mjs';

let town;
before(async () => { town = await Town.start({ providers: true, demo: false }); });
after(() => town?.close());

const host = () => new URL(town.url).host;
const jar = (client) => client.cookies.get(host());
const profile = async (client) => (await client.get('/profile')).page.text();
const people = async () => Number(await town.server.sql('SELECT COUNT(*) FROM person'));

/** A browser that has only our cookies: the provider asks again who it is. */
function keepOurs(client) {
    for (const name of [...client.cookies.keys()]) if (name !== host()) client.cookies.delete(name);
}

/** Goes to the provider and chooses somebody there; gives the address that leads back to us. */
async function away(client, id, way = 'citizen') {
    const asked = await client.submit('/login', `/login/${way}`, {});
    const choose = await client.open(asked.headers.location);
    let step = await client.post(new URL(choose.page.form(new RegExp(`/${id}$`)).action, choose.request.url).href);
    while (!step.headers.location.startsWith(town.url)) step = await client.get(step.headers.location);
    return step.headers.location;
}

describe('who signs in', () => {
    test('a citizen whom a caseworker has registered becomes that account, with the name that MitID gives', async () => {
        const anne = await town.signIn('anne');
        const before = await people();
        const emil = town.person('emil');
        const unknown = await anne.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { cpr: emil.cpr, why: 'enquiry' });
        await anne.submitAndOpen(unknown, '/dialogue/new/register', { name: 'Emil Lund' });
        const dialogue = await startDialogue(anne, { ...emil, name: 'Emil Lund' }, 'Emil og skolen');
        assert.equal(await people(), before + 1, 'registered');
        const boy = await town.signIn('emil');
        assert.equal(await people(), before + 1, 'no second account');
        assert.match(await profile(boy), /Emil Østergaard Lund/);
        assert.equal((await boy.get(`/dialogue/${dialogue}`)).status, 200, 'the dialogue was waiting');
        assert.match((await anne.get(`/dialogue/${dialogue}`)).page.text(), /Emil Østergaard/, 'the others see the name too');
        assert.equal((await town.signIn('emil')).session !== boy.session, true);
        assert.equal(await people(), before + 1);
    });

    test('a citizen whom nobody knows gets an account, once', async () => {
        const before = await people();
        const mette = await town.signIn('mette');
        assert.equal(await people(), before + 1);
        assert.match(await profile(mette), /Mette Østergaard.*Borger/);
        const again = await town.signIn('mette');
        assert.equal(await people(), before + 1);
        assert.equal(await profile(again), await profile(mette));
        assert.equal((await mette.get('/dialogue/new')).status, 403);
    });

    test('two who come at the same moment for the first time are one person', async () => {
        const before = await people();
        const browsers = [new Client(town.url), new Client(town.url), new Client(town.url)];
        const back = await Promise.all(browsers.map((client) => away(client, 'stranger')));
        const answers = await Promise.all(browsers.map((client, index) => client.get(back[index])));
        assert.deepEqual(answers.map((answer) => answer.status), [303, 303, 303]);
        assert.equal(await people(), before + 1);
    });

    test('an employee has the unit and role that the work account says, as it says them by now', async () => {
        const jonas = town.person('jonas');
        const browser = await town.signIn('jonas');
        assert.match(await profile(browser), /Jonas Dam.*Skovbakkeskolen/);
        assert.equal((await browser.get('/dialogue/new')).status, 200);
        const birgit = await town.signIn('birgit');
        assert.match(await profile(birgit), /Birgit Sø.*Administrator/);
        try {
            Object.assign(jonas, { name: 'Jonas Dam Sø', unit: 'Familie og trivsel' });
            assert.match(await profile(await town.signIn('jonas')), /Jonas Dam Sø.*Familie og trivsel/);
            assert.equal(await town.server.sql('SELECT COUNT(*) FROM unit'), '2', 'the unit that Anne is in already, not another of that name');
            jonas.groups = ['canteen'];
            const refused = new Client(town.url);
            const answer = await refused.get(await away(refused, 'jonas', 'staff'));
            assert.equal(answer.status, 403, 'who is no employee any more');
            assert.match(answer.page.text(), /Din arbejdskonto giver ikke adgang her.*bed din leder/);
        } finally {
            Object.assign(jonas, { name: 'Jonas Dam', unit: 'Skovbakkeskolen', groups: ['samtraad-employee'] });
        }
    });

    test('who has left is told so, and not to try again in a moment', async () => {
        const birgit = await town.signIn('birgit');
        const jonas = (await birgit.get('/admin/staff', { json: true })).json.people.find((one) => one.name.startsWith('Jonas Dam'));
        const page = `/admin/staff/${jonas.person}`;
        assert.equal((await birgit.submit(page, `${page}/end`, {})).status, 303);
        try {
            const client = new Client(town.url);
            const answer = await client.get(await away(client, 'jonas', 'staff'));
            assert.equal(answer.status, 403);
            assert.match(answer.page.text(), /du er stoppet.*bed din leder/);
            assert.doesNotMatch(answer.page.text(), /Prøv igen om lidt|Det var ikke din fejl/);
        } finally {
            assert.equal((await birgit.submit(page, `${page}/return`, {})).status, 303);
        }
        assert.ok(await town.signIn('jonas'));
    });

    test('a sign-in that is too weak is refused with words that help, and makes no account', async () => {
        const before = await people();
        const lone = new Client(town.url);
        const asked = await lone.submit('/login?next=/profile', '/login/citizen', {});
        const end = await signIn(lone, asked.headers.location, 'lone');
        assert.equal(end.status, 403);
        assert.match(end.page.text(), /MitID.*(app|kodeviser)/);
        assert.ok(end.page.links.some((link) => link.href.startsWith('/login?next=')));
        assert.equal((await lone.get('/')).status, 303);
        assert.equal(await people(), before);
    });

    test('somebody who stops at the provider is told that nothing happened', async () => {
        const client = new Client(town.url);
        const asked = await client.submit('/login', '/login/citizen', {});
        const { searchParams } = new URL(asked.headers.location);
        const back = new URL('/login/citizen/return', town.url);
        back.search = new URLSearchParams({ error: 'access_denied', state: searchParams.get('state'), iss: town.citizens.issuer });
        const answer = await client.get(back.href);
        assert.equal(answer.status, 403);
        assert.match(answer.page.text(), /Du stoppede/);
        assert.equal((await client.get('/')).status, 303);
        await town.signIn('mette');
    });
});

describe('where one goes on', () => {
    test('to the page that was asked for, through the provider', async () => {
        const client = new Client(town.url);
        const login = await client.open('/profile');
        assert.equal(login.request.url.pathname, '/login');
        const asked = await client.submit(login, '/login/citizen', {});
        const end = await signIn(client, asked.headers.location, 'mette');
        assert.equal(end.request.url.pathname, '/profile');
        assert.equal((await client.get('/login?next=/profile')).headers.location, '/profile', 'who is signed in goes straight on');
    });

    test('after a while of quiet the login page says what happened', async () => {
        const client = new Client(town.url);
        const page = (await client.open('/login?ended=1')).page.text();
        assert.match(page, /logget ud/i);
        assert.match(page, /gemt/);
        assert.doesNotMatch((await client.open('/login')).page.text(), /gemt/);
    });

    test('a browser with JavaScript is led on by a page, since form-action holds for redirects too', async () => {
        const client = new Client(town.url);
        const form = (await client.open('/login')).page.form('/login/citizen');
        const answer = await client.post('/login/citizen', form.values, { headers: { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin', origin: town.url } });
        assert.equal(answer.status, 200);
        assert.match(answer.headers.refresh, new RegExp(`^0; url=${town.citizens.issuer}/`));
        assert.ok(answer.page.links.some((link) => link.href.startsWith(town.citizens.issuer)));
    });
});

describe('one browser, several people', () => {
    test('signing in as somebody else ends the first session', async () => {
        const browser = await town.signIn('mette');
        const copy = new Client(town.url);
        copy.cookies.set(host(), new Map(jar(browser)));
        const stream = await browser.stream('/stream').catch(() => undefined);
        keepOurs(browser);
        assert.equal((await browser.get(await away(await withoutSession(browser), 'karim'))).status, 303);
        assert.match(await profile(browser), /Karim/);
        assert.equal((await copy.get('/')).status, 303, 'the first session is over');
        stream?.close();
    });

    test('a sign-in that began signed in as one, and ended as another, is the other one’s alone', async () => {
        const browser = await town.signIn('mette');
        const form = { csrf: await browser.csrf(), next: '/profile' };
        const old = new Client(town.url);
        keepOurs(browser);
        const asked = await browser.post('/login/citizen', form);
        old.cookies.set(host(), new Map(jar(browser)));
        const end = await signIn(browser, asked.headers.location, 'karim');
        assert.match(end.page.text(), /Karim Haddad/);
        assert.doesNotMatch(end.page.text(), /Mette/);
        assert.equal((await old.get('/')).status, 303);
    });

    test('a refused sign-in leaves who was signed in as they were', async () => {
        const browser = await town.signIn('mette');
        const form = { csrf: await browser.csrf() };
        keepOurs(browser);
        const asked = await browser.post('/login/citizen', form);
        assert.equal((await signIn(browser, asked.headers.location, 'lone')).status, 403);
        assert.match(await profile(browser), /Mette/);
    });

    test('the cookie of before is worth nothing after', async () => {
        const victim = new Client(town.url);
        await victim.open('/login');
        const planted = victim.session;
        assert.ok(planted);
        assert.equal((await victim.get(await away(victim, 'mette'))).status, 303);
        assert.notEqual(victim.session, planted);
        const attacker = new Client(town.url);
        attacker.cookies.set(host(), new Map([['samtraad', planted]]));
        assert.equal((await attacker.get('/')).status, 303);
    });
});

/** The login page is not shown to who is signed in: leave it with a browser that shares everything but that. */
async function withoutSession(browser) {
    const csrf = await browser.csrf();
    browser.submit = async (target, action, fields) => { delete browser.submit; return browser.post(action, { csrf, ...fields }); };
    return browser;
}

describe('behind a front that ends TLS', () => {
    test('cookies are Secure and carry the prefix that binds them to this host', async () => {
        const server = await Server.prepare({ demo: false });
        try {
            await server.configure(`${town.server.settings.replace(/^/, 'behind_proxy = 1\n')}`);
            await server.start();
            const client = new Client(server.url);
            const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
            const page = await client.get('/login', { headers });
            const session = page.headers['set-cookie'][0];
            assert.match(session, /^__Host-samtraad=.*; Path=\/; .*Secure/);
            const answer = await client.post('/login/citizen', page.page.form('/login/citizen').values, { headers: { ...headers, cookie: session.split(';')[0] } });
            assert.equal(answer.status, 303, answer.page.text().slice(0, 200));
            assert.ok(answer.headers['set-cookie'].some((line) => /^__Host-samtraad-login=.*; Path=\/; .*Secure/.test(line)), answer.headers['set-cookie'].join('\n'));
            assert.ok(answer.headers['set-cookie'].every((line) => !/Domain/i.test(line)));
        } finally {
            await server.remove();
        }
    });
});

describe('without providers', () => {
    test('there are no such buttons, and no such pages', async () => {
        const server = await Server.start({ demo: true });
        try {
            const client = new Client(server.url);
            const login = await client.open('/login');
            assert.equal(login.page.form('/login/citizen'), undefined);
            assert.equal(login.page.form('/login/staff'), undefined);
            assert.equal((await client.get('/login/citizen/return?state=a&code=b')).status, 404);
            const csrf = await client.csrf().catch(() => '');
            assert.ok([403, 404].includes((await client.post('/login/citizen', { csrf, next: '/' })).status));
        } finally {
            await server.remove();
        }
    });
});

test('the log tells nothing about anybody', () => {
    assert.doesNotMatch(town.server.log, /Mette|Emil|Jonas|0507842222|1203132111|6d1e1c0a|secret-only|AddressSanitizer|runtime error/);
    assert.doesNotMatch(town.server.log, /no part of the program has asked/, 'every setting is known');
});
