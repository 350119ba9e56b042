// SPDX-License-Identifier: MPL-2.0
#include "audit/checkpoint_file.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_end(struct checkpoint_file *file)
{
    int r = checkpoint_read_end(file->fd, file->hasher, file->public_key, &file->end);

    if (r < 0 || !file->end.torn)
        return r;
    log_event(LOG_WARNING, "checkpoint-torn", "kept_bytes=%lld", (long long)file->end.finished);
    return ftruncate(file->fd, file->end.finished) < 0 || fsync(file->fd) < 0 ? -errno : 0;
}

int checkpoint_file_lock(struct checkpoint_file *file)
{
    struct stat status;
    int r;

    do
        r = flock(file->fd, LOCK_EX);
    while (r < 0 && errno == EINTR);
    if (r < 0 || fstat(file->fd, &status) < 0)
        return -errno;
    r = status.st_size == file->end.finished ? 0 : read_end(file);
    if (r < 0)
        checkpoint_file_unlock(file);
    return r;
}

void checkpoint_file_unlock(struct checkpoint_file *file)
{
    flock(file->fd, LOCK_UN);
}

int checkpoint_file_open(struct checkpoint_file *file, const char *path, struct merkle_hasher *hasher, struct keeper *keeper)
{
    *file = (struct checkpoint_file){ .fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600), .hasher = hasher };
    int r = file->fd < 0 ? -errno : keeper_public_key(keeper, file->public_key);

    r = r < 0 ? r : file_sync_folder(path);
    r = r < 0 ? r : checkpoint_file_lock(file);
    if (r == 0)
        checkpoint_file_unlock(file);
    return r;
}

static int write_line(int fd, const struct buf *line)
{
    size_t done = 0;
    int r = 0;

    while (r == 0 && done < line->len) {
        ssize_t n = write(fd, line->data + done, line->len - done);

        r = n > 0 || (n < 0 && errno == EINTR) ? 0 : n < 0 ? -errno : -ENOSPC;
        done += n > 0 ? (size_t)n : 0;
    }
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

int checkpoint_file_append(struct checkpoint_file *file, const struct checkpoint *checkpoint, struct buf *line)
{
    struct checkpoint_end after = { .any = true, .last = *checkpoint, .finished = file->end.finished + (int64_t)line->len + 1 };
    int r;

    merkle_digest(file->hasher, str_bytes(buf_view(line)), after.digest);
    buf_char(line, '\n');
    r = line->error ? line->error : write_line(file->fd, line);
    if (r < 0 && ftruncate(file->fd, file->end.finished) < 0)
        log_event(LOG_ERROR, "checkpoint-torn", "errno=%d", errno);
    if (r == 0)
        file->end = after;
    return r;
}
