// SPDX-License-Identifier: MPL-2.0
// Where a person gets mail. An address counts once somebody has opened the link that was sent there and said yes; until then the earlier one stays.
#pragma once

#include "feature/dialogue/dialogue.h"

#define WISH_MS (2 * DAY_MS)    // how long the link works
#define WISHES_A_DAY 5          // links that one person can have sent and nobody says yes to; they may go to somebody else's address

struct notice_address {
    struct str address;
    int64_t confirmed;   // ms
    int64_t refused;     // ms since when the mail server does not take mail for it; 0: it does
};

// The confirmed one. -ENOENT.
int notice_address_get(const struct dialogue_scene *scene, int64_t person, struct notice_address *ret_address);

struct notice_wish {
    int64_t person;
    int64_t mail;        // the outbox entry that its link goes with
    int64_t made;        // ms
    struct str address;
    struct str token;    // the secret part of the link
};

// The address that waits to be confirmed. -ENOENT when there is none, or its time is over.
int notice_wish_get(const struct dialogue_scene *scene, int64_t person, struct notice_wish *ret_wish);
int notice_wish_find(const struct dialogue_scene *scene, struct str token, struct notice_wish *ret_wish);

// Has a link sent to an address (mail_address_valid). An earlier link no longer works. -EAGAIN: too many today. In a write transaction.
int notice_address_ask(const struct dialogue_scene *scene, int64_t person, struct str address);

// The link was opened: yes, or no. It works once. In a write transaction.
int notice_wish_confirm(const struct dialogue_scene *scene, const struct notice_wish *wish);
int notice_wish_end(const struct dialogue_scene *scene, int64_t person);

// No mail any more, and no link that waits. In a write transaction.
int notice_address_remove(const struct dialogue_scene *scene, int64_t person);
