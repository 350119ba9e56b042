// SPDX-License-Identifier: MPL-2.0
// What the people of a unit looked at on one day, as spot checks see it. Read in portions, so that the writer's other work goes on in between.
#pragma once

#include "audit/audit.h"
#include "feature/insight/spot.h"
#include "store/db.h"

#define GATHER_LOOKS_MAX 20000      // of one unit and day; what is beyond is not drawn from (logged)
#define GATHER_PORTION 20           // people of one portion
#define GATHER_ACTS_MAX 20000       // records of one person that are read

struct gather {
    int64_t unit, day;              // local days since 1970
    int64_t first, end;             // the day's records of the log: from, and the first one behind
    int64_t after;                  // the person who was read last
    struct spot_look *looks;        // GATHER_LOOKS_MAX, owned
    size_t count;
    size_t acts;                    // records that were read, for whoever counts them
    bool whole;                     // all people have been read
};

// Begins with a unit and day. gather->looks must be there.
int gather_begin(struct gather *gather, struct db *db, struct arena *arena, int64_t unit, int64_t day);

// Reads the next portion of people.
int gather_portion(struct gather *gather, struct db *db, struct arena *arena);
