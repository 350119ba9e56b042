// SPDX-License-Identifier: MPL-2.0
// What time brings: reminders, and the closing of dialogues that have been locked for too long.
#include "feature/consent/consent_store.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/consent/consent_sql.h"

#include <errno.h>

#define AT_ONCE 500   // what is more waits for the next time

int consent_settings_read(const struct config *config, struct consent_settings *ret_settings)
{
    struct consent_settings settings = { .reminders_count = 0 };
    struct str days = str_from(config_get(config, "consent.reminders", "30 7 1"));
    int64_t months, close_days;
    int result = config_int(config, "consent.months", 1, 60, 12, &months);
    if (result == 0)
        result = config_int(config, "consent.close_days", 1, 3650, 30, &close_days);
    while (result == 0 && days.len) {
        struct str one = str_cut(&days, ' ');
        if (settings.reminders_count == CONSENT_REMINDERS_MAX || str_to_int(one, &settings.reminders[settings.reminders_count++]) < 0) {
            log_event(LOG_ERROR, "config", "setting=consent.reminders expected=\"at most %d numbers of days, a space between\"", CONSENT_REMINDERS_MAX);
            result = -EINVAL;
        }
    }
    if (result < 0)
        return result;
    settings.months = (int)months;
    settings.close_ms = close_days * DAY_MS;
    *ret_settings = settings;
    return 0;
}

struct running_out {
    int64_t record, proposal, dialogue, giver, until;
};

static int list_running_out(const struct dialogue_scene *scene, int64_t within, struct running_out *list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_running_out row;
    size_t count = 0;
    int result = sql_consent_running_out(scene->db, &(struct sql_consent_running_out_in){
        .after = scene->now, .before = scene->now + within, .count = AT_ONCE }, &stmt);
    while (result == 0 && count < AT_ONCE && (result = sql_consent_running_out_next(stmt, &row)) == 1) {
        list[count++] = (struct running_out){ row.id, row.proposal, row.dialogue, row.giver, row.until };
        result = 0;
    }
    *ret_count = count;
    return result;
}

static int remind(const struct dialogue_scene *scene, const struct running_out *what, int64_t days, int64_t person)
{
    int64_t rows = sql_consent_reminder_add(scene->db, &(struct sql_consent_reminder_add_in){
        .record = what->record, .days = days, .person = person, .dialogue = what->dialogue, .at = scene->now });
    return rows < 0 ? (int)rows : 0;
}

static int remind_coordinators(const struct dialogue_scene *scene, const struct running_out *what, int64_t days)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_coordinators row;
    int64_t persons[DIALOGUE_PARTICIPANTS_MAX];
    size_t count = 0;
    int result = sql_consent_coordinators(scene->db, &(struct sql_consent_coordinators_in){ .dialogue = what->dialogue }, &stmt);
    while (result == 0 && count < DIALOGUE_PARTICIPANTS_MAX && (result = sql_consent_coordinators_next(stmt, &row)) == 1) {
        persons[count++] = row.person;
        result = 0;
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        result = remind(scene, what, days, persons[i]);
    return result;
}

static int remind_all(const struct dialogue_scene *scene, int64_t days, struct running_out *list)
{
    size_t count;
    int result = list_running_out(scene, days * DAY_MS, list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct proposal proposal;
        result = proposal_get(scene, list[i].proposal, &proposal);
        if (result == 0 && proposal.state != PROPOSAL_ACTIVE && proposal.state != PROPOSAL_LAPSED)
            continue;
        if (result == 0)
            result = remind(scene, &list[i], days, list[i].giver);
        if (result == 0)
            result = remind_coordinators(scene, &list[i], days);
    }
    return result;
}

static int list_locked(const struct dialogue_scene *scene, int64_t before, int64_t *ids, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_locked_before row;
    size_t count = 0;
    int result = sql_consent_locked_before(scene->db, &(struct sql_consent_locked_before_in){
        .open = DIALOGUE_OPEN, .before = before, .count = AT_ONCE }, &stmt);
    while (result == 0 && count < AT_ONCE && (result = sql_consent_locked_before_next(stmt, &row)) == 1) {
        ids[count++] = row.id;
        result = 0;
    }
    *ret_count = count;
    return result;
}

static int append_closing(struct db *db, struct audit *audit, int64_t dialogue, const int64_t *sides, size_t count)
{
    int result = audit_append(audit, db, &(struct audit_event){ .kind = AUDIT_CONSENT_LAPSE, .dialogue = dialogue });
    for (size_t i = 0; result == 0 && i < count; i++)
        result = audit_append(audit, db, &(struct audit_event){ .kind = AUDIT_SIDE_TALK_END, .dialogue = dialogue, .object = sides[i] });
    return result;
}

