// SPDX-License-Identifier: MPL-2.0
// OpenSSL's plain SHA-256 and not its EVP interface, which takes memory at each digest, and there may be none: going on with a wrong one would spoil the log
// for good. OpenSSL 3.0 calls the plain one deprecated; it is four times as fast as libsodium's, for it uses the processor's instructions.
#define OPENSSL_API_COMPAT 0x10100000L

#include "audit/merkle.h"

#include <assert.h>
#include <errno.h>
#include <openssl/sha.h>

struct merkle_hasher {
    SHA256_CTX state;
};

int merkle_hasher_new(struct merkle_hasher **ret_hasher)
{
    struct merkle_hasher *hasher = calloc(1, sizeof(*hasher));

    if (!hasher)
        return -ENOMEM;
    *ret_hasher = hasher;
    return 0;
}

void merkle_hasher_free(struct merkle_hasher *hasher)
{
    free(hasher);
}

// SHA-256 of up to three parts. Can't fail.
static void digest(struct merkle_hasher *hasher, struct bytes a, struct bytes b, struct bytes c, uint8_t *ret_digest)
{
    (void)SHA256_Init(&hasher->state);
    (void)SHA256_Update(&hasher->state, a.ptr, a.len);
    (void)SHA256_Update(&hasher->state, b.ptr, b.len);
    (void)SHA256_Update(&hasher->state, c.ptr, c.len);
    (void)SHA256_Final(ret_digest, &hasher->state);
}

void merkle_digest(struct merkle_hasher *hasher, struct bytes data, uint8_t ret_digest[MERKLE_HASH])
{
    digest(hasher, data, bytes_from("", 0), bytes_from("", 0), ret_digest);
}

static void node(struct merkle_hasher *hasher, const uint8_t *left, const uint8_t *right, uint8_t *ret_hash)
{
    static const uint8_t prefix = 0x01;

    digest(hasher, bytes_from(&prefix, 1), bytes_from(left, MERKLE_HASH), bytes_from(right, MERKLE_HASH), ret_hash);
}

void merkle_leaf(struct merkle_hasher *hasher, struct bytes entry, uint8_t ret_hash[MERKLE_HASH])
{
    static const uint8_t prefix = 0x00;

    digest(hasher, bytes_from(&prefix, 1), entry, bytes_from("", 0), ret_hash);
}

void merkle_add(struct merkle_hasher *hasher, struct merkle *tree, struct bytes entry)
{
    uint8_t leaf[MERKLE_HASH];

    merkle_leaf(hasher, entry, leaf);
    merkle_add_leaf(hasher, tree, leaf);
}

void merkle_add_leaf(struct merkle_hasher *hasher, struct merkle *tree, const uint8_t leaf[MERKLE_HASH])
{
    unsigned top = merkle_peaks(tree->size);

    assert(tree->size < UINT64_MAX);
    memcpy(tree->peaks[top], leaf, MERKLE_HASH);
    // Each bit that the addition carries over joins two parts of equal size.
    for (uint64_t carried = tree->size; carried & 1; carried >>= 1, top--)
        node(hasher, tree->peaks[top - 1], tree->peaks[top], tree->peaks[top - 1]);
    tree->size++;
}

void merkle_root(struct merkle_hasher *hasher, const struct merkle *tree, uint8_t ret_root[MERKLE_HASH])
{
    unsigned left = merkle_peaks(tree->size);

    if (left == 0) {
        merkle_digest(hasher, bytes_from("", 0), ret_root);
        return;
    }
    memcpy(ret_root, tree->peaks[--left], MERKLE_HASH);
    while (left-- > 0)
        node(hasher, tree->peaks[left], ret_root, ret_root);
}

int merkle_path_root(struct merkle_hasher *hasher, struct bytes entry, uint64_t place, uint64_t size, const uint8_t *path, size_t count,
                     uint8_t ret_root[MERKLE_HASH])
{
    uint64_t last = size - 1;
    uint8_t hash[MERKLE_HASH];

    if (place >= size)
        return -EINVAL;
    merkle_leaf(hasher, entry, hash);
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return -EINVAL;
        if ((place & 1) || place == last) {
            node(hasher, path + i * MERKLE_HASH, hash, hash);
            // A last leaf without a sibling goes up as it is.
            while (!(place & 1) && place != 0) {
                place >>= 1;
                last >>= 1;
            }
        } else {
            node(hasher, hash, path + i * MERKLE_HASH, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return -EINVAL;
    memcpy(ret_root, hash, sizeof(hash));
    return 0;
}
