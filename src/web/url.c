// SPDX-License-Identifier: MPL-2.0
#include "web/url.h"

#include "base/utf8.h"

#define URL_MAX 2000

static struct url refused(void)
{
    return (struct url){ { NULL, 0 } };
}

// What browsers read differently from how it looks: controls, white space, and '\', which they take for '/'.
static bool is_deceptive(struct str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c == 0x7F || c == '\\')
            return true;
        all |= c;
    }
    bool ascii = all < 0x80;
    return !ascii && (!utf8_valid(s) || utf8_has_control(s));
}

struct url url_local(struct arena *arena, struct str path)
{
    if (path.len == 0 || path.ptr[0] != '/' || (path.len > 1 && path.ptr[1] == '/') || is_deceptive(path))
        return refused();
    return (struct url){ arena_str(arena, path) };
}

// Cuts a scheme off, in any case of letters.
static bool take_scheme(struct str *text, struct str scheme)
{
    if (text->len < scheme.len)
        return false;
    for (size_t i = 0; i < scheme.len; i++) {
        char c = text->ptr[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != scheme.ptr[i])
            return false;
    }
    *text = (struct str){ text->ptr + scheme.len, text->len - scheme.len };
    return true;
}

static bool is_web(struct str rest)
{
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#')
        end++;
    return end > 0 && !memchr(rest.ptr, '@', end) && rest.ptr[0] != ':';
}

static bool is_mail(struct str rest)
{
    const char *at = rest.len > 0 ? memchr(rest.ptr, '@', rest.len) : NULL;
    return at && at != rest.ptr && at != rest.ptr + rest.len - 1;
}

struct url url_external(struct arena *arena, struct str text)
{
    struct str rest = text;
    if (text.len == 0 || text.len > URL_MAX || is_deceptive(text))
        return refused();
    bool good = take_scheme(&rest, STR("https://")) || take_scheme(&rest, STR("http://")) ? is_web(rest)
                                                                                      : take_scheme(&rest, STR("mailto:")) && is_mail(rest);
    if (!good)
        return refused();
    return (struct url){ arena_str(arena, text) };
}
