// SPDX-License-Identifier: MPL-2.0
#include "feature/retention/erasure_side.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/journal/journal.h"
#include "feature/retention/retention_sql.h"

#include <errno.h>

// The reason is sealed under the side talk's own key with its parent: the row's word alone is not enough. -EBADMSG, logged.
static int open_side(const struct retention_scene *scene, int64_t id, int64_t parent, struct dialogue **ret_side)
{
    const struct dialogue_scene whole = { .db = scene->db, .keys = scene->keys, .arena = scene->arena, .now = scene->now };
    struct str reason;
    int result = dialogue_open_whole(&whole, id, ret_side);
    if (result == 0)
        result = (*ret_side)->parent == parent ? dialogue_side_reason(*ret_side, &reason) : -EBADMSG;
    if (result != -ENOENT && result != -EBADMSG)
        return result;
    log_event(LOG_ERROR, "side-talk-kept", "dialogue=%lld parent=%lld meaning=\"it can't be shown to belong there\"", (long long)id, (long long)parent);
    return -EBADMSG;
}

int erasure_side_next(const struct retention_scene *scene, const struct keeper *keeper, int64_t dialogue, int64_t *ret_side, int64_t *ret_share)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_retention_sides row;
    int result = sql_retention_sides(scene->db, &(struct sql_retention_sides_in){ .dialogue = dialogue, .erased = DIALOGUE_ERASED, .count = ERASURE_SIDES_MAX }, &stmt);
    while (result == 0 && (result = sql_retention_sides_next(stmt, &row)) == 1) {
        struct dialogue *side;
        result = keeper_share_destroyed(keeper, row.share) ? 0 : open_side(scene, row.id, dialogue, &side);
        if (result == 0) {
            *ret_side = row.id;
            *ret_share = row.share;
            return 0;
        }
        result = result == -EBADMSG ? 0 : result;
    }
    return result < 0 ? result : -ENOENT;
}

// What is on its way has been filed: nobody has to do anything.
static int look_at(const struct retention_scene *scene, struct dialogue *side, struct erasure_sides *sides)
{
    const struct journal_range *missing;
    size_t count = 0;
    int64_t waiting = 0, failed = 0;
    bool has = false;
    int result = journal_missing(side, &missing, &count);
    if (result == 0 && scene->delivers)
        result = journal_undelivered(side, &waiting, &failed);
    sides->filed = sides->filed && count == 0 && waiting == 0;
    if (result < 0 || (count == 0 && failed == 0))
        return result;
    result = dialogue_side_has_coordinator(side, &has);
    if (result == 0 && !has && sides->left++ == 0)
        sides->first_left = side->id;
    return result;
}

int erasure_sides_look(const struct retention_scene *scene, int64_t dialogue, struct erasure_sides *ret_sides)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_retention_sides row;
    *ret_sides = (struct erasure_sides){ .filed = true };
    int result = sql_retention_sides(scene->db, &(struct sql_retention_sides_in){ .dialogue = dialogue, .erased = DIALOGUE_ERASED, .count = ERASURE_SIDES_MAX }, &stmt);
    while (result == 0 && (result = sql_retention_sides_next(stmt, &row)) == 1) {
        struct dialogue *side;
        result = open_side(scene, row.id, dialogue, &side);
        if (result == 0)
            result = look_at(scene, side, ret_sides);
        result = result == -EBADMSG ? 0 : result;
    }
    return result < 0 ? result : 0;
}
