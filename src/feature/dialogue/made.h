// SPDX-License-Identifier: MPL-2.0
// Posts as HTML, made once for all readers of a language who may see the same, and kept with what was opened of the dialogue.
#pragma once

#include "feature/dialogue/dialogue_page.h"

// Fills in from what is kept what the page's HTML needs of the posts, which the reader has just been given; the views are zeroed before. False: they are not kept.
bool made_find(const struct dialogue_page *page, const struct post *posts, size_t count, struct dialogue_view_post *views);

// Keeps the HTML of posts that were just filled in, when there is room.
int made_keep(const struct dialogue_page *page, const struct post *posts, const struct dialogue_view_post *views, size_t count);
