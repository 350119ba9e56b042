// SPDX-License-Identifier: MPL-2.0
#include "web/negotiate.h"

#include <errno.h>
#include <strings.h>

static bool contains(struct str text, struct str part)
{
    return text.len >= part.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

static bool equal_fold(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

bool negotiate_json(const struct exchange *exchange)
{
    struct str accept = exchange_header(exchange, "Accept");
    return accept.ptr && contains(accept, STR("application/json")) &&
           !contains(accept, STR("text/html"));
}

static bool header_true(const struct exchange *exchange, const char *name)
{
    struct str value = exchange_header(exchange, name);
    return value.ptr && str_equal(value, STR("true"));
}

bool negotiate_idle(const struct exchange *exchange)
{
    return header_true(exchange, "X-Idle");
}

bool negotiate_unseen(const struct exchange *exchange)
{
    return header_true(exchange, "X-Unseen");
}

bool negotiate_fragment(const struct exchange *exchange)
{
    return header_true(exchange, "HX-Request") && !header_true(exchange, "HX-Boosted") &&
           !header_true(exchange, "HX-History-Restore-Request");
}

enum language negotiate_language(const struct exchange *exchange)
{
    struct str cookie = exchange_cookie(exchange, LANGUAGE_COOKIE);
    enum language language = cookie.ptr ? language_from_tag(cookie) : LANGUAGE_UNSET;
    if (language != LANGUAGE_UNSET)
        return language;
    struct str rest = exchange_header(exchange, "Accept-Language");
    if (!rest.ptr)
        return LANGUAGE_DANISH;
    // Browsers write their languages in order of preference; the q values say the same again.
    for (unsigned i = 0; i < 16 && rest.len != 0; i++) {
        struct str range = str_cut(&rest, ',');
        struct str tag = str_trim(str_cut(&range, ';'));
        language = language_from_tag(str_cut(&tag, '-'));
        if (language != LANGUAGE_UNSET)
            return language;
    }
    return LANGUAGE_DANISH;
}

// The value of a parameter of a media type or a coding, without its quotes; ptr NULL when it is not there.
static struct str parameter_of(struct str parameters, struct str wanted)
{
    while (parameters.len != 0) {
        struct str value = str_trim(str_cut(&parameters, ';'));
        struct str name = str_cut(&value, '=');
        if (!equal_fold(name, wanted))
            continue;
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = (struct str){ value.ptr + 1, value.len - 2 };
        return value;
    }
    return (struct str){ NULL, 0 };
}

// RFC 9110 section 12.4.2: "0", "0." and "0.000".
static bool is_refused(struct str parameters)
{
    struct str weight = parameter_of(parameters, STR("q"));
    bool zero = weight.len != 0 && weight.ptr[0] == '0';
    for (size_t i = 1; i < weight.len && zero; i++)
        zero = weight.ptr[i] == '0' || weight.ptr[i] == '.';
    return zero;
}

bool negotiate_coding(const struct exchange *exchange, struct str coding)
{
    struct str rest = exchange_header(exchange, "Accept-Encoding");
    while (rest.len != 0) {
        struct str item = str_cut(&rest, ',');
        if (equal_fold(str_trim(str_cut(&item, ';')), coding))
            return !is_refused(item);
    }
    return false;
}

int negotiate_source(const struct exchange *exchange, enum form_source *ret_source,
                     struct str *ret_boundary)
{
    struct str rest = exchange_header(exchange, "Content-Type");
    if (!rest.ptr && exchange_body(exchange).len != 0)
        return -EINVAL;
    struct str boundary = STR(""), type = rest.ptr ? str_trim(str_cut(&rest, ';'))
                                                   : STR("application/x-www-form-urlencoded");
    struct str charset = rest.ptr ? parameter_of(rest, STR("charset")) : rest;
    if (charset.ptr && !equal_fold(charset, STR("utf-8")))
        return -EINVAL;
    enum form_source source;
    if (equal_fold(type, STR("application/x-www-form-urlencoded"))) {
        source = FORM_URLENCODED;
    } else if (equal_fold(type, STR("application/json"))) {
        source = FORM_JSON;
    } else if (equal_fold(type, STR("multipart/form-data"))) {
        source = FORM_MULTIPART;
        boundary = parameter_of(rest, STR("boundary"));
        if (boundary.len == 0 || boundary.len > 70)   // RFC 2046 section 5.1.1
            return -EINVAL;
    } else {
        return -EINVAL;
    }
    *ret_source = source;
    *ret_boundary = boundary;
    return 0;
}
