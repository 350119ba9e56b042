// SPDX-License-Identifier: MPL-2.0
// commit_crash [KILLS [SEED]]: a process writes through the one writer with its log and says what
// was acknowledged; it is killed (SIGKILL) at a random moment and begun again. After each kill
// everything acknowledged is there exactly once, every row has its record in the log and every
// record its row, and the log holds.
#include "base/log.h"
#include "rows.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS 100
#define LIFE_US 40000   // the longest life of a writing process
#define IDS_MAX 4000000

static void say(void *context, int64_t id)
{
    if (write(*(const int *)context, &id, sizeof(id)) != sizeof(id))
        fail("the pipe", errno);
}

// Reads what the dead process has said; the kernel keeps it.
static void collect(int pipe, struct acknowledged *acknowledged)
{
    ssize_t got;

    while ((got = read(pipe, &acknowledged->ids[acknowledged->count], sizeof(int64_t))) ==
           sizeof(int64_t))
        if (++acknowledged->count >= IDS_MAX)
            fail("more rows than this test holds", IDS_MAX);
    if (got != 0)
        fail("half an id in the pipe", got);
}

static void run_and_kill(const struct place *place, int64_t round,
                         struct acknowledged *acknowledged)
{
    int ends[2], status;

    if (pipe(ends) < 0)
        fail("pipe", errno);
    pid_t child = fork();
    if (child < 0)
        fail("fork", errno);
    if (child == 0) {
        struct rows rows = { .acknowledge = say, .context = &ends[1] };

        close(ends[0]);
        rows_open(place, &rows);
        rows_write(&rows, round, ROWS_FOR_EVER);
    }
    close(ends[1]);
    usleep((useconds_t)(random() % LIFE_US) + 20000);
    kill(child, SIGKILL);
    collect(ends[0], acknowledged);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
        fail("the process ended by itself", status);
}

int main(int argc, char **argv)
{
    long kills = argc > 1 ? strtol(argv[1], NULL, 10) : KILLS;
    unsigned seed = (unsigned)(argc > 2 ? strtol(argv[2], NULL, 10) : time(NULL));
    struct acknowledged acknowledged = { .ids = calloc(IDS_MAX, sizeof(int64_t)) };
    struct place place;
    uint64_t rows = 0;

    if (!acknowledged.ids)
        fail("preparing", errno);
    place_make(&place);
    printf("seed %u\n", seed);
    fflush(stdout);
    srandom(seed);
    log_threshold(LOG_WARNING);
    rows_prepare(&place);
    for (long round = 1; round <= kills; round++) {
        run_and_kill(&place, round, &acknowledged);
        rows = rows_check(&place, &acknowledged);
    }
    place_remove(&place);
    if (acknowledged.count == 0)
        fail("nothing was ever acknowledged", 0);
    printf("%ld kills, %zu acknowledged, %llu rows, each with its record\n", kills,
           acknowledged.count, (unsigned long long)rows);
    free(acknowledged.ids);
    return EXIT_SUCCESS;
}
