// SPDX-License-Identifier: MPL-2.0
// Accounts of the installation's own: for its first administrator, and for employees who have no login provider (docs/adr/0029-passkeys.md).
//
// Such an account belongs to an employee or an administrator. It begins with a starting password, which opens nothing but the registering of a passkey, and ends
// with that. From then on a passkey signs in, or one of ten recovery codes.
#pragma once

#include "base/clock.h"
#include "base/config.h"
#include "feature/account/account.h"

#define LOCAL_NAME_MAX     60                // characters of the name that is written at sign-in: a–z, 0–9, '.', '-', '_' and '@'
#define LOCAL_PASSWORD_MS  (72 * HOUR_MS)    // how long a starting password is good for
#define LOCAL_TRIES        10                // wrong passwords and codes of one account, in
#define LOCAL_TRIES_MS     (15 * MINUTE_MS)  // this time
#define LOCAL_PASSKEYS_MAX 20                // of one account
#define LOCAL_FRESH_MS     (15 * MINUTE_MS)  // how long after signing in one may change how one signs in

// Levels of assurance that a session of such an account is recorded with: a passkey that has verified its person is two factors, a code on paper is one.
#define LOCAL_ASSURANCE_PASSKEY 2
#define LOCAL_ASSURANCE_CODE    1

struct local_account {
    int64_t person;
    struct str name;          // as written at sign-in, in small letters
    struct str password;      // what is kept of the starting password (local_hash); empty: there is none any more
    int64_t password_until;   // ms
    int64_t tries, tried;     // wrong ones since then (ms)
    int64_t version;          // of the row
};

// Whether there is any.
int local_any(const struct account_scene *scene, bool *ret_any);

// By the name that somebody wrote, or of a person. -ENOENT also for a name that can be none.
int local_find(const struct account_scene *scene, struct str name, struct local_account *ret_account);
int local_get(const struct account_scene *scene, int64_t person, struct local_account *ret_account);

// The persons that have one, the newest first, at most 'max' of them, in the scene's arena.
int local_list(const struct account_scene *scene, size_t max, const int64_t **ret_persons, size_t *ret_count);

// Whether the text can be an account's name once it is in small letters.
bool local_name_sound(struct str name);

// Gives a person an account with a starting password, of which 'hash' is kept. One that is there begins anew: its passkeys, its codes and its sessions end.
// The name then stays. -EINVAL for a name that can be none, -EEXIST when somebody else has it.
int local_give(const struct account_scene *scene, int64_t person, struct str name, struct str hash);

// The starting password is of no use from now on: a passkey has been registered.
int local_password_end(const struct account_scene *scene, const struct local_account *account);

// Whether a password or a code may be tried now, and what came of it.
bool local_may_try(const struct local_account *account, int64_t now);
int local_note_try(const struct account_scene *scene, const struct local_account *account, bool right);

// A secret that people copy by hand: groups × length characters of 32 (5 bits each), with hyphens between the groups. ptr NULL: no memory.
struct str local_secret(struct arena *arena, int groups, int length);
#define LOCAL_PASSWORD_GROUPS 4
#define LOCAL_PASSWORD_LENGTH 5   // 100 bits
#define LOCAL_CODE_GROUPS     4
#define LOCAL_CODE_LENGTH     4   // 80 bits

// The same as it is compared: without hyphens and spaces, in small letters, with the digits that are meant. ptr NULL: no memory.
struct str local_secret_read(struct arena *arena, struct str text);

// What hashing a password costs (Argon2id, RFC 9106): settings local.password_mebibytes and local.password_passes, with one lane.
struct local_cost {
    int64_t mebibytes;
    int64_t passes;
};

// -EINVAL (logged) when the settings are below 19 MiB and 2 passes (OWASP, "Password Storage") or beyond reason.
int local_cost_read(const struct config *config, struct local_cost *ret_cost);

// What is kept of a secret. Takes the memory and the time that the cost says. In the arena; -ENOMEM.
int local_hash(struct arena *arena, const struct local_cost *cost, struct str secret, struct str *ret_hash);

// Whether the secret is the one that a hash was made of. An empty hash is tried against one that fits nothing, at the same cost.
bool local_hash_fits(struct arena *arena, const struct local_cost *cost, struct str hash, struct str secret);

// Recovery codes: ten, shown once, each good once.
#define LOCAL_CODES 10

// Makes them anew; the earlier ones are of no use any more. In the scene's arena.
int local_codes_make(const struct account_scene *scene, int64_t person, struct str ret_codes[LOCAL_CODES]);

// Uses one up. -ENOENT: it is none, or was used.
int local_code_use(const struct account_scene *scene, int64_t person, struct str code);

// How many are left, and when one was used last (ms; 0: never).
int local_codes_state(const struct account_scene *scene, int64_t person, int64_t *ret_left, int64_t *ret_used);

// How a person signs in, for themselves to read: nothing of the keys.
struct local_passkey {
    struct str name;
    int64_t created, used;    // ms; used 0: never
};
struct local_ways {
    struct str account;       // the name that is written at sign-in
    const struct local_passkey *passkeys;   // the oldest first
    size_t passkeys_count;
    int64_t codes, code_used; // recovery codes that are left; when one was used last (ms; 0: never)
};

// In the scene's arena. -ENOENT: the person has no account of the installation's own.
int local_ways(const struct account_scene *scene, int64_t person, struct local_ways *ret_ways);

// Ends the sessions of a person but one (its key; empty: all).
int local_sign_out(const struct account_scene *scene, int64_t person, struct bytes but);
