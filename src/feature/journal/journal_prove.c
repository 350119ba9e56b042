// SPDX-License-Identifier: MPL-2.0
#include "audit/proof.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "feature/journal/journal_sql.h"
#include "feature/journal/journal_steps.h"

#include <errno.h>

#define AT_ONCE 4

static int open_dialogue(const struct dialogue_scene *scene, const struct journal_due *due, struct dialogue **ret_dialogue)
{
    int result = dialogue_open_whole(scene, due->dialogue, ret_dialogue);
    if (result == -ENOENT)
        result = dialogue_open(scene, due->dialogue, due->author, ret_dialogue);
    return result == 0 && (*ret_dialogue)->relation == RELATION_FORMER ? -ENOENT : result;
}

int journal_work_open(struct journal_work *work, const struct journal_due *due, struct dialogue **ret_dialogue, struct journal_entry *ret_entry)
{
    struct dialogue_scene scene = { .db = work->db, .keys = work->keys, .arena = work->arena, .now = clock_now(work->app->clock) };
    int result = db_begin_read(work->db);
    if (result < 0)
        return result;
    result = open_dialogue(&scene, due, ret_dialogue);
    if (result == 0)
        result = journal_get(*ret_dialogue, due->id, ret_entry);
    db_commit(work->db);
    return result;
}

// Logs the digests of one entry's two parts.
struct logging {
    struct write_job job;   // first
    struct audit *audit;
    const struct journal_entry *entry;
    int64_t dialogue;
    struct proof package, pdf;
};

static int apply_logging(struct write_job *job, struct db *db)
{
    struct logging *logging = (struct logging *)job;
    struct audit_event who = { .person = logging->entry->author, .dialogue = logging->dialogue };
    int result = proof_document(logging->audit, db, &who, logging->entry->package_hash.ptr, &logging->package);
    return result < 0 ? result : proof_document(logging->audit, db, &who, logging->entry->pdf_hash.ptr, &logging->pdf);
}

// What is signed must be durable.
static void done_logging(struct write_job *job, int result)
{
    if (result == 0)
        result = audit_checkpoint(((struct logging *)job)->audit);
    if (result < 0)
        log_event(LOG_ERROR, "journal-proof", "result=%d", result);
}

struct keeping {
    struct write_job job;   // first
    struct sql_journal_set_proofs_in row;
};

static int apply_keeping(struct write_job *job, struct db *db)
{
    int64_t rows = sql_journal_set_proofs(db, &((struct keeping *)job)->row);
    return rows < 0 ? (int)rows : 0;
}

static int keep(struct journal_work *work, int64_t entry, struct str package, struct str pdf)
{
    struct keeping keeping = { .job = { .apply = apply_keeping }, .row = { .id = entry, .package = package, .pdf = pdf } };
    return writer_run(work->app->writer, &keeping.job);
}

static int prove(struct journal_work *work, const struct dialogue *dialogue, const struct journal_entry *entry)
{
    _cleanup_(buf_free) struct buf package = buf_bounded(PROOF_TEXT_MAX), pdf = buf_bounded(PROOF_TEXT_MAX);
    struct logging *logging = arena_alloc(work->arena, sizeof(*logging));
    if (!logging)
        return -ENOMEM;
    *logging = (struct logging){ .job = { .apply = apply_logging, .done = done_logging }, .audit = work->app->audit, .entry = entry,
                                 .dialogue = dialogue->id };
    int result = writer_run(work->app->writer, &logging->job);
    if (result == 0)
        result = proof_complete(work->app->audit, &logging->package);
    if (result == 0)
        result = proof_complete(work->app->audit, &logging->pdf);
    if (result < 0)
        return result;
    proof_format(&logging->package, &package);
    proof_format(&logging->pdf, &pdf);
    result = package.error ? package.error : pdf.error;
    return result < 0 ? result : keep(work, entry->id, buf_view(&package), buf_view(&pdf));
}

static int find_unproven(struct journal_work *work, struct journal_due *list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_journal_unproven row;
    size_t count = 0;
    int result = sql_journal_unproven(work->db, &(struct sql_journal_unproven_in){ .count = AT_ONCE }, &stmt);
    while (result == 0 && count < AT_ONCE && (result = sql_journal_unproven_next(stmt, &row)) == 1) {
        list[count++] = (struct journal_due){ row.id, row.dialogue, row.author };
        result = 0;
    }
    *ret_count = count;
    return result < 0 ? result : 0;
}

int journal_prove(struct journal_work *work)
{
    struct journal_due list[AT_ONCE];
    size_t count;
    int result = find_unproven(work, list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct dialogue *dialogue;
        struct journal_entry entry;
        result = journal_work_open(work, &list[i], &dialogue, &entry);
        if (result == 0)
            result = prove(work, dialogue, &entry);
        else if (result == -ENOENT || result == -EBADMSG)   // its keys are destroyed: there is nothing to prove any more
            result = keep(work, list[i].id, STR(""), STR(""));
    }
    return result == -EAGAIN ? 0 : result;
}
