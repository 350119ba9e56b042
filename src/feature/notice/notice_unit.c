// SPDX-License-Identifier: MPL-2.0
// Being told that something new waits in one's unit's inbox. Whoever chose it gets one mail for all that came while it was quiet, and no further one before
// that was sent; it says neither what it is nor from whom.
#include "base/cleanup.h"
#include "base/random.h"
#include "feature/coordinator/coordinator.h"
#include "feature/notice/notice_news.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>

#define HEARERS_MAX 500   // of one unit

int notice_unit_wants(const struct dialogue_scene *scene, int64_t person, int64_t unit, bool *ret_wants)
{
    struct sql_notice_unit_wants row;
    int result = sql_notice_unit_wants(scene->db, scene->arena, &(struct sql_notice_unit_wants_in){ .person = person, .unit = unit }, &row);
    if (result == 0)
        *ret_wants = row.count > 0;
    return result;
}

int notice_unit_choose(const struct dialogue_scene *scene, int64_t person, int64_t unit, bool wants)
{
    int64_t rows = wants ? sql_notice_unit_choose(scene->db, &(struct sql_notice_unit_choose_in){ .person = person, .unit = unit })
                         : sql_notice_unit_stop(scene->db, &(struct sql_notice_unit_stop_in){ .person = person });
    return rows < 0 ? (int)rows : 0;
}

// The list of such an entry holds the unit, where others have the dialogue. One that waits tells of what came since as well.
static int tell(const struct dialogue_scene *scene, int64_t person, int64_t unit, int64_t due)
{
    struct outbox_entry entry = { .id = id_new(scene->now), .kind = OUTBOX_MAIL, .purpose = NOTICE_FOR_UNIT, .person = person, .made = scene->now, .due = due };
    struct outbox_entry waiting;
    struct notice_list *list = arena_alloc(scene->arena, sizeof(*list));
    int result = list ? outbox_waiting(scene->db, scene->arena, person, NOTICE_FOR_UNIT, &waiting) : -ENOMEM;
    if (result != -ENOENT)
        return result;
    result = notice_list_add(list, (struct notice_item){ .dialogue = unit });
    if (result == 0)
        result = notice_list_seal(scene, entry.id, list, &entry.sealed);
    return result < 0 ? result : outbox_add(scene->db, &entry);
}

int notice_unit_news(const struct dialogue_scene *scene, const struct config *config, int64_t unit)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_notice_unit_hearers row;
    int64_t quiet_ms, *persons = arena_array(scene->arena, HEARERS_MAX, sizeof(*persons));
    size_t count = 0;
    int result = persons ? notice_quiet(config, &quiet_ms) : -ENOMEM;
    if (result == 0)
        result = sql_notice_unit_hearers(scene->db, &(struct sql_notice_unit_hearers_in){ .unit = unit }, &stmt);
    while (result == 0 && count < HEARERS_MAX && (result = sql_notice_unit_hearers_next(stmt, &row)) == 1) {
        persons[count++] = row.person;
        result = 0;
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        result = tell(scene, persons[i], unit, scene->now + quiet_ms);
    return result;
}

int notice_unit_waits(const struct dialogue_scene *scene, int64_t unit, bool *ret_waits)
{
    struct sql_notice_unit_letters letters;
    const struct coordinator_missing *list;
    size_t count;
    int result = sql_notice_unit_letters(scene->db, scene->arena, &(struct sql_notice_unit_letters_in){ .unit = unit }, &letters);
    if (result == 0)
        result = coordinator_missing(scene, unit, &list, &count);
    if (result == 0)
        *ret_waits = letters.count > 0 || count > 0;
    return result;
}
