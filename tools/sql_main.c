// SPDX-License-Identifier: MPL-2.0
// sql OUTPUT.c OUTPUT.h INPUT.sql       typed functions of a file's queries
// sql --migrations OUTPUT.c INPUT.sql…  the table of migrations
#include "sql.h"

#include "base/cleanup.h"

#include <errno.h>

#define MIGRATIONS_MAX 9999

static int write_queries(struct arena *arena, char **argv, struct fault *fault)
{
    struct source source;
    struct sql_file file;
    int r = source_read(arena, argv[3], SOURCE_MAX, fault, &source);
    if (r == 0)
        r = sql_parse(arena, &source, &file);
    if (r < 0)
        return r;
    const char *slash = strrchr(argv[2], '/');
    _cleanup_(buf_free) struct buf header = buf_bounded(OUTPUT_MAX), code = buf_bounded(OUTPUT_MAX);
    sql_emit_header(&header, &file);
    sql_emit_code(&code, &file, slash ? slash + 1 : argv[2]);
    r = output_write(argv[2], &header);
    return r < 0 ? r : output_write(argv[1], &code);
}

static int write_migrations(struct arena *arena, int argc, char **argv, struct fault *fault)
{
    size_t count = (size_t)argc - 3;
    struct sql_migration *migrations = arena_array(arena, count + 1, sizeof(*migrations));
    if (count > MIGRATIONS_MAX || !migrations)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const char *path = argv[i + 3];
        int r = sql_migration_number(path, fault, &migrations[i].number);
        if (r == 0)
            r = source_read(arena, path, SOURCE_MAX, fault, &migrations[i].source);
        if (r < 0)
            return r;
    }
    _cleanup_(buf_free) struct buf code = buf_bounded(OUTPUT_MAX);
    int r = sql_emit_migrations(&code, migrations, count, fault);
    return r < 0 ? r : output_write(argv[2], &code);
}

int main(int argc, char **argv)
{
    struct arena *arena;
    struct fault fault = { 0 };
    bool queries = argc == 4 && argv[1][0] != '-';
    if (!queries && (argc < 3 || strcmp(argv[1], "--migrations") != 0)) {
        fprintf(stderr, "usage: %s OUTPUT.c OUTPUT.h INPUT.sql\n       %s --migrations OUTPUT.c INPUT.sql…\n", argv[0], argv[0]);
        return 2;
    }
    if (arena_new(OUTPUT_MAX, &arena) < 0)
        return 1;
    int r = queries ? write_queries(arena, argv, &fault) : write_migrations(arena, argc, argv, &fault);
    if (r < 0)
        fprintf(stderr, "%s\n", fault.text[0] ? fault.text : strerror(-r));
    arena_free(arena);
    return r < 0;
}
