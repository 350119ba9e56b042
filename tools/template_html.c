// SPDX-License-Identifier: MPL-2.0
// The HTML between the constructs: where we are in it, and what is refused.
#include "template.h"

#include <errno.h>

static bool one_of(struct str name, const char *const *list)
{
    for (; *list; list++) {
        if (str_equal_fold(name, str_from(*list)))
            return true;
    }
    return false;
}

static bool starts_fold(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && str_equal_fold((struct str){ s.ptr, len }, (struct str){ prefix, len });
}

// Elements without content: HTML Living Standard 13.1.2.
static bool is_void(struct str element)
{
    static const char *const list[] = { "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", NULL };
    return one_of(element, list);
}

static bool is_url(struct str attribute)
{
    static const char *const list[] = { "href", "src", "action", "formaction", "poster", "cite", "data", "background", "manifest", "xlink:href",
        "hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-push-url", "hx-replace-url", "hx-sse:connect", "sse-connect", "data-url", "data-draft", NULL };
    return one_of(attribute, list);
}

// Attributes whose values htmx or the browser runs as a program or splits by rules of their own.
static bool takes_no_output(struct str attribute)
{
    static const char *const list[] = { "hx-vals", "hx-headers", "hx-trigger", "hx-request", "hx-config", "hx-vars", "srcset", "http-equiv", NULL };
    return one_of(attribute, list);
}

static const struct element *innermost(const struct template_parser *parser)
{
    return parser->position.depth > 0 ? &parser->elements[parser->position.depth - 1] : NULL;
}

static bool inside(const struct template_parser *parser, const char *const *list)
{
    for (size_t i = 0; i < parser->position.depth; i++) {
        if (one_of(parser->elements[i].name, list))
            return true;
    }
    return false;
}

static int check_attribute(struct template_parser *parser, size_t at)
{
    struct str name = parser->position.attribute;
    const struct source *source = parser->scanner.source;
    if (starts_fold(name, "on") || starts_fold(name, "hx-on"))
        return source_fail(source, at, "expected no script in the page, found the attribute %.*s", (int)name.len, name.ptr);
    if (str_equal_fold(name, STR("style")) || str_equal_fold(name, STR("srcdoc")))
        return source_fail(source, at, "expected a class instead of the attribute %.*s", (int)name.len, name.ptr);
    return 0;
}

int template_end_name(struct template_parser *parser)
{
    if (parser->position.place == PLACE_NAME) {
        parser->position.place = PLACE_TAG;
        parser->position.space = false;
    }
    return 0;
}

int template_may_write(struct template_parser *parser, const char *what)
{
    const struct position *position = &parser->position;
    const struct element *element = innermost(parser);
    if (position->place == PLACE_TAG || position->place == PLACE_NAME)
        return source_fail(parser->scanner.source, parser->scanner.at, "expected %s in a text or in a quoted value, found it inside a tag", what);
    if (position->place == PLACE_VALUE && takes_no_output(position->attribute))
        return source_fail(parser->scanner.source, parser->scanner.at, "expected %s elsewhere than in the attribute %.*s", what,
            (int)position->attribute.len, position->attribute.ptr);
    if (position->place == PLACE_TEXT && element && str_equal_fold(element->name, STR("script")))
        return source_fail(parser->scanner.source, parser->scanner.at, "expected %s elsewhere than inside <script>", what);
    return 0;
}

static int comment(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    size_t start = at->at;
    while (!scanner_take(at, "-->")) {
        if (scanner_done(at))
            return source_fail(at->source, start, "expected \"-->\" at the end of the comment that begins here, found the end of the file");
        if (scanner_at(at, "{{") || scanner_at(at, "{%") || scanner_at(at, "{_"))
            return source_fail(at->source, at->at, "expected no construct in a comment");
        at->at++;
    }
    return 0;
}

// At "<" of a tag: reads its name.
static int open_tag(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    struct position *position = &parser->position;
    size_t start = at->at;
    scanner_take(at, "<");
    bool closing = scanner_take(at, "/");
    size_t name = at->at;
    while (is_name(scanner_peek(at, 0)) || scanner_peek(at, 0) == '-')
        at->at++;
    struct str element = { at->source->text.ptr + name, at->at - name };
    if (element.len == 0)
        return scanner_expected(at, "an element's name behind \"<\" (a lone \"<\" is written &lt;)");
    char next = scanner_peek(at, 0);
    if (!is_space(next) && next != '>' && next != '/')
        return scanner_expected(at, "a space or \">\" behind the element's name");
    if (str_equal_fold(element, STR("style")))
        return source_fail(at->source, start, "expected no style in the page: put it into a style sheet, found <style>");
    position->place = PLACE_TAG;
    position->closing = closing;
    position->closed = false;
    position->space = false;
    position->element = element;
    buf_put(&parser->literal, at->source->text.ptr + start, at->at - start);
    return 0;
}

static int close_element(struct template_parser *parser, size_t at)
{
    struct position *position = &parser->position;
    const struct source *source = parser->scanner.source;
    const struct element *element = innermost(parser);
    if (!element || position->depth <= parser->floor)
        return source_fail(source, at, "expected no </%.*s> here: nothing is open %s", (int)position->element.len, position->element.ptr,
            element ? "that this branch has opened" : "");
    if (!str_equal_fold(element->name, position->element))
        return source_fail(source, at, "expected </%.*s> for line %u, found </%.*s>", (int)element->name.len, element->name.ptr,
            source_line(source, element->at), (int)position->element.len, position->element.ptr);
    position->depth--;
    return 0;
}

