// SPDX-License-Identifier: MPL-2.0
// The posts of a page as one reader sees them on one day, deflated (web/packed.h), and kept with what was opened of the dialogue.
#pragma once

#include "feature/dialogue/dialogue_page.h"

// Fills in the page's first and last, how many posts there are, and all of them packed. False: they are not kept, or the reader takes none that are.
bool thread_find(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *posts);

// Packs posts that were just filled in, and keeps them when there is room.
int thread_pack(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *posts);
