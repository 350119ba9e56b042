// SPDX-License-Identifier: MPL-2.0
// Where a test keeps its database: a file in a temporary folder, or, when the environment's
// SAMTRAAD_POSTGRES names a server (test/postgres/run), a new database there.
#pragma once

#include "store/db.h"

struct store_place {
    char folder[64];
    char name[160];   // for db_open
};

bool store_place_is_remote(void);
int store_place_make(struct store_place *place);      // empty
void store_place_remove(struct store_place *place);   // every connection is closed

// Ends every session of a database on a server, as a server does that stops.
void store_end_sessions(const struct store_place *place);

// What a test of one open database has as its state, and what makes it: open for writing, with the text applied. -1 without.
struct store_test {
    struct store_place store;
    struct db *db;
};
int store_set_up(void **state, const char *sqlite, const char *postgres);
int store_tear_down(void **state);

// A table to write to.
#define STORE_NOTE "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"

int store_note_add(struct db *db, int64_t id, struct str text);   // as db_step
int store_note_send(struct db *db, int64_t id, struct str text);  // as db_send
int64_t store_note_count(struct db *db);                          // -1: it can't be told
