// SPDX-License-Identifier: MPL-2.0
// The embedded database. One connection writes and checkpoints; readers never checkpoint, since
// SQLite before 3.50 can lose pages when two connections checkpoint and write at once.
#include "store/backend.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "store/db_sqlite_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

#define BUSY_MS 5000            // longest wait for another process, e.g. one that verifies
#define VALUE_MAX (64 << 20)    // longest text or blob, bytes
#define PAGES_AT_ONCE 256       // 1 MiB
#define PAGES_IDLE 4096         // 16 MiB of log: checkpoint when nothing waits
#define PAGES_BUSY (4 * 4096)   // 64 MiB of log: checkpoint even so

struct sqlite_db {
    struct db db;
    sqlite3 *handle;
    sqlite3_stmt *controls[DB_CONTROLS];
    bool open;   // the settings are made: no more PRAGMA or ATTACH
    bool in_script;
    int log_pages;      // in the write-ahead log after the last commit
    int tidied_pages;   // log_pages at the last checkpoint since the log began
};

static const char *const control_texts[DB_CONTROLS] = {
    [DB_BEGIN_READ] = "BEGIN",
    [DB_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [DB_COMMIT] = "COMMIT",
    [DB_ROLLBACK] = "ROLLBACK",
    [DB_SAVEPOINT] = "SAVEPOINT job",
    [DB_RELEASE] = "RELEASE job",
    [DB_ROLLBACK_TO] = "ROLLBACK TO job",
};

static struct sqlite_db *sqlite_of(struct db *db)
{
    return (struct sqlite_db *)db;
}

static bool is_disk_full(sqlite3 *handle, int code)
{
    int system_error = sqlite3_system_errno(handle);

    // After a failed fsync nobody knows what the disk holds, even when the reason was lack of room.
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
        return false;
    // The index of the log grows after a commit's pages were written and synced: a restart would find it.
    if (code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMMAP)
        return false;
    return (code & 0xff) == SQLITE_FULL ||
           ((code & 0xff) == SQLITE_IOERR &&
            (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG));
}

// The messages of SQLite are left out, since they can quote values.
static int failure(sqlite3 *handle, int code, const char *what)
{
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return -EEXIST;
    if (is_disk_full(handle, code))
        return -ENOSPC;
    if (code == SQLITE_NOMEM)
        return -ENOMEM;
    log_event(LOG_ERROR, "database", "during=%s code=%d errno=%d meaning=\"%s\"", what, code,
              sqlite3_system_errno(handle), sqlite3_errstr(code));
    return -EIO;
}

static int authorize(void *data, int action, const char *a, const char *b, const char *database,
                     const char *trigger)
{
    const struct sqlite_db *db = data;

    if (action == SQLITE_ATTACH || action == SQLITE_DETACH ||
        (action == SQLITE_PRAGMA && db->open) ||
        ((action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT) && db->in_script))
        return SQLITE_DENY;
    return SQLITE_OK;
}

static int count_log_pages(void *data, sqlite3 *handle, const char *database, int pages)
{
    struct sqlite_db *db = data;

    if (pages < db->log_pages)   // the log has begun anew
        db->tidied_pages = 0;
    db->log_pages = pages;
    return SQLITE_OK;
}

static int configure(struct sqlite_db *db, enum db_mode mode)
{
    static const char common[] =
        "PRAGMA foreign_keys = ON;"     // as PostgreSQL always does
        "PRAGMA temp_store = MEMORY;"   // no file but the database and its log
        "PRAGMA mmap_size = 0;"         // with a writer beside, reads would fall to a third
        "PRAGMA cell_size_check = ON;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA cache_size = -8192;";
    static const char *const own[] = {
        [DB_READ] = "PRAGMA query_only = ON",
        [DB_WRITE] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON",
        [DB_COPY] = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF",
    };
    sqlite3 *handle = db->handle;
    int r;

    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, VALUE_MAX);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, mode == DB_READ, NULL);
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_set_authorizer(handle, authorize, db);
    r = sqlite3_exec(handle, common, NULL, NULL, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_exec(handle, own[mode], NULL, NULL, NULL);
    // In place of the automatic checkpoint of either kind of connection.
    sqlite3_wal_hook(handle, mode == DB_WRITE ? count_log_pages : NULL, db);
    db->open = true;
    return r;
}

