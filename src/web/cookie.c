// SPDX-License-Identifier: MPL-2.0
#include "web/cookie.h"

// cookie-octet: visible ASCII but for the double quote, comma, semicolon and backslash.
static bool is_value(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

static struct str unquoted(struct str value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return (struct str){ value.ptr + 1, value.len - 2 };
    return value;
}

struct str cookie_find(struct str header, struct str name)
{
    while (header.len > 0) {
        struct str pair = str_trim(str_cut(&header, ';'));
        if (pair.len <= name.len || pair.ptr[name.len] != '=' || !str_starts(pair, name))
            continue;
        struct str value = unquoted(
            (struct str){ pair.ptr + name.len + 1, pair.len - name.len - 1 });
        if (is_value(value))
            return value;
    }
    return (struct str){ NULL, 0 };
}
