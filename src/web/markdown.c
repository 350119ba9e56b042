// SPDX-License-Identifier: MPL-2.0
#include "web/markdown.h"

#include "base/ascii.h"
#include "web/markdown_inline.h"
#include <errno.h>

#define LEVELS_MAX 4
#define TAB_WIDTH 4
#define ITEM_DIGITS_MAX 3   // of a numbered item: more are years and amounts

enum line_kind { LINE_UNSET, LINE_BLANK, LINE_TEXT, LINE_BULLET, LINE_NUMBER, LINE_HEADING };

struct source_line {
    enum line_kind kind;
    size_t indent;       // columns
    struct str text;     // all of it but the white space around
    struct str content;  // what stands behind the sign of an item or heading
    int64_t number;
};

struct level {
    enum line_kind kind;
    size_t indent;
};

struct writer {
    struct buf *buf;
    struct arena *arena;
    bool in_paragraph;
    bool after_blank;
    size_t depth;        // open lists, each with an open item
    struct level levels[LEVELS_MAX];
};

static bool is_gap(char c)
{
    return c == ' ' || c == '\t';
}

// Cuts a sign of this length and the gap behind it off; the rest is what the sign is for.
static bool take_sign(struct source_line *line, size_t length)
{
    if (length >= line->text.len || !is_gap(line->text.ptr[length]))
        return false;
    line->content = str_trim((struct str){ line->text.ptr + length, line->text.len - length });
    return true;
}

static size_t count_of(struct str s, char c, size_t most)
{
    size_t count = 0;
    while (count < s.len && count <= most && s.ptr[count] == c)
        count++;
    return count;
}

static bool take_number(struct source_line *line)
{
    size_t digits = 0;
    while (digits < line->text.len && ascii_is_digit(line->text.ptr[digits]))
        digits++;
    return digits > 0 && digits <= ITEM_DIGITS_MAX && digits < line->text.len &&
           (line->text.ptr[digits] == '.' || line->text.ptr[digits] == ')') &&
           str_to_int((struct str){ line->text.ptr, digits }, &line->number) == 0 && take_sign(line, digits + 1);
}

static bool take_bullet(struct source_line *line)
{
    if (str_starts(line->text, STR("•")))
        return take_sign(line, strlen("•"));
    return (line->text.ptr[0] == '-' || line->text.ptr[0] == '*') && take_sign(line, 1);
}

static enum line_kind read_kind(struct source_line *line)
{
    if (line->text.len == 0)
        return LINE_BLANK;
    size_t hashes = count_of(line->text, '#', 6);
    if (hashes >= 1 && hashes <= 6)
        return take_sign(line, hashes) ? LINE_HEADING : LINE_TEXT;
    if (take_bullet(line))
        return LINE_BULLET;
    return take_number(line) ? LINE_NUMBER : LINE_TEXT;
}

static struct source_line read_line(struct str text)
{
    struct source_line line = { 0 };
    size_t at = 0;
    for (; at < text.len && is_gap(text.ptr[at]); at++)
        line.indent += text.ptr[at] == '\t' ? TAB_WIDTH : 1;
    line.text = str_trim((struct str){ text.ptr + at, text.len - at });
    line.kind = read_kind(&line);
    return line;
}

static void close_paragraph(struct writer *w)
{
    if (w->in_paragraph)
        buf_lit(w->buf, "</p>");
    w->in_paragraph = false;
}

static void close_list(struct writer *w)
{
    buf_lit(w->buf, "</li>");
    if (w->levels[--w->depth].kind == LINE_NUMBER)
        buf_lit(w->buf, "</ol>");
    else
        buf_lit(w->buf, "</ul>");
}

static void close_all(struct writer *w)
{
    close_paragraph(w);
    while (w->depth > 0)
        close_list(w);
}

static void open_list(struct writer *w, const struct source_line *line)
{
    w->levels[w->depth++] = (struct level){ line->kind, line->indent };
    if (line->kind == LINE_NUMBER)
        buf_lit(w->buf, "<ol>");
    else
        buf_lit(w->buf, "<ul>");
}

