// SPDX-License-Identifier: MPL-2.0
// What somebody who takes part is, as the policy sees it.
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/terms.h"

#include <errno.h>

// The relation is bound into the grants: they are made anew, from the epoch on that the person may see.
static int change_relation(struct dialogue *dialogue, int64_t person, enum relation before, enum relation after, int64_t admission)
{
    struct dialogue_terms terms;
    struct member member = { .id = person, .role = before, .admission = admission };
    int result = dialogue_check_genuine(dialogue, &member);
    if (result == 0)
        result = dialogue_terms_of(dialogue, person, &terms);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_participant_relation(dialogue->scene.db, &(struct sql_dialogue_participant_relation_in){
        .dialogue = dialogue->id, .person = person, .relation = after });
    if (rows != 1)
        return rows < 0 ? (int)rows : -ENOENT;
    member.role = after;
    result = dialogue_changed(dialogue);
    return result < 0 ? result : dialogue_replace_grants(dialogue, &member, terms.first_epoch);
}

int dialogue_set_coordinator(struct dialogue *dialogue, int64_t person, bool coordinator)
{
    enum relation before = coordinator ? RELATION_PROFESSIONAL : RELATION_COORDINATOR;
    enum relation after = coordinator ? RELATION_COORDINATOR : RELATION_PROFESSIONAL;
    struct sql_dialogue_participant_get row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_dialogue_participant_get(scene->db, scene->arena,
        &(struct sql_dialogue_participant_get_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result == 0 && row.relation != (int64_t)before)
        result = -EINVAL;
    if (result == 0 && !coordinator && row.coordinators <= 1)
        result = -EBUSY;
    return result < 0 ? result : change_relation(dialogue, person, before, after, row.admission);
}

static bool is_guest(int64_t relation)
{
    return relation == RELATION_RELATIVE || relation == RELATION_EXTERNAL;
}

int dialogue_set_relation(struct dialogue *dialogue, int64_t person, enum relation relation)
{
    struct sql_dialogue_participant_get row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_dialogue_participant_get(scene->db, scene->arena,
        &(struct sql_dialogue_participant_get_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result == 0 && (!is_guest(row.relation) || !is_guest(relation)))
        result = -EINVAL;
    if (result < 0 || row.relation == (int64_t)relation)
        return result;
    return change_relation(dialogue, person, (enum relation)row.relation, relation, row.admission);
}
