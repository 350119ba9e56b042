// SPDX-License-Identifier: MPL-2.0
// What one backup consists of: lines of text, so that it can be read, and restored, without this program.
//
//     samtraad backup 1
//     made 1790000000000                ms
//     table account 12 HASH             rows, and the hash of copy_each (store/copy.h)
//     file samtraad.db 409600 0         name, bytes, time of its last change in ns (0: not looked at)
//     piece HASH                        of the file above, in order; all but the last have CHEST_PIECE bytes
//     signature HEX                     the log's key over "samtraad save 1" filled up with zeros to 16 bytes | SHA-256 of all before this line
#pragma once

#include "command/chest.h"
#include "crypt/keeper.h"

#define MANIFEST_FILES_MAX ((size_t)1 << 23)
#define MANIFEST_PIECES_MAX ((size_t)1 << 25)   // 8 TiB
#define MANIFEST_TABLES_MAX 1000

struct manifest_file {
    const char *name;
    int64_t size, changed;
    size_t first, count;   // its pieces
};

struct manifest_table {
    const char *name;
    int64_t rows;
    uint8_t hash[CHEST_HASH];
};

struct manifest {
    struct arena *arena;   // of the names
    int64_t made;
    struct manifest_table *tables;
    size_t tables_count;
    struct manifest_file *files;
    size_t files_count, files_room;
    uint8_t (*pieces)[CHEST_HASH];
    size_t pieces_count, pieces_room;
};

int manifest_new(struct manifest *manifest);
void manifest_free(struct manifest *manifest);   // of zeros is allowed

// -ENOMEM, -EMSGSIZE.
int manifest_add_table(struct manifest *manifest, const char *name, int64_t rows, const uint8_t hash[CHEST_HASH]);
int manifest_add_file(struct manifest *manifest, const char *name, int64_t size, int64_t changed, struct manifest_file **ret_file);
// To the file that was added last.
int manifest_add_piece(struct manifest *manifest, const uint8_t hash[CHEST_HASH]);

// The size of a file's piece, counted from 0.
size_t manifest_piece_size(const struct manifest_file *file, size_t piece);

// Writes a file's bytes where the descriptor stands; 'piece' has room for CHEST_PIECE bytes. -EBADMSG: a piece is missing or damaged.
int manifest_write_file(const struct manifest *manifest, const struct chest *chest, const struct manifest_file *file, int fd, uint8_t *piece);

// Puts the files in order of their names, after which manifest_find finds them. NULL: none of that name.
void manifest_sort(struct manifest *manifest);
struct manifest_file *manifest_find(const struct manifest *manifest, const char *name);

// Writes it, signed, into a folder and syncs it: first under a name that is none of a backup. -EEXIST.
int manifest_write(const struct manifest *manifest, struct keeper *keeper, const struct chest *chest, const char *name);

// Reads one. -EBADMSG when it has another form; with a keeper also when its signature is not the keeper's. manifest_free in any case.
int manifest_read(const struct chest *chest, const char *name, struct keeper *keeper, struct manifest *manifest);
