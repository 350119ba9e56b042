// SPDX-License-Identifier: MPL-2.0
// An administrator's view of a unit's dialogues: subject, persons and last day of activity, after saying why. Each citizen sees it in their log.
#include "base/cleanup.h"
#include "feature/admin/admin_html.h"
#include "feature/admin/admin_json.h"
#include "feature/admin/admin_scope.h"
#include "feature/admin/admin_sql.h"
#include "feature/dialogue/dialogue.h"
#include "feature/reason/reason.h"
#include "web/date.h"

#include <errno.h>

#define SHOWN_MAX 20
#define PEOPLE_BYTES 8000

struct overview_form {
    int64_t unit, before_at, before_id;
    struct reason reason;
};

static const struct form_field overview_fields[] = {
    FORM_FIELD(struct overview_form, unit, FORM_ID, TEXT("Unit"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct overview_form, before_at, FORM_INT, TEXT("Before"), .min = 0, .max = INT64_MAX),
    FORM_FIELD(struct overview_form, before_id, FORM_ID, TEXT("Before"), .min = 1, .max = INT64_MAX),
    REASON_FIELDS(struct overview_form),
};
static const struct form overview_form = FORM("AdminDialoguesForm", struct overview_form, overview_fields);

static const struct page dialogues_page = { &admin_dialogues_json, admin_dialogues_any, TEXT("Dialogues") };

static int show_question(struct request *request, const struct overview_form *typed)
{
    struct admin_view_dialogues view = { .reason = reason_view_of(request, typed ? &typed->reason : NULL) };
    struct admin_view_unit *units;
    int result = admin_units_of(request, typed ? typed->unit : 0, &units, &view.units_count);
    if (result < 0)
        return result;
    view.units = units;
    return request_page(request, &dialogues_page, STR(""), &view);
}

static int get_question(struct request *request)
{
    return show_question(request, NULL);
}

static int again_question(struct request *request)
{
    return show_question(request, request_form(request, &overview_form));
}

// "Anne Holm (sagsbehandler), Emil Dahl (borger)": who takes part now.
static int name_people(struct request *request, struct dialogue *dialogue, struct str *ret_people)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(PEOPLE_BYTES);
    const struct dialogue_participant *people;
    size_t count;
    int result = dialogue_participants(dialogue, &people, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct str words = people[i].words.len ? people[i].words : request_text(request, dialogue_relation_text(people[i].relation));
        if (people[i].ended)
            continue;
        if (text.len)
            buf_lit(&text, ", ");
        buf_str(&text, people[i].name);
        buf_lit(&text, " (");
        buf_str(&text, words);
        buf_lit(&text, ")");
    }
    *ret_people = arena_str(request->arena, buf_view(&text));
    if (result == 0)
        result = text.error;
    return result < 0 || ret_people->ptr ? result : -ENOMEM;
}

// Shows one, and writes into the log that it was shown and why.
static int fill_dialogue(struct request *request, const struct reason *reason, int64_t id, int64_t last_at, struct admin_view_dialogue *ret_view)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct dialogue *dialogue;
    int result = dialogue_open_whole(&scene, id, &dialogue);
    if (result == 0)
        result = name_people(request, dialogue, &ret_view->people);
    if (result == 0)
        result = reason_keep(request, reason, dialogue->citizen, id);
    if (result < 0)
        return result;
    ret_view->topic = dialogue->topic;
    ret_view->last = dates_date(&dates, last_at);
    ret_view->closed = dialogue->state == DIALOGUE_CLOSED || dialogue->state == DIALOGUE_JOURNALISED;
    return request_audit(request, &(struct audit_event){ .kind = AUDIT_DIALOGUE_LOOK_UP, .person = request->session.person, .dialogue = id,
                                                         .object = dialogue->citizen, .first = request->event.first });
}

static int fill_list(struct request *request, const struct overview_form *form, struct admin_view_dialogues *view)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_admin_overview row;
    struct admin_view_dialogue *list = arena_array(request->arena, SHOWN_MAX, sizeof(*list));
    int result = list ? sql_admin_overview(request->db, &(struct sql_admin_overview_in){
        .unit = form->unit, .before_at = form->before_at ? form->before_at : INT64_MAX, .before_id = form->before_id, .count = SHOWN_MAX + 1 }, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_admin_overview_next(stmt, &row)) == 1) {
        if (view->dialogues_count == SHOWN_MAX) {
            result = 0;
            break;
        }
        result = fill_dialogue(request, &form->reason, row.id, row.last_at, &list[view->dialogues_count]);
        view->before_at = row.last_at;
        view->before_id = row.id;
        // What can't be opened was not made by the program, or has been erased.
        if (result == 0)
            view->dialogues_count++;
        else if (result == -ENOENT || result == -EBADMSG)
            result = 0;
    }
    view->dialogues = list;
    return result;
}

static int post_dialogues(struct request *request)
{
    const struct overview_form *form = request_form(request, &overview_form);
    struct admin_view_dialogues view = {
        .shown = true, .unit = form->unit, .words = form->reason.words, .why = str_from(reason_choices[form->reason.why - 1]),
    };
    if (!admin_covers(request, form->unit))
        return -ENOENT;
    int result = reason_check(request, &form->reason);
    if (result == 0)
        result = fill_list(request, form, &view);
    if (result < 0)
        return result;
    if (view.dialogues_count < SHOWN_MAX)
        view.before_at = view.before_id = 0;
    return request_page(request, &dialogues_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/dialogues", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_NONE, .handle = get_question,
      .answer = &admin_dialogues_json, .summary = "Asks why one wants to see a unit's dialogues." },
    { .method = METHOD_POST, .path = "/admin/dialogues", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .form = &overview_form,
      .handle = post_dialogues, .again = again_question, .answer = &admin_dialogues_json,
      .summary = "A unit's dialogues: subject, persons and last activity, never messages." },
};
FEATURE(overview, routes);

MENU_ITEM(overview, .menu = MENU_ADMIN, .order = 30, .text = TEXT("Dialogues"), .path = "/admin/dialogues", .permission = PERMISSION_ADMINISTER);
