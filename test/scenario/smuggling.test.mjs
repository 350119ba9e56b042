// SPDX-License-Identifier: MPL-2.0
// Requests that two programs could read differently, straight at the server and behind the fronts that share its connections among people: nothing of one
// person's request ever becomes, or is answered as, another's.
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { requests } from '../support/ambiguous.mjs';
import { frontFolder, startFront } from '../support/fronts.mjs';
import { Town, circle, read } from '../support/town.mjs';
import { talk } from '../support/wire.mjs';

const form = (text, { dialogue, host, cookie, csrf }) => {
    const body = new URLSearchParams({ csrf, text }).toString();
    return `POST /dialogue/${dialogue}/post HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

let town, one, folder, ca, count = 0;
before(async () => {
    town = await Town.start({ settings: 'behind_proxy = 1' });
    one = await circle(town);
    ({ folder, ca } = await frontFolder(town));
});
after(() => town?.close());

/** The attacker's own part of a request: what somebody who takes part has. */
async function attacker(client) {
    const [name, value] = [...client.cookies.get(new URL(client.url).host)].find(([key]) => key.endsWith('samtraad'));
    return { host: new URL(client.url).host, cookie: `${name}=${value}`, csrf: await client.csrf(), dialogue: one.dialogue };
}

/** All cases with texts of their own, so that it shows which hidden request was carried out. */
async function cases(client) {
    const own = await attacker(client);
    const mark = 'MARKMARKMARK';
    return requests({ ...own, hidden: form(mark, own) }).map((each) => {
        const text = `Gemt${String(++count).padStart(8, '0')}`;
        return { ...each, text, bytes: each.bytes.replaceAll(mark, text) };
    });
}

/** How often that text stands in the dialogue; and whether an answer says that a message was written. */
const times = async (text) => (await read(one.anne, one.dialogue)).filter((post) => post.text === text).length;
const acknowledged = (answer) => answer.status === 303 && answer.head.includes(`/dialogue/${one.dialogue}`);

/**
 * The statuses of what came back. A length that is no number is refused by libmicrohttpd itself, which (0.9.75) writes the head of that refusal twice: the second is
 * within what the first calls its body, and both say that the connection ends.
 */
function statuses(answers) {
    const twice = answers.length === 2 && answers[1].status === 0 && answers[0].body.startsWith(answers[0].head) && /^connection: close$/im.test(answers[0].head);
    return (twice ? answers.slice(0, 1) : answers).map((answer) => answer.status);
}

describe('straight at the server', () => {
    test('what is ambiguous is refused once and the connection closed; what is not is answered in order', async () => {
        const wrong = [];
        for (const { what, bytes, direct, text } of await cases(await town.signIn('karim'))) {
            const { answers, closed } = await talk({ port: town.server.port }, bytes, { quiet: Array.isArray(direct) ? 250 : 3000 });
            const got = statuses(answers);
            const expected = [direct || []].flat();
            if (String(got) !== String(expected)) wrong.push(`${what}: ${got} instead of ${expected}`);
            if (!Array.isArray(direct) && !closed) wrong.push(`${what}: still open`);
            const told = answers.filter(acknowledged).length, done = await times(text);
            if (done !== told) wrong.push(`${what}: the hidden request was carried out ${done} times, answered ${told} times`);
        }
        assert.deepEqual(wrong, []);
    });

    test('in pieces too', async () => {
        const wrong = [];
        const refused = (await cases(await town.signIn('karim'))).filter(({ direct }) => !Array.isArray(direct));
        // Cut within the head, and between head and body: what came so far must not be taken for all.
        await Promise.all(refused.map(async ({ what, bytes, direct }) => {
            const ends = [40, bytes.search(/\r?\n\r?\n/) + 2].filter((at) => at > 0);
            const { answers, closed } = await talk({ port: town.server.port }, [bytes.slice(0, ends[0]), bytes.slice(ends[0], ends.at(-1)), bytes.slice(ends.at(-1))], { quiet: 8000 });
            if (String(statuses(answers)) !== String(direct || '') || !closed) wrong.push(`${what}: ${statuses(answers)}, ${closed ? 'closed' : 'open'}`);
        }));
        assert.deepEqual(wrong, []);
    });
});

for (const name of ['nginx', 'haproxy']) {
    describe(`behind ${name}`, () => {
        let front, karim, anne;
        before(async () => {
            front = await startFront(name, town.server.port, folder, (url) => new Promise((resolve, reject) => {
                https.get(`${url}/healthz`, { ca, agent: false }, (answer) => { answer.resume(); resolve(answer.statusCode === 200); }).on('error', reject);
            }));
            const there = Object.assign(new Town(), { server: { url: front.url } });
            [karim, anne] = await Promise.all(['karim', 'anne'].map((id) => there.signIn(id, { ca, behind: town.url })));
            anne.agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
        });
        after(() => {
            anne?.agent.destroy?.();
            return front?.stop();
        });

        /** Anne goes on with her work on the connections that the attacker's requests went over: each answer must be her own, and the right one. */
        async function undisturbed() {
            const session = await anne.get('/session', { json: true });
            const health = await anne.get('/healthz');
            const missing = await anne.get('/not-there');
            const again = await anne.get('/session', { json: true });
            return [session.status === 200 && session.json.name === anne.name, health.status === 200 && health.text.length < 200, missing.status === 404,
                again.status === 200 && again.json.name === anne.name].every(Boolean);
        }

        test('nobody gets what is another’s, and what was done was answered to whoever asked for it', async () => {
            const wrong = [];
            assert.ok(await undisturbed());
            for (const { what, bytes, direct, text } of await cases(karim)) {
                const { answers } = await talk({ port: front.ports.tls, ca }, bytes, { quiet: Array.isArray(direct) ? 250 : 120 });
                // Twice, so that a request left behind on a shared connection would meet hers.
                if (!await undisturbed() || !await undisturbed()) wrong.push(`${what}: another person's answers were disturbed`);
                const told = answers.filter(acknowledged).length, done = await times(text);
                if (done !== told) wrong.push(`${what}: carried out ${done} times, answered ${told} times (${answers.map((answer) => answer.status)})`);
                if (answers.some((answer) => answer.body.includes(anne.name) || answer.head.includes(anne.name))) wrong.push(`${what}: the attacker read another's answer`);
            }
            assert.deepEqual(wrong, []);
        });
    });
}
