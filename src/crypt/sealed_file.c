// SPDX-License-Identifier: MPL-2.0
#include "crypt/sealed_file.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypt/fixed.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>

#define ALGORITHM 2
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEALED_CHUNK (SEALED_FILE_CHUNK + SEALED_FILE_OVERHEAD)
#define DOMAIN "samtraad file 01"
#define BOUND (16 + 3 * 8)

_Static_assert(1 + NONCE_BYTES + TAG_BYTES == SEALED_FILE_OVERHEAD, "layout of a chunk");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SEALED_FILE_KEY, "the cipher's key");

void sealed_file_key(uint8_t ret_key[SEALED_FILE_KEY])
{
    randombytes_buf(ret_key, SEALED_FILE_KEY);
}

void sealed_file_forget(struct sealed_file *file)
{
    sodium_memzero(file->key, sizeof(file->key));
}

static void bind(const struct sealed_file *file, int64_t index, uint8_t bound[BOUND])
{
    uint8_t *at = fixed_put(bound, DOMAIN, 16);
    at = fixed_i64(at, file->file);
    at = fixed_i64(at, file->part);
    fixed_i64(at, index);
}

int sealed_file_write(const struct sealed_file *file, int fd, int64_t offset, struct bytes plain)
{
    _cleanup_(free_pointer) uint8_t *sealed = malloc(SEALED_CHUNK);
    uint8_t bound[BOUND];
    int64_t index = offset / (int64_t)SEALED_FILE_CHUNK;
    int r = 0;

    assert(offset % (int64_t)SEALED_FILE_CHUNK == 0);
    if (!sealed)
        return -ENOMEM;
    for (size_t done = 0; done < plain.len && r == 0; done += SEALED_FILE_CHUNK, index++) {
        size_t len = plain.len - done < SEALED_FILE_CHUNK ? plain.len - done : SEALED_FILE_CHUNK;
        sealed[0] = ALGORITHM;
        randombytes_buf(sealed + 1, NONCE_BYTES);
        bind(file, index, bound);
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 1 + NONCE_BYTES, NULL, plain.ptr + done, len, bound, sizeof(bound), NULL, sealed + 1,
                                                   file->key);
        r = file_write_at(fd, bytes_from(sealed, len + SEALED_FILE_OVERHEAD), index * (int64_t)SEALED_CHUNK);
    }
    return r;
}

int sealed_file_length(int fd, int64_t size, int64_t *ret_length)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return -errno;
    int64_t whole = status.st_size / (int64_t)SEALED_CHUNK, rest = status.st_size % (int64_t)SEALED_CHUNK;
    int64_t length = whole * (int64_t)SEALED_FILE_CHUNK;
    if (rest > (int64_t)SEALED_FILE_OVERHEAD && length + rest - (int64_t)SEALED_FILE_OVERHEAD == size)
        length = size;
    *ret_length = length < size ? length : size;
    return 0;
}

int sealed_file_read(const struct sealed_file *file, int fd, int64_t size, int64_t offset, uint8_t *ret_plain, size_t *ret_len)
{
    _cleanup_(free_pointer) uint8_t *sealed = malloc(SEALED_CHUNK);
    int64_t index = offset / (int64_t)SEALED_FILE_CHUNK;
    uint8_t bound[BOUND];

    assert(offset % (int64_t)SEALED_FILE_CHUNK == 0 && offset < size);
    if (!sealed)
        return -ENOMEM;
    size_t len = (uint64_t)(size - offset) < SEALED_FILE_CHUNK ? (size_t)(size - offset) : SEALED_FILE_CHUNK;
    ssize_t n = file_read_at(fd, sealed, len + SEALED_FILE_OVERHEAD, index * (int64_t)SEALED_CHUNK);
    int r = n < 0 ? -EIO : (size_t)n < len + SEALED_FILE_OVERHEAD ? -EBADMSG : 0;   // shorter than it should be
    if (r < 0)
        return r;
    bind(file, index, bound);
    if (sealed[0] != ALGORITHM || crypto_aead_xchacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, sealed + 1 + NONCE_BYTES, len + TAG_BYTES, bound,
                                                                             sizeof(bound), sealed + 1, file->key) != 0)
        return -EBADMSG;
    *ret_len = len;
    return 0;
}
