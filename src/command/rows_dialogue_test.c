// SPDX-License-Identifier: MPL-2.0
// A dialogue's own queries: who takes part, on which terms, with which keys, and what they have written or sent; each by itself, beside rows of others.
#include "command/rows_fixture.h"
#include "feature/consent/consent_sql.h"
#include "feature/consent_text/consent_text_sql.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/file/file_sql.h"
#include "feature/participant/participant_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#define MANY 9

static void set_terms(struct db *db, int64_t person, int64_t from_number, int64_t until, bool locks)
{
    assert_changes(1, dialogue_terms_set, .dialogue = OWN, .person = person, .admission = person, .from_number = from_number, .until = until,
        .until_null = until == 0, .locks = locks);
}

static void give_key(struct db *db, int64_t dialogue, int64_t member, int64_t epoch)
{
    assert_changes(1, dialogue_grant_add, .dialogue = dialogue, .member = member, .epoch = epoch, .wrapped = rows_sealed());
}

static void one_s_part_is_one_s_own(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_one(RELATION_RELATIVE, dialogue_for_person, relation, .dialogue = OWN, .person = METTE);
    assert_none(dialogue_for_person, .dialogue = OWN, .person = KARIM);
    set_terms(db, METTE, 1, 0, false);
    set_terms(db, BO, 1, 0, false);
    assert_one(METTE, dialogue_terms_get, admission, .dialogue = OWN, .person = METTE);
    assert_none(dialogue_terms_get, .dialogue = OWN, .person = BO);   // he has left
    assert_one(METTE, dialogue_participant_get, admission, .dialogue = OWN, .person = METTE);
    assert_none(dialogue_participant_get, .dialogue = OWN, .person = BO);
    assert_one(LEFT, dialogue_participant_ended, ended, .dialogue = OWN, .person = BO);
    assert_none(dialogue_participant_ended, .dialogue = OWN, .person = METTE);
    assert_none(dialogue_participant_ended, .dialogue = OWN, .person = KARIM);
    assert_gives("1 2 3", dialogue_words, person, .dialogue = OWN);
    assert_changes(1, dialogue_words_set, .dialogue = OWN, .person = METTE, .words = rows_sealed(), .words_epoch = 2);
    assert_changes(1, dialogue_read_to, .dialogue = OWN, .person = EMIL, .number = 4);
    assert_one(4, dialogue_shown, number, .dialogue = OWN, .person = EMIL);
    assert_one(0, dialogue_shown, number, .dialogue = OWN, .person = METTE);
    assert_one(0, dialogue_shown, number, .dialogue = CLOSED, .person = EMIL);
}

static void what_is_over_is_changed_no_more(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    assert_changes(0, dialogue_participant_end, .dialogue = OWN, .person = BO, .ended = NOW);
    assert_changes(0, dialogue_participant_relation, .dialogue = OWN, .person = BO, .relation = RELATION_RELATIVE);
    assert_changes(1, dialogue_participant_relation, .dialogue = OWN, .person = METTE, .relation = RELATION_EXTERNAL);
    assert_changes(0, dialogue_participant_return, .dialogue = OWN, .person = METTE, .relation = RELATION_RELATIVE, .words = rows_sealed(), .words_epoch = 1);
    rows_leave(db, OWN, METTE, NOW);
    assert_changes(1, dialogue_participant_return, .dialogue = OWN, .person = METTE, .relation = RELATION_RELATIVE, .words = rows_sealed(), .words_epoch = 1);
    assert_changes(0, dialogue_state_set, .dialogue = CLOSED, .before = DIALOGUE_OPEN, .state = DIALOGUE_JOURNALISED, .closed_null = true, .journalised_null = true);
    for (int64_t person = EMIL; person <= METTE; person++)
        assert_changes(1, dialogue_read_to, .dialogue = OWN, .person = person, .number = 4);
    assert_sends(1, dialogue_read_own, .dialogue = OWN, .person = METTE, .number = 5);
}

static void only_who_may_see_a_message_is_told_of_it(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    assert_gives("1 2 3", dialogue_active_persons, person, .dialogue = OWN);
    set_terms(db, METTE, 5, 0, false);
    assert_gives("1 5 1", dialogue_active_persons, from_number, .dialogue = OWN);
    set_terms(db, METTE, 4, LATER, false);
    assert_gives("1 4 1", dialogue_active_persons, from_number, .dialogue = OWN);
    rows_leave(db, OWN, METTE, NOW);
    assert_gives("1 3", dialogue_active_persons, person, .dialogue = OWN);
}

