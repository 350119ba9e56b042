// SPDX-License-Identifier: MPL-2.0
#include "store/outbox.h"

#include "store/store_sql.h"

#include <assert.h>
#include <errno.h>

int outbox_add(struct db *db, const struct outbox_entry *entry)
{
    int64_t r;

    assert(entry->kind > OUTBOX_UNSET && entry->kind < OUTBOX_KIND_COUNT);
    if (entry->sealed.len > OUTBOX_PAYLOAD_MAX)
        return -EMSGSIZE;
    r = sql_store_outbox_add(db, &(struct sql_store_outbox_add_in){
                                     .id = entry->id,
                                     .kind = entry->kind,
                                     .purpose = entry->purpose,
                                     .person = entry->person,
                                     .made = entry->made,
                                     .due = entry->due,
                                     .payload = entry->sealed });
    return r < 0 ? (int)r : 0;
}

int outbox_next(struct db *db, struct arena *arena, enum outbox_kind kind, int64_t now_ms,
                struct outbox_entry *ret_entry)
{
    struct sql_store_outbox_next row;
    int r = sql_store_outbox_next(
        db, arena, &(struct sql_store_outbox_next_in){ .kind = kind, .now = now_ms }, &row);

    if (r < 0)
        return r;
    *ret_entry = (struct outbox_entry){
        .id = row.id,
        .kind = kind,
        .purpose = row.purpose,
        .person = row.person,
        .made = row.made,
        .due = row.due,
        .tries = row.tries,
        .trouble = row.trouble,
        .sealed = row.payload,
    };
    return 0;
}

int outbox_waiting(struct db *db, struct arena *arena, int64_t person, int64_t purpose,
                   struct outbox_entry *ret_entry)
{
    struct sql_store_outbox_waiting row;
    int r = sql_store_outbox_waiting(
        db, arena,
        &(struct sql_store_outbox_waiting_in){ .person = person, .purpose = purpose }, &row);

    if (r < 0)
        return r;
    *ret_entry = (struct outbox_entry){
        .id = row.id,
        .kind = (enum outbox_kind)row.kind,
        .purpose = purpose,
        .person = person,
        .made = row.made,
        .due = row.due,
        .sealed = row.payload,
    };
    return 0;
}

// Of a change of one row.
static int changed(int64_t rows)
{
    if (rows < 0)
        return (int)rows;
    return rows == 0 ? -ENOENT : 0;
}

int outbox_replace(struct db *db, int64_t id, struct bytes sealed)
{
    if (sealed.len > OUTBOX_PAYLOAD_MAX)
        return -EMSGSIZE;
    return changed(sql_store_outbox_replace(
        db, &(struct sql_store_outbox_replace_in){ .id = id, .payload = sealed }));
}

int outbox_remove(struct db *db, int64_t id)
{
    int64_t r = sql_store_outbox_remove(db, &(struct sql_store_outbox_remove_in){ .id = id });

    return r < 0 ? (int)r : 0;
}

int outbox_fail(struct db *db, int64_t id, const struct outbox_failure *failure)
{
    return changed(sql_store_outbox_fail(db, &(struct sql_store_outbox_fail_in){
                                                 .id = id,
                                                 .tries = failure->tries,
                                                 .trouble = failure->trouble,
                                                 .due = failure->due,
                                                 .given_up = failure->given_up }));
}

int outbox_given_up(struct db *db, struct arena *arena, size_t max,
                    const struct outbox_entry **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_store_outbox_given_up row;
    struct outbox_entry *list = arena_array(arena, max + 1, sizeof(*list));
    size_t count = 0;
    int r = list ? sql_store_outbox_given_up(
                       db, &(struct sql_store_outbox_given_up_in){ .count = (int64_t)max }, &stmt)
                 : -ENOMEM;

    while (r == 0 && count < max && (r = sql_store_outbox_given_up_next(stmt, &row)) == 1) {
        list[count++] = (struct outbox_entry){
            .id = row.id,
            .kind = (enum outbox_kind)row.kind,
            .purpose = row.purpose,
            .person = row.person,
            .made = row.made,
            .tries = row.tries,
            .trouble = row.trouble,
            .given_up = row.given_up,
        };
        r = 0;
    }
    if (r < 0)
        return r;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int outbox_state(struct db *db, struct arena *arena, struct outbox_state *ret_state)
{
    struct sql_store_outbox_state row;
    int r = sql_store_outbox_state(db, arena, &row);

    if (r == 0)
        *ret_state = (struct outbox_state){
            .waiting = row.waiting,
            .failing = row.failing,
            .trouble = row.trouble,
            .given_up = row.given_up,
        };
    return r;
}

int outbox_retry(struct db *db, int64_t id, int64_t now_ms)
{
    return changed(
        sql_store_outbox_retry(db, &(struct sql_store_outbox_retry_in){ .id = id, .now = now_ms }));
}

int outbox_discard(struct db *db, int64_t id)
{
    return changed(sql_store_outbox_discard(db, &(struct sql_store_outbox_discard_in){ .id = id }));
}

int outbox_retry_all(struct db *db, int64_t now_ms)
{
    int64_t r = sql_store_outbox_retry_all(db, &(struct sql_store_outbox_retry_all_in){ .now = now_ms });

    return r < 0 ? (int)r : 0;
}
