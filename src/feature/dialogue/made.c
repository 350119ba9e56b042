// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/made.h"

#include "base/cleanup.h"
#include "feature/dialogue/dialogue_html.h"
#include "feature/dialogue/kept.h"

#include <errno.h>

#define MADE_BYTES_MAX ((size_t)256 * 1024)   // of both kinds of all posts: more is not kept

// A post is made for others and for its author. They differ in the beginning only, so of the author's that alone is kept.
struct made_post {
    int64_t number, author, posted, day_number;
    struct str others, own;
    size_t shared;   // bytes at the end of 'others' that follow 'own'
};

struct made {
    struct kept kept;   // first
    struct made_post posts[];   // and behind them their HTML
};

// What the posts' HTML shows is of the dialogue's content: the posts, their files, who takes part and their names. Quoted posts that are not among them are not
// kept (made_keep), nor is what differs between readers: the lines between days and above what is new.
static struct vault_place place_of(const struct dialogue_page *page, int64_t first, int64_t last, size_t count)
{
    const struct dialogue *dialogue = page->dialogue;
    return (struct vault_place){
        .dialogue = dialogue->id, .kind = KEPT_MARKUP + (int64_t)page->request->language, .first = dialogue_first_visible(dialogue),
        .before = last + 1, .after = first, .count = (int64_t)count,
    };
}

bool made_find(const struct dialogue_page *page, const struct post *posts, size_t count, struct dialogue_view_post *views)
{
    struct dialogue *dialogue = page->dialogue;
    if (count == 0 || page->request->wants_json)
        return false;
    const struct vault_place place = place_of(page, posts[0].number, posts[count - 1].number, count);
    const struct made *made = (const struct made *)kept_find(dialogue, &place);
    for (size_t i = 0; made && i < count; i++) {
        const struct made_post *post = &made->posts[i];
        bool own = post->author == dialogue->member;
        struct str end = { post->others.ptr + post->others.len - post->shared, post->shared };
        struct dialogue_view_post *view = &views[i];   // zeroed, and large: only what is read is written
        view->dialogue = dialogue->id;
        view->number = post->number;
        view->posted = post->posted;
        view->day_number = post->day_number;
        view->own = own;
        view->made.markup = own ? post->own : post->others;
        view->made_end.markup = own ? end : STR("");
    }
    return made != NULL;
}

static size_t common_end(struct str a, struct str b)
{
    size_t same = 0;
    while (same < a.len && same < b.len && a.ptr[a.len - 1 - same] == b.ptr[b.len - 1 - same])
        same++;
    return same;
}

// Where the HTML of a post lies in the buffer.
struct span {
    size_t others, own, end;
};

static void make(const struct dialogue_page *page, const struct dialogue_view_post *view, struct buf *buf, struct span *ret_span)
{
    struct html_out out = { .buf = buf, .language = page->request->language };
    struct dialogue_view_post post = *view;   // its lines are not yet drawn
    ret_span->others = buf->len;
    post.own = false;
    dialogue_post_html(&out, &post);
    ret_span->own = buf->len;
    post.own = true;
    dialogue_post_html(&out, &post);
    ret_span->end = buf->len;
}

static struct str part(const struct buf *buf, size_t from, size_t to)
{
    return (struct str){ buf_view(buf).ptr + from, to - from };
}

static void copy(struct made *made, const struct post *posts, const struct dialogue_view_post *views, const struct buf *buf, const struct span *spans)
{
    char *at = (char *)(made->posts + made->kept.count);
    for (size_t i = 0; i < made->kept.count; i++) {
        struct str others = part(buf, spans[i].others, spans[i].own), own = part(buf, spans[i].own, spans[i].end);
        size_t shared = common_end(others, own);
        made->posts[i] = (struct made_post){ .number = views[i].number, .author = posts[i].author, .posted = posts[i].created,
                                             .day_number = views[i].day_number, .shared = shared };
        made->posts[i].others = kept_text(&at, others);
        made->posts[i].own = kept_text(&at, (struct str){ own.ptr, own.len - shared });
    }
}

int made_keep(const struct dialogue_page *page, const struct post *posts, const struct dialogue_view_post *views, size_t count)
{
    struct dialogue *dialogue = page->dialogue;
    if (count == 0 || !dialogue->scene.vault || page->request->wants_json || page->quoted_count > 0)
        return 0;
    _cleanup_(buf_free) struct buf buf = buf_bounded(MADE_BYTES_MAX);
    struct span *spans = arena_array(page->request->arena, count, sizeof(*spans));
    if (!spans)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        make(page, &views[i], &buf, &spans[i]);
    if (buf.error)
        return buf.error == -EMSGSIZE ? 0 : buf.error;
    size_t size = sizeof(struct made) + count * sizeof(struct made_post);
    for (size_t i = 0; i < count; i++) {
        struct str others = part(&buf, spans[i].others, spans[i].own), own = part(&buf, spans[i].own, spans[i].end);
        size += others.len + own.len - common_end(others, own);
    }
    // The keys are those of the posts, which the reader has shown by being given them.
    const struct vault_place place = place_of(page, posts[0].number, posts[count - 1].number, count);
    struct made *made = (struct made *)kept_new(dialogue, &place, &(struct kept_epochs){ .count = 0 }, count, size);
    if (made)
        copy(made, posts, views, &buf, spans);
    return 0;
}
