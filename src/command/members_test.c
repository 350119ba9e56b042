// SPDX-License-Identifier: MPL-2.0
// Who is a member, and of what: each rule by itself, without what its callers ask before it.
#include "command/locks_fixture.h"
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/terms.h"
#include "feature/participant/invitation.h"
#include "feature/search/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

static void the_citizen_stays_and_so_does_the_last_coordinator(void **state)
{
    struct dialogue *anne = locks_open_as(*state, ANNE);
    assert_int_equal(dialogue_end(anne, EMIL), -EPERM);
    assert_int_equal(dialogue_remove(anne, EMIL), -EPERM);
    assert_int_equal(dialogue_end(anne, ANNE), -EBUSY);
}

static void only_guests_change_places(void **state)
{
    struct dialogue *anne = locks_open_as(*state, ANNE);
    assert_int_equal(dialogue_set_relation(anne, LONE, RELATION_COORDINATOR), -EINVAL);
    assert_int_equal(dialogue_set_relation(anne, LONE, RELATION_CITIZEN), -EINVAL);
    assert_int_equal(dialogue_set_relation(anne, ANNE, RELATION_RELATIVE), -EINVAL);
    assert_int_equal(dialogue_set_coordinator(anne, LONE, true), -EINVAL);
}

static void put_row_back(struct fixture *fixture)
{
    assert_int_equal(sql_dialogue_participant_return(fixture->scene.db, &(struct sql_dialogue_participant_return_in){ .dialogue = fixture->anne->id,
        .person = KARIM, .relation = RELATION_EXTERNAL, .words = bytes_from("x", 1), .words_epoch = 1, .read_number = 0 }), 1);
}

// Somebody whose part was ended, and whose row was put back into the database by hand: no rule makes them a member again.
static void a_row_that_was_put_back_gets_no_key(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE), *karim;
    struct dialogue_terms terms = { .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH, .until = fixture->scene.now + DAY_MS };
    assert_int_equal(dialogue_admit_on(anne, KARIM, RELATION_EXTERNAL, STR("lærer"), &terms), 0);
    assert_int_equal(sql_dialogue_participant_end(fixture->scene.db, &(struct sql_dialogue_participant_end_in){
        .dialogue = anne->id, .person = KARIM, .ended = fixture->scene.now }), 1);
    karim = locks_open_as(fixture, KARIM);   // he still holds his grants, and is a former participant all the same
    assert_int_equal(karim->relation, RELATION_FORMER);
    assert_int_equal(karim->topic.len, 0);
    put_row_back(fixture);
    int64_t epoch = anne->epoch;
    assert_int_equal(dialogue_end(anne, KARIM), 0);
    assert_int_equal(anne->epoch, epoch + 1);   // what is written from now on is under a key that he never had
    put_row_back(fixture);
    assert_int_equal(dialogue_open(&fixture->scene, anne->id, KARIM, &karim), -ENOENT);
    assert_int_equal(dialogue_prolong(anne, KARIM, terms.until + DAY_MS), -ENOENT);
    assert_int_equal(dialogue_limit(anne, KARIM, 0, false), -ENOENT);
    assert_int_equal(dialogue_set_relation(anne, KARIM, RELATION_RELATIVE), -ENOENT);
    assert_int_equal(dialogue_from_now(anne, &terms), 0);
    assert_int_equal(dialogue_open(&fixture->scene, anne->id, KARIM, &karim), -ENOENT);
}

// What the citizen can change by hand is not what they have said yes to.
static void what_a_consent_says_is_not_changed_past_it(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE);
    struct dialogue_terms terms = { .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH, .until = fixture->scene.now + DAY_MS, .locks = true };
    assert_int_equal(dialogue_admit_on(anne, AISHA, RELATION_RELATIVE, STR("tante"), &terms), 0);
    assert_int_equal(dialogue_limit(anne, AISHA, 0, false), -EINVAL);
    assert_int_equal(dialogue_prolong(anne, AISHA, terms.until + DAY_MS), 0);
    assert_int_equal(dialogue_remove(anne, AISHA), 0);
}

static void she_does_not_learn_who_was_there_before_her(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue_scene *scene = &fixture->scene;
    struct account_scene accounts = { scene->db, scene->keys, scene->arena, scene->now };
    const struct dialogue_participant *people;
    int64_t gone, comes;
    size_t count;
    assert_int_equal(account_add(&accounts, &(struct account_new){ .role = ROLE_PUBLIC, .name = STR("Gone"), .title = STR("") }, &gone), 0);
    assert_int_equal(account_add(&accounts, &(struct account_new){ .role = ROLE_PUBLIC, .name = STR("Comes"), .title = STR("") }, &comes), 0);
    struct dialogue *anne = locks_open_as(fixture, ANNE);
    assert_int_equal(dialogue_admit(anne, gone, RELATION_RELATIVE, STR("onkel")), 0);
    assert_int_equal(dialogue_end(anne, gone), 0);
    scene->now = anne->scene.now += 1000;
    struct dialogue_terms terms = { .first_number = anne->last_number + 1, .first_epoch = DIALOGUE_FIRST_EPOCH };
    assert_int_equal(dialogue_admit_on(anne, comes, RELATION_RELATIVE, STR("tante"), &terms), 0);
    struct vault *vault;
    assert_int_equal(vault_new(&vault), 0);
    for (int i = 0; i < 6; i++) {   // the last times what was opened for the other is kept
        bool seen = false;
        struct dialogue *reader = locks_open_as(fixture, i % 2 ? comes : EMIL);
        reader->scene.vault = i < 2 ? NULL : vault;
        assert_int_equal(dialogue_participants(reader, &people, &count), 0);
        for (size_t k = 0; k < count; k++)
            seen = seen || people[k].person == gone;
        assert_int_equal(seen, i % 2 == 0);
    }
    vault_free(vault);
    assert_int_equal(dialogue_end(anne, comes), 0);
}

