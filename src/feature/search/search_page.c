// SPDX-License-Identifier: MPL-2.0
#include "feature/search/search_page.h"

#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "web/date.h"

#include <errno.h>

#define BEFORE_BYTES 60     // of text before what was found
#define BEHIND_BYTES 180
#define PIECES_MAX 21       // ten marked places and what stands around them

struct maker {
    struct request *request;
    const struct search_query *query;
    struct dialogue_scene scene;
    struct account_scene accounts;
    struct dates dates;
    struct dialogue *opened[SEARCH_HITS];   // the hits' dialogues, each once
    size_t opened_count;
    bool one;                               // the search was in one dialogue
};

// A dialogue of a hit. -ENOENT when the reader may not read it any more.
static int find_dialogue(struct maker *maker, int64_t id, struct dialogue **ret_dialogue)
{
    struct request *request = maker->request;
    for (size_t i = 0; i < maker->opened_count; i++) {
        if (maker->opened[i]->id == id) {
            *ret_dialogue = maker->opened[i];
            return 0;
        }
    }
    int result = dialogue_open(&maker->scene, id, request->session.person, ret_dialogue);
    if (result < 0)
        return result;
    struct policy_subject subject = { request->session.role, (*ret_dialogue)->relation, (*ret_dialogue)->state };
    if (!policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        return -ENOENT;
    maker->opened[maker->opened_count++] = *ret_dialogue;
    return 0;
}

static bool is_inside(struct str text, size_t at)
{
    return at < text.len && ((uint8_t)text.ptr[at] & 0xc0) == 0x80;
}

// The end of the word that a place is in, or near; never in the middle of a character.
static size_t word_edge(struct str text, size_t at, size_t limit)
{
    while (at < limit && (text.ptr[at] != ' ' || is_inside(text, at)))
        at++;
    return at;
}

// Where the excerpt begins: at a word some way before what was found.
static size_t excerpt_begin(struct str folded, size_t found)
{
    if (found <= BEFORE_BYTES)
        return 0;
    size_t at = word_edge(folded, found - BEFORE_BYTES, found);
    return at < found ? at + 1 : found;
}

static size_t excerpt_end(struct str folded, size_t found)
{
    if (folded.len - found <= BEHIND_BYTES)
        return folded.len;
    size_t end = found + BEHIND_BYTES;
    while (end > found && folded.ptr[end] != ' ')
        end--;
    for (end = end > found ? end : found + BEHIND_BYTES; is_inside(folded, end); end++)
        ;
    return end;
}

static struct str with_dots(struct maker *maker, struct str text, bool before, bool behind)
{
    return before || behind ? arena_format(maker->request->arena, "%s%.*s%s", before ? "… " : "", (int)text.len, text.ptr, behind ? " …" : "") : text;
}

static int fill_pieces(struct maker *maker, struct str text, struct search_view_hit *hit)
{
    struct arena *arena = maker->request->arena;
    char *bytes = arena_alloc(arena, text.len + 1);
    struct search_view_piece *pieces = arena_array(arena, PIECES_MAX, sizeof(*pieces));
    struct search_span span;
    if (!bytes || !pieces)
        return -ENOMEM;
    search_fold(text, bytes);
    struct str folded = { bytes, text.len };
    if (!search_find(maker->query, folded, 0, &span))
        return -ENOENT;   // it was changed since
    size_t begin = excerpt_begin(folded, span.begin), end = excerpt_end(folded, span.end), at = begin;
    size_t count = 0;
    while (count + 2 < PIECES_MAX && search_find(maker->query, folded, at, &span) && span.end <= end) {
        struct str between = { text.ptr + at, span.begin - at };
        pieces[count++] = (struct search_view_piece){ .text = with_dots(maker, between, at == begin && begin > 0, false) };
        pieces[count++] = (struct search_view_piece){ .text = { text.ptr + span.begin, span.end - span.begin }, .marked = true };
        at = span.end;
    }
    struct str rest = { text.ptr + at, end - at };
    pieces[count++] = (struct search_view_piece){ .text = with_dots(maker, rest, false, end < text.len) };
    hit->pieces = pieces;
    hit->pieces_count = count;
    return 0;
}

// -ENOENT when there is nothing to show any more.
static int fill_hit(struct maker *maker, const struct search_place *place, struct search_view_hit *ret_hit)
{
    struct request *request = maker->request;
    struct dialogue *dialogue;
    struct post post;
    struct account author = { .name = STR("?") };
    int result = find_dialogue(maker, place->dialogue, &dialogue);
    if (result == 0)
        result = post_get(dialogue, place->number, &post);
    if (result < 0)
        return result;
    struct search_view_hit hit = {
        .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, post.number), .topic = maker->one ? STR("") : dialogue->topic,
        .when = dates_short(&maker->dates, post.created), .iso = dates_iso(&maker->dates, post.created), .posted = post.created,
    };
    result = fill_pieces(maker, post.text, &hit);
    if (result == 0)
        result = account_get(&maker->accounts, post.author, &author);
    if (result == 0) {
        hit.author = author.name;
        result = avatar_make(request->arena, post.author, author.name, author.portrait, &hit.avatar);
    }
    if (result == 0)
        result = request_audit(request, &(struct audit_event){
            .kind = AUDIT_DIALOGUE_READ, .dialogue = dialogue->id, .first = post.number, .last = post.number });
    if (result == 0)
        *ret_hit = hit;
    return result;
}

static int fill_next(struct maker *maker, const struct search_place *next, struct search_view *view)
{
    struct dialogue *dialogue;
    int result = dialogue_open(&maker->scene, next->dialogue, maker->request->session.person, &dialogue);
    view->back_to = dates_date(&maker->dates, next->created);
    view->next_before = next->created;
    view->next_in = next->dialogue;
    view->next_at = result == 0 ? dialogue_told_number(dialogue, next->number) : 1;
    return result == -ENOENT ? 0 : result;
}

int search_page_hits(struct request *request, const struct search_query *query, const struct search_found *found, struct search_view *view)
{
    struct maker maker = {
        .request = request, .query = query, .scene = dialogue_scene_of(request), .one = view->dialogue != 0,
        .accounts = { request->db, request->keys, request->arena, request->now },
        .dates = dates_begin(request->arena, request->language, request->now),
    };
    struct search_view_hit *hits = arena_array(request->arena, found->hits_count + 1, sizeof(*hits));
    int result = hits ? 0 : -ENOMEM;
    for (size_t i = 0; i < found->hits_count && result == 0; i++) {
        result = fill_hit(&maker, &found->hits[i], &hits[view->hits_count]);
        if (result == 0)
            view->hits_count++;
        else if (result == -ENOENT)
            result = 0;
    }
    view->hits = hits;
    view->more = found->more;
    return result < 0 || !found->more ? result : fill_next(&maker, &found->next, view);
}
