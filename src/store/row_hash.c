// SPDX-License-Identifier: MPL-2.0
#include "store/row_hash.h"

#include <errno.h>
#include <openssl/evp.h>

struct row_hash {
    EVP_MD_CTX *context;
    bool failed;
};

int row_hash_new(struct row_hash **ret_hash)
{
    struct row_hash *hash = calloc(1, sizeof(*hash));

    if (!hash)
        return -ENOMEM;
    hash->context = EVP_MD_CTX_new();
    if (!hash->context || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
        row_hash_free(hash);
        return -ENOMEM;
    }
    *ret_hash = hash;
    return 0;
}

void row_hash_free(struct row_hash *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->context);
    free(hash);
}

static void add(struct row_hash *hash, const void *data, size_t len)
{
    if (len > 0 && EVP_DigestUpdate(hash->context, data, len) != 1)
        hash->failed = true;
}

static void add_sort(struct row_hash *hash, enum row_sort sort)
{
    const uint8_t byte = (uint8_t)sort;

    add(hash, &byte, 1);
}

static void add_number(struct row_hash *hash, int64_t number)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
    add(hash, bytes, sizeof(bytes));
}

void row_hash_null(struct row_hash *hash)
{
    add_sort(hash, ROW_NULL);
}

void row_hash_int(struct row_hash *hash, int64_t number)
{
    add_sort(hash, ROW_INT);
    add_number(hash, number);
}

void row_hash_bytes(struct row_hash *hash, enum row_sort sort, struct bytes bytes)
{
    add_sort(hash, sort);
    add_number(hash, (int64_t)bytes.len);
    add(hash, bytes.ptr, bytes.len);
}

int row_hash_end(struct row_hash *hash, uint8_t ret_hash[ROW_HASH])
{
    return !hash->failed && EVP_DigestFinal_ex(hash->context, ret_hash, NULL) == 1 ? 0 : -ENOMEM;
}
