// SPDX-License-Identifier: MPL-2.0
// application/x-www-form-urlencoded, as in the URL Standard, but a '%' without two hexadecimal digits is refused.
#include "web/form_source.h"

#include "base/ascii.h"
#include <errno.h>

static int decode(struct str coded, struct arena *arena, struct str *ret_text)
{
    if (coded.len == 0 || (!memchr(coded.ptr, '%', coded.len) && !memchr(coded.ptr, '+', coded.len))) {
        *ret_text = coded;
        return 0;
    }
    char *out = arena_alloc(arena, coded.len);
    if (!out)
        return -ENOMEM;
    size_t len = 0;
    for (size_t i = 0; i < coded.len; i++) {
        char c = coded.ptr[i];
        if (c == '%') {
            int high = i + 2 < coded.len ? ascii_hex(coded.ptr[i + 1]) : -1;
            int low = i + 2 < coded.len ? ascii_hex(coded.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -EBADMSG;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[len++] = c;
    }
    *ret_text = (struct str){ out, len };
    return 0;
}

int form_read_urlencoded(struct str body, struct arena *arena, struct form_values *values)
{
    while (body.len > 0) {
        struct str piece = str_cut(&body, '&');
        if (piece.len == 0)
            continue;
        struct str name = str_cut(&piece, '=');
        struct form_value value = { .kind = FORM_KIND_RAW };
        int r = decode(name, arena, &value.name);
        if (r == 0)
            r = decode(piece, arena, &value.text);
        if (r == 0)
            r = form_values_add(values, value);
        if (r < 0)
            return r;
    }
    return 0;
}
