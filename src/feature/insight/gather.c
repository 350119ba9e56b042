// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/gather.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/insight/draw_sql.h"
#include "feature/insight/log_words.h"

#include <errno.h>

#define LOOKS_OF_ONE_MAX 1000   // dialogues and look-ups of one person in one day
#define NIGHT_FROM 22
#define NIGHT_UNTIL 6

// When a local day begins, ms.
static int64_t day_start(int64_t day)
{
    int64_t guess = day * DAY_MS - HOUR_MS;
    struct civil c = clock_civil(guess);
    int64_t local = clock_days(c.year, c.month, c.day) * DAY_MS + c.hour * HOUR_MS + c.minute * MINUTE_MS;
    return guess + day * DAY_MS - local;
}

// The first record from a time on, found by halving: the log is in the order of time.
static int record_at(struct db *db, struct arena *arena, int64_t ms, int64_t *ret_seq)
{
    struct sql_draw_size size;
    int result = sql_draw_size(db, arena, &size);
    int64_t low = 0, high = result == 0 ? size.size : 0;
    while (result == 0 && low < high) {
        struct sql_draw_moment at;
        int64_t middle = low + (high - low) / 2;
        result = sql_draw_moment(db, arena, &(struct sql_draw_moment_in){ .seq = middle }, &at);
        if (result == 0 && at.moment < ms)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_seq = low;
    return result;
}

int gather_begin(struct gather *gather, struct db *db, struct arena *arena, int64_t unit, int64_t day)
{
    *gather = (struct gather){ .unit = unit, .day = day, .looks = gather->looks, .acts = gather->acts };
    int result = record_at(db, arena, day_start(day), &gather->first);
    return result < 0 ? result : record_at(db, arena, day_start(day + 1), &gather->end);
}

// The looks of one person: in the day each dialogue and each look-up once; what was written afterwards takes the sign of silence away.
struct one {
    const struct gather *gather;
    int64_t person;
    struct spot_look *looks;   // the gathering's next free ones
    size_t count, room;
};

static bool is_night(int64_t ms)
{
    int hour = clock_civil(ms).hour;
    return hour >= NIGHT_FROM || hour < NIGHT_UNTIL;
}

static struct spot_look *find(struct one *one, int64_t dialogue, int64_t about)
{
    for (size_t i = 0; i < one->count; i++) {
        if (one->looks[i].dialogue == dialogue && (dialogue || one->looks[i].about == about))
            return &one->looks[i];
    }
    return NULL;
}

static void note_look(struct one *one, const struct sql_draw_acts *act)
{
    struct spot_look *look = find(one, act->dialogue, act->object);
    if (!look && one->count < one->room) {
        look = &one->looks[one->count++];
        *look = (struct spot_look){ .looker = one->person, .dialogue = act->dialogue, .about = act->dialogue ? 0 : act->object,
                                    .first_record = act->seq, .signs = SPOT_SILENT };
    }
    if (!look)
        return;
    look->last_record = act->seq;
    if (is_night(act->moment))
        look->signs |= SPOT_NIGHT;
}

// Writing is what shows that the look was for something; after a look-up, that a dialogue was started.
static void note_writing(struct one *one, const struct sql_draw_acts *act)
{
    struct spot_look *look = find(one, act->dialogue, 0);
    if (look)
        look->signs &= ~(int64_t)SPOT_SILENT;
    look = act->kind == AUDIT_DIALOGUE_START ? find(one, 0, act->object) : NULL;
    if (look)
        look->signs &= ~(int64_t)SPOT_SILENT;
}

static void note(struct one *one, const struct sql_draw_acts *act)
{
    enum log_group group = log_words((enum audit_kind)act->kind)->group;
    bool in_day = act->seq < one->gather->end;
    if (in_day && ((group == LOG_READ && act->dialogue) || (group == LOG_LOOK_UP && (act->dialogue || act->object))))
        note_look(one, act);
    else if (group == LOG_WRITE && act->dialogue)
        note_writing(one, act);
}

// Whose dialogue it is, and whether that is another unit's.
static int place(struct one *one, struct db *db, struct arena *arena, struct spot_look *look)
{
    struct sql_draw_place where;
    struct sql_draw_known_in known;
    int result;
    if (look->dialogue) {
        result = sql_draw_place(db, arena, &(struct sql_draw_place_in){ .dialogue = look->dialogue }, &where);
        if (result < 0)
            return result == -ENOENT ? 0 : result;
        look->about = where.citizen;
        if (where.unit != one->gather->unit)
            look->signs |= SPOT_OUTSIDE;
        return 0;
    }
    result = sql_draw_known_in(db, arena, &(struct sql_draw_known_in_in){ .citizen = look->about, .unit = one->gather->unit }, &known);
    if (result == 0 && known.count == 0)
        look->signs |= SPOT_OUTSIDE;
    return result;
}

static int64_t count_citizens(const struct one *one)
{
    int64_t citizens = 0;
    for (size_t i = 0; i < one->count; i++) {
        bool again = one->looks[i].about == 0;
        for (size_t k = 0; k < i && !again; k++)
            again = one->looks[k].about == one->looks[i].about;
        citizens += !again;
    }
    return citizens;
}

static int read_acts(struct one *one, struct db *db, size_t *acts)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_draw_acts act;
    int result = sql_draw_acts(db, &(struct sql_draw_acts_in){ .person = one->person, .first = one->gather->first, .count = GATHER_ACTS_MAX }, &stmt);
    while (result == 0 && (result = sql_draw_acts_next(stmt, &act)) == 1) {
        note(one, &act);
        ++*acts;
        result = 0;
    }
    return result;
}

static int gather_person(struct gather *gather, struct db *db, struct arena *arena, int64_t person)
{
    size_t left = GATHER_LOOKS_MAX - gather->count;
    struct one one = { .gather = gather, .person = person, .looks = gather->looks + gather->count, .room = left < LOOKS_OF_ONE_MAX ? left : LOOKS_OF_ONE_MAX };
    int result = read_acts(&one, db, &gather->acts);
    for (size_t i = 0; result == 0 && i < one.count; i++)
        result = place(&one, db, arena, &one.looks[i]);
    if (result < 0)
        return result;
    int64_t citizens = count_citizens(&one);
    for (size_t i = 0; i < one.count; i++) {
        one.looks[i].citizens = citizens;
        if (citizens > SPOT_MANY_FROM)
            one.looks[i].signs |= SPOT_MANY;
    }
    gather->count += one.count;
    if (left == one.count)
        log_event(LOG_WARNING, "spot-checks", "unit=%lld meaning=\"more looks in a day than are drawn from\"", (long long)gather->unit);
    return 0;
}

int gather_portion(struct gather *gather, struct db *db, struct arena *arena)
{
    int64_t people[GATHER_PORTION];
    size_t count = 0;
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_draw_staff row;
    int result = sql_draw_staff(db, &(struct sql_draw_staff_in){ .unit = gather->unit, .after = gather->after, .count = GATHER_PORTION }, &stmt);
    while (result == 0 && count < GATHER_PORTION && (result = sql_draw_staff_next(stmt, &row)) == 1) {
        people[count++] = row.id;
        result = 0;
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        result = gather_person(gather, db, arena, people[i]);
    if (count)
        gather->after = people[count - 1];
    gather->whole = count < GATHER_PORTION;
    return result;
}
