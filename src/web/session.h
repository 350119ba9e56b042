// SPDX-License-Identifier: MPL-2.0
// Server-side sessions. The browser holds 32 random bytes in a cookie (__Host-samtraad over TLS,
// samtraad without; HttpOnly, SameSite=Lax, Path=/); the database holds their keyed hash.
#pragma once

#include "base/arena.h"
#include "policy/policy.h"
#include "web/text.h"

#define SESSION_KEY         32
#define SESSION_IDLE_MS     (30 * MINUTE_MS)
#define SESSION_ABSOLUTE_MS (8 * HOUR_MS)

// The session of a request; person 0 means nobody is signed in.
struct session {
    uint8_t key[SESSION_KEY];   // keyed hash of the cookie: the row's key
    int64_t person;
    enum role role;
    int64_t unit;                     // employees; 0: none
    struct str name;                  // the person's, opened
    enum language language;           // as chosen by the person; UNSET: not yet
    int64_t assurance;                // 1 low, 2 substantial, 3 high (eIDAS)
    int64_t created, seen, expires;   // ms; expires is when it ends without further use
    struct str csrf;   // the unmasked secret, 32 bytes hexadecimal; empty: the browser has no
                       // cookie of ours
};

struct request;
struct keyring;

// Loads the session of the request's cookie, if it is alive, into request->session. 0 also when
// there is none.
int session_load(struct request *request);

// Asks ahead (db_ask) what loading it anew will.
void session_ask(const struct request *request);

// Begins a new session for a person (any earlier one of this browser ends) and sets the cookie. In
// a handler that writes.
int session_begin(struct request *request, int64_t person, int64_t assurance);

// Ends the request's session: row deleted, streams cut, cookie removed. In a handler that writes.
int session_end(struct request *request);

// Prolongs the session from now. In a handler that writes.
int session_touch_now(struct request *request);

// What a row of the table is marked with: a keyed hash over its key, person, assurance and creation,
// so that it can't be given to somebody else, or be made older or higher, in the database.
#define SESSION_MARK 32
void session_mark(const struct keyring *keys, const uint8_t key[SESSION_KEY], int64_t person,
                  int64_t assurance, int64_t created, uint8_t ret_mark[SESSION_MARK]);

// The router's: the person uses the session now. Written down at most once a minute, through the
// writer, without waiting for it.
void session_use(struct request *request);

// The router's: gives a browser without our cookie one that means nobody, so that its forms can be
// told from forged ones. Not when another site has sent the request: the page is for that once.
int session_visitor(struct request *request);
