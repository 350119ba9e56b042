// SPDX-License-Identifier: MPL-2.0
#include "web/template.h"

void template_unsigned(struct buf *buf, uint64_t n)
{
    struct template_number room;
    buf_str(buf, template_unsigned_text(&room, n));
}

struct str template_unsigned_text(struct template_number *room, uint64_t n)
{
    size_t at = sizeof(room->text);
    do {
        room->text[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    return (struct str){ room->text + at, sizeof(room->text) - at };
}

struct str template_signed_text(struct template_number *room, int64_t n)
{
    struct str digits = template_unsigned_text(room, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    if (n >= 0)
        return digits;
    // 21 bytes: room for the sign before 20 digits.
    room->text[sizeof(room->text) - digits.len - 1] = '-';
    return (struct str){ digits.ptr - 1, digits.len + 1 };
}

void template_csrf(struct html_out *out)
{
    buf_lit(out->buf, "<input type=\"hidden\" name=\"csrf\" value=\"");
    html_text(out->buf, out->csrf);
    buf_lit(out->buf, "\">");
}
