// SPDX-License-Identifier: MPL-2.0
#include "store/backend.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define TOLD_MAX ((size_t)4 << 20)   // of one transaction

extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

size_t db_queries(const struct db_query *const **ret_queries)
{
    *ret_queries = __start_db_queries;
    return (size_t)(__stop_db_queries - __start_db_queries);
}

// Twice as many places as there are queries, so that a search for a free one is short and ends.
static size_t places_needed(void)
{
    const struct db_query *const *queries;
    size_t places = 16;

    while (places < 2 * db_queries(&queries))
        places *= 2;
    return places;
}

bool db_is_remote(const char *name)
{
    return strncmp(name, "postgresql://", 13) == 0 || strncmp(name, "postgres://", 11) == 0;
}

static const struct db_backend *backend_of(const char *name)
{
    return db_is_remote(name) ? &db_postgres : &db_sqlite;
}

bool db_shared(const struct db *db)
{
    return db->backend->shared;
}

bool db_alone(const struct db *db)
{
    return db->alone;
}

int db_join(struct db *db)
{
    assert(db->mode == DB_WRITE && !db->in_transaction);
    return db->backend->join(db);
}

int db_probe(const char *name)
{
    return backend_of(name)->probe(name);
}

int db_needs(const char *name, const struct db_needs *needs)
{
    return backend_of(name)->needs(name, needs);
}

int db_open(const char *name, enum db_mode mode, struct db **ret_db)
{
    const struct db_backend *backend = backend_of(name);
    struct db *db;
    int r;

    assert(mode != DB_UNSET && (mode != DB_COPY || !backend->shared));
    if ((mode == DB_WRITE_BESIDE || mode == DB_READ_REPLICA) && !backend->shared)
        return -EINVAL;
    r = backend->open(name, mode, &db);
    if (r < 0)
        return r;
    db->backend = backend;
    db->mode = mode == DB_WRITE_BESIDE ? DB_WRITE : mode == DB_READ_REPLICA ? DB_READ : mode;
    db->alone = db->alone || mode == DB_WRITE || mode == DB_COPY;
    db->told = buf_bounded(TOLD_MAX);
    db->places = places_needed();
    db->statements = calloc(db->places, sizeof(*db->statements));
    if (!db->statements) {
        db->backend->close(db);
        return -ENOMEM;
    }
    *ret_db = db;
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->places; i++)
        if (db->statements[i].query)
            db->backend->finish(db->statements[i].handle);
    free(db->statements);
    buf_free(&db->told);
    db->backend->close(db);
}

static struct db_stmt *find_place(struct db *db, const struct db_query *query)
{
    size_t at = ((uintptr_t)query / sizeof(*query)) & (db->places - 1);

    while (db->statements[at].query && db->statements[at].query != query)
        at = (at + 1) & (db->places - 1);
    return &db->statements[at];
}

int db_start(struct db *db, const struct db_query *query, struct db_stmt **ret_stmt)
{
    struct db_stmt *stmt = find_place(db, query);

    if (!stmt->query) {
        void *handle;
        int r;

        if (2 * (db->used + 1) > db->places)
            return -EINVAL;
        r = db->backend->prepare(db, query, &handle);
        if (r < 0)
            return r;
        *stmt = (struct db_stmt){ .db = db, .query = query, .handle = handle };
        db->used++;
    }
    if (stmt->busy)
        return -EBUSY;
    stmt->busy = true;
    stmt->finished = false;
    stmt->error = 0;
    *ret_stmt = stmt;
    return 0;
}

void db_end(struct db_stmt *stmt)
{
    if (!stmt)
        return;
    stmt->db->backend->reset(stmt->handle);
    stmt->busy = false;
}

void db_bind_int(struct db_stmt *stmt, unsigned index, int64_t value)
{
    stmt->db->backend->bind_int(stmt, index, value);
}

void db_bind_text(struct db_stmt *stmt, unsigned index, struct str value)
{
    stmt->db->backend->bind_text(stmt, index, value);
}

void db_bind_blob(struct db_stmt *stmt, unsigned index, struct bytes value)
{
    stmt->db->backend->bind_blob(stmt, index, value);
}

void db_bind_null(struct db_stmt *stmt, unsigned index)
{
    stmt->db->backend->bind_null(stmt, index);
}

int db_step(struct db_stmt *stmt)
{
    struct db *db = stmt->db;
    int r;

    assert(stmt->busy);
    if (stmt->error)
        return stmt->error;
    if (stmt->finished)
        return 0;
    // Without this, the rest of a job would run, and be kept, outside the transaction that it
    // believes to be in.
    if (db_failed(db))
        return stmt->error = db_failed(db);
    r = db->backend->step(stmt);
    if (r < 0)
        stmt->error = r;
    else
        stmt->finished = r == 0;
    if (r < 0 && db->in_transaction)
        db->failed = r;
    return r;
}

