// SPDX-License-Identifier: MPL-2.0
// The server's side of the keeper, as its own files see it.
#pragma once

#include "crypt/keeper_message.h"
#include "crypt/shares.h"

#include <pthread.h>

struct keeper {
    pid_t child;
    int socket;
    pthread_mutex_t lock;   // one question and its answer at a time
    bool lost;              // the two no longer agree about whose turn it is
    struct shares *shares;  // NULL: none
    uint64_t destroyed;     // shares since the start; atomic
    int64_t noted;          // keeper_note_destroyed; atomic
    uint32_t used;          // version of the master key that the child wraps under; atomic
};

// One request and its reply, whose result is exactly result_len bytes.
int keeper_ask(struct keeper *keeper, enum keeper_operation operation, struct bytes fixed, struct bytes variable, uint8_t *ret_result,
               size_t result_len);
