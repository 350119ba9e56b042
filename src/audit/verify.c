// SPDX-License-Identifier: MPL-2.0
// Reads the whole log beside the checkpoint file: a checkpoint is compared when the tree has just reached its size.
#include "audit/audit_sql.h"
#include "audit/checkpoint.h"
#include "audit/record.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

struct check {
    struct audit_keys keys;
    struct merkle_hasher *hasher;
    struct merkle tree;              // over the records so far
    struct audit_report report;
    uint8_t public_key[KEEPER_PUBLIC_KEY];
    FILE *file;                      // NULL: no checkpoint file
    int64_t unread;                  // of the bytes that the file had at the beginning; what is appended meanwhile is newer than our view
    struct checkpoint next;          // to be compared, when more is true
    bool more;
    uint64_t line;                   // its number, from 1
    uint8_t digest[MERKLE_HASH];     // of its line
    int64_t compared;                // size of the last one that fits
};

// The first problem is the one that is told.
static void found(struct check *check, const char *problem, int64_t record, uint64_t line)
{
    if (check->report.problem)
        return;
    check->report.problem = problem;
    check->report.bad_record = record;
    check->report.bad_checkpoint = line;
}

static void damaged(struct check *check, const char *problem)
{
    check->more = false;
    check->unread = 0;
    found(check, problem, -1, check->line);
}

// Whether what is left of the file is a line that was never finished: without its line feed, or with a hole.
static bool is_unfinished(const struct check *check, struct str line, bool fed)
{
    if (!fed)
        return line.len < CHECKPOINT_LINE;
    return (int64_t)line.len + 1 == check->unread && checkpoint_is_torn(line);
}

// Reads the next line, checks it by itself and against the one before.
static void next_checkpoint(struct check *check)
{
    char text[CHECKPOINT_LINE + 1];
    int64_t before = check->more ? check->next.size : 0;

    check->more = false;
    if (check->unread == 0)
        return;
    check->line++;
    size_t want = check->unread < CHECKPOINT_LINE ? (size_t)check->unread : CHECKPOINT_LINE;
    size_t len = fread(text, 1, want, check->file);
    const char *feed = memchr(text, '\n', len);
    if (len != want) {
        damaged(check, "the checkpoint file became shorter while it was read");
        return;
    }
    struct str line = { text, feed ? (size_t)(feed - text) : len };
    if (is_unfinished(check, line, feed)) {
        check->report.torn_checkpoint = true;
        check->unread = 0;
        return;
    }
    if (!feed || checkpoint_parse(line, &check->next) < 0) {
        damaged(check, "a line of the checkpoint file is damaged");
        return;
    }
    if (memcmp(check->next.previous, check->digest, MERKLE_HASH) != 0 || check->next.size < before) {
        damaged(check, "a checkpoint does not follow the one before: a line was removed, added or moved");
        return;
    }
    if (!checkpoint_authentic(&check->next, check->public_key)) {
        damaged(check, "a checkpoint's signature is not this installation's");
        return;
    }
    merkle_digest(check->hasher, str_bytes(line), check->digest);
    check->unread -= (int64_t)line.len + 1;
    check->more = fseek(check->file, (long)line.len + 1 - (long)len, SEEK_CUR) == 0;
    if (!check->more)
        damaged(check, "the checkpoint file can't be read");
}

// Compares all checkpoints of the present size.
static void compare_checkpoints(struct check *check)
{
    uint8_t root[MERKLE_HASH];

    while (check->more && (uint64_t)check->next.size == check->tree.size) {
        merkle_root(check->hasher, &check->tree, root);
        if (memcmp(root, check->next.root, sizeof(root)) != 0) {
            found(check, "the log differs from what a checkpoint signed: it was rewritten from some record on", check->compared,
                  check->line);
            check->more = false;
            check->unread = 0;
            return;
        }
        check->report.checkpoints++;
        check->compared = check->next.size;
        next_checkpoint(check);
    }
}

