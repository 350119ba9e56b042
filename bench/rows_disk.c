// SPDX-License-Identifier: MPL-2.0
#include "process.h"
#include "rows.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WRITES 64
#define COMMIT 16384   // bytes: a few pages of the write-ahead log
#define SMALL_POSTS 1000
#define SEARCHED_POSTS 100000
#define MEMORY_REFERENCE 256e6

// Microseconds of appending a commit's bytes to a file, with or without waiting for the disk.
static int write_commits(int fd, bool sync, double *ret_each)
{
    static const char bytes[COMMIT] = "commit";
    int64_t begun = process_clock();
    for (unsigned i = 0; i < WRITES; i++)
        if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes) || (sync && fdatasync(fd) < 0))
            return -EIO;
    *ret_each = (double)(process_clock() - begun) / WRITES;
    return 0;
}

static int measure_sync(struct bench *bench, struct row *row)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/commits", bench->folder);
    _cleanup_(close_descriptor) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : 0;
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        double with, without;
        r = write_commits(fd, true, &with);
        r = r < 0 ? r : write_commits(fd, false, &without);
        if (r == 0)
            row_add(row, with, without);
    }
    unlink(path);
    return r;
}

// What a reading leaves on the disk, and what the program takes of memory after many of them.
static int measure_reading(struct bench *bench, double *ret_bytes, double *ret_memory)
{
    struct running server = { 0 };
    struct requests pages = { 0 };
    struct client_result result;
    double before = town_bytes(bench->small);
    int r = running_serve(bench->program, bench->small, &server);
    r = r < 0 ? r : requests_pages(bench->small, &pages);
    struct client_load load = requests_load(&pages, &server, LOAD_CONNECTIONS, 200);
    load.warm_up = 0;
    r = r < 0 ? r : requests_ask(&load, &result);
    *ret_memory = r == 0 ? (double)process_memory_all(server.pid) : 0;
    int stopped = running_stop(&server);
    r = r < 0 ? r : stopped;
    if (r == 0)
        *ret_bytes = (town_bytes(bench->small) - before) / (double)result.answers;
    requests_free(&pages);
    return r;
}

int rows_disk(struct bench *bench)
{
    struct row *sync = table_row(&bench->table, "sync", "16 KiB appended, on the disk", "appended only", "us");
    struct row *post = table_row(&bench->table, "post_bytes", "disk for a post, with its log record", "its text", "bytes");
    struct row *read = table_row(&bench->table, "read_bytes", "disk for the record of a reading", "a post", "bytes");
    struct row *memory = table_row(&bench->table, "memory", "memory of the program and its keeper after pages", "256 MB", "bytes");
    double reading = 0, resident = 0;
    int r = measure_sync(bench, sync);
    r = r < 0 ? r : measure_reading(bench, &reading, &resident);
    if (r < 0)
        return r;
    double each = (bench->searched->bytes - bench->small->bytes) / (SEARCHED_POSTS - SMALL_POSTS);
    row_add(post, each, TOWN_TEXT);
    row_add(read, reading, each);
    row_add(memory, resident, MEMORY_REFERENCE);
    return 0;
}
