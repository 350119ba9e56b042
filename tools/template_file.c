// SPDX-License-Identifier: MPL-2.0
// A file of templates: what it uses, and each template's frame.
#include "template.h"

#include <errno.h>

#define S(s) (int)(s).len, (s).ptr

void template_begin(struct template_parser *parser, struct arena *arena, const struct source *source)
{
    *parser = (struct template_parser){
        .arena = arena,
        .scanner = { source, 0 },
        .literal = buf_bounded(OUTPUT_MAX),
        .code = buf_bounded(OUTPUT_MAX),
        .header = buf_bounded(OUTPUT_MAX),
        .uses = buf_bounded(OUTPUT_MAX),
    };
}

void template_end(struct template_parser *parser)
{
    buf_free(&parser->literal);
    buf_free(&parser->code);
    buf_free(&parser->header);
    buf_free(&parser->uses);
}

// Behind "use": "feature/dialogue/dialogue_view.h".
static int parse_use(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    scanner_spaces(at);
    if (!scanner_take(at, "\""))
        return scanner_expected(at, "a header's name in quotes behind use");
    size_t start = at->at;
    while (is_name(scanner_peek(at, 0)) || scanner_peek(at, 0) == '/' || scanner_peek(at, 0) == '.' || scanner_peek(at, 0) == '-')
        at->at++;
    buf_format(&parser->uses, "#include \"%.*s\"\n", (int)(at->at - start), at->source->text.ptr + start);
    if (!scanner_take(at, "\""))
        return scanner_expected(at, "the closing quote of the header's name");
    scanner_spaces(at);
    return scanner_take(at, "%}") ? 0 : scanner_expected(at, "\"%}\"");
}

// "(const struct dialogue_page *page)": *ret_parameter is what stands between the parentheses.
static int parse_parameter(struct scanner *at, struct str *ret_parameter)
{
    if (!scanner_take(at, "("))
        return scanner_expected(at, "\"(\" behind the template's name");
    size_t start = at->at;
    struct str words[3];
    for (size_t i = 0; i < 3; i++) {
        scanner_spaces(at);
        words[i] = scanner_name(at);
    }
    scanner_spaces(at);
    bool pointer = scanner_take(at, "*");
    if (!str_equal(words[0], STR("const")) || !str_equal(words[1], STR("struct")) || words[2].len == 0 || !pointer)
        return source_fail(at->source, start, "expected a parameter like \"const struct dialogue_page *page\"");
    if (scanner_name(at).len == 0)
        return scanner_expected(at, "the parameter's name");
    *ret_parameter = (struct str){ at->source->text.ptr + start, at->at - start };
    if (!scanner_take(at, ")"))
        return scanner_expected(at, "\")\" behind the parameter");
    scanner_spaces(at);
    return scanner_take(at, "%}") ? 0 : scanner_expected(at, "\"%}\"");
}

static int parse_body(struct template_parser *parser, size_t start)
{
    // White space at both ends is the file's, not the page's.
    parser->position = (struct position){ .place = PLACE_TEXT, .space = true, .depth = parser->position.depth };
    enum ending ending;
    int r = template_block(parser, &ending);
    if (r < 0)
        return r;
    if (ending != ENDING_END)
        return source_fail(parser->scanner.source, start, "expected \"{%% end %%}\" of the template that begins here, found %s",
            ending == ENDING_ELSE ? "an else" : "the end of the file");
    if (parser->position.place != PLACE_TEXT)
        return source_fail(parser->scanner.source, parser->scanner.at, "expected the end of the tag before the end of the template");
    if (parser->position.space && parser->literal.len > 0)
        parser->literal.len--;
    template_flush(parser);
    return 0;
}

static int parse_template(struct template_parser *parser, struct str name, size_t start)
{
    struct str parameter = STR("");
    int r = parse_parameter(&parser->scanner, &parameter);
    if (r < 0)
        return r;
    buf_format(&parser->header, "void %.*s_html(struct html_out *out, %.*s);\nvoid %.*s_any(struct html_out *out, const void *view);\n\n",
        S(name), S(parameter), S(name));
    buf_format(&parser->code, "void %.*s_html(struct html_out *out, %.*s)\n{\n", S(name), S(parameter));
    r = parse_body(parser, start);
    buf_format(&parser->code, "}\n\nvoid %.*s_any(struct html_out *out, const void *view)\n{\n    %.*s_html(out, view);\n}\n\n", S(name), S(name));
    return r;
}

// Skips white space and comments between templates.
static int skip_between(struct scanner *at)
{
    for (scanner_spaces(at); scanner_at(at, "<!--"); scanner_spaces(at)) {
        size_t start = at->at;
        while (!scanner_take(at, "-->")) {
            if (scanner_done(at))
                return source_fail(at->source, start, "expected \"-->\" at the end of the comment that begins here, found the end of the file");
            at->at++;
        }
    }
    return 0;
}

int template_parse(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    bool any = false;
    for (;;) {
        int r = skip_between(at);
        if (r < 0)
            return r;
        if (scanner_done(at))
            break;
        size_t start = at->at;
        if (!scanner_take(at, "{%"))
            return scanner_expected(at, "\"{% name(const struct … *…) %}\" of a template");
        scanner_spaces(at);
        struct str name = scanner_name(at);
        if (name.len == 0)
            return scanner_expected(at, "a template's name or use");
        bool use = str_equal(name, STR("use"));
        if (use && any)
            return source_fail(at->source, start, "expected use before the first template");
        r = use ? parse_use(parser) : parse_template(parser, name, start);
        if (r < 0)
            return r;
        any = any || !use;
    }
    if (!any)
        return source_fail(at->source, 0, "expected a template, found none");
    if (parser->position.depth > 0) {
        const struct element *open = &parser->elements[parser->position.depth - 1];
        return source_fail(at->source, open->at, "expected </%.*s> of the element that is opened here, found the end of the file", S(open->name));
    }
    return parser->code.error ? parser->code.error : parser->literal.error;
}
