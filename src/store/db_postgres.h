// SPDX-License-Identifier: MPL-2.0
// What the three files of the PostgreSQL backend share: the connection (link) and the statements on
// it. The link is always in libpq's pipeline mode: what begins a transaction or a savepoint travels
// with the statement after it, so that a page costs one round trip for each of its queries and no
// more.
#pragma once

#include "store/backend.h"

#include <errno.h>
#include <libpq-fe.h>

#define LINK_CHANNEL "samtraad"   // of notifications

// pg_type.dat of PostgreSQL.
enum { TYPE_BLOB = 17, TYPE_INT = 20, TYPE_TEXT = 25 };

#define LINK_QUEUE 12   // commands that wait for the next statement
#define LINK_ASKED_VALUES 60   // bytes of the values of a statement that is asked ahead, with their lengths

struct prepared;

// A statement that was asked ahead and whose answer nobody has come for.
struct asked {
    const struct prepared *prepared;
    PGresult *answer;   // NULL: it has not been read
    unsigned place;     // among the commands of its round
    unsigned len;       // of the values
    uint8_t values[LINK_ASKED_VALUES];
};

struct postgres_db {
    struct db db;
    char *name;            // "postgresql://…"
    PGconn *link;          // NULL: not connected
    unsigned life;         // counts connections, and failures that leave in doubt what is prepared: what was before is prepared anew
    unsigned statements;   // counts the names that were given
    const char *queue[LINK_QUEUE];   // commands to be sent before the next statement
    unsigned queued;
    unsigned unread;   // synchronisations whose answers have not been read
    bool sent;         // commands were sent and not yet synchronised
    unsigned commands;   // of the round that is open, or whose answers are awaited
    struct asked asked[DB_ASKED_MAX];
    unsigned asked_count;
    bool naming;       // and statements were prepared there, or in a round whose answers have not been read
    bool begun;        // the server may be in a transaction
    bool touched;      // a statement of the transaction has run
    int64_t changes;   // of the last statement
    int64_t retry_at;   // monotonic ms; not to be tried before, after it failed
    bool beside;        // DB_WRITE_BESIDE was asked for
    bool joined;        // and others are let in
    bool away;          // it was logged that the server can't be reached
    bool impatient;     // DB_READ_REPLICA: LINK_REPLICA_MS count
    int64_t writer;     // DB_WRITE: the random name of this connection's writer
    int64_t turn;       // DB_WRITE: its last transaction
};

static inline struct postgres_db *postgres_of(struct db *db)
{
    return (struct postgres_db *)db;
}

// How long a write transaction waits for a server that is away, and how long a commit in doubt.
#define LINK_BEGIN_MS 10000
#define LINK_OPEN_MS 3000   // what a killed program had open is closed by then
#define LINK_JOIN_MS 30000   // another may be bringing the schema to its program's
#define LINK_DOUBT_MS 60000
#define LINK_REPLICA_MS 3000   // for an answer of a replica

// A connection to the database with a name, by libpq's own calls, tried for so many seconds with each
// of its machines; never NULL but without memory.
#define LINK_PATIENT "5"
#define LINK_IMPATIENT "2"
PGconn *link_connect(const char *name, const char *seconds);

// What the others of an installation hold together, and one program for itself.
#define SOLE_LOCK "8385554661497365349"

// Connects, unless it is: once, or again and again until 'patience_ms' are over. -EHOSTDOWN; -EBUSY:
// another program writes to the database. A reader that failed does not try again for a moment.
int link_ready(struct postgres_db *db, int64_t patience_ms);

static inline bool link_holds(const struct postgres_db *db)
{
    return db->link && PQstatus(db->link) == CONNECTION_OK;
}

// The connection broke: nothing of it is left.
void link_lost(struct postgres_db *db);

// The server has ended the transaction, or will not go on with it: leaves it behind.
void link_abandon(struct postgres_db *db, int error);

// Counts a command that was sent, as libpq's calls say it: 0 or -ECONNRESET.
static inline int link_sent(struct postgres_db *db, int sent)
{
    db->commands += sent == 1;
    return sent == 1 ? 0 : -ECONNRESET;
}

// Puts a command before the next statement. The text is static.
int link_queue(struct postgres_db *db, const char *text);

// Sends what is queued; one more command may be sent between this and link_end.
int link_send_queue(struct postgres_db *db);

// Sends the synchronisation that ends a round; link_receive reads its answers.
int link_end(struct postgres_db *db);

// Reads the answers up to the next synchronisation and gives the last one (NULL when not wanted),
// to be freed with PQclear. The first failure counts, and is logged under the name 'during'.
int link_receive(struct postgres_db *db, const char *during, PGresult **ret_last);

// Reads what is owed from earlier rounds.
int link_settle(struct postgres_db *db);

// Ends the round, if commands were sent, and reads its answers.
int link_finish(struct postgres_db *db);

// Takes the transaction back, whatever came of what was sent before.
int link_rollback(struct postgres_db *db);

// Sends one command with everything queued before it, and waits for the end.
int link_run(struct postgres_db *db, const char *text, PGresult **ret_last);

int link_needs(const char *name, const struct db_needs *needs);   // as db_needs

// The backend's functions for statements.
int statement_prepare(struct db *db, const struct db_query *query, void **ret_handle);
void statement_finish(void *handle);
void statement_reset(void *handle);
void statement_bind_int(struct db_stmt *stmt, unsigned index, int64_t value);
void statement_bind_text(struct db_stmt *stmt, unsigned index, struct str value);
void statement_bind_blob(struct db_stmt *stmt, unsigned index, struct bytes value);
void statement_bind_null(struct db_stmt *stmt, unsigned index);
int statement_step(struct db_stmt *stmt);
int statement_send(struct db_stmt *stmt);
void statement_ask(struct db_stmt *stmt);

// Whether an answer at a place of its round was asked ahead; it is kept then.
bool statement_keep(struct postgres_db *db, unsigned place, PGresult *result);

// Forgets what was asked ahead. An answer that is still to come is passed over.
void statement_forget(struct postgres_db *db);
int64_t statement_int(struct db_stmt *stmt, unsigned column);
struct str statement_text(struct db_stmt *stmt, unsigned column);
struct bytes statement_blob(struct db_stmt *stmt, unsigned column);
bool statement_null(struct db_stmt *stmt, unsigned column);
