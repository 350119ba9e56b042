// SPDX-License-Identifier: MPL-2.0
// A small municipality for the scenarios: the server, both login providers, and people who do things the way people do, through
// the pages and their forms.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './client.mjs';
import { attr } from './html.mjs';
import { citizens, signIn, staff, startProvider } from './oidc.mjs';
import { Server } from './server.mjs';

const secret = (name) => `${name}-secret-only-for-the-tests-0123456789`;

/** The lines of the configuration file that connect a server to its two providers. */
export function loginSettings(citizenProvider, staffProvider) {
    const of = (section, provider) => [
        `[${section}]`,
        `issuer = ${provider.issuer}`,
        `client_id = ${provider.client.id}`,
        `client_secret = ${provider.client.secret}`,
    ];
    return [...of('citizen', citizenProvider), ...of('staff', staffProvider)].join('\n');
}

export class Town {
    #people = new Map();

    /**
     * Starts everything. With 'providers' people sign in through the two OpenID providers and are unknown before; otherwise they are
     * loaded like a demonstration municipality and chosen on the login page. 'server' is one that is prepared; without it other options go to a new one.
     */
    static async start({ providers = false, server, ...options } = {}) {
        const town = new Town();
        town.server = server ?? await Server.prepare(options);
        if (providers) {
            const redirect = (way) => [`${town.server.url}/login/${way}/return`];
            town.citizens = await startProvider({ persons: citizens, client: { id: 'samtraad-citizen', secret: secret('citizen'), redirects: redirect('citizen') } });
            town.staff = await startProvider({ persons: staff, client: { id: 'samtraad-staff', secret: secret('staff'), redirects: redirect('staff') } });
            await town.server.configure(loginSettings(town.citizens, town.staff));
        } else {
            await town.#load();
        }
        await town.server.start();
        return town;
    }

    /** Birgit administers all of it, Ulla her school. */
    async #load() {
        const units = [...new Set(staff.map((one) => one.unit).filter(Boolean))].map((name, index) => ({ id: `unit${index}`, name }));
        const folder = path.join(this.server.folder, 'town');
        await mkdir(path.join(folder, 'portraits'), { recursive: true });
        await writeFile(path.join(folder, 'municipality.json'), JSON.stringify({
            municipality: 'Prøvekøbing Kommune',
            units,
            people: [
                ...staff.map((one) => ({ id: one.id, name: one.name, role: one.groups.includes('samtraad-administrator') ? 'administrator' : 'employee',
                    unit: units.find((unit) => unit.name === one.unit)?.id, title: 'Medarbejder', about: one.unit,
                    reviews: (one.reviews ?? []).map((name) => units.find((unit) => unit.name === name).id) })),
                ...citizens.map((one) => ({ id: one.id, name: one.name, role: 'citizen', birth: one.birthdate, cpr: one.cpr, about: 'Borger' })),
            ],
            dialogues: [],
        }));
        const answer = await this.server.command('demo', folder);
        assert.equal(answer.code, 0, answer.stderr);
        await rm(folder, { recursive: true });   // the canary test searches the whole installation
    }

    #url;

    /** Where people go: to the server, unless there is a front. */
    get url() {
        return this.#url ?? this.server.url;
    }

    set url(url) {
        this.#url = url;
    }

    person(id) {
        return [...citizens, ...staff].find((one) => one.id === id);
    }

    /** A new browser, signed in as that person. */
    async signIn(id, options) {
        const client = new Client(this.url, options);
        client.id = id;
        client.name = this.person(id).name;
        if (!this.citizens) return client.choose(client.name);
        const way = staff.some((one) => one.id === id) ? 'staff' : 'citizen';
        const asked = await client.submit('/login', `/login/${way}`, {});
        assert.equal(asked.status, 303, `POST /login/${way}: ${asked.text.slice(0, 300)}`);
        const end = await signIn(client, asked.headers.location, id);
        assert.equal(end.status, 200, `${id} signs in: ${end.status} at ${end.request.url}: ${end.page.text().slice(0, 300)}`);
        return client;
    }

    /** The same browser for the same person, signed in once. */
    as(id) {
        if (!this.#people.has(id)) this.#people.set(id, this.signIn(id));
        return this.#people.get(id);
    }

    async close() {
        await this.server?.remove();
        await this.citizens?.close();
        await this.staff?.close();
    }
}

/** The same person with the same cookies in another browser, which speaks to this server of several. */
export function at(server, person) {
    const client = new Client(server.url);
    client.cookies.set(new URL(server.url).host, new Map(person.cookies.get(new URL(person.url).host)));
    return Object.assign(client, { id: person.id, name: person.name, behind: person.behind });
}

