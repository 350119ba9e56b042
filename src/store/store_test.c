// SPDX-License-Identifier: MPL-2.0
#include "store/migration.h"
#include "store/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

DB_QUERY(note_get, "test.note_get", "SELECT text FROM note WHERE id = ?1",
         "SELECT text FROM note WHERE id = $1", 1, 1, "i");
DB_QUERY(note_wrong, "test.note_wrong", "SELECT id, text FROM note", "SELECT id, text FROM note", 0, 1, "");
DB_QUERY(attach, "test.attach", "ATTACH '/tmp/other' AS other", "", 0, 0, "");
DB_QUERY(pragma, "test.pragma", "PRAGMA synchronous = OFF", "", 0, 0, "");
DB_QUERY(table_count, "test.table_count", "SELECT count(*) FROM sqlite_schema WHERE name = ?1",
         "SELECT count(*) FROM pg_class WHERE relname = $1", 1, 1, "t");

static const struct migration list[] = {
    { 1, "0001_note", STORE_NOTE, STORE_NOTE, { 1 } },
    { 2, "0002_more", "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY)",
      "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY)", { 2 } },
};

static int set_up(void **state)
{
    struct store_test *place = calloc(1, sizeof(*place));

    if (!place || store_place_make(&place->store) < 0)
        return -1;
    *state = place;
    if (db_open(place->store.name, DB_WRITE, &place->db) < 0)
        return -1;
    return migration_apply(place->db, list, 1, 1000);
}

static bool has_table(struct db *db, const char *name)
{
    struct db_stmt *stmt;
    bool has;

    assert_int_equal(db_start(db, &table_count, &stmt), 0);
    db_bind_text(stmt, 1, str_from(name));
    assert_int_equal(db_step(stmt), 1);
    has = db_int(stmt, 0) == 1;
    db_end(stmt);
    return has;
}

static void what_is_written_is_read_again(void **state)
{
    struct store_test *place = *state;
    struct db_stmt *stmt;
    struct db *reader;

    assert_int_equal(store_note_add(place->db, 1, STR("æøå")), 0);
    assert_int_equal(store_note_add(place->db, 2, (struct str){ NULL, 0 }), 0);
    assert_int_equal(db_changes(place->db), 1);
    assert_int_equal(store_note_add(place->db, 1, STR("again")), -EEXIST);
    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    assert_int_equal(db_start(reader, &note_get, &stmt), 0);
    db_bind_int(stmt, 1, 1);
    assert_int_equal(db_step(stmt), 1);
    assert_true(str_equal(db_text(stmt, 0), STR("æøå")));
    assert_false(db_is_null(stmt, 0));
    db_end(stmt);
    db_close(reader);
}

static void a_query_is_not_nested_in_itself(void **state)
{
    struct store_test *place = *state;
    struct db_stmt *first, *second = NULL;

    assert_int_equal(db_start(place->db, &note_get, &first), 0);
    assert_int_equal(db_start(place->db, &note_get, &second), -EBUSY);
    assert_null(second);
    db_end(first);
    assert_int_equal(db_start(place->db, &note_get, &first), 0);
    db_end(first);
}

static void a_reader_cannot_write(void **state)
{
    struct store_test *place = *state;
    struct db *reader;

    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    assert_int_equal(store_note_add(reader, 1, STR("x")), -EIO);
    db_close(reader);
    assert_int_equal(store_note_count(place->db), 0);
}

static void settings_and_other_files_are_out_of_reach(void **state)
{
    struct store_test *place = *state;
    struct db_stmt *stmt;

    assert_int_equal(db_start(place->db, &attach, &stmt), -EIO);
    assert_int_equal(db_start(place->db, &pragma, &stmt), -EIO);
}

static void a_query_with_other_counts_than_declared_does_not_start(void **state)
{
    struct store_test *place = *state;
    struct db_stmt *stmt;

    int r = db_start(place->db, &note_wrong, &stmt);
    if (r == 0) {   // a server tells when it is asked
        r = db_step(stmt);
        db_end(stmt);
    }
    assert_int_equal(r, -EIO);
}

