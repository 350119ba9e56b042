// SPDX-License-Identifier: MPL-2.0
// What a search asks for, and whether a text has it. Pure: no database, no keys.
//
// Words are compared in a folded form that is as long as the text, byte for byte: lower case for ASCII and the Latin-1 letters, and å as
// aa, which is another spelling of the same letter. So a place in the folded text is the same place in the text.
#pragma once

#include "base/arena.h"

#define SEARCH_TERMS_MAX 8
#define SEARCH_QUERY_MAX 100   // characters

// A word that some word of the text begins with, or "a quoted phrase": whole words in a row, whatever stands between them.
struct search_term {
    struct str text;     // folded, words with one space between
    bool phrase;
};

// All of its terms must be in the text.
struct search_query {
    struct search_term terms[SEARCH_TERMS_MAX];
    size_t count;
    uint8_t pair[2];     // two bytes that stand beside each other in every text that matches, bit 5 set; 0: not known
};

struct search_span {
    size_t begin, end;   // bytes of the text
};

// Reads what somebody typed. -EINVAL when there is nothing to search for: not two letters or digits together. -E2BIG: too many words.
int search_parse(struct arena *arena, struct str typed, struct search_query *ret_query);

// Writes the folded form of 'text', text.len bytes.
void search_fold(struct str text, char *folded);

// Whether a text, as it was written, can match at all: quick, and false for most texts that do not.
bool search_may_match(const struct search_query *query, struct str text);

// Whether a folded text has all terms.
bool search_matches(const struct search_query *query, struct str folded);

// The first place of any term at or behind 'from'. False: there is none.
bool search_find(const struct search_query *query, struct str folded, size_t from, struct search_span *ret_span);
