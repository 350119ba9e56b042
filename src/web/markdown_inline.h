// SPDX-License-Identifier: MPL-2.0
// Emphasis and addresses within one line. Only markdown.c includes this.
#pragma once

#include "base/arena.h"
#include "web/html.h"

// Writes the line's text, in time that grows linearly with it. The arena is for addresses; when it is exhausted, they stay text.
void markdown_inline(struct buf *buf, struct arena *arena, struct str line);

// Whether the line holds nothing that markdown_inline could change, but for escaping.
bool markdown_inline_is_plain(struct str line);
