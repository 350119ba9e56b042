// SPDX-License-Identifier: MPL-2.0
#include "command/rotation_files.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/log.h"
#include "feature/dialogue/dialogue_rewrap.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>

#define GRANTS_AT_ONCE 200   // about 5 ms
#define TEXT_MAX 600

enum asked { ASKED_NOTHING, ASKED_ADMIT, ASKED_RETIRE };

struct rotation {
    struct write_job job;   // first
    struct app *app;
    struct keyring *keys;
    struct rotation_paths paths;
    atomic_bool running;    // the job is with the writer: all below is its thread's
    enum asked asked;
    uint8_t box[KEEPER_ADMISSION_BOX];
    int64_t share;          // the next to be looked at; 0: all have been
    struct dialogue_rewrap grants;
    struct rotation_state state;
};

static int read_versions(struct rotation *rotation)
{
    struct keeper_versions versions;
    int r = keeper_versions(rotation->app->keeper, &versions);

    if (r < 0)
        return r;
    rotation->state.newest = versions.newest;
    rotation->state.lowest = versions.lowest;
    return 0;
}

static void begin(struct rotation *rotation)
{
    rotation->share = 1;
    rotation->grants = (struct dialogue_rewrap){ 0 };
    rotation->state.complete = rotation->state.newest == rotation->state.lowest;
}

static int note(struct rotation *rotation, struct db *db, enum audit_kind kind, int64_t version)
{
    return audit_append(rotation->app->audit, db, &(struct audit_event){ .kind = kind, .object = version });
}

static int admit(struct rotation *rotation, struct db *db)
{
    int r = keeper_admit(rotation->app->keeper, rotation->box);

    sodium_memzero(rotation->box, sizeof(rotation->box));
    r = r < 0 ? r : read_versions(rotation);
    if (r < 0)
        return r;
    begin(rotation);
    return note(rotation, db, AUDIT_KEY_ROTATE, rotation->state.newest);
}

// Some shares, then some grants: whoever else wants to write comes in between.
static int portion(struct rotation *rotation, struct db *db)
{
    int r;

    if (rotation->share > 0) {
        r = keeper_rewrap_shares(rotation->app->keeper, rotation->share, &rotation->share);
        rotation->state.shares = keeper_shares(rotation->app->keeper);
        return r;
    }
    keyring_trim(rotation->keys);
    r = dialogue_rewrap(db, rotation->keys, GRANTS_AT_ONCE, &rotation->grants);
    rotation->state.grants = rotation->grants.done;
    rotation->state.false_grants = rotation->grants.false_ones;
    return r;
}

static int apply(struct write_job *job, struct db *db)
{
    struct rotation *rotation = (struct rotation *)job;

    switch (rotation->asked) {
    case ASKED_ADMIT:
        return admit(rotation, db);
    case ASKED_RETIRE:
        return rotation->state.complete && rotation->state.newest != rotation->state.lowest ? note(rotation, db, AUDIT_KEY_RETIRE, rotation->state.lowest)
                                                                                           : -EINVAL;
    default:
        return portion(rotation, db);
    }
}

// After the commit.
static int settle(struct rotation *rotation, int result)
{
    const enum asked asked = rotation->asked;

    rotation->asked = ASKED_NOTHING;
    rotation->state.refused = asked != ASKED_NOTHING && result < 0;
    if (result < 0)
        return result;
    if (asked == ASKED_RETIRE) {
        result = keeper_retire(rotation->app->keeper);
        result = result < 0 ? result : read_versions(rotation);
    }
    if (asked == ASKED_NOTHING && rotation->grants.finished)
        rotation->state.complete = true;
    return result;
}

static void done(struct write_job *job, int result)
{
    struct rotation *rotation = (struct rotation *)job;

    result = settle(rotation, result);
    if (rotation_put_state(&rotation->paths, &rotation->state) < 0 || (result < 0 && result != -ESHUTDOWN))
        log_event(LOG_ERROR, "rotation", "result=%d newest=%lld lowest=%lld", result, (long long)rotation->state.newest, (long long)rotation->state.lowest);
    if (result == 0 && !rotation->state.complete)
        writer_submit(rotation->app->writer, job);
    else
        atomic_store(&rotation->running, false);
}

int rotation_new(const struct options *options, struct app *app, struct rotation **ret_rotation)
{
    struct rotation *rotation = calloc(1, sizeof(*rotation));
    char hex[2 * KEEPER_PUBLIC_KEY + 2];
    struct keeper_versions versions;

    if (!rotation)
        return -ENOMEM;
    rotation->app = app;
    rotation->job = (struct write_job){ .apply = apply, .done = done };
    int r = rotation_paths(options, &rotation->paths);
    r = r < 0 ? r : keyring_new(app->keeper, &rotation->keys);
    r = r < 0 ? r : keeper_versions(app->keeper, &versions);
    r = r < 0 ? r : read_versions(rotation);
    if (r == 0) {
        begin(rotation);
        sodium_bin2hex(hex, sizeof(hex), versions.box, sizeof(versions.box));
        r = rotation_put(rotation->paths.fresh, rotation->paths.box, str_from(hex));
    }
    r = r < 0 ? r : rotation_put_state(&rotation->paths, &rotation->state);
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
    char buffer[TEXT_MAX];
    struct str text;

    if (rotation_get(rotation->paths.request, buffer, sizeof(buffer), &text) < 0)
        return;
    unlinkat(AT_FDCWD, rotation->paths.request, 0);
    text = str_trim(text);
    struct str word = str_cut(&text, ' ');
    if (str_equal(word, STR("admit")) && decode_hex_exact(text, rotation->box, sizeof(rotation->box)) == 0)
        rotation->asked = ASKED_ADMIT;
    else if (str_equal(word, STR("retire")))
        rotation->asked = ASKED_RETIRE;
    else
        log_event(LOG_WARNING, "rotation", "meaning=\"a request that is none\"");
}

void rotation_tick(struct rotation *rotation)
{
    if (atomic_load(&rotation->running))
        return;
    read_request(rotation);
    if (rotation->asked == ASKED_NOTHING && rotation->state.complete)
        return;
    atomic_store(&rotation->running, true);
    writer_submit(rotation->app->writer, &rotation->job);
}

int rotation_run(struct rotation *rotation)
{
    int r = 0;

    rotation->job.done = NULL;
    while (r == 0 && !rotation->state.complete) {
        r = settle(rotation, writer_run(rotation->app->writer, &rotation->job));
    }
    if (r == 0 && rotation->state.newest != rotation->state.lowest) {
        rotation->asked = ASKED_RETIRE;
        r = settle(rotation, writer_run(rotation->app->writer, &rotation->job));
    }
    return r < 0 ? r : rotation_put_state(&rotation->paths, &rotation->state);
}
