// SPDX-License-Identifier: MPL-2.0
// A person's picture as it stands beside a name: the portrait, or initials on a colour. avatar.html is its template.
#pragma once

#include "base/arena.h"
#include "web/html.h"

#define AVATAR_COLOURS 8

struct avatar {
    int64_t person;        // whose; 0: somebody invited who has not signed in yet
    struct str initials;   // one or two letters, shown when there is no portrait
    int64_t colour;        // 1 … AVATAR_COLOURS, from the id, so that it stays the same everywhere
    bool portrait;         // there is a picture at /portrait/{person}
};

// The initials and colour of a person. The name is what is shown; initials are its first and last word's first letters (the style sheet makes
// them capitals). -ENOMEM.
int avatar_make(struct arena *arena, int64_t person, struct str name, bool portrait, struct avatar *ret_avatar);
