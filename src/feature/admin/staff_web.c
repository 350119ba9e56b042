// SPDX-License-Identifier: MPL-2.0
// Who is employed.
#include "feature/admin/admin_html.h"
#include "feature/admin/admin_json.h"
#include "feature/admin/admin_scope.h"
#include "feature/admin/admin_sql.h"
#include "feature/admin/employment.h"
#include "feature/insight/insight.h"

#include <errno.h>

#define SHOWN_MAX 200
#define SUCCESSORS_MAX 500
#define TITLE_MAX 120

struct staff_form {
    struct str search;
    int64_t unit;
    bool former;
};

static const struct form_field staff_fields[] = {
    FORM_FIELD(struct staff_form, search, FORM_TEXT, TEXT("Name"), .max = 60),
    FORM_FIELD(struct staff_form, unit, FORM_ID, TEXT("Unit"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct staff_form, former, FORM_FLAG, TEXT("Show those who have left")),
};
static const struct form staff_form = FORM("StaffFilter", struct staff_form, staff_fields);

struct employment_form {
    struct str title;
    int64_t unit;
};

static const struct form_field employment_fields[] = {
    FORM_FIELD(struct employment_form, title, FORM_TEXT, TEXT("Title"), .max = TITLE_MAX),
    FORM_FIELD(struct employment_form, unit, FORM_ID, TEXT("Unit"), .required = true, .min = 1, .max = INT64_MAX),
};
static const struct form employment_form = FORM("EmploymentForm", struct employment_form, employment_fields);

struct end_form {
    int64_t successor;
};

static const struct form_field end_fields[] = {
    FORM_FIELD(struct end_form, successor, FORM_ID, TEXT("Who takes over?"), .min = 1, .max = INT64_MAX),
};
static const struct form end_form = FORM("EmploymentEndForm", struct end_form, end_fields);

struct reviewer_form {
    bool value;
};

static const struct form_field reviewer_fields[] = {
    FORM_FIELD(struct reviewer_form, value, FORM_FLAG, TEXT("Reviewer")),
};
static const struct form reviewer_form = FORM("ReviewerForm", struct reviewer_form, reviewer_fields);

static const struct page staff_page = { &admin_staff_json, admin_staff_any, TEXT("Staff") };
static const struct page one_page = { &admin_one_json, admin_one_any, NULL };

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

int admin_units_of(struct request *request, int64_t selected, struct admin_view_unit **ret_units, size_t *ret_count)
{
    struct account_scene scene = scene_of(request);
    const struct account_unit *list;
    size_t all, count = 0;
    int result = account_units(&scene, &list, &all);
    struct admin_view_unit *units = result == 0 ? arena_array(request->arena, all + 1, sizeof(*units)) : NULL;
    if (!units)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < all; i++) {
        if (admin_covers(request, list[i].id))
            units[count++] = (struct admin_view_unit){ .id = list[i].id, .name = list[i].name, .selected = list[i].id == selected };
    }
    *ret_units = units;
    *ret_count = count;
    return 0;
}

static const char *role_text(enum role role)
{
    switch (role) {
    case ROLE_ADMINISTRATOR:
        return TEXT("Administrator");
    case ROLE_FORMER:
        return TEXT("Has left");
    default:
        return TEXT("Employee");
    }
}

static int fill_member(struct request *request, const struct account *account, struct admin_view_member *ret_member)
{
    struct account_scene scene = scene_of(request);
    *ret_member = (struct admin_view_member){
        .person = account->id, .name = account->name, .title = account->title, .unit = STR(""),
        .role = request_text(request, role_text(account->role)), .former = account->role == ROLE_FORMER, .signed_in = account->signed_in,
    };
    return account->unit ? account_unit_name(&scene, account->unit, &ret_member->unit) : 0;
}

// Appends those of a role; one more than are shown tells that there are more.
static int add_role(struct request *request, const struct staff_form *query, enum role role, struct admin_view_member *people, struct admin_view_staff *view)
{
    struct account_scene scene = scene_of(request);
    const struct account *list;
    size_t count;
    int64_t scope = admin_scope(request);
    struct account_filter filter = { .role = role, .unit = scope ? scope : query->unit, .words = query->search };
    int result = account_list(&scene, &filter, SHOWN_MAX + 1, &list, &count);
    for (size_t i = 0; result == 0 && i < count && !view->more; i++) {
        view->more = view->people_count == SHOWN_MAX;
        if (!view->more)
            result = fill_member(request, &list[i], &people[view->people_count++]);
    }
    return result;
}

