// SPDX-License-Identifier: MPL-2.0
// What the generated templates call. Every output goes through the escaper for its position; raw HTML needs a struct html,
// which only the sanitiser (html_trusted's callers: markdown, generated templates) makes; a whole URL needs a struct url.
#pragma once

#include "base/buf.h"
#include "web/text.h"

struct frame;   // web/frame.h: what the surrounding page needs

// How far what is written has become gzip (packed.h).
struct html_gzip {
    bool begun;
    size_t block;      // where the head of the last block, which is not deflated, lies in the buffer
    uint32_t sum;      // of what is before it
    uint32_t length;   // of that, modulo 2^32
};

// Where a template writes, and for whom.
struct html_out {
    struct buf *buf;
    enum language language;
    const struct frame *frame;
    struct str csrf;            // masked anew for each answer; templates put it into forms
    struct html_gzip gzip;
};

// HTML that is safe as it stands.
struct html {
    struct str markup;
};

// A URL that is safe in href, src and action: made only by url.h's functions.
struct url {
    struct str text;
};

// Escape & < > " ' . Fast path: spans without any of them are copied whole (SSE2 where there).
void html_text(struct buf *buf, struct str s);

// The text as HTML when none of it needs escaping; otherwise empty. For what is looked at once and written often.
struct html html_of_plain(struct str s);

static inline void html_number(struct buf *buf, int64_t n)
{
    buf_int(buf, n);
}

static inline void html_raw(struct buf *buf, struct html h)
{
    buf_str(buf, h.markup);
}

static inline void html_url(struct buf *buf, struct url u)
{
    html_text(buf, u.text);
}

// Percent-encodes everything but RFC 3986 unreserved characters: one segment of a path or one value of a query.
void html_url_part(struct buf *buf, struct str s);

// A {name} text with the values escaped.
void html_text_format(struct buf *buf, struct str text, const struct text_value *values, size_t count);
