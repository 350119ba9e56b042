// SPDX-License-Identifier: MPL-2.0
#include "base/lix.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include <errno.h>

#define LONG_WORD 7

static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return ascii_is_word((char)c) && !ascii_is_digit((char)c);
    bool sign = c < 0xc0 || c == 0xd7 || c == 0xf7;                             // Latin-1's signs
    bool mark = c >= 0x300 && c <= 0x36f;                                       // accents that stand by themselves
    bool symbol = (c >= 0x2000 && c <= 0x2bff) || (c >= 0x3000 && c <= 0x303f); // punctuation, arrows, forms
    bool picture = (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c >= 0x1f000;
    return !sign && !mark && !symbol && !picture;
}

static bool is_small(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7);
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_gap(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == 0xa0;
}

struct reading {
    struct lix_count count;
    size_t letters;      // of the word at hand
    bool in_word;
    bool has_words;      // since the last sentence ended
};

static void end_word(struct reading *r)
{
    if (!r->in_word)
        return;
    r->count.words++;
    r->count.long_words += r->letters >= LONG_WORD;
    r->has_words = true;
    r->in_word = false;
    r->letters = 0;
}

static void end_sentence(struct reading *r)
{
    end_word(r);
    r->count.sentences += r->has_words;
    r->has_words = false;
}

// The first character behind white space, 0 at the end of the line or text.
static uint32_t peek_beyond_gap(struct str text, size_t at)
{
    uint32_t c;
    while ((c = utf8_next(text, &at)) != 0 && is_gap(c) && c != '\n')
        continue;
    return c == '\n' ? 0 : c;
}

static bool is_closing(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == 0xbb || c == 0xab || c == 0x201d || c == 0x2019;
}

// c is one of . ! ? : and 'at' stands behind it; quotation marks and brackets may follow.
static bool ends_sentence(uint32_t c, struct str text, size_t at)
{
    uint32_t next = utf8_next(text, &at);
    while (is_closing(next))
        next = utf8_next(text, &at);
    if (next == 0 || next == '\n')
        return true;
    if (!is_gap(next))
        return false;
    uint32_t beyond = peek_beyond_gap(text, at);
    return c != '.' || !(is_small(beyond) || is_digit(beyond));
}

struct lix_count lix_count(struct str text)
{
    struct reading r = { 0 };
    uint32_t c;
    for (size_t at = 0; (c = utf8_next(text, &at)) != 0;) {
        if (is_letter(c) || is_digit(c)) {
            r.in_word = true;
            r.letters += is_letter(c);
        } else if (c == '\n' || ((c == '.' || c == '!' || c == '?' || c == ':') && ends_sentence(c, text, at))) {
            end_sentence(&r);
        } else if (is_gap(c)) {
            end_word(&r);
        }
    }
    end_sentence(&r);
    return r.count;
}

int lix(struct str text, int *ret_lix)
{
    struct lix_count count = lix_count(text);
    if (count.words < LIX_WORDS_MIN)
        return -ENODATA;
    double words = (double)count.words;
    *ret_lix = (int)(words / (double)count.sentences + 100.0 * (double)count.long_words / words + 0.5);
    return 0;
}

enum lix_band lix_band(int lix)
{
    static const int above[] = { 24, 34, 44, 54 };
    unsigned band = LIX_VERY_EASY;
    for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++)
        band += lix > above[i];
    return (enum lix_band)band;
}
