// SPDX-License-Identifier: MPL-2.0
// An invitation's link by mail, for who may see the link. Whoever waits for a consent has no invitation yet, and so gets no mail.
#include "feature/notice/notice.h"
#include "feature/notice/notice_html.h"
#include "feature/notice/notice_sql.h"
#include "feature/notice/notice_view.h"
#include "feature/participant/invitation.h"
#include "web/request.h"

#include <errno.h>

#define MAILS_EACH 3

static const struct view_field sent_fields[] = {
    VIEW_ID(struct notice_view_invited, dialogue, "The dialogue."),
    VIEW_STR(struct notice_view_invited, address, "Where the mail goes; empty: it was not sent."),
    VIEW_STR(struct notice_view_invited, problem, "Why it was not sent; empty: it was."),
};
static const struct view sent_json = VIEW("InvitationMailed", struct notice_view_invited, sent_fields);
static const struct page sent_page = { &sent_json, notice_invited_any, TEXT("Invitation by mail") };

// The invitation, if the person may see its link. -ENOENT.
static int find(struct request *request, struct invitation *ret_invitation)
{
    struct dialogue *dialogue = request->entity;
    int result = invitation_get(dialogue, request->number[1], ret_invitation);
    if (result == 0 && dialogue->relation != RELATION_COORDINATOR && ret_invitation->inviter != dialogue->member)
        return -ENOENT;
    return result;
}

static const char *problem_of_invitation(struct request *request, const struct invitation *invitation)
{
    if (!mail_enabled(request->app))
        return TEXT("Your municipality does not send mail from here yet.");
    if (invitation->state != INVITATION_OPEN)
        return TEXT("The invitation is no longer open.");
    if (!mail_address_valid(invitation->email))
        return TEXT("We can't send to that address. Copy the link instead.");
    return NULL;
}

// -EAGAIN when it was mailed often enough.
static int send_link(struct request *request, const struct invitation *invitation)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    int64_t rows = sql_notice_invited_add(request->db, &(struct sql_notice_invited_add_in){
        .invitation = invitation->id, .now = request->now, .most = MAILS_EACH });
    if (rows != 1)
        return rows < 0 ? (int)rows : -EAGAIN;
    return notice_invite(&scene, &(struct notice_invitation){
        .id = invitation->id, .address = invitation->email, .token = invitation->token, .language = request->language });
}

static int post_mail(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    struct invitation invitation;
    int result = find(request, &invitation);
    if (result < 0)
        return result;
    struct notice_view_invited view = { .dialogue = dialogue->id, .address = STR(""), .problem = STR("") };
    const char *problem = problem_of_invitation(request, &invitation);
    result = problem ? 0 : send_link(request, &invitation);
    if (result == -EAGAIN)
        problem = TEXT("It has been mailed three times. Copy the link, or make a new invitation.");
    else if (result < 0)
        return result;
    if (problem)
        view.problem = request_text(request, problem);
    else
        view.address = invitation.email;
    request->event.object = invitation.id;
    return request_page(request, &sent_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/invitations/{invitation#}/mail", .permission = PERMISSION_PARTICIPANT_INVITE,
      .audit = AUDIT_INVITATION_MAKE, .form = &form_empty, .load = dialogue_load, .handle = post_mail, .answer = &sent_json,
      .summary = "Mails the link of an invitation that waits." },
};
FEATURE(invitation_mail, routes);
