// SPDX-License-Identifier: MPL-2.0
// The passkeys of local accounts as they are kept, and the challenges that authenticators sign.
#pragma once

#include "feature/local/local.h"
#include "feature/local/webauthn.h"

#define PASSKEY_NAME_MAX     60              // characters
#define PASSKEY_CHALLENGE_MS (5 * MINUTE_MS)

struct passkey {
    int64_t id, person;
    int64_t version;          // of the row
    struct webauthn_key key;
    int64_t counter;          // as the authenticator said last; 0: it does not count
    int64_t created, used;    // ms; used 0: never
    struct str name;          // "Min telefon"
};

// Keeps a new one. -EEXIST when the credential is known (whosever it is), -E2BIG over LOCAL_PASSKEYS_MAX.
int passkey_add(const struct account_scene *scene, const struct passkey *passkey, int64_t *ret_id);

// By what the authenticator calls it, or by id among a person's. -ENOENT.
int passkey_find(const struct account_scene *scene, struct bytes credential, struct passkey *ret_passkey);
int passkey_get(const struct account_scene *scene, int64_t person, int64_t id, struct passkey *ret_passkey);

// A person's, the oldest first, in the scene's arena.
int passkey_list(const struct account_scene *scene, int64_t person, const struct passkey **ret_list, size_t *ret_count);

// It signed in now and said that counter. -ESTALE when the counter is not above the last one: there are two of it, or an old answer came again.
int passkey_used(const struct account_scene *scene, const struct passkey *passkey, int64_t counter);

int passkey_remove(const struct account_scene *scene, int64_t id);

// What an authenticator knows a person by: it says nothing about them, and stays.
#define PASSKEY_HANDLE LOOKUP_BYTES
void passkey_handle(const struct account_scene *scene, int64_t person, uint8_t ret_handle[PASSKEY_HANDLE]);

// What a challenge is for.
enum passkey_purpose { PASSKEY_UNSET, PASSKEY_SIGN_IN, PASSKEY_ENROL, PASSKEY_ADD };

struct passkey_challenge {
    enum passkey_purpose purpose;
    int64_t person;          // PASSKEY_SIGN_IN: 0
    int64_t version;         // of the person's account: one that began anew meanwhile wants none of it
    struct bytes browser;    // the key of the session, or of the visitor's cookie, that it was given to
};

// Makes one (base64url, in the arena) and keeps it. Those that were never answered go.
int passkey_challenge_make(const struct account_scene *scene, const struct passkey_challenge *what, struct str *ret_challenge);

// Takes one back: it counts once, within PASSKEY_CHALLENGE_MS, for that purpose, in that browser. -ENOENT otherwise; who brings another browser's
// leaves it as it is.
int passkey_challenge_take(const struct account_scene *scene, struct str challenge, enum passkey_purpose purpose, struct bytes browser,
                           struct passkey_challenge *ret_challenge);
