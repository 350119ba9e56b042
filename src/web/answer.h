// SPDX-License-Identifier: MPL-2.0
// What a handler has said so far: the router's half of a request. Only the router's own files
// include this.
#pragma once

#include "web/request.h"
#include "web/server.h"

#define ANSWER_HEADERS  6   // a handler's own: cookies, location
#define ANSWER_BODY_MAX (8u << 20)

enum answer_kind { ANSWER_UNSET, ANSWER_BODY, ANSWER_STREAM };

// Something to do inside or after the commit, in the order in which it was asked for.
struct answer_task {
    struct answer_task *next;
    int (*apply)(struct db *db, void *data);
    void (*run)(struct app *app, void *data);
    void *data;
};

struct answer_event {
    struct answer_event *next;
    struct audit_event event;
};

struct answer {
    enum answer_kind kind;
    unsigned status;   // of a page; 0: 200
    const char *type;
    struct source source;   // instead of a body, when it has 'fill'
    bool plain;        // bytes that are not a page: a stricter policy
    struct buf body;   // owned
    struct header headers[ANSWER_HEADERS];
    size_t count;
    struct listening listening;   // of a stream
    size_t *body_hint;   // how long the route's last body was; NULL: unknown
    struct answer_task *records, *afters;
    struct news *news;
    struct answer_event *events;
};

// Forgets everything; the hint stays.
void answer_reset(struct answer *answer);

// Adds a header; the value must live as long as the request. -E2BIG.
int answer_header(struct answer *answer, const char *name, struct str value);

// An empty body with room for what the route's last one needed.
void answer_body(struct answer *answer);

// Writes a page: with its frame, or without for htmx.
int answer_html(struct request *request, void (*html)(struct html_out *out, const void *view),
                struct str title, const void *view);
