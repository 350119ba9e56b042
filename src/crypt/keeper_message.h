// SPDX-License-Identifier: MPL-2.0
// What the server and the keeper say to each other: one request, one reply, each one packet of the socket.
//
// Request: format (1 byte = 1) | operation (1) | length of the variable part (2, big-endian) | fixed part | variable part
//     wrap        key (32)       | associated data (0…1024)
//     unwrap      wrapped (80)   | associated data (0…1024)
//     derive      -              | purpose (1…64)
//     sign        -              | message (1…1024)
//     public key  -              | -
//     make share  -              | -
//     wrap with a share    key (32), share (80)      | associated data (0…1024)
//     unwrap with a share  wrapped (80), share (80)  | associated data (0…1024)
//     versions    -              | -                       gives newest (4), used (4), lowest (4), public key of the box (32)
//     admit       -              | sealed box: version (4), its key (32), next version (4), its key (32)
//     retire      -              | -
//     rewrap a share       share (80)                | -
//     rewrap with a share  wrapped (80), share (80)  | associated data (0…1024)
//     use         -              | -
// Reply: format (1 byte = 1) | status (1) | result, only with KEEPER_DONE and then always of the operation's own length.
#pragma once

#include "crypt/keeper.h"
#include "crypt/key_file.h"

#define KEEPER_FORMAT 1
#define KEEPER_KEY 32
#define KEEPER_VARIABLE_MAX 1024
#define KEEPER_PURPOSE_MAX 64
#define KEEPER_ADMISSION (2 * (4 + KEEPER_KEY))
#define KEEPER_BOX_OVERHEAD 48   // crypto_box_SEALBYTES
#define KEEPER_VERSIONS_BYTES (4 + 4 + 4 + KEEPER_KEY)
#define KEEPER_HEAD 4
#define KEEPER_FIXED_MAX (2 * KEEPER_WRAPPED)
#define KEEPER_REQUEST_MAX (KEEPER_HEAD + KEEPER_FIXED_MAX + KEEPER_VARIABLE_MAX)
#define KEEPER_REPLY_HEAD 2
#define KEEPER_REPLY_MAX (KEEPER_REPLY_HEAD + KEEPER_WRAPPED)

enum keeper_operation {
    KEEPER_UNSET,
    KEEPER_WRAP,
    KEEPER_UNWRAP,
    KEEPER_DERIVE,
    KEEPER_SIGN,
    KEEPER_GIVE_PUBLIC_KEY,
    KEEPER_MAKE_SHARE,
    KEEPER_WRAP_SHARED,
    KEEPER_UNWRAP_SHARED,
    KEEPER_GIVE_VERSIONS,
    KEEPER_ADMIT,
    KEEPER_RETIRE,
    KEEPER_REWRAP_SHARE,
    KEEPER_REWRAP_SHARED,
    KEEPER_USE,
};

enum keeper_status {
    KEEPER_STATUS_UNSET,
    KEEPER_DONE,
    KEEPER_NOT_AUTHENTIC,   // what was to be unwrapped
    KEEPER_REFUSED,         // the request does not follow the format
    KEEPER_FILE_MISSING,    // the rest only when starting
    KEEPER_FILE_MALFORMED,
    KEEPER_FILE_EXPOSED,
    KEEPER_FILE_DENIED,
    KEEPER_FILE_SEALED,
    KEEPER_NOT_STARTED,
};

// The keys that come of the master keys. Lives in guarded memory of the keeper only.
struct keeper_secret {
    unsigned count;   // of master keys: 1, or 2 while a rotation is under way; the newest first
    unsigned used;    // the one of them that wraps
    uint32_t version[2];
    uint8_t wrapping[2][KEEPER_KEY];
    uint8_t derived[KEY_PURPOSES][KEEPER_KEY];
    uint8_t signing[64];
    uint8_t public_key[KEEPER_PUBLIC_KEY];
    uint8_t box_secret[KEEPER_KEY], box_public[KEEPER_KEY];   // of this keeper's life; what is sealed for it only it can open
};

// Makes them of what the file says, which is completed (key_file_carry).
void keeper_secret_make(struct key_file *file, struct keeper_secret *ret_secret);

// Answers one request of any bytes. Gives the reply's length; the reply tells whether the request was refused.
size_t keeper_answer(struct keeper_secret *secret, struct bytes request, uint8_t ret_reply[KEEPER_REPLY_MAX]);
