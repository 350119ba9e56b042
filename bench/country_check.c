// SPDX-License-Identifier: MPL-2.0
#include "country_check.h"
#include "rows.h"

#include <errno.h>
#include <math.h>

#define REQUESTS_EACH LOAD_CONNECTIONS   // pages, and as many posts behind them
#define LAST_ANSWERS 3000000
#define SCHEDULED_MAX 1000000

int check_open(struct check *check)
{
    char data[512], log[520];
    (void)snprintf(data, sizeof(data), "%s/check", check->folder);
    (void)snprintf(log, sizeof(log), "%s.init", data);
    const char *const init[] = { check->program, "init", "--data", data, NULL };
    const struct town_shape shape = { TOWN_SHOWN, TOWN_POSTS, TOWN_GROUPS, false };
    int r = running_once(init, log);
    return r < 0 ? r : town_build(data, NULL, &shape, &check->town);
}

void check_close(struct check *check)
{
    town_free(check->town);
}

// Random times, and at each a page or, as often as the mix says, a post.
static size_t schedule(double posts, double rate, double seconds, struct client_due *list)
{
    uint64_t random = 20261130;
    size_t count = 0;
    for (double at = 0; count < SCHEDULED_MAX; count++) {
        at += -log(queue_chance(&random)) / rate;
        if (at >= seconds)
            break;
        size_t which = (size_t)(queue_chance(&random) * REQUESTS_EACH);
        bool post = queue_chance(&random) < posts;
        list[count] = (struct client_due){ (int64_t)(at * 1e6), which + (post ? REQUESTS_EACH : 0) };
    }
    return count;
}

static int send_all(const struct running *server, const struct str *requests, const struct client_due *list, size_t count, double seconds,
                    struct client_result *ret_result)
{
    struct client_load load = {
        .port = server->port, .connections = LOAD_CONNECTIONS, .warm_up = 100000, .duration = (int64_t)(seconds * 1e6) + LAST_ANSWERS,
        .requests = requests, .request_count = (size_t)2 * REQUESTS_EACH, .schedule = list, .scheduled = count,
        .statuses = { 200, 303 }, .pid = server->pid,
    };
    int r = requests_ask(&load, ret_result);
    return r < 0 ? r : ret_result->answers == count ? 0 : -EPROTO;
}

int check_run(struct check *check, const struct figures *figures, double rate, double seconds, struct client_result *ret_result)
{
    struct queue_load mix = { .cores = 1 };
    struct running server = { 0 };
    struct requests pages = { 0 }, posts = { 0 };
    struct str all[2 * REQUESTS_EACH];
    struct client_due *list = calloc(SCHEDULED_MAX, sizeof(*list));
    int r = list ? running_serve(check->program, check->town, &server) : -ENOMEM;
    r = r < 0 ? r : requests_pages(check->town, &pages);
    r = r < 0 ? r : requests_posts(check->town, &server, &posts);
    country_kinds(figures, true, &mix);
    // Each page once before, so that all are warm.
    struct client_load warm = requests_load(&pages, &server, LOAD_CONNECTIONS, 200);
    r = r < 0 ? r : requests_ask(&warm, ret_result);
    if (r == 0) {
        memcpy(all, pages.list, sizeof(pages.list));
        memcpy(all + REQUESTS_EACH, posts.list, sizeof(posts.list));
        r = send_all(&server, all, list, schedule(mix.kinds[1].share, rate, seconds, list), seconds, ret_result);
    }
    running_stop(&server);
    requests_free(&pages);
    requests_free(&posts);
    free(list);
    return r;
}
