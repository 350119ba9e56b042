// SPDX-License-Identifier: MPL-2.0
#include "command/rotation_files.h"

#include "base/log.h"
#include "feature/dialogue/dialogue_rewrap.h"

#include <errno.h>
#include <stdatomic.h>

#define GRANTS_AT_ONCE 200   // about 5 ms

struct rotation {
    struct write_job job;   // first
    struct app *app;
    struct keyring *keys;
    struct rotation_paths paths;
    atomic_bool running;    // the job is with the writer: all below is its thread's
    struct rotation_request asked;
    bool wrapping;
    int64_t share;          // the next to be looked at; 0: all have been
    int64_t next_share;     // with what the present transaction has done, which may be taken back
    struct dialogue_rewrap grants, next_grants;
    struct rotation_state state;
};

static int read_versions(struct rotation *rotation)
{
    struct keeper_versions versions;
    int r = keeper_versions(rotation->app->keeper, &versions);

    if (r < 0)
        return r;
    rotation->state.newest = versions.newest;
    rotation->state.used = versions.used;
    rotation->state.lowest = versions.lowest;
    memcpy(rotation->state.box, versions.box, sizeof(versions.box));
    return 0;
}

// Each of several servers comes here; it stands in the log once.
static int note_once(struct rotation *rotation, struct db *db, enum audit_kind kind, int64_t version)
{
    bool there;
    int r = audit_has(db, kind, version, &there);

    return r < 0 || there ? r : audit_append(rotation->app->audit, db, &(struct audit_event){ .kind = kind, .object = version });
}

// Some shares, then some grants: whoever else wants to write comes in between.
static int portion(struct rotation *rotation, struct db *db)
{
    rotation->next_share = rotation->share;
    rotation->next_grants = rotation->grants;
    if (rotation->share > 0)
        return keeper_rewrap_shares(rotation->app->keeper, rotation->share, &rotation->next_share);
    keyring_trim(rotation->keys);
    return dialogue_rewrap(db, rotation->keys, GRANTS_AT_ONCE, &rotation->next_grants);
}

static int apply(struct write_job *job, struct db *db)
{
    struct rotation *rotation = (struct rotation *)job;
    const struct rotation_state *state = &rotation->state;
    const int64_t version = rotation->asked.version;

    switch (rotation->asked.step) {
    case ROTATION_NOTHING:
        return portion(rotation, db);
    case ROTATION_ADMIT:
        return 0;
    case ROTATION_USE:
        return version == state->newest ? note_once(rotation, db, AUDIT_KEY_ROTATE, version) : -EINVAL;
    case ROTATION_WRAP:
        return version == state->newest && version == state->used ? 0 : -EINVAL;
    case ROTATION_RETIRE:
        return version == state->lowest && version < state->used ? note_once(rotation, db, AUDIT_KEY_RETIRE, version) : -EINVAL;
    }
    return -EINVAL;
}

static void begin(struct rotation *rotation)
{
    rotation->share = 1;
    rotation->grants = (struct dialogue_rewrap){ 0 };
    rotation->wrapping = true;
}

static void go_on(struct rotation *rotation)
{
    rotation->share = rotation->next_share;
    rotation->grants = rotation->next_grants;
    rotation->state.shares = keeper_shares(rotation->app->keeper);
    rotation->state.grants = rotation->grants.done;
    rotation->state.false_grants = rotation->grants.false_ones;
    rotation->wrapping = !rotation->grants.finished;
    rotation->state.rounds += rotation->grants.finished;
}

// What the keeper does it does once, after the commit: a transaction may run several times.
static int carry_out(struct rotation *rotation, struct rotation_request *asked)
{
    struct keeper *keeper = rotation->app->keeper;
    int r = 0;

    switch (asked->step) {
    case ROTATION_NOTHING:
        go_on(rotation);
        return 0;
    case ROTATION_ADMIT:
        r = keeper_admit(keeper, asked->admission);
        break;
    case ROTATION_USE:
        r = keeper_use(keeper);
        break;
    case ROTATION_WRAP:
        begin(rotation);
        return 0;
    case ROTATION_RETIRE:
        r = keeper_retire(keeper);
        break;
    }
    int versions = read_versions(rotation);
    return r < 0 ? r : versions;
}

// After the commit.
static int settle(struct rotation *rotation, int result)
{
    struct rotation_request asked = rotation->asked;

    rotation->asked = (struct rotation_request){ ROTATION_NOTHING };
    result = result < 0 ? result : carry_out(rotation, &asked);
    rotation->state.refused += asked.step != ROTATION_NOTHING && result < 0;
    return result;
}

static void done(struct write_job *job, int result)
{
    struct rotation *rotation = (struct rotation *)job;

    result = settle(rotation, result);
    if (rotation_put_state(&rotation->paths, &rotation->state) < 0 || (result < 0 && result != -ESHUTDOWN))
        log_event(LOG_ERROR, "rotation", "result=%d newest=%lld used=%lld lowest=%lld", result, (long long)rotation->state.newest,
                  (long long)rotation->state.used, (long long)rotation->state.lowest);
    if (result == 0 && rotation->wrapping)
        writer_submit(rotation->app->writer, job);
    else
        atomic_store(&rotation->running, false);
}

int rotation_new(const struct options *options, unsigned number, struct app *app, struct rotation **ret_rotation)
{
    struct rotation *rotation = calloc(1, sizeof(*rotation));

    if (!rotation)
        return -ENOMEM;
    rotation->app = app;
    rotation->job = (struct write_job){ .apply = apply, .done = number > 0 ? done : NULL };
    int r = rotation_paths(options, number, &rotation->paths);
    r = r < 0 ? r : keyring_new(app->keeper, &rotation->keys);
    r = r < 0 ? r : read_versions(rotation);
    r = r < 0 || number == 0 ? r : rotation_put_state(&rotation->paths, &rotation->state);
    if (r < 0) {
        rotation_free(rotation);
        return r;
    }
    *ret_rotation = rotation;
    return 0;
}

void rotation_free(struct rotation *rotation)
{
    if (!rotation)
        return;
    while (atomic_load(&rotation->running))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    keyring_free(rotation->keys);
    free(rotation);
}

static void read_request(struct rotation *rotation)
{
    int r = rotation_take(&rotation->paths, rotation->state.box, &rotation->asked);

    if (r < 0 && r != -ENOENT)
        log_event(LOG_WARNING, "rotation", "meaning=\"a request that is none, or to another server\"");
}

void rotation_tick(struct rotation *rotation)
{
    if (atomic_load(&rotation->running))
        return;
    read_request(rotation);
    if (rotation->asked.step == ROTATION_NOTHING && !rotation->wrapping)
        return;
    atomic_store(&rotation->running, true);
    writer_submit(rotation->app->writer, &rotation->job);
}

static int run_step(struct rotation *rotation, enum rotation_step step, int64_t version)
{
    rotation->asked = (struct rotation_request){ .step = step, .version = version };
    return settle(rotation, writer_run(rotation->app->writer, &rotation->job));
}

int rotation_run(struct rotation *rotation, struct rotation_state *ret_state)
{
    const int64_t newest = rotation->state.newest, lowest = rotation->state.lowest;
    int r = run_step(rotation, ROTATION_USE, newest);

    r = r < 0 ? r : run_step(rotation, ROTATION_WRAP, newest);
    while (r == 0 && rotation->wrapping)
        r = run_step(rotation, ROTATION_NOTHING, 0);
    r = r < 0 ? r : run_step(rotation, ROTATION_RETIRE, lowest);
    if (r == 0)
        *ret_state = rotation->state;
    return r;
}