int db_send(struct db_stmt *stmt)
{
    struct db *db = stmt->db;
    int r;

    if (!db->backend->send || !db->in_transaction || db->reading || stmt->error || db_failed(db)) {
        r = db_step(stmt);
    } else {
        r = db->backend->send(stmt);
        stmt->error = r;
        db->failed = r;
    }
    assert(r <= 0);
    return r;
}

bool db_asks(const struct db *db)
{
    return db->backend->ask && db->in_transaction && !db_failed(db);
}

void db_ask(struct db_stmt *stmt)
{
    assert(stmt->busy && stmt->query->columns > 0);
    if (db_asks(stmt->db) && !stmt->error)
        stmt->db->backend->ask(stmt);
}

int db_settle(struct db *db)
{
    assert(db->in_transaction && !db->reading);
    if (!db_failed(db) && db->backend->settle)
        db->failed = db->backend->settle(db);
    return db_failed(db);
}

int db_failed(const struct db *db)
{
    return db->lost ? db->lost : db->failed;
}

int64_t db_int(struct db_stmt *stmt, unsigned column)
{
    return stmt->db->backend->get_int(stmt, column);
}

struct str db_text(struct db_stmt *stmt, unsigned column)
{
    return stmt->db->backend->get_text(stmt, column);
}

struct bytes db_blob(struct db_stmt *stmt, unsigned column)
{
    return stmt->db->backend->get_blob(stmt, column);
}

bool db_is_null(struct db_stmt *stmt, unsigned column)
{
    return stmt->db->backend->get_null(stmt, column);
}

int64_t db_changes(struct db *db)
{
    return db->backend->changes(db);
}

static int begin(struct db *db, enum db_control control)
{
    int r;

    assert(!db->in_transaction);
    r = db->backend->control(db, control);
    if (r == 0) {
        db->in_transaction = true;
        db->told.len = 0;
        db->told_before = 0;
        db->reading = control == DB_BEGIN_READ;
    }
    return r;
}

int db_begin_read(struct db *db)
{
    return begin(db, DB_BEGIN_READ);
}

int db_begin_write(struct db *db)
{
    assert(db->mode != DB_READ);
    return begin(db, DB_BEGIN_WRITE);
}

int db_rollback(struct db *db)
{
    assert(db->in_transaction);
    db->in_transaction = false;
    db->failed = 0;
    if (db->lost) {
        db->lost = 0;
        return 0;
    }
    return db->backend->control(db, DB_ROLLBACK);
}

int db_commit(struct db *db)
{
    int r = db_failed(db);

    assert(db->in_transaction);
    if (r < 0 && db->reading)
        db_rollback(db);
    if (r < 0)
        return r;
    r = db->backend->control(db, DB_COMMIT);
    if (r == 0)
        db->in_transaction = false;
    else if (db->reading)
        db_rollback(db);
    return r;
}

static int savepoint(struct db *db, enum db_control control)
{
    assert(db->in_transaction);
    return db_failed(db) ? db_failed(db) : db->backend->control(db, control);
}

int db_savepoint(struct db *db)
{
    db->told_before = db->told.len;
    return savepoint(db, DB_SAVEPOINT);
}

int db_savepoint_release(struct db *db)
{
    return savepoint(db, DB_RELEASE);
}

int db_savepoint_rollback(struct db *db)
{
    int r;

    db_settle(db);   // whatever comes of it: it is taken back
    db->failed = 0;
    db->told.len = db->told_before;
    r = savepoint(db, DB_ROLLBACK_TO);
    return r < 0 ? r : savepoint(db, DB_RELEASE);
}

int db_tell(struct db *db, struct str line)
{
    assert(db->in_transaction && !db->reading && !memchr(line.ptr, '\n', line.len));
    if (line.len == 0 || line.len > DB_LINE_MAX)
        return -EMSGSIZE;
    if (!db->backend->shared)
        return 0;
    buf_str(&db->told, line);
    buf_char(&db->told, '\n');
    return db->told.error;
}

int db_script(struct db *db, const char *sqlite, const char *postgres)
{
    int r;

    assert(db->in_transaction);
    if (db_failed(db))
        return db_failed(db);
    r = db->backend->script(db, sqlite, postgres);
    if (r < 0)
        db->failed = r;
    return r;
}

void db_tidy(struct db *db, enum db_load load)
{
    assert(db->mode == DB_WRITE && !db->in_transaction);
    db->backend->tidy(db, load);
}
