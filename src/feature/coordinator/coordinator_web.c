// SPDX-License-Identifier: MPL-2.0
// The administrator's pages about dialogues without a coordinator.
#include "base/cleanup.h"
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/coordinator/coordinator.h"
#include "feature/coordinator/coordinator_html.h"
#include "feature/coordinator/coordinator_json.h"
#include "feature/coordinator/coordinator_view.h"
#include "web/date.h"
#include "web/menu.h"
#include "web/request.h"

#include <errno.h>

#define PEOPLE_MAX 500
#define NAMES_BYTES 2000

struct appoint_form {
    int64_t person;
    struct str relation;
};

static const struct form_field appoint_fields[] = {
    FORM_FIELD(struct appoint_form, person, FORM_ID, TEXT("Colleague"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct appoint_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
};
static const struct form appoint_form = FORM("CoordinatorAppointForm", struct appoint_form, appoint_fields);

static const struct page list_page = { &coordinator_json, coordinator_any, TEXT("Dialogues without a coordinator") };
static const struct page one_page = { &coordinator_one_json, coordinator_one_any, TEXT("A new coordinator") };

static struct account_scene accounts_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Who runs one unit sees and decides for that one only.
static bool covers(const struct request *request, int64_t unit)
{
    return request->session.unit == 0 || request->session.unit == unit;
}

// Who is proposed as coordinator and waits for an answer.
static int name_asked(struct request *request, int64_t dialogue, struct str *ret_names)
{
    _cleanup_(buf_free) struct buf names = buf_bounded(NAMES_BYTES);
    struct dialogue_scene scene = dialogue_scene_of(request);
    const struct proposal *list;
    size_t count;
    int result = proposal_list(&scene, dialogue, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (list[i].relation != RELATION_COORDINATOR || list[i].state != PROPOSAL_AWAITING)
            continue;
        if (names.len)
            buf_lit(&names, ", ");
        buf_str(&names, list[i].name);
    }
    *ret_names = arena_str(request->arena, buf_view(&names));
    return result < 0 ? result : names.error;
}

static int fill_item(struct request *request, const struct coordinator_missing *missing, struct coordinator_view_item *ret_item)
{
    struct account_scene accounts = accounts_of(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct account last = { .name = STR("?") };
    struct coordinator_view_item item = { .dialogue = missing->dialogue, .since = dates_date(&dates, missing->since), .unit = STR("") };
    int result = account_get(&accounts, missing->last, &last);
    if (result == 0 || result == -ENOENT)
        result = account_unit_name(&accounts, missing->unit, &item.unit);
    if (result == 0)
        result = name_asked(request, missing->dialogue, &item.asked);
    item.last = last.name;
    if (result == 0)
        *ret_item = item;
    return result;
}

static int add_unit(struct request *request, int64_t unit, struct coordinator_view_item *items, size_t *count)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    const struct coordinator_missing *list;
    size_t missing;
    int result = coordinator_missing(&scene, unit, &list, &missing);
    for (size_t i = 0; result == 0 && i < missing && *count < COORDINATOR_MISSING_MAX; i++) {
        result = fill_item(request, &list[i], &items[*count]);
        *count += result == 0;
    }
    return result;
}

static int get_list(struct request *request)
{
    struct account_scene accounts = accounts_of(request);
    struct coordinator_view view = { .error = form_error_of(&request->errors, "") };
    const struct account_unit *units;
    size_t count;
    struct coordinator_view_item *items = arena_array(request->arena, COORDINATOR_MISSING_MAX, sizeof(*items));
    int result = items ? account_units(&accounts, &units, &count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (covers(request, units[i].id))
            result = add_unit(request, units[i].id, items, &view.items_count);
    }
    view.items = items;
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

// The dialogue of the path, while it has no coordinator and belongs to the administrator's units.
static int find(struct request *request, struct coordinator_missing *ret_missing)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    int result = coordinator_missing_get(&scene, request->number[0], ret_missing);
    return result == 0 && !covers(request, ret_missing->unit) ? -ENOENT : result;
}

static int fill_people(struct request *request, int64_t unit, struct coordinator_view_one *view)
{
    struct account_scene accounts = accounts_of(request);
    const struct account *staff;
    size_t count;
    int result = account_list(&accounts, &(struct account_filter){ .role = ROLE_EMPLOYEE, .unit = unit, .words = STR("") }, PEOPLE_MAX, &staff, &count);
    struct coordinator_view_person *people = result == 0 ? arena_array(request->arena, count + 1, sizeof(*people)) : NULL;
    if (!people)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct account *one = &staff[i];
        people[i].person = one->id;
        people[i].words = arena_format(request->arena, "%.*s%s%.*s", (int)one->name.len, one->name.ptr, one->title.len ? ", " : "",
            (int)one->title.len, one->title.ptr);
    }
    view->people = people;
    view->people_count = count;
    return 0;
}

static int show_one(struct request *request, struct str relation)
{
    struct coordinator_missing missing;
    struct coordinator_view_one view = { .relation = relation, .error = form_error_first(&request->errors) };
    int result = find(request, &missing);
    if (result == 0)
        result = fill_item(request, &missing, &view.item);
    if (result == 0)
        result = fill_people(request, missing.unit, &view);
    return result < 0 ? result : request_page(request, &one_page, STR(""), &view);
}

static int get_one(struct request *request)
{
    return show_one(request, STR(""));
}

static int again_one(struct request *request)
{
    const struct appoint_form *form = request_form(request, &appoint_form);
    request->event.kind = AUDIT_ADMIN_READ;
    return show_one(request, form->relation);
}

static int tell_all(struct request *request, int64_t id)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *whole;
    int result = dialogue_open_whole(&scene, id, &whole);
    return result < 0 ? result : dialogue_tell(request, whole, "members", STR("1"));
}

