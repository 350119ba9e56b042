// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue_rewrap.h"

#include "base/cleanup.h"
#include "feature/dialogue/dialogue_sql.h"

#include <errno.h>

#define ARENA_MAX ((size_t)4 << 20)

struct anew {
    int64_t dialogue, member, epoch;
    struct bytes wrapped;
};

static int take_row(struct keyring *keys, const struct sql_dialogue_rewrap_list *row, struct arena *arena, struct anew *anew,
                    struct dialogue_rewrap *rewrap)
{
    const struct grant_place place = { row->dialogue, row->epoch, row->member, row->role, row->admission, row->share };
    int r = keyring_rewrap(keys, row->wrapped, &place, arena, &anew->wrapped);

    *rewrap = (struct dialogue_rewrap){ row->dialogue, row->member, row->epoch, rewrap->done + (r == 0), rewrap->false_ones + (r == -EBADMSG), false };
    anew->dialogue = row->dialogue;
    anew->member = row->member;
    anew->epoch = row->epoch;
    return r;
}

// The rows are read to the end before the first is changed.
static int read_rows(struct db *db, struct keyring *keys, unsigned count, struct arena *arena, struct anew *list, size_t *ret_count,
                     struct dialogue_rewrap *rewrap)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_rewrap_list row;
    unsigned seen = 0;
    int r = sql_dialogue_rewrap_list(db,
        &(struct sql_dialogue_rewrap_list_in){ .dialogue = rewrap->dialogue, .member = rewrap->member, .epoch = rewrap->epoch, .count = count }, &stmt);

    while (r == 0 && (r = sql_dialogue_rewrap_list_next(stmt, &row)) == 1) {
        r = take_row(keys, &row, arena, &list[*ret_count], rewrap);
        *ret_count += r == 0;
        seen++;
        r = r == -EALREADY || r == -EBADMSG ? 0 : r;
    }
    rewrap->finished = r == 0 && seen < count;
    return r;
}

int dialogue_rewrap(struct db *db, struct keyring *keys, unsigned count, struct dialogue_rewrap *rewrap)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct dialogue_rewrap next = *rewrap;
    size_t changed = 0;
    int r = arena_new(ARENA_MAX, &arena);
    struct anew *list = r < 0 ? NULL : arena_array(arena, count, sizeof(*list));

    if (r == 0 && !list)
        r = -ENOMEM;
    r = r < 0 ? r : read_rows(db, keys, count, arena, list, &changed, &next);
    for (size_t i = 0; i < changed && r == 0; i++) {
        int64_t rows = sql_dialogue_rewrap(db, &(struct sql_dialogue_rewrap_in){ .dialogue = list[i].dialogue, .member = list[i].member,
                                                   .epoch = list[i].epoch, .wrapped = list[i].wrapped });
        r = rows < 0 ? (int)rows : 0;
    }
    if (r == 0)
        *rewrap = next;
    return r;
}
