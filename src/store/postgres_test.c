// SPDX-License-Identifier: MPL-2.0
// What only a database on a server can do to us. Runs under test/postgres/run.
#include "store/store_fixture.h"

#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

DB_QUERY(note_all, "test.note_all", "", "SELECT id FROM note", 0, 1, "");

struct place {
    struct store_place store;
    struct db *db;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    if (!place || !store_place_is_remote() || store_place_make(&place->store) < 0)
        return -1;
    *state = place;
    if (db_open(place->store.name, DB_WRITE, &place->db) < 0 || db_begin_write(place->db) < 0 ||
        db_script(place->db, "", STORE_NOTE) < 0)
        return -1;
    return db_commit(place->db);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    db_close(place->db);
    store_place_remove(&place->store);
    free(place);
    return 0;
}

static void a_reader_outlives_a_server_that_was_started_again(void **state)
{
    struct place *place = *state;
    struct db *reader;

    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    assert_int_equal(store_note_count(reader), 0);
    store_end_sessions(&place->store);
    assert_int_equal(db_begin_read(reader), 0);
    assert_int_equal(store_note_count(reader), 0);
    assert_int_equal(db_commit(reader), 0);
    store_end_sessions(&place->store);
    assert_int_equal(store_note_count(reader), 0);
    db_close(reader);
}

static void a_read_that_was_cut_does_not_go_on_with_another_state(void **state)
{
    struct place *place = *state;
    struct db *reader;
    struct db_stmt *stmt;

    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    assert_int_equal(db_begin_read(reader), 0);
    assert_int_equal(store_note_count(reader), 0);
    store_end_sessions(&place->store);
    assert_int_equal(db_start(reader, &note_all, &stmt), 0);
    assert_int_equal(db_step(stmt), -ECONNRESET);
    db_end(stmt);
    assert_int_equal(db_commit(reader), -ECONNRESET);
    assert_int_equal(db_begin_read(reader), 0);
    assert_int_equal(store_note_count(reader), 0);
    assert_int_equal(db_commit(reader), 0);
    db_close(reader);
}

static void a_write_that_was_cut_leaves_nothing(void **state)
{
    struct place *place = *state;

    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_add(place->db, 1, STR("one")), 0);
    store_end_sessions(&place->store);
    assert_int_equal(store_note_add(place->db, 2, STR("two")), -ECONNRESET);
    assert_int_equal(store_note_add(place->db, 3, STR("three")), -ECONNRESET);
    assert_int_equal(db_savepoint_rollback(place->db), -ECONNRESET);
    assert_int_equal(db_commit(place->db), -ECONNRESET);
    assert_int_equal(db_rollback(place->db), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_count(place->db), 0);
    assert_int_equal(store_note_add(place->db, 4, STR("four")), 0);
    store_end_sessions(&place->store);
    assert_int_equal(db_commit(place->db), -ECONNRESET);   // it asked: the transaction is not there
    assert_int_equal(db_rollback(place->db), 0);
    assert_int_equal(store_note_count(place->db), 0);
}

static void a_second_program_does_not_write_to_the_same_database(void **state)
{
    struct place *place = *state;
    struct db *second;

    assert_int_equal(db_open(place->store.name, DB_WRITE, &second), -EBUSY);
    assert_int_equal(db_open(place->store.name, DB_READ, &second), 0);
    assert_int_equal(store_note_count(second), 0);
    db_close(second);
    db_close(place->db);
    assert_int_equal(db_open(place->store.name, DB_WRITE, &place->db), 0);
}

// Another session's turn, as of a program that was cut off and is still there for the server.
static void *hold_turn(void *data)
{
    PGconn *link = data;

    usleep(300000);
    PQclear(PQexec(link, "INSERT INTO note (id, text) VALUES (1, 'one'); COMMIT"));
    return NULL;
}

static void writers_take_turns(void **state)
{
    struct place *place = *state;
    PGconn *link = PQconnectdb(place->store.name);
    pthread_t thread;

    PQclear(PQexec(link, "BEGIN; SELECT pg_advisory_xact_lock(8385554661497365348)"));
    assert_int_equal(PQtransactionStatus(link), PQTRANS_INTRANS);
    assert_int_equal(pthread_create(&thread, NULL, hold_turn, link), 0);
    assert_int_equal(db_begin_write(place->db), 0);
    assert_int_equal(store_note_count(place->db), 1);   // it waited, and sees what was written
    assert_int_equal(db_commit(place->db), 0);
    pthread_join(thread, NULL);
    PQfinish(link);
}

static void a_server_that_is_away_is_told_at_once(void **state)
{
    struct db *db;
    struct db_stmt *stmt;

    assert_int_equal(db_open("postgresql://nobody@%2Ftmp%2Fsamtraad-no-such-folder/x", DB_WRITE, &db), -EHOSTDOWN);
    assert_int_equal(db_open("postgresql://nobody@%2Ftmp%2Fsamtraad-no-such-folder/x", DB_READ, &db), 0);
    assert_int_equal(db_begin_read(db), -EHOSTDOWN);
    assert_int_equal(db_start(db, &note_all, &stmt), 0);
    assert_int_equal(db_step(stmt), -EHOSTDOWN);
    db_end(stmt);
    db_close(db);
    assert_int_equal(db_probe("postgresql://nobody@%2Ftmp%2Fsamtraad-no-such-folder/x"), -EHOSTDOWN);
}

int main(void)
{
#define POSTGRES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        POSTGRES_TEST(a_reader_outlives_a_server_that_was_started_again),
        POSTGRES_TEST(a_read_that_was_cut_does_not_go_on_with_another_state),
        POSTGRES_TEST(a_write_that_was_cut_leaves_nothing),
        POSTGRES_TEST(a_second_program_does_not_write_to_the_same_database),
        POSTGRES_TEST(writers_take_turns),
        cmocka_unit_test(a_server_that_is_away_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
