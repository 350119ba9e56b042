// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_scan.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define PATIENCE_SECONDS 60
#define PIECE ((size_t)64 * 1024)
#define REPLY_MAX 1024

static int reach(const char *socket_path, int *ret_fd)
{
    const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(socket_path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, socket_path, strlen(socket_path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *ret_fd = fd;
    return 0;
}

static int say(int fd, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

// Each piece with its length before it (4 bytes, most significant first); a length of 0 ends the stream.
static int say_all(int fd, struct bytes bytes)
{
    int r = say(fd, "zINSTREAM", sizeof("zINSTREAM"));
    for (size_t at = 0; r == 0; at += PIECE) {
        size_t len = at < bytes.len ? (bytes.len - at < PIECE ? bytes.len - at : PIECE) : 0;
        const uint8_t head[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };
        r = say(fd, head, sizeof(head));
        if (len == 0)
            return r;
        r = r < 0 ? r : say(fd, bytes.ptr + at, len);
    }
    return r;
}

static struct str hear(int fd, char reply[REPLY_MAX])
{
    size_t len = 0;
    while (len < REPLY_MAX) {
        ssize_t n = recv(fd, reply + len, REPLY_MAX - len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    while (len > 0 && (reply[len - 1] == '\0' || reply[len - 1] == '\n'))
        len--;
    return (struct str){ reply, len };
}

// "stream: NAME FOUND". A name that is not there is none, though both words are.
static bool read_signature(struct str said, struct str *ret_name)
{
    const struct str before = STR("stream: "), after = STR(" FOUND");
    if (said.len <= before.len + after.len || !str_starts(said, before) ||
        memcmp(said.ptr + said.len - after.len, after.ptr, after.len) != 0)
        return false;
    *ret_name = (struct str){ said.ptr + before.len, said.len - before.len - after.len };
    return true;
}

int file_scan(const char *socket_path, struct bytes bytes)
{
    _cleanup_(close_descriptor) int fd = -1;
    char reply[REPLY_MAX];
    struct str signature;
    int r = reach(socket_path, &fd);
    if (r == 0)
        r = say_all(fd, bytes);
    // It may have stopped listening because the stream was too long for it, and say so.
    struct str said = r == 0 || r == -EPIPE || r == -ECONNRESET ? hear(fd, reply) : STR("");
    if (str_equal(said, STR("stream: OK")))
        return 0;
    if (read_signature(said, &signature)) {
        log_event(LOG_WARNING, "file-infected", "signature=\"%.*s\"", (int)signature.len, signature.ptr);
        return -EPERM;
    }
    log_event(LOG_ERROR, "file-scan", "errno=%d reply=\"%.*s\" meaning=\"clamd could not be asked; files are refused meanwhile\"", -r, (int)said.len, said.ptr);
    return -ECOMM;
}
