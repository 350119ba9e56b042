// SPDX-License-Identifier: MPL-2.0
// Runs consent_tick on the writer's thread: when the server starts, for it may have been off for long, and every few minutes.
#include "feature/consent/consent.h"

#include "base/log.h"
#include "web/app.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define EVERY_MS (5 * MINUTE_MS)
#define MEMORY ((size_t)64 << 20)

struct consent_duty {
    struct write_job job;   // first
    struct app *app;
    struct consent_settings settings;
    struct keyring *keys;   // of the writer's thread, when it runs this
    int64_t due;
    atomic_bool running;
};

static int apply(struct write_job *job, struct db *db)
{
    struct consent_duty *duty = (struct consent_duty *)job;
    struct dialogue_scene scene = { .db = db, .keys = duty->keys, .now = clock_now(duty->app->clock) };
    int result = arena_new(MEMORY, &scene.arena);
    if (result < 0)
        return result;
    result = consent_tick(&scene, duty->app->audit, &duty->settings);
    arena_free(scene.arena);
    keyring_trim(duty->keys);
    return result;
}

static void done(struct write_job *job, int result)
{
    struct consent_duty *duty = (struct consent_duty *)job;
    if (result < 0)
        log_event(LOG_ERROR, "consent-tick", "result=%d", result);
    atomic_store(&duty->running, false);
}

int consent_duty_new(struct app *app, struct consent_duty **ret_duty)
{
    struct consent_duty *duty = calloc(1, sizeof(*duty));
    if (!duty)
        return -ENOMEM;
    *duty = (struct consent_duty){ .job = { .apply = apply, .done = done }, .app = app };
    int result = consent_settings_read(app->config, &duty->settings);
    if (result == 0)
        result = keyring_new(app->keeper, &duty->keys);
    if (result < 0) {
        free(duty);
        return result;
    }
    *ret_duty = duty;
    return 0;
}

void consent_duty_tick(struct consent_duty *duty, int64_t monotonic_ms)
{
    if (monotonic_ms < duty->due || atomic_exchange(&duty->running, true))
        return;
    duty->due = monotonic_ms + EVERY_MS;
    writer_submit(duty->app->writer, &duty->job);
}

void consent_duty_free(struct consent_duty *duty)
{
    if (!duty)
        return;
    while (atomic_load(&duty->running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    keyring_free(duty->keys);
    free(duty);
}
