// SPDX-License-Identifier: MPL-2.0
// How much is written and how long people wait: numbers, never content.
#include "feature/admin/admin_html.h"
#include "feature/admin/admin_json.h"
#include "feature/admin/admin_scope.h"
#include "feature/admin/admin_sql.h"
#include "feature/admin/answer_times.h"
#include "web/date.h"

#include <errno.h>

#define MONTHS_BACK_MAX 60
#define TOLD_MIN 5

struct month_form {
    int64_t back;
};

static const struct form_field month_fields[] = {
    FORM_FIELD(struct month_form, back, FORM_INT, TEXT("Months back"), .min = 0, .max = MONTHS_BACK_MAX),
};
static const struct form month_form = FORM("StatisticsMonth", struct month_form, month_fields);

static const struct page statistics_page = { &admin_statistics_json, admin_statistics_any, TEXT("Statistics") };

// When a local month begins, ms. month may lie outside 1 … 12.
static int64_t month_begin(int year, int month)
{
    int64_t months = (int64_t)year * 12 + month - 1;
    int64_t days = clock_days((int)(months / 12), (int)(months % 12) + 1, 1);
    struct civil local = clock_civil(days * DAY_MS);
    int64_t ahead = (clock_days(local.year, local.month, local.day) - days) * DAY_MS + local.hour * HOUR_MS + local.minute * MINUTE_MS;
    return days * DAY_MS - ahead;
}

static struct str told(struct request *request, int64_t number)
{
    if (number > 0 && number < TOLD_MIN)
        return request_text(request, TEXT("under 5"));
    return arena_format(request->arena, "%lld", (long long)number);
}

// "80 %". A few among many are not told either, nor few who are missing from them.
static struct str share(struct request *request, int64_t part, int64_t whole)
{
    if (whole < TOLD_MIN)
        return STR("");
    if (part > 0 && part < TOLD_MIN)
        return request_text(request, TEXT("under 5"));
    if (part < whole && whole - part < TOLD_MIN)
        return request_text(request, TEXT("nearly all"));
    return arena_format(request->arena, "%lld %%", (long long)((part * 100 + whole / 2) / whole));
}

static int fill_answers(struct request *request, int64_t unit, int64_t from, int64_t until, struct admin_view_numbers *numbers)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct answer_times times;
    struct str *shares[ANSWER_SPANS] = { &numbers->day, &numbers->three_days, &numbers->week };
    int result = answer_times(request->db, request->arena, unit, from, until, request->now, &times);
    if (result < 0)
        return result;
    numbers->questions = told(request, times.questions);
    numbers->median = times.answered >= TOLD_MIN ? dates_duration(&dates, times.median) : STR("");
    for (size_t i = 0; i < ANSWER_SPANS; i++) {
        *shares[i] = share(request, times.within[i], times.due[i]);
        if (!shares[i]->ptr)
            return -ENOMEM;
    }
    return numbers->questions.ptr && numbers->median.ptr ? 0 : -ENOMEM;
}

static int fill_unit(struct request *request, const struct admin_view_unit *unit, int64_t from, int64_t until, struct admin_view_numbers *ret_numbers)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct sql_admin_statistics row;
    int result = sql_admin_statistics(request->db, request->arena,
        &(struct sql_admin_statistics_in){ .unit = unit->id, .from = from, .until = until, .open = DIALOGUE_OPEN }, &row);
    if (result < 0)
        return result;
    *ret_numbers = (struct admin_view_numbers){
        .unit = unit->name, .dialogues = told(request, row.dialogues), .started = told(request, row.started), .posts = told(request, row.posts),
        .writers = told(request, row.writers), .waiting = told(request, row.waiting),
        .waited = row.waiting >= TOLD_MIN ? dates_duration(&dates, request->now - row.waiting_since) : STR(""),
    };
    if (!ret_numbers->writers.ptr || !ret_numbers->waited.ptr)
        return -ENOMEM;
    return fill_answers(request, unit->id, from, until, ret_numbers);
}

// "november 2026"
static struct str month_words(struct request *request, int64_t begin)
{
    static const char *const names[] = {
        TEXT("January"), TEXT("February"), TEXT("March"), TEXT("April"), TEXT("May"), TEXT("June"), TEXT("July"), TEXT("August"),
        TEXT("September"), TEXT("October"), TEXT("November"), TEXT("December"),
    };
    struct civil civil = clock_civil(begin);
    struct str name = request_text(request, names[civil.month - 1]);
    return arena_format(request->arena, "%.*s %d", (int)name.len, name.ptr, civil.year);
}

static int get_statistics(struct request *request)
{
    const struct month_form *query = request->query;
    struct civil today = clock_civil(request->now);
    int month = today.month - (int)query->back;
    int64_t from = month_begin(today.year, month), until = month_begin(today.year, month + 1);
    struct admin_view_statistics view = {
        .month = month_words(request, from), .older = query->back < MONTHS_BACK_MAX ? query->back + 1 : -1, .newer = query->back - 1,
    };
    struct admin_view_unit *units;
    int result = admin_units_of(request, 0, &units, &view.units_count);
    struct admin_view_numbers *numbers = result == 0 ? arena_array(request->arena, view.units_count + 1, sizeof(*numbers)) : NULL;
    if (!numbers)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < view.units_count; i++)
        result = fill_unit(request, &units[i], from, until, &numbers[i]);
    if (result < 0)
        return result;
    view.units = numbers;
    return request_page(request, &statistics_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/statistics", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .query = &month_form,
      .handle = get_statistics, .answer = &admin_statistics_json, .summary = "How much is written in the units, and how long people wait." },
};
FEATURE(statistics, routes);

MENU_ITEM(statistics, .menu = MENU_ADMIN, .order = 80, .text = TEXT("Statistics"), .path = "/admin/statistics", .permission = PERMISSION_ADMINISTER);
