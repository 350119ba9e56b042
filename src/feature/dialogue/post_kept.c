// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/post_kept.h"

#include "base/clock.h"

// In the vault: this, and behind the posts their texts.
struct run {
    struct post_epochs epochs;
    size_t count;
    struct post posts[];
};

void post_epochs_note(struct post_epochs *epochs, int64_t epoch)
{
    for (size_t i = 0; i < epochs->count && i < POSTS_EPOCHS; i++) {
        if (epochs->list[i] == epoch)
            return;
    }
    if (epochs->count < POSTS_EPOCHS)
        epochs->list[epochs->count] = epoch;
    epochs->count++;
}

int posts_find(struct dialogue *dialogue, const struct vault_place *place, const struct post **ret_posts, size_t *ret_count)
{
    struct vault *vault = dialogue->scene.vault;
    const struct run *run = vault ? vault_find(vault, place, dialogue->content, clock_monotonic()) : NULL;
    if (!run)
        return 0;
    for (size_t i = 0; i < run->epochs.count; i++) {
        struct data_key *key;
        int result = dialogue_key(dialogue, run->epochs.list[i], &key);
        if (result < 0)
            return result;
    }
    *ret_posts = run->posts;
    *ret_count = run->count;
    return 1;
}

static struct str copy(char **at, struct str text)
{
    struct str copied = { *at, text.len };
    if (text.len > 0)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copied;
}

void posts_keep(struct dialogue *dialogue, const struct vault_place *place, const struct post_epochs *epochs, const struct post *posts, size_t count)
{
    struct vault *vault = dialogue->scene.vault;
    size_t size = sizeof(struct run) + count * sizeof(*posts);
    if (!vault || epochs->count > POSTS_EPOCHS)
        return;
    for (size_t i = 0; i < count; i++)
        size += posts[i].text.len + posts[i].markup.markup.len;
    struct run *run = vault_keep(vault, place, dialogue->content, size, clock_monotonic());
    if (!run)
        return;
    *run = (struct run){ .epochs = *epochs, .count = count };
    char *at = (char *)(run->posts + count);
    for (size_t i = 0; i < count; i++) {
        run->posts[i] = posts[i];
        run->posts[i].text = copy(&at, posts[i].text);
        run->posts[i].markup.markup = copy(&at, posts[i].markup.markup);
        run->posts[i].plain = html_of_plain(run->posts[i].text);
    }
}
