// SPDX-License-Identifier: MPL-2.0
// What a unit's people get of its dialogues, and what belongs to one person: each query by itself, among rows that are not theirs.
#include "command/rows_fixture.h"
#include "feature/access/access_sql.h"
#include "feature/account/account_sql.h"
#include "feature/admin/admin_sql.h"
#include "feature/coordinator/coordinator_sql.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/folder/folder_sql.h"
#include "feature/inbox/inbox_sql.h"
#include "feature/search/search_sql.h"
#include "feature/start/start_sql.h"
#include "web/session_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#define MANY 9

static void add_letter(struct db *db, int64_t dialogue, int64_t unit)
{
    assert_changes(1, inbox_letter_add, .dialogue = dialogue, .unit = unit, .created = NOW, .sealed = rows_sealed());
}

static void one_s_dialogues_are_those_one_takes_part_in(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_gives("10 13", start_dialogues, id, .person = EMIL, .count = MANY);
    assert_gives("10", start_dialogues, id, .person = METTE, .count = MANY);
    assert_gives("12", start_dialogues, id, .person = BO, .count = MANY);
    assert_gives("10", admin_part_of, dialogue, .person = METTE, .count = MANY);
    assert_gives("10 11", folder_dialogues, id, .person = METTE, .count = MANY);
    assert_one(1, folder_about_self, found, .person = EMIL);
    assert_one(0, folder_about_self, found, .person = METTE);
    assert_gives("13 10", access_own, id, .person = EMIL, .count = MANY);
    assert_gives("", access_own, id, .person = METTE, .count = MANY);
}

static void a_search_goes_through_what_one_takes_part_in(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    for (int64_t dialogue = OWN; dialogue <= OTHER; dialogue++)
        assert_sends(1, dialogue_note_question, .dialogue = dialogue, .number = 1, .author = EMIL, .at = dialogue);
    assert_gives("10", search_dialogues, id, .person = METTE, .count = MANY);
    assert_gives("10", search_dialogues, id, .person = METTE, .dialogue = OWN, .count = MANY);
    assert_gives("", search_dialogues, id, .person = METTE, .dialogue = OTHER, .count = MANY);
    assert_gives("", search_dialogues, id, .person = EMIL, .dialogue = CLOSED, .count = MANY);   // nothing is written there
    assert_gives("10", search_dialogues, id, .person = EMIL, .count = MANY);
}

