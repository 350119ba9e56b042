// SPDX-License-Identifier: MPL-2.0
#include "web/form_field.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include <assert.h>
#include <errno.h>

#define EMAIL_LOCAL_MAX 64   // bytes, RFC 5321 section 4.5.3.1.1

static bool holds_text(const struct form_field *field)
{
    return field->type == FORM_TEXT || field->type == FORM_LINES || field->type == FORM_EMAIL;
}

static void put_text(const struct form_field *field, void *data, struct str text)
{
    memcpy((char *)data + field->offset, &text, sizeof(text));
}

static struct str get_text(const struct form_field *field, const void *data)
{
    struct str text;
    memcpy(&text, (const char *)data + field->offset, sizeof(text));
    return text;
}

static void put_number(const struct form_field *field, void *data, int64_t number)
{
    memcpy((char *)data + field->offset, &number, sizeof(number));
}

static int64_t get_number(const struct form_field *field, const void *data)
{
    int64_t number;
    memcpy(&number, (const char *)data + field->offset, sizeof(number));
    return number;
}

// Characters that leave no trace on the page (white space, joiners, marks): a text of these alone is blank.
static bool is_invisible(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0, ' ' }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x1680, 0x1680 },
        { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 },
        { 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xe0000, 0xe0fff },
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last)
            return true;
    }
    return false;
}

static bool is_blank(struct str text)
{
    uint32_t c;
    for (size_t at = 0; (c = utf8_next(text, &at)) != 0;) {
        if (!is_invisible(c))
            return false;
    }
    return true;
}

static bool has_invisible(struct str text)
{
    uint32_t c;
    for (size_t at = 0; (c = utf8_next(text, &at)) != 0;) {
        if (is_invisible(c))
            return true;
    }
    return false;
}

// Several lines may hold direction marks (pasted telephone numbers, right-to-left languages) but no control characters.
static bool has_forbidden(const struct form_field *field, struct str text)
{
    if (field->type != FORM_LINES)
        return utf8_has_control(text) || (text.len && (memchr(text.ptr, '\n', text.len) || memchr(text.ptr, '\t', text.len)));
    uint32_t c;
    for (size_t at = 0; (c = utf8_next(text, &at)) != 0;) {
        if ((c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0))
            return true;
    }
    return false;
}

// CR LF and CR become LF.
static struct str unify_lines(struct str text, struct arena *arena)
{
    if (text.len == 0 || !memchr(text.ptr, '\r', text.len))
        return text;
    char *out = arena_alloc(arena, text.len);
    if (!out)
        return (struct str){ NULL, 0 };
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_return = text.ptr[i] == '\r';
        out[len++] = is_return ? '\n' : text.ptr[i];
        if (is_return && i + 1 < text.len && text.ptr[i + 1] == '\n')
            i++;
    }
    return (struct str){ out, len };
}

static bool is_domain_label(struct str label)
{
    if (label.len == 0 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!ascii_is_word(label.ptr[i]) && label.ptr[i] != '-' && (unsigned char)label.ptr[i] < 0x80)
            return false;
    }
    return true;
}

static bool is_domain(struct str domain)
{
    if (domain.len == 0 || domain.ptr[domain.len - 1] == '.' || !memchr(domain.ptr, '.', domain.len))
        return false;
    while (domain.len > 0) {
        if (!is_domain_label(str_cut(&domain, '.')))
            return false;
    }
    return true;
}

// An unquoted local part of ASCII (RFC 5321 "Dot-string"): quoted ones are no one's real address.
static bool is_local_part(struct str local)
{
    if (local.len == 0 || local.len > EMAIL_LOCAL_MAX || local.ptr[0] == '.' || local.ptr[local.len - 1] == '.')
        return false;
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        bool double_dot = c == '.' && local.ptr[i - 1] == '.';
        if (double_dot || c == '\0' || (!ascii_is_word(c) && !strchr(".!#$%&'*+-/=?^_`{|}~", c)))
            return false;
    }
    return true;
}

static bool is_email(struct str text)
{
    struct str domain = text;
    struct str local = str_cut(&domain, '@');
    return is_local_part(local) && is_domain(domain) && !has_invisible(domain);
}

static int read_text(const struct form_field *field, struct str text, struct arena *arena, void *data,
                     const char **ret_fault)
{
    assert(field->max > 0);
    if (field->type == FORM_LINES) {
        text = unify_lines(text, arena);
        if (!text.ptr)
            return -ENOMEM;
    }
    text = str_trim(text);
    if (is_blank(text))
        text = STR("");
    put_text(field, data, text);
    int64_t characters = (int64_t)utf8_count(text);
    if (has_forbidden(field, text))
        *ret_fault = TEXT("There is a hidden sign in “{label}” that we can't keep. Delete it, or write the text again.");
    else if (characters > field->max)
        *ret_fault = TEXT("“{label}” is too long. It has {count} characters, and there is room for {max}.");
    else if (characters > 0 && characters < field->min)
        *ret_fault = TEXT("Write a little more in “{label}”: at least {min} characters.");
    else if (characters > 0 && field->type == FORM_EMAIL && !is_email(text))
        *ret_fault = TEXT("Write an e-mail address, for example name@example.com.");
    return 0;
}

static const char *read_int(const struct form_field *field, const struct form_value *value, void *data)
{
    assert(field->max > field->min);
    int64_t number = value->number;
    if (value->kind == FORM_KIND_RAW) {
        struct str text = str_trim(value->text);
        if (text.len == 0)
            return NULL;
        bool negative = text.ptr[0] == '-';
        if (negative)
            text = (struct str){ text.ptr + 1, text.len - 1 };
        if (str_to_int(text, &number) < 0)
            return TEXT("Write a whole number from {min} to {max} in “{label}”.");
        if (negative)
            number = -number;
    }
    put_number(field, data, number);
    if (number < field->min || number > field->max)
        return TEXT("Write a whole number from {min} to {max} in “{label}”.");
    return NULL;
}

