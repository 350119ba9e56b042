// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_store.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

// Without a name from the beginning where the file system knows that, else from the next moment on.
static int open_nameless(const char *beside)
{
    _cleanup_(free_pointer) char *copy = strdup(beside);
    char path[4096];

    if (!copy)
        return -ENOMEM;
    const char *folder = dirname(copy);
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd < 0 ? -errno : fd;
    if (snprintf(path, sizeof(path), "%s/folder-XXXXXX", folder) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

int folder_store_begin(const char *beside, struct folder_store *ret_store)
{
    struct folder_store store = { .fd = open_nameless(beside) };

    if (store.fd < 0)
        return store.fd;
    sealed_file_key(store.key.key);
    store.chunk = malloc(SEALED_FILE_CHUNK);
    store.sha256 = EVP_MD_CTX_new();
    if (!store.chunk || !store.sha256 || EVP_DigestInit_ex2(store.sha256, EVP_sha256(), NULL) != 1) {
        folder_store_free(&store);
        return -ENOMEM;
    }
    *ret_store = store;
    return 0;
}

static void write_chunk(struct folder_store *store)
{
    if (store->error == 0 && store->size + (int64_t)store->pending > FOLDER_BYTES_MAX)
        store->error = -EFBIG;
    if (store->error == 0)
        store->error = sealed_file_write(&store->key, store->fd, store->size, bytes_from(store->chunk, store->pending));
    store->size += (int64_t)store->pending;
    store->pending = 0;
}

void folder_store_put(struct folder_store *store, struct bytes bytes)
{
    if (EVP_DigestUpdate(store->sha256, bytes.ptr, bytes.len) != 1)
        store->error = -ENOMEM;
    while (bytes.len > 0 && store->error == 0) {
        size_t room = SEALED_FILE_CHUNK - store->pending;
        size_t len = bytes.len < room ? bytes.len : room;
        memcpy(store->chunk + store->pending, bytes.ptr, len);
        store->pending += len;
        bytes = bytes_from(bytes.ptr + len, bytes.len - len);
        if (store->pending == SEALED_FILE_CHUNK)
            write_chunk(store);
    }
}

void folder_store_take(struct folder_store *store, struct buf *buf)
{
    if (buf->error != 0 && store->error == 0)
        store->error = buf->error;
    folder_store_put(store, str_bytes(buf_view(buf)));
    buf->len = 0;
}

int folder_store_end(struct folder_store *store, uint8_t ret_digest[32])
{
    if (store->pending > 0)
        write_chunk(store);
    if (store->error == 0 && EVP_DigestFinal_ex(store->sha256, ret_digest, NULL) != 1)
        store->error = -EIO;
    free(store->chunk);
    store->chunk = NULL;
    EVP_MD_CTX_free(store->sha256);
    store->sha256 = NULL;
    return store->error;
}

int folder_store_read(const struct folder_store *store, int64_t offset, uint8_t *ret_plain, size_t *ret_len)
{
    return sealed_file_read(&store->key, store->fd, store->size, offset, ret_plain, ret_len);
}

void folder_store_free(struct folder_store *store)
{
    sealed_file_forget(&store->key);
    if (store->fd >= 0)
        close(store->fd);
    store->fd = -1;
    free(store->chunk);
    store->chunk = NULL;
    EVP_MD_CTX_free(store->sha256);
    store->sha256 = NULL;
}

void folder_base64(struct buf *buf, struct bytes bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = buf_reserve(buf, (bytes.len + 2) / 3 * 4);
    if (!at)
        return;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t three = (uint32_t)bytes.ptr[i] << 16 | (left > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0) | (left > 2 ? bytes.ptr[i + 2] : 0);
        *at++ = letters[three >> 18];
        *at++ = letters[three >> 12 & 63];
        *at++ = left > 1 ? letters[three >> 6 & 63] : '=';
        *at++ = left > 2 ? letters[three & 63] : '=';
    }
    buf->len += (bytes.len + 2) / 3 * 4;
}
