// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/log.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/terms.h"
#include "web/request.h"

#include <errno.h>

#define SIDES_MAX 100   // that are listed

// Parent and end are bound into the reason, so that a row which was changed lasts no longer. Who ends a talk before its time gives it another end.
static struct seal_place reason_place(int64_t side, int64_t parent, int64_t ends)
{
    return (struct seal_place){ .type = SEAL_SIDE_TALK, .dialogue = side, .epoch = DIALOGUE_FIRST_EPOCH, .object = parent, .version = ends };
}

static int read_reason(struct dialogue *side, const struct sql_dialogue_side_get *row, struct str *ret_reason)
{
    struct data_key *key;
    struct bytes reason;
    struct seal_place place = reason_place(side->id, side->parent, row->ends);
    int result = dialogue_key(side, DIALOGUE_FIRST_EPOCH, &key);
    if (result == 0)
        result = unseal(key, &place, row->reason, side->scene.arena, &reason);
    if (result == 0)
        *ret_reason = bytes_str(reason);
    return result;
}

void dialogue_side_hold(struct dialogue *side, const struct dialogue *parent)
{
    if (!parent || parent->relation == RELATION_FORMER) {
        side->relation = RELATION_FORMER;
        side->topic = STR("");
    } else {
        side->terms.until = parent->terms.until;
    }
}

int dialogue_side_open(struct dialogue *dialogue)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_side_get row;
    struct str reason;
    dialogue->state = DIALOGUE_SIDE_ENDED;
    int result = sql_dialogue_side_get(scene->db, scene->arena, &(struct sql_dialogue_side_get_in){ .dialogue = dialogue->id }, &row);
    if (result == 0 && dialogue->relation != RELATION_FORMER)
        result = read_reason(dialogue, &row, &reason);
    if (result == -ENOENT || result == -EBADMSG) {
        log_event(LOG_ERROR, "side-talk-refused", "dialogue=%lld", (long long)dialogue->id);
        return 0;
    }
    if (result < 0)
        return result;
    dialogue->ends = row.ended_null || row.ended > row.ends ? row.ends : row.ended;   // earlier releases set only the one, which is not bound
    if (dialogue->ends > scene->now)
        dialogue->state = DIALOGUE_SIDE;
    return 0;
}

// What somebody is who may be in a side talk. -EINVAL when they may not.
static int find_employee(const struct dialogue_participant *people, size_t count, int64_t person, const struct dialogue_participant **ret_employee)
{
    for (size_t i = 0; i < count; i++) {
        bool fits = people[i].relation == RELATION_PROFESSIONAL || people[i].relation == RELATION_COORDINATOR;
        if (people[i].person == person && people[i].ended == 0 && fits) {
            *ret_employee = &people[i];
            return 0;
        }
    }
    return -EINVAL;
}

static int seal_reason(struct dialogue *side, int64_t ends, struct str reason, struct bytes *ret_sealed)
{
    struct data_key *key;
    struct seal_place place = reason_place(side->id, side->parent, ends);
    int result = dialogue_key(side, DIALOGUE_FIRST_EPOCH, &key);
    return result < 0 ? result : seal(key, &place, str_bytes(reason), side->scene.arena, ret_sealed);
}

static int add_side(struct dialogue *side, const struct dialogue_side_new *what)
{
    const struct dialogue_scene *scene = &side->scene;
    struct bytes reason;
    int result = seal_reason(side, what->ends, what->reason, &reason);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_side_add(scene->db, &(struct sql_dialogue_side_add_in){ .dialogue = side->id, .parent = side->parent,
        .started_by = side->member, .started = scene->now, .ends = what->ends, .reason = reason });
    side->ends = what->ends;
    side->state = DIALOGUE_SIDE;
    return rows < 0 ? (int)rows : 0;
}

int dialogue_side_start(struct dialogue *parent, const struct dialogue_side_new *what, struct dialogue **ret_side)
{
    const struct dialogue_participant *people, *one;
    size_t count;
    struct dialogue *side = NULL;
    int result = dialogue_participants(parent, &people, &count);
    if (result == 0)
        result = what->count > 0 ? find_employee(people, count, parent->member, &one) : -EINVAL;
    if (result == 0)
        result = dialogue_start(&parent->scene, &(struct dialogue_new){ .unit = parent->unit, .citizen = parent->citizen,
            .coordinator = parent->member, .topic = what->name, .coordinator_words = one->words, .parent = parent->id }, &side);
    if (result < 0)
        return result;
    side->parent = parent->id;
    result = add_side(side, what);
    for (size_t i = 0; result == 0 && i < what->count; i++) {
        result = find_employee(people, count, what->persons[i], &one);
        if (result == 0)
            result = dialogue_admit(side, one->person, RELATION_PROFESSIONAL, one->words);
    }
    if (result == 0)
        *ret_side = side;
    return result == -EEXIST ? -EINVAL : result;
}

int dialogue_side_end(struct dialogue *side)
{
    const struct dialogue_scene *scene = &side->scene;
    struct sql_dialogue_side_end_in in = { .dialogue = side->id, .ended = scene->now };
    struct str reason;
    if (!side->parent)
        return -EINVAL;
    int result = dialogue_side_reason(side, &reason);
    if (result == 0)
        result = seal_reason(side, scene->now, reason, &in.reason);
    int64_t rows = result == 0 ? sql_dialogue_side_end(scene->db, &in) : result;
    if (rows != 1)
        return rows < 0 ? (int)rows : -EINVAL;
    side->ends = scene->now;
    side->state = DIALOGUE_SIDE_ENDED;
    return 0;
}

