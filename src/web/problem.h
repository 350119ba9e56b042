// SPDX-License-Identifier: MPL-2.0
// What a person or a program is told when a request can't be done: what happened, what it means,
// what to do.
#pragma once

#include "web/request.h"

enum problem {
    PROBLEM_NONE,
    PROBLEM_MALFORMED,    // 400
    PROBLEM_SIGN_IN,      // 401
    PROBLEM_DENIED,       // 403
    PROBLEM_FORGED,       // 403: no token, or one of another page; another site
    PROBLEM_NOT_FOUND,    // 404
    PROBLEM_METHOD,       // 405
    PROBLEM_FORMAT,       // 406
    PROBLEM_CONFLICT,     // 409
    PROBLEM_TOO_LARGE,    // 413
    PROBLEM_MEDIA_TYPE,   // 415
    PROBLEM_REFUSED,      // 422
    PROBLEM_TOO_MANY,     // 429
    PROBLEM_FAILED,       // 500
    PROBLEM_BUSY,         // 503
    PROBLEM_FULL,         // 503: the disk
    PROBLEM_DOUBT,        // 503: the commit failed, and only a restart can tell whether it was kept
    PROBLEM_COUNT
};

// The problem of a handler's (load's, form's) -E…; one that ends in 500 is logged here, with route
// and errno and nothing else.
enum problem problem_of(const struct request *request, int error);

unsigned problem_status(enum problem problem);

// What a problem's page gives a person to go on with.
struct problem_way {
    struct str back;   // the path of the page to go on from, also after signing in; "": the front page
    struct str text;   // what the person had written, to copy; ""
};

// Makes the request's answer tell of the problem: a page in the person's language, or
// application/problem+json (RFC 9457). -ENOMEM and the like.
int problem_answer(struct request *request, enum problem problem, const struct problem_way *way);

// The same for a body that is larger than the limit, in bytes, which it names; back: the path of the page to go on from.
int problem_answer_too_large(struct request *request, size_t limit, struct str back);

// The body of application/problem+json.
const struct view *problem_view(void);
