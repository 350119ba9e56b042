// SPDX-License-Identifier: MPL-2.0
// A letter: that a dialogue was written to a unit, and nobody there has taken it yet. While there is one, the unit's employees may read the dialogue.
#pragma once

#include "feature/inbox/inbox.h"

// In a write transaction. -EEXIST when there is one.
int letter_add(const struct account_scene *scene, int64_t dialogue, int64_t unit);

// -ENOENT when the dialogue does not wait in that unit; a row that the program did not make is none (logged).
int letter_find(const struct account_scene *scene, int64_t dialogue, int64_t unit);

// Somebody has taken it. In a write transaction.
int letter_remove(const struct account_scene *scene, int64_t dialogue);
