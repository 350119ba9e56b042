// SPDX-License-Identifier: MPL-2.0
// The three machines of consent: what state follows from which event. Pure; docs/consent.md is drawn from the tables.
#pragma once

#include "policy/policy.h"

#include <stdbool.h>
#include <stddef.h>

// One giver's consent to one person. Expiring and expired follow from the time; the others from records.
enum consent_state {
    CONSENT_NONE,        // nothing has happened, or what happened is not allowed
    CONSENT_REQUESTED,
    CONSENT_GRANTED,
    CONSENT_EXPIRING,    // granted, and soon over
    CONSENT_EXPIRED,
    CONSENT_DECLINED,
    CONSENT_WITHDRAWN,
    CONSENT_ENDED,       // the person is no longer proposed, or no longer there
    CONSENT_STATE_COUNT
};

// Stored in records: never renumber, only append.
enum consent_event {
    CONSENT_EVENT_UNSET,
    CONSENT_ASK,
    CONSENT_GRANT,
    CONSENT_DECLINE,
    CONSENT_NEAR_END,    // by time
    CONSENT_EXPIRE,      // by time
    CONSENT_RENEW,       // a new record: the one before stays as it is
    CONSENT_WITHDRAW,
    CONSENT_END,
    CONSENT_EVENT_COUNT
};

enum consent_state consent_next(enum consent_state state, enum consent_event event);

// Somebody who is to take part. Stored (lapsed is not: it follows from the time): never renumber, only append.
enum proposal_state {
    PROPOSAL_NONE,
    PROPOSAL_PROPOSED,
    PROPOSAL_AWAITING,   // sees nothing, is told nothing
    PROPOSAL_ACTIVE,
    PROPOSAL_REJECTED,
    PROPOSAL_REMOVED,
    PROPOSAL_LAPSED,     // a needed consent has run out
    PROPOSAL_STATE_COUNT
};

enum proposal_event {
    PROPOSAL_EVENT_UNSET,
    PROPOSAL_ASK,        // the givers are asked
    PROPOSAL_BY_LAW,     // a statute stands instead of consent
    PROPOSAL_AGREED,     // all givers have granted
    PROPOSAL_DECLINED,   // one has not
    PROPOSAL_TAKEN_BACK,
    PROPOSAL_LAPSE,      // by time
    PROPOSAL_RENEWED,
    PROPOSAL_WITHDRAWN,
    PROPOSAL_REMOVE,     // excluded, or left
    PROPOSAL_EVENT_COUNT
};

enum proposal_state proposal_next(enum proposal_state state, enum proposal_event event);

// The dialogue; its states stand in policy/policy.h.
enum dialogue_event {
    DIALOGUE_EVENT_UNSET,
    DIALOGUE_LAPSE,      // by time: a consent that is needed has run out
    DIALOGUE_MEND,       // it was renewed, or the person removed
    DIALOGUE_CLOSE,      // by a coordinator; by itself when it has been locked too long
    DIALOGUE_REOPEN,     // only while nothing that it needs has run out
    DIALOGUE_JOURNALISE,
    DIALOGUE_EVENT_COUNT
};

enum dialogue_state dialogue_next(enum dialogue_state state, enum dialogue_event event);

// What somebody in a state reads of a dialogue in a state.
enum consent_sight { CONSENT_SEES_NOTHING, CONSENT_SEES_ALL, CONSENT_SEES_FROM_TODAY };
enum consent_sight consent_sight(enum proposal_state person, bool from_today, enum dialogue_state dialogue, bool citizen_or_coordinator);

// What somebody in a state is to the dialogue, as the policy is asked: 'as' once they take part.
enum relation consent_relation(enum proposal_state person, enum relation as);

// Names as in docs/consent.md; "?" for unknown values.
const char *consent_state_name(enum consent_state state);
const char *consent_event_name(enum consent_event event);
const char *proposal_state_name(enum proposal_state state);
const char *proposal_event_name(enum proposal_event event);
const char *dialogue_event_name(enum dialogue_event event);
