// SPDX-License-Identifier: MPL-2.0
// An administrator of the database, or whoever steals and returns it, against the log.
#include "audit/audit_fixture.h"
#include "audit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDS 17

// Seventeen records, checkpoints after 5, 12 and 17.
static int setup(void **state)
{
    if (fixture_setup(state) != 0)
        return -1;
    struct audit_fixture *fixture = *state;
    const int parts[] = { 5, 7, 5 };
    for (size_t i = 0; i < 3; i++) {
        fixture_append(fixture, parts[i]);
        assert_int_equal(audit_checkpoint(fixture->audit), 0);
    }
    fixture_keep(fixture);
    return 0;
}

static void assert_holds(struct audit_fixture *fixture)
{
    struct audit_report report = fixture_verify(fixture);

    if (report.problem)
        fail_msg("%s", report.problem);
    assert_int_equal(report.bad_record, -1);
}

static void assert_found(struct audit_fixture *fixture, int64_t record)
{
    struct audit_report report = fixture_verify(fixture);

    assert_non_null(report.problem);
    if (record != report.bad_record)
        fail_msg("%s: record %lld, not %lld", report.problem, (long long)report.bad_record, (long long)record);
}

// Changes, looks, puts back.
static void tampered(struct audit_fixture *fixture, const char *sql, int64_t record)
{
    fixture_tamper(fixture, sql);
    assert_found(fixture, record);
    fixture_put_back(fixture);
    assert_holds(fixture);
}

static void a_changed_deleted_inserted_or_reordered_record_is_named(void **state)
{
    struct audit_fixture *fixture = *state;

    tampered(fixture, "UPDATE audit_recent SET person = 9 WHERE seq = 11", 11);
    tampered(fixture, "UPDATE audit_recent SET kind = kind + 4294967296 WHERE seq = 11", 11);
    tampered(fixture, "DELETE FROM audit_recent WHERE seq = 0", 0);
    tampered(fixture, "DELETE FROM audit_recent WHERE seq = 6", 6);
    tampered(fixture, "DELETE FROM audit_recent WHERE seq = 16", 16);
    tampered(fixture, "DELETE FROM audit_recent WHERE seq >= 3", 3);
    tampered(fixture, "DELETE FROM audit_recent WHERE seq = 6; UPDATE audit_recent SET seq = seq - 1 WHERE seq > 6", 6);
    tampered(fixture, "UPDATE audit_recent SET seq = 99 WHERE seq = 4; UPDATE audit_recent SET seq = 4 WHERE seq = 5; "
                      "UPDATE audit_recent SET seq = 5 WHERE seq = 99", 4);
    tampered(fixture, "INSERT INTO audit_recent SELECT 17, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit_recent "
                      "WHERE seq = 2", 17);
    tampered(fixture, "INSERT INTO audit_recent SELECT -1, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit_recent "
                      "WHERE seq = 2", -1);
    tampered(fixture, "UPDATE audit_recent SET mark = (SELECT mark FROM audit_recent WHERE seq = 3) WHERE seq = 2", 2);
    tampered(fixture, "INSERT INTO audit_indexed SELECT * FROM audit_recent WHERE seq = 6", 6);
    tampered(fixture, "INSERT INTO audit_indexed SELECT * FROM audit_recent WHERE seq = 6; DELETE FROM audit_recent WHERE seq BETWEEN 6 AND 7", 7);
    tampered(fixture, "DELETE FROM audit_recent; DELETE FROM audit_head", 0);
    tampered(fixture, "DELETE FROM audit_head", -1);
    tampered(fixture, "UPDATE audit_head SET size = 16", -1);
}

// Flips one bit of a column, looks, flips it back. false when the database itself refuses.
static bool flip(struct audit_fixture *fixture, sqlite3 *raw, const char *table, const char *column, int64_t row, size_t bit)
{
    sqlite3_blob *blob;
    sqlite3_stmt *stmt;
    char sql[160];
    uint8_t byte;
    bool integer = strcmp(column, "mark") != 0 && strcmp(column, "root") != 0 && strcmp(column, "peaks") != 0 &&
                   strcmp(column, "mac") != 0;

    if (integer) {
        snprintf(sql, sizeof(sql), "UPDATE %s SET %s = (%s | ?1) - (%s & ?1) WHERE rowid = ?2", table, column, column, column);
        assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &stmt, NULL), SQLITE_OK);
        sqlite3_bind_int64(stmt, 1, (int64_t)(UINT64_C(1) << bit));
        sqlite3_bind_int64(stmt, 2, row);
        int step = sqlite3_step(stmt);
        sqlite3_finalize(stmt);
        return step == SQLITE_DONE;
    }
    assert_int_equal(sqlite3_blob_open(raw, "main", table, column, row, 1, &blob), SQLITE_OK);
    if (bit / 8 >= (size_t)sqlite3_blob_bytes(blob)) {
        sqlite3_blob_close(blob);
        return false;
    }
    assert_int_equal(sqlite3_blob_read(blob, &byte, 1, (int)(bit / 8)), SQLITE_OK);
    byte ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(sqlite3_blob_write(blob, &byte, 1, (int)(bit / 8)), SQLITE_OK);
    assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
    return true;
}

