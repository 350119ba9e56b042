// SPDX-License-Identifier: MPL-2.0
// Talks of employees beside a dialogue go when it goes.
#pragma once

#include "feature/retention/retention.h"

#define ERASURE_SIDES_MAX 200   // that are looked at at once

// A side talk of a dialogue that is still there: one whose share is destroyed already, or one that really belongs to the dialogue. Rows that only say so
// are passed by (logged), so that nobody gets a dialogue erased by writing into the database. -ENOENT when there is none.
int erasure_side_next(const struct retention_scene *scene, const struct keeper *keeper, int64_t dialogue, int64_t *ret_side, int64_t *ret_share);

// Where a dialogue's side talks are on their way into the journal.
struct erasure_sides {
    bool filed;              // all lie there, and were handed over if the scene delivers
    int64_t left;            // those that do not, and whose coordinators' parts in the dialogue are over, so that nobody who may read them can file them
    int64_t first_left;      // the first of these
};
int erasure_sides_look(const struct retention_scene *scene, int64_t dialogue, struct erasure_sides *ret_sides);
