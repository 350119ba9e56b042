// SPDX-License-Identifier: MPL-2.0
// Looking into how others have looked: reviewers, who are employees appointed for one or more units, and the spot checks that are put before them.
#pragma once

#include "feature/account/account.h"
#include "web/app.h"

#define REVIEWER_UNITS_MAX 50
#define REVIEWERS_MAX 50   // of a unit

// Appoints a person for a unit. Who may is the caller's affair; who has done it is sealed into the row. In a write transaction. Appointing twice changes
// nothing.
int reviewer_set(const struct account_scene *scene, int64_t person, int64_t unit, int64_t by);

// Takes that back for all units: also one in which the person has worked before. In a write transaction.
int reviewer_end(const struct account_scene *scene, int64_t person);

// The units that a person reviews, in the scene's arena. Rows that the program did not make are left out (logged).
int reviewer_units(const struct account_scene *scene, int64_t person, const int64_t **ret_units, size_t *ret_count);

// Who reviews a unit, the same way.
int reviewer_of(const struct account_scene *scene, int64_t unit, const int64_t **ret_persons, size_t *ret_count);

// What waits for somebody: questions about looks and spot checks that are theirs to answer and to sign off as a reviewer, and answers to their own questions
// that they have not opened.
struct insight_waiting {
    int64_t questions, checks, answers;
};
int insight_waiting(const struct account_scene *scene, int64_t person, struct insight_waiting *ret_waiting);
void insight_ask_waiting(const struct account_scene *scene, int64_t person);   // ahead (db_ask)

// The duty of drawing spot checks (docs/review.md). tick does what is due and is quick; free waits for what the writer still has, before writer_stop.
struct insight_duty;
int insight_duty_new(struct app *app, struct insight_duty **ret_duty);
void insight_duty_tick(struct insight_duty *duty, int64_t monotonic_ms);
void insight_duty_free(struct insight_duty *duty);

// What stands in the log about who is signed in: what others did with what is theirs, newest first, at most 'max' lines, as far as they may see it. A line
// lives during the call. Ends with what each() returns when that is not 0. On a thread that may read for long.
struct insight_line {
    int64_t at;           // ms
    struct str when;
    struct str sentence;
    struct str reason;    // of a look-up; may be empty
};
struct request;
int insight_tell_all(struct request *request, size_t max, int (*each)(void *context, const struct insight_line *line), void *context);
