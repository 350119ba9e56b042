// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/post_seal.h"

#include <errno.h>

// The reason is bound to the moment too, so that one can't be put in another's place.
static struct seal_place reason_place(const struct dialogue *dialogue, int64_t number, int64_t epoch, int64_t at)
{
    return (struct seal_place){ .type = SEAL_HIDING, .dialogue = dialogue->id, .epoch = epoch, .object = number, .version = at };
}

static int keep_original(struct dialogue *dialogue, int64_t number, struct str reason)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct data_key *key;
    struct bytes sealed;
    struct seal_place place = reason_place(dialogue, number, dialogue->epoch, scene->now);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = seal(key, &place, str_bytes(reason), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_hidden_add(scene->db, &(struct sql_dialogue_hidden_add_in){
        .dialogue = dialogue->id, .number = number, .hidden = scene->now, .hidden_by = dialogue->member, .epoch = dialogue->epoch,
        .reason = sealed });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ENOENT;
}

static int replace(struct dialogue *dialogue, int64_t number, int64_t epoch, int64_t version, struct bytes sealed)
{
    struct db *db = dialogue->scene.db;
    int64_t rows = sql_dialogue_post_replace(db, &(struct sql_dialogue_post_replace_in){
        .dialogue = dialogue->id, .number = number, .epoch = epoch, .version = version, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 1 ? dialogue_changed(dialogue) : -ENOENT;
}

// Nobody waits for an answer to what nobody can read.
static int renew_waiting(struct dialogue *dialogue)
{
    int64_t rows = sql_dialogue_waiting_anew(dialogue->scene.db, &(struct sql_dialogue_waiting_anew_in){ .dialogue = dialogue->id });
    return rows < 0 ? (int)rows : 0;
}

int post_hide(struct dialogue *dialogue, int64_t number, struct str reason)
{
    struct post post;
    struct bytes marker;
    int result = post_get(dialogue, number, &post);
    if (result == 0 && post.hidden)
        result = -EALREADY;
    if (result == 0)
        result = keep_original(dialogue, number, reason);
    if (result < 0)
        return result;
    post.hidden = true;
    post.version++;
    result = post_seal(dialogue, &post, &marker);
    if (result == 0)
        result = replace(dialogue, number, dialogue->epoch, post.version, marker);
    return result < 0 ? result : renew_waiting(dialogue);
}

// The row of a post that is hidden, and the post as it stands: the marker.
static int find(struct dialogue *dialogue, int64_t number, struct post *ret_marker, struct sql_dialogue_hidden_get *ret_row)
{
    int result = post_get(dialogue, number, ret_marker);
    if (result == 0 && !ret_marker->hidden)
        result = -ENOENT;
    return result < 0 ? result : sql_dialogue_hidden_get(dialogue->scene.db, dialogue->scene.arena,
        &(struct sql_dialogue_hidden_get_in){ .dialogue = dialogue->id, .number = number }, ret_row);
}

int post_unhide(struct dialogue *dialogue, int64_t number)
{
    struct post post;
    struct sql_dialogue_hidden_get row;
    int result = find(dialogue, number, &post, &row);
    if (result == 0)
        result = replace(dialogue, number, row.original_epoch, row.original_version, row.original);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_hidden_end(dialogue->scene.db, &(struct sql_dialogue_hidden_end_in){
        .dialogue = dialogue->id, .number = number, .hidden = row.hidden, .shown = dialogue->scene.now });
    return rows < 0 ? (int)rows : renew_waiting(dialogue);
}

int post_hiding_get(struct dialogue *dialogue, int64_t number, struct post_hiding *ret_hiding)
{
    struct post post;
    struct sql_dialogue_hidden_get row;
    struct data_key *key;
    struct bytes reason;
    int result = find(dialogue, number, &post, &row);
    if (result < 0)
        return result;
    struct seal_place place = reason_place(dialogue, number, row.epoch, row.hidden);
    result = dialogue_key(dialogue, row.epoch, &key);
    if (result == 0)
        result = unseal(key, &place, row.reason, dialogue->scene.arena, &reason);
    if (result == 0)
        *ret_hiding = (struct post_hiding){ .at = row.hidden, .by = row.hidden_by, .reason = bytes_str(reason) };
    return result;
}

int post_original(struct dialogue *dialogue, int64_t number, struct post *ret_post)
{
    struct post post;
    struct sql_dialogue_hidden_get row;
    int result = find(dialogue, number, &post, &row);
    if (result < 0)
        return result;
    post.version = row.original_version;
    result = post_unseal(dialogue, row.original_epoch, row.original, &post);
    if (result == 0)
        *ret_post = post;
    return result;
}

int post_original_history(struct dialogue *dialogue, int64_t number, const struct post **ret_versions, size_t *ret_count)
{
    struct post original;
    int result = post_original(dialogue, number, &original);
    return result < 0 ? result : post_history_of(dialogue, &original, ret_versions, ret_count);
}
