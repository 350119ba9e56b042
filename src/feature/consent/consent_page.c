// SPDX-License-Identifier: MPL-2.0
#include "feature/consent/consent_page.h"

#include "base/cleanup.h"
#include "feature/consent/consent_sql.h"
#include "feature/consent/consent_store.h"
#include "feature/consent_text/consent_text.h"
#include "feature/coordinator/coordinator.h"
#include "feature/dialogue/post.h"
#include "feature/file/file.h"

#include <errno.h>

#define GROUPS_MAX 40
#define LENGTHS_MAX 4

struct consent_maker consent_maker_of(struct request *request)
{
    return (struct consent_maker){
        .request = request, .scene = dialogue_scene_of(request), .accounts = { request->db, request->keys, request->arena, request->now },
        .dates = dates_begin(request->arena, request->language, request->now),
    };
}

int consent_months_max(const struct config *config)
{
    struct consent_settings settings;
    return consent_settings_read(config, &settings) < 0 ? 12 : settings.months;
}

int consent_who(struct consent_maker *maker, const struct proposal *proposal, struct str *ret_name, struct avatar *ret_avatar)
{
    struct account account = { .id = 0 };
    int result = proposal->person ? account_get(&maker->accounts, proposal->person, &account) : 0;
    *ret_name = proposal->person ? account.name : proposal->name;
    return result < 0 ? result : avatar_make(maker->request->arena, proposal->person, *ret_name, account.portrait, ret_avatar);
}

static struct str with_value(struct consent_maker *maker, const char *english, const char *name, struct str what)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(1000);
    struct text_value value = { name, what };
    text_format(&text, request_text(maker->request, english), &value, 1);
    return arena_str(maker->request->arena, buf_view(&text));
}

struct str consent_dated(struct consent_maker *maker, const char *english, int64_t ms)
{
    return with_value(maker, english, "date", dates_date(&maker->dates, ms));
}

struct str consent_status(struct consent_maker *maker, const struct consent *consent)
{
    switch (consent->state) {
    case CONSENT_REQUESTED:
        return consent_dated(maker, TEXT("Asked {date}, not answered yet"), consent->asked);
    case CONSENT_GRANTED:
    case CONSENT_EXPIRING:   // it ends as the day begins: the day before is the last
        return consent_dated(maker, TEXT("Said yes, through {date}"), consent->until - 1);
    case CONSENT_EXPIRED:
        return consent_dated(maker, TEXT("Ran out after {date}"), consent->until - 1);
    case CONSENT_DECLINED:
        return consent_dated(maker, TEXT("Said no {date}"), consent->ended);
    case CONSENT_WITHDRAWN:
        return consent_dated(maker, TEXT("Taken back {date}"), consent->ended);
    default:
        return request_text(maker->request, TEXT("Over"));
    }
}

int consent_sees(struct consent_maker *maker, const struct proposal *proposal, const struct consent *consent, struct str *ret_words)
{
    bool stands = consent->state == CONSENT_GRANTED || consent->state == CONSENT_EXPIRING, from_today;
    int64_t begins;
    *ret_words = STR("");
    int result = stands ? consent_begins(&maker->scene, proposal, &begins, &from_today) : 0;
    if (result < 0 || !stands)
        return result;
    if (!from_today)
        *ret_words = request_text(maker->request, TEXT("Can see all messages"));
    else if (begins)
        *ret_words = with_value(maker, TEXT("Can see what is written from {date} on"), "date", dates_moment(&maker->dates, begins));
    else
        *ret_words = request_text(maker->request, TEXT("Can see what is written after all have said yes"));
    return 0;
}

// Groups messages by day and author while they are read, the newest first.
struct grouping {
    struct consent_maker *maker;
    struct consent_view_messages *groups;
    size_t count;
    int64_t authors[GROUPS_MAX], days[GROUPS_MAX];
    int64_t shown;
};

