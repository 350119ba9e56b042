// SPDX-License-Identifier: MPL-2.0
// A real OpenID provider for the tests. Two instances run side by side: one for citizens, with claims like those a MitID
// broker gives, and one for the staff of the municipality. Its login page lists the test persons as buttons.
import http from 'node:http';
import Provider from 'oidc-provider';
import { exportJWK, generateKeyPair } from 'jose';

/** Levels of assurance as the Danish national standard names them. */
export const level = {
    low: 'https://data.gov.dk/concept/core/nsis/Low',
    substantial: 'https://data.gov.dk/concept/core/nsis/Substantial',
    high: 'https://data.gov.dk/concept/core/nsis/High',
};

/** Fictional persons. 'id' chooses one at login; the rest are the claims. */
export const citizens = [
    { id: 'emil', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a001', cpr: '1203134111', name: 'Emil Østergaard Lund', birthdate: '2013-03-12', loa: level.substantial },
    { id: 'mette', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a002', cpr: '0507842222', name: 'Mette Østergaard', birthdate: '1984-07-05', loa: level.substantial },
    { id: 'karim', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a003', cpr: '1911793333', name: 'Karim Haddad', birthdate: '1979-11-19', loa: level.high },
    { id: 'lone', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a004', cpr: '2802584444', name: 'Lone Bæk', birthdate: '1958-02-28', loa: level.low },
    { id: 'stranger', uuid: '6d1e1c0a-0f2e-4f0e-9a52-1f4a5be6a005', cpr: '0101901555', name: 'Ukendt Forbipasserende', birthdate: '1990-01-01', loa: level.substantial },
];

export const staff = [
    { id: 'anne', uuid: '0b1f2b52-5f0c-4c5e-8e1f-aa0000000001', name: 'Anne Kjær Holm', email: 'anne@kommune.example', unit: 'Familie og trivsel', groups: ['samtraad-employee'], loa: level.substantial },
    { id: 'jonas', uuid: '0b1f2b52-5f0c-4c5e-8e1f-aa0000000002', name: 'Jonas Dam', email: 'jonas@kommune.example', unit: 'Skovbakkeskolen', groups: ['samtraad-employee'], loa: level.substantial },
    { id: 'birgit', uuid: '0b1f2b52-5f0c-4c5e-8e1f-aa0000000003', name: 'Birgit Sø', email: 'birgit@kommune.example', groups: ['samtraad-administrator'], loa: level.substantial },
    { id: 'ulla', uuid: '0b1f2b52-5f0c-4c5e-8e1f-aa0000000004', name: 'Ulla Friis', email: 'ulla@kommune.example', unit: 'Skovbakkeskolen', groups: ['samtraad-administrator'], loa: level.substantial },
    // Reviews how the people of two units look.
    { id: 'rikke', uuid: '0b1f2b52-5f0c-4c5e-8e1f-aa0000000005', name: 'Rikke Vang', email: 'rikke@kommune.example', unit: 'Familie og trivsel', groups: ['samtraad-employee'], loa: level.substantial, reviews: ['Familie og trivsel', 'Skovbakkeskolen'] },
];

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

async function keys() {
    return Promise.all(['RS256', 'ES256'].map(async (alg) => {
        const { privateKey } = await generateKeyPair(alg, { extractable: true });
        return { ...await exportJWK(privateKey), alg, use: 'sig', kid: `key-${alg}` };
    }));
}

/**
 * Starts a provider on a free port.
 * 'client': { id, secret, redirects: [address], authentication, algorithm }. The client may be added to later by allow().
 */
export async function startProvider({ persons, client }) {
    const server = http.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://localhost:${server.address().port}`;
    const names = [...new Set(persons.flatMap((person) => Object.keys(person)).filter((name) => name !== 'id'))];
    const provider = new Provider(issuer, {
        clients: [{
            client_id: client.id,
            client_secret: client.secret,
            redirect_uris: client.redirects,
            response_types: ['code'],
            grant_types: ['authorization_code'],
            token_endpoint_auth_method: client.authentication ?? 'client_secret_basic',
            id_token_signed_response_alg: client.algorithm ?? 'RS256',
        }],
        jwks: { keys: await keys() },
        cookies: { keys: ['only for tests'], names: { session: `session${server.address().port}`, interaction: `interaction${server.address().port}`, resume: `resume${server.address().port}` } },
        claims: { openid: ['sub', ...names] },
        scopes: ['openid'],
        conformIdTokenClaims: false,
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
        ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
        async findAccount(context, id) {
            const person = persons.find((one) => one.id === id);
            if (!person) return undefined;
            return {
                accountId: id,
                claims: () => ({ sub: person.uuid ?? person.id, ...Object.fromEntries(names.filter((name) => person[name] !== undefined).map((name) => [name, person[name]])) }),
            };
        },
        async loadExistingGrant(context) {
            const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
            grant.addOIDCScope('openid');
            await grant.save();
            return grant;
        },
        interactions: { url: (context, interaction) => `/choose/${interaction.uid}` },
        renderError(context, out) { context.type = 'text'; context.body = JSON.stringify(out); },
    });
    provider.use(async (context, next) => {
        const [, uid, id] = /^\/choose\/([^/]+)(?:\/([a-z]+))?$/.exec(context.path) ?? [];
        if (!uid) return next();
        if (!id) {
            context.type = 'html';
            context.body = `<!doctype html><html lang="da"><title>Testlogin</title><meta name="viewport" content="width=device-width"><h1>Testlogin</h1>${
                persons.map((one) => `<form method="post" action="/choose/${uid}/${one.id}"><button>${escape(one.name)}</button></form>`).join('')}`;
            return undefined;
        }
        await provider.interactionFinished(context.req, context.res, { login: { accountId: id, remember: false } });
        context.respond = false;
        return undefined;
    });
    server.on('request', provider.callback());
    return {
        issuer,
        provider,
        persons,
        client,
        close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
    };
}

/** Signs a Client in through a provider: from 'start' on our server through the login page and back. Gives the last answer. */
export async function signIn(client, start, id) {
    const choose = await client.open(start);
    const form = choose.page.form(new RegExp(`/${id}$`));
    if (!form) return choose;
    const target = new URL(form.action, choose.request.url);
    let answer = await client.post(target.href);
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 12; hops++) {
        answer = await client.get(new URL(answer.headers.location, answer.request.url).href);
    }
    return answer;
}
