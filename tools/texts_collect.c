// SPDX-License-Identifier: MPL-2.0
#include "texts.h"
#include "text_form.h"

#include <errno.h>

static int add(struct texts *texts, const struct source *source, size_t at, struct str msgid)
{
    if (texts->count == TEXTS_MAX)
        return source_fail(source, at, "expected at most %d texts", TEXTS_MAX);
    texts->list = arena_grow(texts->arena, texts->list, texts->count, sizeof(*texts->list));
    if (!texts->list)
        return -ENOMEM;
    texts->list[texts->count++] = (struct text){ msgid, text_hash(msgid), *source, at };
    return 0;
}

int texts_from_template(struct texts *texts, const struct source *source)
{
    struct scanner at = { source, 0 };
    while (!scanner_done(&at)) {
        size_t start = at.at;
        if (!scanner_at(&at, "{_")) {
            at.at++;
            continue;
        }
        struct text_form form;
        int r = text_form_parse(texts->arena, &at, &form);
        if (r == 0)
            r = add(texts, source, start, form.msgid);
        if (r == 0 && form.plural.ptr)
            r = add(texts, source, start, form.plural);
        if (r < 0)
            return r;
    }
    return 0;
}

struct str texts_keep(struct texts *texts, struct buf *buf)
{
    struct str kept = buf->error ? (struct str){ NULL, 0 } : arena_str(texts->arena, buf_view(buf));
    buf_free(buf);
    return kept;
}

int texts_literal(struct scanner *at, struct buf *buf)
{
    static const char escapes[][2] = { { 'n', '\n' }, { 't', '\t' }, { '"', '"' }, { '\\', '\\' }, { '\'', '\'' } };
    size_t start = at->at++;
    while (!scanner_take(at, "\"")) {
        char c = scanner_peek(at, 0);
        if (scanner_done(at) || c == '\n')
            return source_fail(at->source, start, "expected the closing quote of the text that begins here");
        if (c == '\\') {
            size_t i = 0;
            while (i < sizeof(escapes) / sizeof(escapes[0]) && escapes[i][0] != scanner_peek(at, 1))
                i++;
            if (i == sizeof(escapes) / sizeof(escapes[0]))
                return scanner_expected(at, "\\n, \\t, \\\" or \\\\ in a text");
            c = escapes[i][1];
            at->at++;
        }
        buf_char(buf, c);
        at->at++;
    }
    return 0;
}

// Behind "TEXT": its literals.
static int text_call(struct texts *texts, struct scanner *at)
{
    struct buf buf = buf_bounded(SOURCE_MAX);
    size_t start = at->at;
    scanner_spaces(at);
    int r = scanner_take(at, "(") ? 0 : scanner_expected(at, "\"(\" behind TEXT");
    for (scanner_spaces(at); r == 0 && !scanner_at(at, ")"); scanner_spaces(at))
        r = scanner_at(at, "\"") ? texts_literal(at, &buf) : scanner_expected(at, "a string literal in TEXT(…)");
    if (r == 0 && buf.len == 0)
        r = scanner_expected(at, "a string literal in TEXT(…)");
    struct str msgid = texts_keep(texts, &buf);
    if (r < 0)
        return r;
    struct str name;
    size_t name_at = 0;
    int names;
    while ((names = text_next_name(msgid, &name_at, &name)) == 1)
        ;
    if (names < 0)
        return source_fail(at->source, start, "expected {name} in the text, found a brace alone");
    return msgid.ptr ? add(texts, at->source, start, msgid) : -ENOMEM;
}

// Moves behind a comment, a character constant, a string or a line of the preprocessor that defines TEXT.
static bool skip_c(struct scanner *at)
{
    if (scanner_at(at, "//") || scanner_at(at, "#define TEXT(")) {
        scanner_line(at);
        return true;
    }
    if (scanner_take(at, "/*")) {
        while (!scanner_done(at) && !scanner_take(at, "*/"))
            at->at++;
        return true;
    }
    char quote = scanner_peek(at, 0);
    if (quote != '"' && quote != '\'')
        return false;
    at->at++;
    while (!scanner_done(at) && scanner_peek(at, 0) != quote)
        at->at += scanner_peek(at, 0) == '\\' && scanner_peek(at, 1) != '\0' ? 2 : 1;
    at->at += !scanner_done(at);
    return true;
}

int texts_from_c(struct texts *texts, const struct source *source)
{
    struct scanner at = { source, 0 };
    while (!scanner_done(&at)) {
        if (skip_c(&at))
            continue;
        struct str word = scanner_name(&at);
        if (word.len == 0) {
            at.at++;
            continue;
        }
        int r = str_equal(word, STR("TEXT")) ? text_call(texts, &at) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}
