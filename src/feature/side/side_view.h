// SPDX-License-Identifier: MPL-2.0
// What the pages for side talks show. Filled by side_web.c, read by side.html and as JSON.
#pragma once

#include "web/html.h"

// An employee who can be chosen.
struct side_view_person {
    int64_t person;
    int64_t place;               // of the box: person1, person2 …
    struct str name;
    struct str relation;         // in words
    bool chosen;
};

// A side talk that the reader takes part in.
struct side_view_talk {
    int64_t id;
    struct str name;
    struct str ends;             // "3. december kl. 23.59"
    int64_t ends_at;             // ms
    bool over;
};

// GET /dialogue/{dialogue#}/side: those that there are, and the form for a new one.
struct side_view {
    int64_t dialogue;
    struct str topic;
    const struct side_view_talk *talks;
    size_t talks_count;
    const struct side_view_person *people;
    size_t people_count;
    int64_t days;                // how long one can last at most
    struct str name, name_error;
    struct str reason, reason_error;
    struct str until, until_error;   // "2026-12-03"
    struct str latest;           // the last day that can be chosen
    struct str people_error;
};

// GET /dialogue/{dialogue#}/side/about: of the side talk with that number.
struct side_view_about {
    int64_t dialogue;
    int64_t parent;
    struct str name;
    struct str parent_topic;
    struct str reason;
    struct str ends;
    int64_t ends_at;             // ms
    bool over;
    bool may_end;
};
