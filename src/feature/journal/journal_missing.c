// SPDX-License-Identifier: MPL-2.0
// What of a dialogue is not filed, and whether all of it is.
#include "base/cleanup.h"
#include "base/clock.h"
#include "feature/dialogue/post.h"
#include "feature/journal/journal_page.h"
#include "feature/journal/journal_piece.h"
#include "feature/journal/journal_sql.h"

#include <errno.h>

// Posts one after the other, as runs.
struct runs {
    struct journal_range *list;
    size_t count;
};

static void add_run(struct runs *runs, int64_t first, int64_t last)
{
    if (runs->count > 0 && runs->list[runs->count - 1].last + 1 >= first)
        runs->list[runs->count - 1].last = last;
    else if (runs->count < JOURNAL_RANGES_MAX)
        runs->list[runs->count++] = (struct journal_range){ first, last };
}

// A row that the program did not write so files nothing. Nor need one be looked at that was made before the member's first post.
static int check_row(struct dialogue *dialogue, const struct sql_journal_covered *row, bool *ret_counts)
{
    struct journal_entry entry = { .id = row->id, .kind = (enum journal_kind)row->kind, .author = row->author, .made = row->made, .day = row->day,
                                   .first = row->first, .last = row->last, .epoch = row->epoch };
    int result = row->epoch < dialogue->terms.first_epoch ? -ENOENT : journal_open_head(dialogue, row->head, &entry);
    *ret_counts = result == 0;
    return result == -ENOENT || result == -EBADMSG ? 0 : result;
}

// What entries hold, in the order of their first post.
static int read_covered(struct dialogue *dialogue, struct sql_journal_covered *list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    size_t count = 0;
    int result = sql_journal_covered(dialogue->scene.db, &(struct sql_journal_covered_in){ .dialogue = dialogue->id }, &stmt);
    while (result == 0 && count < JOURNAL_RANGES_MAX && (result = sql_journal_covered_next(stmt, &list[count])) == 1) {
        bool counts;
        result = check_row(dialogue, &list[count], &counts);
        count += result == 0 && counts;
    }
    *ret_count = count;
    return result < 0 ? result : 0;
}

// When the newest entry that holds a post was made; 0: none holds it.
static int64_t filed_at(const struct sql_journal_covered *covered, size_t count, int64_t number)
{
    int64_t made = 0;
    for (size_t i = 0; i < count; i++) {
        if (covered[i].first <= number && number <= covered[i].last && covered[i].made > made)
            made = covered[i].made;
    }
    return made;
}

// A post can be changed for a few minutes: one that was filed sooner is looked at.
static int find_changed(struct dialogue *dialogue, const struct sql_journal_covered *covered, size_t count, struct runs *changed)
{
    for (size_t i = 0; i < count; i++) {
        int64_t number;
        int result = post_number_at(dialogue, covered[i].made - POST_EDIT_MS, &number);
        for (number = number > covered[i].first ? number : covered[i].first; result == 0 && number <= covered[i].last; number++) {
            struct post post;
            result = post_get(dialogue, number, &post);
            if (result == 0 && post.edited > filed_at(covered, count, number))
                add_run(changed, number, number);
        }
        if (result < 0)
            return result;
    }
    return 0;
}

static bool holds(const struct runs *runs, int64_t number)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (runs->list[i].first <= number && number <= runs->list[i].last)
            return true;
    }
    return false;
}

// Between what is covered lie the gaps; what was changed since is laid among them.
static void merge(struct dialogue *dialogue, const struct sql_journal_covered *covered, size_t count, const struct runs *changed, struct runs *missing)
{
    int64_t next = dialogue_first_visible(dialogue);
    for (size_t i = 0; i <= count; i++) {
        int64_t begins = i < count ? covered[i].first : dialogue->last_number + 1, ends = i < count ? covered[i].last : dialogue->last_number;
        if (begins > next)
            add_run(missing, next, begins - 1);
        for (int64_t number = begins > next ? begins : next; changed->count && number <= ends; number++) {
            if (holds(changed, number))
                add_run(missing, number, number);
        }
        next = ends + 1 > next ? ends + 1 : next;
    }
}

int journal_missing(struct dialogue *dialogue, const struct journal_range **ret_ranges, size_t *ret_count)
{
    struct arena *arena = dialogue->scene.arena;
    struct sql_journal_covered *covered = arena_array(arena, JOURNAL_RANGES_MAX, sizeof(*covered));
    struct runs missing = { .list = arena_array(arena, JOURNAL_RANGES_MAX, sizeof(*missing.list)) };
    struct runs changed = { .list = arena_array(arena, JOURNAL_RANGES_MAX, sizeof(*changed.list)) };
    size_t count;
    if (!covered || !missing.list || !changed.list)
        return -ENOMEM;
    int result = read_covered(dialogue, covered, &count);
    if (result == 0)
        result = find_changed(dialogue, covered, count, &changed);
    if (result < 0)
        return result;
    merge(dialogue, covered, count, &changed, &missing);
    *ret_ranges = missing.list;
    *ret_count = missing.count;
    return 0;
}

static struct sql_journal_late_count_in late_of(const struct app *app, int64_t person, int64_t now)
{
    return (struct sql_journal_late_count_in){ .person = person, .before = now - journal_remind_days(app) * DAY_MS, .now = now };
}

void journal_ask_late(struct db *db, const struct app *app, int64_t person, int64_t now)
{
    struct sql_journal_late_count_in in = late_of(app, person, now);
    sql_journal_late_count_ask(db, &in);
}

int journal_late(struct db *db, struct arena *arena, const struct app *app, int64_t person, int64_t now, int64_t *ret_count)
{
    struct sql_journal_late_count row;
    struct sql_journal_late_count_in in = late_of(app, person, now);
    int result = sql_journal_late_count(db, arena, &in, &row);
    if (result == 0)
        *ret_count = row.count;
    return result;
}

int journal_undelivered(struct dialogue *dialogue, int64_t *ret_count, int64_t *ret_failed)
{
    struct sql_journal_undelivered row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_journal_undelivered(scene->db, scene->arena, &(struct sql_journal_undelivered_in){ .dialogue = dialogue->id }, &row);
    if (result < 0)
        return result;
    *ret_count = row.count;
    *ret_failed = row.failed;
    return 0;
}

int journal_may_finish(struct dialogue *dialogue, bool delivers, bool *ret_may)
{
    const struct journal_range *ranges;
    size_t count;
    int64_t waiting, failed;
    int result = journal_missing(dialogue, &ranges, &count);
    if (result == 0)
        result = journal_undelivered(dialogue, &waiting, &failed);
    if (result == 0)
        *ret_may = dialogue->state == DIALOGUE_CLOSED && dialogue_first_visible(dialogue) == 1 && count == 0 && (!delivers || waiting == 0);
    return result;
}

int journal_finish(struct dialogue *dialogue, bool delivers)
{
    bool may;
    int result = journal_may_finish(dialogue, delivers, &may);
    if (result == 0 && !may)
        return -EINVAL;
    return result < 0 ? result : dialogue_journalised(dialogue);
}
