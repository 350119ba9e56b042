// SPDX-License-Identifier: MPL-2.0
#include "store/outbox.h"

#include "store/store_sql.h"

#include <assert.h>
#include <errno.h>

int outbox_add(struct db *db, int64_t id, enum outbox_kind kind, int64_t due_ms,
               struct bytes sealed)
{
    int64_t r;

    assert(kind > OUTBOX_UNSET && kind < OUTBOX_KIND_COUNT);
    if (sealed.len > OUTBOX_PAYLOAD_MAX)
        return -EMSGSIZE;
    r = sql_store_outbox_add(db, &(struct sql_store_outbox_add_in){
                                     .id = id, .kind = kind, .due = due_ms, .payload = sealed });
    return r < 0 ? (int)r : 0;
}
