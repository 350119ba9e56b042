// SPDX-License-Identifier: MPL-2.0
// An authenticator made of software (W3C Web Authentication Level 2): honest, and with one thing changed at a time.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { attr } from './html.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

/** CBOR (RFC 8949) of the few types that a COSE key has: integers, bytes, maps of them. */
function cbor(value) {
    const head = (major, number) => {
        if (number < 24) return Buffer.from([(major << 5) | number]);
        if (number < 256) return Buffer.from([(major << 5) | 24, number]);
        return Buffer.from([(major << 5) | 25, number >> 8, number & 255]);
    };
    if (Number.isInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value);
    if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
    return Buffer.concat([head(2, value.length), value]);
}

const makers = {
    ES256() {
        const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }), jwk = pair.publicKey.export({ format: 'jwk' });
        return { pair, hash: 'sha256', cose: new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(jwk.x, 'base64url')], [-3, Buffer.from(jwk.y, 'base64url')]]) };
    },
    EdDSA() {
        const pair = generateKeyPairSync('ed25519'), jwk = pair.publicKey.export({ format: 'jwk' });
        return { pair, hash: null, cose: new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(jwk.x, 'base64url')]]) };
    },
    RS256() {
        const pair = generateKeyPairSync('rsa', { modulusLength: 2048 }), jwk = pair.publicKey.export({ format: 'jwk' });
        return { pair, hash: 'sha256', cose: new Map([[1, 3], [3, -257], [-1, Buffer.from(jwk.n, 'base64url')], [-2, Buffer.from(jwk.e, 'base64url')]]) };
    },
};

export const flags = { present: 1, verified: 4, credential: 64 };

export class Authenticator {
    /** 'origin': of the page that asks. 'step': how far it counts each time; 0: it does not count. */
    constructor(origin, { algorithm = 'ES256', step = 1 } = {}) {
        Object.assign(this, { origin, step, counter: 0, id: randomBytes(32) }, makers[algorithm]());
    }

    clientData(type, challenge, { client = {}, clientText } = {}) {
        return Buffer.from(clientText ?? JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false, ...client }));
    }

    head(site, { flag, counter = (this.counter += this.step), rp = site }) {
        const count = Buffer.alloc(4);
        count.writeUInt32BE(counter);
        return Buffer.concat([sha256(rp), Buffer.from([flag]), count]);
    }

    /** The fields of a form that registers it. 'changed' may have client, clientText, flag, counter, rp, cose, id, data (bytes → bytes). */
    create(ask, changed = {}) {
        const { cose = this.cose, id = this.id, data = (bytes) => bytes } = changed, length = Buffer.alloc(2);
        this.handle = ask.handle;
        length.writeUInt16BE(id.length);
        const head = this.head(ask.site, { flag: flags.present | flags.verified | flags.credential, ...changed });
        const authenticator = data(Buffer.concat([head, Buffer.alloc(16), length, id, Buffer.isBuffer(cose) ? cose : cbor(cose)]));
        return { client_data: base64url(this.clientData('webauthn.create', ask.challenge, changed)), authenticator_data: base64url(authenticator) };
    }

    /** The fields of a form that signs in with it. Beside the above 'changed' may have credential, handle and signature (bytes → bytes). */
    get(ask, changed = {}) {
        const { credential = this.id, handle = this.handle, data = (bytes) => bytes, signature = (bytes) => bytes } = changed;
        const client = this.clientData('webauthn.get', ask.challenge, changed);
        const authenticator = data(this.head(ask.site, { flag: flags.present | flags.verified, ...changed }));
        const signed = sign(this.hash, Buffer.concat([authenticator, sha256(client)]), this.pair.privateKey);
        return { credential: base64url(credential), client_data: base64url(client), authenticator_data: base64url(authenticator), signature: base64url(signature(signed)), handle };
    }
}

/** What a page asks an authenticator for, from the attributes of its form. */
export function askedOn(page) {
    const form = page.one((node) => attr(node, 'data-challenge') !== undefined);
    return form && Object.fromEntries(['challenge', 'site', 'handle', 'name', 'display', 'known'].map((name) => [name, attr(form, `data-${name}`)]));
}

/** From a starting password to an account with its first passkey; gives the last answer. */
export async function enrol(client, { account, password }, authenticator, { name = 'Min telefon', ...changed } = {}) {
    const page = await client.submit('/login/local', '/login/local/password', { name: account, password });
    const ask = askedOn(page.page);
    return ask ? client.submit(page, '/login/local/enrol', { ...authenticator.create(ask, changed), name }) : page;
}

/** What a sign-in with a passkey would send, for a challenge that this client got now. */
export async function begin(client) {
    return (await client.postJson('/login/local/begin', {})).json;
}

/** Signs in with a passkey; gives the answer. */
export async function signInWith(client, authenticator, changed) {
    const page = await client.open('/login/local');
    return client.submit(page, '/login/local/passkey', authenticator.get(await begin(client), changed));
}

/** The password that a command or a page has shown. */
export const passwordIn = (text) => /\b[0-9a-z]{5}(?:-[0-9a-z]{5}){3}\b/.exec(text)?.[0];
