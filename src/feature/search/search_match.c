// SPDX-License-Identifier: MPL-2.0
#include "feature/search/search_match.h"

#include <errno.h>

#define LATIN1 0xc3   // the first byte of U+00C0 … U+00FF in UTF-8
#define LEAST_LETTERS 2
#define CASE 0x20     // the bit by which capitals differ from small letters

static bool within(uint8_t c, uint8_t first, uint8_t count)
{
    return (uint8_t)(c - first) < count;
}

#define EACH(byte) ((uint64_t)(byte) * UINT64_C(0x0101010101010101))

// Lower case of the ASCII letters among eight bytes: bit 7 of a byte's sum tells whether its lower seven bits are from 'A' on, or behind 'Z'.
static uint64_t fold_eight(uint64_t eight)
{
    uint64_t low = eight & EACH(0x7f);
    uint64_t from_a = low + EACH(0x80 - 'A'), behind_z = low + EACH(0x7f - 'Z');
    return eight | ((from_a ^ behind_z) & ~eight & EACH(0x80)) >> 2;
}

void search_fold(struct str text, char *folded)
{
    size_t i = 0;
    for (uint64_t eight; i + sizeof(eight) <= text.len; i += sizeof(eight)) {
        memcpy(&eight, text.ptr + i, sizeof(eight));
        eight = fold_eight(eight);
        memcpy(folded + i, &eight, sizeof(eight));
    }
    for (; i < text.len; i++)
        folded[i] = (char)(within((uint8_t)text.ptr[i], 'A', 26) ? text.ptr[i] | 0x20 : text.ptr[i]);
    const char *end = folded + text.len;
    for (char *at = text.len ? memchr(folded, LATIN1, text.len) : NULL; at && at + 1 < end; at = memchr(at + 2, LATIN1, (size_t)(end - at) - 2)) {
        uint8_t c = (uint8_t)at[1];
        if (c >= 0x80 && c <= 0x9e && c != 0x97)
            at[1] = (char)(c = c | 0x20);
        if (c == 0xa5)   // å
            at[0] = at[1] = 'a';
    }
}

// Letters and digits. Of what is not ASCII all but signs: U+0080 … U+00BF, the symbols from U+2000 on, and pictures.
static bool is_word_lead(uint8_t c)
{
    return within(c | 0x20, 'a', 26) || within(c, '0', 10) || (c >= LATIN1 && c != 0xe2 && c < 0xf0);
}

// Whether the character that ends before 'at' belongs to a word.
static bool word_before(struct str text, size_t at)
{
    if (at == 0)
        return false;
    do
        at--;
    while (at > 0 && ((uint8_t)text.ptr[at] & 0xc0) == 0x80);
    return is_word_lead((uint8_t)text.ptr[at]);
}

static bool word_at(struct str text, size_t at)
{
    return at < text.len && is_word_lead((uint8_t)text.ptr[at]);
}

// The end of a term that begins at 'at', or 0. A space in it stands for all that is no word.
static size_t term_end(const struct search_term *term, struct str text, size_t at)
{
    struct str want = term->text;
    for (size_t i = 0; i < want.len; i++) {
        if (want.ptr[i] != ' ') {
            if (at == text.len || text.ptr[at++] != want.ptr[i])
                return 0;
            continue;
        }
        if (word_at(text, at))
            return 0;
        while (at < text.len && !word_at(text, at))
            at++;
    }
    return term->phrase && word_at(text, at) ? 0 : at;
}

static bool find_term(const struct search_term *term, struct str text, size_t from, struct search_span *ret_span)
{
    struct str first = term->text;
    first = str_cut(&first, ' ');
    while (from < text.len) {
        const char *at = memmem(text.ptr + from, text.len - from, first.ptr, first.len);
        if (!at)
            return false;
        size_t begin = (size_t)(at - text.ptr);
        size_t end = word_before(text, begin) ? 0 : term_end(term, text, begin);
        if (end) {
            *ret_span = (struct search_span){ begin, end };
            return true;
        }
        from = begin + 1;
    }
    return false;
}

bool search_may_match(const struct search_query *query, struct str text)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr, first = query->pair[0], second = query->pair[1];
    uint8_t found = first == 0;
    for (size_t i = 1; i < text.len; i++)   // no way out, so that the compiler takes many bytes at a time
        found |= (uint8_t)(((bytes[i - 1] | CASE) == first) & ((bytes[i] | CASE) == second));
    return found;
}

