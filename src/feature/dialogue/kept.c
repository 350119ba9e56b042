// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/kept.h"

#include "base/clock.h"

void kept_note_epoch(struct kept_epochs *epochs, int64_t epoch)
{
    for (size_t i = 0; i < epochs->count && i < KEPT_EPOCHS; i++) {
        if (epochs->list[i] == epoch)
            return;
    }
    if (epochs->count < KEPT_EPOCHS)
        epochs->list[epochs->count] = epoch;
    epochs->count++;
}

// A key that is not the reader's, or fails to come: then it is read anew, and that says what is wrong.
const struct kept *kept_find(struct dialogue *dialogue, const struct vault_place *place)
{
    struct vault *vault = dialogue->scene.vault;
    const struct kept *kept = vault ? vault_find(vault, place, dialogue->content, clock_monotonic()) : NULL;
    for (size_t i = 0; kept && i < kept->epochs.count; i++) {
        struct data_key *key;
        if (dialogue_key(dialogue, kept->epochs.list[i], &key) < 0)
            return NULL;
    }
    return kept;
}

struct kept *kept_new(struct dialogue *dialogue, const struct vault_place *place, const struct kept_epochs *epochs, size_t count, size_t size)
{
    struct vault *vault = dialogue->scene.vault;
    struct kept *kept = vault && epochs->count <= KEPT_EPOCHS ? vault_keep(vault, place, dialogue->content, size, clock_monotonic()) : NULL;
    if (kept)
        *kept = (struct kept){ .epochs = *epochs, .count = count };
    return kept;
}

struct str kept_text(char **at, struct str text)
{
    struct str copied = { *at, text.len };
    if (text.len > 0)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copied;
}

struct kept_posts {
    struct kept kept;   // first
    struct post posts[];   // and behind them their texts
};

bool posts_find(struct dialogue *dialogue, const struct vault_place *place, const struct post **ret_posts, size_t *ret_count)
{
    const struct kept_posts *run = (const struct kept_posts *)kept_find(dialogue, place);
    if (!run)
        return false;
    *ret_posts = run->posts;
    *ret_count = run->kept.count;
    return true;
}

void posts_keep(struct dialogue *dialogue, const struct vault_place *place, const struct kept_epochs *epochs, const struct post *posts, size_t count)
{
    size_t size = sizeof(struct kept_posts) + count * sizeof(*posts);
    for (size_t i = 0; i < count; i++)
        size += posts[i].text.len + posts[i].markup.markup.len;
    struct kept_posts *run = (struct kept_posts *)kept_new(dialogue, place, epochs, count, size);
    char *at = run ? (char *)(run->posts + count) : NULL;
    for (size_t i = 0; run && i < count; i++) {
        run->posts[i] = posts[i];
        run->posts[i].text = kept_text(&at, posts[i].text);
        run->posts[i].markup.markup = kept_text(&at, posts[i].markup.markup);
        run->posts[i].plain = html_of_plain(run->posts[i].text);
    }
}

struct kept_people {
    struct kept kept;   // first
    struct dialogue_participant list[];   // and behind them their names and words
};

// Who sees from a day on does not learn who had left before it.
static struct vault_place people_place(const struct dialogue *dialogue)
{
    int64_t first = dialogue_first_visible(dialogue);
    return (struct vault_place){ .dialogue = dialogue->id, .kind = KEPT_PEOPLE, .first = first, .after = first > 1 ? dialogue->since : 0 };
}

bool people_find(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count)
{
    const struct vault_place place = people_place(dialogue);
    const struct kept_people *people = (const struct kept_people *)kept_find(dialogue, &place);
    if (!people)
        return false;
    *ret_list = people->list;
    *ret_count = people->kept.count;
    return true;
}

void people_keep(struct dialogue *dialogue, const struct kept_epochs *epochs, const struct dialogue_participant *list, size_t count)
{
    const struct vault_place place = people_place(dialogue);
    size_t size = sizeof(struct kept_people) + count * sizeof(*list);
    for (size_t i = 0; i < count; i++)
        size += list[i].name.len + list[i].words.len;
    struct kept_people *people = (struct kept_people *)kept_new(dialogue, &place, epochs, count, size);
    char *at = people ? (char *)(people->list + count) : NULL;
    for (size_t i = 0; people && i < count; i++) {
        people->list[i] = list[i];
        people->list[i].name = kept_text(&at, list[i].name);
        people->list[i].words = kept_text(&at, list[i].words);
    }
}
