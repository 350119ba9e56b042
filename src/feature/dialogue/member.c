// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/terms.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/kept.h"
#include "web/person.h"

#include <errno.h>

static struct seal_place words_place(const struct dialogue *dialogue, int64_t person, int64_t epoch)
{
    return (struct seal_place){ .type = SEAL_RELATION, .dialogue = dialogue->id, .epoch = epoch, .object = person };
}

// Wraps one epoch's key for a member and stores it.
static int add_grant(struct dialogue *dialogue, const struct member *member, int64_t epoch, struct data_key *key)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct grant_place place = dialogue_grant_place(dialogue, member->id, epoch, member->role, member->admission);
    struct bytes wrapped;
    int result = keyring_wrap(scene->keys, key, &place, scene->arena, &wrapped);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_grant_add(scene->db,
        &(struct sql_dialogue_grant_add_in){ .dialogue = dialogue->id, .member = member->id, .epoch = epoch, .wrapped = wrapped });
    return rows < 0 ? (int)rows : 0;
}

// The key of an epoch, also of one before the member's own first: whoever lets somebody in does not give their own view of the dialogue.
// An invitation gives what it was given, and no more.
static int any_key(struct dialogue *dialogue, int64_t epoch, struct data_key **ret_key)
{
    int result = dialogue_key(dialogue, epoch, ret_key);
    if (result != -ENOENT || dialogue->member == dialogue->citizen || dialogue->relation == RELATION_NONE)
        return result;
    result = dialogue->whole ? 0 : dialogue_open_whole(&dialogue->scene, dialogue->id, &dialogue->whole);
    return result < 0 ? result : dialogue_key(dialogue->whole, epoch, ret_key);
}

static int add_grants(struct dialogue *dialogue, const struct member *member, int64_t first_epoch)
{
    for (int64_t epoch = first_epoch; epoch <= dialogue->epoch; epoch++) {
        struct data_key *key;
        int result = any_key(dialogue, epoch, &key);
        if (result == 0)
            result = add_grant(dialogue, member, epoch, key);
        if (result < 0)
            return result;
    }
    return 0;
}

int dialogue_grant(struct dialogue *dialogue, int64_t member, int64_t role, int64_t first_epoch)
{
    return add_grants(dialogue, &(struct member){ .id = member, .role = role }, first_epoch);
}

// What a member's grants are bound to has changed: they are made anew.
int dialogue_replace_grants(struct dialogue *dialogue, const struct member *member, int64_t first_epoch)
{
    int result = dialogue_ungrant(dialogue, member->id);
    return result < 0 ? result : add_grants(dialogue, member, first_epoch);
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
static int add_participant(struct dialogue *dialogue, int64_t person, enum relation relation, struct bytes words, int64_t read_number)
{
    struct db *db = dialogue->scene.db;
    int64_t rows = sql_dialogue_participant_return(db, &(struct sql_dialogue_participant_return_in){
        .dialogue = dialogue->id, .person = person, .relation = relation, .words = words, .words_epoch = dialogue->epoch,
        .read_number = read_number });
    if (rows == 0)
        rows = check_room(dialogue);
    else
        return rows < 0 ? (int)rows : 0;
    if (rows == 0)
        rows = sql_dialogue_participant_add(db, &(struct sql_dialogue_participant_add_in){
            .dialogue = dialogue->id, .person = person, .relation = relation, .words = words, .words_epoch = dialogue->epoch,
            .joined = dialogue->scene.now, .read_number = read_number });
    else
        return (int)rows;
    return rows < 0 ? (int)rows : rows == 0 ? -EEXIST : 0;
}

int dialogue_admit_on(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words, const struct dialogue_terms *terms)
{
    struct bytes sealed;
    struct member member = { .id = person, .role = relation };
    int result = seal_words(dialogue, person, words, &sealed);
    if (result == 0)
        result = add_participant(dialogue, person, relation, sealed, terms->first_number - 1);
    if (result == 0)
        result = dialogue_terms_set(dialogue, person, terms, &member.admission);
    if (result == 0)
        result = dialogue_changed(dialogue);
    if (result == 0)
        result = add_grants(dialogue, &member, terms->first_epoch);
    return result < 0 ? result : dialogue_lapses_refresh(dialogue);
}

int dialogue_admit(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words)
{
    int result = proposal_settle(dialogue, person, 0);
    return result < 0 ? result : dialogue_admit_on(dialogue, person, relation, words, &DIALOGUE_ALL);
}

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
        struct grant_place place = dialogue_grant_place(dialogue, row.member, dialogue->epoch, row.role, row.admission);
        result = row.member == except ? -EBADMSG : keyring_unwrap(dialogue->scene.keys, row.wrapped, &place, &key);
        if (result == 0 && count == max)
            return -E2BIG;
        if (result == 0)
            members[count++] = (struct member){ row.member, row.role, row.admission };
        else if (result == -EBADMSG)
            result = 0;
    }
    *ret_count = count;
    return result;
}

