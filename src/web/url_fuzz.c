// SPDX-License-Identifier: MPL-2.0
// Addresses that go into a page: what is accepted must mean to a browser what it looks like.
#include "base/utf8.h"
#include "web/url.h"
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_common(struct str given, struct url url)
{
    must(str_equal(url.text, given));
    must(utf8_valid(given) && !utf8_has_control(given));
    for (size_t i = 0; i < given.len; i++)
        must((unsigned char)given.ptr[i] > ' ' && given.ptr[i] != '\\' && given.ptr[i] != 0x7f);
    struct buf buf = buf_bounded(5 * given.len + 1);
    html_url(&buf, url);
    must(buf.error == 0);
    for (size_t i = 0; i < buf.len; i++)
        must(!strchr("<>\"'", buf.data[i]));
    buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str given = { size ? (const char *)data : "", size };
    struct arena *arena;
    if (arena_new(1 << 20, &arena) < 0)
        return 0;
    struct url local = url_local(arena, given);
    if (local.text.ptr) {
        check_common(given, local);
        must(given.ptr[0] == '/' && (given.len == 1 || given.ptr[1] != '/'));
    }
    struct url external = url_external(arena, given);
    if (external.text.ptr) {
        check_common(given, external);
        must(given.len <= 2000 && (strncasecmp(given.ptr, "http://", 7) == 0 || strncasecmp(given.ptr, "https://", 8) == 0 ||
                                   strncasecmp(given.ptr, "mailto:", 7) == 0));
    }
    struct buf part = buf_bounded(3 * size + 1);
    html_url_part(&part, given);
    must(part.error == 0);
    for (size_t i = 0; i < part.len; i++)
        must(strchr("%-._~", part.data[i]) || (part.data[i] >= '0' && part.data[i] <= 'z'));
    buf_free(&part);
    arena_free(arena);
    return 0;
}
