// SPDX-License-Identifier: MPL-2.0
// Reviews: questions of people who were looked at, and spot checks of looks. Each is signed off by a reviewer who did not do the looking.
#pragma once

#include "feature/account/account.h"

// Stored: never renumber, only append.
enum review_cause { REVIEW_UNSET, REVIEW_ASKED, REVIEW_DRAWN };
enum review_outcome { REVIEW_OPEN, REVIEW_IN_ORDER, REVIEW_NOT_IN_ORDER, REVIEW_PASSED_ON, REVIEW_OUTCOMES };

#define REVIEW_TEXT_MAX 1000   // characters of question, note and answer
#define REVIEW_ASKED_MAX 20    // questions of one person that wait at the same time
#define REVIEW_LIST_MAX 100

struct review {
    int64_t id;
    int64_t unit;                        // whose reviewers it is for; 0: any
    enum review_cause cause;
    int64_t looker, dialogue, about;     // who looked at which dialogue (0: none) of whom (0: not known)
    int64_t first_record, last_record;   // of the log
    int64_t asker;                       // 0: drawn
    int64_t signs;                       // enum spot_sign
    int64_t created, closed;             // ms; closed 0: open
    int64_t reviewer;
    enum review_outcome outcome;
    struct str question, note, answer;   // empty: none
};

// Adds a review; id, created, closed and what follows are ignored. In a write transaction. Of questions: -EEXIST when the asker has asked about that record,
// -E2BIG when too many of theirs wait.
int review_add(const struct account_scene *scene, const struct review *what, int64_t *ret_id);

int review_get(const struct account_scene *scene, int64_t id, struct review *ret_review);

// Whether somebody may see a review: a reviewer of its unit, or any reviewer where the unit has none but the one who looked.
int review_is_for(const struct account_scene *scene, const struct review *review, int64_t reviewer, bool *ret_is);

// Signs off. -EACCES for one's own looking, -EALREADY when it is closed.
int review_close(const struct account_scene *scene, const struct review *review, int64_t reviewer, enum review_outcome outcome, struct str note, struct str answer);

// Lists of at most REVIEW_LIST_MAX, in the scene's arena. Rows that do not open are left out (logged).
enum review_list { REVIEW_LIST_OPEN /* for a reviewer, the oldest first */, REVIEW_LIST_CLOSED, REVIEW_LIST_ASKED /* by a person */, REVIEW_LIST_TOLD /* to a person */ };
int review_list(const struct account_scene *scene, enum review_list list, int64_t person, size_t max, const struct review **ret_list, size_t *ret_count);

int review_was_asked(const struct account_scene *scene, int64_t asker, int64_t record, bool *ret_asked);
void review_ask_was_asked(const struct account_scene *scene, int64_t asker, int64_t record);   // ahead (db_ask)