static void sqlite_close(struct db *base)
{
    struct sqlite_db *db = sqlite_of(base);

    for (size_t i = 0; i < DB_CONTROLS; i++)
        sqlite3_finalize(db->controls[i]);
    if (base->mode == DB_WRITE && sqlite3_get_autocommit(db->handle))
        sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    sqlite3_close_v2(db->handle);
    free(db);
}

// All at once: a transaction that has begun must be able to end, with or without memory.
static int prepare_controls(struct sqlite_db *db)
{
    int r = SQLITE_OK;

    for (size_t i = 0; i < DB_CONTROLS && r == SQLITE_OK; i++)
        r = sqlite3_prepare_v3(db->handle, control_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &db->controls[i], NULL);
    return r;
}

// SQLite would create a file that all may read, and gives its log the rights of the file.
static int create_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

// Each connection is one thread's, so SQLite's global statistics (a lock around each allocation)
// and the locks of its own are left out; a connection takes the memory for its pages at once.
static void prepare_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, PAGES_AT_ONCE);
    if (sqlite3_initialize() == SQLITE_OK)
        db_sqlite_log_register();   // without it no database opens for writing
}

static int sqlite_probe(const char *path)
{
    return access(path, F_OK) < 0 ? -errno : 0;
}

static int sqlite_needs(const char *path, const struct db_needs *needs)
{
    return 0;   // it is open when this is asked
}

static int sqlite_open(const char *path, enum db_mode mode, struct db **ret_db)
{
    static pthread_once_t prepared = PTHREAD_ONCE_INIT;
    struct sqlite_db *db;
    int r;

    pthread_once(&prepared, prepare_library);
    r = mode != DB_READ ? create_file(path) : access(path, R_OK) < 0 ? -errno : 0;
    if (r < 0) {
        log_event(LOG_ERROR, "database", "during=open path=%s errno=%d", path, -r);
        return r;
    }
    db = calloc(1, sizeof(*db));
    if (!db)
        return -ENOMEM;
    r = sqlite3_open_v2(path, &db->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        mode == DB_WRITE ? DB_SQLITE_LOG : NULL);
    if (r == SQLITE_OK)
        r = configure(db, mode);
    if (r == SQLITE_OK)
        r = prepare_controls(db);
    if (r != SQLITE_OK) {
        r = failure(db->handle, r, "open");
        sqlite_close(&db->db);
        return r;
    }
    *ret_db = &db->db;
    return 0;
}

static int sqlite_prepare(struct db *base, const struct db_query *query, void **ret_handle)
{
    struct sqlite_db *db = sqlite_of(base);
    sqlite3_stmt *stmt;
    int r = sqlite3_prepare_v3(db->handle, query->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);

    if (r != SQLITE_OK) {
        log_event(LOG_ERROR, "query", "name=%s message=\"%s\"", query->name, sqlite3_errmsg(db->handle));
        return failure(db->handle, r, query->name);
    }
    if (!stmt || (unsigned)sqlite3_bind_parameter_count(stmt) != query->parameters ||
        (unsigned)sqlite3_column_count(stmt) != query->columns) {
        log_event(LOG_ERROR, "query",
                  "name=%s parameters=%u columns=%u message=\"the text has other counts\"",
                  query->name, query->parameters, query->columns);
        sqlite3_finalize(stmt);
        return -EIO;
    }
    *ret_handle = stmt;
    return 0;
}

static void sqlite_finish(void *handle)
{
    sqlite3_finalize(handle);
}

static void sqlite_reset(void *handle)
{
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
}

static void bound(struct db_stmt *stmt, int code)
{
    if (code != SQLITE_OK && !stmt->error)
        stmt->error = failure(sqlite_of(stmt->db)->handle, code, stmt->query->name);
}

static void sqlite_bind_int(struct db_stmt *stmt, unsigned index, int64_t value)
{
    bound(stmt, sqlite3_bind_int64(stmt->handle, (int)index, value));
}

static void sqlite_bind_text(struct db_stmt *stmt, unsigned index, struct str value)
{
    bound(stmt, sqlite3_bind_text64(stmt->handle, (int)index, value.ptr ? value.ptr : "", value.len,
                                    SQLITE_STATIC, SQLITE_UTF8));
}

static void sqlite_bind_blob(struct db_stmt *stmt, unsigned index, struct bytes value)
{
    bound(stmt, sqlite3_bind_blob64(stmt->handle, (int)index, value.ptr ? (const void *)value.ptr : "", value.len, SQLITE_STATIC));
}

