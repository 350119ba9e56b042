// SPDX-License-Identifier: MPL-2.0
#include "rows.h"

#include "base/cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

#define BODY 700

DB_QUERY(row_add, "crash.add", "INSERT INTO crash (id, body) VALUES (?1, ?2)",
         "INSERT INTO crash (id, body) VALUES ($1, $2)", 2, 0);
DB_QUERY(row_list, "crash.list", "SELECT id, length(body) FROM crash ORDER BY id",
         "SELECT id, length(body)::BIGINT FROM crash ORDER BY id", 0, 2);

// Without a key, so that a doubled row would be seen.
#define TABLE "CREATE TABLE crash (id BIGINT NOT NULL, body BLOB NOT NULL)"
struct row_job {
    struct write_job job;   // first
    const struct rows *rows;
    int64_t id;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
};

void fail(const char *what, int64_t value)
{
    fprintf(stderr, "%s: %s (%lld)\n", program_invocation_short_name, what, (long long)value);
    exit(EXIT_FAILURE);
}

void expect(int result, const char *what)
{
    if (result < 0)
        fail(what, result);
}

static int apply(struct write_job *base, struct db *db)
{
    struct row_job *job = (struct row_job *)base;
    const struct audit_event event = { .kind = AUDIT_POST_WRITE, .person = 1, .object = job->id };
    uint8_t body[BODY];
    struct db_stmt *stmt;
    int r = db_start(db, &row_add, &stmt);

    if (r < 0)
        return r;
    memset(body, (int)(job->id & 0xff), sizeof(body));
    db_bind_int(stmt, 1, job->id);
    db_bind_blob(stmt, 2, bytes_from(body, sizeof(body)));
    r = db_step(stmt);
    db_end(stmt);
    if (r == 0)
        r = audit_append(job->rows->audit, db, &event);
    // Some jobs fail after they have written: nothing of them may be found.
    return r == 0 && job->id % 11 == 0 ? -EPERM : r;
}

static void done(struct write_job *base, int result)
{
    struct row_job *job = (struct row_job *)base;
    const struct rows *rows = job->rows;

    if (result < 0 && result != -EPERM)
        fail("a job", result);
    // What is signed is durable already, so nothing may be missing from it later.
    if (job->id % 7 == 0)
        expect(audit_checkpoint(rows->audit), "signing");
    if (result == 0)
        rows->acknowledge(rows->context, job->id);
    pthread_mutex_lock(&job->lock);
    job->finished = true;
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->lock);
}

struct producer {
    const struct rows *rows;
    int64_t first, count;
    pthread_t thread;
};

static void *produce(void *data)
{
    const struct producer *producer = data;
    struct row_job job = {
        .job = { .apply = apply, .done = done },
        .rows = producer->rows,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .wake = PTHREAD_COND_INITIALIZER,
    };

    for (int64_t n = 0; n < producer->count; n++) {
        job.id = producer->first + n;
        job.finished = false;
        writer_submit(producer->rows->writer, &job.job);
        pthread_mutex_lock(&job.lock);
        while (!job.finished)
            pthread_cond_wait(&job.wake, &job.lock);
        pthread_mutex_unlock(&job.lock);
    }
    return NULL;
}

static struct db *open_database(const struct place *place)
{
    struct db *db;

    expect(db_open(place->database, DB_WRITE, &db), "opening the database");
    expect(migration_run(db, 1), "the schema");
    return db;
}

void rows_prepare(const struct place *place)
{
    struct db *db;

    expect(keeper_create_key(place->key), "the key");
    db = open_database(place);
    expect(db_begin_write(db), "begin");
    expect(db_script(db, TABLE, TABLE), "the table");
    expect(db_commit(db), "commit");
    db_close(db);
}

void rows_open(const struct place *place, struct rows *rows)
{
    struct writer_hooks hooks;
    struct db *db;

    expect(keeper_start(place->key, &rows->keeper), "the keeper");
    db = open_database(place);
    expect(audit_open(db, rows->keeper, place->checkpoints, clock_system(), &rows->audit), "the log");
    hooks = audit_hooks(rows->audit);
    expect(writer_start(db, &hooks, &rows->writer), "the writer");
}

