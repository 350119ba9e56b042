// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/terms.h"

#include "base/random.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue_sql.h"

#include <errno.h>

// Sealed: five numbers of 8 bytes, little-endian.
enum { FIRST_NUMBER, FIRST_EPOCH, UNTIL, FLAGS, SINCE, NUMBERS };
enum { FLAG_LOCKS = 1, FLAG_READS_ONLY = 2 };
#define TERMS_BYTES (NUMBERS * sizeof(int64_t))

static struct seal_place terms_place(int64_t dialogue, int64_t person, int64_t admission)
{
    return (struct seal_place){ .type = SEAL_TERMS, .dialogue = dialogue, .object = person, .version = admission };
}

static void put(uint8_t *bytes, int which, int64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[8 * which + i] = (uint8_t)((uint64_t)value >> (8 * i));
}

static int64_t get(const uint8_t *bytes, int which)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)bytes[8 * which + i] << (8 * i);
    return (int64_t)value;
}

int dialogue_terms_open(const struct dialogue_scene *scene, int64_t dialogue, int64_t person, int64_t admission, struct bytes sealed,
                        struct dialogue_terms *ret_terms, int64_t *ret_since)
{
    struct bytes plain;
    struct seal_place place = terms_place(dialogue, person, admission);
    if (admission == 0) {
        *ret_terms = DIALOGUE_ALL;
        return 0;
    }
    int result = sealed.ptr ? unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain) : -EBADMSG;
    if (result == 0 && plain.len != TERMS_BYTES)
        result = -EBADMSG;
    if (result < 0)
        return result;
    *ret_terms = (struct dialogue_terms){
        .first_number = get(plain.ptr, FIRST_NUMBER), .first_epoch = get(plain.ptr, FIRST_EPOCH), .until = get(plain.ptr, UNTIL),
        .locks = get(plain.ptr, FLAGS) & FLAG_LOCKS, .reads_only = get(plain.ptr, FLAGS) & FLAG_READS_ONLY,
    };
    *ret_since = get(plain.ptr, SINCE);
    return 0;
}

static bool is_all(const struct dialogue_terms *terms)
{
    return terms->first_number <= 1 && terms->until == 0 && !terms->reads_only;
}

static int seal_terms(struct dialogue *dialogue, int64_t person, int64_t admission, const struct dialogue_terms *terms, struct bytes *ret_sealed)
{
    uint8_t plain[TERMS_BYTES];
    struct seal_place place = terms_place(dialogue->id, person, admission);
    put(plain, FIRST_NUMBER, terms->first_number);
    put(plain, FIRST_EPOCH, terms->first_epoch);
    put(plain, UNTIL, terms->until);
    put(plain, FLAGS, (terms->locks ? FLAG_LOCKS : 0) | (terms->reads_only ? FLAG_READS_ONLY : 0));
    put(plain, SINCE, dialogue->scene.now);
    return seal(keyring_directory(dialogue->scene.keys), &place, bytes_from(plain, sizeof(plain)), dialogue->scene.arena, ret_sealed);
}

int dialogue_terms_set(struct dialogue *dialogue, int64_t person, const struct dialogue_terms *terms, int64_t *ret_admission)
{
    struct bytes sealed = { NULL, 0 };
    int64_t admission = is_all(terms) ? 0 : id_new(dialogue->scene.now);
    int result = admission ? seal_terms(dialogue, person, admission, terms, &sealed) : 0;
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_terms_set(dialogue->scene.db, &(struct sql_dialogue_terms_set_in){
        .dialogue = dialogue->id, .person = person, .admission = admission, .admitted = sealed, .from_number = terms->first_number,
        .until = terms->until, .until_null = terms->until == 0, .locks = terms->locks && terms->until });
    if (rows != 1)
        return rows < 0 ? (int)rows : -ENOENT;
    *ret_admission = admission;
    return 0;
}

int dialogue_lapses_refresh(struct dialogue *dialogue)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_lapses_get row;
    int64_t rows = sql_dialogue_lapses_set(scene->db, &(struct sql_dialogue_lapses_set_in){ .dialogue = dialogue->id });
    int result = rows < 0 ? (int)rows : sql_dialogue_lapses_get(scene->db, scene->arena,
        &(struct sql_dialogue_lapses_get_in){ .dialogue = dialogue->id }, &row);
    if (result < 0)
        return result;
    dialogue->lapses = row.lapses_null ? 0 : row.lapses;
    if (dialogue->state == DIALOGUE_LOCKED)
        dialogue->state = DIALOGUE_OPEN;
    dialogue->state = dialogue_state_at(dialogue->state, dialogue->lapses, scene->now);
    return 0;
}

