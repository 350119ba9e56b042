// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "feature/insight/insight.h"
#include "feature/insight/log_page.h"
#include "web/request.h"

#include <errno.h>

#define MEMORY_MAX ((size_t)128 << 20)

static int tell_page(struct people *people, const struct log_found *found, size_t *left, int (*each)(void *context, const struct insight_line *line),
                     void *context)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < found->count && *left > 0; i++, (*left)--) {
        struct log_telling telling;
        result = log_tell(people, &found->records[i], &telling);
        if (result == 0)
            result = each(context, &(struct insight_line){ found->records[i].time_ms, telling.when, telling.sentence, telling.reason });
    }
    return result;
}

int insight_tell_all(struct request *request, size_t max, int (*each)(void *context, const struct insight_line *line), void *context)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct arena *kept = request->arena;
    struct log_filter filter = { .own = false };
    struct people people;
    int result = arena_new(MEMORY_MAX, &arena);
    if (result < 0)
        return result;
    // More than a request's own memory is meant for.
    request->arena = arena;
    result = people_begin(request, &people);
    while (result == 0 && max > 0) {
        struct log_found found = { .count = 0 };
        result = log_gather(&people, &filter, &found);
        if (result == 0)
            result = tell_page(&people, &found, &max, each, context);
        filter.before = found.older;
        if (found.older == 0)
            break;
    }
    request->arena = kept;
    return result;
}
