// SPDX-License-Identifier: MPL-2.0
// Where an invitation's link leads: the page behind it, and coming in.
#include "feature/account/account.h"
#include "feature/participant/invitation.h"
#include "feature/participant/participant_html.h"
#include "feature/participant/participant_json.h"
#include "web/date.h"
#include "web/request.h"

#include <errno.h>

static const struct page landing_page = { &participant_landing_json, participant_landing_any, TEXT("Invitation") };
static const struct page dead_page = { &participant_dead_json, participant_dead_any, TEXT("Invitation") };

static const char *dead_reason(const struct invitation *invitation)
{
    switch (invitation->state) {
    case INVITATION_REVOKED:
        return TEXT("It was taken back.");
    case INVITATION_EXPIRED:
        return TEXT("It is more than 30 days old.");
    default:
        return TEXT("It has been used already. It works only once.");
    }
}

static int show_dead(struct request *request, const struct invitation *invitation)
{
    struct participant_view_dead view = { .reason = request_text(request, dead_reason(invitation)) };
    if (request->wants_json)
        return -ENOENT;
    request_status(request, 410);
    return request_page(request, &dead_page, STR(""), &view);
}

static struct str landing_path(struct request *request)
{
    return arena_format(request->arena, "/invitation/%.*s", (int)request->part[0].len, request->part[0].ptr);
}

static int fill_landing(struct request *request, const struct invitation *invitation, struct participant_view_landing *view)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct account inviter;
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct text_value date = { "date", dates_date(&dates, invitation->expires) };
    struct buf expires = buf_bounded(500);
    text_format(&expires, request_text(request, TEXT("ends {date}")), &date, 1);
    *view = (struct participant_view_landing){
        .path = url_local(request->arena, landing_path(request)), .name = invitation->name, .expires = arena_str(request->arena, buf_view(&expires)),
        .signed_in = request->session.person != 0, .person = request->session.name, .unit = STR(""),
        .error = form_error_of(&request->errors, ""),
    };
    buf_free(&expires);
    int result = account_get(&scene, invitation->inviter, &inviter);
    if (result < 0)
        return result;
    view->inviter = inviter.name;
    return inviter.unit ? account_unit_name(&scene, inviter.unit, &view->unit) : 0;
}

static struct str dialogue_path(struct request *request, int64_t dialogue)
{
    return arena_format(request->arena, "/dialogue/%lld", (long long)dialogue);
}

static int get_invitation(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct invitation invitation;
    struct participant_view_landing view;
    int64_t person = request->session.person;
    int result = invitation_find(&scene, request->part[0], &invitation);
    if (result < 0)
        return result;
    if (invitation.state == INVITATION_ACCEPTED && person && invitation.accepted_by == person)
        return request_redirect(request, dialogue_path(request, invitation.dialogue));
    if (invitation.state != INVITATION_OPEN)
        return show_dead(request, &invitation);
    result = fill_landing(request, &invitation, &view);
    return result < 0 ? result : request_page(request, &landing_page, STR(""), &view);
}

static int accept(struct request *request, const struct invitation *invitation)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    int result = invitation_accept(&scene, invitation, request->session.person, &dialogue);
    if (result < 0)
        return result;
    request->event.dialogue = invitation->dialogue;
    request->event.object = invitation->id;
    if (dialogue)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_redirect(request, dialogue_path(request, invitation->dialogue));
}

static int post_accept(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct invitation invitation;
    int result = invitation_find(&scene, request->part[0], &invitation);
    if (result < 0)
        return result;
    if (request->session.person == 0) {
        request->event.kind = AUDIT_NONE;
        return request_redirect(request, arena_format(request->arena, "/login?next=/invitation/%.*s", (int)request->part[0].len, request->part[0].ptr));
    }
    if (request->session.role != ROLE_PUBLIC)
        return request_refuse(request, "", TEXT("The invitation is for somebody who signs in with MitID. You are signed in as an employee."));
    result = accept(request, &invitation);
    if (result == -ESTALE)
        return request_refuse(request, "", dead_reason(&invitation));
    if (result == -EKEYREVOKED)
        return request_refuse(request, "", TEXT("It was made before you left the dialogue. Ask for a new one."));
    if (result == -ESHUTDOWN)
        return request_refuse(request, "", TEXT("The dialogue is closed, so nobody new can come in."));
    if (result == -EPERM)
        return request_refuse(request, "", TEXT("Somebody must say yes to you first. Ask the person who invited you for a new invitation."));
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("There is no room for more people in this dialogue."));
    if (result != -EEXIST)
        return result;
    request->event.kind = AUDIT_NONE;   // takes part already: nothing was accepted
    return request_redirect(request, dialogue_path(request, invitation.dialogue));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/invitation/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .handle = get_invitation,
      .answer = &participant_landing_json, .summary = "Where an invitation's link leads." },
    { .method = METHOD_POST, .path = "/invitation/{token}", .permission = PERMISSION_ANYONE, .audit = AUDIT_INVITATION_ACCEPT,
      .form = &form_empty, .handle = post_accept, .again = get_invitation, .summary = "Accepts an invitation." },
};
FEATURE(invitation, routes);
