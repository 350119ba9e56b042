// SPDX-License-Identifier: MPL-2.0
#include "command/duties.h"

#include "base/log.h"
#include "feature/consent/consent.h"
#include "feature/file/file.h"
#include "feature/insight/insight.h"
#include "feature/retention/retention.h"
#include "web/news.h"
#include "web/session_sql.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define STREAMS_MS (20 * SECOND_MS)
#define CHECKPOINT_MS (5 * MINUTE_MS)

// The writer's part of the duties: one job that is handed over again and again.
struct upkeep {
    struct write_job job;   // first
    struct app *app;
    atomic_bool running;
};

struct duties {
    struct app *app;
    int64_t streams_due, upkeep_due;
    struct upkeep upkeep;
    struct file_duty *files;
    struct insight_duty *insight;
    struct consent_duty *consents;
    struct retention_duty *retention;
};

static int apply(struct write_job *job, struct db *db)
{
    struct upkeep *upkeep = (struct upkeep *)job;
    int64_t swept = sql_session_sweep(
        db, &(struct sql_session_sweep_in){ .before = clock_now(upkeep->app->clock) -
                                                      upkeep->app->session_idle });

    return swept < 0 ? (int)swept : 0;
}

static void done(struct write_job *job, int result)
{
    struct upkeep *upkeep = (struct upkeep *)job;

    // Here and not in 'apply': what is signed must already be durable.
    if (result == 0)
        result = audit_checkpoint(upkeep->app->audit);
    if (result < 0)
        log_event(LOG_ERROR, "upkeep", "result=%d", result);
    atomic_store(&upkeep->running, false);
}

int duties_new(struct app *app, struct duties **ret_duties)
{
    struct duties *duties = calloc(1, sizeof(*duties));
    int64_t now = clock_monotonic();

    int result = duties ? file_duty_new(app, &duties->files) : -ENOMEM;
    result = result < 0 ? result : consent_duty_new(app, &duties->consents);
    result = result < 0 ? result : retention_duty_new(app, &duties->retention);
    result = result < 0 ? result : insight_duty_new(app, &duties->insight);
    if (result < 0) {
        if (duties) {
            retention_duty_free(duties->retention);
            consent_duty_free(duties->consents);
            file_duty_free(duties->files);
        }
        free(duties);
        return result;
    }
    duties->app = app;
    duties->streams_due = now + STREAMS_MS;
    duties->upkeep_due = now + CHECKPOINT_MS;
    duties->upkeep.app = app;
    duties->upkeep.job = (struct write_job){ .apply = apply, .done = done };
    *ret_duties = duties;
    return 0;
}

void duties_tick(struct duties *duties, int64_t monotonic_ms)
{
    if (monotonic_ms >= duties->streams_due) {
        duties->streams_due = monotonic_ms + STREAMS_MS;
        hub_tick(duties->app->hub, clock_now(duties->app->clock));
    }
    if (!news_leads(duties->app))
        return;
    file_duty_tick(duties->files, monotonic_ms);
    consent_duty_tick(duties->consents, monotonic_ms);
    retention_duty_tick(duties->retention, monotonic_ms);
    if (monotonic_ms >= duties->upkeep_due && !atomic_exchange(&duties->upkeep.running, true)) {
        duties->upkeep_due = monotonic_ms + CHECKPOINT_MS;
        writer_submit(duties->app->writer, &duties->upkeep.job);
    }
    insight_duty_tick(duties->insight, monotonic_ms);
}

void duties_free(struct duties *duties)
{
    while (atomic_load(&duties->upkeep.running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    consent_duty_free(duties->consents);
    file_duty_free(duties->files);
    insight_duty_free(duties->insight);
    retention_duty_free(duties->retention);
    free(duties);
}
