// SPDX-License-Identifier: MPL-2.0
// The pages and files of one entry.
#include "base/cleanup.h"
#include "feature/journal/journal_html.h"
#include "feature/journal/journal_json.h"
#include "feature/journal/journal_page.h"
#include "feature/journal/journal_sql.h"

#include <errno.h>

static const struct page entry_page = { &journal_entry_json, journal_entry_any, NULL };

static int get_entry_row(struct request *request, struct journal_entry *entry)
{
    int result = journal_get(request->entity, request->number[1], entry);
    request->event.object = request->number[1];
    return result;
}

// -ENOENT when it is not for the reader to open.
static int get_opened(struct request *request, struct journal_entry *entry)
{
    bool may;
    int result = get_entry_row(request, entry);
    if (result == 0)
        result = journal_may_open(request->entity, entry, &may);
    return result == 0 && !may ? -ENOENT : result;
}

static int get_entry(struct request *request)
{
    struct journal_entry entry;
    struct journal_view_entry view;
    int result = get_entry_row(request, &entry);
    if (result == 0)
        result = journal_page_entry(request, &entry, &view);
    return result < 0 ? result : request_page(request, &entry_page, entry.theme, &view);
}

static int post_retry(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    int64_t id = request->number[1];
    int result = journal_retry(request->entity, id);
    request->event.object = id;
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("It is on its way already."));
    return result < 0 ? result : request_redirect(request, arena_format(request->arena, "/dialogue/%lld/journal/%lld", (long long)dialogue->id, (long long)id));
}

static int show_part(struct request *request, enum journal_part part, const char *type)
{
    _cleanup_(buf_free) struct buf bytes = buf_bounded(JOURNAL_PDF_MAX);
    struct journal_entry entry;
    int result = get_opened(request, &entry);
    if (result == 0)
        result = journal_part(request->entity, &entry, part, &bytes);
    if (result < 0)
        return result;
    request->event.first = entry.first;
    request->event.last = entry.last;
    return request_bytes(request, type, str_bytes(buf_view(&bytes)));
}

static int get_pdf(struct request *request)
{
    return show_part(request, JOURNAL_PDF, "application/pdf");
}

static int get_package(struct request *request)
{
    return show_part(request, JOURNAL_PACKAGE, "application/vnd.samtraad.journal+json");
}

static int show_proof(struct request *request, enum journal_part part)
{
    struct journal_entry entry;
    struct sql_journal_proofs row;
    int result = get_opened(request, &entry);
    if (result == 0)
        result = sql_journal_proofs(request->db, request->arena, &(struct sql_journal_proofs_in){ .id = entry.id }, &row);
    if (result < 0)
        return result;
    struct str proof = part == JOURNAL_PDF ? row.pdf : row.package;
    return proof.ptr ? request_bytes(request, "application/octet-stream", str_bytes(proof)) : -ENOENT;
}

static int get_pdf_proof(struct request *request)
{
    return show_proof(request, JOURNAL_PDF);
}

static int get_package_proof(struct request *request)
{
    return show_proof(request, JOURNAL_PACKAGE);
}

static const struct route routes[] = {
    JOURNAL_GET("/dialogue/{dialogue#}/journal/{entry#}", AUDIT_JOURNAL_READ, .handle = get_entry, .answer = &journal_entry_json,
                .summary = "One entry and where it is."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/{entry#}/pdf", AUDIT_JOURNAL_OPEN, .handle = get_pdf, .summary = "The entry as PDF."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/{entry#}/package", AUDIT_JOURNAL_OPEN, .handle = get_package, .summary = "The entry as data."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/{entry#}/pdf/proof", AUDIT_JOURNAL_READ, .handle = get_pdf_proof, .summary = "The proof of its PDF."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/{entry#}/package/proof", AUDIT_JOURNAL_READ, .handle = get_package_proof,
                .summary = "The proof of its data."),
    JOURNAL_POST("/dialogue/{dialogue#}/journal/{entry#}/retry", AUDIT_JOURNAL_DELIVER, .form = &form_empty, .handle = post_retry, .again = get_entry,
                 .summary = "Has an entry that could not be sent be tried anew."),
};
FEATURE(journal_entry, routes);
