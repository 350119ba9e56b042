// SPDX-License-Identifier: MPL-2.0
#include "feature/print/print_page.h"

#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "web/date.h"

#include <errno.h>

struct maker {
    struct request *request;
    struct dialogue *dialogue;
    struct dates dates;
    const struct dialogue_participant *people;   // those who have left included: they may have written
    size_t people_count;
};

static struct str relation_of(const struct maker *maker, const struct dialogue_participant *person)
{
    return person->words.len ? person->words : request_text(maker->request, dialogue_relation_text(person->relation));
}

static const struct dialogue_participant *find(const struct maker *maker, int64_t person)
{
    for (size_t i = 0; i < maker->people_count; i++) {
        if (maker->people[i].person == person)
            return &maker->people[i];
    }
    return NULL;
}

static int fill_people(struct maker *maker, struct print_view *view)
{
    struct print_view_person *people = arena_array(maker->request->arena, maker->people_count + 1, sizeof(*people));
    if (!people)
        return -ENOMEM;
    for (size_t i = 0; i < maker->people_count; i++) {
        const struct dialogue_participant *one = &maker->people[i];
        if (one->ended == 0)
            people[view->people_count++] = (struct print_view_person){ one->name, relation_of(maker, one) };
    }
    view->people = people;
    return 0;
}

static void fill_post(struct maker *maker, const struct post *post, struct print_view_post *view)
{
    const struct dialogue_participant *author = find(maker, post->author);
    *view = (struct print_view_post){
        .number = dialogue_told_number(maker->dialogue, post->number),
        .author = author ? author->name : STR("?"), .relation = author ? relation_of(maker, author) : STR(""),
        .body = post->markup, .text = post->text, .clock = dates_clock(&maker->dates, post->created), .day = STR(""),
        .iso = dates_iso(&maker->dates, post->created), .posted = post->created, .edited = post->edited != 0 && !post->hidden,
        .hidden = post->hidden, .reply_to = dialogue_told_number(maker->dialogue, post->answers),
    };
}

static int fill_posts(struct maker *maker, struct print_range range, struct print_view *view)
{
    struct request *request = maker->request;
    const struct post *posts;
    size_t count;
    int result = post_after(maker->dialogue, range.first - 1, PRINT_PART, &posts, &count);
    struct print_view_post *views = result == 0 ? arena_array(request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    int64_t day = INT64_MIN;
    for (size_t i = 0; i < count && posts[i].number <= range.last; i++) {
        int64_t its_day = dates_day_number(&maker->dates, posts[i].created);
        fill_post(maker, &posts[i], &views[i]);
        if (its_day != day)
            views[i].day = dates_date(&maker->dates, posts[i].created);
        day = its_day;
        view->posts_count++;
    }
    view->posts = views;
    view->until = dialogue_told_number(maker->dialogue, range.last);
    if (view->posts_count == 0)
        return 0;
    int64_t first = posts[0].number, last = posts[view->posts_count - 1].number;
    request->event.first = first;
    request->event.last = last;
    view->first = views[0].number;
    view->last = views[view->posts_count - 1].number;
    view->next = last < range.last ? view->last + 1 : 0;
    // It stands in the log as printed, and as read like any other page.
    return request_audit(request, &(struct audit_event){
        .kind = AUDIT_DIALOGUE_READ, .dialogue = maker->dialogue->id, .first = first, .last = last });
}

static int fill_foot(struct maker *maker, struct print_view *view)
{
    struct request *request = maker->request;
    view->printed_by = request->session.name;
    view->printed_at = dates_moment(&maker->dates, request->now);
    return view->printed_at.ptr ? 0 : -ENOMEM;
}

int print_page(struct request *request, struct print_range range, struct print_view *view)
{
    struct dialogue *dialogue = request->entity;
    // Paper is read later: seen from another year, every date says its own.
    struct maker maker = { .request = request, .dialogue = dialogue, .dates = dates_begin(request->arena, request->language, 0) };
    struct account_scene accounts = { request->db, request->keys, request->arena, request->now };
    struct account citizen;
    if (range.last > dialogue->last_number)
        range.last = dialogue->last_number;
    view->dialogue = dialogue->id;
    view->topic = dialogue->topic;
    int result = dialogue_participants(dialogue, &maker.people, &maker.people_count);
    if (result == 0)
        result = account_get(&accounts, dialogue->citizen, &citizen);
    if (result == 0)
        result = account_unit_name(&accounts, dialogue->unit, &view->unit);
    if (result < 0)
        return result;
    view->citizen = citizen.name;
    result = fill_people(&maker, view);
    if (result == 0)
        result = fill_posts(&maker, range, view);
    return result < 0 ? result : fill_foot(&maker, view);
}
