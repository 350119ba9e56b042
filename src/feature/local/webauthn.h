// SPDX-License-Identifier: MPL-2.0
// What an authenticator answers, checked: W3C Web Authentication Level 2, sections 7.1 and 7.2, without attestation. Pure: nothing is stored and nothing asked.
// libfido2 reads authenticator data and checks signatures; what the browser says (client data) is read here.
#pragma once

#include "base/arena.h"

// Bytes of what comes in, at most.
#define WEBAUTHN_CLIENT_DATA_MAX    2048
#define WEBAUTHN_AUTHENTICATOR_MAX  2048
#define WEBAUTHN_SIGNATURE_MAX      1024
#define WEBAUTHN_CREDENTIAL_MAX     1023   // as the standard says

// COSE (RFC 9053, RFC 8812).
enum webauthn_algorithm { WEBAUTHN_UNSET = 0, WEBAUTHN_ES256 = -7, WEBAUTHN_EDDSA = -8, WEBAUTHN_RS256 = -257 };

// Where the passkeys belong, from this installation's public address.
struct webauthn_site {
    struct str origin;   // "https://samtraad.example.dk"
    struct str id;       // "samtraad.example.dk": the relying party
};

// base_url as in struct app. The parts point into it.
struct webauthn_site webauthn_site_of(struct str base_url);

enum webauthn_act { WEBAUTHN_ACT_UNSET, WEBAUTHN_CREATE, WEBAUTHN_GET };

// Why an answer was refused; for the log, never for the person.
enum webauthn_fault {
    WEBAUTHN_SOUND,
    WEBAUTHN_SIZE,          // too short or too long
    WEBAUTHN_CLIENT,        // client data is no JSON object of the right kind
    WEBAUTHN_TYPE,          // of another act
    WEBAUTHN_ORIGIN,        // made for another site, or inside another site's page
    WEBAUTHN_SITE,          // authenticator data of another relying party
    WEBAUTHN_USER,          // the person was not there, or was not verified
    WEBAUTHN_KEY,           // no credential in it, or of a kind that we do not take
    WEBAUTHN_SIGNATURE,
    WEBAUTHN_FAULT_COUNT
};
const char *webauthn_fault_name(enum webauthn_fault fault);

// A credential's public half.
struct webauthn_key {
    enum webauthn_algorithm algorithm;
    struct bytes credential;   // the authenticator's name for it
    struct bytes key;          // ES256: x and y; EdDSA: the point; RS256: modulus (256) and exponent (3)
};

// Reads the client data, which must be of that act and site; gives its challenge (base64url, in the arena). Whether we asked for that is the caller's to find
// out. -EACCES; -ENOMEM.
int webauthn_client(struct arena *arena, const struct webauthn_site *site, enum webauthn_act act, struct bytes client_data, struct str *ret_challenge,
                    enum webauthn_fault *ret_fault);

// A new credential, with the person verified. -EACCES; -ENOMEM.
int webauthn_created(struct arena *arena, const struct webauthn_site *site, struct bytes authenticator_data, struct webauthn_key *ret_key, int64_t *ret_counter,
                     enum webauthn_fault *ret_fault);

// What the authenticator and the browser gave for a sign-in.
struct webauthn_assertion {
    struct bytes client_data;
    struct bytes authenticator_data;
    struct bytes signature;
};

// A sign-in with that key, with the person verified. The counter is for the caller to compare. -EACCES; -ENOMEM.
int webauthn_signed(const struct webauthn_site *site, const struct webauthn_key *key, const struct webauthn_assertion *assertion, int64_t *ret_counter,
                    enum webauthn_fault *ret_fault);
