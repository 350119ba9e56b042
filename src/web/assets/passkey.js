// SPDX-License-Identifier: MPL-2.0
// Asks the browser for a passkey and sends what it says with the form. The server checks all of it; without this the form says what is missing.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// What the server asks for: on the page, or fetched when it is needed.
async function ask(form) {
    if (!form.dataset.begin)
        return form.dataset;
    const answer = await fetch(form.dataset.begin, { method: 'POST', body: '{}',
        headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': form.elements.csrf.value } });
    if (!answer.ok)
        throw new Error(String(answer.status));
    return answer.json();
}

const get = asked => navigator.credentials.get({ publicKey: { challenge: bytes(asked.challenge), rpId: asked.site, userVerification: 'required', timeout: 240000 } });

const create = asked => navigator.credentials.create({ publicKey: {
    challenge: bytes(asked.challenge),
    rp: { id: asked.site, name: 'Samtråd' },
    user: { id: bytes(asked.handle), name: asked.name, displayName: asked.display },
    pubKeyCredParams: [-7, -8, -257].map(alg => ({ type: 'public-key', alg })),
    excludeCredentials: asked.known.split(' ').filter(Boolean).map(id => ({ type: 'public-key', id: bytes(id) })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
    timeout: 240000,
} });

function fill(form, { rawId, response }) {
    const said = {
        credential: rawId,
        client_data: response.clientDataJSON,
        authenticator_data: response.authenticatorData ?? response.getAuthenticatorData(),
        signature: response.signature,
        handle: response.userHandle,
    };
    for (const [name, value] of Object.entries(said)) {
        if (value && form.elements[name])
            form.elements[name].value = text(value);
    }
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll('[data-passkey]') : []) {
    const show = (name, yes) => { form.querySelector(`[data-passkey-${name}]`).hidden = !yes; };
    show('missing', false);
    show('ready', true);
    show('button', true);
    form.addEventListener('submit', async event => {
        event.preventDefault();
        show('failed', false);
        show('known', false);
        try {
            fill(form, await (form.dataset.passkey === 'get' ? get : create)(await ask(form)));
            form.submit();
        } catch (error) {
            show(error.name === 'InvalidStateError' ? 'known' : 'failed', true);
        }
    });
}
