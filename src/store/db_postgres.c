// SPDX-License-Identifier: MPL-2.0
// The shared database. Write transactions take turns under one advisory lock, on however many
// machines they run: so each sees all that was written before, as with SQLite, and the log has one
// order. docs/adr/0021-postgresql.md tells why.
#include "store/db_postgres.h"

#include "base/clock.h"
#include "base/log.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

static const char turn_lock[] = "SELECT pg_advisory_xact_lock(8385554661497365348)";   // "t_ad_wrd"
static const char turn_table[] =
    "CREATE TABLE IF NOT EXISTS writer_turn (writer BIGINT NOT NULL PRIMARY KEY, turn BIGINT NOT NULL,"
    " began TIMESTAMPTZ NOT NULL DEFAULT now());"
    "DELETE FROM writer_turn WHERE began < now() - interval '400 days'";

// Each writer has a row, with the number of its last turn; row 0 has the writer whose turn was the last of all. So a turn has a name
// that no other ever gets, in no copy of the database that went its own way either (store/replica.h).
#define TURN_AGAIN " ON CONFLICT (writer) DO UPDATE SET turn = excluded.turn"

#define NUMBER 24   // bytes of a number in decimal
#define TOLD_AT_ONCE ((size_t)7000)   // a notification has less than 8000 bytes

static int postgres_probe(const char *name)
{
    struct postgres_db db = { .name = (char *)(uintptr_t)name, .db = { .mode = DB_READ } };
    PGresult *result = NULL;
    int r = link_ready(&db, 0);

    r = r < 0 ? r : link_run(&db, "SELECT to_regclass('migration') IS NULL", &result);
    if (r == 0)
        r = *PQgetvalue(result, 0, 0) ? -ENOENT : 0;
    PQclear(result);
    link_lost(&db);
    return r;
}

static void postgres_close(struct db *base)
{
    struct postgres_db *db = postgres_of(base);

    link_lost(db);
    free(db->name);
    free(db);
}

