// SPDX-License-Identifier: MPL-2.0
// Closing a dialogue with a reason, and opening it again.
#pragma once

#include "feature/dialogue/dialogue.h"

#define CLOSING_REASON_MAX 300   // characters

struct closing {
    int64_t at;         // ms
    int64_t by;         // person
    struct str reason;
};

// dialogue_close with a reason, which is kept.
int closing_make(struct dialogue *dialogue, struct str reason);

// dialogue_reopen, which is kept too.
int closing_undo(struct dialogue *dialogue);

// Why the dialogue was closed the last time. -ENOENT when nobody closed it by hand.
int closing_get(struct dialogue *dialogue, struct closing *ret_closing);
