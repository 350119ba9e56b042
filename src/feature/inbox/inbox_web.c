// SPDX-License-Identifier: MPL-2.0
// What was written to a unit and nobody has taken yet.
#include "base/cleanup.h"
#include "feature/coordinator/coordinator.h"
#include "feature/dialogue/post.h"
#include "feature/inbox/inbox_html.h"
#include "feature/inbox/inbox_json.h"
#include "feature/inbox/inbox_sql.h"
#include "feature/inbox/letter.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

#define SHOWN_MAX 100
#define COLLEAGUES_MAX 500
#define LATE_MS (2 * DAY_MS)

struct assign_form {
    int64_t person;
    struct str relation;
};

static const struct form_field assign_fields[] = {
    FORM_FIELD(struct assign_form, person, FORM_ID, TEXT("Colleague"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct assign_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
};
static const struct form assign_form = FORM("InboxAssignForm", struct assign_form, assign_fields);

static const struct page inbox_page = { &inbox_json, inbox_any, TEXT("The unit's inbox") };
static const struct page one_page = { &inbox_one_json, inbox_one_any, NULL };

static struct account_scene accounts_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

static int fill_item(struct request *request, const struct sql_inbox_letters *row, struct inbox_view_item *ret_item)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct account_scene accounts = accounts_of(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct dialogue *dialogue;
    struct account citizen;
    int result = letter_find(&accounts, row->dialogue, request->session.unit);
    if (result == 0)
        result = dialogue_open_whole(&scene, row->dialogue, &dialogue);
    if (result == 0)
        result = account_get(&accounts, dialogue->citizen, &citizen);
    if (result < 0)
        return result;
    *ret_item = (struct inbox_view_item){
        .id = row->dialogue, .topic = dialogue->topic, .citizen = citizen.name, .waited = dates_duration(&dates, request->now - row->created),
        .since = row->created, .late = request->now - row->created > LATE_MS,
    };
    return 0;
}

// That they are there, not what they are: the unit's employees take no part in them.
static int count_orphans(struct request *request, struct inbox_view *view)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    const struct coordinator_missing *list;
    size_t count;
    int result = coordinator_missing(&scene, request->session.unit, &list, &count);
    view->orphans = (int64_t)count;
    return result;
}

static int get_inbox(struct request *request)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct account_scene accounts = accounts_of(request);
    struct sql_inbox_letters row;
    struct inbox_view view = { .items = NULL };
    struct inbox_view_item *items = arena_array(request->arena, SHOWN_MAX, sizeof(*items));
    if (!items || !request->session.unit)
        return items ? -ENOENT : -ENOMEM;
    int result = account_unit_name(&accounts, request->session.unit, &view.unit);
    if (result == 0)
        result = sql_inbox_letters(request->db, &(struct sql_inbox_letters_in){ .unit = request->session.unit, .count = SHOWN_MAX }, &stmt);
    while (result == 0 && view.items_count < SHOWN_MAX && (result = sql_inbox_letters_next(stmt, &row)) == 1) {
        result = fill_item(request, &row, &items[view.items_count]);
        if (result == 0)
            view.items_count++;
        else if (result == -ENOENT || result == -EBADMSG)
            result = 0;
    }
    if (result >= 0)
        result = count_orphans(request, &view);
    if (result < 0)
        return result;
    view.items = items;
    request->event.object = request->session.unit;
    return request_page(request, &inbox_page, STR(""), &view);
}

// The dialogue of the path, while it waits in the unit of who asks.
static int find(struct request *request, struct dialogue **ret_dialogue)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct account_scene accounts = accounts_of(request);
    int result = request->session.unit ? letter_find(&accounts, request->number[0], request->session.unit) : -ENOENT;
    return result < 0 ? result : dialogue_open_whole(&scene, request->number[0], ret_dialogue);
}

static int fill_posts(struct request *request, struct dialogue *dialogue, struct inbox_view_one *view)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    const struct post *posts;
    int result = post_page(dialogue, INT64_MAX, POST_PAGE, &posts, &view->posts_count);
    struct inbox_view_post *list = result == 0 ? arena_array(request->arena, view->posts_count + 1, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < view->posts_count; i++)
        list[i] = (struct inbox_view_post){ .when = dates_short(&dates, posts[i].created), .body = posts[i].markup, .text = posts[i].text };
    view->posts = list;
    if (view->posts_count) {
        request->event.first = posts[0].number;
        request->event.last = posts[view->posts_count - 1].number;
        view->waited = dates_duration(&dates, request->now - posts[0].created);
    }
    return 0;
}

