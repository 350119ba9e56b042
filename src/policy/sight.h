// SPDX-License-Identifier: MPL-2.0
// How much one person may see of another's looking: a policy for fields. docs/review.md tells why.
#pragma once

#include "policy/policy.h"

// Each step shows what the ones before it show, and more.
enum sight {
    SIGHT_NOTHING,
    SIGHT_WHETHER,   // the role, and whether the person has read
    SIGHT_ROLE,      // role and unit, when and how often
    SIGHT_NAME,      // the name as well
    SIGHT_COUNT
};

// What somebody who is 'viewer' to a dialogue sees of somebody who is, or was, 'viewed' to it. RELATION_NONE as viewed: looked without taking part, which
// only people at work can. Unset and unknown values see nothing, and nothing of them is seen.
enum sight policy_sight(enum relation viewer, enum relation viewed);

// Names as in the matrix; "?" for unknown values.
const char *policy_sight_name(enum sight sight);
