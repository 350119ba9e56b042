// SPDX-License-Identifier: MPL-2.0
#include "feature/consent/consent_machine.h"

// What is not in a table is not allowed.

static const enum consent_state consent_table[CONSENT_STATE_COUNT][CONSENT_EVENT_COUNT] = {
    [CONSENT_NONE] = { [CONSENT_ASK] = CONSENT_REQUESTED },
    [CONSENT_REQUESTED] = { [CONSENT_GRANT] = CONSENT_GRANTED, [CONSENT_DECLINE] = CONSENT_DECLINED, [CONSENT_END] = CONSENT_ENDED },
    [CONSENT_GRANTED] = { [CONSENT_NEAR_END] = CONSENT_EXPIRING, [CONSENT_EXPIRE] = CONSENT_EXPIRED, [CONSENT_RENEW] = CONSENT_GRANTED,
                          [CONSENT_WITHDRAW] = CONSENT_WITHDRAWN, [CONSENT_END] = CONSENT_ENDED },
    [CONSENT_EXPIRING] = { [CONSENT_EXPIRE] = CONSENT_EXPIRED, [CONSENT_RENEW] = CONSENT_GRANTED, [CONSENT_WITHDRAW] = CONSENT_WITHDRAWN,
                           [CONSENT_END] = CONSENT_ENDED },
    [CONSENT_EXPIRED] = { [CONSENT_RENEW] = CONSENT_GRANTED, [CONSENT_WITHDRAW] = CONSENT_WITHDRAWN, [CONSENT_END] = CONSENT_ENDED },
};

static const enum proposal_state proposal_table[PROPOSAL_STATE_COUNT][PROPOSAL_EVENT_COUNT] = {
    [PROPOSAL_PROPOSED] = { [PROPOSAL_ASK] = PROPOSAL_AWAITING, [PROPOSAL_BY_LAW] = PROPOSAL_ACTIVE, [PROPOSAL_TAKEN_BACK] = PROPOSAL_REJECTED },
    [PROPOSAL_AWAITING] = { [PROPOSAL_AGREED] = PROPOSAL_ACTIVE, [PROPOSAL_DECLINED] = PROPOSAL_REJECTED,
                            [PROPOSAL_WITHDRAWN] = PROPOSAL_REJECTED, [PROPOSAL_TAKEN_BACK] = PROPOSAL_REJECTED },
    [PROPOSAL_ACTIVE] = { [PROPOSAL_LAPSE] = PROPOSAL_LAPSED, [PROPOSAL_RENEWED] = PROPOSAL_ACTIVE, [PROPOSAL_WITHDRAWN] = PROPOSAL_REMOVED,
                          [PROPOSAL_REMOVE] = PROPOSAL_REMOVED },
    [PROPOSAL_LAPSED] = { [PROPOSAL_RENEWED] = PROPOSAL_ACTIVE, [PROPOSAL_WITHDRAWN] = PROPOSAL_REMOVED, [PROPOSAL_REMOVE] = PROPOSAL_REMOVED },
};

static const enum dialogue_state dialogue_table[DIALOGUE_STATE_COUNT][DIALOGUE_EVENT_COUNT] = {
    [DIALOGUE_OPEN] = { [DIALOGUE_LAPSE] = DIALOGUE_LOCKED, [DIALOGUE_CLOSE] = DIALOGUE_CLOSED },
    [DIALOGUE_LOCKED] = { [DIALOGUE_MEND] = DIALOGUE_OPEN, [DIALOGUE_CLOSE] = DIALOGUE_CLOSED },
    [DIALOGUE_CLOSED] = { [DIALOGUE_REOPEN] = DIALOGUE_OPEN, [DIALOGUE_JOURNALISE] = DIALOGUE_JOURNALISED },
};

// The first number past an array's end is refused with all above it.
#define NEXT(table, state, event, states, events) \
    ((unsigned)(state) < (states) && (unsigned)(event) < (events) ? (table)[(state)][(event)] : 0)

enum consent_state consent_next(enum consent_state state, enum consent_event event)
{
    return NEXT(consent_table, state, event, CONSENT_STATE_COUNT, CONSENT_EVENT_COUNT);
}

