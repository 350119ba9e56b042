// SPDX-License-Identifier: MPL-2.0
#include "bare.h"
#include "rows.h"

#include <errno.h>

#define BARE_TIME 1000000
#define NOWHERE "zebra"   // stands in no post, so that all of them are looked through
#define PAGE_BYTES 1000

// The answer must say that all was looked through and that nothing was found.
static int check(const struct running *server, const char *path, struct str cookie)
{
    char headers[256], *answer = NULL;
    size_t len = 0;
    (void)snprintf(headers, sizeof(headers), "Accept: application/json\r\nCookie: %.*s\r\n",
                   (int)cookie.len, cookie.ptr);
    int r = running_get(server, path, headers, &answer, &len);
    if (r == 0 && (!memmem(answer, len, "\"hits\":[]", 9) || !memmem(answer, len, "\"more\":false", 12)))
        r = -EPROTO;
    free(answer);
    return r;
}

int rows_search(struct bench *bench)
{
    struct row *row = table_row(&bench->table, "search", "search through 100,000 posts: processor",
                                "bare loop that opens and looks", "us");
    struct running server = { 0 };
    struct bare_page *bare = NULL;
    struct str cookie = bench->searched->cookies[0];
    char text[512];
    (void)snprintf(text, sizeof(text), "GET /search?q=" NOWHERE " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nCookie: %.*s\r\n\r\n",
                   (int)cookie.len, cookie.ptr);
    const struct str request = str_from(text);
    row_goal(row, GOAL_AT_MOST, 1.3);
    int r = running_serve(bench->program, bench->searched, &server);
    r = r < 0 ? r : check(&server, "/search?q=" NOWHERE, cookie);
    r = r < 0 ? r : bare_page_new(bench->searched, PAGE_BYTES, &bare);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        struct client_load load = {
            .port = server.port, .connections = 1, .warm_up = 100000, .duration = 2500000,
            .requests = &request, .request_count = 1, .statuses = { 200 }, .pid = server.pid,
        };
        struct client_result ours;
        double bare_each;
        r = bare_page_scan(bare, STR(NOWHERE), BARE_TIME, &bare_each);
        r = r < 0 ? r : requests_ask(&load, &ours);
        if (r == 0)
            row_add(row, (double)ours.cpu / (double)ours.answers, bare_each / 1000);
    }
    running_stop(&server);
    bare_page_free(bare);
    return r;
}