static int take_message(void *context, const struct post *post)
{
    struct grouping *grouping = context;
    struct consent_maker *maker = grouping->maker;
    int64_t day = dates_day_number(&maker->dates, post->created);
    size_t at = 0;
    while (at < grouping->count && (grouping->authors[at] != post->author || grouping->days[at] != day))
        at++;
    if (at == GROUPS_MAX)
        return 1;   // enough for one page
    if (at == grouping->count) {
        grouping->authors[at] = post->author;
        grouping->days[at] = day;
        grouping->groups[at] = (struct consent_view_messages){ .day = dates_date(&maker->dates, post->created),
            .own = post->author == maker->request->session.person };
        grouping->count++;
    }
    grouping->groups[at].count++;
    grouping->shown++;
    return 0;
}

static int name_authors(struct consent_maker *maker, struct grouping *grouping)
{
    for (size_t i = 0; i < grouping->count; i++) {
        struct account account;
        int result = account_get(&maker->accounts, grouping->authors[i], &account);
        if (result < 0)
            return result;
        grouping->groups[i].author = account.name;
    }
    return 0;
}

// The messages that the person will see, or sees: the reader's own view, from where the person's begins.
static int fill_messages(struct consent_maker *maker, struct dialogue *dialogue, const struct proposal *proposal, struct consent_view *view)
{
    _cleanup_(arena_free_pointer) struct arena *scratch = NULL;
    struct grouping grouping = { .maker = maker };
    if (proposal->terms.first_number > dialogue->terms.first_number)
        dialogue->terms.first_number = proposal->terms.first_number;
    view->messages = dialogue->last_number - dialogue_first_visible(dialogue) + 1;
    grouping.groups = arena_array(maker->request->arena, GROUPS_MAX, sizeof(*grouping.groups));
    int result = grouping.groups ? arena_new(1 << 24, &scratch) : -ENOMEM;
    if (result == 0)
        result = post_scan(dialogue, INT64_MAX, 1000, scratch, take_message, &grouping);
    if (result >= 0)
        result = name_authors(maker, &grouping);
    if (result >= 0)
        result = file_count(dialogue, &view->files, &view->own_files);
    view->days = grouping.groups;
    view->days_count = grouping.count;
    view->days_more = view->messages - grouping.shown;
    return result;
}

static int fill_dialogue(struct consent_maker *maker, const struct proposal *proposal, struct consent_view *view)
{
    struct request *request = maker->request;
    struct dialogue *dialogue;
    struct account citizen;
    int result = dialogue_open(&maker->scene, proposal->dialogue, request->session.person, &dialogue);
    view->hidden = result == -ENOENT || (result == 0 && dialogue->relation == RELATION_FORMER);
    if (result < 0 || view->hidden)
        return result == -ENOENT ? 0 : result;
    view->topic = dialogue->topic;
    view->for_citizen = dialogue->citizen != request->session.person;
    result = account_get(&maker->accounts, dialogue->citizen, &citizen);
    view->citizen = result == 0 ? citizen.name : STR("");
    struct policy_subject subject = { request->session.role, dialogue->relation, dialogue->state };
    view->hidden = !policy_allows(PERMISSION_DIALOGUE_READ, &subject);
    return result < 0 || view->hidden ? result : fill_messages(maker, dialogue, proposal, view);
}

// Whether taking it back would leave the dialogue without a coordinator.
static int fill_alone(struct consent_maker *maker, const struct proposal *proposal, struct consent_view *view)
{
    struct dialogue *whole;
    bool only;
    view->alone = STR("");
    if (!view->may_withdraw || !proposal->person || proposal->state != PROPOSAL_ACTIVE)
        return 0;
    int result = coordinator_is_only(&maker->scene, proposal->dialogue, proposal->person, &only);
    if (result == 0 && only)
        result = dialogue_open_whole(&maker->scene, proposal->dialogue, &whole);
    return result < 0 || !only ? result : account_unit_name(&maker->accounts, whole->unit, &view->alone);
}

