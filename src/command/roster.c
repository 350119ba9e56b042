// SPDX-License-Identifier: MPL-2.0
#include "command/roster.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>

_Static_assert(NODES_MAX <= 64, "a bit for each");

#define LEADER 0   // the byte of whoever leads; behind it one for each number

static int open_file(const struct options *options, int flags, int *ret_fd)
{
    struct str path = arena_format(options->arena, "%s/servers", options->data);

    *ret_fd = path.ptr ? open(path.ptr, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600) : -1;
    return path.ptr ? *ret_fd < 0 ? -errno : 0 : -ENOMEM;
}

// Of the open file and not of the process: gone with its last descriptor.
static int lock_byte(int fd, off_t byte)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

int roster_join(const struct options *options, int *ret_fd, unsigned *ret_number)
{
    _cleanup_(close_descriptor) int fd = -1;
    int r = open_file(options, O_CREAT, &fd);

    if (r < 0)
        return r;
    r = -EAGAIN;
    for (unsigned number = 1; number <= NODES_MAX && r == -EAGAIN; number++) {
        r = lock_byte(fd, number);
        *ret_number = number;
    }
    if (r < 0)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int roster_open(const struct options *options, int *ret_fd)
{
    return open_file(options, 0, ret_fd);
}

int roster_lead(const struct options *options, int *ret_fd)
{
    _cleanup_(close_descriptor) int fd = -1;
    int r = open_file(options, 0, &fd);

    r = r < 0 ? r : lock_byte(fd, LEADER);
    if (r < 0)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int roster_read(int fd, uint64_t *ret_live)
{
    uint64_t live = 0;

    for (unsigned number = 1; number <= NODES_MAX; number++) {
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = number, .l_len = 1 };

        if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
            return -errno;
        if (lock.l_type != F_UNLCK)
            live |= UINT64_C(1) << (number - 1);
    }
    *ret_live = live;
    return 0;
}
