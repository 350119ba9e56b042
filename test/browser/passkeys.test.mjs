// SPDX-License-Identifier: MPL-2.0
// Passkeys in Chromium, with a virtual authenticator: what an administrator of a new installation does with them. Pictures of the pages are in ./screenshots/passkeys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { passwordIn } from '../support/authenticator.mjs';
import { Server } from '../support/server.mjs';
import { inspectDesktop, inspectPhone, launch, picture, visitor, walkByKeyboard } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A new installation and the password of its administrator. */
async function begun() {
    const server = await Server.prepare({ demo: false });
    const made = await server.command('administrator', 'birgit', '--name', 'Birgit Sø');
    assert.equal(made.code, 0, made.stderr);
    await server.start();
    return { server, password: passwordIn(made.stdout) };
}

/** Gives the page an authenticator of its own, which knows its person. */
async function authenticator(page, { verifies = true } = {}) {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: verifies, automaticPresenceSimulation: true } });
    return {
        credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
        verify: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
        remove: () => devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
    };
}

const sound = async (page) => assert.deepEqual(page.size === 'phone' ? await inspectPhone(page) : await inspectDesktop(page), []);

async function look(page, name) {
    await sound(page);
    await picture(page, `passkeys/${name}-${page.size}`);
}

async function signOut(page, server) {
    await page.goto(`${server.url}/profile`);
    await page.locator('main form[action="/logout"] button').click();
    await page.waitForURL(/\/login/);
}

for (const size of ['phone', 'desktop']) {
    test(`the first administrator makes a passkey, signs in with it, loses it and comes back with a code (${size})`, async () => {
        const { server, password } = await begun();
        const page = await visitor(browser, size), device = await authenticator(page);
        try {
            await page.goto(`${server.url}/login`);
            await look(page, 'login');
            await page.locator('a[href^="/login/local"]').click();
            await page.locator('summary', { hasText: 'første gang' }).click();
            await look(page, 'first-time');
            await page.locator('#password-name').fill('birgit');
            await page.locator('#password').fill('forkert');
            await page.locator('form[action="/login/local/password"] button').click();
            await page.locator('.form-error-message', { hasText: 'passer ikke' }).waitFor();
            await look(page, 'wrong');
            await page.locator('#password').fill(password);
            await page.locator('form[action="/login/local/password"] button').click();
            await page.locator('h1', { hasText: 'Lav din adgangsnøgle' }).waitFor();
            await look(page, 'enrol');
            await page.locator('#name').fill('Min telefon');
            await device.verify(false);
            await page.locator('[data-passkey-button]').click();
            await page.locator('[data-passkey-failed]').waitFor();
            await look(page, 'enrol-failed');
            await device.verify(true);
            await page.locator('[data-passkey-button]').click();
            await page.waitForURL(/\/profile\/passkeys$/);
            await look(page, 'own');
            const [made] = await device.credentials();
            assert.equal(made.isResidentCredential, true);
            assert.equal(made.rpId, 'localhost');

            await page.locator('form[action="/profile/passkeys/codes"] button').click();
            await page.locator('.codes').waitFor();
            await look(page, 'codes');
            const codes = await page.locator('.codes code').allInnerTexts();
            assert.equal(codes.length, 10);

            await page.goto(`${server.url}/profile/passkeys`);
            await page.locator('#name').fill('Igen');
            await page.locator('form[data-passkey] button').click();
            await page.locator('[data-passkey-known]').waitFor();   // the browser says so, by the list it was given

            await signOut(page, server);
            await page.goto(`${server.url}/login/local?next=%2Fadmin`);
            await page.locator('[data-passkey-button]').click();
            await page.waitForURL(`${server.url}/admin`);

            await signOut(page, server);
            await device.remove();
            const next = await authenticator(page);
            await page.goto(`${server.url}/login/local`);
            await page.locator('summary', { hasText: 'nødkode' }).click();
            await look(page, 'code');
            await page.locator('#code-name').fill('birgit');
            await page.locator('#code').fill(codes[0]);
            await page.locator('form[action="/login/local/code"] button').click();
            await page.waitForURL(/\/profile\/passkeys$/);
            await look(page, 'own-by-code');
            await page.locator('#name').fill('Ny telefon');
            await page.locator('form[data-passkey] button').click();
            await page.locator('.row__name', { hasText: 'Ny telefon' }).waitFor();
            assert.equal((await next.credentials()).length, 1);
            await page.locator('.row', { hasText: 'Min telefon' }).locator('a').click();
            await page.locator('h1', { hasText: 'Fjern Min telefon?' }).waitFor();
            await look(page, 'remove');
            await page.locator('form[action$="/remove"] button').click();
            await page.waitForURL(/\/profile\/passkeys$/);
            assert.deepEqual(await page.locator('.row__name').allInnerTexts(), ['Ny telefon']);
            await signOut(page, server);
            await page.goto(`${server.url}/login/local`);
            await page.locator('[data-passkey-button]').click();
            await page.waitForURL(`${server.url}/`);
            await page.goto(`${server.url}/profile`);
            await look(page, 'profile');
        } finally {
            await page.context().close();
            await server.remove();
        }
    });
}