// Runs text of several statements; it may not be sent in pipeline mode.
static int run_script(struct postgres_db *db, const char *text)
{
    PGresult *result;
    int r = link_run(db, "SELECT 1", NULL);   // what is queued, and what is owed

    if (r == 0 && PQexitPipelineMode(db->link) != 1)
        r = -ECONNRESET;
    if (r < 0)
        return r;
    result = PQexec(db->link, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        log_event(LOG_ERROR, "script", "message=\"%s\"", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        r = PQstatus(db->link) == CONNECTION_OK ? -EIO : -ECONNRESET;
    }
    PQclear(result);
    if (r != -ECONNRESET && PQenterPipelineMode(db->link) != 1)
        r = -ECONNRESET;
    return r;
}

static int begin_writing(struct postgres_db *db)
{
    char first[200];
    int r = link_ready(db, db->beside ? LINK_JOIN_MS : LINK_OPEN_MS);

    randombytes_buf(&db->writer, sizeof(db->writer));
    snprintf(first, sizeof(first), "INSERT INTO writer_turn (writer, turn) VALUES (%lld, 0), (0, %lld)" TURN_AGAIN, (long long)db->writer, (long long)db->writer);
    r = r < 0 ? r : link_queue(db, "BEGIN");
    r = r < 0 ? r : link_queue(db, turn_lock);
    r = r < 0 ? r : run_script(db, turn_table);
    r = r < 0 ? r : link_run(db, first, NULL);
    return r < 0 ? r : link_run(db, "COMMIT", NULL);
}

static int postgres_open(const char *name, enum db_mode mode, struct db **ret_db)
{
    struct postgres_db *db = calloc(1, sizeof(*db));
    int r = 0;

    if (!db)
        return -ENOMEM;
    const bool reads = mode == DB_READ || mode == DB_READ_REPLICA;
    db->db.mode = reads ? DB_READ : DB_WRITE;
    db->impatient = mode == DB_READ_REPLICA;
    db->beside = mode == DB_WRITE_BESIDE;
    db->name = strdup(name);
    if (!db->name)
        r = -ENOMEM;
    else if (!reads)
        r = begin_writing(db);
    if (r < 0) {
        postgres_close(&db->db);
        return r;
    }
    *ret_db = &db->db;
    return 0;
}

static int postgres_join(struct db *base)
{
    struct postgres_db *db = postgres_of(base);
    bool alone = base->alone;
    int r = alone ? link_queue(db, "SELECT pg_advisory_lock_shared(" SOLE_LOCK ")") : 0;

    // From here on also a connection that is made anew leaves room for others.
    db->joined = true;
    base->alone = false;
    return r == 0 && alone ? link_run(db, "SELECT pg_advisory_unlock(" SOLE_LOCK ")", NULL) : r;
}

static int64_t postgres_changes(struct db *base)
{
    return postgres_of(base)->changes;
}

static int begin(struct postgres_db *db, bool writes)
{
    int r = link_ready(db, writes ? LINK_BEGIN_MS : 0);

    db->touched = false;
    if (r < 0)
        return r;
    db->queued = 0;
    if (!writes)
        return link_queue(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    r = link_queue(db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    return r < 0 ? r : link_queue(db, turn_lock);
}

// A read's end is not waited for.
static int end_reading(struct postgres_db *db)
{
    int r = 0;

    if (db->begun) {
        db->queued = 0;
        r = link_queue(db, "COMMIT");
        r = r < 0 ? r : link_send_queue(db);
        r = r < 0 ? r : link_end(db);
    }
    db->queued = 0;
    db->begun = false;
    if (r < 0)
        link_lost(db);
    return 0;   // what was read was read
}

// Whether the transaction that the connection broke on is in the database: under the lock, so that
// what was left of it has come to its end. 0: it is; -ECONNRESET: it is not, and never will be.
// A commit that was waiting for its standby is there after a restart, whether the standby has it or
// not: so the row is written again, and this commit waits for the standby in its place.
static int resolve(struct postgres_db *db)
{
    const int64_t end = clock_monotonic() + LINK_DOUBT_MS;
    char question[80], again[96];
    PGresult *result = NULL;
    int64_t turn = 0;
    int r;

    snprintf(question, sizeof(question), "SELECT turn FROM writer_turn WHERE writer = %lld", (long long)db->writer);
    snprintf(again, sizeof(again), "UPDATE writer_turn SET turn = turn WHERE writer = %lld", (long long)db->writer);
    do {
        link_lost(db);
        r = link_ready(db, end - clock_monotonic());
        r = r < 0 ? r : link_queue(db, "BEGIN");
        r = r < 0 ? r : link_queue(db, turn_lock);
        r = r < 0 ? r : link_run(db, question, &result);
        if (r == 0 && PQntuples(result) == 1 && PQgetlength(result, 0, 0) == sizeof(turn))
            memcpy(&turn, PQgetvalue(result, 0, 0), sizeof(turn));
        PQclear(result);
        result = NULL;
        r = r < 0 ? r : link_run(db, again, NULL);
        r = r < 0 ? r : link_run(db, "COMMIT", NULL);
    } while (r < 0 && clock_monotonic() < end);
    turn = (int64_t)be64toh((uint64_t)turn);
    log_event(LOG_WARNING, "commit", "meaning=\"the connection broke on it\" found=%s",
              r < 0 ? "nothing" : turn == db->turn ? "it is there" : "it is not there");
    return r < 0 ? -EIO : turn == db->turn ? 0 : -ECONNRESET;
}

// What listeners are told, as many lines at a time as the server takes.
static int send_told(struct postgres_db *db)
{
    struct str rest = buf_view(&db->db.told);
    int r = 0;

    while (rest.len > 0 && r == 0) {
        size_t len = rest.len < TOLD_AT_ONCE ? rest.len : TOLD_AT_ONCE;
        const char *feed = memrchr(rest.ptr, '\n', len);
        const int lengths[] = { (int)(feed - rest.ptr) };
        const char *const values[] = { rest.ptr };
        const int formats[] = { 1 };

        r = link_sent(db, PQsendQueryParams(db->link, "SELECT pg_notify('" LINK_CHANNEL "', $1)", 1, (const Oid[]){ TYPE_TEXT }, values, lengths, formats, 1));
        rest = (struct str){ feed + 1, rest.len - (size_t)lengths[0] - 1 };
    }
    return r;
}

static int send_commit(struct postgres_db *db)
{
    char writer[NUMBER], turn[NUMBER];
    const char *const values[] = { writer, turn };
    int r = link_send_queue(db);

    r = r < 0 ? r : send_told(db);
    if (r < 0)
        return r;
    snprintf(writer, sizeof(writer), "%lld", (long long)db->writer);
    snprintf(turn, sizeof(turn), "%lld", (long long)++db->turn);
    r = link_sent(db, PQsendQueryParams(db->link, "INSERT INTO writer_turn (writer, turn) VALUES ($1::bigint, $2::bigint), (0, $1::bigint)" TURN_AGAIN,
                                        2, NULL, values, NULL, NULL, 1));
    r = r < 0 ? r : link_sent(db, PQsendQueryParams(db->link, "COMMIT", 0, NULL, NULL, NULL, NULL, 1));
    return r < 0 ? r : link_end(db);
}

static int commit(struct postgres_db *db)
{
    PGresult *result = NULL;
    int r;

    if (!db->begun) {   // nothing was written
        db->queued = 0;
        return 0;
    }
    r = send_commit(db);
    r = r < 0 ? r : link_receive(db, "commit", &result);
    if (r == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0)
        r = -EIO;
    PQclear(result);
    if (r < 0 && !link_holds(db))
        r = resolve(db);
    else if (r == -ECONNRESET)
        link_abandon(db, r);
    if (r == 0)
        db->begun = false;
    if (r < 0 && !db->begun)
        db->db.lost = r;
    return r;
}

static int rollback(struct postgres_db *db)
{
    int r = 0;

    db->queued = 0;
    if (db->begun)
        r = link_rollback(db);
    db->begun = false;
    if (r < 0)
        link_lost(db);
    return 0;   // without a connection there is no transaction either
}

static int postgres_settle(struct db *base)
{
    struct postgres_db *db = postgres_of(base);
    int r = link_finish(db);

    if (r == -ECONNRESET)
        link_abandon(db, r);
    return r;
}

static int postgres_control(struct db *base, enum db_control control)
{
    struct postgres_db *db = postgres_of(base);

    statement_forget(db);
    switch (control) {
    case DB_BEGIN_READ:
        return begin(db, false);
    case DB_BEGIN_WRITE:
        return begin(db, true);
    case DB_COMMIT:
        return base->reading ? end_reading(db) : commit(db);
    case DB_ROLLBACK:
        return rollback(db);
    case DB_SAVEPOINT:
        return link_queue(db, "SAVEPOINT job");
    case DB_RELEASE:
        return link_queue(db, "RELEASE job");
    case DB_ROLLBACK_TO:
        return link_queue(db, "ROLLBACK TO job");
    default:
        return -EINVAL;
    }
}

static int postgres_script(struct db *base, const char *sqlite, const char *postgres)
{
    struct postgres_db *db = postgres_of(base);
    int r;

    statement_forget(db);
    r = run_script(db, postgres);

    db->touched = true;
    if (r == -ECONNRESET)
        link_abandon(db, r);
    else if (PQtransactionStatus(db->link) == PQTRANS_IDLE)
        base->lost = r < 0 ? r : -EIO;   // it ended the transaction
    return r < 0 ? r : base->lost;
}

static void postgres_tidy(struct db *base, enum db_load load)
{
    // The server does it by itself.
}

const struct db_backend db_postgres = {
    .shared = true,
    .probe = postgres_probe,
    .needs = link_needs,
    .open = postgres_open,
    .close = postgres_close,
    .join = postgres_join,
    .prepare = statement_prepare,
    .finish = statement_finish,
    .reset = statement_reset,
    .bind_int = statement_bind_int,
    .bind_text = statement_bind_text,
    .bind_blob = statement_bind_blob,
    .bind_null = statement_bind_null,
    .step = statement_step,
    .send = statement_send,
    .settle = postgres_settle,
    .ask = statement_ask,
    .get_int = statement_int,
    .get_text = statement_text,
    .get_blob = statement_blob,
    .get_null = statement_null,
    .changes = postgres_changes,
    .control = postgres_control,
    .script = postgres_script,
    .tidy = postgres_tidy,
};
