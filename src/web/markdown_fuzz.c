// SPDX-License-Identifier: MPL-2.0
#include "web/markdown.h"

#include "base/utf8.h"
#include "web/markdown_check.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str source = { size ? (const char *)data : "", size };
    if (!utf8_valid(source) || size > 8192)
        return 0;
    struct arena *arena;
    if (arena_new(4 << 20, &arena) < 0)
        return 0;
    struct html html;
    if (markdown_render(arena, source, &html) < 0)
        abort();
    const char *problem = markdown_check(source, html.markup);
    if (problem) {
        fprintf(stderr, "%s: %.*s\n", problem, (int)html.markup.len, html.markup.ptr);
        abort();
    }
    struct buf plain = buf_bounded(size * MARKDOWN_GROWTH + 64);
    markdown_plain(&plain, source);
    if (plain.error || markdown_check(source, buf_view(&plain)))
        abort();
    if (markdown_is_plain(source) && !str_equal(buf_view(&plain), html.markup))
        abort();
    buf_free(&plain);
    arena_free(arena);
    return 0;
}
