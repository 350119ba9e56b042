// SPDX-License-Identifier: MPL-2.0
// Erasing, step by step: a commit, then the share, then the next commit. Whenever the program ends in between, the next start goes on.
#include "base/log.h"
#include "feature/retention/retention.h"
#include "web/news.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define EVERY_MS (5 * SECOND_MS)
#define ARENA_MAX ((size_t)1 << 20)
#define LOOK_AT_ONCE 200   // destroyed shares whose dialogues are looked at in one transaction

struct retention_duty {
    struct write_job job;   // first
    struct app *app;
    struct keyring *keys;   // for the writer's thread
    struct arena *arena;
    int64_t due;
    atomic_bool running;
    int64_t restored;       // shares up to this one have been looked at: whether the database knows that they are destroyed; -1: all
    int64_t looked;         // the same as of the step that is under way
    struct erasure_step step;
    struct news news;       // of the step
    bool more;
};

// Only at the start: while the server runs, nobody puts an older database back.
static int look_for_restored(struct retention_duty *duty, const struct retention_scene *scene)
{
    for (int i = 0; i < LOOK_AT_ONCE; i++) {
        int64_t share = keeper_next_destroyed(duty->app->keeper, duty->looked);
        duty->looked = share ? share : -1;
        int result = share ? erasure_restore(scene, share, &duty->step) : 0;
        if (result != 0 || !share)
            return result;
    }
    return 1;
}

static int apply(struct write_job *job, struct db *db)
{
    struct retention_duty *duty = (struct retention_duty *)job;
    struct retention_scene scene;
    arena_reset(duty->arena);
    keyring_trim(duty->keys);
    duty->step = (struct erasure_step){ .share = 0 };
    duty->more = false;
    duty->looked = duty->restored;
    int result = retention_scene_of(duty->app, db, duty->keys, duty->arena, clock_now(duty->app->clock), &scene);
    if (result == 0 && duty->restored >= 0)
        result = look_for_restored(duty, &scene);
    if (result == 0)
        result = erasure_next(&scene, duty->app->keeper, &duty->step);
    if (result > 0 && duty->step.event.kind != AUDIT_UNSET) {
        duty->more = true;
        result = audit_append(duty->app->audit, db, &duty->step.event);
    }
    duty->more = duty->more || result > 0;
    duty->news = (struct news){ .kind = NEWS_ERASED, .topic = duty->step.dialogue };
    if (result >= 0 && duty->step.dialogue)
        result = news_commit(duty->app, db, &duty->news);
    return result < 0 ? result : 0;
}

// On the writer's thread, when the step is on the disk.
static int destroy(struct retention_duty *duty)
{
    struct app *app = duty->app;
    int result = duty->step.share ? keeper_destroy_share(app->keeper, duty->step.share) : 0;
    // Answers under way are made anew, without it.
    if (result == 0 && duty->step.dialogue)
        news_deliver(app, &duty->news);
    return result;
}

static void done(struct write_job *job, int result)
{
    struct retention_duty *duty = (struct retention_duty *)job;
    if (result == 0) {
        duty->restored = duty->looked;
        result = destroy(duty);
    }
    if (result == 0 && duty->more) {
        writer_submit(duty->app->writer, &duty->job);
        return;
    }
    if (result < 0 && result != -ESHUTDOWN)
        log_event(LOG_ERROR, "retention", "errno=%d", -result);
    atomic_store(&duty->running, false);
}

int retention_duty_new(struct app *app, struct retention_duty **ret_duty)
{
    struct retention_duty *duty = calloc(1, sizeof(*duty));
    struct retention_scene scene;
    if (!duty)
        return -ENOMEM;
    duty->app = app;
    duty->job = (struct write_job){ .apply = apply, .done = done };
    int result = arena_new(ARENA_MAX, &duty->arena);
    if (result == 0)
        result = keyring_new(app->keeper, &duty->keys);
    // Settings that are out of their limits stop the program at its start.
    if (result == 0)
        result = retention_scene_of(app, NULL, duty->keys, duty->arena, 0, &scene);
    if (result < 0)
        retention_duty_free(duty);
    else
        *ret_duty = duty;
    return result;
}

void retention_duty_tick(struct retention_duty *duty, int64_t monotonic_ms)
{
    if (monotonic_ms < duty->due || atomic_exchange(&duty->running, true))
        return;
    duty->due = monotonic_ms + EVERY_MS;
    writer_submit(duty->app->writer, &duty->job);
}

void retention_duty_free(struct retention_duty *duty)
{
    if (!duty)
        return;
    while (atomic_load(&duty->running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    keyring_free(duty->keys);
    arena_free(duty->arena);
    free(duty);
}
