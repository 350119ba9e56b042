// SPDX-License-Identifier: MPL-2.0
// Who is to be told of something.
#include "base/cleanup.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/terms.h"

#include <errno.h>

void dialogue_ask_persons(const struct dialogue_scene *scene, int64_t id)
{
    sql_dialogue_active_persons_ask(scene->db, &(struct sql_dialogue_active_persons_in){ .dialogue = id });
}

static int list_persons(const struct dialogue *dialogue, int64_t number, int64_t **ret_persons, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_active_persons row;
    size_t count = 0;
    int64_t *persons = arena_array(dialogue->scene.arena, DIALOGUE_PARTICIPANTS_MAX, sizeof(*persons));
    int result = persons ? sql_dialogue_active_persons(dialogue->scene.db, &(struct sql_dialogue_active_persons_in){
        .dialogue = dialogue->id }, &stmt) : -ENOMEM;
    while (result == 0 && count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_dialogue_active_persons_next(stmt, &row)) == 1) {
        bool opens = dialogue->state != DIALOGUE_LOCKED || row.relation == RELATION_CITIZEN || row.relation == RELATION_COORDINATOR;
        bool still = row.until_null || row.until > dialogue->scene.now;
        if (opens && still && row.from_number <= number)
            persons[count++] = row.person;
        result = 0;
    }
    if (result < 0)
        return result;
    *ret_persons = persons;
    *ret_count = count;
    return 0;
}

bool dialogue_is_among(const int64_t *persons, size_t count, int64_t person)
{
    for (size_t i = 0; i < count; i++)
        if (persons[i] == person)
            return true;
    return false;
}

int dialogue_persons(struct dialogue *dialogue, int64_t number, const int64_t **ret_persons, size_t *ret_count)
{
    const struct dialogue parent = { .scene = dialogue->scene, .id = dialogue->parent };
    int64_t *persons = NULL, *there = NULL;
    size_t count = 0, there_count = 0, kept = 0;
    int result = list_persons(dialogue, number, &persons, &count);
    if (result == 0 && dialogue->parent)
        result = list_persons(&parent, INT64_MAX, &there, &there_count);
    if (result < 0)
        return result;
    for (size_t i = 0; i < count; i++)
        if (!dialogue->parent || dialogue_is_among(there, there_count, persons[i]))
            persons[kept++] = persons[i];
    *ret_persons = persons;
    *ret_count = kept;
    return 0;
}
