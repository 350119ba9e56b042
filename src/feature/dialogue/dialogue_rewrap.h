// SPDX-License-Identifier: MPL-2.0
// Grants under a new master key, in portions. docs/adr/0024-rotation.md.
#pragma once

#include "crypt/keyring.h"
#include "store/db.h"

// How far it has come. Begins with zeros.
struct dialogue_rewrap {
    int64_t dialogue, member, epoch;   // the last that was looked at
    int64_t done;                      // wrapped anew
    int64_t false_ones;                // not made by the program, or of an erased dialogue: they open nothing and stay as they are
    bool finished;
};

// Looks at the next 'count' grants. In a write transaction.
int dialogue_rewrap(struct db *db, struct keyring *keys, unsigned count, struct dialogue_rewrap *rewrap);
