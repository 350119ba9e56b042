// SPDX-License-Identifier: MPL-2.0
// Erasure step by step, with the power cut after each of them: it ends in erased or not erased, and always goes on.
#include "feature/retention/retention.h"

#include "store/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#define EMIL 101
#define ANNE 102
#define AGNES 103
#define BENTE 104
#define UNIT 7

struct fixture {
    char folder[64], key[96], shares[96], database[96];
    struct keeper *keeper;
    struct keyring *keys;
    struct db *db;
    struct arena *arena;
    int64_t now;
    int64_t dialogue;
};

static struct dialogue_scene dialogue_scene(struct fixture *fixture)
{
    return (struct dialogue_scene){ .db = fixture->db, .keys = fixture->keys, .arena = fixture->arena, .now = fixture->now };
}

static struct retention_scene scene(struct fixture *fixture)
{
    return (struct retention_scene){ fixture->db, fixture->keys, fixture->arena, fixture->now, 30 * DAY_MS, 7 * DAY_MS, false };
}

static void open_all(struct fixture *fixture)
{
    assert_int_equal(keeper_start(fixture->key, &fixture->keeper), 0);
    assert_int_equal(keeper_open_shares(fixture->keeper, fixture->shares, true), 0);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &fixture->db), 0);
    assert_int_equal(migration_run(fixture->db, fixture->now), 0);
    assert_int_equal(keyring_new(fixture->keeper, &fixture->keys), 0);
    assert_int_equal(arena_new(16 << 20, &fixture->arena), 0);
}

static void close_all(struct fixture *fixture)
{
    arena_free(fixture->arena);
    keyring_free(fixture->keys);
    db_close(fixture->db);
    keeper_stop(fixture->keeper);
}

// The power went, and is back: what was not committed is gone, and so is what was in memory.
static void cut_the_power(struct fixture *fixture)
{
    close_all(fixture);
    open_all(fixture);
}

