// SPDX-License-Identifier: MPL-2.0
// What leaves the house (mail, push) waits here, written in the same transaction as its cause:
// either both are there after a crash or neither. Who sends takes it away after it was handed over.
#pragma once

#include "store/db.h"

// Stored: never renumber, only append.
enum outbox_kind { OUTBOX_UNSET, OUTBOX_MAIL, OUTBOX_PUSH, OUTBOX_KIND_COUNT };

// The longest sealed payload, bytes.
#define OUTBOX_PAYLOAD_MAX (64 << 10)

struct outbox_entry {
    int64_t id;         // new (id_new); stands in the seal's place as object
    enum outbox_kind kind;
    int64_t purpose;    // of the writer's own sort; shown to whoever looks after the outbox
    int64_t person;     // whom it is for; 0: somebody who is not known here
    int64_t made;       // ms
    int64_t due;        // ms; not sent earlier
    int64_t tries;      // that failed
    int64_t trouble;    // of the last one: the server's reply (550), or below 0 what the sender knows it by
    int64_t given_up;   // ms; 0: it is still to be sent
    struct bytes sealed;
};

// Adds an entry in the writer's transaction; tries, trouble and given_up do not count. -EMSGSIZE
// for a payload that is too long, -EEXIST for a taken id.
int outbox_add(struct db *db, const struct outbox_entry *entry);

// The entry of a kind that has been due the longest, in the arena. -ENOENT: none is due.
int outbox_next(struct db *db, struct arena *arena, enum outbox_kind kind, int64_t now_ms,
                struct outbox_entry *ret_entry);

// A person's entry for a purpose that is still to be sent. -ENOENT.
int outbox_waiting(struct db *db, struct arena *arena, int64_t person, int64_t purpose,
                   struct outbox_entry *ret_entry);

// Says something else than before. -ENOENT when it is gone.
int outbox_replace(struct db *db, int64_t id, struct bytes sealed);

// It was handed over, or nobody needs it any more. 0 also when it is gone already.
int outbox_remove(struct db *db, int64_t id);

struct outbox_failure {
    int64_t tries;
    int64_t trouble;
    int64_t due;        // ms; when to try again
    int64_t given_up;   // ms; 0: not yet
};

// It could not be handed over. -ENOENT when it is gone.
int outbox_fail(struct db *db, int64_t id, const struct outbox_failure *failure);

// Those that were given up, the newest first, without payloads; at most 'max', in the arena.
int outbox_given_up(struct db *db, struct arena *arena, size_t max,
                    const struct outbox_entry **ret_list, size_t *ret_count);

struct outbox_state {
    int64_t waiting;      // to be sent
    int64_t failing;      // of these, how many were tried already
    int64_t trouble;      // of the newest failure among them; 0: none
    int64_t given_up;
};
int outbox_state(struct db *db, struct arena *arena, struct outbox_state *ret_state);

// Begins anew with an entry that was given up. -ENOENT when it is none.
int outbox_retry(struct db *db, int64_t id, int64_t now_ms);

// The same with all of them.
int outbox_retry_all(struct db *db, int64_t now_ms);

// Throws one away that was given up. -ENOENT when it is none.
int outbox_discard(struct db *db, int64_t id);
