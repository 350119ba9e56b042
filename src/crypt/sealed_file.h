// SPDX-License-Identifier: MPL-2.0
// Files that are too large for a sealed field: sealed in chunks under a key of their own (XChaCha20-Poly1305, a random nonce for each chunk;
// file, part and number of the chunk as associated data), so that chunks can neither be moved, within a file or between two, nor be taken from an
// earlier file. That nothing is missing at the end is known from the size, which stands sealed with the key.
//
// On disk: chunk after chunk, each algorithm (1 byte = 2) | nonce (24) | ciphertext | tag (16); all but the last of SEALED_FILE_CHUNK plain bytes.
#pragma once

#include "base/str.h"

#define SEALED_FILE_KEY 32
#define SEALED_FILE_CHUNK ((size_t)128 * 1024)
#define SEALED_FILE_OVERHEAD ((size_t)41)

// Which file, which of the files that belong to it, and its key. Whoever makes one wipes it with sealed_file_forget.
struct sealed_file {
    int64_t file;
    int64_t part;
    uint8_t key[SEALED_FILE_KEY];
};

// A fresh random key.
void sealed_file_key(uint8_t ret_key[SEALED_FILE_KEY]);
void sealed_file_forget(struct sealed_file *file);

// Writes plain bytes at an offset, which is a multiple of SEALED_FILE_CHUNK. Bytes that end within a chunk are the file's last. Not yet
// durable: fsync follows. -ENOSPC and others from the disk.
int sealed_file_write(const struct sealed_file *file, int fd, int64_t offset, struct bytes plain);

// How many plain bytes of a file that is to have 'size' are there; a chunk that a crash cut short does not count.
int sealed_file_length(int fd, int64_t size, int64_t *ret_length);

// Opens the chunk that begins at 'offset' of a file of 'size' plain bytes into ret_plain (room for SEALED_FILE_CHUNK). -EBADMSG when it is
// not what was written there; -EIO.
int sealed_file_read(const struct sealed_file *file, int fd, int64_t size, int64_t offset, uint8_t *ret_plain, size_t *ret_len);
