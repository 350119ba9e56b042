// SPDX-License-Identifier: MPL-2.0
// The server's side of the keeper.
#include "crypt/keeper_side.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "crypt/keeper_child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define ANSWER_SECONDS 10

static int status_error(uint8_t status)
{
    switch (status) {
    case KEEPER_DONE:
        return 0;
    case KEEPER_NOT_AUTHENTIC:
        return -EBADMSG;
    case KEEPER_REFUSED:
    case KEEPER_FILE_MALFORMED:
        return -EINVAL;
    case KEEPER_FILE_MISSING:
        return -ENOENT;
    case KEEPER_FILE_EXPOSED:
        return -EPERM;
    case KEEPER_FILE_SEALED:
        return -ENOKEY;
    case KEEPER_FILE_DENIED:
        return -EACCES;
    default:
        return -EIO;
    }
}

static ssize_t receive(int socket, uint8_t *data, size_t size)
{
    ssize_t n;

    do
        n = recv(socket, data, size, MSG_TRUNC);
    while (n < 0 && errno == EINTR);
    return n;
}

static int wait_started(int socket)
{
    uint8_t started[KEEPER_REPLY_HEAD];

    if (receive(socket, started, sizeof(started)) != (ssize_t)sizeof(started) || started[0] != KEEPER_FORMAT)
        return -EIO;
    return status_error(started[1]);
}

int keeper_start(const char *key_file, struct keeper **ret_keeper)
{
    const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
    const pid_t parent = getpid();
    struct keeper *keeper;
    int pair[2];
    int r;

    if (sodium_init() < 0)
        return -EIO;
    keeper = calloc(1, sizeof(*keeper));
    if (!keeper)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        r = -errno;
        free(keeper);
        return r;
    }
    keeper->child = fork();
    if (keeper->child == 0)
        keeper_child(pair[1], key_file, parent);
    r = keeper->child < 0 ? -errno : 0;
    close(pair[1]);
    keeper->socket = pair[0];
    pthread_mutex_init(&keeper->lock, NULL);
    setsockopt(keeper->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    struct keeper_versions versions;
    if (r == 0)
        r = wait_started(keeper->socket);
    r = r < 0 ? r : keeper_versions(keeper, &versions);
    if (r < 0) {
        keeper_stop(keeper);
        return r;
    }
    *ret_keeper = keeper;
    return 0;
}

