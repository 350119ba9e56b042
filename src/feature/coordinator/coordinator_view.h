// SPDX-License-Identifier: MPL-2.0
// What an administrator sees of dialogues without a coordinator: since when, and who it was; never whom or what they are about.
#pragma once

#include "base/str.h"

struct coordinator_view_item {
    int64_t dialogue;
    struct str unit, last, since;
    struct str asked;          // who is proposed, and waits for a yes: names; empty: nobody
};

struct coordinator_view_person {
    int64_t person;
    struct str words;          // "Jonas Dam, lærer"
};

// GET /admin/coordinators. POST …/{dialogue#} (person, relation).
struct coordinator_view {
    const struct coordinator_view_item *items;
    size_t items_count;
    struct str error;
};

// GET and refused POST /admin/coordinators/{dialogue#}.
struct coordinator_view_one {
    struct coordinator_view_item item;
    const struct coordinator_view_person *people;
    size_t people_count;
    struct str relation, error;
};
