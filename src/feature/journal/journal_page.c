// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_page.h"

#include "audit/proof.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/journal/journal_adapter.h"
#include "feature/journal/journal_sql.h"
#include "web/date.h"

#include <errno.h>

#define EXCERPT_CHARACTERS 80
#define LATE_MAX 100
#define REMIND_DAYS 7

int64_t journal_remind_days(const struct app *app)
{
    int64_t days = REMIND_DAYS;
    config_int(app->config, "journal.remind_days", 0, 365, REMIND_DAYS, &days);
    return days;
}

static const struct {
    const char *key, *text;
    bool good, bad;
} states[] = {
    [JOURNAL_STATE_UNSET] = { "unset", "", false, true },
    [JOURNAL_MADE] = { "made", TEXT("Ready"), false, false },
    [JOURNAL_DELIVERING] = { "delivering", TEXT("Being sent"), false, false },
    [JOURNAL_DELIVERED] = { "delivered", TEXT("Sent, no receipt yet"), false, false },
    [JOURNAL_ACCEPTED] = { "accepted", TEXT("In the case"), true, false },
    [JOURNAL_REFUSED] = { "refused", TEXT("Refused by the case system"), false, true },
    [JOURNAL_FAILED] = { "failed", TEXT("Could not be sent"), false, true },
};

const char *journal_state_text(enum journal_state state)
{
    return states[state].text;
}

const char *journal_state_key(enum journal_state state)
{
    return states[state].key;
}

static struct str fill(struct request *request, const char *english, const char *name, struct str value)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(2000);
    const struct text_value values = { name, value };
    text_format(&text, request_text(request, english), &values, 1);
    return arena_str(request->arena, buf_view(&text));
}

static struct str kind_text(struct request *request, const struct journal_entry *entry)
{
    const struct dialogue *dialogue = request->entity;
    if (entry->kind == JOURNAL_CALL)
        return request_text(request, TEXT("Phone note"));
    _cleanup_(buf_free) struct buf text = buf_bounded(500);
    const struct text_value values[] = {
        { "first", arena_format(request->arena, "%lld", (long long)dialogue_told_number(dialogue, entry->first)) },
        { "last", arena_format(request->arena, "%lld", (long long)dialogue_told_number(dialogue, entry->last)) },
    };
    text_format(&text, request_text(request, entry->first == entry->last ? TEXT("Message {first}") : TEXT("Messages {first} to {last}")), values, 2);
    return arena_str(request->arena, buf_view(&text));
}

static int name_of(struct request *request, int64_t person, struct str *ret_name)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct account account;
    int result = account_get(&scene, person, &account);
    *ret_name = result == 0 ? account.name : STR("?");
    return result == -ENOENT ? 0 : result;
}

