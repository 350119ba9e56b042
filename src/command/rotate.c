// SPDX-License-Identifier: MPL-2.0
// docs/adr/0024-rotation.md.
#include "command/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "command/installation.h"
#include "command/rotation.h"
#include "crypt/key_file.h"

#include <errno.h>
#include <sodium.h>

#define ANSWER_MS (60 * SECOND_MS)   // a server that runs looks for requests each second
#define LOOK_NS 200000000
#define GRACE_SECONDS 60
#define GRACE_MAX 86400

static int complain(const char *what, int error)
{
    fprintf(stderr, "samtraad: %s: %s\n", what, strerror(-error));
    return error;
}

// Makes the next key, unless one is there already because a rotation was interrupted.
static int make_next(const struct options *options, struct key_file *file)
{
    if (file->count == 2) {
        printf("going on with the rotation from key %u to key %u\n", file->masters[1].version, file->masters[0].version);
        return 0;
    }
    key_file_carry(file);
    file->masters[1] = file->masters[0];
    file->masters[0].version++;
    randombytes_buf(file->masters[0].key, KEY_BYTES);
    file->count = 2;
    int r = key_file_replace(options->key, file);
    if (r < 0)
        return complain("the key file can't be replaced; nothing has changed", r);
    printf("%s holds key %u beside key %u\n", options->key, file->masters[0].version, file->masters[1].version);
    fflush(stdout);
    return 0;
}

static void put_admission(uint8_t *at, uint32_t version, const uint8_t key[KEY_BYTES])
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(version >> (24 - 8 * i));
    memcpy(at + 4, key, KEY_BYTES);
}

static int ask_to_admit(const struct options *options, const struct key_file *file)
{
    uint8_t plain[2 * (4 + KEY_BYTES)], box[KEEPER_ADMISSION_BOX], key[KEEPER_PUBLIC_KEY];
    int r = rotation_box_read(options, key);

    if (r < 0)
        return r;
    put_admission(plain, file->masters[1].version, file->masters[1].key);
    put_admission(plain + 4 + KEY_BYTES, file->masters[0].version, file->masters[0].key);
    r = crypto_box_seal(box, plain, sizeof(plain), key) == 0 ? 0 : -EIO;
    sodium_memzero(plain, sizeof(plain));
    return r < 0 ? r : rotation_ask(options, box);
}

typedef bool condition(const struct rotation_state *state, const struct key_file *file);

static bool is_admitted(const struct rotation_state *state, const struct key_file *file)
{
    return state->newest == file->masters[0].version;
}

static bool is_complete(const struct rotation_state *state, const struct key_file *file)
{
    return is_admitted(state, file) && state->complete;
}

static bool is_retired(const struct rotation_state *state, const struct key_file *file)
{
    return state->lowest == file->masters[0].version;
}

// Until the server has come so far. patience 0: however long, for as long as it goes on.
static int wait_for(const struct options *options, const struct key_file *file, condition *reached, int64_t patience)
{
    const int64_t end = clock_monotonic() + patience;
    struct rotation_state state;
    bool running = true;

    while (running) {
        int r = rotation_state_read(options, &state);

        if (r == 0 && reached(&state, file))
            return 0;
        if (r == 0 && state.refused && patience > 0)
            return complain("the server has refused; its log tells more", -EPERM);
        if (patience > 0 && clock_monotonic() > end)
            return complain("the server does not answer", -ETIMEDOUT);
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
        r = installation_is_running(options, &running);
        if (r < 0)
            return r;
    }
    return complain("the server has ended; run this again, it will go on", -ECONNRESET);
}

static void say(const struct options *options)
{
    struct rotation_state state;

    if (rotation_state_read(options, &state) == 0)
        printf("wrapped anew: %lld shares, %lld grants (%lld that open nothing were left as they are)\n", (long long)state.shares,
               (long long)state.grants, (long long)state.false_grants);
    fflush(stdout);
}

// Pages that were begun before the last portion may still need what they have read.
static void let_readers_end(int64_t seconds)
{
    printf("waiting %lld seconds for those who are reading\n", (long long)seconds);
    fflush(stdout);
    nanosleep(&(struct timespec){ .tv_sec = seconds }, NULL);
}

