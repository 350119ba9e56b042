// SPDX-License-Identifier: MPL-2.0
// Numbers as bytes of a fixed width, most significant byte first: the form in which places and records are bound and hashed. No two
// different sequences of fields of the same widths give the same bytes.
#pragma once

#include <stdint.h>
#include <string.h>

// Each writes at 'to' and returns the place behind what it wrote.
static inline uint8_t *fixed_u64(uint8_t *to, uint64_t number)
{
    uint64_t big_endian = __builtin_bswap64(number);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    big_endian = number;
#endif
    memcpy(to, &big_endian, sizeof(big_endian));
    return to + sizeof(big_endian);
}

static inline uint8_t *fixed_i64(uint8_t *to, int64_t number)
{
    return fixed_u64(to, (uint64_t)number);
}

static inline uint8_t *fixed_put(uint8_t *to, const void *data, size_t len)
{
    memcpy(to, data, len);
    return to + len;
}
