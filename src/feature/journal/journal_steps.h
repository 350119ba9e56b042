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

// Opens an entry for the program itself.
int journal_work_open(struct journal_work *work, int64_t dialogue, int64_t id, struct dialogue **ret_dialogue, struct journal_entry *ret_entry);

// Logs the digests of entries that have no proofs yet, has a checkpoint signed, and keeps the proofs.
int journal_prove(struct journal_work *work);

// Hands over what is due, and looks for the receipts that are.
int journal_deliver_due(struct journal_work *work);

// Reads a receipt. -EBADMSG when it is none for that entry. The texts live in the arena.
int journal_receipt_read(struct str text, int64_t entry, struct arena *arena, enum journal_state *ret_state, struct journal_receipt *ret_receipt);
