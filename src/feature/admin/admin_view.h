// SPDX-License-Identifier: MPL-2.0
// What the administrator's pages show: units and staff, never a message.
#pragma once

#include "feature/reason/reason.h"
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
    int64_t readers;       // of them, who read what citizens write to the unit
    int64_t letters;       // from citizens, that nobody has taken
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
    bool reviews;          // looks into how others have looked
    bool may_review;       // an employee with a unit: can be appointed
    int64_t dialogues;     // takes part in
    int64_t alone;         // is the only coordinator in
    const struct admin_view_successor *successors;
    size_t successors_count;
    struct str error;      // of ending
};

// One line of what a staff list would change.
struct admin_view_step {
    int64_t line;          // of the file; 0: the person is not in it
    struct str name;
    struct str what;       // "Ny", "Rettes", "Slutter", "Kan ikke bruges" …
    struct str detail;     // what changes, or why it can't be used
    bool bad;
};

// GET /admin/staff/import, POST the same (file, whole), GET and POST …/import/{import#} (whole).
struct admin_view_import {
    struct str error;
    int64_t id;            // 0: no file yet
    bool whole;            // who is not in the file is no longer employed
    int64_t added, changed, same, ended, refused;
    bool anything;         // something would change
    const struct admin_view_step *steps;   // those that change or can't be used, at most 500
    size_t steps_count;
    bool more;
};

// What happened in a unit in a month. Numbers below five are "under 5": nobody is to be recognised by them.
struct admin_view_numbers {
    struct str unit;
    struct str dialogues;      // that there are
    struct str started;
    struct str posts;
    struct str writers;        // people who wrote
    struct str waiting;        // wait for an answer now
    struct str waited;         // how long the oldest has waited; empty: none, or too few to say
    struct str questions;      // asked in the month
    struct str median;         // time until the answer, in words; empty: too few to say
    struct str day, three_days, week;   // share answered within 1, 3 and 7 days: "80 %"; empty: too few to say
};

// GET /admin/statistics?back=N.
struct admin_view_statistics {
    struct str month;          // "november 2026"
    int64_t older, newer;      // ?back= of the months beside; -1: none
    const struct admin_view_numbers *units;
    size_t units_count;
};

// A dialogue as who administers it sees it: what it is about and who takes part, never what is written.
struct admin_view_dialogue {
    struct str topic;
    struct str people;         // "Anne Holm (sagsbehandler), Emil Dahl (borger)"
    struct str last;           // when somebody last wrote: "3. november"
    bool closed;
};

// GET /admin/dialogues asks why; POST the same (unit, why, why_words, before_at, before_id) shows.
struct admin_view_dialogues {
    const struct admin_view_unit *units;
    size_t units_count;
    struct reason_view reason;
    bool shown;                // the reason was given
    const struct admin_view_dialogue *dialogues;
    size_t dialogues_count;
    int64_t unit, before_at, before_id;   // what the form for the next ones sends again; before_at 0: there are no more
    struct str why, words;
};
