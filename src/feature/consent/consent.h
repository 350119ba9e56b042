// SPDX-License-Identifier: MPL-2.0
// Consent: who must agree before somebody takes part, what was answered, and what follows.
//
// A proposed person is no participant: a proposal holds no key and opens nothing. Once all givers have agreed the person is admitted on terms
// (dialogue.h), which are what every read is held against. Records of answers are only ever added.
#pragma once

#include "feature/consent/consent_machine.h"
#include "audit/audit.h"
#include "base/config.h"
#include "feature/dialogue/dialogue.h"

struct app;

#define CONSENT_GIVERS_MAX 5
#define CONSENT_PROPOSALS_MAX 200    // of one dialogue that are shown
#define CONSENT_LIST_MAX 200         // of one giver that are shown
#define CONSENT_PURPOSE_MAX 300      // characters
#define CONSENT_NEAR_MS (30 * DAY_MS)

// What somebody's answer stands on. Stored: never renumber, only append.
enum consent_basis {
    CONSENT_BASIS_UNSET,
    CONSENT_BASIS_OWN,        // the citizen's own consent
    CONSENT_BASIS_ATTORNEY,   // a relative's, with power of attorney
    CONSENT_BASIS_CUSTODY,    // a relative's, with custody of a child
    CONSENT_BASIS_STATUTE,    // none is needed: the law says so, and a coordinator has decided
    CONSENT_BASIS_COUNT
};

struct consent_giver {
    int64_t person;
    enum consent_basis basis;
};

// Who must agree to new participants. No givers: nobody is asked. Who takes part no longer is not asked either; when nobody is left of those who were chosen, the
// citizen is.
struct consent_rule {
    int64_t version;   // 0: was never set
    struct consent_giver givers[CONSENT_GIVERS_MAX];
    size_t count;
};

int consent_rule_get(const struct dialogue_scene *scene, int64_t dialogue, struct consent_rule *ret_rule);

// Makes somebody a giver, or no longer (basis CONSENT_BASIS_UNSET). Only the citizen and relatives who take part and see all. -EINVAL for others, -E2BIG.
// Proposals that wait already keep the givers that they were made with. Open invitations of whom nobody was asked (invitation_list_unasked) are taken
// back as somebody becomes a giver.
int consent_rule_set(struct dialogue *dialogue, int64_t person, enum consent_basis basis);

// Somebody who is to take part.
struct proposal {
    int64_t id;
    int64_t dialogue;
    enum proposal_state state;      // as of the scene's time
    int64_t person;                 // 0: will come by link
    int64_t invitation;             // the link, once all have agreed; 0: none
    int64_t proposer;
    int64_t created, changed;       // ms
    enum relation relation;
    struct str name, words, email;  // name: as proposed; email: of who comes by link
    struct str purpose;             // why they are to take part
    struct str statute, reason;     // by law: reference, and why
    struct consent_giver givers[CONSENT_GIVERS_MAX];
    size_t givers_count;
    struct dialogue_terms terms;    // once active
};

struct proposal_new {
    int64_t person;                 // 0: by link
    int64_t proposer;               // 0: the dialogue's member
    enum relation relation;
    struct str name, words, email, purpose, statute, reason;   // a statute: no giver is asked
};

// Proposes somebody as the dialogue's member; who is proposed by law is admitted at once. -EEXIST when they take part or are proposed already,
// -EINVAL when nobody is to be asked and no statute is given, -E2BIG.
int proposal_make(struct dialogue *dialogue, const struct proposal_new *what, int months, int64_t *ret_id);

// -ENOENT.
int proposal_get(const struct dialogue_scene *scene, int64_t id, struct proposal *ret_proposal);

// Of a dialogue, the newest first.
int proposal_list(const struct dialogue_scene *scene, int64_t dialogue, const struct proposal **ret_list, size_t *ret_count);

// Before somebody is let in, by a proposal or (0) otherwise: what let them in before their part was ended is over for good, and so is what still waits for
// an answer, which would let them in once more after their part was ended.
int proposal_settle(struct dialogue *dialogue, int64_t person, int64_t by);

// Takes back a proposal that waits. -EINVAL when it does not.
int proposal_take_back(struct dialogue *dialogue, int64_t id);

// The proposal that an invitation was made for, as somebody accepts it. -ENOENT when it is not active any more, or has run out.
int proposal_of_invitation(const struct dialogue_scene *scene, int64_t id, int64_t invitation, struct proposal *ret_proposal);

// Who came by the link.
int proposal_arrived(const struct dialogue_scene *scene, struct proposal *proposal, int64_t person);

// One giver's consent to one proposal: the sum of its records.
struct consent {
    int64_t proposal;
    int64_t dialogue;
    int64_t giver;
    enum consent_state state;   // as of the scene's time
    enum consent_basis basis;
    int64_t record;             // the newest that grants; 0: none
    int64_t newest;             // the newest of all
    int64_t asked, answered;    // ms; answered 0: not yet
    int64_t granted;            // ms: the first yes, which renewing does not move; 0: none
    int64_t ended;              // ms: withdrawn or declined; 0: not
    int64_t until;              // ms; 0: not granted
    bool from_today;
    int64_t assurance;          // login assurance level of the newest answer
    int64_t text_version;       // the text that the giver had before them (consent_text.h); 0: none was shown
};

// -ENOENT when the person was not asked.
int consent_get(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t giver, struct consent *ret_consent);

