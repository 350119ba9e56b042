// SPDX-License-Identifier: MPL-2.0
// What the pages of one's own folder show, and what stands in the file.
#pragma once

#include "web/html.h"

// GET /folder
struct folder_view {
    bool ready;              // it can be fetched
    int64_t id;
    struct str code;
    struct str until;        // when it can't be fetched any more
    struct str size;
    struct str key;          // the log's public key
    struct str error;
    bool dialogues_missing;  // access ended since it was made
};

// GET /proof
struct folder_view_proof {
    struct str key;
};

// In the file.
struct folder_view_top {
    struct str name;
    struct str made;
    struct str server;       // the address
};

struct folder_view_self {
    struct str name;
    struct str birth;
    struct str role;
    struct str title;
    struct str unit;
};

struct folder_view_person {
    struct str name;
    struct str relation;     // in words
    struct str role;
    struct str period;
};

struct folder_view_dialogue {
    int64_t id;
    bool left;               // no longer takes part: nothing of it can be seen
    struct str topic;
    struct str state;
    struct str unit;
    struct str started;
    struct str ended;
    const struct folder_view_person *people;
    size_t people_count;
};

struct folder_view_earlier {
    struct str when;
    struct str text;
};

struct folder_view_post {
    int64_t number;
    int64_t answers;         // 0: none
    bool own;
    struct str author;
    struct str relation;
    struct str when;
    struct str iso;
    struct str edited;       // when; empty: never
    struct str text;
    bool formatted;          // 'markup' instead of 'text'
    struct html markup;
    const struct folder_view_earlier *earlier;
    size_t earlier_count;
};

struct folder_view_line {
    struct str when;
    struct str sentence;
    struct str reason;
};

struct folder_view_end {
    struct str server;
    struct str key;
};
