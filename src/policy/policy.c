// SPDX-License-Identifier: MPL-2.0
#include "policy/policy.h"

// In which states of a dialogue a relation has a permission.
enum states {
    NEVER = 0,
    OPEN = 1 << DIALOGUE_OPEN,
    LOCKED = 1 << DIALOGUE_LOCKED,
    CLOSED = 1 << DIALOGUE_CLOSED,
    JOURNALISED = 1 << DIALOGUE_JOURNALISED,
    SIDE = 1 << DIALOGUE_SIDE,
    SIDE_ENDED = 1 << DIALOGUE_SIDE_ENDED,
    SIDES = SIDE | SIDE_ENDED,         // only employees are ever in one
    UNLOCKED = OPEN | CLOSED | JOURNALISED,
    LIVING = OPEN | LOCKED | CLOSED,   // it may still be written in one day
    ALWAYS = UNLOCKED | LOCKED,
};

// Who must have signed in at all.
enum roles {
    PUBLIC = 1 << ROLE_PUBLIC,
    EMPLOYEE = 1 << ROLE_EMPLOYEE,
    ADMINISTRATOR = 1 << ROLE_ADMINISTRATOR,
    STAFF = EMPLOYEE | ADMINISTRATOR,
    SIGNED_IN = PUBLIC | STAFF,
    ANYONE = 1 << ROLE_ANONYMOUS | SIGNED_IN,
};

// The permissions that hang on nothing but the role.
static const unsigned by_role[PERMISSION_COUNT] = {
    [PERMISSION_ANYONE] = ANYONE,
    [PERMISSION_SIGNED_IN] = SIGNED_IN,
    [PERMISSION_EMPLOYEE] = EMPLOYEE,
    [PERMISSION_ADMINISTER] = ADMINISTRATOR,
    [PERMISSION_REVIEW] = EMPLOYEE,   // who is appointed, see below
};

// The permissions for which one must be appointed besides.
static const bool by_appointment[PERMISSION_COUNT] = {
    [PERMISSION_REVIEW] = true,
};

// The permissions in a dialogue: relation by relation, the states in which it is given. What is not here is denied.
static const unsigned by_relation[PERMISSION_COUNT][RELATION_COUNT] = {
    [PERMISSION_DIALOGUE_READ] = {
        [RELATION_CITIZEN] = ALWAYS,
        [RELATION_RELATIVE] = UNLOCKED,
        [RELATION_READER] = UNLOCKED,
        [RELATION_PROFESSIONAL] = UNLOCKED | SIDES,
        [RELATION_EXTERNAL] = UNLOCKED,
        [RELATION_COORDINATOR] = ALWAYS | SIDES,
    },
    [PERMISSION_DIALOGUE_WRITE] = {
        [RELATION_CITIZEN] = OPEN,
        [RELATION_RELATIVE] = OPEN,
        [RELATION_PROFESSIONAL] = OPEN | SIDE,
        [RELATION_EXTERNAL] = OPEN,
        [RELATION_COORDINATOR] = OPEN | SIDE,
    },
    [PERMISSION_PARTICIPANT_INVITE] = {
        [RELATION_CITIZEN] = OPEN,   // the invitation feature lets the citizen choose relatives only
        [RELATION_COORDINATOR] = OPEN,
    },
    [PERMISSION_PARTICIPANT_ADMINISTER] = {
        [RELATION_COORDINATOR] = LIVING | SIDE,
    },
    [PERMISSION_DIALOGUE_JOURNAL] = {
        [RELATION_COORDINATOR] = ALWAYS | SIDES,
    },
    [PERMISSION_DIALOGUE_LEAVE] = {
        [RELATION_RELATIVE] = ALWAYS,
        [RELATION_READER] = ALWAYS,
        [RELATION_PROFESSIONAL] = ALWAYS | SIDES,
        [RELATION_EXTERNAL] = ALWAYS,
        [RELATION_COORDINATOR] = ALWAYS | SIDES,
    },
    [PERMISSION_PARTICIPANT_ADD] = {
        [RELATION_COORDINATOR] = OPEN,
    },
    [PERMISSION_CONSENT_ADMINISTER] = {
        [RELATION_COORDINATOR] = LIVING,
    },
    [PERMISSION_POST_HIDE] = {
        [RELATION_COORDINATOR] = LIVING | SIDES,
    },
    [PERMISSION_DIALOGUE_CLOSE] = {
        [RELATION_COORDINATOR] = OPEN | LOCKED,
    },
    [PERMISSION_DIALOGUE_REOPEN] = {
        [RELATION_COORDINATOR] = CLOSED,
    },
    [PERMISSION_SIDE_TALK] = {
        [RELATION_COORDINATOR] = OPEN | LOCKED,
    },
    [PERMISSION_ACCESS_GIVE] = {
        [RELATION_CITIZEN] = ALWAYS,
    },
    [PERMISSION_SIDE_TALK_END] = {
        [RELATION_COORDINATOR] = SIDE,
    },
};

