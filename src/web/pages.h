// SPDX-License-Identifier: MPL-2.0
// What the web floor's own pages show. Filled by problem.c, answer.c and system.c.
#pragma once

#include "web/form.h"
#include "web/html.h"

// problem.html
struct problem_page {
    struct str title;                  // what happened
    struct str detail;                 // what it means
    struct str advice;                 // what to do
    bool sign_in;                      // a button to sign in
    struct url back;                   // the page to go on from; text NULL: none but the front page
    struct str next;                   // the same, for after the sign-in
    struct str text;                   // what the person had written; empty: nothing
    const struct form_error *errors;   // what has to be changed
    size_t errors_count;
};

// leave.html: on the way to another server.
struct leave_page {
    struct url url;
};

// session.html: who is signed in, and for how long.
struct session_page {
    int64_t person;   // 0: nobody
    struct str name;
    struct str language;   // of the answer: "da"
    int64_t seconds;       // until the session ends without further use; 0: nobody is signed in
    struct str csrf;       // for X-CSRF-Token
};