// Invitations that wait count as members too.
#define MEMBERS_MAX (2 * DIALOGUE_PARTICIPANTS_MAX)

int dialogue_next_epoch(struct dialogue *dialogue, int64_t except)
{
    size_t count = 0;
    struct data_key *key;
    struct member *members = arena_array(dialogue->scene.arena, MEMBERS_MAX, sizeof(*members));
    int result = members ? genuine_members(dialogue, except, members, MEMBERS_MAX, &count) : -ENOMEM;
    if (result == 0)
        result = keyring_create(dialogue->scene.keys, &key);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = add_grant(dialogue, &members[i], dialogue->epoch + 1, key);
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

int dialogue_take_out(struct dialogue *dialogue, int64_t person)
{
    struct db *db = dialogue->scene.db;
    int result = dialogue->parent ? 0 : dialogue_sides_leave(dialogue, person);
    if (result == 0)
        result = dialogue_next_epoch(dialogue, person);
    if (result == 0)
        result = dialogue_ungrant(dialogue, person);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_participant_end(db, &(struct sql_dialogue_participant_end_in){
        .dialogue = dialogue->id, .person = person, .ended = dialogue->scene.now });
    if (rows >= 0)
        rows = sql_dialogue_draft_remove(db, &(struct sql_dialogue_draft_remove_in){ .dialogue = dialogue->id, .person = person });
    result = rows < 0 ? (int)rows : dialogue_changed(dialogue);
    return result < 0 ? result : dialogue_lapses_refresh(dialogue);
}

int dialogue_end(struct dialogue *dialogue, int64_t person)
{
    int result = may_end(dialogue, person);
    return result < 0 ? result : dialogue_take_out(dialogue, person);
}

int dialogue_remove(struct dialogue *dialogue, int64_t person)
{
    int result = may_end(dialogue, person);
    return result < 0 && result != -EBUSY ? result : dialogue_take_out(dialogue, person);
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

int dialogue_check_genuine(struct dialogue *dialogue, const struct member *member)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_grant_of row;
    struct data_key *key;
    struct grant_place place = dialogue_grant_place(dialogue, member->id, dialogue->epoch, member->role, member->admission);
    int result = sql_dialogue_grant_of(scene->db, scene->arena, &(struct sql_dialogue_grant_of_in){
        .dialogue = dialogue->id, .member = member->id, .epoch = dialogue->epoch }, &row);
    if (result == 0)
        result = keyring_unwrap(scene->keys, row.wrapped, &place, &key);
    return result == -EBADMSG ? -ENOENT : result;
}

int dialogue_describe(struct dialogue *dialogue, int64_t person, struct str words)
{
    struct sql_dialogue_participant_get row;
    struct sql_dialogue_words_set_in set = { .dialogue = dialogue->id, .person = person, .words_epoch = dialogue->epoch };
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_dialogue_participant_get(scene->db, scene->arena,
        &(struct sql_dialogue_participant_get_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result == 0)
        result = seal_words(dialogue, person, words, &set.words);
    int64_t rows = result == 0 ? sql_dialogue_words_set(scene->db, &set) : result;
    return rows < 0 ? (int)rows : dialogue_changed(dialogue);
}

int dialogue_carry_words(struct dialogue *dialogue)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_words row;
    struct sql_dialogue_words_set_in *sets = arena_array(dialogue->scene.arena, DIALOGUE_PARTICIPANTS_MAX, sizeof(*sets));
    size_t count = 0;
    int result = sets ? sql_dialogue_words(dialogue->scene.db, &(struct sql_dialogue_words_in){ .dialogue = dialogue->id }, &stmt) : -ENOMEM;
    while (result == 0 && count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_dialogue_words_next(stmt, &row)) == 1) {
        struct data_key *key;
        struct bytes words;
        struct seal_place place = words_place(dialogue, row.person, row.words_epoch);
        result = any_key(dialogue, row.words_epoch, &key);
        if (result == 0)
            result = unseal(key, &place, row.words, dialogue->scene.arena, &words);
        if (result == 0) {
            sets[count] = (struct sql_dialogue_words_set_in){ .dialogue = dialogue->id, .person = row.person, .words_epoch = dialogue->epoch };
            result = seal_words(dialogue, row.person, bytes_str(words), &sets[count++].words);
        }
        if (result == -EBADMSG || result == -ENOENT)
            result = 0;   // a row that the program did not make stays as it is
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        int64_t rows = sql_dialogue_words_set(dialogue->scene.db, &sets[i]);
        result = rows < 0 ? (int)rows : 0;
    }
    return result;
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

// How the reading of those who take part stands.
struct reading {
    struct dialogue_participant *list;
    size_t count;
    struct kept_epochs epochs;
    bool refused;   // a row that the program did not make was among them
};

static int read_participant(struct dialogue *dialogue, const struct sql_dialogue_participants *row, struct reading *reading)
{
    // Who sees from a day on does not learn who was there before.
    if (dialogue->terms.first_number > 1 && !row->ended_null && row->ended <= dialogue->since)
        return 0;
    int result = open_participant(dialogue, row, &reading->list[reading->count]);
    if (result == 0) {
        reading->count++;
        kept_note_epoch(&reading->epochs, row->words_epoch);
    } else if (result == -EBADMSG || result == -ENOENT) {
        log_event(LOG_ERROR, "participant-refused", "dialogue=%lld person=%lld", (long long)dialogue->id, (long long)row->person);
        reading->refused = true;
        result = 0;
    }
    return result;
}

void dialogue_ask_participants(struct dialogue *dialogue)
{
    const struct dialogue_participant *list;
    size_t count;
    if (!people_find(dialogue, &list, &count))
        sql_dialogue_participants_ask(dialogue->scene.db, &(struct sql_dialogue_participants_in){ .dialogue = dialogue->id });
}

int dialogue_participants(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_participants row;
    if (people_find(dialogue, ret_list, ret_count))
        return 0;
    struct reading reading = { .list = arena_array(dialogue->scene.arena, DIALOGUE_PARTICIPANTS_MAX, sizeof(*reading.list)) };
    int result = reading.list ? sql_dialogue_participants(dialogue->scene.db,
        &(struct sql_dialogue_participants_in){ .dialogue = dialogue->id }, &stmt) : -ENOMEM;
    while (result == 0 && reading.count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_dialogue_participants_next(stmt, &row)) == 1)
        result = read_participant(dialogue, &row, &reading);
    if (result < 0)
        return result;
    if (!reading.refused)
        people_keep(dialogue, &reading.epochs, reading.list, reading.count);
    *ret_list = reading.list;
    *ret_count = reading.count;
    return 0;
}

int dialogue_mark_read(struct db *db, int64_t dialogue, int64_t person, int64_t number)
{
    int64_t rows = sql_dialogue_read_to(db, &(struct sql_dialogue_read_to_in){ .dialogue = dialogue, .person = person, .number = number });
    return rows < 0 ? (int)rows : 0;
}
