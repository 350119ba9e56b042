// SPDX-License-Identifier: MPL-2.0
// Sealing and opening a post's text. For the files of this folder that read posts.
#pragma once

#include "feature/dialogue/post.h"

// Seals a post's text, or the marker of a hidden one, for its number and version under the newest key.
int post_seal(struct dialogue *dialogue, const struct post *post, struct bytes *ret_sealed);

// Fills in text, markup and hidden of a post whose number, version, author and time are set.
int post_unseal(struct dialogue *dialogue, int64_t epoch, struct bytes sealed, struct post *post);

// The versions of a post as it stands, or as it was before it was hidden.
int post_history_of(struct dialogue *dialogue, const struct post *present, const struct post **ret_versions, size_t *ret_count);
