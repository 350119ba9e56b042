// SPDX-License-Identifier: MPL-2.0
// Talks of employees beside a dialogue go when it goes.
#pragma once

#include "feature/retention/retention.h"

#define ERASURE_SIDES_MAX 200   // that are looked at at once

// A side talk of a dialogue that is still there: one whose share is destroyed already, or one that really belongs to the dialogue. Rows that only say so
// are passed by (logged), so that nobody gets a dialogue erased by writing into the database. -ENOENT when there is none.
int erasure_side_next(const struct retention_scene *scene, const struct keeper *keeper, int64_t dialogue, int64_t *ret_side, int64_t *ret_share);

// Whether all of a dialogue's side talks lie in the journal.
int erasure_sides_filed(const struct retention_scene *scene, int64_t dialogue, bool *ret_filed);
