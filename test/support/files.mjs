// SPDX-License-Identifier: MPL-2.0
// Sending files the way the page's script does it, and the way the page without script does.
import assert from 'node:assert/strict';
import { multipart } from './pictures.mjs';
import { read } from './town.mjs';

async function postFields(client, target, fields, json = true) {
    const { body, type } = multipart(fields);
    return client.request('POST', target, { json, body, headers: { 'content-type': type, 'x-csrf-token': await client.csrf() } });
}

/** Begins an upload; gives the server's answer. */
export async function begin(client, dialogue, name, size) {
    return client.postJson(`/dialogue/${dialogue}/file`, { name, size });
}

export function piece(client, dialogue, file, offset, bytes) {
    return postFields(client, `/dialogue/${dialogue}/file/${file}/piece`, [['offset', String(offset)], ['data', { name: 'piece', bytes }]]);
}

export function finish(client, dialogue, file) {
    return client.postJson(`/dialogue/${dialogue}/file/${file}/finish`, {});
}

/** Uploads as the page's script does, piece by piece; gives what the server says of it at the end. */
export async function upload(client, dialogue, name, bytes) {
    const begun = await begin(client, dialogue, name, bytes.length);
    assert.equal(begun.status, 200, begun.text);
    let state = begun.json;
    while (state.offset < state.size) {
        const answer = await piece(client, dialogue, state.id, state.offset, bytes.subarray(state.offset, state.offset + state.piece));
        assert.equal(answer.status, 200, answer.text);
        state = answer.json;
    }
    const made = await finish(client, dialogue, state.id);
    assert.equal(made.status, 200, made.text);
    return made.json;
}

/** Sends a message with files; gives the post as others read it. */
export async function send(client, dialogue, text, ...ids) {
    const answer = await client.postJson(`/dialogue/${dialogue}/post`, { text, files: ids.join(' ') });
    assert.equal(answer.status, 200, answer.text);
    return (await read(client, dialogue)).at(-1);
}

/** Chooses files on the page without script. */
export async function choose(client, dialogue, ...files) {
    const page = await client.open(`/dialogue/${dialogue}/files`);
    const { csrf } = page.page.form(`/dialogue/${dialogue}/files`).values;
    return postFieldsPlain(client, `/dialogue/${dialogue}/files`, [['csrf', csrf], ...files.map((file) => ['files', file])]);
}

function postFieldsPlain(client, target, fields) {
    const { body, type } = multipart(fields);
    return client.request('POST', target, { body, headers: { 'content-type': type } });
}

/** The bytes of a post's file. */
export function fetchFile(client, dialogue, number, file, size) {
    return client.get(`/dialogue/${dialogue}/post/${number}/file/${file}/${size}`);
}

export async function tray(client, dialogue) {
    return (await client.get(`/dialogue/${dialogue}/tray`, { json: true })).json.files;
}
