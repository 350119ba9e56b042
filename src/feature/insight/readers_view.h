// SPDX-License-Identifier: MPL-2.0
// The page "Who has read?" of one message. Filled by readers_web.c, read by readers.html and as JSON.
#pragma once

#include "web/avatar.h"

// Somebody who takes part, took part, or looked.
struct readers_view_one {
    struct avatar avatar;
    struct str who;          // name, or what the person is, as the policy for fields says
    struct str unit;         // may be empty
    bool self;
    bool author;             // wrote the message
    bool former;             // takes no part any more
    bool read;
    struct str first;        // "22. november kl. 14.32": when first; empty: not shown to this reader
    int64_t first_at;        // the same in ms; 0: not shown
    int64_t times;           // visits; 0: not shown
    struct str what;         // of who does not take part: what they looked at
    int64_t record;          // of the log: what a question would be about; 0: there is nothing to ask
};

// GET /dialogue/{dialogue#}/post/{number#}/readers
struct readers_view {
    int64_t dialogue;
    int64_t number;
    struct str topic;
    struct str author;       // who wrote the message
    struct str written;      // "22. november kl. 14.32"
    const struct readers_view_one *read, *unread, *strangers;
    size_t read_count, unread_count, strangers_count;
};
