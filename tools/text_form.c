// SPDX-License-Identifier: MPL-2.0
#include "text_form.h"

#include <errno.h>

uint64_t text_hash(struct str msgid)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < msgid.len; i++)
        hash = (hash ^ (unsigned char)msgid.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

int text_next_name(struct str text, size_t *at, struct str *ret_name)
{
    while (*at < text.len && text.ptr[*at] != '{' && text.ptr[*at] != '}')
        ++*at;
    if (*at == text.len)
        return 0;
    size_t start = *at + 1, end = start;
    while (end < text.len && is_name(text.ptr[end]))
        end++;
    if (text.ptr[*at] == '}' || end == start || end == text.len || text.ptr[end] != '}' || is_digit(text.ptr[start]))
        return -EINVAL;
    *ret_name = (struct str){ text.ptr + start, end - start };
    *at = end + 1;
    return 1;
}

// A copy with runs of white space made one space.
static struct str squeeze(struct arena *arena, struct str text)
{
    text = str_trim(text);
    char *copy = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; copy && i < text.len; i++) {
        bool space = is_space(text.ptr[i]);
        if (!space || (len > 0 && copy[len - 1] != ' '))
            copy[len++] = space ? ' ' : text.ptr[i];
    }
    return (struct str){ copy, len };
}

// Reads a form up to '|' or "_}".
static int parse_form(struct arena *arena, struct scanner *at, size_t open, struct str *ret_form)
{
    size_t start = at->at;
    while (!scanner_at(at, "|") && !scanner_at(at, "_}")) {
        if (scanner_done(at))
            return source_fail(at->source, open, "expected \"_}\" at the end of the text that begins here, found the end of the file");
        at->at++;
    }
    *ret_form = squeeze(arena, (struct str){ at->source->text.ptr + start, at->at - start });
    if (!ret_form->ptr)
        return -ENOMEM;
    return ret_form->len > 0 ? 0 : source_fail(at->source, start, "expected a text between \"{_\" and \"_}\", found none");
}

// Reads an expression up to a comma or "_}" outside of brackets and quotes.
static struct str read_expression(struct scanner *at)
{
    size_t start = at->at;
    int depth = 0;
    while (!scanner_done(at) && !scanner_at(at, "_}")) {
        char c = scanner_peek(at, 0);
        if (c == ',' && depth <= 0)
            break;
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        at->at++;
        if (c == '"') {
            while (!scanner_done(at) && scanner_peek(at, 0) != '"')
                at->at += scanner_peek(at, 0) == '\\' && scanner_peek(at, 1) ? 2 : 1;
            scanner_take(at, "\"");
        }
    }
    return str_trim((struct str){ at->source->text.ptr + start, at->at - start });
}

static int parse_values(struct scanner *at, struct text_form *form)
{
    do {
        struct text_form_value value = { 0 };
        scanner_spaces(at);
        value.at = at->at;
        value.name = scanner_name(at);
        if (value.name.len == 0)
            return scanner_expected(at, "a value's name");
        scanner_spaces(at);
        if (!scanner_take(at, "="))
            return scanner_expected(at, "\"=\" behind the value's name");
        value.expression = read_expression(at);
        if (value.expression.len == 0)
            return scanner_expected(at, "an expression behind \"=\"");
        if (form->count == TEXT_VALUES_MAX)
            return source_fail(at->source, value.at, "expected at most %d values", TEXT_VALUES_MAX);
        form->values[form->count++] = value;
    } while (scanner_take(at, ","));
    return 0;
}

static bool form_has(struct str form, struct str wanted)
{
    struct str name;
    size_t at = 0;
    while (text_next_name(form, &at, &name) == 1) {
        if (str_equal(name, wanted))
            return true;
    }
    return false;
}

// Every {name} has a value.
static int check_names(const struct scanner *scanner, size_t open, const struct text_form *form, struct str text)
{
    struct str name;
    size_t at = 0;
    int r;
    while ((r = text_next_name(text, &at, &name)) == 1) {
        bool found = false;
        for (size_t i = 0; i < form->count; i++)
            found = found || str_equal(form->values[i].name, name);
        if (!found)
            return source_fail(scanner->source, open, "expected a value for {%.*s}, found none", (int)name.len, name.ptr);
    }
    return r < 0 ? source_fail(scanner->source, open, "expected {name} in the text, found a brace alone") : 0;
}

static int check(const struct scanner *scanner, size_t open, const struct text_form *form)
{
    int r = check_names(scanner, open, form, form->msgid);
    if (r == 0 && form->plural.ptr)
        r = check_names(scanner, open, form, form->plural);
    if (r < 0)
        return r;
    bool counted = false;
    for (size_t i = 0; i < form->count; i++) {
        const struct text_form_value *value = &form->values[i];
        counted = counted || str_equal(value->name, STR("n"));
        if (!form_has(form->msgid, value->name) && !(form->plural.ptr && form_has(form->plural, value->name)))
            return source_fail(scanner->source, value->at, "expected {%.*s} in the text, found it nowhere", (int)value->name.len,
                value->name.ptr);
    }
    if (form->plural.ptr && !counted)
        return source_fail(scanner->source, open, "expected a value \"n\" that chooses between the two forms, found none");
    return 0;
}

int text_form_parse(struct arena *arena, struct scanner *scanner, struct text_form *ret_form)
{
    struct text_form form = { 0 };
    size_t open = scanner->at;
    scanner_take(scanner, "{_");
    int r = parse_form(arena, scanner, open, &form.msgid);
    if (r == 0 && scanner_take(scanner, "||"))
        r = parse_form(arena, scanner, open, &form.plural);
    if (r == 0 && scanner_take(scanner, "|"))
        r = parse_values(scanner, &form);
    if (r < 0)
        return r;
    if (!scanner_take(scanner, "_}"))
        return scanner_expected(scanner, "\"_}\" at the end of the text");
    r = check(scanner, open, &form);
    if (r == 0)
        *ret_form = form;
    return r;
}
