// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/people.h"

#include "base/cleanup.h"

#include <errno.h>

#define TEXT_BYTES 4000

struct people_entry {
    int64_t person;
    struct account account;
    struct str unit;
};

int people_begin(struct request *request, struct people *ret_people)
{
    struct people people = { .request = request, .dates = dates_begin(request->arena, request->language, request->now) };
    people.entries = arena_array(request->arena, PEOPLE_MAX, sizeof(*people.entries));
    people.dialogues = arena_array(request->arena, PEOPLE_DIALOGUES_MAX, sizeof(*people.dialogues));
    if (!people.entries || !people.dialogues)
        return -ENOMEM;
    *ret_people = people;
    return 0;
}

// A row that does not open was changed by hand; the page says what it can without it.
static bool is_gone(int result)
{
    return result == -ENOENT || result == -EBADMSG;
}

static int fetch(struct people *people, int64_t person, struct people_entry *ret_entry)
{
    struct request *request = people->request;
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct people_entry entry = { .person = person, .unit = STR("") };
    int result = account_get(&scene, person, &entry.account);
    if (is_gone(result)) {
        entry.account = (struct account){ .id = person, .name = STR(""), .title = STR(""), .birth = STR("") };
        result = 0;
    }
    if (result == 0 && entry.account.unit)
        result = account_unit_name(&scene, entry.account.unit, &entry.unit);
    if (result == 0 || is_gone(result))
        *ret_entry = entry;
    return is_gone(result) ? 0 : result;
}

static int find(struct people *people, int64_t person, const struct people_entry **ret_entry)
{
    static const struct people_entry nobody = { .account = { .name = { "", 0 }, .title = { "", 0 }, .birth = { "", 0 } }, .unit = { "", 0 } };
    for (size_t i = 0; i < people->entries_count; i++) {
        if (people->entries[i].person == person) {
            *ret_entry = &people->entries[i];
            return 0;
        }
    }
    if (person == 0 || people->entries_count == PEOPLE_MAX) {
        *ret_entry = &nobody;
        return 0;
    }
    struct people_entry *entry = &people->entries[people->entries_count];
    int result = fetch(people, person, entry);
    if (result == 0) {
        people->entries_count++;
        *ret_entry = entry;
    }
    return result;
}

int people_account(struct people *people, int64_t person, const struct account **ret_account)
{
    const struct people_entry *entry;
    int result = find(people, person, &entry);
    if (result == 0)
        *ret_account = &entry->account;
    return result;
}

// What somebody is called without their name.
static const char *role_text(enum relation relation, enum role role)
{
    if (relation != RELATION_NONE && relation != RELATION_FORMER && relation != RELATION_UNSET)
        return dialogue_relation_text(relation);
    if (role == ROLE_ADMINISTRATOR)
        return TEXT("Administrator");
    return role == ROLE_EMPLOYEE ? TEXT("Employee") : TEXT("Somebody who is not here any more");
}

int people_label(struct people *people, int64_t person, enum relation relation, enum sight sight, struct people_label *ret_label)
{
    struct arena *arena = people->request->arena;
    const struct people_entry *entry;
    int result = find(people, person, &entry);
    if (result < 0)
        return result;
    const struct account *account = &entry->account;
    if (person == 0) {
        *ret_label = (struct people_label){ .who = STR("Samtråd"), .unit = STR("") };
        return avatar_make(arena, 0, ret_label->who, false, &ret_label->avatar);
    }
    struct people_label label = { .unit = sight >= SIGHT_ROLE ? entry->unit : STR(""), .named = sight >= SIGHT_NAME && account->name.len > 0 };
    label.who = label.named ? account->name : request_text(people->request, role_text(relation, account->role));
    result = avatar_make(arena, label.named ? person : 0, label.who, label.named && account->portrait, &label.avatar);
    if (result == 0)
        *ret_label = label;
    return result;
}

static int open_dialogue(struct people *people, struct people_dialogue *one)
{
    struct dialogue_scene scene = dialogue_scene_of(people->request);
    int result = dialogue_open(&scene, one->id, people->request->session.person, &one->dialogue);
    struct policy_subject subject = { .role = people->request->session.role };
    if (result == 0) {
        subject.relation = one->dialogue->relation;
        subject.state = one->dialogue->state;
    }
    if (result == -ENOENT || result == -EBADMSG || (result == 0 && !policy_allows(PERMISSION_DIALOGUE_READ, &subject))) {
        one->dialogue = NULL;
        return 0;
    }
    return result < 0 ? result : dialogue_participants(one->dialogue, &one->persons, &one->persons_count);
}

int people_dialogue(struct people *people, int64_t id, const struct people_dialogue **ret_dialogue)
{
    static const struct people_dialogue unknown;
    for (size_t i = 0; i < people->dialogues_count; i++) {
        if (people->dialogues[i].id == id) {
            *ret_dialogue = &people->dialogues[i];
            return 0;
        }
    }
    if (id == 0 || people->dialogues_count == PEOPLE_DIALOGUES_MAX) {
        *ret_dialogue = &unknown;
        return 0;
    }
    struct people_dialogue *one = &people->dialogues[people->dialogues_count];
    *one = (struct people_dialogue){ .id = id };
    int result = open_dialogue(people, one);
    if (result == 0) {
        people->dialogues_count++;
        *ret_dialogue = one;
    }
    return result;
}

const struct dialogue_participant *people_part(const struct people_dialogue *dialogue, int64_t person)
{
    for (size_t i = 0; i < dialogue->persons_count; i++) {
        if (dialogue->persons[i].person == person)
            return &dialogue->persons[i];
    }
    return NULL;
}

struct str people_text(struct people *people, const char *english, const struct text_value *values, size_t count)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(TEXT_BYTES);
    text_format(&text, request_text(people->request, english), values, count);
    return text.error ? STR("") : arena_str(people->request->arena, buf_view(&text));
}

struct str people_when(struct people *people, int64_t ms)
{
    struct dates *dates = &people->dates;
    bool today = dates_day_number(dates, ms) == dates->today;
    struct text_value values[] = { { "date", today ? STR("") : dates_date(dates, ms) }, { "time", dates_clock(dates, ms) } };
    return people_text(people, today ? TEXT("today at {time}") : TEXT("{date} at {time}"), values, 2);
}
