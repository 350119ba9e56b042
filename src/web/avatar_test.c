// SPDX-License-Identifier: MPL-2.0
#include "web/avatar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void expect(struct arena *arena, const char *name, const char *initials)
{
    struct avatar avatar;
    assert_int_equal(avatar_make(arena, 17, str_from(name), false, &avatar), 0);
    assert_true(str_equal(avatar.initials, str_from(initials)));
}

static void a_person_without_a_picture_is_shown_by_the_first_and_last_names_letters(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    assert_int_equal(arena_new(4096, &arena), 0);
    expect(arena, "Emil Dahl Kristensen", "EK");
    expect(arena, "Øjvind  Ågård ", "ØÅ");
    expect(arena, "Nadia", "N");
    expect(arena, "", "");
    expect(arena, "  ", "");
    arena_free(arena);
}

static void the_colour_stays_the_same_for_a_person_and_is_one_of_eight(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    assert_int_equal(arena_new(4096, &arena), 0);
    struct avatar one, again, last;
    assert_int_equal(avatar_make(arena, INT64_MAX, STR("A B"), false, &one), 0);
    assert_int_equal(avatar_make(arena, INT64_MAX, STR("C"), true, &again), 0);
    assert_int_equal(avatar_make(arena, 0, STR("C"), true, &last), 0);
    assert_int_equal(one.colour, again.colour);
    assert_in_range((uintmax_t)one.colour, 1, AVATAR_COLOURS);
    assert_in_range((uintmax_t)last.colour, 1, AVATAR_COLOURS);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_without_a_picture_is_shown_by_the_first_and_last_names_letters),
        cmocka_unit_test(the_colour_stays_the_same_for_a_person_and_is_one_of_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
