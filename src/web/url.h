// SPDX-License-Identifier: MPL-2.0
// URLs that are safe to put into a page.
#pragma once

#include "base/arena.h"
#include "web/html.h"

// A path on this server: starts with one '/', not two, no control characters, no backslash. The text of the result is NULL otherwise.
struct url url_local(struct arena *arena, struct str path);

// An http, https or mailto address written by a person, checked; text NULL for any other scheme, user information in it, control characters or over 2,000 bytes.
struct url url_external(struct arena *arena, struct str text);
