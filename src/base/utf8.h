// SPDX-License-Identifier: MPL-2.0
// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include "base/str.h"

// Whether all of s is valid UTF-8 without NUL.
bool utf8_valid(struct str s);

// The number of characters (code points) of a valid text.
size_t utf8_count(struct str s);

// Whether s holds a control character other than line feed (and tab), a line or paragraph separator (U+2028, U+2029), or one of the
// invisible direction marks U+202A…U+202E and U+2066…U+2069 that can make a text look different from what it is.
bool utf8_has_control(struct str s);

// Reads the code point at *at and moves *at behind it; 0 at the end. s must be valid.
uint32_t utf8_next(struct str s, size_t *at);

// Appends s to buf (see base/buf.h) in lower case, Danish letters and Latin-1 included, runs of white space as one space:
// the form in which names are compared.
struct buf;
void utf8_fold(struct buf *buf, struct str s);
