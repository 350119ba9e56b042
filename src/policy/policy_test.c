// SPDX-License-Identifier: MPL-2.0
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

// The rules once more, written as one would tell them, to hold against the table.
static bool may_as_told(enum permission wish, enum role role, enum relation relation, enum dialogue_state state)
{
    bool signed_in = role == ROLE_PUBLIC || role == ROLE_EMPLOYEE || role == ROLE_ADMINISTRATOR;
    if (wish == PERMISSION_ANYONE)
        return role == ROLE_ANONYMOUS || signed_in;
    if (!signed_in)
        return false;
    if (wish == PERMISSION_SIGNED_IN)
        return true;
    if (wish == PERMISSION_EMPLOYEE)
        return role == ROLE_EMPLOYEE;
    if (wish == PERMISSION_ADMINISTER)
        return role == ROLE_ADMINISTRATOR;
    if (wish == PERMISSION_REVIEW)   // without an appointment
        return false;

    bool participant = relation != RELATION_NONE && relation != RELATION_FORMER;
    bool works_here = relation == RELATION_COORDINATOR || relation == RELATION_PROFESSIONAL;
    bool coordinates = relation == RELATION_COORDINATOR;
    bool side = state == DIALOGUE_SIDE || state == DIALOGUE_SIDE_ENDED;
    if (!participant || (works_here && role == ROLE_PUBLIC))
        return false;
    if (state == DIALOGUE_NONE || state == DIALOGUE_ERASED || (side && !works_here))
        return false;
    switch (wish) {
    case PERMISSION_DIALOGUE_READ:
        return state != DIALOGUE_LOCKED || coordinates || relation == RELATION_CITIZEN;
    case PERMISSION_DIALOGUE_WRITE:
        return (state == DIALOGUE_OPEN || state == DIALOGUE_SIDE) && relation != RELATION_READER;
    case PERMISSION_PARTICIPANT_INVITE:
        return state == DIALOGUE_OPEN && (coordinates || relation == RELATION_CITIZEN);
    case PERMISSION_PARTICIPANT_ADD:
        return state == DIALOGUE_OPEN && coordinates;
    case PERMISSION_PARTICIPANT_ADMINISTER:
        return state != DIALOGUE_JOURNALISED && state != DIALOGUE_SIDE_ENDED && coordinates;
    case PERMISSION_CONSENT_ADMINISTER:
        return state != DIALOGUE_JOURNALISED && !side && coordinates;
    case PERMISSION_DIALOGUE_LEAVE:
        return relation != RELATION_CITIZEN;
    case PERMISSION_DIALOGUE_JOURNAL:
        return coordinates;
    case PERMISSION_POST_HIDE:
        return state != DIALOGUE_JOURNALISED && coordinates;
    case PERMISSION_DIALOGUE_CLOSE:
    case PERMISSION_SIDE_TALK:
        return (state == DIALOGUE_OPEN || state == DIALOGUE_LOCKED) && coordinates;
    case PERMISSION_DIALOGUE_REOPEN:
        return state == DIALOGUE_CLOSED && coordinates;
    case PERMISSION_SIDE_TALK_END:
        return state == DIALOGUE_SIDE && coordinates;
    case PERMISSION_ACCESS_GIVE:
        return !side && relation == RELATION_CITIZEN;
    default:
        return false;
    }
}

static bool ask(unsigned permission, unsigned role, unsigned relation, unsigned state)
{
    struct policy_subject subject = { (enum role)role, (enum relation)relation, (enum dialogue_state)state };
    return policy_allows((enum permission)permission, &subject);
}

static void every_permission_follows_the_rules_as_told(void **unused)
{
    for (unsigned p = 1; p < PERMISSION_COUNT; p++)
        for (unsigned role = 1; role < ROLE_COUNT; role++)
            for (unsigned relation = 1; relation < RELATION_COUNT; relation++)
                for (unsigned state = 1; state < DIALOGUE_STATE_COUNT; state++) {
                    bool told = may_as_told((enum permission)p, (enum role)role, (enum relation)relation,
                                            (enum dialogue_state)state);
                    if (ask(p, role, relation, state) != told)
                        fail_msg("%s as %s, %s, dialogue %s: expected %s",
                                 policy_permission_name((enum permission)p), policy_role_name((enum role)role),
                                 policy_relation_name((enum relation)relation),
                                 policy_state_name((enum dialogue_state)state), told ? "yes" : "no");
                }
}

static void unset_and_unknown_values_are_denied(void **unused)
{
    static const unsigned odd[] = { 0, 30, 31, 32, 33, 63, 64, 255, 1u << 30, UINT32_MAX };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        for (unsigned p = 0; p < PERMISSION_COUNT; p++) {
            assert_false(ask(p, odd[i], RELATION_COORDINATOR, DIALOGUE_OPEN));
            assert_false(ask(p, ROLE_EMPLOYEE, odd[i], DIALOGUE_OPEN));
            assert_false(ask(p, ROLE_EMPLOYEE, RELATION_COORDINATOR, odd[i]));
            assert_false(ask(odd[i], ROLE_EMPLOYEE, RELATION_COORDINATOR, DIALOGUE_OPEN));
        }
    assert_false(ask(PERMISSION_COUNT, ROLE_EMPLOYEE, RELATION_COORDINATOR, DIALOGUE_OPEN));
    assert_false(ask(PERMISSION_ANYONE, ROLE_COUNT, RELATION_NONE, DIALOGUE_NONE));
    assert_false(ask(PERMISSION_ANYONE, ROLE_ANONYMOUS, RELATION_COUNT, DIALOGUE_NONE));
    assert_false(ask(PERMISSION_ANYONE, ROLE_ANONYMOUS, RELATION_NONE, DIALOGUE_STATE_COUNT));
}

