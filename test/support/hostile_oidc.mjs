// SPDX-License-Identifier: MPL-2.0
// An OpenID provider that can be told to misbehave in one way at a time. 'behaviour' changes what it does from the next request on;
// an empty behaviour is an honest provider, so that every refusal can be shown to come from the one thing that was changed.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

/**
 * Behaviours, all optional:
 *   claims(claims)      changes the claims of the identity token
 *   header(header)      changes its protected header
 *   sign(input)         replaces signing: gets { header, claims, keys } and returns the token's text
 *   discovery(document) changes the discovery document
 *   jwks(keys)          changes the published keys
 *   back(query)         changes the parameters of the redirect back (state, code, iss)
 *   token(answer)       changes the token endpoint's answer; returns { status, type, body } to replace it whole
 *   raw                 path → (response, request): answers instead of the provider
 */
export class HostileProvider {
    behaviour = {};
    /** What the program asked, for tests that look at it: authorisation queries and token bodies. */
    asked = [];
    exchanged = [];
    /** The paths that were asked for. */
    visited = [];
    #codes = new Map();

    static async start({ client, person }) {
        const provider = new HostileProvider();
        provider.client = client;
        provider.person = person;
        provider.keys = { honest: await generateKeyPair('RS256', { extractable: true }), other: await generateKeyPair('RS256', { extractable: true }) };
        provider.public = { ...await exportJWK(provider.keys.honest.publicKey), kid: 'honest', use: 'sig', alg: 'RS256' };
        provider.pem = await exportSPKI(provider.keys.honest.publicKey);
        provider.server = http.createServer((request, response) => provider.#answer(request, response).catch((error) => {
            response.writeHead(500).end(String(error));
        }));
        await new Promise((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
        provider.issuer = `http://localhost:${provider.server.address().port}`;
        return provider;
    }

    async #answer(request, response) {
        const url = new URL(request.url, this.issuer);
        this.visited.push(url.pathname);
        const raw = this.behaviour.raw?.[url.pathname];
        if (raw) return raw(response, request);
        const send = (value, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
        if (url.pathname === '/.well-known/openid-configuration') {
            const document = {
                issuer: this.issuer, authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/jwks`,
                response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'],
            };
            return send(this.behaviour.discovery?.(document) ?? document);
        }
        if (url.pathname === '/jwks') return send({ keys: this.behaviour.jwks?.([this.public]) ?? [this.public] });
        if (url.pathname === '/authorize') return this.#authorize(url, response);
        if (url.pathname === '/token') return this.#token(request, response, send);
        return send({ error: 'not_found' }, 404);
    }

    #authorize(url, response) {
        const query = Object.fromEntries(url.searchParams);
        this.asked.push(query);
        const code = randomBytes(16).toString('hex');
        this.#codes.set(code, query);
        const back = { code, state: query.state, iss: this.issuer };
        const target = new URL(query.redirect_uri);
        target.search = new URLSearchParams(this.behaviour.back?.(back) ?? back).toString();
        response.writeHead(302, { location: target.href }).end();
    }

    async #token(request, response, send) {
        let body = '';
        for await (const part of request) body += part;
        const fields = Object.fromEntries(new URLSearchParams(body));
        this.exchanged.push(fields);
        // Any number of times: that it counts once is for the program to see to.
        const asked = this.#codes.get(fields.code);
        if (!asked) return send({ error: 'invalid_grant' }, 400);
        const proof = createHash('sha256').update(fields.code_verifier ?? '').digest('base64url');
        if (proof !== asked.code_challenge) return send({ error: 'invalid_grant', error_description: 'PKCE' }, 400);
        const answer = { token_type: 'Bearer', access_token: randomBytes(16).toString('hex'), expires_in: 60, id_token: await this.#identity(asked) };
        const changed = this.behaviour.token?.(answer) ?? answer;
        if (changed.status) return response.writeHead(changed.status, { 'content-type': changed.type ?? 'application/json' }).end(changed.body);
        return send(changed);
    }

    async #identity(asked) {
        const { id, ...own } = this.person;
        const honest = { iss: this.issuer, aud: this.client.id, sub: own.uuid ?? id, iat: now(), exp: now() + 300, nonce: asked.nonce, ...own };
        const claims = this.behaviour.claims?.(honest) ?? honest;
        const header = this.behaviour.header?.({ alg: 'RS256', kid: 'honest', typ: 'JWT' }) ?? { alg: 'RS256', kid: 'honest', typ: 'JWT' };
        if (this.behaviour.sign) return this.behaviour.sign({ header, claims, keys: this.keys, pem: this.pem });
        return new SignJWT(claims).setProtectedHeader(header).sign(this.keys.honest.privateKey);
    }

    close() {
        return new Promise((resolve) => { this.server.close(resolve); this.server.closeAllConnections(); });
    }
}

/** Ways to misbehave: name (what the attack is, in words) → behaviour. */
export const misbehaviours = {
    'the issuer is another one': { claims: (c) => ({ ...c, iss: 'https://elsewhere.example' }) },
    'the issuer has a slash more': { claims: (c) => ({ ...c, iss: `${c.iss}/` }) },
    'the issuer is missing': { claims: ({ iss, ...c }) => c },
    'the audience is another client': { claims: (c) => ({ ...c, aud: 'another-client' }) },
    'the audience is missing': { claims: ({ aud, ...c }) => c },
    'the audience is an empty list': { claims: (c) => ({ ...c, aud: [] }) },
    'the token is for several clients and another one is the authorised party': { claims: (c) => ({ ...c, aud: [c.aud, 'another-client'], azp: 'another-client' }) },
    'the authorised party is another client': { claims: (c) => ({ ...c, azp: 'another-client' }) },
    'the nonce is another one': { claims: (c) => ({ ...c, nonce: 'replayed' }) },
    'the nonce is missing': { claims: ({ nonce, ...c }) => c },
    'the nonce is a number': { claims: (c) => ({ ...c, nonce: 7 }) },
    'the token has expired': { claims: (c) => ({ ...c, iat: now() - 7200, exp: now() - 3600 }) },
    'the expiry is missing': { claims: ({ exp, ...c }) => c },
    'the expiry is text': { claims: (c) => ({ ...c, exp: String(c.exp) }) },
    'the expiry is negative': { claims: (c) => ({ ...c, exp: -1 }) },
    'the token was issued in the future': { claims: (c) => ({ ...c, iat: now() + 7200, exp: now() + 9000 }) },
    'the token is not valid yet': { claims: (c) => ({ ...c, nbf: now() + 7200 }) },
    'the time of issue is missing': { claims: ({ iat, ...c }) => c },
    'the subject is missing': { claims: ({ sub, uuid, ...c }) => c },
    'the subject is empty': { claims: (c) => ({ ...c, sub: '', uuid: '' }) },
    'the subject is a number': { claims: (c) => ({ ...c, sub: 12, uuid: 12 }) },
    'the subject is very long': { claims: (c) => ({ ...c, sub: 'x'.repeat(100000), uuid: 'x'.repeat(100000) }) },
    'the subject holds a NUL': { claims: (c) => ({ ...c, sub: 'a\u0000b', uuid: 'a\u0000b' }) },
    'the level of assurance is missing': { claims: ({ loa, ...c }) => c },
    'the level of assurance is unknown': { claims: (c) => ({ ...c, loa: 'Enormous' }) },
    'the level of assurance is a list': { claims: (c) => ({ ...c, loa: [c.loa] }) },
    'the signature algorithm is none': { sign: ({ claims }) => `${base64({ alg: 'none' })}.${base64(claims)}.` },
    'the signature algorithm is None': { sign: ({ claims }) => `${base64({ alg: 'None', kid: 'honest' })}.${base64(claims)}.` },
    'the public key was used as a shared secret (HS256)': {
        sign({ claims, pem }) {
            const input = `${base64({ alg: 'HS256', kid: 'honest' })}.${base64(claims)}`;
            return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
        },
    },
    'another key signed under the right name': { sign: ({ header, claims, keys }) => new SignJWT(claims).setProtectedHeader(header).sign(keys.other.privateKey) },
    'the key name is unknown': { sign: ({ claims, keys }) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'nobody' }).sign(keys.other.privateKey) },
    'the token brings its own key': {
        async sign({ claims, keys }) {
            return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(keys.other.publicKey) }).sign(keys.other.privateKey);
        },
    },
    'the token points to its own keys': { sign: ({ claims, keys }) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'x', jku: 'https://elsewhere.example/jwks' }).sign(keys.other.privateKey) },
    'the header demands an unknown extension': {
        sign({ claims, keys }) {
            return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'honest', crit: ['b64'], b64: true }).sign(keys.honest.privateKey);
        },
    },
    'the claims were changed after signing': {
        async sign({ header, claims, keys }) {
            const [head, , signature] = (await new SignJWT(claims).setProtectedHeader(header).sign(keys.honest.privateKey)).split('.');
            return `${head}.${base64({ ...claims, sub: 'somebody-else', uuid: 'somebody-else' })}.${signature}`;
        },
    },
    'the signature is cut off': {
        async sign({ header, claims, keys }) {
            return (await new SignJWT(claims).setProtectedHeader(header).sign(keys.honest.privateKey)).slice(0, -20);
        },
    },
    'the token has two parts': { sign: ({ header, claims }) => `${base64(header)}.${base64(claims)}` },
    'the token has five parts': { sign: () => 'a.b.c.d.e' },
    'the token is empty': { sign: () => '' },
    'the token is not base64': { sign: () => '!!!.???.***' },
    'the token is missing': { token: ({ id_token, ...rest }) => rest },
    'the token is a number': { token: (answer) => ({ ...answer, id_token: 7 }) },
    'the token endpoint answers an error': { token: () => ({ status: 400, body: '{"error":"invalid_grant"}' }) },
    'the token endpoint answers HTML': { token: () => ({ status: 200, type: 'text/html', body: '<h1>Hej</h1>' }) },
    'the token endpoint answers ten megabytes': { token: () => ({ status: 200, body: `{"id_token":"${'a'.repeat(10 << 20)}"}` }) },
    'the token endpoint answers deep JSON': { token: () => ({ status: 200, body: '['.repeat(100000) }) },
    'the state is another one': { back: (query) => ({ ...query, state: 'another-state' }) },
    'the state is missing': { back: ({ state, ...query }) => query },
    'the state is empty': { back: (query) => ({ ...query, state: '' }) },
    'the code is missing': { back: ({ code, ...query }) => query },
    'the answer names another issuer': { back: (query) => ({ ...query, iss: 'https://elsewhere.example' }) },
    'the provider reports an error': { back: ({ state }) => ({ state, error: 'access_denied', error_description: '<script>alert(1)</script>' }) },
};
