// SPDX-License-Identifier: MPL-2.0
// What is kept about people and told to them: the log, reviews, the journal's marks, mail, erasure; each query by itself, beside rows of others.
#include "audit/audit_sql.h"
#include "command/rows_fixture.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/inbox/inbox_sql.h"
#include "feature/insight/log_sql.h"
#include "feature/insight/readers_sql.h"
#include "feature/insight/review_sql.h"
#include "feature/journal/journal_sql.h"
#include "feature/notice/notice_sql.h"
#include "feature/retention/retention_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>

#define MANY 9

static void note(struct db *db, const struct sql_audit_add_recent_in *what)
{
    struct sql_audit_add_recent_in in = *what;
    in.moment = NOW;
    in.mark = rows_sealed();
    struct sql_audit_add_indexed_in indexed = { .seq = in.seq, .moment = in.moment, .kind = in.kind, .person = in.person, .dialogue = in.dialogue,
        .object = in.object, .first_post = in.first_post, .last_post = in.last_post, .mark = in.mark };
    assert_int_equal(in.seq % 2 ? sql_audit_add_indexed(db, &indexed) : sql_audit_add_recent(db, &in), 0);
    assert_int_equal(db_changes(db), 1);
}

static void the_log_is_read_by_whom_it_concerns(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    note(db, &(struct sql_audit_add_recent_in){ .seq = 1, .kind = 1, .person = ANNE, .object = EMIL });                    // looked up
    note(db, &(struct sql_audit_add_recent_in){ .seq = 2, .kind = 1, .person = ANNE, .object = SARA });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 3, .kind = 1, .person = ANNE, .dialogue = OWN, .object = EMIL });   // in a dialogue
    note(db, &(struct sql_audit_add_recent_in){ .seq = 4, .kind = 1, .person = KARIM, .dialogue = OTHER });
    assert_gives("3 2 1", log_of_person, seq, .person = ANNE, .before = MANY);
    assert_gives("1", log_about_person, seq, .person = EMIL, .before = MANY);
    assert_gives("3", log_of_dialogue, seq, .dialogue = OWN, .before = MANY);
    assert_gives("13 10", log_dialogues, id, .person = EMIL, .about = 1, .count = MANY);
    assert_gives("12 10", log_dialogues, id, .person = ANNE, .about = 0, .count = MANY);
    assert_gives("", log_dialogues, id, .person = ANNE, .about = 1, .count = MANY);
}

static void who_has_read_a_message_is_who_was_shown_it(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    note(db, &(struct sql_audit_add_recent_in){ .seq = 1, .kind = 1, .person = ANNE, .dialogue = OWN, .first_post = 1, .last_post = 4 });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 2, .kind = 1, .person = BO, .dialogue = OWN, .first_post = 1, .last_post = 2 });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 3, .kind = 1, .person = METTE, .dialogue = OWN, .first_post = 4, .last_post = 5 });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 4, .kind = 2, .person = EMIL, .dialogue = OWN, .first_post = 3, .last_post = 3 });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 5, .kind = 3, .person = EMIL, .dialogue = OWN, .first_post = 3, .last_post = 3 });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 6, .kind = 1, .person = ADA, .dialogue = OWN });
    assert_gives("3", readers_of_post, person, .dialogue = OWN, .number = 3, .document = 2, .preview = 3);
    assert_gives("6", readers_strangers, person, .dialogue = OWN);   // those who take or took part are none
}

static void add_review(struct db *db, int64_t id, int64_t unit, int64_t looker, int64_t asker)
{
    assert_changes(1, review_add, .id = id, .unit = unit, .cause = 1, .looker = looker, .about = EMIL, .first = id, .last = id, .asker = asker, .created = id,
        .question = rows_sealed());
}

static void close_review(struct db *db, int64_t id, bool answered)
{
    assert_changes(1, review_close, .id = id, .closed = NOW + id, .reviewer = ADA, .outcome = 1, .note = rows_sealed(),
        .answer = answered ? rows_sealed() : (struct bytes){ .ptr = NULL });
}

