// SPDX-License-Identifier: MPL-2.0
// Every page of the program, in the demonstration municipality, as the people who would see it. Used by the tests of how pages look
// and work, and by script/screenshots.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { tourInsight } from './tour_insight.mjs';
import { tourFolder } from './tour_folder.mjs';
import { tourJournal } from './tour_journal.mjs';
import { tourConsent } from './tour_consent.mjs';
import { tourModeration, tourPrint, tourSearch, tourSide } from './tour_rights.mjs';

/** The dialogue that Mette Lindgaard coordinates. */
const school = JSON.parse(await readFile('demo/dialogues/skole.json', 'utf8'));

async function be(page, url, name) {
    await page.context().clearCookies();
    await page.goto(`${url}/login`);
    await page.locator('.demo button', { hasText: name }).first().click();
    await page.waitForURL(`${url}/`);
}

async function speak(page, url, language) {
    if (await page.locator('html').getAttribute('lang') === language) return;
    const { cookies } = await page.request.storageState();
    assert.ok(cookies);
    const token = (await (await page.request.get(`${url}/session`, { headers: { accept: 'application/json' } })).json()).csrf;
    const answer = await page.request.post(`${url}/language`, { form: { csrf: token, language, next: '/' }, headers: { origin: url }, maxRedirects: 0 });
    assert.equal(answer.status(), 303);
    await page.reload();
}

/**
 * Visits all pages with the browser page, in a language; calls visit(name) on each. The invitation that it makes is used up by nobody.
 * Names of people and dialogues are those of demo/municipality.json.
 */
