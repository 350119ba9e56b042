// SPDX-License-Identifier: MPL-2.0
// The reader's own page about mail: address and choices.
#include "base/cleanup.h"
#include "feature/account/account.h"
#include "feature/notice/notice.h"
#include "feature/notice/notice_address.h"
#include "feature/notice/notice_html.h"
#include "feature/notice/notice_json.h"
#include "feature/notice/notice_sql.h"
#include "feature/notice/notice_view.h"
#include "web/menu.h"

#include <errno.h>

#define DIALOGUES_MAX 200

struct address_form {
    struct str email;
};

static const struct form_field address_fields[] = {
    FORM_FIELD(struct address_form, email, FORM_EMAIL, TEXT("E-mail"), .required = true, .max = MAIL_ADDRESS_MAX,
               .missing = TEXT("Write the address that we may send mail to.")),
};
static const struct form address_form = FORM("MailAddressForm", struct address_form, address_fields);

// In the order of enum notice_choice.
static const char *const choices[] = { "at_once", "daily", "never", NULL };

struct choice_form {
    int64_t choice;
    bool list;
};

static const struct form_field choice_fields[] = {
    FORM_FIELD(struct choice_form, choice, FORM_CHOICE, TEXT("When you get mail"), .required = true, .choices = choices),
    FORM_FIELD(struct choice_form, list, FORM_FLAG, TEXT("Back to the list")),
};
static const struct form choice_form = FORM("MailChoiceForm", struct choice_form, choice_fields);

static const struct page mail_page = { &notice_json, notice_any, TEXT("Emails about news") };

static int fill_dialogue(struct request *request, const struct dialogue *dialogue, enum notice_choice choice, struct notice_view_dialogue *ret_view)
{
    struct account_scene accounts = { request->db, request->keys, request->arena, request->now };
    struct account citizen = { .name = STR("") };
    int result = dialogue->citizen == dialogue->member ? 0 : account_get(&accounts, dialogue->citizen, &citizen);
    if (result < 0)
        return result;
    *ret_view = (struct notice_view_dialogue){
        .id = dialogue->id, .topic = dialogue->topic, .citizen = citizen.name, .choice = str_from(choices[choice - NOTICE_AT_ONCE]),
        .at_once = choice == NOTICE_AT_ONCE, .daily = choice == NOTICE_DAILY, .never = choice == NOTICE_NEVER,
    };
    return 0;
}

// One of the reader's dialogues, if they may read it now. 0: it was added.
static int add_dialogue(struct request *request, const struct sql_notice_dialogues *row, struct notice_view_dialogue *ret_view)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    int result = dialogue_open(&scene, row->dialogue, request->session.person, &dialogue);
    if (result < 0)
        return result;
    struct policy_subject subject = { request->session.role, dialogue->relation, dialogue->state };
    if (!policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        return -ENOENT;
    enum notice_choice choice = row->choice_null ? NOTICE_AT_ONCE : (enum notice_choice)row->choice;
    result = fill_dialogue(request, dialogue, choice, ret_view);
    ret_view->list = true;
    return result;
}

static int fill_dialogues(struct request *request, struct notice_view *view)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_notice_dialogues row;
    struct notice_view_dialogue *list = arena_array(request->arena, DIALOGUES_MAX, sizeof(*list));
    int result = list ? sql_notice_dialogues(request->db, &(struct sql_notice_dialogues_in){
        .person = request->session.person, .count = DIALOGUES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && view->dialogues_count < DIALOGUES_MAX && (result = sql_notice_dialogues_next(stmt, &row)) == 1) {
        result = add_dialogue(request, &row, &list[view->dialogues_count]);
        view->dialogues_count += result == 0;
        result = result == -ENOENT ? 0 : result;
    }
    view->dialogues = list;
    return result < 0 ? result : 0;
}

static int fill_address(struct request *request, struct notice_view *view)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_address address = { .address = STR("") };
    struct notice_wish wish = { .address = STR("") };
    int64_t hour;
    int result = notice_address_get(&scene, request->session.person, &address);
    if (result == 0 || result == -ENOENT)
        result = notice_wish_get(&scene, request->session.person, &wish);
    if (result == 0 || result == -ENOENT)
        result = notice_daily_hour(request->app->config, &hour);
    if (result < 0)
        return result;
    view->enabled = mail_enabled(request->app);
    view->address = address.address;
    view->refused = address.refused != 0;
    view->wished = wish.address;
    view->hour = arena_format(request->arena, "%lld", (long long)hour);
    return view->hour.ptr ? 0 : -ENOMEM;
}

