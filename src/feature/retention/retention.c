// SPDX-License-Identifier: MPL-2.0
#include "feature/retention/retention.h"

#include "base/log.h"
#include "crypt/fixed.h"
#include "feature/journal/journal.h"
#include "feature/retention/retention_sql.h"
#include "web/app.h"

#include <errno.h>

#define RULE_NUMBERS 3

int retention_scene_of(const struct app *app, struct db *db, struct keyring *keys, struct arena *arena, int64_t now, struct retention_scene *ret_scene)
{
    int64_t approval, wait;
    int result = config_int(app->config, "retention.approval_days", 1, 365, 30, &approval);
    if (result == 0)
        result = config_int(app->config, "retention.wait_days", 0, 365, 7, &wait);
    if (result == 0)
        *ret_scene = (struct retention_scene){ db, keys, arena, now, approval * DAY_MS, wait * DAY_MS, journal_adapter_wanted(app->config) };
    return result;
}

static struct seal_place rule_place(int64_t unit)
{
    return (struct seal_place){ .type = SEAL_RETENTION, .object = unit };
}

static int64_t read_i64(const uint8_t *at)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

int retention_rule_get(const struct retention_scene *scene, int64_t unit, struct retention_rule *ret_rule)
{
    struct sql_retention_rule_get row;
    struct seal_place place = rule_place(unit);
    struct bytes plain;
    *ret_rule = (struct retention_rule){ .ground = STR("") };
    int result = sql_retention_rule_get(scene->db, scene->arena, &(struct sql_retention_rule_get_in){ .unit = unit }, &row);
    if (result == 0)
        result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "retention-rule-refused", "unit=%lld", (long long)unit);
    if (result == 0 && plain.len >= 8 * RULE_NUMBERS)
        *ret_rule = (struct retention_rule){ read_i64(plain.ptr), read_i64(plain.ptr + 8), read_i64(plain.ptr + 16),
                                             bytes_str(bytes_from(plain.ptr + 8 * RULE_NUMBERS, plain.len - 8 * RULE_NUMBERS)) };
    return result == -ENOENT || result == -EBADMSG ? 0 : result;
}

int retention_rule_set(const struct retention_scene *scene, int64_t unit, const struct retention_rule *rule)
{
    struct seal_place place = rule_place(unit);
    struct bytes sealed;
    if (rule->years == 0) {
        int64_t rows = sql_retention_rule_remove(scene->db, &(struct sql_retention_rule_remove_in){ .unit = unit });
        return rows < 0 ? (int)rows : 0;
    }
    uint8_t *plain = arena_alloc(scene->arena, 8 * RULE_NUMBERS + rule->ground.len + 1);
    if (!plain)
        return -ENOMEM;
    uint8_t *at = fixed_i64(fixed_i64(fixed_i64(plain, rule->years), rule->by), rule->at);
    if (rule->ground.len > 0)
        at = fixed_put(at, rule->ground.ptr, rule->ground.len);
    int result = seal(keyring_directory(scene->keys), &place, bytes_from(plain, (size_t)(at - plain)), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_retention_rule_put(scene->db, &(struct sql_retention_rule_put_in){ .unit = unit, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

int retention_due(const struct retention_scene *scene, int64_t unit, const struct retention_due **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_retention_due row;
    struct retention_rule rule;
    size_t count = 0;
    struct retention_due *list = arena_array(scene->arena, RETENTION_LIST_MAX, sizeof(*list));
    int result = list ? retention_rule_get(scene, unit, &rule) : -ENOMEM;
    *ret_list = list;
    *ret_count = 0;
    if (result < 0 || rule.years == 0)
        return result;
    result = sql_retention_due(scene->db, &(struct sql_retention_due_in){ .unit = unit, .state = DIALOGUE_JOURNALISED,
        .before = scene->now - rule.years * RETENTION_YEAR_MS, .since = scene->now - scene->approval_ms, .count = RETENTION_LIST_MAX }, &stmt);
    while (result == 0 && count < RETENTION_LIST_MAX && (result = sql_retention_due_next(stmt, &row)) == 1) {
        list[count++] = (struct retention_due){ row.id, row.citizen, unit, row.created, row.closed, row.posts };
        result = 0;
    }
    *ret_count = count;
    return result < 0 ? result : 0;
}

int retention_due_get(const struct retention_scene *scene, int64_t dialogue, struct retention_due *ret_due)
{
    struct sql_retention_dialogue_get row;
    struct retention_rule rule;
    int result = sql_retention_dialogue_get(scene->db, scene->arena, &(struct sql_retention_dialogue_get_in){ .id = dialogue }, &row);
    if (result == 0)
        result = retention_rule_get(scene, row.unit, &rule);
    if (result < 0)
        return result;
    int64_t ended = row.closed > row.journalised ? row.closed : row.journalised;
    if (row.state != DIALOGUE_JOURNALISED || row.closed_null || row.journalised_null || rule.years == 0 ||
        ended > scene->now - rule.years * RETENTION_YEAR_MS)
        return -ENOENT;
    *ret_due = (struct retention_due){ dialogue, row.citizen, row.unit, row.created, ended, row.posts };
    return 0;
}
