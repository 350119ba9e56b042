// SPDX-License-Identifier: MPL-2.0
// Posts as they are read: one, or a page of them, which is kept opened for a moment (kept.h).
#include "base/cleanup.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/kept.h"
#include "feature/dialogue/post_seal.h"

#include <errno.h>

// The three queries that give posts have the same columns. Which post was answered is not told to who may not see it.
#define POST_OF(row, first)                                                                                   \
    { .number = (row).number, .author = (row).author, .created = (row).created, .version = (row).version, .epoch = (row).epoch,  \
      .edited = (row).edited_null ? 0 : (row).edited,                                                         \
      .answers = (row).answers_null || (row).answers < (first) ? 0 : (row).answers,                           \
      .answers_earlier = !(row).answers_null && (row).answers < (first) }

int post_get(struct dialogue *dialogue, int64_t number, struct post *ret_post)
{
    struct sql_dialogue_post_get row;
    int result = number < dialogue_first_visible(dialogue) ? -ENOENT : sql_dialogue_post_get(dialogue->scene.db, dialogue->scene.arena,
        &(struct sql_dialogue_post_get_in){ .dialogue = dialogue->id, .number = number }, &row);
    if (result < 0)
        return result;
    struct post post = POST_OF(row, dialogue_first_visible(dialogue));
    result = post_unseal(dialogue, row.epoch, row.sealed, &post);
    if (result == 0)
        *ret_post = post;
    return result;
}

struct vault_place post_place_before(const struct dialogue *dialogue, int64_t before, size_t count)
{
    int64_t end = dialogue->last_number + 1;
    return (struct vault_place){
        .dialogue = dialogue->id, .first = dialogue_first_visible(dialogue), .before = before < end ? before : end, .count = (int64_t)count };
}

struct vault_place post_place_after(const struct dialogue *dialogue, int64_t after, size_t count)
{
    int64_t last = dialogue->last_number;
    return (struct vault_place){
        .dialogue = dialogue->id, .first = dialogue_first_visible(dialogue), .after = (after < last ? after : last) + 1, .count = (int64_t)count };
}

static struct sql_dialogue_post_page_in page_of(const struct vault_place *place)
{
    return (struct sql_dialogue_post_page_in){ .dialogue = place->dialogue, .first = place->first, .before = place->before, .count = place->count };
}

static struct sql_dialogue_post_after_in after_of(const struct vault_place *place)
{
    int64_t first = place->after < place->first ? place->first : place->after;
    return (struct sql_dialogue_post_after_in){ .dialogue = place->dialogue, .after = first - 1, .count = place->count };
}

// Whether a page has room for a further post. The first one always has its place.
static bool page_has_room(size_t *used, const struct post *post)
{
    bool room = *used == 0 || *used + post->text.len + post->markup.markup.len <= POST_PAGE_BYTES;
    *used += post->text.len + post->markup.markup.len;
    return room;
}

static int read_before(struct dialogue *dialogue, const struct vault_place *place, size_t count, struct kept_epochs *epochs,
                       const struct post **ret_posts, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_post_page row;
    struct post *posts = arena_array(dialogue->scene.arena, count, sizeof(*posts));
    size_t at = count, used = 0;   // filled from the end: the query gives the newest first
    const struct sql_dialogue_post_page_in in = page_of(place);
    int64_t first = place->first;
    int result = posts ? sql_dialogue_post_page(dialogue->scene.db, &in, &stmt) : -ENOMEM;
    while (result == 0 && at > 0 && (result = sql_dialogue_post_page_next(stmt, &row)) == 1) {
        posts[--at] = (struct post)POST_OF(row, first);
        kept_note_epoch(epochs, row.epoch);
        result = post_unseal(dialogue, row.epoch, row.sealed, &posts[at]);
        if (result == 0 && !page_has_room(&used, &posts[at])) {
            at++;
            break;
        }
    }
    if (result < 0)
        return result;
    *ret_posts = posts + at;
    *ret_count = count - at;
    return 0;
}

