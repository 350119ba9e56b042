// SPDX-License-Identifier: MPL-2.0
#include "web/markdown_inline.h"

#include "base/ascii.h"
#include "web/url.h"

#define EMAIL_LOCAL_MAX 64     // bytes, RFC 5321 section 4.5.3.1
#define EMAIL_DOMAIN_MAX 255

enum style { BOLD = 1, ITALIC = 2, LINK = 4 };

struct line {
    struct buf *buf;
    struct arena *arena;
};

// A stretch of a line that is being written; what stands before 'done' is out. The functions try_… return the length of what they
// recognised, 0 for nothing; what they do not write stays to be written as text.
struct stretch {
    struct str text;
    size_t done;
    unsigned style;      // what surrounds it
    bool no_closer[4];   // a search for this closing sign failed: it would fail again further on
};

static void put_stretch(struct line *line, struct str text, unsigned style);

// Letters and digits, and all of UTF-8 beyond ASCII, so that æ, ø and å count as letters.
static bool is_word(char c)
{
    return ascii_is_word(c) || (unsigned char)c >= 0x80;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t';
}

// A sign behind one of these means nothing: "5*3" is a sum, "¯\\_" a shrug.
static bool is_binding(char c)
{
    return is_word(c) || c == '\\';
}

static struct str part(struct str s, size_t from, size_t to)
{
    return (struct str){ s.ptr + from, to - from };
}

static size_t run_at(struct str s, size_t at)
{
    size_t end = at;
    while (end < s.len && s.ptr[end] == s.ptr[at])
        end++;
    return end - at;
}

static void put_text_until(struct line *line, struct stretch *stretch, size_t to)
{
    html_text(line->buf, part(stretch->text, stretch->done, to));
    stretch->done = to;
}

// Where the closing sign of 'want' characters begins, at or behind 'from'; 0: nowhere.
static size_t find_closer(struct str s, size_t from, char sign, size_t want)
{
    for (size_t at = from; at < s.len;) {
        const char *found = memchr(s.ptr + at, sign, s.len - at);
        if (!found)
            return 0;
        size_t begin = (size_t)(found - s.ptr), run = run_at(s, begin), end = begin + run;
        bool closes = begin > from && !is_gap(s.ptr[begin - 1]) && s.ptr[begin - 1] != '\\' && (end == s.len || !is_word(s.ptr[end]));
        if (closes && (run == want || run == 3))
            return end - want;
        at = end;
    }
    return 0;
}

// **bold**, *italic* and both.
static size_t try_emphasis(struct line *line, struct stretch *stretch, size_t at)
{
    struct str s = stretch->text;
    char sign = s.ptr[at];
    size_t run = run_at(s, at), want = run >= 2 ? 2 : 1;
    unsigned style = want == 2 ? BOLD : ITALIC;
    bool *no_closer = &stretch->no_closer[(sign == '_' ? 2 : 0) + want - 1];
    bool opens = run <= 3 && at + run < s.len && !is_gap(s.ptr[at + run]) && (at == 0 || !is_binding(s.ptr[at - 1]));
    if (!opens || (stretch->style & style) || *no_closer)
        return 0;
    size_t closer = find_closer(s, at + run, sign, want);
    if (!closer) {
        *no_closer = true;
        return 0;
    }
    put_text_until(line, stretch, at);
    if (want == 2)
        buf_lit(line->buf, "<strong>");
    else
        buf_lit(line->buf, "<em>");
    put_stretch(line, part(s, at + want, closer), stretch->style | style);
    if (want == 2)
        buf_lit(line->buf, "</strong>");
    else
        buf_lit(line->buf, "</em>");
    stretch->done = closer + want;
    return stretch->done - at;
}

static void put_link_open(struct line *line, struct url url)
{
    buf_lit(line->buf, "<a href=\"");
    html_url(line->buf, url);
    buf_lit(line->buf, "\" rel=\"noopener noreferrer nofollow\">");
}

// The end of the address that begins at 'from' and ends at an unpaired ')'; 0: there is none. A '[' may begin another link.
static size_t find_address_end(struct str s, size_t from)
{
    size_t depth = 0;
    for (size_t at = from; at < s.len && (unsigned char)s.ptr[at] > ' ' && s.ptr[at] != '['; at++) {
        if (s.ptr[at] == '(')
            depth++;
        else if (s.ptr[at] == ')' && depth-- == 0)
            return at;
    }
    return 0;
}

// [text](address)
static size_t try_link(struct line *line, struct stretch *stretch, size_t at)
{
    struct str s = stretch->text;
    size_t close = at + 1;
    bool visible = false;
    while (close < s.len && s.ptr[close] != ']' && s.ptr[close] != '[')
        visible |= !is_gap(s.ptr[close++]);
    if ((stretch->style & LINK) || !visible || close + 1 >= s.len || s.ptr[close] != ']' || s.ptr[close + 1] != '(')
        return 0;
    size_t end = find_address_end(s, close + 2);
    struct str address = end ? part(s, close + 2, end) : STR("");
    struct url url = url_external(line->arena, address);
    if (!url.text.ptr)
        return 0;
    put_text_until(line, stretch, at);
    put_link_open(line, url);
    put_stretch(line, part(s, at + 1, close), stretch->style | LINK);
    buf_lit(line->buf, " (");
    html_text(line->buf, address);
    buf_lit(line->buf, ")</a>");
    stretch->done = end + 1;
    return stretch->done - at;
}

