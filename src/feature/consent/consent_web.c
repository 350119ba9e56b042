// SPDX-License-Identifier: MPL-2.0
// What a giver sees and does.
#include "feature/consent/consent_html.h"
#include "feature/consent/consent_json.h"
#include "feature/consent/consent_page.h"
#include "feature/consent_text/consent_text.h"
#include "feature/coordinator/coordinator.h"
#include "feature/notice/notice.h"
#include "web/menu.h"

#include <errno.h>

static const struct page list_page = { &consent_list_json, consent_list_any, TEXT("My consents") };
static const struct page one_page = { &consent_one_json, consent_one_any, TEXT("May they take part?") };

enum { ANSWER_ALL = 1, ANSWER_TODAY, ANSWER_NO };
static const char *const answers[] = { "all", "today", "no", NULL };

struct answer_form {
    int64_t answer;
    int64_t months;
    int64_t text;   // the version of the text that stood on the page
};

static const struct form_field answer_fields[] = {
    FORM_FIELD(struct answer_form, answer, FORM_CHOICE, TEXT("Your answer"), .required = true, .choices = answers, .missing = TEXT("Choose one of the three answers.")),
    FORM_FIELD(struct answer_form, months, FORM_INT, TEXT("How long"), .min = 1, .max = 60),
    FORM_FIELD(struct answer_form, text, FORM_INT, TEXT("Version of the text"), .required = true, .min = 1, .max = CONSENT_TEXT_VERSIONS_MAX),
};
static const struct form answer_form = FORM("ConsentAnswerForm", struct answer_form, answer_fields);

static const struct form_field renew_fields[] = {
    FORM_FIELD(struct answer_form, months, FORM_INT, TEXT("How long"), .min = 1, .max = 60),
    FORM_FIELD(struct answer_form, text, FORM_INT, TEXT("Version of the text"), .required = true, .min = 1, .max = CONSENT_TEXT_VERSIONS_MAX),
};
static const struct form renew_form = FORM("ConsentRenewForm", struct answer_form, renew_fields);

// A proposal that the reader was asked about: for all others there is none.
static int find(struct request *request, struct consent_maker *maker, struct proposal *ret_proposal, struct consent *ret_consent)
{
    *maker = consent_maker_of(request);
    int result = proposal_get(&maker->scene, request->number[0], ret_proposal);
    if (result == 0)
        result = consent_get(&maker->scene, ret_proposal, request->session.person, ret_consent);
    if (result == 0) {
        request->event.dialogue = ret_proposal->dialogue;
        request->event.object = ret_proposal->person;
    }
    return result;
}

static int get_list(struct request *request)
{
    struct consent_maker maker = consent_maker_of(request);
    struct consent_view_list view;
    int result = consent_page_list(&maker, &view);
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

static int get_one(struct request *request)
{
    struct consent_maker maker;
    struct proposal proposal;
    struct consent consent;
    struct consent_view view;
    int result = find(request, &maker, &proposal, &consent);
    if (result == 0)
        result = consent_page(&maker, &proposal, &consent, &view);
    return result < 0 ? result : request_page(request, &one_page, STR(""), &view);
}

static int again_one(struct request *request)
{
    request->event.kind = AUDIT_CONSENT_READ;
    return get_one(request);
}

// The unit is told when that was the last coordinator.
static int tell_unit(struct request *request, const struct dialogue *dialogue)
{
    struct coordinator_missing missing;
    int result = coordinator_missing_get(&dialogue->scene, dialogue->id, &missing);
    if (result == 0)
        result = notice_unit_news(&dialogue->scene, request->app->config, missing.unit);
    return result == -ENOENT ? 0 : result;
}

// After an answer: the others' open pages, and the person's own where their access is over.
static int tell(struct request *request, const struct consent_effect *effect)
{
    int result = 0;
    if (effect->removed)
        result = dialogue_cut(request, effect->dialogue, effect->removed);
    if (result == 0 && effect->removed)
        result = tell_unit(request, effect->dialogue);
    if (result == 0 && effect->dialogue)
        result = dialogue_tell(request, effect->dialogue, "members", STR("1"));
    return result;
}

// What is agreed to is what stands there now: whoever has an older text before them reads the new one first. Taking back needs no text.
static int check_text(struct request *request, const struct answer_form *form, const struct consent *consent, int64_t *ret_version)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    *ret_version = consent->text_version;
    if (!form)
        return 0;
    int result = consent_text_newest_version(&scene, ret_version);
    if (result == 0 && form->text != *ret_version)
        return request_refuse(request, "", TEXT("The text has been changed since you opened the page. Read it, and answer once more."));
    request->event.first = *ret_version;
    return result;
}

