// SPDX-License-Identifier: MPL-2.0
#include "base/encode.h"

#include "base/buf.h"

#include <errno.h>

static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str encode_hex(struct arena *arena, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_array(arena, bytes.len + 1, 2);
    if (!text)
        return (struct str){ NULL, 0 };
    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[bytes.ptr[i] >> 4];
        text[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    return (struct str){ text, bytes.len * 2 };
}

struct str encode_base64url(struct arena *arena, struct bytes bytes)
{
    char *text = arena_array(arena, bytes.len / 3 + 2, 4);
    if (!text)
        return (struct str){ NULL, 0 };
    size_t len = 0;
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | bytes.ptr[i];
        for (held += 8; held >= 6;) {
            held -= 6;
            text[len++] = base64url_digits[bits >> held & 63];
        }
    }
    if (held)
        text[len++] = base64url_digits[bits << (6 - held) & 63];
    return (struct str){ text, len };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int decode_hex_exact(struct str text, void *ret_data, size_t len)
{
    if (text.len % 2 || text.len / 2 != len)
        return -EINVAL;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit(text.ptr[i]) < 0)
            return -EINVAL;
    }
    uint8_t *data = ret_data;
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(hex_digit(text.ptr[2 * i]) << 4 | hex_digit(text.ptr[2 * i + 1]));
    return 0;
}

int decode_hex(struct arena *arena, struct str text, struct bytes *ret_bytes)
{
    uint8_t *data = arena_alloc(arena, text.len / 2 + 1);
    if (!data)
        return -ENOMEM;
    int result = decode_hex_exact(text, data, text.len / 2);
    if (result == 0)
        *ret_bytes = bytes_from(data, text.len / 2);
    return result;
}

int decode_base64url(struct arena *arena, struct str text, struct bytes *ret_bytes)
{
    uint8_t *data = arena_alloc(arena, text.len / 4 * 3 + 3);
    if (!data)
        return -ENOMEM;
    size_t len = 0;
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.ptr[i] ? strchr(base64url_digits, text.ptr[i]) : NULL;
        if (!digit)
            return -EINVAL;
        bits = bits << 6 | (uint32_t)(digit - base64url_digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            data[len++] = (uint8_t)(bits >> held);
        }
    }
    // One digit can't make a byte, and the bits that are left over are 0: one text for each value.
    if (text.len % 4 == 1 || (bits & ((1U << held) - 1)))
        return -EINVAL;
    *ret_bytes = bytes_from(data, len);
    return 0;
}
