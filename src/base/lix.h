// SPDX-License-Identifier: MPL-2.0
// Readability as LIX (C.-H. Björnsson, "Läsbarhet", 1968): words / sentences + 100 × words of 7 letters or more / words.
//
// A word is a run of letters, digits and what stands within them ("e-mail", "3.000"); letters are counted as characters. A sentence
// ends with ! ? : or . before white space, and with a line; not with a . before a small letter or digit ("f.eks. her", "kl. 14").
#pragma once

#include "base/str.h"

#define LIX_WORDS_MIN 50   // fewer words say nothing

struct lix_count {
    size_t words, long_words, sentences;
};

// Counts in valid UTF-8.
struct lix_count lix_count(struct str text);

// Rounded to a whole number; -ENODATA below LIX_WORDS_MIN words.
int lix(struct str text, int *ret_lix);

// up to 24, 25 to 34, 35 to 44, 45 to 54, 55 and over
enum lix_band { LIX_UNSET, LIX_VERY_EASY, LIX_EASY, LIX_MEDIUM, LIX_HARD, LIX_VERY_HARD };
enum lix_band lix_band(int lix);
