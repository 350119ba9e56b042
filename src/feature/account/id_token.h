// SPDX-License-Identifier: MPL-2.0
// The check of an identity token (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725). Only signatures are known here: a token that is
// encrypted, unsigned or signed with a shared secret is refused.
#pragma once

#include "base/arena.h"

#include <jansson.h>

#define ID_TOKEN_MAX ((size_t)16 * 1024)
#define ID_TOKEN_KEYS_MAX 32   // keys of a provider that are looked at

// What the token must say.
struct id_token_wanted {
    const char *issuer;
    const char *client_id;
    const char *algorithms;      // those allowed of RS256, PS256, ES256, with a space between
    struct str nonce;
    struct str access_token;     // for at_hash; empty: there is none
    int64_t now;                 // seconds since 1970
    int64_t skew;                // seconds that clocks may differ
};

// Why a token was refused; for the log.
enum id_token_fault {
    ID_TOKEN_UNSET, ID_TOKEN_FORM, ID_TOKEN_ALGORITHM, ID_TOKEN_KEY, ID_TOKEN_SIGNATURE, ID_TOKEN_CLAIMS, ID_TOKEN_ISSUER, ID_TOKEN_AUDIENCE,
    ID_TOKEN_EXPIRED, ID_TOKEN_FUTURE, ID_TOKEN_NONCE, ID_TOKEN_ACCESS_HASH, ID_TOKEN_SUBJECT,
};

// Whether a signature algorithm can be allowed: RS256, PS256, ES256 (RFC 7518).
bool id_token_algorithm_known(struct str algorithm);

const char *id_token_fault_name(enum id_token_fault fault);

// Checks a compact token with the provider's published keys (a JWK Set, RFC 7517, as parsed). 0: *ret_claims is the caller's to decref. -EACCES:
// refused, *ret_fault says why; ID_TOKEN_KEY also when the key is not in the set, so that it may be fetched anew. -ENOMEM.
int id_token_check(struct arena *arena, struct str token, const json_t *keys, const struct id_token_wanted *wanted, json_t **ret_claims,
                   enum id_token_fault *ret_fault);
