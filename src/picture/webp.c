// SPDX-License-Identifier: MPL-2.0
#include "picture/webp.h"

#define HEAD 12         // "RIFF", length of all that follows, "WEBP"
#define CHUNK_HEAD 8    // name, length; the bytes behind are padded to an even number
#define EXTENDED_FLAGS (CHUNK_HEAD + 0)
#define FLAG_ALPHA 0x10

static size_t get_number(const uint8_t *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

static void put_number(uint8_t *at, size_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static bool is_named(const uint8_t *chunk, const char *name)
{
    return memcmp(chunk, name, 4) == 0;
}

static bool is_picture(const uint8_t *chunk)
{
    return is_named(chunk, "VP8 ") || is_named(chunk, "VP8L") || is_named(chunk, "VP8X") || is_named(chunk, "ALPH");
}

// How many bytes the chunk takes, padding included; 0 when it does not end within what is left.
static size_t chunk_size(const uint8_t *chunk, size_t left)
{
    if (left < CHUNK_HEAD)
        return 0;
    size_t len = get_number(chunk + 4);
    len += len & 1;
    return len <= left - CHUNK_HEAD ? CHUNK_HEAD + len : 0;
}

static bool has_head(const uint8_t *webp, size_t len)
{
    return len >= HEAD + CHUNK_HEAD && is_named(webp, "RIFF") && is_named(webp + 8, "WEBP") && get_number(webp + 4) == len - 8;
}

size_t webp_bare(uint8_t *webp, size_t len)
{
    size_t to = HEAD;

    if (!has_head(webp, len))
        return 0;
    for (size_t at = HEAD, size; at < len; at += size) {
        size = chunk_size(webp + at, len - at);
        if (size == 0)
            return 0;
        if (!is_picture(webp + at))
            continue;
        memmove(webp + to, webp + at, size);
        if (is_named(webp + to, "VP8X") && size > EXTENDED_FLAGS)
            webp[to + EXTENDED_FLAGS] &= FLAG_ALPHA;
        to += size;
    }
    put_number(webp + 4, to - 8);
    return to;
}

bool webp_is_bare(struct bytes webp)
{
    if (!has_head(webp.ptr, webp.len))
        return false;
    for (size_t at = HEAD, size; at < webp.len; at += size) {
        const uint8_t *chunk = webp.ptr + at;
        size = chunk_size(chunk, webp.len - at);
        if (size == 0 || !is_picture(chunk))
            return false;
        if (is_named(chunk, "VP8X") && (size <= EXTENDED_FLAGS || (chunk[EXTENDED_FLAGS] & ~FLAG_ALPHA) != 0))
            return false;
    }
    return true;
}
