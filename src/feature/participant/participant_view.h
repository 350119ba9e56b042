// SPDX-License-Identifier: MPL-2.0
// What the pages about who takes part show. Filled by participant_web.c, read by participant.html and as JSON.
#pragma once

#include "web/avatar.h"

// Somebody who takes part, or took part.
struct participant_view_person {
    int64_t dialogue;
    int64_t person;
    struct avatar avatar;
    struct str name;
    struct str relation;         // free text ("klasselærer"); may be empty
    struct str role;             // "Borger", "Tovholder" … in the reader's language
    struct str since;            // "siden 3. november"
    struct str last_day;         // "til og med 24. december"; empty: no end, or not for the reader
    bool reads_only;             // was let in for reading only
    struct str address;          // of the dialogue, to pass on to a citizen who has read nothing here; empty: none
    bool self;
    bool former;                 // excluded or has left; shown below the others
    bool may_exclude;            // the reader may end this person's access
    bool may_describe;           // the reader may change what this person is to the citizen
    bool may_make_coordinator;   // the reader may make this employee coordinator
    bool may_unmake_coordinator; // the reader may take that back; never for the last one
};

// An invitation that nobody has used yet.
struct participant_view_invitation {
    int64_t dialogue;
    int64_t id;
    struct avatar avatar;
    struct str name;
    struct str relation;
    struct str role;             // "Pårørende" or "Ekstern"
    struct str email;
    struct str expires;          // "udløber 22. december": the link
    struct str last_day;         // "til og med 24. december": the access that it gives; empty: no end
    bool reads_only;             // it is for reading only
    struct str link;             // whole address, to copy; empty when the reader may not see it
    bool may_mail;               // the link can be mailed: POST /dialogue/{dialogue#}/invitations/{invitation#}/mail (feature/notice)
};

// An employee found in the staff list.
struct participant_view_employee {
    int64_t dialogue;
    int64_t person;
    struct avatar avatar;
    struct str name;
    struct str title;            // "Sagsbehandler"
    struct str unit;
    bool takes_part;             // already; no button
    bool needs_consent;          // is proposed, not let in
};

// The form for inviting a relative or an external person: what was typed, and what was wrong with it.
struct participant_view_invite {
    struct str name, name_error;
    struct str email, email_error;
    struct str relation, relation_error;
    int64_t kind;                // 1 relative, 2 external; 0 none chosen
    struct str kind_error;
    struct str until, until_error;   // "2026-12-24"; empty: none
    bool reading;
};

// GET /dialogue/{dialogue#}/participants, with ?search=WORDS for the staff list. POST …/participants/employee (person, relation), POST …/invitations
// (name, email, relation, kind), POST …/invitations/{invitation#}/revoke, POST …/participants/{person#}/exclude (reason), …/coordinator (value), POST …/leave.
struct participant_view {
    int64_t dialogue;
    struct str topic;
    bool may_invite;             // relatives, and as coordinator others too
    bool needs_consent;          // somebody must say yes first: people are proposed
    bool may_search;             // the staff list, to invite employees
    struct str error;            // of a form without a field of its own; empty: none
    bool may_leave;
    bool last_coordinator;       // the reader cannot leave for that reason
    const struct participant_view_person *people;
    size_t people_count;
    const struct participant_view_person *former;
    size_t former_count;
    const struct participant_view_invitation *invitations;
    size_t invitations_count;
    struct str search;           // what was searched for; empty: nothing
    struct str search_error;
    const struct participant_view_employee *found;
    size_t found_count;
    struct participant_view_invite invite;
    struct str fresh_link;       // the address of the invitation that was just made; empty: none
    struct str fresh_name;
};

// Where the link leads: GET /invitation/{token}. Shows nothing of the dialogue but who invites and from which unit.
struct participant_view_landing {
    struct url path;             // "/invitation/TOKEN": where the form posts to
    struct str inviter;
    struct str unit;
    struct str name;             // whom it was made for
    struct str expires;
    bool signed_in;
    struct str person;           // name of who is signed in; empty otherwise
    struct str error;            // why it could not be accepted; empty: not tried
};

// The link can no longer be used (404 for a wrong one, 410 otherwise).
struct participant_view_dead {
    struct str reason;           // one sentence: used, expired, taken back
};