int post_page(struct dialogue *dialogue, int64_t before, size_t count, const struct post **ret_posts, size_t *ret_count)
{
    const struct vault_place place = post_place_before(dialogue, before, count);
    struct kept_epochs epochs = { .count = 0 };
    if (posts_find(dialogue, &place, ret_posts, ret_count))
        return 0;
    int result = read_before(dialogue, &place, count, &epochs, ret_posts, ret_count);
    if (result == 0)
        posts_keep(dialogue, &place, &epochs, *ret_posts, *ret_count);
    return result;
}

static int read_after(struct dialogue *dialogue, const struct vault_place *place, size_t count, struct kept_epochs *epochs,
                      const struct post **ret_posts, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_post_after row;
    struct post *posts = arena_array(dialogue->scene.arena, count, sizeof(*posts));
    size_t at = 0, used = 0;
    const struct sql_dialogue_post_after_in in = after_of(place);
    int64_t first = place->first;
    int result = posts ? sql_dialogue_post_after(dialogue->scene.db, &in, &stmt) : -ENOMEM;
    while (result == 0 && at < count && (result = sql_dialogue_post_after_next(stmt, &row)) == 1) {
        posts[at] = (struct post)POST_OF(row, first);
        kept_note_epoch(epochs, row.epoch);
        result = post_unseal(dialogue, row.epoch, row.sealed, &posts[at]);
        if (result == 0 && !page_has_room(&used, &posts[at]))
            break;
        at++;
    }
    if (result < 0)
        return result;
    *ret_posts = posts;
    *ret_count = at;
    return 0;
}

int post_after(struct dialogue *dialogue, int64_t after, size_t count, const struct post **ret_posts, size_t *ret_count)
{
    const struct vault_place place = post_place_after(dialogue, after, count);
    struct kept_epochs epochs = { .count = 0 };
    if (posts_find(dialogue, &place, ret_posts, ret_count))
        return 0;
    int result = read_after(dialogue, &place, count, &epochs, ret_posts, ret_count);
    if (result == 0)
        posts_keep(dialogue, &place, &epochs, *ret_posts, *ret_count);
    return result;
}

int post_scan(struct dialogue *dialogue, int64_t before, size_t count, struct arena *scratch,
              int (*each)(void *context, const struct post *post), void *context)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_post_page row;
    struct arena *arena = dialogue->scene.arena;
    int64_t first = dialogue_first_visible(dialogue);
    int result = sql_dialogue_post_page(dialogue->scene.db, &(struct sql_dialogue_post_page_in){
        .dialogue = dialogue->id, .first = first, .before = before, .count = (int64_t)count }, &stmt);
    dialogue->scene.arena = scratch;
    while (result == 0 && (result = sql_dialogue_post_page_next(stmt, &row)) == 1) {
        struct post post = POST_OF(row, first);
        arena_reset(scratch);
        result = post_unseal(dialogue, row.epoch, row.sealed, &post);
        if (result == 0)
            result = each(context, &post);
    }
    dialogue->scene.arena = arena;
    return result;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_kept(struct dialogue *dialogue, const struct vault_place *place)
{
    const struct post *posts;
    size_t count;
    return posts_find(dialogue, place, &posts, &count);
}

bool post_ask_page(struct dialogue *dialogue, int64_t before, size_t count, int64_t *ret_first, int64_t *ret_last)
{
    const struct vault_place place = post_place_before(dialogue, before, count);
    const struct sql_dialogue_post_page_in in = page_of(&place);
    *ret_first = larger(place.first, place.before - place.count);
    *ret_last = place.before - 1;
    if (*ret_last < *ret_first || is_kept(dialogue, &place))
        return false;
    sql_dialogue_post_page_ask(dialogue->scene.db, &in);
    return true;
}

bool post_ask_after(struct dialogue *dialogue, int64_t after, size_t count, int64_t *ret_first, int64_t *ret_last)
{
    const struct vault_place place = post_place_after(dialogue, after, count);
    const struct sql_dialogue_post_after_in in = after_of(&place);
    int64_t end = in.after + place.count;
    *ret_first = in.after + 1;
    *ret_last = end < dialogue->last_number ? end : dialogue->last_number;
    if (*ret_last < *ret_first || is_kept(dialogue, &place))
        return false;
    sql_dialogue_post_after_ask(dialogue->scene.db, &in);
    return true;
}