static int get_staff(struct request *request)
{
    const struct staff_form *query = request->query;
    struct admin_view_staff view = { .search = query->search, .former = query->former };
    struct admin_view_member *people = arena_array(request->arena, SHOWN_MAX, sizeof(*people));
    struct admin_view_unit *units;
    int result = people ? admin_units_of(request, query->unit, &units, &view.units_count) : -ENOMEM;
    if (result == 0)
        result = add_role(request, query, ROLE_ADMINISTRATOR, people, &view);
    if (result == 0)
        result = add_role(request, query, ROLE_EMPLOYEE, people, &view);
    if (result == 0 && query->former)
        result = add_role(request, query, ROLE_FORMER, people, &view);
    if (result < 0)
        return result;
    view.units = units;
    view.people = people;
    return request_page(request, &staff_page, STR(""), &view);
}

// The person of the path, when they are or were employed in a unit of the scope.
static int find(struct request *request, struct account *ret_account)
{
    struct account_scene scene = scene_of(request);
    struct account account;
    int result = account_get(&scene, request->number[0], &account);
    if (result == 0 && (account.role == ROLE_PUBLIC || !admin_covers(request, account.unit)))
        result = -ENOENT;
    if (result < 0)
        return result;
    request->event.object = account.id;
    *ret_account = account;
    return 0;
}

static int fill_successors(struct request *request, int64_t person, struct admin_view_one *view)
{
    struct account_scene scene = scene_of(request);
    const struct account *list;
    size_t count, used = 0;
    int result = account_list(&scene, &(struct account_filter){ .role = ROLE_EMPLOYEE, .words = STR("") }, SUCCESSORS_MAX, &list, &count);
    struct admin_view_successor *successors = result == 0 ? arena_array(request->arena, count + 1, sizeof(*successors)) : NULL;
    if (!successors)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct str unit = STR("");
        if (list[i].id == person)
            continue;
        result = list[i].unit ? account_unit_name(&scene, list[i].unit, &unit) : 0;
        successors[used].person = list[i].id;
        successors[used].words = arena_format(request->arena, "%.*s%s%.*s", (int)list[i].name.len, list[i].name.ptr, unit.len ? ", " : "",
                                              (int)unit.len, unit.ptr);
        if (!successors[used++].words.ptr)
            result = -ENOMEM;
    }
    view->successors = successors;
    view->successors_count = used;
    return result;
}

static int count_parts(struct request *request, int64_t person, struct admin_view_one *view)
{
    struct sql_admin_sole_coordinator alone;
    struct sql_admin_parts parts;
    int result = sql_admin_sole_coordinator(request->db, request->arena, &(struct sql_admin_sole_coordinator_in){ .person = person }, &alone);
    if (result == 0)
        result = sql_admin_parts(request->db, request->arena, &(struct sql_admin_parts_in){ .person = person }, &parts);
    if (result < 0)
        return result;
    view->alone = alone.count;
    view->dialogues = parts.count;
    return 0;
}

// Whether a person reviews a unit: the one in which they work, or one in which they have worked.
static int fill_reviewer(struct request *request, const struct account *account, struct admin_view_one *view)
{
    struct account_scene scene = scene_of(request);
    const int64_t *units;
    size_t count;
    int result = reviewer_units(&scene, account->id, &units, &count);
    view->reviews = result == 0 && count > 0;
    view->may_review = account->role == ROLE_EMPLOYEE && account->unit;
    return result;
}

static int show_one(struct request *request, const struct account *account)
{
    struct admin_view_one view = {
        .self = account->id == request->session.person, .title_error = form_error_of(&request->errors, "title"),
        .error = form_error_of(&request->errors, "successor"),
    };
    struct admin_view_unit *units;
    int result = fill_member(request, account, &view.member);
    if (result == 0)
        result = admin_units_of(request, account->unit, &units, &view.units_count);
    if (result == 0)
        result = count_parts(request, account->id, &view);
    if (result == 0)
        result = fill_reviewer(request, account, &view);
    if (result == 0 && view.alone)
        result = fill_successors(request, account->id, &view);
    if (result < 0)
        return result;
    view.units = units;
    return request_page(request, &one_page, account->name, &view);
}

