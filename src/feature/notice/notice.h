// SPDX-License-Identifier: MPL-2.0
// Being told by mail: to whom, of what, when. A mail says that something is new and where to sign in; never a name, a topic or a word of what was written.
//
// Whoever has confirmed an address is told at once, daily or never, each dialogue by itself. "At once" waits until it has been quiet in the dialogue for
// a while, so that one mail stands for many posts. What somebody may know is asked of the dialogue itself when a mail is made, and again when it is sent.
#pragma once

#include "feature/dialogue/dialogue.h"
#include "mail/sender.h"
#include "web/text.h"

// Stored: never renumber, only append.
enum notice_choice { NOTICE_UNSET, NOTICE_AT_ONCE, NOTICE_DAILY, NOTICE_NEVER, NOTICE_CHOICE_COUNT };

// What an entry of the outbox is for. Stored: never renumber, only append.
enum notice_purpose { NOTICE_FOR_UNSET, NOTICE_FOR_NEWS, NOTICE_FOR_DAILY, NOTICE_FOR_CONFIRMATION, NOTICE_FOR_INVITATION, NOTICE_FOR_REMINDER,
    NOTICE_FOR_UNIT, NOTICE_FOR_COUNT };

// For the sender.
extern const struct mail_source notice_source;

// Reads [notice] of the configuration once, so that what is wrong stops the program at the start. -EINVAL (logged).
int notice_settings_check(const struct config *config);

// The local hour at which the daily mails are made. -EINVAL.
int notice_daily_hour(const struct config *config, int64_t *ret_hour);

// What a person wants to be told of a dialogue; NOTICE_AT_ONCE until they say something else.
int notice_choice_get(const struct dialogue_scene *scene, int64_t person, int64_t dialogue, enum notice_choice *ret_choice);

// In a write transaction.
int notice_choose(const struct dialogue_scene *scene, int64_t person, int64_t dialogue, enum notice_choice choice);

// Whether an employee is told by mail of what is new in the inbox of a unit, which is the one they work in.
int notice_unit_wants(const struct dialogue_scene *scene, int64_t person, int64_t unit, bool *ret_wants);

// In a write transaction.
int notice_unit_choose(const struct dialogue_scene *scene, int64_t person, int64_t unit, bool wants);

// Something new waits in a unit's inbox: those who chose it are mailed once it has been quiet for a while. In the write transaction of its cause.
int notice_unit_news(const struct dialogue_scene *scene, const struct config *config, int64_t unit);

struct notice_invitation {
    int64_t id;               // of the invitation
    struct str address;       // mail_address_valid
    struct str token;         // the secret part of its link
    enum language language;
};

// Mails an invitation's link; nothing is sent when the invitation is no longer open by then. In a write transaction.
int notice_invite(const struct dialogue_scene *scene, const struct notice_invitation *what);
