// SPDX-License-Identifier: MPL-2.0
// What only generated templates include: the type of a value chooses its writer, and a type that does not fit the position does not compile.
#pragma once

#include "web/html.h"

// Decimal digits of a number, for a {name} in a text.
struct template_number {
    char text[21];
};

struct str template_signed_text(struct template_number *room, int64_t n);
struct str template_unsigned_text(struct template_number *room, uint64_t n);

static inline void template_signed(struct buf *buf, int64_t n)
{
    buf_int(buf, n);
}

void template_unsigned(struct buf *buf, uint64_t n);

static inline struct str template_str_value(struct template_number *room, struct str s)
{
    return s;
}

// In a text: text is escaped, struct html stands as it is.
#define template_text(buf, value)       \
    _Generic((value),                   \
        struct str: html_text,          \
        struct html: html_raw,          \
        int: template_signed,           \
        long: template_signed,          \
        long long: template_signed,     \
        unsigned: template_unsigned,    \
        unsigned long: template_unsigned, \
        unsigned long long: template_unsigned)((buf), (value))

// In the quoted value of an attribute.
#define template_attribute(buf, value)  \
    _Generic((value),                   \
        struct str: html_text,          \
        int: template_signed,           \
        long: template_signed,          \
        long long: template_signed,     \
        unsigned: template_unsigned,    \
        unsigned long: template_unsigned, \
        unsigned long long: template_unsigned)((buf), (value))

// All of a URL.
#define template_url(buf, value) _Generic((value), struct url: html_url)((buf), (value))

// A part of a URL whose beginning is written out.
#define template_url_part(buf, value)   \
    _Generic((value),                   \
        struct str: html_url_part,      \
        int: template_signed,           \
        long: template_signed,          \
        long long: template_signed,     \
        unsigned: template_unsigned,    \
        unsigned long: template_unsigned, \
        unsigned long long: template_unsigned)((buf), (value))

// The value of a {name}, as text.
#define template_value(value)                \
    _Generic((value),                        \
        struct str: template_str_value,      \
        int: template_signed_text,           \
        long: template_signed_text,          \
        long long: template_signed_text,     \
        unsigned: template_unsigned_text,    \
        unsigned long: template_unsigned_text, \
        unsigned long long: template_unsigned_text)(&(struct template_number){ { 0 } }, (value))

// The hidden field that shows that the form came from our page.
void template_csrf(struct html_out *out);
