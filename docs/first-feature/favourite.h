// SPDX-License-Identifier: MPL-2.0
// Favourites: dialogues that a person has marked for themself.
#pragma once

#include "store/db.h"

// Whether the person has marked the dialogue. -EIO.
int favourite_get(struct db *db, struct arena *arena, int64_t person, int64_t dialogue, bool *ret_favourite);

// Marks it or takes the mark away; the same twice changes nothing. now in ms. In a write transaction. -EIO.
int favourite_set(struct db *db, int64_t person, int64_t dialogue, bool favourite, int64_t now);
