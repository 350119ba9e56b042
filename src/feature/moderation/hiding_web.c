// SPDX-License-Identifier: MPL-2.0
// Hiding a message, why it is hidden, and showing it again.
#include <errno.h>

#include "feature/dialogue/post.h"
#include "feature/moderation/moderation_html.h"
#include "feature/moderation/moderation_json.h"
#include "feature/moderation/moderation_page.h"
#include "web/menu.h"

struct hide_form {
    struct str reason;
};

static const struct form_field hide_fields[] = {
    FORM_FIELD(struct hide_form, reason, FORM_TEXT, TEXT("Reason"), .required = true, .min = 3, .max = POST_REASON_MAX,
               .missing = TEXT("Write why the message is hidden.")),
};
static const struct form hide_form = FORM("PostHideForm", struct hide_form, hide_fields);

static const struct page hide_page = { &moderation_hide_json, moderation_hide_any, TEXT("Hide a message") };
static const struct page hidden_page = { &moderation_hidden_json, moderation_hidden_any, TEXT("A hidden message") };

static int64_t number_of(const struct request *request)
{
    return request->number[1];
}

static int show_hide(struct request *request, struct str reason)
{
    struct dialogue *dialogue = request->entity;
    struct post post;
    int result = post_get(dialogue, number_of(request), &post);
    if (result == 0 && post.hidden)
        result = -EEXIST;
    if (result < 0)
        return result;
    struct moderation_view_hide view = {
        .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, post.number), .topic = dialogue->topic, .reason = reason,
        .reason_error = form_error_of(&request->errors, "reason"), .excerpt = post.text,
    };
    request->event.kind = AUDIT_DIALOGUE_READ;
    request->event.first = request->event.last = post.number;
    result = moderation_name(request, post.author, &view.author);
    return result < 0 ? result : request_page(request, &hide_page, STR(""), &view);
}

static int get_hide(struct request *request)
{
    return show_hide(request, STR(""));
}

static int again_hide(struct request *request)
{
    const struct hide_form *form = request_form(request, &hide_form);
    return show_hide(request, form->reason);
}

static int go_to_post(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    long long number = number_of(request);
    int result = dialogue_tell(request, dialogue, "changed", arena_format(request->arena, "%lld", number));
    request->event.object = number;
    return result < 0 ? result : request_redirect(request, dialogue_post_address(request, dialogue, number));
}

static int post_hide_form(struct request *request)
{
    const struct hide_form *form = request_form(request, &hide_form);
    int result = post_hide(request->entity, number_of(request), form->reason);
    return result < 0 ? (result == -EALREADY ? -EEXIST : result) : go_to_post(request);
}

static int post_unhide_form(struct request *request)
{
    int result = post_unhide(request->entity, number_of(request));
    return result < 0 ? result : go_to_post(request);
}

static int show_hidden(struct request *request, const struct post *post, struct moderation_view_hidden *view)
{
    struct dialogue *dialogue = request->entity;
    struct post_hiding hiding;
    int result = post_hiding_get(dialogue, post->number, &hiding);
    if (result == 0)
        result = moderation_name(request, post->author, &view->author);
    if (result == 0)
        result = moderation_name(request, hiding.by, &view->by);
    if (result < 0)
        return result;
    view->dialogue = dialogue->id;
    view->number = dialogue_told_number(dialogue, post->number);
    view->topic = dialogue->topic;
    view->when = moderation_moment(request, hiding.at);
    view->at = hiding.at;
    view->reason = hiding.reason;
    view->own = post->author == request->session.person;
    view->may_undo = policy_allows(PERMISSION_POST_HIDE, &request->subject);
    return view->when.ptr ? request_page(request, &hidden_page, STR(""), view) : -ENOMEM;
}

static int get_hidden(struct request *request)
{
    struct post post;
    struct moderation_view_hidden view = { .text = STR("") };
    int result = post_get(request->entity, number_of(request), &post);
    return result < 0 ? result : show_hidden(request, &post, &view);
}

static int get_original(struct request *request)
{
    struct post post;
    int result = post_original(request->entity, number_of(request), &post);
    if (result < 0)
        return result;
    struct moderation_view_hidden view = { .original = true, .body = post.markup, .text = post.text };
    request->event.object = request->event.first = request->event.last = post.number;
    return show_hidden(request, &post, &view);
}

static bool is_shown(struct request *request, int64_t told)
{
    struct post post;
    return post_get(request->entity, dialogue_asked_number(request->entity, told), &post) == 0 && !post.hidden;
}

static bool is_hidden(struct request *request, int64_t told)
{
    return !is_shown(request, told);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/hide", .permission = PERMISSION_POST_HIDE, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_hide, .answer = &moderation_hide_json, .summary = "A post, before it is hidden." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/post/{number#}/hide", .permission = PERMISSION_POST_HIDE, .audit = AUDIT_POST_HIDE,
      .form = &hide_form, .load = dialogue_load, .handle = post_hide_form, .again = again_hide, .summary = "Hides a post; it is kept for the journal." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/hidden", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_hidden, .answer = &moderation_hidden_json, .summary = "Who hid a post, when and why." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/original", .permission = PERMISSION_POST_HIDE,
      .audit = AUDIT_POST_ORIGINAL_READ, .load = dialogue_load, .handle = get_original, .answer = &moderation_hidden_json,
      .summary = "What a hidden post says." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/post/{number#}/unhide", .permission = PERMISSION_POST_HIDE, .audit = AUDIT_POST_UNHIDE,
      .form = &form_empty, .load = dialogue_load, .handle = post_unhide_form, .summary = "Shows a hidden post again." },
};
FEATURE(hiding, routes);

MENU_ITEM(hide, .menu = MENU_POST, .order = 80, .text = TEXT("Hide the message"), .path = "/dialogue/{dialogue}/post/{number}/hide",
          .permission = PERMISSION_POST_HIDE, .wanted = is_shown);
MENU_ITEM(hidden, .menu = MENU_POST, .order = 80, .text = TEXT("Why is it hidden?"), .path = "/dialogue/{dialogue}/post/{number}/hidden",
          .permission = PERMISSION_DIALOGUE_READ, .wanted = is_hidden);
