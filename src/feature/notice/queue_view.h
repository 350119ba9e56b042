// SPDX-License-Identifier: MPL-2.0
// The administrator's page about mails that could not be sent. Says nothing of whom they are for, or what they are about.
#pragma once

#include "base/str.h"

// A mail that was given up: POST /admin/mail/{entry#} (action: again or discard).
struct queue_view_entry {
    int64_t id;
    struct str what;     // "Besked om nyt"
    struct str made;     // "3. november kl. 14.32"
    struct str trouble;  // why, in a sentence
    int64_t tries;
    int64_t given_up;    // ms
};

// GET /admin/mail. POST /admin/mail/again: all of them.
struct queue_view {
    bool enabled;
    int64_t waiting;         // to be sent
    int64_t failing;         // of these, tried already
    struct str trouble;      // why the newest of them failed; empty: none did
    const struct queue_view_entry *entries;
    size_t entries_count;
    int64_t given_up;        // in all
};
