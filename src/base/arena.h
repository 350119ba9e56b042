// SPDX-License-Identifier: MPL-2.0
// Memory that is freed all at once: the memory of one request. Not for use by two threads at the same time.
#pragma once

#include "base/cleanup.h"
#include "base/str.h"

struct arena;

// Makes an arena that never holds more than 'limit' bytes. -ENOMEM.
int arena_new(size_t limit, struct arena **ret_arena);

// Frees the arena and everything in it. NULL is allowed.
void arena_free(struct arena *arena);
DEFINE_POINTER_CLEANUP(struct arena, arena_free)

// Empties the arena; its first block is kept for the next use. All pointers into it are dead.
void arena_reset(struct arena *arena);

// Zeroed memory, aligned for any type. NULL when the limit or the memory is exhausted.
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

// Zeroed room for count elements of size bytes each. NULL also when the product overflows.
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((malloc, alloc_size(2, 3)));

// Copies with a NUL behind (not counted in len). ptr is NULL when memory is exhausted.
struct str arena_str(struct arena *arena, struct str s);
struct bytes arena_bytes(struct arena *arena, struct bytes b);

// The parts behind one another. ptr is NULL when memory is exhausted.
struct str arena_join(struct arena *arena, const struct str *parts, size_t count);

// Decimal digits.
struct str arena_int(struct arena *arena, int64_t number);

// printf into the arena, for text that goes neither into HTML, SQL, JSON nor headers. ptr is NULL when memory is exhausted.
struct str arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
