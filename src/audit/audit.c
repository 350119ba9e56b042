// SPDX-License-Identifier: MPL-2.0
#include "audit/audit.h"

#include "audit/audit_sql.h"
#include "audit/checkpoint_file.h"
#include "audit/record.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>

#define PROVEN_MAX 64
#define RECENT_MAX 1024   // records that are in no index; a reader of the log looks through them all

// A tree that a checkpoint is wanted of.
struct proven {
    int64_t size;
    uint8_t root[MERKLE_HASH];
};

struct audit {
    struct audit_keys keys;
    struct keeper *keeper;
    const struct clock *clock;
    struct merkle_hasher *hasher;
    struct checkpoint_file checkpoints;
    struct merkle tree;        // with what the present transaction has added
    struct merkle at_job;      // when the present job began
    struct merkle committed;
    struct proven proven[PROVEN_MAX];   // not yet signed, by size
    size_t proven_count;
    uint64_t recent;           // committed records that are in no index yet
    bool indexed;              // the present transaction has indexed all
};

static int refuse(const char *problem)
{
    log_event(LOG_ERROR, "audit-open", "problem=\"%s\"", problem);
    return -EBADMSG;
}

// What the database itself can tell in a moment: an authentic head, and neither more nor fewer records than it says.
static int open_head(struct audit *audit, struct db *db)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct sql_audit_newest newest;
    const char *problem = NULL;
    int r = head_read(db, &audit->keys, audit->hasher, &audit->tree, &problem);

    if (r == -EBADMSG)
        return refuse(problem);
    if (r == 0)
        r = arena_new(4096, &arena);
    if (r == 0)
        r = sql_audit_newest(db, arena, &newest);
    if (r < 0)
        return r;
    if (newest.seq != (int64_t)audit->tree.size - 1)
        return refuse("the log in the database ends at another record than its head says");
    merkle_copy(&audit->at_job, &audit->tree);
    merkle_copy(&audit->committed, &audit->tree);
    audit->recent = (uint64_t)newest.recent;
    return 0;
}

// Others may be adding records between one look at the database and the next.
static int open_head_at_once(struct audit *audit, struct db *db)
{
    int r = db_begin_read(db);

    if (r < 0)
        return r;
    r = open_head(audit, db);
    db_commit(db);
    return r;
}

static int compare_checkpoint(struct audit *audit)
{
    const struct checkpoint_end *end = &audit->checkpoints.end;
    uint8_t root[MERKLE_HASH];

    if (!end->any)
        return 0;
    if ((uint64_t)end->last.size > audit->committed.size)
        return refuse("the newest checkpoint is of a longer log: an older database was put back, or the checkpoint file is of another one");
    merkle_root(audit->hasher, &audit->committed, root);
    if ((uint64_t)end->last.size == audit->committed.size && memcmp(root, end->last.root, sizeof(root)) != 0)
        return refuse("the newest checkpoint is of another log than the database's");
    return 0;
}

int audit_open(struct db *db, struct keeper *keeper, const char *checkpoint_file, const struct clock *clock, struct audit **ret_audit)
{
    struct audit *audit = calloc(1, sizeof(*audit));
    int r;

    if (!audit)
        return -ENOMEM;
    audit->keeper = keeper;
    audit->clock = clock;
    audit->checkpoints.fd = -1;
    r = merkle_hasher_new(&audit->hasher);
    if (r == 0)
        r = audit_keys_get(keeper, &audit->keys);
    // In this order: other servers go on writing, and the log never gets shorter.
    if (r == 0)
        r = checkpoint_file_open(&audit->checkpoints, checkpoint_file, audit->hasher, keeper);
    if (r == -EBADMSG)
        refuse("the newest checkpoint was not written by this installation, or its line is damaged");
    if (r == 0)
        r = open_head_at_once(audit, db);
    if (r == 0)
        r = compare_checkpoint(audit);
    if (r < 0) {
        audit_close(audit);
        return r;
    }
    *ret_audit = audit;
    return 0;
}

void audit_close(struct audit *audit)
{
    if (!audit)
        return;
    audit_keys_wipe(&audit->keys);
    merkle_hasher_free(audit->hasher);
    close_descriptor(&audit->checkpoints.fd);
    free(audit);
}

