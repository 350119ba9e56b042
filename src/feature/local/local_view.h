// SPDX-License-Identifier: MPL-2.0
// What the pages of local accounts and their passkeys show. Filled by the *_web.c files, read by local.html.
#pragma once

#include "web/url.h"

// GET /login/local with ?next=/path. POST /login/local/passkey (what passkey.js fills in), /login/local/code (name, code, next),
// /login/local/password (name, password).
struct local_view_login {
    struct str next;             // a path on this server
    struct str error, code_error, password_error;   // what did not succeed in which of the forms, and what to do; empty: nothing
    struct str name;             // as typed
};

// What an authenticator is asked for; passkey.js hands it on. Texts, so that a page can hold it too.
struct local_view_ask {
    struct str challenge;        // base64url
    struct str site;             // relying party
    struct str handle;           // of the person, base64url; empty: whoever has a passkey here
    struct str name;             // of the account
    struct str display;          // the person's
    struct str known;            // credentials that are registered already, base64url with spaces between
};

// After the starting password: POST /login/local/enrol (client_data, authenticator_data, name, next).
struct local_view_enrol {
    struct local_view_ask ask;
    struct str next;
    struct str error;            // empty
};

struct local_view_passkey {
    int64_t id;
    struct str name;
    struct str about;            // "Added 3 November, used yesterday"
};

// GET /profile/passkeys. POST there adds one; /profile/passkeys/{passkey#}/remove; /profile/passkeys/codes.
struct local_view_own {
    struct str account;          // the name that is written at sign-in
    const struct local_view_passkey *passkeys;
    size_t passkeys_count;
    int64_t codes;               // recovery codes that are left
    struct str code_used;        // when one was used last, in words; empty: never
    bool by_code;                // this session was begun with a recovery code
    bool fresh;                  // one signed in a short while ago, and may change things here
    struct str error;            // why a passkey was not added; empty: none was refused
    struct str here;             // this page's path
};

// GET /profile/passkeys/{passkey#}.
struct local_view_remove {
    struct local_view_passkey passkey;
    bool last;                   // it is the only one
    bool may;                    // it can be removed: it is not the last one, or there are codes
    bool fresh;
    struct str here;             // this page's path
};

struct local_view_code {
    struct str code;
};

// After POST /profile/passkeys/codes: shown once.
struct local_view_codes {
    const struct local_view_code *codes;
    size_t codes_count;
    struct str account;
};

struct local_view_given {
    int64_t person;
    struct str name, about;      // the person, and how far they have come
    bool waiting;                // has registered no passkey yet
};

struct local_view_unit {
    int64_t id;
    struct str name;
    bool selected;
};

// GET and POST /admin/local (name, title, unit, account); POST /admin/local/{person#}/password.
struct local_view_admin {
    const struct local_view_given *people;
    size_t people_count;
    const struct local_view_unit *units;
    size_t units_count;
    struct str name, title, account;   // as typed
    struct str error;
};

// A starting password, shown once.
struct local_view_password {
    struct str name, account, password;
};
