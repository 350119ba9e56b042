// SPDX-License-Identifier: MPL-2.0
#include "audit/audit_fixture.h"

#include "store/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t tick(const struct clock *clock)
{
    struct audit_fixture *fixture = (struct audit_fixture *)(uintptr_t)clock;

    return fixture->now += SECOND_MS;
}

int fixture_setup(void **state)
{
    struct audit_fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->clock.now_ms = tick;
    fixture->now = 1790000000000;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-audit-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->key_file, sizeof(fixture->key_file), "%s/master.key", fixture->folder);
    snprintf(fixture->database, sizeof(fixture->database), "%s/samtraad.db", fixture->folder);
    snprintf(fixture->checkpoints, sizeof(fixture->checkpoints), "%s/checkpoints", fixture->folder);
    snprintf(fixture->copy, sizeof(fixture->copy), "%s/copy.db", fixture->folder);
    *state = fixture;
    return keeper_create_key(fixture->key_file) || keeper_start(fixture->key_file, &fixture->keeper) ||
           fixture_reopen(fixture);
}

void fixture_close(struct audit_fixture *fixture)
{
    audit_close(fixture->audit);
    fixture->audit = NULL;
    if (fixture->db)
        db_close(fixture->db);
    fixture->db = NULL;
}

int fixture_reopen(struct audit_fixture *fixture)
{
    fixture_close(fixture);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &fixture->db), 0);
    assert_int_equal(migration_run(fixture->db, fixture->now), 0);
    return audit_open(fixture->db, fixture->keeper, fixture->checkpoints, &fixture->clock, &fixture->audit);
}

int fixture_teardown(void **state)
{
    struct audit_fixture *fixture = *state;
    char path[128];

    fixture_close(fixture);
    keeper_stop(fixture->keeper);
    unlink(fixture->key_file);
    unlink(fixture->database);
    unlink(fixture->checkpoints);
    unlink(fixture->copy);
    snprintf(path, sizeof(path), "%s-wal", fixture->database);
    unlink(path);
    snprintf(path, sizeof(path), "%s-shm", fixture->database);
    unlink(path);
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

struct audit_event fixture_event(int64_t n)
{
    return (struct audit_event){
        .kind = AUDIT_SIGN_IN + (enum audit_kind)(n % (AUDIT_KIND_COUNT - AUDIT_SIGN_IN)),
        .person = 1000 + n % 7,
        .dialogue = n % 3,
        .object = n * n,
        .first = n,
        .last = n + 50,
    };
}

void fixture_append(struct audit_fixture *fixture, int count)
{
    const struct writer_hooks hooks = audit_hooks(fixture->audit);
    struct audit_report report;

    assert_int_equal(audit_verify(fixture->db, fixture->keeper, fixture->checkpoints, &report), 0);
    assert_int_equal(db_begin_write(fixture->db), 0);
    hooks.job_begin(hooks.context);
    for (int i = 0; i < count; i++) {
        struct audit_event event = fixture_event((int64_t)report.records + i);
        assert_int_equal(audit_append(fixture->audit, fixture->db, &event), 0);
    }
    assert_int_equal(hooks.before_commit(hooks.context, fixture->db), 0);
    assert_int_equal(db_commit(fixture->db), 0);
    hooks.after_commit(hooks.context, true);
}

sqlite3 *fixture_open_raw(struct audit_fixture *fixture)
{
    sqlite3 *raw;

    assert_int_equal(sqlite3_open(fixture->database, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
    return raw;
}

void fixture_tamper(struct audit_fixture *fixture, const char *sql)
{
    sqlite3 *raw = fixture_open_raw(fixture);

    if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(raw));
    assert_true(sqlite3_changes(raw) > 0);
    sqlite3_close(raw);
}

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    ssize_t n;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, block, sizeof(block))) > 0)
        assert_int_equal(write(out, block, (size_t)n), n);
    assert_int_equal(n, 0);
    close(in);
    close(out);
}

// The last connection that closes brings everything into the one file.
void fixture_keep(struct audit_fixture *fixture)
{
    fixture_close(fixture);
    copy_file(fixture->database, fixture->copy);
    assert_int_equal(fixture_reopen(fixture), 0);
}

void fixture_put_back(struct audit_fixture *fixture)
{
    fixture_close(fixture);
    copy_file(fixture->copy, fixture->database);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &fixture->db), 0);
}

struct audit_report fixture_verify(struct audit_fixture *fixture)
{
    struct audit_report report;

    assert_int_equal(audit_verify(fixture->db, fixture->keeper, fixture->checkpoints, &report), 0);
    return report;
}
