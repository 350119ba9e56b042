// SPDX-License-Identifier: MPL-2.0
#include "store/outbox.h"
#include "store/store_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

// As its migrations leave it.
static const char outbox_table[] =
    "CREATE TABLE outbox (id BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, due BIGINT NOT NULL,"
    " payload BLOB NOT NULL, purpose BIGINT, person BIGINT, made BIGINT, tries BIGINT, trouble BIGINT,"
    " given_up BIGINT)";
static const char outbox_table_postgres[] =
    "CREATE TABLE outbox (id BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, due BIGINT NOT NULL,"
    " payload BYTEA NOT NULL, purpose BIGINT, person BIGINT, made BIGINT, tries BIGINT, trouble BIGINT,"
    " given_up BIGINT)";

static int set_up(void **state)
{
    return store_set_up(state, outbox_table, outbox_table_postgres);
}

static void what_leaves_the_house_falls_with_its_cause(void **state)
{
    struct store_test *place = *state;
    static uint8_t long_payload[OUTBOX_PAYLOAD_MAX + 1];
    struct outbox_entry entry = {
        .id = 7, .kind = OUTBOX_MAIL, .sealed = str_bytes(STR("sealed"))
    };
    struct outbox_entry long_entry = {
        .id = 8, .kind = OUTBOX_MAIL, .sealed = bytes_from(long_payload, sizeof(long_payload))
    };

    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(db_savepoint(place->db), 0);
    assert_int_equal(outbox_add(place->db, &entry), 0);
    assert_int_equal(outbox_add(place->db, &long_entry), -EMSGSIZE);
    assert_int_equal(outbox_add(place->db, &entry), -EEXIST);
    assert_int_equal(db_savepoint_rollback(place->db), 0);
    assert_int_equal(outbox_add(place->db, &entry), 0);
    assert_int_equal(db_commit(place->db), 0);
}

// The number of the entry that is due first; 0: none is.
static int64_t due_at(struct store_test *place, struct arena *arena, int64_t now)
{
    struct outbox_entry entry = { 0 };
    int r = outbox_next(place->db, arena, OUTBOX_MAIL, now, &entry);

    assert_true(r == 0 || r == -ENOENT);
    return r == 0 ? entry.id : 0;
}

static void what_cannot_be_sent_is_tried_again_and_given_up_in_the_end(void **state)
{
    struct store_test *place = *state;
    struct arena *arena;
    const struct outbox_entry *dead;
    struct outbox_state all;
    size_t count;
    struct outbox_entry first = {
        .id = 1, .kind = OUTBOX_MAIL, .person = 5, .purpose = 2, .due = 100, .sealed = str_bytes(STR("a"))
    };
    struct outbox_entry second = { .id = 2, .kind = OUTBOX_MAIL, .due = 200, .sealed = str_bytes(STR("b")) };

    assert_int_equal(arena_new(1 << 16, &arena), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(outbox_add(place->db, &second), 0);
    assert_int_equal(outbox_add(place->db, &first), 0);
    assert_int_equal(due_at(place, arena, 99), 0);
    assert_int_equal(due_at(place, arena, 300), 1);
    assert_int_equal(outbox_fail(place->db, 1, &(struct outbox_failure){ 1, 451, 400, 0 }), 0);
    assert_int_equal(due_at(place, arena, 300), 2);
    assert_int_equal(outbox_remove(place->db, 2), 0);
    assert_int_equal(due_at(place, arena, 400), 1);
    assert_int_equal(outbox_fail(place->db, 1, &(struct outbox_failure){ 2, 550, INT64_MAX, 500 }), 0);
    assert_int_equal(due_at(place, arena, INT64_MAX), 0);
    assert_int_equal(outbox_waiting(place->db, arena, 5, 2, &second), -ENOENT);
    assert_int_equal(outbox_given_up(place->db, arena, 10, &dead, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(dead[0].trouble, 550);
    assert_int_equal(outbox_state(place->db, arena, &all), 0);
    assert_int_equal(all.given_up, 1);
    assert_int_equal(all.waiting, 0);
    assert_int_equal(outbox_retry(place->db, 1, 600), 0);
    assert_int_equal(outbox_discard(place->db, 1), -ENOENT);
    assert_int_equal(due_at(place, arena, 600), 1);
    assert_int_equal(outbox_waiting(place->db, arena, 5, 2, &second), 0);
    assert_int_equal(db_commit(place->db), 0);
    arena_free(arena);
}

#define OUTBOX_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(what_leaves_the_house_falls_with_its_cause),
        OUTBOX_TEST(what_cannot_be_sent_is_tried_again_and_given_up_in_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
