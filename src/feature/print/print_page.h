// SPDX-License-Identifier: MPL-2.0
// From the rules to the view: a part of a dialogue as it is printed.
#pragma once

#include "feature/print/print_view.h"
#include "web/request.h"

#define PRINT_PART 200   // posts of one part at most, fewer when they are long (post.h)

struct print_range {
    int64_t first, last;   // post numbers; there may be none between them
};

// Fills the page but for what was typed, and notes in the log what is shown.
int print_page(struct request *request, struct print_range range, struct print_view *view);