static int close_locked(const struct dialogue_scene *scene, struct audit *audit, int64_t before)
{
    size_t count = 0;
    int64_t *ids = arena_array(scene->arena, AT_ONCE, sizeof(*ids));
    int result = ids ? list_locked(scene, before, ids, &count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct dialogue *dialogue;
        const int64_t *sides;
        size_t sides_count;
        result = dialogue_open_whole(scene, ids[i], &dialogue);
        if (result == -ENOENT) {   // a row that the program did not make holds nobody else up
            result = 0;
            continue;
        }
        if (result == 0)
            result = dialogue_sides_running(dialogue, &sides, &sides_count);
        if (result == 0)
            result = dialogue_close(dialogue);
        if (result == 0)
            result = append_closing(scene->db, audit, ids[i], sides, sides_count);
    }
    return result;
}

int consent_tick(const struct dialogue_scene *scene, struct audit *audit, const struct consent_settings *settings)
{
    struct running_out *list = arena_array(scene->arena, AT_ONCE, sizeof(*list));
    int result = list ? 0 : -ENOMEM;
    for (size_t i = 0; result == 0 && i < settings->reminders_count; i++)
        result = remind_all(scene, settings->reminders[i], list);
    return result < 0 ? result : close_locked(scene, audit, scene->now - settings->close_ms);
}

static enum consent_notice_kind kind_of(const struct consent *consent)
{
    switch (consent->state) {
    case CONSENT_REQUESTED:
        return CONSENT_NOTICE_ASKED;
    case CONSENT_EXPIRING:
        return CONSENT_NOTICE_SOON;
    case CONSENT_EXPIRED:
        return CONSENT_NOTICE_OVER;
    default:
        return CONSENT_NOTICE_UNSET;
    }
}

static int add_notice(const struct dialogue_scene *scene, struct consent_notice notice, struct consent_notice *list, size_t *count)
{
    struct proposal proposal;
    int result = notice.kind == CONSENT_NOTICE_UNSET || *count == CONSENT_NOTICES_MAX ? 1 : proposal_get(scene, notice.proposal, &proposal);
    if (result != 0)
        return result < 0 ? result : 0;
    notice.name = proposal.name;
    bool waits = proposal.state == PROPOSAL_AWAITING || proposal.state == PROPOSAL_ACTIVE || proposal.state == PROPOSAL_LAPSED;
    if (waits)
        list[(*count)++] = notice;
    return 0;
}

// Of what a coordinator was reminded of, who still is one, and nobody has renewed since; one's own consents stand above already.
static int list_reminded(const struct dialogue_scene *scene, int64_t person, struct consent_notice *list, size_t *count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_reminders_of row;
    int result = sql_consent_reminders_of(scene->db, &(struct sql_consent_reminders_of_in){ .person = person, .count = CONSENT_NOTICES_MAX }, &stmt);
    while (result == 0 && (result = sql_consent_reminders_of_next(stmt, &row)) == 1) {
        struct consent_notice notice = { .kind = CONSENT_NOTICE_OTHERS, .proposal = row.proposal, .dialogue = row.dialogue, .until = row.until_null ? 0 : row.until };
        result = row.giver == person ? -EINVAL : consent_giver_check(scene, row.dialogue, &(struct consent_giver){ person, CONSENT_BASIS_STATUTE });
        if (result == 0)
            result = add_notice(scene, notice, list, count);
        result = result == -EINVAL ? 0 : result;
    }
    return result < 0 ? result : 0;
}

void consent_ask_notices(const struct dialogue_scene *scene, int64_t person)
{
    consent_ask_list(scene, person);
    sql_consent_reminders_of_ask(scene->db, &(struct sql_consent_reminders_of_in){ .person = person, .count = CONSENT_NOTICES_MAX });
}

int consent_notices(const struct dialogue_scene *scene, int64_t person, const struct consent_notice **ret_list, size_t *ret_count)
{
    const struct consent *consents;
    size_t count = 0, consents_count;
    struct consent_notice *list = arena_array(scene->arena, CONSENT_NOTICES_MAX, sizeof(*list));
    int result = list ? consent_list(scene, person, &consents, &consents_count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < consents_count; i++)
        result = add_notice(scene, (struct consent_notice){ .kind = kind_of(&consents[i]), .proposal = consents[i].proposal,
            .dialogue = consents[i].dialogue, .until = consents[i].until }, list, &count);
    if (result == 0)
        result = list_reminded(scene, person, list, &count);
    *ret_list = list;
    *ret_count = count;
    return result;
}
