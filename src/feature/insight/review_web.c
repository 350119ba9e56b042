// SPDX-License-Identifier: MPL-2.0
// The reviewers' pages.
#include "feature/insight/insight.h"
#include "feature/insight/insight_json.h"
#include "feature/insight/review_html.h"
#include "feature/insight/review_page.h"
#include "feature/insight/review_sql.h"
#include "web/menu.h"

#include <errno.h>

#define CLOSED_SHOWN 20

static const char *const outcomes[] = { "fine", "wrong", "passed", NULL };

struct close_form {
    int64_t outcome;
    struct str note, answer;
};

static const struct form_field close_fields[] = {
    FORM_FIELD(struct close_form, outcome, FORM_CHOICE, TEXT("What did you find?"), .required = true, .choices = outcomes),
    FORM_FIELD(struct close_form, note, FORM_LINES, TEXT("Note for reviewers"), .required = true, .min = 3, .max = REVIEW_TEXT_MAX),
    FORM_FIELD(struct close_form, answer, FORM_LINES, TEXT("Answer to the citizen"), .max = REVIEW_TEXT_MAX),
};
static const struct form close_form = FORM("ReviewForm", struct close_form, close_fields);

static const struct page list_page = { &review_list_json, review_any, TEXT("Reviews") };
static const struct page one_page = { &review_json, review_one_any, TEXT("Review") };

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Who was not appointed for any unit does not learn that there is such a page.
static int load_reviewer(struct request *request)
{
    struct account_scene scene = scene_of(request);
    const int64_t *units;
    size_t count;
    int result = reviewer_units(&scene, request->session.person, &units, &count);
    request->subject.reviewer = result == 0 && count > 0;
    return result;
}

static int load_review(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct review *review = arena_alloc(request->arena, sizeof(*review));
    bool is_for = false;
    int result = review ? load_reviewer(request) : -ENOMEM;
    if (result == 0)
        result = review_get(&scene, request->number[0], review);
    if (result == 0)
        result = review_is_for(&scene, review, request->session.person, &is_for);
    if (result == 0 && !is_for)
        result = -ENOENT;
    request->entity = review;
    return result;
}

static int fill_list(struct people *people, enum review_list which, size_t max, const struct review_view_row **ret_rows, size_t *ret_count)
{
    struct account_scene scene = scene_of(people->request);
    const struct review *reviews;
    size_t count = 0;
    int result = review_list(&scene, which, people->request->session.person, max, &reviews, &count);
    struct review_view_row *rows = result == 0 ? arena_array(scene.arena, count + 1, sizeof(*rows)) : NULL;
    if (!rows)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = review_page_row(people, &reviews[i], &rows[i]);
    *ret_rows = rows;
    *ret_count = count;
    return result;
}

static int get_list(struct request *request)
{
    struct people people;
    struct review_view view = { .open = NULL };
    int result = people_begin(request, &people);
    if (result == 0)
        result = fill_list(&people, REVIEW_LIST_OPEN, REVIEW_LIST_MAX, &view.open, &view.open_count);
    if (result == 0)
        result = fill_list(&people, REVIEW_LIST_CLOSED, CLOSED_SHOWN, &view.closed, &view.closed_count);
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

static int show_one(struct request *request, const struct close_form *typed)
{
    const struct review *review = request->entity;
    struct people people;
    struct review_view_one view;
    int result = people_begin(request, &people);
    if (result == 0)
        result = review_page_one(&people, review, &view);
    if (result < 0)
        return result;
    if (typed) {
        view.outcome = typed->outcome;
        view.note = typed->note;
        view.answer = typed->answer;
        view.outcome_error = form_error_of(&request->errors, "outcome");
        view.note_error = form_error_of(&request->errors, "note");
        view.answer_error = form_error_of(&request->errors, "answer");
    }
    // Also the review is a look at the citizen's dialogue, which they see.
    request->event.dialogue = review->dialogue;
    request->event.object = review->id;
    return request_page(request, &one_page, STR(""), &view);
}

static int get_one(struct request *request)
{
    return show_one(request, NULL);
}

static int again_one(struct request *request)
{
    request->event.kind = AUDIT_REVIEW_READ;
    return show_one(request, request_form(request, &close_form));
}

static int post_one(struct request *request)
{
    const struct close_form *form = request_form(request, &close_form);
    const struct review *review = request->entity;
    struct account_scene scene = scene_of(request);
    if (review->cause == REVIEW_ASKED && form->answer.len == 0)
        return request_refuse(request, "answer", TEXT("Write an answer: somebody waits for it."));
    int result = review_close(&scene, review, request->session.person, (enum review_outcome)form->outcome, form->note, form->answer);
    if (result == -EALREADY)
        return request_refuse(request, "outcome", TEXT("Somebody else has signed it off meanwhile."));
    request->event.dialogue = review->dialogue;
    request->event.object = review->id;
    return result < 0 ? result : request_redirect(request, STR("/review"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/review", .permission = PERMISSION_REVIEW, .audit = AUDIT_REVIEW_LIST, .load = load_reviewer, .handle = get_list,
      .answer = &review_list_json, .summary = "Questions and spot checks that wait for a reviewer, and what was signed off lately." },
    { .method = METHOD_GET, .path = "/review/{review#}", .permission = PERMISSION_REVIEW, .audit = AUDIT_REVIEW_READ, .load = load_review, .handle = get_one,
      .answer = &review_json, .summary = "One of them: who looked, when, at what sort of thing." },
    { .method = METHOD_POST, .path = "/review/{review#}", .permission = PERMISSION_REVIEW, .audit = AUDIT_REVIEW_CLOSE, .form = &close_form, .load = load_review,
      .handle = post_one, .again = again_one, .summary = "Signs it off. Not one's own looking." },
};
FEATURE(review, routes);

// The exact answer, with checked appointments, is load_reviewer's; a menu on each page must be cheap.
static bool reviews(struct request *request, int64_t number)
{
    struct sql_review_reviews_at_all row;
    const struct sql_review_reviews_at_all_in in = { .person = request->session.person };
    return sql_review_reviews_at_all(request->db, request->arena, &in, &row) == 0 && row.count > 0;
}

static void ask_reviews(struct request *request)
{
    sql_review_reviews_at_all_ask(request->db, &(struct sql_review_reviews_at_all_in){ .person = request->session.person });
}

MENU_ITEM(review, .menu = MENU_WORK, .order = 60, .text = TEXT("Reviews"), .path = "/review", .permission = PERMISSION_EMPLOYEE, .wanted = reviews, .ask = ask_reviews);
