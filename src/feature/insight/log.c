// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/log.h"

#include "base/cleanup.h"
#include "feature/insight/log_sql.h"

#include <errno.h>

#define DIALOGUES_MAX 50

// The streams of records are read one after the other, each newest first; their records are put in order afterwards.
struct gathering {
    struct people *people;
    const struct log_filter *filter;
    int64_t reader;
    struct audit_record *records;
    size_t count, max;
    int64_t horizon;          // below this number a stream was not read to its end
    size_t found, scanned;    // of the present stream
};

#define RECORD_OF(r) \
    { .seq = (r).seq, .time_ms = (r).moment, .event = { (enum audit_kind)(r).kind, (r).person, (r).dialogue, (r).object, (r).first, (r).last } }

// What others did, as far as it concerns the reader.
static int concerns(struct gathering *gathering, const struct audit_record *record, bool *ret_concerns)
{
    const struct people_dialogue *dialogue;
    const struct audit_event *event = &record->event;
    unsigned flags = log_words(event->kind)->flags;
    *ret_concerns = false;
    if (event->dialogue == 0) {
        *ret_concerns = (flags & LOG_ABOUT) && event->object == gathering->reader;
        return 0;
    }
    int result = people_dialogue(gathering->people, event->dialogue, &dialogue);
    if (result == 0)
        *ret_concerns = (flags & LOG_TO_CITIZEN) && dialogue->dialogue && dialogue->dialogue->citizen == gathering->reader;
    return result;
}

static bool fits_simple(struct gathering *gathering, const struct audit_record *record)
{
    const struct log_filter *filter = gathering->filter;
    enum log_group group = log_words(record->event.kind)->group;
    int64_t day = dates_day_number(&gathering->people->dates, record->time_ms);
    bool itself = record->event.person == 0 && !(log_words(record->event.kind)->flags & LOG_ITSELF);
    if (group == LOG_NONE || itself || (filter->group != LOG_NONE && group != filter->group))
        return false;
    if ((filter->from && day < filter->from) || (filter->until && day > filter->until))
        return false;
    if (filter->dialogue && record->event.dialogue != filter->dialogue)
        return false;
    return (record->event.person == gathering->reader) == filter->own;
}

// Who is not shown by name can't be found by name, nor by unit where that is not shown.
static int fits_person(struct gathering *gathering, const struct audit_record *record, bool *ret_fits)
{
    const struct log_filter *filter = gathering->filter;
    const struct account *account;
    enum sight sight;
    enum relation relation;
    *ret_fits = true;
    if (filter->own || (filter->person == 0 && filter->unit == 0))
        return 0;
    int result = log_sight(gathering->people, record, &sight, &relation);
    if (result == 0)
        result = people_account(gathering->people, record->event.person, &account);
    if (result < 0)
        return result;
    *ret_fits = (filter->person == 0 || (sight >= SIGHT_NAME && record->event.person == filter->person)) &&
                (filter->unit == 0 || (sight >= SIGHT_ROLE && account->unit == filter->unit));
    return 0;
}

// 1: the stream has given enough.
static int take(struct gathering *gathering, const struct audit_record *record)
{
    bool wanted = fits_simple(gathering, record), concerned = true;
    int result = 0;
    if (wanted && !gathering->filter->own)
        result = concerns(gathering, record, &concerned);
    if (result == 0 && wanted && concerned)
        result = fits_person(gathering, record, &wanted);
    if (result < 0)
        return result;
    if (wanted && concerned) {
        if (gathering->count == gathering->max)
            return -E2BIG;
        gathering->records[gathering->count++] = *record;
        gathering->found++;
    }
    if (gathering->found < LOG_RECORDS_MAX && ++gathering->scanned < LOG_SCAN_MAX)
        return 0;
    if (record->seq > gathering->horizon)
        gathering->horizon = record->seq;
    return 1;
}

static void begin_stream(struct gathering *gathering)
{
    gathering->found = gathering->scanned = 0;
}

static int64_t before_of(const struct log_filter *filter)
{
    return filter->before ? filter->before : INT64_MAX;
}

