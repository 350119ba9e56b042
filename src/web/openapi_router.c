// SPDX-License-Identifier: MPL-2.0
// The description of all features' routes.
#include "web/openapi.h"
#include "web/problem.h"
#include "web/router.h"
#include <errno.h>
#include <stdlib.h>

#define ROUTES_MAX 1024

struct collected {
    struct openapi_route routes[ROUTES_MAX];
    size_t count;
    bool overflow;
};

static void collect(const struct feature *feature, const struct route *route, void *data)
{
    struct collected *collected = data;
    if (collected->count == ROUTES_MAX)
        collected->overflow = true;
    else
        collected->routes[collected->count++] = (struct openapi_route){ feature, route };
}

int router_openapi(struct buf *buf)
{
    struct collected *collected = calloc(1, sizeof(*collected));
    if (!collected)
        return -ENOMEM;
    router_each(collect, collected);
    int r = collected->overflow ? -E2BIG : openapi_write(buf, collected->routes, collected->count, problem_view());
    free(collected);
    return r ? r : buf->error;
}
