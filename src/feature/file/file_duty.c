// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_disk.h"
#include "feature/file/file_sql.h"

#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define EVERY_MS (10 * MINUTE_MS)
#define AT_ONCE_MAX 100

struct file_duty {
    struct write_job job;   // first
    struct app *app;
    int64_t due;
    atomic_bool running;
    int64_t ids[AT_ONCE_MAX];
    size_t count;
};

static int collect(struct file_duty *duty, struct db *db)
{
    struct db_stmt *stmt;
    struct sql_file_expired row;
    int64_t before = clock_now(duty->app->clock) - FILE_WAITING_MS;
    int result = sql_file_expired(db, &(struct sql_file_expired_in){ .before = before, .count = AT_ONCE_MAX }, &stmt);
    if (result < 0)
        return result;
    while (duty->count < AT_ONCE_MAX && (result = sql_file_expired_next(stmt, &row)) == 1)
        duty->ids[duty->count++] = row.id;
    db_end(stmt);
    return result < 0 ? result : 0;
}

static int apply(struct write_job *job, struct db *db)
{
    struct file_duty *duty = (struct file_duty *)job;
    duty->count = 0;
    int result = collect(duty, db);
    for (size_t i = 0; i < duty->count && result >= 0; i++)
        result = (int)sql_file_expire(db, &(struct sql_file_expire_in){ .id = duty->ids[i] });
    return result < 0 ? result : 0;
}

// The rows are gone for good: nobody can ask for the bytes any more.
static void done(struct write_job *job, int result)
{
    struct file_duty *duty = (struct file_duty *)job;
    if (result == 0)
        files_remove(duty->app->files_path, duty->ids, duty->count);
    else
        log_event(LOG_ERROR, "files-expire", "errno=%d", -result);
    atomic_store(&duty->running, false);
}

int file_duty_new(struct app *app, struct file_duty **ret_duty)
{
    struct file_duty *duty = calloc(1, sizeof(*duty));
    if (!duty)
        return -ENOMEM;
    duty->app = app;
    duty->job = (struct write_job){ .apply = apply, .done = done };
    *ret_duty = duty;
    return 0;
}

void file_duty_tick(struct file_duty *duty, int64_t monotonic_ms)
{
    if (monotonic_ms < duty->due || atomic_exchange(&duty->running, true))
        return;
    duty->due = monotonic_ms + EVERY_MS;
    writer_submit(duty->app->writer, &duty->job);
}

void file_duty_free(struct file_duty *duty)
{
    while (duty && atomic_load(&duty->running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    free(duty);
}
