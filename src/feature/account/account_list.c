// SPDX-License-Identifier: MPL-2.0
// The staff list and the units.
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "feature/account/account.h"
#include "feature/account/account_name.h"
#include "feature/account/account_sql.h"
#include "web/person.h"

#include <errno.h>

#define FOLD_MAX 1000

static bool name_before(struct str a, struct str b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order < 0 || (order == 0 && a.len <= b.len);
}

// Puts an account where its name belongs among those found, and drops the last one when there are too many.
static void insert_by_name(struct account *list, size_t *count, size_t max, const struct account *account)
{
    size_t at = *count;
    while (at > 0 && !name_before(list[at - 1].name, account->name))
        at--;
    if (at == max)
        return;
    if (*count < max)
        (*count)++;
    memmove(&list[at + 1], &list[at], (*count - at - 1) * sizeof(*list));
    list[at] = *account;
}

int account_list(const struct account_scene *scene, const struct account_filter *filter, size_t max, const struct account **ret_list,
                 size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    _cleanup_(buf_free) struct buf wanted = buf_bounded(FOLD_MAX);
    _cleanup_(buf_free) struct buf name = buf_bounded(FOLD_MAX);
    struct sql_account_of_role found;
    size_t count = 0;
    struct account *list = arena_array(scene->arena, max, sizeof(*list));
    utf8_fold(&wanted, filter->words);
    int result = list ? sql_account_of_role(scene->db, &(struct sql_account_of_role_in){ .role = filter->role, .unit = filter->unit }, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_account_of_role_next(stmt, &found)) == 1) {
        struct account account;
        result = account_get(scene, found.id, &account);
        if (result < 0)
            break;
        name.len = 0;
        utf8_fold(&name, account.name);
        if (filter->words.len == 0 || account_name_matches(buf_view(&name), buf_view(&wanted)))
            insert_by_name(list, &count, max, &account);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return name.error ? name.error : wanted.error;
}

static void insert_unit(struct account_unit *list, size_t *count, const struct account_unit *unit)
{
    size_t at = (*count)++;
    for (; at > 0 && !name_before(list[at - 1].name, unit->name); at--)
        list[at] = list[at - 1];
    list[at] = *unit;
}

int account_units(const struct account_scene *scene, const struct account_unit **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_account_units row;
    size_t count = 0;
    struct account_unit *list = arena_array(scene->arena, ACCOUNT_UNITS_MAX, sizeof(*list));
    int result = list ? sql_account_units(scene->db, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_account_units_next(stmt, &row)) == 1) {
        struct account_unit unit = { .id = row.id };
        result = count == ACCOUNT_UNITS_MAX ? -E2BIG : account_unit_open(scene, row.id, row.sealed, &unit.name);
        if (result == 0)
            insert_unit(list, &count, &unit);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int account_rename_unit(const struct account_scene *scene, int64_t unit, struct str name)
{
    struct bytes sealed;
    int result = unit_seal(scene->keys, unit, name, scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_account_unit_change(scene->db, &(struct sql_account_unit_change_in){ .id = unit, .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    return rows == 0 ? -ENOENT : 0;
}
