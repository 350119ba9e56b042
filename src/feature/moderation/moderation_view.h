// SPDX-License-Identifier: MPL-2.0
// What the coordinator's pages show. Filled by hiding_web.c, closing_web.c and relation_web.c.
#pragma once

#include "web/html.h"

// GET /dialogue/{dialogue#}/post/{number#}/hide: before a message is hidden.
struct moderation_view_hide {
    int64_t dialogue, number;
    struct str topic;
    struct str author;
    struct str excerpt;          // the message; the page shows its beginning
    struct str reason, reason_error;
};

// GET …/hidden: why it is hidden; GET …/original: what it says.
struct moderation_view_hidden {
    int64_t dialogue, number;
    struct str topic;
    struct str author;           // of the message
    bool own;                    // that is who reads this
    struct str by, when;         // who hid it, "22. november kl. 14.32"
    int64_t at;                  // ms
    struct str reason;
    bool may_undo;
    bool original;               // the message itself is shown
    struct html body;            // rendered Markdown; empty: the text has no markup
    struct str text;
};

// GET /dialogue/{dialogue#}/close and …/closed.
struct moderation_view_closing {
    int64_t dialogue;
    struct str topic;
    bool closed;
    int64_t side_talks;          // that closing ends
    bool may_reopen;
    struct str by, when;         // who closed it; empty: nobody did by hand
    int64_t at;                  // ms
    struct str reason, reason_error;
    struct str error;
};

// GET /dialogue/{dialogue#}/participants/{person#}/relation
struct moderation_view_relation {
    int64_t dialogue, person;
    struct str topic;
    struct str name;
    struct str relation, relation_error;   // in words
    int64_t kind;                // 1 relative, 2 external; 0: neither, and not to be changed
    bool may_take_over;          // an employee who can become coordinator in the reader's place
    bool self;
    struct str error;
};