static void appoint(struct db *db, int64_t person, int64_t unit)
{
    assert_changes(1, review_reviewer_add, .person = person, .unit = unit, .since = NOW, .sealed = rows_sealed());
}

// Ada reviews North, Karim reviews South. What Karim looked at waits for others too.
static void a_review_waits_for_its_unit_s_reviewers(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    appoint(db, ADA, NORTH);
    appoint(db, KARIM, SOUTH);
    for (int pass = 0; pass < 2; pass++) {
        int64_t from = pass * 10;
        add_review(db, from + 1, NORTH, ANNE, EMIL);
        add_review(db, from + 2, SOUTH, BO, EMIL);
        add_review(db, from + 3, SOUTH, KARIM, EMIL);
        add_review(db, from + 4, 0, BO, EMIL);
        for (int64_t id = 1; pass == 0 && id <= 4; id++)
            close_review(db, id, true);
    }
    assert_gives("11 13 14", review_open, id, .reviewer = ADA, .count = MANY);
    assert_gives("12 13 14", review_open, id, .reviewer = KARIM, .count = MANY);
    assert_gives("13 14", review_open, id, .reviewer = BO, .count = MANY);
    assert_gives("4 3 1", review_closed, id, .reviewer = ADA, .count = MANY);
    assert_gives("4 3 2", review_closed, id, .reviewer = KARIM, .count = MANY);
    assert_changes(0, review_close, .id = 1, .closed = LATER, .reviewer = KARIM, .outcome = 1, .note = rows_sealed());
    assert_one(1, review_reviews_at_all, count, .person = ADA);
    assert_one(0, review_reviews_at_all, count, .person = BO);
}

static void a_reviewer_reviews_where_they_were_appointed(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    appoint(db, ADA, NORTH);
    appoint(db, ADA, SOUTH);
    appoint(db, KARIM, SOUTH);
    assert_gives("1 2", review_reviewer_units, unit, .person = ADA);
    assert_gives("2", review_reviewer_units, unit, .person = KARIM);
    assert_gives("6", review_reviewers_of, person, .unit = NORTH);
    assert_changes(2, review_reviewer_remove, .person = ADA);
    assert_gives("", review_reviewer_units, unit, .person = ADA);
    assert_gives("2", review_reviewer_units, unit, .person = KARIM);
}

static void who_asked_sees_their_own_question(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_review(db, 1, NORTH, ANNE, EMIL);
    add_review(db, 2, NORTH, ANNE, METTE);
    add_review(db, 3, NORTH, ANNE, EMIL);
    add_review(db, 4, NORTH, ANNE, 0);   // drawn
    add_review(db, 5, NORTH, ANNE, 0);
    close_review(db, 3, true);
    close_review(db, 4, true);
    close_review(db, 5, false);
    assert_gives("3 1", review_asked, id, .asker = EMIL, .count = MANY);
    assert_gives("4", review_told, id, .about = EMIL, .count = MANY);
    assert_gives("", review_told, id, .about = METTE, .count = MANY);
    assert_one(1, review_asked_of_record, count, .asker = EMIL, .record = 1);
    assert_one(0, review_asked_of_record, count, .asker = EMIL, .record = 2);
    assert_one(1, review_waiting_of, count, .asker = EMIL);
}

static void a_reviewer_sees_what_the_question_is_about(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t seq = 1; seq <= 4; seq++)
        note(db, &(struct sql_audit_add_recent_in){ .seq = seq, .kind = 1, .person = ANNE, .dialogue = OWN });
    note(db, &(struct sql_audit_add_recent_in){ .seq = 5, .kind = 1, .person = EMIL, .dialogue = OWN });
    assert_gives("3 2", review_looks, seq, .person = ANNE, .dialogue = OWN, .first = 2, .last = 3, .count = MANY);
    assert_gives("4 3", review_looks, seq, .person = ANNE, .dialogue = OWN, .first = 3, .last = 5, .count = MANY);
    assert_one(RELATION_COORDINATOR, review_part, relation, .dialogue = OWN, .person = ANNE);
    assert_none(review_part, .dialogue = OWN, .person = KARIM);
}