static int get_one(struct request *request)
{
    struct account account;
    int result = find(request, &account);
    return result < 0 ? result : show_one(request, &account);
}

static int again_one(struct request *request)
{
    request->event.kind = AUDIT_ADMIN_READ;
    return get_one(request);
}

static int go_to_one(struct request *request)
{
    struct str path = arena_format(request->arena, "/admin/staff/%lld", (long long)request->number[0]);
    return path.ptr ? request_redirect(request, path) : -ENOMEM;
}

static int post_one(struct request *request)
{
    const struct employment_form *form = request_form(request, &employment_form);
    struct account_scene scene = scene_of(request);
    struct account account;
    struct str unit;
    int result = find(request, &account);
    if (result == 0 && account.role == ROLE_FORMER)
        result = -ENOENT;
    if (result == 0)
        result = admin_covers(request, form->unit) ? account_unit_name(&scene, form->unit, &unit) : -ENOENT;
    if (result == 0)
        result = account_employ(&scene, account.id, &(struct account_employment){
            .role = account.role, .unit = form->unit, .name = account.name, .title = form->title });
    return result < 0 ? result : go_to_one(request);
}

static int post_end(struct request *request)
{
    const struct end_form *form = request_form(request, &end_form);
    struct account account;
    int result = find(request, &account);
    if (result == 0 && (account.role == ROLE_FORMER || account.id == request->session.person))
        result = -ENOENT;
    if (result == 0)
        result = employment_end(request, &account, form->successor);
    if (result == -EBUSY)
        return request_refuse(request, "successor", TEXT("Choose who takes over, so that no dialogue is without a coordinator."));
    if (result == -EINVAL)
        return request_refuse(request, "successor", TEXT("That person can't take over. Choose another one."));
    if (result == -E2BIG)
        return request_refuse(request, "successor", TEXT("The person takes part in too many dialogues to end them in one go. Hand some of them over first."));
    return result < 0 ? result : go_to_one(request);
}

static int post_reviewer(struct request *request)
{
    const struct reviewer_form *form = request_form(request, &reviewer_form);
    struct account_scene scene = scene_of(request);
    struct account account;
    int result = find(request, &account);
    if (result == 0 && (account.role != ROLE_EMPLOYEE || account.unit == 0))
        result = -ENOENT;
    if (result == 0)
        result = form->value ? reviewer_set(&scene, account.id, account.unit, request->session.person) : reviewer_end(&scene, account.id);
    return result < 0 ? result : go_to_one(request);
}

static int post_return(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct account account;
    int result = find(request, &account);
    if (result == 0 && account.role != ROLE_FORMER)
        result = -ENOENT;
    if (result == 0)
        result = account_employ(&scene, account.id, &(struct account_employment){
            .role = ROLE_EMPLOYEE, .unit = account.unit, .name = account.name, .title = account.title });
    return result < 0 ? result : go_to_one(request);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/staff", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .query = &staff_form,
      .handle = get_staff, .answer = &admin_staff_json, .summary = "Who is employed." },
    { .method = METHOD_GET, .path = "/admin/staff/{person#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_one,
      .answer = &admin_one_json, .summary = "One employee." },
    { .method = METHOD_POST, .path = "/admin/staff/{person#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_STAFF_CHANGE,
      .form = &employment_form, .handle = post_one, .again = again_one, .summary = "Changes an employee's title and unit." },
    { .method = METHOD_POST, .path = "/admin/staff/{person#}/end", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_STAFF_CHANGE,
      .form = &end_form, .handle = post_end, .again = again_one, .summary = "Ends an employee's access everywhere, at once." },
    { .method = METHOD_POST, .path = "/admin/staff/{person#}/reviewer", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_REVIEWER_APPOINT,
      .form = &reviewer_form, .handle = post_reviewer, .again = again_one, .summary = "Makes an employee a reviewer of their unit, or takes that back." },
    { .method = METHOD_POST, .path = "/admin/staff/{person#}/return", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_STAFF_CHANGE,
      .form = &form_empty, .handle = post_return, .again = again_one, .summary = "Employed again; takes part in no dialogue." },
};
FEATURE(staff, routes);

MENU_ITEM(staff, .menu = MENU_ADMIN, .order = 20, .text = TEXT("Staff"), .path = "/admin/staff", .permission = PERMISSION_ADMINISTER);
