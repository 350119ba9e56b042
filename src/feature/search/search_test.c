// SPDX-License-Identifier: MPL-2.0
#include "feature/search/search_match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int setup(void **state)
{
    return arena_new(1 << 20, (struct arena **)state);
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

// What stands between [ and ] is marked in the text that comes out.
static struct str marked(struct arena *arena, const char *typed, const char *text)
{
    struct search_query query;
    struct search_span span;
    struct str all = str_from(text), out = STR("");
    char *folded = arena_alloc(arena, all.len + 1);
    assert_int_equal(search_parse(arena, str_from(typed), &query), 0);
    search_fold(all, folded);
    bool may = search_may_match(&query, all);
    struct str view = { folded, all.len };
    if (!search_matches(&query, view))
        return STR("nothing");
    assert_true(may);
    size_t from = 0;
    while (search_find(&query, view, from, &span)) {
        out = arena_format(arena, "%.*s%.*s[%.*s]", (int)out.len, out.ptr, (int)(span.begin - from), text + from,
                           (int)(span.end - span.begin), text + span.begin);
        from = span.end;
    }
    return arena_format(arena, "%.*s%s", (int)out.len, out.ptr, text + from);
}

static void found(void **state, const char *typed, const char *text, const char *expected)
{
    struct str got = marked(*state, typed, text);
    assert_string_equal(arena_str(*state, got).ptr, expected);
}

static void a_word_is_found_in_any_case_and_at_its_beginning(void **state)
{
    found(state, "skole", "I SKOLEN var det Skole", "I [SKOLE]N var det [Skole]");
    found(state, "skole", "friskolen", "nothing");
    found(state, "mødet", "Mødet og MØDET", "[Mødet] og [MØDET]");
    found(state, "ÆØ", "æøen", "[æø]en");
}

static void aa_is_another_spelling_of_the_same_letter(void **state)
{
    found(state, "Aalborg", "til Ålborg", "til [Ålborg]");
    found(state, "ålborg", "til AALBORG", "til [AALBORG]");
    found(state, "gaar", "det går", "det [går]");
}

static void all_words_must_be_there_in_any_order(void **state)
{
    found(state, "torsdag emil", "Emil kommer torsdag", "[Emil] kommer [torsdag]");
    found(state, "torsdag emil", "Emil kommer fredag", "nothing");
    found(state, "emil emils", "Emils bog", "[Emils] bog");
}

static void a_phrase_is_whole_words_in_a_row(void **state)
{
    found(state, "\"næste møde\"", "Vi ses. Næste møde er mandag", "Vi ses. [Næste møde] er mandag");
    found(state, "\"næste møde\"", "næste mødedag", "nothing");
    found(state, "\"næste møde\"", "næste\n  **møde** her", "[næste\n  **møde]** her");
    found(state, "\"møde næste\"", "næste møde", "nothing");
    found(state, "„kl. 10“ emil", "Emil, kl 10", "[Emil], [kl 10]");
    found(state, "\u201ckl 10\u201d", "i morgen kl. 10", "i morgen [kl. 10]");
    found(state, "\"næste mø", "næste møde", "[næste mø]de");
}

static void signs_around_a_word_are_no_part_of_it(void **state)
{
    found(state, "(emil)", "Emil?", "[Emil]?");
    found(state, "emil", "»Emil« – 😀emil", "»[Emil]« – 😀[emil]");
    found(state, "22-11", "den 22-11-2026", "den [22-11]-2026");
    found(state, "–emil–", "emil", "[emil]");
}

static void too_little_and_too_much_is_refused(void **state)
{
    struct search_query query;
    assert_int_equal(search_parse(*state, STR(""), &query), -EINVAL);
    assert_int_equal(search_parse(*state, STR(" \"\" – ?! "), &query), -EINVAL);
    assert_int_equal(search_parse(*state, STR("a b"), &query), -EINVAL);
    assert_int_equal(search_parse(*state, STR("å"), &query), 0);
    assert_int_equal(search_parse(*state, STR("a bc"), &query), 0);
    assert_int_equal(search_parse(*state, STR("aa ab ac ad ae af ag ah ai"), &query), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_found_in_any_case_and_at_its_beginning),
        cmocka_unit_test(aa_is_another_spelling_of_the_same_letter),
        cmocka_unit_test(all_words_must_be_there_in_any_order),
        cmocka_unit_test(a_phrase_is_whole_words_in_a_row),
        cmocka_unit_test(signs_around_a_word_are_no_part_of_it),
        cmocka_unit_test(too_little_and_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
