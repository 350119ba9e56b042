// SPDX-License-Identifier: MPL-2.0
// What leaves the house (mail, push) waits here, written in the same transaction as its cause:
// either both are there after a crash or neither. Who sends takes it away after it was handed over.
#pragma once

#include "store/db.h"

// Stored: never renumber, only append.
enum outbox_kind { OUTBOX_UNSET, OUTBOX_MAIL, OUTBOX_PUSH, OUTBOX_KIND_COUNT };

// The longest sealed payload, bytes.
#define OUTBOX_PAYLOAD_MAX (64 << 10)

// Adds an entry in the writer's transaction. id is new (id_new) and stands in the seal's place as
// object. due_ms: not sent earlier. -EMSGSIZE for a payload that is too long, -EEXIST for a taken
// id.
int outbox_add(struct db *db, int64_t id, enum outbox_kind kind, int64_t due_ms,
               struct bytes sealed);