typedef int answering(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect);

static int run(struct request *request, answering *act, const struct answer_form *form)
{
    struct consent_maker maker;
    struct proposal proposal;
    struct consent consent;
    struct consent_effect effect;
    int months = consent_months_max(request->app->config);
    struct consent_answer answer = { .giver = request->session.person, .from_today = form && form->answer == ANSWER_TODAY,
        .months = form && form->months && form->months < months ? (int)form->months : months, .assurance = request->session.assurance };
    int result = find(request, &maker, &proposal, &consent);
    if (result == 0)
        result = check_text(request, form, &consent, &answer.text_version);
    if (request->errors.count)
        return result;
    if (result == 0)
        result = act(&maker.scene, &proposal, &answer, &effect);
    if (result == -EINVAL || result == -ESTALE)
        return request_refuse(request, "", TEXT("It has been answered already. You see how it stands below."));
    if (result == -ESHUTDOWN)
        return request_refuse(request, "", TEXT("The dialogue is closed, so nobody new can come in."));
    if (result == 0)
        result = tell(request, &effect);
    return result < 0 ? result : request_redirect(request, arena_format(request->arena, "/consents/%lld", (long long)proposal.id));
}

static int post_answer(struct request *request)
{
    const struct answer_form *form = request_form(request, &answer_form);
    request->event.kind = form->answer == ANSWER_NO ? AUDIT_CONSENT_DECLINE : AUDIT_CONSENT_GIVE;
    return run(request, form->answer == ANSWER_NO ? consent_decline : consent_grant, form);
}

static int post_withdraw(struct request *request)
{
    return run(request, consent_withdraw, NULL);
}

static int post_renew(struct request *request)
{
    return run(request, consent_renew, request_form(request, &renew_form));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/consents", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_CONSENT_LIST, .handle = get_list,
      .answer = &consent_list_json, .summary = "One's own consents: asked, given and ended, and who takes part by law." },
    { .method = METHOD_GET, .path = "/consents/{proposal#}", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_CONSENT_READ, .handle = get_one,
      .answer = &consent_one_json, .summary = "Who wants to take part, why, and what they will see. For those who are asked." },
    { .method = METHOD_POST, .path = "/consents/{proposal#}/answer", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_CONSENT_GIVE,
      .form = &answer_form, .handle = post_answer, .again = again_one, .summary = "Everything, from now on (today), or no." },
    { .method = METHOD_POST, .path = "/consents/{proposal#}/withdraw", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_CONSENT_WITHDRAW,
      .form = &form_empty, .handle = post_withdraw, .again = again_one, .summary = "Takes a consent back; the person's access ends at once." },
    { .method = METHOD_POST, .path = "/consents/{proposal#}/renew", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_CONSENT_RENEW,
      .form = &renew_form, .handle = post_renew, .again = again_one, .summary = "Agrees anew, from today on." },
};
FEATURE(consent, routes);

MENU_ITEM(consents, .menu = MENU_PERSON, .order = 30, .text = TEXT("My consents"), .path = "/consents", .permission = PERMISSION_SIGNED_IN);
