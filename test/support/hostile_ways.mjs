// SPDX-License-Identifier: MPL-2.0
// More ways for a login provider to misbehave: tokens made by hand, identities that can't be, what it publishes of itself.
import { constants, createHmac, createSign, generateKeyPairSync, sign as signBytes } from 'node:crypto';

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const usual = { alg: 'RS256', kid: 'honest', typ: 'JWT' };

/** A token of any bytes, signed by the honest key. */
function signed(head, body, key, hash = 'RSA-SHA256') {
    const input = `${base64(head)}.${Buffer.isBuffer(body) ? body.toString('base64url') : base64(body)}`;
    return `${input}.${createSign(hash).update(input).sign(key).toString('base64url')}`;
}

const node = (key) => key.constructor.name === 'CryptoKey' ? import('node:crypto').then(({ KeyObject }) => KeyObject.from(key)) : key;
/** The honest token with its claims' text changed before signing. */
const text = (change, head = usual) => ({ sign: async ({ claims, keys }) => signed(head, change(JSON.stringify(claims)), await node(keys.honest.privateKey)) });
/** The honest token with its text changed after signing. */
const torn = (change) => ({ sign: async ({ claims, keys }) => change(signed(usual, claims, await node(keys.honest.privateKey))) });
const head = (more) => text((claims) => claims, { ...usual, ...more });
const claim = (more) => ({ claims: (c) => ({ ...c, ...more }) });

const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const wide = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const published = (key, more) => ({ ...key.export({ format: 'jwk' }), kid: 'honest', use: 'sig', ...more });

