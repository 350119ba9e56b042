// SPDX-License-Identifier: MPL-2.0
// bench: measures the program against references in the same run and prints a table. script/bench
// calls it.
//
//   bench PROGRAM STREAMS FOLDER [ROUNDS [ROW…]]      rows: page cold posts streams large beside search today
//   disk; all without any
//
// POSTS in the environment: so many posts in the database of the row "large", instead of 1,000,000.
// SAMTRAAD_POSTGRES: the URL, without a name, of a database server on which all is measured instead
// of SQLite (test/postgres/run starts one).
// FOLDER must be there, on a real disk. Speaks to 127.0.0.1 only. Ends with 1 when a goal is
// missed, with 2 when something went wrong.
#include "postgres.h"
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SMALL_DIALOGUES 20
#define LARGE_POSTS 1000000
#define LARGE_POSTS_MAX 100000000
#define WIDE_DIALOGUES 2000
#define SEARCHED_POSTS  5000   // in each of the dialogues that one person searches
#define ROUNDS 7

// The towns that rows need, beside the small one.
enum { LARGE = 1, WIDE = 2, SEARCHED = 4, TODAY = 8 };

static const struct {
    const char *name;
    int (*measure)(struct bench *bench);
    unsigned needs;
} all_rows[] = {
    { "page", rows_page, 0 },       { "cold", rows_cold, WIDE },         { "large", rows_large, LARGE },
    { "streams", rows_streams, 0 }, { "beside", rows_beside, 0 },        { "posts", rows_posts, 0 },
    { "search", rows_search, SEARCHED }, { "today", rows_today, TODAY }, { "disk", rows_disk, SEARCHED },
};

#define ROWS (sizeof(all_rows) / sizeof(all_rows[0]))

static bool wanted(const char *name, char **names)
{
    bool any = false;
    for (; *names; names++) {
        any = true;
        if (strcmp(name, *names) == 0)
            return true;
    }
    return !any;
}

static int make_town(const struct bench *bench, const char *name, struct town_shape shape,
                     struct town **ret_town)
{
    char data[512], log[520], database[1024];
    (void)snprintf(data, sizeof(data), "%s/%s", bench->folder, name);
    (void)snprintf(log, sizeof(log), "%s.init", data);
    if (bench->postgres)
        (void)snprintf(database, sizeof(database), "%s/%s", bench->postgres, name);
    else
        (void)snprintf(database, sizeof(database), "%s/samtraad.db", data);
    const char *const init[] = { bench->program, "init", "--data", data, "--database", database, NULL };
    int r = bench->postgres ? postgres_create(database, NULL) : 0;
    r = r < 0 ? r : running_once(init, log);
    r = r < 0 ? r : town_build(data, database, &shape, ret_town);
    if (r == 0)
        printf("%s: %zu posts written in %.1f s, %.3f GB\n", name, shape.dialogues * (size_t)shape.posts,
               (double)(*ret_town)->took / 1e6, (*ret_town)->bytes / 1e9);
    else
        (void)fprintf(stderr, "bench: %s can't be filled: %s\n", data, strerror(-r));
    return r;
}

static int make_towns(struct bench *bench, unsigned needs)
{
    const struct {
        unsigned need;
        const char *name;
        struct town_shape shape;
        struct town **town;
    } all[] = {
        { 0, "small", { SMALL_DIALOGUES, TOWN_POSTS, TOWN_GROUPS, false }, &bench->small },
        { LARGE, "large", { (size_t)bench->large_posts / TOWN_POSTS, TOWN_POSTS, TOWN_GROUPS, false }, &bench->large },
        { WIDE, "wide", { WIDE_DIALOGUES, TOWN_POSTS, TOWN_GROUPS, false }, &bench->wide },
        { SEARCHED, "searched", { TOWN_SHOWN, SEARCHED_POSTS, 1, false }, &bench->searched },
        { TODAY, "today", { SMALL_DIALOGUES, 2 * TOWN_POSTS, TOWN_GROUPS, true }, &bench->today },
    };
    int r = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && r == 0; i++)
        if ((all[i].need & needs) == all[i].need)
            r = make_town(bench, all[i].name, all[i].shape, all[i].town);
    sync();   // or what was filled is still being written while commits are measured
    return r;
}

static int measure(struct bench *bench, char **names)
{
    unsigned needs = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (wanted(all_rows[i].name, names))
            needs |= all_rows[i].needs;
    int r = make_towns(bench, needs);
    for (size_t i = 0; i < ROWS && r == 0; i++) {
        if (!wanted(all_rows[i].name, names))
            continue;
        (void)fflush(stdout);
        r = all_rows[i].measure(bench);
        if (r < 0)
            (void)fprintf(stderr, "bench: %s: %s\n", all_rows[i].name, strerror(-r));
    }
    return r;
}

// A number of posts that a town can have; 0 when it is none.
static int64_t read_posts(const char *text)
{
    char *end;
    long long posts = text ? strtoll(text, &end, 10) : LARGE_POSTS;
    if (text && (*end || posts < TOWN_SHOWN * TOWN_POSTS || posts > LARGE_POSTS_MAX))
        return 0;
    return posts;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    if (argc < 4) {
        (void)fprintf(stderr, "bench PROGRAM STREAMS FOLDER [ROUNDS [ROW...]]\n");
        return 2;
    }
    size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : ROUNDS;
    bench = (struct bench){
        .program = argv[1], .streams = argv[2], .folder = argv[3], .rounds = rounds, .large_posts = read_posts(getenv("POSTS")),
        .postgres = getenv("SAMTRAAD_POSTGRES")
    };
    if (bench.large_posts == 0) {
        (void)fprintf(stderr, "bench: POSTS must be a number from %d to %d\n", TOWN_SHOWN * TOWN_POSTS, LARGE_POSTS_MAX);
        return 2;
    }
    if (rounds < 1 || rounds > TABLE_ROUNDS) {
        (void)fprintf(stderr, "bench: 1 to %d rounds\n", TABLE_ROUNDS);
        return 2;
    }
    char *none[] = { NULL };
    int r = measure(&bench, argc > 5 ? argv + 5 : none);
    bool met = table_print(&bench.table);
    town_free(bench.small);
    town_free(bench.large);
    town_free(bench.searched);
    town_free(bench.today);
    town_free(bench.wide);
    return r < 0 ? 2 : !met;
}