static bool starts_with(struct str s, size_t at, const char *lower)
{
    for (; *lower; lower++, at++) {
        if (at >= s.len || ascii_lower(s.ptr[at]) != *lower)
            return false;
    }
    return true;
}

// A sentence's own signs behind an address do not belong to it, and a ')' only when its '(' does.
static size_t without_trailing(struct str s, size_t from, size_t end)
{
    size_t opened = 0, closed = 0;
    for (size_t at = from; at < end; at++) {
        opened += s.ptr[at] == '(';
        closed += s.ptr[at] == ')';
    }
    for (; end > from; end--) {
        char c = s.ptr[end - 1];
        if (c == ')' && closed > opened)
            closed--;
        else if (!strchr(".,;:!?'*_~]", c))
            break;
    }
    return end;
}

// The end of a bare web address at 'at'; 0: there is none.
static size_t find_web(struct str s, size_t at, bool *ret_needs_scheme)
{
    *ret_needs_scheme = starts_with(s, at, "www.");
    size_t head = *ret_needs_scheme ? 4 : starts_with(s, at, "https://") ? 8 : starts_with(s, at, "http://") ? 7 : 0;
    if (head == 0)
        return 0;
    size_t end = at;
    while (end < s.len && (unsigned char)s.ptr[end] > ' ' && !strchr("<>\"\\\x7f", s.ptr[end]))
        end++;
    end = without_trailing(s, at, end);
    return end > at + head ? end : 0;
}

// The end of what can be an e-mail address's domain and begins at 'from'; 0: there is none.
static size_t find_domain(struct str s, size_t from)
{
    size_t end = from;
    while (end < s.len && end - from <= EMAIL_DOMAIN_MAX && (is_word(s.ptr[end]) || s.ptr[end] == '.' || s.ptr[end] == '-'))
        end++;
    while (end > from && !is_word(s.ptr[end - 1]))
        end--;
    bool good = end > from && is_word(s.ptr[from]) && memchr(s.ptr + from, '.', end - from);
    return good ? end : 0;
}

// The end of a bare e-mail address at 'at'; 0: there is none.
static size_t find_email(struct str s, size_t at)
{
    size_t end = at;
    while (end < s.len && end - at <= EMAIL_LOCAL_MAX && (ascii_is_word(s.ptr[end]) || strchr(".+-_", s.ptr[end])))
        end++;
    bool local = end > at && end - at <= EMAIL_LOCAL_MAX && end < s.len && s.ptr[end] == '@';
    return local ? find_domain(s, end + 1) : 0;
}

static struct str joined(struct arena *arena, struct str head, struct str tail)
{
    char *text = arena_alloc(arena, head.len + tail.len);
    if (!text)
        return STR("");
    memcpy(text, head.ptr, head.len);
    memcpy(text + head.len, tail.ptr, tail.len);
    return (struct str){ text, head.len + tail.len };
}

static size_t try_address(struct line *line, struct stretch *stretch, size_t at)
{
    struct str s = stretch->text;
    if ((stretch->style & LINK) || (at > 0 && is_word(s.ptr[at - 1])) || !is_word(s.ptr[at]))
        return 0;
    bool needs_scheme;
    size_t end = find_web(s, at, &needs_scheme);
    struct str address = part(s, at, end ? end : at);
    if (end && needs_scheme)
        address = joined(line->arena, STR("https://"), address);
    if (!end) {
        end = find_email(s, at);
        address = end ? joined(line->arena, STR("mailto:"), part(s, at, end)) : STR("");
    }
    if (!end)
        return 0;
    struct url url = url_external(line->arena, address);
    if (url.text.ptr) {
        put_text_until(line, stretch, at);
        put_link_open(line, url);
        html_text(line->buf, part(s, at, end));
        buf_lit(line->buf, "</a>");
        stretch->done = end;
    }
    return end - at;
}

static void put_stretch(struct line *line, struct str text, unsigned style)
{
    struct stretch stretch = { .text = text, .style = style };
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        bool sign = c == '*' || c == '_';
        size_t used = sign ? try_emphasis(line, &stretch, at) : c == '[' ? try_link(line, &stretch, at) :
                                                                          try_address(line, &stretch, at);
        at += used ? used : sign ? run_at(text, at) : 1;
    }
    put_text_until(line, &stretch, text.len);
}

void markdown_inline(struct buf *buf, struct arena *arena, struct str line)
{
    struct line out = { buf, arena };
    put_stretch(&out, line, 0);
}

bool markdown_inline_is_plain(struct str line)
{
    static const bool telling[256] = { ['*'] = true, ['_'] = true, ['['] = true, ['@'] = true };
    for (size_t at = 0; at < line.len; at++) {
        unsigned char c = (unsigned char)line.ptr[at];
        if (telling[c] || (c == ':' && starts_with(line, at, "://")) || (c == '.' && at >= 3 && starts_with(line, at - 3, "www.")))
            return false;
    }
    return true;
}
