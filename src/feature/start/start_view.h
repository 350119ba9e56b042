// SPDX-License-Identifier: MPL-2.0
// What the start page and the pages for starting a dialogue show. Filled by start_web.c, read by start.html and as JSON.
#pragma once

#include "feature/reason/reason.h"
#include "web/avatar.h"

// One of the reader's dialogues.
struct start_view_dialogue {
    int64_t id;
    struct str topic;
    struct str citizen;          // name; empty when the reader is the citizen
    struct avatar avatar;        // of who wrote last; of the citizen when nobody has written
    struct str last_author;      // who wrote last; empty: nobody yet
    bool last_own;               // the reader wrote last
    struct str when;             // "14.32", "i går", "3. nov."
    struct str iso;              // the same as a machine reads it
    int64_t last_at;             // ms; 0: nobody has written
    int64_t unread;
    bool closed;
    bool side;                   // a side talk of employees
    bool locked;                 // a consent has run out: the others can't read until it is renewed
};

// Something in the reader's unit that waits for an answer: a citizen or a relative wrote last.
struct start_view_waiting {
    int64_t id;                  // of the dialogue; 0: the reader does not take part, so there is no link
    struct str topic;            // empty when the reader may not see it
    struct str citizen;          // empty when the reader may not see it
    struct str coordinator;      // whose turn it is; empty: nobody has taken it yet
    struct str waited;           // "3 timer", "2 dage"
    int64_t since;               // ms
    bool late;                   // longer than two days
    struct str away;             // of what is late: that whose turn it is is away, in a sentence; empty: is not
};

// Something about consent that wants the reader's attention.
struct start_view_notice {
    struct str text;
    struct url url;
    bool urgent;                 // runs out soon, or has
};

// GET /, sorted with what is new first. Live: GET /live sends "dialogue" events.
struct start_view {
    struct str first_name;
    bool employee;
    bool administers;            // units and people, and no dialogues by that
    bool may_write;              // to a unit, as citizens and relatives do
    const struct start_view_dialogue *dialogues;
    size_t dialogues_count;
    int64_t unread;              // in all dialogues
    int64_t unfiled;             // important posts that the reader, as coordinator, has not filed in time
    int64_t questions;           // about looks, that wait for the reader's answer as a reviewer
    int64_t checks;              // spot checks that wait for the reader to sign them off
    int64_t answers;             // to the reader's own questions about looks, which they have not opened
    const struct start_view_notice *notices;
    size_t notices_count;
    bool has_waiting;            // the panel "waiting in my unit" is shown (employees)
    struct str unit;             // the reader's unit
    const struct start_view_waiting *waiting;
    size_t waiting_count;
};

// GET /dialogue/new and POST /dialogue/new/citizen (why; cpr, or name and birth): finding the citizen by exact match.
struct start_view_citizen {
    struct reason_view reason;
    struct str cpr_error;
    struct str name, name_error;
    struct str birth, birth_error;   // as typed
    struct str cpr;                  // as typed; when nobody was found, to register the citizen with
    bool not_found;
};

// After the citizen is found: POST /dialogue/new (citizen, topic, relation).
struct start_view_topic {
    struct str citizen_token;        // what the form sends back to say who was found; useless to anybody else
    struct avatar avatar;
    struct str citizen;              // name
    struct str birth;                // "født 14. maj 2012"
    struct str topic, topic_error;   // as typed
    struct str relation, relation_error;
    struct str unit;                 // which the dialogue will belong to
};
