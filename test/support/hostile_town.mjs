// SPDX-License-Identifier: MPL-2.0
// The server between two providers that misbehave when told to, and what must hold whatever they do.
import assert from 'node:assert/strict';
import { Client } from './client.mjs';
import { HostileProvider } from './hostile_oidc.mjs';
import { level } from './oidc.mjs';
import { Server } from './server.mjs';
import { loginSettings } from './town.mjs';

const secret = 'secret-only-for-the-tests-0123456789';

export const citizen = { id: 'ida', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6b001', cpr: '0203871111', name: 'Ida Ærlig', birthdate: '1987-03-02', loa: level.substantial };
export const employee = { id: 'ejnar', uuid: '0b1f2b52-5f0c-4c5e-8e1f-bb0000000001', name: 'Ejnar Ærlig', unit: 'Familie og trivsel', groups: ['samtraad-employee'], loa: level.substantial };

export class HostileTown {
    #sessions = 0;

    static async start() {
        const town = new HostileTown();
        town.server = await Server.prepare({ demo: false });
        town.citizen = await HostileProvider.start({ client: { id: 'samtraad-citizen', secret }, person: citizen });
        town.staff = await HostileProvider.start({ client: { id: 'samtraad-staff', secret }, person: employee });
        await town.server.configure(loginSettings(town.citizen, town.staff));
        await town.server.start();
        await town.honest('citizen');
        await town.honest('staff');
        town.accounts = (await town.#accounts()).split('\n').slice(1);
        return town;
    }

    get url() {
        return this.server.url;
    }

    /** Leaves for the provider; gives the answer of POST /login/… */
    begin(client, way = 'citizen', next) {
        return client.submit(next === undefined ? '/login' : `/login?next=${encodeURIComponent(next)}`, `/login/${way}`, {});
    }

    /** Leaves and is at the provider; gives the address that the provider sends the browser back to. */
    async away(client, way = 'citizen', next) {
        const asked = await this.begin(client, way, next);
        assert.equal(asked.status, 303, `POST /login/${way}: ${asked.status} ${asked.page.text().slice(0, 200)}`);
        const back = await client.get(asked.headers.location);
        assert.equal(back.status, 302, `the provider sends back: ${back.text.slice(0, 200)}`);
        return back.headers.location;
    }

    /** All of a sign-in; gives our last answer, which is a 303 when it succeeded. */
    async attempt(client = new Client(this.url), way = 'citizen', next = undefined) {
        const asked = await this.begin(client, way, next);
        if (asked.status !== 303) return asked;
        const back = await client.get(asked.headers.location);
        const answer = await client.get(back.headers.location);
        if (answer.status === 303) this.began();
        return answer;
    }

    /** A session has begun: a test that goes the way itself says so. */
    began() {
        this.#sessions++;
    }

    /** What the providers publish is asked for anew the next time. */
    forget() {
        return this.server.sql('DELETE FROM login_metadata');
    }

    #accounts() {
        return this.server.sql('SELECT COUNT(*) FROM session; SELECT * FROM person ORDER BY id; SELECT * FROM unit ORDER BY id');
    }

    /** A sign-in with nothing wrong. */
    async honest(way = 'citizen') {
        this.citizen.behaviour = {};
        this.staff.behaviour = {};
        const client = new Client(this.url);
        const answer = await this.attempt(client, way);
        assert.equal(answer.status, 303, `an honest sign-in: ${answer.status} ${answer.page.text().slice(0, 200)}\n${this.server.log.slice(-600)}`);
        assert.equal((await client.get('/')).status, 200);
        return client;
    }

    /** 'act' gives an answer of ours. It is a refusal, nobody is signed in by it, and no account has changed. */
    async refuses(act, client = new Client(this.url)) {
        const answer = await act(client);
        assert.ok(answer.status >= 400 && answer.status < 500, `refused: ${answer.status} ${answer.headers.location ?? ''}`);
        assert.equal((await client.get('/')).status, 303, 'nobody is signed in');
        const [sessions, ...rows] = (await this.#accounts()).split('\n');
        assert.equal(sessions, String(this.#sessions), 'no session has begun');
        assert.deepEqual(rows, this.accounts, 'the two accounts are as at first');
        assert.equal((await fetch(`${this.url}/healthz`)).status, 200);
        return answer;
    }

    /** One thing is wrong: refused. Without it: signed in. */
    async proves(behaviour, { way = 'citizen', fresh = false } = {}) {
        this[way].behaviour = behaviour;
        if (fresh) await this.forget();
        const answer = await this.refuses((client) => this.attempt(client, way));
        assert.doesNotMatch(answer.text, /<script>alert|elsewhere\.example/, 'nothing of it on our page');
        this[way].behaviour = {};
        if (fresh) await this.forget();
        await this.honest(way);
    }

    async close() {
        await this.server?.remove();
        await this.citizen?.close();
        await this.staff?.close();
    }
}
