// SPDX-License-Identifier: MPL-2.0
// What a request's head (request line and header fields, RFC 9112) must be like before anything
// else looks at it. Two readers of the same bytes, a front and this server, must never see two
// different requests: whatever is ambiguous is refused.
#pragma once

#include "base/str.h"

#define HEAD_FIELDS 64                   // header fields of one request
#define HEAD_BYTES ((size_t)8 * 1024)    // the whole head
#define HEAD_TARGET ((size_t)4 * 1024)   // path and query

struct head_field {
    struct str name;
    struct str value;
};

struct head {
    // As received.
    struct str method;
    struct str target;
    struct str version;
    struct head_field fields[HEAD_FIELDS];
    size_t count;
    // Found by head_check.
    struct str path;    // begins with '/'; printable ASCII
    struct str query;   // without '?'; empty when there is none
    bool is_head;       // HEAD: like GET, answered without a body
    int64_t length;     // bytes of the body that were announced
};

// Removes spaces and tabs at both ends.
struct str head_trim(struct str value);

// Checks the head and fills its second half. 0, or the status that refuses the request: 400, 405,
// 411, 414, 431 or 505.
unsigned head_check(struct head *head);

// The value of the first field of that name (case does not matter); ptr NULL when there is none.
struct str head_value(const struct head *head, struct str name);

// The value of the last one: what the nearest front has added.
struct str head_last_value(const struct head *head, struct str name);

// Whether a fits b without regard to the case of ASCII letters.
bool head_name_equal(struct str a, struct str b);