static void a_coordinator_is_reminded_of_what_they_have_not_filed(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    static const int64_t dialogues[] = { OWN, OTHER, CLOSED };
    for (size_t i = 0; i < 3; i++)
        assert_changes(1, journal_mark_add, .dialogue = dialogues[i], .number = 1, .person = EMIL, .at = LEFT);
    assert_gives("10", journal_marks_late, dialogue, .person = ANNE, .before = NOW, .count = MANY);
    assert_one(1, journal_late_count, count, .person = ANNE, .before = NOW);
    assert_gives("", journal_marks_late, dialogue, .person = METTE, .before = NOW, .count = MANY);
    assert_one(0, journal_late_count, count, .person = METTE, .before = NOW);
    assert_changes(1, dialogue_terms_set, .dialogue = OWN, .person = ANNE, .until = LATER, .admitted = rows_sealed());
    assert_one(1, journal_late_count, count, .person = ANNE, .before = NOW, .now = LATER - 1);
    assert_one(0, journal_late_count, count, .person = ANNE, .before = NOW, .now = LATER);
    assert_gives("", journal_marks_late, dialogue, .person = ANNE, .before = NOW, .now = LATER, .count = MANY);
    assert_changes(1, dialogue_terms_set, .dialogue = OWN, .person = ANNE, .until_null = true, .admitted = rows_sealed());
    assert_gives("1", journal_marks_open, number, .dialogue = OWN, .count = MANY);
    assert_changes(1, journal_add, .id = 900, .dialogue = OWN, .kind = 1, .state = 1, .author = ANNE, .made = NOW, .first = 1, .last = 1, .epoch = 1,
        .head = rows_sealed());
    assert_gives("", journal_marks_late, dialogue, .person = ANNE, .before = NOW, .count = MANY);
    assert_one(0, journal_late_count, count, .person = ANNE, .before = NOW);
    assert_gives("", journal_marks_open, number, .dialogue = OWN, .count = MANY);
}

static void give_address(struct db *db, int64_t person)
{
    assert_changes(1, notice_address_put, .person = person, .confirmed = person, .sealed = rows_sealed());
}

static void an_address_is_one_person_s(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t person = EMIL; person <= METTE; person++) {
        give_address(db, person);
        assert_changes(1, notice_wish_put, .person = person, .mail = person, .token = bytes_from(&person, sizeof(person)), .made = NOW, .expires = LATER,
            .sealed = rows_sealed());
    }
    assert_one(METTE, notice_address, confirmed, .person = METTE);
    assert_one(METTE, notice_wish, mail, .person = METTE);
    assert_changes(1, notice_address_refuse, .person = METTE, .at = NOW);
    assert_one(true, notice_address, refused_null, .person = EMIL);
    assert_changes(1, notice_wish_end, .person = METTE, .now = NOW);
    assert_one(LATER, notice_wish, expires, .person = EMIL);
    assert_changes(1, notice_address_remove, .person = METTE);
}

static void choose(struct db *db, int64_t person, int64_t dialogue, int64_t choice)
{
    assert_changes(1, notice_note_told, .person = person, .dialogue = dialogue, .choice = choice, .told = 1);
}

