// SPDX-License-Identifier: MPL-2.0
// Whom a citizen has let in: GET /access.
#pragma once

#include "web/avatar.h"

// One relative in one dialogue.
struct access_view_part {
    int64_t dialogue, person;
    struct str topic;
    struct avatar avatar;
    struct str name;
    struct str relation;         // in words
    struct str until;            // "2026-12-03"; empty: no end
    struct str until_error;
    int64_t ends;                // ms; 0: no end
    bool reads_only;
    bool by_consent;             // a consent says it; it is changed there
    bool over;                   // its time is over
};

struct access_view {
    const struct access_view_part *parts;
    size_t parts_count;
    struct str error;
};
