// SPDX-License-Identifier: MPL-2.0
// The pages of reviewers: what waits, and one review. They tell who looked, when and at what sort of thing, and never what was written there.
// Filled by review_web.c, read by review.html and as JSON.
#pragma once

#include "web/avatar.h"

// One that waits, or was signed off.
struct review_view_row {
    int64_t id;
    struct avatar avatar;
    struct str who, about_who;   // who looked: name; title and unit
    struct str what;             // "Anne Holm så … i en samtale"
    struct str when;             // of the newest of the looks
    struct str signs;            // what was unusual: "om natten, uden for egen enhed"; may be empty
    struct str age;              // how long it has waited
    bool asked;                  // somebody asked; otherwise it was drawn
    bool own;                    // the reader did the looking: somebody else signs it off
    struct str outcome;          // when it was signed off
};

// GET /review
struct review_view {
    const struct review_view_row *open, *closed;
    size_t open_count, closed_count;
};

// One thing that was done.
struct review_view_look {
    struct str what, when, iso;
    int64_t times;   // of what was read: visits
};

// GET and refused POST /review/{review#}
struct review_view_one {
    struct review_view_row row;
    struct str part;                  // what who looked is, or was, in the dialogue: "Tovholder siden 3. november"
    struct str reason;                // of a look-up
    struct str asker, question;       // empty: drawn
    struct str asked;                 // when
    const struct review_view_look *looks;
    size_t looks_count;
    bool may_close;
    bool needs_answer;                // somebody waits for one
    int64_t outcome;                  // as chosen
    struct str outcome_error, note, note_error, answer, answer_error;
    struct str closed, reviewer;      // when and by whom it was signed off; empty: open
};
