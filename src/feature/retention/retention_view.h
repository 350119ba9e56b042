// SPDX-License-Identifier: MPL-2.0
// What the pages of retention show: names and dates, never a topic or a message.
#pragma once

#include "base/str.h"

// What stands in the form of a rule.
struct retention_view_rule {
    int64_t years;
    struct str ground;
    struct str years_error, ground_error;
    bool again;              // it was typed and refused
};

struct retention_view_unit {
    int64_t id;
    struct str name;
    int64_t years;           // 0: kept for good
    struct str ground;
    struct retention_view_rule form;
};

// A dialogue that may be erased, or an erasure of one.
struct retention_view_item {
    int64_t dialogue;
    int64_t erasure;         // 0: nobody has asked
    struct str citizen;
    struct str unit;
    int64_t posts;
    struct str closed;       // date
    struct str asked_by, asked;
    struct str agreed_by;
    struct str when;         // when it takes place, or took place
    struct str reason;
    bool own;                // the reader asked
    bool restored;           // nobody asked: a restored database was told
};

// GET /admin/retention
struct retention_view {
    const struct retention_view_unit *units;
    size_t units_count;
    const struct retention_view_item *due;
    size_t due_count;
    const struct retention_view_item *asked;
    size_t asked_count;
    const struct retention_view_item *agreed;
    size_t agreed_count;
    const struct retention_view_item *done;
    size_t done_count;
    int64_t approval_days, wait_days;
    struct str error;
};

// GET /admin/retention/dialogue/{dialogue#}
struct retention_view_ask {
    struct retention_view_item item;
    int64_t approval_days, wait_days;
    struct str reason;       // as typed
    struct str reason_error, sure_error;
    int64_t left;            // talks beside it that are not in the journal, and that nobody can file any more who may read them
    bool delivers;           // they can be filed unread
    struct str error;
};