/** Starts a dialogue about a citizen who is known already; gives its id. */
export async function startDialogue(client, citizen, topic, relation = 'sagsbehandler') {
    const [year, month, day] = citizen.birthdate.split('-');
    const found = await client.submitAndOpen('/dialogue/new', '/dialogue/new/citizen', { name: citizen.name, birth: `${day}-${month}-${year}`, why: 'citizen' });
    const made = await client.submit(found, '/dialogue/new', { topic, relation });
    assert.equal(made.status, 303, `starting a dialogue: ${made.page.text().slice(0, 400)}`);
    const id = /^\/dialogue\/(\d+)/.exec(made.headers.location)?.[1];
    assert.ok(id, `a new dialogue has an address: ${made.headers.location}`);
    return id;
}

/** Makes an invitation; gives the path of its link. */
export async function invite(client, dialogue, { name, email = 'gaest@post.example', relation = 'mor', kind = 'relative' }) {
    const page = await client.submitAndOpen(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/invitations`, { name, email, relation, kind });
    const link = attr(page.page.id('link'), 'value');
    assert.ok(link, `a new invitation shows its link: ${page.page.text().slice(0, 400)}`);
    return new URL(link).pathname;
}

/** Accepts an invitation as somebody who is signed in; gives the last answer. */
export function accept(client, link) {
    return client.submitAndOpen(link, link, {});
}

/** Invites an employee from the staff list. */
export async function addEmployee(client, dialogue, name, relation) {
    const found = await client.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants`, { search: name.split(' ')[0] });
    const answer = await client.submit(found, `/dialogue/${dialogue}/participants/employee`, { relation });
    assert.equal(answer.status, 303, `adding ${name}: ${answer.page.text().slice(0, 400)}`);
}

/** Writes a message through the page's form; gives its number. */
export async function write(client, dialogue, text, fields = {}) {
    const answer = await client.submit(`/dialogue/${dialogue}`, `/dialogue/${dialogue}/post`, { text, ...fields });
    assert.equal(answer.status, 303, `writing: ${answer.status} ${answer.page.text().slice(0, 300)}`);
    const posts = await read(client, dialogue);
    return Number(posts.at(-1).number);
}

/** The newest posts as JSON. */
export async function read(client, dialogue) {
    const answer = await client.get(`/dialogue/${dialogue}`, { json: true });
    assert.equal(answer.status, 200, `reading ${dialogue}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer.json.page.posts;
}

/** The texts of all messages, from the newest back: the dialogue's own page would open at the reader's oldest unread one. */
export async function everything(client, dialogue) {
    const texts = [];
    let before = `?before=${Number.MAX_SAFE_INTEGER}`;
    for (;;) {
        const { json } = await client.get(`/dialogue/${dialogue}${before}`, { json: true });
        texts.unshift(...json.page.posts.map((post) => post.text));
        if (!json.page.older_before || json.page.older_before === '0') return texts;
        before = `?before=${json.page.older_before}`;
    }
}

export async function participants(client, dialogue) {
    return (await client.get(`/dialogue/${dialogue}/participants`, { json: true })).json;
}

/** Ends somebody's access. */
export async function exclude(client, dialogue, name, reason = 'Ikke længere med') {
    const { people } = await participants(client, dialogue);
    const person = people.find((one) => one.name === name);
    assert.ok(person, `${name} takes part`);
    const answer = await client.submit(`/dialogue/${dialogue}/participants`, `/dialogue/${dialogue}/participants/${person.person}/exclude`, { reason });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
    return person.person;
}

/**
 * The circle around Emil: Anne (coordinator), Emil (citizen), Mette (his mother), Karim (his teacher, from outside), Jonas (an
 * employee). Everybody is signed in.
 */
export async function circle(town, topic = 'Emil og skolen') {
    const [anne, emil, mette, karim, jonas] = await Promise.all(['anne', 'emil', 'mette', 'karim', 'jonas'].map((id) => town.as(id)));
    const dialogue = await startDialogue(anne, town.person('emil'), topic);
    await accept(mette, await invite(anne, dialogue, { name: 'Mette Østergaard', relation: 'mor' }));
    await accept(karim, await invite(anne, dialogue, { name: 'Karim Haddad', relation: 'klasselærer', kind: 'external' }));
    await addEmployee(anne, dialogue, jonas.name, 'skolens kontaktperson');
    return { dialogue, anne, emil, mette, karim, jonas };
}
