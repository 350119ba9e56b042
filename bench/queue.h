// SPDX-License-Identifier: MPL-2.0
// A simulation of one installation, event by event: people ask at random times (a Poisson process
// whose rate changes each minute), the cores serve them in the order in which they came, and what
// is written waits for the writer. There is one writer: it takes all that waits, works on it on
// one core (before those who ask, for it is the narrow place), waits for the disk, and lets all of
// them go at once.
//
// Times are in seconds. The same seed gives the same run.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_KINDS 4
#define QUEUE_CORES 64
#define QUEUE_JOBS_MAX ((size_t)16 << 20)
#define QUEUE_STEPS 1440

// One kind of request.
struct queue_kind {
    double share;   // of all requests; together 1
    double cpu;     // on any core
    double write;   // then on the writer's, in its transaction
    bool writes;    // otherwise it is answered without the writer
};

struct queue_load {
    struct queue_kind kinds[QUEUE_KINDS];
    size_t kind_count;
    unsigned cores;
    double sync;           // the disk's part of a commit
    bool varied;           // 'cpu' is the mean of an exponential distribution, not each one's time
    const double *rates;   // requests a second, of each step
    size_t steps;          // at most QUEUE_STEPS
    double step;           // its length
    size_t from, before;   // the steps whose requests are told of
    uint64_t seed;
};

// Of the requests that came in the steps [from, before).
struct queue_result {
    size_t requests;
    double rate;               // a second
    double mean, p50, p99;     // until the answer
    double service;            // mean time of a core and of the writer's work, without any waiting
    double used;               // part of all cores' time that was used in the busiest of these steps
    double batch;              // requests in a transaction, in the mean of the whole run
};

// 0, -ENOMEM, -E2BIG (more requests than QUEUE_JOBS_MAX), -EINVAL.
int queue_run(const struct queue_load *load, struct queue_result *ret_result);

// A random number between 0 and 1, neither included; the next one of the sequence that 'state' began.
double queue_chance(uint64_t *state);