const elliptic = (pair, signature) => ({
    jwks: () => [published(pair.publicKey)],
    sign({ claims }) {
        const input = `${base64({ alg: 'ES256', kid: 'honest' })}.${base64(claims)}`;
        return `${input}.${signature?.toString('base64url') ?? signBytes('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
});

const shared = (from) => ({
    async sign({ claims, keys, pem }) {
        const key = (await node(keys.honest.publicKey)).export({ format: 'jwk' });
        const input = `${base64({ alg: 'HS256', kid: 'honest' })}.${base64(claims)}`;
        return `${input}.${createHmac('sha256', from(key, pem)).update(input).digest('base64url')}`;
    },
});

export const tokens = {
    'its algorithm is not among those allowed (RS512)': { sign: async ({ claims, keys }) => signed({ ...usual, alg: 'RS512' }, claims, await node(keys.honest.privateKey), 'RSA-SHA512') },
    'its algorithm is missing': text((claims) => claims, { kid: 'honest' }),
    'its algorithm is a list': head({ alg: ['RS256'] }),
    'its algorithm is the whole list of those allowed': head({ alg: 'RS256 PS256 ES256' }),
    'it says RS256 and is signed as PS256': {
        async sign({ claims, keys }) {
            const input = `${base64(usual)}.${base64(claims)}`;
            const options = { key: await node(keys.honest.privateKey), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
            return `${input}.${signBytes('sha256', Buffer.from(input), options).toString('base64url')}`;
        },
    },
    'the public key as a JWK was the shared secret': shared((key) => JSON.stringify(key)),
    'the modulus was the shared secret': shared((key) => Buffer.from(key.n, 'base64url')),
    'the name of the key is a number': head({ kid: 7 }),
    'the name of the key is null': head({ kid: null }),
    'the name of the key is an object': head({ kid: { toString: 'honest' } }),
    'the name of the key is empty': head({ kid: '' }),
    'the key is for encryption': { jwks: ([key]) => [{ ...key, use: 'enc' }] },
    'the key is for another algorithm': { jwks: ([key]) => [{ ...key, alg: 'RS512' }] },
    'the key is of another type': { jwks: () => [published(curve.publicKey)] },
    'the key is a shared secret': { jwks: () => [{ kty: 'oct', kid: 'honest', k: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }], ...shared(() => Buffer.alloc(32)) },
    'two keys have that name': { jwks: ([key]) => [key, key] },
    'the key is another one under that name': { jwks: ([key]) => [{ ...key, n: `${key.n.slice(0, -4)}AAAA` }] },
    'the key has 1024 bits': { jwks: () => [published(small.publicKey, { alg: 'RS256' })], sign: ({ claims }) => signed(usual, claims, small.privateKey) },
    'the key has 1024 bits and zeros before': {
        jwks: () => [published(small.publicKey, { n: Buffer.concat([Buffer.alloc(128), Buffer.from(small.publicKey.export({ format: 'jwk' }).n, 'base64url')]).toString('base64url') })],
        sign: ({ claims }) => signed(usual, claims, small.privateKey),
    },
    'the key is broken': { jwks: ([key]) => [{ ...key, n: '***' }] },
    'the key has padding in it that leaves one digit': { jwks: ([key]) => [{ ...key, e: 'A===' }] },
    'the curve is another one': elliptic(wide),
    'the signature is all zeros on a curve': elliptic(curve, Buffer.alloc(64)),
    'the signature is empty on a curve': elliptic(curve, Buffer.alloc(0)),
    'its signature is missing': torn((token) => token.slice(0, token.lastIndexOf('.') + 1)),
    'a part stands twice': torn((token) => { const [a, b, c] = token.split('.'); return `${a}.${b}.${b}.${c}`; }),
    'a dot stands behind it': torn((token) => `${token}.`),
    'a dot stands before it': torn((token) => `.${token}`),
    'a line feed stands in it': torn((token) => token.replace('.', '.\n')),
    'its base64 is padded': torn((token) => `${token}==`),
    'it is a signature as JSON': torn((token) => { const [a, b, c] = token.split('.'); return JSON.stringify({ protected: a, payload: b, signature: c }); }),
    'one bit of its signature is another': torn((token) => { const at = token.lastIndexOf('.') + 9; return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`; }),
    'it has a megabyte': text((claims) => `${claims.slice(0, -1)},"x":"${'x'.repeat(1 << 20)}"}`),
    'it has twenty kilobytes': text((claims) => `${claims.slice(0, -1)},"x":"${'x'.repeat(20000)}"}`),
    'its claims are not JSON': text(() => 'sub=ida'),
    'its claims are a list': text((claims) => `[${claims}]`),
    'its claims are nothing': text(() => ''),
    'its claims go on behind the end': text((claims) => `${claims}{}`),
    'its claims are not UTF-8': text((claims) => Buffer.concat([Buffer.from(claims.slice(0, -1)), Buffer.from(',"x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
    'its claims are nested without end': text((claims) => `${claims.slice(0, -1)},"x":${'['.repeat(5000)}`),
    'a claim stands twice': text((claims) => `${claims.slice(0, -1)},"sub":"somebody-else"}`),
    'a name in its header stands twice': text((claims) => claims, `{"alg":"RS256","kid":"honest","alg":"RS256"}`),
    'its header is a list': text((claims) => claims, '["RS256"]'),
    'it is said to be compressed': head({ zip: 'DEF' }),
    'it is said to be encrypted': head({ enc: 'A256GCM' }),
    'its payload is said to be unencoded': head({ b64: false }),
    'an extension that must be understood is empty': head({ crit: [] }),
    'it is for several clients and no authorised party is said': { claims: (c) => ({ ...c, aud: [c.aud, 'another-client'] }) },
    'its audience is a list in a list': { claims: (c) => ({ ...c, aud: [[c.aud]] }) },
    'its audience is an object': { claims: (c) => ({ ...c, aud: { [c.aud]: true } }) },
    'its audience only begins like ours': { claims: (c) => ({ ...c, aud: `${c.aud}-2` }) },
    'a number stands in its audience': { claims: (c) => ({ ...c, aud: [c.aud, 7], azp: c.aud }) },
    'its authorised party is a list': { claims: (c) => ({ ...c, azp: [c.aud] }) },
    'its hash of the access token is another': claim({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    'its hash of the access token is a number': claim({ at_hash: 7 }),
    'its end has a decimal point': { claims: (c) => ({ ...c, exp: c.exp + 0.5 }) },
    'its end is too large a number': text((claims) => claims.replace(/"exp":\d+/, '"exp":99999999999999999999')),
    'its time of issue is text': { claims: (c) => ({ ...c, iat: String(c.iat) }) },
    'its beginning is text': { claims: (c) => ({ ...c, nbf: String(c.iat) }) },
    'its subject is a list': claim({ sub: ['ida'] }),
    'its subject is null': claim({ sub: null }),
    'its issuer is a list': { claims: (c) => ({ ...c, iss: [c.iss] }) },
    'its issuer is written in capitals': { claims: (c) => ({ ...c, iss: c.iss.toUpperCase() }) },
};

export const identities = {
    'the personal number is too short': claim({ cpr: '020387111' }),
    'the personal number is too long': claim({ cpr: '02038711111' }),
    'the personal number has letters': claim({ cpr: '020387111O' }),
    'the personal number has a date that is none': claim({ cpr: '3102871111' }),
    'the personal number is a number': claim({ cpr: 203871111 }),
    'the personal number is a list': claim({ cpr: ['0203871111'] }),
    'the personal number is empty': claim({ cpr: '' }),
    'the personal number has a line feed': claim({ cpr: '020387\n1111' }),
    'the name is missing': { claims: ({ name, ...c }) => c },
    'the name is empty': claim({ name: '' }),
    'the name is blank': claim({ name: '   ' }),
    'the name is a number': claim({ name: 7 }),
    'the name has a control character': claim({ name: 'Ida\u0007 Ærlig' }),
    'the name has a line feed': claim({ name: 'Ida\nÆrlig' }),
    'the name turns the direction of reading': claim({ name: 'Ida \u202egilrÆ' }),
    'the name is longer than names are': claim({ name: 'Ida '.repeat(60) }),
    'the level of assurance is a number': claim({ loa: 3 }),
    'the level of assurance is in capitals': { claims: (c) => ({ ...c, loa: c.loa.toUpperCase() }) },
};

export const staffIdentities = {
    'no group is said': { claims: ({ groups, ...c }) => c },
    'the groups are an empty list': claim({ groups: [] }),
    'the group is another one': claim({ groups: ['canteen'] }),
    'the group only begins like ours': claim({ groups: ['samtraad-employees'] }),
    'the groups are one text': claim({ groups: 'canteen samtraad-employee' }),
    'the groups are an object': claim({ groups: { 'samtraad-employee': true } }),
    'a group is in a list in the list': claim({ groups: [['samtraad-employee']] }),
};

const redirect = (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
const says = (type, body, status = 200) => (response) => response.writeHead(status, { 'content-type': type }).end(body);
const document = (more) => ({ discovery: (known) => ({ ...known, ...more }) });
const at = (path, answer) => ({ raw: { [path]: answer } });
const wellKnown = '/.well-known/openid-configuration';

export const discoveries = {
    'it says that it is another issuer': document({ issuer: 'https://elsewhere.example' }),
    'it says that it is an issuer with a slash more': { discovery: (known) => ({ ...known, issuer: `${known.issuer}/` }) },
    'it says no issuer': document({ issuer: undefined }),
    'it sends the browser elsewhere without TLS': document({ authorization_endpoint: 'http://elsewhere.example/authorize' }),
    'it sends the browser to a script': document({ authorization_endpoint: 'javascript:alert(1)' }),
    'it sends the browser nowhere': document({ authorization_endpoint: undefined }),
    'its address for the browser has a line feed': { discovery: (known) => ({ ...known, authorization_endpoint: `${known.authorization_endpoint}\r\nSet-Cookie: a=b` }) },
    'its address for the browser has no end': { discovery: (known) => ({ ...known, authorization_endpoint: `${known.authorization_endpoint}?${'x'.repeat(5000)}` }) },
    'it has codes exchanged elsewhere without TLS': document({ token_endpoint: 'http://elsewhere.example/token' }),
    'its token endpoint hides another host behind a user': document({ token_endpoint: 'http://localhost:80@elsewhere.example/token' }),
    'its token endpoint is a file': document({ token_endpoint: 'file:///etc/passwd' }),
    'its keys are elsewhere without TLS': document({ jwks_uri: 'http://elsewhere.example/jwks' }),
    'its keys are on a host that only begins like this one': document({ jwks_uri: 'http://localhost.elsewhere.example/jwks' }),
    'its keys are a number': document({ jwks_uri: 7 }),
    'it promises to say who answers, and does not': { ...document({ authorization_response_iss_parameter_supported: true }), back: ({ iss, ...query }) => query },
    'its document leads on': at(wellKnown, redirect),
    'its keys lead on': at('/jwks', redirect),
    'its token endpoint leads on': at('/token', redirect),
    'its document is HTML': at(wellKnown, says('text/html', '<h1>Hej</h1>')),
    'its document is JSON that says it is HTML': at(wellKnown, says('text/html', '{}')),
    'its document is a list': at(wellKnown, says('application/json', '[]')),
    'its document is not there': at(wellKnown, says('application/json', '{}', 404)),
    'its document is half': at(wellKnown, says('application/json', '{"issuer":')),
    'its document has no end': at(wellKnown, says('application/json', `{"x":"${'x'.repeat(1 << 20)}"}`)),
    'its document breaks off': at(wellKnown, (response) => { response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }); response.write('{'); response.destroy(); }),
    'it hangs up': at(wellKnown, (response) => response.destroy()),
    'its keys are missing': at('/jwks', says('application/json', '{}')),
    'its keys are a text': at('/jwks', says('application/json', '{"keys":"honest"}')),
    'its keys are none': at('/jwks', says('application/json', '{"keys":[]}')),
    'its keys are HTML': at('/jwks', says('text/html', '<h1>Hej</h1>')),
    'its keys have no end': at('/jwks', says('application/json', `{"keys":[${'{},'.repeat(200000)}{}]}`)),
    'its keys are nested without end': at('/jwks', says('application/json', `{"keys":${'['.repeat(10000)}`)),
    'its token endpoint hangs up': at('/token', (response) => response.destroy()),
    'its token endpoint fails': at('/token', says('application/json', '{"error":"server_error"}', 500)),
    'its token endpoint says nothing': at('/token', says('application/json', '')),
    'its token endpoint sends one name twice': at('/token', says('application/json', '{"id_token":"a.b.c","id_token":"a.b.c"}')),
};
