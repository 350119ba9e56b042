// SPDX-License-Identifier: MPL-2.0
// Forged requests from other sites: a token in each form, and the browser's own word on where a
// request comes from.
#pragma once

#include "base/arena.h"
#include "web/form.h"

struct exchange;

#define CSRF_SECRET 32
#define CSRF_TOKEN  (4 * CSRF_SECRET)   // characters: pad and masked secret, hexadecimal

// The token of a page: the secret (hexadecimal) under a fresh one-time pad, so that compressing a
// page tells nothing about it. -EINVAL for a secret that is none (nobody's cookie): the token is
// then empty.
int csrf_token(struct str secret, struct arena *arena, struct str *ret_token);

// Whether a token was made from the secret. Takes the same time for every token of the right
// length.
bool csrf_matches(struct str secret, struct str token);

// The token that a request carries: header X-CSRF-Token, or the field "csrf" of a form. Empty when
// there is none.
struct str csrf_of(const struct exchange *exchange, enum form_source source, struct str body);

// False when the browser says that the request comes from another site (Sec-Fetch-Site, Origin).
// base_url: of this installation.
bool csrf_same_origin(const struct exchange *exchange, struct str base_url);
