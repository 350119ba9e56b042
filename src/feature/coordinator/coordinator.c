// SPDX-License-Identifier: MPL-2.0
#include "feature/coordinator/coordinator.h"

#include "base/cleanup.h"
#include "feature/consent/consent.h"
#include "feature/coordinator/coordinator_sql.h"

#include <errno.h>

int coordinator_missing(const struct dialogue_scene *scene, int64_t unit, const struct coordinator_missing **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_coordinator_missing row;
    struct coordinator_missing *list = arena_array(scene->arena, COORDINATOR_MISSING_MAX, sizeof(*list));
    size_t count = 0;
    int result = list ? sql_coordinator_missing(scene->db, &(struct sql_coordinator_missing_in){
        .unit = unit, .open = DIALOGUE_OPEN, .count = COORDINATOR_MISSING_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < COORDINATOR_MISSING_MAX && (result = sql_coordinator_missing_next(stmt, &row)) == 1) {
        bool again = count > 0 && list[count - 1].dialogue == row.dialogue;   // two who went at the same moment
        if (!again)
            list[count++] = (struct coordinator_missing){ row.dialogue, unit, row.person, row.since };
        result = 0;
    }
    *ret_list = list;
    *ret_count = count;
    return result < 0 ? result : 0;
}

int coordinator_missing_get(const struct dialogue_scene *scene, int64_t dialogue, struct coordinator_missing *ret_missing)
{
    struct sql_coordinator_missing_one row;
    int result = sql_coordinator_missing_one(scene->db, scene->arena, &(struct sql_coordinator_missing_one_in){
        .dialogue = dialogue, .open = DIALOGUE_OPEN }, &row);
    if (result == 0)
        *ret_missing = (struct coordinator_missing){ dialogue, row.unit, row.person, row.since };
    return result;
}

int coordinator_is_only(const struct dialogue_scene *scene, int64_t dialogue, int64_t person, bool *ret_only)
{
    struct sql_coordinator_others row;
    int result = sql_coordinator_others(scene->db, scene->arena, &(struct sql_coordinator_others_in){ .dialogue = dialogue, .person = person }, &row);
    *ret_only = result == 0 && row.count == 0;
    return result;
}

int coordinator_appoint(const struct dialogue_scene *scene, int64_t dialogue, const struct coordinator_new *what, bool *ret_asked)
{
    struct dialogue *whole;
    struct dialogue_terms terms;
    struct consent_rule rule;
    int64_t proposal;
    *ret_asked = false;
    int result = dialogue_open_whole(scene, dialogue, &whole);
    if (result < 0)
        return result;
    result = dialogue_terms_of(whole, what->person, &terms);
    if (result == 0)   // takes part already: only the part changes
        return dialogue_set_coordinator(whole, what->person, true);
    if (result == -ENOENT)
        result = consent_rule_get(scene, dialogue, &rule);
    if (result < 0)
        return result;
    if (rule.count == 0)
        return dialogue_admit(whole, what->person, RELATION_COORDINATOR, what->words);
    *ret_asked = true;
    return proposal_make(whole, &(struct proposal_new){ .person = what->person, .proposer = what->by, .relation = RELATION_COORDINATOR, .name = what->name,
        .words = what->words, .email = STR(""), .purpose = what->purpose, .statute = STR(""), .reason = STR("") }, 0, &proposal);
}
