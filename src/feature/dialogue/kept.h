// SPDX-License-Identifier: MPL-2.0
// What was opened of a dialogue a moment ago for somebody, in the thread's vault: docs/adr/0012-opened-posts.md.
//
// It is good as of one value of the dialogue's 'content', which every change of what is kept raises in its own transaction. Whoever asks must hold the
// same keys that opened it: exclusion and "from today" limits are as sharp as when everything is read anew.
#pragma once

#include "feature/dialogue/post.h"

// What a vault_place of this feature holds.
enum kept_kind {
    KEPT_POSTS,
    KEPT_PEOPLE,
    KEPT_THREAD,   // posts as HTML; one for each language, so this is the last
};

#define KEPT_EPOCHS 4   // whose keys opened it, at most

struct kept_epochs {
    int64_t list[KEPT_EPOCHS];
    size_t count;   // more than KEPT_EPOCHS: too many to be kept
};

void kept_note_epoch(struct kept_epochs *epochs, int64_t epoch);

// What is kept begins with this.
struct kept {
    struct kept_epochs epochs;
    size_t count;   // of what follows
};

// NULL: nothing is kept that the reader's keys open. Good until the request ends.
const struct kept *kept_find(struct dialogue *dialogue, const struct vault_place *place);

// Room of so many bytes, to be filled in at once. NULL: nothing is to be kept.
struct kept *kept_new(struct dialogue *dialogue, const struct vault_place *place, const struct kept_epochs *epochs, size_t count, size_t size);

// Copies a text to *at, which moves behind it.
struct str kept_text(char **at, struct str text);

// Where what is made of up to 'count' posts before a number, or after it, lies.
struct vault_place post_place_before(const struct dialogue *dialogue, int64_t before, size_t count);
struct vault_place post_place_after(const struct dialogue *dialogue, int64_t after, size_t count);

// Posts that were read together.
bool posts_find(struct dialogue *dialogue, const struct vault_place *place, const struct post **ret_posts, size_t *ret_count);
void posts_keep(struct dialogue *dialogue, const struct vault_place *place, const struct kept_epochs *epochs, const struct post *posts, size_t count);

// Who takes part, as the reader may know it.
bool people_find(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count);
void people_keep(struct dialogue *dialogue, const struct kept_epochs *epochs, const struct dialogue_participant *list, size_t count);
