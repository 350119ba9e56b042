// SPDX-License-Identifier: MPL-2.0
// Signed heads of the log, one a line in a file outside the database:
// {"size":17,"root":"64 hex","time":1790000000000,"previous":"64 hex","signature":"128 hex"}
// previous is the SHA-256 of the line before (without its line feed), zeros in the first. The signature (Ed25519) is over
// "samtraad log 1" filled up with zeros to 16 bytes | size (8) | time (8) | root (32) | previous (32).
#pragma once

#include "audit/merkle.h"
#include "base/buf.h"
#include "crypt/keeper.h"

#define CHECKPOINT_LINE 512     // no line is longer, line feed included
#define CHECKPOINT_SIGNED 96

struct checkpoint {
    int64_t size;
    int64_t time_ms;
    uint8_t root[MERKLE_HASH];
    uint8_t previous[MERKLE_HASH];
    uint8_t signature[KEEPER_SIGNATURE];
};

// What the signature is over.
void checkpoint_signed(const struct checkpoint *checkpoint, uint8_t ret_bytes[CHECKPOINT_SIGNED]);

// The one form of the line, without line feed.
void checkpoint_format(const struct checkpoint *checkpoint, struct buf *line);

// Reads a line of any bytes, without line feed. -EINVAL for everything that checkpoint_format does not write.
int checkpoint_parse(struct str line, struct checkpoint *ret_checkpoint);

bool checkpoint_authentic(const struct checkpoint *checkpoint, const uint8_t public_key[KEEPER_PUBLIC_KEY]);

// Whether the last line of the file is one of which a power cut left a hole: sectors that never reached the disk read as zeros, also in front of the line
// feed. No finished line has a zero, nor one that differs from it in a single bit.
bool checkpoint_is_torn(struct str line);

// The end of a checkpoint file.
struct checkpoint_end {
    bool any;                       // there is a finished line
    struct checkpoint last;
    uint8_t digest[MERKLE_HASH];    // of the last finished line
    int64_t finished;               // the file's bytes up to and with the last line feed
    bool torn;                      // bytes stand behind them
};

// -EBADMSG when the last finished line, before one that is torn, is none of ours; -EIO and other errors of the file.
int checkpoint_read_end(int fd, struct merkle_hasher *hasher, const uint8_t public_key[KEEPER_PUBLIC_KEY], struct checkpoint_end *ret_end);

// The first checkpoint of a log of just this size, found by halving: sizes never fall from line to line. -ENOENT; -EBADMSG when a line that was
// looked at is none that checkpoint_format writes. Signatures are not checked.
int checkpoint_find(int fd, int64_t size, struct checkpoint *ret_checkpoint);
