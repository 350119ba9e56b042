// SPDX-License-Identifier: MPL-2.0
// Runs of posts that were opened a moment ago for somebody, in the thread's vault. post.c's own.
//
// A run is what a query gave as of one value of the dialogue's 'content'. Whoever asks must hold the same keys that opened it: exclusion and "from
// today" limits are as sharp as when everything is read anew.
#pragma once

#include "feature/dialogue/post.h"

#define POSTS_EPOCHS 4   // of a run that is kept, at most

// The epochs whose keys opened a run.
struct post_epochs {
    int64_t list[POSTS_EPOCHS];
    size_t count;   // more than POSTS_EPOCHS: too many to be kept
};

void post_epochs_note(struct post_epochs *epochs, int64_t epoch);

// 1: found; 0: not kept. -E… when a key that opened it is not the reader's.
int posts_find(struct dialogue *dialogue, const struct vault_place *place, const struct post **ret_posts, size_t *ret_count);

// Keeps a copy, when there is room.
void posts_keep(struct dialogue *dialogue, const struct vault_place *place, const struct post_epochs *epochs, const struct post *posts, size_t count);
