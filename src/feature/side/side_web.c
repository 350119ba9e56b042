// SPDX-License-Identifier: MPL-2.0
// Side talks: starting one, why there is one, ending it before its time. What is written in them is read on a dialogue's own page.
#include "base/clock.h"
#include "feature/dialogue/dialogue.h"
#include "feature/side/side_html.h"
#include "feature/side/side_json.h"
#include "feature/side/side_view.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

#define DAYS 14          // how long one can last, where nothing else is set
#define DAYS_PROPOSED 7

struct side_form {
    struct str name, reason;
    int64_t until;
    int64_t person[DIALOGUE_SIDE_PEOPLE_MAX];
};

// A box for each employee.
#define PERSON(n) { .name = "person" #n, .type = FORM_ID, .offset = offsetof(struct side_form, person[(n) - 1]), .label = TEXT("Person"), .min = 1, .max = INT64_MAX }

static const struct form_field side_fields[] = {
    FORM_FIELD(struct side_form, name, FORM_TEXT, TEXT("Name"), .required = true, .min = 3, .max = DIALOGUE_TOPIC_MAX,
               .missing = TEXT("Write what the side talk is about.")),
    FORM_FIELD(struct side_form, reason, FORM_TEXT, TEXT("Reason"), .required = true, .min = 10, .max = DIALOGUE_SIDE_REASON_MAX,
               .missing = TEXT("Write why it can't be said in the dialogue.")),
    FORM_FIELD(struct side_form, until, FORM_DATE, TEXT("Last day"), .required = true, .missing = TEXT("Choose the last day.")),
    PERSON(1), PERSON(2), PERSON(3), PERSON(4), PERSON(5), PERSON(6), PERSON(7), PERSON(8), PERSON(9), PERSON(10),
    PERSON(11), PERSON(12), PERSON(13), PERSON(14), PERSON(15), PERSON(16), PERSON(17), PERSON(18), PERSON(19), PERSON(20),
};
static const struct form side_form = FORM("SideTalkForm", struct side_form, side_fields);

static const struct page side_page = { &side_json, side_any, TEXT("Side talks") };
static const struct page about_page = { &side_about_json, side_about_any, TEXT("Side talk") };

static int64_t days_max(const struct request *request)
{
    int64_t days;
    return config_int(request->app->config, "side_talk.days", 1, 365, DAYS, &days) < 0 ? DAYS : days;
}

static int64_t today(const struct request *request)
{
    struct civil civil = clock_civil(request->now);
    return clock_days(civil.year, civil.month, civil.day);
}

static struct str day_text(struct request *request, int64_t day)
{
    struct civil date = clock_date(day);
    return arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

// The last minute before a time.
static struct str end_text(struct request *request, int64_t ends)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    return dates_moment(&dates, ends - 1);
}

static bool is_chosen(const struct side_form *form, int64_t person)
{
    for (size_t i = 0; form && i < DIALOGUE_SIDE_PEOPLE_MAX; i++) {
        if (form->person[i] == person)
            return true;
    }
    return false;
}

static int fill_people(struct request *request, const struct side_form *form, struct side_view *view)
{
    struct dialogue *dialogue = request->entity;
    const struct dialogue_participant *all;
    size_t count;
    struct side_view_person *people = arena_array(request->arena, DIALOGUE_SIDE_PEOPLE_MAX, sizeof(*people));
    int result = people ? dialogue_participants(dialogue, &all, &count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count && view->people_count < DIALOGUE_SIDE_PEOPLE_MAX; i++) {
        bool employee = all[i].relation == RELATION_PROFESSIONAL || all[i].relation == RELATION_COORDINATOR;
        if (employee && all[i].ended == 0 && all[i].person != dialogue->member) {
            people[view->people_count] = (struct side_view_person){ .person = all[i].person, .place = (int64_t)view->people_count + 1,
                .name = all[i].name, .relation = all[i].words, .chosen = is_chosen(form, all[i].person) };
            view->people_count++;
        }
    }
    view->people = people;
    return result;
}

static int fill_talks(struct request *request, struct side_view *view)
{
    struct dialogue *const *sides;
    size_t count;
    int result = dialogue_sides(request->entity, &sides, &count);
    struct side_view_talk *talks = result == 0 ? arena_array(request->arena, count + 1, sizeof(*talks)) : NULL;
    if (!talks)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        talks[i] = (struct side_view_talk){ .id = sides[i]->id, .name = sides[i]->topic, .ends = end_text(request, sides[i]->ends),
            .ends_at = sides[i]->ends, .over = sides[i]->state == DIALOGUE_SIDE_ENDED };
    }
    view->talks = talks;
    view->talks_count = count;
    return 0;
}

