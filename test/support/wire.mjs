// SPDX-License-Identifier: MPL-2.0
// Bytes on a connection, sent exactly as a test wants them, and the answers that came back on it: over TCP, or over TLS to a front.
import net from 'node:net';
import tls from 'node:tls';

const headEnd = '\r\n\r\n';

/** The length of the answer's body by its head, or null when it ends with the connection. */
function bodyLength(head, method) {
    const status = Number(head.slice(9, 12));
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
    const length = /^content-length: (\d+)$/im.exec(head);
    return length ? Number(length[1]) : null;
}

/** Takes a chunked body off the front of 'text': { body, rest }, or null when it is not whole. */
function unchunk(text) {
    let body = '';
    for (let at = 0; ;) {
        const end = text.indexOf('\r\n', at);
        if (end < 0) return null;
        const size = parseInt(text.slice(at, end), 16);
        if (text.length < end + 2 + size + 2) return null;
        if (size === 0) return { body, rest: text.slice(end + 4) };
        body += text.slice(end + 2, end + 2 + size);
        at = end + 2 + size + 2;
    }
}

/** The answers in the bytes that came over one connection, in order: [{ status, head, body }]. What is no whole answer is one of status 0. */
export function answersIn(text, methods = []) {
    const all = [];
    while (text) {
        const end = text.indexOf(headEnd);
        if (end < 0 || !/^HTTP\/1\.[01] \d{3} /.test(text)) return [...all, { status: 0, head: '', body: text }];
        const head = text.slice(0, end);
        text = text.slice(end + headEnd.length);
        const one = { status: Number(head.slice(9, 12)), head };
        if (/^transfer-encoding: chunked$/im.test(head)) {
            const whole = unchunk(text);
            if (!whole) return [...all, { status: 0, head, body: text }];
            one.body = whole.body;
            text = whole.rest;
        } else {
            const length = bodyLength(head, methods[all.length]) ?? text.length;
            one.body = text.slice(0, length);
            text = text.slice(length);
        }
        if (one.status !== 100) all.push(one);
    }
    return all;
}

/**
 * Sends the parts one after the other, each as it is (a string is bytes, latin1), and gives { answers, closed } once the other side has closed the connection
 * or has been silent for 'quiet' milliseconds.
 */
export function talk({ port, ca }, parts, { quiet = 700, methods, pause = 30 } = {}) {
    return new Promise((resolve) => {
        let text = '', closed = false, timer;
        const socket = ca ? tls.connect({ host: 'localhost', port, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] }) : net.connect({ host: 'localhost', port });
        const done = () => { clearTimeout(timer); socket.destroy(); resolve({ answers: answersIn(text, methods), closed, text }); };
        const wait = () => { clearTimeout(timer); timer = setTimeout(done, quiet); };
        socket.on('data', (part) => { text += part.toString('latin1'); wait(); });
        socket.on('end', () => { closed = true; done(); });
        socket.on('error', () => { closed = true; done(); });
        socket.once(ca ? 'secureConnect' : 'connect', async () => {
            for (const part of [parts].flat()) {
                socket.write(Buffer.from(part, 'latin1'));
                await new Promise((later) => setTimeout(later, pause));
            }
            wait();
        });
    });
}
