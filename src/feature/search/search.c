// SPDX-License-Identifier: MPL-2.0
#include "feature/search/search.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "feature/dialogue/post.h"
#include "feature/search/search_sql.h"

#include <errno.h>
#include <stdlib.h>

#define CHUNK 256                          // posts of a dialogue that are looked through in one go
#define HITS_MAX (SEARCH_HITS + CHUNK)
#define SCRATCH_MAX ((size_t)4 << 20)      // one post, opened
#define FOLDED_MAX ((size_t)4 * POST_TEXT_MAX)

// A dialogue and how far it has been looked through.
struct source {
    struct search_place head;              // all from here on down is to be looked through; the number is where to begin
    struct dialogue *dialogue;             // NULL: not opened yet
    int64_t first, last;                   // looked through; 0: nothing
};

struct search {
    const struct dialogue_scene *scene;
    const struct search_ask *ask;
    struct arena *scratch;
    char *folded;                          // FOLDED_MAX bytes
    struct source *sources;
    size_t sources_count;
    struct search_place *hits;
    size_t hits_count;
    bool trimmed;                          // there were more hits
    struct search_place least;             // hits before this place are not wanted: there are enough newer ones
    int64_t until;                         // monotonic ms
    int64_t posts;
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

// Above 0: 'a' is the newer one.
static int compare(const struct search_place *a, const struct search_place *b)
{
    int order = compare_numbers(a->created, b->created);
    order = order ? order : compare_numbers(a->dialogue, b->dialogue);
    return order ? order : compare_numbers(a->number, b->number);
}

static int newest_first(const void *a, const void *b)
{
    return compare(b, a);
}

static int list_sources(struct search *search)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_search_dialogues row;
    const struct search_ask *ask = search->ask;
    search->sources = arena_array(search->scene->arena, SEARCH_DIALOGUES_MAX, sizeof(*search->sources));
    int result = search->sources ? sql_search_dialogues(search->scene->db, &(struct sql_search_dialogues_in){
        .person = ask->person, .dialogue = ask->dialogue, .count = SEARCH_DIALOGUES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && search->sources_count < SEARCH_DIALOGUES_MAX && (result = sql_search_dialogues_next(stmt, &row)) == 1) {
        int64_t newest = row.last_at < ask->before.created ? row.last_at : ask->before.created;
        search->sources[search->sources_count++].head = (struct search_place){ newest, row.id, INT64_MAX };
        result = 0;
    }
    return result < 0 ? result : 0;
}

// The dialogue with the newest post that was not looked through; NULL: all were.
static struct source *newest_source(struct search *search)
{
    struct source *newest = NULL;
    for (size_t i = 0; i < search->sources_count; i++) {
        struct source *source = &search->sources[i];
        if (source->head.created != INT64_MIN && (!newest || compare(&source->head, &newest->head) > 0))
            newest = source;
    }
    return newest;
}

// Opens a dialogue and finds where to begin in it. -ENOENT when there is nothing to look through.
static int open_source(struct search *search, struct source *source)
{
    const struct search_place *before = &search->ask->before;
    int result = dialogue_open(search->scene, source->head.dialogue, search->ask->person, &source->dialogue);
    if (result < 0)
        return result;
    struct policy_subject subject = { search->ask->role, source->dialogue->relation, source->dialogue->state };
    if (!policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        return -ENOENT;
    if (before->created == INT64_MAX)
        return 0;
    // Of another dialogue those of the very same moment come behind when its number is the lower one.
    bool same_moment = source->head.dialogue < before->dialogue;
    if (source->head.dialogue == before->dialogue)
        source->head.number = before->number;
    else
        result = post_number_at(source->dialogue, before->created + same_moment, &source->head.number);
    return result;
}

// Drops all hits but the newest that are shown.
static void trim_hits(struct search *search)
{
    qsort(search->hits, search->hits_count, sizeof(*search->hits), newest_first);
    search->hits_count = SEARCH_HITS;
    search->least = search->hits[SEARCH_HITS - 1];
    search->trimmed = true;
}

static void add_hit(struct search *search, const struct search_place *place)
{
    search->hits[search->hits_count++] = *place;
    if (search->hits_count == HITS_MAX)
        trim_hits(search);
}

struct scan {
    struct search *search;
    struct source *source;
    int64_t seen;                          // posts
};

static int look_at(void *context, const struct post *post)
{
    struct scan *scan = context;
    struct search *search = scan->search;
    struct search_place place = { post->created, scan->source->head.dialogue, post->number };
    scan->seen++;
    scan->source->head = place;
    scan->source->first = post->number;
    if (scan->source->last == 0)
        scan->source->last = post->number;
    if (!search_may_match(&search->ask->query, post->text))
        return 0;
    if (post->text.len > FOLDED_MAX)
        return -EBADMSG;
    search_fold(post->text, search->folded);
    if (search_matches(&search->ask->query, (struct str){ search->folded, post->text.len }) && compare(&place, &search->least) > 0)
        add_hit(search, &place);
    return 0;
}

static int look_through(struct search *search, struct source *source)
{
    struct scan scan = { .search = search, .source = source };
    int result = source->dialogue ? 0 : open_source(search, source);
    if (result == 0)
        result = post_scan(source->dialogue, source->head.number, CHUNK, search->scratch, look_at, &scan);
    search->posts += scan.seen;
    if (result == -ENOENT || (result == 0 && scan.seen < CHUNK))   // not the reader's, or its end is reached
        source->head.created = INT64_MIN;
    return result == -ENOENT ? 0 : result;
}

// Once there are enough hits, what is older than the last of them need not be looked at.
static bool has_enough(struct search *search, const struct search_place *newest)
{
    if (search->hits_count < SEARCH_HITS)
        return false;
    if (search->hits_count > SEARCH_HITS)
        trim_hits(search);
    else
        qsort(search->hits, search->hits_count, sizeof(*search->hits), newest_first);
    return compare(newest, &search->hits[SEARCH_HITS - 1]) <= 0;
}

static int look(struct search *search, struct search_found *found)
{
    struct source *source;
    while ((source = newest_source(search))) {
        found->next = source->head;
        if (search->posts >= search->ask->posts_max || clock_monotonic() > search->until || has_enough(search, &source->head))
            break;
        if (search->ask->given_up && search->ask->given_up(search->ask->context))
            return -ECANCELED;
        int result = look_through(search, source);
        if (result < 0)
            return result;
    }
    found->more = source != NULL;
    return 0;
}

// Of the hits those that nothing newer can come between any more.
static void keep_hits(struct search *search, struct search_found *found)
{
    qsort(search->hits, search->hits_count, sizeof(*search->hits), newest_first);
    size_t count = 0;
    while (count < search->hits_count && count < SEARCH_HITS && (!found->more || compare(&search->hits[count], &found->next) >= 0))
        count++;
    found->more = found->more || search->trimmed || search->hits_count > count;
    if (count == SEARCH_HITS)
        found->next = search->hits[count - 1];
    found->hits = search->hits;
    found->hits_count = count;
}

static int list_ranges(const struct search *search, struct search_found *found)
{
    struct search_range *ranges = arena_array(search->scene->arena, search->sources_count + 1, sizeof(*ranges));
    if (!ranges)
        return -ENOMEM;
    for (size_t i = 0; i < search->sources_count; i++) {
        const struct source *source = &search->sources[i];
        if (source->last)
            ranges[found->ranges_count++] = (struct search_range){ source->dialogue->id, source->first, source->last };
    }
    found->ranges = ranges;
    return 0;
}

int search_run(const struct dialogue_scene *scene, const struct search_ask *ask, struct search_found *ret_found)
{
    struct search search = {
        .scene = scene, .ask = ask, .until = clock_monotonic() + SEARCH_TIME_MS, .least = { INT64_MIN, 0, 0 },
        .hits = arena_array(scene->arena, HITS_MAX, sizeof(*search.hits)), .folded = arena_alloc(scene->arena, FOLDED_MAX),
    };
    int result = search.hits && search.folded ? arena_new(SCRATCH_MAX, &search.scratch) : -ENOMEM;
    *ret_found = (struct search_found){ .next = ask->before };
    if (result == 0)
        result = list_sources(&search);
    if (result == 0)
        result = look(&search, ret_found);
    arena_free(search.scratch);
    if (result < 0)
        return result;
    keep_hits(&search, ret_found);
    return list_ranges(&search, ret_found);
}
