// SPDX-License-Identifier: MPL-2.0
#include "audit/exported.h"

#include "audit/audit_sql.h"
#include "audit/checkpoint.h"
#include "audit/record.h"
#include "base/encode.h"

#include <errno.h>

// Reads a line without its line feed. 1; 0 at the end of the file; -EINVAL when it is longer than any of ours or has no line feed; -EIO.
static int take_line(FILE *file, char text[CHECKPOINT_LINE], struct str *ret_line)
{
    size_t len = 0;
    int c;

    while ((c = getc_unlocked(file)) != EOF && c != '\n' && len < CHECKPOINT_LINE)
        text[len++] = (char)c;
    *ret_line = (struct str){ text, len };
    if (ferror(file))
        return -EIO;
    if (c == '\n')
        return 1;
    return c == EOF && len == 0 ? 0 : -EINVAL;
}

struct writing {
    FILE *file;                // the checkpoints
    FILE *out;
    char text[CHECKPOINT_LINE];
    struct str line;
    struct checkpoint next;
    bool more;
};

// What stands behind the last line feed is being written just now, or a crash cut it short: it is no checkpoint.
static int next_line(struct writing *writing)
{
    int r = take_line(writing->file, writing->text, &writing->line);

    writing->more = r == 1;
    if (r == -EINVAL)
        return feof(writing->file) ? 0 : -EBADMSG;
    return r < 1 ? r : checkpoint_parse(writing->line, &writing->next) < 0 ? -EBADMSG : 0;
}

static int put_line(struct writing *writing)
{
    fwrite(writing->line.ptr, 1, writing->line.len, writing->out);
    putc_unlocked('\n', writing->out);
    return ferror(writing->out) ? -EIO : next_line(writing);
}

static int put_leaves(struct writing *writing, struct merkle_hasher *hasher, struct db *db, int64_t *ret_unsigned)
{
    static const char digits[] = "0123456789abcdef";
    struct sql_audit_all row;
    struct db_stmt *stmt;
    int64_t count = 0;
    int r = sql_audit_all(db, &stmt);

    *ret_unsigned = 0;
    while (r == 0 && writing->more && writing->next.size == 0)
        r = put_line(writing);
    while (r == 0 && (r = sql_audit_all_next(stmt, &row)) == 1) {
        const struct audit_record record = { row.seq, row.moment, { (enum audit_kind)row.kind, row.person, row.dialogue, row.object, row.first_post, row.last_post } };
        uint8_t bytes[RECORD_BYTES], leaf[MERKLE_HASH];
        char text[2 * MERKLE_HASH + 1];
        r = 0;
        if (!writing->more) {
            ++*ret_unsigned;
            continue;
        }
        record_encode(&record, bytes);
        merkle_leaf(hasher, bytes_from(bytes, sizeof(bytes)), leaf);
        for (size_t i = 0; i < MERKLE_HASH; i++) {
            text[2 * i] = digits[leaf[i] >> 4];
            text[2 * i + 1] = digits[leaf[i] & 15];
        }
        text[2 * MERKLE_HASH] = '\n';
        fwrite(text, 1, sizeof(text), writing->out);
        for (count++; r == 0 && writing->more && writing->next.size == count;)
            r = put_line(writing);
    }
    db_end(stmt);
    // A checkpoint of a longer log than this one: its reader shall see it.
    while (r == 0 && writing->more)
        r = put_line(writing);
    return r;
}

int audit_export(struct db *db, const char *checkpoint_file, FILE *out, int64_t *ret_unsigned)
{
    struct merkle_hasher *hasher = NULL;
    // Before the view of the database begins: so the database is at least as new as the file.
    struct writing writing = { .file = fopen(checkpoint_file, "re"), .out = out };
    int r = writing.file ? merkle_hasher_new(&hasher) : -errno;

    if (r == 0)
        r = next_line(&writing);
    if (r == 0)
        r = db_begin_read(db);
    if (r == 0) {
        fprintf(out, EXPORTED_HEAD "\n");
        r = put_leaves(&writing, hasher, db, ret_unsigned);
        int ended = db_commit(db);
        r = r < 0 ? r : ended;
    }
    if (r == 0 && fflush(out) != 0)
        r = -EIO;
    merkle_hasher_free(hasher);
    if (writing.file)
        fclose(writing.file);
    return r;
}

struct reading {
    FILE *witness;                     // NULL: none, or it has ended
    const uint8_t *key;
    struct merkle_hasher *hasher;
    struct merkle tree;
    struct checkpoint last;
    uint8_t digest[MERKLE_HASH];       // of the last checkpoint's line
    struct exported_report report;
};