static void every_flipped_bit_of_every_record_is_found_and_named(void **state)
{
    static const char *const columns[] = { "moment", "kind", "person", "dialogue", "object", "first_post", "last_post", "mark" };
    struct audit_fixture *fixture = *state;
    sqlite3 *raw = fixture_open_raw(fixture);
    int found = 0;

    for (int64_t seq = 0; seq < RECORDS; seq += 8) {
        for (size_t column = 0; column < 8; column++) {
            // The highest bit can't be flipped by the arithmetic of flip; negative numbers are no less covered by the mark.
            size_t bits = column == 7 ? 8 * (size_t)RECORD_MARK : 63;
            for (size_t bit = 0; bit < bits; bit++) {
                assert_true(flip(fixture, raw, "audit_recent", columns[column], seq, bit));
                assert_found(fixture, seq);
                assert_true(flip(fixture, raw, "audit_recent", columns[column], seq, bit));
                found++;
            }
        }
    }
    assert_holds(fixture);
    print_message("# %d flipped bits found\n", found);
    sqlite3_close(raw);
}

static void every_flipped_bit_of_the_head_is_found(void **state)
{
    static const char *const columns[] = { "size", "root", "peaks", "mac" };
    struct audit_fixture *fixture = *state;
    sqlite3 *raw = fixture_open_raw(fixture);

    for (size_t column = 0; column < 4; column++) {
        for (size_t bit = 0; bit < (column == 0 ? 63 : 8 * 64); bit++) {
            if (!flip(fixture, raw, "audit_head", columns[column], 1, bit))
                break;
            assert_non_null(fixture_verify(fixture).problem);
            assert_true(flip(fixture, raw, "audit_head", columns[column], 1, bit));
        }
    }
    assert_holds(fixture);
    sqlite3_close(raw);
}

static void a_moved_record_number_is_found_whatever_the_bit(void **state)
{
    struct audit_fixture *fixture = *state;
    sqlite3 *raw = fixture_open_raw(fixture);

    for (int64_t seq = 0; seq < RECORDS; seq += 8) {
        for (size_t bit = 0; bit < 62; bit++) {
            if (!flip(fixture, raw, "audit_recent", "seq", seq, bit))
                continue;   // the number is taken
            assert_non_null(fixture_verify(fixture).problem);
            assert_true(flip(fixture, raw, "audit_recent", "seq", seq ^ (int64_t)(UINT64_C(1) << bit), bit));
        }
    }
    assert_holds(fixture);
    sqlite3_close(raw);
}

static void an_older_database_that_is_put_back_is_found_and_not_opened(void **state)
{
    struct audit_fixture *fixture = *state;

    fixture_append(fixture, 4);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    fixture_put_back(fixture);
    assert_found(fixture, RECORDS);
    assert_int_equal(fixture_reopen(fixture), -EBADMSG);
}

// The older database goes on under the eyes of a server that was not told of the checkpoints.
static void a_log_that_forked_is_found_from_the_last_checkpoint_that_both_share(void **state)
{
    struct audit_fixture *fixture = *state;
    char hidden[128];

    fixture_append(fixture, 4);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    snprintf(hidden, sizeof(hidden), "%s/hidden", fixture->folder);
    fixture_put_back(fixture);
    assert_int_equal(rename(fixture->checkpoints, hidden), 0);
    assert_int_equal(fixture_reopen(fixture), 0);
    fixture_append(fixture, 9);
    assert_holds(fixture);
    assert_int_equal(rename(hidden, fixture->checkpoints), 0);
    assert_found(fixture, RECORDS);
    assert_int_equal(fixture_verify(fixture).bad_checkpoint, 4);
    assert_int_equal(fixture_verify(fixture).checkpoints, 3);
}

