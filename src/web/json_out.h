// SPDX-License-Identifier: MPL-2.0
// Writes JSON text (RFC 8259) piece by piece; commas come by themselves. The caller opens and closes in pairs and gives a
// key before each value of an object. Texts are valid UTF-8.
#pragma once

#include "base/buf.h"

struct json_out {
    struct buf *buf;
    bool more;   // a value stands before this place: a comma is due
};

// A string in quotes. Also escapes U+2028 and U+2029, which end a line in older JavaScript.
void json_out_string(struct buf *buf, struct str s);

// Milliseconds since 1970 as "2026-11-22T06:41:23.000Z" (RFC 3339). Years 0 to 9999; what lies outside is cut to these.
void json_out_instant(struct buf *buf, int64_t ms);

static inline void json_out_value(struct json_out *out)
{
    if (out->more)
        buf_char(out->buf, ',');
    out->more = true;
}

// bracket: '{' or '['.
static inline void json_out_open(struct json_out *out, char bracket)
{
    json_out_value(out);
    buf_char(out->buf, bracket);
    out->more = false;
}

static inline void json_out_close(struct json_out *out, char bracket)
{
    buf_char(out->buf, bracket);
    out->more = true;
}

static inline void json_out_key(struct json_out *out, struct str key)
{
    json_out_value(out);
    json_out_string(out->buf, key);
    buf_char(out->buf, ':');
    out->more = false;
}

static inline void json_out_text(struct json_out *out, struct str text)
{
    json_out_value(out);
    json_out_string(out->buf, text);
}

static inline void json_out_int(struct json_out *out, int64_t number)
{
    json_out_value(out);
    buf_int(out->buf, number);
}

static inline void json_out_bool(struct json_out *out, bool yes)
{
    json_out_value(out);
    if (yes)
        buf_lit(out->buf, "true");
    else
        buf_lit(out->buf, "false");
}

static inline void json_out_null(struct json_out *out)
{
    json_out_value(out);
    buf_lit(out->buf, "null");
}
