// SPDX-License-Identifier: MPL-2.0
// What the pages of a unit's inbox show.
#pragma once

#include "web/html.h"

struct inbox_view_item {
    int64_t id;
    struct str topic, citizen;
    struct str waited;         // "3 timer"
    int64_t since;             // ms
    bool late;                 // longer than two days
};

// GET /inbox.
struct inbox_view {
    struct str unit;
    const struct inbox_view_item *items;
    size_t items_count;
    int64_t orphans;           // dialogues of the unit that have no coordinator any more; nothing else is told of them
};

struct inbox_view_post {
    struct str when;
    struct html body;          // empty: the text has no markup
    struct str text;
};

struct inbox_view_colleague {
    int64_t person;
    struct str words;          // name, and whether they are away
};

// GET /inbox/{dialogue#}, POST the same (person, relation).
struct inbox_view_one {
    int64_t id;
    struct str topic, citizen, waited;
    const struct inbox_view_post *posts;
    size_t posts_count;
    const struct inbox_view_colleague *colleagues;   // the reader first
    size_t colleagues_count;
    struct str error;
};

struct inbox_view_unit {
    int64_t id;
    struct str name;
    bool selected;
};

// GET and POST /write (unit, topic, text).
struct inbox_view_write {
    const struct inbox_view_unit *units;
    size_t units_count;
    struct str topic, text, topic_error, text_error, error;
};

// GET and POST /absence (first, last, deputy, words), POST /absence/end.
struct inbox_view_absence {
    bool set;                  // something is said already
    struct str sentence;       // what others read today; empty: nothing
    int64_t without_deputy;    // dialogues that the person coordinates, and where who answers meanwhile takes no part: there nobody is told of them
    struct str deputy;         // the name of who answers meanwhile; set with without_deputy
    struct str first, last;    // "2026-12-01"
    struct str words;
    const struct inbox_view_unit *deputies;   // persons to choose from
    size_t deputies_count;
    struct str error;
};