bool keeper_alive(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    if (keeper->child > 0 && waitpid(keeper->child, NULL, WNOHANG) == keeper->child)
        keeper->child = 0;
    bool alive = keeper->child > 0 && !keeper->lost;
    pthread_mutex_unlock(&keeper->lock);
    return alive;
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper)
        return;
    // Ends the child's wait even if another child of ours still holds a copy of the descriptor.
    shutdown(keeper->socket, SHUT_RDWR);
    close(keeper->socket);
    if (keeper->child > 0) {
        while (waitpid(keeper->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    pthread_mutex_destroy(&keeper->lock);
    shares_close(keeper->shares);
    free(keeper);
}

static int key_write(int fd)
{
    uint8_t key[KEEPER_KEY];
    char text[2 * KEEPER_KEY + 1];
    ssize_t n;

    randombytes_buf(key, sizeof(key));
    sodium_bin2hex(text, sizeof(text), key, sizeof(key));
    text[2 * KEEPER_KEY] = '\n';
    n = write(fd, text, sizeof(text));
    sodium_memzero(key, sizeof(key));
    sodium_memzero(text, sizeof(text));
    if (n != (ssize_t)sizeof(text))
        return n < 0 ? -errno : -ENOSPC;
    return fsync(fd) < 0 ? -errno : 0;
}

int keeper_create_key(const char *key_file)
{
    int fd;
    int r;

    if (sodium_init() < 0)
        return -EIO;
    fd = open(key_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR);
    if (fd < 0)
        return -errno;
    r = key_write(fd);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0)
        r = file_sync_folder(key_file);
    if (r < 0)
        unlink(key_file);
    return r;
}

// Sends the request and reads a reply whose result is exactly result_len bytes.
static int exchange_locked(struct keeper *keeper, struct bytes request, uint8_t *ret_result, size_t result_len)
{
    uint8_t reply[KEEPER_REPLY_MAX];
    ssize_t n;
    int r;

    do
        n = send(keeper->socket, request.ptr, request.len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    n = n == (ssize_t)request.len ? receive(keeper->socket, reply, sizeof(reply)) : -1;
    if (n < KEEPER_REPLY_HEAD || (size_t)n > sizeof(reply) || reply[0] != KEEPER_FORMAT)
        return -EIO;
    r = status_error(reply[1]);
    if (r == 0 && (size_t)n != KEEPER_REPLY_HEAD + result_len)
        r = -EIO;
    if (r == 0 && result_len > 0)
        memcpy(ret_result, reply + KEEPER_REPLY_HEAD, result_len);
    sodium_memzero(reply, sizeof(reply));
    return r;
}

int keeper_ask(struct keeper *keeper, enum keeper_operation operation, struct bytes fixed, struct bytes variable, uint8_t *ret_result,
               size_t result_len)
{
    uint8_t request[KEEPER_REQUEST_MAX] = { KEEPER_FORMAT, (uint8_t)operation, (uint8_t)(variable.len >> 8), (uint8_t)variable.len };
    size_t len = KEEPER_HEAD;
    int r = -EIO;

    if (variable.len > KEEPER_VARIABLE_MAX)
        return -EINVAL;
    assert(fixed.len <= KEEPER_FIXED_MAX);
    if (fixed.len > 0)
        memcpy(request + len, fixed.ptr, fixed.len);
    len += fixed.len;
    if (variable.len > 0)
        memcpy(request + len, variable.ptr, variable.len);
    len += variable.len;

    pthread_mutex_lock(&keeper->lock);
    if (!keeper->lost)
        r = exchange_locked(keeper, bytes_from(request, len), ret_result, result_len);
    if (r == -EIO && !keeper->lost) {
        keeper->lost = true;
        log_event(LOG_ERROR, "keeper-lost", "operation=%d", (int)operation);
    }
    pthread_mutex_unlock(&keeper->lock);
    sodium_memzero(request, sizeof(request));
    return r;
}

int keeper_wrap(struct keeper *keeper, const uint8_t key[32], struct bytes associated, uint8_t ret_wrapped[KEEPER_WRAPPED])
{
    return keeper_ask(keeper, KEEPER_WRAP, bytes_from(key, KEEPER_KEY), associated, ret_wrapped, KEEPER_WRAPPED);
}

int keeper_unwrap(struct keeper *keeper, struct bytes wrapped, struct bytes associated, uint8_t ret_key[32])
{
    if (wrapped.len != KEEPER_WRAPPED)
        return -EBADMSG;
    return keeper_ask(keeper, KEEPER_UNWRAP, wrapped, associated, ret_key, KEEPER_KEY);
}

int keeper_derive(struct keeper *keeper, struct str purpose, uint8_t ret_key[32])
{
    return keeper_ask(keeper, KEEPER_DERIVE, bytes_from("", 0), str_bytes(purpose), ret_key, KEEPER_KEY);
}

int keeper_sign(struct keeper *keeper, struct bytes message, uint8_t ret_signature[KEEPER_SIGNATURE])
{
    return keeper_ask(keeper, KEEPER_SIGN, bytes_from("", 0), message, ret_signature, KEEPER_SIGNATURE);
}

int keeper_public_key(struct keeper *keeper, uint8_t ret_key[KEEPER_PUBLIC_KEY])
{
    return keeper_ask(keeper, KEEPER_GIVE_PUBLIC_KEY, bytes_from("", 0), bytes_from("", 0), ret_key, KEEPER_PUBLIC_KEY);
}
