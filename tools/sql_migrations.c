// SPDX-License-Identifier: MPL-2.0
#include "sql.h"

#include <errno.h>
#include <sodium.h>

// Reads "WITHOUT ROWID" or "STRICT", in any case of letters.
static bool take_option(struct scanner *scanner)
{
    struct scanner at = *scanner;
    scanner_spaces(&at);
    struct str word = scanner_name(&at);
    if (str_equal_fold(word, STR("without"))) {
        scanner_spaces(&at);
        word = scanner_name(&at);
        if (!str_equal_fold(word, STR("rowid")))
            return false;
    } else if (!str_equal_fold(word, STR("strict"))) {
        return false;
    }
    *scanner = at;
    return true;
}

// Behind the ')' of a table: its options and the commas between them.
static void skip_options(struct scanner *scanner)
{
    while (take_option(scanner)) {
        struct scanner comma = *scanner;
        scanner_spaces(&comma);
        if (!scanner_take(&comma, ",") || !take_option(&comma))
            return;
        *scanner = comma;
    }
}

int sql_postgres(const struct source *source, struct buf *buf)
{
    struct scanner at = { source, 0 };
    while (!scanner_done(&at)) {
        size_t start = at.at;
        bool skipped, comment;
        int r = sql_skip(&at, &skipped, &comment);
        if (r < 0)
            return r;
        struct str word = skipped ? (struct str){ source->text.ptr + start, at.at - start } : scanner_name(&at);
        if (word.len == 0) {
            char c = scanner_peek(&at, 0);
            buf_char(buf, c);
            at.at++;
            if (c == ')')
                skip_options(&at);
        } else if (str_equal_fold(word, STR("blob"))) {
            buf_lit(buf, "BYTEA");
        } else if (str_equal_fold(word, STR("integer"))) {
            buf_lit(buf, "BIGINT");
        } else {
            buf_str(buf, word);
        }
    }
    return 0;
}

int sql_migration_number(const char *path, struct fault *fault, unsigned *ret_number)
{
    struct str stem = path_stem(path);
    unsigned number = 0;
    size_t digits = 0;
    while (digits < stem.len && is_digit(stem.ptr[digits]) && digits < 5)
        number = number * 10 + (unsigned)(stem.ptr[digits++] - '0');
    if (digits != 4 || number == 0 || stem.len < 6 || stem.ptr[4] != '_')
        return fault_set(fault, "%.300s:1: expected a file name like 0001_person.sql, found \"%.*s\"", path, (int)stem.len, stem.ptr);
    *ret_number = number;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    unsigned x = ((const struct sql_migration *)a)->number, y = ((const struct sql_migration *)b)->number;
    return (x > y) - (x < y);
}

static int emit_migration(struct buf *buf, const struct sql_migration *migration)
{
    const struct source *source = &migration->source;
    struct str stem = path_stem(source->path);
    buf_format(buf, "    {\n        .number = %u,\n        .name = \"%.*s\",\n        .sqlite = ", migration->number, (int)stem.len, stem.ptr);
    emit_literal(buf, source->text);
    buf_lit(buf, ",\n        .postgres = ");
    struct buf postgres = buf_bounded(SOURCE_MAX);
    int r = sql_postgres(source, &postgres);
    if (r == 0)
        r = postgres.error;
    emit_literal(buf, buf_view(&postgres));
    buf_free(&postgres);
    unsigned char checksum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(checksum, (const unsigned char *)source->text.ptr, source->text.len);
    buf_lit(buf, ",\n        .checksum = { ");
    for (size_t i = 0; i < sizeof(checksum); i++)
        buf_format(buf, "0x%02x, ", checksum[i]);
    buf_lit(buf, "},\n    },\n");
    return r;
}

int sql_emit_migrations(struct buf *buf, struct sql_migration *migrations, size_t count, struct fault *fault)
{
    if (count > 0)
        qsort(migrations, count, sizeof(*migrations), by_number);
    buf_lit(buf, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/sql from the migrations.\n#include \"store/migration.h\"\n\n"
                 "const struct migration migrations[] = {\n");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && migrations[i].number == migrations[i - 1].number)
            return fault_set(fault, "%.300s:1: expected a number of its own, found %04u again", migrations[i].source.path, migrations[i].number);
        int r = emit_migration(buf, &migrations[i]);
        if (r < 0)
            return r;
    }
    if (count == 0)
        buf_lit(buf, "    { 0 },\n");
    buf_format(buf, "};\n\nconst unsigned migrations_count = %zu;\n", count);
    return 0;
}
