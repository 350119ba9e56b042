// SPDX-License-Identifier: MPL-2.0
// A SHA-256 over the values of rows, one after the other. Each is its sort, then its length and bytes or its number: no two rows look alike. The
// same for both databases, when the rows come in the same order.
#pragma once

#include "base/cleanup.h"
#include "base/str.h"

#define ROW_HASH 32

struct row_hash;

// As SQLite numbers them.
enum row_sort {
    ROW_INT = 1,
    ROW_TEXT = 3,
    ROW_BLOB = 4,
    ROW_NULL = 5,
};

int row_hash_new(struct row_hash **ret_hash);   // -ENOMEM
void row_hash_free(struct row_hash *hash);
DEFINE_POINTER_CLEANUP(struct row_hash, row_hash_free)

// One value: a failure sticks until row_hash_end.
void row_hash_null(struct row_hash *hash);
void row_hash_int(struct row_hash *hash, int64_t number);
void row_hash_bytes(struct row_hash *hash, enum row_sort sort, struct bytes bytes);

// Gives the hash of all values so far; after it only row_hash_free. -ENOMEM.
int row_hash_end(struct row_hash *hash, uint8_t ret_hash[ROW_HASH]);
