// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/insight.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "crypt/seal.h"
#include "feature/insight/review_sql.h"

#include <errno.h>

static struct seal_place place_of(int64_t person, int64_t unit)
{
    return (struct seal_place){ .type = SEAL_REVIEWER, .object = person, .version = unit };
}

int reviewer_set(const struct account_scene *scene, int64_t person, int64_t unit, int64_t by)
{
    struct seal_place place = place_of(person, unit);
    struct str text = arena_format(scene->arena, "%lld", (long long)by);
    struct bytes sealed;
    int result = text.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(text), scene->arena, &sealed) : -ENOMEM;
    if (result < 0)
        return result;
    int64_t rows = sql_review_reviewer_add(scene->db, &(struct sql_review_reviewer_add_in){ .person = person, .unit = unit, .since = scene->now, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

int reviewer_end(const struct account_scene *scene, int64_t person)
{
    int64_t rows = sql_review_reviewer_remove(scene->db, &(struct sql_review_reviewer_remove_in){ .person = person });
    return rows < 0 ? (int)rows : 0;
}

static int check(const struct account_scene *scene, int64_t person, int64_t unit, struct bytes sealed)
{
    struct seal_place place = place_of(person, unit);
    struct bytes plain;
    int result = unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain);
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "reviewer-refused", "person=%lld unit=%lld", (long long)person, (long long)unit);
    return result;
}

int reviewer_units(const struct account_scene *scene, int64_t person, const int64_t **ret_units, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_review_reviewer_units row;
    size_t count = 0;
    int64_t *units = arena_array(scene->arena, REVIEWER_UNITS_MAX, sizeof(*units));
    int result = units ? sql_review_reviewer_units(scene->db, &(struct sql_review_reviewer_units_in){ .person = person }, &stmt) : -ENOMEM;
    while (result == 0 && count < REVIEWER_UNITS_MAX && (result = sql_review_reviewer_units_next(stmt, &row)) == 1) {
        result = check(scene, person, row.unit, row.sealed);
        if (result == 0)
            units[count++] = row.unit;
        result = result == -EBADMSG ? 0 : result;
    }
    *ret_units = units;
    *ret_count = count;
    return result;
}

int reviewer_of(const struct account_scene *scene, int64_t unit, const int64_t **ret_persons, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_review_reviewers_of row;
    size_t count = 0;
    int64_t *persons = arena_array(scene->arena, REVIEWERS_MAX, sizeof(*persons));
    int result = persons ? sql_review_reviewers_of(scene->db, &(struct sql_review_reviewers_of_in){ .unit = unit }, &stmt) : -ENOMEM;
    while (result == 0 && count < REVIEWERS_MAX && (result = sql_review_reviewers_of_next(stmt, &row)) == 1) {
        result = check(scene, row.person, unit, row.sealed);
        if (result == 0)
            persons[count++] = row.person;
        result = result == -EBADMSG ? 0 : result;
    }
    *ret_persons = persons;
    *ret_count = count;
    return result;
}
