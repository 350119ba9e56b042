// SPDX-License-Identifier: MPL-2.0
// One lock at a time. In the program a reader "from today on" is stopped twice: the first number says from where they see, and they hold no key of what lies
// before. Here she holds all keys, so that what is seen hangs on the number alone; and each rule is asked by itself what its callers ask before it.
#include "command/locks_fixture.h"
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/file/file.h"
#include "feature/journal/journal.h"
#include "feature/journal/journal_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

static void she_holds_every_key(void **state)
{
    struct dialogue *lone = locks_open_as(*state, LONE);
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
    struct dialogue *lone = locks_open_as(*state, LONE);
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
    struct dialogue *emil = locks_open_as(fixture, EMIL), *lone = locks_open_as(fixture, LONE);
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
    struct dialogue *lone = locks_open_as(*state, LONE);
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
    struct dialogue *lone = locks_open_as(*state, LONE);
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
    struct dialogue *lone = locks_open_as(fixture, LONE);
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
    struct dialogue *lone = locks_open_as(fixture, LONE);
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
    struct dialogue *lone = locks_open_as(fixture, LONE);
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
    struct dialogue *emil = locks_open_as(fixture, EMIL);
    int64_t id = locks_add_file(fixture);
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
    struct dialogue *lone = locks_open_as(fixture, LONE);
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

// Its head is sealed as version 0, and says nothing of the row.
static void a_journal_entry_of_an_earlier_release_opens(void **state)
{
    struct fixture *fixture = *state;
    struct dialogue *anne = fixture->anne;
    const struct seal_place place = { .type = SEAL_JOURNAL, .dialogue = anne->id, .epoch = DIALOGUE_FIRST_EPOCH, .object = 901 };
    uint8_t head[2 * JOURNAL_HASH + 4] = { 0 };
    const struct journal_range *missing;
    struct journal_entry entry;
    struct data_key *key;
    struct bytes sealed;
    size_t before, count;
    memcpy(head + 2 * JOURNAL_HASH, "Ny\xc3\xa5", 4);
    assert_int_equal(journal_missing(anne, &missing, &before), 0);
    assert_true(before > 0 && missing[0].first == 1);
    assert_int_equal(dialogue_key(anne, DIALOGUE_FIRST_EPOCH, &key), 0);
    assert_int_equal(seal(key, &place, bytes_from(head, sizeof(head)), anne->scene.arena, &sealed), 0);
    assert_int_equal(sql_journal_add(fixture->scene.db, &(struct sql_journal_add_in){ .id = 901, .dialogue = anne->id, .kind = JOURNAL_MESSAGES, .state = JOURNAL_MADE,
        .author = ANNE, .made = anne->scene.now, .day = 1, .first = 1, .last = 1, .epoch = DIALOGUE_FIRST_EPOCH, .head = sealed }), 1);
    assert_int_equal(journal_get(anne, 901, &entry), 0);
    assert_true(str_equal(entry.theme, STR("Nyå")));
    assert_int_equal(journal_missing(anne, &missing, &count), 0);
    assert_true(missing[0].first > 1);
}

static void only_what_one_wrote_oneself_is_changed(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(post_edit(locks_open_as(fixture, EMIL), LAST, STR("Ændret")), -EACCES);
    struct dialogue *anne = locks_open_as(fixture, ANNE);
    anne->scene.now += POST_EDIT_MS + 10000;
    assert_int_equal(post_edit(anne, LAST, STR("Ændret")), -ETIME);
    anne->scene.now = fixture->scene.now;
    assert_int_equal(dialogue_close(anne), 0);
    assert_int_equal(post_edit(anne, LAST, STR("Ændret")), -ETIME);
    assert_int_equal(dialogue_reopen(anne), 0);
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
        cmocka_unit_test(a_journal_entry_of_an_earlier_release_opens),
        cmocka_unit_test(only_what_one_wrote_oneself_is_changed),
    };
    return cmocka_run_group_tests(tests, locks_setup, locks_teardown);
}
