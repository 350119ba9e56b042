// SPDX-License-Identifier: MPL-2.0
#include "web/html.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool is_special(char c)
{
    static const bool special[256] = { ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true };
    return special[(unsigned char)c];
}

#ifdef __SSE2__
// A bit for each of the 16 bytes that is special.
static unsigned special_bits(const char *p)
{
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(part, _mm_set1_epi8('&')), _mm_cmpeq_epi8(part, _mm_set1_epi8('<')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(part, _mm_set1_epi8('>')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(part, _mm_set1_epi8('"')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(part, _mm_set1_epi8('\'')));
    return (unsigned)_mm_movemask_epi8(hits);
}
#endif

// The length of the beginning of s that needs no escaping.
static size_t plain_span(struct str s)
{
    size_t at = 0;
#ifdef __SSE2__
    for (; s.len - at >= 16; at += 16) {
        unsigned bits = special_bits(s.ptr + at);
        if (bits)
            return at + (size_t)__builtin_ctz(bits);
    }
#endif
    while (at < s.len && !is_special(s.ptr[at]))
        at++;
    return at;
}

struct html html_of_plain(struct str s)
{
    return (struct html){ plain_span(s) == s.len ? s : STR("") };
}

static void escape(struct buf *buf, char c)
{
    switch (c) {
    case '&':
        buf_lit(buf, "&amp;");
        break;
    case '<':
        buf_lit(buf, "&lt;");
        break;
    case '>':
        buf_lit(buf, "&gt;");
        break;
    case '"':
        buf_lit(buf, "&#34;");
        break;
    default:
        buf_lit(buf, "&#39;");
    }
}

void html_text(struct buf *buf, struct str s)
{
    while (s.len > 0) {
        size_t span = plain_span(s);
        buf_put(buf, s.ptr, span);
        if (span == s.len)
            return;
        escape(buf, s.ptr[span]);
        s = (struct str){ s.ptr + span + 1, s.len - span - 1 };
    }
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void html_url_part(struct buf *buf, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    char *at = s.len <= SIZE_MAX / 3 ? buf_reserve(buf, s.len * 3) : NULL;
    if (!at)
        return;
    char *start = at;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (is_unreserved(s.ptr[i])) {
            *at++ = s.ptr[i];
            continue;
        }
        *at++ = '%';
        *at++ = digits[c >> 4];
        *at++ = digits[c & 15];
    }
    buf->len += (size_t)(at - start);
}

void html_text_format(struct buf *buf, struct str text, const struct text_value *values, size_t count)
{
    struct str literal;
    const struct text_value *value;
    while (text_next(&text, values, count, &literal, &value)) {
        html_text(buf, literal);
        if (value)
            html_text(buf, value->value);
    }
}
