// SPDX-License-Identifier: MPL-2.0
// What a coordinator does with the journal, through its pages; and reading a PDF back.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function entryOf(answer) {
    assert.equal(answer.status, 303, `filing: ${answer.status} ${answer.page?.text().slice(0, 600)}`);
    const entry = /\/journal\/(\d+)$/.exec(answer.headers.location)?.[1];
    assert.ok(entry, answer.headers.location);
    return entry;
}

/** Files messages; gives the entry's number. */
export async function file(client, dialogue, fields, form = `/dialogue/${dialogue}/journal/new`) {
    return entryOf(await client.submit(form, `/dialogue/${dialogue}/journal`, fields));
}

/** Files a note from a phone call. */
export async function note(client, dialogue, fields) {
    return entryOf(await client.submit(`/dialogue/${dialogue}/journal/call`, `/dialogue/${dialogue}/journal/call`, { day: '2026-01-15', clock: '08:05', ...fields }));
}

export async function journalOf(client, dialogue) {
    const answer = await client.get(`/dialogue/${dialogue}/journal`, { json: true });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.json;
}

/** A part of an entry: 'pdf', 'package', 'pdf/proof' or 'package/proof'. */
export async function fileOf(client, dialogue, entry, part) {
    const answer = await client.get(`/dialogue/${dialogue}/journal/${entry}/${part}`);
    assert.equal(answer.status, 200, `${part}: ${answer.status} ${answer.text.slice(0, 300)}`);
    assert.match(answer.headers['cache-control'], /no-store/);
    if (part === 'package') assert.equal(answer.headers['content-type'], 'application/vnd.samtraad.journal+json');
    return answer;
}

/** The PDF of an entry, as poppler reads it. */
export async function pdfOf(town, client, dialogue, entry) {
    const answer = await fileOf(client, dialogue, entry, 'pdf');
    assert.equal(answer.headers['content-type'], 'application/pdf');
    const name = path.join(town.server.folder, `${entry}.pdf`);
    await writeFile(name, answer.bytes);
    try {
        const [text, info, structure, list] = await Promise.all([['pdftotext', name, '-'], ['pdfinfo', name], ['pdfinfo', '-struct-text', name], ['pdfimages', '-list', name]]
            .map(async ([command, ...args]) => (await run(command, args, { maxBuffer: 1 << 26 })).stdout));
        const images = list.split('\n').slice(2).filter(Boolean).map((line) => line.trim().split(/\s+/))
            .map((row) => ({ width: Number(row[3]), height: Number(row[4]), kind: row[8] }));
        return { text, info, structure, images, pages: text.split('\f') };
    } finally {
        await rm(name);
    }
}
