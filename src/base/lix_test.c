// SPDX-License-Identifier: MPL-2.0
#include "base/lix.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void assert_counts(const char *text, size_t words, size_t long_words, size_t sentences)
{
    struct lix_count count = lix_count(str_from(text));
    if (count.words != words || count.long_words != long_words || count.sentences != sentences)
        fail_msg("%s: %zu words, %zu long, %zu sentences", text, count.words, count.long_words, count.sentences);
}

static void words_and_sentences_are_counted_as_a_reader_would(void **unused)
{
    assert_counts("", 0, 0, 0);
    assert_counts(" ... ! - \n\n", 0, 0, 0);
    assert_counts("Vi ses i morgen.", 4, 0, 1);
    assert_counts("Kommer du? Ja! Husk: mad", 5, 0, 4);
    assert_counts("Vi ses kl. 14.30, f.eks. her. Godt", 7, 0, 2);
    assert_counts("Prisen er 3.000 kr. pr. uge.", 6, 0, 1);
    assert_counts("Send en e-mail til mor-og-far", 5, 1, 1);
    assert_counts("Overskrift\nen linje\n\nen til", 5, 1, 3);
    assert_counts("»Kommer du?« spurgte hun. (Det gør jeg.) Fint", 8, 1, 4);
    assert_counts("Nå... Tja?! Jo", 3, 0, 3);
    assert_counts("https://samtraad.example.dk/ok", 1, 1, 1);
}

static void letters_are_characters_and_not_bytes(void **unused)
{
    assert_counts("æøåæøå", 1, 0, 1);
    assert_counts("æøåæøåæ", 1, 1, 1);
    assert_counts("1234567 abc123456", 2, 0, 1);
    assert_counts("школа школьный", 2, 1, 1);
    assert_counts("ja \xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80 – • ×", 1, 0, 1);
}

static void the_formula_holds(void **unused)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(4096);
    // 10 sentences of 8 words, 2 of them long: 8 + 25.
    for (int i = 0; i < 10; i++)
        buf_lit(&buf, "Vi mødes altid sammen med kommunen og skolerne. ");
    int value;
    assert_int_equal(lix(buf_view(&buf), &value), 0);
    assert_int_equal(value, 33);
    assert_int_equal(lix_band(value), LIX_EASY);
}

static void a_short_text_has_no_figure(void **unused)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(4096);
    int value = -7;
    for (int i = 0; i < 49; i++)
        buf_lit(&buf, "ord ");
    assert_int_equal(lix(buf_view(&buf), &value), -ENODATA);
    assert_int_equal(value, -7);
    buf_lit(&buf, "ord");
    assert_int_equal(lix(buf_view(&buf), &value), 0);
    assert_int_equal(value, 50);
}

static void bands_meet_at_their_edges(void **unused)
{
    assert_int_equal(lix_band(0), LIX_VERY_EASY);
    assert_int_equal(lix_band(24), LIX_VERY_EASY);
    assert_int_equal(lix_band(25), LIX_EASY);
    assert_int_equal(lix_band(34), LIX_EASY);
    assert_int_equal(lix_band(35), LIX_MEDIUM);
    assert_int_equal(lix_band(44), LIX_MEDIUM);
    assert_int_equal(lix_band(45), LIX_HARD);
    assert_int_equal(lix_band(54), LIX_HARD);
    assert_int_equal(lix_band(55), LIX_VERY_HARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_sentences_are_counted_as_a_reader_would),
        cmocka_unit_test(letters_are_characters_and_not_bytes),
        cmocka_unit_test(the_formula_holds),
        cmocka_unit_test(a_short_text_has_no_figure),
        cmocka_unit_test(bands_meet_at_their_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
