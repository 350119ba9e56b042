// SPDX-License-Identifier: MPL-2.0
#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

int file_write(int fd, struct bytes data)
{
    while (data.len > 0) {
        ssize_t n = write(fd, data.ptr, data.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        data = bytes_from(data.ptr + n, data.len - (size_t)n);
    }
    return 0;
}

int file_write_at(int fd, struct bytes data, off_t at)
{
    while (data.len > 0) {
        ssize_t n = pwrite(fd, data.ptr, data.len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        data = bytes_from(data.ptr + n, data.len - (size_t)n);
        at += n;
    }
    return 0;
}

ssize_t file_read_at(int fd, void *ret_data, size_t size, off_t at)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = pread(fd, (char *)ret_data + have, size - have, at + (off_t)have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

int file_sync_folder(const char *file)
{
    _cleanup_(free_pointer) char *copy = strdup(file);
    _cleanup_(close_descriptor) int fd = -1;

    if (!copy)
        return -ENOMEM;
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}