static int fill_lengths(struct consent_maker *maker, struct consent_view *view)
{
    static const int choices[] = { 1, 3, 6, 12 };
    int max = consent_months_max(maker->request->app->config);
    struct consent_view_length *lengths = arena_array(maker->request->arena, LENGTHS_MAX, sizeof(*lengths));
    if (!lengths)
        return -ENOMEM;
    for (size_t i = 0; i < LENGTHS_MAX; i++) {
        bool last = i + 1 == LENGTHS_MAX || choices[i + 1] > max;
        int months = last ? max : choices[i];
        int64_t until = consent_until(maker->request->now, months);
        lengths[view->lengths_count++] = (struct consent_view_length){
            .months = months, .until = consent_dated(maker, TEXT("through {date}"), until - 1), .chosen = last };
        if (last)
            break;
    }
    view->lengths = lengths;
    return 0;
}

static int fill_others(struct consent_maker *maker, const struct proposal *proposal, struct consent_view *view)
{
    struct consent_view_giver *others = arena_array(maker->request->arena, CONSENT_GIVERS_MAX, sizeof(*others));
    int result = others ? 0 : -ENOMEM;
    for (size_t i = 0; result == 0 && i < proposal->givers_count; i++) {
        struct account account;
        struct consent consent;
        int64_t giver = proposal->givers[i].person;
        if (giver == maker->request->session.person)
            continue;
        result = account_get(&maker->accounts, giver, &account);
        if (result == 0)
            result = consent_get(&maker->scene, proposal, giver, &consent);
        if (result == 0)
            others[view->others_count++] = (struct consent_view_giver){ account.name, consent_status(maker, &consent) };
    }
    view->others = others;
    return result;
}

// The text that is shown now, and the one that stood there when the reader answered.
static int fill_texts(struct consent_maker *maker, const struct consent *consent, struct consent_view *view)
{
    enum language language = maker->request->language;
    bool law = consent->basis == CONSENT_BASIS_STATUTE, own = consent->basis == CONSENT_BASIS_OWN;
    enum consent_text_kind kind = law ? CONSENT_TEXT_LAW : own ? CONSENT_TEXT_OWN : CONSENT_TEXT_RELATIVE;
    struct consent_text text;
    int result = consent_text_newest(&maker->accounts, &text);
    if (result < 0)
        return result;
    view->text_version = text.version;
    view->text = text.words[kind][language];
    view->given_version = consent->answered ? consent->text_version : 0;
    view->given_text = STR("");
    if (view->given_version)
        result = consent_text_get(&maker->accounts, view->given_version, &text);
    if (result == 0 && view->given_version)
        view->given_text = text.words[kind][language];
    return result;
}

int consent_page(struct consent_maker *maker, const struct proposal *proposal, const struct consent *consent, struct consent_view *ret_view)
{
    struct account proposer;
    struct request *request = maker->request;
    struct consent_view view = {
        .proposal = proposal->id, .dialogue = proposal->dialogue, .topic = STR(""), .citizen = STR(""), .relation = proposal->words,
        .role = request_text(request, dialogue_relation_text(proposal->relation)), .purpose = proposal->purpose,
        .statute = proposal->statute, .reason = proposal->reason,
        .may_answer = consent_next(consent->state, CONSENT_GRANT), .may_withdraw = consent_next(consent->state, CONSENT_WITHDRAW),
        .may_renew = consent_next(consent->state, CONSENT_RENEW),
        .agreed = consent->state == CONSENT_GRANTED || consent->state == CONSENT_EXPIRING,
        .soon = consent->state == CONSENT_EXPIRING || consent->state == CONSENT_EXPIRED,
        .status = consent_status(maker, consent), .error = form_error_of(&request->errors, ""),
    };
    int result = consent_giver_check(&maker->scene, proposal->dialogue, &(struct consent_giver){ consent->giver, consent->basis });
    view.may_renew = view.may_renew && result == 0;
    if (result == 0 || result == -EINVAL)
        result = consent_who(maker, proposal, &view.name, &view.avatar);
    if (result == 0)
        result = consent_sees(maker, proposal, consent, &view.sees);
    if (result == 0)
        result = account_get(&maker->accounts, proposal->proposer, &proposer);
    if (result == 0)
        result = fill_dialogue(maker, proposal, &view);
    if (result == 0)
        result = fill_lengths(maker, &view);
    if (result == 0)
        result = fill_others(maker, proposal, &view);
    if (result == 0)
        result = fill_texts(maker, consent, &view);
    if (result == 0)
        result = fill_alone(maker, proposal, &view);
    if (result < 0)
        return result;
    view.proposer = proposer.name;
    *ret_view = view;
    return 0;
}

