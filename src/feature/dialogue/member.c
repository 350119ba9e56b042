// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/dialogue/dialogue_sql.h"
#include "web/person.h"

#include <errno.h>

static struct seal_place words_place(const struct dialogue *dialogue, int64_t person, int64_t epoch)
{
    return (struct seal_place){ .type = SEAL_RELATION, .dialogue = dialogue->id, .epoch = epoch, .object = person };
}

// Wraps one epoch's key for a member and stores it.
static int add_grant(struct dialogue *dialogue, int64_t member, int64_t epoch, int64_t role, struct data_key *key)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct grant_place place = dialogue_grant_place(dialogue, member, epoch, role);
    struct bytes wrapped;
    int result = keyring_wrap(scene->keys, key, &place, scene->arena, &wrapped);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_grant_add(scene->db,
        &(struct sql_dialogue_grant_add_in){ .dialogue = dialogue->id, .member = member, .epoch = epoch, .wrapped = wrapped });
    return rows < 0 ? (int)rows : 0;
}

static int replace_grant(struct dialogue *dialogue, int64_t member, int64_t epoch, int64_t role, struct data_key *key)
{
    int64_t rows = sql_dialogue_grant_remove(dialogue->scene.db,
        &(struct sql_dialogue_grant_remove_in){ .dialogue = dialogue->id, .member = member, .epoch = epoch });
    return rows < 0 ? (int)rows : add_grant(dialogue, member, epoch, role, key);
}

int dialogue_grant(struct dialogue *dialogue, int64_t member, int64_t role)
{
    for (int64_t epoch = DIALOGUE_FIRST_EPOCH; epoch <= dialogue->epoch; epoch++) {
        struct data_key *key;
        int result = dialogue_key(dialogue, epoch, &key);
        if (result == 0)
            result = add_grant(dialogue, member, epoch, role, key);
        if (result < 0)
            return result;
    }
    return 0;
}

int dialogue_ungrant(struct dialogue *dialogue, int64_t member)
{
    int64_t rows = sql_dialogue_grants_remove(dialogue->scene.db,
        &(struct sql_dialogue_grants_remove_in){ .dialogue = dialogue->id, .member = member });
    return rows < 0 ? (int)rows : 0;
}

static int seal_words(struct dialogue *dialogue, int64_t person, struct str words, struct bytes *ret_sealed)
{
    struct data_key *key;
    struct seal_place place = words_place(dialogue, person, dialogue->epoch);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    return result < 0 ? result : seal(key, &place, str_bytes(words), dialogue->scene.arena, ret_sealed);
}

static int check_room(struct dialogue *dialogue)
{
    struct sql_dialogue_participant_count row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_dialogue_participant_count(scene->db, scene->arena,
        &(struct sql_dialogue_participant_count_in){ .dialogue = dialogue->id }, &row);
    return result == 0 && row.count >= DIALOGUE_PARTICIPANTS_MAX ? -E2BIG : result;
}

// Adds the row of somebody new, or brings back who had left. -EEXIST when they take part.
static int add_participant(struct dialogue *dialogue, int64_t person, enum relation relation, struct bytes words)
{
    struct db *db = dialogue->scene.db;
    int64_t rows = sql_dialogue_participant_return(db, &(struct sql_dialogue_participant_return_in){
        .dialogue = dialogue->id, .person = person, .relation = relation, .words = words, .words_epoch = dialogue->epoch });
    if (rows == 0)
        rows = check_room(dialogue);
    else
        return rows < 0 ? (int)rows : 0;
    if (rows == 0)
        rows = sql_dialogue_participant_add(db, &(struct sql_dialogue_participant_add_in){
            .dialogue = dialogue->id, .person = person, .relation = relation, .words = words, .words_epoch = dialogue->epoch,
            .joined = dialogue->scene.now });
    return rows < 0 ? (int)rows : 0;
}

int dialogue_admit(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words)
{
    struct bytes sealed;
    int result = seal_words(dialogue, person, words, &sealed);
    if (result == 0)
        result = add_participant(dialogue, person, relation, sealed);
    return result < 0 ? result : dialogue_grant(dialogue, person, relation);
}

