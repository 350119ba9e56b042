// SPDX-License-Identifier: MPL-2.0
// A dialogue to be printed: all of it, some numbers or some days, in parts that a browser and a printer can manage.
#include "base/clock.h"
#include "feature/dialogue/post.h"
#include "feature/print/print_html.h"
#include "feature/print/print_json.h"
#include "feature/print/print_page.h"
#include "web/menu.h"

#include <errno.h>

struct print_form {
    int64_t first, last;   // post numbers
    int64_t from, to;      // days
};

static const struct form_field print_fields[] = {
    FORM_FIELD(struct print_form, first, FORM_INT, TEXT("First message"), .min = 1, .max = INT64_MAX - 1),
    FORM_FIELD(struct print_form, last, FORM_INT, TEXT("Last message"), .min = 1, .max = INT64_MAX - 1),
    FORM_FIELD(struct print_form, from, FORM_DATE, TEXT("From")),
    FORM_FIELD(struct print_form, to, FORM_DATE, TEXT("To")),
};
static const struct form print_form = FORM("PrintForm", struct print_form, print_fields);

static const struct page dialogue_print_page = { &print_json, print_any, TEXT("Print") };

static int range_of_days(struct request *request, const struct print_form *form, struct print_range *range)
{
    struct dialogue *dialogue = request->entity;
    int64_t behind = 0;
    int result = 0;
    if (form->from != FORM_NO_DATE && form->to != FORM_NO_DATE && form->to < form->from) {
        request_refuse(request, "to", TEXT("The last day comes before the first one."));
        range->last = 0;
        return 0;
    }
    if (form->from != FORM_NO_DATE)
        result = post_number_at(dialogue, clock_day_begin(form->from), &range->first);
    if (result == 0 && form->to != FORM_NO_DATE)
        result = post_number_at(dialogue, clock_day_begin(form->to + 1), &behind);
    if (behind)
        range->last = behind - 1;   // 0: nothing was written until then
    return result;
}

static struct str date_text(struct request *request, int64_t day)
{
    if (day == FORM_NO_DATE)
        return STR("");
    struct civil date = clock_date(day);
    return arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static int show(struct request *request)
{
    const struct print_form *form = request->query;
    const struct dialogue *dialogue = request->entity;
    struct print_range range = { .first = form->first ? dialogue_asked_number(dialogue, form->first) : 1,
                                 .last = form->last ? dialogue_asked_number(dialogue, form->last) : INT64_MAX };
    struct print_view view = { .from = date_text(request, form->from), .to = date_text(request, form->to), .later = form->first > 1 };
    int result = range_of_days(request, form, &range);
    if (result == 0)
        result = print_page(request, range, &view);
    if (result < 0)
        return result;
    view.error = form_error_of(&request->errors, "to");
    return request_page(request, &dialogue_print_page, view.topic, &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/print", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_PRINT,
      .query = &print_form, .load = dialogue_load, .handle = show, .answer = &print_json,
      .summary = "A dialogue as it is printed: up to 200 posts from a number or a day on." },
};
FEATURE(print, routes);

MENU_ITEM(print, .menu = MENU_DIALOGUE, .order = 90, .text = TEXT("Print"), .path = "/dialogue/{dialogue}/print", .permission = PERMISSION_DIALOGUE_READ);
