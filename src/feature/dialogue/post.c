// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/post.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/post_seal.h"
#include "web/markdown.h"

#include <errno.h>

// What is sealed begins with who wrote the post and when (8 bytes each, little-endian), so that neither can be changed in the database; then
//     'p' text               plain: shown escaped as it is
//     'm' length text html   with markup; length of the text in 4 bytes, little-endian
//     'h'                    hidden: the text lies elsewhere
#define PLAIN 'p'
#define MARKUP 'm'
#define HIDDEN 'h'
#define WRITER_HEAD 16
#define PLAIN_HEAD (WRITER_HEAD + 1)
#define MARKUP_HEAD (PLAIN_HEAD + 4)

static void put_writer(uint8_t at[WRITER_HEAD], int64_t author, int64_t created)
{
    for (int i = 0; i < 8; i++) {
        at[i] = (uint8_t)((uint64_t)author >> (8 * i));
        at[8 + i] = (uint8_t)((uint64_t)created >> (8 * i));
    }
}

static struct seal_place post_place(const struct dialogue *dialogue, int64_t number, int64_t epoch, int64_t version)
{
    return (struct seal_place){ .type = SEAL_POST, .dialogue = dialogue->id, .epoch = epoch, .object = number, .version = version };
}

static int encode_markup(struct arena *arena, const struct post *post, struct bytes *ret_plain)
{
    struct str text = post->text;
    struct html html;
    int result = markdown_render(arena, text, &html);
    if (result < 0)
        return result;
    size_t len = MARKUP_HEAD + text.len + html.markup.len;
    uint8_t *at = arena_alloc(arena, len);
    if (!at)
        return -ENOMEM;
    put_writer(at, post->author, post->created);
    at[WRITER_HEAD] = MARKUP;
    for (int i = 0; i < 4; i++)
        at[PLAIN_HEAD + i] = (uint8_t)(text.len >> (8 * i));
    memcpy(at + MARKUP_HEAD, text.ptr, text.len);
    memcpy(at + MARKUP_HEAD + text.len, html.markup.ptr, html.markup.len);
    *ret_plain = bytes_from(at, len);
    return 0;
}

static int encode(struct arena *arena, const struct post *post, struct bytes *ret_plain)
{
    struct str text = post->hidden ? STR("") : post->text;
    if (!markdown_is_plain(text))
        return encode_markup(arena, post, ret_plain);
    uint8_t *at = arena_alloc(arena, PLAIN_HEAD + text.len);
    if (!at)
        return -ENOMEM;
    put_writer(at, post->author, post->created);
    at[WRITER_HEAD] = post->hidden ? HIDDEN : PLAIN;
    memcpy(at + PLAIN_HEAD, text.ptr, text.len);
    *ret_plain = bytes_from(at, PLAIN_HEAD + text.len);
    return 0;
}

// Fills in the text of a post whose author and time stand in its row. What was sealed comes from encode: anything else is damage, or another row.
static int decode(struct bytes plain, struct post *post)
{
    struct str all = bytes_str(plain);
    uint8_t writer[WRITER_HEAD];
    put_writer(writer, post->author, post->created);
    if (all.len < PLAIN_HEAD || memcmp(all.ptr, writer, WRITER_HEAD) != 0)
        return -EBADMSG;
    post->hidden = all.ptr[WRITER_HEAD] == HIDDEN;
    if (all.ptr[WRITER_HEAD] == PLAIN || post->hidden) {
        post->text = (struct str){ all.ptr + PLAIN_HEAD, all.len - PLAIN_HEAD };
        post->markup.markup = STR("");
        return 0;
    }
    if (all.len < MARKUP_HEAD || all.ptr[WRITER_HEAD] != MARKUP)
        return -EBADMSG;
    size_t len = 0;
    for (int i = 0; i < 4; i++)
        len |= (size_t)plain.ptr[PLAIN_HEAD + i] << (8 * i);
    if (len > all.len - MARKUP_HEAD)
        return -EBADMSG;
    post->text = (struct str){ all.ptr + MARKUP_HEAD, len };
    post->markup.markup = (struct str){ all.ptr + MARKUP_HEAD + len, all.len - MARKUP_HEAD - len };
    return 0;
}