static void nobody_else_may_read_the_file(void **state)
{
    struct store_test *place = *state;
    struct stat status;
    char path[200];

    assert_int_equal(stat(place->store.name, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    snprintf(path, sizeof(path), "%s-wal", place->store.name);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_reader_sees_one_state(void **state)
{
    struct store_test *place = *state;
    struct db *reader;

    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    assert_int_equal(store_note_add(place->db, 1, STR("one")), 0);
    assert_int_equal(db_begin_read(reader), 0);
    assert_int_equal(store_note_count(reader), 1);
    assert_int_equal(store_note_add(place->db, 2, STR("two")), 0);
    assert_int_equal(store_note_count(reader), 1);
    assert_int_equal(db_commit(reader), 0);
    assert_int_equal(store_note_count(reader), 2);
    db_close(reader);
}

static void a_missing_database_is_not_made_by_a_reader(void **state)
{
    struct store_test *place = *state;
    struct db *db;
    char path[200];

    snprintf(path, sizeof(path), "%s-none", place->store.name);
    assert_int_equal(db_open(path, DB_READ, &db), -ENOENT);
    assert_int_equal(access(path, F_OK), -1);
}

static void migrations_run_once_and_in_order(void **state)
{
    struct store_test *place = *state;

    assert_false(has_table(place->db, "more"));
    assert_int_equal(migration_apply(place->db, list, 2, 2000), 0);
    assert_true(has_table(place->db, "more"));
    assert_int_equal(migration_apply(place->db, list, 2, 3000), 0);
}

static void a_number_that_comes_late_is_applied_beside_the_later_ones(void **state)
{
    struct store_test *place = *state;
    const struct migration before[2] = { list[0], { 9, "0009_more", list[1].sqlite, list[1].postgres, { 9 } } };
    const struct migration after[3] = { list[0], { 5, "0005_late", "CREATE TABLE late (a BIGINT)", "CREATE TABLE late (a BIGINT)", { 5 } }, before[1] };

    assert_int_equal(migration_apply(place->db, before, 2, 2000), 0);
    assert_false(has_table(place->db, "late"));
    assert_int_equal(migration_apply(place->db, after, 3, 3000), 0);
    assert_true(has_table(place->db, "late"));
    assert_int_equal(migration_apply(place->db, after, 3, 4000), 0);
    assert_int_equal(migration_apply(place->db, before, 2, 5000), -ESTALE);
}

static void a_changed_migration_is_refused(void **state)
{
    struct store_test *place = *state;
    struct migration changed[2] = { list[0], list[1] };

    changed[0].checksum[31] = 1;
    assert_int_equal(migration_apply(place->db, changed, 2, 2000), -ESTALE);
    assert_false(has_table(place->db, "more"));
}

static void a_newer_database_is_refused(void **state)
{
    struct store_test *place = *state;

    assert_int_equal(migration_apply(place->db, list, 2, 2000), 0);
    assert_int_equal(migration_apply(place->db, list, 1, 2000), -ESTALE);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    struct store_test *place = *state;
    const char *const texts[] = { "CREATE TABLE half (id BIGINT); SELECT nonsense",
                                  "CREATE TABLE half (id BIGINT); COMMIT",
                                  "PRAGMA user_version = 3; CREATE TABLE half (id BIGINT)" };

    for (size_t i = 0; i < 3; i++) {
        // Only SQLite can be kept from ending the transaction, or from settings, within a text.
        struct migration broken[2] = { list[0], { 2, "0002_broken", texts[i], texts[0], { 2 } } };

        assert_int_equal(migration_apply(place->db, broken, 2, 2000), -EIO);
        assert_false(has_table(place->db, "half"));
    }
    assert_int_equal(migration_apply(place->db, list, 2, 2000), 0);
}

static void after_a_failure_nothing_goes_on_until_it_is_rolled_back(void **state)
{
    struct store_test *place = *state;

    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_add(place->db, 1, STR("one")), 0);
    assert_int_equal(db_savepoint(place->db), 0);
    assert_int_equal(store_note_add(place->db, 1, STR("again")), -EEXIST);
    assert_int_equal(db_failed(place->db), -EEXIST);
    assert_int_equal(store_note_add(place->db, 2, STR("two")), -EEXIST);
    assert_int_equal(db_commit(place->db), -EEXIST);
    assert_int_equal(db_savepoint_rollback(place->db), 0);
    assert_int_equal(db_failed(place->db), 0);
    assert_int_equal(store_note_add(place->db, 3, STR("three")), 0);
    assert_int_equal(db_commit(place->db), 0);
    assert_int_equal(store_note_count(place->db), 2);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_add(place->db, 1, STR("again")), -EEXIST);
    assert_int_equal(db_commit(place->db), -EEXIST);
    assert_int_equal(db_rollback(place->db), 0);
    assert_int_equal(store_note_count(place->db), 2);
}

// Whether the failure is told at once or later is the database's matter.
static void what_was_only_sent_fails_at_the_latest_when_it_is_settled(void **state)
{
    struct store_test *place = *state;

    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_send(place->db, 1, STR("one")), 0);
    store_note_send(place->db, 1, STR("again"));
    assert_int_equal(db_settle(place->db), -EEXIST);
    assert_int_equal(db_failed(place->db), -EEXIST);
    assert_int_equal(store_note_add(place->db, 2, STR("two")), -EEXIST);
    assert_int_equal(db_rollback(place->db), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_send(place->db, 1, STR("one")), 0);
    assert_int_equal(db_savepoint(place->db), 0);
    assert_int_equal(store_note_send(place->db, 2, STR("two")), 0);
    store_note_send(place->db, 1, STR("again"));
    assert_int_equal(db_savepoint_rollback(place->db), 0);
    assert_int_equal(store_note_send(place->db, 3, STR("three")), 0);
    assert_int_equal(store_note_count(place->db), 2);   // one's own are seen
    assert_int_equal(db_settle(place->db), 0);
    assert_int_equal(db_commit(place->db), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_send(place->db, 4, STR("four")), 0);
    store_note_send(place->db, 3, STR("again"));
    assert_int_equal(db_commit(place->db), -EEXIST);
    assert_int_equal(db_rollback(place->db), 0);
    assert_int_equal(store_note_count(place->db), 2);
}

