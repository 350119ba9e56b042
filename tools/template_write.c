// SPDX-License-Identifier: MPL-2.0
// The constructs that write: {{ … }} and {_ … _}.
#include "template.h"

#include <errno.h>
#include <inttypes.h>

void template_flush(struct template_parser *parser)
{
    if (parser->literal.len == 0)
        return;
    buf_lit(&parser->code, "    buf_lit(out->buf, ");
    emit_literal(&parser->code, buf_view(&parser->literal));
    buf_lit(&parser->code, ");\n");
    parser->literal.len = 0;
}

void template_line(struct template_parser *parser, size_t at)
{
    buf_format(&parser->code, "#line %u ", source_line(parser->scanner.source, at));
    emit_literal(&parser->code, str_from(parser->scanner.source->path));
    buf_char(&parser->code, '\n');
}

// Moves behind a string or character constant of C.
static int skip_constant(struct scanner *at)
{
    char quote = scanner_peek(at, 0);
    size_t start = at->at++;
    while (scanner_peek(at, 0) != quote) {
        at->at += scanner_peek(at, 0) == '\\' ? 2 : 1;
        if (scanner_done(at) || scanner_peek(at, 0) == '\n')
            return source_fail(at->source, start, "expected the closing %c of what begins here", quote);
    }
    at->at++;
    return 0;
}

int template_expression(struct scanner *scanner, const char *end, const char *what, struct str *ret_text)
{
    size_t start = scanner->at;
    int depth = 0;
    while (!scanner_at(scanner, end) || depth > 0) {
        char c = scanner_peek(scanner, 0);
        if (scanner_done(scanner) || c == '\n')
            return source_fail(scanner->source, start, "expected \"%s\" at the end of %s", end, what);
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if (depth < 0 || c == ';' || c == '#')
            return scanner_expected(scanner, "a C expression");
        int r = c == '"' || c == '\'' ? skip_constant(scanner) : 0;
        if (r < 0)
            return r;
        scanner->at += c != '"' && c != '\'';
    }
    *ret_text = str_trim((struct str){ scanner->source->text.ptr + start, scanner->at - start });
    if (ret_text->len == 0)
        return scanner_expected(scanner, what);
    scanner_take(scanner, end);
    return 0;
}

// asset("name"): the name, or an empty view for another expression.
static struct str asset_name(struct str expression)
{
    struct str name = { 0 };
    struct str begin = STR("asset(\""), end = STR("\")");
    if (expression.len > begin.len + end.len && str_starts(expression, begin) && memcmp(expression.ptr + expression.len - end.len, end.ptr, end.len) == 0)
        name = (struct str){ expression.ptr + begin.len, expression.len - begin.len - end.len };
    return name;
}

// A macro of the generated table of assets: an unknown name does not compile.
static void write_asset(struct template_parser *parser, struct str name)
{
    buf_lit(&parser->code, "    buf_lit(out->buf, ASSET_");
    for (size_t i = 0; i < name.len; i++)
        buf_char(&parser->code, is_name(name.ptr[i]) ? name.ptr[i] : '_');
    buf_lit(&parser->code, ");\n");
    parser->uses_assets = true;
}

int template_output(struct template_parser *parser)
{
    struct position *position = &parser->position;
    struct scanner *at = &parser->scanner;
    size_t start = at->at;
    int r = template_may_write(parser, "an output");
    if (r < 0)
        return r;
    scanner_take(at, "{{");
    struct str expression;
    r = template_expression(at, "}}", "an expression", &expression);
    if (r < 0)
        return r;
    if (position->url == URL_FIXED)
        return source_fail(at->source, start, "expected no output in an absolute URL");
    template_flush(parser);
    template_line(parser, start);
    struct str asset = asset_name(expression);
    if (asset.len > 0 && position->url != URL_START)
        return source_fail(at->source, start, "expected an asset to be all of a URL attribute's value");
    if (asset.len > 0) {
        write_asset(parser, asset);
    } else {
        const char *writer = position->place == PLACE_TEXT ? "text" : position->url == URL_NONE ? "attribute"
            : position->url == URL_START                   ? "url"
                                                           : "url_part";
        buf_format(&parser->code, "    template_%s(out->buf, (%.*s));\n", writer, (int)expression.len, expression.ptr);
    }
    if (position->url == URL_START)
        position->url = URL_LOCAL;
    position->space = false;
    return 0;
}

static void write_form(struct template_parser *parser, const struct text_form *form)
{
    struct buf *code = &parser->code;
    for (size_t i = 0; i < form->count; i++) {
        if (form->plural.ptr && str_equal(form->values[i].name, STR("n")))
            buf_format(code, "(%.*s) != 1 ? TEXT_ID_%016" PRIx64 " : ", (int)form->values[i].expression.len, form->values[i].expression.ptr,
                text_hash(form->plural));
    }
    buf_format(code, "TEXT_ID_%016" PRIx64, text_hash(form->msgid));
}

int template_text(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    struct buf *code = &parser->code;
    struct text_form form;
    size_t start = at->at;
    int r = template_may_write(parser, "a text");
    if (r == 0 && parser->position.url != URL_NONE && parser->position.url != URL_UNSET)
        r = source_fail(at->source, start, "expected no text for people in a URL");
    if (r == 0)
        r = text_form_parse(parser->arena, at, &form);
    if (r < 0)
        return r;
    template_flush(parser);
    template_line(parser, start);
    if (form.count == 0) {
        buf_lit(code, "    html_text(out->buf, text_by_id(out->language, ");
        write_form(parser, &form);
        buf_lit(code, "));\n");
    } else {
        buf_lit(code, "    html_text_format(out->buf, text_by_id(out->language, ");
        write_form(parser, &form);
        buf_lit(code, "), (const struct text_value[]){ ");
        for (size_t i = 0; i < form.count; i++)
            buf_format(code, "{ \"%.*s\", template_value((%.*s)) }, ", (int)form.values[i].name.len, form.values[i].name.ptr,
                (int)form.values[i].expression.len, form.values[i].expression.ptr);
        buf_format(code, "}, %zu);\n", form.count);
    }
    parser->position.space = false;
    return 0;
}
