// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_disk.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "feature/file/file_sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_BYTES 4096
#define FRESH_SECONDS 3600

struct path {
    char text[PATH_BYTES];
};

static struct path path_of(const char *folder, int64_t id, enum file_part part)
{
    struct path path;
    snprintf(path.text, sizeof(path.text), "%s/%lld.%d", folder, (long long)id, (int)part);
    return path;
}

static struct sealed_file sealed_of(const struct file *file, enum file_part part)
{
    struct sealed_file sealed = { .file = file->id, .part = part };
    memcpy(sealed.key, file->key, sizeof(sealed.key));
    return sealed;
}

int file_disk_open(const char *folder, const struct file *file, enum file_part part, bool write, int *ret_fd)
{
    struct path path = path_of(folder, file->id, part);
    int fd = open(path.text, write ? O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW : O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    *ret_fd = fd;
    return 0;
}

int file_disk_put(const char *folder, const struct file *file, enum file_part part, struct bytes plain)
{
    _cleanup_(close_descriptor) int fd = -1;
    struct path path = path_of(folder, file->id, part);
    struct sealed_file sealed = sealed_of(file, part);
    int result = file_disk_open(folder, file, part, true, &fd);
    if (result == 0)
        result = sealed_file_write(&sealed, fd, 0, plain);
    sealed_file_forget(&sealed);
    if (result == 0 && fsync(fd) < 0)
        result = -errno;
    return result < 0 ? result : file_sync_folder(path.text);
}

int file_disk_length(const char *folder, const struct file *file, enum file_part part, int64_t size, int64_t *ret_length)
{
    _cleanup_(close_descriptor) int fd = -1;
    int result = file_disk_open(folder, file, part, false, &fd);
    if (result == -ENOENT) {
        *ret_length = 0;
        return 0;
    }
    return result < 0 ? result : sealed_file_length(fd, size, ret_length);
}

int file_disk_add(const char *folder, const struct file *file, int64_t offset, struct bytes piece, int64_t *ret_length)
{
    _cleanup_(close_descriptor) int fd = -1;
    int64_t size = file->parts[FILE_UPLOAD].bytes, end = offset + (int64_t)piece.len;
    if (offset < 0 || end > size || offset % (int64_t)SEALED_FILE_CHUNK != 0 || (end != size && end % (int64_t)SEALED_FILE_CHUNK != 0))
        return -EINVAL;
    int result = file_disk_open(folder, file, FILE_UPLOAD, true, &fd);
    // Two that send the same piece (a connection that was thought lost) take turns.
    if (result == 0 && flock(fd, LOCK_EX) < 0)
        result = -errno;
    if (result == 0)
        result = sealed_file_length(fd, size, ret_length);
    if (result < 0 || *ret_length != offset)
        return result;
    struct sealed_file sealed = sealed_of(file, FILE_UPLOAD);
    result = sealed_file_write(&sealed, fd, offset, piece);
    sealed_file_forget(&sealed);
    if (result == 0)
        *ret_length = end;
    return result;
}

static int read_whole(int fd, const struct file *file, enum file_part part, uint8_t *bytes)
{
    struct sealed_file sealed = sealed_of(file, part);
    int64_t size = file->parts[part].bytes;
    int result = 0;
    size_t len;
    for (int64_t at = 0; at < size && result == 0; at += (int64_t)len)
        result = sealed_file_read(&sealed, fd, size, at, bytes + at, &len);
    sealed_file_forget(&sealed);
    return result;
}

int file_disk_upload(const char *folder, const struct file *file, uint8_t **ret_bytes)
{
    _cleanup_(close_descriptor) int fd = -1;
    int64_t size = file->parts[FILE_UPLOAD].bytes, length;
    int result = file_disk_length(folder, file, FILE_UPLOAD, size, &length);
    if (result == 0 && length != size)
        result = -EBUSY;
    if (result == 0)
        result = file_disk_open(folder, file, FILE_UPLOAD, false, &fd);
    if (result < 0)
        return result;
    uint8_t *bytes = malloc((size_t)size + 1);   // of none, too
    if (!bytes)
        return -ENOMEM;
    result = read_whole(fd, file, FILE_UPLOAD, bytes);
    if (result < 0) {
        free(bytes);
        return result;
    }
    *ret_bytes = bytes;
    return 0;
}

void file_disk_remove(const char *folder, int64_t id, enum file_part part)
{
    struct path path = path_of(folder, id, part);
    if (unlink(path.text) < 0 && errno != ENOENT)
        log_event(LOG_ERROR, "file-remove", "file=%lld errno=%d", (long long)id, errno);
}

int file_read(const struct app *app, const struct file *file, enum file_part part, struct arena *arena, struct bytes *ret_bytes)
{
    _cleanup_(close_descriptor) int fd = -1;
    size_t size = (size_t)file->parts[part].bytes;
    uint8_t *bytes = arena_alloc(arena, size ? size : 1);
    int result = bytes ? file_disk_open(app->files_path, file, part, false, &fd) : -ENOMEM;
    if (result == 0)
        result = read_whole(fd, file, part, bytes);
    if (result == 0)
        *ret_bytes = bytes_from(bytes, size);
    return result;
}

int file_walk(const struct app *app, const struct file *file, enum file_part part, int (*each)(void *context, struct bytes chunk), void *context)
{
    _cleanup_(close_descriptor) int fd = -1;
    struct sealed_file sealed = sealed_of(file, part);
    int64_t size = file->parts[part].bytes;
    uint8_t *plain = malloc(SEALED_FILE_CHUNK);
    int result = plain ? file_disk_open(app->files_path, file, part, false, &fd) : -ENOMEM;
    size_t len;
    for (int64_t at = 0; at < size && result == 0; at += (int64_t)len) {
        result = sealed_file_read(&sealed, fd, size, at, plain, &len);
        if (result == 0)
            result = each(context, bytes_from(plain, len));
    }
    sealed_file_forget(&sealed);
    if (plain)
        explicit_bzero(plain, SEALED_FILE_CHUNK);
    free(plain);
    return result;
}

// A part on its way out: one chunk is open at a time.
struct outgoing {
    struct sealed_file sealed;
    int fd;
    int64_t size;
    int64_t chunk;   // where the open one begins; -1: none yet
    size_t len;
    uint8_t plain[SEALED_FILE_CHUNK];
};

static ssize_t fill(void *data, uint64_t at, uint8_t *ret_data, size_t room)
{
    struct outgoing *outgoing = data;
    int64_t chunk = (int64_t)at - (int64_t)at % (int64_t)SEALED_FILE_CHUNK;
    if ((int64_t)at >= outgoing->size)
        return -EINVAL;
    if (chunk != outgoing->chunk) {
        int result = sealed_file_read(&outgoing->sealed, outgoing->fd, outgoing->size, chunk, outgoing->plain, &outgoing->len);
        if (result < 0) {
            log_event(LOG_ERROR, "file-unreadable", "file=%lld part=%lld errno=%d", (long long)outgoing->sealed.file, (long long)outgoing->sealed.part, -result);
            return result;
        }
        outgoing->chunk = chunk;
    }
    size_t from = (size_t)((int64_t)at - chunk), len = outgoing->len - from;
    len = len < room ? len : room;
    memcpy(ret_data, outgoing->plain + from, len);
    return (ssize_t)len;
}

static void done(void *data)
{
    struct outgoing *outgoing = data;
    sealed_file_forget(&outgoing->sealed);
    close(outgoing->fd);
    explicit_bzero(outgoing->plain, sizeof(outgoing->plain));
    free(outgoing);
}

int file_disk_source(const char *folder, const struct file *file, enum file_part part, struct source *ret_source)
{
    struct outgoing *outgoing = malloc(sizeof(*outgoing));
    int result = outgoing ? file_disk_open(folder, file, part, false, &outgoing->fd) : -ENOMEM;
    if (result < 0) {
        free(outgoing);
        return result == -ENOENT ? -EIO : result;   // the row says that it is there
    }
    outgoing->sealed = sealed_of(file, part);
    outgoing->size = file->parts[part].bytes;
    outgoing->chunk = -1;
    *ret_source = (struct source){ .length = (uint64_t)outgoing->size, .fill = fill, .done = done, .data = outgoing };
    return 0;
}

void files_remove(const char *folder, const int64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int part = FILE_UPLOAD; part < FILE_PARTS; part++)
            file_disk_remove(folder, ids[i], (enum file_part)part);
    }
}

