// SPDX-License-Identifier: MPL-2.0
// What the log does for those who keep to the rules. What it does against others: tamper_test.c.
#include "audit/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY 100000
#define BATCH 1000

static void what_was_logged_stands_there_after_a_restart(void **state)
{
    struct audit_fixture *fixture = *state;
    struct audit_report before, after;

    for (int size = 0; size < 40; size += 3) {
        before = fixture_verify(fixture);
        assert_null(before.problem);
        assert_int_equal(before.records, size);
        assert_int_equal(fixture_reopen(fixture), 0);
        after = fixture_verify(fixture);
        assert_memory_equal(before.root, after.root, 32);
        fixture_append(fixture, 3);
        assert_memory_not_equal(before.root, fixture_verify(fixture).root, 32);
    }
}

static void assert_lie(struct audit_fixture *fixture, int64_t recent, int64_t indexed)
{
    sqlite3 *raw = fixture_open_raw(fixture);
    sqlite3_stmt *stmt;

    assert_int_equal(sqlite3_prepare_v2(raw, "SELECT (SELECT COUNT(*) FROM audit_recent), (SELECT COUNT(*) FROM audit_indexed)", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(stmt, 0), recent);
    assert_int_equal(sqlite3_column_int64(stmt, 1), indexed);
    sqlite3_finalize(stmt);
    sqlite3_close(raw);
    struct audit_report report = fixture_verify(fixture);
    assert_null(report.problem);
    assert_int_equal(report.records, recent + indexed);
}

static void records_come_into_the_indexes_a_thousand_at_a_time(void **state)
{
    struct audit_fixture *fixture = *state;

    fixture_append(fixture, 1020);
    assert_lie(fixture, 1020, 0);
    assert_int_equal(fixture_reopen(fixture), 0);
    fixture_append(fixture, 3);
    assert_lie(fixture, 1023, 0);
    fixture_append(fixture, 3);
    assert_lie(fixture, 0, 1026);
    fixture_append(fixture, 1023);
    assert_lie(fixture, 1023, 1026);
    assert_int_equal(fixture_reopen(fixture), 0);
    fixture_append(fixture, 1);
    assert_lie(fixture, 0, 2050);
}

static void only_real_events_can_be_logged(void **state)
{
    struct audit_fixture *fixture = *state;
    const enum audit_kind kinds[] = { AUDIT_UNSET, AUDIT_NONE, AUDIT_KIND_COUNT, (enum audit_kind)1000 };

    assert_int_equal(db_begin_write(fixture->db), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(audit_append(fixture->audit, fixture->db, &(struct audit_event){ .kind = kinds[i] }), -EINVAL);
    assert_int_equal(db_rollback(fixture->db), 0);
    for (int kind = AUDIT_NONE; kind < AUDIT_KIND_COUNT; kind++) {
        assert_string_not_equal(audit_kind_name((enum audit_kind)kind), "unknown");
        for (int other = AUDIT_NONE; other < kind; other++)
            assert_string_not_equal(audit_kind_name((enum audit_kind)kind), audit_kind_name((enum audit_kind)other));
    }
    assert_string_equal(audit_kind_name(AUDIT_DIALOGUE_READ), "dialogue-read");
    assert_string_equal(audit_kind_name(AUDIT_KIND_COUNT), "unknown");
}

struct logging_job {
    struct write_job job;
    struct audit *audit;
    int64_t dialogue;
    int result;
};

static int log_and_return(struct write_job *job, struct db *db)
{
    struct logging_job *logging = (struct logging_job *)job;
    const struct audit_event event = { .kind = AUDIT_POST_WRITE, .person = 4, .dialogue = logging->dialogue };
    int r = audit_append(logging->audit, db, &event);

    return r < 0 ? r : logging->result;
}

static void ignore_result(struct write_job *job, int result)
{
}

static void a_job_that_fails_leaves_no_trace_in_the_log(void **state)
{
    struct audit_fixture *fixture = *state;
    const struct writer_hooks hooks = audit_hooks(fixture->audit);
    struct logging_job jobs[200];
    struct writer *writer;

    assert_int_equal(writer_start(fixture->db, &hooks, &writer), 0);
    for (int i = 0; i < 200; i++) {
        jobs[i] = (struct logging_job){
            .job = { .apply = log_and_return, .done = ignore_result },
            .audit = fixture->audit,
            .dialogue = i % 3 == 1 ? 66 : 7,
            .result = i % 3 == 1 ? -ENOENT : 0,
        };
        if (i < 100)
            assert_int_equal(writer_run(writer, &jobs[i].job), jobs[i].result);
        else
            writer_submit(writer, &jobs[i].job);
    }
    writer_stop(writer);
    fixture->db = NULL;
    assert_int_equal(fixture_reopen(fixture), 0);
    struct audit_report report = fixture_verify(fixture);
    assert_null(report.problem);
    assert_int_equal(report.records, 133);
}

static void a_transaction_that_was_lost_leaves_no_trace_in_the_log(void **state)
{
    struct audit_fixture *fixture = *state;
    const struct writer_hooks hooks = audit_hooks(fixture->audit);
    const struct audit_event event = { .kind = AUDIT_POST_WRITE };

    fixture_append(fixture, 5);
    assert_int_equal(db_begin_write(fixture->db), 0);
    hooks.job_begin(hooks.context);
    for (int i = 0; i < 4; i++)
        assert_int_equal(audit_append(fixture->audit, fixture->db, &event), 0);
    assert_int_equal(hooks.before_commit(hooks.context, fixture->db), 0);
    assert_int_equal(db_rollback(fixture->db), 0);
    hooks.after_commit(hooks.context, false);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    fixture_append(fixture, 2);
    struct audit_report report = fixture_verify(fixture);
    assert_null(report.problem);
    assert_int_equal(report.records, 7);
    assert_int_equal(report.checkpoints, 1);
}

struct seen {
    int64_t seqs[32];
    size_t count;
    size_t stop;
};

static int see(void *context, const struct audit_record *record)
{
    struct seen *seen = context;
    struct audit_event expected = fixture_event(record->seq);

    assert_int_equal(record->event.kind, expected.kind);
    assert_int_equal(record->event.person, expected.person);
    assert_int_equal(record->event.dialogue, expected.dialogue);
    assert_int_equal(record->event.object, expected.object);
    assert_int_equal(record->event.first, expected.first);
    assert_int_equal(record->event.last, expected.last);
    assert_true(record->time_ms > 1790000000000);
    seen->seqs[seen->count++] = record->seq;
    return seen->count == seen->stop ? 5 : 0;
}

static void who_has_read_is_told_for_one_dialogue(void **state)
{
    struct audit_fixture *fixture = *state;
    struct seen seen = { .stop = 99 };

    fixture_append(fixture, 20);
    assert_int_equal(audit_each(fixture->db, 2, see, &seen), 0);
    assert_int_equal(seen.count, 6);
    for (size_t i = 0; i < seen.count; i++)
        assert_int_equal(seen.seqs[i], 2 + 3 * (int64_t)i);
    seen = (struct seen){ .stop = 2 };
    assert_int_equal(audit_each(fixture->db, 2, see, &seen), 5);
    assert_int_equal(seen.count, 2);
    seen = (struct seen){ .stop = 99 };
    assert_int_equal(audit_each(fixture->db, 8, see, &seen), 0);
    assert_int_equal(audit_each(fixture->db, 0, see, &seen), 0);
    assert_int_equal(seen.count, 0);
}

static void checkpoints_follow_each_other_through_restarts(void **state)
{
    struct audit_fixture *fixture = *state;

    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(fixture_verify(fixture).checkpoints, 0);
    for (uint64_t i = 1; i <= 12; i++) {
        fixture_append(fixture, 5);
        if (i % 2 == 0)
            assert_int_equal(fixture_reopen(fixture), 0);
        assert_int_equal(audit_checkpoint(fixture->audit), 0);
        assert_int_equal(audit_checkpoint(fixture->audit), 0);
        struct audit_report report = fixture_verify(fixture);
        assert_null(report.problem);
        assert_int_equal(report.checkpoints, i);
    }
}

// As a disk leaves a sector that was never written.
static void make_hole(const char *file, off_t from, off_t to)
{
    static const char zeros[64];
    int fd = open(file, O_WRONLY);
    assert_int_equal(pwrite(fd, zeros, (size_t)(to - from), from), to - from);
    close(fd);
}

static void a_checkpoint_line_that_a_crash_cut_short_is_told_and_mended(void **state)
{
    struct audit_fixture *fixture = *state;
    struct stat status;

    fixture_append(fixture, 5);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    fixture_append(fixture, 5);
    assert_int_equal(stat(fixture->checkpoints, &status), 0);
    const off_t first = status.st_size;
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(stat(fixture->checkpoints, &status), 0);
    for (off_t size = status.st_size - 1; size > first; size -= 29) {
        const off_t hole = size - 1;
        fixture_close(fixture);
        if ((size - first) % 2)
            assert_int_equal(truncate(fixture->checkpoints, size), 0);
        else
            make_hole(fixture->checkpoints, first > hole - 60 ? first : hole - 60, hole);   // what came behind it has reached the disk
        assert_int_equal(db_open(fixture->database, DB_WRITE, &fixture->db), 0);
        struct audit_report report = fixture_verify(fixture);
        assert_null(report.problem);
        assert_true(report.torn_checkpoint);
        assert_int_equal(report.checkpoints, 1);
        assert_int_equal(fixture_reopen(fixture), 0);
        assert_int_equal(audit_checkpoint(fixture->audit), 0);
        report = fixture_verify(fixture);
        assert_null(report.problem);
        assert_false(report.torn_checkpoint);
        assert_int_equal(report.checkpoints, 2);
    }
}

static void a_hundred_thousand_records(void **state)
{
    struct audit_fixture *fixture = *state;
    const struct writer_hooks hooks = audit_hooks(fixture->audit);
    int64_t start = clock_monotonic();
    int64_t committing = 0;

    for (int64_t n = 0; n < MANY; n += BATCH) {
        assert_int_equal(db_begin_write(fixture->db), 0);
        for (int64_t i = 0; i < BATCH; i++) {
            struct audit_event event = fixture_event(n + i);
            hooks.job_begin(hooks.context);
            assert_int_equal(audit_append(fixture->audit, fixture->db, &event), 0);
        }
        int64_t before = clock_monotonic();
        assert_int_equal(hooks.before_commit(hooks.context, fixture->db), 0);
        assert_int_equal(db_commit(fixture->db), 0);
        hooks.after_commit(hooks.context, true);
        committing += clock_monotonic() - before;
    }
    int64_t appended = clock_monotonic();
    struct audit_report report = fixture_verify(fixture);
    int64_t verified = clock_monotonic();
    assert_null(report.problem);
    assert_int_equal(report.records, MANY);
    assert_int_equal(fixture_reopen(fixture), 0);
    int64_t opened = clock_monotonic();
    print_message("# append %.2f us, commit %.2f us, verify %.2f us a record; open %lld ms\n",
                  (double)(appended - start - committing) * 1000 / MANY, (double)committing * 1000 / MANY,
                  (double)(verified - appended) * 1000 / MANY, (long long)(opened - verified));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_logged_stands_there_after_a_restart, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(records_come_into_the_indexes_a_thousand_at_a_time, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(only_real_events_can_be_logged, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_job_that_fails_leaves_no_trace_in_the_log, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_transaction_that_was_lost_leaves_no_trace_in_the_log, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(who_has_read_is_told_for_one_dialogue, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(checkpoints_follow_each_other_through_restarts, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_checkpoint_line_that_a_crash_cut_short_is_told_and_mended, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_hundred_thousand_records, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
