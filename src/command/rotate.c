// SPDX-License-Identifier: MPL-2.0
// docs/adr/0024-rotation.md.
#include "command/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "command/installation.h"
#include "command/roster.h"
#include "command/rotation_lead.h"

#include <errno.h>
#include <sodium.h>

#define GRACE_SECONDS 60
#define GRACE_MAX 86400

static int complain(const char *what, int error)
{
    fprintf(stderr, "samtraad: %s: %s\n", what, strerror(-error));
    return error;
}

static int replace(const struct options *options, const struct key_file *file)
{
    int r = key_file_replace(options->key, file);

    return r < 0 ? complain("the key file can't be replaced; run this again", r) : 0;
}

// Makes the next key, unless one is there already because a rotation was interrupted. Servers that start from now on know it; they do not use it yet.
static int make_next(const struct options *options, struct key_file *file)
{
    if (file->count == 2) {
        printf("going on with the rotation from key %u to key %u\n", file->masters[1].version, file->masters[0].version);
        fflush(stdout);
        return 0;
    }
    key_file_carry(file);
    file->masters[1] = file->masters[0];
    file->masters[0].version++;
    randombytes_buf(file->masters[0].key, KEY_BYTES);
    file->count = 2;
    file->uses_older = true;
    int r = key_file_replace(options->key, file);
    if (r < 0)
        return complain("the key file can't be replaced; nothing has changed", r);
    printf("%s holds key %u beside key %u\n", options->key, file->masters[0].version, file->masters[1].version);
    fflush(stdout);
    return 0;
}

// Servers that start from now on use the newer one.
static int use_next(const struct options *options, struct key_file *file)
{
    if (!file->uses_older)
        return 0;
    file->uses_older = false;
    return replace(options, file);
}

static int demand(const struct options *options, const struct key_file *file)
{
    int r = rotation_demand(options, file->masters[0].version, file->masters[file->uses_older ? 1 : 0].version);

    return r < 0 ? complain("the data folder can't be written; run this again", r) : 0;
}

// Pages that were begun before the last portion may still need what they have read.
static void let_readers_end(int64_t seconds)
{
    printf("waiting %lld seconds for those who are reading\n", (long long)seconds);
    fflush(stdout);
    nanosleep(&(struct timespec){ .tv_sec = seconds }, NULL);
}

static void say(const struct rotation_state *state)
{
    printf("wrapped anew: %lld shares, %lld grants (%lld that open nothing were left as they are)\n", (long long)state->shares,
           (long long)state->grants, (long long)state->false_grants);
    fflush(stdout);
}

// Nobody serves: this process does it.
static int wrap_alone(const struct options *options, struct installation *installation, struct rotation_state *ret_state)
{
    struct app app = { .config = options->config, .clock = clock_system() };
    struct rotation *rotation = NULL;
    int r = installation_open(options, DB_WRITE, installation);

    app.keeper = installation->keeper;
    r = r < 0 ? r : audit_open(installation->db, app.keeper, options->checkpoints, app.clock, &app.audit);
    if (r == 0) {
        struct writer_hooks hooks = audit_hooks(app.audit);

        r = writer_start(installation->db, &hooks, &app.writer);
        installation->db = r == 0 ? NULL : installation->db;
    }
    r = r < 0 ? r : rotation_new(options, 0, &app, &rotation);
    r = r < 0 ? r : rotation_run(rotation, ret_state);
    rotation_free(rotation);
    writer_stop(app.writer);
    if (app.audit) {
        int signed_too = audit_checkpoint(app.audit);

        r = r < 0 ? r : signed_too;
        audit_close(app.audit);
    }
    return r;
}

static int drop_older(const struct options *options, struct key_file *file)
{
    sodium_memzero(&file->masters[1], sizeof(file->masters[1]));
    file->count = 1;
    int r = key_file_replace(options->key, file);
    return r < 0 ? complain("the older key can't be taken out of the key file; run this again", r) : 0;
}

static int alone(const struct options *options, struct key_file *file)
{
    struct installation installation = { .lock = -1 };
    struct rotation_state state;
    int r = installation_lock(options, false, &installation);

    r = r < 0 ? r : make_next(options, file);
    r = r < 0 ? r : use_next(options, file);
    r = r < 0 ? r : demand(options, file);
    r = r < 0 ? r : wrap_alone(options, &installation, &state);
    if (r == 0)
        say(&state);
    r = r < 0 ? r : drop_older(options, file);
    installation_close(&installation);
    return r;
}

// All of them use the newer key, and whoever starts too.
static int bring_to_use(struct rotation_lead *lead, struct key_file *file, bool *ret_any)
{
    int r = demand(lead->options, file);

    r = r < 0 ? r : rotation_lead_all(lead, ROTATION_ADMIT, ret_any);
    r = r < 0 ? r : use_next(lead->options, file);
    r = r < 0 ? r : demand(lead->options, file);
    return r < 0 ? r : rotation_lead_all(lead, ROTATION_USE, ret_any);
}

