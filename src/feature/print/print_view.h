// SPDX-License-Identifier: MPL-2.0
// What a dialogue looks like on paper. Filled by print_page.c, read by print.html and as JSON.
#pragma once

#include "web/html.h"

struct print_view_person {
    struct str name;
    struct str relation;         // in words ("klasselærer"), or the role when there are none
};

struct print_view_post {
    int64_t number;
    struct str author;
    struct str relation;         // of the author; empty when not known
    struct html body;            // rendered Markdown; empty: the text has no markup
    struct str text;
    struct str day;              // "3. november 2026": stands above the post; empty: same day as the one before
    struct str clock;            // "14.32"
    struct str iso;
    int64_t posted;              // ms
    bool edited;
    bool hidden;                 // a coordinator has hidden it; there is no text
    int64_t reply_to;            // number of the post that this one answers; 0: none
};

// GET /dialogue/{dialogue#}/print with ?first=NUMBER&last=NUMBER or ?from=DATE&to=DATE.
struct print_view {
    int64_t dialogue;
    struct str topic, unit, citizen;
    const struct print_view_person *people;   // who takes part
    size_t people_count;
    const struct print_view_post *posts;      // oldest first
    size_t posts_count;
    int64_t first, last;         // numbers of the posts that are shown; 0: none
    int64_t next;                // where the next part begins; 0: this is the last one
    int64_t until;               // where the last part ends
    bool later;                  // there are parts before this one
    struct str from, to;         // as typed: "2026-11-01"
    struct str error;
    struct str printed_by, printed_at;   // "22. november 2026 kl. 14.32"
};
