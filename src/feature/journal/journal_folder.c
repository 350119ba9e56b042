// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "feature/journal/journal_adapter.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 120
#define MANIFEST_MAX ((size_t)1 << 20)

struct folder {
    struct journal_adapter adapter;   // first
    char path[4000];
};

static int open_folder(const struct folder *folder)
{
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int read_file(int at, const char *name, struct buf *out)
{
    _cleanup_(close_descriptor) int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    for (;;) {
        char *to = buf_reserve(out, 1 << 14);
        ssize_t n = to ? read(fd, to, 1 << 14) : 0;
        if (!to || n == 0)
            return out->error;
        if (n < 0 && errno != EINTR)
            return -errno;
        out->len += n > 0 ? (size_t)n : 0;
    }
}

static int write_file(int at, const struct journal_file *file)
{
    _cleanup_(close_descriptor) int fd = openat(at, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    size_t done = 0;
    if (fd < 0)
        return -errno;
    while (done < file->bytes.len) {
        ssize_t n = write(fd, file->bytes.ptr + done, file->bytes.len - done);
        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

// What an earlier try has left.
static void remove_part(int at, const char *part, const struct journal_parcel *parcel)
{
    int fd = openat(at, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    for (size_t i = 0; fd >= 0 && i < parcel->count; i++)
        unlinkat(fd, parcel->files[i].name, 0);
    if (fd >= 0)
        close(fd);
    unlinkat(at, part, AT_REMOVEDIR);
}

static int write_part(int at, const char *part, const struct journal_parcel *parcel)
{
    if (mkdirat(at, part, 0750) < 0)
        return -errno;
    _cleanup_(close_descriptor) int fd = openat(at, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int result = fd < 0 ? -errno : 0;
    for (size_t i = 0; result == 0 && i < parcel->count; i++)
        result = write_file(fd, &parcel->files[i]);
    return result == 0 && fsync(fd) < 0 ? -errno : result;
}

// Whether the parcel lies there already: 0, -ENOENT, or -EEXIST when it is another one.
static int find_parcel(int at, const struct journal_parcel *parcel)
{
    _cleanup_(buf_free) struct buf there = buf_bounded(MANIFEST_MAX);
    char name[2 * NAME_MAX_BYTES];
    const struct journal_file *manifest = &parcel->files[parcel->count - 1];
    snprintf(name, sizeof(name), "%s/%s", parcel->name, manifest->name);
    int result = faccessat(at, parcel->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : read_file(at, name, &there);
    if (result < 0)
        return result == -ENOENT && faccessat(at, parcel->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : result;
    return str_equal(buf_view(&there), bytes_str(manifest->bytes)) ? 0 : -EEXIST;
}

static int deliver(struct journal_adapter *adapter, const struct journal_parcel *parcel)
{
    _cleanup_(close_descriptor) int at = open_folder((const struct folder *)adapter);
    char part[NAME_MAX_BYTES];
    if (at < 0)
        return at;
    snprintf(part, sizeof(part), ".%s.part", parcel->name);
    int result = find_parcel(at, parcel);
    if (result == 0)
        return fsync(at) < 0 ? -errno : 0;
    if (result != -ENOENT)
        return result;
    remove_part(at, part, parcel);
    result = write_part(at, part, parcel);
    if (result == 0 && renameat2(at, part, at, parcel->name, RENAME_NOREPLACE) < 0)
        result = -errno;
    if (result < 0) {
        remove_part(at, part, parcel);
        return result;
    }
    return fsync(at) < 0 ? -errno : 0;
}

static int receipt(struct journal_adapter *adapter, const char *parcel, struct buf *out)
{
    _cleanup_(close_descriptor) int at = open_folder((const struct folder *)adapter);
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof(name), "%s.receipt.json", parcel);
    return at < 0 ? at : read_file(at, name, out);
}

static void free_folder(struct journal_adapter *adapter)
{
    free(adapter);
}

int journal_folder_new(const char *path, struct journal_adapter **ret_adapter)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    if (!folder)
        return -ENOMEM;
    folder->adapter = (struct journal_adapter){ deliver, receipt, free_folder };
    int len = snprintf(folder->path, sizeof(folder->path), "%s", path);
    if (len < 0 || (size_t)len >= sizeof(folder->path)) {
        free(folder);
        return -ENAMETOOLONG;
    }
    *ret_adapter = &folder->adapter;
    return 0;
}
