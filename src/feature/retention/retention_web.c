// SPDX-License-Identifier: MPL-2.0
#include "feature/retention/retention.h"

#include "feature/retention/retention_html.h"
#include "feature/retention/erasure_side.h"
#include "feature/retention/retention_json.h"
#include "feature/retention/retention_page.h"
#include "feature/retention/retention_view.h"
#include "web/menu.h"

#include <errno.h>

#define UNITS_MAX 500

struct rule_form {
    int64_t unit, years;
    struct str ground;
};

static const struct form_field rule_fields[] = {
    FORM_FIELD(struct rule_form, unit, FORM_ID, TEXT("Unit"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct rule_form, years, FORM_INT, TEXT("Years"), .required = true, .min = 0, .max = RETENTION_YEARS_MAX),
    FORM_FIELD(struct rule_form, ground, FORM_TEXT, TEXT("Archive rule"), .max = RETENTION_TEXT_MAX),
};
static const struct form rule_form = FORM("RetentionRuleForm", struct rule_form, rule_fields);

struct ask_form {
    struct str reason;
    bool sure;
};

static const struct form_field ask_fields[] = {
    FORM_FIELD(struct ask_form, reason, FORM_TEXT, TEXT("Why?"), .required = true, .min = 3, .max = RETENTION_TEXT_MAX),
    FORM_FIELD(struct ask_form, sure, FORM_FLAG, TEXT("I have seen that it is in the journal")),
};
static const struct form ask_form = FORM("ErasureForm", struct ask_form, ask_fields);

struct agree_form {
    bool sure;
};

static const struct form_field agree_fields[] = {
    FORM_FIELD(struct agree_form, sure, FORM_FLAG, TEXT("I am sure")),
};
static const struct form agree_form = FORM("ErasureAgreeForm", struct agree_form, agree_fields);

static const struct page retention_page = { &retention_json, retention_any, TEXT("Keeping and erasing") };
static const struct page ask_page = { &retention_ask_json, retention_ask_any, TEXT("Ask for a dialogue to be erased") };

// The name of a person; of one who is not known any more, words for that.
static int name_of(struct retention_maker *maker, int64_t person, struct str *ret_name)
{
    struct account account;
    int result = person ? account_get(&maker->accounts, person, &account) : -ENOENT;
    *ret_name = result == 0 ? account.name : request_text(maker->request, TEXT("Somebody who is not here any more"));
    return result == -ENOENT || result == -EBADMSG ? 0 : result;
}

static int fill_due(struct retention_maker *maker, const struct retention_due *due, struct str unit, struct retention_view_item *ret_item)
{
    *ret_item = (struct retention_view_item){
        .dialogue = due->dialogue, .unit = unit, .posts = due->posts, .closed = dates_date(&maker->dates, due->closed), .asked_by = STR(""),
        .asked = STR(""), .agreed_by = STR(""), .when = STR(""), .reason = STR(""),
    };
    return name_of(maker, due->citizen, &ret_item->citizen);
}

static int fill_erasure(struct retention_maker *maker, const struct erasure *erasure, struct str unit, struct retention_view_item *ret_item)
{
    const struct retention_due due = { erasure->dialogue, erasure->citizen, erasure->unit, erasure->created, erasure->closed, erasure->posts };
    int result = fill_due(maker, &due, unit, ret_item);
    if (result == 0)
        result = name_of(maker, erasure->asked_by, &ret_item->asked_by);
    if (result == 0)
        result = name_of(maker, erasure->agreed_by, &ret_item->agreed_by);
    ret_item->erasure = erasure->id;
    ret_item->asked = dates_date(&maker->dates, erasure->asked);
    ret_item->when = dates_date(&maker->dates, erasure->state == ERASURE_DONE ? erasure->changed : erasure->due);
    ret_item->reason = erasure->reason;
    ret_item->own = erasure->asked_by == maker->request->session.person;
    ret_item->restored = erasure->asked_by == 0;
    return result;
}

// A list of the page that grows unit by unit.
struct items {
    struct retention_view_item *list;
    size_t count;
};

static int add_erasures(struct retention_maker *maker, const struct account_unit *unit, enum erasure_state state, struct items *items)
{
    const struct erasure *list;
    size_t count;
    int result = erasure_list(&maker->scene, unit->id, state, &list, &count);
    for (size_t i = 0; result == 0 && i < count && items->count < RETENTION_LIST_MAX; i++)
        result = fill_erasure(maker, &list[i], unit->name, &items->list[items->count++]);
    return result;
}

static int add_due(struct retention_maker *maker, const struct account_unit *unit, struct items *items)
{
    const struct retention_due *list;
    size_t count;
    int result = retention_due(&maker->scene, unit->id, &list, &count);
    for (size_t i = 0; result == 0 && i < count && items->count < RETENTION_LIST_MAX; i++)
        result = fill_due(maker, &list[i], unit->name, &items->list[items->count++]);
    return result;
}

// What was typed and refused.
static void show_again(struct request *request, struct retention_view_unit *unit)
{
    const struct rule_form *form = request_form(request, &rule_form);
    if (form && form->unit == unit->id)
        unit->form = (struct retention_view_rule){ form->years, form->ground, form_error_of(&request->errors, "years"),
                                                   form_error_of(&request->errors, "ground"), .again = true };
}

static int add_unit(struct retention_maker *maker, const struct account_unit *unit, struct items items[4], struct retention_view_unit *ret_unit)
{
    static const enum erasure_state states[] = { ERASURE_ASKED, ERASURE_AGREED, ERASURE_DONE };
    struct retention_rule rule;
    int result = retention_rule_get(&maker->scene, unit->id, &rule);
    if (result == 0)
        result = add_due(maker, unit, &items[0]);
    for (size_t i = 0; result == 0 && i < 3; i++)
        result = add_erasures(maker, unit, states[i], &items[i + 1]);
    *ret_unit = (struct retention_view_unit){ unit->id, unit->name, rule.years, rule.ground, { .years = rule.years, .ground = rule.ground } };
    show_again(maker->request, ret_unit);
    return result;
}

static int fill(struct retention_maker *maker, struct retention_view *view)
{
    struct arena *arena = maker->request->arena;
    const struct account_unit *units;
    struct items items[4] = { 0 };
    size_t count;
    int result = account_units(&maker->accounts, &units, &count);
    struct retention_view_unit *rules = result == 0 ? arena_array(arena, count + 1, sizeof(*rules)) : NULL;
    for (size_t i = 0; i < 4; i++)
        items[i].list = arena_array(arena, RETENTION_LIST_MAX, sizeof(*items[i].list));
    if (!rules || !items[0].list || !items[1].list || !items[2].list || !items[3].list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (retention_covers(maker->request, units[i].id))
            result = add_unit(maker, &units[i], items, &rules[view->units_count++]);
    }
    view->units = rules;
    view->due = items[0].list;
    view->due_count = items[0].count;
    view->asked = items[1].list;
    view->asked_count = items[1].count;
    view->agreed = items[2].list;
    view->agreed_count = items[2].count;
    view->done = items[3].list;
    view->done_count = items[3].count;
    return result;
}

static int get_retention(struct request *request)
{
    struct retention_maker maker;
    struct retention_view view = { .error = form_error_of(&request->errors, "") };
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = fill(&maker, &view);
    view.approval_days = maker.scene.approval_ms / DAY_MS;
    view.wait_days = maker.scene.wait_ms / DAY_MS;
    return result < 0 ? result : request_page(request, &retention_page, STR(""), &view);
}

static int again_retention(struct request *request)
{
    request->event.kind = AUDIT_RETENTION_READ;
    return get_retention(request);
}

static int post_rule(struct request *request)
{
    const struct rule_form *form = request_form(request, &rule_form);
    struct retention_maker maker;
    struct str name;
    if (!retention_covers(request, form->unit))
        return -ENOENT;
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = account_unit_name(&maker.accounts, form->unit, &name);
    if (result == 0 && form->years > 0 && form->ground.len == 0)
        return request_refuse(request, "ground", TEXT("Say which archive rule it rests on."));
    if (result == 0)
        result = retention_rule_set(&maker.scene, form->unit, &(struct retention_rule){ form->years, request->session.person, request->now, form->ground });
    request->event.object = form->unit;
    request->event.first = request->event.last = 0;
    return result < 0 ? result : request_redirect(request, STR("/admin/retention"));
}

int retention_show_ask(struct request *request, struct str reason)
{
    struct retention_maker maker;
    struct retention_due due;
    struct str unit;
    struct erasure_sides sides;
    struct retention_view_ask view = { .reason = reason, .error = form_error_of(&request->errors, ""), .reason_error = form_error_of(&request->errors, "reason"),
                                       .sure_error = form_error_of(&request->errors, "sure") };
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = retention_due_of_path(&maker, &due);
    if (result == 0)
        result = account_unit_name(&maker.accounts, due.unit, &unit);
    if (result == 0)
        result = fill_due(&maker, &due, unit, &view.item);
    if (result == 0)
        result = erasure_sides_look(&maker.scene, due.dialogue, &sides);
    if (result < 0)
        return result;
    view.left = sides.left;
    view.delivers = maker.scene.delivers;
    view.approval_days = maker.scene.approval_ms / DAY_MS;
    view.wait_days = maker.scene.wait_ms / DAY_MS;
    request->event.dialogue = due.dialogue;
    return request_page(request, &ask_page, STR(""), &view);
}

static int get_ask(struct request *request)
{
    return retention_show_ask(request, STR(""));
}

static int again_ask(struct request *request)
{
    const struct ask_form *form = request_form(request, &ask_form);
    request->event.kind = AUDIT_RETENTION_READ;
    return retention_show_ask(request, form->reason);
}

static int post_ask(struct request *request)
{
    const struct ask_form *form = request_form(request, &ask_form);
    struct retention_maker maker;
    struct retention_due due;
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = retention_due_of_path(&maker, &due);
    if (result == 0 && !form->sure)
        return request_refuse(request, "sure", TEXT("Look into the journal first, and say that you have."));
    if (result == 0)
        result = erasure_ask(&maker.scene, due.dialogue, request->session.person, form->reason, &request->event.object);
    if (result == -ENOTEMPTY)
        return request_refuse(request, "sure", TEXT("A talk of employees beside it is not in the journal. It must be filed first."));
    request->event.dialogue = request->number[0];
    return result < 0 ? result : request_redirect(request, STR("/admin/retention"));
}

// The erasure of the path, when the person decides for its unit.
static int get_erasure(struct retention_maker *maker, struct erasure *ret_erasure)
{
    struct request *request = maker->request;
    int result = erasure_get(&maker->scene, request->number[0], ret_erasure);
    if (result == -EBADMSG || (result == 0 && !retention_covers(request, ret_erasure->unit)))
        return -ENOENT;
    request->event.object = request->number[0];
    request->event.dialogue = result == 0 ? ret_erasure->dialogue : 0;
    return result;
}

static int post_agree(struct request *request)
{
    const struct agree_form *form = request_form(request, &agree_form);
    struct retention_maker maker;
    struct erasure erasure;
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = get_erasure(&maker, &erasure);
    if (result == 0 && !form->sure)
        return request_refuse(request, "sure", TEXT("Say that you are sure."));
    if (result == 0)
        result = erasure_agree(&maker.scene, erasure.id, request->session.person);
    if (result == -EPERM)
        return request_refuse(request, "", TEXT("You asked for it yourself. Somebody else must agree."));
    if (result == -ETIME)
        return request_refuse(request, "", TEXT("Nobody agreed in time. Ask once more."));
    if (result == -ENOENT)
        return request_refuse(request, "", TEXT("It waits no longer, or the dialogue may no longer be erased."));
    return result < 0 ? result : request_redirect(request, STR("/admin/retention"));
}

static int post_stop(struct request *request)
{
    struct retention_maker maker;
    struct erasure erasure;
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = get_erasure(&maker, &erasure);
    if (result == 0)
        result = erasure_stop(&maker.scene, erasure.id, request->session.person);
    if (result == -ENOENT)
        return request_refuse(request, "", TEXT("It waits no longer, or the dialogue may no longer be erased."));
    return result < 0 ? result : request_redirect(request, STR("/admin/retention"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/retention", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_RETENTION_READ, .handle = get_retention,
      .answer = &retention_json, .summary = "For how long units keep closed dialogues, what may be erased, and what was." },
    { .method = METHOD_POST, .path = "/admin/retention/rule", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_RETENTION_RULE, .form = &rule_form,
      .handle = post_rule, .again = again_retention, .summary = "Sets a unit's rule; 0 years: everything is kept." },
    { .method = METHOD_GET, .path = "/admin/retention/dialogue/{dialogue#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_RETENTION_READ,
      .handle = get_ask, .answer = &retention_ask_json, .summary = "A dialogue that may be erased." },
    { .method = METHOD_POST, .path = "/admin/retention/dialogue/{dialogue#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ERASURE_ASK,
      .form = &ask_form, .handle = post_ask, .again = again_ask, .summary = "Asks for it to be erased." },
    { .method = METHOD_POST, .path = "/admin/retention/erasure/{erasure#}/agree", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ERASURE_AGREE,
      .form = &agree_form, .handle = post_agree, .again = again_retention, .summary = "Agrees, as another person than who asked." },
    { .method = METHOD_POST, .path = "/admin/retention/erasure/{erasure#}/stop", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ERASURE_STOP,
      .form = &form_empty, .handle = post_stop, .again = again_retention, .summary = "Takes back what has not begun." },
};
FEATURE(retention, routes);

MENU_ITEM(retention, .menu = MENU_ADMIN, .order = 50, .text = TEXT("Keeping and erasing"), .path = "/admin/retention", .permission = PERMISSION_ADMINISTER);