// Whether a row knows the file that a name in the folder belongs to.
static int is_known(struct db *db, struct arena *arena, const char *name, int64_t *ret_id)
{
    struct sql_file_known row;
    struct str rest = str_from(name), id = str_cut(&rest, '.');
    if (str_to_int(id, ret_id) < 0)
        return 1;   // nothing of ours: left alone
    int result = sql_file_known(db, arena, &(struct sql_file_known_in){ .id = *ret_id }, &row);
    return result == 0 ? 1 : result == -ENOENT ? 0 : result;
}

// Another server may be writing a file of which the row comes later.
static bool is_fresh(int folder, const char *name)
{
    struct stat status;
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || status.st_mtime > time(NULL) - FRESH_SECONDS;
}

int files_begin(const char *folder, bool alone, struct db *db)
{
    struct arena *arena;
    struct dirent *entry;
    size_t removed = 0;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    DIR *list = opendir(folder);
    int result = list ? arena_new((size_t)1 << 20, &arena) : -errno;
    while (list && result == 0 && (entry = readdir(list))) {
        int64_t id;
        arena_reset(arena);
        result = !alone && is_fresh(dirfd(list), entry->d_name) ? 1 : is_known(db, arena, entry->d_name, &id);
        if (result == 0) {
            files_remove(folder, &id, 1);
            removed++;
        }
        result = result > 0 ? 0 : result;
    }
    if (list)
        closedir(list);
    if (result == 0 || list)
        arena_free(arena);
    if (removed)
        log_event(LOG_INFO, "files-removed", "count=%zu meaning=\"no row knows them\"", removed);
    return result;
}
