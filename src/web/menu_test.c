// SPDX-License-Identifier: MPL-2.0
#include "web/menu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static bool only_of_seven(struct request *request, int64_t number)
{
    (void)request;
    return number == 7;
}

MENU_ITEM(late, .menu = MENU_POST, .order = 30, .text = "late", .path = "/dialogue/{dialogue}/post/{number}/late", .permission = PERMISSION_DIALOGUE_READ);
MENU_ITEM(early, .menu = MENU_POST, .order = 10, .text = "early", .path = "/early", .permission = PERMISSION_DIALOGUE_READ);
MENU_ITEM(seven, .menu = MENU_POST, .order = 20, .text = "seven", .path = "/seven", .permission = PERMISSION_DIALOGUE_READ, .wanted = only_of_seven);
MENU_ITEM(denied, .menu = MENU_POST, .order = 5, .text = "denied", .path = "/denied", .permission = PERMISSION_PARTICIPANT_ADMINISTER);
MENU_ITEM(elsewhere, .menu = MENU_DIALOGUE, .order = 5, .text = "elsewhere", .path = "/elsewhere", .permission = PERMISSION_DIALOGUE_READ);

struct expected {
    const char *text;
    const char *path;
};

static void expect_links(int64_t number, const struct expected *expected, size_t expected_count)
{
    struct arena *arena;
    const struct menu_link *links;
    size_t count;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    struct request request = {
        .arena = arena, .language = LANGUAGE_ENGLISH, .number = { 12 },
        .subject = { .role = ROLE_PUBLIC, .relation = RELATION_RELATIVE, .state = DIALOGUE_OPEN },
    };
    assert_int_equal(menu_links(&request, MENU_POST, number, &links, &count), 0);
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < count; i++) {
        assert_true(str_equal(links[i].text, str_from(expected[i].text)));
        assert_true(str_equal(links[i].url.text, str_from(expected[i].path)));
    }
    arena_free(arena);
}

static void test_links_stand_in_order_with_their_numbers(void **state)
{
    (void)state;
    const struct expected expected[] = { { "early", "/early" }, { "seven", "/seven" }, { "late", "/dialogue/12/post/7/late" } };
    expect_links(7, expected, 3);
}

static void test_what_is_not_wanted_here_is_left_out(void **state)
{
    (void)state;
    const struct expected expected[] = { { "early", "/early" }, { "late", "/dialogue/12/post/8/late" } };
    expect_links(8, expected, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_stand_in_order_with_their_numbers),
        cmocka_unit_test(test_what_is_not_wanted_here_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
