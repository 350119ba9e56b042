// SPDX-License-Identifier: MPL-2.0
// Bringing the staff list up to date from a file: first what would change, then, when an administrator has said yes, the change.
#pragma once

#include "feature/account/account.h"
#include "feature/admin/staff_csv.h"
#include "web/request.h"

#define STAFF_IMPORT_BYTES ((size_t)2 << 20)
#define STAFF_IMPORT_MS (60 * MINUTE_MS)   // how long a file waits for the decision

enum staff_step { STAFF_UNSET, STAFF_ADD, STAFF_CHANGE, STAFF_RETURN, STAFF_SAME, STAFF_END, STAFF_REFUSE, STAFF_STEP_COUNT };

struct staff_plan_line {
    enum staff_step step;
    int64_t line;            // of the file; 0: not in it (STAFF_END)
    struct account before;   // id 0: nobody yet
    struct str login;
    struct account_employment after;
    struct str unit;         // name; empty: as it was
    bool new_unit;           // the unit will be made
    const char *problem;     // TEXT("…"), STAFF_REFUSE
};

struct staff_plan {
    const struct staff_plan_line *lines;
    size_t count;
    size_t steps[STAFF_STEP_COUNT];   // how many lines of each
};

// Keeps a file for the person of the request. -EMSGSIZE over STAFF_IMPORT_BYTES.
int staff_import_keep(struct request *request, struct bytes file, int64_t *ret_id);

// The file kept under the id for this person. -ENOENT also when it has waited too long.
int staff_import_get(struct request *request, int64_t id, struct bytes *ret_file);

int staff_import_drop(struct request *request, int64_t id);

// What the file would change. 'whole': who is not in it is no longer employed (of those who have a login and are in the administrator's units).
// -EINVAL with *ret_problem; -ENOENT when no staff sign-in is configured.
int staff_import_plan(struct request *request, struct bytes file, bool whole, struct staff_plan *ret_plan, const char **ret_problem);

// Carries the plan out, in the same transaction as it was made in.
int staff_import_apply(struct request *request, const struct staff_plan *plan);
