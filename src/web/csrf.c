// SPDX-License-Identifier: MPL-2.0
#include "web/csrf.h"

#include <errno.h>
#include <sodium.h>

#include "base/encode.h"
#include "base/random.h"
#include "web/server.h"

int csrf_token(struct str secret, struct arena *arena, struct str *ret_token)
{
    uint8_t plain[CSRF_SECRET], token[2 * CSRF_SECRET];
    int r = decode_hex_exact(secret, plain, sizeof(plain));
    if (r < 0)
        return -EINVAL;
    random_bytes(token, CSRF_SECRET);
    for (size_t i = 0; i < CSRF_SECRET; i++)
        token[CSRF_SECRET + i] = (uint8_t)(token[i] ^ plain[i]);
    struct str text = encode_hex(arena, bytes_from(token, sizeof(token)));
    if (!text.ptr)
        return -ENOMEM;
    *ret_token = text;
    return 0;
}

bool csrf_matches(struct str secret, struct str token)
{
    uint8_t plain[CSRF_SECRET], masked[2 * CSRF_SECRET];
    if (decode_hex_exact(secret, plain, sizeof(plain)) < 0 ||
        decode_hex_exact(token, masked, sizeof(masked)) < 0)
        return false;
    for (size_t i = 0; i < CSRF_SECRET; i++)
        masked[i] = (uint8_t)(masked[i] ^ masked[CSRF_SECRET + i]);
    return sodium_memcmp(plain, masked, CSRF_SECRET) == 0;
}

// The text behind the first occurrence of 'mark', at most as long as a token. Looking loosely is
// enough: only who was given the token can write it, wherever in the body.
static struct str behind(struct str body, struct str mark)
{
    const char *at = body.len ? memmem(body.ptr, body.len, mark.ptr, mark.len) : NULL;
    if (!at)
        return STR("");
    at += mark.len;
    size_t left = (size_t)(body.ptr + body.len - at);
    return (struct str){ at, left < CSRF_TOKEN ? left : CSRF_TOKEN };
}

struct str csrf_of(const struct exchange *exchange, enum form_source source, struct str body)
{
    struct str header = exchange_header(exchange, "X-CSRF-Token");
    if (header.ptr)
        return header;
    if (source == FORM_URLENCODED) {
        if (str_starts(body, STR("csrf=")))
            return behind(body, STR("csrf="));
        return behind(body, STR("&csrf="));
    }
    if (source == FORM_MULTIPART)
        return behind(body, STR("name=\"csrf\"\r\n\r\n"));
    return STR("");
}

static bool origin_is(struct str origin, struct str base_url, struct str host)
{
    if (base_url.len != 0 && str_equal(origin, base_url))
        return true;
    struct str authority = origin;
    if (str_starts(origin, STR("https://")))
        authority = (struct str){ origin.ptr + 8, origin.len - 8 };
    else if (str_starts(origin, STR("http://")))
        authority = (struct str){ origin.ptr + 7, origin.len - 7 };
    else
        return false;
    return authority.len != 0 && str_equal(authority, host);
}

bool csrf_same_origin(const struct exchange *exchange, struct str base_url)
{
    struct str site = exchange_header(exchange, "Sec-Fetch-Site");
    if (site.ptr && !str_equal(site, STR("same-origin")) && !str_equal(site, STR("none")))
        return false;
    struct str origin = exchange_header(exchange, "Origin");
    if (!origin.ptr)
        return true;
    return origin_is(origin, base_url, exchange_header(exchange, "Host"));
}