static void mail_goes_to_who_takes_part(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t person = EMIL; person <= BO; person++) {
        give_address(db, person);
        choose(db, person, OWN, person == ANNE ? 1 : 2);
    }
    assert_gives("1 2 3", notice_hearers, person, .dialogue = OWN);
    assert_one(1, notice_choice, choice, .person = ANNE, .dialogue = OWN);
    assert_one(2, notice_choice, choice, .person = METTE, .dialogue = OWN);
    assert_gives("", notice_daily, person, .choice = 2, .count = MANY);   // nothing is written
    assert_sends(1, dialogue_note_question, .dialogue = OWN, .number = 2, .author = EMIL, .at = NOW);
    assert_gives("1 2", notice_daily, person, .choice = 2, .count = MANY);
    assert_changes(1, dialogue_read_to, .dialogue = OWN, .person = EMIL, .number = 2);
    assert_gives("2", notice_daily, person, .choice = 2, .count = MANY);
    assert_changes(1, notice_note_told, .person = METTE, .dialogue = OWN, .choice = 2, .told = 2);
    assert_gives("", notice_daily, person, .choice = 2, .count = MANY);
}

static void who_wants_no_more_mail_gets_none_of_theirs(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    choose(db, METTE, OWN, 1);
    choose(db, BO, OWN, 1);
    assert_gives("10", notice_dialogues, dialogue, .person = METTE, .count = MANY);
    assert_changes(1, notice_stop_all, .person = METTE, .choice = 1, .unset = 1, .never = 3);   // not where she has left, and nobody else
    assert_gives("10", notice_dialogues, dialogue, .person = METTE, .count = MANY);
    assert_gives("3", notice_dialogues, choice, .person = METTE, .count = MANY);
}

static void mail_of_a_unit_goes_to_who_works_there_and_wants_it(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    static const int64_t units[] = { [ANNE] = NORTH, [BO] = SOUTH, [KARIM] = NORTH, [ADA] = NORTH };   // Bo and Karim have moved since they chose
    for (int64_t person = ANNE; person <= ADA; person++) {
        give_address(db, person);
        assert_changes(1, notice_unit_choose, .person = person, .unit = units[person]);
        assert_one(person == ANNE, notice_unit_wants, count, .person = person, .unit = NORTH);
    }
    assert_one(0, notice_unit_wants, count, .person = EMIL, .unit = NORTH);
    assert_one(0, notice_unit_wants, count, .person = BO, .unit = SOUTH);
    assert_gives("3", notice_unit_hearers, person, .unit = NORTH);
    assert_gives("", notice_unit_hearers, person, .unit = SOUTH);
    assert_changes(1, notice_unit_stop, .person = ANNE);
    assert_one(0, notice_unit_wants, count, .person = ANNE, .unit = NORTH);
    for (int64_t dialogue = OWN; dialogue <= OTHER; dialogue++)
        assert_changes(1, inbox_letter_add, .dialogue = dialogue, .unit = dialogue == OWN ? NORTH : SOUTH, .created = NOW, .sealed = rows_sealed());
    assert_one(1, notice_unit_letters, count, .unit = NORTH);
}

static void a_unit_s_rule_of_erasure_is_its_own(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_changes(1, retention_rule_put, .unit = SOUTH, .sealed = rows_sealed());
    assert_none(retention_rule_get, .unit = NORTH);
    assert_changes(0, retention_rule_remove, .unit = NORTH);
    assert_changes(1, retention_rule_remove, .unit = SOUTH);
}

static void finish(struct db *db, int64_t dialogue, enum dialogue_state before, int64_t closed, int64_t journalised)
{
    assert_changes(1, dialogue_state_set, .dialogue = dialogue, .before = before, .state = DIALOGUE_JOURNALISED, .closed = closed, .journalised = journalised);
}

static void ask_to_erase(struct db *db, int64_t id, int64_t dialogue, int64_t unit, int64_t state, int64_t changed)
{
    assert_changes(1, retention_erasure_add, .id = id, .dialogue = dialogue, .unit = unit, .state = state, .changed = changed, .sealed = rows_sealed());
}