static void check_record(struct check *check, const struct sql_audit_all *row)
{
    const struct audit_record record = {
        .seq = row->seq,
        .time_ms = row->moment,
        .event = { (enum audit_kind)row->kind, row->person, row->dialogue, row->object, row->first_post, row->last_post },
    };
    const int64_t expected = (int64_t)check->tree.size;
    uint8_t bytes[RECORD_BYTES];
    uint8_t mark[RECORD_MARK];

    if (record.seq > expected)
        found(check, "a record is missing", expected, 0);
    else if (record.seq < expected)
        found(check, "a record stands before the first", record.seq, 0);
    record_encode(&record, bytes);
    record_mark(&check->keys, bytes, mark);
    // A larger number than the type holds would be cut to one that it does.
    if (row->kind <= AUDIT_NONE || row->kind >= AUDIT_KIND_COUNT || row->mark.len != RECORD_MARK ||
        sodium_memcmp(mark, row->mark.ptr, RECORD_MARK) != 0)
        found(check, "a record is not the one that the program wrote", record.seq, 0);
    merkle_add(check->hasher, &check->tree, bytes_from(bytes, sizeof(bytes)));
    compare_checkpoints(check);
}

static int check_records(struct check *check, struct db *db)
{
    struct sql_audit_all row;
    struct db_stmt *stmt;
    int r = sql_audit_all(db, &stmt);

    if (r < 0)
        return r;
    compare_checkpoints(check);
    while ((r = sql_audit_all_next(stmt, &row)) == 1)
        check_record(check, &row);
    db_end(stmt);
    check->report.records = check->tree.size;
    merkle_root(check->hasher, &check->tree, check->report.root);
    return r;
}

static int check_head(struct check *check, struct db *db)
{
    struct merkle head = { 0 };
    const char *problem = NULL;
    const int64_t size = (int64_t)check->tree.size;
    int r = head_read(db, &check->keys, check->hasher, &head, &problem);

    if (r < 0 && r != -EBADMSG)
        return r;
    if (r == -EBADMSG)
        found(check, problem, -1, 0);
    else if (head.size == 0 && size > 0)
        found(check, "the head of the log is missing in the database", -1, 0);
    else if (head.size > check->tree.size)
        found(check, "records are missing at the end", size, 0);
    else if (head.size < check->tree.size)
        found(check, "records stand behind the end of the log", (int64_t)head.size, 0);
    else if (memcmp(head.peaks, check->tree.peaks, merkle_peaks(head.size) * sizeof(head.peaks[0])) != 0)
        found(check, "the records are not the ones that the head was made of", check->compared, 0);
    return 0;
}

// What the file holds beyond the log's end.
static void check_rest(struct check *check)
{
    if (check->more)
        found(check, "the log is shorter than a checkpoint: its end was cut off, or an older database was put back",
              (int64_t)check->tree.size, check->line);
    while (check->more)
        next_checkpoint(check);
}

// Before the view of the database begins: so the database is at least as new as the file.
static int open_file(struct check *check, const char *checkpoint_file)
{
    struct stat status;

    check->file = fopen(checkpoint_file, "re");
    if (!check->file)
        return errno == ENOENT ? 0 : -errno;
    if (fstat(fileno(check->file), &status) < 0)
        return -errno;
    check->unread = status.st_size;
    return 0;
}

static int check_all(struct check *check, struct db *db, const char *checkpoint_file)
{
    int r = open_file(check, checkpoint_file);

    if (r < 0)
        return r;
    next_checkpoint(check);
    r = db_begin_read(db);
    if (r < 0)
        return r;
    r = check_records(check, db);
    if (r == 0)
        r = check_head(check, db);
    int ended = db_commit(db);
    if (r < 0 || ended < 0)
        return r < 0 ? r : ended;
    check_rest(check);
    if (!check->file && check->tree.size > 0)
        found(check, "the checkpoint file is missing", -1, 0);
    return 0;
}

int audit_verify(struct db *db, struct keeper *keeper, const char *checkpoint_file, struct audit_report *ret_report)
{
    struct check *check = calloc(1, sizeof(*check));
    int r;

    if (!check)
        return -ENOMEM;
    check->report.bad_record = -1;
    r = merkle_hasher_new(&check->hasher);
    if (r == 0)
        r = audit_keys_get(keeper, &check->keys);
    if (r == 0)
        r = keeper_public_key(keeper, check->public_key);
    if (r == 0)
        r = check_all(check, db, checkpoint_file);
    if (r == 0)
        *ret_report = check->report;
    audit_keys_wipe(&check->keys);
    merkle_hasher_free(check->hasher);
    if (check->file)
        fclose(check->file);
    free(check);
    return r;
}
