// SPDX-License-Identifier: MPL-2.0
// Closing a dialogue, why it is closed, and opening it again.
#include <errno.h>

#include "feature/moderation/closing.h"
#include "feature/moderation/moderation_html.h"
#include "feature/moderation/moderation_json.h"
#include "feature/moderation/moderation_page.h"
#include "web/menu.h"

struct close_form {
    struct str reason;
};

static const struct form_field close_fields[] = {
    FORM_FIELD(struct close_form, reason, FORM_TEXT, TEXT("Reason"), .required = true, .min = 3, .max = CLOSING_REASON_MAX,
               .missing = TEXT("Write why the dialogue is closed.")),
};
static const struct form close_form = FORM("DialogueCloseForm", struct close_form, close_fields);

static const struct page close_page = { &moderation_closing_json, moderation_close_any, TEXT("Close the dialogue") };
static const struct page closed_page = { &moderation_closing_json, moderation_closed_any, TEXT("The dialogue is closed") };

static bool is_closed(const struct dialogue *dialogue)
{
    return dialogue->state == DIALOGUE_CLOSED || dialogue->state == DIALOGUE_JOURNALISED;
}

static int show_close(struct request *request, struct str reason)
{
    struct dialogue *dialogue = request->entity;
    struct moderation_view_closing view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .reason = reason, .by = STR(""),
        .reason_error = form_error_of(&request->errors, "reason"), .error = form_error_of(&request->errors, ""),
    };
    const int64_t *sides;
    size_t count;
    int result = dialogue_sides_running(dialogue, &sides, &count);
    if (result < 0)
        return result;
    view.side_talks = (int64_t)count;
    request->event.kind = AUDIT_DIALOGUE_READ;
    return request_page(request, &close_page, STR(""), &view);
}

static int get_close(struct request *request)
{
    return show_close(request, STR(""));
}

static int again_close(struct request *request)
{
    const struct close_form *form = request_form(request, &close_form);
    return show_close(request, form->reason);
}

static int go_to_dialogue(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    int result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_redirect(request, arena_format(request->arena, "/dialogue/%lld", (long long)dialogue->id));
}

// Of a side talk that ended with its dialogue: it stands in the dialogue's log, and open pages of its own hear of it.
static int note_side_end(struct request *request, int64_t id)
{
    struct dialogue *dialogue = request->entity, *side;
    int result = request_audit(request, &(struct audit_event){ .kind = AUDIT_SIDE_TALK_END, .dialogue = dialogue->id, .object = id });
    if (result == 0)
        result = dialogue_open_whole(&dialogue->scene, id, &side);
    if (result == 0)
        result = dialogue_tell(request, side, "members", STR("1"));
    return result == -ENOENT ? 0 : result;   // its coordinator has left
}

static int post_close(struct request *request)
{
    const struct close_form *form = request_form(request, &close_form);
    const int64_t *sides;
    size_t count;
    int result = dialogue_sides_running(request->entity, &sides, &count);
    if (result == 0)
        result = closing_make(request->entity, form->reason);
    if (result < 0)
        return result == -EINVAL ? -EEXIST : result;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = note_side_end(request, sides[i]);
    return result < 0 ? result : go_to_dialogue(request);
}

static int get_closed(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct closing closing = { .reason = STR("") };
    struct moderation_view_closing view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .closed = true, .by = STR(""), .when = STR(""), .reason = STR(""),
        .may_reopen = policy_allows(PERMISSION_DIALOGUE_REOPEN, &request->subject), .error = form_error_of(&request->errors, ""),
    };
    int result = is_closed(dialogue) ? closing_get(dialogue, &closing) : -EACCES;
    if (result == 0) {
        view.when = moderation_moment(request, closing.at);
        view.at = closing.at;
        view.reason = closing.reason;
        result = moderation_name(request, closing.by, &view.by);
    }
    request->event.kind = AUDIT_DIALOGUE_READ;
    return result < 0 && result != -ENOENT ? result : request_page(request, &closed_page, STR(""), &view);
}

static int post_reopen(struct request *request)
{
    int result = closing_undo(request->entity);
    if (result == -EKEYEXPIRED)
        return request_refuse(request, "", TEXT("A consent has run out. Have it renewed, or take the person out, before you open the dialogue again."));
    return result < 0 ? (result == -EINVAL ? -EEXIST : result) : go_to_dialogue(request);
}

static bool wants_why(struct request *request, int64_t number)
{
    return is_closed(request->entity);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/close", .permission = PERMISSION_DIALOGUE_CLOSE, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_close, .answer = &moderation_closing_json, .summary = "What closing the dialogue means." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/close", .permission = PERMISSION_DIALOGUE_CLOSE, .audit = AUDIT_DIALOGUE_CLOSE,
      .form = &close_form, .load = dialogue_load, .handle = post_close, .again = again_close, .summary = "Closes the dialogue: it is read, not written in." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/closed", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_closed, .answer = &moderation_closing_json, .summary = "Who closed the dialogue, when and why." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/reopen", .permission = PERMISSION_DIALOGUE_REOPEN, .audit = AUDIT_DIALOGUE_REOPEN,
      .form = &form_empty, .load = dialogue_load, .handle = post_reopen, .again = get_closed,
      .summary = "Opens a closed dialogue again, when the consents that it needs hold." },
};
FEATURE(closing, routes);

MENU_ITEM(close, .menu = MENU_DIALOGUE, .order = 95, .text = TEXT("Close the dialogue"), .path = "/dialogue/{dialogue}/close",
          .permission = PERMISSION_DIALOGUE_CLOSE);
MENU_ITEM(closed, .menu = MENU_DIALOGUE, .order = 95, .text = TEXT("Why is it closed?"), .path = "/dialogue/{dialogue}/closed",
          .permission = PERMISSION_DIALOGUE_READ, .wanted = wants_why);
