// SPDX-License-Identifier: MPL-2.0
#include "audit/audit.h"
#include "feature/insight/insight.h"
#include "feature/insight/review_sql.h"

static struct sql_review_answers_new_in answers_of(int64_t person)
{
    return (struct sql_review_answers_new_in){ .asker = person, .log_read = AUDIT_LOG_READ };
}

void insight_ask_waiting(const struct account_scene *scene, int64_t person)
{
    struct sql_review_answers_new_in answers = answers_of(person);
    sql_review_waiting_for_ask(scene->db, &(struct sql_review_waiting_for_in){ .reviewer = person });
    sql_review_answers_new_ask(scene->db, &answers);
}

int insight_waiting(const struct account_scene *scene, int64_t person, struct insight_waiting *ret_waiting)
{
    struct sql_review_waiting_for waits;
    struct sql_review_answers_new answers;
    struct sql_review_answers_new_in answers_in = answers_of(person);
    const int64_t *units;
    size_t units_count = 0;
    int result = sql_review_waiting_for(scene->db, scene->arena, &(struct sql_review_waiting_for_in){ .reviewer = person }, &waits);
    if (result == 0)
        result = sql_review_answers_new(scene->db, scene->arena, &answers_in, &answers);
    if (result == 0 && waits.questions + waits.checks > 0)   // only who was appointed by the program is told
        result = reviewer_units(scene, person, &units, &units_count);
    if (result < 0)
        return result;
    bool reviews = units_count > 0;
    *ret_waiting = (struct insight_waiting){ .questions = reviews ? waits.questions : 0, .checks = reviews ? waits.checks : 0, .answers = answers.count };
    return 0;
}
