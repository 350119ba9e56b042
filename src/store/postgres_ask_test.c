// SPDX-License-Identifier: MPL-2.0
// What is asked ahead of a database on a server (db_ask). Runs under test/postgres/run.
#include "store/store_fixture.h"

#include <errno.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

DB_QUERY(note_of, "test.note_of", "", "SELECT text FROM note WHERE id = $1", 1, 1, "i");

static int set_up(void **state)
{
    return store_place_is_remote() ? store_set_up(state, "", STORE_NOTE) : -1;
}

static void ask_for(struct db *db, int64_t id)
{
    struct db_stmt *stmt;

    assert_int_equal(db_start(db, &note_of, &stmt), 0);
    db_bind_int(stmt, 1, id);
    db_ask(stmt);
    db_end(stmt);
}

static void assert_note(struct db *db, int64_t id, const char *text)
{
    struct db_stmt *stmt;

    assert_int_equal(db_start(db, &note_of, &stmt), 0);
    db_bind_int(stmt, 1, id);
    assert_int_equal(db_step(stmt), 1);
    assert_true(str_equal(db_text(stmt, 0), str_from(text)));
    assert_int_equal(db_step(stmt), 0);
    db_end(stmt);
}

// Two notes, and a session that changes them without waiting for its turn: so it shows when an answer was given.
static PGconn *with_somebody_else(struct store_test *place)
{
    PGconn *link = PQconnectdb(place->store.name);

    PQclear(PQexec(link, "INSERT INTO note (id, text) VALUES (1, 'one'), (2, 'two')"));
    assert_int_equal(PQtransactionStatus(link), PQTRANS_IDLE);
    return link;
}

static void change_notes(PGconn *link, const char *text)
{
    const char *const values[] = { text };
    PGresult *result = PQexecParams(link, "UPDATE note SET text = $1 WHERE id < 3", 1, NULL, values, NULL, NULL, 0);

    assert_string_equal(PQcmdTuples(result), "2");
    PQclear(result);
}

static void what_was_asked_ahead_is_answered_with_the_next_statement(void **state)
{
    struct store_test *place = *state;
    PGconn *link = with_somebody_else(place);

    assert_int_equal(db_begin_write(place->db), 0);
    ask_for(place->db, 1);
    assert_int_equal(store_note_count(place->db), 2);
    change_notes(link, "other");
    assert_note(place->db, 1, "one");     // the answer that was there
    assert_note(place->db, 1, "other");   // it is given once
    ask_for(place->db, 1);
    assert_note(place->db, 2, "other");   // another's value is another question
    ask_for(place->db, 2);
    change_notes(link, "last");
    assert_note(place->db, 2, "last");   // it was not on its way yet
    assert_note(place->db, 1, "other");
    for (int64_t i = 0; i < 300; i++)   // more than are kept
        ask_for(place->db, i % 150);
    change_notes(link, "many");
    assert_note(place->db, 1, "many");
    assert_int_equal(store_note_count(place->db), 2);
    assert_int_equal(db_commit(place->db), 0);
    PQfinish(link);
}

static void what_was_asked_ahead_is_forgotten_when_something_is_written(void **state)
{
    struct store_test *place = *state;
    PGconn *link = with_somebody_else(place);

    assert_int_equal(db_begin_write(place->db), 0);
    ask_for(place->db, 1);
    assert_int_equal(store_note_count(place->db), 2);
    change_notes(link, "second");
    assert_int_equal(store_note_add(place->db, 3, STR("three")), 0);
    assert_note(place->db, 1, "second");
    ask_for(place->db, 1);
    assert_int_equal(store_note_count(place->db), 3);
    change_notes(link, "third");
    assert_int_equal(store_note_send(place->db, 4, STR("four")), 0);
    assert_note(place->db, 1, "third");
    ask_for(place->db, 1);
    assert_int_equal(store_note_count(place->db), 4);
    change_notes(link, "fourth");
    assert_int_equal(db_savepoint(place->db), 0);
    assert_note(place->db, 1, "fourth");
    ask_for(place->db, 1);
    ask_for(place->db, 2);
    assert_int_equal(db_savepoint_rollback(place->db), 0);
    assert_note(place->db, 1, "fourth");
    ask_for(place->db, 1);   // nobody comes for it
    assert_int_equal(db_commit(place->db), 0);
    change_notes(link, "fifth");
    assert_int_equal(db_begin_write(place->db), 0);
    assert_note(place->db, 1, "fifth");
    assert_int_equal(db_rollback(place->db), 0);
    PQfinish(link);
}

static void a_read_that_asked_ahead_ends_like_others(void **state)
{
    struct store_test *place = *state;
    PGconn *link = with_somebody_else(place);
    struct db *reader;

    assert_int_equal(db_open(place->store.name, DB_READ, &reader), 0);
    ask_for(reader, 1);   // outside a transaction nothing is asked
    assert_note(reader, 1, "one");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_begin_read(reader), 0);
        ask_for(reader, 1);   // the first could not be sent again
        store_end_sessions(&place->store);
        assert_note(reader, 2, "two");
        ask_for(reader, 1);
        ask_for(reader, 1);   // the same is asked once
        assert_note(reader, 1, "one");
        ask_for(reader, 1);   // nobody comes for it
        assert_int_equal(db_commit(reader), 0);
    }
    PQfinish(link);
    assert_int_equal(db_begin_read(reader), 0);
    assert_note(reader, 2, "two");
    ask_for(reader, 1);
    store_end_sessions(&place->store);
    struct db_stmt *stmt;
    assert_int_equal(db_start(reader, &note_of, &stmt), 0);
    db_bind_int(stmt, 1, 1);
    assert_int_equal(db_step(stmt), -ECONNRESET);
    db_end(stmt);
    assert_int_equal(db_commit(reader), -ECONNRESET);
    db_close(reader);
}

int main(void)
{
#define POSTGRES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        POSTGRES_TEST(what_was_asked_ahead_is_answered_with_the_next_statement),
        POSTGRES_TEST(what_was_asked_ahead_is_forgotten_when_something_is_written),
        POSTGRES_TEST(a_read_that_asked_ahead_ends_like_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
