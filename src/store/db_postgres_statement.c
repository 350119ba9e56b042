// SPDX-License-Identifier: MPL-2.0
// Statements of the PostgreSQL backend: prepared once on each connection, parameters and columns in
// binary form, each answer taken whole. What may be long is asked for in pieces.
#include "store/db_postgres.h"

#include "base/log.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

// One statement, and its answer while it is stepped.
struct prepared {
    struct postgres_db *db;
    char name[16];
    unsigned life;   // of the link when it was told; another has to be told anew
    PGresult *result;
    int row;
    int columns;
    int parameters;
    int64_t *numbers;      // big endian: what the values of ints point to
    const char **values;   // NULL: null
    Oid *types;
    int *lengths;
    int *formats;   // all binary
};

static void name_anew(struct postgres_db *db, struct prepared *prepared)
{
    snprintf(prepared->name, sizeof(prepared->name), "q%u", ++db->statements);
}

int statement_prepare(struct db *base, const struct db_query *query, void **ret_handle)
{
    const size_t n = query->parameters;
    struct prepared *prepared = calloc(1, sizeof(*prepared) + n * (sizeof(int64_t) + sizeof(char *) + sizeof(Oid) + 2 * sizeof(int)));

    if (!prepared)
        return -ENOMEM;
    assert(query->types && strlen(query->types) == n);
    prepared->db = postgres_of(base);
    prepared->parameters = (int)n;
    prepared->columns = (int)query->columns;
    prepared->numbers = (int64_t *)(prepared + 1);
    prepared->values = (const char **)(prepared->numbers + n);
    prepared->types = (Oid *)(prepared->values + n);
    prepared->lengths = (int *)(prepared->types + n);
    prepared->formats = prepared->lengths + n;
    for (size_t i = 0; i < n; i++) {
        prepared->types[i] = query->types[i] == 'i' ? TYPE_INT : query->types[i] == 't' ? TYPE_TEXT : TYPE_BLOB;
        prepared->formats[i] = 1;
    }
    *ret_handle = prepared;
    return 0;
}

void statement_reset(void *handle)
{
    struct prepared *prepared = handle;

    PQclear(prepared->result);
    prepared->result = NULL;
    for (int i = 0; i < prepared->parameters; i++)
        prepared->values[i] = NULL;
}

static void drop(struct postgres_db *db, unsigned at)
{
    PQclear(db->asked[at].answer);
    db->asked[at] = db->asked[--db->asked_count];
}

void statement_forget(struct postgres_db *db)
{
    while (db->asked_count > 0)
        drop(db, db->asked_count - 1);
}

void statement_finish(void *handle)
{
    struct prepared *prepared = handle;

    statement_forget(prepared->db);
    statement_reset(prepared);
    free(prepared);
}

static void bind(struct db_stmt *stmt, unsigned index, const void *value, size_t len)
{
    struct prepared *prepared = stmt->handle;

    if (index == 0 || (int)index > prepared->parameters || len > INT32_MAX) {
        stmt->error = -EIO;
        return;
    }
    prepared->values[index - 1] = value ? value : "";
    prepared->lengths[index - 1] = (int)len;
}

void statement_bind_int(struct db_stmt *stmt, unsigned index, int64_t value)
{
    struct prepared *prepared = stmt->handle;

    bind(stmt, index, "", sizeof(value));
    if (stmt->error)
        return;
    prepared->numbers[index - 1] = (int64_t)htobe64((uint64_t)value);
    prepared->values[index - 1] = (const char *)&prepared->numbers[index - 1];
}

void statement_bind_text(struct db_stmt *stmt, unsigned index, struct str value)
{
    bind(stmt, index, value.ptr, value.len);
}

void statement_bind_blob(struct db_stmt *stmt, unsigned index, struct bytes value)
{
    bind(stmt, index, value.ptr, value.len);
}