static int fill_unit(struct request *request, struct notice_view *view)
{
    struct account_scene accounts = { request->db, request->keys, request->arena, request->now };
    struct dialogue_scene scene = dialogue_scene_of(request);
    int64_t unit = request->session.unit;
    if (unit == 0 || request->session.role != ROLE_EMPLOYEE)
        return 0;
    int result = account_unit_name(&accounts, unit, &view->unit);
    return result < 0 ? result : notice_unit_wants(&scene, request->session.person, unit, &view->unit_told);
}

static int show_mail(struct request *request, struct str email)
{
    struct notice_view view = { .email = email, .error = form_error_of(&request->errors, "email"), .unit = STR("") };
    int result = fill_address(request, &view);
    if (result == 0)
        result = fill_unit(request, &view);
    if (result == 0)
        result = fill_dialogues(request, &view);
    return result < 0 ? result : request_page(request, &mail_page, STR(""), &view);
}

static int get_mail(struct request *request)
{
    return show_mail(request, STR(""));
}

static int again_address(struct request *request)
{
    const struct address_form *form = request_form(request, &address_form);
    request->event.kind = AUDIT_DIALOGUE_LIST;
    return show_mail(request, form->email);
}

static int post_address(struct request *request)
{
    const struct address_form *form = request_form(request, &address_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_address before;
    if (!mail_enabled(request->app))
        return request_refuse(request, "email", TEXT("Your municipality does not send mail from here yet."));
    if (!mail_address_valid(form->email))
        return request_refuse(request, "email", TEXT("We can't send to that address. Use one with the letters a to z only, like name@mail.dk."));
    int result = notice_address_get(&scene, request->session.person, &before);
    if (result == 0 && !before.refused && str_equal(before.address, form->email))
        return request_refuse(request, "email", TEXT("You have that address already."));
    if (result == 0 || result == -ENOENT)
        result = notice_address_ask(&scene, request->session.person, form->email);
    if (result == -EAGAIN)
        return request_refuse(request, "email", TEXT("We have sent you many links today. Try again tomorrow."));
    return result < 0 ? result : request_redirect(request, STR("/mail"));
}

static int post_remove(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    int result = notice_address_remove(&scene, request->session.person);
    return result < 0 ? result : request_redirect(request, STR("/mail"));
}

static int get_dialogue_mail(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_view view = { .email = STR(""), .error = STR(""), .unit = STR(""), .dialogue = dialogue->id, .dialogues_count = 1 };
    struct notice_view_dialogue one;
    enum notice_choice choice;
    int result = fill_address(request, &view);
    if (result == 0)
        result = notice_choice_get(&scene, dialogue->member, dialogue->id, &choice);
    if (result == 0)
        result = fill_dialogue(request, dialogue, choice, &one);
    view.dialogues = &one;
    return result < 0 ? result : request_page(request, &mail_page, STR(""), &view);
}

static int post_choice(struct request *request)
{
    const struct choice_form *form = request_form(request, &choice_form);
    const struct dialogue *dialogue = request->entity;
    struct dialogue_scene scene = dialogue_scene_of(request);
    int result = notice_choose(&scene, dialogue->member, dialogue->id, (enum notice_choice)form->choice);
    if (result < 0)
        return result;
    return request_redirect(request, form->list ? arena_format(request->arena, "/mail#mail-%lld", (long long)dialogue->id)
                                                : arena_format(request->arena, "/dialogue/%lld/mail", (long long)dialogue->id));
}

static bool is_enabled(struct request *request, int64_t number)
{
    return mail_enabled(request->app);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/mail", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_DIALOGUE_LIST, .handle = get_mail,
      .answer = &notice_json, .summary = "Where and when one is told by mail that something is new." },
    { .method = METHOD_POST, .path = "/mail/address", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_MAIL_ADDRESS, .form = &address_form,
      .handle = post_address, .again = again_address, .summary = "Has a link sent to an address; it counts once the link was opened and said yes to." },
    { .method = METHOD_POST, .path = "/mail/address/remove", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_MAIL_ADDRESS, .form = &form_empty,
      .handle = post_remove, .summary = "No mail any more." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/mail", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_LIST,
      .load = dialogue_load, .handle = get_dialogue_mail, .answer = &notice_json, .summary = "When one is told by mail of a dialogue." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/mail", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_MAIL_CHOICE,
      .form = &choice_form, .load = dialogue_load, .handle = post_choice, .again = get_dialogue_mail, .summary = "Says when: at once, daily or never." },
};
FEATURE(notice, routes);
MENU_ITEM(notice, .menu = MENU_PERSON, .order = 20, .text = TEXT("Emails about news"), .path = "/mail", .permission = PERMISSION_SIGNED_IN);
MENU_ITEM(notice_dialogue, .menu = MENU_DIALOGUE, .order = 50, .text = TEXT("Emails about news"), .path = "/dialogue/{dialogue}/mail",
          .permission = PERMISSION_DIALOGUE_READ, .wanted = is_enabled);
