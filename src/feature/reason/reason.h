// SPDX-License-Identifier: MPL-2.0
// Why an employee looks at somebody, or at something they take no part in: asked before the look, kept for that look only, and shown to the citizen.
//
// A form takes the reason in with REASON_FIELDS in its table and {% call reason(&page->reason) %} in its page; the handler calls reason_check before it
// looks, and reason_keep afterwards, which puts the reason's id into the look's log record (request->event.first).
#pragma once

#include "feature/account/account.h"
#include "web/request.h"

// Stored: never renumber, only append.
enum reason_why { REASON_UNSET, REASON_ENQUIRY, REASON_ASKED_BY_CITIZEN, REASON_CONCERN, REASON_TAKE_OVER, REASON_DUTY, REASON_OTHER, REASON_COUNT };

#define REASON_WORDS_MAX 300   // characters

// What a form says. It is part of the form's struct, by the name 'reason'.
struct reason {
    int64_t why;        // enum reason_why
    struct str words;   // more about it; needed for REASON_OTHER
};

extern const char *const reason_choices[];

// The two fields of a form struct that has a member struct reason reason. Their labels are collected from reason.html.
#define REASON_FIELDS(struct_type)                                                                                                  \
    { .name = "why", .type = FORM_CHOICE, .offset = offsetof(struct_type, reason.why), .required = true, .choices = reason_choices, \
      .label = "Why are you looking?" },                                                                                                \
    { .name = "why_words", .type = FORM_TEXT, .offset = offsetof(struct_type, reason.words), .max = REASON_WORDS_MAX, .label = "More about it" }

// The part of a page's form that asks why: filled by reason_view_of, read by reason.html.
struct reason_view_choice {
    struct str value, text;
    bool chosen;
};

struct reason_view {
    const struct reason_view_choice *choices;
    size_t choices_count;
    struct str why_error, words, words_error;
};

// -EINVAL with a message when REASON_OTHER comes without words.
int reason_check(struct request *request, const struct reason *reason);

// Keeps the reason with who looked at whom (0: nobody was found) or at what, and notes it in the request's event. In a handler that writes.
int reason_keep(struct request *request, const struct reason *reason, int64_t about, int64_t dialogue);

// The fields as a page shows them: what was typed, or nothing yet.
struct reason_view reason_view_of(struct request *request, const struct reason *typed);

// A reason that was kept, in the words of the page's reader: "Henvendelse: ringede i går". -ENOENT; -EBADMSG when the row was changed by hand.
int reason_text(struct request *request, int64_t id, struct str *ret_text);
