// SPDX-License-Identifier: MPL-2.0
// The duty of spot checks: for each unit and day, once, some of the day's looks are drawn and put before the reviewers.
#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "feature/insight/draw_sql.h"
#include "feature/insight/gather.h"
#include "feature/insight/insight.h"
#include "feature/insight/review.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#define LAG_DAYS 3          // so many days later, so that it shows whether something was written afterwards
#define CATCH_UP_DAYS 7     // days that are drawn when the server did not run
#define LOOK_MS MINUTE_MS   // between looks whether something is due
#define ARENA_BYTES ((size_t)4 << 20)
#define CHECKS_MAX 50
#define CHECKS 2
#define STEPS 16            // of one job,
#define ACTS 2000           // until so many records were read

struct insight_duty {
    struct write_job job;   // first
    struct app *app;
    struct arena *arena;
    int64_t checks;         // for each unit and day
    int64_t due;            // monotonic ms
    bool gathering;
    struct gather gather;
    atomic_bool running, more;
};

static int64_t today(int64_t now)
{
    struct civil c = clock_civil(now);
    return clock_days(c.year, c.month, c.day);
}

static int begin_next(struct insight_duty *duty, struct db *db)
{
    struct sql_draw_due due;
    int64_t newest = today(clock_now(duty->app->clock)) - LAG_DAYS;
    int result = sql_draw_due(db, duty->arena, &(struct sql_draw_due_in){ .day = newest }, &due);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    int64_t day = newest - CATCH_UP_DAYS + 1;   // also for a unit that is new: whether the server looked on its first day is chance
    if (!due.drawn_null && due.drawn >= day)
        day = due.drawn + 1;
    result = gather_begin(&duty->gather, db, duty->arena, due.unit, day);
    duty->gathering = result == 0;
    return result;
}

static int put_review(struct insight_duty *duty, struct db *db, const struct spot_look *look)
{
    int64_t id;
    struct account_scene scene = { .db = db, .arena = duty->arena, .now = clock_now(duty->app->clock) };   // nothing is sealed, so no keys
    const struct review review = {
        .unit = duty->gather.unit, .cause = REVIEW_DRAWN, .looker = look->looker, .dialogue = look->dialogue, .about = look->about,
        .first_record = look->first_record, .last_record = look->last_record, .signs = look->signs, .question = STR(""),
    };
    int result = review_add(&scene, &review, &id);
    return result < 0 ? result : audit_append(duty->app->audit, db, &(struct audit_event){
        .kind = AUDIT_REVIEW_DRAW, .dialogue = look->dialogue, .object = id });
}

static int finish(struct insight_duty *duty, struct db *db)
{
    struct gather *gather = &duty->gather;
    struct spot_random random;
    random_bytes(&random, sizeof(random));
    size_t drawn = spot_draw(&random, gather->looks, gather->count, (size_t)duty->checks);
    int result = 0;
    for (size_t i = 0; result == 0 && i < drawn; i++)
        result = put_review(duty, db, &gather->looks[i]);
    if (result < 0)
        return result;
    int64_t rows = sql_draw_drawn(db, &(struct sql_draw_drawn_in){ .unit = gather->unit, .day = gather->day });
    duty->gathering = false;
    return rows < 0 ? (int)rows : 0;
}

// ret_more: there may be more to do.
static int step(struct insight_duty *duty, struct db *db, bool *ret_more)
{
    *ret_more = true;
    if (duty->gathering && duty->gather.whole)
        return finish(duty, db);
    if (duty->gathering)
        return gather_portion(&duty->gather, db, duty->arena);
    int result = begin_next(duty, db);
    *ret_more = duty->gathering;
    return result;
}

// A portion of the work, small enough to stand between people's writing.
static int apply(struct write_job *job, struct db *db)
{
    struct insight_duty *duty = (struct insight_duty *)job;
    bool more = true;
    int result = 0;
    duty->gather.acts = 0;
    for (int steps = 0; result == 0 && more && steps < STEPS && duty->gather.acts < ACTS; steps++) {
        arena_reset(duty->arena);
        result = step(duty, db, &more);
    }
    atomic_store(&duty->more, more);
    return result;
}

static void done(struct write_job *job, int result)
{
    struct insight_duty *duty = (struct insight_duty *)job;
    if (result < 0) {   // from the beginning, in a while: nothing of the unit's day was put down
        log_event(LOG_ERROR, "spot-checks", "result=%d", result);
        duty->gathering = false;
        atomic_store(&duty->more, false);
    }
    atomic_store(&duty->running, false);
}

int insight_duty_new(struct app *app, struct insight_duty **ret_duty)
{
    struct insight_duty *duty = calloc(1, sizeof(*duty));
    if (!duty)
        return -ENOMEM;
    duty->app = app;
    duty->job = (struct write_job){ .apply = apply, .done = done };
    int result = config_int(app->config, "review.checks_per_day", 0, CHECKS_MAX, CHECKS, &duty->checks);
    if (result == 0)
        result = arena_new(ARENA_BYTES, &duty->arena);
    duty->gather.looks = result == 0 ? calloc(GATHER_LOOKS_MAX, sizeof(*duty->gather.looks)) : NULL;
    if (!duty->gather.looks) {
        insight_duty_free(duty);
        return result < 0 ? result : -ENOMEM;
    }
    *ret_duty = duty;
    return 0;
}

void insight_duty_tick(struct insight_duty *duty, int64_t monotonic_ms)
{
    bool is_due = monotonic_ms >= duty->due || atomic_load(&duty->more);
    if (duty->checks == 0 || !is_due || atomic_exchange(&duty->running, true))
        return;
    duty->due = monotonic_ms + LOOK_MS;
    writer_submit(duty->app->writer, &duty->job);
}

void insight_duty_free(struct insight_duty *duty)
{
    if (!duty)
        return;
    while (atomic_load(&duty->running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    arena_free(duty->arena);
    free(duty->gather.looks);
    free(duty);
}
