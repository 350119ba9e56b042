// SPDX-License-Identifier: MPL-2.0
#include "store/outbox.h"

#include <assert.h>
#include <errno.h>

DB_QUERY(add, "outbox.add", "INSERT INTO outbox (id, kind, due, payload) VALUES (?1, ?2, ?3, ?4)",
         "INSERT INTO outbox (id, kind, due, payload) VALUES ($1, $2, $3, $4)", 4, 0);

int outbox_add(struct db *db, int64_t id, enum outbox_kind kind, int64_t due_ms, struct bytes sealed)
{
    struct db_stmt *stmt;
    int r;

    assert(kind > OUTBOX_UNSET && kind < OUTBOX_KIND_COUNT);
    if (sealed.len > OUTBOX_PAYLOAD_MAX)
        return -EMSGSIZE;
    r = db_start(db, &add, &stmt);
    if (r < 0)
        return r;
    db_bind_int(stmt, 1, id);
    db_bind_int(stmt, 2, kind);
    db_bind_int(stmt, 3, due_ms);
    db_bind_blob(stmt, 4, sealed);
    r = db_step(stmt);
    db_end(stmt);
    return r;
}