static int name_colleague(struct request *request, const struct account *account, struct inbox_view_colleague *ret_colleague)
{
    struct str away;
    int result = absence_sentence(request, account->id, &away);
    if (result < 0)
        return result;
    ret_colleague->person = account->id;
    ret_colleague->words = away.len ? away : account->name;
    return 0;
}

// Who asks stands first.
static int fill_colleagues(struct request *request, struct inbox_view_one *view)
{
    struct account_scene scene = accounts_of(request);
    const struct account *staff;
    size_t count, others = 1;
    struct account_filter filter = { .role = ROLE_EMPLOYEE, .unit = request->session.unit, .words = STR("") };
    int result = account_list(&scene, &filter, COLLEAGUES_MAX, &staff, &count);
    struct inbox_view_colleague *list = result == 0 ? arena_array(request->arena, count + 1, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = name_colleague(request, &staff[i], staff[i].id == request->session.person ? &list[0] : &list[others++]);
    if (list[0].person == 0)
        list[0] = list[--others];
    view->colleagues = list;
    view->colleagues_count = others;
    return result;
}

static int show_one(struct request *request)
{
    struct account_scene accounts = accounts_of(request);
    struct inbox_view_one view = { .id = request->number[0], .waited = STR(""), .error = form_error_first(&request->errors) };
    struct dialogue *dialogue;
    struct account citizen;
    int result = find(request, &dialogue);
    if (result == 0)
        result = account_get(&accounts, dialogue->citizen, &citizen);
    if (result == 0)
        result = fill_posts(request, dialogue, &view);
    if (result == 0)
        result = fill_colleagues(request, &view);
    if (result < 0)
        return result;
    view.topic = dialogue->topic;
    view.citizen = citizen.name;
    request->event.dialogue = dialogue->id;
    return request_page(request, &one_page, dialogue->topic, &view);
}

static int again_one(struct request *request)
{
    request->event.kind = AUDIT_DIALOGUE_READ;
    return show_one(request);
}

static int post_one(struct request *request)
{
    const struct assign_form *form = request_form(request, &assign_form);
    struct account_scene accounts = accounts_of(request);
    struct dialogue *dialogue;
    struct account account;
    int result = find(request, &dialogue);
    if (result < 0)
        return result;
    result = account_get(&accounts, form->person, &account);
    if (result == -ENOENT || (result == 0 && (account.role != ROLE_EMPLOYEE || account.unit != request->session.unit)))
        return request_refuse(request, "person", TEXT("That person does not work in the unit."));
    if (result == 0)
        result = dialogue_admit(dialogue, account.id, RELATION_COORDINATOR, form->relation);
    if (result == 0)
        result = letter_remove(&accounts, dialogue->id);
    if (result == 0)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    if (result < 0)
        return result;
    request->event.dialogue = dialogue->id;
    request->event.object = account.id;
    if (account.id != request->session.person)
        return request_redirect(request, STR("/inbox"));
    struct str path = arena_format(request->arena, "/dialogue/%lld", (long long)dialogue->id);
    return path.ptr ? request_redirect(request, path) : -ENOMEM;
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/inbox", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_UNIT_READ, .handle = get_inbox, .answer = &inbox_json,
      .summary = "What was written to one's unit and has no coordinator yet." },
    { .method = METHOD_GET, .path = "/inbox/{dialogue#}", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_DIALOGUE_READ, .handle = show_one,
      .answer = &inbox_one_json, .summary = "What somebody wrote to one's unit, while nobody has taken it." },
    { .method = METHOD_POST, .path = "/inbox/{dialogue#}", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_PARTICIPANT_ADD, .form = &assign_form,
      .handle = post_one, .again = again_one, .summary = "Makes an employee of the unit the coordinator." },
};
FEATURE(inbox, routes);

static bool has_unit(struct request *request, int64_t number)
{
    return request->session.unit != 0;
}

MENU_ITEM(inbox, .menu = MENU_WORK, .order = 10, .text = TEXT("The unit's inbox"), .path = "/inbox", .permission = PERMISSION_EMPLOYEE, .wanted = has_unit);
