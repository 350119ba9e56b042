// SPDX-License-Identifier: MPL-2.0
// What the code does that tools/sql has made of example.sql, on a real database.
#include "example_sql.h"
#include "../tools_test.h"

#include <unistd.h>

// The files live on until the database is closed, and are gone however the test ends.
static int forget(const char *path)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    char name[64];
    int r = 0;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && r == 0; i++) {
        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        r = unlink(name);
    }
    return r;
}

static int set_up(void **state)
{
    static const char table[] = "CREATE TABLE example (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sealed BLOB, ended BIGINT)";
    char path[] = "/tmp/samtraad-sql-XXXXXX";
    struct db *db;
    int descriptor = mkstemp(path);
    if (descriptor < 0)
        return -1;
    close(descriptor);
    int r = db_open(path, DB_WRITE, &db);
    if (r == 0)
        r = db_begin_write(db);
    if (r == 0)
        r = db_script(db, table, "");
    if (r == 0)
        r = db_commit(db);
    *state = db;
    return r < 0 ? r : forget(path);
}

static int tear_down(void **state)
{
    db_close(*state);
    return 0;
}

static void add(struct db *db, int64_t id, const char *name)
{
    assert_int_equal(sql_example_add(db, &(struct sql_example_add_in){ .id = id, .name = str_from(name), .ended_null = true }), 1);
}

static void one_row_is_copied(void **state)
{
    struct db *db = *state;
    struct arena *arena;
    struct sql_example_get row;
    assert_int_equal(arena_new(SOURCE_MAX, &arena), 0);
    const struct sql_example_add_in in = { .id = 7, .name = STR("Åse"), .sealed = str_bytes(STR("a\0b")), .ended = -5 };
    assert_int_equal(sql_example_add(db, &in), 1);
    assert_int_equal(sql_example_get(db, arena, &(struct sql_example_get_in){ .id = 7 }, &row), 0);
    assert_str(row.name, "Åse");
    assert_true(str_equal(bytes_str(row.sealed), STR("a\0b")));
    assert_int_equal(row.ended, -5);
    assert_false(row.ended_null);
    // The row outlives the statement.
    assert_int_equal(sql_example_add(db, &in), -EEXIST);
    assert_str(row.name, "Åse");
    assert_int_equal(sql_example_get(db, arena, &(struct sql_example_get_in){ .id = 8 }, &row), -ENOENT);
    assert_str(row.name, "Åse");
    arena_free(arena);
}

static void rows_come_in_order_and_nulls_are_told(void **state)
{
    struct db *db = *state;
    struct db_stmt *stmt;
    struct sql_example_page row;
    add(db, 30, "c");
    add(db, 10, "a");
    add(db, 20, "b");
    assert_int_equal(sql_example_page(db, &(struct sql_example_page_in){ .above = 10, .limit = 2 }, &stmt), 0);
    assert_int_equal(sql_example_page_next(stmt, &row), 1);
    assert_int_equal(row.id, 20);
    assert_str(row.name, "b");
    assert_null(row.sealed.ptr);
    assert_true(row.ended_null);
    assert_int_equal(sql_example_page_next(stmt, &row), 1);
    assert_int_equal(row.id, 30);
    assert_int_equal(sql_example_page_next(stmt, &row), 0);
    assert_int_equal(row.id, 30);
    db_end(stmt);
}

static void changed_rows_are_counted(void **state)
{
    struct db *db = *state;
    add(db, 1, "a");
    add(db, 2, "b");
    assert_int_equal(sql_example_end(db, &(struct sql_example_end_in){ .ended = 9 }), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_row_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_come_in_order_and_nulls_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_rows_are_counted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
