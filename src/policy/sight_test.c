// SPDX-License-Identifier: MPL-2.0
#include "policy/sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void a_citizen_sees_by_name_who_looked_at_work(void **unused)
{
    assert_int_equal(policy_sight(RELATION_CITIZEN, RELATION_COORDINATOR), SIGHT_NAME);
    assert_int_equal(policy_sight(RELATION_CITIZEN, RELATION_PROFESSIONAL), SIGHT_NAME);
    assert_int_equal(policy_sight(RELATION_CITIZEN, RELATION_EXTERNAL), SIGHT_NAME);
    assert_int_equal(policy_sight(RELATION_CITIZEN, RELATION_NONE), SIGHT_NAME);
}

static void a_mother_is_told_the_role_and_not_the_name(void **unused)
{
    assert_int_equal(policy_sight(RELATION_RELATIVE, RELATION_COORDINATOR), SIGHT_ROLE);
    assert_int_equal(policy_sight(RELATION_EXTERNAL, RELATION_PROFESSIONAL), SIGHT_ROLE);
}

static void when_a_private_person_reads_is_their_own_affair(void **unused)
{
    for (unsigned viewer = RELATION_CITIZEN; viewer <= RELATION_COORDINATOR; viewer++) {
        assert_int_equal(policy_sight((enum relation)viewer, RELATION_CITIZEN), SIGHT_WHETHER);
        assert_int_equal(policy_sight((enum relation)viewer, RELATION_RELATIVE), SIGHT_WHETHER);
    }
}

static void who_does_not_take_part_sees_nothing(void **unused)
{
    for (unsigned viewed = 0; viewed < RELATION_COUNT; viewed++) {
        assert_int_equal(policy_sight(RELATION_NONE, (enum relation)viewed), SIGHT_NOTHING);
        assert_int_equal(policy_sight(RELATION_FORMER, (enum relation)viewed), SIGHT_NOTHING);
        assert_int_equal(policy_sight(RELATION_UNSET, (enum relation)viewed), SIGHT_NOTHING);
        assert_int_equal(policy_sight((enum relation)99, (enum relation)viewed), SIGHT_NOTHING);
    }
    assert_int_equal(policy_sight(RELATION_CITIZEN, RELATION_UNSET), SIGHT_NOTHING);
    assert_int_equal(policy_sight(RELATION_CITIZEN, (enum relation)99), SIGHT_NOTHING);
}

static void every_step_has_a_name_in_the_matrix(void **unused)
{
    assert_string_equal(policy_sight_name(SIGHT_NOTHING), "nothing");
    assert_string_equal(policy_sight_name(SIGHT_NAME), "name");
    assert_string_equal(policy_sight_name(SIGHT_COUNT), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_citizen_sees_by_name_who_looked_at_work),
        cmocka_unit_test(a_mother_is_told_the_role_and_not_the_name),
        cmocka_unit_test(when_a_private_person_reads_is_their_own_affair),
        cmocka_unit_test(who_does_not_take_part_sees_nothing),
        cmocka_unit_test(every_step_has_a_name_in_the_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
