// SPDX-License-Identifier: MPL-2.0
#include "crypt/shares.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "samtraad share 1"
#define HEAD_BYTES 16

_Static_assert(sizeof(HEAD) - 1 == HEAD_BYTES, "layout of the file");

struct shares {
    int fd;
    int64_t count;   // atomic
};

static int write_at(int fd, const void *data, size_t len, int64_t at)
{
    const uint8_t *bytes = data;

    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

// 0 when all bytes are there; -ENODATA when the file is shorter.
static int read_at(int fd, void *ret_data, size_t len, int64_t at)
{
    uint8_t *bytes = ret_data;

    while (len > 0) {
        ssize_t n = pread(fd, bytes, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENODATA;
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int64_t place_of(int64_t number)
{
    return HEAD_BYTES + (number - 1) * SHARE_BYTES;
}

// An empty file is one whose making was interrupted.
static int read_head(int fd, bool make, const char *file, int64_t *ret_count)
{
    struct stat status;
    char head[HEAD_BYTES];

    if (fstat(fd, &status) < 0)
        return -errno;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return -EPERM;
    if (status.st_size < HEAD_BYTES && make) {
        int r = write_at(fd, HEAD, HEAD_BYTES, 0);
        *ret_count = 0;
        return r < 0 ? r : file_sync_folder(file);
    }
    int r = S_ISREG(status.st_mode) ? read_at(fd, head, sizeof(head), 0) : -EINVAL;
    if (r < 0 || memcmp(head, HEAD, HEAD_BYTES) != 0)
        return r == 0 || r == -ENODATA ? -EINVAL : r;
    // A share that a crash cut short was never used; the next one takes its place.
    *ret_count = (status.st_size - HEAD_BYTES) / SHARE_BYTES;
    return 0;
}

int shares_open(const char *file, bool make, struct shares **ret_shares)
{
    _cleanup_(close_descriptor) int fd = open(file, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    int64_t count = 0;
    int r = fd < 0 ? -errno : read_head(fd, make, file, &count);

    if (r < 0)
        return r;
    struct shares *shares = calloc(1, sizeof(*shares));
    if (!shares)
        return -ENOMEM;
    *shares = (struct shares){ .fd = fd, .count = count };
    fd = -1;
    *ret_shares = shares;
    return 0;
}

void shares_close(struct shares *shares)
{
    if (!shares)
        return;
    close(shares->fd);
    free(shares);
}

int64_t shares_count(const struct shares *shares)
{
    return __atomic_load_n(&shares->count, __ATOMIC_ACQUIRE);
}

int shares_get(const struct shares *shares, int64_t number, uint8_t ret_share[SHARE_BYTES])
{
    uint8_t share[SHARE_BYTES];

    if (number < 1 || number > shares_count(shares))
        return -ENOENT;
    int r = read_at(shares->fd, share, sizeof(share), place_of(number));
    if (r < 0)
        return r == -ENODATA ? -EIO : r;
    if (sodium_is_zero(share, sizeof(share)))
        return -ENOENT;
    memcpy(ret_share, share, sizeof(share));
    return 0;
}

int shares_append(struct shares *shares, const uint8_t *list, size_t count)
{
    int64_t before = shares_count(shares);
    int r = write_at(shares->fd, list, count * SHARE_BYTES, place_of(before + 1));

    if (r == 0)
        __atomic_store_n(&shares->count, before + (int64_t)count, __ATOMIC_RELEASE);
    return r;
}

int shares_destroy(struct shares *shares, int64_t number)
{
    static const uint8_t zeros[SHARE_BYTES];

    if (number < 1 || number > shares_count(shares))
        return -ENOENT;
    return write_at(shares->fd, zeros, sizeof(zeros), place_of(number));
}

int64_t shares_next_destroyed(const struct shares *shares, int64_t behind)
{
    uint8_t block[512 * SHARE_BYTES];
    const int64_t count = shares_count(shares);

    for (int64_t number = behind + 1; number <= count; number += 512) {
        size_t many = count - number + 1 < 512 ? (size_t)(count - number + 1) : 512;
        if (read_at(shares->fd, block, many * SHARE_BYTES, place_of(number)) < 0)
            return 0;
        for (size_t i = 0; i < many; i++)
            if (sodium_is_zero(block + i * SHARE_BYTES, SHARE_BYTES))
                return number + (int64_t)i;
    }
    return 0;
}