// Even who holds all keys of the running server can't change what a checkpoint has signed.
static void a_log_written_anew_with_the_right_keys_does_not_fit_the_checkpoints(void **state)
{
    struct audit_fixture *fixture = *state;
    char hidden[128];

    snprintf(hidden, sizeof(hidden), "%s/hidden", fixture->folder);
    assert_int_equal(rename(fixture->checkpoints, hidden), 0);
    fixture_tamper(fixture, "DELETE FROM audit_recent; DELETE FROM audit_head");
    fixture->now += 1;
    assert_int_equal(fixture_reopen(fixture), 0);
    fixture_append(fixture, 30);
    assert_holds(fixture);
    assert_int_equal(rename(hidden, fixture->checkpoints), 0);
    assert_found(fixture, 0);
    assert_int_equal(fixture_verify(fixture).bad_checkpoint, 1);
}

static size_t read_checkpoints(struct audit_fixture *fixture, char *text, size_t size)
{
    int fd = open(fixture->checkpoints, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, size);

    assert_true(n > 0 && (size_t)n < size);
    close(fd);
    return (size_t)n;
}

static void write_checkpoints(struct audit_fixture *fixture, const char *text, size_t len)
{
    int fd = open(fixture->checkpoints, O_WRONLY | O_TRUNC | O_CLOEXEC);

    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
}

// In the middle line all, at the file's end the last ones.
static void every_flipped_bit_of_a_checkpoint_is_found(void **state)
{
    struct audit_fixture *fixture = *state;
    char text[4096];
    size_t len = read_checkpoints(fixture, text, sizeof(text));

    for (size_t bit = 8 * (len / 3); bit < 8 * len; bit++) {
        if (bit == 8 * (2 * len / 3) + 8)
            bit = 8 * (len - 2);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        write_checkpoints(fixture, text, len);
        struct audit_report report = fixture_verify(fixture);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        // Without its line feed the last line is one that was never finished.
        if (bit / 8 == len - 1)
            assert_true(report.torn_checkpoint);
        else
            assert_non_null(report.problem);
    }
    write_checkpoints(fixture, text, len);
    assert_holds(fixture);
}

static void removed_moved_and_foreign_checkpoints_are_found(void **state)
{
    struct audit_fixture *fixture = *state;
    struct audit_fixture *other;
    char text[4096], changed[4096];
    size_t len = read_checkpoints(fixture, text, sizeof(text));
    size_t first = (size_t)((char *)memchr(text, '\n', len) - text) + 1;
    size_t second = (size_t)((char *)memchr(text + first, '\n', len - first) - text) + 1 - first;

    write_checkpoints(fixture, text + first, len - first);
    assert_int_equal(fixture_verify(fixture).bad_checkpoint, 1);
    memcpy(changed, text, first);
    memcpy(changed + first, text + first + second, len - first - second);
    write_checkpoints(fixture, changed, len - second);
    assert_int_equal(fixture_verify(fixture).bad_checkpoint, 2);
    memcpy(changed, text + first, second);
    memcpy(changed + second, text, first);
    write_checkpoints(fixture, changed, first + second);
    assert_non_null(fixture_verify(fixture).problem);

    assert_int_equal(setup((void **)&other), 0);
    size_t foreign = read_checkpoints(other, changed, sizeof(changed));
    fixture_teardown((void **)&other);
    write_checkpoints(fixture, changed, foreign);
    assert_int_equal(fixture_verify(fixture).bad_checkpoint, 1);
    assert_int_equal(fixture_reopen(fixture), -EBADMSG);

    unlink(fixture->checkpoints);
    assert_non_null(fixture_verify(fixture).problem);
}

static void a_log_whose_head_was_touched_is_not_opened(void **state)
{
    struct audit_fixture *fixture = *state;

    fixture_tamper(fixture, "UPDATE audit_head SET mac = randomblob(32)");
    assert_int_equal(fixture_reopen(fixture), -EBADMSG);
    fixture_put_back(fixture);
    fixture_tamper(fixture, "DELETE FROM audit_recent WHERE seq = 16");
    assert_int_equal(fixture_reopen(fixture), -EBADMSG);
    fixture_put_back(fixture);
    fixture_tamper(fixture, "DELETE FROM audit_head");
    assert_int_equal(fixture_reopen(fixture), -EBADMSG);
    fixture_put_back(fixture);
    assert_int_equal(fixture_reopen(fixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_deleted_inserted_or_reordered_record_is_named, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(every_flipped_bit_of_every_record_is_found_and_named, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(every_flipped_bit_of_the_head_is_found, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_moved_record_number_is_found_whatever_the_bit, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(an_older_database_that_is_put_back_is_found_and_not_opened, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_log_that_forked_is_found_from_the_last_checkpoint_that_both_share, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_log_written_anew_with_the_right_keys_does_not_fit_the_checkpoints, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(every_flipped_bit_of_a_checkpoint_is_found, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(removed_moved_and_foreign_checkpoints_are_found, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_log_whose_head_was_touched_is_not_opened, setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
