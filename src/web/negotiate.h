// SPDX-License-Identifier: MPL-2.0
// What the headers of a request ask for.
#pragma once

#include "web/form.h"
#include "web/server.h"

// JSON rather than a page.
bool negotiate_json(const struct exchange *exchange);

// A page without its frame: htmx swaps a part. Not when it fetches whole pages for links and
// history.
bool negotiate_fragment(const struct exchange *exchange);

// Asked by the page on its own (X-Idle: true), because something came live: no sign that the person
// is there.
bool negotiate_idle(const struct exchange *exchange);

// Fetched while nobody looked (X-Unseen: true): shown, but not read.
bool negotiate_unseen(const struct exchange *exchange);

#define LANGUAGE_COOKIE "samtraad-language"

// The cookie's language, else the browser's first that we have, else Danish.
enum language negotiate_language(const struct exchange *exchange);

// Whether an answer may be of that coding ("gzip").
bool negotiate_coding(const struct exchange *exchange, struct str coding);

// How the body is written. -EINVAL: none of the three forms (415). An empty body without a type is
// an empty form.
int negotiate_source(const struct exchange *exchange, enum form_source *ret_source,
                     struct str *ret_boundary);