// Where several servers write, the database's server indexes beside us, and what is taken out of a table stays in the way until it has tidied up.
static int add(struct db *db, const struct sql_audit_add_recent_in *row)
{
    if (!db_shared(db))
        return sql_audit_add_recent(db, row);
    return sql_audit_add_indexed(db, &(struct sql_audit_add_indexed_in){
        .seq = row->seq, .moment = row->moment, .kind = row->kind, .person = row->person, .dialogue = row->dialogue, .object = row->object,
        .first_post = row->first_post, .last_post = row->last_post, .mark = row->mark });
}

static int append(struct audit *audit, struct db *db, const struct audit_event *event, struct audit_record *ret_record)
{
    const struct audit_record record = { (int64_t)audit->tree.size, clock_now(audit->clock), *event };
    uint8_t bytes[RECORD_BYTES];
    uint8_t mark[RECORD_MARK];
    int r;

    if (event->kind <= AUDIT_NONE || event->kind >= AUDIT_KIND_COUNT)
        return -EINVAL;
    record_encode(&record, bytes);
    record_mark(&audit->keys, bytes, mark);
    r = add(db, &(struct sql_audit_add_recent_in){
        .seq = record.seq,
        .moment = record.time_ms,
        .kind = event->kind,
        .person = event->person,
        .dialogue = event->dialogue,
        .object = event->object,
        .first_post = event->first,
        .last_post = event->last,
        .mark = bytes_from(mark, sizeof(mark)),
    });
    if (r < 0)
        return r;
    merkle_add(audit->hasher, &audit->tree, bytes_from(bytes, sizeof(bytes)));
    *ret_record = record;
    return 0;
}

int audit_append(struct audit *audit, struct db *db, const struct audit_event *event)
{
    struct audit_record record;

    return append(audit, db, event, &record);
}

int audit_has(struct db *db, enum audit_kind kind, int64_t object, bool *ret_there)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct sql_audit_has has;
    int r = arena_new(4096, &arena);

    r = r < 0 ? r : sql_audit_has(db, arena, &(struct sql_audit_has_in){ .kind = kind, .object = object }, &has);
    if (r == 0)
        *ret_there = has.count > 0;
    return r;
}

int audit_append_proven(struct audit *audit, struct db *db, const struct audit_event *event, struct audit_place *ret_place)
{
    struct audit_place place = { .record = { .seq = (int64_t)audit->tree.size } };
    int r;

    if (audit->proven_count == PROVEN_MAX)
        return -EAGAIN;
    merkle_copy(&place.before, &audit->tree);
    r = append(audit, db, event, &place.record);
    if (r < 0)
        return r;
    struct proven *proven = &audit->proven[audit->proven_count++];
    proven->size = (int64_t)audit->tree.size;
    merkle_root(audit->hasher, &audit->tree, proven->root);
    *ret_place = place;
    return 0;
}

// After the tree was set back.
static void forget_proven(struct audit *audit)
{
    while (audit->proven_count > 0 && (uint64_t)audit->proven[audit->proven_count - 1].size > audit->tree.size)
        audit->proven_count--;
}

// Others may have written since: the log goes on from where it stands now.
static int begin(void *context, struct db *db)
{
    struct audit *audit = context;
    struct merkle now = { 0 };
    const char *problem = NULL;
    int r;

    if (!db_shared(db))
        return 0;
    r = head_read(db, &audit->keys, audit->hasher, &now, &problem);
    if (r == -EBADMSG)
        return refuse(problem);
    if (r < 0)
        return r;
    if (now.size < audit->committed.size)
        return refuse("the log in the database is shorter than it was");
    if (now.size > audit->committed.size) {
        merkle_copy(&audit->tree, &now);
        merkle_copy(&audit->committed, &now);
    }
    return 0;
}

static void job_begin(void *context)
{
    struct audit *audit = context;

    merkle_copy(&audit->at_job, &audit->tree);
}

static void job_rollback(void *context)
{
    struct audit *audit = context;

    merkle_copy(&audit->tree, &audit->at_job);
    forget_proven(audit);
}

static uint64_t added(const struct audit *audit)
{
    return audit->tree.size - audit->committed.size;
}

// Each index entry changes a page: a thousand at once change few pages more than the forty of a transaction would.
static int index_recent(struct audit *audit, struct db *db)
{
    if (db_shared(db) || audit->recent + added(audit) < RECENT_MAX)
        return 0;
    audit->indexed = true;
    int64_t rows = sql_audit_index_recent(db);
    if (rows >= 0)
        rows = sql_audit_forget_recent(db);
    return rows < 0 ? (int)rows : 0;
}

