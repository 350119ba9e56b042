// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/review_page.h"

#include "base/cleanup.h"
#include "feature/insight/log_words.h"
#include "feature/insight/review_sql.h"
#include "feature/insight/spot.h"
#include "feature/reason/reason.h"

#include <errno.h>

#define LOOKS_MAX 50
#define TEXT_BYTES 1000

const char *review_outcome_text(enum review_outcome outcome)
{
    switch (outcome) {
    case REVIEW_IN_ORDER:
        return TEXT("It was in order.");
    case REVIEW_NOT_IN_ORDER:
        return TEXT("It was not in order.");
    default:
        return TEXT("It was passed on to the management.");
    }
}

static struct str sign_words(struct people *people, int64_t signs)
{
    static const struct {
        enum spot_sign sign;
        const char *text;
    } words[] = {
        { SPOT_OUTSIDE, TEXT("outside their own unit") }, { SPOT_NIGHT, TEXT("at night") },
        { SPOT_SILENT, TEXT("wrote nothing afterwards") }, { SPOT_MANY, TEXT("many citizens in one day") },
    };
    _cleanup_(buf_free) struct buf text = buf_bounded(TEXT_BYTES);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!(signs & words[i].sign))
            continue;
        if (text.len)
            buf_lit(&text, ", ");
        buf_str(&text, request_text(people->request, words[i].text));
    }
    return text.error ? STR("") : arena_str(people->request->arena, buf_view(&text));
}

// What the reviewer is told of a record: who, what sort of thing, when. No topic, no message, and nobody else's name.
static struct str look_words(struct people *people, const struct audit_event *event, struct str who)
{
    struct audit_event shown = *event;
    if (log_words(event->kind)->text == NULL)
        return STR("");
    return log_words_sentence(people, &(struct log_sentence){ .event = &shown, .who = who, .topic = STR(""), .person = STR(""), .other = true });
}

#define RECORD_OF(r) \
    { .seq = (r).seq, .time_ms = (r).moment, .event = { (enum audit_kind)(r).kind, (r).person, (r).dialogue, (r).object, (r).first, (r).last } }

struct looks {
    struct audit_record list[LOOKS_MAX];
    size_t count;
};

static int read_looks(struct people *people, const struct review *review, size_t max, struct looks *ret_looks)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_review_looks row;
    ret_looks->count = 0;
    int result = sql_review_looks(people->request->db, &(struct sql_review_looks_in){
        .person = review->looker, .dialogue = review->dialogue, .first = review->first_record, .last = review->last_record, .count = (int64_t)max }, &stmt);
    while (result == 0 && ret_looks->count < max && (result = sql_review_looks_next(stmt, &row)) == 1) {
        ret_looks->list[ret_looks->count++] = (struct audit_record)RECORD_OF(row);
        result = 0;
    }
    return result;
}

static int who_words(struct people *people, int64_t person, struct review_view_row *row)
{
    struct people_label label;
    const struct account *account;
    int result = people_label(people, person, RELATION_NONE, SIGHT_NAME, &label);
    if (result == 0)
        result = people_account(people, person, &account);
    if (result < 0)
        return result;
    row->avatar = label.avatar;
    row->who = label.who;
    row->about_who = account->title.len && label.unit.len ?
        arena_format(people->request->arena, "%.*s · %.*s", (int)account->title.len, account->title.ptr, (int)label.unit.len, label.unit.ptr) : label.unit;
    return row->about_who.ptr ? 0 : -ENOMEM;
}