static int end_tag(struct template_parser *parser)
{
    struct position *position = &parser->position;
    struct scanner *at = &parser->scanner;
    scanner_take(at, ">");
    // A space before ">" says nothing.
    if (position->space && parser->literal.len > 0 && parser->literal.data[parser->literal.len - 1] == ' ')
        parser->literal.len--;
    buf_char(&parser->literal, '>');
    position->place = PLACE_TEXT;
    position->space = false;
    if (position->closing)
        return close_element(parser, at->at - 1);
    if (is_void(position->element) || position->closed)
        return 0;
    if (position->depth == TEMPLATE_DEPTH)
        return source_fail(at->source, at->at, "expected at most %d open elements", TEMPLATE_DEPTH);
    parser->elements[position->depth++] = (struct element){ position->element, at->at - 1 };
    return 0;
}

static int in_text(struct template_parser *parser)
{
    static const char *const preserving[] = { "pre", "textarea", NULL };
    struct scanner *at = &parser->scanner;
    char c = scanner_peek(at, 0);
    const struct element *element = innermost(parser);
    if (scanner_at(at, "<!--"))
        return comment(parser);
    if (scanner_at(at, "<!")) {
        while (!scanner_done(at) && scanner_peek(at, 0) != '>')
            buf_char(&parser->literal, scanner_peek(at, 0)), at->at++;
        return 0;
    }
    if (c == '<')
        return open_tag(parser);
    if (element && str_equal_fold(element->name, STR("script")) && !is_space(c))
        return source_fail(at->source, at->at, "expected no script in the page: put it into a file of its own, found text inside <script>");
    at->at++;
    if (!is_space(c) || inside(parser, preserving)) {
        buf_char(&parser->literal, c);
        parser->position.space = false;
        return 0;
    }
    if (!parser->position.space)
        buf_char(&parser->literal, c == '\n' ? '\n' : ' ');
    parser->position.space = true;
    return 0;
}

static int in_tag(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    struct position *position = &parser->position;
    char c = scanner_peek(at, 0);
    if (c == '>')
        return end_tag(parser);
    if (is_space(c)) {
        if (!position->space)
            buf_char(&parser->literal, ' ');
        position->space = true;
        at->at++;
        return 0;
    }
    if (c == '/' && scanner_peek(at, 1) == '>') {
        buf_char(&parser->literal, '/');
        position->closed = true;
        position->space = false;
        at->at++;
        return 0;
    }
    if (!is_name_start(c) || position->closing)
        return scanner_expected(at, position->closing ? "\">\"" : "an attribute's name or \">\"");
    if (!position->space)
        return scanner_expected(at, "a space before the next attribute");
    position->attribute = (struct str){ at->source->text.ptr + at->at, 0 };
    position->place = PLACE_NAME;
    return 0;
}

// What a URL that is written out may begin with.
static int begin_url(struct template_parser *parser)
{
    static const char *const fixed[] = { "https://", "http://", "mailto:", "tel:", NULL };
    struct scanner *at = &parser->scanner;
    char c = scanner_peek(at, 0);
    parser->position.url = URL_LOCAL;
    if ((c == '/' && scanner_peek(at, 1) != '/') || c == '#' || c == '?')
        return 0;
    parser->position.url = URL_FIXED;
    for (size_t i = 0; fixed[i]; i++) {
        if (scanner_at(at, fixed[i]))
            return 0;
    }
    return scanner_expected(at, "a URL that begins with /, # or ?, or with https:, http:, mailto: or tel:");
}

// Behind an attribute's name.
static int begin_value(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    struct position *position = &parser->position;
    int r = check_attribute(parser, at->at);
    if (r < 0)
        return r;
    if (!scanner_take(at, "="))
        return template_end_name(parser);
    char quote = scanner_peek(at, 0);
    if (quote != '"' && quote != '\'')
        return scanner_expected(at, "a quote around the attribute's value");
    at->at++;
    buf_put(&parser->literal, (char[]){ '=', quote }, 2);
    position->place = PLACE_VALUE;
    position->quote = quote;
    position->url = is_url(position->attribute) ? URL_START : URL_NONE;
    struct str rest = { at->source->text.ptr + at->at, at->source->text.len - at->at };
    rest = str_trim(rest);
    if (starts_fold(rest, "javascript:") || starts_fold(rest, "js:"))
        return source_fail(at->source, at->at, "expected no script in the page, found it in the attribute %.*s", (int)position->attribute.len,
            position->attribute.ptr);
    return 0;
}

static int in_name(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    char c = scanner_peek(at, 0);
    if (is_name(c) || c == '-' || c == ':' || c == '.') {
        buf_char(&parser->literal, c);
        parser->position.attribute.len++;
        at->at++;
        return 0;
    }
    if (c != '=' && c != '>' && c != '/' && !is_space(c))
        return scanner_expected(at, "\"=\", a space or \">\" behind the attribute's name");
    return begin_value(parser);
}

static int in_value(struct template_parser *parser)
{
    struct scanner *at = &parser->scanner;
    struct position *position = &parser->position;
    char c = scanner_peek(at, 0);
    if (c == position->quote) {
        position->place = PLACE_TAG;
        position->url = URL_UNSET;
        position->quote = '\0';
        position->space = false;
    } else if (position->url == URL_START) {
        int r = begin_url(parser);
        if (r < 0)
            return r;
    }
    buf_char(&parser->literal, c);
    at->at++;
    return 0;
}

int template_html(struct template_parser *parser)
{
    switch (parser->position.place) {
    case PLACE_TAG:
        return in_tag(parser);
    case PLACE_NAME:
        return in_name(parser);
    case PLACE_VALUE:
        return in_value(parser);
    default:
        return in_text(parser);
    }
}
