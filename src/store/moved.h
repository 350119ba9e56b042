// SPDX-License-Identifier: MPL-2.0
// What "samtraad move" notes in both databases, so that nobody goes on in one that was left, or begins in one that is half full. It stands where
// migrations are noted, as number 0: a program that does not know about moving takes it for a newer program's, and does not start on it either.
#pragma once

#include "store/db.h"

enum moved_state {
    MOVED_UNSET,
    MOVED_NEVER,     // an installation's database, as any
    MOVED_FILLING,   // rows are being brought to it
    MOVED_HERE,      // it was filled, and is an installation's database
    MOVED_LEFT,      // another was filled from it, and has taken its place
};

struct moved {
    enum moved_state state;
    uint64_t move;   // the same number in both databases
    int64_t since;   // ms
};

// Of a database that has a schema. -EBADMSG: the note has another form.
int moved_read(struct db *db, struct moved *ret_moved);

// In a write transaction of its own, which is on the disk when this returns. MOVED_NEVER removes the note.
int moved_write(struct db *db, const struct moved *moved);

// 0: an installation may work with the database; -EREMCHG (logged): it was left, or is half full.
int moved_check(struct db *db);
