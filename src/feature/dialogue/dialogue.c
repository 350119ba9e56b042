// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/terms.h"

#include <errno.h>

static struct seal_place topic_place(const struct dialogue *dialogue)
{
    return (struct seal_place){ .type = SEAL_TOPIC, .dialogue = dialogue->id, .epoch = dialogue->topic_epoch, .object = dialogue->id };
}

static struct seal_place draft_place(const struct dialogue *dialogue, int64_t epoch)
{
    return (struct seal_place){ .type = SEAL_DRAFT, .dialogue = dialogue->id, .epoch = epoch, .object = dialogue->member };
}

static void remember_key(struct dialogue *dialogue, int64_t epoch, struct data_key *key)
{
    size_t at = dialogue->opened_count < DIALOGUE_KEYS_KEPT ? dialogue->opened_count++ : DIALOGUE_KEYS_KEPT - 1;
    dialogue->opened[at].epoch = epoch;
    dialogue->opened[at].key = key;
}

static int open_grant(struct dialogue *dialogue, int64_t epoch, struct bytes wrapped)
{
    struct grant_place place = dialogue_grant_place(dialogue, dialogue->member, epoch, dialogue->role, dialogue->admission);
    struct data_key *key;
    int result = keyring_unwrap(dialogue->scene.keys, wrapped, &place, &key);
    if (result == 0)
        remember_key(dialogue, epoch, key);
    return result;
}

int dialogue_key(struct dialogue *dialogue, int64_t epoch, struct data_key **ret_key)
{
    for (size_t i = 0; i < dialogue->opened_count; i++) {
        if (dialogue->opened[i].epoch == epoch) {
            *ret_key = dialogue->opened[i].key;
            return 0;
        }
    }
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_grant_of row;
    int result = sql_dialogue_grant_of(scene->db, scene->arena,
        &(struct sql_dialogue_grant_of_in){ .dialogue = dialogue->id, .member = dialogue->member, .epoch = epoch }, &row);
    if (result < 0)
        return result;
    result = open_grant(dialogue, epoch, row.wrapped);
    if (result == 0)
        *ret_key = dialogue->opened[dialogue->opened_count - 1].key;
    return result;
}

// A missing or false grant means: there is no such dialogue for this member. Who has old grants only (put back from a backup) is no member,
// and an epoch older than a grant was set back, so that somebody could read what is written under it.
static int open_topic(struct dialogue *dialogue, int64_t granted, struct bytes wrapped, struct bytes sealed)
{
    struct data_key *key;
    struct bytes topic;
    int result = granted == dialogue->epoch ? open_grant(dialogue, dialogue->epoch, wrapped) : -EBADMSG;
    if (result == 0)
        result = dialogue_key(dialogue, dialogue->terms.first_epoch, &key);
    if (result == 0)
        result = dialogue_key(dialogue, dialogue->topic_epoch, &key);
    if (result == 0) {
        struct seal_place place = topic_place(dialogue);
        result = unseal(key, &place, sealed, dialogue->scene.arena, &topic);
    }
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "grant-refused", "dialogue=%lld member=%lld", (long long)dialogue->id, (long long)dialogue->member);
    if (result < 0)
        return result == -EBADMSG ? -ENOENT : result;
    dialogue->topic = bytes_str(topic);
    return 0;
}

// Who has left, and whose time is over, are former participants. On terms that the program did not make nobody takes part.
static int open_terms(struct dialogue *dialogue, bool ended, struct bytes admitted)
{
    int result = ended ? 0 : dialogue_terms_open(&dialogue->scene, dialogue->id, dialogue->member, dialogue->admission, admitted,
                                                 &dialogue->terms, &dialogue->since);
    if (ended || (dialogue->terms.until && dialogue->terms.until <= dialogue->scene.now))
        dialogue->relation = RELATION_FORMER;
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "terms-refused", "dialogue=%lld member=%lld", (long long)dialogue->id, (long long)dialogue->member);
    return result == -EBADMSG ? -ENOENT : result;
}

void dialogue_ask(const struct dialogue_scene *scene, int64_t id, int64_t person)
{
    sql_dialogue_for_person_ask(scene->db, &(struct sql_dialogue_for_person_in){ .dialogue = id, .person = person });
}

