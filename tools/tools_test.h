// SPDX-License-Identifier: MPL-2.0
// What the generators' tests share.
#pragma once

#include "source.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

// A source that is made of a string, with an arena for what is read from it.
struct sheet {
    struct arena *arena;
    struct fault fault;
    struct source source;
};

static inline void sheet_begin(struct sheet *sheet, const char *path, const char *text)
{
    *sheet = (struct sheet){ 0 };
    assert_int_equal(arena_new(SOURCE_MAX, &sheet->arena), 0);
    sheet->source = (struct source){ path, str_from(text), &sheet->fault };
}

static inline void sheet_end(struct sheet *sheet)
{
    arena_free(sheet->arena);
}

static inline void assert_str(struct str got, const char *expected)
{
    if (!str_equal(got, str_from(expected)))
        fail_msg("expected \"%s\", got \"%.*s\"", expected, (int)got.len, got.ptr);
}

// Whether the buffer holds the piece; frees nothing.
static inline void assert_holds(const struct buf *buf, const char *piece)
{
    if (!memmem(buf->data ? buf->data : "", buf->len, piece, strlen(piece)))
        fail_msg("expected to find \"%s\" in:\n%.*s", piece, (int)buf->len, buf->data ? buf->data : "");
}
