// SPDX-License-Identifier: MPL-2.0
// The construct {_ a text for people _}, as templates translate and tools/texts collects it:
//   {_ Write a message _}
//   {_ Written by {author} | author = post->author _}
//   {_ {n} new post || {n} new posts | n = page->unread _}
#pragma once

#include "source.h"

#define TEXT_VALUES_MAX 8

struct text_form_value {
    struct str name;
    struct str expression;
    size_t at;
};

struct text_form {
    struct str msgid;      // white space made single spaces
    struct str plural;     // the form for other numbers than 1; ptr NULL without one
    struct text_form_value values[TEXT_VALUES_MAX];
    size_t count;
};

// Reads the construct whose "{_" stands at the scanner. -EINVAL with the fault set: unclosed, empty, a {name} without a value or a value
// without a {name}, a plural without a value "n"; -ENOMEM.
int text_form_parse(struct arena *arena, struct scanner *scanner, struct text_form *ret_form);

// The number by which a text is known in generated code: FNV-1a, 64 bits.
uint64_t text_hash(struct str msgid);

// The next {name} of a text from *at on; *at moves behind it. 1: found; 0: none; -EINVAL: a brace that is no name.
int text_next_name(struct str text, size_t *at, struct str *ret_name);
