// SPDX-License-Identifier: MPL-2.0
// The database at the level of statements. Feature code never sees this file's calls directly: it
// calls the typed functions that tools/sql generates from the .sql files. Two backends stand behind
// it; SQLite today.
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"

struct db;
struct db_stmt;

// One named query of a .sql file, as generated. The array of all queries is collected at link time
// in the section "db_queries"; its address names the prepared statement of each connection.
struct db_query {
    const char *name;       // "dialogue.post_page"
    const char *sqlite;     // with ?1, ?2, …
    const char *postgres;   // with $1, $2, …
    unsigned parameters;
    unsigned columns;
};

#define DB_QUERY(identifier, ...)                                                                  \
    static const struct db_query identifier = { __VA_ARGS__ };                                     \
    static const struct db_query *const identifier##_entry                                         \
        __attribute__((used, retain, section("db_queries"))) = &identifier

// All queries of the program: the array, and how many.
size_t db_queries(const struct db_query *const **ret_queries);

enum db_mode {
    DB_UNSET,
    DB_READ,    // query_only; never checkpoints
    DB_WRITE,   // the one writer: WAL, synchronous=FULL; checkpoints
};

// Opens a connection to the data folder's database (DB_WRITE creates the file). Not for use by two
// threads at once.
int db_open(const char *path, enum db_mode mode, struct db **ret_db);
void db_close(struct db *db);

// Takes the connection's prepared statement of a query, ready for binding. Borrowed until db_end.
// -EBUSY when it is in use (a query can't be nested in itself), -EIO and others from the backend.
int db_start(struct db *db, const struct db_query *query, struct db_stmt **ret_stmt);
void db_end(struct db_stmt *stmt);   // NULL is allowed
DEFINE_POINTER_CLEANUP(struct db_stmt, db_end)

// Parameters count from 1. The memory of text and blob must live until db_end. A failure sticks
// until db_step.
void db_bind_int(struct db_stmt *stmt, unsigned index, int64_t value);
void db_bind_text(struct db_stmt *stmt, unsigned index, struct str value);
void db_bind_blob(struct db_stmt *stmt, unsigned index, struct bytes value);
void db_bind_null(struct db_stmt *stmt, unsigned index);

// 1: a row is there; 0: done; -EEXIST: a uniqueness or other constraint; -ENOSPC: disk full;
// -ENOMEM; -EIO: anything else (logged once).
int db_step(struct db_stmt *stmt);

// Columns count from 0; text and blob live until the next db_step or db_end.
int64_t db_int(struct db_stmt *stmt, unsigned column);
struct str db_text(struct db_stmt *stmt, unsigned column);
struct bytes db_blob(struct db_stmt *stmt, unsigned column);
bool db_is_null(struct db_stmt *stmt, unsigned column);

// The number of rows that the last insert, update or delete changed.
int64_t db_changes(struct db *db);

// Transactions; they are not nested, savepoints neither. A read transaction sees one state from its
// first statement on. db_commit: 0 only when the changes are on disk; on failure nothing of them
// counts and db_rollback must follow, but on a DB_READ connection the transaction has ended then. -EIO: what the disk holds is in doubt, and no further
// transaction should be tried; -ENOSPC and others: a later one may succeed.
int db_begin_read(struct db *db);
int db_begin_write(struct db *db);
int db_commit(struct db *db);
int db_rollback(struct db *db);
int db_savepoint(struct db *db);
int db_savepoint_release(struct db *db);
int db_savepoint_rollback(struct db *db);

// Runs text of several statements inside a transaction; for migrations only. The backend's own text
// is chosen.
int db_script(struct db *db, const char *sqlite, const char *postgres);

// House-keeping of the DB_WRITE connection between transactions (SQLite: checkpoints when the
// write-ahead log has grown enough for the load).
enum db_load {
    DB_LOAD_UNSET,
    DB_BUSY,    // more jobs wait
    DB_IDLE,    // none waits at this moment
    DB_QUIET,   // none has come for a while
};
void db_tidy(struct db *db, enum db_load load);
