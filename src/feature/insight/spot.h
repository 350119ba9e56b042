// SPDX-License-Identifier: MPL-2.0
// Spot checks: which looks are drawn. Pure functions; docs/review.md has the formula and the reasons.
#pragma once

#include <stddef.h>
#include <stdint.h>

// What was unusual about a look. Stored: never renumber, only append.
enum spot_sign {
    SPOT_OUTSIDE = 1,   // at something of another unit
    SPOT_NIGHT = 2,     // between 22 and 6
    SPOT_SILENT = 4,    // nothing was written there afterwards
    SPOT_MANY = 8,      // the person looked at many citizens that day
};

#define SPOT_MANY_FROM 10   // so many citizens in a day are nothing unusual

// All that a person looked at in one dialogue in one day, or one look-up.
struct spot_look {
    int64_t looker, dialogue, about;
    int64_t first_record, last_record;   // of the log
    int64_t signs;
    int64_t citizens;                    // that the person looked at that day
};

// How likely it is to be drawn, against others: 1 for the usual, at most 17.
int64_t spot_weight(const struct spot_look *look);

// Numbers that look random, the same again for the same beginning (SplitMix64; Steele, Lea and Flood 2014).
struct spot_random {
    uint64_t state;
};
uint64_t spot_random_next(struct spot_random *random);

// Draws up to 'wanted' looks without putting any back, each with the chance of its weight against those that are left, and moves them to the front.
// Gives how many were drawn.
size_t spot_draw(struct spot_random *random, struct spot_look *looks, size_t count, size_t wanted);
