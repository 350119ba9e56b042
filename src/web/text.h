// SPDX-License-Identifier: MPL-2.0
// Texts for people, by language. The English text is the key; po/*.po hold the others; tools/texts makes the tables.
#pragma once

#include "base/buf.h"

enum language { LANGUAGE_UNSET, LANGUAGE_DANISH, LANGUAGE_ENGLISH, LANGUAGE_COUNT };

// "da", "en" (BCP 47).
const char *language_tag(enum language language);

// LANGUAGE_UNSET for an unknown tag.
enum language language_from_tag(struct str tag);

// Marks a text in C for collection (tools/texts looks for TEXT("…")) and is the English text itself.
#define TEXT(english) (english)

// The text in the language, found by its English form; the English form itself when it is not collected (a test forbids that).
struct str text_of(enum language language, const char *english);

// By number, as the templates call it. Numbers are TEXT_ID_… in the generated texts_table.h.
struct str text_by_id(enum language language, unsigned id);

// A named value for a {name} in a text.
struct text_value {
    const char *name;
    struct str value;
};

// Appends the text with its {name} places filled. Escapes nothing: for plain text. (html.h has the one for pages.)
void text_format(struct buf *buf, struct str text, const struct text_value *values, size_t count);

// Cuts what stands before the next {name} of the values, and that place, off *text. *ret_value is NULL behind the last. false: text is empty.
bool text_next(struct str *text, const struct text_value *values, size_t count, struct str *ret_literal, const struct text_value **ret_value);
