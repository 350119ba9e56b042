// SPDX-License-Identifier: MPL-2.0
// The OpenAPI 3.1 description, made from the same tables that the router and the forms obey.
#pragma once

#include "web/request.h"

struct openapi_route {
    const struct feature *feature;
    const struct route *route;
};

// Writes the document of these routes, in their order; both methods of a path stand together. problem: the body of every
// application/problem+json answer (RFC 9457). 0, -EINVAL when two different
// tables have the same schema name (logged), -ENOMEM, -E2BIG for too many tables; buf->error stays the caller's to look at.
int openapi_write(struct buf *buf, const struct openapi_route *routes, size_t count, const struct view *problem);
