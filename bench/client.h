// SPDX-License-Identifier: MPL-2.0
// A load generator: one thread, many connections that are kept alive, one request at a time on
// each.
#pragma once

#include "base/str.h"

#define CLIENT_STATUSES 8

// A request that is sent at its time, however the earlier ones fare.
struct client_due {
    int64_t at;       // microseconds from the end of the warm-up
    size_t request;   // which of the load's
};

struct client_load {
    uint16_t port;   // of 127.0.0.1
    unsigned connections;
    int64_t warm_up;              // microseconds that are not counted
    int64_t duration;             // microseconds that are
    const struct str *requests;   // raw bytes; sent in turn
    size_t request_count;
    bool own;          // instead each connection always sends the request of its own number
    int64_t pause;     // microseconds from an answer to the next request of its connection
    // Instead of one request after another on each connection: these, in the order of their times, each on a
    // connection that is free, or as soon as one is. How long one took counts from its time, not from
    // when it could be sent. After them there must be time in 'duration' for the last answers.
    const struct client_due *schedule;
    size_t scheduled;
    const struct str
        *cookies;   // one for each connection, in turn; may be none. Put in place of "{cookie}"
    size_t cookie_count;
    unsigned statuses[CLIENT_STATUSES];   // the expected ones, ended by 0
    int pid;   // of the server, whose processor time is measured; 0: none
};

struct client_result {
    uint64_t answers;          // with an expected status
    uint64_t wrong;            // with another one
    uint64_t broken;           // connections that ended
    unsigned wrong_status;     // the last wrong one
    int64_t elapsed;           // microseconds
    int64_t p50, p99, worst;   // microseconds
    int64_t cpu;               // microseconds of the server while it was counted; -1: not known
    int64_t user, system;      // of these
    uint64_t bytes;            // of the answers
};

// Sends requests until the time is over. "{n}" in a request becomes a number of ten digits that is
// never used twice. 0, -ENOMEM, or -ECONNREFUSED when nobody listens.
int client_run(const struct client_load *load, struct client_result *ret_result);
