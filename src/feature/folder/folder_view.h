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
    bool shows_readers;      // there is a dialogue about the person: only of such does the log tell them who has read
    bool shows_journal;      // they may have to do with entries of the journal: as the citizen, or as a coordinator
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

struct folder_view_passkey {
    struct str name;
    struct str made, used;   // when; 'used' empty: never
};

// Of an account of the installation's own.
struct folder_view_ways {
    struct str account;      // its name
    const struct folder_view_passkey *passkeys;
    size_t passkeys_count;
    int64_t codes;           // recovery codes that are left
    struct str code_used;    // when one was used last; empty: never
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
    bool hidden;             // by a coordinator: there is no text
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

// A picture or file; what is in the file itself stands before it.
struct folder_view_file {
    int64_t id;
    int64_t number;          // of its post
    bool picture;
    bool listed;             // it is not in the file
    bool unreadable;         // it can't be read
    struct str name;
    struct str about;
    struct str size;
    struct str hash;         // SHA-256; empty: not told
};

struct folder_view_consent {
    struct str name;
    struct str words;        // what they are to the citizen
    struct str topic;        // empty when it can't be seen
    struct str question, purpose;
    struct str statute, reason, since;   // by law
    struct str status, sees;
    const struct str *steps;
    size_t steps_count;
};

// What the giver of a consent had before them.
struct folder_view_told {
    int64_t version;
    struct str words;
};

struct folder_view_entry {
    bool note;               // from a phone call
    struct str theme;
    int64_t first, last;     // posts; 0: none
    struct str day, made, state, changed, case_number, code;
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
