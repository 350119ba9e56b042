// SPDX-License-Identifier: MPL-2.0
// A rotation in a database that takes every transaction back once: what a portion has done is done again, and what the keeper is told it is told once.
#include "command/locks_fixture.h"
#include "command/rotation.h"
#include "crypt/key_file.h"
#include "feature/dialogue/dialogue_rewrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

struct twice {
    struct writer_hooks real;
    unsigned commits;
};

static int begin(void *context, struct db *db)
{
    struct twice *twice = context;
    return twice->real.begin(twice->real.context, db);
}

static void job_begin(void *context)
{
    struct twice *twice = context;
    twice->real.job_begin(twice->real.context);
}

static void job_rollback(void *context)
{
    struct twice *twice = context;
    twice->real.job_rollback(twice->real.context);
}

static int before_commit(void *context, struct db *db)
{
    struct twice *twice = context;
    return twice->commits++ % 2 == 0 ? -ECONNRESET : twice->real.before_commit(twice->real.context, db);
}

static void after_commit(void *context, bool committed)
{
    struct twice *twice = context;
    twice->real.after_commit(twice->real.context, committed);
}

// As samtraad rotate seals it for the keeper of a running server.
static void admit_next_key(struct fixture *fixture)
{
    uint8_t plain[72] = { 0, 0, 0, 1 }, box[KEEPER_ADMISSION_BOX];
    struct keeper_versions versions;
    struct key_file file;

    assert_int_equal(key_file_read(fixture->key, &file), 0);
    memcpy(plain + 4, file.masters[0].key, 32);
    plain[39] = 2;
    memset(plain + 40, 7, 32);
    assert_int_equal(keeper_versions(fixture->keeper, &versions), 0);
    assert_int_equal(crypto_box_seal(box, plain, sizeof(plain), versions.box), 0);
    assert_int_equal(keeper_admit(fixture->keeper, box), 0);
}

static void assert_logged_once(struct db *db, enum audit_kind kind, int64_t version)
{
    bool there;
    assert_int_equal(audit_has(db, kind, version, &there), 0);
    assert_true(there);
    assert_int_equal(audit_has(db, kind, version + 7, &there), 0);
    assert_false(there);
}

static void what_the_database_takes_back_is_wrapped_anew_again(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = fixture->scene.arena;
    struct options options = { .arena = arena, .data = fixture->folder };
    struct app app = { .keeper = fixture->keeper, .clock = clock_system() };
    struct twice twice = { .commits = 0 };
    struct rotation *rotation;
    struct rotation_state told;
    struct dialogue_rewrap left = { 0 };
    const char *checkpoints = arena_format(arena, "%s/checkpoints", fixture->folder).ptr;

    assert_int_equal(db_commit(fixture->scene.db), 0);
    admit_next_key(fixture);
    assert_int_equal(audit_open(fixture->scene.db, app.keeper, checkpoints, app.clock, &app.audit), 0);
    twice.real = audit_hooks(app.audit);
    const struct writer_hooks hooks = { &twice, begin, job_begin, job_rollback, before_commit, after_commit };
    assert_int_equal(writer_start(fixture->scene.db, &hooks, &app.writer), 0);
    assert_int_equal(rotation_new(&options, 0, &app, &rotation), 0);
    assert_int_equal(rotation_run(rotation, &told), 0);
    rotation_free(rotation);
    writer_stop(app.writer);
    audit_close(app.audit);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &fixture->scene.db), 0);
    assert_int_equal(db_begin_write(fixture->scene.db), 0);

    assert_int_equal(twice.commits, 10);   // use, wrap, shares, grants, retire: each of them twice
    assert_int_equal(told.grants, 3);   // of Emil, Anne and Lone
    assert_int_equal(told.false_grants, 0);
    assert_int_equal(told.lowest, 2);

    // The older key is forgotten: what were still under it would open no more.
    assert_int_equal(dialogue_rewrap(fixture->scene.db, fixture->scene.keys, 100, &left), 0);
    assert_int_equal(left.done, 0);
    assert_int_equal(left.false_ones, 0);
    assert_logged_once(fixture->scene.db, AUDIT_KEY_ROTATE, 2);
    assert_logged_once(fixture->scene.db, AUDIT_KEY_RETIRE, 1);
    unlink(checkpoints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_database_takes_back_is_wrapped_anew_again, locks_setup, locks_teardown),
    };
    return sodium_init() < 0 ? EXIT_FAILURE : cmocka_run_group_tests(tests, NULL, NULL);
}
