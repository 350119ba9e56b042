// SPDX-License-Identifier: MPL-2.0
// The page of a dialogue that nobody has read lately: more dialogues in turn than the threads keep
// opened (ADR 12).
#include "rows.h"

#include <errno.h>

static int cold_requests(const struct town *town, struct str **ret_list)
{
    struct str *list = arena_alloc(town->arena, town->id_count * sizeof(*list));
    for (size_t i = 0; list && i < town->id_count; i++) {
        struct str cookie = town->cookies[i % town->groups * TOWN_GROUP];
        list[i] = arena_format(town->arena, "GET /dialogue/%lld HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nCookie: %.*s\r\n\r\n",
                               (long long)town->ids[i], (int)cookie.len, cookie.ptr);
        if (!list[i].ptr)
            return -ENOMEM;
    }
    *ret_list = list;
    return list ? 0 : -ENOMEM;
}

int rows_cold(struct bench *bench)
{
    struct row *row = table_row(&bench->table, "page_cold", "page of a dialogue that was not opened lately", "page of one that was", "us");
    struct running server = { 0 };
    struct requests pages = { 0 };
    struct str *list = NULL;
    int r = running_serve(bench->program, bench->wide, &server);
    r = r < 0 ? r : requests_pages(bench->wide, &pages);
    r = r < 0 ? r : cold_requests(bench->wide, &list);
    struct client_load warm = requests_load(&pages, &server, LOAD_CONNECTIONS, 200), cold = warm;
    cold.requests = list;
    cold.request_count = bench->wide->id_count;
    cold.own = false;
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        struct client_result theirs, ours;
        r = requests_ask(&warm, &theirs);
        r = r < 0 ? r : requests_ask(&cold, &ours);
        if (r == 0)
            row_add(row, (double)ours.cpu / (double)ours.answers, (double)theirs.cpu / (double)theirs.answers);
    }
    running_stop(&server);
    requests_free(&pages);
    return r;
}
