// SPDX-License-Identifier: MPL-2.0
#include "command/chest.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#define WAITING_MAX 1024      // pieces for one syncfs
#define BACKUPS_MAX 100000

// "ab/abcd…"; the part behind the slash is the piece's name in 'incoming'.
struct piece_path {
    char text[3 + 2 * CHEST_HASH + 1];
};

static struct piece_path path_of(const uint8_t hash[CHEST_HASH])
{
    struct piece_path path;

    sodium_bin2hex(path.text + 3, 2 * CHEST_HASH + 1, hash, CHEST_HASH);
    memcpy(path.text, path.text + 3, 2);
    path.text[2] = '/';
    return path;
}

static int open_folder(int root, const char *name, bool make)
{
    if (make && mkdirat(root, name, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

// What a backup that was cut off has left.
static int clear_incoming(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    int r = 0;

    if (!list)
        return -errno;
    for (struct dirent *entry; (entry = readdir(list)) && r == 0;)
        if (entry->d_name[0] != '.' && unlinkat(folder, entry->d_name, 0) < 0)
            r = -errno;
    closedir(list);
    return r;
}

// For many who read, or for one who writes.
static int open_root(struct chest *chest, bool make)
{
    chest->root = open_folder(AT_FDCWD, chest->folder, make);
    if (chest->root < 0)
        return chest->root;
    if (flock(chest->root, (make ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    chest->list = make ? calloc(WAITING_MAX, CHEST_HASH) : NULL;
    return make && !chest->list ? -ENOMEM : 0;
}

int chest_open(const char *folder, bool make, struct chest *chest)
{
    *chest = (struct chest){ .folder = folder, .root = -1, .pieces = -1, .backups = -1, .incoming = -1 };
    int r = open_root(chest, make);
    if (r < 0)
        return r;
    chest->pieces = open_folder(chest->root, "pieces", make);
    chest->backups = open_folder(chest->root, "backups", make);
    if (chest->pieces < 0 || chest->backups < 0)
        return chest->pieces < 0 ? chest->pieces : chest->backups;
    if (!make)
        return 0;
    chest->incoming = open_folder(chest->root, "incoming", true);
    return chest->incoming < 0 ? chest->incoming : clear_incoming(chest->incoming);
}

void chest_close(struct chest *chest)
{
    close_descriptor(&chest->incoming);
    close_descriptor(&chest->backups);
    close_descriptor(&chest->pieces);
    close_descriptor(&chest->root);
    free(chest->list);
}

static bool hash_of(struct bytes piece, uint8_t ret_hash[CHEST_HASH])
{
    return EVP_Digest(piece.ptr, piece.len, ret_hash, NULL, EVP_sha256(), NULL) == 1;
}

bool chest_has(const struct chest *chest, const uint8_t hash[CHEST_HASH], size_t size)
{
    struct piece_path path = path_of(hash);
    struct stat status;

    return fstatat(chest->pieces, path.text, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size == size;
}

int chest_put(struct chest *chest, struct bytes piece, uint8_t ret_hash[CHEST_HASH])
{
    if (!hash_of(piece, ret_hash))
        return -ENOMEM;
    if (chest_has(chest, ret_hash, piece.len))
        return 0;
    struct piece_path path = path_of(ret_hash);
    _cleanup_(close_descriptor) int fd = openat(chest->incoming, path.text + 3, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;   // twice in this backup
    int r = file_write(fd, piece);
    if (r < 0)
        return r;
    memcpy(chest->list[chest->waiting++], ret_hash, CHEST_HASH);
    chest->added++;
    chest->added_bytes += (int64_t)piece.len;
    return chest->waiting == WAITING_MAX ? chest_settle(chest) : 0;
}

// First the bytes, then the names: a piece that has its name has its bytes. One sync for many.
int chest_settle(struct chest *chest)
{
    if (chest->waiting == 0)
        return 0;
    if (syncfs(chest->root) < 0)
        return -errno;
    for (size_t i = 0; i < chest->waiting; i++) {
        struct piece_path path = path_of(chest->list[i]);
        char folder[3] = { path.text[0], path.text[1], '\0' };

        if (mkdirat(chest->pieces, folder, 0700) < 0 && errno != EEXIST)
            return -errno;
        if (renameat(chest->incoming, path.text + 3, chest->pieces, path.text) < 0)
            return -errno;
    }
    chest->waiting = 0;
    return syncfs(chest->root) < 0 ? -errno : 0;
}

int chest_get(const struct chest *chest, const uint8_t hash[CHEST_HASH], uint8_t *ret_piece, size_t size)
{
    struct piece_path path = path_of(hash);
    _cleanup_(close_descriptor) int fd = openat(chest->pieces, path.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    uint8_t found[CHEST_HASH];
    size_t len = 0;

    if (fd < 0)
        return errno == ENOENT ? -EBADMSG : -errno;
    while (len < size) {
        ssize_t n = read(fd, ret_piece + len, size - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EBADMSG;
        len += (size_t)n;
    }
    if (!hash_of(bytes_from(ret_piece, size), found))
        return -ENOMEM;
    return memcmp(found, hash, CHEST_HASH) == 0 ? 0 : -EBADMSG;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int chest_backups(const struct chest *chest, struct arena *arena, const char ***ret_names, size_t *ret_count)
{
    const char **names = arena_array(arena, BACKUPS_MAX, sizeof(*names));
    int copy = openat(chest->backups, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    size_t count = 0;

    if (!list)
        return -errno;
    for (struct dirent *entry; names && count < BACKUPS_MAX && (entry = readdir(list));)
        if (entry->d_name[0] != '.' && !(names[count++] = arena_str(arena, str_from(entry->d_name)).ptr))
            names = NULL;
    closedir(list);
    if (!names)
        return -ENOMEM;
    qsort(names, count, sizeof(*names), by_name);
    *ret_names = names;
    *ret_count = count;
    return 0;
}
