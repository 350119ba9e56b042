// SPDX-License-Identifier: MPL-2.0
#include "bare.h"
#include "rows.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define BARE_TIME 1500000
#define PGBENCH_SECONDS 2
#define WRITER_PAUSE 20000
#define WRITERS 8
#define READERS 2

// One server life: how many posts a second, and how many of them in a transaction.
static int write_for_a_while(struct bench *bench, struct client_result *ret_result,
                             double *ret_batch)
{
    struct running server = { 0 };
    struct requests requests = { 0 };
    int r = running_serve(bench->program, bench->small, &server);
    r = r < 0 ? r : requests_posts(bench->small, &server, &requests);
    struct client_load load = requests_load(&requests, &server, LOAD_CONNECTIONS, 303);
    r = r < 0 ? r : requests_ask(&load, ret_result);
    int stopped = running_stop(&server);
    r = r < 0 ? r : stopped < 0 ? stopped : running_batch(bench->small, ret_batch);
    requests_free(&requests);
    return r;
}

static int write_bare(const struct bench *bench, double batch, double *ret_each_second)
{
    unsigned posts = batch < 1.5 ? 1 : (unsigned)(batch + 0.5);
    return bench->postgres ? bare_pgbench_run(bench->small, 1, posts, PGBENCH_SECONDS, ret_each_second)
                           : bare_posts_run(bench->small, posts, BARE_TIME, ret_each_second);
}

int rows_posts(struct bench *bench)
{
    struct row *rate = table_row(&bench->table, "posts_per_second", "durable posts, 64 clients",
                                 bench->postgres ? "pgbench, same rows and batches" : "raw SQLite, same rows and batches", "/s");
    struct row *size = table_row(&bench->table, "posts_batch", "  posts in a transaction",
                                 "clients", "");
    struct row *cpu = table_row(&bench->table, "post_cpu", "  processor for each",
                                bench->postgres ? "pgbench, all of its time" : "raw SQLite, all of its time", "us");
    struct row *clients = bench->postgres ? table_row(&bench->table, "posts_clients", "  the same posts", "pgbench, 64 clients, a post each", "/s") : NULL;
    row_goal(rate, GOAL_AT_LEAST, 0.6);
    if (clients)
        row_goal(clients, GOAL_AT_LEAST, 0.7);
    int r = 0;
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        struct client_result ours;
        double batch, bare;
        r = write_for_a_while(bench, &ours, &batch);
        r = r < 0 ? r : write_bare(bench, batch, &bare);
        double single = 0, each_second = r < 0 ? 0 : (double)ours.answers * 1e6 / (double)ours.elapsed;
        if (r == 0 && clients)
            r = bare_pgbench_run(bench->small, LOAD_CONNECTIONS, 1, PGBENCH_SECONDS, &single);
        if (r < 0)
            break;
        row_add(rate, each_second, bare);
        if (clients)
            row_add(clients, each_second, single);
        row_add(size, batch, LOAD_CONNECTIONS);
        row_add(cpu, (double)ours.cpu / (double)ours.answers, 1e6 / bare);
    }
    return r;
}

// Writers in a process of their own, so that they do not hold up the measuring.
static pid_t start_writers(const struct requests *posts, const struct running *server)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct client_load load = requests_load(posts, server, WRITERS, 303);
        struct client_result result;
        load.pid = 0;
        load.duration = INT64_C(60000000);
        load.pause = WRITER_PAUSE;
        _exit(client_run(&load, &result) < 0);
    }
    return pid;
}

static int p99(const struct client_load *load, double *ret_p99)
{
    struct client_result result;
    int r = requests_ask(load, &result);
    if (r == 0)
        *ret_p99 = (double)result.p99;
    return r;
}

int rows_beside(struct bench *bench)
{
    struct row *row = table_row(&bench->table, "page_p99",
                                "slowest hundredth of pages, while posts are written",
                                "without writers", "us");
    struct running server = { 0 };
    struct requests pages = { 0 }, posts = { 0 };
    row_goal(row, GOAL_AT_MOST, 2);
    int r = running_serve(bench->program, bench->small, &server);
    r = r < 0 ? r : requests_pages(bench->small, &pages);
    r = r < 0 ? r : requests_posts(bench->small, &server, &posts);
    struct client_load load = requests_load(&pages, &server, READERS, 200);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        double alone = 0, beside = 0;
        r = p99(&load, &alone);
        pid_t writers = r == 0 ? start_writers(&posts, &server) : 0;
        r = r < 0 ? r : writers < 0 ? -EAGAIN : p99(&load, &beside);
        if (writers > 0) {
            kill(writers, SIGKILL);
            waitpid(writers, NULL, 0);
        }
        if (r == 0)
            row_add(row, beside, alone);
    }
    running_stop(&server);
    requests_free(&pages);
    requests_free(&posts);
    return r;
}
