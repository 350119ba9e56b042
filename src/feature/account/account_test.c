// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account.h"

#include "base/clock.h"
#include "feature/account/account_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void a_personal_number_is_read(const char *text, const char *digits, int year, int month, int day)
{
    char cpr[10];
    int64_t days = 0;
    assert_int_equal(account_read_cpr(str_from(text), cpr, &days), 0);
    assert_memory_equal(cpr, digits, sizeof(cpr));
    assert_int_equal(days, clock_days(year, month, day));
}

static void personal_numbers_as_people_write_them(void **state)
{
    a_personal_number_is_read("0507842222", "0507842222", 1984, 7, 5);
    a_personal_number_is_read("050784-2222", "0507842222", 1984, 7, 5);
    a_personal_number_is_read(" 050784 - 2222 ", "0507842222", 1984, 7, 5);
    a_personal_number_is_read("05 07 84 22 22", "0507842222", 1984, 7, 5);
}

// The table in "Personnummeret i CPR": seventh digit and year give the century.
static void the_seventh_digit_says_the_century(void **state)
{
    a_personal_number_is_read("0101003000", "0101003000", 1900, 1, 1);
    a_personal_number_is_read("0101993999", "0101993999", 1999, 1, 1);
    a_personal_number_is_read("0101004000", "0101004000", 2000, 1, 1);
    a_personal_number_is_read("0101364000", "0101364000", 2036, 1, 1);
    a_personal_number_is_read("0101374000", "0101374000", 1937, 1, 1);
    a_personal_number_is_read("0101575000", "0101575000", 2057, 1, 1);
    a_personal_number_is_read("0101585000", "0101585000", 1858, 1, 1);
    a_personal_number_is_read("0101998999", "0101998999", 1899, 1, 1);
    a_personal_number_is_read("0101369000", "0101369000", 2036, 1, 1);
    a_personal_number_is_read("0101379000", "0101379000", 1937, 1, 1);
}

static void leap_days(void **state)
{
    char cpr[10];
    int64_t days;
    a_personal_number_is_read("2902004000", "2902004000", 2000, 2, 29);
    a_personal_number_is_read("2902120000", "2902120000", 1912, 2, 29);
    assert_int_equal(account_read_cpr(STR("2902000000"), cpr, &days), -EINVAL);
    assert_int_equal(account_read_cpr(STR("2902130000"), cpr, &days), -EINVAL);
}

static void what_is_no_personal_number(void **state)
{
    static const char *const bad[] = { "", "-", "050784222", "05078422222", "O507842222", "0007842222", "3107842222x", "3106842222", "0013842222",
        "0500842222", "0513842222", "3201842222", "05-07842222", "0507842-222", "050784--222", "+507842222", "0507842222\n", "٠507842222" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char cpr[10] = "untouched";
        int64_t days = 77;
        if (account_read_cpr(str_from(bad[i]), cpr, &days) != -EINVAL)
            fail_msg("read: %s", bad[i]);
        assert_string_equal(cpr, "untouched");
        assert_int_equal(days, 77);
    }
    char cpr[10];
    int64_t days;
    assert_int_equal(account_read_cpr(STR("050784\0002222"), cpr, &days), -EINVAL);
}

static void matches(const char *name, const char *words, bool expected)
{
    if (account_name_matches(str_from(name), str_from(words)) != expected)
        fail_msg("\"%s\" and \"%s\"", name, words);
}

static void each_word_begins_one_of_the_name(void **state)
{
    matches("anne kjær holm", "anne", true);
    matches("anne kjær holm", "an", true);
    matches("anne kjær holm", "holm anne", true);
    matches("anne kjær holm", "kj h", true);
    matches("anne kjær holm", "æ", false);
    matches("anne kjær holm", "nne", false);
    matches("anne kjær holm", "anne jensen", false);
    matches("anne kjær holm", "holmb", false);
    matches("", "anne", false);
    matches("anne-marie bo", "marie", true);
    matches("anne-marie bo", "anne-marie", true);
    matches("anne-marie bo", "anne-m b", true);
    matches("anne-marie bo", "anne marie", true);
    matches("anne marie bo", "anne-marie", true);
    matches("anne-marie bo", "arie", false);
    matches("anne-marie bo", "-", false);
}

// Without a word everybody would match: searching for nothing must not list all.
static void no_words_match_nobody(void **state)
{
    matches("anne kjær holm", "", false);
    matches("anne kjær holm", " ", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_numbers_as_people_write_them),
        cmocka_unit_test(the_seventh_digit_says_the_century),
        cmocka_unit_test(leap_days),
        cmocka_unit_test(what_is_no_personal_number),
        cmocka_unit_test(each_word_begins_one_of_the_name),
        cmocka_unit_test(no_words_match_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
