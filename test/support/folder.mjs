// SPDX-License-Identifier: MPL-2.0
// Making and fetching one's own folder, through its page.
import assert from 'node:assert/strict';

/** Makes the folder and fetches it. */
export async function folderOf(person) {
    const page = await person.submitAndOpen('/folder', '/folder', { sure: '1' });
    assert.equal(page.status, 200, page.text.slice(0, 500));
    const link = /href="(\/folder\/\d+\/file)"/.exec(page.text)?.[1];
    assert.ok(link, `the folder can be fetched: ${page.page.text().slice(0, 600)}`);
    const file = await person.get(link);
    assert.equal(file.status, 200, `${file.status} ${file.text.slice(0, 300)}`);
    return { link, bytes: file.bytes, headers: file.headers, text: file.text, code: /[0-9A-Z]{4}(-[0-9A-Z]{4}){4}/.exec(page.page.text())[0] };
}

/** The JSON in the file. */
export function dataOf(file) {
    const [, data] = /href="data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]*)"/.exec(file.text);
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
}
