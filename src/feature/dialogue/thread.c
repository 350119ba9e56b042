// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/thread.h"

#include "base/cleanup.h"
#include "feature/dialogue/dialogue_html.h"
#include "feature/dialogue/kept.h"

#include <errno.h>

struct thread {
    struct kept kept;   // first
    int64_t first, last;
    struct packed packed;
    uint8_t deflated[];
};

// What the HTML shows is of the dialogue's content: the posts, their files, who takes part and their names. The rest is the reader's: which posts are their own,
// the line above what is new, and what is called today.
static struct vault_place place_of(const struct dialogue_page *page, struct dialogue_range range)
{
    const struct dialogue *dialogue = page->dialogue;
    struct vault_place place = range.after >= 0 ? post_place_after(dialogue, range.after, POST_PAGE)
                                                : post_place_before(dialogue, range.before > 0 ? range.before : INT64_MAX, POST_PAGE);
    place.kind = KEPT_THREAD + (int64_t)page->request->language;
    place.reader = dialogue->member;
    place.read = dialogue->read_number < dialogue->last_number ? dialogue->read_number : 0;
    place.day = page->dates.today;
    return place;
}

bool thread_find(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *posts)
{
    if (!page->request->wants_packed)
        return false;
    const struct vault_place place = place_of(page, range);
    const struct thread *thread = (const struct thread *)kept_find(page->dialogue, &place);
    if (!thread)
        return false;
    page->first = thread->first;
    page->last = thread->last;
    posts->posts_count = thread->kept.count;
    posts->packed = thread->packed;
    return true;
}

static void keep(struct dialogue_page *page, struct dialogue_range range, const struct dialogue_view_posts *posts)
{
    const struct vault_place place = place_of(page, range);
    struct kept_epochs epochs = { .count = 0 };
    for (size_t i = 0; i < page->posts_count; i++)
        kept_note_epoch(&epochs, page->posts[i].epoch);
    struct bytes deflated = posts->packed.deflated;
    struct thread *thread = (struct thread *)kept_new(page->dialogue, &place, &epochs, posts->posts_count, sizeof(*thread) + deflated.len);
    if (!thread)
        return;
    thread->first = page->first;
    thread->last = page->last;
    thread->packed = posts->packed;
    thread->packed.deflated.ptr = memcpy(thread->deflated, deflated.ptr, deflated.len);
}

// A post that quotes one of another page is not kept: each showing of that one has a record of its own.
int thread_pack(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *posts)
{
    const struct request *request = page->request;
    if (posts->posts_count == 0 || page->quoted_count > 0 || !request->wants_packed || !page->dialogue->scene.vault)
        return 0;
    _cleanup_(buf_free) struct buf html = buf_bounded(PACKED_MAX);
    struct html_out out = { .buf = &html, .language = request->language };
    dialogue_run_html(&out, posts);
    int result = html.error ? html.error : packed_make(buf_view(&html), request->arena, &posts->packed);
    if (result == 0)
        keep(page, range, posts);
    return result == -EMSGSIZE ? 0 : result;
}
