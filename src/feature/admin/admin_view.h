// SPDX-License-Identifier: MPL-2.0
// What the administrator's pages show: units and staff, never a message.
#pragma once

#include "web/menu.h"

// GET /admin.
struct admin_view {
    const struct menu_link *links;
    size_t links_count;
};

struct admin_view_unit {
    int64_t id;
    struct str name;
    int64_t staff;         // who is employed there
    int64_t dialogues;
    bool selected;         // in a list to choose from
};

// GET /admin/units, POST /admin/units (name), POST /admin/units/{unit#} (name).
struct admin_view_units {
    const struct admin_view_unit *units;
    size_t units_count;
    bool may_add;          // who runs one unit only may not
    struct str name;       // as typed
    struct str error;
};

struct admin_view_member {
    int64_t person;
    struct str name, title;
    struct str unit;       // name; empty: none
    struct str role;       // in the reader's language
    bool former;
    bool signed_in;        // has signed in at least once
};

// GET /admin/staff?search=…&unit=…&former=1.
struct admin_view_staff {
    struct str search;
    const struct admin_view_unit *units;
    size_t units_count;
    bool former;           // those whose employment has ended are shown
    const struct admin_view_member *people;
    size_t people_count;
    bool more;             // there are more than are shown
};

struct admin_view_successor {
    int64_t person;
    struct str words;      // "Anne Holm, Familieafdelingen"
};

// GET /admin/staff/{person#}, POST the same (title, unit), POST …/end (successor), POST …/return.
struct admin_view_one {
    struct admin_view_member member;
    const struct admin_view_unit *units;
    size_t units_count;
    struct str title_error;
    bool self;             // the reader: can't end their own employment
    int64_t dialogues;     // takes part in
    int64_t alone;         // is the only coordinator in
    const struct admin_view_successor *successors;
    size_t successors_count;
    struct str error;      // of ending
};