static const char *read_id(const struct form_field *field, struct str text, void *data)
{
    int64_t number = 0;
    if (text.len > 0 && (str_to_int(text, &number) < 0 || number == 0))
        return TEXT("Choose again under “{label}”. We could not see what was chosen.");
    put_number(field, data, number);
    return NULL;
}

static const char *read_choice(const struct form_field *field, struct str text, void *data)
{
    assert(field->choices);
    for (int64_t i = 0; field->choices[i]; i++) {
        if (str_equal(text, str_from(field->choices[i]))) {
            put_number(field, data, i + 1);
            return NULL;
        }
    }
    return text.len == 0 ? NULL : TEXT("Choose again under “{label}”. We could not see what was chosen.");
}

static const char *read_flag(const struct form_field *field, const struct form_value *value, void *data)
{
    bool on = value->number != 0;
    if (value->kind == FORM_KIND_RAW) {
        on = str_equal(value->text, STR("1")) || str_equal(value->text, STR("on")) || str_equal(value->text, STR("true"));
        if (!on && value->text.len > 0 && !str_equal(value->text, STR("0")) && !str_equal(value->text, STR("false")))
            return TEXT("Choose again under “{label}”. We could not see what was chosen.");
    }
    memcpy((char *)data + field->offset, &on, sizeof(on));
    return NULL;
}

static const char *read_date(const struct form_field *field, struct str text, void *data)
{
    int64_t days;
    if (str_trim(text).len == 0)
        return NULL;
    if (form_read_date(text, &days) < 0)
        return TEXT("Write the date as day, month and year, for example 24-12-2010.");
    put_number(field, data, days);
    return NULL;
}

// Without a chosen file browsers send one without name and bytes.
static const char *read_file(const struct form_field *field, const struct form_value *value, void *data)
{
    struct form_files *files = (struct form_files *)(void *)((char *)data + field->offset);
    assert(field->max > 0 && field->max <= FORM_FILES_MAX);
    if (value->kind != FORM_KIND_FILE)
        return value->text.len == 0 ? NULL : TEXT("“{label}” has a value of the wrong type.");
    if (value->file.name.len == 0 && value->file.bytes.len == 0)
        return NULL;
    if (files->count == (size_t)field->max)
        return TEXT("There are too many files. You can send {max} at a time.");
    files->list[files->count++] = value->file;
    return NULL;
}

// Whether a value of this kind can mean a field of this type at all.
static bool kind_fits(enum form_kind kind, enum form_type type)
{
    switch (kind) {
    case FORM_KIND_RAW:
        return true;
    case FORM_KIND_TEXT:
        return type != FORM_INT && type != FORM_FLAG;
    case FORM_KIND_INT:
        return type == FORM_INT;
    case FORM_KIND_FLAG:
        return type == FORM_FLAG;
    default:
        return false;
    }
}

int form_field_read(const struct form_field *field, const struct form_value *value, struct arena *arena, void *data,
                    const char **ret_fault)
{
    *ret_fault = NULL;
    if (field->type == FORM_FILES) {
        *ret_fault = read_file(field, value, data);
        return 0;
    }
    if (value->kind == FORM_KIND_FILE) {
        *ret_fault = TEXT("Files can't be sent in “{label}”.");
        return 0;
    }
    if (!kind_fits(value->kind, field->type)) {
        *ret_fault = TEXT("“{label}” has a value of the wrong type.");
        return 0;
    }
    if (holds_text(field))
        return read_text(field, value->text, arena, data, ret_fault);
    if (field->type == FORM_INT)
        *ret_fault = read_int(field, value, data);
    else if (field->type == FORM_ID)
        *ret_fault = read_id(field, value->text, data);
    else if (field->type == FORM_FLAG)
        *ret_fault = read_flag(field, value, data);
    else if (field->type == FORM_CHOICE)
        *ret_fault = read_choice(field, value->text, data);
    else
        *ret_fault = read_date(field, value->text, data);
    return 0;
}

bool form_field_is_empty(const struct form_field *field, const void *data)
{
    if (holds_text(field))
        return get_text(field, data).len == 0;
    if (field->type == FORM_FLAG)
        return !*((const char *)data + field->offset);
    if (field->type == FORM_FILES)
        return ((const struct form_files *)(const void *)((const char *)data + field->offset))->count == 0;
    if (field->type == FORM_DATE)
        return get_number(field, data) == FORM_NO_DATE;
    return get_number(field, data) == 0;
}

const char *form_field_missing(const struct form_field *field)
{
    if (field->missing)
        return field->missing;
    if (field->type == FORM_FLAG)
        return TEXT("Tick “{label}” to go on.");
    if (field->type == FORM_CHOICE || field->type == FORM_ID)
        return TEXT("Choose one under “{label}”.");
    if (field->type == FORM_FILES)
        return TEXT("Choose a file first.");
    if (field->type == FORM_DATE)
        return TEXT("Write the date as day, month and year, for example 24-12-2010.");
    if (field->type == FORM_EMAIL)
        return TEXT("Write an e-mail address, for example name@example.com.");
    return TEXT("Fill in “{label}”.");
}

size_t form_field_characters(const struct form_field *field, const void *data)
{
    return holds_text(field) ? utf8_count(get_text(field, data)) : 0;
}