static void a_unit_sees_what_waits_in_it(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    assert_sends(1, dialogue_note_question, .dialogue = OWN, .number = 1, .author = EMIL, .at = NOW);
    assert_sends(1, dialogue_note_question, .dialogue = OTHER, .number = 1, .author = SARA, .at = NOW);
    assert_gives("10", start_waiting, id, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_gives("3", start_waiting, coordinator, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_sends(1, dialogue_note_question, .dialogue = CLOSED, .number = 1, .author = EMIL, .at = NOW);
    assert_gives("10", start_waiting, id, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);   // not what is closed
    rows_leave(db, OTHER, KARIM, LATER);
    assert_gives("11", start_waiting, id, .unit = SOUTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_gives("0", start_waiting, coordinator, .unit = SOUTH, .open = DIALOGUE_OPEN, .count = MANY);
}

static void a_unit_is_counted_by_itself(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_one(3, admin_unit_counts, staff, .unit = NORTH);   // who was employed there is not
    assert_one(1, admin_unit_counts, staff, .unit = SOUTH);
    assert_one(2, admin_unit_counts, readers, .unit = NORTH);   // not who administers it
    assert_one(1, admin_unit_counts, readers, .unit = SOUTH);
    assert_one(1, inbox_unit_read, found, .unit = NORTH);
    assert_one(1, inbox_unit_read, found, .unit = SOUTH);
    assert_changes(1, account_change, .id = KARIM, .role = ROLE_ADMINISTRATOR, .unit = SOUTH, .sealed = rows_sealed());
    assert_one(0, inbox_unit_read, found, .unit = SOUTH);   // who administers it does not
    assert_changes(1, account_change, .id = KARIM, .role = ROLE_EMPLOYEE, .unit = SOUTH, .sealed = rows_sealed());
    assert_one(3, admin_unit_counts, dialogues, .unit = NORTH);
    assert_one(1, admin_unit_counts, dialogues, .unit = SOUTH);
    assert_gives("11", admin_overview, id, .unit = SOUTH, .before_at = LATER, .count = MANY);
    assert_gives("13 12 11 10", admin_overview, id, .unit = 0, .before_at = LATER, .count = MANY);
    rows_post(db, OWN, 1, EMIL, NOW);
    rows_post(db, OWN, 2, ANNE, NOW);
    for (int64_t dialogue = OWN; dialogue <= OTHER; dialogue++)
        assert_sends(1, dialogue_note_question, .dialogue = dialogue, .number = 2, .author = EMIL, .at = NOW + dialogue);
    assert_one(1, admin_statistics, dialogues, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(1, admin_statistics, started, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(0, admin_statistics, posts, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(0, admin_statistics, writers, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(2, admin_statistics, posts, .unit = NORTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(2, admin_statistics, writers, .unit = NORTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(1, admin_statistics, waiting, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_one(NOW + OTHER, admin_statistics, waiting_since, .unit = SOUTH, .until = LATER, .open = DIALOGUE_OPEN);
    assert_sends(1, dialogue_note_question, .dialogue = CLOSED, .number = 2, .author = EMIL, .at = 1);
    assert_one(1, admin_statistics, waiting, .unit = NORTH, .until = LATER, .open = DIALOGUE_OPEN);   // not what is closed
    assert_one(NOW + OWN, admin_statistics, waiting_since, .unit = NORTH, .until = LATER, .open = DIALOGUE_OPEN);
}

static void staff_is_listed_by_role_and_unit(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_gives("3 4", account_of_role, id, .role = ROLE_EMPLOYEE, .unit = NORTH);
    assert_gives("5", account_of_role, id, .role = ROLE_EMPLOYEE, .unit = SOUTH);
    assert_gives("3 4 5", account_of_role, id, .role = ROLE_EMPLOYEE, .unit = 0);
    assert_gives("6", account_of_role, id, .role = ROLE_ADMINISTRATOR, .unit = NORTH);
    assert_one(1, admin_parts, count, .person = METTE);
    assert_one(2, admin_parts, count, .person = EMIL);
}

static void who_alone_coordinates_is_known(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_one(1, admin_sole_coordinator, count, .person = ANNE);   // not what she has left, nor the talk beside it
    assert_one(1, admin_sole_coordinator, count, .person = KARIM);
    assert_one(0, admin_sole_coordinator, count, .person = EMIL);
    assert_one(0, coordinator_others, count, .dialogue = OWN, .person = ANNE);
    assert_one(1, coordinator_others, count, .dialogue = OWN, .person = KARIM);
    assert_one(0, coordinator_others, count, .dialogue = CLOSED, .person = KARIM);
    rows_join(db, OWN, KARIM, RELATION_COORDINATOR);
    assert_one(0, admin_sole_coordinator, count, .person = ANNE);
    assert_one(1, admin_sole_coordinator, count, .person = KARIM);
    rows_leave(db, OWN, KARIM, LEFT);
    assert_one(1, admin_sole_coordinator, count, .person = ANNE);
}

// Anne has left everything of hers.
static void a_unit_learns_which_open_dialogues_nobody_coordinates(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_gives("", coordinator_missing, dialogue, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_none(coordinator_missing_one, .dialogue = OWN, .open = DIALOGUE_OPEN);
    rows_leave(db, OWN, ANNE, NOW);
    rows_leave(db, OWN, METTE, LATER);   // coordinated nothing, like Bo
    rows_leave(db, ASIDE, ANNE, NOW);
    assert_gives("10", coordinator_missing, dialogue, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_gives("3", coordinator_missing, person, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_gives("", coordinator_missing, dialogue, .unit = SOUTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_one(ANNE, coordinator_missing_one, person, .dialogue = OWN, .open = DIALOGUE_OPEN);
    assert_none(coordinator_missing_one, .dialogue = ASIDE, .open = DIALOGUE_OPEN);
    assert_none(coordinator_missing_one, .dialogue = CLOSED, .open = DIALOGUE_OPEN);
}

static void who_coordinated_last_is_named(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    rows_leave(db, OWN, ANNE, NOW);
    rows_join(db, OWN, KARIM, RELATION_COORDINATOR);
    assert_none(coordinator_missing_one, .dialogue = OWN, .open = DIALOGUE_OPEN);
    assert_gives("", coordinator_missing, dialogue, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    rows_leave(db, OWN, KARIM, LATER);
    assert_gives("5", coordinator_missing, person, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_one(KARIM, coordinator_missing_one, person, .dialogue = OWN, .open = DIALOGUE_OPEN);
    add_letter(db, OWN, NORTH);   // what was written to the unit waits in its inbox
    assert_gives("", coordinator_missing, dialogue, .unit = NORTH, .open = DIALOGUE_OPEN, .count = MANY);
    assert_none(coordinator_missing_one, .dialogue = OWN, .open = DIALOGUE_OPEN);
}

static void a_letter_is_its_unit_s(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_letter(db, OWN, NORTH);
    add_letter(db, OTHER, SOUTH);
    assert_gives("10", inbox_letters, dialogue, .unit = NORTH, .count = MANY);
    assert_gives("11", inbox_letters, dialogue, .unit = SOUTH, .count = MANY);
    assert_one(1, inbox_letters_of, count, .citizen = EMIL);
    assert_one(1, inbox_taken, count, .dialogue = OWN);
    rows_leave(db, OWN, ANNE, LEFT);
    assert_one(1, inbox_taken, count, .dialogue = OWN);
    assert_one(1, admin_unit_counts, letters, .unit = NORTH);
    assert_one(1, admin_unit_counts, letters, .unit = SOUTH);
}

static void who_is_away_is_told_of_the_coordinators_on_those_days(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t person = ANNE; person <= KARIM; person++)
        assert_changes(1, inbox_absence_put, .person = person, .first_day = 10 * person, .last_day = 100 + person, .deputy_null = true, .sealed = rows_sealed());
    assert_gives("", inbox_away, person, .dialogue = OWN, .day = 29, .now = NOW);
    assert_gives("3", inbox_away, person, .dialogue = OWN, .day = 60, .now = NOW);   // Bo has left, and was no coordinator
    assert_gives("", inbox_away, person, .dialogue = OWN, .day = 104, .now = NOW);
    assert_gives("", inbox_away, person, .dialogue = CLOSED, .day = 60, .now = NOW);
    assert_gives("3", inbox_away, person, .dialogue = ASIDE, .day = 60, .now = NOW);
    assert_gives("0", inbox_away, deputy_there, .dialogue = OWN, .day = 60, .now = NOW);
    assert_changes(1, inbox_absence_put, .person = ANNE, .first_day = 30, .last_day = 103, .deputy = BO, .sealed = rows_sealed());
    assert_gives("0", inbox_away, deputy_there, .dialogue = OWN, .day = 60, .now = NOW);   // he has left
    assert_gives("1", inbox_away, deputy_there, .dialogue = ASIDE, .day = 60, .now = NOW);
    assert_gives("", inbox_deputies_there, person, .person = BO, .open = DIALOGUE_OPEN, .now = NOW, .count = 9);     // coordinates nothing
    assert_gives("", inbox_deputies_there, person, .person = ANNE, .open = DIALOGUE_OPEN, .now = NOW, .count = 9);   // Bo is there beside it only
    assert_one(1, inbox_without_deputy, count, .person = ANNE, .deputy = BO, .open = DIALOGUE_OPEN, .now = NOW);   // not what is closed, nor a side talk
    assert_one(1, inbox_without_deputy, count, .person = ANNE, .deputy = METTE, .open = DIALOGUE_OPEN, .now = NOW);   // a relative does not answer
    assert_one(0, inbox_without_deputy, count, .person = ANNE, .deputy = ANNE, .open = DIALOGUE_OPEN, .now = NOW);
    assert_one(0, inbox_without_deputy, count, .person = BO, .deputy = SARA, .open = DIALOGUE_OPEN, .now = NOW);
    rows_join(db, OWN, KARIM, RELATION_PROFESSIONAL);
    assert_gives("5", inbox_deputies_there, person, .person = ANNE, .open = DIALOGUE_OPEN, .now = NOW, .count = 9);
    rows_leave(db, OWN, KARIM, NOW);
    assert_gives("", inbox_deputies_there, person, .person = ANNE, .open = DIALOGUE_OPEN, .now = NOW, .count = 9);
    assert_one(104, inbox_absence_get, last_day, .person = BO);
    assert_changes(1, inbox_absence_remove, .person = BO);
    assert_none(inbox_absence_get, .person = BO);
    assert_one(105, inbox_absence_get, last_day, .person = KARIM);
}

static void a_portrait_is_shown_to_those_one_meets(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_one(1, account_meet, count, .viewer = METTE, .person = BO, .now = NOW);    // he has left, she has not
    assert_one(0, account_meet, count, .viewer = METTE, .person = SARA);
    assert_one(0, account_meet, count, .viewer = METTE, .person = KARIM);
    assert_one(0, account_meet, count, .viewer = GONE, .person = EMIL);
    assert_changes(1, dialogue_terms_set, .dialogue = OWN, .person = METTE, .until = LATER, .admitted = rows_sealed());
    assert_one(1, account_meet, count, .viewer = METTE, .person = BO, .now = LATER - 1);
    assert_one(0, account_meet, count, .viewer = METTE, .person = BO, .now = LATER);   // her last day is over
    assert_changes(1, dialogue_terms_set, .dialogue = OWN, .person = METTE, .until_null = true, .admitted = rows_sealed());
    for (int64_t person = EMIL; person <= METTE; person++) {
        assert_changes(1, account_portrait_put, .person = person, .version = person, .sealed = rows_sealed());
        assert_changes(1, account_source_put, .person = person, .version = person, .sealed = rows_sealed());
    }
    assert_one(METTE, account_portrait_get, version, .person = METTE);
    assert_one(METTE, account_source_get, version, .person = METTE);
    assert_changes(1, account_portrait_remove, .person = METTE);
    assert_changes(1, account_source_remove, .person = METTE);
    assert_changes(2, account_shown_changed, .person = METTE);
    assert_changes(1, account_demo_add, .person = EMIL);
    assert_none(account_demo_get, .person = METTE);
}

static void only_one_s_own_sessions_and_lists_end(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_changes(1, session_begin, .key = str_bytes(STR("a")), .person = ANNE, .now = NOW, .mark = rows_sealed());
    assert_changes(1, session_begin, .key = str_bytes(STR("b")), .person = BO, .now = NOW, .mark = rows_sealed());
    assert_changes(1, admin_sign_out, .person = ANNE);
    assert_gives("4", session_load, person, .key = str_bytes(STR("b")));
    assert_changes(1, admin_import_add, .id = 900, .person = ADA, .created = NOW, .sealed = rows_sealed());
    assert_one(NOW, admin_import_get, created, .id = 900, .person = ADA);
    assert_none(admin_import_get, .id = 900, .person = ANNE);
}

// A question is what somebody from outside writes after an employee, or first.
static void a_unit_s_answer_times_are_of_questions_asked_in_it(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    rows_post(db, OWN, 1, ANNE, 60);     // no question
    rows_post(db, OWN, 2, EMIL, 70);
    rows_post(db, OWN, 3, METTE, 80);    // the same question
    rows_post(db, OWN, 4, BO, 90);
    rows_post(db, OWN, 5, EMIL, 150);
    rows_post(db, OWN, 6, GONE, 160);    // worked here when he wrote
    rows_post(db, OTHER, 1, SARA, 71);
    rows_post(db, ASIDE, 1, EMIL, 72);
    rows_post(db, CLOSED, 1, EMIL, 40);
    rows_post(db, CLOSED, 2, EMIL, 73);
    assert_sends(1, dialogue_note_answer, .dialogue = OWN, .number = 6, .author = GONE, .at = 160);
    for (int64_t dialogue = OTHER; dialogue <= CLOSED; dialogue++)
        assert_sends(1, dialogue_note_question, .dialogue = dialogue, .number = 1, .author = EMIL, .at = 100);
    assert_gives("70 150", admin_questions, asked, .unit = NORTH, .from = 60, .until = 200, .count = MANY);
    assert_gives("90 160", admin_questions, answered, .unit = NORTH, .from = 60, .until = 200, .count = MANY);
    assert_gives("70", admin_questions, asked, .unit = NORTH, .from = 60, .until = 150, .count = MANY);
    assert_gives("150", admin_questions, asked, .unit = NORTH, .from = 71, .until = 200, .count = MANY);
    assert_gives("71", admin_questions, asked, .unit = SOUTH, .from = 60, .until = 200, .count = MANY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rows_begin, rows_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_s_dialogues_are_those_one_takes_part_in),
        TEST(a_search_goes_through_what_one_takes_part_in),
        TEST(a_unit_sees_what_waits_in_it),
        TEST(a_unit_is_counted_by_itself),
        TEST(staff_is_listed_by_role_and_unit),
        TEST(who_alone_coordinates_is_known),
        TEST(a_unit_learns_which_open_dialogues_nobody_coordinates),
        TEST(who_coordinated_last_is_named),
        TEST(a_letter_is_its_unit_s),
        TEST(who_is_away_is_told_of_the_coordinators_on_those_days),
        TEST(a_portrait_is_shown_to_those_one_meets),
        TEST(only_one_s_own_sessions_and_lists_end),
        TEST(a_unit_s_answer_times_are_of_questions_asked_in_it),
    };
    return cmocka_run_group_tests(tests, rows_open, rows_close);
}
