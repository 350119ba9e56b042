// SPDX-License-Identifier: MPL-2.0
#include "web/text.h"

#include "texts_table.h"

#include <assert.h>

static const char *const tags[LANGUAGE_COUNT] = {
    [LANGUAGE_DANISH] = "da",
    [LANGUAGE_ENGLISH] = "en",
};

const char *language_tag(enum language language)
{
    return language > LANGUAGE_UNSET && language < LANGUAGE_COUNT ? tags[language] : tags[LANGUAGE_DANISH];
}

enum language language_from_tag(struct str tag)
{
    for (int i = LANGUAGE_UNSET + 1; i < LANGUAGE_COUNT; i++) {
        if (str_equal(tag, str_from(tags[i])))
            return (enum language)i;
    }
    return LANGUAGE_UNSET;
}

struct str text_by_id(enum language language, unsigned id)
{
    bool known = language > LANGUAGE_UNSET && language < LANGUAGE_COUNT;
    return id < TEXTS_COUNT ? texts_table[known ? language : LANGUAGE_DANISH][id] : (struct str){ "", 0 };
}

static int compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

// The texts that are asked for are literals: where one was found by its address before it is most likely found again.
#define HINTS 512

struct str text_of(enum language language, const char *english)
{
    static _Thread_local uint16_t hints[HINTS];
    static_assert(TEXTS_COUNT <= UINT16_MAX, "a hint holds any text's number");
    struct str key = str_from(english);
    uint16_t *hint = &hints[((uintptr_t)english * UINT64_C(0x9e3779b97f4a7c15)) >> 55];
    if (str_equal(key, texts_table[LANGUAGE_ENGLISH][*hint]))
        return text_by_id(language, *hint);
    size_t low = 0, high = TEXTS_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(key, texts_table[LANGUAGE_ENGLISH][middle]);
        if (order == 0) {
            *hint = (uint16_t)middle;
            return text_by_id(language, (unsigned)middle);
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return key;
}

// Reads "{name}" at the start of text; NULL when it is none of the values.
static const struct text_value *value_at(struct str text, const struct text_value *values, size_t count, size_t *ret_len)
{
    const char *end = text.len > 0 && text.ptr[0] == '{' ? memchr(text.ptr, '}', text.len) : NULL;
    if (!end)
        return NULL;
    struct str name = { text.ptr + 1, (size_t)(end - text.ptr) - 1 };
    for (size_t i = 0; i < count; i++) {
        if (str_equal(name, str_from(values[i].name))) {
            *ret_len = name.len + 2;
            return &values[i];
        }
    }
    return NULL;
}

bool text_next(struct str *text, const struct text_value *values, size_t count, struct str *ret_literal, const struct text_value **ret_value)
{
    if (text->len == 0)
        return false;
    for (size_t at = 0; at < text->len; at++) {
        size_t len = 0;
        const struct text_value *value = value_at((struct str){ text->ptr + at, text->len - at }, values, count, &len);
        if (value) {
            *ret_literal = (struct str){ text->ptr, at };
            *ret_value = value;
            *text = (struct str){ text->ptr + at + len, text->len - at - len };
            return true;
        }
    }
    *ret_literal = *text;
    *ret_value = NULL;
    text->len = 0;
    return true;
}

void text_format(struct buf *buf, struct str text, const struct text_value *values, size_t count)
{
    struct str literal;
    const struct text_value *value;
    while (text_next(&text, values, count, &literal, &value)) {
        buf_str(buf, literal);
        if (value)
            buf_str(buf, value->value);
    }
}
