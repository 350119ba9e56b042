// SPDX-License-Identifier: MPL-2.0
// The generator for translations: collects the English texts of templates and C files, reads their translations from PO files, writes the
// tables of src/web/text.c.
#pragma once

#include "source.h"

#define TEXTS_MAX 20000

// A text with the place where it was found first.
struct text {
    struct str msgid;
    uint64_t hash;
    struct source source;
    size_t at;
};

struct translation {
    struct str msgid, msgstr;
    const char *language;   // "da"
    struct source source;
    size_t at;
    bool used;
};

struct texts {
    struct arena *arena;
    struct text *list;
    size_t count;
    struct translation *translations;
    size_t translations_count;
};

// Adds the texts of a template ({_ … _}) or C file (TEXT("…")). -EINVAL with the source's fault set; -ENOMEM.
int texts_from_template(struct texts *texts, const struct source *source);
int texts_from_c(struct texts *texts, const struct source *source);

// Adds the translations of a PO file. -EINVAL: not as gettext writes them, the same msgid twice with different translations, or other {names} than the msgid's.
int texts_from_po(struct texts *texts, const struct source *source, const char *language);

// Sorts by msgid and joins those that are the same. -EINVAL: two texts with one hash.
int texts_sort(struct texts *texts, struct fault *fault);

// NULL when there is none. Marks it as used.
struct translation *texts_find(struct texts *texts, const char *language, struct str msgid);

// Writes the tables, after texts_sort. A text without translation stays English.
void texts_emit(struct texts *texts, struct buf *header, struct buf *code);

// Prints the texts without translation as a piece of PO file, the translations without text; return how many.
size_t texts_print_missing(struct texts *texts, FILE *file);
size_t texts_print_unused(struct texts *texts, FILE *file);

// The languages that have an entry in enum language of src/web/text.h, English excepted.
struct texts_language {
    const char *tag, *enumerator;
};
extern const struct texts_language texts_languages[];
extern const size_t texts_languages_count;

// Reads a C or PO string literal whose quote stands at the scanner, and appends it. -EINVAL: unclosed, or an escape other than \n \t \" \\ \'.
int texts_literal(struct scanner *at, struct buf *buf);

// Keeps what gathered in buf as a string of the arena and frees buf. ptr NULL: memory.
struct str texts_keep(struct texts *texts, struct buf *buf);