// Of a dialogue that has got a new key since.
static void an_invitation_gives_no_key_that_it_was_not_given(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE), *invited;
    struct dialogue_terms now = DIALOGUE_ALL, all = DIALOGUE_ALL;
    assert_int_equal(dialogue_from_now(anne, &now), 0);
    assert_int_equal(dialogue_grant(anne, INVITATION, 0, now.first_epoch), 0);
    assert_int_equal(dialogue_open_invited(&fixture->scene, anne->id, INVITATION, &invited), 0);
    assert_int_equal(dialogue_admit_on(invited, KARIM + 1, RELATION_RELATIVE, STR("moster"), &all), -ENOENT);
    assert_int_equal(dialogue_admit_on(invited, KARIM + 2, RELATION_RELATIVE, STR("moster"), &now), 0);
}

static void a_link_opens_what_was_agreed_to_and_only_that(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE);
    struct proposal_new what = { .relation = RELATION_EXTERNAL, .name = STR("Nanna"), .words = STR("læge"), .email = STR("n@post.example"), .purpose = STR("Kender Emil"),
        .statute = STR(""), .reason = STR("") };
    struct proposal proposal;
    int64_t id;
    assert_int_equal(consent_rule_set(anne, EMIL, CONSENT_BASIS_OWN), 0);
    assert_int_equal(proposal_make(anne, &what, 12, &id), 0);
    assert_int_equal(proposal_of_invitation(&fixture->scene, id, 0, &proposal), -ENOENT);   // nobody has agreed
    what.statute = STR("§ 1");
    what.reason = STR("Derfor");
    assert_int_equal(proposal_make(anne, &what, 12, &id), 0);
    assert_int_equal(proposal_get(&fixture->scene, id, &proposal), 0);
    int64_t invitation = proposal.invitation;
    assert_int_equal(proposal_of_invitation(&fixture->scene, id, invitation, &proposal), 0);
    assert_int_equal(proposal_of_invitation(&fixture->scene, id, invitation + 1, &proposal), -ENOENT);
}

// Made before those who must agree were chosen, or in a database from before such links were taken back.
static void a_link_of_whom_nobody_was_asked_lets_in_nobody_past_those_who_must_agree(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE), *dialogue;
    struct invitation_new what = { .relation = RELATION_RELATIVE, .name = STR("Ole"), .email = STR("o@post.example"), .words = STR("onkel") };
    struct invitation invitation;
    int64_t before, after;
    assert_int_equal(consent_rule_set(anne, EMIL, CONSENT_BASIS_UNSET), 0);
    assert_int_equal(invitation_make(anne, &what, &before), 0);
    assert_int_equal(consent_rule_set(anne, EMIL, CONSENT_BASIS_OWN), 0);
    assert_int_equal(invitation_get(anne, before, &invitation), 0);
    assert_int_equal(invitation.state, INVITATION_REVOKED);
    assert_int_equal(invitation_accept(&fixture->scene, &invitation, AISHA + 2, &dialogue), -ESTALE);
    assert_int_equal(invitation_make(anne, &what, &after), 0);
    assert_int_equal(invitation_get(anne, after, &invitation), 0);
    assert_int_equal(invitation_accept(&fixture->scene, &invitation, AISHA + 2, &dialogue), -EPERM);
    assert_null(dialogue);
    assert_int_equal(dialogue_open(&fixture->scene, anne->id, AISHA + 2, &dialogue), -ENOENT);
    assert_int_equal(consent_rule_set(anne, EMIL, CONSENT_BASIS_UNSET), 0);
    assert_int_equal(invitation_accept(&fixture->scene, &invitation, AISHA + 2, &dialogue), 0);
    assert_int_equal(dialogue_remove(anne, AISHA + 2), 0);
}

