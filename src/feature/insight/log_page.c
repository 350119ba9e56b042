// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/log_page.h"

#include "base/cleanup.h"
#include "feature/insight/log_sql.h"
#include "feature/insight/review_page.h"
#include "feature/reason/reason.h"
#include "web/form.h"

#include <errno.h>

#define FOLD_BACK 6                // so many entries back
#define ENTRIES_MAX 50             // of one page
#define QUESTIONS_MAX 20
#define CHOICES_MAX 200

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Whom the object names: only who takes or took part, for nobody else is known in the dialogue.
static int object_name(struct people *people, const struct audit_event *event, struct str *ret_name)
{
    const struct people_dialogue *dialogue;
    *ret_name = STR("");
    if (!(log_words(event->kind)->flags & LOG_OBJECT_PERSON))
        return 0;
    int result = people_dialogue(people, event->dialogue, &dialogue);
    const struct dialogue_participant *part = result == 0 ? people_part(dialogue, event->object) : NULL;
    if (part)
        *ret_name = part->name;
    return result;
}

// "Anne Holm, Familieafdelingen,": who did it, as the sentence begins.
static struct str who_words(struct people *people, const struct people_label *label)
{
    struct text_value values[] = { { "name", label->who }, { "unit", label->unit } };
    return label->unit.len ? people_text(people, TEXT("{name}, {unit},"), values, 2) : label->who;
}

static int tell_reason(struct people *people, const struct audit_event *event, struct str *ret_reason)
{
    *ret_reason = STR("");
    if (log_words(event->kind)->group != LOG_LOOK_UP || event->first == 0)
        return 0;
    int result = reason_text(people->request, event->first, ret_reason);
    return result == -ENOENT || result == -EBADMSG ? 0 : result;
}

static struct url message_url(struct people *people, struct dialogue *dialogue, const struct log_sentence *sentence)
{
    struct request *request = people->request;
    int64_t number = log_words_message(sentence);
    if (!dialogue || number < dialogue_first_visible(dialogue) || number > dialogue->last_number)
        return (struct url){ .text = STR("") };
    return url_local(request->arena, dialogue_post_address(request, dialogue, number));
}

int log_tell(struct people *people, const struct audit_record *record, struct log_telling *ret_telling)
{
    struct log_telling telling;
    const struct audit_event *event = &record->event;
    const struct people_dialogue *dialogue;
    enum sight sight;
    enum relation relation;
    struct log_sentence sentence = { .event = event, .topic = STR(""), .own = event->person == people->request->session.person };
    int result = log_sight(people, record, &sight, &relation);
    if (result == 0)
        result = people_label(people, event->person, relation, sight, &telling.label);
    if (result == 0)
        result = people_dialogue(people, event->dialogue, &dialogue);
    if (result == 0)
        result = object_name(people, event, &sentence.person);
    if (result == 0)
        result = tell_reason(people, event, &telling.reason);
    if (result < 0)
        return result;
    sentence.before = event->dialogue ? LOG_NO_NUMBERS : 0;   // who has left may have seen from a day on only
    if (dialogue->dialogue) {
        sentence.topic = dialogue->dialogue->topic;
        sentence.before = dialogue_first_visible(dialogue->dialogue) - 1;
    }
    sentence.who = who_words(people, &telling.label);
    telling.sentence = log_words_sentence(people, &sentence);
    telling.when = people_when(people, record->time_ms);
    telling.message = message_url(people, dialogue->dialogue, &sentence);
    *ret_telling = telling;
    return 0;
}

// An entry in the making: the records that it stands for.
struct folded {
    struct audit_record newest;   // its event's first and last span all of them
    int64_t record;               // which a question is about: the newest that showed messages, or the newest
    int64_t oldest_ms;
    int64_t times, visits;
};

static bool may_fold(enum audit_kind kind)
{
    enum log_group group = log_words(kind)->group;
    return group == LOG_READ || group == LOG_CARE || group == LOG_OWN || group == LOG_LOOK_UP;
}

// Messages 3 to 12 and 10 to 20 are 3 to 20; 3 to 12 and 40 to 50 stay apart.
static bool joins(const struct audit_event *a, const struct audit_event *b)
{
    if (log_words(a->kind)->group == LOG_LOOK_UP)   // each reason stands for itself; a page that was shown again has none
        return a->object == b->object && (a->first == 0 || b->first == 0);
    bool by_message = a->kind == AUDIT_DIALOGUE_READ || a->kind == AUDIT_POST_HISTORY_READ || a->kind == AUDIT_FILE_READ || a->kind == AUDIT_FILE_PREVIEW;
    if (!by_message)
        return a->object == b->object || log_words(a->kind)->group != LOG_CARE;
    return a->last == 0 || b->last == 0 || (a->first <= b->last + 1 && b->first <= a->last + 1);
}