static int fill_item(struct consent_maker *maker, const struct proposal *proposal, const struct consent *consent, struct consent_view_item *ret_item)
{
    struct dialogue *dialogue;
    struct consent_view_item item = {
        .proposal = proposal->id, .relation = proposal->words, .topic = STR(""), .status = consent_status(maker, consent),
        .statute = proposal->statute, .reason = proposal->reason, .soon = consent->state == CONSENT_EXPIRING || consent->state == CONSENT_EXPIRED,
    };
    int result = consent_who(maker, proposal, &item.name, &item.avatar);
    if (result == 0)
        result = consent_sees(maker, proposal, consent, &item.sees);
    if (result == 0)
        result = dialogue_open(&maker->scene, proposal->dialogue, maker->request->session.person, &dialogue);
    if (result == 0)
        item.topic = dialogue->topic;
    *ret_item = item;
    return result == -ENOENT ? 0 : result;
}

static int fill_law(struct consent_maker *maker, struct consent_view_list *view, struct consent_view_item *law)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_about row;
    struct request *request = maker->request;
    int result = sql_consent_about(request->db, &(struct sql_consent_about_in){
        .person = request->session.person, .active = PROPOSAL_ACTIVE, .count = CONSENT_LIST_MAX }, &stmt);
    while (result == 0 && view->law_count < CONSENT_LIST_MAX && (result = sql_consent_about_next(stmt, &row)) == 1) {
        struct proposal proposal;
        struct consent consent;
        result = proposal_get(&maker->scene, row.id, &proposal);
        if (result < 0 || proposal.statute.len == 0 || proposal.state != PROPOSAL_ACTIVE)
            continue;
        result = consent_get(&maker->scene, &proposal, proposal.givers[0].person, &consent);
        if (result == 0)
            result = fill_item(maker, &proposal, &consent, &law[view->law_count]);
        if (result == 0)
            law[view->law_count++].text_version = consent.text_version;
    }
    view->law = law;
    return result < 0 ? result : 0;
}

int consent_page_list(struct consent_maker *maker, struct consent_view_list *ret_view)
{
    struct consent_view_list view = { .asked_count = 0 };
    struct arena *arena = maker->request->arena;
    const struct consent *list;
    size_t count;
    struct consent_view_item *asked = arena_array(arena, CONSENT_LIST_MAX, sizeof(*asked)), *given = arena_array(arena, CONSENT_LIST_MAX, sizeof(*given));
    struct consent_view_item *ended = arena_array(arena, CONSENT_LIST_MAX, sizeof(*ended)), *law = arena_array(arena, CONSENT_LIST_MAX, sizeof(*law));
    int result = asked && given && ended && law ? consent_list(&maker->scene, maker->request->session.person, &list, &count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct proposal proposal;
        bool stands = consent_next(list[i].state, CONSENT_WITHDRAW);
        struct consent_view_item *item = list[i].state == CONSENT_REQUESTED ? &asked[view.asked_count++]
            : stands ? &given[view.given_count++] : &ended[view.ended_count++];
        result = proposal_get(&maker->scene, list[i].proposal, &proposal);
        if (result == 0)
            result = fill_item(maker, &proposal, &list[i], item);
    }
    view.asked = asked;
    view.given = given;
    view.ended = ended;
    if (result == 0)
        result = fill_law(maker, &view, law);
    if (result == 0)
        *ret_view = view;
    return result;
}
