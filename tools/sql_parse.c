// SPDX-License-Identifier: MPL-2.0
#include "sql.h"

#include <errno.h>

// Reads "name type, name type?" until the line's end.
static int parse_values(struct arena *arena, struct scanner *at, struct sql_values *values)
{
    static const struct {
        struct str name;
        enum sql_type type;
    } types[] = { { { "int", 3 }, SQL_INT }, { { "text", 4 }, SQL_TEXT }, { { "blob", 4 }, SQL_BLOB } };

    do {
        struct sql_value value = { 0 };
        scanner_blanks(at);
        size_t start = at->at;
        value.name = scanner_name(at);
        if (value.name.len == 0)
            return scanner_expected(at, "a name");
        for (size_t i = 0; i < values->count; i++) {
            if (str_equal(values->list[i].name, value.name))
                return source_fail(at->source, start, "expected a new name, found \"%.*s\" again", (int)value.name.len, value.name.ptr);
        }
        scanner_blanks(at);
        struct scanner type_at = *at;
        struct str type = scanner_name(at);
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            if (str_equal(type, types[i].name))
                value.type = types[i].type;
        }
        if (value.type == SQL_TYPE_UNSET)
            return scanner_expected(&type_at, "int, text or blob");
        value.nullable = scanner_take(at, "?");
        if (values->count >= SQL_COLUMNS_MAX)
            return source_fail(at->source, start, "expected at most %d values", SQL_COLUMNS_MAX);
        values->list = arena_grow(arena, values->list, values->count, sizeof(value));
        if (!values->list)
            return -ENOMEM;
        values->list[values->count++] = value;
        scanner_blanks(at);
    } while (scanner_take(at, ","));
    scanner_take(at, "\r");
    if (!scanner_done(at) && !scanner_take(at, "\n"))
        return scanner_expected(at, "\",\" or the end of the line");
    return 0;
}

// Behind "-- name:".
static int parse_name(struct scanner *at, struct sql_query *query)
{
    scanner_blanks(at);
    query->name = scanner_name(at);
    if (query->name.len == 0)
        return scanner_expected(at, "the query's name");
    scanner_blanks(at);
    struct scanner kind_at = *at;
    struct str kind = scanner_name(at);
    if (str_equal(kind, STR("one")))
        query->kind = SQL_ONE;
    else if (str_equal(kind, STR("many")))
        query->kind = SQL_MANY;
    else if (str_equal(kind, STR("exec")))
        query->kind = SQL_EXEC;
    else if (str_equal(kind, STR("send")))
        query->kind = SQL_SEND;
    else
        return scanner_expected(&kind_at, "one, many, exec or send");
    struct str rest = str_trim(scanner_line(at));
    bool reads = query->kind == SQL_ONE || query->kind == SQL_MANY;
    query->ahead = reads && str_equal(rest, STR("ahead"));
    if (rest.len != 0 && !query->ahead)
        return source_fail(at->source, kind_at.at, "expected %sthe end of the line behind %.*s", reads ? "\"ahead\" or " : "", (int)kind.len, kind.ptr);
    return 0;
}

// Views the text appended to buf as a string of the arena and empties buf.
static int keep(struct arena *arena, struct buf *buf, struct str *ret_text)
{
    *ret_text = buf->error ? (struct str){ NULL, 0 } : arena_str(arena, buf_view(buf));
    buf_free(buf);
    return ret_text->ptr ? 0 : -ENOMEM;
}

static int parse_text(struct arena *arena, struct scanner *at, struct sql_query *query)
{
    struct buf sqlite = buf_bounded(SOURCE_MAX), postgres = buf_bounded(SOURCE_MAX);
    struct scanner again = *at;
    int r = sql_statement(at, &query->in, '?', &sqlite);
    if (r == 0) {
        struct scanner behind = *at;
        scanner_spaces(&behind);
        if (scanner_take(&behind, "-- postgres:")) {
            scanner_line(&behind);
            *at = again = behind;
        }
        r = sql_statement(&again, &query->in, '$', &postgres);
        at->at = again.at;
    }
    int kept = r == 0 ? keep(arena, &sqlite, &query->sqlite) : r;
    if (kept == 0)
        kept = keep(arena, &postgres, &query->postgres);
    buf_free(&sqlite);
    buf_free(&postgres);
    return kept;
}