static bool fold_into(struct folded *entry, const struct audit_record *record)
{
    struct audit_event *span = &entry->newest.event;
    const struct audit_event *event = &record->event;
    if (span->kind != event->kind || span->person != event->person || span->dialogue != event->dialogue || !may_fold(event->kind) ||
        entry->oldest_ms - record->time_ms > FOLD_MS || !joins(span, event))
        return false;
    if (log_words(event->kind)->group == LOG_LOOK_UP && span->first == 0)
        span->first = event->first;
    if (event->last && span->last == 0)
        entry->record = record->seq;
    if (event->last && (span->last == 0 || event->first < span->first))
        span->first = event->first;
    if (event->last > span->last)
        span->last = event->last;
    entry->visits += !log_same_visit(event->kind, record->time_ms, entry->oldest_ms);
    entry->oldest_ms = record->time_ms;
    entry->times++;
    return true;
}

// What has no room on the page is left to the next: found->older says from where.
static size_t fold(struct log_found *found, struct folded *entries)
{
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++) {
        bool done = false;
        for (size_t back = 1; back <= FOLD_BACK && back <= count && !done; back++)
            done = fold_into(&entries[count - back], &found->records[i]);
        if (!done && count == ENTRIES_MAX) {
            found->older = found->records[i - 1].seq;
            break;
        }
        if (!done)
            entries[count++] = (struct folded){ found->records[i], found->records[i].seq, found->records[i].time_ms, 1, 1 };
    }
    return count;
}

static bool is_own(const struct people *people, const struct folded *folded)
{
    return folded->newest.event.person == people->request->session.person;
}

static void ask_reviews(struct people *people, const struct folded *folded, size_t count)
{
    struct account_scene scene = scene_of(people->request);
    for (size_t i = 0; i < count; i++)
        if (!is_own(people, &folded[i]))
            review_ask_was_asked(&scene, people->request->session.person, folded[i].record);
}

static int fill_entry(struct people *people, const struct folded *folded, struct log_view_entry *ret_entry)
{
    struct log_telling telling;
    const struct audit_record *record = &folded->newest;
    struct account_scene scene = scene_of(people->request);
    bool own = is_own(people, folded), asked = false;
    int result = log_tell(people, record, &telling);
    if (result == 0 && !own)
        result = review_was_asked(&scene, people->request->session.person, folded->record, &asked);
    if (result < 0)
        return result;
    bool addressed = folded->record > 0;   // the log's first record has number 0, which no address names
    *ret_entry = (struct log_view_entry){
        .record = folded->record, .day = STR(""), .avatar = telling.label.avatar, .sentence = telling.sentence, .when = telling.when,
        .message = telling.message, .iso = dates_iso(&people->dates, record->time_ms), .at = record->time_ms, .times = folded->times, .visits = folded->visits,
        .kind = str_from(audit_kind_name(record->event.kind)), .reason = telling.reason, .asked = asked,
        .may_ask = addressed && !own && !asked && record->event.person,
        .text_version = log_words(record->event.kind)->flags & LOG_CONSENT_TEXT ? record->event.first : 0,
    };
    return 0;
}

static int fill_entries(struct people *people, const struct log_filter *filter, struct log_view *view)
{
    struct arena *arena = people->request->arena;
    struct log_found found;
    int64_t before = INT64_MIN;
    int result = log_gather(people, filter, &found);
    struct folded *folded = result == 0 ? arena_array(arena, found.count + 1, sizeof(*folded)) : NULL;
    struct log_view_entry *entries = result == 0 ? arena_array(arena, found.count + 1, sizeof(*entries)) : NULL;
    if (!folded || !entries)
        return result < 0 ? result : -ENOMEM;
    view->entries_count = fold(&found, folded);
    ask_reviews(people, folded, view->entries_count);
    for (size_t i = 0; result == 0 && i < view->entries_count; i++) {
        result = fill_entry(people, &folded[i], &entries[i]);
        int64_t day = dates_day_number(&people->dates, folded[i].newest.time_ms);
        if (result == 0 && day != before)
            entries[i].day = dates_day(&people->dates, folded[i].newest.time_ms);
        before = day;
    }
    view->entries = entries;
    view->older_before = found.older;
    return result;
}

static int fill_question(struct people *people, const struct review *review, struct log_view_question *ret_question)
{
    struct log_telling telling;
    struct audit_record record;
    struct log_view_question view = {
        .sentence = STR(""), .when = STR(""), .question = review->question, .asked = people_when(people, review->created), .open = review->closed == 0,
        .outcome = STR(""), .answer = review->answer, .answered = review->closed ? people_when(people, review->closed) : STR(""),
    };
    if (review->closed)
        view.outcome = request_text(people->request, review_outcome_text(review->outcome));
    // What was asked about may be out of sight by now; question and answer are not.
    int result = log_record(people, review->last_record, &record);
    if (result == 0)
        result = log_tell(people, &record, &telling);
    if (result == 0) {
        view.sentence = telling.sentence;
        view.when = telling.when;
        view.message = telling.message;
    }
    if (result == 0 || result == -ENOENT)
        *ret_question = view;
    return result == -ENOENT ? 0 : result;
}

