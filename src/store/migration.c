// SPDX-License-Identifier: MPL-2.0
#include "store/migration.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "store/moved.h"
#include "store/store_sql.h"

#include <errno.h>

// The one table that no migration makes. The checksum is hexadecimal, so that one text serves both
// databases.
static const char table[] =
    "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, applied BIGINT NOT NULL)";

const char *migration_table(void)
{
    return table;
}

static void put_checksum(struct buf *buf, const struct migration *migration)
{
    buf_hex(buf, bytes_from(migration->checksum, sizeof(migration->checksum)));
}

static const struct migration *find(const struct migration *list, unsigned count, int64_t number)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i].number == number)
            return &list[i];
    }
    return NULL;
}

static int compare(const struct migration *ours, int64_t number, struct str checksum)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(128);

    if (!ours) {
        log_event(LOG_ERROR, "migration",
                  "number=%lld meaning=\"the database was made by a newer program\"",
                  (long long)number);
        return -ESTALE;
    }
    put_checksum(&text, ours);
    if (text.error)
        return text.error;
    if (!str_equal(buf_view(&text), checksum)) {
        log_event(LOG_ERROR, "migration",
                  "number=%lld name=%s meaning=\"it was changed after it was applied\"",
                  (long long)number, ours->name);
        return -ESTALE;
    }
    return 0;
}

// Compares what was applied with the list, and marks it there.
static int note_applied(struct db *db, const struct migration *list, unsigned count, bool *applied)
{
    struct sql_store_migration_list row;
    struct db_stmt *stmt;
    int r;

    r = sql_store_migration_list(db, &stmt);
    if (r < 0)
        return r;
    while ((r = sql_store_migration_list_next(stmt, &row)) > 0) {
        const struct migration *ours = find(list, count, row.number);

        r = compare(ours, row.number, row.checksum);
        if (r < 0)
            break;
        applied[ours - list] = true;
    }
    db_end(stmt);
    return r;
}

// All of a new database tell nobody anything; what changes a database that holds work does.
static enum log_level level_of_news(const bool *applied, unsigned count)
{
    return count > 0 && memchr(applied, true, count * sizeof(*applied)) ? LOG_INFO : LOG_DEBUG;
}

// The number of rows added, or -E….
static int record(struct db *db, const struct migration *migration, int64_t now_ms)
{
    _cleanup_(buf_free) struct buf checksum = buf_bounded(128);

    put_checksum(&checksum, migration);
    if (checksum.error)
        return checksum.error;
    const struct sql_store_migration_add_in row = {
        .number = migration->number,
        .name = str_from(migration->name),
        .checksum = buf_view(&checksum),
        .applied = now_ms,
    };
    return (int)sql_store_migration_add(db, &row);
}

// Runs one script in a transaction and, when there is a migration, records it there.
static int run_script(struct db *db, const char *sqlite, const char *postgres,
                      const struct migration *migration, int64_t now_ms)
{
    int r = db_begin_write(db);

    if (r < 0)
        return r;
    r = db_script(db, sqlite, postgres);
    if (r == 0 && migration)
        r = record(db, migration, now_ms);
    if (r >= 0)
        r = db_commit(db);
    if (r < 0)
        db_rollback(db);
    return r;
}

int migration_apply(struct db *db, const struct migration *list, unsigned count, int64_t now_ms)
{
    _cleanup_(free_pointer) bool *applied = calloc(count + 1, sizeof(*applied));
    int r;

    if (!applied)
        return -ENOMEM;
    r = run_script(db, table, table, NULL, now_ms);
    if (r == 0)
        r = note_applied(db, list, count, applied);
    const enum log_level news = level_of_news(applied, count);
    for (unsigned i = 0; i < count && r == 0; i++) {
        if (applied[i])
            continue;
        // Others may run programs that know nothing of it.
        if (!db_alone(db))
            return -EBUSY;
        r = run_script(db, list[i].sqlite, list[i].postgres, &list[i], now_ms);
        log_event(r < 0 ? LOG_ERROR : news, "migration", "number=%u name=%s result=%d",
                  list[i].number, list[i].name, r);
    }
    return r;
}

int migration_run(struct db *db, int64_t now_ms)
{
    int r = run_script(db, table, table, NULL, now_ms);

    r = r < 0 ? r : moved_check(db);
    return r < 0 ? r : migration_apply(db, migrations, migrations_count, now_ms);
}

int migration_compare(struct db *db)
{
    _cleanup_(free_pointer) bool *applied = calloc(migrations_count + 1, sizeof(*applied));
    int r = applied ? note_applied(db, migrations, migrations_count, applied) : -ENOMEM;

    for (unsigned i = 0; i < migrations_count && r == 0; i++)
        if (!applied[i]) {
            log_event(LOG_ERROR, "migration", "number=%u name=%s meaning=\"the database was made by an older program\"", migrations[i].number,
                      migrations[i].name);
            r = -ESTALE;
        }
    return r;
}

int migration_prepare(struct db *db)
{
    struct sql_store_migration_count row;
    struct arena *arena;
    int r = run_script(db, table, table, NULL, 0);

    r = r < 0 ? r : arena_new(4096, &arena);
    if (r < 0)
        return r;
    r = db_begin_read(db);
    if (r == 0) {
        r = sql_store_migration_count(db, arena, &row);
        db_rollback(db);
    }
    arena_free(arena);
    return r < 0 ? r : row.count > 0;
}