static void found(struct reading *reading, const char *problem)
{
    if (!reading->report.problem)
        reading->report.problem = problem;
}

// One form only, so that a letter can't be changed without being seen.
static bool read_leaf(struct str line, uint8_t ret_leaf[MERKLE_HASH])
{
    for (size_t i = 0; i < line.len; i++) {
        if (!(line.ptr[i] >= '0' && line.ptr[i] <= '9') && !(line.ptr[i] >= 'a' && line.ptr[i] <= 'f'))
            return false;
    }
    return decode_hex_exact(line, ret_leaf, MERKLE_HASH) == 0;
}

// The witness's bytes must be the same for as long as there are any.
static int compare_witness(struct reading *reading, struct str line)
{
    char theirs[CHECKPOINT_LINE + 1], ours[CHECKPOINT_LINE + 1];

    if (!reading->witness)
        return 0;
    memcpy(ours, line.ptr, line.len);
    ours[line.len] = '\n';
    size_t len = fread(theirs, 1, line.len + 1, reading->witness);
    if (ferror(reading->witness))
        return -EIO;
    if (memcmp(ours, theirs, len) != 0)
        found(reading, "the checkpoints are not those that the witness has: the log was rewritten, or is another one");
    if (len < line.len + 1)
        reading->witness = NULL;
    return 0;
}

static int check_checkpoint(struct reading *reading, struct str line)
{
    struct checkpoint checkpoint;
    uint8_t root[MERKLE_HASH];

    if (checkpoint_parse(line, &checkpoint) < 0) {
        found(reading, "a checkpoint is malformed");
        return 0;
    }
    if (memcmp(checkpoint.previous, reading->digest, MERKLE_HASH) != 0)
        found(reading, "a checkpoint does not follow the one before: a line was removed, added or moved");
    if (!checkpoint_authentic(&checkpoint, reading->key))
        found(reading, "a checkpoint was not signed with this key");
    merkle_root(reading->hasher, &reading->tree, root);
    if ((uint64_t)checkpoint.size != reading->tree.size || memcmp(checkpoint.root, root, MERKLE_HASH) != 0)
        found(reading, "the records before a checkpoint are not those that it signs");
    merkle_digest(reading->hasher, str_bytes(line), reading->digest);
    reading->last = checkpoint;
    reading->report.checkpoints++;
    return compare_witness(reading, line);
}

static int check_line(struct reading *reading, struct str line, bool *ret_checkpoint)
{
    uint8_t leaf[MERKLE_HASH];

    *ret_checkpoint = line.len > 0 && line.ptr[0] == '{';
    if (*ret_checkpoint)
        return check_checkpoint(reading, line);
    if (read_leaf(line, leaf))
        merkle_add_leaf(reading->hasher, &reading->tree, leaf);
    else
        found(reading, "a line is malformed");
    return 0;
}

static int check_lines(struct reading *reading, FILE *log)
{
    char text[CHECKPOINT_LINE];
    bool checkpoint = false;
    struct str line;
    int r = take_line(log, text, &line);

    reading->report.line = 1;
    if (r != 1 || !str_equal(line, STR(EXPORTED_HEAD)))
        found(reading, "it does not begin as an exported log does");
    while (r == 1 && !reading->report.problem && (r = take_line(log, text, &line)) == 1) {
        reading->report.line++;
        r = check_line(reading, line, &checkpoint);
        r = r < 0 ? r : 1;
    }
    if (r == -EINVAL)
        found(reading, "a line is malformed or cut off");
    if (!checkpoint)
        found(reading, "it does not end with a checkpoint: its end was cut off");
    return r < 0 && r != -EINVAL ? r : 0;
}

int exported_check(FILE *log, FILE *witness, const uint8_t key[KEEPER_PUBLIC_KEY], struct exported_report *ret_report)
{
    struct reading reading = { .witness = witness, .key = key };
    int r = merkle_hasher_new(&reading.hasher);

    if (r == 0)
        r = check_lines(&reading, log);
    if (r == 0 && reading.witness && !reading.report.problem && getc(reading.witness) != EOF)
        found(&reading, "the witness has checkpoints that are newer: an older log was put back");
    if (r == 0) {
        merkle_root(reading.hasher, &reading.tree, reading.report.root);
        reading.report.records = reading.tree.size;
        reading.report.newest = reading.last.time_ms;
        *ret_report = reading.report;
    }
    merkle_hasher_free(reading.hasher);
    return r;
}
