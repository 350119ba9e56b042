// SPDX-License-Identifier: MPL-2.0
#include "sql.h"

#include <errno.h>

// Behind the opening quote; a doubled quote stands for itself.
static int skip_quoted(struct scanner *scanner, char quote, size_t start)
{
    while (!scanner_done(scanner)) {
        char c = scanner_peek(scanner, 0);
        scanner->at++;
        if (c == quote && scanner_peek(scanner, 0) != quote)
            return 0;
        if (c == quote)
            scanner->at++;
    }
    return source_fail(scanner->source, start, "expected the closing %c of what begins here, found the end of the file", quote);
}

int sql_skip(struct scanner *scanner, bool *ret_skipped, bool *ret_comment)
{
    size_t start = scanner->at;
    char c = scanner_peek(scanner, 0);
    *ret_comment = false;
    *ret_skipped = true;
    if (c == '\'' || c == '"') {
        scanner->at++;
        return skip_quoted(scanner, c, start);
    }
    *ret_comment = true;
    if (scanner_at(scanner, "--")) {
        while (!scanner_done(scanner) && scanner_peek(scanner, 0) != '\n')
            scanner->at++;
        return 0;
    }
    if (scanner_take(scanner, "/*")) {
        while (!scanner_done(scanner) && !scanner_at(scanner, "*/"))
            scanner->at++;
        if (!scanner_take(scanner, "*/"))
            return source_fail(scanner->source, start, "expected the end of the comment that begins here, found the end of the file");
        return 0;
    }
    *ret_skipped = *ret_comment = false;
    return 0;
}

// At ':'. A doubled colon is a cast.
static int placeholder(struct scanner *scanner, const struct sql_values *in, char mark, bool *used, struct buf *buf)
{
    if (scanner_take(scanner, "::")) {
        buf_lit(buf, "::");
        return 0;
    }
    size_t start = scanner->at++;
    struct str name = scanner_name(scanner);
    if (name.len == 0)
        return scanner_expected(scanner, "a parameter's name behind \":\"");
    for (size_t i = 0; i < in->count; i++) {
        if (str_equal(in->list[i].name, name)) {
            used[i] = true;
            buf_char(buf, mark);
            buf_int(buf, (int64_t)i + 1);
            return 0;
        }
    }
    return source_fail(scanner->source, start, "expected a parameter of \"-- in:\", found \":%.*s\"", (int)name.len, name.ptr);
}

static int all_used(const struct scanner *scanner, const struct sql_values *in, const bool *used)
{
    for (size_t i = 0; i < in->count; i++) {
        if (!used[i])
            return source_fail(scanner->source, scanner->at, "expected \":%.*s\" of \"-- in:\" somewhere in the query, found it nowhere",
                (int)in->list[i].name.len, in->list[i].name.ptr);
    }
    return 0;
}

// The next piece of a statement: a quoted thing, a placeholder, white space or one byte.
static int piece(struct scanner *scanner, const struct sql_values *in, char mark, bool *used, struct buf *buf, bool *space)
{
    size_t start = scanner->at;
    bool skipped, comment;
    int r = sql_skip(scanner, &skipped, &comment);
    if (r < 0)
        return r;
    if (comment || (!skipped && is_space(scanner_peek(scanner, 0)))) {
        if (!skipped)
            scanner->at++;
        *space = buf->len > 0;
        return 0;
    }
    if (*space)
        buf_char(buf, ' ');
    *space = false;
    if (skipped) {
        buf_put(buf, scanner->source->text.ptr + start, scanner->at - start);
        return 0;
    }
    char c = scanner_peek(scanner, 0);
    if (c == ':')
        return placeholder(scanner, in, mark, used, buf);
    if (c == '?' || c == '$' || c == '@' || c == '\0')
        return scanner_expected(scanner, "\":name\" for a parameter");
    buf_char(buf, c);
    scanner->at++;
    return 0;
}

int sql_statement(struct scanner *scanner, const struct sql_values *in, char mark, struct buf *buf)
{
    bool used[SQL_COLUMNS_MAX] = { false };
    bool space = false;
    scanner_spaces(scanner);
    size_t start = scanner->at;
    while (!scanner_at(scanner, ";")) {
        if (scanner_done(scanner))
            return source_fail(scanner->source, start, "expected \";\" at the end of the query that begins here, found the end of the file");
        int r = piece(scanner, in, mark, used, buf, &space);
        if (r < 0)
            return r;
    }
    if (buf->len == 0)
        return scanner_expected(scanner, "the query's text");
    int r = all_used(scanner, in, used);
    scanner_take(scanner, ";");
    return r;
}