bool search_matches(const struct search_query *query, struct str folded)
{
    struct search_span span;
    for (size_t i = 0; i < query->count; i++) {
        if (!find_term(&query->terms[i], folded, 0, &span))
            return false;
    }
    return true;
}

bool search_find(const struct search_query *query, struct str folded, size_t from, struct search_span *ret_span)
{
    bool found = false;
    for (size_t i = 0; i < query->count; i++) {
        struct search_span span;
        if (!find_term(&query->terms[i], folded, from, &span))
            continue;
        bool better = !found || span.begin < ret_span->begin || (span.begin == ret_span->begin && span.end > ret_span->end);
        if (better)
            *ret_span = span;
        found = true;
    }
    return found;
}

// Leaves of a term its words: signs before and behind it are taken off; in a row of words one space stands for all between two of them.
static size_t tidy(char *text, size_t len, bool row)
{
    size_t to = 0;
    for (size_t at = 0, next; at < len; at = next) {
        bool word = is_word_lead((uint8_t)text[at]);
        next = at + 1;
        while (next < len && ((uint8_t)text[next] & 0xc0) == 0x80)
            next++;
        if (!word && to == 0)
            continue;
        if (word || !row) {
            memmove(text + to, text + at, next - at);
            to += next - at;
        } else if (text[to - 1] != ' ') {
            text[to++] = ' ';
        }
    }
    while (to > 0 && !word_before((struct str){ text, to }, to))
        to--;
    return to;
}

static int add_term(struct search_query *query, char *text, size_t len, bool quoted, bool phrase)
{
    len = tidy(text, len, quoted);
    if (len == 0)
        return 0;
    if (query->count == SEARCH_TERMS_MAX)
        return -E2BIG;
    query->terms[query->count++] = (struct search_term){ { text, len }, phrase };
    return 0;
}

// Quotation marks as people have them on their keyboards become ", which ends and begins phrases.
static void even_quotes(char *text, size_t *len)
{
    static const char *const marks[] = { "\u201c", "\u201d", "\u201e", "\u00bb", "\u00ab" };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t mark = strlen(marks[i]);
        char *at = text;
        while ((at = memmem(at, *len - (size_t)(at - text), marks[i], mark))) {
            *at++ = '"';
            memmove(at, at + mark - 1, *len - (size_t)(at - text) - (mark - 1));
            *len -= mark - 1;
        }
    }
}

static bool is_enough(const struct search_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        if (query->terms[i].text.len >= LEAST_LETTERS)
            return true;
    }
    return false;
}

// Folding changes nothing but that bit, and å into aa: two bytes of one word that are no 'a' stand in the text as they are.
static void choose_pair(struct search_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        struct str text = query->terms[i].text;
        for (size_t at = 1; at < text.len; at++) {
            char first = text.ptr[at - 1], second = text.ptr[at];
            if (first == 'a' || second == 'a' || first == ' ' || second == ' ')
                continue;
            query->pair[0] = (uint8_t)first | CASE;
            query->pair[1] = (uint8_t)second | CASE;
            return;
        }
    }
}

int search_parse(struct arena *arena, struct str typed, struct search_query *ret_query)
{
    struct search_query query = { .count = 0 };
    size_t len = typed.len;
    char *text = arena_alloc(arena, len + 1);
    if (!text)
        return -ENOMEM;
    search_fold(typed, text);
    for (char *tab = text; (tab = memchr(tab, '\t', len - (size_t)(tab - text)));)
        *tab = ' ';
    even_quotes(text, &len);
    bool quoted = false;
    int result = 0;
    for (size_t at = 0, begin = 0; at <= len && result == 0; at++) {
        bool mark = at < len && text[at] == '"';
        if (at < len && !mark && (quoted || text[at] != ' '))
            continue;
        result = add_term(&query, text + begin, at - begin, quoted, quoted && mark);
        quoted = mark ? !quoted : quoted;
        begin = at + 1;
    }
    if (result == 0 && !is_enough(&query))
        result = -EINVAL;
    choose_pair(&query);
    *ret_query = query;
    return result;
}