export async function tour(page, url, language, visit) {
    const go = async (path, name) => {
        await page.goto(url + path);
        await visit(name);
    };
    await page.goto(`${url}/login`);
    await speak(page, url, language);
    await visit('login');
    await go('/login?next=%2Fprofile&ended=1', 'login-ended');
    await go('/login/local?next=%2Fprofile', 'login-local');
    await go('/nowhere', 'not-found');
    await go('/invitation/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'invitation-wrong');

    await be(page, url, 'Mette Lindgaard');
    await speak(page, url, language);
    await visit('start-employee');
    const first = (await page.locator('.list__link', { hasText: school.topic }).getAttribute('href')).replace(/#.*/, '');
    await go('/profile', 'profile');
    await go('/profile/picture', 'profile-picture');
    await go('/dialogue/new', 'new-citizen');
    await page.locator('input[name=why][value=enquiry]').check();
    await page.locator('#name').fill('Emil Dahl Kristensen');
    await page.locator('#birth').fill('15-03-2013');
    await page.locator('form:has(#name) button').click();
    await visit('new-citizen-not-found');
    await page.locator('#birth').fill('14-03-2013');
    await page.locator('form:has(#name) button').click();
    await page.locator('#topic').waitFor();
    await visit('new-topic');

    await go(`${first}/files`, 'files-choose');
    await go(first, 'dialogue-employee');
    // On a wide screen the people stand beside the thread all the time.
    if (await page.locator('.strip__button').isVisible()) {
        await page.locator('.strip__button').click();
        await visit('dialogue-people');
        await page.keyboard.press('Escape');
    }
    const mark = `${Math.floor(Math.random() * 1e9)}`;
    await page.locator('#text').fill(`Hej alle sammen. Skal vi tage en kort snak på torsdag? ${mark}`);
    await page.locator('.composer__send').click();
    const dots = page.locator('.post--own', { hasText: mark }).locator('.post__more');
    const post = (await dots.getAttribute('href')).replace('/menu', '');
    await dots.click();
    await page.locator(`#post-menu [href="${post}/edit"]`).waitFor();
    await visit('dialogue-menu');
    await go(`${post}/menu`, 'post-menu');
    await go(`${post}/edit`, 'post-edit');
    await page.locator('#text').fill('Hej alle sammen. Skal vi tage en kort snak på fredag?');
    await page.locator('form:has(#text) button').click();
    await go(`${post}/history`, 'post-history');
    await page.goto(`${url}${first}?reply=1`);
    await visit('dialogue-reply');

    await tourSearch(go, first);
    await tourPrint(go, first);
    await tourModeration(go, first, { page, visit, url });
    await tourJournal(go, first, { page, visit, url });
    await tourSide(go, first, { page, visit, url });
    await go(`${first}/participants`, 'participants');
    await go(`${first}/participants?search=an`, 'participants-search');
    await go(`${first}/participants?search=zzz`, 'participants-search-nobody');
    await page.goto(`${url}${first}/participants`);
    await page.locator('#invite-name').fill('Farmor Grethe');
    await page.locator('#invite-relation').fill('farmor');
    await page.locator('#invite-email').fill('grethe@eksempel.dk');
    await page.locator('form:has(#invite-name) button').click();
    await page.locator('#link').waitFor();
    await visit('participants-invited');
    const link = new URL(await page.locator('#link').inputValue()).pathname;
    const menu = page.locator('.row__menu summary').last();
    await menu.click();
    await visit('participants-menu');
    await go(link, 'invitation-signed-in');

    await be(page, url, 'Bo Kjeldsen');
    await speak(page, url, language);
    await visit('start-empty');
    await go('/admin', 'admin');
    await go('/admin/units', 'admin-units');
    await go('/admin/local', 'admin-local');
    await go('/admin/statistics', 'admin-statistics');
    await go('/admin/staff/import', 'admin-import');
    await go('/admin/dialogues', 'admin-dialogues-why');
    await page.locator('input[name=why]').first().check();
    await page.locator('form:has(#unit) button').click();
    await page.locator('.rows').waitFor();
    await visit('admin-dialogues');
    await go('/admin/coordinators', 'admin-coordinators');
    await go('/admin/consent-texts', 'admin-consent-texts');
    await page.locator('form[action="/admin/consent-texts"] button').click();
    await page.waitForURL(/\/draft$/);
    await visit('admin-consent-draft');
    await page.locator('form[action$="/remove"] button').click();
    await go('/consent-texts/1', 'consent-text');
    await go('/admin/staff', 'admin-staff');
    await page.locator('.row__name a', { hasText: 'Mette Lindgaard' }).click();
    await page.locator('.fold summary').click();
    await visit('admin-staff-one');
    const as = async (name) => {
        await be(page, url, name);
        await speak(page, url, language);
    };
    await tourConsent({ page, url, be: as, go, visit }, first, 'Emil Dahl Kristensen');
    await be(page, url, 'Emil Dahl Kristensen');
    await speak(page, url, language);
    await go('/access', 'access');
    await page.goto(url);
    await visit('start-citizen');
    await go('/write', 'write');
    await page.locator('#unit').selectOption({ label: 'Børn og Familie' });
    await page.locator('#topic').fill('Hjælp til lektier');
    await page.locator('#text').fill('Hej. Kan nogen hjælpe mig med matematik om onsdagen? Hilsen Emil');
    await page.locator('form:has(#text) button').click();
    await page.locator('#composer').waitFor();
    await visit('dialogue-unassigned');
    await page.goto(`${url}/`);
    await page.locator('.list__link', { hasText: school.topic }).click();
    await page.locator('#composer').waitFor();
    await visit('dialogue-citizen');
    await go(`${new URL(page.url()).pathname}/participants`, 'participants-citizen');

    await page.goBack();
    const become = async (name) => {
        await be(page, url, name);
        await speak(page, url, language);
        return () => become('Emil Dahl Kristensen');
    };
    await tourInsight(page, { dialogue: new URL(page.url()).pathname, visit, become });
    await tourFolder(page, url, visit);

    await be(page, url, 'Mette Lindgaard');
    await speak(page, url, language);
    await go('/inbox', 'inbox');
    await page.locator('.row__name a').first().click();
    await page.locator('#relation').waitFor();
    await visit('inbox-one');
    await page.locator('#relation').fill('sagsbehandler');
    await page.locator('form:has(#relation) button').click();
    await page.locator('#composer').waitFor();
    await go('/absence', 'absence');
    await page.goto(`${url}/`);

    await page.locator('.bar__menu summary').click();
    await visit('menu');
    await page.locator('.bar__menu form[action="/logout"] button').click();
    await page.waitForURL((to) => to.pathname === '/login');
    await speak(page, url, language);
    await go(link, 'invitation');
}