static void start_dialogue(struct fixture *fixture)
{
    struct dialogue_scene at = dialogue_scene(fixture);
    struct dialogue *dialogue;

    assert_int_equal(db_begin_write(fixture->db), 0);
    assert_int_equal(dialogue_start(&at, &(struct dialogue_new){ .unit = UNIT, .citizen = EMIL, .coordinator = ANNE, .topic = STR("Blåbær"),
        .citizen_words = STR("borger"), .coordinator_words = STR("sagsbehandler") }, &dialogue), 0);
    fixture->dialogue = dialogue->id;
    assert_int_equal(dialogue_close(dialogue), 0);
    assert_int_equal(dialogue_journalised(dialogue), 0);
    struct retention_scene rules = scene(fixture);
    assert_int_equal(retention_rule_set(&rules, UNIT, &(struct retention_rule){ 5, AGNES, fixture->now, STR("Bevaring") }), 0);
    assert_int_equal(db_commit(fixture->db), 0);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->now = 1790000000000;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-retention-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->key, sizeof(fixture->key), "%s/key", fixture->folder);
    snprintf(fixture->shares, sizeof(fixture->shares), "%s/shares", fixture->folder);
    snprintf(fixture->database, sizeof(fixture->database), "%s/db", fixture->folder);
    assert_int_equal(keeper_create_key(fixture->key), 0);
    open_all(fixture);
    start_dialogue(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = { "key", "shares", "shares.rewrap", "db", "db-wal", "db-shm" };
    struct fixture *fixture = *state;
    char path[128];

    close_all(fixture);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

static bool opens(struct fixture *fixture)
{
    struct dialogue_scene at = dialogue_scene(fixture);
    struct dialogue *dialogue;

    keyring_trim(fixture->keys);
    int result = dialogue_open(&at, fixture->dialogue, EMIL, &dialogue);
    assert_true(result == 0 || result == -ENOENT);
    return result == 0;
}

static int64_t ask_and_agree(struct fixture *fixture)
{
    struct retention_scene at = scene(fixture);
    int64_t id;

    assert_int_equal(db_begin_write(fixture->db), 0);
    assert_int_equal(erasure_ask(&at, fixture->dialogue, AGNES, STR("Fristen"), &id), 0);
    assert_int_equal(erasure_agree(&at, id, BENTE), 0);
    assert_int_equal(db_commit(fixture->db), 0);
    return id;
}

// One step, committed or not; what erasure_next gave.
static int step(struct fixture *fixture, bool commits, struct erasure_step *ret_step)
{
    struct retention_scene at = scene(fixture);

    *ret_step = (struct erasure_step){ .share = 0 };
    assert_int_equal(db_begin_write(fixture->db), 0);
    int result = erasure_next(&at, fixture->keeper, ret_step);
    assert_true(result >= 0);
    assert_int_equal(commits ? db_commit(fixture->db) : db_rollback(fixture->db), 0);
    return result;
}

static enum erasure_state state_of(struct fixture *fixture, int64_t id)
{
    struct retention_scene at = scene(fixture);
    struct erasure erasure;

    assert_int_equal(erasure_get(&at, id, &erasure), 0);
    return erasure.state;
}

static void rules_and_times_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct retention_scene at = scene(fixture);
    const struct retention_due *list;
    size_t count;
    int64_t id;

    assert_int_equal(retention_due(&at, UNIT, &list, &count), 0);
    assert_int_equal(count, 0);
    at.now += 5 * RETENTION_YEAR_MS - 1;
    assert_int_equal(retention_due(&at, UNIT, &list, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(erasure_ask(&at, fixture->dialogue, AGNES, STR("Fristen"), &id), -ENOENT);
    at.now += 1;
    assert_int_equal(retention_due(&at, UNIT, &list, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(erasure_ask(&at, fixture->dialogue, AGNES, STR("Fristen"), &id), 0);
    assert_int_equal(erasure_ask(&at, fixture->dialogue, BENTE, STR("Fristen"), &id), -ENOENT);
    assert_int_equal(erasure_agree(&at, id, AGNES), -EPERM);
    at.now += 30 * DAY_MS + 1;
    assert_int_equal(erasure_agree(&at, id, BENTE), -ETIME);
    // Too old to agree to, it may be asked for anew.
    assert_int_equal(erasure_ask(&at, fixture->dialogue, BENTE, STR("Igen"), &id), 0);
    assert_int_equal(erasure_agree(&at, id, AGNES), 0);
    assert_int_equal(erasure_agree(&at, id, AGNES), -ENOENT);
    assert_int_equal(erasure_stop(&at, id, ANNE), 0);
    assert_int_equal(erasure_stop(&at, id, ANNE), -ENOENT);
}

static void nothing_happens_before_the_wait_is_over_and_then_it_can_not_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct erasure_step done;

    fixture->now += 6 * RETENTION_YEAR_MS;
    int64_t id = ask_and_agree(fixture);
    fixture->now += 7 * DAY_MS - 1;
    assert_int_equal(step(fixture, true, &done), 0);
    assert_true(opens(fixture));
    fixture->now += 1;
    assert_int_equal(step(fixture, true, &done), 1);
    assert_int_equal(done.event.kind, AUDIT_ERASURE_BEGIN);
    assert_int_equal(done.share, 0);
    struct retention_scene at = scene(fixture);
    assert_int_equal(erasure_stop(&at, id, AGNES), -ENOENT);
}

static void a_power_cut_after_any_step_ends_in_erased_or_not_and_it_goes_on(void **state)
{
    struct fixture *fixture = *state;
    struct erasure_step done;

    fixture->now += 6 * RETENTION_YEAR_MS;
    int64_t id = ask_and_agree(fixture);
    fixture->now += 8 * DAY_MS;
    // Before the first commit: nothing has happened.
    assert_int_equal(step(fixture, false, &done), 1);
    cut_the_power(fixture);
    assert_int_equal(state_of(fixture, id), ERASURE_AGREED);
    assert_true(opens(fixture));
    // After it, before the share is destroyed.
    assert_int_equal(step(fixture, true, &done), 1);
    cut_the_power(fixture);
    assert_int_equal(state_of(fixture, id), ERASURE_BEGUN);
    assert_true(opens(fixture));
    // The next start knows what is to be done.
    assert_int_equal(step(fixture, true, &done), 1);
    assert_int_equal(done.event.kind, AUDIT_UNSET);
    assert_true(done.share > 0);
    assert_int_equal(keeper_destroy_share(fixture->keeper, done.share), 0);
    assert_false(opens(fixture));
    // After the share, before the rows are gone.
    cut_the_power(fixture);
    assert_false(opens(fixture));
    assert_int_equal(step(fixture, false, &done), 1);
    cut_the_power(fixture);
    assert_int_equal(state_of(fixture, id), ERASURE_BEGUN);
    assert_int_equal(step(fixture, true, &done), 1);
    assert_int_equal(done.event.kind, AUDIT_ERASURE_DONE);
    assert_int_equal(done.event.dialogue, fixture->dialogue);
    cut_the_power(fixture);
    assert_int_equal(state_of(fixture, id), ERASURE_DONE);
    assert_false(opens(fixture));
    assert_int_equal(step(fixture, true, &done), 0);
}

static void a_dialogue_that_is_no_longer_due_is_not_erased(void **state)
{
    struct fixture *fixture = *state;
    struct erasure_step done;

    fixture->now += 6 * RETENTION_YEAR_MS;
    int64_t id = ask_and_agree(fixture);
    struct retention_scene at = scene(fixture);
    assert_int_equal(db_begin_write(fixture->db), 0);
    assert_int_equal(retention_rule_set(&at, UNIT, &(struct retention_rule){ .years = 0 }), 0);
    assert_int_equal(db_commit(fixture->db), 0);
    fixture->now += 8 * DAY_MS;
    assert_int_equal(step(fixture, true, &done), 1);
    assert_int_equal(done.share, 0);
    assert_int_equal(state_of(fixture, id), ERASURE_STOPPED);
    assert_true(opens(fixture));
}

// Somebody points the row at another dialogue's share, so that erasing the one would destroy the other.
static void another_dialogues_share_is_never_destroyed(void **state)
{
    struct fixture *fixture = *state;
    struct erasure_step done;
    int64_t first = fixture->dialogue;

    start_dialogue(fixture);
    fixture->now += 6 * RETENTION_YEAR_MS;
    ask_and_agree(fixture);
    fixture->now += 8 * DAY_MS;
    assert_int_equal(db_begin_write(fixture->db), 0);
    assert_int_equal(db_script(fixture->db, "UPDATE dialogue SET share = 1 WHERE share = 2", "SELECT 1"), 0);
    assert_int_equal(db_commit(fixture->db), 0);
    assert_int_equal(step(fixture, true, &done), 1);
    assert_int_equal(done.share, 0);
    assert_int_equal(done.event.kind, AUDIT_ERASURE_STOP);
    fixture->dialogue = first;
    assert_true(opens(fixture));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_and_times_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_happens_before_the_wait_is_over_and_then_it_can_not_be_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_power_cut_after_any_step_ends_in_erased_or_not_and_it_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dialogue_that_is_no_longer_due_is_not_erased, setup, teardown),
        cmocka_unit_test_setup_teardown(another_dialogues_share_is_never_destroyed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
