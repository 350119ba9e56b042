// SPDX-License-Identifier: MPL-2.0
#include "web/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

// 1 January 2026 at 00.30 in Denmark: still 2025 in UTC.
#define NOW INT64_C(1767223800000)

#define EXPECT(got, expected) assert_string_equal((got).ptr, expected)

static struct arena *arena;

static int set_up(void **state)
{
    setenv("TZ", "Europe/Copenhagen", 1);
    tzset();
    return arena_new(1 << 16, &arena);
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

static void days_near_by_have_names_and_other_years_are_said(void **state)
{
    struct dates danish = dates_begin(arena, LANGUAGE_DANISH, NOW), english = dates_begin(arena, LANGUAGE_ENGLISH, NOW);
    EXPECT(dates_day(&danish, NOW), "I dag");
    EXPECT(dates_day(&danish, NOW - HOUR_MS), "I går");
    EXPECT(dates_day(&danish, NOW - 2 * DAY_MS), "tirsdag 30. december 2025");
    EXPECT(dates_day(&english, NOW - 2 * DAY_MS), "Tuesday 30 December 2025");
    EXPECT(dates_day(&danish, NOW + 5 * DAY_MS), "tirsdag 6. januar");
    EXPECT(dates_date(&danish, NOW), "1. januar");
    EXPECT(dates_date(&english, NOW - HOUR_MS), "31 December 2025");
    EXPECT(dates_short(&danish, NOW + MINUTE_MS), "00.31");
    EXPECT(dates_short(&english, NOW + MINUTE_MS), "00:31");
    EXPECT(dates_moment(&danish, NOW), "1. januar kl. 00.30");
    EXPECT(dates_moment(&english, NOW - HOUR_MS), "31 December 2025 at 23:30");
}

static void the_clock_follows_summer_time(void **state)
{
    // 29 March 2026: after 01.59 comes 03.00.
    const int64_t before = INT64_C(1774745999000), after = before + SECOND_MS;
    struct dates dates = dates_begin(arena, LANGUAGE_DANISH, NOW);
    EXPECT(dates_clock(&dates, before), "01.59");
    EXPECT(dates_clock(&dates, after), "03.00");
    EXPECT(dates_iso(&dates, before), "2026-03-29T01:59:59+01:00");
    EXPECT(dates_iso(&dates, after), "2026-03-29T03:00:00+02:00");
    EXPECT(dates_key(&dates, after), "2026-03-29");
    assert_int_equal(dates_day_number(&dates, before), dates_day_number(&dates, after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_near_by_have_names_and_other_years_are_said),
        cmocka_unit_test(the_clock_follows_summer_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
