// SPDX-License-Identifier: MPL-2.0
#include "rows.h"

#include <errno.h>
#include <jansson.h>

#define START_GOAL_US 300000.0

static int page_cpu(const struct client_load *load, double *ret_each)
{
    struct client_result result;
    int r = requests_ask(load, &result);
    if (r == 0)
        *ret_each = (double)result.cpu / (double)result.answers;
    return r;
}

static int measure_pages(struct bench *bench, struct row *row)
{
    struct running small = { 0 }, large = { 0 };
    struct requests small_pages = { 0 }, large_pages = { 0 };
    int r = running_serve(bench->program, bench->small, &small);
    r = r < 0 ? r : running_serve(bench->program, bench->large, &large);
    r = r < 0 ? r : requests_pages(bench->small, &small_pages);
    r = r < 0 ? r : requests_pages(bench->large, &large_pages);
    struct client_load of_small = requests_load(&small_pages, &small, LOAD_CONNECTIONS, 200);
    struct client_load of_large = requests_load(&large_pages, &large, LOAD_CONNECTIONS, 200);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        double with_few = 0, with_many = 0;
        r = page_cpu(&of_small, &with_few);
        r = r < 0 ? r : page_cpu(&of_large, &with_many);
        if (r == 0)
            row_add(row, with_many, with_few);
    }
    running_stop(&small);
    running_stop(&large);
    requests_free(&small_pages);
    requests_free(&large_pages);
    return r;
}

int rows_large(struct bench *bench)
{
    const char *work = arena_format(bench->large->arena, "page with %lld posts in the database", (long long)bench->large_posts).ptr;
    struct row *page = table_row(&bench->table, "page_large", work ? work : "page with many posts", "with 1,000", "us");
    struct row *start = table_row(&bench->table, "start", "start to first answer, with these",
                                  "0.3 s", "us");
    row_goal(page, GOAL_AT_MOST, 1.3);
    row_goal(start, GOAL_AT_MOST, 1);
    int r = measure_pages(bench, page);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        struct running server = { 0 };
        r = running_serve(bench->program, bench->large, &server);
        if (r == 0)
            row_add(start, (double)server.first_answer, START_GOAL_US);
        running_stop(&server);
    }
    return r;
}

static double number(json_t *line, const char *name)
{
    return (double)json_integer_value(json_object_get(line, name));
}

int rows_streams(struct bench *bench)
{
    struct row *memory = table_row(&bench->table, "stream_memory",
                                   "memory of an open stream, of 1,000", "12 KB", "bytes");
    struct row *reach = table_row(&bench->table, "stream_reach", "a post reaches all of them",
                                  "bare loop of write()", "us");
    row_goal(memory, GOAL_AT_MOST, 1);
    row_goal(reach, GOAL_AT_MOST, 3);
    for (size_t i = 0; i < bench->rounds / 2 + 1; i++) {
        FILE *out = popen(bench->streams, "re"); // a path that meson has made, without spaces
        json_t *line = out ? json_loadf(out, 0, NULL) : NULL;
        int status = out ? pclose(out) : -1;
        if (status != 0 || !line)
            return -EPROTO;
        row_add(memory, number(line, "bytes_each"), 12000);
        row_add(reach, number(line, "reach_us"), number(line, "bare_reach_us"));
        json_decref(line);
    }
    return 0;
}
