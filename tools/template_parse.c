// SPDX-License-Identifier: MPL-2.0
// The constructs that direct: templates, if, for, call.
#include "template.h"

#include <errno.h>


// Reads "%}".
static int take_close(struct scanner *at)
{
    scanner_spaces(at);
    return scanner_take(at, "%}") ? 0 : scanner_expected(at, "\"%}\"");
}

// Both ends of a branch must stand at the same place of the HTML; then it does not matter which way was taken.
static int check_branch(struct template_parser *parser, const struct position *start, const char *what, size_t at)
{
    const struct position *end = &parser->position;
    if (end->depth > start->depth) {
        const struct element *open = &parser->elements[end->depth - 1];
        return source_fail(parser->scanner.source, at, "expected </%.*s> for line %u before the end of %s", (int)open->name.len,
            open->name.ptr, source_line(parser->scanner.source, open->at), what);
    }
    if (end->place != start->place || end->quote != start->quote)
        return source_fail(parser->scanner.source, at, "expected %s to end where it began in the HTML: in a text, in a tag or in a value", what);
    if (end->url != start->url)
        return source_fail(parser->scanner.source, at, "expected each branch of %s to begin the URL, or none", what);
    return 0;
}

// One branch: the block, checked against where it began. The URL may have begun in it: then in all others too.
static int parse_branch(struct template_parser *parser, struct position *start, size_t at, bool first, struct position *joined, enum ending *ret_ending)
{
    parser->position = *start;
    size_t floor = parser->floor;
    parser->floor = start->depth;
    int r = template_block(parser, ret_ending);
    parser->floor = floor;
    if (r == 0)
        r = template_end_name(parser);
    if (r < 0)
        return r;
    struct position expected = *start;
    expected.url = first ? parser->position.url : joined->url;
    r = check_branch(parser, &expected, "the if", at);
    if (r < 0)
        return r;
    template_flush(parser);
    bool space = parser->position.space && (first || joined->space);
    *joined = parser->position;
    joined->space = space;
    return 0;
}

// Behind "if": the condition and its branches up to the end.
static int parse_if(struct template_parser *parser, size_t at)
{
    struct position start = parser->position, joined = start;
    enum ending ending = ENDING_ELSE;
    bool first = true, last = false;
    while (ending == ENDING_ELSE) {
        struct scanner word = parser->scanner;
        scanner_spaces(&word);
        bool condition = first || str_equal(scanner_name(&word), STR("if"));
        if (last)
            return source_fail(parser->scanner.source, parser->scanner.at, "expected one else, found another");
        if (!first)
            buf_lit(&parser->code, "    } else ");
        if (condition) {
            struct str expression;
            if (!first)
                parser->scanner = word;
            int r = template_expression(&parser->scanner, "%}", "the condition", &expression);
            if (r < 0)
                return r;
            buf_char(&parser->code, '\n');
            template_line(parser, at);
            buf_format(&parser->code, "    if (%.*s) {\n", (int)expression.len, expression.ptr);
        } else {
            int r = take_close(&parser->scanner);
            if (r < 0)
                return r;
            buf_lit(&parser->code, "{\n");
            last = true;
        }
        int r = parse_branch(parser, &start, at, first, &joined, &ending);
        if (r < 0)
            return r;
        if (ending == ENDING_FILE)
            return source_fail(parser->scanner.source, at, "expected \"{%% end %%}\" of the if that begins here, found the end of the file");
        first = false;
    }
    buf_lit(&parser->code, "    }\n");
    if (!last && joined.url != start.url)
        return source_fail(parser->scanner.source, at, "expected an else: without it the URL may begin with nothing");
    parser->position = joined;
    parser->position.space = joined.space && (last || start.space);
    return 0;
}

