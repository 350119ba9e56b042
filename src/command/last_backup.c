// SPDX-License-Identifier: MPL-2.0
#include "command/last_backup.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>

int last_backup_write(const struct options *options, int64_t ms)
{
    const char *fresh = arena_format(options->arena, "%s.new", options->last_backup).ptr;
    struct str text = arena_format(options->arena, "%lld\n", (long long)ms);

    if (!fresh || !text.ptr)
        return -ENOMEM;
    _cleanup_(close_descriptor) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (file_write(fd, str_bytes(text)) < 0 || fsync(fd) < 0 || rename(fresh, options->last_backup) < 0)
        return -EIO;
    return file_sync_folder(options->last_backup);
}

int64_t last_backup_read(const struct options *options)
{
    _cleanup_(close_descriptor) int fd = open(options->last_backup, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char text[32];
    ssize_t n = fd < 0 ? -1 : file_read_at(fd, text, sizeof(text), 0);
    int64_t ms;

    return n > 1 && str_to_int((struct str){ text, (size_t)n - 1 }, &ms) == 0 ? ms : 0;
}
