// SPDX-License-Identifier: MPL-2.0
// Who may do what, to which thing, in which state: one pure function. `samtraad matrix` prints all of it.
#pragma once

#include <stdbool.h>

enum permission {
    PERMISSION_UNSET,
    PERMISSION_ANYONE,          // also who is not signed in
    PERMISSION_SIGNED_IN,       // one's own things
    PERMISSION_EMPLOYEE,        // what every employee may: start dialogues, search the staff list, see what waits in the unit
    PERMISSION_DIALOGUE_READ,
    PERMISSION_DIALOGUE_WRITE,
    PERMISSION_PARTICIPANT_INVITE,
    PERMISSION_PARTICIPANT_ADMINISTER,   // exclude, make coordinator
    PERMISSION_DIALOGUE_LEAVE,
    PERMISSION_ADMINISTER,      // units and staff; never messages
    PERMISSION_PARTICIPANT_ADD,          // let employees take part
    PERMISSION_CONSENT_ADMINISTER,       // say whose consent is needed, propose, take a proposal back
    PERMISSION_DIALOGUE_JOURNAL,   // see and make the entries of the journal
    PERMISSION_REVIEW,          // look into how others have looked; never messages
    PERMISSION_POST_HIDE,                // hide a post, see what it says, show it again
    PERMISSION_DIALOGUE_CLOSE,
    PERMISSION_DIALOGUE_REOPEN,
    PERMISSION_SIDE_TALK,                // talk beside the dialogue with other employees
    PERMISSION_SIDE_TALK_END,
    PERMISSION_ACCESS_GIVE,              // say how long and how far one's relatives take part
    PERMISSION_COUNT
};

// What the person is in the installation.
// ROLE_FORMER: was employed; may nothing, not even sign in.
enum role { ROLE_UNSET, ROLE_ANONYMOUS, ROLE_PUBLIC, ROLE_EMPLOYEE, ROLE_ADMINISTRATOR, ROLE_FORMER, ROLE_COUNT };

// What the person is to the dialogue at hand. Stored with the participant: never renumber, only append.
enum relation {
    RELATION_UNSET,
    RELATION_NONE,
    RELATION_CITIZEN,
    RELATION_RELATIVE,
    RELATION_PROFESSIONAL,
    RELATION_EXTERNAL,
    RELATION_COORDINATOR,   // an employee who administers the dialogue
    RELATION_FORMER,        // was excluded or has left
    RELATION_READER,        // a relative who was let in for reading only. Never stored: it follows from the terms
    RELATION_COUNT
};

// Stored: never renumber, only append.
enum dialogue_state {
    DIALOGUE_UNSET,
    DIALOGUE_NONE,          // the route has no dialogue
    DIALOGUE_OPEN,
    DIALOGUE_CLOSED,        // read, not written
    DIALOGUE_LOCKED,        // a consent that it needs has run out: only the citizen and the coordinators read. Never stored: it follows from the time
    DIALOGUE_JOURNALISED,   // closed, and all of it lies in the journal
    DIALOGUE_SIDE,          // a side talk of employees. Never stored: it follows from its parent and the time
    DIALOGUE_SIDE_ENDED,    // its time is over: its members and the journal read it
    DIALOGUE_ERASED,        // its keys are destroyed; only the row is left, and nobody reads anything
    DIALOGUE_STATE_COUNT
};

struct policy_subject {
    enum role role;
    enum relation relation;
    enum dialogue_state state;
    bool reviewer;   // appointed to look into how others have looked
};

// Unset or unknown values are denied.
bool policy_allows(enum permission permission, const struct policy_subject *subject);

// Whether it hangs on what the person is to a dialogue, not on the role alone.
bool policy_in_dialogue(enum permission permission);

// Names as in the matrix; "?" for unknown values.
const char *policy_permission_name(enum permission permission);
const char *policy_role_name(enum role role);
const char *policy_relation_name(enum relation relation);
const char *policy_state_name(enum dialogue_state state);
