// SPDX-License-Identifier: MPL-2.0
// The database at the level of statements. Feature code never sees this file's calls directly: it
// calls the typed functions that tools/sql generates from the .sql files. Two backends stand behind
// it, SQLite and PostgreSQL; the database's name says which.
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
    const char *types;      // of the parameters, a letter each: i (int), t (text), b (blob)
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
    DB_COPY,    // writes to a file that is nobody's database yet: nothing is synced, rows may refer to others that come later
    DB_WRITE_BESIDE,   // as DB_WRITE, but others of the same installation may write too, in turns
    DB_READ_REPLICA,   // as DB_READ, from a server that others can do without: whoever does not answer soon is given up
};

// Whether a name is that of a database on a server ("postgresql://…") rather than a file's.
bool db_is_remote(const char *name);

// Opens a connection to a database: a file (DB_WRITE and DB_COPY create it), or one on a server (DB_READ
// connects when it is first used). Not for use by two threads at once. -EBUSY: another program writes
// to that database, and one of the two does not allow that. -EINVAL: DB_WRITE_BESIDE or DB_READ_REPLICA
// with a file.
int db_open(const char *name, enum db_mode mode, struct db **ret_db);
void db_close(struct db *db);

// Whether others than this connection may write to the database while it is open.
bool db_shared(const struct db *db);

// Whether no other program can write to the database of a writing connection now. With
// DB_WRITE_BESIDE that is so when it was the first to open it, and until db_join.
bool db_alone(const struct db *db);

// Lets the others of DB_WRITE_BESIDE in, from now on. Once the schema is this program's.
int db_join(struct db *db);

// What connecting to a database takes of this machine: 'file' is called with each file that may be
// read for it, 'port' with each TCP port. 0 or the first other value that one of them gives;
// -EINVAL: a name that can't be understood.
struct db_needs {
    void *context;
    int (*file)(void *context, const char *path);
    int (*port)(void *context, uint16_t port);
};
int db_needs(const char *name, const struct db_needs *needs);

// 0: an installation's database is there; -ENOENT: none (a file is not there, or a database is
// empty); others: it can't be told.
int db_probe(const char *name);

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
// -ENOMEM; -ECONNRESET: the server ended the transaction through no fault of its own (the
// connection broke, a deadlock), nothing of it counts, and it may be run again; -EHOSTDOWN: the
// server can't be reached; -EIO: anything else (logged once). After a failure within a transaction
// every step gives the same error until the savepoint, or the transaction, is rolled back: whoever
// wants to go on after a conflict says ON CONFLICT DO NOTHING.
int db_step(struct db_stmt *stmt);

// db_step of a statement that gives no rows, when nobody asks how many it changed: 0 or as db_step.
// Within a write transaction a server gets it with the next statement, and its failure is that
// one's, or db_settle's, or the commit's.
int db_send(struct db_stmt *stmt);

// Sends a statement that reads ahead of the db_step that will ask the same with the same values, so that
// the answers of several are waited for once. Nobody has to come for the answer: it is forgotten when
// something is written, and with the savepoint or the transaction, so it is never older than what a
// db_step in its place would give. Where db_asks says no, and before a reading transaction's first
// statement, nothing happens, nor when so many answers wait already; a failure is told by the db_step.
#define DB_ASKED_MAX 128
bool db_asks(const struct db *db);
void db_ask(struct db_stmt *stmt);

// Waits for what was sent: 0, or the first failure. Before a savepoint is released, so that what
// failed is told to whoever sent it.
int db_settle(struct db *db);

// The failure of a step since the savepoint, or the transaction, began; 0: none.
int db_failed(const struct db *db);

// Columns count from 0; text and blob live until the next db_step or db_end.
int64_t db_int(struct db_stmt *stmt, unsigned column);
struct str db_text(struct db_stmt *stmt, unsigned column);
struct bytes db_blob(struct db_stmt *stmt, unsigned column);
bool db_is_null(struct db_stmt *stmt, unsigned column);

// The number of rows that the last insert, update or delete changed.
int64_t db_changes(struct db *db);

// Transactions; they are not nested, savepoints neither. A read transaction sees one state from its
// first statement on, and ends with db_commit, whatever that gives. A write transaction is alone
// until it ends: others, of this process or on other machines, wait for it. Its db_commit: 0 only
// when the changes are on disk; on failure nothing of them counts and db_rollback must follow.
// -EIO: what the disk holds is in doubt, and no further transaction should be tried; -ENOSPC and
// others: a later one may succeed; -ECONNRESET and -EHOSTDOWN as of db_step.
int db_begin_read(struct db *db);
int db_begin_write(struct db *db);
int db_commit(struct db *db);
int db_rollback(struct db *db);
int db_savepoint(struct db *db);
int db_savepoint_release(struct db *db);
int db_savepoint_rollback(struct db *db);

// Tells a line to whoever listens (store/listener.h), in this program too, when the write transaction
// has committed; nobody hears of what is rolled back. With a file nobody listens. -EMSGSIZE.
#define DB_LINE_MAX 1000
int db_tell(struct db *db, struct str line);

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