int journal_page_entry(struct request *request, const struct journal_entry *entry, struct journal_view_entry *ret_view)
{
    struct dialogue *dialogue = request->entity;
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    char code[PROOF_CODE + 1];
    struct journal_view_entry view = {
        .dialogue = dialogue->id, .id = entry->id, .topic = dialogue->topic, .theme = entry->theme,
        .day = dates_date(&dates, entry->day * DAY_MS + 12 * HOUR_MS), .kind = kind_text(request, entry),
        .made = dates_moment(&dates, entry->made), .made_at = entry->made,
        .state = request_text(request, states[entry->state].text), .state_key = str_from(states[entry->state].key),
        .state_since = dates_moment(&dates, entry->changed), .good = states[entry->state].good, .bad = states[entry->state].bad,
        .case_number = entry->receipt.case_number, .message = entry->receipt.message, .proven = entry->proven,
        .may_retry = entry->state == JOURNAL_FAILED,
    };
    proof_code(entry->package_hash.ptr, code);
    view.code = arena_str(request->arena, str_from(code));
    int result = name_of(request, entry->author, &view.author);
    if (result == 0)
        result = journal_may_open(dialogue, entry, &view.may_open);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_entries(struct request *request, struct journal_view *view)
{
    const struct journal_entry *entries;
    size_t count;
    int result = journal_list(request->entity, JOURNAL_ENTRIES_SHOWN, &entries, &count);
    struct journal_view_entry *views = result == 0 ? arena_array(request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = journal_page_entry(request, &entries[i], &views[i]);
    view->entries = views;
    view->entries_count = count;
    return result;
}

int journal_page_excerpt(struct request *request, int64_t number, struct str *ret_author, struct str *ret_excerpt)
{
    struct dialogue *dialogue = request->entity;
    struct post post;
    size_t at = 0;
    int result = post_get(dialogue, number, &post);
    if (result == 0)
        result = name_of(request, post.author, ret_author);
    if (result == 0)
        result = request_audit(request, &(struct audit_event){ .kind = AUDIT_DIALOGUE_READ, .person = request->session.person,
            .dialogue = dialogue->id, .first = number, .last = number });
    if (result < 0)
        return result;
    for (size_t n = 0; n < EXCERPT_CHARACTERS && utf8_next(post.text, &at) != 0; n++)
        ;
    *ret_excerpt = arena_format(request->arena, "%.*s%s", (int)at, post.text.ptr, at < post.text.len ? "…" : "");
    return ret_excerpt->ptr ? 0 : -ENOMEM;
}

static int fill_mark(struct request *request, const struct journal_mark *mark, struct journal_view_mark *ret_view)
{
    const struct dialogue *dialogue = request->entity;
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct journal_view_mark view = {
        .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, mark->number),
        .since = fill(request, TEXT("marked {date}"), "date", dates_date(&dates, mark->at)),
        .late = request->now - mark->at >= journal_remind_days(request->app) * DAY_MS,
    };
    int result = journal_page_excerpt(request, mark->number, &view.author, &view.excerpt);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_marks(struct request *request, struct journal_view *view)
{
    const struct journal_mark *marks;
    size_t count;
    int result = journal_marks_open(request->entity, &marks, &count);
    struct journal_view_mark *views = result == 0 ? arena_array(request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = fill_mark(request, &marks[i], &views[i]);
    view->marks = views;
    view->marks_count = count;
    return result;
}

int journal_page(struct request *request, struct journal_view *ret_view)
{
    struct dialogue *dialogue = request->entity;
    const struct journal_range *ranges;
    size_t count;
    struct journal_view view = { .dialogue = dialogue->id, .topic = dialogue->topic, .posts = dialogue->last_number - dialogue_first_visible(dialogue) + 1,
                                 .finished = dialogue->state == DIALOGUE_JOURNALISED, .delivers = journal_adapter_wanted(request->app->config) };
    int result = journal_missing(dialogue, &ranges, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        view.missing += ranges[i].last - ranges[i].first + 1;
    if (result == 0)
        result = journal_may_finish(dialogue, view.delivers, &view.may_finish);
    if (result == 0)
        result = fill_marks(request, &view);
    if (result == 0)
        result = fill_entries(request, &view);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_late(struct request *request, const struct sql_journal_marks_late *row, struct journal_view_late *ret_view)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct dialogue *dialogue;
    struct journal_view_late view = { .dialogue = row->dialogue, .posts = row->posts,
                                      .since = fill(request, TEXT("marked {date}"), "date", dates_date(&dates, row->at)) };
    int result = dialogue_open(&scene, row->dialogue, request->session.person, &dialogue);
    if (result == 0 && dialogue->relation != RELATION_COORDINATOR)
        result = -ENOENT;
    if (result < 0)
        return result;
    view.topic = dialogue->topic;
    result = name_of(request, dialogue->citizen, &view.citizen);
    if (result == 0)
        *ret_view = view;
    return result;
}

int journal_page_mine(struct request *request, struct journal_view_mine *ret_view)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_journal_marks_late row;
    struct journal_view_mine view = { .days = journal_remind_days(request->app) };
    struct journal_view_late *list = arena_array(request->arena, LATE_MAX, sizeof(*list));
    int result = list ? sql_journal_marks_late(request->db, &(struct sql_journal_marks_late_in){
        .person = request->session.person, .before = request->now - view.days * DAY_MS, .now = request->now, .count = LATE_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && view.late_count < LATE_MAX && (result = sql_journal_marks_late_next(stmt, &row)) == 1) {
        result = fill_late(request, &row, &list[view.late_count]);
        view.late_count += result == 0;
        result = result == -ENOENT ? 0 : result;
    }
    view.late = list;
    if (result >= 0)
        *ret_view = view;
    return result < 0 ? result : 0;
}
