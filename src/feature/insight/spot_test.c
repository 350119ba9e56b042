// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/spot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <cmocka.h>

static int64_t weight(int64_t signs, int64_t citizens)
{
    return spot_weight(&(struct spot_look){ .signs = signs, .citizens = citizens });
}

static void the_usual_weighs_one_and_each_sign_more(void **unused)
{
    assert_int_equal(weight(0, 1), 1);
    assert_int_equal(weight(0, 10), 1);
    assert_int_equal(weight(SPOT_OUTSIDE, 1), 5);
    assert_int_equal(weight(SPOT_NIGHT, 1), 4);
    assert_int_equal(weight(SPOT_SILENT, 1), 4);
    assert_int_equal(weight(0, 11), 2);
    assert_int_equal(weight(0, 15), 2);
    assert_int_equal(weight(0, 16), 3);
    assert_int_equal(weight(0, 1000000), 7);
    assert_int_equal(weight(SPOT_OUTSIDE | SPOT_NIGHT | SPOT_SILENT | SPOT_MANY, 1000000), 17);
}

// Ten looks: seven usual ones, one at night, one outside, one with everything. The weights are 7 × 1 + 4 + 5 + 17 = 33.
static void fill(struct spot_look looks[10])
{
    for (int i = 0; i < 10; i++)
        looks[i] = (struct spot_look){ .looker = i, .citizens = 1 };
    looks[7].signs = SPOT_NIGHT;
    looks[8].signs = SPOT_OUTSIDE;
    looks[9].signs = SPOT_OUTSIDE | SPOT_NIGHT | SPOT_SILENT;
    looks[9].citizens = 1000;
}

static void each_look_is_drawn_as_often_as_its_weight_says(void **unused)
{
    enum { TIMES = 330000 };
    static const int expected[10] = { 10000, 10000, 10000, 10000, 10000, 10000, 10000, 40000, 50000, 170000 };
    struct spot_random random = { .state = 20261122 };
    int drawn[10] = { 0 };
    for (int n = 0; n < TIMES; n++) {
        struct spot_look looks[10];
        fill(looks);
        assert_int_equal(spot_draw(&random, looks, 10, 1), 1);
        drawn[looks[0].looker]++;
    }
    // Five standard deviations of the binomial distribution are at most 1,440 for the heaviest and 495 for the usual ones.
    for (int i = 0; i < 10; i++)
        assert_in_range(abs(drawn[i] - expected[i]), 0, i == 9 ? 1440 : i >= 7 ? 1060 : 495);
}

// The chance that a usual look is among three of ten, worked out from all orders by hand: successive draws against what is left.
static void several_are_drawn_without_any_twice(void **unused)
{
    struct spot_random random = { .state = 1 };
    for (int n = 0; n < 2000; n++) {
        struct spot_look looks[10];
        bool seen[10] = { false };
        fill(looks);
        assert_int_equal(spot_draw(&random, looks, 10, 3), 3);
        for (int i = 0; i < 10; i++) {
            assert_false(seen[looks[i].looker]);
            seen[looks[i].looker] = true;
        }
    }
}

static void two_of_three_come_as_often_as_worked_out_by_hand(void **unused)
{
    enum { TIMES = 100000 };
    // Weights 1, 1 and 4. The heavy one is missing when both light ones come: 1/6 × 1/5 twice = 1/15.
    struct spot_random random = { .state = 7 };
    int missing = 0;
    for (int n = 0; n < TIMES; n++) {
        struct spot_look looks[3] = { { .looker = 0 }, { .looker = 1 }, { .looker = 2, .signs = SPOT_NIGHT } };
        spot_draw(&random, looks, 3, 2);
        missing += looks[2].looker == 2;
    }
    assert_in_range(missing, TIMES / 15 - 400, TIMES / 15 + 400);
}

static void where_there_is_less_all_of_it_is_drawn(void **unused)
{
    struct spot_random random = { .state = 3 };
    struct spot_look looks[2] = { { .looker = 1 }, { .looker = 2 } };
    assert_int_equal(spot_draw(&random, looks, 2, 5), 2);
    assert_int_equal(spot_draw(&random, looks, 0, 5), 0);
    assert_int_equal(spot_draw(&random, looks, 2, 0), 0);
}

static void the_same_beginning_draws_the_same(void **unused)
{
    struct spot_random one = { .state = 99 }, two = { .state = 99 }, other = { .state = 100 };
    int same = 0;
    for (int n = 0; n < 100; n++) {
        struct spot_look a[10], b[10], c[10];
        fill(a);
        fill(b);
        fill(c);
        spot_draw(&one, a, 10, 2);
        spot_draw(&two, b, 10, 2);
        spot_draw(&other, c, 10, 2);
        assert_int_equal(a[0].looker, b[0].looker);
        assert_int_equal(a[1].looker, b[1].looker);
        same += a[0].looker == c[0].looker && a[1].looker == c[1].looker;
    }
    assert_true(same < 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_weighs_one_and_each_sign_more),
        cmocka_unit_test(each_look_is_drawn_as_often_as_its_weight_says),
        cmocka_unit_test(several_are_drawn_without_any_twice),
        cmocka_unit_test(two_of_three_come_as_often_as_worked_out_by_hand),
        cmocka_unit_test(where_there_is_less_all_of_it_is_drawn),
        cmocka_unit_test(the_same_beginning_draws_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
