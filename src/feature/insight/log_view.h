// SPDX-License-Identifier: MPL-2.0
// The page "Who has seen me?", and the question about one entry of it. Filled by log_web.c, read by log.html and as JSON.
#pragma once

#include "web/avatar.h"
#include "web/html.h"

// Some records of the log that say the same, close together.
struct log_view_entry {
    int64_t record;           // the newest of them
    struct str day;           // "I dag", "mandag 3. november": a heading stands above; empty: same day as the one before
    struct avatar avatar;
    struct str sentence;      // "Anne Holm, Familieafdelingen, læste besked 3–12 i »Skolegang«"
    struct str when;          // "22. november kl. 10.15"
    struct url message;       // the first message that it names, in its dialogue; text empty: none that the reader may see
    struct str iso;
    int64_t at;               // ms
    int64_t times;            // how many records
    int64_t visits;           // of what was read: how often, each visit once; of other things as times
    struct str kind;          // "dialogue-read"; for programs
    struct str reason;        // given for a look-up; empty: none
    bool may_ask;             // somebody else did it, and the reader has not asked yet
    bool asked;
    int64_t text_version;     // of the text of consent that was shown; 0: none
};

// What one can choose in a filter.
struct log_view_choice {
    int64_t value;
    struct str text;
    bool chosen;
};

// A question of the reader, or a review that concerns them and was answered.
struct log_view_question {
    struct str sentence;      // what was asked about
    struct str when;          // when that happened
    struct url message;       // as of an entry
    struct str question;      // what the reader wrote; empty: the review was drawn
    struct str asked;         // when
    bool open;
    struct str outcome;       // what the reviewer found
    struct str answer;        // what the reviewer wrote to the reader
    struct str answered;      // when
};

// GET /log
struct log_view {
    bool own;                 // the reader's own actions
    bool filtered;
    const struct log_view_entry *entries;
    const struct log_view_choice *groups, *persons, *units, *dialogues;
    const struct log_view_question *questions;
    size_t entries_count, groups_count, persons_count, units_count, dialogues_count, questions_count;
    struct str from, until;   // as typed, "2026-11-22"
    struct url older;         // the page behind this one; text empty: none
    int64_t older_before;
    struct str printed;       // who looks at it and when, for a printed page
};

// GET and refused POST /log/{record#}/question
struct log_view_ask {
    int64_t record;
    struct str sentence, when;
    struct str reason;        // of a look-up; empty: none
    struct str text, error;   // as typed
    bool asked;               // has been asked already
    struct str reviewers;     // who gets it: the unit's name; may be empty
};