static int fill_questions(struct people *people, struct log_view *view)
{
    struct account_scene scene = scene_of(people->request);
    struct log_view_question *list = arena_array(scene.arena, (size_t)2 * QUESTIONS_MAX, sizeof(*list));
    int result = list ? 0 : -ENOMEM;
    static const enum review_list lists[] = { REVIEW_LIST_ASKED, REVIEW_LIST_TOLD };
    for (size_t which = 0; result == 0 && which < 2; which++) {
        const struct review *reviews;
        size_t count;
        result = review_list(&scene, lists[which], people->request->session.person, QUESTIONS_MAX, &reviews, &count);
        for (size_t i = 0; result == 0 && i < count; i++)
            result = fill_question(people, &reviews[i], &list[view->questions_count++]);
    }
    view->questions = list;
    return result;
}

static int fill_groups(struct people *people, const struct log_filter *filter, struct log_view *view)
{
    struct log_view_choice *list = arena_array(people->request->arena, LOG_GROUPS, sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (int group = LOG_NONE; group < LOG_GROUPS; group++) {
        if (group == LOG_OWN && !filter->own)
            continue;
        list[view->groups_count++] = (struct log_view_choice){
            group, request_text(people->request, log_group_text((enum log_group)group)), group == (int)filter->group };
    }
    view->groups = list;
    return 0;
}

struct choices {
    struct log_view_choice *list;
    size_t count;
};

static void choose(struct choices *choices, int64_t value, struct str text, int64_t chosen)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (choices->list[i].value == value)
            return;
    }
    if (choices->count < CHOICES_MAX && text.len)
        choices->list[choices->count++] = (struct log_view_choice){ value, text, value == chosen };
}

// Who can be chosen: those whom the reader sees by name where they take part.
static int choose_people(struct people *people, const struct log_filter *filter, const struct people_dialogue *dialogue, struct choices *persons, struct choices *units)
{
    for (size_t i = 0; i < dialogue->persons_count; i++) {
        const struct dialogue_participant *part = &dialogue->persons[i];
        const struct account *account;
        struct people_label label;
        if (part->person == people->request->session.person || policy_sight(dialogue->dialogue->relation, part->relation) < SIGHT_NAME)
            continue;
        int result = people_account(people, part->person, &account);
        if (result == 0)
            result = people_label(people, part->person, part->relation, SIGHT_NAME, &label);
        if (result < 0)
            return result;
        choose(persons, part->person, part->name, filter->person);
        if (account->unit)
            choose(units, account->unit, label.unit, filter->unit);
    }
    return 0;
}

static int list_dialogues(struct people *people, bool own, int64_t *ids, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_log_dialogues row;
    size_t count = 0;
    int result = sql_log_dialogues(people->request->db, &(struct sql_log_dialogues_in){
        .person = people->request->session.person, .about = !own, .count = PEOPLE_DIALOGUES_MAX }, &stmt);
    while (result == 0 && count < PEOPLE_DIALOGUES_MAX && (result = sql_log_dialogues_next(stmt, &row)) == 1) {
        ids[count++] = row.id;
        result = 0;
    }
    *ret_count = count;
    return result;
}

static int fill_choices(struct people *people, const struct log_filter *filter, struct log_view *view)
{
    struct arena *arena = people->request->arena;
    int64_t ids[PEOPLE_DIALOGUES_MAX];
    size_t count;
    struct choices dialogues = { arena_array(arena, CHOICES_MAX, sizeof(struct log_view_choice)), 0 }, persons = dialogues, units = dialogues;
    persons.list = arena_array(arena, CHOICES_MAX, sizeof(struct log_view_choice));
    units.list = arena_array(arena, CHOICES_MAX, sizeof(struct log_view_choice));
    if (!dialogues.list || !persons.list || !units.list)
        return -ENOMEM;
    int result = list_dialogues(people, filter->own, ids, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        const struct people_dialogue *dialogue;
        result = people_dialogue(people, ids[i], &dialogue);
        if (result < 0 || !dialogue->dialogue)
            continue;
        choose(&dialogues, dialogue->id, dialogue->dialogue->topic, filter->dialogue);
        if (!filter->own)
            result = choose_people(people, filter, dialogue, &persons, &units);
    }
    view->dialogues = dialogues.list;
    view->dialogues_count = dialogues.count;
    view->persons = persons.list;
    view->persons_count = persons.count;
    view->units = units.list;
    view->units_count = units.count;
    return result;
}

static struct str printed_words(struct people *people)
{
    struct text_value values[] = { { "name", people->request->session.name }, { "time", people_when(people, people->request->now) } };
    return people_text(people, TEXT("Printed by {name}, {time}"), values, 2);
}

int log_page_fill(struct people *people, const struct log_filter *filter, struct log_view *ret_view)
{
    struct log_view view = { .own = filter->own, .filtered = filter->group || filter->person || filter->unit || filter->dialogue || filter->from || filter->until,
                             .from = STR(""), .until = STR(""), .printed = printed_words(people) };
    int result = fill_entries(people, filter, &view);
    if (result == 0 && !filter->own)
        result = fill_questions(people, &view);
    if (result == 0)
        result = fill_groups(people, filter, &view);
    if (result == 0)
        result = fill_choices(people, filter, &view);
    if (result == 0)
        *ret_view = view;
    return result;
}
