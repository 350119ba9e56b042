// SPDX-License-Identifier: MPL-2.0
// Where the links in mails lead: confirming an address, and ending mails with one click. Whoever opens them has the mail, and need not be signed in.
// Looking changes nothing: mail programs open links on their own.
#include "feature/notice/notice_address.h"
#include "feature/notice/notice_html.h"
#include "feature/notice/notice_json.h"
#include "feature/notice/notice_stop.h"
#include "feature/notice/notice_view.h"
#include "web/request.h"

#include <errno.h>

enum { ANSWER_YES = 1, ANSWER_NO };
static const char *const answers[] = { "yes", "no", NULL };

struct confirm_form {
    int64_t answer;
};

static const struct form_field confirm_fields[] = {
    FORM_FIELD(struct confirm_form, answer, FORM_CHOICE, TEXT("Is this your address?"), .required = true, .choices = answers),
};
static const struct form confirm_form = FORM("MailConfirmForm", struct confirm_form, confirm_fields);

struct stop_form {
    struct str one_click;
};

// What mail programs send (RFC 8058, section 3.1); our own page sends nothing.
static const struct form_field stop_fields[] = {
    { .name = "List-Unsubscribe", .type = FORM_TEXT, .offset = offsetof(struct stop_form, one_click), .max = 20, .label = TEXT("One click") },
};
static const struct form stop_form = FORM("MailStopForm", struct stop_form, stop_fields);

static const struct page confirm_page = { &notice_confirm_json, notice_confirm_any, TEXT("Is this your address?") };
static const struct page stop_page = { &notice_stop_json, notice_stop_any, TEXT("Stop mails") };
static const struct page dead_page = { NULL, notice_dead_any, TEXT("The link does not work any more") };

static struct url own_path(struct request *request, const char *beginning)
{
    return url_local(request->arena, arena_format(request->arena, "%s%.*s", beginning, (int)request->part[0].len, request->part[0].ptr));
}

static int show_dead(struct request *request)
{
    struct notice_view_dead view = { .signed_in = request->session.person != 0 };
    if (request->wants_json)
        return -ENOENT;
    request_status(request, 410);
    return request_page(request, &dead_page, STR(""), &view);
}

static int get_confirm(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_wish wish;
    int result = notice_wish_find(&scene, request->part[0], &wish);
    if (result == -ENOENT)
        return show_dead(request);
    struct notice_view_confirm view = { .path = own_path(request, "/mail/confirm/"), .address = result == 0 ? wish.address : STR("") };
    return result < 0 ? result : request_page(request, &confirm_page, STR(""), &view);
}

static int post_confirm(struct request *request)
{
    const struct confirm_form *form = request_form(request, &confirm_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_wish wish;
    int result = notice_wish_find(&scene, request->part[0], &wish);
    if (result == -ENOENT) {
        request->event.kind = AUDIT_NONE;
        return show_dead(request);
    }
    if (result == 0)
        result = form->answer == ANSWER_YES ? notice_wish_confirm(&scene, &wish) : notice_wish_end(&scene, wish.person);
    if (result < 0)
        return result;
    request->event.person = wish.person;
    struct notice_view_confirm view = {
        .path = own_path(request, "/mail/confirm/"), .address = wish.address, .done = true, .yes = form->answer == ANSWER_YES };
    return request_page(request, &confirm_page, STR(""), &view);
}

static int show_stop(struct request *request, const struct notice_stop *stop, bool done)
{
    struct notice_view_stop view = {
        .path = own_path(request, "/mail/stop/"), .count = (int64_t)stop->count, .daily = stop->choice == NOTICE_DAILY, .done = done };
    return request_page(request, &stop_page, STR(""), &view);
}

static int get_stop(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_stop stop;
    int result = notice_stop_read(&scene, request->part[0], &stop);
    if (result == -ENOENT)
        return show_dead(request);
    return result < 0 ? result : show_stop(request, &stop, false);
}

static int post_stop(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct notice_stop stop;
    int result = notice_stop_read(&scene, request->part[0], &stop);
    if (result == -ENOENT) {
        request->event.kind = AUDIT_NONE;
        return show_dead(request);
    }
    if (result == 0)
        result = notice_stop_do(&scene, &stop);
    if (result < 0)
        return result;
    request->event.person = stop.person;
    request->event.dialogue = stop.count == 1 ? stop.dialogues[0] : 0;
    return show_stop(request, &stop, true);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/mail/confirm/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .handle = get_confirm,
      .answer = &notice_confirm_json, .summary = "The link that was sent to an address." },
    { .method = METHOD_POST, .path = "/mail/confirm/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_MAIL_ADDRESS, .form = &confirm_form,
      .handle = post_confirm, .again = get_confirm, .answer = &notice_confirm_json, .summary = "Says that it is one's own, or not." },
    { .method = METHOD_GET, .path = "/mail/stop/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .handle = get_stop,
      .answer = &notice_stop_json, .summary = "The link in a mail that ends such mails; changes nothing yet." },
    { .method = METHOD_POST, .path = "/mail/stop/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_MAIL_CHOICE, .form = &stop_form,
      .handle = post_stop, .answer = &notice_stop_json, .flags = ROUTE_NO_CSRF, .summary = "Ends the mails that it came with (RFC 8058)." },
};
FEATURE(notice_link, routes);
