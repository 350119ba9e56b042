// SPDX-License-Identifier: MPL-2.0
#include "feature/participant/participant_page.h"

#include "base/cleanup.h"
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/participant/invitation.h"
#include "mail/sender.h"
#include "web/date.h"

#include <errno.h>

#define FOUND_MAX 20

struct maker {
    struct request *request;
    struct dialogue *dialogue;
    struct dates dates;
    const struct dialogue_participant *people;
    size_t people_count;
    bool administers;
    size_t coordinators;
};

// "{word} {date}" in the reader's language, for instance "since 3 November".
static struct str with_date(struct maker *maker, const char *english, int64_t ms)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(500);
    struct text_value value = { "date", dates_date(&maker->dates, ms) };
    text_format(&text, request_text(maker->request, english), &value, 1);
    return arena_str(maker->request->arena, buf_view(&text));
}

// How long somebody's part lasts and whether it is for reading only: told to who lets people in, and to that person.
static int fill_limits(struct maker *maker, const struct dialogue_participant *participant, struct participant_view_person *view)
{
    struct dialogue_terms terms = maker->dialogue->terms;
    bool told = view->self || policy_allows(PERMISSION_PARTICIPANT_INVITE, &maker->request->subject);
    if (participant->ended || !told)
        return 0;
    int result = view->self ? 0 : dialogue_terms_of(maker->dialogue, participant->person, &terms);
    if (result == -ENOENT)
        return 0;
    if (result == 0 && terms.until)   // it ends as a day begins: the day before is the last
        view->last_day = with_date(maker, TEXT("through {date}"), terms.until - 1);
    view->reads_only = result == 0 && terms.reads_only;
    return result;
}

// A citizen is not invited: who runs the dialogue passes its address on, until something has been read.
static int fill_address(struct maker *maker, const struct dialogue_participant *participant, struct participant_view_person *view)
{
    struct request *request = maker->request;
    struct str base = request->app->base_url;
    bool unknown;
    if (!maker->administers || participant->relation != RELATION_CITIZEN || participant->ended)
        return 0;
    int result = dialogue_unknown_to_citizen(maker->dialogue, &unknown);
    if (result == 0 && unknown)
        view->address = arena_format(request->arena, "%.*s/dialogue/%lld", (int)base.len, base.ptr, (long long)maker->dialogue->id);
    return result;
}

// What not everybody is told of somebody.
static int fill_told(struct maker *maker, const struct dialogue_participant *participant, struct participant_view_person *view)
{
    int result = fill_limits(maker, participant, view);
    return result < 0 ? result : fill_address(maker, participant, view);
}