int dialogue_from_now(struct dialogue *dialogue, struct dialogue_terms *terms)
{
    struct bytes topic;
    int result = dialogue_next_epoch(dialogue, 0);
    if (result < 0)
        return result;
    dialogue->topic_epoch = dialogue->epoch;
    result = dialogue_seal_topic(dialogue, &topic);
    if (result == 0)
        result = dialogue_carry_words(dialogue);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_topic_set(dialogue->scene.db, &(struct sql_dialogue_topic_set_in){
        .dialogue = dialogue->id, .topic = topic, .topic_epoch = dialogue->topic_epoch });
    terms->first_number = dialogue->last_number + 1;
    terms->first_epoch = dialogue->epoch;
    return rows < 0 ? (int)rows : 0;
}

struct part {
    struct member member;
    struct dialogue_terms terms;
};

static int find_part(struct dialogue *dialogue, int64_t person, struct part *ret_part)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_terms_get row;
    int64_t since;
    int result = sql_dialogue_terms_get(scene->db, scene->arena,
        &(struct sql_dialogue_terms_get_in){ .dialogue = dialogue->id, .person = person }, &row);
    if (result < 0)
        return result;
    ret_part->member = (struct member){ .id = person, .role = row.relation, .admission = row.admission };
    result = dialogue_terms_open(scene, dialogue->id, person, row.admission, row.admitted, &ret_part->terms, &since);
    return result == -EBADMSG ? -ENOENT : result;
}

int dialogue_terms_of(struct dialogue *dialogue, int64_t person, struct dialogue_terms *ret_terms)
{
    struct part part;
    int result = find_part(dialogue, person, &part);
    if (result == 0)
        *ret_terms = part.terms;
    return result;
}

int dialogue_prolong(struct dialogue *dialogue, int64_t person, int64_t until)
{
    struct part part;
    int result = find_part(dialogue, person, &part);
    if (result == 0 && part.member.admission == 0)
        result = -ENOENT;
    if (result == 0)
        result = dialogue_check_genuine(dialogue, &part.member);
    if (result < 0)
        return result;
    part.terms.until = until;
    result = dialogue_terms_set(dialogue, person, &part.terms, &part.member.admission);
    if (result == 0)
        result = dialogue_replace_grants(dialogue, &part.member, part.terms.first_epoch);
    return result < 0 ? result : dialogue_lapses_refresh(dialogue);
}

int dialogue_limit(struct dialogue *dialogue, int64_t person, int64_t until, bool reads_only)
{
    struct part part;
    int result = find_part(dialogue, person, &part);
    if (result == 0 && part.terms.locks)
        result = -EINVAL;
    if (result == 0)
        result = dialogue_check_genuine(dialogue, &part.member);
    if (result < 0)
        return result;
    part.terms.until = until;
    part.terms.reads_only = reads_only;
    result = dialogue_terms_set(dialogue, person, &part.terms, &part.member.admission);
    return result < 0 ? result : dialogue_replace_grants(dialogue, &part.member, part.terms.first_epoch);
}

// The event must be allowed; what follows from the time is not stored.
static int change_state(struct dialogue *dialogue, enum dialogue_event event, int64_t closed, int64_t journalised)
{
    enum dialogue_state before = dialogue->state == DIALOGUE_LOCKED ? DIALOGUE_OPEN : dialogue->state, after = dialogue_next(dialogue->state, event);
    if (!after)
        return -EINVAL;
    int64_t rows = sql_dialogue_state_set(dialogue->scene.db, &(struct sql_dialogue_state_set_in){
        .dialogue = dialogue->id, .before = before, .state = after, .closed = closed, .closed_null = closed == 0,
        .journalised = journalised, .journalised_null = journalised == 0 });
    if (rows != 1)
        return rows < 0 ? (int)rows : -EINVAL;
    dialogue->state = dialogue_state_at(after, dialogue->lapses, dialogue->scene.now);
    return 0;
}

int dialogue_close(struct dialogue *dialogue)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = change_state(dialogue, DIALOGUE_CLOSE, scene->now, 0);
    if (result < 0)
        return result;
    return dialogue_sides_end(dialogue);
}

int dialogue_reopen(struct dialogue *dialogue)
{
    bool lapsed = dialogue_state_at(DIALOGUE_OPEN, dialogue->lapses, dialogue->scene.now) != DIALOGUE_OPEN;
    if (lapsed && dialogue_next(dialogue->state, DIALOGUE_REOPEN))
        return -EKEYEXPIRED;
    return change_state(dialogue, DIALOGUE_REOPEN, 0, 0);
}

int dialogue_journalised(struct dialogue *dialogue)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_closed_get row;
    int result = sql_dialogue_closed_get(scene->db, scene->arena, &(struct sql_dialogue_closed_get_in){ .dialogue = dialogue->id }, &row);
    return result < 0 ? result : change_state(dialogue, DIALOGUE_JOURNALISE, row.closed_null ? 0 : row.closed, scene->now);
}
