// SPDX-License-Identifier: MPL-2.0
// For tests: a whole installation in a temporary folder with a real server, a small feature of its
// own, and browsers to visit it with.
#pragma once

#include "web/router.h"

// What the feature serves:
//   GET  /test/page?word=        anyone; shows the word in a page with a CSRF token
//   GET  /test/mine              signed in; logged as AUDIT_DIALOGUE_LIST; shows the name
//   GET  /test/raw/{name}        anyone; shows the part
//   GET  /test/room/{room#}      needs the room: the person's id is its number (ten more: was
//   excluded) POST /test/room/{room#}      writes text; "bad" is refused with the page again;
//   logged, and publishes "wrote" when durable GET  /test/live              a stream of topic 7 GET
//   /test/again             shows how often its handler ran; the first run withdraws somebody's
//   access GET  /test/always            every run withdraws somebody's access GET  /test/prepared
//   shows what its prepare left GET  /test/broken            gives -EIO POST /test/login person;
//   begins a session POST /test/logout            ends it GET  /test/out               on to
//   https://elsewhere.example/, as POST does
//   GET  /test/hold             keeps its worker until installation_let_go
//   GET  /test/seen?word=       shows the number of the log's newest record, and adds one as somebody else would; "withdraw" does that to
//                               somebody's access as well, once
struct installation;

int installation_start(struct installation **ret_installation);
int installation_start_with(unsigned workers, struct installation **ret_installation);
void installation_stop(struct installation *installation);
struct app *installation_app(struct installation *installation);

// Moves the clock on.
void installation_later(struct installation *installation, int64_t ms);

// Before the first visit.
void installation_hold_none(void);

// Waits until the prepare of a /test/prepared has run.
void installation_prepared(struct installation *installation);

// Waits until /test/hold keeps a worker; lets it go.
void installation_held(struct installation *installation);
void installation_let_go(struct installation *installation);

// Adds a record to the log, as somebody else would.
int installation_add_record(struct app *app);

// Records in the log, so far durable.
uint64_t installation_records(struct installation *installation);

// The same of one dialogue: a room.
uint64_t installation_records_of(struct installation *installation, int64_t dialogue);

// Numbers of the people who can sign in: a citizen, another, an employee.
enum { METTE = 1001, KARIM = 1002, ANNE = 1003 };

struct browser {
    struct installation *installation;
    char cookie[200];   // "name=value", empty: none
    char token[200];    // the last CSRF token that a page held
    unsigned status;
    char *head, *body;   // of the last answer; owned
};

struct browser browser_new(struct installation *installation);
void browser_close(struct browser *browser);

// One request on a connection of its own. headers: whole lines with CR LF; may be "". The cookie is
// sent and kept. Gives the status.
unsigned browser_ask(struct browser *browser, const char *method, const char *path,
                     const char *headers, const char *body);
unsigned browser_get(struct browser *browser, const char *path);

// A form as a page sends it: urlencoded, with the token of the last page in front of the fields.
unsigned browser_post(struct browser *browser, const char *path, const char *fields);

// Through /test/page and /test/login.
void browser_sign_in(struct browser *browser, int64_t person);

// The value of a header of the last answer; "" when there is none. Good until the next call.
const char *browser_header(struct browser *browser, const char *name);

// Opens a stream: a socket that has read the head, or -1 with the status kept.
int browser_listen(struct browser *browser, const char *path);