static int fill_person(struct maker *maker, const struct dialogue_participant *participant, struct participant_view_person *ret_view)
{
    struct dialogue *dialogue = maker->dialogue;
    bool self = participant->person == dialogue->member;
    bool here = participant->ended == 0;
    bool last = participant->relation == RELATION_COORDINATOR && maker->coordinators <= 1;
    struct participant_view_person view = {
        .dialogue = dialogue->id, .person = participant->person, .name = participant->name, .relation = participant->words,
        .role = request_text(maker->request, dialogue_relation_text(participant->relation)),
        .since = here ? with_date(maker, TEXT("since {date}"), participant->joined) : with_date(maker, TEXT("until {date}"), participant->ended),
        .last_day = STR(""), .address = STR(""), .self = self, .former = !here,
        .may_exclude = maker->administers && here && !self && !last && participant->relation != RELATION_CITIZEN,
        .may_describe = maker->administers && here,
        .may_make_coordinator = maker->administers && here && participant->relation == RELATION_PROFESSIONAL,
        .may_unmake_coordinator = maker->administers && here && participant->relation == RELATION_COORDINATOR && !last,
    };
    int result = avatar_make(maker->request->arena, participant->person, participant->name, participant->portrait, &view.avatar);
    if (result == 0)
        result = fill_told(maker, participant, &view);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_people(struct maker *maker, struct participant_view *view)
{
    struct arena *arena = maker->request->arena;
    struct participant_view_person *here = arena_array(arena, maker->people_count + 1, sizeof(*here));
    struct participant_view_person *former = arena_array(arena, maker->people_count + 1, sizeof(*former));
    if (!here || !former)
        return -ENOMEM;
    for (size_t i = 0; i < maker->people_count; i++) {
        const struct dialogue_participant *person = &maker->people[i];
        int result = fill_person(maker, person, person->ended ? &former[view->former_count++] : &here[view->people_count++]);
        if (result < 0)
            return result;
    }
    view->people = here;
    view->former = former;
    return 0;
}

static struct str invitation_link(struct request *request, const struct invitation *invitation)
{
    struct str base = request->app->base_url;
    return arena_format(request->arena, "%.*s/invitation/%.*s", (int)base.len, base.ptr, (int)invitation->token.len, invitation->token.ptr);
}

static int fill_invitation(struct maker *maker, const struct invitation *invitation, struct participant_view_invitation *ret_view)
{
    struct participant_view_invitation view = {
        .dialogue = invitation->dialogue, .id = invitation->id, .name = invitation->name, .relation = invitation->words,
        .role = request_text(maker->request, dialogue_relation_text(invitation->relation)), .email = invitation->email,
        .expires = with_date(maker, TEXT("ends {date}"), invitation->expires), .link = STR(""),
        .last_day = STR(""), .reads_only = invitation->reads_only,
    };
    if (invitation->until)
        view.last_day = with_date(maker, TEXT("May take part through {date}"), invitation->until - 1);
    if (maker->administers || invitation->inviter == maker->dialogue->member)
        view.link = invitation_link(maker->request, invitation);
    view.may_mail = view.link.len && mail_enabled(maker->request->app) && mail_address_valid(invitation->email);
    int result = avatar_make(maker->request->arena, 0, invitation->name, false, &view.avatar);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_invitations(struct maker *maker, int64_t made, struct participant_view *view)
{
    const struct invitation *list;
    size_t count;
    int result = invitation_list(maker->dialogue, &list, &count);
    struct participant_view_invitation *views = result == 0 ? arena_array(maker->request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        result = fill_invitation(maker, &list[i], &views[i]);
        if (result == 0 && list[i].id == made) {
            view->fresh_link = views[i].link;
            view->fresh_name = views[i].name;
        }
    }
    view->invitations = views;
    view->invitations_count = count;
    return result;
}

static bool takes_part(const struct maker *maker, int64_t person)
{
    for (size_t i = 0; i < maker->people_count; i++) {
        if (maker->people[i].person == person && maker->people[i].ended == 0)
            return true;
    }
    return false;
}

static int fill_employee(struct maker *maker, const struct account_scene *scene, const struct account *account, bool needs_consent,
                         struct participant_view_employee *ret_view)
{
    struct participant_view_employee view = {
        .dialogue = maker->dialogue->id, .person = account->id, .name = account->name, .title = account->title, .unit = STR(""),
        .takes_part = takes_part(maker, account->id), .needs_consent = needs_consent,
    };
    int result = avatar_make(maker->request->arena, account->id, account->name, account->portrait, &view.avatar);
    if (result == 0 && account->unit)
        result = account_unit_name(scene, account->unit, &view.unit);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int fill_found(struct maker *maker, struct str search, struct participant_view *view)
{
    struct request *request = maker->request;
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    const struct account *list;
    size_t count;
    if (search.len == 0 || !view->may_search)
        return 0;
    int result = account_list(&scene, &(struct account_filter){ .role = ROLE_EMPLOYEE, .words = search }, FOUND_MAX, &list, &count);
    struct participant_view_employee *found = result == 0 ? arena_array(request->arena, count + 1, sizeof(*found)) : NULL;
    if (!found)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = fill_employee(maker, &scene, &list[i], view->needs_consent, &found[i]);
    view->found = found;
    view->found_count = count;
    view->search = search;
    return result;
}

static int begin(struct request *request, struct maker *maker)
{
    *maker = (struct maker){
        .request = request, .dialogue = request->entity,
        .dates = dates_begin(request->arena, request->language, request->now),
        .administers = policy_allows(PERMISSION_PARTICIPANT_ADMINISTER, &request->subject),
    };
    int result = dialogue_participants(maker->dialogue, &maker->people, &maker->people_count);
    for (size_t i = 0; result == 0 && i < maker->people_count; i++)
        maker->coordinators += maker->people[i].relation == RELATION_COORDINATOR && maker->people[i].ended == 0;
    return result;
}

int participant_page(struct request *request, const struct participant_ask *ask, struct participant_view *ret_view)
{
    struct maker maker;
    struct consent_rule rule = { .count = 0 };
    int result = begin(request, &maker);
    struct dialogue *dialogue = maker.dialogue;
    bool last = dialogue->relation == RELATION_COORDINATOR && maker.coordinators <= 1;
    struct participant_view view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .search = STR(""), .search_error = form_error_of(&request->errors, "search"),
        .may_invite = policy_allows(PERMISSION_PARTICIPANT_INVITE, &request->subject),
        .may_search = policy_allows(PERMISSION_PARTICIPANT_ADD, &request->subject),
        .may_leave = policy_allows(PERMISSION_DIALOGUE_LEAVE, &request->subject) && !last, .last_coordinator = last,
        .error = form_error_of(&request->errors, ""), .invite = ask->invite, .fresh_link = STR(""), .fresh_name = STR(""),
    };
    if (result == 0)
        result = fill_people(&maker, &view);
    if (result == 0)
        result = consent_rule_get(&dialogue->scene, dialogue->id, &rule);
    view.needs_consent = rule.count > 0;
    if (result == 0 && view.may_invite)
        result = fill_invitations(&maker, ask->made, &view);
    if (result == 0)
        result = fill_found(&maker, ask->search, &view);
    if (result == 0)
        *ret_view = view;
    return result;
}

int participant_check_consent(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    struct consent_rule rule;
    int result = consent_rule_get(&dialogue->scene, dialogue->id, &rule);
    return result == 0 && rule.count ? request_refuse(request, "", TEXT("Somebody must say yes first. Propose the person instead.")) : result;
}