// Each query has rows of a type of its own, so the three loops are one pattern.
#define READ_STREAM(query, ...)                                                                                 \
    do {                                                                                                        \
        _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;                                                  \
        struct sql_log_##query row;                                                                             \
        int result = sql_log_##query(gathering->people->request->db, &(struct sql_log_##query##_in){ __VA_ARGS__, .before = before_of(gathering->filter) }, &stmt); \
        begin_stream(gathering);                                                                                \
        while (result == 0 && (result = sql_log_##query##_next(stmt, &row)) == 1) {                             \
            const struct audit_record record = RECORD_OF(row);                                                  \
            result = take(gathering, &record);                                                                  \
            if (result == 1)                                                                                    \
                return 0;                                                                                       \
        }                                                                                                       \
        return result;                                                                                          \
    } while (0)

static int read_person(struct gathering *gathering)
{
    READ_STREAM(of_person, .person = gathering->reader);
}

static int read_about(struct gathering *gathering)
{
    READ_STREAM(about_person, .person = gathering->reader);
}

static int read_dialogue(struct gathering *gathering, int64_t dialogue)
{
    READ_STREAM(of_dialogue, .dialogue = dialogue);
}

static int list_dialogues(struct gathering *gathering, int64_t *ids, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_log_dialogues row;
    size_t count = 0;
    int result = sql_log_dialogues(gathering->people->request->db, &(struct sql_log_dialogues_in){
        .person = gathering->reader, .about = 1, .count = DIALOGUES_MAX }, &stmt);
    while (result == 0 && count < DIALOGUES_MAX && (result = sql_log_dialogues_next(stmt, &row)) == 1) {
        result = 0;
        ids[count++] = row.id;
    }
    *ret_count = count;
    return result;
}

static int read_others(struct gathering *gathering)
{
    int64_t ids[DIALOGUES_MAX];
    size_t count;
    int result = read_about(gathering);
    if (result == 0)
        result = list_dialogues(gathering, ids, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (gathering->filter->dialogue == 0 || gathering->filter->dialogue == ids[i])
            result = read_dialogue(gathering, ids[i]);
    }
    return result;
}

static int newest_first(const void *a, const void *b)
{
    const struct audit_record *x = a, *y = b;
    return x->seq == y->seq ? 0 : x->seq > y->seq ? -1 : 1;
}

// What lies below the horizon comes on the next page, so that nothing is left out between two pages.
static void finish(struct gathering *gathering, struct log_found *ret_found)
{
    size_t count = 0;
    if (gathering->count)
        qsort(gathering->records, gathering->count, sizeof(*gathering->records), newest_first);
    while (count < gathering->count && count < LOG_RECORDS_MAX && gathering->records[count].seq >= gathering->horizon)
        count++;
    int64_t older = count < gathering->count || gathering->horizon ? gathering->horizon : 0;
    if (count == LOG_RECORDS_MAX)
        older = gathering->records[count - 1].seq;
    *ret_found = (struct log_found){ .records = gathering->records, .count = count, .older = older };
}

int log_gather(struct people *people, const struct log_filter *filter, struct log_found *ret_found)
{
    struct gathering gathering = { .people = people, .filter = filter, .reader = people->request->session.person };
    gathering.max = LOG_RECORDS_MAX * (filter->own ? 1 : DIALOGUES_MAX + 1);
    gathering.records = arena_array(people->request->arena, gathering.max, sizeof(*gathering.records));
    if (!gathering.records)
        return -ENOMEM;
    int result = filter->own ? read_person(&gathering) : read_others(&gathering);
    if (result == 0)
        finish(&gathering, ret_found);
    return result;
}

int log_sight(struct people *people, const struct audit_record *record, enum sight *ret_sight, enum relation *ret_relation)
{
    const struct people_dialogue *dialogue;
    const struct audit_event *event = &record->event;
    const struct dialogue_participant *part = NULL;
    enum relation viewer = RELATION_CITIZEN;   // of what was done with oneself outside dialogues
    int result = people_dialogue(people, event->dialogue, &dialogue);
    if (result < 0)
        return result;
    if (dialogue->dialogue) {
        viewer = dialogue->dialogue->relation;
        part = people_part(dialogue, event->person);
    }
    *ret_relation = part ? part->relation : RELATION_NONE;
    *ret_sight = policy_sight(viewer, *ret_relation);
    if (event->person == people->request->session.person || (part && (log_words(event->kind)->flags & LOG_OPEN)))
        *ret_sight = SIGHT_NAME;
    return 0;
}

// The citizen and the coordinators see everything that was done in a dialogue; others who read along see who has looked at messages. Who sees from a day on
// sees what was done since.
static bool seen_in_dialogue(const struct dialogue *dialogue, const struct audit_record *record)
{
    const struct audit_event *event = &record->event;
    const struct log_words *words = log_words(event->kind);
    if (!(words->flags & LOG_TO_CITIZEN) || (dialogue_first_visible(dialogue) > 1 && record->time_ms < dialogue->since))
        return false;
    if (dialogue->citizen == dialogue->member || dialogue->relation == RELATION_COORDINATOR)
        return true;
    return words->group == LOG_READ && event->last >= dialogue_first_visible(dialogue);
}

int log_record(struct people *people, int64_t seq, struct audit_record *ret_record)
{
    struct request *request = people->request;
    struct sql_log_record row;
    const struct people_dialogue *dialogue;
    int result = sql_log_record(request->db, request->arena, &(struct sql_log_record_in){ .seq = seq }, &row);
    if (result < 0)
        return result;
    const struct audit_record record = RECORD_OF(row);
    const struct audit_event *event = &record.event;
    bool about = event->dialogue == 0 && (log_words(event->kind)->flags & LOG_ABOUT) && event->object == request->session.person;
    bool seen = event->person == request->session.person || about;
    if (!seen && event->dialogue) {
        result = people_dialogue(people, event->dialogue, &dialogue);
        seen = result == 0 && dialogue->dialogue && seen_in_dialogue(dialogue->dialogue, &record);
    }
    if (result == 0 && !seen)
        result = -ENOENT;
    if (result == 0)
        *ret_record = record;
    return result;
}