enum proposal_state proposal_next(enum proposal_state state, enum proposal_event event)
{
    return NEXT(proposal_table, state, event, PROPOSAL_STATE_COUNT, PROPOSAL_EVENT_COUNT);
}

enum dialogue_state dialogue_next(enum dialogue_state state, enum dialogue_event event)
{
    return NEXT(dialogue_table, state, event, DIALOGUE_STATE_COUNT, DIALOGUE_EVENT_COUNT);
}

enum consent_sight consent_sight(enum proposal_state person, bool from_today, enum dialogue_state dialogue, bool citizen_or_coordinator)
{
    if (person != PROPOSAL_ACTIVE || (dialogue == DIALOGUE_LOCKED && !citizen_or_coordinator))
        return CONSENT_SEES_NOTHING;
    return from_today ? CONSENT_SEES_FROM_TODAY : CONSENT_SEES_ALL;
}

enum relation consent_relation(enum proposal_state person, enum relation as)
{
    switch (person) {
    case PROPOSAL_ACTIVE:
        return as;
    case PROPOSAL_REMOVED:
    case PROPOSAL_LAPSED:
        return RELATION_FORMER;
    default:
        return RELATION_NONE;
    }
}

#define NAME(names, value, count) ((unsigned)(value) < (count) && (names)[(value)] ? (names)[(value)] : "?")

const char *consent_state_name(enum consent_state state)
{
    static const char *const names[CONSENT_STATE_COUNT] = {
        [CONSENT_NONE] = "none", [CONSENT_REQUESTED] = "requested", [CONSENT_GRANTED] = "granted", [CONSENT_EXPIRING] = "expiring",
        [CONSENT_EXPIRED] = "expired", [CONSENT_DECLINED] = "declined", [CONSENT_WITHDRAWN] = "withdrawn", [CONSENT_ENDED] = "ended",
    };
    return NAME(names, state, CONSENT_STATE_COUNT);
}

const char *consent_event_name(enum consent_event event)
{
    static const char *const names[CONSENT_EVENT_COUNT] = {
        [CONSENT_ASK] = "ask", [CONSENT_GRANT] = "grant", [CONSENT_DECLINE] = "decline", [CONSENT_NEAR_END] = "near the end",
        [CONSENT_EXPIRE] = "run out", [CONSENT_RENEW] = "renew", [CONSENT_WITHDRAW] = "withdraw", [CONSENT_END] = "end",
    };
    return NAME(names, event, CONSENT_EVENT_COUNT);
}

const char *proposal_state_name(enum proposal_state state)
{
    static const char *const names[PROPOSAL_STATE_COUNT] = {
        [PROPOSAL_PROPOSED] = "proposed", [PROPOSAL_AWAITING] = "awaiting", [PROPOSAL_ACTIVE] = "active", [PROPOSAL_REJECTED] = "rejected",
        [PROPOSAL_REMOVED] = "removed", [PROPOSAL_LAPSED] = "lapsed",
    };
    return NAME(names, state, PROPOSAL_STATE_COUNT);
}

const char *proposal_event_name(enum proposal_event event)
{
    static const char *const names[PROPOSAL_EVENT_COUNT] = {
        [PROPOSAL_ASK] = "ask the givers", [PROPOSAL_BY_LAW] = "by statute", [PROPOSAL_AGREED] = "all grant", [PROPOSAL_DECLINED] = "one declines",
        [PROPOSAL_TAKEN_BACK] = "taken back", [PROPOSAL_LAPSE] = "a consent runs out", [PROPOSAL_RENEWED] = "renewed",
        [PROPOSAL_WITHDRAWN] = "one withdraws", [PROPOSAL_REMOVE] = "excluded or leaves",
    };
    return NAME(names, event, PROPOSAL_EVENT_COUNT);
}

const char *dialogue_event_name(enum dialogue_event event)
{
    static const char *const names[DIALOGUE_EVENT_COUNT] = {
        [DIALOGUE_LAPSE] = "a consent runs out", [DIALOGUE_MEND] = "renewed or removed", [DIALOGUE_CLOSE] = "close",
        [DIALOGUE_REOPEN] = "reopen", [DIALOGUE_JOURNALISE] = "journalise",
    };
    return NAME(names, event, DIALOGUE_EVENT_COUNT);
}
