// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/answer_times.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "feature/admin/admin_sql.h"

#include <errno.h>
#include <stdlib.h>

const int64_t answer_spans[ANSWER_SPANS] = { 1, 3, 7 };

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

static int64_t median_of(int64_t *waits, size_t count)
{
    if (count == 0)
        return 0;
    qsort(waits, count, sizeof(*waits), compare);
    return count % 2 ? waits[count / 2] : (waits[count / 2 - 1] + waits[count / 2]) / 2;
}

static void count_question(struct answer_times *times, bool answered, int64_t wait)
{
    times->questions++;
    times->answered += answered;
    for (size_t i = 0; i < ANSWER_SPANS; i++) {
        bool within = wait <= answer_spans[i] * DAY_MS;
        times->within[i] += answered && within;
        times->due[i] += answered || !within;
    }
}

int answer_times(struct db *db, struct arena *arena, int64_t unit, int64_t from, int64_t until, int64_t now, struct answer_times *ret_times)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_admin_questions row;
    struct answer_times times = { .questions = 0 };
    int64_t *waits = arena_array(arena, ANSWER_TIMES_MAX, sizeof(*waits));
    size_t count = 0;
    int result = waits ? sql_admin_questions(db, &(struct sql_admin_questions_in){
        .unit = unit, .from = from, .until = until, .count = ANSWER_TIMES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_admin_questions_next(stmt, &row)) == 1) {
        bool answered = !row.answered_null;
        count_question(&times, answered, (answered ? row.answered : now) - row.asked);
        if (answered && count < ANSWER_TIMES_MAX)
            waits[count++] = row.answered - row.asked;
        result = 0;
    }
    times.median = median_of(waits, count);
    if (result >= 0)
        *ret_times = times;
    return result < 0 ? result : 0;
}