static void a_link_that_was_used_lets_in_nobody_else(void **state)
{
    const struct fixture *fixture = *state;
    struct invitation used = { .id = INVITATION, .dialogue = fixture->anne->id, .state = INVITATION_ACCEPTED, .accepted_by = EMIL };
    struct dialogue *dialogue;
    assert_int_equal(invitation_accept(&fixture->scene, &used, EMIL, &dialogue), 0);
    assert_null(dialogue);
    assert_int_equal(invitation_accept(&fixture->scene, &used, LONE, &dialogue), -ESTALE);
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static size_t found_by(struct fixture *fixture, int64_t person, enum role role)
{
    struct search_ask ask = { .person = person, .role = role, .before = SEARCH_NEWEST, .posts_max = 100, .given_up = never };
    struct search_found found;
    assert_int_equal(search_parse(fixture->scene.arena, STR("hej"), &ask.query), 0);
    assert_int_equal(search_run(&fixture->scene, &ask, &found), 0);
    return found.hits_count;
}

// The consent to somebody without whom the dialogue does not go on has run out. No page is asked here.
static void of_a_locked_dialogue_only_the_citizen_and_the_coordinators_hear(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE), *emil;
    struct dialogue_terms terms = { .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH, .until = fixture->scene.now + DAY_MS, .locks = true };
    const int64_t *persons;
    size_t count;
    assert_int_equal(dialogue_admit_on(anne, AISHA + 1, RELATION_RELATIVE, STR("faster"), &terms), 0);
    assert_int_not_equal(found_by(fixture, LONE, ROLE_PUBLIC), 0);
    fixture->scene.now += 2 * DAY_MS;
    emil = locks_open_as(fixture, EMIL);
    assert_int_equal(emil->state, DIALOGUE_LOCKED);
    assert_int_equal(dialogue_persons(emil, LAST, &persons, &count), 0);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++)
        assert_true(persons[i] == EMIL || persons[i] == ANNE);
    assert_int_not_equal(found_by(fixture, EMIL, ROLE_PUBLIC), 0);
    assert_int_equal(found_by(fixture, LONE, ROLE_PUBLIC), 0);
    fixture->scene.now -= 2 * DAY_MS;
    assert_int_equal(dialogue_remove(anne, AISHA + 1), 0);
}

static bool is_told(struct dialogue *dialogue, int64_t person)
{
    const int64_t *persons;
    size_t count;
    bool told = false;
    assert_int_equal(dialogue_persons(dialogue, LAST, &persons, &count), 0);
    for (size_t i = 0; i < count; i++)
        told = told || persons[i] == person;
    return told;
}

static void whose_time_is_over_hears_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = locks_open_as(fixture, ANNE);
    struct dialogue_terms terms = { .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH, .until = fixture->scene.now + DAY_MS };
    assert_int_equal(dialogue_admit_on(anne, AISHA + 1, RELATION_RELATIVE, STR("faster"), &terms), 0);
    fixture->scene.now += DAY_MS - 1;
    assert_true(is_told(locks_open_as(fixture, ANNE), AISHA + 1));
    fixture->scene.now += 1;
    assert_false(is_told(locks_open_as(fixture, ANNE), AISHA + 1));
    assert_true(is_told(locks_open_as(fixture, ANNE), EMIL));
    fixture->scene.now -= DAY_MS;
    assert_int_equal(dialogue_remove(locks_open_as(fixture, ANNE), AISHA + 1), 0);
}

static void a_citizen_is_employed_by_no_page(void **state)
{
    const struct dialogue_scene *scene = &((struct fixture *)*state)->scene;
    struct account_scene accounts = { scene->db, scene->keys, scene->arena, scene->now };
    struct account_employment employee = { .role = ROLE_EMPLOYEE, .name = STR("Emil"), .title = STR("Lærer") };
    int64_t citizen, worker;
    assert_int_equal(account_add_unit(&accounts, STR("Skolen"), &employee.unit), 0);
    assert_int_equal(account_add(&accounts, &(struct account_new){ .role = ROLE_PUBLIC, .name = STR("Emil"), .title = STR("") }, &citizen), 0);
    assert_int_equal(account_add(&accounts, &(struct account_new){ .role = ROLE_EMPLOYEE, .unit = employee.unit, .name = STR("Anne"), .title = STR("") }, &worker), 0);
    assert_int_equal(account_employ(&accounts, citizen, &employee), -ENOENT);
    assert_int_equal(account_employ(&accounts, worker, &employee), 0);
    employee.role = ROLE_PUBLIC;
    assert_int_equal(account_employ(&accounts, worker, &employee), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_citizen_stays_and_so_does_the_last_coordinator),
        cmocka_unit_test(only_guests_change_places),
        cmocka_unit_test(a_row_that_was_put_back_gets_no_key),
        cmocka_unit_test(what_a_consent_says_is_not_changed_past_it),
        cmocka_unit_test(she_does_not_learn_who_was_there_before_her),
        cmocka_unit_test(an_invitation_gives_no_key_that_it_was_not_given),
        cmocka_unit_test(a_link_opens_what_was_agreed_to_and_only_that),
        cmocka_unit_test(a_link_of_whom_nobody_was_asked_lets_in_nobody_past_those_who_must_agree),
        cmocka_unit_test(a_link_that_was_used_lets_in_nobody_else),
        cmocka_unit_test(of_a_locked_dialogue_only_the_citizen_and_the_coordinators_hear),
        cmocka_unit_test(whose_time_is_over_hears_no_more),
        cmocka_unit_test(a_citizen_is_employed_by_no_page),
    };
    return cmocka_run_group_tests(tests, locks_setup, locks_teardown);
}