static void a_dialogue_lapses_with_what_it_needs(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    set_terms(db, METTE, 1, LATER, true);
    set_terms(db, ANNE, 1, NOW, false);     // it does without her consent
    set_terms(db, BO, 1, NOW, true);        // he has left
    assert_changes(1, dialogue_lapses_set, .dialogue = OWN);
    assert_one(LATER, dialogue_lapses_get, lapses, .dialogue = OWN);
}

static void coordinators_are_those_who_are_still_there(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_one(1, dialogue_participant_get, coordinators, .dialogue = OWN, .person = EMIL);
    assert_one(0, dialogue_participant_get, coordinators, .dialogue = CLOSED, .person = EMIL);
    assert_gives("3", consent_coordinators, person, .dialogue = OWN);
    assert_gives("", consent_coordinators, person, .dialogue = CLOSED);
    assert_one(EMIL, dialogue_citizen, citizen, .id = OWN);
    assert_one(ANNE, dialogue_citizen, citizen, .id = ASIDE);   // who holds all keys of a side talk
    rows_leave(db, ASIDE, ANNE, NOW);
    assert_one(0, dialogue_citizen, citizen, .id = ASIDE);
}

static void a_side_talk_is_its_members_and_ends_once(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    assert_gives("12", dialogue_sides, dialogue, .parent = OWN, .person = BO, .count = MANY);
    assert_gives("", dialogue_sides, dialogue, .parent = OWN, .person = KARIM, .count = MANY);
    assert_gives("", dialogue_sides, dialogue, .parent = CLOSED, .person = BO, .count = MANY);
    rows_leave(db, ASIDE, BO, NOW);
    assert_gives("", dialogue_sides, dialogue, .parent = OWN, .person = BO, .count = MANY);
    assert_gives("12", dialogue_sides_running, dialogue, .parent = OWN, .now = NOW);
    assert_gives("1", dialogue_sides_running, count, .parent = OWN, .now = NOW);
    assert_gives("", dialogue_sides_running, dialogue, .parent = OWN, .now = LATER);
    assert_gives("", dialogue_sides_running, dialogue, .parent = CLOSED, .now = NOW);
    assert_changes(0, dialogue_sides_end, .parent = CLOSED, .ended = NOW);
    assert_changes(0, dialogue_sides_end, .parent = OWN, .ended = LATER);
    assert_changes(0, dialogue_side_end, .dialogue = ASIDE, .ended = LATER, .reason = rows_sealed());   // its time was over
    assert_changes(1, dialogue_side_end, .dialogue = ASIDE, .ended = NOW, .reason = rows_sealed());
    assert_changes(0, dialogue_side_end, .dialogue = ASIDE, .ended = NOW, .reason = rows_sealed());
    assert_changes(0, dialogue_sides_end, .parent = OWN, .ended = NOW);
    assert_gives("", dialogue_sides_running, dialogue, .parent = OWN, .now = NOW);
}

static void a_dialogue_ends_its_own_side_talks(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    assert_changes(1, dialogue_side_add, .dialogue = OTHER, .parent = CLOSED, .started_by = ANNE, .started = JOINED, .ends = LATER, .reason = rows_sealed());
    assert_changes(1, dialogue_sides_end, .parent = OWN, .ended = NOW);
    assert_gives("", dialogue_sides_running, dialogue, .parent = OWN, .now = NOW);
    assert_gives("11", dialogue_sides_running, dialogue, .parent = CLOSED, .now = NOW);
}

static void a_key_is_its_member_s(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    give_key(db, OWN, EMIL, 1);
    give_key(db, OWN, METTE, 2);
    give_key(db, OWN, BO, 1);
    assert_none(dialogue_grant_of, .dialogue = OWN, .member = METTE, .epoch = 1);
    assert_one(1, dialogue_get, granted, .id = OWN, .member = EMIL);
    assert_gives("1 4", dialogue_members, member, .dialogue = OWN, .epoch = 1);
    assert_gives("2 0", dialogue_members, role, .dialogue = OWN, .epoch = 1);   // of who has left it is bound to nothing
    assert_gives("1 2 4", dialogue_rewrap_list, member, .dialogue = 0, .count = MANY);
    assert_gives("2 3 0", dialogue_rewrap_list, role, .dialogue = 0, .count = MANY);
    assert_gives("4", dialogue_rewrap_list, member, .dialogue = OWN, .member = METTE, .epoch = 2, .count = MANY);
    assert_changes(1, dialogue_rewrap, .dialogue = OWN, .member = EMIL, .epoch = 1, .wrapped = rows_sealed());
    assert_changes(1, dialogue_grants_remove, .dialogue = OWN, .member = EMIL);
}

