// SPDX-License-Identifier: MPL-2.0
// What a worker that was taken over can reach from inside its cell: nothing.
#include "picture/cell.h"
#include "picture/cell_attempts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void nothing_outside_can_be_reached(void **state)
{
    cell_refuses_all(cell_enter);
}

static void what_the_work_needs_is_there(void **state)
{
    static bool (*const needs[])(void) = { cell_works_in_memory };

    cell_allows(cell_enter, needs, sizeof(needs) / sizeof(needs[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_can_be_reached),
        cmocka_unit_test(what_the_work_needs_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
