// SPDX-License-Identifier: MPL-2.0
// What the journal's pages show. Filled by journal_page.c, read by journal.html and as JSON.
#pragma once

#include "base/str.h"

// One entry, as it stands in the list and on its own page.
struct journal_view_entry {
    int64_t dialogue;
    int64_t id;
    struct str topic;            // of the dialogue
    struct str theme;
    struct str day;              // "22. november 2026"
    struct str kind;             // "Beskeder 1 til 12", "Telefonnotat"
    struct str author;
    struct str made;             // "22. november kl. 14.32"
    int64_t made_at;             // ms
    struct str state;            // in words
    struct str state_key;        // "made", "delivered" … for programs
    struct str state_since;
    bool good;                   // nothing more to do
    bool bad;                    // somebody has to look
    struct str case_number;      // of the other system; empty: none
    struct str message;          // of the other system; empty: none
    struct str code;             // verification code
    bool proven;                 // the proofs can be fetched
    bool may_retry;
    bool may_open;               // and not only see that it is there
};

// An important post that stands in no entry.
struct journal_view_mark {
    int64_t dialogue;
    int64_t number;
    struct str author;           // who wrote it
    struct str excerpt;
    struct str since;            // "markeret 3. november"
    bool late;                   // longer than it should
};

// GET /dialogue/{dialogue#}/journal
struct journal_view {
    int64_t dialogue;
    struct str topic;
    int64_t posts;               // in the dialogue
    int64_t missing;             // posts that no entry holds
    const struct journal_view_mark *marks;
    size_t marks_count;
    const struct journal_view_entry *entries;
    size_t entries_count;
    bool may_finish;             // it is closed, and all of it is filed
    bool finished;               // and that was confirmed
    bool delivers;               // entries are handed over to another system by themselves
};

// GET /dialogue/{dialogue#}/journal/new, with ?post=N for one message.
struct journal_view_new {
    int64_t dialogue;
    struct str topic;
    int64_t posts, missing;
    int64_t scope;               // index of the choice + 1
    int64_t post;                // its number; 0: none
    struct str excerpt;          // its beginning
    struct str theme, theme_error;
    struct str day, day_error;   // "2026-11-22"
    struct str from, to, period_error;
    struct str error;
};

// GET /dialogue/{dialogue#}/journal/call
struct journal_view_call {
    int64_t dialogue;
    struct str topic;
    bool may_post;               // the dialogue is open
    struct str theme, theme_error;
    struct str who, who_error;
    struct str day, day_error;
    struct str clock, clock_error;
    struct str text, text_error;
    bool post;
    struct str error;
};

// GET /dialogue/{dialogue#}/post/{number#}/important
struct journal_view_important {
    int64_t dialogue;
    int64_t number;
    struct str topic, author, excerpt;
    bool important;
    bool filed;                  // an entry holds it
};

// GET /journal: what one has left undone as coordinator.
struct journal_view_late {
    int64_t dialogue;
    struct str topic, citizen;
    int64_t posts;
    struct str since;
};
struct journal_view_mine {
    int64_t days;                // after which one is reminded
    const struct journal_view_late *late;
    size_t late_count;
};