int post_seal(struct dialogue *dialogue, const struct post *post, struct bytes *ret_sealed)
{
    struct arena *arena = dialogue->scene.arena;
    struct data_key *key;
    struct bytes plain;
    struct seal_place place = post_place(dialogue, post->number, dialogue->epoch, post->version);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = encode(arena, post, &plain);
    return result < 0 ? result : seal(key, &place, plain, arena, ret_sealed);
}

int post_unseal(struct dialogue *dialogue, int64_t epoch, struct bytes sealed, struct post *post)
{
    struct data_key *key;
    struct bytes plain;
    struct seal_place place = post_place(dialogue, post->number, epoch, post->version);
    int result = dialogue_key(dialogue, epoch, &key);
    if (result == 0)
        result = unseal(key, &place, sealed, dialogue->scene.arena, &plain);
    return result < 0 ? result : decode(plain, post);
}

void post_ask_once(const struct dialogue_scene *scene, int64_t dialogue, int64_t author, int64_t once)
{
    if (once)
        sql_dialogue_post_by_once_ask(scene->db, &(struct sql_dialogue_post_by_once_in){ .dialogue = dialogue, .author = author, .once = once });
}

// Whether the post was written before by the same hand.
static int find_once(struct dialogue *dialogue, int64_t once, int64_t *ret_number)
{
    struct sql_dialogue_post_by_once row;
    int result = once == 0 ? -ENOENT : sql_dialogue_post_by_once(dialogue->scene.db, dialogue->scene.arena,
        &(struct sql_dialogue_post_by_once_in){ .dialogue = dialogue->id, .author = dialogue->member, .once = once }, &row);
    if (result == 0)
        *ret_number = row.number;
    return result;
}

static int note_post(struct dialogue *dialogue, int64_t number)
{
    bool employee = dialogue->relation == RELATION_COORDINATOR || dialogue->relation == RELATION_PROFESSIONAL;
    struct db *db = dialogue->scene.db;
    int64_t now = dialogue->scene.now;
    int result = employee
        ? sql_dialogue_note_answer(db, &(struct sql_dialogue_note_answer_in){
              .dialogue = dialogue->id, .number = number, .author = dialogue->member, .at = now })
        : sql_dialogue_note_question(db, &(struct sql_dialogue_note_question_in){
              .dialogue = dialogue->id, .number = number, .author = dialogue->member, .at = now });
    if (result == 0)
        result = sql_dialogue_read_own(db, &(struct sql_dialogue_read_own_in){
            .dialogue = dialogue->id, .person = dialogue->member, .number = number });
    return result < 0 ? result : sql_dialogue_note_news(db, &(struct sql_dialogue_note_news_in){ .dialogue = dialogue->id, .at = now });
}

int post_write(struct dialogue *dialogue, const struct post_new *what, int64_t *ret_number, bool *ret_again)
{
    struct bytes sealed;
    int64_t number = dialogue->last_number + 1;
    struct post post = {
        .number = number, .author = dialogue->member, .created = dialogue->scene.now, .version = 1, .text = what->text };
    int result = find_once(dialogue, what->once, ret_number);
    *ret_again = result == 0;
    if (result != -ENOENT)
        return result;
    if (what->answers < 0 || what->answers > dialogue->last_number || (what->answers && what->answers < dialogue_first_visible(dialogue)))
        return -ENOENT;
    result = post_seal(dialogue, &post, &sealed);
    if (result < 0)
        return result;
    result = sql_dialogue_post_add(dialogue->scene.db, &(struct sql_dialogue_post_add_in){
        .dialogue = dialogue->id, .number = number, .author = dialogue->member, .created = dialogue->scene.now,
        .epoch = dialogue->epoch, .answers = what->answers, .answers_null = what->answers == 0,
        .once = what->once, .once_null = what->once == 0, .sealed = sealed });
    result = result < 0 ? result : note_post(dialogue, number);
    if (result < 0)
        return result;
    dialogue->last_number = number;
    *ret_number = number;
    return 0;
}

