// SPDX-License-Identifier: MPL-2.0
// What the demonstration municipality does not hold by itself: an open invitation, a file, an entry of the journal, a letter to a unit, a folder. So that their routes have something to answer.
import { send, upload } from '../support/files.mjs';
import { folderOf } from '../support/folder.mjs';
import { attr } from '../support/html.mjs';
import { note } from '../support/journal.mjs';
import { invite, participants } from '../support/town.mjs';

/** Makes it, through the pages; gives the numbers of what is there, by the names of the description's parameters. */
export async function scene(employee, citizen) {
    const link = (await citizen.get('/')).page.links.find(({ text }) => /vej tilbage til skolen/.test(text));
    const dialogue = /\/dialogue\/(\d+)/.exec(link.href)[1];
    const token = (await invite(employee, dialogue, { name: 'Farmor Grethe' })).split('/').at(-1);
    const { id } = await upload(employee, dialogue, 'plan.txt', Buffer.from('Onsdag kl. 10'));
    const { number } = await send(employee, dialogue, 'Her er planen', id);
    const entry = await note(employee, dialogue, { who: 'Katrine', theme: 'Plan', text: 'Vi ringes ved' });
    const write = await citizen.open('/write');
    const unit = write.page.all('option').map((one) => attr(one, 'value')).find(Boolean);
    await citizen.submit(write, '/write', { unit, topic: 'Hjælp til lektier', text: 'Kan nogen hjælpe?' });
    const folder = (await folderOf(citizen)).link.split('/')[2];
    const all = await participants(employee, dialogue);
    return { dialogue: [dialogue], token: [token], file: [id], number: [String(number)], entry: [entry], unit: [unit], folder: [folder], person: all.people.map((one) => one.person), invitation: all.invitations.map((one) => one.invitation), size: ['original'] };
}
