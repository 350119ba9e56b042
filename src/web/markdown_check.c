// SPDX-License-Identifier: MPL-2.0
#include "web/markdown_check.h"

#include <strings.h>

#define DEPTH_MAX 16

struct reader {
    struct str rest;      // of the markup
    struct str source;    // what has not been found in it yet
    struct str open[DEPTH_MAX];
    size_t depth;
    const char *problem;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool skip(struct str *s, struct str prefix)
{
    if (!str_starts(*s, prefix))
        return false;
    *s = (struct str){ s->ptr + prefix.len, s->len - prefix.len };
    return true;
}

// Passes over what may be a sign and not a letter.
static void skip_signs(struct str *s)
{
    while (skip(s, STR("•")) || (s->len && !is_letter(s->ptr[0]) && skip(s, (struct str){ s->ptr, 1 })))
        ;
}

// A character that a person sees: the source's next letter, if it is that one.
static void see(struct reader *r, char c)
{
    skip_signs(&r->source);
    if (r->source.len && r->source.ptr[0] == c)
        skip(&r->source, (struct str){ r->source.ptr, 1 });
}

static bool unescape(struct str *s, char *ret_char)
{
    static const struct {
        struct str name;
        char c;
    } known[] = { { STR("&amp;"), '&' }, { STR("&lt;"), '<' }, { STR("&gt;"), '>' }, { STR("&#34;"), '"' }, { STR("&#39;"), '\'' } };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (skip(s, known[i].name)) {
            *ret_char = known[i].c;
            return true;
        }
    }
    return false;
}

static void open_tag(struct reader *r, struct str name)
{
    if (r->depth == DEPTH_MAX)
        r->problem = "nested too deeply";
    else
        r->open[r->depth++] = name;
}

static bool inside(const struct reader *r, struct str name)
{
    for (size_t i = 0; i < r->depth; i++) {
        if (str_equal(r->open[i], name))
            return true;
    }
    return false;
}

static bool has_scheme(struct str address, const char *scheme)
{
    return address.len > strlen(scheme) && strncasecmp(address.ptr, scheme, strlen(scheme)) == 0;
}

static void read_link(struct reader *r)
{
    struct str address = str_cut(&r->rest, '"');
    if (!has_scheme(address, "http://") && !has_scheme(address, "https://") && !has_scheme(address, "mailto:"))
        r->problem = "an address with another scheme";
    for (size_t i = 0; i < address.len; i++) {
        if (strchr("<>'\\ \n\t", address.ptr[i]))
            r->problem = "an address that is not escaped";
    }
    if (!skip(&r->rest, STR(" rel=\"noopener noreferrer nofollow\">")))
        r->problem = "a link without rel";
    if (inside(r, STR("a")))
        r->problem = "a link in a link";
    open_tag(r, STR("a"));
}

static void read_value(struct reader *r)
{
    struct str digits = str_cut(&r->rest, '"');
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            r->problem = "a value that is no number";
        see(r, digits.ptr[i]);
    }
    if (digits.len == 0 || !skip(&r->rest, STR(">")))
        r->problem = "a value that does not end";
    open_tag(r, STR("li"));
}

static void read_tag(struct reader *r)
{
    static const struct str plain[] = { STR("p"), STR("strong"), STR("em"), STR("ul"), STR("ol"), STR("li") };
    if (skip(&r->rest, STR("br>")))
        return;
    if (skip(&r->rest, STR("a href=\""))) {
        read_link(r);
        return;
    }
    if (skip(&r->rest, STR("li value=\""))) {
        read_value(r);
        return;
    }
    bool closes = skip(&r->rest, STR("/"));
    struct str name = str_cut(&r->rest, '>');
    if (closes) {
        if (r->depth == 0 || !str_equal(r->open[--r->depth], name))
            r->problem = "a tag that closes another";
        return;
    }
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (str_equal(name, plain[i])) {
            open_tag(r, plain[i]);
            return;
        }
    }
    r->problem = "a tag that was not promised";
}

static void read_text(struct reader *r)
{
    if (r->depth == 0)
        r->problem = "text outside of a paragraph or list";
    if (skip(&r->rest, STR("•")))
        return;
    char c = r->rest.ptr[0];
    if (c != '&')
        skip(&r->rest, (struct str){ r->rest.ptr, 1 });
    if (c == '>' || c == '"' || c == '\'' || (c == '&' && !unescape(&r->rest, &c)))
        r->problem = "text that is not escaped";
    see(r, c);
}

const char *markdown_check(struct str source, struct str markup)
{
    struct reader r = { .rest = markup, .source = source };
    while (r.rest.len > 0 && !r.problem) {
        if (skip(&r.rest, STR("<")))
            read_tag(&r);
        else
            read_text(&r);
    }
    if (!r.problem && r.depth > 0)
        r.problem = "a tag that is not closed";
    skip_signs(&r.source);
    return !r.problem && r.source.len > 0 ? "a letter of the source is missing" : r.problem;
}
