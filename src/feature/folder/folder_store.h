// SPDX-License-Identifier: MPL-2.0
// Where a folder is kept while it is made and until it is fetched: a file in the data folder that has no name, sealed under a key that is only in
// this process's memory. With the process both are gone, so that no backup ever holds what somebody's folder said.
#pragma once

#include "base/buf.h"
#include "crypt/sealed_file.h"

#include <openssl/evp.h>

#define FOLDER_BYTES_MAX ((int64_t)1 << 30)

struct folder_store {
    struct sealed_file key;
    int fd;                      // -1: none
    int64_t size;                // plain bytes in the file
    uint8_t *chunk;              // what is not yet in it, SEALED_FILE_CHUNK at most
    size_t pending;
    EVP_MD_CTX *sha256;          // over everything that was put in
    int error;                   // the first failure sticks
};

// In the folder of this file. -ENOSPC and others.
int folder_store_begin(const char *beside, struct folder_store *ret_store);

void folder_store_put(struct folder_store *store, struct bytes bytes);

// Puts a buffer's bytes in and empties it.
void folder_store_take(struct folder_store *store, struct buf *buf);

// The last bytes; after it only reading. Gives SHA-256 over all. -EFBIG over FOLDER_BYTES_MAX.
int folder_store_end(struct folder_store *store, uint8_t ret_digest[32]);

// Reads the chunk that begins at 'offset' (a multiple of SEALED_FILE_CHUNK). -EBADMSG, -EIO.
int folder_store_read(const struct folder_store *store, int64_t offset, uint8_t *ret_plain, size_t *ret_len);

// Forgets the key and closes the file. A second time does nothing.
void folder_store_free(struct folder_store *store);

// Standard base64 (RFC 4648 section 4) with padding.
void folder_base64(struct buf *buf, struct bytes bytes);