struct member {
    int64_t id;
    int64_t role;
};

// The members that hold a genuine grant of the newest epoch, but for one. A row that somebody put into the database gets no new key.
static int genuine_members(struct dialogue *dialogue, int64_t except, struct member *members, size_t max, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_members row;
    size_t count = 0;
    int result = sql_dialogue_members(dialogue->scene.db,
        &(struct sql_dialogue_members_in){ .dialogue = dialogue->id, .epoch = dialogue->epoch }, &stmt);
    while (result == 0 && (result = sql_dialogue_members_next(stmt, &row)) == 1) {
        struct data_key *key;
        struct grant_place place = dialogue_grant_place(dialogue, row.member, dialogue->epoch, row.role);
        result = row.member == except ? -EBADMSG : keyring_unwrap(dialogue->scene.keys, row.wrapped, &place, &key);
        if (result == 0 && count == max)
            return -E2BIG;
        if (result == 0)
            members[count++] = (struct member){ row.member, row.role };
        else if (result == -EBADMSG)
            result = 0;
    }
    *ret_count = count;
    return result;
}

// Invitations that wait count as members too.
#define MEMBERS_MAX (2 * DIALOGUE_PARTICIPANTS_MAX)

// A new data key for all members but one; what is written from now on is sealed under it.
static int next_epoch(struct dialogue *dialogue, int64_t except)
{
    size_t count = 0;
    struct data_key *key;
    struct member *members = arena_array(dialogue->scene.arena, MEMBERS_MAX, sizeof(*members));
    int result = members ? genuine_members(dialogue, except, members, MEMBERS_MAX, &count) : -ENOMEM;
    if (result == 0)
        result = keyring_create(dialogue->scene.keys, &key);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = add_grant(dialogue, members[i].id, dialogue->epoch + 1, members[i].role, key);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_epoch_next(dialogue->scene.db, &(struct sql_dialogue_epoch_next_in){ .dialogue = dialogue->id });
    if (rows != 1)
        return rows < 0 ? (int)rows : -EIO;
    dialogue->epoch++;
    return 0;
}

// Whether a person may be taken out: not the citizen, not the last coordinator.
static int may_end(struct dialogue *dialogue, int64_t person)
{
    struct sql_dialogue_participant_get row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_dialogue_participant_get(scene->db, scene->arena,
        &(struct sql_dialogue_participant_get_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result < 0)
        return result;
    if (row.relation == RELATION_CITIZEN)
        return -EPERM;
    return row.relation == RELATION_COORDINATOR && row.coordinators <= 1 ? -EBUSY : 0;
}

int dialogue_end(struct dialogue *dialogue, int64_t person)
{
    struct db *db = dialogue->scene.db;
    int result = may_end(dialogue, person);
    if (result == 0)
        result = next_epoch(dialogue, person);
    if (result == 0)
        result = dialogue_ungrant(dialogue, person);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_participant_end(db, &(struct sql_dialogue_participant_end_in){
        .dialogue = dialogue->id, .person = person, .ended = dialogue->scene.now });
    if (rows >= 0)
        rows = sql_dialogue_draft_remove(db, &(struct sql_dialogue_draft_remove_in){ .dialogue = dialogue->id, .person = person });
    return rows < 0 ? (int)rows : 0;
}

int dialogue_ended(struct dialogue *dialogue, int64_t person, int64_t *ret_ended)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_participant_ended row;
    int result = sql_dialogue_participant_ended(scene->db, scene->arena,
        &(struct sql_dialogue_participant_ended_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result == 0)
        *ret_ended = row.ended;
    return result;
}

// Whether a person holds a genuine grant of the newest epoch: a row that somebody put into the database is not made better. -ENOENT.
static int check_genuine(struct dialogue *dialogue, int64_t person, enum relation relation)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_grant_of row;
    struct data_key *key;
    struct grant_place place = dialogue_grant_place(dialogue, person, dialogue->epoch, relation);
    int result = sql_dialogue_grant_of(scene->db, scene->arena, &(struct sql_dialogue_grant_of_in){
        .dialogue = dialogue->id, .member = person, .epoch = dialogue->epoch }, &row);
    if (result == 0)
        result = keyring_unwrap(scene->keys, row.wrapped, &place, &key);
    return result == -EBADMSG ? -ENOENT : result;
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
    if (result == 0)
        result = check_genuine(dialogue, person, before);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_participant_relation(scene->db, &(struct sql_dialogue_participant_relation_in){
        .dialogue = dialogue->id, .person = person, .relation = after });
    if (rows != 1)
        return rows < 0 ? (int)rows : -ENOENT;
    // The relation is bound into the grants: they are made anew, epoch by epoch: they may be one's own.
    for (int64_t epoch = DIALOGUE_FIRST_EPOCH; epoch <= dialogue->epoch; epoch++) {
        struct data_key *key;
        result = dialogue_key(dialogue, epoch, &key);
        if (result == 0)
            result = replace_grant(dialogue, person, epoch, after, key);
        if (result < 0)
            return result;
    }
    return 0;
}

