// SPDX-License-Identifier: MPL-2.0
// Reminders of the consent feature by mail: that something waits for an answer, not what.
#include "base/random.h"
#include "feature/notice/notice_news.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>

#define AT_A_TIME 100
#define OLDEST_MS (2 * DAY_MS)   // an older reminder has been overtaken by the next one

struct reminder {
    int64_t record, days, person;
};

struct reminding {
    struct write_job job;   // first
    const struct dialogue_scene *scene;
    struct reminder list[AT_A_TIME];
    size_t count;
};

// The list of such an entry holds the record of the consent that runs out, where others have the dialogue.
static int add_entry(const struct dialogue_scene *scene, struct db *db, const struct reminder *reminder)
{
    struct outbox_entry entry = { .id = id_new(scene->now), .kind = OUTBOX_MAIL, .purpose = NOTICE_FOR_REMINDER, .person = reminder->person,
        .made = scene->now, .due = scene->now };
    struct outbox_entry waiting;
    struct notice_list *list = arena_alloc(scene->arena, sizeof(*list));
    int result = list ? outbox_waiting(db, scene->arena, reminder->person, NOTICE_FOR_REMINDER, &waiting) : -ENOMEM;
    if (result == 0)   // one mail for several
        result = notice_list_open(scene, &waiting, &list);
    bool joins = result == 0;
    if (result == 0 || result == -ENOENT)
        result = notice_list_add(list, (struct notice_item){ .dialogue = reminder->record });
    if (result == 0)
        result = notice_list_seal(scene, joins ? waiting.id : entry.id, list, &entry.sealed);
    if (result < 0)
        return result;
    return joins ? outbox_replace(db, waiting.id, entry.sealed) : outbox_add(db, &entry);
}

static int write_reminders(struct write_job *job, struct db *db)
{
    const struct reminding *reminding = (struct reminding *)job;
    for (size_t i = 0; i < reminding->count; i++) {
        const struct reminder *one = &reminding->list[i];
        int64_t rows = sql_notice_reminded(db, &(struct sql_notice_reminded_in){ .record = one->record, .days = one->days, .person = one->person });
        int result = rows == 1 ? add_entry(reminding->scene, db, one) : (int)rows;
        if (result < 0)
            return result;
    }
    return 0;
}

int notice_gather_reminders(struct mail_scene *mail)
{
    struct dialogue_scene scene = notice_scene_of(mail);
    struct reminding *reminding = arena_alloc(mail->arena, sizeof(*reminding));
    struct sql_notice_reminders row;
    struct db_stmt *stmt = NULL;
    int result = reminding ? sql_notice_reminders(mail->db, &(struct sql_notice_reminders_in){
        .since = mail->now - OLDEST_MS, .count = AT_A_TIME }, &stmt) : -ENOMEM;
    while (result == 0 && reminding->count < AT_A_TIME && (result = sql_notice_reminders_next(stmt, &row)) == 1) {
        reminding->list[reminding->count++] = (struct reminder){ row.record, row.days, row.person };
        result = 0;
    }
    db_end(stmt);
    if (result < 0 || reminding->count == 0)
        return result < 0 ? result : 0;
    reminding->job = (struct write_job){ .apply = write_reminders };
    reminding->scene = &scene;
    return writer_run(mail->app->writer, &reminding->job);
}

// Nobody has answered since, and the person still takes part.
static int is_open(const struct dialogue_scene *scene, int64_t record, int64_t person, bool *ret_open)
{
    struct sql_notice_answered row;
    struct dialogue *dialogue;
    *ret_open = false;
    int result = sql_notice_answered(scene->db, scene->arena, &(struct sql_notice_answered_in){ .record = record }, &row);
    if (result == 0)
        result = dialogue_open(scene, row.dialogue, person, &dialogue);
    if (result == 0)
        *ret_open = row.count == 0 && dialogue->relation != RELATION_FORMER;
    return result == -ENOENT ? 0 : result;
}

int notice_still_open(const struct dialogue_scene *scene, int64_t person, const struct notice_list *list, bool *ret_open)
{
    int result = 0;
    *ret_open = false;
    for (size_t i = 0; result == 0 && !*ret_open && i < list->count; i++)
        result = is_open(scene, list->items[i].dialogue, person, ret_open);
    return result;
}
