// SPDX-License-Identifier: MPL-2.0
// What people do about consent, through the pages and their forms.
import assert from 'node:assert/strict';
import { participants } from './town.mjs';

/** The coordinator says whose yes new participants need. */
export async function mustAgree(coordinator, dialogue, name, basis = 'own') {
    const { givers } = (await coordinator.get(`/dialogue/${dialogue}/consent`, { json: true })).json;
    const giver = givers.find((one) => one.name === name);
    assert.ok(giver, `${name} can be asked`);
    const csrf = await coordinator.csrf();
    const answer = await coordinator.post(`/dialogue/${dialogue}/consent/givers`, { csrf, person: giver.person, basis });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 300));
}

async function latest(coordinator, dialogue, name) {
    const { proposals } = (await coordinator.get(`/dialogue/${dialogue}/consent`, { json: true })).json;
    return proposals.find((one) => one.name === name);
}

export const proposalOf = latest;

/** Proposes an employee from the staff list; gives the proposal's id. */
export async function propose(coordinator, dialogue, name, { relation = 'lærer', purpose = 'Skal hjælpe med skolen', ...more } = {}) {
    const found = await coordinator.get(`/dialogue/${dialogue}/participants?search=${encodeURIComponent(name.split(' ')[0])}`, { json: true });
    const employee = found.json.found.find((one) => one.name === name);
    assert.ok(employee, `${name} is in the staff list`);
    const answer = await coordinator.submit(`/dialogue/${dialogue}/consent/propose?person=${employee.person}`, `/dialogue/${dialogue}/consent/propose`, { relation, purpose, ...more });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 500));
    return (await latest(coordinator, dialogue, name)).proposal;
}

/** Proposes somebody who will come by link. */
export async function proposeOutside(who, dialogue, { name, email = 'gaest@post.example', relation = 'mor', kind = 'relative', purpose = 'Kender Emil godt' }) {
    const answer = await who.submit(`/dialogue/${dialogue}/consent/propose`, `/dialogue/${dialogue}/consent/propose`, { name, email, relation, kind, purpose });
    assert.equal(answer.status, 303, answer.page.text().slice(0, 500));
    return answer;
}

/** Answers what one was asked: 'all', 'today' or 'no'. */
export async function answer(giver, proposal, what, months) {
    const got = await giver.submit(`/consents/${proposal}`, `/consents/${proposal}/answer`, { answer: what, ...(months ? { months: String(months) } : {}) });
    assert.equal(got.status, 303, got.page.text().slice(0, 400));
}

export async function withdraw(giver, proposal) {
    const got = await giver.submit(`/consents/${proposal}`, `/consents/${proposal}/withdraw`, {});
    assert.equal(got.status, 303, got.page.text().slice(0, 400));
}

export async function renew(giver, proposal, months) {
    const got = await giver.submit(`/consents/${proposal}`, `/consents/${proposal}/renew`, months ? { months: String(months) } : {});
    assert.equal(got.status, 303, got.page.text().slice(0, 400));
}

/** One consent as its giver sees it. */
export async function consent(giver, proposal) {
    const got = await giver.get(`/consents/${proposal}`, { json: true });
    assert.equal(got.status, 200, got.text.slice(0, 300));
    return got.json;
}

/** The link of an invitation that waits, by the name it was made for. */
export async function linkOf(coordinator, dialogue, name) {
    const { invitations } = await participants(coordinator, dialogue);
    const one = invitations.find((invitation) => invitation.name === name);
    return one && new URL(one.link).pathname;
}
