// SPDX-License-Identifier: MPL-2.0
// One lock at a time. In the program a reader "from today on" is stopped twice: the first number says from where they see, and they hold no key of what lies
// before. Here she holds all keys, so that what is seen hangs on the number alone; and each rule is asked by itself what its callers ask before it.
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/file/file.h"
#include "feature/journal/journal.h"
#include "feature/journal/journal_sql.h"
#include "store/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#define EMIL 101
#define ANNE 102
#define LONE 103
#define KARIM 104
#define AISHA 107
#define INVITATION 700
#define UNIT 7
#define FIRST 3   // Lone sees from here on
#define LAST 4

struct fixture {
    char folder[64], key[96], shares[96], database[96];
    struct keeper *keeper;
    struct dialogue_scene scene;
    struct dialogue *anne;
    int64_t file[LAST + 1];   // by the post that it stands in
};

static struct dialogue *open_as(struct fixture *fixture, int64_t person)
{
    struct dialogue *dialogue;
    assert_int_equal(dialogue_open(&fixture->scene, fixture->anne->id, person, &dialogue), 0);
    return dialogue;
}

static int64_t add_file(struct fixture *fixture)
{
    struct file file;
    assert_int_equal(file_new(fixture->anne, STR("brev.pdf"), 9, &file), 0);
    assert_int_equal(file_add(fixture->anne, &file), 0);
    file.kind = FILE_PLAIN;
    assert_int_equal(file_change(fixture->anne, &file), 0);
    return file.id;
}

// The last one answers the one before Lone's first.
static void write_posts(struct fixture *fixture)
{
    for (int64_t number = 1; number <= LAST; number++) {
        int64_t written;
        bool again;
        fixture->file[number] = add_file(fixture);
        fixture->scene.now = fixture->anne->scene.now += 1000;
        assert_int_equal(post_write(fixture->anne, &(struct post_new){ .text = STR("Hej"), .answers = number == LAST ? FIRST - 1 : 0 }, &written, &again), 0);
        assert_int_equal(file_attach(fixture->anne, written, &fixture->file[number], 1), 0);
    }
}

