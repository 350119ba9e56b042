// SPDX-License-Identifier: MPL-2.0
// Preloaded into the server by disk_errors.test.mjs: every third read or write of a file in SHORT_FOLDER moves only half of what was asked,
// as the kernel may at any time.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder;
static atomic_uint calls, cut;

__attribute__((constructor)) static void prepare(void)
{
    folder = getenv("SHORT_FOLDER");
}

// Said once, so that the test knows that it had a part in it.
static void tell(void)
{
    static const char line[] = "short_shim: the first one was cut\n";

    if (atomic_fetch_add(&cut, 1) == 0 && syscall(SYS_write, 2, line, sizeof(line) - 1) < 0)
        abort();
}

static size_t shorter(int fd, size_t len)
{
    char link[32], path[512];

    if (!folder || fd <= 2 || len < 2)
        return len;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path));
    if (n < (ssize_t)strlen(folder) || memcmp(path, folder, strlen(folder)) != 0 || atomic_fetch_add(&calls, 1) % 3 != 0)
        return len;
    tell();
    return len / 2;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    return syscall(SYS_pwrite64, fd, data, shorter(fd, len), at);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
    return syscall(SYS_pread64, fd, data, shorter(fd, len), at);
}

ssize_t write(int fd, const void *data, size_t len)
{
    return syscall(SYS_write, fd, data, shorter(fd, len));
}
