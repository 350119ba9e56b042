// SPDX-License-Identifier: MPL-2.0
#include "command/demo.h"

#include "base/clock.h"
#include "feature/dialogue/post.h"

#include <errno.h>
#include <stdio.h>

#define BEFORE_FIRST_POST_MS HOUR_MS
#define NAME_BYTES 256

static int find_person(struct demo *demo, const char *key, const struct demo_entry **ret_person)
{
    return demo_find_entry(demo, demo->people, demo->people_count, key, ret_person);
}

static int note(struct demo *demo, enum audit_kind kind, int64_t person, int64_t dialogue, int64_t object)
{
    return audit_append(demo->audit, demo->scene.db, &(struct audit_event){
        .kind = kind, .person = person, .dialogue = dialogue, .object = object });
}

static bool is_coordinator(json_t *json, const char *key)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json, "coordinators"), i, one) {
        if (json_string_value(one) && strcmp(json_string_value(one), key) == 0)
            return true;
    }
    return false;
}

// The words that a participant list gives to a person, or none.
static struct str words_of(json_t *json, const char *key)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json, "participants"), i, one) {
        const char *person = json_string_value(json_object_get(one, "person"));
        if (person && strcmp(person, key) == 0)
            return str_from(json_string_value(json_object_get(one, "relation")));
    }
    return STR("");
}

static int64_t minutes_ago(const struct demo *demo, json_t *post)
{
    return demo->scene.now - json_integer_value(json_object_get(post, "ago_minutes")) * MINUTE_MS;
}

static int begin_dialogue(struct demo *demo, const char *file, json_t *json, int64_t begun, struct dialogue **ret_dialogue)
{
    const struct demo_entry *unit, *citizen, *coordinator;
    const char *citizen_key = json_string_value(json_object_get(json, "citizen"));
    const char *coordinator_key = json_string_value(json_array_get(json_object_get(json, "coordinators"), 0));
    const char *topic = json_string_value(json_object_get(json, "topic"));
    struct dialogue_scene scene = demo->scene;
    scene.now = begun;
    int r = demo_find_entry(demo, demo->units, demo->units_count, json_string_value(json_object_get(json, "unit")), &unit);
    if (r == 0)
        r = find_person(demo, citizen_key, &citizen);
    if (r == 0)
        r = find_person(demo, coordinator_key, &coordinator);
    if (r == 0 && !topic)
        r = demo_fault(demo, file, "a topic was expected");
    if (r < 0)
        return r;
    r = dialogue_start(&scene, &(struct dialogue_new){
        .unit = unit->id, .citizen = citizen->id, .coordinator = coordinator->id, .topic = str_from(topic),
        .citizen_words = words_of(json, citizen_key), .coordinator_words = words_of(json, coordinator_key) }, ret_dialogue);
    return r < 0 ? r : note(demo, AUDIT_DIALOGUE_START, coordinator->id, (*ret_dialogue)->id, citizen->id);
}

static int admit_others(struct demo *demo, json_t *json, struct dialogue *dialogue)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json, "participants"), i, one) {
        const struct demo_entry *person;
        const char *key = json_string_value(json_object_get(one, "person"));
        int r = find_person(demo, key, &person);
        if (r < 0)
            return r;
        if (person->id == dialogue->citizen || person->id == dialogue->member)
            continue;
        r = dialogue_admit(dialogue, person->id, is_coordinator(json, key) ? RELATION_COORDINATOR : person->relation, words_of(json, key));
        if (r == 0)
            r = note(demo, AUDIT_PARTICIPANT_ADD, dialogue->member, dialogue->id, person->id);
        if (r < 0)
            return r;
    }
    return 0;
}

static int write_post(struct demo *demo, const char *file, int64_t dialogue_id, json_t *json)
{
    const struct demo_entry *author;
    struct dialogue *dialogue;
    const char *text = json_string_value(json_object_get(json, "text"));
    struct dialogue_scene scene = demo->scene;
    int64_t number;
    bool again;
    scene.now = minutes_ago(demo, json);
    int r = find_person(demo, json_string_value(json_object_get(json, "author")), &author);
    if (r == 0 && !text)
        r = demo_fault(demo, file, "a text was expected in each post");
    if (r == 0)
        r = dialogue_open(&scene, dialogue_id, author->id, &dialogue);
    if (r == -ENOENT)
        r = demo_fault(demo, file, "an author who takes part was expected");
    if (r == 0)
        r = post_write(dialogue, &(struct post_new){ .text = str_from(text) }, &number, &again);
    return r < 0 ? r : note(demo, AUDIT_POST_WRITE, author->id, dialogue_id, number);
}

// Everybody has read all but the last few posts; how few depends on the person.
static int mark_read(struct demo *demo, int64_t dialogue_id, int64_t posts)
{
    for (size_t i = 0; i < demo->people_count; i++) {
        int64_t left = (int64_t)((i * 3 + 2) % 5);
        int r = posts > left ? dialogue_mark_read(demo->scene.db, dialogue_id, demo->people[i].id, posts - left) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int load_dialogue(struct demo *demo, const char *file)
{
    json_t *json, *posts;
    struct dialogue *dialogue;
    size_t i;
    json_t *one;
    int r = demo_read(demo, file, &json);
    if (r < 0)
        return r;
    posts = json_object_get(json, "posts");
    r = begin_dialogue(demo, file, json, minutes_ago(demo, json_array_get(posts, 0)) - BEFORE_FIRST_POST_MS, &dialogue);
    if (r == 0)
        r = admit_others(demo, json, dialogue);
    json_array_foreach(posts, i, one) {
        r = r ? r : write_post(demo, file, dialogue->id, one);
    }
    if (r == 0)
        r = mark_read(demo, dialogue->id, (int64_t)json_array_size(posts));
    json_decref(json);
    return r;
}

int demo_load_dialogues(struct demo *demo, json_t *names)
{
    size_t i;
    json_t *one;
    json_array_foreach(names, i, one) {
        char file[NAME_BYTES];
        const char *name = json_string_value(one);
        if (!name || snprintf(file, sizeof(file), "dialogues/%s.json", name) >= (int)sizeof(file))
            return demo_fault(demo, "municipality.json", "names of dialogues were expected");
        int r = load_dialogue(demo, file);
        if (r < 0)
            return r;
        demo->dialogues_count++;
    }
    return 0;
}
