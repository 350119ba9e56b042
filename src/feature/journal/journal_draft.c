// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/random.h"
#include "feature/journal/journal_package.h"
#include "feature/journal/journal_piece.h"
#include "feature/journal/journal_sql.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>

// How many may be made at once: each is a process and a few megabytes.
#define DRAFTS_AT_ONCE 2

// One piece on its way into the database. One write at a time, so that no other writer waits for a whole package.
struct piece_job {
    struct write_job job;   // first
    struct sql_journal_piece_add_in row;
};

static int put_piece(struct write_job *job, struct db *db)
{
    const struct piece_job *piece = (const struct piece_job *)job;
    int64_t rows = sql_journal_piece_add(db, &piece->row);
    return rows < 0 ? (int)rows : 0;
}

static int keep_piece(struct dialogue *dialogue, struct writer *writer, const struct seal_place *place, struct bytes plain)
{
    struct arena *arena;
    struct data_key *key;
    struct piece_job job = { .job = { .apply = put_piece }, .row = {
        .entry = place->object, .part = place->version >> 32, .piece = place->version & INT32_MAX } };
    int result = arena_new(2 * JOURNAL_PIECE, &arena);
    if (result < 0)
        return result;
    result = dialogue_key(dialogue, place->epoch, &key);
    if (result == 0)
        result = seal(key, place, plain, arena, &job.row.sealed);
    if (result == 0)
        result = writer_run(writer, &job.job);
    arena_free(arena);
    return result;
}

static int keep_part(struct dialogue *dialogue, struct writer *writer, const struct journal_draft *draft, int64_t part, struct bytes bytes)
{
    int result = 0;
    int64_t piece = 0;
    size_t at = 0;
    // An empty file has one empty piece: otherwise it would be none.
    do {
        size_t len = bytes.len - at < JOURNAL_PIECE ? bytes.len - at : JOURNAL_PIECE;
        struct seal_place place = journal_piece_place(dialogue, draft->epoch, draft->id, part, piece++);
        result = keep_piece(dialogue, writer, &place, bytes_from(bytes.ptr + at, len));
        at += len;
    } while (result == 0 && at < bytes.len);
    return result;
}

// Puts a package's files into the database, and its pictures together for whoever draws.
struct keeping {
    struct journal_sink sink;   // first
    struct dialogue *dialogue;
    const struct journal_draft *draft;
    struct buf pictures;
};

static int take_file(struct journal_sink *sink, size_t index, bool picture, struct bytes bytes)
{
    struct keeping *keeping = (struct keeping *)sink;
    if (picture)
        buf_put(&keeping->pictures, bytes.ptr, bytes.len);
    return keeping->pictures.error ? keeping->pictures.error
                                   : keep_part(keeping->dialogue, sink->app->writer, keeping->draft, JOURNAL_FILE + (int64_t)index, bytes);
}

static int make(struct dialogue *dialogue, const struct app *app, const struct journal_ask *ask, struct journal_draft *draft)
{
    _cleanup_(buf_free) struct buf package = buf_bounded(JOURNAL_PACKAGE_MAX);
    _cleanup_(buf_free) struct buf pdf = buf_bounded(JOURNAL_PDF_MAX);
    struct keeping keeping = { .sink = { .app = app, .take = take_file }, .dialogue = dialogue, .draft = draft,
                               .pictures = buf_bounded(JOURNAL_FILES_BYTES_MAX) };
    int result = journal_package(dialogue, ask, draft->id, &keeping.sink, &package);
    if (result == 0)
        result = journal_render(app->spawner, buf_view(&package), buf_view(&keeping.pictures), &pdf);
    buf_free(&keeping.pictures);
    if (result < 0)
        return result;
    crypto_hash_sha256(draft->package_hash, (const unsigned char *)package.data, package.len);
    crypto_hash_sha256(draft->pdf_hash, (const unsigned char *)pdf.data, pdf.len);
    result = keep_part(dialogue, app->writer, draft, JOURNAL_PACKAGE, str_bytes(buf_view(&package)));
    return result < 0 ? result : keep_part(dialogue, app->writer, draft, JOURNAL_PDF, str_bytes(buf_view(&pdf)));
}

int journal_draft_make(struct dialogue *dialogue, const struct app *app, const struct journal_ask *ask, struct journal_draft *ret_draft)
{
    static atomic_int running;
    int64_t now = dialogue->scene.now;
    struct journal_draft draft = { .id = id_new(now), .made = now, .epoch = dialogue->epoch };
    if (ask->kind == JOURNAL_MESSAGES && ask->last - ask->first >= JOURNAL_POSTS_MAX)
        return -EMSGSIZE;
    int result = atomic_fetch_add(&running, 1) < DRAFTS_AT_ONCE ? make(dialogue, app, ask, &draft) : -EBUSY;
    atomic_fetch_sub(&running, 1);
    if (result == 0)
        *ret_draft = draft;
    return result;
}

// As much of a run as one entry can hold, and at least one message.
static int make_some(struct dialogue *dialogue, const struct app *app, struct journal_filing *filing)
{
    struct journal_ask *ask = &filing->ask;
    int result;
    if (ask->last - ask->first >= JOURNAL_POSTS_MAX)
        ask->last = ask->first + JOURNAL_POSTS_MAX - 1;
    while ((result = journal_draft_make(dialogue, app, ask, &filing->draft)) == -EMSGSIZE && ask->last > ask->first)
        ask->last = ask->first + (ask->last - ask->first) / 2;
    return result;
}

int journal_draft_missing(struct dialogue *dialogue, const struct app *app, const struct journal_ask *ask, struct journal_filing *filings, size_t max,
                          size_t *ret_count)
{
    const struct journal_range *ranges;
    size_t count, made = 0;
    int result = journal_missing(dialogue, &ranges, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        for (int64_t first = ranges[i].first; result == 0 && made < max && first <= ranges[i].last; first = filings[made++].ask.last + 1) {
            filings[made].ask = *ask;
            filings[made].ask.kind = JOURNAL_MESSAGES;
            filings[made].ask.first = first;
            filings[made].ask.last = ranges[i].last;
            result = make_some(dialogue, app, &filings[made]);
        }
    }
    if (result == 0)
        *ret_count = made;
    return result;
}
