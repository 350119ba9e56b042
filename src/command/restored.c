// SPDX-License-Identifier: MPL-2.0
#include "command/restored.h"

#include "audit/audit.h"
#include "crypt/shares.h"
#include "feature/dialogue/dialogue.h"
#include "store/copy.h"

#include <errno.h>

struct comparison {
    const struct manifest *manifest;
    size_t next;
    int64_t rows;
};

// Both are in order of their names.
static int compare(void *context, const struct copy_rows *rows)
{
    struct comparison *comparison = context;
    const struct manifest_table *was = comparison->next < comparison->manifest->tables_count ? &comparison->manifest->tables[comparison->next] : NULL;

    if (!was || strcmp(was->name, rows->table) != 0 || was->rows != rows->rows || memcmp(was->hash, rows->hash, CHEST_HASH) != 0) {
        fprintf(stderr, "samtraad: the table %s is not as it was copied\n", rows->table);
        return -EBADMSG;
    }
    comparison->next++;
    comparison->rows += rows->rows;
    return 0;
}

static int check_rows(const struct restored *restored, const char *database)
{
    struct comparison comparison = { .manifest = restored->manifest };
    int r = copy_check(database);

    r = r < 0 ? r : copy_each(database, compare, &comparison);
    if (r == 0 && comparison.next != restored->manifest->tables_count)
        r = -EBADMSG;
    if (r == 0)
        printf("rows         %lld in %zu tables, as they were copied\n", (long long)comparison.rows, comparison.next);
    return r;
}

static int check_log(const struct restored *restored, struct db *db, const char *checkpoints)
{
    struct audit_report report = { 0 };
    int r = audit_verify(db, restored->keeper, checkpoints, &report);

    if (r < 0)
        return r;
    if (report.problem) {
        fprintf(stderr, "samtraad: the log does not hold: %s\n", report.problem);
        return -EBADMSG;
    }
    printf("the log      holds: %llu records, %llu checkpoints\n", (unsigned long long)report.records, (unsigned long long)report.checkpoints);
    return 0;
}

// Without the newest copy of them the server does not start. That is told, and no fault of the backup.
static int look_for_shares(const struct options *options, struct db *db)
{
    struct shares *shares = NULL;
    int64_t newest;
    int r = dialogue_newest_share(db, &newest);

    if (r < 0)
        return r;
    int found = shares_open(options->shares, false, &shares);
    const int64_t count = found == 0 ? shares_count(shares) : 0;
    int64_t erased = 0;
    for (int64_t at = 0; found == 0 && (at = shares_next_destroyed(shares, at)) > 0;)
        erased++;
    shares_close(shares);
    if (found == 0 && count >= newest)
        printf("shares       %s: %lld, of which %lld are erased\n", options->shares, (long long)count, (long long)erased);
    else
        printf("shares       %s: %s; bring the newest copy before the server starts\n", options->shares,
               found == -ENOENT ? "not there" : found < 0 ? "can't be used" : "older than the backup");
    return 0;
}

int restored_check(const struct options *options, const struct restored *restored)
{
    const char *database = arena_format(options->arena, "%s/samtraad.db", restored->folder).ptr;
    const char *checkpoints = arena_format(options->arena, "%s/checkpoints.jsonl", restored->folder).ptr;
    int64_t bytes = 0;
    struct db *db;

    if (!database || !checkpoints)
        return -ENOMEM;
    for (size_t i = 0; i < restored->manifest->files_count; i++)
        bytes += restored->manifest->files[i].size;
    printf("files        %zu, %lld bytes\n", restored->manifest->files_count, (long long)bytes);
    int r = check_rows(restored, database);
    r = r < 0 ? r : db_open(database, DB_READ, &db);
    if (r < 0)
        return r;
    r = check_log(restored, db, checkpoints);
    r = r < 0 ? r : look_for_shares(options, db);
    db_close(db);
    return r;
}