bool post_editable(const struct dialogue *dialogue, const struct post *post)
{
    return post->author == dialogue->member && !post->hidden && dialogue_is_open(dialogue) && post->version < POST_VERSIONS_MAX
        && dialogue->scene.now - post->created <= POST_EDIT_MS;
}

int post_edit(struct dialogue *dialogue, int64_t number, struct str text)
{
    struct post post;
    struct bytes sealed;
    struct db *db = dialogue->scene.db;
    int result = post_get(dialogue, number, &post);
    if (result < 0)
        return result;
    if (post.author != dialogue->member)
        return -EACCES;
    if (!post_editable(dialogue, &post))
        return -ETIME;
    if (str_equal(post.text, text))
        return 0;
    post.version++;
    post.text = text;
    result = post_seal(dialogue, &post, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_post_keep_earlier(db, &(struct sql_dialogue_post_keep_earlier_in){ .dialogue = dialogue->id, .number = number });
    if (rows == 1)
        rows = sql_dialogue_post_change(db, &(struct sql_dialogue_post_change_in){ .dialogue = dialogue->id, .number = number,
            .epoch = dialogue->epoch, .edited = dialogue->scene.now, .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    return rows == 1 ? dialogue_changed(dialogue) : -ENOENT;
}

int post_number_at(struct dialogue *dialogue, int64_t created, int64_t *ret_number)
{
    int64_t low = dialogue_first_visible(dialogue), high = dialogue->last_number + 1;   // the number is one of these and those between
    while (low < high) {
        struct sql_dialogue_post_created row;
        int64_t middle = low + (high - low) / 2;
        int result = sql_dialogue_post_created(dialogue->scene.db, dialogue->scene.arena,
            &(struct sql_dialogue_post_created_in){ .dialogue = dialogue->id, .number = middle }, &row);
        if (result < 0)
            return result;
        if (row.created >= created)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_number = low;
    return 0;
}

// The earlier versions of a post, into versions; returns their count or -E….
static int read_earlier(struct dialogue *dialogue, const struct post *present, struct post *versions)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_earlier_versions row;
    int count = 0;
    int result = sql_dialogue_earlier_versions(dialogue->scene.db,
        &(struct sql_dialogue_earlier_versions_in){ .dialogue = dialogue->id, .number = present->number }, &stmt);
    while (result == 0 && count < POST_VERSIONS_MAX && (result = sql_dialogue_earlier_versions_next(stmt, &row)) == 1) {
        versions[count] = (struct post){
            .number = present->number, .author = present->author, .created = present->created, .version = row.version };
        result = post_unseal(dialogue, row.epoch, row.sealed, &versions[count]);
        versions[count++].created = row.created;
    }
    return result < 0 ? result : count;
}

int post_history_of(struct dialogue *dialogue, const struct post *present, const struct post **ret_versions, size_t *ret_count)
{
    struct post *versions = arena_array(dialogue->scene.arena, POST_VERSIONS_MAX + 1, sizeof(*versions));
    int count = versions ? read_earlier(dialogue, present, versions) : -ENOMEM;
    if (count < 0)
        return count;
    versions[count] = *present;
    if (present->edited)
        versions[count].created = present->edited;
    *ret_versions = versions;
    *ret_count = (size_t)count + 1;
    return 0;
}

int post_history(struct dialogue *dialogue, int64_t number, const struct post **ret_versions, size_t *ret_count)
{
    struct post present;
    int result = post_get(dialogue, number, &present);
    if (result == 0 && present.hidden)
        result = -ENOENT;   // earlier texts are hidden with it
    return result < 0 ? result : post_history_of(dialogue, &present, ret_versions, ret_count);
}
