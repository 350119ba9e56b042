// SPDX-License-Identifier: MPL-2.0
// How many requests a person or an address may make. A bounded table in memory; what falls out of
// it starts afresh, the least used first.
#pragma once

#include "base/str.h"

struct limit;

// What is counted apart.
enum limit_kind {
    LIMIT_UNSET,
    LIMIT_PERSON,
    LIMIT_PERSON_WRITES,
    LIMIT_ADDRESS,
    LIMIT_ADDRESS_WRITES,
    LIMIT_PERSON_LOOK_UPS,
    LIMIT_KIND_COUNT
};

// per_minute: allowed each minute, and at once after a quiet minute; 0: no limit. -ENOMEM.
int limit_new(const int64_t per_minute[LIMIT_KIND_COUNT], struct limit **ret_limit);
void limit_free(struct limit *limit);   // NULL is allowed

// Counts one request of 'who'. 0, or after how many seconds the next one is allowed (then it was
// not counted). Any thread. now_ms: monotonic.
int64_t limit_take(struct limit *limit, enum limit_kind kind, struct bytes who, int64_t now_ms);
