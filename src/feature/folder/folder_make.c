// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_make.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "feature/dialogue/post.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_part.h"
#include "feature/folder/folder_sql.h"
#include "feature/folder/folder_view.h"

#include <errno.h>
#include <stdlib.h>

#define SCRATCH_MAX ((size_t)24 << 20)   // a page of posts with their earlier texts
#define POSTS_AT_ONCE 50

static int list_dialogues(struct folder_part *part, int64_t **ret_ids, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct request *request = part->request;
    struct sql_folder_dialogues row;
    int64_t *ids = arena_array(request->arena, FOLDER_DIALOGUES_MAX, sizeof(*ids));
    size_t count = 0;
    int result = ids ? sql_folder_dialogues(request->db, &(struct sql_folder_dialogues_in){
        .person = request->session.person, .count = FOLDER_DIALOGUES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < FOLDER_DIALOGUES_MAX && (result = sql_folder_dialogues_next(stmt, &row)) == 1) {
        ids[count++] = row.id;
        result = 0;
    }
    *ret_ids = ids;
    *ret_count = count;
    return result < 0 ? result : 0;
}

// A dialogue as its reader opens it; NULL when there is nothing of it that they may see.
static int open_dialogue(struct folder_part *part, int64_t id, struct dialogue **ret_dialogue)
{
    struct request *request = part->request;
    struct dialogue_scene scene = dialogue_scene_of(request);
    scene.arena = part->scratch;
    scene.vault = NULL;   // all of it once: nothing worth keeping opened
    *ret_dialogue = NULL;
    int result = dialogue_open(&scene, id, request->session.person, ret_dialogue);
    if (result == -ENOENT || result == -EBADMSG)
        return 0;
    if (result < 0)
        return result;
    struct policy_subject subject = { request->session.role, (*ret_dialogue)->relation, (*ret_dialogue)->state };
    if ((*ret_dialogue)->relation != RELATION_FORMER && !policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        *ret_dialogue = NULL;
    return 0;
}

// Both arenas begin anew: what is kept of the dialogue lives in 'keep', what is kept of a few posts in 'scratch'.
static int put_posts(struct folder_part *part, struct dialogue *dialogue, struct folder_range *range)
{
    _cleanup_(arena_free_pointer) struct arena *scratch = NULL;
    struct arena *keep = dialogue->scene.arena;
    int64_t after = 0;
    size_t count = POSTS_AT_ONCE;
    int result = arena_new(SCRATCH_MAX, &scratch);
    while (result == 0 && count == POSTS_AT_ONCE) {
        const struct post *posts;
        const struct file *files = NULL;
        size_t files_count = 0;
        arena_reset(scratch);
        dialogue->scene.arena = scratch;
        result = request_left(part->request) ? -ECANCELED : post_after(dialogue, after, POSTS_AT_ONCE, &posts, &count);
        if (result == 0)
            result = file_of_posts(dialogue, posts, count, &files, &files_count);
        for (size_t i = 0, at = 0; result == 0 && i < count; i++) {
            size_t own = 0;
            while (at + own < files_count && files[at + own].post == posts[i].number)
                own++;
            result = folder_part_post(part, dialogue, &posts[i], files + at, own);
            at += own;
            range->first = range->first ? range->first : posts[i].number;
            range->last = after = posts[i].number;
        }
    }
    dialogue->scene.arena = keep;
    return result;
}

static int put_dialogue(struct folder_part *part, int64_t id, struct folder_range *range)
{
    struct dialogue *dialogue;
    arena_reset(part->scratch);
    int result = open_dialogue(part, id, &dialogue);
    if (result < 0 || !dialogue)
        return result;
    *range = (struct folder_range){ .dialogue = id, .left = dialogue->relation == RELATION_FORMER };
    result = folder_part_dialogue(part, dialogue);
    if (result == 0 && dialogue->relation != RELATION_FORMER)
        result = put_posts(part, dialogue, range);
    if (result == 0)
        result = folder_part_dialogue_end(part, dialogue, range->last != 0);
    return result;
}

static int put_dialogues(struct folder_part *part, const int64_t *ids, size_t count, struct folder_made *made)
{
    struct folder_range *ranges = arena_array(part->request->arena, count + 1, sizeof(*ranges));
    int64_t *kept = ranges ? calloc(count + 1, sizeof(*kept)) : NULL;
    int result = 0;
    if (!kept)
        return -ENOMEM;
    made->folder->dialogues = kept;
    made->ranges = ranges;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct folder_range *range = &ranges[made->ranges_count];
        result = put_dialogue(part, ids[i], range);
        if (result < 0 || !range->dialogue)
            continue;
        made->ranges_count++;
        if (!range->left)
            kept[made->folder->dialogues_count++] = range->dialogue;
    }
    return result;
}

static int put_links(struct folder_part *part, const int64_t *ids, size_t count)
{
    int result = 0;
    buf_lit(&part->html, "<nav><ul>\n");
    folder_sections_html(&part->out, &(struct folder_view_end){ .server = STR("") });
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct dialogue *dialogue;
        arena_reset(part->scratch);
        result = open_dialogue(part, ids[i], &dialogue);
        if (result == 0 && dialogue)
            result = folder_part_link(part, dialogue);
    }
    buf_lit(&part->html, "</ul></nav>\n");
    return result;
}

static int put_all(struct folder_part *part, struct folder_made *made)
{
    int64_t *ids;
    size_t count;
    int result = list_dialogues(part, &ids, &count);
    if (result == 0)
        result = folder_part_top(part);
    if (result == 0)
        result = put_links(part, ids, count);
    if (result == 0)
        result = folder_part_self(part);
    if (result == 0)
        result = folder_part_ways(part);
    if (result == 0)
        result = folder_part_consents(part);
    if (result == 0)
        result = put_dialogues(part, ids, count, made);
    if (result == 0)
        result = folder_part_log(part);
    if (result == 0)
        result = folder_part_end(part);
    return result;
}

static int make(struct request *request, struct folder_made *made)
{
    _cleanup_(arena_free_pointer) struct arena *scratch = NULL;
    struct folder_part part;
    int result = arena_new(SCRATCH_MAX, &scratch);
    if (result == 0)
        result = folder_part_begin(request, scratch, &made->folder->store, &part);
    if (result < 0)
        return result;
    result = db_begin_read(request->db);
    if (result == 0) {
        result = put_all(&part, made);
        db_commit(request->db);
    }
    folder_part_free(&part);
    return result < 0 ? result : folder_store_end(&made->folder->store, made->folder->digest);
}

int folder_make(struct request *request, struct folder_made *ret_made)
{
    struct folder_made made = { .folder = calloc(1, sizeof(*made.folder)) };
    if (!made.folder)
        return -ENOMEM;
    made.folder->id = id_new(request->now);
    made.folder->person = request->session.person;
    made.folder->made = request->now;
    int result = folder_store_begin(request->app->files_path, &made.folder->store);
    if (result < 0)
        made.folder->store.fd = -1;
    else
        result = make(request, &made);
    if (result < 0)
        folder_free(made.folder);
    else
        *ret_made = made;
    return result;
}
