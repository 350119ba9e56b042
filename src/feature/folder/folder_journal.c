// SPDX-License-Identifier: MPL-2.0
// What of a dialogue was filed as municipal record, with its receipts. For its citizen and for who sees the journal anyway; docs/adr/0019-my-folder.md.
#include "audit/proof.h"
#include "base/encode.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_part.h"
#include "feature/folder/folder_view.h"
#include "feature/folder/folder_write.h"
#include "feature/journal/journal.h"

#include <errno.h>

static bool may_know(const struct folder_part *part, const struct dialogue *dialogue)
{
    struct policy_subject subject = { part->request->session.role, dialogue->relation, dialogue->state };
    return dialogue->relation == RELATION_CITIZEN || policy_allows(PERMISSION_DIALOGUE_JOURNAL, &subject);
}

// A note from a phone call holds what the citizen was not shown: that there is one is told, and not what it is about.
static int put_entry(struct folder_part *part, const struct dialogue *dialogue, const struct journal_entry *entry)
{
    struct arena *arena = part->scratch;
    char code[PROOF_CODE + 1];
    bool note = entry->kind == JOURNAL_CALL, told = !note || dialogue->relation != RELATION_CITIZEN;
    proof_code(entry->package_hash.ptr, code);
    struct str package = encode_hex(arena, entry->package_hash), pdf = encode_hex(arena, entry->pdf_hash);
    struct folder_view_entry view = {
        .note = note, .theme = told ? entry->theme : STR(""), .first = dialogue_told_number(dialogue, entry->first), .last = dialogue_told_number(dialogue, entry->last),
        .day = folder_day(part, arena, entry->day * DAY_MS + DAY_MS / 2), .made = folder_when(part, arena, entry->made),
        .state = request_text(part->request, journal_state_text(entry->state)), .changed = folder_when(part, arena, entry->changed),
        .case_number = entry->receipt.case_number, .code = str_from(code),
    };
    if (!package.ptr || !pdf.ptr)
        return -ENOMEM;
    folder_entry_html(&part->out, &view);
    json_out_open(&part->values, '{');
    folder_put_id(part, "id", entry->id);
    folder_put_text(part, "kind", note ? STR("call") : STR("messages"));
    folder_put_text(part, "theme", view.theme);
    folder_put_time(part, "made", entry->made);
    folder_put_int(part, "first", view.first);
    folder_put_int(part, "last", view.last);
    folder_put_text(part, "state", str_from(journal_state_key(entry->state)));
    folder_put_time(part, "state_since", entry->changed);
    folder_put_text(part, "case_number", entry->receipt.case_number);
    folder_put_text(part, "code", view.code);
    folder_put_text(part, "package_sha256", package);
    folder_put_text(part, "pdf_sha256", pdf);
    json_out_close(&part->values, '}');
    return request_left(part->request) ? -ECANCELED : folder_flush(part);
}

int folder_part_journal(struct folder_part *part, struct dialogue *dialogue)
{
    const struct journal_entry *entries = NULL;
    size_t count = 0;
    json_out_key(&part->values, STR("journal"));
    json_out_open(&part->values, '[');
    int result = may_know(part, dialogue) ? journal_list(dialogue, FOLDER_ENTRIES_MAX, &entries, &count) : 0;
    if (count) {
        buf_lit(&part->html, "<h3>");
        html_text(&part->html, request_text(part->request, TEXT("What was filed")));
        buf_lit(&part->html, "</h3>\n<ul class=\"log\">\n");
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        result = put_entry(part, dialogue, &entries[i]);
    if (count)
        buf_lit(&part->html, "</ul>\n");
    json_out_close(&part->values, ']');
    return result;
}
