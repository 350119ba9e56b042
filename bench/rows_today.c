// SPDX-License-Identifier: MPL-2.0
#include "rows.h"

#include <errno.h>

#define MOTHER 2
#define TEACHER 3

// How many posts the person's page has.
static int look(const struct town *town, const struct running *server, size_t person, size_t *ret_posts)
{
    char path[64], headers[256], *page = NULL;
    size_t len, posts = 0;
    struct str cookie = town->cookies[town->shown[0].group * TOWN_GROUP + person];
    (void)snprintf(path, sizeof(path), "/dialogue/%lld", (long long)town->shown[0].id);
    (void)snprintf(headers, sizeof(headers), "Accept: text/html\r\nCookie: %.*s\r\n", (int)cookie.len, cookie.ptr);
    int r = running_get(server, path, headers, &page, &len);
    for (const char *at = r == 0 ? page : NULL; at && (at = strstr(at, "<article")); at++)
        posts++;
    bool older = r == 0 && strstr(page, "id=\"older\"");
    free(page);
    if (r == 0 && older != (person == MOTHER))   // the teacher is not told that there is more
        r = -EPROTO;
    *ret_posts = posts;
    return r;
}

static int measure(struct bench *bench, const struct running *server, struct row *row)
{
    struct requests all = { 0 }, today = { 0 };
    int r = requests_pages_of(bench->today, MOTHER, &all);
    r = r < 0 ? r : requests_pages_of(bench->today, TEACHER, &today);
    struct client_load of_all = requests_load(&all, server, LOAD_CONNECTIONS, 200), of_today = requests_load(&today, server, LOAD_CONNECTIONS, 200);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        struct client_result theirs, ours;
        r = requests_ask(&of_all, &theirs);
        r = r < 0 ? r : requests_ask(&of_today, &ours);
        if (r == 0)
            row_add(row, (double)ours.cpu / (double)ours.answers, (double)theirs.cpu / (double)theirs.answers);
    }
    requests_free(&all);
    requests_free(&today);
    return r;
}

int rows_today(struct bench *bench)
{
    struct row *row = table_row(&bench->table, "page_today", "page of who sees from today on", "of who sees all", "us");
    struct running server = { 0 };
    size_t hers = 0, theirs = 0;
    row_goal(row, GOAL_AT_MOST, 1.1);
    int r = running_serve(bench->program, bench->today, &server);
    r = r < 0 ? r : look(bench->today, &server, MOTHER, &theirs);
    r = r < 0 ? r : look(bench->today, &server, TEACHER, &hers);
    if (r == 0 && (hers != TOWN_POSTS || theirs != TOWN_POSTS))
        r = -EPROTO;
    r = r < 0 ? r : measure(bench, &server, row);
    running_stop(&server);
    return r;
}