// When all givers had agreed, and whether the person sees only what was written since, because one of them said so. 0 ms: not all have. Where a yes had run
// out before the last one was given, the person was let in later than that, by a renewal.
int consent_begins(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t *ret_ms, bool *ret_from_today);

// All that somebody was asked, the newest first.
int consent_list(const struct dialogue_scene *scene, int64_t giver, const struct consent **ret_list, size_t *ret_count);
void consent_ask_list(const struct dialogue_scene *scene, int64_t giver);   // ahead (db_ask)

// One record of a consent: it is only ever added to.
#define CONSENT_STEPS_MAX 100
struct consent_step {
    enum consent_event event;
    int64_t at, until;        // ms; until 0: not granted
    bool from_today;
    int64_t text_version, assurance;
    enum consent_basis basis;
};

// All records of a giver's consent, the first one first; room for CONSENT_STEPS_MAX.
int consent_history(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t giver, struct consent_step *ret_steps, size_t *ret_count);

struct consent_told {
    int64_t version;
    struct str words;
};

// A consent as it is told to who gave it, or how the law lets somebody into a dialogue about oneself.
struct consent_line {
    int64_t proposal, dialogue, person;   // person 0: came, or is to come, by link
    struct str name;                      // who is let in
    struct str words;                     // what they are to the citizen
    struct str topic;                     // of the dialogue; empty when it can't be seen
    struct str purpose;                   // why, as it was asked
    struct str statute, reason;           // by law
    struct str question, status, sees;    // in words
    int64_t since;                        // by law: ms
    const struct consent_step *steps;     // none by law
    const struct str *steps_words;        // the same in words
    size_t steps_count;
    const struct consent_told *told;      // each version of the text that the person had before them (consent_text.h), in the reader's language
    size_t told_count;
};

// All of who is signed in, the newest first, in the scratch arena, at most CONSENT_LIST_MAX; by law behind them. A line lives during the call. Ends with what
// each() returns when that is not 0.
struct request;
int consent_tell_all(struct request *request, struct arena *scratch, int (*each)(void *context, const struct consent_line *line), void *context);

struct consent_answer {
    int64_t giver;
    bool from_today;
    int months;           // how long, at most consent_months_max
    int64_t assurance;
    int64_t text_version; // of the text that the giver had before them (consent_text.h)
};

// What an answer changed; for telling others after the commit.
struct consent_effect {
    struct dialogue *dialogue;   // as its citizen; NULL: nothing that others see
    int64_t removed;             // person whose access ended; 0: nobody
};

// The giver agrees; when all have, the person is admitted. -EINVAL when there is nothing to answer, -ENOENT for who was not asked, -ESHUTDOWN when the
// dialogue is closed.
int consent_grant(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect);
int consent_decline(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect);

// Takes a consent back: the person's access ends with this commit. -EINVAL when there is none.
int consent_withdraw(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect);

// Agrees anew, from now on, also after it has run out. -EINVAL when there is nothing to renew.
int consent_renew(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect);

// The end of a consent that is given now for a number of months: the beginning of the day with the same date. A day that the month does not have
// becomes the first of the next, so that it always lasts through the day before.
int64_t consent_until(int64_t now, int months);

// What the configuration says: consent.months (the longest time, default 12), consent.reminders (days before the end, default "30 7 1") and
// consent.close_days (how long a dialogue may stay locked before it is closed, default 30).
#define CONSENT_REMINDERS_MAX 8
struct consent_settings {
    int months;
    int64_t reminders[CONSENT_REMINDERS_MAX];   // days
    size_t reminders_count;
    int64_t close_ms;
};

// -EINVAL (logged) when they make no sense.
int consent_settings_read(const struct config *config, struct consent_settings *ret_settings);

// What time brings: notes who is to be reminded of what (consent_notices, and the table consent_reminder for those who send mail), and closes dialogues
// that have been locked for too long; each of these goes into the log. Reading never waits for it. In a write transaction.
int consent_tick(const struct dialogue_scene *scene, struct audit *audit, const struct consent_settings *settings);

// Somebody's attention is wanted: on the start page.
enum consent_notice_kind {
    CONSENT_NOTICE_UNSET,
    CONSENT_NOTICE_ASKED,      // a giver has not answered
    CONSENT_NOTICE_SOON,       // what a giver has given runs out soon
    CONSENT_NOTICE_OVER,       // it has run out: the dialogue is locked
    CONSENT_NOTICE_OTHERS,     // for a coordinator: somebody's consent runs out soon, or has
};

struct consent_notice {
    enum consent_notice_kind kind;
    int64_t proposal, dialogue;
    struct str name;           // whom it is about
    int64_t until;             // ms; 0: not given
};

#define CONSENT_NOTICES_MAX 20
int consent_notices(const struct dialogue_scene *scene, int64_t person, const struct consent_notice **ret_list, size_t *ret_count);
void consent_ask_notices(const struct dialogue_scene *scene, int64_t person);   // ahead (db_ask)

// Writes the machines as docs/consent.md shows them.
void consent_draw(FILE *out);

// The duty that runs consent_tick when the server starts and every few minutes.
struct consent_duty;
int consent_duty_new(struct app *app, struct consent_duty **ret_duty);
void consent_duty_tick(struct consent_duty *duty, int64_t monotonic_ms);
void consent_duty_free(struct consent_duty *duty);   // NULL is allowed