// A number is repeated as it was typed, so that "22." stays 22 whatever stands before it.
static void put_item(struct writer *w, const struct source_line *line)
{
    if (line->kind == LINE_NUMBER) {
        buf_lit(w->buf, "<li value=\"");
        html_number(w->buf, line->number);
        buf_lit(w->buf, "\">");
    } else {
        buf_lit(w->buf, "<li>");
    }
    markdown_inline(w->buf, w->arena, line->content);
}

static void put_text(struct writer *w, const struct source_line *line)
{
    bool goes_on = w->depth > 0 && !w->after_blank && line->indent > w->levels[0].indent;
    if (goes_on || w->in_paragraph) {
        buf_lit(w->buf, "<br>");
    } else {
        close_all(w);
        buf_lit(w->buf, "<p>");
        w->in_paragraph = true;
    }
    markdown_inline(w->buf, w->arena, line->text);
}

// The number of open lists that remain when an item with this indentation comes.
static size_t depth_for(const struct writer *w, const struct source_line *line)
{
    size_t depth = w->depth;
    while (depth > 1 && line->indent < w->levels[depth - 1].indent)
        depth--;
    return depth;
}

// A list that is numbered begins with 1: "3. klasse skal på tur" and "24. december" are sentences.
static void put_list_line(struct writer *w, const struct source_line *line)
{
    size_t depth = depth_for(w, line);
    bool nests = depth > 0 && depth < LEVELS_MAX && line->indent >= w->levels[depth - 1].indent + 2;
    bool same = depth > 0 && !nests && w->levels[depth - 1].kind == line->kind;
    if (!same && line->kind == LINE_NUMBER && line->number != 1) {
        put_text(w, line);
        return;
    }
    close_paragraph(w);
    while (w->depth > depth)
        close_list(w);
    if (same) {
        buf_lit(w->buf, "</li>");
    } else {
        if (depth > 0 && !nests)
            close_list(w);
        open_list(w, line);
    }
    put_item(w, line);
}

static void put_heading(struct writer *w, const struct source_line *line)
{
    close_all(w);
    buf_lit(w->buf, "<p><strong>");
    markdown_inline(w->buf, w->arena, line->content);
    buf_lit(w->buf, "</strong></p>");
}

static void put_line(struct writer *w, const struct source_line *line)
{
    switch (line->kind) {
    case LINE_BLANK:
        close_paragraph(w);
        break;
    case LINE_BULLET:
    case LINE_NUMBER:
        put_list_line(w, line);
        break;
    case LINE_HEADING:
        put_heading(w, line);
        break;
    default:
        put_text(w, line);
    }
    w->after_blank = line->kind == LINE_BLANK;
}

int markdown_render(struct arena *arena, struct str source, struct html *ret_html)
{
    if (source.len > MARKDOWN_SOURCE_MAX)
        return -E2BIG;
    struct buf buf = buf_bounded(source.len * MARKDOWN_GROWTH + 64);
    struct writer w = { .buf = &buf, .arena = arena };
    while (source.len > 0) {
        struct source_line line = read_line(str_cut(&source, '\n'));
        put_line(&w, &line);
    }
    close_all(&w);
    int r = buf.error;
    struct str markup = r == 0 ? arena_str(arena, buf_view(&buf)) : STR("");
    buf_free(&buf);
    if (r == 0 && !markup.ptr)
        r = -ENOMEM;
    if (r == 0)
        *ret_html = (struct html){ markup };
    return r;
}

bool markdown_is_plain(struct str source)
{
    while (source.len > 0) {
        struct source_line line = read_line(str_cut(&source, '\n'));
        if ((line.kind != LINE_BLANK && line.kind != LINE_TEXT) || !markdown_inline_is_plain(line.text))
            return false;
    }
    return true;
}

void markdown_plain(struct buf *buf, struct str source)
{
    bool in_paragraph = false;
    while (source.len > 0) {
        struct str text = str_trim(str_cut(&source, '\n'));
        if (text.len == 0) {
            if (in_paragraph)
                buf_lit(buf, "</p>");
            in_paragraph = false;
            continue;
        }
        if (in_paragraph)
            buf_lit(buf, "<br>");
        else
            buf_lit(buf, "<p>");
        in_paragraph = true;
        html_text(buf, text);
    }
    if (in_paragraph)
        buf_lit(buf, "</p>");
}
