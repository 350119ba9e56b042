// SPDX-License-Identifier: MPL-2.0
// From the log to the view of a person's log page.
#pragma once

#include "feature/insight/log.h"
#include "feature/insight/log_view.h"
#include "feature/insight/review.h"

#define FOLD_MS (30 * MINUTE_MS)   // looks of one person at one thing within this time are one entry

// A record as a sentence: who did it as far as the reader may see, the time, and the reason of a look-up.
struct log_telling {
    struct people_label label;
    struct str sentence, when, reason;
    struct url message;   // the first of the messages that the sentence names, in its dialogue; text empty: none that the reader may see
};
int log_tell(struct people *people, const struct audit_record *record, struct log_telling *ret_telling);

// The whole page.
int log_page_fill(struct people *people, const struct log_filter *filter, struct log_view *ret_view);
