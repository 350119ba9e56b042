// SPDX-License-Identifier: MPL-2.0
// The page of administration, and the units.
#include "base/cleanup.h"
#include "base/utf8.h"
#include "feature/account/account.h"
#include "feature/admin/admin_html.h"
#include "feature/admin/admin_json.h"
#include "feature/admin/admin_sql.h"
#include "feature/admin/admin_scope.h"

#include <errno.h>

#define NAME_MAX_CHARACTERS 120

struct unit_form {
    struct str name;
};

static const struct form_field unit_fields[] = {
    FORM_FIELD(struct unit_form, name, FORM_TEXT, TEXT("Name"), .required = true, .min = 2, .max = NAME_MAX_CHARACTERS),
};
static const struct form unit_form = FORM("UnitForm", struct unit_form, unit_fields);

static const struct page admin_page = { &admin_json, admin_any, TEXT("Administration") };
static const struct page units_page = { &admin_units_json, admin_units_any, TEXT("Units") };

static int get_admin(struct request *request)
{
    struct admin_view view = { .links = NULL };
    int result = menu_links(request, MENU_ADMIN, 0, &view.links, &view.links_count);
    return result < 0 ? result : request_page(request, &admin_page, STR(""), &view);
}

static int count_unit(struct request *request, struct admin_view_unit *unit)
{
    struct sql_admin_unit_counts row;
    int result = sql_admin_unit_counts(request->db, request->arena, &(struct sql_admin_unit_counts_in){ .unit = unit->id }, &row);
    if (result < 0)
        return result;
    unit->staff = row.staff;
    unit->dialogues = row.dialogues;
    unit->readers = row.readers;
    unit->letters = row.letters;
    return 0;
}

static int show_units(struct request *request, struct str typed)
{
    struct admin_view_units view = { .may_add = admin_scope(request) == 0, .name = typed, .error = form_error_of(&request->errors, "name") };
    struct admin_view_unit *units;
    int result = admin_units_of(request, 0, &units, &view.units_count);
    for (size_t i = 0; result == 0 && i < view.units_count; i++)
        result = count_unit(request, &units[i]);
    if (result < 0)
        return result;
    view.units = units;
    return request_page(request, &units_page, STR(""), &view);
}

static int get_units(struct request *request)
{
    return show_units(request, STR(""));
}

static int again_units(struct request *request)
{
    const struct unit_form *form = request_form(request, &unit_form);
    request->event.kind = AUDIT_ADMIN_READ;
    return show_units(request, form->name);
}

// Whether two names are the same to who reads them, whatever the capitals.
static bool same_name(struct str left, struct str right)
{
    _cleanup_(buf_free) struct buf one = buf_bounded(8 * NAME_MAX_CHARACTERS), other = buf_bounded(8 * NAME_MAX_CHARACTERS);
    utf8_fold(&one, left);
    utf8_fold(&other, right);
    return !one.error && !other.error && str_equal(buf_view(&one), buf_view(&other));
}

// -EINVAL, with the message, when another unit has the name.
static int check_name(struct request *request, int64_t self, struct str name)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    const struct account_unit *list;
    size_t count;
    int result = account_units(&scene, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (list[i].id != self && same_name(list[i].name, name))
            result = request_refuse(request, "name", TEXT("There is a unit with that name already."));
    }
    if (result == 0 && self == 0 && count == ACCOUNT_UNITS_MAX)
        result = request_refuse(request, "name", TEXT("There is no room for more units."));
    return result;
}

static int post_unit(struct request *request)
{
    const struct unit_form *form = request_form(request, &unit_form);
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    if (admin_scope(request) != 0)
        return -EACCES;
    int result = check_name(request, 0, form->name);
    if (result == 0)
        result = account_add_unit(&scene, form->name, &request->event.object);
    return result < 0 ? result : request_redirect(request, STR("/admin/units"));
}

static int post_unit_name(struct request *request)
{
    const struct unit_form *form = request_form(request, &unit_form);
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    int64_t unit = request->number[0];
    if (!admin_covers(request, unit))
        return -ENOENT;
    int result = check_name(request, unit, form->name);
    if (result == 0)
        result = account_rename_unit(&scene, unit, form->name);
    request->event.object = unit;
    return result < 0 ? result : request_redirect(request, STR("/admin/units"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_NONE, .handle = get_admin, .answer = &admin_json,
      .summary = "The pages of administration." },
    { .method = METHOD_GET, .path = "/admin/units", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_units,
      .answer = &admin_units_json, .summary = "The units, with how many people and dialogues they have." },
    { .method = METHOD_POST, .path = "/admin/units", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_UNIT_CHANGE, .form = &unit_form,
      .handle = post_unit, .again = again_units, .summary = "Adds a unit." },
    { .method = METHOD_POST, .path = "/admin/units/{unit#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_UNIT_CHANGE, .form = &unit_form,
      .handle = post_unit_name, .again = again_units, .summary = "Gives a unit another name." },
};
FEATURE(admin, routes);

MENU_ITEM(admin, .menu = MENU_WORK, .order = 90, .text = TEXT("Administration"), .path = "/admin", .permission = PERMISSION_ADMINISTER);
MENU_ITEM(units, .menu = MENU_ADMIN, .order = 10, .text = TEXT("Units"), .path = "/admin/units", .permission = PERMISSION_ADMINISTER);
