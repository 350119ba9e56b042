// SPDX-License-Identifier: MPL-2.0
// Randomness and identifiers.
#pragma once

#include "base/str.h"

// Fills with random bytes from the kernel. Aborts when the kernel can't give any: nothing can go on safely.
void random_bytes(void *data, size_t len);

// A new identifier: 41 bits of milliseconds since 2024-01-01 UTC, then 22 random bits; always above 0. Time-ordered to the
// millisecond. Unique enough to be a key (an insert of a taken one fails), never a permission.
int64_t id_new(int64_t now_ms);

// When an identifier was made: ms, as it was told then.
int64_t id_time(int64_t id);
