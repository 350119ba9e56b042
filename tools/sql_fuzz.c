// SPDX-License-Identifier: MPL-2.0
#include "sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    struct fault fault = { 0 };
    struct source source = { "x.sql", { (const char *)data, size }, &fault };
    struct sql_file file;
    struct buf buf = buf_bounded(OUTPUT_MAX), code = buf_bounded(OUTPUT_MAX);
    if (arena_new(SOURCE_MAX, &arena) < 0)
        return 0;
    if (sql_parse(arena, &source, &file) == 0) {
        sql_emit_header(&buf, &file);
        sql_emit_code(&code, &file, "x_sql.h");
    }
    buf.len = 0;
    (void)sql_postgres(&source, &buf);
    buf_free(&buf);
    buf_free(&code);
    arena_free(arena);
    return 0;
}
