// SPDX-License-Identifier: MPL-2.0
// Which route answers a method and a path: all features' patterns as one tree of segments.
#pragma once

#include "web/request.h"

#define ROUTE_PATH_MAX     2048   // bytes of a request's path, as sent
#define ROUTE_SEGMENTS_MAX 12

// A route with what the router remembers of it while it runs.
struct route_entry {
    const struct feature *feature;
    const struct route *route;
    size_t body_hint;   // bytes of the last answer, so that the next one is allocated once; atomic
};

struct route_hit {
    struct route_entry *entry;
    struct str part[PATH_PARTS];   // decoded; good as long as the path and the arena
    int64_t number[PATH_PARTS];
    unsigned allowed;   // on -EPERM: bits 1 << enum method that the path has
};

struct route_table;

// Checks the tables and makes the tree. A fault is logged with the route and what was expected:
// -EINVAL. -ENOMEM.
int route_table_new(const struct feature *const *features, size_t count,
                    struct route_table **ret_table);
void route_table_free(struct route_table *table);   // NULL is allowed

// The route of a method and path. path is still percent-encoded. -EBADMSG: the path itself is
// malformed (broken encoding or UTF-8, NUL, control characters); -ENOENT: no such path; -EPERM: the
// path has other methods; -ENOMEM.
int route_match(const struct route_table *table, enum method method, struct str path,
                struct arena *arena, struct route_hit *ret_hit);

// The nearest page at or above a path: where a person came from, most likely.
struct str route_page_above(const struct route_table *table, struct str path, struct arena *arena);

// Whether a route's declaration holds together; ret_problem says in English what does not.
bool route_sound(const struct route *route, const char **ret_problem);