void statement_bind_null(struct db_stmt *stmt, unsigned index)
{
    struct prepared *prepared = stmt->handle;

    if (index > 0 && (int)index <= prepared->parameters)
        prepared->values[index - 1] = NULL;
}

// Sends the statement behind what is queued; its text too when this connection does not know it.
static int send_statement(struct postgres_db *db, const struct db_query *query, struct prepared *prepared)
{
    int r = link_send_queue(db);

    if (r == 0 && prepared->life != db->life) {
        name_anew(db, prepared);   // the old name may be there
        r = link_sent(db, PQsendPrepare(db->link, prepared->name, query->postgres, prepared->parameters, prepared->types));
        prepared->life = db->life;
        db->naming = true;
    }
    if (r == 0)
        r = link_sent(db, PQsendQueryPrepared(db->link, prepared->name, prepared->parameters, prepared->values, prepared->lengths,
                                              prepared->formats, 1));
    db->sent = true;
    return r;
}

// The statement and its values, to be compared; false: they are too long for that.
static bool describe(const struct prepared *prepared, struct asked *ret_asked)
{
    size_t len = 0;

    for (int i = 0; i < prepared->parameters; i++) {
        const int32_t size = prepared->values[i] ? prepared->lengths[i] : -1;
        const size_t bytes = size > 0 ? (size_t)size : 0;

        if (len + sizeof(size) + bytes > LINK_ASKED_VALUES)
            return false;
        memcpy(ret_asked->values + len, &size, sizeof(size));
        if (bytes > 0)
            memcpy(ret_asked->values + len + sizeof(size), prepared->values[i], bytes);
        len += sizeof(size) + bytes;
    }
    ret_asked->prepared = prepared;
    ret_asked->answer = NULL;
    ret_asked->len = (unsigned)len;
    return true;
}

// Where it stands among what was asked ahead; NULL: it was not.
static struct asked *find(struct postgres_db *db, const struct asked *wanted)
{
    for (unsigned i = 0; i < db->asked_count; i++) {
        struct asked *one = &db->asked[i];

        if (one->prepared == wanted->prepared && one->len == wanted->len && memcmp(one->values, wanted->values, one->len) == 0)
            return one;
    }
    return NULL;
}

void statement_ask(struct db_stmt *stmt)
{
    struct postgres_db *db = postgres_of(stmt->db);
    struct asked asked;

    // What begins a reading transaction may be sent again, on a new connection.
    if (!db->link || (stmt->db->reading && !db->touched) || db->asked_count == DB_ASKED_MAX)
        return;
    if (!describe(stmt->handle, &asked) || find(db, &asked) || send_statement(db, stmt->query, stmt->handle) < 0)
        return;
    asked.place = db->commands - 1;
    db->asked[db->asked_count++] = asked;
}

bool statement_keep(struct postgres_db *db, unsigned place, PGresult *result)
{
    for (unsigned i = 0; i < db->asked_count; i++) {
        if (db->asked[i].place != place || db->asked[i].answer)
            continue;
        db->asked[i].answer = result;
        return true;
    }
    return false;
}

// The answer to what was asked ahead: it is there, or comes with the round that is open.
static int take_answer(struct postgres_db *db, struct asked *asked, PGresult **ret_result)
{
    int r = asked->answer ? 0 : link_finish(db);

    if (r < 0)
        return r;
    *ret_result = asked->answer;
    asked->answer = NULL;
    drop(db, (unsigned)(asked - db->asked));
    return *ret_result ? 0 : -EIO;
}

static int ask_and_wait(struct postgres_db *db, const struct db_query *query, struct prepared *prepared)
{
    int r = send_statement(db, query, prepared);

    r = r < 0 ? r : link_end(db);
    return r < 0 ? r : link_receive(db, query->name, &prepared->result);
}

