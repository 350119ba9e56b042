// SPDX-License-Identifier: MPL-2.0
// The log about oneself, and asking about an entry of it.
#include "base/cleanup.h"
#include "feature/insight/insight_json.h"
#include "feature/insight/log_html.h"
#include "feature/insight/log_page.h"
#include "feature/insight/review_sql.h"
#include "web/menu.h"

#include <errno.h>

#define ASKED_LOOKS 50   // of one question

struct filter_form {
    bool own;
    int64_t group, person, unit, dialogue, from, until, before;
};

static const struct form_field filter_fields[] = {
    FORM_FIELD(struct filter_form, own, FORM_FLAG, TEXT("What you have done yourself")),
    FORM_FIELD(struct filter_form, group, FORM_INT, TEXT("What was done"), .min = 0, .max = LOG_GROUPS - 1),
    FORM_FIELD(struct filter_form, person, FORM_ID, TEXT("Who"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct filter_form, unit, FORM_ID, TEXT("Unit"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct filter_form, dialogue, FORM_ID, TEXT("Dialogue"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct filter_form, from, FORM_DATE, TEXT("From")),
    FORM_FIELD(struct filter_form, until, FORM_DATE, TEXT("Until")),
    FORM_FIELD(struct filter_form, before, FORM_INT, TEXT("Before"), .min = 1, .max = INT64_MAX),
};
static const struct form filter_form = FORM("LogFilter", struct filter_form, filter_fields);

struct ask_form {
    struct str text;
};

static const struct form_field ask_fields[] = {
    FORM_FIELD(struct ask_form, text, FORM_LINES, TEXT("What looks wrong?"), .required = true, .min = 3, .max = REVIEW_TEXT_MAX,
               .missing = TEXT("Write what looks wrong.")),
};
static const struct form ask_form = FORM("LogQuestion", struct ask_form, ask_fields);

static const struct page log_page = { &log_json, log_page_any, TEXT("Who has seen me?") };
static const struct page ask_page = { &log_ask_json, log_ask_any, TEXT("Ask about it") };

static int64_t day_or_none(int64_t day)
{
    return day == FORM_NO_DATE ? 0 : day;
}

static struct str date_text(struct request *request, int64_t day)
{
    struct civil date = clock_date(day);
    return day == FORM_NO_DATE ? STR("") : arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

// The same page further back.
static struct url older_url(struct request *request, const struct filter_form *query, int64_t before)
{
    struct buf path = buf_bounded(1000);
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = { { "own", query->own }, { "group", query->group }, { "person", query->person }, { "unit", query->unit }, { "dialogue", query->dialogue } };
    buf_format(&path, "/log?before=%lld", (long long)before);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i].value)
            buf_format(&path, "&%s=%lld", numbers[i].name, (long long)numbers[i].value);
    }
    if (query->from != FORM_NO_DATE)
        buf_format(&path, "&from=%s", date_text(request, query->from).ptr);
    if (query->until != FORM_NO_DATE)
        buf_format(&path, "&until=%s", date_text(request, query->until).ptr);
    struct url url = url_local(request->arena, path.error ? STR("/log") : buf_view(&path));
    buf_free(&path);
    return url;
}

static int get_log(struct request *request)
{
    const struct filter_form *query = request->query;
    const struct log_filter filter = {
        .own = query->own, .group = (enum log_group)query->group, .person = query->person, .unit = query->unit, .dialogue = query->dialogue,
        .from = day_or_none(query->from), .until = day_or_none(query->until), .before = query->before,
    };
    struct people people;
    struct log_view view;
    int result = people_begin(request, &people);
    if (result == 0)
        result = log_page_fill(&people, &filter, &view);
    if (result < 0)
        return result;
    if (query->own)   // this page shows no answers, so it is not told as one that did: insight_waiting
        request->event.object = request->session.person;
    view.from = date_text(request, query->from);
    view.until = date_text(request, query->until);
    if (view.older_before)
        view.older = older_url(request, query, view.older_before);
    return request_page(request, &log_page, request_text(request, query->own ? TEXT("What you have done yourself") : log_page.title), &view);
}

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Whose reviewers a question goes to: those of who looked, or of the dialogue for people from outside.
static int queue_unit(struct people *people, const struct audit_record *record, int64_t *ret_unit)
{
    const struct people_dialogue *dialogue;
    const struct account *account;
    int result = people_account(people, record->event.person, &account);
    if (result == 0)
        result = people_dialogue(people, record->event.dialogue, &dialogue);
    if (result == 0)
        *ret_unit = account->unit ? account->unit : dialogue->dialogue ? dialogue->dialogue->unit : 0;
    return result;
}

// The record that the path names, when there is something to ask: what others did.
static int asked_record(struct people *people, struct audit_record *ret_record)
{
    int result = log_record(people, people->request->number[0], ret_record);
    if (result < 0)
        return result;
    int64_t who = ret_record->event.person;
    return who == 0 || who == people->request->session.person ? -ENOENT : 0;
}

static int show_ask(struct request *request, struct str text)
{
    struct people people;
    struct audit_record record;
    struct log_telling telling;
    struct log_view_ask view = { .record = request->number[0], .text = text, .error = form_error_of(&request->errors, "text"), .reviewers = STR("") };
    struct account_scene scene = scene_of(request);
    int64_t unit = 0;
    int result = people_begin(request, &people);
    if (result == 0)
        result = asked_record(&people, &record);
    if (result == 0)
        result = log_tell(&people, &record, &telling);
    if (result == 0)
        result = review_was_asked(&scene, request->session.person, record.seq, &view.asked);
    if (result == 0)
        result = queue_unit(&people, &record, &unit);
    if (result == 0 && unit)
        result = account_unit_name(&scene, unit, &view.reviewers);
    if (result < 0)
        return result;
    view.sentence = telling.sentence;
    view.when = telling.when;
    view.reason = telling.reason;
    request->event.object = record.seq;
    return request_page(request, &ask_page, STR(""), &view);
}

static int get_ask(struct request *request)
{
    return show_ask(request, STR(""));
}

static int again_ask(struct request *request)
{
    const struct ask_form *form = request_form(request, &ask_form);
    request->event.kind = AUDIT_LOG_READ;
    return show_ask(request, form->text);
}

// A question is about all that the page's entry stands for: what the person did there in the half hour before, too.
static int first_record(struct request *request, const struct audit_record *record, int64_t *ret_first)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_review_looks row;
    *ret_first = record->seq;
    if (record->event.dialogue == 0)
        return 0;
    int result = sql_review_looks(request->db, &(struct sql_review_looks_in){
        .person = record->event.person, .dialogue = record->event.dialogue, .first = 0, .last = record->seq, .count = ASKED_LOOKS }, &stmt);
    while (result == 0 && (result = sql_review_looks_next(stmt, &row)) == 1) {
        result = 0;
        if (record->time_ms - row.moment > FOLD_MS)
            break;
        *ret_first = row.seq;
    }
    return result;
}