// Behind "for".
static int parse_for(struct template_parser *parser, size_t at)
{
    struct scanner *scanner = &parser->scanner;
    scanner_spaces(scanner);
    struct str name = scanner_name(scanner);
    if (name.len == 0)
        return scanner_expected(scanner, "the name of the loop's variable");
    scanner_spaces(scanner);
    struct scanner word = *scanner;
    if (!str_equal(scanner_name(scanner), STR("in")))
        return scanner_expected(&word, "\"in\"");
    struct str list;
    int r = template_expression(scanner, "%}", "the list", &list);
    if (r < 0)
        return r;
    template_line(parser, at);
    buf_format(&parser->code,
        "    for (size_t %.*s_index = 0; %.*s_index < (size_t)(%.*s_count); %.*s_index++) {\n"
        "    __typeof__(&(%.*s)[0]) %.*s = &(%.*s)[%.*s_index];\n    (void)%.*s;\n",
        (int)name.len, name.ptr, (int)name.len, name.ptr, (int)list.len, list.ptr, (int)name.len, name.ptr, (int)list.len, list.ptr,
        (int)name.len, name.ptr, (int)list.len, list.ptr, (int)name.len, name.ptr, (int)name.len, name.ptr);
    struct position start = parser->position;
    size_t floor = parser->floor;
    parser->floor = start.depth;
    parser->position.space = false;
    enum ending ending;
    r = template_block(parser, &ending);
    parser->floor = floor;
    if (r == 0)
        r = template_end_name(parser);
    if (r < 0)
        return r;
    if (ending != ENDING_END)
        return source_fail(scanner->source, at, "expected \"{%% end %%}\" of the for that begins here, found %s",
            ending == ENDING_ELSE ? "an else" : "the end of the file");
    r = check_branch(parser, &start, "the for", at);
    if (r < 0)
        return r;
    template_flush(parser);
    buf_lit(&parser->code, "    }\n");
    parser->position.space = parser->position.space && start.space;
    return 0;
}

// Behind "call": another template's name and its argument.
static int parse_call(struct template_parser *parser, size_t at)
{
    struct scanner *scanner = &parser->scanner;
    scanner_spaces(scanner);
    struct str name = scanner_name(scanner);
    if (name.len == 0)
        return scanner_expected(scanner, "the name of the template to call");
    if (parser->position.place != PLACE_TEXT)
        return source_fail(scanner->source, at, "expected the call in a text, found it inside a tag");
    int r = template_may_write(parser, "call");
    if (r < 0)
        return r;
    struct str argument;
    if (!scanner_take(scanner, "("))
        return scanner_expected(scanner, "\"(\" behind the template's name");
    r = template_expression(scanner, ")", "the argument", &argument);
    if (r < 0)
        return r;
    template_line(parser, at);
    buf_format(&parser->code, "    %.*s_html(out, (%.*s));\n", (int)name.len, name.ptr, (int)argument.len, argument.ptr);
    parser->position.space = false;
    return take_close(scanner);
}

static int parse_csrf(struct template_parser *parser, size_t at)
{
    if (parser->position.place != PLACE_TEXT)
        return source_fail(parser->scanner.source, at, "expected csrf in a form, found it inside a tag");
    buf_lit(&parser->code, "    template_csrf(out);\n");
    parser->position.space = false;
    return take_close(&parser->scanner);
}

// A construct {% … %} inside a template. *ret_ending is set when it ends the block.
static int parse_direction(struct template_parser *parser, enum ending *ret_ending)
{
    struct scanner *scanner = &parser->scanner;
    size_t at = scanner->at;
    int r = template_end_name(parser);
    if (r < 0)
        return r;
    scanner_take(scanner, "{%");
    scanner_spaces(scanner);
    struct scanner word_at = *scanner;
    struct str word = scanner_name(scanner);
    if (str_equal(word, STR("end"))) {
        *ret_ending = ENDING_END;
        return take_close(scanner);
    }
    if (str_equal(word, STR("else"))) {
        *ret_ending = ENDING_ELSE;
        return 0;
    }
    template_flush(parser);
    if (parser->nesting == TEMPLATE_DEPTH)
        return source_fail(scanner->source, at, "expected at most %d ifs and fors inside each other", TEMPLATE_DEPTH);
    parser->nesting++;
    if (str_equal(word, STR("if")))
        r = parse_if(parser, at);
    else if (str_equal(word, STR("for")))
        r = parse_for(parser, at);
    else if (str_equal(word, STR("call")))
        r = parse_call(parser, at);
    else if (str_equal(word, STR("csrf")))
        r = parse_csrf(parser, at);
    else
        r = scanner_expected(&word_at, "if, else, for, call, csrf or end");
    parser->nesting--;
    return r;
}

int template_block(struct template_parser *parser, enum ending *ret_ending)
{
    struct scanner *scanner = &parser->scanner;
    enum ending ending = ENDING_UNSET;
    while (ending == ENDING_UNSET) {
        int r;
        if (scanner_done(scanner)) {
            ending = ENDING_FILE;
            r = 0;
        } else if (scanner_at(scanner, "{%")) {
            r = parse_direction(parser, &ending);
        } else if (scanner_at(scanner, "{{")) {
            r = template_output(parser);
        } else if (scanner_at(scanner, "{_")) {
            r = template_text(parser);
        } else {
            r = template_html(parser);
        }
        if (r < 0)
            return r;
    }
    *ret_ending = ending;
    return 0;
}
