// SPDX-License-Identifier: MPL-2.0
// What the pages about mail show. Filled by notice_web.c, read by notice.html and as JSON.
#pragma once

#include "base/str.h"
#include "web/html.h"

// What the reader wants to be told of one of their dialogues: POST /dialogue/{dialogue#}/mail (choice, list).
struct notice_view_dialogue {
    int64_t id;
    struct str topic;
    struct str citizen;          // name; empty when the reader is the citizen
    struct str choice;           // "at_once", "daily", "never"
    bool at_once, daily, never;  // which of them it is
    bool list;                   // shown among others: the answer goes back there
};

// GET /mail: one's address and all one's dialogues. GET /dialogue/{dialogue#}/mail: one dialogue. POST /mail/address (email), POST /mail/address/remove.
struct notice_view {
    bool enabled;                // the municipality has a mail server
    struct str address;          // the confirmed one; empty: none
    bool refused;                // the mail server does not take mail for it
    struct str wished;           // waits to be confirmed; empty: none
    struct str email, error;     // as typed, and what was wrong with it
    struct str hour;             // when the daily mails are sent: "16"
    const struct notice_view_dialogue *dialogues;
    size_t dialogues_count;
    int64_t dialogue;            // the one that the page is about; 0: all
    struct str unit;             // of an employee: the unit's name; empty: none
    bool unit_told;              // and that they are told of its inbox: POST /mail/unit (value)
};

// GET and POST /mail/confirm/{token} (answer).
struct notice_view_confirm {
    struct url path;
    struct str address;
    bool done;                   // the answer was taken
    bool yes;                    // and it was yes
};

// GET and POST /mail/stop/{token}: the link in a mail; nobody need be signed in.
struct notice_view_stop {
    struct url path;
    int64_t count;               // of dialogues that it is about; 0: all of its sort
    bool daily;                  // of the daily mails; otherwise those that come at once
    bool done;
};

// POST /dialogue/{dialogue#}/invitations/{invitation#}/mail.
struct notice_view_invited {
    int64_t dialogue;
    struct str address;          // where the mail goes; empty: it was not sent
    struct str problem;          // why not; empty: it was
};

// A link that does not work (any more).
struct notice_view_dead {
    bool signed_in;
};
