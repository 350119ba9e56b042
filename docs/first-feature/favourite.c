// SPDX-License-Identifier: MPL-2.0
#include "favourite.h"

#include "favourite_sql.h"

int favourite_get(struct db *db, struct arena *arena, int64_t person, int64_t dialogue, bool *ret_favourite)
{
    struct sql_favourite_count row;
    int result = sql_favourite_count(db, arena, &(struct sql_favourite_count_in){ .person = person, .dialogue = dialogue }, &row);
    if (result == 0)
        *ret_favourite = row.count > 0;
    return result;
}

int favourite_set(struct db *db, int64_t person, int64_t dialogue, bool favourite, int64_t now)
{
    int64_t rows = favourite
        ? sql_favourite_add(db, &(struct sql_favourite_add_in){ .person = person, .dialogue = dialogue, .since = now })
        : sql_favourite_remove(db, &(struct sql_favourite_remove_in){ .person = person, .dialogue = dialogue });
    return rows < 0 ? (int)rows : 0;
}