void rows_write(const struct rows *rows, int64_t round, int64_t each)
{
    struct producer producers[ROWS_PRODUCERS];

    for (int i = 0; i < ROWS_PRODUCERS; i++) {
        producers[i] = (struct producer){ rows, (round << 40) + ((int64_t)i << 32) + 1, each, 0 };
        expect(-pthread_create(&producers[i].thread, NULL, produce, &producers[i]), "a thread");
    }
    for (int i = 0; i < ROWS_PRODUCERS; i++)
        pthread_join(producers[i].thread, NULL);
}

void rows_close(struct rows *rows)
{
    writer_stop(rows->writer);
    audit_close(rows->audit);
    keeper_stop(rows->keeper);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

// Walks rows and acknowledged ids side by side, both ascending. Gives the number of rows.
static uint64_t compare_rows(struct db *db, struct acknowledged *acknowledged)
{
    struct db_stmt *stmt;
    uint64_t rows = 0;
    int64_t last = -1;
    size_t at = 0;
    int r;

    qsort(acknowledged->ids, acknowledged->count, sizeof(int64_t), compare);
    expect(db_start(db, &row_list, &stmt), "the list");
    while ((r = db_step(stmt)) > 0) {
        int64_t id = db_int(stmt, 0);

        if (id == last)
            fail("a row is there twice", id);
        if (id % 11 == 0 || db_int(stmt, 1) != BODY)
            fail("a row that should not be there, or half a row", id);
        if (at < acknowledged->count && acknowledged->ids[at] < id)
            fail("an acknowledged row is lost", acknowledged->ids[at]);
        at += at < acknowledged->count && acknowledged->ids[at] == id;
        last = id;
        rows++;
    }
    db_end(stmt);
    expect(r, "the list");
    if (at < acknowledged->count)
        fail("an acknowledged row is lost", acknowledged->ids[at]);
    return rows;
}

// As SQLite sees its own file.
static void check_pages(const struct place *place)
{
    sqlite3_stmt *stmt;
    sqlite3 *raw;

    if (sqlite3_open(place->database, &raw) != SQLITE_OK ||
        sqlite3_prepare_v2(raw, "PRAGMA integrity_check(1)", -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW ||
        strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        fail("the database is damaged", sqlite3_errcode(raw));
    sqlite3_finalize(stmt);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(raw);
}

uint64_t rows_check(const struct place *place, struct acknowledged *acknowledged)
{
    struct audit_report report;
    struct keeper *keeper;
    struct db *db;
    uint64_t rows;

    check_pages(place);
    expect(keeper_start(place->key, &keeper), "the keeper");
    expect(db_open(place->database, DB_READ, &db), "opening the database");
    expect(db_begin_read(db), "begin");
    rows = compare_rows(db, acknowledged);
    expect(db_commit(db), "commit");
    expect(audit_verify(db, keeper, place->checkpoints, &report), "reading the log");
    if (report.problem) {
        fprintf(stderr, "%s\n", report.problem);
        fail("the log does not hold, record", report.bad_record);
    }
    if (report.records != rows)
        fail("rows without a record or records without a row", (int64_t)(report.records - rows));
    db_close(db);
    keeper_stop(keeper);
    return rows;
}

static const char *const place_names[] = { "database", "database-wal", "database-shm", "checkpoints", "key" };

void place_make(struct place *place)
{
    *place = (struct place){ .folder = "/tmp/samtraad-crash-XXXXXX" };
    if (!mkdtemp(place->folder))
        fail("making a folder", errno);
    snprintf(place->database, sizeof(place->database), "%s/database", place->folder);
    snprintf(place->checkpoints, sizeof(place->checkpoints), "%s/checkpoints", place->folder);
    snprintf(place->key, sizeof(place->key), "%s/key", place->folder);
}

void place_remove(const struct place *place)
{
    for (size_t i = 0; i < sizeof(place_names) / sizeof(place_names[0]); i++) {
        char path[96];

        snprintf(path, sizeof(path), "%s/%s", place->folder, place_names[i]);
        unlink(path);
    }
    rmdir(place->folder);
}