static int post_one(struct request *request)
{
    const struct appoint_form *form = request_form(request, &appoint_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct account_scene accounts = accounts_of(request);
    struct coordinator_missing missing;
    struct account account;
    bool asked = false;
    int result = find(request, &missing);
    if (result < 0)
        return result;
    result = account_get(&accounts, form->person, &account);
    if (result == -ENOENT || (result == 0 && (account.role != ROLE_EMPLOYEE || account.unit != missing.unit)))
        return request_refuse(request, "person", TEXT("That person does not work in the unit."));
    if (result == 0)
        result = coordinator_appoint(&scene, missing.dialogue, &(struct coordinator_new){ .person = account.id, .by = request->session.person,
            .name = account.name, .words = form->relation, .purpose = request_text(request, TEXT("Is to be the new coordinator, for there is none.")) }, &asked);
    if (result == -EEXIST)
        return request_refuse(request, "person", TEXT("That person takes part, or is proposed already."));
    if (result == -EINVAL)
        return request_refuse(request, "person", TEXT("That person can't be the coordinator here."));
    if (result == 0)
        result = tell_all(request, missing.dialogue);
    request->event.dialogue = missing.dialogue;
    request->event.object = account.id;
    if (asked)
        request->event.kind = AUDIT_CONSENT_ASK;
    return result < 0 ? result : request_redirect(request, STR("/admin/coordinators"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/coordinators", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_list,
      .answer = &coordinator_json, .summary = "Dialogues that have lost their last coordinator, without what they are about." },
    { .method = METHOD_GET, .path = "/admin/coordinators/{dialogue#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ,
      .handle = get_one, .answer = &coordinator_one_json, .summary = "Who can become the coordinator of one of them." },
    { .method = METHOD_POST, .path = "/admin/coordinators/{dialogue#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_HAND_OVER,
      .form = &appoint_form, .handle = post_one, .again = again_one,
      .summary = "Makes an employee of the unit the coordinator; who must agree to new people is asked first." },
};
FEATURE(coordinator, routes);

MENU_ITEM(coordinator, .menu = MENU_ADMIN, .order = 35, .text = TEXT("Dialogues without a coordinator"), .path = "/admin/coordinators",
          .permission = PERMISSION_ADMINISTER);
