// SPDX-License-Identifier: MPL-2.0
// Numbered changes of the schema, generated from the features' NNNN_*.sql files.
#pragma once

#include "store/db.h"

struct migration {
    unsigned number;
    const char *name;   // "0003_dialogue"
    const char *sqlite;
    const char *postgres;
    uint8_t checksum[32];   // SHA-256 of the file
};

// Ascending by number; made by tools/sql. Gaps are allowed: features that are built side by side take their numbers beforehand.
extern const struct migration migrations[];
extern const unsigned migrations_count;

// Brings the database to the newest schema of a list, each migration that it lacks in a transaction of its own, in order.
// -ESTALE when one that was applied has changed since, or when the database is newer than the
// program (both logged with the number). -EBUSY when there is one to apply and others may write too (db_alone). What was applied before a failure stays.
int migration_apply(struct db *db, const struct migration *list, unsigned count, int64_t now_ms);

// The text that makes the table where migrations are noted, for tests of the texts against another
// database.
const char *migration_table(void);

// The program's own list. -EREMCHG (logged): the database was left for another, or a move to it is not finished (store/moved.h).
int migration_run(struct db *db, int64_t now_ms);

// Whether the database has exactly the program's schema. -ESTALE when an older or a newer program made it, or a migration has changed (logged).
int migration_compare(struct db *db);

// Makes the table where migrations are noted, unless it is there. 1 when something is noted, 0 when the database is empty.
int migration_prepare(struct db *db);
