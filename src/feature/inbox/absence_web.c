// SPDX-License-Identifier: MPL-2.0
// An employee says when they are away.
#include "base/cleanup.h"
#include "feature/inbox/absence.h"
#include "feature/inbox/inbox_html.h"
#include "feature/inbox/inbox_json.h"
#include "feature/inbox/inbox_sql.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

#define DEPUTIES_MAX 500
#define THERE_MAX 100   // from other units
#define DAYS_MAX 366

struct absence_form {
    int64_t first, last, deputy;
    struct str words;
};

static const struct form_field absence_fields[] = {
    FORM_FIELD(struct absence_form, first, FORM_DATE, TEXT("From"), .required = true),
    FORM_FIELD(struct absence_form, last, FORM_DATE, TEXT("The last day"), .required = true),
    FORM_FIELD(struct absence_form, deputy, FORM_ID, TEXT("Who answers meanwhile?"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct absence_form, words, FORM_TEXT, TEXT("Anything else? (not needed)"), .max = ABSENCE_WORDS_MAX),
};
static const struct form absence_form = FORM("AbsenceForm", struct absence_form, absence_fields);

static const struct page absence_page = { &inbox_absence_json, inbox_absence_any, TEXT("When you are away") };

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Somebody of another unit, who stands there with it.
static int add_deputy(struct request *request, int64_t person, int64_t selected, struct inbox_view_unit *list, size_t *count)
{
    struct account_scene scene = scene_of(request);
    struct account account;
    struct str unit = STR("");
    int result = account_get(&scene, person, &account);
    if (result < 0 || account.role != ROLE_EMPLOYEE || account.unit == request->session.unit)
        return result == -ENOENT ? 0 : result;
    result = account.unit ? account_unit_name(&scene, account.unit, &unit) : 0;
    if (result < 0)
        return result;
    list[(*count)++] = (struct inbox_view_unit){ .id = person, .selected = person == selected, .name = arena_format(request->arena, "%.*s%s%.*s",
        (int)account.name.len, account.name.ptr, unit.len ? ", " : "", (int)unit.len, unit.ptr) };
    return 0;
}

// Whoever takes part where one coordinates can answer there, whatever their unit.
static int add_there(struct request *request, int64_t selected, struct inbox_view_unit *list, size_t *count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_inbox_deputies_there row;
    int result = sql_inbox_deputies_there(request->db, &(struct sql_inbox_deputies_there_in){ .person = request->session.person, .open = DIALOGUE_OPEN,
        .now = request->now, .count = THERE_MAX }, &stmt);
    while (result == 0 && (result = sql_inbox_deputies_there_next(stmt, &row)) == 1)
        result = add_deputy(request, row.person, selected, list, count);
    return result < 0 ? result : 0;
}

static int fill_deputies(struct request *request, int64_t selected, struct inbox_view_absence *view)
{
    struct account_scene scene = scene_of(request);
    const struct account *staff;
    size_t count;
    struct account_filter filter = { .role = ROLE_EMPLOYEE, .unit = request->session.unit, .words = STR("") };
    int result = account_list(&scene, &filter, DEPUTIES_MAX, &staff, &count);
    struct inbox_view_unit *list = result == 0 ? arena_array(request->arena, count + THERE_MAX, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (staff[i].id != request->session.person)
            list[view->deputies_count++] = (struct inbox_view_unit){ .id = staff[i].id, .name = staff[i].name, .selected = staff[i].id == selected };
    }
    view->deputies = list;
    return add_there(request, selected, list, &view->deputies_count);
}

static struct str day_text(struct request *request, int64_t days)
{
    struct civil date = clock_date(days);
    return arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

// Nobody is sent to a deputy who cannot see their dialogue; who goes away hears where that is so.
static int count_without(struct request *request, int64_t person, struct inbox_view_absence *view)
{
    struct account_scene scene = scene_of(request);
    struct sql_inbox_without_deputy row;
    struct account deputy;
    int result = account_get(&scene, person, &deputy);
    if (result < 0 || deputy.role != ROLE_EMPLOYEE)
        return result == -ENOENT ? 0 : result;
    result = sql_inbox_without_deputy(request->db, request->arena, &(struct sql_inbox_without_deputy_in){
        .person = request->session.person, .deputy = person, .open = DIALOGUE_OPEN, .now = request->now }, &row);
    view->deputy = deputy.name;
    view->without_deputy = result == 0 ? row.count : 0;
    return result;
}

static int show(struct request *request, const struct absence *absence, bool set)
{
    struct inbox_view_absence view = {
        .set = set, .first = day_text(request, absence->first_day), .last = day_text(request, absence->last_day), .words = absence->words,
        .error = form_error_first(&request->errors),
    };
    int result = view.first.ptr && view.last.ptr ? absence_sentence(request, request->session.person, &view.sentence) : -ENOMEM;
    if (result == 0)
        result = fill_deputies(request, absence->deputy, &view);
    if (result == 0 && set && absence->deputy)
        result = count_without(request, absence->deputy, &view);
    return result < 0 ? result : request_page(request, &absence_page, STR(""), &view);
}

static int get_absence(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct absence absence = { .first_day = dates.today, .last_day = dates.today, .words = STR("") };
    int result = absence_get(&scene, request->session.person, &absence);
    return result < 0 && result != -ENOENT ? result : show(request, &absence, result == 0);
}

static struct absence absence_of(struct request *request, const struct absence_form *form)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    return (struct absence){
        .first_day = form->first == FORM_NO_DATE ? dates.today : form->first, .last_day = form->last == FORM_NO_DATE ? dates.today : form->last,
        .deputy = form->deputy, .words = form->words,
    };
}

static int again_absence(struct request *request)
{
    struct absence typed = absence_of(request, request_form(request, &absence_form));
    return show(request, &typed, false);
}

static int post_absence(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct absence absence = absence_of(request, request_form(request, &absence_form));
    struct account deputy;
    int result = 0;
    if (absence.last_day < absence.first_day || absence.last_day - absence.first_day > DAYS_MAX)
        return request_refuse(request, "last", TEXT("The last day must come after the first, and within a year."));
    if (absence.deputy)
        result = account_get(&scene, absence.deputy, &deputy);
    if (result == -ENOENT || (absence.deputy && result == 0 && (deputy.role != ROLE_EMPLOYEE || deputy.id == request->session.person)))
        return request_refuse(request, "deputy", TEXT("Choose a colleague who can answer meanwhile."));
    if (result == 0)
        result = absence_put(&scene, request->session.person, &absence);
    return result < 0 ? result : request_redirect(request, STR("/absence"));
}

static int post_end(struct request *request)
{
    int64_t rows = sql_inbox_absence_remove(request->db, &(struct sql_inbox_absence_remove_in){ .person = request->session.person });
    return rows < 0 ? (int)rows : request_redirect(request, STR("/absence"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/absence", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_NONE, .handle = get_absence,
      .answer = &inbox_absence_json, .summary = "What one has said about being away." },
    { .method = METHOD_POST, .path = "/absence", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_PROFILE_CHANGE, .form = &absence_form,
      .handle = post_absence, .again = again_absence, .summary = "Says that one is away, and who answers meanwhile." },
    { .method = METHOD_POST, .path = "/absence/end", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_PROFILE_CHANGE, .form = &form_empty,
      .handle = post_end, .again = get_absence, .summary = "Here again." },
};
FEATURE(absence, routes);

MENU_ITEM(absence, .menu = MENU_WORK, .order = 20, .text = TEXT("When you are away"), .path = "/absence", .permission = PERMISSION_EMPLOYEE);