static int open_participant(struct dialogue *dialogue, const struct sql_dialogue_participants *row,
                            struct dialogue_participant *ret_participant)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct data_key *key;
    struct bytes words;
    struct person person;
    struct seal_place place = words_place(dialogue, row->person, row->words_epoch);
    int result = dialogue_key(dialogue, row->words_epoch, &key);
    if (result == 0)
        result = unseal(key, &place, row->words, scene->arena, &words);
    if (result == 0)
        result = person_open(scene->keys, row->person, row->version, row->sealed, scene->arena, &person);
    if (result < 0)
        return result;
    *ret_participant = (struct dialogue_participant){
        .person = row->person, .relation = (enum relation)row->relation, .role = (enum role)row->role, .name = person.name,
        .words = bytes_str(words), .joined = row->joined, .ended = row->ended_null ? 0 : row->ended,
        .portrait = row->portrait_null ? 0 : row->portrait,
    };
    return 0;
}

int dialogue_participants(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_participants row;
    size_t count = 0;
    struct dialogue_participant *list = arena_array(dialogue->scene.arena, DIALOGUE_PARTICIPANTS_MAX, sizeof(*list));
    int result = list ? sql_dialogue_participants(dialogue->scene.db,
        &(struct sql_dialogue_participants_in){ .dialogue = dialogue->id }, &stmt) : -ENOMEM;
    while (result == 0 && count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_dialogue_participants_next(stmt, &row)) == 1) {
        result = open_participant(dialogue, &row, &list[count]);
        if (result == 0) {
            count++;
        } else if (result == -EBADMSG || result == -ENOENT) {
            log_event(LOG_ERROR, "participant-refused", "dialogue=%lld person=%lld", (long long)dialogue->id, (long long)row.person);
            result = 0;
        }
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int dialogue_persons(struct dialogue *dialogue, const int64_t **ret_persons, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_active_persons row;
    size_t count = 0;
    int64_t *persons = arena_array(dialogue->scene.arena, DIALOGUE_PARTICIPANTS_MAX, sizeof(*persons));
    int result = persons ? sql_dialogue_active_persons(dialogue->scene.db,
        &(struct sql_dialogue_active_persons_in){ .dialogue = dialogue->id }, &stmt) : -ENOMEM;
    while (result == 0 && count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_dialogue_active_persons_next(stmt, &row)) == 1) {
        persons[count++] = row.person;
        result = 0;
    }
    if (result < 0)
        return result;
    *ret_persons = persons;
    *ret_count = count;
    return 0;
}

int dialogue_mark_read(struct db *db, int64_t dialogue, int64_t person, int64_t number)
{
    int64_t rows = sql_dialogue_read_to(db, &(struct sql_dialogue_read_to_in){ .dialogue = dialogue, .person = person, .number = number });
    return rows < 0 ? (int)rows : 0;
}
