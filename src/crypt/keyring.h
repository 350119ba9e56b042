// SPDX-License-Identifier: MPL-2.0
// The data keys that a thread is using: asked of the keeper once, then kept in locked memory with their cipher contexts.
// One keyring for each thread; not for use by two at once.
#pragma once

#include "crypt/keeper.h"

struct keyring;
struct data_key;   // borrowed from its keyring: good until keyring_trim or keyring_free

int keyring_new(struct keeper *keeper, struct keyring **ret_keyring);
void keyring_free(struct keyring *keyring);

// Lets the keys that were used longest ago go when the cache is over its bound of 4,096, and all when a share was destroyed since the last
// call. Called before each request, never while a data_key is in use.
void keyring_trim(struct keyring *keyring);

// Everything that a grant of a dialogue's key to a member says. All of it is bound into the wrapped key, so that a row that
// was not made by the program opens nothing.
struct grant_place {
    int64_t dialogue;
    int64_t epoch;
    int64_t member;    // person or invitation
    int64_t role;      // enum relation as stored with the participant; 0 for an invitation
    int64_t consent;   // 0 while no consent is asked for
    int64_t share;     // of the dialogue, see keeper_take_share; without it the grant opens nothing
};

// Wraps a grant anew under the newest master key, without opening it here. -EALREADY when it is under it; -EBADMSG when it is not genuine.
int keyring_rewrap(struct keyring *keyring, struct bytes wrapped, const struct grant_place *place, struct arena *arena, struct bytes *ret_wrapped);

// A share for a new dialogue (keeper_take_share).
int keyring_take_share(struct keyring *keyring, int64_t newest, int64_t *ret_share);


// A fresh random data key. -ENOBUFS, here and in keyring_unwrap, when 16,384 keys came without a keyring_trim.
int keyring_create(struct keyring *keyring, struct data_key **ret_key);

// Wraps a data key for a member (KEEPER_WRAPPED bytes in the arena).
int keyring_wrap(struct keyring *keyring, const struct data_key *key, const struct grant_place *place, struct arena *arena,
                 struct bytes *ret_wrapped);

// Opens a grant. -EBADMSG when the row was not made by the program for exactly this place. Cached by all of wrapped and place.
int keyring_unwrap(struct keyring *keyring, struct bytes wrapped, const struct grant_place *place, struct data_key **ret_key);

// The installation's key for what belongs to no dialogue: people, units, sessions, drafts of new dialogues, outbox.
struct data_key *keyring_directory(struct keyring *keyring);

// Keyed hash (BLAKE2b-256, a key of its own for each kind) for look-ups of what is only stored sealed.
enum lookup { LOOKUP_UNSET, LOOKUP_LOGIN, LOOKUP_CPR, LOOKUP_NAME_BIRTH, LOOKUP_EMAIL, LOOKUP_TOKEN };
#define LOOKUP_BYTES 32
void keyring_lookup(const struct keyring *keyring, enum lookup kind, struct str value, uint8_t ret_hash[LOOKUP_BYTES]);
