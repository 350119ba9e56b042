// SPDX-License-Identifier: MPL-2.0
#include "base/utf8.h"

#include "base/buf.h"

// Reads one code point; returns its length in bytes, or 0 when the bytes are not valid (Unicode 15, table 3-7).
static size_t decode(struct str s, size_t at, uint32_t *ret_point)
{
    const uint8_t *p = (const uint8_t *)s.ptr + at;
    size_t left = s.len - at;
    if (p[0] < 0x80) {
        *ret_point = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < len)
        return 0;
    uint32_t point = p[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (p[i] & 0x3fU);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return len;
}

bool utf8_valid(struct str s)
{
    for (size_t at = 0; at < s.len;) {
        uint32_t point;
        size_t len = decode(s, at, &point);
        if (len == 0 || point == 0)
            return false;
        at += len;
    }
    return true;
}

size_t utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += ((uint8_t)s.ptr[i] & 0xc0) != 0x80;
    return count;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    uint32_t point;
    if (*at >= s.len)
        return 0;
    size_t len = decode(s, *at, &point);
    if (len == 0) {
        *at = s.len;
        return 0;
    }
    *at += len;
    return point;
}

bool utf8_has_control(struct str s)
{
    uint32_t point;
    for (size_t at = 0; (point = utf8_next(s, &at)) != 0;) {
        if (point < ' ' && point != '\n' && point != '\t')
            return true;
        if ((point >= 0x7f && point < 0xa0) || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
            return true;
    }
    return false;
}

static void put_point(struct buf *buf, uint32_t point)
{
    if (point < 0x80) {
        buf_char(buf, (char)point);
    } else if (point < 0x800) {
        buf_char(buf, (char)(0xc0 | point >> 6));
        buf_char(buf, (char)(0x80 | (point & 0x3f)));
    } else {
        if (point < 0x10000) {
            buf_char(buf, (char)(0xe0 | point >> 12));
        } else {
            buf_char(buf, (char)(0xf0 | point >> 18));
            buf_char(buf, (char)(0x80 | (point >> 12 & 0x3f)));
        }
        buf_char(buf, (char)(0x80 | (point >> 6 & 0x3f)));
        buf_char(buf, (char)(0x80 | (point & 0x3f)));
    }
}

void utf8_fold(struct buf *buf, struct str s)
{
    uint32_t point;
    bool gap = false;
    s = str_trim(s);
    for (size_t at = 0; (point = utf8_next(s, &at)) != 0;) {
        if (point == ' ' || point == '\t' || point == '\n' || point == 0xa0) {
            gap = true;
            continue;
        }
        if (gap)
            buf_char(buf, ' ');
        gap = false;
        bool upper = (point >= 'A' && point <= 'Z') || (point >= 0xc0 && point <= 0xde && point != 0xd7);
        put_point(buf, upper ? point + 32 : point);
    }
}