static int wrap_all(struct rotation_lead *lead, int64_t grace)
{
    struct rotation_state state;
    int r = rotation_lead_wrap(lead, &state);

    if (r < 0)
        return r;
    say(&state);
    let_readers_end(grace);
    return 0;
}

// Each step begins when the one before has been reported by every server that lives. docs/adr/0024-rotation.md tells why no other order would do.
static int beside_servers(struct rotation_lead *lead, struct key_file *file, int64_t grace)
{
    bool late = false;
    // The one before may have been cut off at its very end.
    int r = file->count == 1 ? rotation_lead_all(lead, ROTATION_RETIRE, &late) : 0;

    r = r < 0 ? r : make_next(lead->options, file);
    r = r < 0 ? r : bring_to_use(lead, file, &late);
    // Nobody should be found that used the older key meanwhile. Whoever is has perhaps wrapped under it.
    for (late = true; r == 0 && late;) {
        late = false;
        r = wrap_all(lead, grace);
        r = r < 0 ? r : bring_to_use(lead, file, &late);
    }
    r = r < 0 ? r : rotation_lead_all(lead, ROTATION_RETIRE, &late);
    r = r < 0 ? r : drop_older(lead->options, file);
    // Whoever started just before that has read both.
    return r < 0 ? r : rotation_lead_all(lead, ROTATION_RETIRE, &late);
}

static void tell_end(const struct options *options, uint32_t old)
{
    printf("key %u is destroyed in %s: nothing opens with it any more.\n"
           "Keep a fresh copy of the key file in the safe place. Backups that were made before need the older key: keep its copy until the last of\n"
           "them has expired, and destroy it then.\n",
           old, options->key);
}

// From now on the file is sealed by the token that the setting names; without the setting it stays as it is.
static int take_token(const struct options *options, struct key_file *file)
{
    const char *uri = config_get(options->config, "rotate.token", NULL);

    if (!uri)
        return 0;
    if (!token_uri_fits(uri))
        return complain("rotate.token: pkcs11:token=…;object=…?pin-source=FILE was expected, without a PIN in it", -EINVAL);
    memcpy(file->token, uri, strlen(uri) + 1);
    return 0;
}

static int rotate_with(const struct options *options, int roster, struct key_file *file, int64_t grace)
{
    struct rotation_lead lead = { .options = options, .file = file, .roster = roster };
    const uint32_t old = file->masters[file->count - 1].version;
    uint64_t live = 0;
    int r = roster >= 0 ? roster_read(roster, &live) : 0;

    if (r < 0)
        return complain("it can't be seen which servers run", r);
    r = live > 0 ? beside_servers(&lead, file, grace) : alone(options, file);
    if (r == 0)
        tell_end(options, old);
    return r;
}

static int rotate(const struct options *options, struct key_file *file)
{
    _cleanup_(close_descriptor) int roster = -1;
    int64_t grace = GRACE_SECONDS;
    int r = config_int(options->config, "rotate.grace_seconds", 0, GRACE_MAX, GRACE_SECONDS, &grace);

    if (key_file_is_credential(options->key))
        return complain("a credential can't be replaced. Name the file that it is made of: samtraad rotate --key FILE", -EROFS);
    if (r < 0)
        return r;
    r = roster_lead(options, &roster);
    if (r == -EAGAIN)
        return complain("another \"samtraad rotate\" works with this installation", r);
    if (r < 0 && r != -ENOENT)
        return complain("it can't be seen which servers run", r);
    r = key_file_read(options->key, file);
    if (r < 0)
        return installation_complain(options, "the master key can't be read", r), r;
    r = take_token(options, file);
    return r < 0 ? r : rotate_with(options, roster, file, grace);
}

static int run(const struct options *options)
{
    int r = installation_harden();
    struct key_file *file = r == 0 && sodium_init() >= 0 ? sodium_malloc(sizeof(*file)) : NULL;

    if (!file)
        return complain("the key can't be kept in locked memory", -ENOMEM), EXIT_FAILURE;
    r = rotate(options, file);
    sodium_free(file);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_rotate = {
    .name = "rotate",
    .summary = "gives the installation a new master key, while its servers run or without any",
    .explanation = "Everything that is wrapped under the present key is wrapped anew, in portions; then the present key is forgotten and taken out of\n"
                   "the key file. Whoever writes or reads meanwhile notices nothing. When it is cut off, run it again: it goes on.\n"
                   "Several servers on one database are led through it together; one that lives but does not answer stops it.\n"
                   "It has to be able to replace the key file. --grace: seconds that pages under way get to end.\n",
    .options = OPTIONS_FOLDER | OPTION_GRACE,
    .by_root = true,   // of a key that the service can't reach
    .run = run,
};
