// SPDX-License-Identifier: MPL-2.0
#include "feature/moderation/closing.h"

#include "feature/moderation/moderation_sql.h"

#include <errno.h>

static struct seal_place turn_place(const struct dialogue *dialogue, int64_t epoch, enum dialogue_state state, int64_t at)
{
    return (struct seal_place){ .type = SEAL_TURN, .dialogue = dialogue->id, .epoch = epoch, .object = state, .version = at };
}

static int keep(struct dialogue *dialogue, enum dialogue_state state, struct str reason)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct data_key *key;
    struct bytes sealed;
    struct seal_place place = turn_place(dialogue, dialogue->epoch, state, scene->now);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = seal(key, &place, str_bytes(reason), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_moderation_turn_add(scene->db, &(struct sql_moderation_turn_add_in){ .dialogue = dialogue->id, .at = scene->now,
        .person = dialogue->member, .state = state, .epoch = dialogue->epoch, .reason = sealed });
    return rows < 0 ? (int)rows : 0;
}

int closing_make(struct dialogue *dialogue, struct str reason)
{
    int result = dialogue_close(dialogue);
    return result < 0 ? result : keep(dialogue, DIALOGUE_CLOSED, reason);
}

int closing_undo(struct dialogue *dialogue)
{
    int result = dialogue_reopen(dialogue);
    return result < 0 ? result : keep(dialogue, DIALOGUE_OPEN, STR(""));
}

int closing_get(struct dialogue *dialogue, struct closing *ret_closing)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_moderation_turn_last row;
    struct data_key *key;
    struct bytes reason;
    int result = sql_moderation_turn_last(scene->db, scene->arena,
        &(struct sql_moderation_turn_last_in){ .dialogue = dialogue->id, .state = DIALOGUE_CLOSED }, &row);
    if (result < 0)
        return result;
    struct seal_place place = turn_place(dialogue, row.epoch, DIALOGUE_CLOSED, row.at);
    result = dialogue_key(dialogue, row.epoch, &key);   // of an epoch before the member's own: -ENOENT as well
    if (result == 0)
        result = unseal(key, &place, row.reason, scene->arena, &reason);
    if (result == 0)
        *ret_closing = (struct closing){ .at = row.at, .by = row.person, .reason = bytes_str(reason) };
    return result;
}
