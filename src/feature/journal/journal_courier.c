// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_courier.h"

#include "base/log.h"
#include "base/random.h"
#include "feature/journal/journal_sql.h"
#include "feature/journal/journal_steps.h"
#include "web/news.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define TICK_SECONDS 1
#define SWEEP_MS HOUR_MS
#define ARENA_MAX ((size_t)64 << 20)

struct journal_courier {
    struct journal_work work;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    int64_t sweep_due;   // monotonic
};

// Waits for the next tick; false when the courier is to end.
static bool wait_for_tick(struct journal_courier *courier)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TICK_SECONDS;
    pthread_mutex_lock(&courier->lock);
    while (!courier->stop && pthread_cond_timedwait(&courier->wake, &courier->lock, &until) != ETIMEDOUT)
        ;
    bool goes_on = !courier->stop;
    pthread_mutex_unlock(&courier->lock);
    return goes_on;
}

struct sweep {
    struct write_job job;   // first
    int64_t before;
};

static int apply_sweep(struct write_job *job, struct db *db)
{
    int64_t rows = sql_journal_pieces_sweep(db, &(struct sql_journal_pieces_sweep_in){ .before = ((struct sweep *)job)->before });
    return rows < 0 ? (int)rows : 0;
}

// Takes away the pieces of packages that never became entries. Identifiers are in the order of time.
static int sweep(struct journal_courier *courier)
{
    int64_t now = clock_monotonic();
    struct sweep sweep = { .job = { .apply = apply_sweep }, .before = id_new(clock_now(courier->work.app->clock) - SWEEP_MS) };
    if (now < courier->sweep_due)
        return 0;
    courier->sweep_due = now + SWEEP_MS;
    return writer_run(courier->work.app->writer, &sweep.job);
}

static void *run(void *data)
{
    struct journal_courier *courier = data;
    while (wait_for_tick(courier)) {
        struct journal_work *work = &courier->work;
        if (!news_leads(work->app))
            continue;
        int result = journal_prove(work);
        if (result == 0 && work->adapter)
            result = journal_deliver_due(work);
        if (result == 0)
            result = sweep(courier);
        if (result < 0 && result != -ESHUTDOWN)
            log_event(LOG_ERROR, "journal", "result=%d", result);
        keyring_trim(work->keys);
        arena_reset(work->arena);
    }
    return NULL;
}

static int read_settings(const struct config *config, struct journal_settings *settings)
{
    int64_t retry, poll, days;
    int result = config_int(config, "journal.tries", 1, 1000, 15, &settings->tries);
    result = result < 0 ? result : config_int(config, "journal.retry_seconds", 1, 86400, 30, &retry);
    result = result < 0 ? result : config_int(config, "journal.poll_seconds", 1, 86400, 60, &poll);
    result = result < 0 ? result : config_int(config, "journal.remind_days", 0, 365, 7, &days);
    if (result < 0)
        return result;
    settings->retry_ms = retry * SECOND_MS;
    settings->poll_ms = poll * SECOND_MS;
    return 0;
}

static void free_courier(struct journal_courier *courier)
{
    struct journal_work *work = &courier->work;
    if (work->adapter)
        work->adapter->free(work->adapter);
    arena_free(work->arena);
    keyring_free(work->keys);
    db_close(work->db);
    pthread_cond_destroy(&courier->wake);
    pthread_mutex_destroy(&courier->lock);
    free(courier);
}

static int open_work(struct app *app, struct journal_work *work)
{
    work->app = app;
    int result = read_settings(app->config, &work->settings);
    result = result < 0 ? result : journal_adapter_new(app->config, &work->adapter);
    result = result < 0 ? result : arena_new(ARENA_MAX, &work->arena);
    result = result < 0 ? result : keyring_new(app->keeper, &work->keys);
    return result < 0 ? result : db_open(app->database, DB_READ, &work->db);
}

int journal_courier_start(struct app *app, struct journal_courier **ret_courier)
{
    struct journal_courier *courier = calloc(1, sizeof(*courier));
    pthread_condattr_t attributes;
    if (!courier)
        return -ENOMEM;
    pthread_mutex_init(&courier->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&courier->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    int result = open_work(app, &courier->work);
    if (result == 0)
        result = -pthread_create(&courier->thread, NULL, run, courier);
    if (result < 0) {
        free_courier(courier);
        return result;
    }
    *ret_courier = courier;
    return 0;
}

void journal_courier_stop(struct journal_courier *courier)
{
    if (!courier)
        return;
    pthread_mutex_lock(&courier->lock);
    courier->stop = true;
    pthread_cond_signal(&courier->wake);
    pthread_mutex_unlock(&courier->lock);
    pthread_join(courier->thread, NULL);
    free_courier(courier);
}
