// SPDX-License-Identifier: MPL-2.0
// The courier's steps. Only the journal's own files include this.
#pragma once

#include "feature/journal/journal.h"
#include "feature/journal/journal_adapter.h"
#include "web/app.h"

struct journal_settings {
    int64_t tries;         // before somebody has to look
    int64_t retry_ms;      // after the first failure; doubled after each further one
    int64_t poll_ms;       // between looks for a receipt
};

// What the steps work with: the courier's own connection, keys and memory.
struct journal_work {
    struct app *app;
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    struct journal_adapter *adapter;   // NULL: nothing is handed over
    struct journal_settings settings;
};

// An entry of which something is to be done.
struct journal_due {
    int64_t id, dialogue, author;
};

// Opens it for the program itself; in a side talk, in which the citizen does not take part, as its author, while they do.
int journal_work_open(struct journal_work *work, const struct journal_due *due, struct dialogue **ret_dialogue, struct journal_entry *ret_entry);

// Logs the digests of entries that have no proofs yet, has a checkpoint signed, and keeps the proofs.
int journal_prove(struct journal_work *work);

// Hands over what is due, and looks for the receipts that are.
int journal_deliver_due(struct journal_work *work);

// Reads a receipt. -EBADMSG when it is none for that entry. The texts live in the arena.
int journal_receipt_read(struct str text, int64_t entry, struct arena *arena, enum journal_state *ret_state, struct journal_receipt *ret_receipt);
