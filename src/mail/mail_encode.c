// SPDX-License-Identifier: MPL-2.0
#include "mail/mail_encode.h"

#include "base/ascii.h"

#define WORD_BYTES 45   // of text in one encoded word: "=?utf-8?B?" + 60 + "?=" is 72
#define LINE_MAX_CHARS 76

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!ascii_is_word(c) && c != ' ')
            return false;
    }
    return text.len > 0 && text.len <= WORD_BYTES && text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ';
}

// Whether the byte goes on with a character of UTF-8 that began before it.
static bool is_inside(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static unsigned byte_at(struct str text, size_t at)
{
    unsigned char c = at < text.len ? (unsigned char)text.ptr[at] : 0;
    return at < text.len && (c < ' ' || c == 127) ? ' ' : c;
}

static void put_base64(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i += 3) {
        unsigned bits = byte_at(text, i) << 16 | byte_at(text, i + 1) << 8 | byte_at(text, i + 2);
        buf_char(out, base64_digits[bits >> 18 & 63]);
        buf_char(out, base64_digits[bits >> 12 & 63]);
        buf_char(out, i + 1 < text.len ? base64_digits[bits >> 6 & 63] : '=');
        buf_char(out, i + 2 < text.len ? base64_digits[bits & 63] : '=');
    }
}

void mail_put_words(struct buf *out, struct str text)
{
    if (is_plain(text)) {
        buf_str(out, text);
        return;
    }
    for (size_t at = 0; at < text.len;) {
        size_t end = text.len - at > WORD_BYTES ? at + WORD_BYTES : text.len;
        while (end < text.len && end > at + 1 && is_inside(text.ptr[end]))
            end--;
        if (at)
            buf_lit(out, "\r\n ");
        buf_lit(out, "=?utf-8?B?");
        put_base64(out, (struct str){ text.ptr + at, end - at });
        buf_lit(out, "?=");
        at = end;
    }
}

static bool stands_for_itself(struct str text, size_t at)
{
    char c = text.ptr[at];
    bool last = at + 1 == text.len || text.ptr[at + 1] == '\n';
    // A dot or "From" that begins a line is changed by some servers on the way; a space that ends one is lost.
    bool first = at == 0 || text.ptr[at - 1] == '\n';
    if (c == ' ')
        return !last;
    return c > ' ' && c <= '~' && c != '=' && !(first && (c == '.' || c == 'F'));
}

void mail_put_quoted(struct buf *out, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n') {
            buf_lit(out, "\r\n");
            column = 0;
            continue;
        }
        bool itself = stands_for_itself(text, i);
        size_t width = itself ? 1 : 3;
        if (column + width > LINE_MAX_CHARS - 1) {
            buf_lit(out, "=\r\n");
            column = 0;
        }
        // After a soft break a dot stands first on its line.
        if (itself && !(column == 0 && c == '.')) {
            buf_char(out, (char)c);
            column++;
        } else {
            const char coded[3] = { '=', hex[c >> 4], hex[c & 15] };
            buf_put(out, coded, sizeof(coded));
            column += 3;
        }
    }
}