static int show(struct request *request, const struct side_form *form)
{
    struct dialogue *dialogue = request->entity;
    int64_t days = days_max(request);
    struct side_view view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .days = days, .name = form ? form->name : STR(""), .reason = form ? form->reason : STR(""),
        .until = day_text(request, form && form->until != FORM_NO_DATE ? form->until : today(request) + (days < DAYS_PROPOSED ? days : DAYS_PROPOSED)),
        .latest = day_text(request, today(request) + days), .name_error = form_error_of(&request->errors, "name"),
        .reason_error = form_error_of(&request->errors, "reason"), .until_error = form_error_of(&request->errors, "until"),
        .people_error = form_error_of(&request->errors, ""),
    };
    request->event.kind = AUDIT_SIDE_TALK_LIST;
    int result = fill_people(request, form, &view);
    if (result == 0)
        result = fill_talks(request, &view);
    return result < 0 ? result : request_page(request, &side_page, STR(""), &view);
}

static int get_side(struct request *request)
{
    return show(request, NULL);
}

static int again_side(struct request *request)
{
    return show(request, request_form(request, &side_form));
}

static int post_side(struct request *request)
{
    const struct side_form *form = request_form(request, &side_form);
    int64_t persons[DIALOGUE_SIDE_PEOPLE_MAX], days = days_max(request);
    struct dialogue_side_new what = { .name = form->name, .reason = form->reason, .ends = clock_day_begin(form->until + 1), .persons = persons };
    struct dialogue *side;
    if (form->until < today(request) || form->until > today(request) + days)
        return request_refuse(request, "until", TEXT("Choose a day from today on, and not later than the last one that is allowed."));
    for (size_t i = 0; i < DIALOGUE_SIDE_PEOPLE_MAX; i++) {
        if (form->person[i])
            persons[what.count++] = form->person[i];
    }
    int result = dialogue_side_start(request->entity, &what, &side);
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Choose at least one employee who takes part in the dialogue."));
    if (result == 0)
        result = dialogue_tell(request, side, "members", STR("1"));
    if (result < 0)
        return result;
    // It stands in the log of the dialogue beside which it is.
    request->event.object = side->id;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld", (long long)side->id));
}

static int get_about(struct request *request)
{
    struct dialogue *side = request->entity;
    struct dialogue *parent;
    struct side_view_about view = {
        .dialogue = side->id, .parent = side->parent, .name = side->topic, .parent_topic = STR(""), .ends = end_text(request, side->ends),
        .ends_at = side->ends, .over = side->state == DIALOGUE_SIDE_ENDED, .may_end = policy_allows(PERMISSION_SIDE_TALK_END, &request->subject),
    };
    if (!side->parent)
        return -ENOENT;
    int result = dialogue_side_reason(side, &view.reason);
    if (result == 0)
        result = dialogue_open(&side->scene, side->parent, side->member, &parent);
    if (result == 0)
        view.parent_topic = parent->topic;
    return result < 0 && result != -ENOENT ? result : request_page(request, &about_page, STR(""), &view);
}

static int post_end(struct request *request)
{
    struct dialogue *side = request->entity;
    int result = dialogue_side_end(side);
    if (result == 0)
        result = dialogue_tell(request, side, "members", STR("1"));
    if (result < 0)
        return result == -EINVAL ? -EEXIST : result;
    request->event.dialogue = side->parent;
    request->event.object = side->id;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld", (long long)side->id));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/side", .permission = PERMISSION_SIDE_TALK, .audit = AUDIT_SIDE_TALK_LIST,
      .load = dialogue_load, .handle = get_side, .answer = &side_json, .summary = "Side talks of employees beside a dialogue." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/side", .permission = PERMISSION_SIDE_TALK, .audit = AUDIT_SIDE_TALK_START,
      .form = &side_form, .load = dialogue_load, .handle = post_side, .again = again_side,
      .summary = "Starts a side talk: with a name, a reason, an end and chosen employees." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/side/about", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_about, .answer = &side_about_json, .summary = "Why there is a side talk, and until when." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/side/end", .permission = PERMISSION_SIDE_TALK_END, .audit = AUDIT_SIDE_TALK_END,
      .form = &form_empty, .load = dialogue_load, .handle = post_end, .summary = "Ends a side talk before its time." },
};
FEATURE(side, routes);

MENU_ITEM(side, .menu = MENU_DIALOGUE, .order = 70, .text = TEXT("Side talk of employees"), .path = "/dialogue/{dialogue}/side",
          .permission = PERMISSION_SIDE_TALK);
