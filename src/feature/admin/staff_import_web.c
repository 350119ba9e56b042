// SPDX-License-Identifier: MPL-2.0
// Bringing the staff list up to date from a file.
#include "base/cleanup.h"
#include "feature/admin/admin_html.h"
#include "feature/admin/admin_json.h"
#include "feature/admin/staff_import.h"

#include <errno.h>

#define STEPS_SHOWN 500

struct import_form {
    struct form_files file;
    bool whole;
};

static const struct form_field import_fields[] = {
    FORM_FIELD(struct import_form, file, FORM_FILES, TEXT("The file (CSV)"), .required = true, .max = 1),
    FORM_FIELD(struct import_form, whole, FORM_FLAG, TEXT("This is the whole list: who is not in it has left")),
};
static const struct form import_form = FORM("StaffImportForm", struct import_form, import_fields);

struct decide_form {
    bool whole;
};

static const struct form_field decide_fields[] = {
    FORM_FIELD(struct decide_form, whole, FORM_FLAG, TEXT("This is the whole list: who is not in it has left")),
};
static const struct form decide_form = FORM("StaffImportDecision", struct decide_form, decide_fields);

static const struct page import_page = { &admin_import_json, admin_import_any, TEXT("Import a staff list") };

static int show_form(struct request *request)
{
    struct admin_view_import view = { .error = form_error_first(&request->errors) };
    return request_page(request, &import_page, STR(""), &view);
}

static int again_form(struct request *request)
{
    request->event.kind = AUDIT_ADMIN_READ;
    return show_form(request);
}

static const char *step_text(enum staff_step step)
{
    switch (step) {
    case STAFF_ADD:
        return TEXT("New");
    case STAFF_CHANGE:
        return TEXT("Changed");
    case STAFF_RETURN:
        return TEXT("Comes back");
    case STAFF_END:
        return TEXT("Ends");
    default:
        return TEXT("Can't be used");
    }
}

static void add_change(struct buf *text, struct str before, struct str after)
{
    if (after.len == 0 || str_equal(before, after))
        return;
    if (text->len)
        buf_lit(text, " · ");
    if (before.len) {
        buf_str(text, before);
        buf_lit(text, " → ");
    }
    buf_str(text, after);
}

// "Lærer → Skoleleder · Skovbakkeskolen → Ny skole"
static int describe(struct request *request, const struct staff_plan_line *line, struct str *ret_detail)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    _cleanup_(buf_free) struct buf text = buf_bounded(2000);
    struct str unit = STR("");
    int result = 0;
    if (line->problem) {
        *ret_detail = request_text(request, line->problem);
        return 0;
    }
    if (line->before.unit)
        result = account_unit_name(&scene, line->before.unit, &unit);
    if (line->step == STAFF_END) {
        add_change(&text, STR(""), line->before.title);
        add_change(&text, STR(""), unit);
    } else {
        add_change(&text, line->before.id ? line->before.name : line->after.name, line->after.name);
        add_change(&text, line->before.id ? line->before.title : STR(""), line->after.title);
        add_change(&text, unit, line->unit);
    }
    if (result == 0)
        result = text.error;
    *ret_detail = arena_str(request->arena, buf_view(&text));
    return result < 0 || ret_detail->ptr ? result : -ENOMEM;
}

static int fill_steps(struct request *request, const struct staff_plan *plan, struct admin_view_import *view)
{
    struct admin_view_step *steps = arena_array(request->arena, STEPS_SHOWN, sizeof(*steps));
    int result = steps ? 0 : -ENOMEM;
    for (size_t i = 0; result == 0 && i < plan->count && !view->more; i++) {
        const struct staff_plan_line *line = &plan->lines[i];
        if (line->step == STAFF_SAME)
            continue;
        view->more = view->steps_count == STEPS_SHOWN;
        if (view->more)
            break;
        struct admin_view_step *step = &steps[view->steps_count++];
        *step = (struct admin_view_step){ .line = line->line, .name = line->line ? line->after.name : line->before.name,
                                          .what = request_text(request, step_text(line->step)), .bad = line->step == STAFF_REFUSE };
        result = describe(request, line, &step->detail);
    }
    view->steps = steps;
    return result;
}

// Refuses a file that can't be read, or while there is no sign-in to import for.
static int plan(struct request *request, struct bytes file, bool whole, struct staff_plan *ret_plan)
{
    const char *problem = NULL;
    int result = staff_import_plan(request, file, whole, ret_plan, &problem);
    if (result == -EINVAL && problem)
        return request_refuse(request, "file", problem);
    if (result == -ENOENT)
        return request_refuse(request, "file", TEXT("The staff sign-in is not set up yet, so nobody can be recognised by their login."));
    return result;
}

static int get_plan(struct request *request)
{
    const struct decide_form *query = request->query;
    struct admin_view_import view = { .id = request->number[0], .whole = query->whole, .error = STR("") };
    struct bytes file;
    struct staff_plan what;
    int result = staff_import_get(request, view.id, &file);
    if (result == 0)
        result = plan(request, file, query->whole, &what);
    if (result == 0)
        result = fill_steps(request, &what, &view);
    if (result < 0)
        return result;
    view.added = (int64_t)what.steps[STAFF_ADD];
    view.changed = (int64_t)(what.steps[STAFF_CHANGE] + what.steps[STAFF_RETURN]);
    view.same = (int64_t)what.steps[STAFF_SAME];
    view.ended = (int64_t)what.steps[STAFF_END];
    view.refused = (int64_t)what.steps[STAFF_REFUSE];
    view.anything = view.added || view.changed || view.ended;
    return request_page(request, &import_page, STR(""), &view);
}

static int post_file(struct request *request)
{
    const struct import_form *form = request_form(request, &import_form);
    struct staff_plan what;
    struct bytes file = form->file.list[0].bytes;
    int result = plan(request, file, form->whole, &what);
    if (result == 0)
        result = staff_import_keep(request, file, &request->event.object);
    if (result == -EMSGSIZE)
        return request_refuse(request, "file", TEXT("The file is larger than 2 MB. Divide it."));
    if (result < 0)
        return result;
    struct str path = arena_format(request->arena, "/admin/staff/import/%lld%s", (long long)request->event.object, form->whole ? "?whole=1" : "");
    return path.ptr ? request_redirect(request, path) : -ENOMEM;
}

static int post_decision(struct request *request)
{
    const struct decide_form *form = request_form(request, &decide_form);
    struct bytes file;
    struct staff_plan what;
    int64_t id = request->number[0];
    int result = staff_import_get(request, id, &file);
    if (result == 0)
        result = plan(request, file, form->whole, &what);
    if (result == 0)
        result = staff_import_apply(request, &what);
    if (result == 0)
        result = staff_import_drop(request, id);
    request->event.object = id;
    return result < 0 ? result : request_redirect(request, STR("/admin/staff"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/staff/import", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_NONE, .handle = show_form,
      .answer = &admin_import_json, .summary = "The form for a staff list." },
    { .method = METHOD_POST, .path = "/admin/staff/import", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .form = &import_form,
      .handle = post_file, .again = again_form, .summary = "Sends a staff list in, to see what it would change." },
    { .method = METHOD_GET, .path = "/admin/staff/import/{import#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .query = &decide_form,
      .handle = get_plan, .answer = &admin_import_json, .summary = "What a staff list would change." },
    { .method = METHOD_POST, .path = "/admin/staff/import/{import#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_STAFF_CHANGE, .form = &decide_form,
      .handle = post_decision, .again = again_form, .summary = "Makes the changes of a staff list." },
};
FEATURE(staff_import, routes);
