// SPDX-License-Identifier: MPL-2.0
// What only a database on a server can do to us. Runs under test/postgres/run.
#include "base/buf.h"
#include "store/listener.h"
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


static int set_up(void **state)
{
    return store_place_is_remote() ? store_set_up(state, "", STORE_NOTE) : -1;
}

static void a_reader_outlives_a_server_that_was_started_again(void **state)
{
    struct store_test *place = *state;
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
    struct store_test *place = *state;
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
    struct store_test *place = *state;

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
    struct store_test *place = *state;
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
    struct store_test *place = *state;
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

// Two programs that know of each other, as the first and the second that came.
struct both {
    struct db *first, *second;
};

static struct both open_both(struct store_test *place)
{
    struct both both;

    db_close(place->db);
    place->db = NULL;
    assert_int_equal(db_open(place->store.name, DB_WRITE_BESIDE, &both.first), 0);
    assert_true(db_alone(both.first));
    assert_int_equal(db_join(both.first), 0);
    assert_false(db_alone(both.first));
    assert_int_equal(db_open(place->store.name, DB_WRITE_BESIDE, &both.second), 0);
    assert_false(db_alone(both.second));
    assert_int_equal(db_join(both.second), 0);
    return both;
}

static void close_both(struct store_test *place, struct both *both)
{
    db_close(both->first);
    db_close(both->second);
    assert_int_equal(db_open(place->store.name, DB_WRITE, &place->db), 0);
}

static void write_one(struct db *db, int64_t id)
{
    assert_int_equal(db_begin_write(db), 0);
    assert_int_equal(store_note_add(db, id, STR("note")), 0);
    assert_int_equal(db_commit(db), 0);
}

static void notice_the_cut(struct db *db)
{
    assert_int_equal(db_begin_write(db), 0);
    assert_int_equal(store_note_add(db, 9, STR("note")), -ECONNRESET);
    assert_int_equal(db_rollback(db), 0);
}

static void programs_that_allow_it_write_in_turns_also_after_their_connections_broke(void **state)
{
    struct store_test *place = *state;
    struct both both = open_both(place);
    struct db *alone;

    write_one(both.first, 1);
    write_one(both.second, 2);
    assert_int_equal(db_open(place->store.name, DB_WRITE, &alone), -EBUSY);
    store_end_sessions(&place->store);
    notice_the_cut(both.second);
    notice_the_cut(both.first);
    // Whichever comes first leaves room for the other.
    write_one(both.second, 3);
    write_one(both.first, 4);
    assert_int_equal(store_note_count(both.first), 4);
    close_both(place, &both);
}

// What a listener hears, a line after the other.
struct ear {
    pthread_mutex_t lock;
    struct buf heard;
    int hearing, deaf;
};

static void hear_line(void *context, struct str line)
{
    struct ear *ear = context;

    pthread_mutex_lock(&ear->lock);
    buf_str(&ear->heard, line);
    buf_char(&ear->heard, '|');
    pthread_mutex_unlock(&ear->lock);
}

static void count_deaf(void *context)
{
    __atomic_add_fetch(&((struct ear *)context)->deaf, 1, __ATOMIC_SEQ_CST);
}

static void count_hearing(void *context)
{
    __atomic_add_fetch(&((struct ear *)context)->hearing, 1, __ATOMIC_SEQ_CST);
}

static void wait_until(const int *count, int wanted)
{
    for (int i = 0; i < 1000 && __atomic_load_n(count, __ATOMIC_SEQ_CST) < wanted; i++)
        usleep(10000);
    assert_true(__atomic_load_n(count, __ATOMIC_SEQ_CST) >= wanted);
}

static bool has_heard(struct ear *ear, const char *text)
{
    pthread_mutex_lock(&ear->lock);
    bool same = str_equal(buf_view(&ear->heard), str_from(text));
    pthread_mutex_unlock(&ear->lock);
    return same;
}

static void wait_to_hear(struct ear *ear, const char *text)
{
    for (int i = 0; i < 1000 && !has_heard(ear, text); i++)
        usleep(10000);
    assert_true(has_heard(ear, text));
}

static void tell(struct db *db, int64_t id, const char *kept, const char *taken_back, bool commit)
{
    assert_int_equal(db_begin_write(db), 0);
    assert_int_equal(store_note_add(db, id, STR("note")), 0);
    assert_int_equal(db_tell(db, str_from(kept)), 0);
    assert_int_equal(db_savepoint(db), 0);
    assert_int_equal(db_tell(db, str_from(taken_back)), 0);
    assert_int_equal(db_savepoint_rollback(db), 0);
    assert_int_equal(commit ? db_commit(db) : db_rollback(db), 0);
}

// More than one notification takes.
static void tell_much(struct db *db, int64_t id)
{
    char line[900];

    memset(line, 'x', sizeof(line));
    assert_int_equal(db_begin_write(db), 0);
    assert_int_equal(store_note_add(db, id, STR("note")), 0);
    for (int i = 0; i < 20; i++) {
        line[0] = (char)('a' + i);   // the same notification twice is one
        assert_int_equal(db_tell(db, (struct str){ line, sizeof(line) }), 0);
    }
    assert_int_equal(db_commit(db), 0);
}

static void what_was_told_is_heard_once_it_is_committed_and_nothing_else(void **state)
{
    struct store_test *place = *state;
    struct both both = open_both(place);
    struct ear ear = { .lock = PTHREAD_MUTEX_INITIALIZER, .heard = buf_bounded(1 << 20) };
    const struct listener_calls calls = { &ear, hear_line, count_deaf, count_hearing };
    struct listener *one, *two;

    assert_int_equal(listener_start(place->store.name, &calls, &one), 0);
    wait_until(&ear.hearing, 1);
    tell(both.first, 1, "one", "not this", true);
    tell(both.first, 2, "nor this", "nor that", false);
    tell(both.second, 3, "two", "not this either", true);
    wait_to_hear(&ear, "one|two|");
    for (int i = 0; i < 500 && !listener_leads(one); i++)
        usleep(10000);
    assert_true(listener_leads(one));
    // After a broken connection it says so, and hears what comes then.
    store_end_sessions(&place->store);
    wait_until(&ear.hearing, 2);
    assert_true(ear.deaf >= 2);
    notice_the_cut(both.first);
    notice_the_cut(both.second);
    tell(both.first, 4, "three", "no", true);
    wait_to_hear(&ear, "one|two|three|");
    tell_much(both.second, 5);
    for (int i = 0; i < 1000 && ear.heard.len < 14 + 20 * 901; i++)
        usleep(10000);
    assert_int_equal(ear.heard.len, 14 + 20 * 901);
    // One of two leads; when it ends, the other does.
    const struct listener_calls others = { &ear, hear_line, count_deaf, count_hearing };
    assert_int_equal(listener_start(place->store.name, &others, &two), 0);
    wait_until(&ear.hearing, 3);
    for (int i = 0; i < 500 && !listener_leads(one); i++)
        usleep(10000);
    assert_true(listener_leads(one));
    assert_false(listener_leads(two));
    listener_stop(one);
    for (int i = 0; i < 500 && !listener_leads(two); i++)
        usleep(10000);
    assert_true(listener_leads(two));
    listener_stop(two);
    buf_free(&ear.heard);
    close_both(place, &both);
}

struct needed {
    uint16_t ports[4];
    size_t count;
};

static int note_port(void *context, uint16_t port)
{
    struct needed *needed = context;

    needed->ports[needed->count++] = port;
    return 0;
}

static int note_file(void *context, const char *path)
{
    return 0;
}

static void the_ports_of_all_hosts_are_needed(void **state)
{
    struct needed needed = { .count = 0 };

    assert_int_equal(db_needs("postgresql://samtraad@one:5433,two:5434/x?target_session_attrs=read-write",
                              &(struct db_needs){ &needed, note_file, note_port }), 0);
    assert_int_equal(needed.count, 3);
    assert_int_equal(needed.ports[0], 5432);
    assert_int_equal(needed.ports[1], 5433);
    assert_int_equal(needed.ports[2], 5434);
}

static void a_file_is_nobody_elses_beside(void **state)
{
    struct db *db;

    assert_int_equal(db_open("/tmp/samtraad-no-such-file.db", DB_WRITE_BESIDE, &db), -EINVAL);
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
#define POSTGRES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        POSTGRES_TEST(a_reader_outlives_a_server_that_was_started_again),
        POSTGRES_TEST(a_read_that_was_cut_does_not_go_on_with_another_state),
        POSTGRES_TEST(a_write_that_was_cut_leaves_nothing),
        POSTGRES_TEST(a_second_program_does_not_write_to_the_same_database),
        POSTGRES_TEST(writers_take_turns),
        POSTGRES_TEST(programs_that_allow_it_write_in_turns_also_after_their_connections_broke),
        POSTGRES_TEST(what_was_told_is_heard_once_it_is_committed_and_nothing_else),
        cmocka_unit_test(the_ports_of_all_hosts_are_needed),
        cmocka_unit_test(a_file_is_nobody_elses_beside),
        cmocka_unit_test(a_server_that_is_away_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