test('an authenticator that does not know its person signs nobody in', async () => {
    const { server, password } = await begun();
    const page = await visitor(browser, 'phone'), device = await authenticator(page);
    try {
        await page.goto(`${server.url}/login/local`);
        await page.locator('summary', { hasText: 'første gang' }).click();
        await page.locator('#password-name').fill('birgit');
        await page.locator('#password').fill(password);
        await page.locator('form[action="/login/local/password"] button').click();
        await page.locator('#name').fill('Min telefon');
        await page.locator('[data-passkey-button]').click();
        await page.waitForURL(/\/profile\/passkeys$/);
        await signOut(page, server);
        await page.goto(`${server.url}/login/local`);
        await device.verify(false);
        await page.locator('[data-passkey-button]').click();
        await page.locator('[data-passkey-failed]').waitFor();
        await device.verify(true);
        await page.locator('[data-passkey-button]').click();
        await page.waitForURL(`${server.url}/`);
    } finally {
        await page.context().close();
        await server.remove();
    }
});

test('without scripts the page says what is missing, and a recovery code still signs in; an administrator gives accounts, by keyboard', async () => {
    const { server, password } = await begun();
    const page = await visitor(browser, 'desktop');
    await authenticator(page);
    const bare = await visitor(browser, 'phone', { javaScriptEnabled: false });
    try {
        await page.goto(`${server.url}/login/local`);
        await page.locator('summary', { hasText: 'første gang' }).click();
        await walkByKeyboard(page);
        await page.locator('#password-name').fill('birgit');
        await page.locator('#password').fill(password);
        await page.keyboard.press('Enter');
        await page.locator('#name').fill('Min nøgle');
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/profile\/passkeys$/);
        await walkByKeyboard(page);
        await page.locator('form[action="/profile/passkeys/codes"] button').press('Enter');
        const [code] = await page.locator('.codes code').allInnerTexts();

        await bare.goto(`${server.url}/login/local`);
        await bare.locator('[data-passkey-missing]', { hasText: 'scripts' }).waitFor();
        assert.equal(await bare.locator('[data-passkey-button]').isVisible(), false);
        await picture(bare, 'passkeys/without-scripts-phone');
        await bare.locator('summary', { hasText: 'nødkode' }).click();
        await bare.locator('#code-name').fill('birgit');
        await bare.locator('#code').fill(code);
        await bare.locator('form[action="/login/local/code"] button').click();
        await bare.waitForURL(/\/profile\/passkeys$/);

        await page.goto(`${server.url}/admin/units`);
        await page.locator('#name').fill('Skovbakkeskolen');
        await page.locator('form[action="/admin/units"] button').click();
        for (const size of ['desktop', 'phone']) {
            const account = size === 'desktop' ? 'jonas.dam' : 'rikke.vang';
            page.size = size;
            await page.setViewportSize(size === 'phone' ? { width: 390, height: 844 } : { width: 1280, height: 800 });
            await page.goto(`${server.url}/admin/local`);
            await walkByKeyboard(page);
            await page.locator('#name').fill(size === 'desktop' ? 'Jonas Dam' : 'Rikke Vang');
            await page.locator('#title').fill('Lærer');
            await page.locator('#account').fill(account);
            await page.keyboard.press('Enter');
            await page.locator('.codes').waitFor();
            await look(page, 'given');
            await page.goto(`${server.url}/admin/local`);
            await page.locator('.row__name', { hasText: size === 'desktop' ? 'Jonas Dam' : 'Rikke Vang' }).waitFor();
            await look(page, 'accounts');
        }
    } finally {
        await page.context().close();
        await bare.context().close();
        await server.remove();
    }
});