// As somebody whose row says that they take part. In a side talk that is not enough (dialogue_side_hold).
static int open_part(const struct dialogue_scene *scene, int64_t id, int64_t person, struct dialogue **ret_dialogue)
{
    struct sql_dialogue_for_person row;
    int result = sql_dialogue_for_person(scene->db, scene->arena,
        &(struct sql_dialogue_for_person_in){ .dialogue = id, .person = person }, &row);
    struct dialogue *dialogue = result == 0 ? arena_alloc(scene->arena, sizeof(*dialogue)) : NULL;
    if (!dialogue)
        return result < 0 ? result : -ENOMEM;
    int64_t lapses = row.lapses_null ? 0 : row.lapses;
    *dialogue = (struct dialogue){
        .scene = *scene, .id = id, .member = person, .relation = (enum relation)row.relation, .role = row.relation,
        .admission = row.admission, .terms = DIALOGUE_ALL, .since = row.created,
        .state = dialogue_state_at((enum dialogue_state)row.state, lapses, scene->now), .lapses = lapses, .unit = row.unit, .citizen = row.citizen,
        .epoch = row.epoch, .last_number = row.last_number, .content = row.content, .read_number = row.read_number, .created = row.created,
        .share = row.share, .topic_epoch = row.topic_epoch, .topic = STR(""), .parent = row.parent_null ? 0 : row.parent,
    };
    result = open_terms(dialogue, !row.ended_null, row.admitted);
    if (result == 0 && dialogue->relation != RELATION_FORMER)
        result = open_topic(dialogue, row.granted_null ? 0 : row.granted, row.wrapped, row.topic);
    if (result == 0 && dialogue->parent)
        result = dialogue_side_open(dialogue);
    if (result == 0)
        *ret_dialogue = dialogue;
    return result;
}

int dialogue_open(const struct dialogue_scene *scene, int64_t id, int64_t person, struct dialogue **ret_dialogue)
{
    struct dialogue *dialogue, *parent = NULL;
    int result = open_part(scene, id, person, &dialogue);
    bool held = result == 0 && dialogue->parent && dialogue->relation != RELATION_FORMER;
    if (held)
        result = open_part(scene, dialogue->parent, person, &parent);
    if (held && (result == 0 || result == -ENOENT)) {
        dialogue_side_hold(dialogue, parent);
        result = 0;
    }
    if (result == 0)
        *ret_dialogue = dialogue;
    return result;
}

int dialogue_open_whole(const struct dialogue_scene *scene, int64_t id, struct dialogue **ret_dialogue)
{
    struct sql_dialogue_citizen row;
    int result = sql_dialogue_citizen(scene->db, scene->arena, &(struct sql_dialogue_citizen_in){ .id = id }, &row);
    return result < 0 ? result : open_part(scene, id, row.citizen, ret_dialogue);
}

int dialogue_open_invited(const struct dialogue_scene *scene, int64_t id, int64_t invitation, struct dialogue **ret_dialogue)
{
    struct sql_dialogue_get row;
    int result = sql_dialogue_get(scene->db, scene->arena, &(struct sql_dialogue_get_in){ .id = id, .member = invitation }, &row);
    struct dialogue *dialogue = result == 0 ? arena_alloc(scene->arena, sizeof(*dialogue)) : NULL;
    if (!dialogue)
        return result < 0 ? result : -ENOMEM;
    int64_t lapses = row.lapses_null ? 0 : row.lapses;
    *dialogue = (struct dialogue){
        .scene = *scene, .id = id, .member = invitation, .relation = RELATION_NONE, .terms = DIALOGUE_ALL,
        .state = dialogue_state_at((enum dialogue_state)row.state, lapses, scene->now), .lapses = lapses, .unit = row.unit, .citizen = row.citizen,
        .epoch = row.epoch, .last_number = row.last_number, .created = row.created, .share = row.share, .topic_epoch = row.topic_epoch,
    };
    dialogue->terms.first_epoch = row.topic_epoch;   // what it was given from the first epoch on need not be shown here
    result = open_topic(dialogue, row.granted_null ? 0 : row.granted, row.wrapped, row.topic);
    if (result == 0)
        *ret_dialogue = dialogue;
    return result;
}

int dialogue_newest_share(struct db *db, int64_t *ret_share)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct sql_dialogue_newest_share row;
    int result = arena_new(4096, &arena);
    if (result == 0)
        result = sql_dialogue_newest_share(db, arena, &row);
    if (result == 0)
        *ret_share = row.share;
    return result;
}

int dialogue_seal_topic(struct dialogue *dialogue, struct bytes *ret_sealed)
{
    struct data_key *key;
    struct seal_place place = topic_place(dialogue);
    int result = dialogue_key(dialogue, dialogue->topic_epoch, &key);
    return result < 0 ? result : seal(key, &place, str_bytes(dialogue->topic), dialogue->scene.arena, ret_sealed);
}

