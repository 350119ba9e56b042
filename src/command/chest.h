// SPDX-License-Identifier: MPL-2.0
// A backup folder: pieces of files, each kept once under its SHA-256, and the manifests that say which pieces make which files.
//
//     pieces/ab/abcd…   64 hexadecimal digits, as sha256sum prints them
//     backups/2026-11-30T02-40-00Z   manifests; one that stands here is whole
//     incoming/         what a backup that was cut off leaves; the next one removes it
#pragma once

#include "base/arena.h"

#define CHEST_PIECE ((size_t)256 << 10)   // all pieces of a file but its last are of this size
#define CHEST_HASH 32

struct chest {
    const char *folder;
    int root;             // descriptors of the folder and of those in it
    int pieces, backups, incoming;
    size_t waiting;       // pieces in 'incoming' that are not yet known to be on the disk
    uint8_t (*list)[CHEST_HASH];
    int64_t added, added_bytes;   // what this backup brought
};

// Opens a folder of backups for this process alone; 'make' makes what is missing and removes what was cut off. -EAGAIN: another backup uses it; -ENOENT.
// chest_close in any case.
int chest_open(const char *folder, bool make, struct chest *chest);
void chest_close(struct chest *chest);

// Keeps a piece of 1 to CHEST_PIECE bytes, unless it is there already, and says its hash. It lasts only after chest_settle.
int chest_put(struct chest *chest, struct bytes piece, uint8_t ret_hash[CHEST_HASH]);

// 0 when all pieces that were put are on the disk under their names.
int chest_settle(struct chest *chest);

// Whether a piece of that size is there.
bool chest_has(const struct chest *chest, const uint8_t hash[CHEST_HASH], size_t size);

// Reads a piece of exactly that size. -EBADMSG when it is missing or is not what its name says.
int chest_get(const struct chest *chest, const uint8_t hash[CHEST_HASH], uint8_t *ret_piece, size_t size);

// The names of the manifests, oldest first, in the arena.
int chest_backups(const struct chest *chest, struct arena *arena, const char ***ret_names, size_t *ret_count);

// Lets the oldest manifests go, so that 'keep' stay, and then all pieces that none of them names.
int chest_prune(struct chest *chest, size_t keep, int64_t *ret_backups, int64_t *ret_pieces);
