// SPDX-License-Identifier: MPL-2.0
// What a manifest holds. Its text: manifest_text.c.
#include "command/manifest.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>

#define NAMES_MAX ((size_t)1 << 30)

int manifest_new(struct manifest *manifest)
{
    *manifest = (struct manifest){ 0 };
    int r = arena_new(NAMES_MAX, &manifest->arena);
    if (r < 0)
        return r;
    manifest->tables = arena_array(manifest->arena, MANIFEST_TABLES_MAX, sizeof(*manifest->tables));
    return manifest->tables ? 0 : -ENOMEM;
}

void manifest_free(struct manifest *manifest)
{
    free(manifest->files);
    free(manifest->pieces);
    arena_free(manifest->arena);
    *manifest = (struct manifest){ 0 };
}

// Room for one more.
static int grow(void *list, size_t count, size_t *room, size_t size, size_t max)
{
    size_t more = *room ? *room * 2 : 1024;
    void **memory = list;

    if (count < *room)
        return 0;
    if (count >= max)
        return -EMSGSIZE;
    void *bigger = reallocarray(*memory, more, size);
    if (!bigger)
        return -ENOMEM;
    *memory = bigger;
    *room = more;
    return 0;
}

int manifest_add_table(struct manifest *manifest, const char *name, int64_t rows, const uint8_t hash[CHEST_HASH])
{
    if (manifest->tables_count == MANIFEST_TABLES_MAX)
        return -EMSGSIZE;
    struct manifest_table *table = &manifest->tables[manifest->tables_count];
    *table = (struct manifest_table){ .name = arena_str(manifest->arena, str_from(name)).ptr, .rows = rows };
    memcpy(table->hash, hash, CHEST_HASH);
    manifest->tables_count += table->name ? 1 : 0;
    return table->name ? 0 : -ENOMEM;
}

int manifest_add_file(struct manifest *manifest, const char *name, int64_t size, int64_t changed, struct manifest_file **ret_file)
{
    int r = grow(&manifest->files, manifest->files_count, &manifest->files_room, sizeof(*manifest->files), MANIFEST_FILES_MAX);

    if (r < 0)
        return r;
    const char *copy = arena_str(manifest->arena, str_from(name)).ptr;
    if (!copy)
        return -ENOMEM;
    struct manifest_file *file = &manifest->files[manifest->files_count++];
    *file = (struct manifest_file){ .name = copy, .size = size, .changed = changed, .first = manifest->pieces_count };
    *ret_file = file;
    return 0;
}

int manifest_add_piece(struct manifest *manifest, const uint8_t hash[CHEST_HASH])
{
    int r = grow(&manifest->pieces, manifest->pieces_count, &manifest->pieces_room, CHEST_HASH, MANIFEST_PIECES_MAX);

    if (r < 0)
        return r;
    if (manifest->files_count == 0)
        return -EINVAL;
    memcpy(manifest->pieces[manifest->pieces_count++], hash, CHEST_HASH);
    manifest->files[manifest->files_count - 1].count++;
    return 0;
}

size_t manifest_piece_size(const struct manifest_file *file, size_t piece)
{
    size_t rest = (size_t)file->size - piece * CHEST_PIECE;

    return rest < CHEST_PIECE ? rest : CHEST_PIECE;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct manifest_file *)a)->name, ((const struct manifest_file *)b)->name);
}

int manifest_write_file(const struct manifest *manifest, const struct chest *chest, const struct manifest_file *file, int fd, uint8_t *piece)
{
    int r = 0;

    for (size_t i = 0; i < file->count && r == 0; i++) {
        const size_t len = manifest_piece_size(file, i);

        r = chest_get(chest, manifest->pieces[file->first + i], piece, len);
        r = r < 0 ? r : file_write(fd, bytes_from(piece, len));
    }
    return r;
}

void manifest_sort(struct manifest *manifest)
{
    if (manifest->files_count > 0)
        qsort(manifest->files, manifest->files_count, sizeof(*manifest->files), by_name);
}

struct manifest_file *manifest_find(const struct manifest *manifest, const char *name)
{
    const struct manifest_file wanted = { .name = name };

    return manifest->files_count == 0 ? NULL : bsearch(&wanted, manifest->files, manifest->files_count, sizeof(*manifest->files), by_name);
}
