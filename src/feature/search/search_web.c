// SPDX-License-Identifier: MPL-2.0
// The pages for searching. Looking through the posts is done on the threads for long reads; what is shown is read anew in the answer's own read
// transaction, so that access that ended meanwhile counts.
#include "feature/search/search_html.h"
#include "feature/search/search_json.h"
#include "feature/search/search_page.h"
#include "web/menu.h"

#include <errno.h>

struct search_form {
    struct str q;
    int64_t before, in, at;   // where to go on: the last place that was looked at
};

static const struct form_field search_fields[] = {
    FORM_FIELD(struct search_form, q, FORM_TEXT, TEXT("What are you looking for?"), .max = SEARCH_QUERY_MAX),
    FORM_FIELD(struct search_form, before, FORM_INT, TEXT("Before"), .min = 1, .max = INT64_MAX - 1),
    FORM_FIELD(struct search_form, in, FORM_ID, TEXT("In"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct search_form, at, FORM_INT, TEXT("At"), .min = 1, .max = INT64_MAX),
};
static const struct form search_form = FORM("SearchForm", struct search_form, search_fields);

static const struct page search_page = { &search_json, search_any, TEXT("Search") };

// What was looked through, and for what.
struct looked {
    struct search_query query;
    struct search_found found;
    int result;   // of search_parse: 0, or why nothing was searched for
};

static bool has_left(void *context)
{
    return request_left(context);
}

// The dialogue of the path; 0: all.
static int64_t asked_dialogue(const struct request *request)
{
    return request->number[0];
}

// Where the search before this one ended.
static int read_place(const struct dialogue_scene *scene, struct search_ask *ask, const struct search_form *form)
{
    struct dialogue *dialogue;
    int result = form->in ? dialogue_open(scene, form->in, ask->person, &dialogue) : -ENOENT;
    ask->before = (struct search_place){ form->before, form->in, result == 0 ? dialogue_asked_number(dialogue, form->at) : form->at };
    return result == -ENOENT ? 0 : result;
}

static int look(struct request *request)
{
    const struct search_form *form = request->query;
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct looked *looked = arena_alloc(request->arena, sizeof(*looked));
    if (!looked)
        return -ENOMEM;
    request->prepared = looked;
    looked->result = search_parse(request->arena, form->q, &looked->query);
    if (looked->result < 0 || request->session.person == 0)
        return 0;
    struct search_ask ask = {
        .person = request->session.person, .role = request->session.role, .dialogue = asked_dialogue(request), .query = looked->query,
        .before = SEARCH_NEWEST, .posts_max = SEARCH_POSTS_MAX, .given_up = has_left, .context = request,
    };
    int result = form->before ? read_place(&scene, &ask, form) : 0;
    return result < 0 ? result : search_run(&scene, &ask, &looked->found);
}

static void note_query(struct request *request, const struct looked *looked)
{
    if (looked->result == -E2BIG)
        request_refuse(request, "q", TEXT("That is many words. Search for eight or fewer."));
    else
        request_refuse(request, "q", TEXT("Write at least two letters of a word."));
}

// One record for each dialogue that was looked through. What was searched for stands nowhere.
static int note_ranges(struct request *request, const struct search_found *found)
{
    int result = 0;
    for (size_t i = 0; i < found->ranges_count && result == 0; i++) {
        const struct search_range *range = &found->ranges[i];
        struct audit_event event = { .kind = AUDIT_SEARCH, .dialogue = range->dialogue, .first = range->first, .last = range->last };
        if (i > 0) {
            result = request_audit(request, &event);
        } else {
            event.person = request->session.person;
            request->event = event;
        }
    }
    return result;
}

static int show(struct request *request)
{
    const struct search_form *form = request->query;
    const struct looked *looked = request->prepared;
    const struct dialogue *dialogue = request->entity;
    struct search_view view = {
        .dialogue = asked_dialogue(request), .topic = dialogue ? dialogue->topic : STR(""), .q = form->q, .back_to = STR(""),
        .goes_on = form->before != 0,
    };
    int result = 0;
    if (looked->result < 0 && form->q.len > 0)
        note_query(request, looked);
    if (looked->result < 0)
        request->event.kind = AUDIT_NONE;
    else
        result = search_page_hits(request, &looked->query, &looked->found, &view);
    if (result == 0)
        result = note_ranges(request, &looked->found);
    view.q_error = form_error_of(&request->errors, "q");
    return result < 0 ? result : request_page(request, &search_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/search", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_SEARCH, .query = &search_form,
      .prepare = look, .handle = show, .answer = &search_json, .flags = ROUTE_LONG, .summary = "Searches all that one takes part in, the newest posts first." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/search", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_SEARCH,
      .query = &search_form, .prepare = look, .load = dialogue_load, .handle = show, .answer = &search_json, .flags = ROUTE_LONG,
      .summary = "Searches one dialogue, the newest posts first." },
};
FEATURE(search, routes);

MENU_ITEM(search, .menu = MENU_PERSON, .order = 20, .text = TEXT("Search my dialogues"), .path = "/search", .permission = PERMISSION_SIGNED_IN);
MENU_ITEM(search_dialogue, .menu = MENU_DIALOGUE, .order = 20, .text = TEXT("Search in the dialogue"), .path = "/dialogue/{dialogue}/search",
          .permission = PERMISSION_DIALOGUE_READ);
