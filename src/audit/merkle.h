// SPDX-License-Identifier: MPL-2.0
// The Merkle tree of RFC 6962 (section 2.1), grown leaf by leaf. Only the roots of its complete parts are kept: of a tree of 2^n leaves
// one, of any tree at most 64.
#pragma once

#include "base/str.h"

#define MERKLE_HASH 32
#define MERKLE_PEAKS 64

// The hash function, set up once. Not for use by two threads at once.
struct merkle_hasher;

int merkle_hasher_new(struct merkle_hasher **ret_hasher);   // -ENOMEM
void merkle_hasher_free(struct merkle_hasher *hasher);

// An empty tree is all zeros.
struct merkle {
    uint64_t size;                             // leaves
    uint8_t peaks[MERKLE_PEAKS][MERKLE_HASH];  // of the complete parts, largest first; as many as size has bits set
};

static inline unsigned merkle_peaks(uint64_t size)
{
    return (unsigned)__builtin_popcountll(size);
}

// Copies what is in use.
static inline void merkle_copy(struct merkle *to, const struct merkle *from)
{
    to->size = from->size;
    memcpy(to->peaks, from->peaks, merkle_peaks(from->size) * sizeof(from->peaks[0]));
}

// Appends the leaf of this entry (any bytes).
void merkle_add(struct merkle_hasher *hasher, struct merkle *tree, struct bytes entry);

// The same in two steps: the leaf's hash, and its place in the tree.
void merkle_leaf(struct merkle_hasher *hasher, struct bytes entry, uint8_t ret_hash[MERKLE_HASH]);
void merkle_add_leaf(struct merkle_hasher *hasher, struct merkle *tree, const uint8_t leaf[MERKLE_HASH]);

// The root over all leaves.
void merkle_root(struct merkle_hasher *hasher, const struct merkle *tree, uint8_t ret_root[MERKLE_HASH]);

// SHA-256 of the bytes, with the same machinery.
void merkle_digest(struct merkle_hasher *hasher, struct bytes data, uint8_t ret_digest[MERKLE_HASH]);

// The root of a tree of 'size' leaves in which the entry is leaf number 'place', from the hashes beside its way up (RFC 9162, section 2.1.3.2), the
// leaf's sibling first, MERKLE_HASH bytes each. -EINVAL when a tree of that size has another number of them, or no such leaf.
int merkle_path_root(struct merkle_hasher *hasher, struct bytes entry, uint64_t place, uint64_t size, const uint8_t *path, size_t count,
                     uint8_t ret_root[MERKLE_HASH]);