static void a_teacher_who_was_excluded_may_do_nothing(void **unused)
{
    for (unsigned p = PERMISSION_DIALOGUE_READ; p < PERMISSION_COUNT; p++)
        assert_false(ask(p, ROLE_EMPLOYEE, RELATION_FORMER, DIALOGUE_OPEN));
}

static void an_administrator_reads_only_where_they_take_part(void **unused)
{
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_ADMINISTRATOR, RELATION_NONE, DIALOGUE_OPEN));
    assert_false(ask(PERMISSION_EMPLOYEE, ROLE_ADMINISTRATOR, RELATION_NONE, DIALOGUE_NONE));
    assert_true(ask(PERMISSION_DIALOGUE_READ, ROLE_ADMINISTRATOR, RELATION_PROFESSIONAL, DIALOGUE_OPEN));
}

static void a_caseworker_who_no_longer_works_here_sees_nothing(void **unused)
{
    assert_true(ask(PERMISSION_DIALOGUE_READ, ROLE_EMPLOYEE, RELATION_COORDINATOR, DIALOGUE_OPEN));
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_PUBLIC, RELATION_COORDINATOR, DIALOGUE_OPEN));
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_PUBLIC, RELATION_PROFESSIONAL, DIALOGUE_OPEN));
}

static void a_mother_may_not_invite_and_the_citizen_may(void **unused)
{
    assert_false(ask(PERMISSION_PARTICIPANT_INVITE, ROLE_PUBLIC, RELATION_RELATIVE, DIALOGUE_OPEN));
    assert_true(ask(PERMISSION_PARTICIPANT_INVITE, ROLE_PUBLIC, RELATION_CITIZEN, DIALOGUE_OPEN));
    assert_false(ask(PERMISSION_PARTICIPANT_INVITE, ROLE_PUBLIC, RELATION_CITIZEN, DIALOGUE_CLOSED));
}

static void a_consent_that_ran_out_stops_reading_for_all_but_the_citizen_and_the_coordinators(void **unused)
{
    assert_true(ask(PERMISSION_DIALOGUE_READ, ROLE_PUBLIC, RELATION_CITIZEN, DIALOGUE_LOCKED));
    assert_true(ask(PERMISSION_DIALOGUE_READ, ROLE_EMPLOYEE, RELATION_COORDINATOR, DIALOGUE_LOCKED));
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_PUBLIC, RELATION_RELATIVE, DIALOGUE_LOCKED));
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_EMPLOYEE, RELATION_PROFESSIONAL, DIALOGUE_LOCKED));
    assert_false(ask(PERMISSION_DIALOGUE_READ, ROLE_PUBLIC, RELATION_EXTERNAL, DIALOGUE_LOCKED));
    assert_false(ask(PERMISSION_DIALOGUE_WRITE, ROLE_EMPLOYEE, RELATION_COORDINATOR, DIALOGUE_LOCKED));
    assert_false(ask(PERMISSION_DIALOGUE_WRITE, ROLE_PUBLIC, RELATION_CITIZEN, DIALOGUE_LOCKED));
}

static void every_value_has_its_own_name_in_the_matrix(void **unused)
{
    for (unsigned p = 1; p < PERMISSION_COUNT; p++)
        for (unsigned q = 1; q <= p; q++)
            assert_int_equal(p == q, strcmp(policy_permission_name((enum permission)p),
                                            policy_permission_name((enum permission)q)) == 0);
    for (unsigned role = 1; role < ROLE_COUNT; role++)
        assert_string_not_equal(policy_role_name((enum role)role), "?");
    for (unsigned relation = 1; relation < RELATION_COUNT; relation++)
        assert_string_not_equal(policy_relation_name((enum relation)relation), "?");
    for (unsigned state = 1; state < DIALOGUE_STATE_COUNT; state++)
        assert_string_not_equal(policy_state_name((enum dialogue_state)state), "?");
    assert_string_equal(policy_permission_name(PERMISSION_COUNT), "?");
    assert_string_equal(policy_role_name(ROLE_UNSET), "?");
    assert_string_equal(policy_relation_name((enum relation)99), "?");
    assert_string_equal(policy_state_name(DIALOGUE_UNSET), "?");
}

static void a_reviewer_is_an_employee_who_was_appointed(void **unused)
{
    struct policy_subject subject = { .role = ROLE_EMPLOYEE, .relation = RELATION_NONE, .state = DIALOGUE_NONE };
    assert_false(policy_allows(PERMISSION_REVIEW, &subject));
    subject.reviewer = true;
    assert_true(policy_allows(PERMISSION_REVIEW, &subject));
    assert_false(policy_allows(PERMISSION_DIALOGUE_READ, &subject));
    for (unsigned role = 1; role < ROLE_COUNT; role++) {
        subject.role = (enum role)role;
        assert_int_equal(policy_allows(PERMISSION_REVIEW, &subject), role == ROLE_EMPLOYEE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_permission_follows_the_rules_as_told),
        cmocka_unit_test(unset_and_unknown_values_are_denied),
        cmocka_unit_test(a_teacher_who_was_excluded_may_do_nothing),
        cmocka_unit_test(an_administrator_reads_only_where_they_take_part),
        cmocka_unit_test(a_caseworker_who_no_longer_works_here_sees_nothing),
        cmocka_unit_test(a_mother_may_not_invite_and_the_citizen_may),
        cmocka_unit_test(a_consent_that_ran_out_stops_reading_for_all_but_the_citizen_and_the_coordinators),
        cmocka_unit_test(a_reviewer_is_an_employee_who_was_appointed),
        cmocka_unit_test(every_value_has_its_own_name_in_the_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