static int with_server(const struct options *options, const struct key_file *file, int64_t grace)
{
    struct rotation_state state;
    int r = rotation_state_read(options, &state);

    if (r == 0 && !is_admitted(&state, file)) {
        r = ask_to_admit(options, file);
        r = r < 0 ? complain("the server can't be asked", r) : wait_for(options, file, is_admitted, ANSWER_MS);
    }
    r = r < 0 ? r : wait_for(options, file, is_complete, 0);
    if (r < 0)
        return r;
    say(options);
    let_readers_end(grace);
    r = rotation_ask(options, NULL);
    return r < 0 ? complain("the server can't be asked", r) : wait_for(options, file, is_retired, ANSWER_MS);
}

// Nobody serves: this process does it.
static int alone(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    struct app app = { .config = options->config, .clock = clock_system() };
    struct rotation *rotation = NULL;
    int r = installation_lock(options, false, &installation);

    r = r < 0 ? r : installation_open(options, DB_WRITE, &installation);
    app.keeper = installation.keeper;
    r = r < 0 ? r : audit_open(installation.db, app.keeper, options->checkpoints, app.clock, &app.audit);
    if (r == 0) {
        struct writer_hooks hooks = audit_hooks(app.audit);

        r = writer_start(installation.db, &hooks, &app.writer);
        installation.db = r == 0 ? NULL : installation.db;
    }
    r = r < 0 ? r : rotation_new(options, &app, &rotation);
    r = r < 0 ? r : rotation_run(rotation);
    rotation_free(rotation);
    writer_stop(app.writer);
    if (app.audit) {
        int signed_too = audit_checkpoint(app.audit);

        r = r < 0 ? r : signed_too;
        audit_close(app.audit);
    }
    installation_close(&installation);
    if (r == 0)
        say(options);
    return r;
}

static int finish(const struct options *options, struct key_file *file)
{
    const uint32_t old = file->masters[1].version;

    sodium_memzero(&file->masters[1], sizeof(file->masters[1]));
    file->count = 1;
    int r = key_file_replace(options->key, file);
    if (r < 0)
        return complain("the older key can't be taken out of the key file; run this again", r);
    printf("key %u is destroyed in %s: nothing opens with it any more.\n"
           "Keep a fresh copy of the key file in the safe place. Backups that were made before need the older key: keep its copy until the last of\n"
           "them has expired, and destroy it then.\n",
           old, options->key);
    return 0;
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

static int rotate(const struct options *options, struct key_file *file)
{
    bool running = false;
    int64_t grace = GRACE_SECONDS;
    int r = config_int(options->config, "rotate.grace_seconds", 0, GRACE_MAX, GRACE_SECONDS, &grace);

    if (key_file_is_credential(options->key))
        return complain("a credential can't be replaced. Name the file that it is made of: samtraad rotate --key FILE", -EROFS);
    r = r < 0 ? r : key_file_read(options->key, file);
    if (r < 0)
        return installation_complain(options, "the master key can't be read", r), r;
    r = installation_is_running(options, &running);
    // Each of several has a keeper of its own, which would have to admit and to forget at one moment.
    if (r == 0 && running && options->nodes > 1)
        return complain("several servers work with this installation; stop them all, then run this again", -EBUSY);
    r = r < 0 ? r : take_token(options, file);
    r = r < 0 ? r : make_next(options, file);
    r = r < 0 ? r : running ? with_server(options, file, grace) : alone(options);
    return r < 0 ? r : finish(options, file);
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
    .summary = "gives the installation a new master key, while the server runs or without it",
    .explanation = "Everything that is wrapped under the present key is wrapped anew, in portions; then the present key is forgotten and taken out of\n"
                   "the key file. Whoever writes or reads meanwhile notices nothing. When it is cut off, run it again: it goes on.\n"
                   "It has to be able to replace the key file. --grace: seconds that pages under way get to end.\n",
    .options = OPTIONS_FOLDER | OPTION_GRACE,
    .run = run,
};
