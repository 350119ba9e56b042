// SPDX-License-Identifier: MPL-2.0
#include "command/manifest.h"

#include "base/cleanup.h"
#include "base/encode.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#define ARENA_MAX ((size_t)64 << 20)

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, CHEST_HASH);
}

struct needed {
    uint8_t (*hashes)[CHEST_HASH];
    size_t count;
};

static int add_needed(struct needed *needed, const struct manifest *manifest)
{
    void *bigger = reallocarray(needed->hashes, needed->count + manifest->pieces_count + 1, CHEST_HASH);

    if (!bigger)
        return -ENOMEM;
    needed->hashes = bigger;
    if (manifest->pieces_count > 0)
        memcpy(needed->hashes + needed->count, manifest->pieces, manifest->pieces_count * CHEST_HASH);
    needed->count += manifest->pieces_count;
    // Most pieces are in every backup.
    qsort(needed->hashes, needed->count, CHEST_HASH, by_hash);
    size_t kept = 0;
    for (size_t i = 0; i < needed->count; i++)
        if (kept == 0 || memcmp(needed->hashes[kept - 1], needed->hashes[i], CHEST_HASH) != 0)
            memmove(needed->hashes[kept++], needed->hashes[i], CHEST_HASH);
    needed->count = kept;
    return 0;
}

static int sweep_folder(int pieces, const char *name, const struct needed *needed, int64_t *removed)
{
    int fd = openat(pieces, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    uint8_t hash[CHEST_HASH];
    int r = 0;

    if (!list)
        return -errno;
    for (struct dirent *entry; r == 0 && (entry = readdir(list));) {
        if (decode_hex_exact(str_from(entry->d_name), hash, sizeof(hash)) < 0 ||
            (needed->count > 0 && bsearch(hash, needed->hashes, needed->count, CHEST_HASH, by_hash)))
            continue;
        r = unlinkat(dirfd(list), entry->d_name, 0) < 0 ? -errno : 0;
        *removed += r == 0;
    }
    closedir(list);
    return r;
}

static int sweep(const struct chest *chest, const struct needed *needed, int64_t *removed)
{
    for (unsigned i = 0; i < 256; i++) {
        char name[3];

        snprintf(name, sizeof(name), "%02x", i);
        int r = sweep_folder(chest->pieces, name, needed, removed);
        if (r < 0 && r != -ENOENT)
            return r;
    }
    return 0;
}

int chest_prune(struct chest *chest, size_t keep, int64_t *ret_backups, int64_t *ret_pieces)
{
    _cleanup_(free_pointer) void *hashes = NULL;
    struct needed needed = { 0 };
    struct arena *arena;
    const char **names;
    size_t count;
    int r = arena_new(ARENA_MAX, &arena);

    if (r < 0)
        return r;
    r = chest_backups(chest, arena, &names, &count);
    size_t old = r == 0 && count > keep ? count - keep : 0;
    for (size_t i = old; i < count && r == 0 && old > 0; i++) {
        struct manifest manifest;

        // One that can't be read may need any piece: then none is removed.
        r = manifest_read(chest, names[i], NULL, &manifest);
        r = r < 0 ? r : add_needed(&needed, &manifest);
        manifest_free(&manifest);
    }
    hashes = needed.hashes;
    for (size_t i = 0; i < old && r == 0; i++)
        r = unlinkat(chest->backups, names[i], 0) < 0 ? -errno : 0;
    // The manifests are gone for good before the first of their pieces is.
    if (r == 0 && old > 0)
        r = fsync(chest->backups) < 0 ? -errno : sweep(chest, &needed, ret_pieces);
    *ret_backups += r == 0 ? (int64_t)old : 0;
    arena_free(arena);
    return r;
}
