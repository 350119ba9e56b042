// SPDX-License-Identifier: MPL-2.0
// What stands in the log about a person, for that person.
#pragma once

#include "feature/insight/log_words.h"

#define LOG_RECORDS_MAX 200    // of one page, before it is folded
#define LOG_SCAN_MAX 20000     // records looked at in each stream of one page

// Which records are wanted. 0 and FORM_NO_DATE: all.
struct log_filter {
    bool own;                  // what the reader did; otherwise what others did
    enum log_group group;      // LOG_NONE: all
    int64_t person, unit, dialogue;
    int64_t from, until;       // local days since 1970, both included
    int64_t before;            // of the log's numbers; 0: from the newest
};

struct log_found {
    const struct audit_record *records;   // newest first
    size_t count;
    int64_t older;                        // there may be older ones: before this number; 0: that was all
};

// Gathers what the page's reader may see. A reader sees all of the dialogues that are about them, what was done with them outside dialogues,
// and all that they did themself. Whoever is named in a dialogue without taking part in it (yet) sees nothing of it.
int log_gather(struct people *people, const struct log_filter *filter, struct log_found *ret_found);

// One record, if the page's reader may see it as theirs or as one who read along in a dialogue of theirs. -ENOENT.
int log_record(struct people *people, int64_t seq, struct audit_record *ret_record);

// How much of who did it the reader sees, and what that person was to the dialogue.
int log_sight(struct people *people, const struct audit_record *record, enum sight *ret_sight, enum relation *ret_relation);