static int parse_query(struct arena *arena, struct scanner *at, struct sql_query *query)
{
    size_t start = at->at;
    query->line = source_line(at->source, start);
    int r = parse_name(at, query);
    for (scanner_spaces(at); r == 0 && scanner_at(at, "--"); scanner_spaces(at)) {
        if (scanner_take(at, "-- in:"))
            r = parse_values(arena, at, &query->in);
        else if (scanner_take(at, "-- out:"))
            r = parse_values(arena, at, &query->out);
        else
            r = scanner_expected(at, "\"-- in:\", \"-- out:\" or the query's text");
    }
    if (r < 0)
        return r;
    bool reads = query->kind == SQL_ONE || query->kind == SQL_MANY;
    if (!reads && query->out.count > 0)
        return source_fail(at->source, start, "expected no \"-- out:\" in a query that writes, found one");
    if (reads && query->out.count == 0)
        return source_fail(at->source, start, "expected \"-- out:\" in a query that reads, found none");
    r = parse_text(arena, at, query);
    // Its answer may be asked ahead, and passed over.
    if (r == 0 && reads && !(str_starts(query->sqlite, STR("SELECT ")) && str_starts(query->postgres, STR("SELECT "))))
        return source_fail(at->source, start, "expected SELECT in a query that reads, found another beginning");
    return r;
}

// Moves to the next "-- name:"; what comments stand right before it become *ret_comment. 1: there is one; 0: the end.
static int find_query(struct scanner *at, struct str *ret_comment)
{
    size_t comment = at->at;
    bool in_comment = false;
    while (!scanner_done(at)) {
        if (scanner_at(at, "-- name:")) {
            *ret_comment = (struct str){ at->source->text.ptr + comment, in_comment ? at->at - comment : 0 };
            scanner_take(at, "-- name:");
            return 1;
        }
        if (scanner_at(at, "--")) {
            if (!in_comment)
                comment = at->at;
            in_comment = true;
            scanner_line(at);
            continue;
        }
        in_comment = false;
        struct scanner line = *at;
        if (str_trim(scanner_line(&line)).len != 0) {
            scanner_spaces(at);
            return scanner_expected(at, "\"-- name:\"");
        }
        *at = line;
    }
    return 0;
}

int sql_parse(struct arena *arena, const struct source *source, struct sql_file *ret_file)
{
    struct sql_file file = { .path = source->path, .prefix = path_stem(source->path) };
    struct scanner at = { source, 0 };
    struct scanner prefix = { &(struct source){ source->path, file.prefix, source->fault }, 0 };
    scanner_name(&prefix);
    if (file.prefix.len == 0 || !scanner_done(&prefix))
        return source_fail(source, 0, "expected a file name that is a C name too, found \"%.*s\"", (int)file.prefix.len, file.prefix.ptr);
    for (;;) {
        struct sql_query query = { 0 };
        int r = find_query(&at, &query.comment);
        if (r <= 0) {
            if (r == 0)
                *ret_file = file;
            return r;
        }
        size_t start = at.at;
        r = parse_query(arena, &at, &query);
        if (r < 0)
            return r;
        for (size_t i = 0; i < file.count; i++) {
            if (str_equal(file.queries[i].name, query.name))
                return source_fail(source, start, "expected a new name, found \"%.*s\" again", (int)query.name.len, query.name.ptr);
        }
        file.queries = arena_grow(arena, file.queries, file.count, sizeof(query));
        if (!file.queries)
            return -ENOMEM;
        file.queries[file.count++] = query;
    }
}