static void many_savepoints_without_a_statement_are_nothing(void **state)
{
    struct store_test *place = *state;

    assert_int_equal(db_begin_write(place->db), 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(db_savepoint(place->db), 0);
        assert_int_equal(i % 2 ? db_savepoint_release(place->db) : db_savepoint_rollback(place->db), 0);
    }
    assert_int_equal(store_note_add(place->db, 1, STR("one")), 0);
    assert_int_equal(db_commit(place->db), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(db_commit(place->db), 0);
    assert_int_equal(store_note_count(place->db), 1);
}

static void an_empty_database_is_told_from_one_that_is_not_there(void **state)
{
    struct store_place empty;

    assert_int_equal(db_probe(((struct store_test *)*state)->store.name), 0);
    assert_int_equal(store_place_make(&empty), 0);
    assert_int_equal(db_probe(empty.name), -ENOENT);
    store_place_remove(&empty);
}

#define STORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_tear_down)

// What both databases promise.
#define BOTH                                                                                       \
    STORE_TEST(what_is_written_is_read_again),                                                     \
    STORE_TEST(a_query_is_not_nested_in_itself),                                                   \
    STORE_TEST(a_reader_cannot_write),                                                             \
    STORE_TEST(a_query_with_other_counts_than_declared_does_not_start),                            \
    STORE_TEST(a_reader_sees_one_state),                                                           \
    STORE_TEST(migrations_run_once_and_in_order),                                                  \
    STORE_TEST(a_number_that_comes_late_is_applied_beside_the_later_ones),                         \
    STORE_TEST(a_changed_migration_is_refused),                                                    \
    STORE_TEST(a_newer_database_is_refused),                                                       \
    STORE_TEST(a_migration_that_fails_leaves_nothing),                                             \
    STORE_TEST(after_a_failure_nothing_goes_on_until_it_is_rolled_back),                           \
    STORE_TEST(what_was_only_sent_fails_at_the_latest_when_it_is_settled),                         \
    STORE_TEST(many_savepoints_without_a_statement_are_nothing),                                   \
    STORE_TEST(an_empty_database_is_told_from_one_that_is_not_there)

int main(void)
{
    const struct CMUnitTest both[] = { BOTH };
    const struct CMUnitTest file[] = {
        BOTH,
        STORE_TEST(settings_and_other_files_are_out_of_reach),
        STORE_TEST(nobody_else_may_read_the_file),
        STORE_TEST(a_missing_database_is_not_made_by_a_reader),
    };

    return store_place_is_remote() ? cmocka_run_group_tests(both, NULL, NULL) : cmocka_run_group_tests(file, NULL, NULL);
}