static void sqlite_bind_null(struct db_stmt *stmt, unsigned index)
{
    bound(stmt, sqlite3_bind_null(stmt->handle, (int)index));
}

static int sqlite_step(struct db_stmt *stmt)
{
    struct sqlite_db *db = sqlite_of(stmt->db);
    int r = sqlite3_step(stmt->handle);

    if (r == SQLITE_ROW)
        return 1;
    if (r == SQLITE_DONE)
        return 0;
    r = failure(db->handle, r, stmt->query->name);
    // Some failures (full disk, no memory) make SQLite roll the whole transaction back.
    if (db->db.in_transaction && sqlite3_get_autocommit(db->handle))
        db->db.lost = r;
    return r;
}

static int64_t sqlite_int(struct db_stmt *stmt, unsigned column)
{
    return sqlite3_column_int64(stmt->handle, (int)column);
}

static struct str sqlite_text(struct db_stmt *stmt, unsigned column)
{
    const char *ptr = (const char *)sqlite3_column_text(stmt->handle, (int)column);

    return ptr ? (struct str){ ptr, (size_t)sqlite3_column_bytes(stmt->handle, (int)column) }
               : STR("");
}

static struct bytes sqlite_blob(struct db_stmt *stmt, unsigned column)
{
    const void *ptr = sqlite3_column_blob(stmt->handle, (int)column);

    return bytes_from(ptr ? ptr : "",
                      ptr ? (size_t)sqlite3_column_bytes(stmt->handle, (int)column) : 0);
}

static bool sqlite_null(struct db_stmt *stmt, unsigned column)
{
    return sqlite3_column_type(stmt->handle, (int)column) == SQLITE_NULL;
}

static int64_t sqlite_changes(struct db *base)
{
    return sqlite3_changes64(sqlite_of(base)->handle);
}

static int sqlite_control(struct db *base, enum db_control control)
{
    struct sqlite_db *db = sqlite_of(base);
    sqlite3_stmt *stmt = db->controls[control];
    int r = sqlite3_step(stmt);

    if (r == SQLITE_DONE) {
        sqlite3_reset(stmt);
        return 0;
    }
    r = failure(db->handle, r, control_texts[control]);
    sqlite3_reset(stmt);
    // COMMIT itself can end the transaction when it fails.
    if (base->in_transaction && sqlite3_get_autocommit(db->handle))
        base->lost = r;
    return r;
}

static int sqlite_script(struct db *base, const char *sqlite, const char *postgres)
{
    struct sqlite_db *db = sqlite_of(base);
    int r;

    db->in_script = true;
    r = sqlite3_exec(db->handle, sqlite, NULL, NULL, NULL);
    db->in_script = false;
    if (r == SQLITE_OK)
        return 0;
    log_event(LOG_ERROR, "script", "message=\"%s\"", sqlite3_errmsg(db->handle));
    r = failure(db->handle, r, "script");
    if (sqlite3_get_autocommit(db->handle))
        base->lost = r;
    return r;
}

// A checkpoint costs two fsyncs and waits for nobody; what a reader still needs stays in the log
// until a later one.
static void sqlite_tidy(struct db *base, enum db_load load)
{
    struct sqlite_db *db = sqlite_of(base);
    int limit = load == DB_BUSY ? PAGES_BUSY : load == DB_IDLE ? PAGES_IDLE : 1;
    int r;

    if (db->log_pages - db->tidied_pages < limit)
        return;
    r = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (r != SQLITE_OK)
        log_event(LOG_WARNING, "checkpoint", "code=%d errno=%d meaning=\"%s\"", r,
                  sqlite3_system_errno(db->handle), sqlite3_errstr(r));
    db->tidied_pages = db->log_pages;
}

const struct db_backend db_sqlite = {
    .probe = sqlite_probe,
    .needs = sqlite_needs,
    .open = sqlite_open,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .finish = sqlite_finish,
    .reset = sqlite_reset,
    .bind_int = sqlite_bind_int,
    .bind_text = sqlite_bind_text,
    .bind_blob = sqlite_bind_blob,
    .bind_null = sqlite_bind_null,
    .step = sqlite_step,
    .get_int = sqlite_int,
    .get_text = sqlite_text,
    .get_blob = sqlite_blob,
    .get_null = sqlite_null,
    .changes = sqlite_changes,
    .control = sqlite_control,
    .script = sqlite_script,
    .tidy = sqlite_tidy,
};