static void what_is_due_to_be_erased_is_long_over_and_not_asked_for(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    finish(db, CLOSED, DIALOGUE_CLOSED, LEFT, LEFT);
    finish(db, OTHER, DIALOGUE_OPEN, LEFT, LEFT);
    assert_gives("13", retention_due, id, .unit = NORTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    assert_gives("11", retention_due, id, .unit = SOUTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    finish(db, OTHER, DIALOGUE_JOURNALISED, NOW, LEFT);
    assert_gives("", retention_due, id, .unit = SOUTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    finish(db, OTHER, DIALOGUE_JOURNALISED, LEFT, NOW);
    assert_gives("", retention_due, id, .unit = SOUTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    ask_to_erase(db, 1, CLOSED, NORTH, 1, LEFT);   // too long ago
    ask_to_erase(db, 2, CLOSED, NORTH, 5, NOW);    // and taken back
    assert_gives("13", retention_due, id, .unit = NORTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    ask_to_erase(db, 3, CLOSED, NORTH, 1, NOW);
    assert_gives("", retention_due, id, .unit = NORTH, .state = DIALOGUE_JOURNALISED, .before = LEFT, .since = LEFT, .count = MANY);
    assert_gives("3", retention_erasures, id, .unit = NORTH, .state = 1, .since = LEFT, .count = MANY);
    assert_gives("", retention_erasures, id, .unit = SOUTH, .state = 1, .since = LEFT, .count = MANY);
    assert_gives("12", retention_sides, id, .dialogue = OWN, .erased = DIALOGUE_ERASED, .count = MANY);
    assert_gives("", retention_sides, id, .dialogue = OTHER, .erased = DIALOGUE_ERASED, .count = MANY);
    assert_changes(1, dialogue_make_stub, .id = ASIDE, .state = DIALOGUE_ERASED, .topic = rows_sealed());
    assert_gives("", retention_sides, id, .dialogue = OWN, .erased = DIALOGUE_ERASED, .count = MANY);
}

static void assert_plan(sqlite3 *raw, const struct db_query *query)
{
    char explain[4096];
    sqlite3_stmt *stmt;
    assert_in_range(snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", query->sqlite), 1, (int)sizeof(explain) - 1);
    assert_int_equal(sqlite3_prepare_v2(raw, explain, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(stmt, 3);
        if (strncmp(step, "SCAN audit_indexed", 18) == 0 || strcmp(step, "SCAN audit") == 0)
            fail_msg("%s goes through all of the log: %s", query->name, step);
    }
    sqlite3_finalize(stmt);
}

// The log is a view of two tables, the larger of which SQLite asks by its indexes only if a query is put in a certain way (audit.sql).
static void no_page_goes_through_all_of_the_log(void **state)
{
    const struct rows *rows = *state;
    const struct db_query *const *queries;
    sqlite3 *raw;
    size_t all = db_queries(&queries), found = 0;
    assert_int_equal(sqlite3_open_v2(rows->database, &raw, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < all; i++) {
        if (!strstr(queries[i]->sqlite, "FROM audit") || strcmp(queries[i]->name, "audit.all") == 0)
            continue;
        assert_plan(raw, queries[i]);
        found++;
    }
    assert_in_range(found, 10, all);
    sqlite3_close(raw);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rows_begin, rows_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_log_is_read_by_whom_it_concerns),
        TEST(who_has_read_a_message_is_who_was_shown_it),
        TEST(no_page_goes_through_all_of_the_log),
        TEST(a_review_waits_for_its_unit_s_reviewers),
        TEST(a_reviewer_reviews_where_they_were_appointed),
        TEST(who_asked_sees_their_own_question),
        TEST(a_reviewer_sees_what_the_question_is_about),
        TEST(a_coordinator_is_reminded_of_what_they_have_not_filed),
        TEST(an_address_is_one_person_s),
        TEST(mail_goes_to_who_takes_part),
        TEST(who_wants_no_more_mail_gets_none_of_theirs),
        TEST(mail_of_a_unit_goes_to_who_works_there_and_wants_it),
        TEST(a_unit_s_rule_of_erasure_is_its_own),
        TEST(what_is_due_to_be_erased_is_long_over_and_not_asked_for),
    };
    return cmocka_run_group_tests(tests, rows_open, rows_close);
}
