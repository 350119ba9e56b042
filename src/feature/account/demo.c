// SPDX-License-Identifier: MPL-2.0
#include "feature/account/demo.h"

#include "base/cleanup.h"
#include "feature/account/account_sql.h"

#include <errno.h>

int demo_add(const struct account_scene *scene, int64_t person)
{
    int64_t rows = sql_account_demo_add(scene->db, &(struct sql_account_demo_add_in){ .person = person });
    return rows < 0 ? (int)rows : 0;
}

int demo_list(const struct account_scene *scene, size_t max, const struct account **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_account_demo_list row;
    size_t count = 0;
    struct account *list = arena_array(scene->arena, max, sizeof(*list));
    int result = list ? sql_account_demo_list(scene->db, &(struct sql_account_demo_list_in){ .count = (int64_t)max }, &stmt) : -ENOMEM;
    while (result == 0 && count < max && (result = sql_account_demo_list_next(stmt, &row)) == 1)
        result = account_get(scene, row.person, &list[count++]);
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int demo_find(const struct account_scene *scene, int64_t person, struct account *ret_account)
{
    struct sql_account_demo_get row;
    int result = sql_account_demo_get(scene->db, scene->arena, &(struct sql_account_demo_get_in){ .person = person }, &row);
    return result < 0 ? result : account_get(scene, person, ret_account);
}
