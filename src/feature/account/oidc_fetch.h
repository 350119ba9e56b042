// SPDX-License-Identifier: MPL-2.0
// Asking a login provider over HTTP: no redirects, no other protocols, limits on time and size.
#pragma once

#include "base/arena.h"

#include <jansson.h>

#define OIDC_ANSWER_MAX ((size_t)256 * 1024)
#define OIDC_CONNECT_SECONDS 3L
#define OIDC_SECONDS 5L

struct oidc_fetch {
    const char *address;
    const char *body;       // urlencoded, for a POST; NULL: GET
    const char *user;       // HTTP basic authentication, percent-encoded already (RFC 6749, section 2.3.1); NULL: none
    const char *password;
};

// An https address, or http to this machine alone (for tests), of at most 2,000 characters of printable ASCII.
bool oidc_address_allowed(const char *address);

// Asks; the answer is a JSON object, the caller's to decref. -EACCES: the provider answered with something else (logged with status). -EHOSTUNREACH,
// -ETIMEDOUT, -EPERM for an address that is not allowed.
int oidc_fetch(const struct oidc_fetch *what, json_t **ret_json);
