// SPDX-License-Identifier: MPL-2.0
// What the pages about consent show. Filled by consent_page.c and propose_web.c, read by consent.html and propose.html and as JSON.
#pragma once

#include "web/avatar.h"

// One of the reader's consents, in a list.
struct consent_view_item {
    int64_t proposal;
    struct avatar avatar;      // of whom it lets in
    struct str name;
    struct str relation;       // what they are to the citizen, in words
    struct str topic;          // of the dialogue; empty when the reader may not see it any more
    struct str status;         // "Gælder til og med 21. november 2027"
    struct str sees;           // "Kan se alt": what it lets them see; empty when nothing
    struct str statute;        // by law: reference
    struct str reason;         // by law: why
    bool soon;                 // runs out soon, or has run out: renewing is offered
    int64_t text_version;      // by law: of the text that the citizen is told by; 0: none
};

// GET /consents
struct consent_view_list {
    const struct consent_view_item *asked;     // wait for the reader's answer
    size_t asked_count;
    const struct consent_view_item *given;
    size_t given_count;
    const struct consent_view_item *law;       // take part by law in dialogues about the reader
    size_t law_count;
    const struct consent_view_item *ended;
    size_t ended_count;
};

// Messages of one day by one person.
struct consent_view_messages {
    struct str day;            // "mandag 3. november"
    struct str author;
    bool own;                  // the reader wrote them
    int64_t count;
};

// How long a consent can last.
struct consent_view_length {
    int64_t months;
    struct str until;          // "til og med 21. november 2027"
    bool chosen;
};

// Another one who must agree.
struct consent_view_giver {
    struct str name;
    struct str status;
};

// GET /consents/{proposal#}. POST …/answer (answer, months, text), …/withdraw, …/renew (months, text).
struct consent_view {
    int64_t proposal;
    int64_t dialogue;
    struct str topic;
    struct avatar avatar;
    struct str name;           // who wants to take part
    struct str relation;
    struct str role;           // "Fagperson" …
    struct str proposer;       // who asks
    struct str purpose;        // why
    struct str statute, reason;   // by law
    bool for_citizen;          // the reader answers for somebody else: the citizen
    struct str citizen;
    bool may_answer, may_withdraw, may_renew;
    struct str alone;          // the person is the only coordinator: name of the unit, which would have to find a new one; empty: is not
    bool agreed;               // the reader has said yes, and it stands
    bool soon;                 // and runs out soon, or has
    struct str status;         // how it stands, in words
    struct str sees;           // what it lets them see
    int64_t messages;          // that they will see, or see
    const struct consent_view_messages *days;
    size_t days_count;
    int64_t days_more;         // messages that are not in the list
    int64_t files, own_files;  // pictures and files among them, and how many of these the reader has sent
    bool hidden;               // the list can't be shown now
    const struct consent_view_length *lengths;
    size_t lengths_count;
    const struct consent_view_giver *others;
    size_t others_count;
    int64_t text_version;      // of the text that is shown now, and sent along with the answer
    struct str text;           // to the reader, as the one whom they answer for
    int64_t given_version;     // of what the reader had before them at their answer; 0: has not answered
    struct str given_text;
    struct str error;
};

// Somebody who can be made a giver, on the coordinator's page.
struct propose_view_giver {
    int64_t dialogue;
    int64_t person;
    struct avatar avatar;
    struct str name, relation;
    bool citizen;
    bool asked;                // must agree to new participants
    struct str basis;          // as what
};

// A proposal, on the coordinator's page.
struct propose_view_item {
    int64_t dialogue;
    int64_t proposal;
    struct avatar avatar;
    struct str name, relation, status;
    struct str givers;         // "Emil: ja. Mette: har ikke svaret."
    bool may_take_back;
};

// GET /dialogue/{dialogue#}/consent. POST …/givers (person, basis), …/{proposal#}/take-back.
struct propose_view_list {
    int64_t dialogue;
    struct str topic;
    bool any;                  // somebody must agree
    struct str unasked;        // names of whose invitations are taken back when somebody must agree; empty: none
    int64_t unasked_count;
    const struct propose_view_giver *givers;
    size_t givers_count;
    const struct propose_view_item *proposals;
    size_t proposals_count;
    struct str error;
};

// GET and POST /dialogue/{dialogue#}/consent/propose: somebody from the staff list (person) or somebody who comes by link.
struct propose_view {
    int64_t dialogue;
    struct str topic;
    int64_t person;            // 0: by link
    struct avatar avatar;
    struct str person_name, person_title;
    int64_t kind;              // by link: 1 relative, 2 external
    bool may_external;         // the reader may propose others than relatives
    bool may_law;              // the reader may let somebody in by law
    bool law;                  // chosen
    struct str givers;         // who will be asked: "Emil og Mette"
    struct str name, name_error, email, email_error, relation, relation_error, purpose, purpose_error;
    struct str statute, statute_error, reason, reason_error;
    struct str error;
};
