// SPDX-License-Identifier: MPL-2.0
// A citizen writes to a unit.
#include "feature/dialogue/post.h"
#include "feature/inbox/inbox_html.h"
#include "feature/inbox/inbox_json.h"
#include "feature/inbox/inbox_sql.h"
#include "feature/inbox/letter.h"
#include "feature/notice/notice.h"
#include "web/menu.h"

#include <errno.h>

#define WAITING_MAX 5   // that one citizen may have in inboxes at a time

struct write_form {
    int64_t unit;
    struct str topic, text;
};

static const struct form_field write_fields[] = {
    FORM_FIELD(struct write_form, unit, FORM_ID, TEXT("Unit"), .required = true, .min = 1, .max = INT64_MAX, .missing = TEXT("Choose whom you write to.")),
    FORM_FIELD(struct write_form, topic, FORM_TEXT, TEXT("Topic"), .required = true, .min = 2, .max = DIALOGUE_TOPIC_MAX,
               .missing = TEXT("Write in a few words what it is about.")),
    FORM_FIELD(struct write_form, text, FORM_LINES, TEXT("Message"), .required = true, .min = 1, .max = POST_TEXT_MAX, .missing = TEXT("Write a message.")),
};
static const struct form write_form = FORM("WriteToUnitForm", struct write_form, write_fields);

static const struct page write_page = { &inbox_write_json, inbox_write_any, TEXT("Write to the municipality") };

// Whether anybody would read what is written to a unit.
static int is_read(struct request *request, int64_t unit, bool *ret_read)
{
    struct sql_inbox_unit_read row;
    int result = sql_inbox_unit_read(request->db, request->arena, &(struct sql_inbox_unit_read_in){ .unit = unit }, &row);
    if (result == 0)
        *ret_read = row.found > 0;
    return result;
}

// The units where somebody reads.
static int fill_units(struct request *request, int64_t chosen, struct inbox_view_write *view)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    const struct account_unit *units;
    size_t count;
    int result = account_units(&scene, &units, &count);
    struct inbox_view_unit *list = result == 0 ? arena_array(request->arena, count + 1, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        bool read = false;
        result = is_read(request, units[i].id, &read);
        if (read)
            list[view->units_count++] = (struct inbox_view_unit){ .id = units[i].id, .name = units[i].name, .selected = units[i].id == chosen };
    }
    view->units = list;
    return result;
}

static int show(struct request *request, const struct write_form *typed)
{
    struct inbox_view_write view = {
        .topic = typed->topic, .text = typed->text, .topic_error = form_error_of(&request->errors, "topic"),
        .text_error = form_error_of(&request->errors, "text"), .error = form_error_of(&request->errors, "unit"),
    };
    if (request->session.role != ROLE_PUBLIC)
        return -EACCES;
    int result = fill_units(request, typed->unit, &view);
    return result < 0 ? result : request_page(request, &write_page, STR(""), &view);
}

static int get_write(struct request *request)
{
    return show(request, &(struct write_form){ .topic = STR(""), .text = STR("") });
}

static int again_write(struct request *request)
{
    return show(request, request_form(request, &write_form));
}

static int check(struct request *request, int64_t unit)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct sql_inbox_letters_of waiting;
    struct str name;
    bool read = false;
    if (request->session.role != ROLE_PUBLIC)
        return -EACCES;
    int result = account_unit_name(&scene, unit, &name);
    if (result == -ENOENT)
        return request_refuse(request, "unit", TEXT("Choose whom you write to."));
    if (result == 0)
        result = is_read(request, unit, &read);
    if (result == 0 && !read)
        return request_refuse(request, "unit", TEXT("Nobody reads what is written to that unit now. Choose another."));
    if (result == 0)
        result = sql_inbox_letters_of(request->db, request->arena, &(struct sql_inbox_letters_of_in){ .citizen = request->session.person }, &waiting);
    if (result == 0 && waiting.count >= WAITING_MAX)
        return request_refuse(request, "unit", TEXT("Five of your messages wait for somebody to take them. Write in one of those dialogues instead."));
    return result;
}

static int post_write_form(struct request *request)
{
    const struct write_form *form = request_form(request, &write_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct account_scene accounts = { request->db, request->keys, request->arena, request->now };
    struct dialogue *dialogue;
    int64_t number;
    bool again;
    int result = check(request, form->unit);
    if (result == 0)
        result = dialogue_start(&scene, &(struct dialogue_new){
            .unit = form->unit, .citizen = request->session.person, .topic = form->topic, .citizen_words = STR("") }, &dialogue);
    if (result == 0)
        result = post_write(dialogue, &(struct post_new){ .text = form->text }, &number, &again);
    if (result == 0)
        result = letter_add(&accounts, dialogue->id, form->unit);
    if (result == 0)
        result = notice_unit_news(&scene, request->app->config, form->unit);
    if (result == 0)
        result = request_audit(request, &(struct audit_event){ .kind = AUDIT_POST_WRITE, .person = request->session.person,
                                                               .dialogue = dialogue->id, .object = number });
    if (result < 0)
        return result;
    request->event.dialogue = dialogue->id;
    request->event.object = request->session.person;
    struct str path = arena_format(request->arena, "/dialogue/%lld", (long long)dialogue->id);
    return path.ptr ? request_redirect(request, path) : -ENOMEM;
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/write", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_write, .answer = &inbox_write_json,
      .summary = "The units that a citizen can write to." },
    { .method = METHOD_POST, .path = "/write", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_DIALOGUE_START, .form = &write_form,
      .handle = post_write_form, .again = again_write, .summary = "Starts a dialogue with a unit: it waits in the unit's inbox." },
};
FEATURE(write, routes);

static bool is_public(struct request *request, int64_t number)
{
    return request->session.role == ROLE_PUBLIC;
}

MENU_ITEM(write, .menu = MENU_PERSON, .order = 5, .text = TEXT("Write to the municipality"), .path = "/write", .permission = PERMISSION_SIGNED_IN,
          .wanted = is_public);
