// SPDX-License-Identifier: MPL-2.0
// What the journal's pages accept.
#pragma once

#include "feature/journal/journal.h"
#include "web/form.h"

enum journal_scope { JOURNAL_SCOPE_UNSET, JOURNAL_REST, JOURNAL_ALL, JOURNAL_PERIOD, JOURNAL_ONE };

struct journal_new_form {
    int64_t scope;        // enum journal_scope
    int64_t post;         // of JOURNAL_ONE
    int64_t from, to;     // of JOURNAL_PERIOD: days, both included
    struct str theme;
    int64_t day;
};

#define JOURNAL_CALL_TEXT_MAX 10000   // characters
struct journal_call_form {
    struct str who;
    int64_t day;
    struct str clock;     // "14:32"
    struct str theme;
    struct str text;
    bool post;            // write it in the dialogue too
};

extern const struct form journal_new_form, journal_call_form;

// Which posts a form asks for, or -EINVAL with a message for the field in request->errors.
struct request;
int journal_form_range(struct request *request, struct dialogue *dialogue, const struct journal_new_form *form, struct journal_ask *ask);

// When a call was; -EINVAL with a message.
int journal_form_call(struct request *request, const struct journal_call_form *form, struct journal_ask *ask);
