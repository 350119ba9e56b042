// SPDX-License-Identifier: MPL-2.0
// The description of all features' routes.
#include "web/openapi.h"
#include "web/router.h"
#include <errno.h>
#include <stdlib.h>

#define ROUTES_MAX 1024

struct problem_error {
    struct str field, message;
};
static const struct view_field error_fields[] = {
    VIEW_STR(struct problem_error, field, "Name of the field; empty: the whole form"),
    VIEW_STR(struct problem_error, message, "What to change, in the person's language"),
};
static const struct view error_view = VIEW("FieldError", struct problem_error, error_fields);

struct problem {
    struct str type, title, detail;
    int64_t status;
    const struct problem_error *errors;
    size_t errors_count;
};
static const struct view_field problem_fields[] = {
    VIEW_STR(struct problem, type, "Always about:blank"),
    VIEW_STR(struct problem, title, "What happened"),
    VIEW_INT(struct problem, status, "HTTP status"),
    VIEW_STR(struct problem, detail, "What it means"),
    VIEW_LIST(struct problem, errors, &error_view, "What has to be changed in a form"),
};
static const struct view problem_view = VIEW("Problem", struct problem, problem_fields);

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
    int r = collected->overflow ? -E2BIG : openapi_write(buf, collected->routes, collected->count, &problem_view);
    free(collected);
    return r ? r : buf->error;
}