static void messages_begin_and_end_where_they_are_asked_for(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t number = 1; number <= 4; number++)
        rows_post(db, OWN, number, EMIL, NOW);
    assert_gives("3 2", dialogue_post_page, number, .dialogue = OWN, .first = 2, .before = 4, .count = MANY);
    assert_gives("3 4", dialogue_post_after, number, .dialogue = OWN, .after = 2, .count = MANY);
    assert_sends(1, dialogue_post_add, .dialogue = OWN, .number = 5, .author = METTE, .created = NOW, .epoch = 1, .answers_null = true, .once = 77,
        .sealed = rows_sealed());
    assert_one(5, dialogue_post_by_once, number, .dialogue = OWN, .author = METTE, .once = 77);
    assert_none(dialogue_post_by_once, .dialogue = OWN, .author = EMIL, .once = 77);
    for (int64_t person = EMIL; person <= METTE; person++)
        assert_changes(1, dialogue_draft_put, .dialogue = OWN, .person = person, .epoch = person, .saved = NOW, .sealed = rows_sealed());
    assert_one(METTE, dialogue_draft_get, epoch, .dialogue = OWN, .person = METTE);
    assert_sends(1, dialogue_draft_remove, .dialogue = OWN, .person = METTE);
}

static void news_is_what_others_wrote_and_can_be_read(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    rows_post(db, OWN, 1, METTE, NOW);
    rows_post(db, OWN, 2, EMIL, NOW);
    assert_one(0, dialogue_posts_of_others, count, .dialogue = OWN, .after = 1, .author = EMIL);
    assert_one(1, dialogue_posts_of_others, count, .dialogue = OWN, .after = 0, .author = EMIL);
    assert_changes(1, dialogue_hidden_add, .dialogue = OWN, .number = 1, .hidden = NOW, .hidden_by = ANNE, .epoch = 1, .reason = rows_sealed());
    assert_one(0, dialogue_posts_of_others, count, .dialogue = OWN, .after = 0, .author = EMIL);
    assert_one(NOW, dialogue_hidden_get, hidden, .dialogue = OWN, .number = 1);
    assert_changes(1, dialogue_hidden_end, .dialogue = OWN, .number = 1, .hidden = NOW, .shown = LATER);
    assert_one(1, dialogue_posts_of_others, count, .dialogue = OWN, .after = 0, .author = EMIL);
    assert_none(dialogue_hidden_get, .dialogue = OWN, .number = 1);
}

static void add_file(struct db *db, int64_t id, int64_t owner)
{
    assert_changes(1, file_add, .id = id, .dialogue = OWN, .owner = owner, .place = 1, .created = NOW, .epoch = 1, .sealed = rows_sealed());
}

static void a_file_waits_for_who_sent_it_and_then_stands_in_its_message(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t id = 901; id <= 904; id++)
        add_file(db, id, id == 901 ? METTE : EMIL);
    for (int64_t id = 902; id <= 903; id++)
        assert_changes(1, file_attach, .id = id, .post = id - 900, .place = 1, .epoch = 1, .sealed = rows_sealed());
    assert_changes(0, file_attach, .id = 902, .post = 4, .place = 1, .epoch = 1, .sealed = rows_sealed());
    assert_changes(0, file_change, .id = 902, .place = 2, .epoch = 1, .sealed = rows_sealed());
    assert_gives("904", file_waiting, id, .dialogue = OWN, .owner = EMIL);
    assert_gives("901", file_waiting, id, .dialogue = OWN, .owner = METTE);
    assert_none(file_waiting_get, .id = 901, .dialogue = OWN, .owner = EMIL);
    assert_none(file_waiting_get, .id = 902, .dialogue = OWN, .owner = EMIL);
    assert_gives("902", file_of_posts, id, .dialogue = OWN, .first = 1, .last = 2);
    assert_gives("903", file_of_posts, id, .dialogue = OWN, .first = 3, .last = 9);
    assert_one(1, file_count, count, .dialogue = OWN, .owner = EMIL, .first = 3);
    assert_none(file_of_post, .id = 902, .dialogue = OWN, .post = 3);
    assert_changes(0, file_remove, .id = 901, .dialogue = OWN, .owner = EMIL);
    assert_changes(0, file_remove, .id = 902, .dialogue = OWN, .owner = EMIL);
    assert_changes(1, file_remove, .id = 904, .dialogue = OWN, .owner = EMIL);
}

static void add_invitation(struct db *db, int64_t id, int64_t dialogue, int64_t expires)
{
    assert_changes(1, participant_invitation_add, .id = id, .dialogue = dialogue, .token = bytes_from(&id, sizeof(id)), .relation = RELATION_RELATIVE,
        .inviter = id == 701 ? ANNE : KARIM, .created = JOINED, .expires = expires, .state = 1, .sealed = rows_sealed());
}

