// SPDX-License-Identifier: MPL-2.0
// Views of text and of bytes: a pointer and a length. They own nothing; whoever made the memory frees it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Text, UTF-8 where it comes from a person. Not NUL-terminated.
struct str {
    const char *ptr;
    size_t len;
};

// Any bytes: sealed values, hashes, keys.
struct bytes {
    const uint8_t *ptr;
    size_t len;
};

// A view of a string literal.
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

// A view of a NUL-terminated string; NULL gives the empty view.
static inline struct str str_from(const char *s)
{
    return s ? (struct str){ s, strlen(s) } : (struct str){ "", 0 };
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline struct bytes bytes_from(const void *ptr, size_t len)
{
    return (struct bytes){ ptr, len };
}

static inline struct bytes str_bytes(struct str s)
{
    return (struct bytes){ (const uint8_t *)s.ptr, s.len };
}

static inline struct str bytes_str(struct bytes b)
{
    return (struct str){ (const char *)b.ptr, b.len };
}

// Removes ASCII white space at both ends.
struct str str_trim(struct str s);

// Cuts the text before the first 'by' off *s and returns it; without one, all of *s. *s is what follows.
struct str str_cut(struct str *s, char by);

// Decimal digits of a number, at the end of the room.
#define DECIMAL_ROOM 20
struct str str_decimal(char room[DECIMAL_ROOM], int64_t number);

// Reads a decimal number of 0 to INT64_MAX. Returns -EINVAL for anything else, leading zeros and signs included.
int str_to_int(struct str s, int64_t *ret_number);
