// SPDX-License-Identifier: MPL-2.0
// Requests that two programs could read differently, each with another request hidden behind or inside it.
//
// requests(who) gives [{ what, bytes, direct }]. 'who' is { host, cookie, csrf, hidden }: the attacker's own, and the request to hide, whole. 'direct' is how the server
// itself must answer: a status (this one answer, and the connection is closed; 0: it is closed without a word, since there is no request line), or the statuses of
// the answers when nothing is ambiguous.

const hex = (text) => text.length.toString(16);

export function requests({ host, cookie, csrf, hidden }) {
    const body = `csrf=${csrf}`;
    const post = (fields, after, version = '1.1', line = '/session/stay') =>
        `POST ${line} HTTP/${version}\r\nHost: ${host}\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n${fields}\r\n${after}`;
    const get = (fields, after = hidden, line = 'GET /healthz HTTP/1.1') => `${line}\r\nHost: ${host}\r\n${fields}\r\n${after}`;
    const length = `Content-Length: ${body.length}\r\n`;
    const chunks = `${hex(body)}\r\n${body}\r\n0\r\n\r\n`;
    const behindChunks = `0\r\n\r\n${hidden}`;
    const inChunk = `${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`;
    const all = [];
    const add = (what, bytes, direct = 400) => all.push({ what, bytes, direct });

    // The length twice, in two ways.
    add('CL.TE', post(`Content-Length: ${behindChunks.length}\r\nTransfer-Encoding: chunked\r\n`, behindChunks));
    add('TE.CL', post(`Transfer-Encoding: chunked\r\nContent-Length: ${hex(hidden).length + 2}\r\n`, inChunk));
    add('CL.0 beside chunks', post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', behindChunks));
    for (const [what, field] of [
        ['a blank before the colon', 'Transfer-Encoding : chunked'], ['a tab before the colon', 'Transfer-Encoding\t: chunked'], ['another word', 'Transfer-Encoding: xchunked'],
        ['a tab before the word', 'Transfer-Encoding:\tchunked'], ['two codings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x'], ['identity', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked'],
        ['a list', 'Transfer-Encoding: x, chunked'], ['a list that ends in another', 'Transfer-Encoding: chunked, identity'], ['a folded value', 'Transfer-Encoding:\r\n chunked'], ['a blank before the name', ' Transfer-Encoding: chunked'],
        ['after a bare LF', 'X: y\nTransfer-Encoding: chunked'], ['after a bare CR', 'X: y\rTransfer-Encoding: chunked'], ['quoted', 'Transfer-Encoding: "chunked"'], ['a parameter', 'Transfer-Encoding: chunked;q=1'],
        ['a vertical tab', 'Transfer-Encoding: \x0bchunked'], ['a NUL', 'Transfer-Encoding: chunked\0'], ['capitals', 'TRANSFER-ENCODING: CHUNKED'], ['a letter that is none', 'Transfer-Encod\xc4\xb1ng: chunked'],
        ['a no-break space', 'Transfer-Encoding:\xa0chunked'], ['an empty one', 'Transfer-Encoding:'],
    ]) add(`TE.TE: ${what}`, post(`Content-Length: ${behindChunks.length}\r\n${field}\r\n`, behindChunks));
    add('TE with an underscore is no coding', post(`Content-Length: ${behindChunks.length}\r\nTransfer_Encoding: chunked\r\n`, behindChunks), [403]);   // as a form without a token

    // The length in numbers that are none.
    for (const [what, fields] of [
        ['twice, different', `${length}Content-Length: ${body.length + hidden.length}\r\n`], ['twice, the same', length + length], ['a list', `Content-Length: ${body.length}, ${body.length}\r\n`],
        ['a plus', `Content-Length: +${body.length}\r\n`], ['a minus', `Content-Length: -${body.length}\r\n`], ['hexadecimal', `Content-Length: 0x${hex(body)}\r\n`], ['an exponent', 'Content-Length: 1e2\r\n'],
        ['a blank within', 'Content-Length: 1 0\r\n'], ['an underscore', 'Content-Length: 1_0\r\n'], ['other digits', 'Content-Length: \xd9\xa5\r\n'], ['nothing', 'Content-Length:\r\n'], ['a semicolon', `Content-Length: ${body.length};\r\n`],
        ['a fraction', `Content-Length: ${body.length}.0\r\n`], ['a NUL', `Content-Length: ${body.length}\0\r\n`], ['a blank before the colon', `Content-Length : ${body.length}\r\n`],
        ['folded', `Content-Length:\r\n ${body.length}\r\n`], ['within a folded line', `X: y\r\n Content-Length: ${body.length + hidden.length}\r\n${length}`], ['beyond 64 bits', `Content-Length: ${2n ** 64n + BigInt(body.length)}\r\n`],
    ]) add(`length: ${what}`, post(fields, body + hidden), what === 'beyond 64 bits' ? 413 : 400);
    add('length: none', post('', body + hidden), 411);
    add('length: on a GET', get(`Content-Length: ${hidden.length}\r\n`), 413);
    add('length: on a HEAD', get(`Content-Length: ${hidden.length}\r\n`, hidden, 'HEAD /healthz HTTP/1.1'), 413);

    // Chunks alone: whatever they look like, nothing is read of them.
    for (const [what, bytes] of [
        ['as they should be', chunks + hidden], ['an extension', `${hex(body)};a=b\r\n${body}\r\n0\r\n\r\n${hidden}`], ['an extension with CR', `${hex(body)};a\rb\r\n${body}\r\n0\r\n\r\n${hidden}`],
        ['an extension that ends in LF', `${hex(body)};a\n${body}\r\n0\r\n\r\n${hidden}`], ['an extension of 5,000 bytes', `${hex(body)};${'a'.repeat(5000)}\r\n${body}\r\n0\r\n\r\n${hidden}`],
        ['bare LF', `${hex(body)}\n${body}\n0\n\n${hidden}`], ['a size with 0x', `0x${chunks}${hidden}`], ['a size of 300 digits', '0'.repeat(300) + chunks + hidden], ['a size of 2^64 - 1', `ffffffffffffffff\r\n${body}\r\n${behindChunks}`],
        ['a size beyond 64 bits', `1${'0'.repeat(16)}${hex(body)}\r\n${body}\r\n${behindChunks}`], ['a negative size', `-1\r\n${body}\r\n${behindChunks}`], ['more than was said', `${hex(body)}\r\n${body}xx\r\n${behindChunks}`],
        ['fields behind it', `${hex(body)}\r\n${body}\r\n0\r\nContent-Length: 5\r\n\r\n${hidden}`],
    ]) add(`chunks: ${what}`, post('Transfer-Encoding: chunked\r\n', bytes), 411);
    add('chunks in HTTP/1.0', post('Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n', chunks + hidden, '1.0'));

    // Lines that are none.
    for (const [what, fields] of [
        ['a name with a blank', 'X Y: z\r\n'], ['no colon', 'Nothing\r\n'], ['no name', ': x\r\n'], ['a NUL in the name', 'X\0Y: z\r\n'], ['a NUL in the value', 'X: y\0z\r\n'], ['a folded line', 'X: y\r\n z\r\n'], ['a line that ends in LF', 'X: y\n'],
        ['a line that ends in CR', 'X: y\r'], ['two hosts', 'Host: elsewhere.example\r\n'], ['a host with a path', 'Host: localhost/x\r\n'],
    ]) add(`line: ${what}`, get(fields));
    add('line: an empty one of LF, and a request behind it', get(`\n${hidden}`, ''));
    add('line: no host', `GET /healthz HTTP/1.1\r\n\r\n${hidden}`);
    add('line: LF alone ends all', `GET /healthz HTTP/1.1\nHost: ${host}\n\n${hidden}`);
    for (const [what, line] of [
        ['an absolute address', 'GET http://elsewhere.example/healthz HTTP/1.1'], ['an absolute address of ours', `GET https://${host}/healthz HTTP/1.1`], ['two versions', 'GET /healthz HTTP/1.1 HTTP/1.1'],
        ['two blanks', 'GET  /healthz HTTP/1.1'], ['tabs', 'GET\t/healthz\tHTTP/1.1'], ['a NUL', 'GET /healthz\0 HTTP/1.1'], ['CR within', 'GET /healthz\rX HTTP/1.1'], ['a fragment', 'GET /healthz#x HTTP/1.1'],
        ['a host as target', 'CONNECT localhost:1 HTTP/1.1'], ['a star', 'GET * HTTP/1.1'], ['small letters', 'GET /healthz http/1.1'], ['another version', 'GET /healthz HTTP/1.9'],
    ]) add(`request line: ${what}`, get('', hidden, line), { 'a host as target': 405, 'another version': 505, tabs: 0 }[what] ?? 400);

    // What is not ambiguous: each is answered, in order.
    add('pipelined', get('', get('', '') + hidden), [200, 200, 303]);
    add('pipelined behind a form', post(length, body + hidden), [303, 303]);
    add('HTTP/1.0 that stays open', get('Connection: keep-alive\r\n', hidden, 'GET /healthz HTTP/1.0'), [200, 303]);
    add('HTTP/1.0 that closes', get('', hidden, 'GET /healthz HTTP/1.0'), [200]);
    add('Expect', post(`Expect: 100-continue\r\n${length}`, body + hidden), [303, 303]);
    add('Upgrade to h2c', get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'), [200, 303]);
    add('Upgrade to WebSocket', get('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'), [200, 303]);
    add('a length called hop by hop', post(`Connection: Content-Length\r\n${length}`, body + hidden), [303, 303]);
    add('a body that never ends', post(`Content-Length: ${body.length + hidden.length + 100}\r\n`, body + hidden), []);
    return all;
}
