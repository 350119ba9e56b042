// SPDX-License-Identifier: MPL-2.0
#include "policy/sight.h"

// Who looks at work answers for it with their name, to the citizen and to colleagues; relatives and people from outside are told the role. When a private
// person reads is their own affair: the others see whether, so that nobody waits in vain, and no more.
enum sight policy_sight(enum relation viewer, enum relation viewed)
{
    static const enum sight at_work[RELATION_COUNT] = {
        [RELATION_CITIZEN] = SIGHT_NAME,
        [RELATION_PROFESSIONAL] = SIGHT_NAME,
        [RELATION_COORDINATOR] = SIGHT_NAME,
        [RELATION_RELATIVE] = SIGHT_ROLE,
        [RELATION_EXTERNAL] = SIGHT_ROLE,
    };
    if (viewer <= RELATION_UNSET || viewer >= RELATION_COUNT || at_work[viewer] == SIGHT_NOTHING)
        return SIGHT_NOTHING;
    switch (viewed) {
    case RELATION_NONE:
    case RELATION_PROFESSIONAL:
    case RELATION_EXTERNAL:
    case RELATION_COORDINATOR:
        return at_work[viewer];
    case RELATION_CITIZEN:
    case RELATION_RELATIVE:
        return SIGHT_WHETHER;
    default:
        return SIGHT_NOTHING;
    }
}

const char *policy_sight_name(enum sight sight)
{
    static const char *const names[SIGHT_COUNT] = { "nothing", "whether", "role", "name" };
    return (unsigned)sight < SIGHT_COUNT ? names[sight] : "?";
}