static int execute(struct postgres_db *db, const struct db_query *query, struct prepared *prepared)
{
    struct asked wanted, *asked = NULL;
    int r;

    if (prepared->columns == 0)
        statement_forget(db);
    else if (db->asked_count > 0 && describe(prepared, &wanted))
        asked = find(db, &wanted);
    r = asked ? take_answer(db, asked, &prepared->result) : ask_and_wait(db, query, prepared);
    if (r < 0)
        return r;
    db->changes = (int64_t)strtoll(PQcmdTuples(prepared->result), NULL, 10);
    if (PQnfields(prepared->result) == prepared->columns)
        return 0;
    log_event(LOG_ERROR, "query", "name=%s columns=%d message=\"the text has other counts\"", query->name,
              PQnfields(prepared->result));
    return -EIO;
}

// The first statement of a read loses nothing when it is sent again: the server was started anew
// since the last one.
static int repeat(struct db_stmt *stmt, const char *begin)
{
    struct postgres_db *db = postgres_of(stmt->db);
    int r;

    link_lost(db);
    r = link_ready(db, 0);
    if (r == 0 && begin)
        r = link_queue(db, begin);
    return r < 0 ? r : execute(db, stmt->query, stmt->handle);
}

static bool may_repeat(const struct postgres_db *db)
{
    return db->db.in_transaction ? db->db.reading && !db->touched : db->db.mode == DB_READ;
}

static int run(struct db_stmt *stmt)
{
    struct postgres_db *db = postgres_of(stmt->db);
    const bool inside = db->db.in_transaction, again = may_repeat(db);
    const char *begin = inside && db->queued > 0 ? db->queue[0] : NULL;
    int r;

    // Within a transaction a new connection would be outside of it.
    if (inside)
        r = db->link ? 0 : -ECONNRESET;
    else
        r = link_ready(db, 0);
    r = r < 0 ? r : execute(db, stmt->query, stmt->handle);
    if (r == -ECONNRESET && again && !link_holds(db))
        r = repeat(stmt, begin);
    if (inside)
        db->touched = true;
    if (r == -ECONNRESET || r == -EHOSTDOWN)
        link_abandon(db, r);
    return r;
}

int statement_send(struct db_stmt *stmt)
{
    struct postgres_db *db = postgres_of(stmt->db);
    int r = stmt->error;

    statement_forget(db);
    if (r == 0)   // within a transaction a new connection would be outside of it
        r = db->link ? send_statement(db, stmt->query, stmt->handle) : -ECONNRESET;
    db->touched = true;
    if (r == -ECONNRESET)
        link_abandon(db, r);
    return r;
}

int statement_step(struct db_stmt *stmt)
{
    struct prepared *prepared = stmt->handle;
    int r = 0;

    if (prepared->result) {
        prepared->row++;
    } else {
        prepared->row = 0;
        r = run(stmt);
    }
    return r < 0 ? r : prepared->row < PQntuples(prepared->result);
}

int64_t statement_int(struct db_stmt *stmt, unsigned column)
{
    const struct prepared *prepared = stmt->handle;
    const unsigned char *value = (const unsigned char *)PQgetvalue(prepared->result, prepared->row, (int)column);
    int len = PQgetlength(prepared->result, prepared->row, (int)column);
    uint64_t number = len > 0 && (value[0] & 0x80) && len > 1 ? UINT64_MAX : 0;

    assert(len == 0 || (PQftype(prepared->result, (int)column) != TYPE_TEXT && len <= 8));
    for (int i = 0; i < len; i++)
        number = number << 8 | value[i];
    return (int64_t)number;
}

struct str statement_text(struct db_stmt *stmt, unsigned column)
{
    const struct prepared *prepared = stmt->handle;

    return (struct str){ PQgetvalue(prepared->result, prepared->row, (int)column),
                         (size_t)PQgetlength(prepared->result, prepared->row, (int)column) };
}

struct bytes statement_blob(struct db_stmt *stmt, unsigned column)
{
    return str_bytes(statement_text(stmt, column));
}

bool statement_null(struct db_stmt *stmt, unsigned column)
{
    const struct prepared *prepared = stmt->handle;

    return PQgetisnull(prepared->result, prepared->row, (int)column) == 1;
}
