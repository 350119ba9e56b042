// SPDX-License-Identifier: MPL-2.0
#include "base/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BLOCK ((size_t)16 * 1024)

struct block {
    struct block *next;
    size_t size;   // bytes behind this header
    size_t used;
    max_align_t data[];
};

struct arena {
    size_t limit;   // bytes of all blocks
    size_t total;
    struct block *current;   // the newest block; the first one made is last in the list
};

static struct block *block_new(size_t size, struct block *next)
{
    struct block *block = malloc(sizeof(*block) + size);
    if (block)
        *block = (struct block){ .next = next, .size = size };
    return block;
}

int arena_new(size_t limit, struct arena **ret_arena)
{
    struct arena *arena = malloc(sizeof(*arena));
    if (!arena)
        return -ENOMEM;
    size_t first = limit < FIRST_BLOCK ? limit : FIRST_BLOCK;
    *arena = (struct arena){ .limit = limit, .total = first, .current = block_new(first, NULL) };
    if (!arena->current) {
        free(arena);
        return -ENOMEM;
    }
    *ret_arena = arena;
    return 0;
}

// Frees all blocks but the one that was made first.
static void drop_later_blocks(struct arena *arena)
{
    while (arena->current->next) {
        struct block *block = arena->current;
        arena->current = block->next;
        arena->total -= block->size;
        free(block);
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    drop_later_blocks(arena);
    free(arena->current);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    drop_later_blocks(arena);
    arena->current->used = 0;
}

static int add_block(struct arena *arena, size_t need)
{
    size_t left = arena->limit - arena->total;
    if (need > left)
        return -ENOMEM;
    size_t size = arena->total;   // doubles what there is
    if (size < need)
        size = need;
    if (size > left)
        size = left;
    struct block *block = block_new(size, arena->current);
    if (!block)
        return -ENOMEM;
    arena->current = block;
    arena->total += size;
    return 0;
}

static void *take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(max_align_t))
        return NULL;
    size_t need = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (need > arena->current->size - arena->current->used && add_block(arena, need) < 0)
        return NULL;
    void *at = (char *)arena->current->data + arena->current->used;
    arena->current->used += need;
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *at = take(arena, size);
    return at ? memset(at, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(arena, bytes);
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *copy = s.len < SIZE_MAX ? take(arena, s.len + 1) : NULL;
    if (!copy)
        return (struct str){ NULL, 0 };
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return (struct str){ copy, s.len };
}

struct bytes arena_bytes(struct arena *arena, struct bytes b)
{
    return str_bytes(arena_str(arena, bytes_str(b)));
}

struct str arena_join(struct arena *arena, const struct str *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(len, parts[i].len, &len) || len == SIZE_MAX)
            return (struct str){ NULL, 0 };
    }
    char *joined = take(arena, len + 1), *at = joined;
    if (!joined)
        return (struct str){ NULL, 0 };
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    *at = '\0';
    return (struct str){ joined, len };
}

// Written where it will stand when there is room; otherwise its length is known then.
struct str arena_format(struct arena *arena, const char *format, ...)
{
    struct block *block = arena->current;
    size_t room = block->size - block->used;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf((char *)block->data + block->used, room, format, arguments);
    va_end(arguments);
    char *text = len < 0 ? NULL : take(arena, (size_t)len + 1);
    if (!text)
        return (struct str){ NULL, 0 };
    if ((size_t)len >= room || arena->current != block) {
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)len + 1, format, arguments);
        va_end(arguments);
    }
    return (struct str){ text, (size_t)len };
}

struct str arena_int(struct arena *arena, int64_t number)
{
    char room[DECIMAL_ROOM];
    return arena_str(arena, str_decimal(room, number));
}
