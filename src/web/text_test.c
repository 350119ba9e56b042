// SPDX-License-Identifier: MPL-2.0
#include "web/text.h"

#include "texts_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void every_text_is_found_by_its_english_form(void **state)
{
    for (unsigned i = 0; i < TEXTS_COUNT; i++) {
        struct str english = text_by_id(LANGUAGE_ENGLISH, i), danish = text_by_id(LANGUAGE_DANISH, i);
        assert_true(english.len > 0 && danish.len > 0);
        assert_true(text_of(LANGUAGE_DANISH, english.ptr).ptr == danish.ptr);
        assert_true(text_of(LANGUAGE_ENGLISH, english.ptr).ptr == english.ptr);
    }
}

static void an_unknown_text_stays_as_it_is(void **state)
{
    assert_true(str_equal(text_of(LANGUAGE_DANISH, "No such text in the program"), STR("No such text in the program")));
    assert_true(str_equal(text_of(LANGUAGE_DANISH, ""), STR("")));
    assert_int_equal(text_by_id(LANGUAGE_DANISH, TEXTS_COUNT).len, 0);
}

static void without_a_language_it_is_danish(void **state)
{
    assert_true(text_by_id(LANGUAGE_UNSET, 0).ptr == text_by_id(LANGUAGE_DANISH, 0).ptr);
    assert_true(text_by_id(LANGUAGE_COUNT, 0).ptr == text_by_id(LANGUAGE_DANISH, 0).ptr);
}

static void languages_have_tags(void **state)
{
    assert_string_equal(language_tag(LANGUAGE_DANISH), "da");
    assert_string_equal(language_tag(LANGUAGE_ENGLISH), "en");
    assert_string_equal(language_tag(LANGUAGE_UNSET), "da");
    assert_int_equal(language_from_tag(STR("en")), LANGUAGE_ENGLISH);
    assert_int_equal(language_from_tag(STR("da")), LANGUAGE_DANISH);
    assert_int_equal(language_from_tag(STR("EN")), LANGUAGE_UNSET);
    assert_int_equal(language_from_tag(STR("")), LANGUAGE_UNSET);
}

static void values_are_put_into_a_text(void **state)
{
    struct buf buf = buf_bounded(256);
    const struct text_value values[] = { { "a", STR("{b}") }, { "b", STR("<") } };
    text_format(&buf, STR("{a}{b} {c} {} }{ {a"), values, 2);
    assert_true(str_equal(buf_view(&buf), STR("{b}< {c} {} }{ {a")));
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_found_by_its_english_form),
        cmocka_unit_test(an_unknown_text_stays_as_it_is),
        cmocka_unit_test(without_a_language_it_is_danish),
        cmocka_unit_test(languages_have_tags),
        cmocka_unit_test(values_are_put_into_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