// The role that a relation presumes: who no longer is employed can't go on as a professional or coordinator.
static const unsigned role_of_relation[RELATION_COUNT] = {
    [RELATION_CITIZEN] = SIGNED_IN,
    [RELATION_RELATIVE] = SIGNED_IN,
    [RELATION_PROFESSIONAL] = STAFF,
    [RELATION_EXTERNAL] = SIGNED_IN,
    [RELATION_COORDINATOR] = STAFF,
    [RELATION_READER] = SIGNED_IN,
};

static bool is_known(unsigned value, unsigned count)
{
    return value > 0 && value < count;
}

bool policy_allows(enum permission permission, const struct policy_subject *subject)
{
    if (!is_known(permission, PERMISSION_COUNT) || !is_known(subject->role, ROLE_COUNT) ||
        !is_known(subject->relation, RELATION_COUNT) || !is_known(subject->state, DIALOGUE_STATE_COUNT))
        return false;
    if (by_appointment[permission] && !subject->reviewer)
        return false;
    unsigned role = 1u << subject->role;
    if (by_role[permission])
        return by_role[permission] & role;
    return (role_of_relation[subject->relation] & role) &&
           (by_relation[permission][subject->relation] & (1u << subject->state));
}

bool policy_in_dialogue(enum permission permission)
{
    return is_known(permission, PERMISSION_COUNT) && !by_role[permission];
}

static const char *name_of(const char *const *names, unsigned value, unsigned count)
{
    return is_known(value, count) && names[value] ? names[value] : "?";
}

const char *policy_permission_name(enum permission permission)
{
    static const char *const names[PERMISSION_COUNT] = {
        [PERMISSION_ANYONE] = "anyone",
        [PERMISSION_SIGNED_IN] = "signed-in",
        [PERMISSION_EMPLOYEE] = "employee",
        [PERMISSION_DIALOGUE_READ] = "dialogue-read",
        [PERMISSION_DIALOGUE_WRITE] = "dialogue-write",
        [PERMISSION_PARTICIPANT_INVITE] = "participant-invite",
        [PERMISSION_PARTICIPANT_ADMINISTER] = "participant-administer",
        [PERMISSION_DIALOGUE_LEAVE] = "dialogue-leave",
        [PERMISSION_ADMINISTER] = "administer",
        [PERMISSION_PARTICIPANT_ADD] = "participant-add",
        [PERMISSION_CONSENT_ADMINISTER] = "consent-administer",
        [PERMISSION_DIALOGUE_JOURNAL] = "dialogue-journal",
        [PERMISSION_REVIEW] = "review",
        [PERMISSION_POST_HIDE] = "post-hide",
        [PERMISSION_DIALOGUE_CLOSE] = "dialogue-close",
        [PERMISSION_DIALOGUE_REOPEN] = "dialogue-reopen",
        [PERMISSION_SIDE_TALK] = "side-talk",
        [PERMISSION_SIDE_TALK_END] = "side-talk-end",
        [PERMISSION_ACCESS_GIVE] = "access-give",
    };
    return name_of(names, permission, PERMISSION_COUNT);
}

const char *policy_role_name(enum role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_ANONYMOUS] = "anonymous",
        [ROLE_PUBLIC] = "public",
        [ROLE_EMPLOYEE] = "employee",
        [ROLE_ADMINISTRATOR] = "administrator",
        [ROLE_FORMER] = "former",
    };
    return name_of(names, role, ROLE_COUNT);
}

const char *policy_relation_name(enum relation relation)
{
    static const char *const names[RELATION_COUNT] = {
        [RELATION_NONE] = "none",
        [RELATION_CITIZEN] = "citizen",
        [RELATION_RELATIVE] = "relative",
        [RELATION_PROFESSIONAL] = "professional",
        [RELATION_EXTERNAL] = "external",
        [RELATION_COORDINATOR] = "coordinator",
        [RELATION_FORMER] = "former",
        [RELATION_READER] = "reader",
    };
    return name_of(names, relation, RELATION_COUNT);
}

const char *policy_state_name(enum dialogue_state state)
{
    static const char *const names[DIALOGUE_STATE_COUNT] = {
        [DIALOGUE_NONE] = "none",
        [DIALOGUE_OPEN] = "open",
        [DIALOGUE_CLOSED] = "closed",
        [DIALOGUE_LOCKED] = "locked",
        [DIALOGUE_JOURNALISED] = "journalised",
        [DIALOGUE_SIDE] = "side",
        [DIALOGUE_SIDE_ENDED] = "side-ended",
        [DIALOGUE_ERASED] = "erased",
    };
    return name_of(names, state, DIALOGUE_STATE_COUNT);
}
