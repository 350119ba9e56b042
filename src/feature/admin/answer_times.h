// SPDX-License-Identifier: MPL-2.0
// How long citizens and relatives wait for an answer. A question is a message of somebody who does not work here, when the one before was not (who writes three
// times in a row waits once); its answer is the next message of an employee in the dialogue, whoever they are.
#pragma once

#include "base/arena.h"
#include "store/db.h"

#define ANSWER_TIMES_MAX 20000   // questions of one unit and month that are looked at
#define ANSWER_SPANS 3

// Days within which an answer is counted.
extern const int64_t answer_spans[ANSWER_SPANS];

struct answer_times {
    int64_t questions;               // asked in the span of time
    int64_t answered;
    int64_t median;                  // ms, of those that were answered; 0: none
    int64_t within[ANSWER_SPANS];    // answered within so many days
    int64_t due[ANSWER_SPANS];       // of which that can be said: answered, or asked longer ago
};

// Of the questions that were asked in a unit from one time on and before another (ms).
int answer_times(struct db *db, struct arena *arena, int64_t unit, int64_t from, int64_t until, int64_t now, struct answer_times *ret_times);
