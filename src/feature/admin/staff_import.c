// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/staff_import.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "feature/admin/admin_scope.h"
#include "feature/admin/admin_sql.h"
#include "feature/admin/employment.h"

#include <errno.h>

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

static struct seal_place place_of(int64_t id)
{
    return (struct seal_place){ .type = SEAL_IMPORT, .object = id };
}

int staff_import_drop(struct request *request, int64_t id)
{
    int64_t rows = sql_admin_import_sweep(request->db, &(struct sql_admin_import_sweep_in){ .id = id, .before = request->now - STAFF_IMPORT_MS });
    return rows < 0 ? (int)rows : 0;
}

int staff_import_keep(struct request *request, struct bytes file, int64_t *ret_id)
{
    int64_t id = id_new(request->now);
    struct seal_place place = place_of(id);
    struct bytes sealed;
    int result = file.len > STAFF_IMPORT_BYTES ? -EMSGSIZE : staff_import_drop(request, 0);
    if (result == 0)
        result = seal(keyring_directory(request->keys), &place, file, request->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_admin_import_add(request->db, &(struct sql_admin_import_add_in){
        .id = id, .person = request->session.person, .created = request->now, .sealed = sealed });
    *ret_id = id;
    return rows < 0 ? (int)rows : 0;
}

int staff_import_get(struct request *request, int64_t id, struct bytes *ret_file)
{
    struct seal_place place = place_of(id);
    struct sql_admin_import_get row;
    int result = sql_admin_import_get(request->db, request->arena,
        &(struct sql_admin_import_get_in){ .id = id, .person = request->session.person }, &row);
    if (result == 0 && row.created < request->now - STAFF_IMPORT_MS)
        result = -ENOENT;
    return result < 0 ? result : unseal(keyring_directory(request->keys), &place, row.sealed, request->arena, ret_file);
}

// What a plan is made with.
struct planner {
    struct request *request;
    struct account_scene scene;
    const struct account_unit *units;
    size_t units_count;
    struct staff_plan_line *lines;
    size_t count, max;
};

static const struct account_unit *unit_named(const struct planner *planner, struct str name)
{
    for (size_t i = 0; i < planner->units_count; i++) {
        if (str_equal(planner->units[i].name, name))
            return &planner->units[i];
    }
    return NULL;
}

// The unit that a line names, or the one that the person has.
static const char *plan_unit(struct planner *planner, const struct staff_line *from, struct staff_plan_line *line)
{
    int64_t scope = admin_scope(planner->request);
    line->unit = from->unit;
    line->after.unit = line->before.id ? line->before.unit : scope;
    if (from->unit.len == 0)
        return line->after.unit ? NULL : TEXT("The unit is missing.");
    const struct account_unit *unit = unit_named(planner, from->unit);
    if (unit && !admin_covers(planner->request, unit->id))
        return TEXT("You don't look after that unit.");
    if (!unit && scope)
        return TEXT("There is no unit with that name.");
    line->new_unit = unit == NULL;
    line->after.unit = unit ? unit->id : 0;
    return NULL;
}

static bool is_same(const struct staff_plan_line *line)
{
    return !line->new_unit && line->after.unit == line->before.unit && str_equal(line->after.name, line->before.name) &&
           str_equal(line->after.title, line->before.title);
}

static const char *person_problem(const struct planner *planner, const struct staff_plan_line *line)
{
    if (line->before.role == ROLE_PUBLIC)
        return TEXT("That login belongs to somebody who is not an employee.");
    if (line->before.id && !admin_covers(planner->request, line->before.unit))
        return TEXT("That person works in a unit that you don't look after.");
    for (size_t i = 0; i < planner->count; i++) {
        if (str_equal(planner->lines[i].login, line->login))
            return TEXT("The login stands in the file twice.");
    }
    return NULL;
}

static int plan_line(struct planner *planner, const struct staff_line *from)
{
    uint8_t hash[LOOKUP_BYTES];
    struct staff_plan_line line = { .line = from->line, .login = from->login, .unit = STR(""), .problem = from->problem,
                                    .after = { .role = ROLE_EMPLOYEE, .name = from->name, .title = from->title } };
    int result = account_staff_login(&planner->scene, planner->request->app->config, from->login, hash);
    if (result < 0)
        return result;
    result = account_find_login(&planner->scene, bytes_from(hash, sizeof(hash)), &line.before);
    if (result < 0 && result != -ENOENT)
        return result;
    if (!line.problem)
        line.problem = person_problem(planner, &line);
    if (!line.problem)
        line.problem = plan_unit(planner, from, &line);
    if (line.before.id && from->title.len == 0)
        line.after.title = line.before.title;
    if (line.before.role == ROLE_ADMINISTRATOR)
        line.after.role = ROLE_ADMINISTRATOR;
    if (line.problem)
        line.step = STAFF_REFUSE;
    else if (line.before.id == 0)
        line.step = STAFF_ADD;
    else if (line.before.role == ROLE_FORMER)
        line.step = STAFF_RETURN;
    else
        line.step = is_same(&line) ? STAFF_SAME : STAFF_CHANGE;
    planner->lines[planner->count++] = line;
    return 0;
}

static bool is_planned(const struct planner *planner, int64_t person, size_t lines)
{
    for (size_t i = 0; i < lines; i++) {
        if (planner->lines[i].before.id == person)
            return true;
    }
    return false;
}

// Those who are employed, can sign in, and are not in the file.
static int plan_ends(struct planner *planner)
{
    const struct account *list;
    size_t count, lines = planner->count;
    struct account_filter filter = { .role = ROLE_EMPLOYEE, .unit = admin_scope(planner->request), .words = STR("") };
    int result = account_list(&planner->scene, &filter, STAFF_LINES_MAX, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct sql_admin_sole_coordinator sole;
        if (!list[i].signed_in || is_planned(planner, list[i].id, lines))
            continue;
        result = planner->count == planner->max ? -E2BIG : sql_admin_sole_coordinator(planner->scene.db, planner->scene.arena,
            &(struct sql_admin_sole_coordinator_in){ .person = list[i].id }, &sole);
        if (result < 0)
            break;
        planner->lines[planner->count++] = (struct staff_plan_line){
            .step = sole.count ? STAFF_REFUSE : STAFF_END, .before = list[i], .login = STR(""), .unit = STR(""),
            .problem = sole.count ? TEXT("Is not in the file, but is the only coordinator of a dialogue. End the access by hand and say who takes over.") : NULL,
        };
    }
    return result;
}

int staff_import_plan(struct request *request, struct bytes file, bool whole, struct staff_plan *ret_plan, const char **ret_problem)
{
    const struct staff_line *from;
    size_t from_count;
    struct planner planner = { .request = request, .scene = scene_of(request), .max = 2 * (size_t)STAFF_LINES_MAX };
    int result = staff_csv_read(request->arena, file, &from, &from_count, ret_problem);
    if (result == 0)
        result = account_units(&planner.scene, &planner.units, &planner.units_count);
    if (result < 0)
        return result;
    planner.lines = arena_array(request->arena, planner.max, sizeof(*planner.lines));
    result = planner.lines ? 0 : -ENOMEM;
    for (size_t i = 0; result == 0 && i < from_count; i++)
        result = plan_line(&planner, &from[i]);
    if (result == 0 && whole)
        result = plan_ends(&planner);
    if (result < 0)
        return result;
    *ret_plan = (struct staff_plan){ .lines = planner.lines, .count = planner.count };
    for (size_t i = 0; i < planner.count; i++)
        ret_plan->steps[planner.lines[i].step]++;
    return 0;
}

// A unit that did not exist when the plan was made may have been made for an earlier line.
static int unit_of(const struct account_scene *scene, const struct staff_plan_line *line, int64_t *ret_unit)
{
    const struct account_unit *units;
    size_t count;
    *ret_unit = line->after.unit;
    if (!line->new_unit)
        return 0;
    int result = account_units(scene, &units, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (str_equal(units[i].name, line->unit)) {
            *ret_unit = units[i].id;
            return 0;
        }
    }
    if (result == 0 && count == ACCOUNT_UNITS_MAX)
        result = -E2BIG;
    return result < 0 ? result : account_add_unit(scene, line->unit, ret_unit);
}

static int add_employee(struct request *request, const struct staff_plan_line *line, const struct account_employment *after, int64_t *ret_id)
{
    struct account_scene scene = scene_of(request);
    uint8_t hash[LOOKUP_BYTES];
    int result = account_staff_login(&scene, request->app->config, line->login, hash);
    struct account_new what = { .role = after->role, .unit = after->unit, .name = after->name, .title = after->title,
                                .login = bytes_from(hash, sizeof(hash)) };
    return result < 0 ? result : account_add(&scene, &what, ret_id);
}

static int apply_line(struct request *request, const struct staff_plan_line *line)
{
    struct account_scene scene = scene_of(request);
    struct account_employment after = line->after;
    struct audit_event event = { .kind = AUDIT_STAFF_CHANGE, .person = request->session.person, .object = line->before.id };
    int result;
    if (line->step == STAFF_SAME || line->step == STAFF_REFUSE)
        return 0;
    if (line->step == STAFF_END)
        result = employment_end(request, &line->before, 0);
    else
        result = unit_of(&scene, line, &after.unit);
    if (result == 0 && line->step == STAFF_ADD)
        result = add_employee(request, line, &after, &event.object);
    else if (result == 0 && line->step != STAFF_END)
        result = account_employ(&scene, line->before.id, &after);
    return result < 0 ? result : request_audit(request, &event);
}

int staff_import_apply(struct request *request, const struct staff_plan *plan)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < plan->count; i++)
        result = apply_line(request, &plan->lines[i]);
    return result;
}
