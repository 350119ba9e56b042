// SPDX-License-Identifier: MPL-2.0
#include "store/migration.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>

// The one table that no migration makes. The checksum is hexadecimal, so that one text serves both databases.
static const char table[] =
    "CREATE TABLE IF NOT EXISTS migration ("
    "number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied BIGINT NOT NULL)";

DB_QUERY(applied_list, "migration.list", "SELECT number, checksum FROM migration ORDER BY number",
         "SELECT number, checksum FROM migration ORDER BY number", 0, 2);
DB_QUERY(applied_add, "migration.add", "INSERT INTO migration (number, name, checksum, applied) VALUES (?1, ?2, ?3, ?4)",
         "INSERT INTO migration (number, name, checksum, applied) VALUES ($1, $2, $3, $4)", 4, 0);

const char *migration_table(void)
{
    return table;
}

static void put_checksum(struct buf *buf, const struct migration *migration)
{
    buf_hex(buf, bytes_from(migration->checksum, sizeof(migration->checksum)));
}

static int compare(const struct migration *list, unsigned count, int64_t number, struct str checksum)
{
    _cleanup_(buf_free) struct buf ours = buf_bounded(128);

    if (number < 1 || number > count) {
        log_event(LOG_ERROR, "migration", "number=%lld newest=%u meaning=\"the database was made by a newer program\"",
                  (long long)number, count);
        return -ESTALE;
    }
    put_checksum(&ours, &list[number - 1]);
    if (ours.error)
        return ours.error;
    if (!str_equal(buf_view(&ours), checksum)) {
        log_event(LOG_ERROR, "migration", "number=%lld name=%s meaning=\"it was changed after it was applied\"", (long long)number,
                  list[number - 1].name);
        return -ESTALE;
    }
    return 0;
}

// Compares what was applied with the list, and says how many were.
static int count_applied(struct db *db, const struct migration *list, unsigned count, unsigned *ret_applied)
{
    struct db_stmt *stmt;
    unsigned applied = 0;
    int r;

    r = db_start(db, &applied_list, &stmt);
    if (r < 0)
        return r;
    while ((r = db_step(stmt)) > 0) {
        r = compare(list, count, db_int(stmt, 0), db_text(stmt, 1));
        if (r == 0 && db_int(stmt, 0) != ++applied) {
            log_event(LOG_ERROR, "migration", "number=%u meaning=\"it is missing in the database, later ones are there\"", applied);
            r = -ESTALE;
        }
        if (r < 0)
            break;
    }
    db_end(stmt);
    if (r == 0)
        *ret_applied = applied;
    return r;
}

static int record(struct db *db, const struct migration *migration, int64_t now_ms)
{
    _cleanup_(buf_free) struct buf checksum = buf_bounded(128);
    struct db_stmt *stmt;
    int r;

    put_checksum(&checksum, migration);
    if (checksum.error)
        return checksum.error;
    r = db_start(db, &applied_add, &stmt);
    if (r < 0)
        return r;
    db_bind_int(stmt, 1, migration->number);
    db_bind_text(stmt, 2, str_from(migration->name));
    db_bind_text(stmt, 3, buf_view(&checksum));
    db_bind_int(stmt, 4, now_ms);
    r = db_step(stmt);
    db_end(stmt);
    return r;
}

// Runs one script in a transaction and, when there is a migration, records it there.
static int run_script(struct db *db, const char *sqlite, const char *postgres, const struct migration *migration, int64_t now_ms)
{
    int r = db_begin_write(db);

    if (r < 0)
        return r;
    r = db_script(db, sqlite, postgres);
    if (r == 0 && migration)
        r = record(db, migration, now_ms);
    if (r == 0)
        r = db_commit(db);
    if (r < 0)
        db_rollback(db);
    return r;
}

int migration_apply(struct db *db, const struct migration *list, unsigned count, int64_t now_ms)
{
    unsigned applied = 0;
    int r;

    r = run_script(db, table, table, NULL, now_ms);
    if (r == 0)
        r = count_applied(db, list, count, &applied);
    for (unsigned i = applied; i < count && r == 0; i++) {
        assert(list[i].number == i + 1);
        r = run_script(db, list[i].sqlite, list[i].postgres, &list[i], now_ms);
        log_event(r < 0 ? LOG_ERROR : LOG_INFO, "migration", "number=%u name=%s result=%d", list[i].number, list[i].name, r);
    }
    return r;
}
