// SPDX-License-Identifier: MPL-2.0
#include "store/writer.h"

#include "base/clock.h"
#include "store/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

DB_QUERY(note_count, "test.note_count", "SELECT count(*) FROM note WHERE id >= ?1 AND id < ?2",
         "SELECT count(*) FROM note WHERE id >= $1 AND id < $2", 2, 1, "ii");

#define THREADS 16
#define EACH 200
#define RARE 67   // every so manieth job fails: savepoints come and go

// Takes the place of the C library's in the whole program, SQLite included.
static atomic_bool disk_is_broken;

int fdatasync(int fd)
{
    if (atomic_load(&disk_is_broken)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

struct place {
    struct store_place store;
    struct db *db;   // NULL once the writer has it
    struct writer *writer;
    // What the hooks have seen.
    int begun, rolled_back, before, committed, lost;
    int refuse;   // what before_commit returns
};

struct note {
    struct write_job job;   // first
    int64_t id;
    struct str text;
    int fail;   // what apply returns after it has written
    int result;
    atomic_int done;
};

static void hook_begin(void *context)
{
    ((struct place *)context)->begun++;
}

static void hook_rollback(void *context)
{
    ((struct place *)context)->rolled_back++;
}

static int hook_before(void *context, struct db *db)
{
    ((struct place *)context)->before++;
    return ((struct place *)context)->refuse;
}

static void hook_after(void *context, bool committed)
{
    struct place *place = context;

    if (committed)
        place->committed++;
    else
        place->lost++;
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    const struct writer_hooks hooks = {
        place, NULL, hook_begin, hook_rollback, hook_before, hook_after,
    };

    if (!place || store_place_make(&place->store) < 0)
        return -1;
    *state = place;
    if (db_open(place->store.name, DB_WRITE, &place->db) < 0 || db_begin_write(place->db) < 0 ||
        db_script(place->db, STORE_NOTE, STORE_NOTE) < 0 || db_commit(place->db) < 0)
        return -1;
    return writer_start(place->db, &hooks, &place->writer);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    writer_stop(place->writer);
    store_place_remove(&place->store);
    free(place);
    return 0;
}

static int apply_note(struct write_job *job, struct db *db)
{
    struct note *note = (struct note *)job;
    int r = store_note_add(db, note->id, note->text);

    return r < 0 ? r : note->fail;
}

static void note_done(struct write_job *job, int result)
{
    struct note *note = (struct note *)job;

    note->result = result;
    atomic_fetch_add(&note->done, 1);
}

static struct note note_of(int64_t id)
{
    return (struct note){ .job = { .apply = apply_note, .done = note_done },
                          .id = id,
                          .text = STR("note") };
}

static int64_t count_notes(const struct place *place, int64_t from, int64_t to)
{
    struct db_stmt *stmt;
    struct db *db;
    int64_t count;

    assert_int_equal(db_open(place->store.name, DB_READ, &db), 0);
    assert_int_equal(db_start(db, &note_count, &stmt), 0);
    db_bind_int(stmt, 1, from);
    db_bind_int(stmt, 2, to);
    assert_int_equal(db_step(stmt), 1);
    count = db_int(stmt, 0);
    db_end(stmt);
    db_close(db);
    return count;
}

struct producer {
    struct place *place;
    int64_t number;
    int wrong;
};

static void *produce(void *data)
{
    struct producer *producer = data;

    for (int64_t i = 0; i < EACH; i++) {
        struct note note = note_of(producer->number * EACH + i);

        note.fail = i % RARE == 3 ? -EPERM : 0;
        if (writer_run(producer->place->writer, &note.job) != note.fail || note.done != 1)
            producer->wrong++;
    }
    return NULL;
}

static void many_threads_share_transactions_and_failures_harm_nobody_else(void **state)
{
    struct place *place = *state;
    struct producer producers[THREADS];
    pthread_t threads[THREADS];
    struct writer_statistics statistics;
    int failing = 0;

    for (int i = 0; i < THREADS; i++) {
        producers[i] = (struct producer){ place, i, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(producers[i].wrong, 0);
    }
    for (int i = 0; i < EACH; i++)
        failing += i % RARE == 3;
    statistics = writer_statistics(place->writer);
    assert_int_equal(statistics.jobs, THREADS * EACH);
    assert_int_equal(statistics.failed, THREADS * failing);
    assert_true(statistics.transactions < statistics.jobs);
    assert_int_equal(count_notes(place, 0, THREADS * EACH), THREADS * (EACH - failing));
    // What failed among others was run twice, and the others with it.
    assert_true(place->begun >= THREADS * EACH);
    assert_in_range(place->rolled_back, THREADS * failing, 2 * THREADS * failing);
}

static void a_job_that_fails_alone_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct note note = note_of(1);

    note.fail = -EPERM;
    assert_int_equal(writer_run(place->writer, &note.job), -EPERM);
    assert_int_equal(count_notes(place, 0, 10), 0);
    assert_int_equal(place->rolled_back, 1);
    assert_int_equal(place->before, 0);
    assert_int_equal(place->lost, 1);
}

static void when_the_log_cannot_be_written_nothing_is(void **state)
{
    struct place *place = *state;
    struct note first = note_of(1), second = note_of(2);

    place->refuse = -EBADMSG;
    assert_int_equal(writer_run(place->writer, &first.job), -EBADMSG);
    assert_int_equal(place->lost, 1);
    place->refuse = 0;
    assert_int_equal(writer_run(place->writer, &second.job), 0);
    assert_int_equal(place->committed, 1);
    assert_int_equal(count_notes(place, 0, 10), 1);
}

// Submits many jobs at once, the first of which keeps the writer busy, so that they share a
// transaction.
static int apply_slowly(struct write_job *job, struct db *db)
{
    usleep(50000);
    return apply_note(job, db);
}

static void submit_together(struct place *place, struct note *notes, int count)
{
    notes[0].job.apply = apply_slowly;
    for (int i = 0; i < count; i++)
        writer_submit(place->writer, &notes[i].job);
}

static void wait_for(struct note *notes, int count)
{
    for (int i = 0; i < count; i++)
        while (atomic_load(&notes[i].done) == 0)
            usleep(1000);
}

static int apply_sent(struct write_job *job, struct db *db)
{
    return store_note_send(db, ((struct note *)job)->id, STR("note"));
}

static void who_sent_what_fails_is_told_and_nobody_else(void **state)
{
    struct place *place = *state;
    static const int64_t ids[] = { 1, 2, 3, 1, 4, 2, 5 };
    static struct note notes[7];
    struct note alone = note_of(3), last = note_of(6);

    for (int i = 0; i < 7; i++)
        notes[i] = (struct note){ .job = { .apply = apply_sent, .done = note_done }, .id = ids[i], .text = STR("note") };
    submit_together(place, notes, 7);
    wait_for(notes, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(notes[i].result, i == 3 || i == 5 ? -EEXIST : 0);
    assert_int_equal(count_notes(place, 0, 10), 5);
    alone.job.apply = last.job.apply = apply_sent;
    assert_int_equal(writer_run(place->writer, &alone.job), -EEXIST);
    assert_int_equal(writer_run(place->writer, &last.job), 0);
    assert_int_equal(count_notes(place, 0, 10), 6);
}

static void stopping_finishes_what_waits(void **state)
{
    struct place *place = *state;
    static struct note notes[3000];

    for (int i = 0; i < 3000; i++)
        notes[i] = note_of(i);
    submit_together(place, notes, 3000);
    writer_stop(place->writer);
    place->writer = NULL;
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(notes[i].done, 1);
        assert_int_equal(notes[i].result, 0);
    }
    assert_int_equal(count_notes(place, 0, 3000), 3000);
}

static void a_full_disk_refuses_and_writes_go_on_when_there_is_room(void **state)
{
    struct place *place = *state;
    static char megabyte[1 << 20];
    struct rlimit old, small;
    static struct note notes[20];
    struct note last = note_of(100);
    int full = 0;

    memset(megabyte, 'x', sizeof(megabyte));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 4 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 20; i++) {
        notes[i] = note_of(i);
        notes[i].text = (struct str){ megabyte, sizeof(megabyte) };
    }
    submit_together(place, notes, 20);
    wait_for(notes, 20);
    for (int i = 0; i < 20; i++) {
        assert_true(notes[i].result == 0 || notes[i].result == -ENOSPC);
        full += notes[i].result == -ENOSPC;
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_true(full > 0);
    assert_false(writer_broken(place->writer));
    assert_int_equal(count_notes(place, 0, 20), 20 - full);
    assert_int_equal(writer_run(place->writer, &last.job), 0);
    assert_int_equal(count_notes(place, 100, 101), 1);
}

static void after_a_failed_fsync_nothing_is_acknowledged(void **state)
{
    struct place *place = *state;
    struct note before = note_of(1), during = note_of(2), after = note_of(3);

    assert_int_equal(writer_run(place->writer, &before.job), 0);
    atomic_store(&disk_is_broken, true);
    assert_int_equal(writer_run(place->writer, &during.job), -ENOTRECOVERABLE);
    atomic_store(&disk_is_broken, false);
    assert_true(writer_broken(place->writer));
    assert_int_equal(writer_run(place->writer, &after.job), -ESHUTDOWN);
    assert_int_equal(count_notes(place, 0, 10), 1);
}

// A job during which the server ends all sessions, the first time that it runs.
struct cut {
    struct note note;   // first
    struct place *place;
    int runs;
};

static int apply_and_cut(struct write_job *job, struct db *db)
{
    struct cut *cut = (struct cut *)job;
    int r = apply_note(job, db);

    if (cut->runs++ == 0)
        store_end_sessions(&cut->place->store);
    return r;
}

static void what_the_server_takes_back_is_written_once_all_the_same(void **state)
{
    struct place *place = *state;
    struct note notes[3] = { note_of(1), note_of(2), note_of(4) };
    struct cut cut = { .note = note_of(3), .place = place };

    notes[1].fail = -EPERM;
    cut.note.job.apply = apply_and_cut;
    writer_submit(place->writer, &notes[0].job);
    writer_submit(place->writer, &notes[1].job);
    writer_submit(place->writer, &cut.note.job);
    writer_submit(place->writer, &notes[2].job);
    wait_for(notes, 3);
    wait_for(&cut.note, 1);
    assert_int_equal(notes[0].result, 0);
    assert_int_equal(notes[1].result, -EPERM);
    assert_int_equal(notes[2].result, 0);
    assert_int_equal(cut.note.result, 0);
    assert_int_equal(cut.runs, 2);
    assert_int_equal(count_notes(place, 0, 10), 3);
}

#define WRITER_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest file[] = {
        WRITER_TEST(many_threads_share_transactions_and_failures_harm_nobody_else),
        WRITER_TEST(a_job_that_fails_alone_leaves_nothing),
        WRITER_TEST(when_the_log_cannot_be_written_nothing_is),
        WRITER_TEST(who_sent_what_fails_is_told_and_nobody_else),
        WRITER_TEST(stopping_finishes_what_waits),
        WRITER_TEST(a_full_disk_refuses_and_writes_go_on_when_there_is_room),
        WRITER_TEST(after_a_failed_fsync_nothing_is_acknowledged),
    };
    const struct CMUnitTest server[] = {
        WRITER_TEST(many_threads_share_transactions_and_failures_harm_nobody_else),
        WRITER_TEST(a_job_that_fails_alone_leaves_nothing),
        WRITER_TEST(when_the_log_cannot_be_written_nothing_is),
        WRITER_TEST(who_sent_what_fails_is_told_and_nobody_else),
        WRITER_TEST(stopping_finishes_what_waits),
        WRITER_TEST(what_the_server_takes_back_is_written_once_all_the_same),
    };

    return store_place_is_remote() ? cmocka_run_group_tests(server, NULL, NULL)
                                   : cmocka_run_group_tests(file, NULL, NULL);
}