// Takes a share, makes the first key and gives it to a member, so that the dialogue can be worked with as that member.
static int begin_keys(struct dialogue *dialogue)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct data_key *key;
    int64_t newest;
    int result = dialogue_newest_share(scene->db, &newest);
    if (result == 0)
        result = keyring_take_share(scene->keys, newest, &dialogue->share);
    if (result == 0)
        result = keyring_create(scene->keys, &key);
    if (result < 0)
        return result;
    remember_key(dialogue, DIALOGUE_FIRST_EPOCH, key);
    return 0;
}

int dialogue_start(const struct dialogue_scene *scene, const struct dialogue_new *what, struct dialogue **ret_dialogue)
{
    struct dialogue *dialogue = arena_alloc(scene->arena, sizeof(*dialogue));
    if (!dialogue)
        return -ENOMEM;
    enum relation relation = what->coordinator ? RELATION_COORDINATOR : RELATION_CITIZEN;
    *dialogue = (struct dialogue){
        .scene = *scene, .id = id_new(scene->now), .member = what->coordinator ? what->coordinator : what->citizen, .relation = relation,
        .role = relation, .state = DIALOGUE_OPEN, .unit = what->unit, .citizen = what->citizen,
        .terms = DIALOGUE_ALL, .since = scene->now, .epoch = DIALOGUE_FIRST_EPOCH, .created = scene->now,
        .topic_epoch = DIALOGUE_FIRST_EPOCH, .topic = what->topic,
    };
    struct bytes topic;
    int result = begin_keys(dialogue);
    if (result == 0)
        result = dialogue_seal_topic(dialogue, &topic);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_add(scene->db, &(struct sql_dialogue_add_in){
        .id = dialogue->id, .unit = what->unit, .citizen = what->citizen, .state = DIALOGUE_OPEN, .created = scene->now, .share = dialogue->share,
        .topic = topic, .parent = what->parent, .parent_null = what->parent == 0 });
    if (rows < 0)
        return (int)rows;
    if (what->coordinator)
        result = dialogue_admit(dialogue, what->coordinator, RELATION_COORDINATOR, what->coordinator_words);
    if (result == 0 && !what->parent)
        result = dialogue_admit(dialogue, what->citizen, RELATION_CITIZEN, what->citizen_words);
    if (result == 0)
        *ret_dialogue = dialogue;
    return result;
}

int dialogue_changed(struct dialogue *dialogue)
{
    int64_t rows = sql_dialogue_content_changed(dialogue->scene.db, &(struct sql_dialogue_content_changed_in){ .dialogue = dialogue->id });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ENOENT;
}

int dialogue_draft_put(struct dialogue *dialogue, struct str text)
{
    struct db *db = dialogue->scene.db;
    struct data_key *key;
    struct bytes sealed;
    if (text.len == 0)
        return sql_dialogue_draft_remove(db, &(struct sql_dialogue_draft_remove_in){ .dialogue = dialogue->id, .person = dialogue->member });
    struct seal_place place = draft_place(dialogue, dialogue->epoch);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = seal(key, &place, str_bytes(text), dialogue->scene.arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_dialogue_draft_put(db, &(struct sql_dialogue_draft_put_in){ .dialogue = dialogue->id, .person = dialogue->member,
        .epoch = dialogue->epoch, .saved = dialogue->scene.now, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

void dialogue_ask_draft(const struct dialogue_scene *scene, int64_t id, int64_t person)
{
    sql_dialogue_draft_get_ask(scene->db, &(struct sql_dialogue_draft_get_in){ .dialogue = id, .person = person });
}

int dialogue_draft_get(struct dialogue *dialogue, struct str *ret_text)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_dialogue_draft_get row;
    struct data_key *key;
    struct bytes text;
    int result = sql_dialogue_draft_get(scene->db, scene->arena,
        &(struct sql_dialogue_draft_get_in){ .dialogue = dialogue->id, .person = dialogue->member }, &row);
    if (result == -ENOENT) {
        *ret_text = STR("");
        return 0;
    }
    struct seal_place place = draft_place(dialogue, row.epoch);
    if (result == 0)
        result = dialogue_key(dialogue, row.epoch, &key);
    if (result == 0)
        result = unseal(key, &place, row.sealed, scene->arena, &text);
    if (result == 0)
        *ret_text = bytes_str(text);
    return result;
}

int dialogue_unknown_to_citizen(const struct dialogue *dialogue, bool *ret_unknown)
{
    struct sql_dialogue_shown row;
    *ret_unknown = false;
    if (dialogue_first_visible(dialogue) > 1)   // not of what was before them
        return 0;
    int result = sql_dialogue_shown(dialogue->scene.db, dialogue->scene.arena,
        &(struct sql_dialogue_shown_in){ .dialogue = dialogue->id, .person = dialogue->citizen }, &row);
    if (result == 0)
        *ret_unknown = row.number == 0;
    return result;
}