int dialogue_sides_end(struct dialogue *parent)
{
    const struct dialogue_scene *scene = &parent->scene;
    const int64_t *sides;
    size_t count;
    int result = dialogue_sides_running(parent, &sides, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct dialogue *side;
        result = dialogue_open_whole(scene, sides[i], &side);
        if (result == 0)
            result = dialogue_side_end(side);
        // Not genuine: it is over for everybody already.
        result = result == -ENOENT || result == -EBADMSG || result == -EINVAL ? 0 : result;
    }
    int64_t rows = result == 0 ? sql_dialogue_sides_end(scene->db, &(struct sql_dialogue_sides_end_in){ .parent = parent->id, .ended = scene->now }) : result;
    return rows < 0 ? (int)rows : 0;
}

int dialogue_side_reason(struct dialogue *side, struct str *ret_reason)
{
    const struct dialogue_scene *scene = &side->scene;
    struct sql_dialogue_side_get row;
    int result = sql_dialogue_side_get(scene->db, scene->arena, &(struct sql_dialogue_side_get_in){ .dialogue = side->id }, &row);
    return result < 0 ? result : read_reason(side, &row, ret_reason);
}

int dialogue_side_has_coordinator(struct dialogue *side, bool *ret_has)
{
    const struct dialogue_participant *people;
    size_t count;
    bool has = false;
    int result = dialogue_participants(side, &people, &count);
    for (size_t i = 0; result == 0 && !has && i < count; i++) {
        struct dialogue *as;
        if (people[i].ended || people[i].relation != RELATION_COORDINATOR)
            continue;
        result = dialogue_open(&side->scene, side->id, people[i].person, &as);
        has = result == 0 && as->relation != RELATION_FORMER;
        result = result == -ENOENT ? 0 : result;
    }
    if (result == 0)
        *ret_has = has;
    return result;
}

int dialogue_sides(struct dialogue *parent, struct dialogue *const **ret_sides, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_sides row;
    struct dialogue **sides = arena_array(parent->scene.arena, SIDES_MAX, sizeof(struct dialogue *));
    size_t count = 0;
    int result = sides ? sql_dialogue_sides(parent->scene.db,
        &(struct sql_dialogue_sides_in){ .parent = parent->id, .person = parent->member, .count = SIDES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < SIDES_MAX && (result = sql_dialogue_sides_next(stmt, &row)) == 1) {
        result = dialogue_open(&parent->scene, row.dialogue, parent->member, &sides[count]);
        count += result == 0;
        if (result == -ENOENT)
            result = 0;
    }
    if (result < 0)
        return result;
    *ret_sides = sides;
    *ret_count = count;
    return 0;
}

// Who is to coordinate a side talk instead of somebody: the longest there, those first whose part in the dialogue has not run out; 0: another does already.
// -ENOENT when nobody is left.
static int find_heir(struct dialogue *side, int64_t person, int64_t *ret_heir)
{
    const struct dialogue_participant *people;
    const int64_t *there;
    size_t count, there_count;
    int64_t heir = 0, absent = 0;
    int result = dialogue_participants(side, &people, &count);
    if (result == 0)
        result = dialogue_persons(side, INT64_MAX, &there, &there_count);
    *ret_heir = 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (people[i].ended || people[i].person == person)
            continue;
        if (people[i].relation == RELATION_COORDINATOR)
            return 0;
        int64_t *place = dialogue_is_among(there, there_count, people[i].person) ? &heir : &absent;
        *place = *place ? *place : people[i].person;
    }
    *ret_heir = heir ? heir : absent;
    return result == 0 && *ret_heir == 0 ? -ENOENT : result;
}

// The last one keeps the row and the keys, without which the talk could be neither filed nor erased with its dialogue; dialogue_side_hold keeps them out.
static int leave_side(struct dialogue *side, int64_t person)
{
    int64_t heir = 0;
    int result = side->role == RELATION_COORDINATOR ? find_heir(side, person, &heir) : 0;
    if (result == -ENOENT)
        return 0;
    if (result == 0 && heir)
        result = dialogue_set_coordinator(side, heir, true);
    if (result == 0 && heir && side->scene.acting)
        result = request_audit(side->scene.acting, &(struct audit_event){ .kind = AUDIT_SIDE_TALK_INHERIT, .dialogue = side->id, .object = heir });
    return result < 0 ? result : dialogue_take_out(side, person);
}

int dialogue_sides_leave(struct dialogue *parent, int64_t person)
{
    struct dialogue as = { .scene = parent->scene, .id = parent->id, .member = person };
    struct dialogue *const *sides;
    size_t count;
    int result = dialogue_sides(&as, &sides, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = leave_side(sides[i], person);
    return result;
}

int dialogue_sides_running(struct dialogue *parent, const int64_t **ret_sides, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    const struct dialogue_scene *scene = &parent->scene;
    struct sql_dialogue_sides_running row;
    int64_t *sides = NULL;
    size_t count = 0;
    int result = sql_dialogue_sides_running(scene->db, &(struct sql_dialogue_sides_running_in){ .parent = parent->id, .now = scene->now }, &stmt);
    while (result == 0 && (result = sql_dialogue_sides_running_next(stmt, &row)) == 1) {
        sides = sides ? sides : arena_array(scene->arena, (size_t)row.count, sizeof(*sides));
        result = sides ? 0 : -ENOMEM;
        if (sides)
            sides[count++] = row.dialogue;
    }
    if (result < 0)
        return result;
    *ret_sides = sides;
    *ret_count = count;
    return 0;
}