static int before_commit(void *context, struct db *db)
{
    struct audit *audit = context;
    uint8_t root[MERKLE_HASH];
    uint8_t mac[HEAD_MAC];

    if (added(audit) == 0)
        return 0;
    int r = index_recent(audit, db);
    if (r < 0)
        return r;
    merkle_root(audit->hasher, &audit->tree, root);
    head_mac(&audit->keys, &audit->tree, root, mac);
    return sql_audit_head_put(db, &(struct sql_audit_head_put_in){
        .size = (int64_t)audit->tree.size,
        .root = bytes_from(root, sizeof(root)),
        .peaks = bytes_from(audit->tree.peaks[0], merkle_peaks(audit->tree.size) * sizeof(audit->tree.peaks[0])),
        .mac = bytes_from(mac, sizeof(mac)),
    });
}

static void after_commit(void *context, bool committed)
{
    struct audit *audit = context;

    bool indexed = audit->indexed;
    audit->indexed = false;
    if (committed) {
        audit->recent = indexed ? 0 : audit->recent + added(audit);
        merkle_copy(&audit->committed, &audit->tree);
        return;
    }
    merkle_copy(&audit->tree, &audit->committed);
    forget_proven(audit);
}

struct writer_hooks audit_hooks(struct audit *audit)
{
    return (struct writer_hooks){
        .context = audit,
        .begin = begin,
        .job_begin = job_begin,
        .job_rollback = job_rollback,
        .before_commit = before_commit,
        .after_commit = after_commit,
    };
}

static int sign(struct audit *audit, int64_t size, const uint8_t root[MERKLE_HASH])
{
    _cleanup_(buf_free) struct buf line = buf_bounded(CHECKPOINT_LINE);
    const struct checkpoint_end *end = &audit->checkpoints.end;
    struct checkpoint next = { .size = size, .time_ms = clock_now(audit->clock) };
    uint8_t bytes[CHECKPOINT_SIGNED];
    int r;

    if (next.size <= (end->any ? end->last.size : 0))
        return 0;
    memcpy(next.root, root, sizeof(next.root));
    memcpy(next.previous, end->digest, sizeof(next.previous));
    checkpoint_signed(&next, bytes);
    r = keeper_sign(audit->keeper, bytes_from(bytes, sizeof(bytes)), next.signature);
    if (r < 0)
        return r;
    checkpoint_format(&next, &line);
    return line.error ? line.error : checkpoint_file_append(&audit->checkpoints, &next, &line);
}

static int sign_all(struct audit *audit)
{
    uint8_t root[MERKLE_HASH];
    size_t done = 0;
    int r = 0;

    // What a transaction that is still open has added waits for the next call.
    while (r == 0 && done < audit->proven_count && (uint64_t)audit->proven[done].size <= audit->committed.size) {
        r = sign(audit, audit->proven[done].size, audit->proven[done].root);
        done += r == 0;
    }
    audit->proven_count -= done;
    memmove(audit->proven, audit->proven + done, audit->proven_count * sizeof(audit->proven[0]));
    if (r < 0)
        return r;
    merkle_root(audit->hasher, &audit->committed, root);
    return sign(audit, (int64_t)audit->committed.size, root);
}

int audit_checkpoint(struct audit *audit)
{
    int r = checkpoint_file_lock(&audit->checkpoints);

    if (r < 0)
        return r;
    r = sign_all(audit);
    checkpoint_file_unlock(&audit->checkpoints);
    return r;
}

int audit_find_checkpoint(const struct audit *audit, int64_t size, struct checkpoint *ret_checkpoint)
{
    return checkpoint_find(audit->checkpoints.fd, size, ret_checkpoint);
}

int audit_each(struct db *db, int64_t dialogue, int (*each)(void *context, const struct audit_record *record), void *context)
{
    struct sql_audit_of_dialogue row;
    struct db_stmt *stmt;
    int r = sql_audit_of_dialogue(db, &(struct sql_audit_of_dialogue_in){ .dialogue = dialogue }, &stmt);

    if (r < 0)
        return r;
    while ((r = sql_audit_of_dialogue_next(stmt, &row)) == 1) {
        const struct audit_record record = {
            .seq = row.seq,
            .time_ms = row.moment,
            .event = { (enum audit_kind)row.kind, row.person, dialogue, row.object, row.first_post, row.last_post },
        };
        r = each(context, &record);
        if (r != 0)
            break;
    }
    db_end(stmt);
    return r;
}