static void an_invitation_is_used_once_and_only_in_its_time(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_invitation(db, 700, OWN, NOW);
    add_invitation(db, 701, OWN, LATER);
    add_invitation(db, 702, OWN, LATER);
    add_invitation(db, 703, OTHER, LATER);
    assert_changes(1, participant_invitation_close, .id = 702, .open = 1, .state = 2, .accepted_by = METTE);
    assert_changes(0, participant_invitation_close, .id = 702, .open = 1, .state = 3, .accepted_by_null = true);
    assert_gives("701", participant_invitations_open, id, .dialogue = OWN, .open = 1, .now = NOW);
    assert_one(1, participant_invitations_count, count, .dialogue = OWN, .open = 1, .now = NOW);
    assert_gives("700", participant_invitations_over, id, .dialogue = OWN, .open = 1, .now = NOW, .inviter = EMIL);
    assert_gives("700", participant_invitations_over, id, .dialogue = OWN, .open = 1, .now = NOW, .inviter = KARIM);   // what was accepted stays so
    assert_gives("700 701", participant_invitations_over, id, .dialogue = OWN, .open = 1, .now = NOW, .inviter = ANNE);
}

static void add_proposal(struct db *db, int64_t id, int64_t state, int64_t person)
{
    assert_changes(1, consent_proposal_add, .id = id, .dialogue = OWN, .state = state, .person = person, .proposer = ANNE, .created = NOW, .sealed = rows_sealed());
}

static void a_proposal_is_about_one_person_and_is_decided_once(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_proposal(db, 801, 2, METTE);
    add_proposal(db, 802, 3, KARIM);
    add_proposal(db, 803, 5, KARIM);
    assert_gives("802", consent_proposals_living, id, .dialogue = OWN, .person = KARIM);
    assert_one(1, consent_proposals_waiting, count, .dialogue = OWN);
    assert_gives("802", consent_about, id, .person = EMIL, .active = 3, .count = MANY);
    assert_gives("", consent_about, id, .person = SARA, .active = 3, .count = MANY);
    assert_changes(0, consent_proposal_change, .id = 801, .before = 1, .state = 3, .person = METTE, .invitation_null = true, .changed = NOW, .sealed = rows_sealed());
    for (int64_t id = 1; id <= 3; id++)
        assert_changes(1, consent_record_add, .id = id, .proposal = 800 + id, .dialogue = OWN, .giver = id == 2 ? METTE : EMIL, .event = id == 3 ? 2 : 1, .at = NOW,
            .until_null = true, .sealed = rows_sealed());
    assert_gives("801", consent_asked, proposal, .giver = EMIL, .asked = 1, .count = MANY);
    assert_gives("", consent_records, id, .proposal = 802, .giver = EMIL);
    for (int64_t person = EMIL; person <= METTE; person++)
        assert_changes(1, consent_reminder_add, .record = person, .days = 7, .person = person, .dialogue = OWN, .at = NOW);
    assert_gives("2", consent_reminders_of, record, .person = METTE, .count = MANY);
}

static void the_text_that_was_agreed_to_is_that_version(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    assert_changes(1, consent_text_add, .version = 2, .sealed = rows_sealed());
    assert_changes(1, consent_text_add, .version = 3, .sealed = bytes_from("three", 5));
    assert_one(5, consent_text_get, sealed.len, .version = 3);
    assert_one(1, consent_text_get, sealed.len, .version = 2);
    assert_none(consent_text_get, .version = 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rows_begin, rows_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_s_part_is_one_s_own),
        TEST(what_is_over_is_changed_no_more),
        TEST(only_who_may_see_a_message_is_told_of_it),
        TEST(a_dialogue_lapses_with_what_it_needs),
        TEST(coordinators_are_those_who_are_still_there),
        TEST(a_side_talk_is_its_members_and_ends_once),
        TEST(a_dialogue_ends_its_own_side_talks),
        TEST(a_key_is_its_member_s),
        TEST(messages_begin_and_end_where_they_are_asked_for),
        TEST(news_is_what_others_wrote_and_can_be_read),
        TEST(a_file_waits_for_who_sent_it_and_then_stands_in_its_message),
        TEST(an_invitation_is_used_once_and_only_in_its_time),
        TEST(a_proposal_is_about_one_person_and_is_decided_once),
        TEST(the_text_that_was_agreed_to_is_that_version),
    };
    return cmocka_run_group_tests(tests, rows_open, rows_close);
}
