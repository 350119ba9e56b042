// SPDX-License-Identifier: MPL-2.0
#include "store/copy.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>

#define BUSY_MS 5000
#define BUSY_TRIES 50
#define URI_MAX 4200

DEFINE_POINTER_CLEANUP(sqlite3_stmt, sqlite3_finalize)
DEFINE_POINTER_CLEANUP(sqlite3, sqlite3_close)

static int failure(sqlite3 *handle, int code, const char *what)
{
    log_event(LOG_ERROR, "database", "during=%s code=%d errno=%d meaning=\"%s\"", what, code, handle ? sqlite3_system_errno(handle) : 0,
              sqlite3_errstr(code));
    return (code & 0xff) == SQLITE_FULL ? -ENOSPC : (code & 0xff) == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static int open_source(const char *path, sqlite3 **ret_handle)
{
    int code = sqlite3_open_v2(path, ret_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(*ret_handle, BUSY_MS);
        // Only the server's writer moves pages out of the write-ahead log.
        sqlite3_db_config(*ret_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_wal_autocheckpoint(*ret_handle, 0);
        code = sqlite3_exec(*ret_handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    }
    return code;
}

// Others may not read what SQLite would make.
static int open_target(const char *path, sqlite3 **ret_handle)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    close(fd);
    int code = sqlite3_open_v2(path, ret_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(*ret_handle, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : failure(*ret_handle, code, "copy");
}

int copy_database(const char *from, const char *to)
{
    _cleanup_(sqlite3_close_pointer) sqlite3 *source = NULL;
    _cleanup_(sqlite3_close_pointer) sqlite3 *target = NULL;
    int code = open_source(from, &source);

    if (code != SQLITE_OK)
        return failure(source, code, "copy");
    int r = open_target(to, &target);
    if (r < 0)
        return r;
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", source, "main");
    if (!backup)
        return failure(target, sqlite3_errcode(target), "copy");
    // All pages in one step: one read transaction, thus one moment, and no beginning anew when somebody writes.
    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        code = sqlite3_backup_step(backup, -1);
        if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
            break;
        sqlite3_sleep(100);
    }
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && finished == SQLITE_OK)
        return 0;
    return failure(target, code == SQLITE_DONE ? finished : code, "copy");
}

// 'immutable': no locks and no files beside it. A path is put into the URI percent-encoded.
static int open_copy(const char *path, sqlite3 **ret_handle)
{
    static const char tail[] = "?immutable=1";
    char uri[URI_MAX] = "file:";
    size_t at = 5;

    for (const char *c = path; *c; c++) {
        if (at + 3 + sizeof(tail) > sizeof(uri))
            return -ENAMETOOLONG;
        if (strchr("%?#", *c))
            at += (size_t)snprintf(uri + at, 4, "%%%02x", (unsigned)*c);
        else
            uri[at++] = *c;
    }
    memcpy(uri + at, tail, sizeof(tail));
    int code = sqlite3_open_v2(uri, ret_handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, NULL);
    return code == SQLITE_OK ? 0 : failure(*ret_handle, code, "open");
}

int copy_check(const char *copy)
{
    _cleanup_(sqlite3_close_pointer) sqlite3 *handle = NULL;
    _cleanup_(sqlite3_finalize_pointer) sqlite3_stmt *stmt = NULL;
    int r = open_copy(copy, &handle);

    if (r < 0)
        return r;
    int code = sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
    code = code == SQLITE_OK ? sqlite3_step(stmt) : code;
    if (code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0)
        return 0;
    failure(handle, code == SQLITE_ROW ? SQLITE_CORRUPT : code, "integrity_check");
    return -EBADMSG;
}

static void add_value(struct row_hash *hash, sqlite3_stmt *stmt, int column)
{
    const int type = sqlite3_column_type(stmt, column);

    if (type == SQLITE_NULL) {
        row_hash_null(hash);
    } else if (type == SQLITE_INTEGER) {
        row_hash_int(hash, sqlite3_column_int64(stmt, column));
    } else {
        const void *bytes = type == SQLITE_BLOB ? sqlite3_column_blob(stmt, column) : sqlite3_column_text(stmt, column);

        row_hash_bytes(hash, (enum row_sort)type, bytes_from(bytes, (size_t)sqlite3_column_bytes(stmt, column)));
    }
}

static int hash_rows(sqlite3_stmt *stmt, struct copy_rows *rows)
{
    _cleanup_(row_hash_free_pointer) struct row_hash *hash = NULL;
    int code, r = row_hash_new(&hash);

    if (r < 0)
        return r;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        rows->rows++;
        for (int column = 0; column < sqlite3_column_count(stmt); column++)
            add_value(hash, stmt, column);
    }
    return code == SQLITE_DONE ? row_hash_end(hash, rows->hash) : failure(sqlite3_db_handle(stmt), code, "read");
}

static int one_table(sqlite3 *handle, struct copy_rows *rows)
{
    _cleanup_(sqlite3_finalize_pointer) sqlite3_stmt *stmt = NULL;
    char *text = sqlite3_mprintf("SELECT * FROM \"%w\"", rows->table);   // quotes the name
    int code = text ? sqlite3_prepare_v2(handle, text, -1, &stmt, NULL) : SQLITE_NOMEM;

    sqlite3_free(text);
    return code == SQLITE_OK ? hash_rows(stmt, rows) : failure(handle, code, "read");
}

int copy_each(const char *copy, int (*each)(void *context, const struct copy_rows *rows), void *context)
{
    static const char tables[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    _cleanup_(sqlite3_close_pointer) sqlite3 *handle = NULL;
    _cleanup_(sqlite3_finalize_pointer) sqlite3_stmt *stmt = NULL;
    int r = open_copy(copy, &handle);
    int code = r < 0 ? SQLITE_DONE : sqlite3_prepare_v2(handle, tables, -1, &stmt, NULL);

    if (r == 0 && code != SQLITE_OK)
        return failure(handle, code, "read");
    while (r == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct copy_rows rows = { .table = (const char *)sqlite3_column_text(stmt, 0) };

        r = one_table(handle, &rows);
        r = r < 0 ? r : each(context, &rows);
    }
    return r == 0 && code != SQLITE_DONE ? failure(handle, code, "read") : r;
}