static int post_ask(struct request *request)
{
    const struct ask_form *form = request_form(request, &ask_form);
    struct people people;
    struct audit_record record;
    struct account_scene scene = scene_of(request);
    struct review review = { .cause = REVIEW_ASKED, .asker = request->session.person, .about = request->session.person, .question = form->text };
    int64_t id;
    int result = people_begin(request, &people);
    if (result == 0)
        result = asked_record(&people, &record);
    if (result == 0)
        result = queue_unit(&people, &record, &review.unit);
    if (result == 0)
        result = first_record(request, &record, &review.first_record);
    if (result < 0)
        return result;
    review.looker = record.event.person;
    review.dialogue = record.event.dialogue;
    review.last_record = record.seq;
    result = review_add(&scene, &review, &id);
    if (result == -EEXIST)
        return request_refuse(request, "text", TEXT("You have asked about this already."));
    if (result == -E2BIG)
        return request_refuse(request, "text", TEXT("Many of your questions wait for an answer already. Please wait until some are answered."));
    request->event.object = id;
    return result < 0 ? result : request_redirect(request, STR("/log#questions"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/log", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_LOG_READ, .query = &filter_form, .handle = get_log,
      .answer = &log_json, .summary = "What stands in the log about oneself; with own=1 what one has done." },
    { .method = METHOD_GET, .path = "/log/{record#}/question", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_LOG_READ, .handle = get_ask,
      .answer = &log_ask_json, .summary = "An entry of the log that one can ask about." },
    { .method = METHOD_POST, .path = "/log/{record#}/question", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_REVIEW_ASK, .form = &ask_form,
      .handle = post_ask, .again = again_ask, .summary = "Asks about an entry; it goes to a reviewer." },
};
FEATURE(log, routes);

MENU_ITEM(log, .menu = MENU_PERSON, .order = 40, .text = TEXT("Who has seen me?"), .path = "/log", .permission = PERMISSION_SIGNED_IN);