int review_page_row(struct people *people, const struct review *review, struct review_view_row *ret_row)
{
    struct looks looks;
    struct review_view_row row = {
        .id = review->id, .signs = sign_words(people, review->signs), .age = dates_duration(&people->dates, people->request->now - review->created),
        .asked = review->cause == REVIEW_ASKED, .own = review->looker == people->request->session.person, .what = STR(""), .when = STR(""),
        .outcome = review->closed ? request_text(people->request, review_outcome_text(review->outcome)) : STR(""),
    };
    int result = who_words(people, review->looker, &row);
    if (result == 0)
        result = read_looks(people, review, 1, &looks);
    if (result < 0)
        return result;
    if (looks.count) {
        row.what = look_words(people, &looks.list[0].event, row.who);
        row.when = people_when(people, looks.list[0].time_ms);
    }
    *ret_row = row;
    return 0;
}

static int fill_looks(struct people *people, const struct review *review, struct review_view_one *view)
{
    struct looks looks;
    struct review_view_look *list = arena_array(people->request->arena, LOOKS_MAX, sizeof(*list));
    int result = list ? read_looks(people, review, LOOKS_MAX, &looks) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < looks.count; i++) {
        const struct audit_record *record = &looks.list[i];
        struct review_view_look look = {
            .what = look_words(people, &record->event, view->row.who), .when = people_when(people, record->time_ms),
            .iso = dates_iso(&people->dates, record->time_ms), .times = 1,
        };
        if (look.what.len == 0)
            continue;
        struct review_view_look *before = view->looks_count ? &list[view->looks_count - 1] : NULL;
        if (before && str_equal(before->what, look.what))
            before->times += !log_same_visit(record->event.kind, record->time_ms, looks.list[i - 1].time_ms);
        else
            list[view->looks_count++] = look;
        if (log_words(record->event.kind)->group == LOG_LOOK_UP && record->event.first && view->reason.len == 0)
            result = reason_text(people->request, record->event.first, &view->reason);
        result = result == -ENOENT || result == -EBADMSG ? 0 : result;
    }
    view->looks = list;
    return result;
}

static int fill_part(struct people *people, const struct review *review, struct review_view_one *view)
{
    struct sql_review_part part;
    struct request *request = people->request;
    view->part = STR("");
    if (review->dialogue == 0)
        return 0;
    int result = sql_review_part(request->db, request->arena, &(struct sql_review_part_in){ .dialogue = review->dialogue, .person = review->looker }, &part);
    if (result == -ENOENT) {
        view->part = request_text(request, TEXT("Does not take part in the dialogue"));
        return 0;
    }
    if (result < 0)
        return result;
    struct text_value values[] = {
        { "role", request_text(request, dialogue_relation_text((enum relation)part.relation)) },
        { "date", dates_date(&people->dates, part.ended_null ? part.joined : part.ended) },
    };
    view->part = people_text(people, part.ended_null ? TEXT("{role} since {date}") : TEXT("{role} until {date}"), values, 2);
    return 0;
}

int review_page_one(struct people *people, const struct review *review, struct review_view_one *ret_view)
{
    struct people_label asker, reviewer;
    struct review_view_one view = {
        .reason = STR(""), .question = review->question, .asked = people_when(people, review->created), .note = review->note, .answer = review->answer,
        .outcome_error = STR(""), .note_error = STR(""), .answer_error = STR(""), .outcome = review->outcome, .asker = STR(""), .closed = STR(""), .reviewer = STR(""),
        .may_close = !review->closed && review->looker != people->request->session.person, .needs_answer = review->cause == REVIEW_ASKED,
    };
    int result = review_page_row(people, review, &view.row);
    if (result == 0)
        result = fill_looks(people, review, &view);
    if (result == 0)
        result = fill_part(people, review, &view);
    if (result == 0)   // who asks does so by name
        result = people_label(people, review->asker, RELATION_NONE, SIGHT_NAME, &asker);
    if (result == 0)
        result = people_label(people, review->reviewer, RELATION_NONE, SIGHT_NAME, &reviewer);
    if (result < 0)
        return result;
    view.asker = asker.who;
    if (review->closed) {
        view.closed = people_when(people, review->closed);
        view.reviewer = reviewer.who;
    }
    *ret_view = view;
    return 0;
}
