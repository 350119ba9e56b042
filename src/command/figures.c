// SPDX-License-Identifier: MPL-2.0
#include "command/figures.h"

#include "audit/checkpoint.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "command/figures_sql.h"
#include "command/last_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ARENA_MAX 16384

static int64_t size_of(const char *path)
{
    struct stat status;

    return path && stat(path, &status) == 0 ? status.st_size : 0;
}

// The last whole line of the file. Its signature is "samtraad verify"'s to check.
static int last_checkpoint(const char *path, struct checkpoint *ret_checkpoint)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[2 * CHECKPOINT_LINE];
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    const int64_t from = status.st_size > (int64_t)sizeof(text) ? status.st_size - (int64_t)sizeof(text) : 0;
    ssize_t n = file_read_at(fd, text, sizeof(text), from);
    while (n > 0 && text[n - 1] != '\n')
        n--;
    const char *begin = n > 1 ? memrchr(text, '\n', (size_t)n - 1) : NULL;
    begin = begin ? begin + 1 : text;
    return n < 2 ? -ENOENT : checkpoint_parse((struct str){ begin, (size_t)(text + n - 1 - begin) }, ret_checkpoint);
}

// What lies on this machine, or on the server. A server does not tell everybody how long its write-ahead log is.
static int read_sizes(const struct options *options, struct db *db, struct arena *arena, struct figures *figures)
{
    struct sql_figures_size row;
    int r = 0;

    if (db_shared(db)) {
        r = sql_figures_size(db, arena, &row);
        figures->database_bytes = r < 0 ? 0 : row.bytes;
        figures->wal_bytes = -1;
        return r;
    }
    figures->database_bytes = size_of(options->database);
    figures->wal_bytes = size_of(arena_format(arena, "%s-wal", options->database).ptr);
    return 0;
}

static int read_rows(const struct options *options, struct db *db, int64_t since, struct figures *figures)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct sql_figures_read row;
    int r = arena_new(ARENA_MAX, &arena);

    r = r < 0 ? r : db_begin_read(db);
    if (r < 0)
        return r;
    r = sql_figures_read(db, arena, &(struct sql_figures_read_in){ .since = since }, &row);
    if (r == 0) {
        *figures = (struct figures){
            .sessions = row.sessions,
            .mail_waiting = row.mail_waiting,
            .mail_failing = row.mail_failing,
            .mail_given_up = row.mail_given_up,
            .mail_oldest_ms = row.mail_oldest,
            .deliveries = row.deliveries,
            .receipts = row.receipts,
            .deliveries_failed = row.deliveries_failed,
            .log_records = row.log_records,
        };
        r = read_sizes(options, db, arena, figures);
    }
    db_rollback(db);
    return r;
}

int figures_read(const struct options *options, struct db *db, int64_t since, struct figures *ret_figures)
{
    struct checkpoint checkpoint;
    struct figures figures = { 0 };
    int r = read_rows(options, db, since, &figures);

    if (r < 0)
        return r;
    figures.backup_ms = last_backup_read(options);
    if (last_checkpoint(options->checkpoints, &checkpoint) == 0) {
        figures.checkpoint_records = checkpoint.size;
        figures.checkpoint_ms = checkpoint.time_ms;
    }
    *ret_figures = figures;
    return 0;
}
