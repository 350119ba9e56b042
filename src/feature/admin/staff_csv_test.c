// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/staff_csv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int set_up(void **state)
{
    return arena_new(64u << 20, (struct arena **)state);
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct staff_line *read_lines(void **state, const char *file, size_t expected)
{
    const struct staff_line *lines;
    size_t count;
    const char *problem = NULL;
    assert_int_equal(staff_csv_read(*state, str_bytes(str_from(file)), &lines, &count, &problem), 0);
    assert_int_equal(count, expected);
    return lines;
}

static void expect_field(struct str field, const char *expected)
{
    assert_int_equal(field.len, strlen(expected));
    assert_memory_equal(field.ptr, expected, field.len);
}

static void test_columns_stand_in_any_order_and_language(void **state)
{
    const struct staff_line *line = read_lines(state, "Enhed;Telefon;Navn;LOGIN;Titel\r\nJob;12;Åse Ørsted;aaoe;Leder\r\n", 1);
    expect_field(line->name, "Åse Ørsted");
    expect_field(line->login, "aaoe");
    expect_field(line->unit, "Job");
    expect_field(line->title, "Leder");
    assert_null(line->problem);
    assert_int_equal(line->line, 2);
    line = read_lines(state, "login,name\nx,\"Holm, Anne\"\n", 1);
    expect_field(line->name, "Holm, Anne");
    expect_field(line->unit, "");
}

static void test_a_mark_and_windows_letters_are_understood(void **state)
{
    expect_field(read_lines(state, "\xEF\xBB\xBFlogin,navn\nb,S\xC3\xB8ren\n", 1)->name, "Søren");
    expect_field(read_lines(state, "login;navn\nb;S\xF8ren\n", 1)->name, "Søren");
}

static void test_a_quoted_field_may_hold_quotes_and_line_ends_are_of_any_kind(void **state)
{
    const struct staff_line *lines = read_lines(state, "login,navn\na,\"Anne \"\"Ane\"\" Holm\"\r\n\r\nb,Bo", 2);
    expect_field(lines[0].name, "Anne \"Ane\" Holm");
    expect_field(lines[1].login, "b");
    assert_int_equal(lines[1].line, 4);
}

static void test_lines_that_cant_be_used_say_why(void **state)
{
    const struct staff_line *lines = read_lines(state, "login,navn\n,Anne\nb,\nc,Bo,extra\nd,\"To\nlinjer\"\ne,\xE2\x80\xAEogla\nf,Fin\n", 6);
    for (size_t i = 0; i < 5; i++)
        assert_non_null(lines[i].problem);
    assert_null(lines[5].problem);
}

static void refuse(void **state, const char *bytes, size_t len)
{
    const struct staff_line *lines;
    size_t count;
    const char *problem = NULL;
    assert_int_equal(staff_csv_read(*state, bytes_from(bytes, len), &lines, &count, &problem), -EINVAL);
    assert_non_null(problem);
}

static void test_files_that_are_no_staff_list_are_refused(void **state)
{
    static const char *const bad[] = { "", "\xEF\xBB\xBF", "navn;titel\nAnne;x\n", "login,navn\n", "login,navn,login\na,b,c\n", "login,navn\na,\"Anne\n",
                                       "login,navn\na,\"An\"ne\n", "login,navn\na,\x81\n" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuse(state, bad[i], strlen(bad[i]));
    refuse(state, "login,navn\na,\0\n", 15);
    size_t len = 12 + 4 * (STAFF_LINES_MAX + 1);
    char *many = malloc(len + 1);
    assert_non_null(many);
    memcpy(many, "login,navn\n\n", 12);
    for (size_t i = 12; i < len; i += 4)
        memcpy(many + i, "a,b\n", 4);
    refuse(state, many, len);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_columns_stand_in_any_order_and_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_mark_and_windows_letters_are_understood, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_quoted_field_may_hold_quotes_and_line_ends_are_of_any_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_that_cant_be_used_say_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_that_are_no_staff_list_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