static void start(struct fixture *fixture)
{
    struct dialogue_terms terms = { .first_number = FIRST, .first_epoch = DIALOGUE_FIRST_EPOCH };
    assert_int_equal(dialogue_start(&fixture->scene, &(struct dialogue_new){ .unit = UNIT, .citizen = EMIL, .coordinator = ANNE, .topic = STR("Blåbær"),
        .citizen_words = STR("borger"), .coordinator_words = STR("sagsbehandler") }, &fixture->anne), 0);
    write_posts(fixture);
    assert_int_equal(dialogue_admit_on(fixture->anne, LONE, RELATION_RELATIVE, STR("farmor"), &terms), 0);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct dialogue_scene *scene = &fixture->scene;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-locks-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->key, sizeof(fixture->key), "%s/key", fixture->folder);
    snprintf(fixture->shares, sizeof(fixture->shares), "%s/shares", fixture->folder);
    snprintf(fixture->database, sizeof(fixture->database), "%s/db", fixture->folder);
    scene->now = 1790000000000;
    assert_int_equal(keeper_create_key(fixture->key), 0);
    assert_int_equal(keeper_start(fixture->key, &fixture->keeper), 0);
    assert_int_equal(keeper_open_shares(fixture->keeper, fixture->shares, true), 0);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &scene->db), 0);
    assert_int_equal(migration_run(scene->db, scene->now), 0);
    assert_int_equal(keyring_new(fixture->keeper, &scene->keys), 0);
    assert_int_equal(arena_new(16 << 20, &scene->arena), 0);
    assert_int_equal(db_begin_write(scene->db), 0);
    start(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = { "key", "shares", "db", "db-wal", "db-shm" };
    struct fixture *fixture = *state;
    char path[128];
    assert_int_equal(db_commit(fixture->scene.db), 0);
    arena_free(fixture->scene.arena);
    keyring_free(fixture->scene.keys);
    db_close(fixture->scene.db);
    keeper_stop(fixture->keeper);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static void she_holds_every_key(void **state)
{
    struct dialogue *lone = open_as(*state, LONE);
    struct data_key *key;
    assert_int_equal(dialogue_key(lone, DIALOGUE_FIRST_EPOCH, &key), 0);
    assert_int_equal(dialogue_first_visible(lone), FIRST);
}

static void assert_hers(const struct post *posts, size_t count)
{
    assert_int_equal(count, LAST - FIRST + 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(posts[i].number, FIRST + (int64_t)i);
    assert_int_equal(posts[count - 1].answers, 0);
    assert_true(posts[count - 1].answers_earlier);
}

static void pages_begin_with_her_first_message(void **state)
{
    struct dialogue *lone = open_as(*state, LONE);
    const struct post *posts;
    size_t count;
    assert_int_equal(post_page(lone, INT64_MAX, POST_PAGE, &posts, &count), 0);
    assert_hers(posts, count);
    assert_int_equal(post_after(lone, 0, POST_PAGE, &posts, &count), 0);
    assert_hers(posts, count);
}

// What was opened for somebody who sees all is not shown to her, nor hers to them.
static void neither_does_what_is_kept_open_for_others_show_more(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *emil = open_as(fixture, EMIL), *lone = open_as(fixture, LONE);
    struct vault *vault;
    assert_int_equal(vault_new(&vault), 0);
    for (int way = 0; way < 4; way++) {
        struct dialogue *reader = way % 2 ? lone : emil;
        const struct post *posts;
        size_t count;
        reader->scene.vault = vault;
        assert_int_equal(way < 2 ? post_page(reader, INT64_MAX, POST_PAGE, &posts, &count) : post_after(reader, 0, POST_PAGE, &posts, &count), 0);
        assert_int_equal(posts[0].number, way % 2 ? FIRST : 1);
        reader->scene.vault = NULL;
    }
    vault_free(vault);
}

static void an_earlier_message_is_not_there(void **state)
{
    struct dialogue *lone = open_as(*state, LONE);
    const struct post *versions;
    struct post post;
    size_t count;
    for (int64_t number = 1; number < FIRST; number++) {
        assert_int_equal(post_get(lone, number, &post), -ENOENT);
        assert_int_equal(post_history(lone, number, &versions, &count), -ENOENT);
    }
    assert_int_equal(post_get(lone, FIRST, &post), 0);
    assert_int_equal(post_get(lone, LAST, &post), 0);
    assert_int_equal(post.answers, 0);
}

static int count_post(void *context, const struct post *post)
{
    int64_t *count = context;
    assert_true(post->number >= FIRST);
    assert_true(post->answers == 0 || post->answers >= FIRST);
    ++*count;
    return 0;
}

static void a_search_goes_back_to_her_first_message(void **state)
{
    struct dialogue *lone = open_as(*state, LONE);
    struct arena *scratch;
    int64_t count = 0, number;
    assert_int_equal(arena_new(1 << 20, &scratch), 0);
    assert_int_equal(post_scan(lone, INT64_MAX, 100, scratch, count_post, &count), 0);
    assert_int_equal(count, LAST - FIRST + 1);
    arena_free(scratch);
    assert_int_equal(post_number_at(lone, 0, &number), 0);
    assert_int_equal(number, FIRST);
}

static void nobody_answers_what_they_can_not_see(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *lone = open_as(fixture, LONE);
    int64_t number;
    bool again;
    for (int64_t answers = -1; answers < FIRST; answers++) {
        if (answers != 0)
            assert_int_equal(post_write(lone, &(struct post_new){ .text = STR("Nå"), .answers = answers }, &number, &again), -ENOENT);
    }
    assert_int_equal(post_write(lone, &(struct post_new){ .text = STR("Nå"), .answers = LAST + 1 }, &number, &again), -ENOENT);
}

static void what_came_before_is_no_news_to_her(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *lone = open_as(fixture, LONE);
    bool news = false;
    assert_int_equal(post_news(lone, 0, &news), 0);
    assert_true(news);
    lone->terms.first_number = LAST + 1;
    assert_int_equal(post_news(lone, 0, &news), 0);
    assert_false(news);
}

static void she_is_told_of_nothing_that_she_can_not_see(void **state)
{
    struct dialogue *anne = ((struct fixture *)*state)->anne;
    const int64_t *persons;
    for (int64_t number = FIRST - 1; number <= FIRST; number++) {
        size_t count;
        bool told = false;
        assert_int_equal(dialogue_persons(anne, number, &persons, &count), 0);
        for (size_t i = 0; i < count; i++)
            told = told || persons[i] == LONE;
        assert_int_equal(told, number >= FIRST);
    }
}

static void an_earlier_file_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *lone = open_as(fixture, LONE);
    struct file file;
    int64_t count, own;
    assert_int_equal(file_of_post(lone, FIRST - 1, fixture->file[FIRST - 1], &file), -ENOENT);
    assert_int_equal(file_of_post(lone, FIRST, fixture->file[FIRST - 1], &file), -ENOENT);
    assert_int_equal(file_of_post(lone, FIRST, fixture->file[FIRST], &file), 0);
    assert_int_equal(file_count(lone, &count, &own), 0);
    assert_int_equal(count, LAST - FIRST + 1);
}

static void a_hidden_message_shows_no_file_and_no_earlier_text(void **state)
{
    struct fixture *fixture = *state;
    const struct post *versions;
    struct file file;
    size_t count;
    assert_int_equal(post_hide(fixture->anne, LAST, STR("Navne på andre")), 0);
    assert_int_equal(file_of_post(fixture->anne, LAST, fixture->file[LAST], &file), -ENOENT);
    assert_int_equal(post_history(fixture->anne, LAST, &versions, &count), -ENOENT);
    assert_int_equal(post_unhide(fixture->anne, LAST), 0);
    assert_int_equal(file_of_post(fixture->anne, LAST, fixture->file[LAST], &file), 0);
    assert_int_equal(post_unhide(fixture->anne, LAST), -ENOENT);
}

static void what_somebody_has_not_sent_is_theirs(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *emil = open_as(fixture, EMIL);
    int64_t id = add_file(fixture);
    const struct file *waiting;
    struct file file;
    size_t count;
    assert_int_equal(file_waiting(emil, &waiting, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(file_waiting_get(emil, id, &file), -ENOENT);
    assert_int_equal(file_remove(emil, id), -ENOENT);
    assert_int_equal(file_attach(emil, LAST, &id, 1), -ENOENT);
    assert_int_equal(file_waiting_get(fixture->anne, fixture->file[LAST], &file), -ENOENT);
    assert_int_equal(file_remove(fixture->anne, fixture->file[LAST]), -ENOENT);
    assert_int_equal(file_remove(fixture->anne, id), 0);
}

static void the_journal_begins_with_her_first_message(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *lone = open_as(fixture, LONE);
    const struct journal_entry *list;
    const struct journal_mark *marks;
    struct journal_entry entry;
    size_t count;
    assert_int_equal(sql_journal_add(fixture->scene.db, &(struct sql_journal_add_in){ .id = 900, .dialogue = lone->id, .kind = JOURNAL_MESSAGES, .state = JOURNAL_MADE,
        .author = ANNE, .made = 1, .day = 1, .first = FIRST - 1, .last = LAST, .epoch = DIALOGUE_FIRST_EPOCH, .head = bytes_from("x", 1) }), 1);
    assert_int_equal(journal_list(lone, 10, &list, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(journal_get(lone, 900, &entry), -ENOENT);
    for (int64_t number = 1; number <= LAST + 1; number++)
        assert_int_equal(journal_mark_set(lone, number, true), number < FIRST || number > LAST ? -ENOENT : 0);
    assert_int_equal(journal_mark_set(fixture->anne, 1, true), 0);
    assert_int_equal(journal_marks_open(lone, &marks, &count), 0);
    for (size_t i = 0; i < count; i++)
        assert_true(marks[i].number >= FIRST);
}

static void only_what_one_wrote_oneself_is_changed(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(post_edit(open_as(fixture, EMIL), LAST, STR("Ændret")), -EACCES);
    struct dialogue *anne = open_as(fixture, ANNE);
    anne->scene.now += POST_EDIT_MS + 10000;
    assert_int_equal(post_edit(anne, LAST, STR("Ændret")), -ETIME);
    anne->scene.now = fixture->scene.now;
    assert_int_equal(dialogue_close(anne), 0);
    assert_int_equal(post_edit(anne, LAST, STR("Ændret")), -ETIME);
    assert_int_equal(dialogue_reopen(anne), 0);
}

static void the_citizen_stays_and_so_does_the_last_coordinator(void **state)
{
    struct dialogue *anne = open_as(*state, ANNE);
    assert_int_equal(dialogue_end(anne, EMIL), -EPERM);
    assert_int_equal(dialogue_remove(anne, EMIL), -EPERM);
    assert_int_equal(dialogue_end(anne, ANNE), -EBUSY);
}

static void only_guests_change_places(void **state)
{
    struct dialogue *anne = open_as(*state, ANNE);
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
    struct dialogue *anne = open_as(fixture, ANNE), *karim;
    struct dialogue_terms terms = { .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH, .until = fixture->scene.now + DAY_MS };
    assert_int_equal(dialogue_admit_on(anne, KARIM, RELATION_EXTERNAL, STR("lærer"), &terms), 0);
    assert_int_equal(sql_dialogue_participant_end(fixture->scene.db, &(struct sql_dialogue_participant_end_in){
        .dialogue = anne->id, .person = KARIM, .ended = fixture->scene.now }), 1);
    karim = open_as(fixture, KARIM);   // he still holds his grants, and is a former participant all the same
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
    struct dialogue *anne = open_as(fixture, ANNE);
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
    struct dialogue *anne = open_as(fixture, ANNE);
    assert_int_equal(dialogue_admit(anne, gone, RELATION_RELATIVE, STR("onkel")), 0);
    assert_int_equal(dialogue_end(anne, gone), 0);
    scene->now = anne->scene.now += 1000;
    struct dialogue_terms terms = { .first_number = anne->last_number + 1, .first_epoch = DIALOGUE_FIRST_EPOCH };
    assert_int_equal(dialogue_admit_on(anne, comes, RELATION_RELATIVE, STR("tante"), &terms), 0);
    for (int i = 0; i < 2; i++) {
        bool seen = false;
        assert_int_equal(dialogue_participants(open_as(fixture, i ? comes : EMIL), &people, &count), 0);
        for (size_t k = 0; k < count; k++)
            seen = seen || people[k].person == gone;
        assert_int_equal(seen, i == 0);
    }
    assert_int_equal(dialogue_end(anne, comes), 0);
}

// Of a dialogue that has got a new key since.
static void an_invitation_gives_no_key_that_it_was_not_given(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = open_as(fixture, ANNE), *invited;
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
    struct dialogue *anne = open_as(fixture, ANNE);
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
        cmocka_unit_test(she_holds_every_key),
        cmocka_unit_test(pages_begin_with_her_first_message),
        cmocka_unit_test(neither_does_what_is_kept_open_for_others_show_more),
        cmocka_unit_test(an_earlier_message_is_not_there),
        cmocka_unit_test(a_search_goes_back_to_her_first_message),
        cmocka_unit_test(nobody_answers_what_they_can_not_see),
        cmocka_unit_test(what_came_before_is_no_news_to_her),
        cmocka_unit_test(she_is_told_of_nothing_that_she_can_not_see),
        cmocka_unit_test(an_earlier_file_is_not_there),
        cmocka_unit_test(a_hidden_message_shows_no_file_and_no_earlier_text),
        cmocka_unit_test(what_somebody_has_not_sent_is_theirs),
        cmocka_unit_test(the_journal_begins_with_her_first_message),
        cmocka_unit_test(only_what_one_wrote_oneself_is_changed),
        cmocka_unit_test(the_citizen_stays_and_so_does_the_last_coordinator),
        cmocka_unit_test(only_guests_change_places),
        cmocka_unit_test(a_row_that_was_put_back_gets_no_key),
        cmocka_unit_test(what_a_consent_says_is_not_changed_past_it),
        cmocka_unit_test(she_does_not_learn_who_was_there_before_her),
        cmocka_unit_test(an_invitation_gives_no_key_that_it_was_not_given),
        cmocka_unit_test(a_link_opens_what_was_agreed_to_and_only_that),
        cmocka_unit_test(a_citizen_is_employed_by_no_page),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
