// SPDX-License-Identifier: MPL-2.0
// From exchange to handler and back. See request.h for the life of a request.
#pragma once

#include "web/request.h"

struct router;

// Checks all features' tables (a fault is logged and gives -EINVAL: the program does not start) and
// makes the server's handler.
int router_new(struct app *app, struct router **ret_router);
void router_free(struct router *router);
struct server_handler router_handler(struct router *router);

// What a class of the server's counts (web/server.h) is called: a feature's name, "asset", or "none" for what has no route. NULL: there is none of that number.
const char *router_class(unsigned class);

// The OpenAPI 3.1 document of all routes.
int router_openapi(struct buf *buf);

// Calls 'each' for every route of every feature; for the matrix and tests.
void router_each(void (*each)(const struct feature *feature, const struct route *route, void *data),
                 void *data);
