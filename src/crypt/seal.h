// SPDX-License-Identifier: MPL-2.0
// Sealed fields: AES-256-GCM with a fresh random nonce for each value, a key commitment, and the place where the value
// stands as associated data, so that a row that was moved does not open.
//
// Layout: algorithm (1 byte = 1) | key commitment (16) | nonce (12) | ciphertext | tag (16).
#pragma once

#include "crypt/keyring.h"

enum seal_type {
    SEAL_UNSET,
    SEAL_TOPIC, SEAL_POST, SEAL_RELATION, SEAL_DRAFT, SEAL_REASON,           // under a dialogue's key
    SEAL_PERSON, SEAL_UNIT, SEAL_INVITATION, SEAL_SESSION, SEAL_LOGIN, SEAL_OUTBOX, SEAL_PORTRAIT, SEAL_PROVIDER,   // under the directory key
    SEAL_LOOK_UP, SEAL_REVIEW, SEAL_REVIEWER,   // also under the directory key
    SEAL_TERMS, SEAL_CONSENT_RULE, SEAL_PROPOSAL, SEAL_CONSENT,   // under the directory key
    SEAL_JOURNAL, SEAL_JOURNAL_PIECE, SEAL_JOURNAL_RECEIPT,   // under a dialogue's key
    SEAL_ADDRESS,   // under the directory key: where a person gets mail
    SEAL_FILE,   // under a dialogue's key
    SEAL_IMPORT,   // also under the directory key
    SEAL_PORTRAIT_SOURCE,   // under the directory key
    SEAL_HIDING, SEAL_TURN, SEAL_SIDE_TALK,   // under a dialogue's key
    SEAL_ABSENCE,   // also under the directory key
    SEAL_RETENTION, SEAL_ERASURE,   // under the directory key
    SEAL_LETTER, SEAL_CONSENT_TEXT,   // also under the directory key
    SEAL_LOCAL_ACCOUNT, SEAL_PASSKEY, SEAL_CHALLENGE,   // also under the directory key
};

// Where a value stands. The numbers go into the storage format: never renumber seal_type, only append.
struct seal_place {
    enum seal_type type;
    int64_t dialogue;   // 0 under the directory key
    int64_t epoch;      // 0 under the directory key
    int64_t object;     // the row's id, or the post's number
    int64_t version;    // of the row, where it has versions
};

#define SEAL_OVERHEAD 45
#define SEAL_PLAIN_MAX (64 << 20)

// Seals into the arena. -ENOMEM; -EMSGSIZE over SEAL_PLAIN_MAX.
int seal(struct data_key *key, const struct seal_place *place, struct bytes plain, struct arena *arena, struct bytes *ret_sealed);

// Opens into the arena (a NUL stands behind the bytes). -EBADMSG when key, place or bytes are not the ones that were sealed; -ENOMEM.
int unseal(struct data_key *key, const struct seal_place *place, struct bytes sealed, struct arena *arena, struct bytes *ret_plain);
