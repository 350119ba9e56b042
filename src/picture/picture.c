// SPDX-License-Identifier: MPL-2.0
// The server's side of the picture worker.
#include "picture/message.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define PATIENCE_MS (30 * SECOND_MS)
#define PIECE ((size_t)64 * 1024)

enum picture_kind picture_kind_of(struct bytes input)
{
    struct str text = bytes_str(input);

    if (str_starts(text, STR("\xff\xd8\xff")))
        return PICTURE_JPEG;
    if (str_starts(text, STR("\x89PNG\r\n\x1a\n")))
        return PICTURE_PNG;
    if (str_starts(text, STR("GIF87a")) || str_starts(text, STR("GIF89a")))
        return PICTURE_GIF;
    if (text.len > 12 && str_starts(text, STR("RIFF")) && memcmp(text.ptr + 8, "WEBP", 4) == 0)
        return PICTURE_WEBP;
    // ISO base media with one of HEIF's brands (ISO/IEC 23008-12, annex B).
    static const char brands[][5] = { "heic", "heix", "hevc", "mif1", "msf1", "heim", "heis", "avif" };
    if (text.len > 12 && memcmp(text.ptr + 4, "ftyp", 4) == 0) {
        for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
            if (memcmp(text.ptr + 8, brands[i], 4) == 0)
                return PICTURE_HEIC;
        }
    }
    return PICTURE_NONE;
}

static int wait_for(int socket, short events, int64_t until)
{
    int64_t left = until - clock_monotonic();
    struct pollfd wait = { .fd = socket, .events = events };
    int got = left > 0 ? poll(&wait, 1, (int)left) : 0;

    if (got < 0)
        return errno == EINTR ? 0 : -errno;
    return got == 0 ? -ETIME : 0;
}

static int send_all(int socket, struct bytes data, int64_t until)
{
    while (data.len > 0) {
        ssize_t n = send(socket, data.ptr, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -EPIPE;
        int r = n < 0 ? wait_for(socket, POLLOUT, until) : 0;
        if (r < 0)
            return r;
        if (n > 0)
            data = bytes_from(data.ptr + n, data.len - (size_t)n);
    }
    return 0;
}

static int receive_all(int socket, struct buf *reply, int64_t until)
{
    for (;;) {
        char *at = buf_reserve(reply, PIECE);
        if (!at)
            return reply->error == -ENOMEM ? -ENOMEM : -EPIPE;
        ssize_t n = recv(socket, at, PIECE, MSG_DONTWAIT);
        if (n == 0)
            return 0;
        if (n > 0) {
            reply->len += (size_t)n;
            continue;
        }
        int r = errno == EAGAIN ? wait_for(socket, POLLIN, until) : errno == EINTR ? 0 : -EPIPE;
        if (r < 0)
            return r;
    }
}

static int converse(int socket, const uint8_t head[MESSAGE_HEAD], struct bytes input, struct buf *reply)
{
    int64_t until = clock_monotonic() + PATIENCE_MS;
    int r = send_all(socket, bytes_from(head, MESSAGE_HEAD), until);

    r = r < 0 ? r : send_all(socket, input, until);
    if (r == 0 && shutdown(socket, SHUT_WR) < 0)
        r = -EPIPE;
    // Who could not take the whole picture may still have said why.
    return r == 0 || r == -EPIPE ? receive_all(socket, reply, until) : r;
}

// The worker's reply to one job, as bytes that nobody has looked at yet.
static int ask(struct spawner *spawner, const uint8_t head[MESSAGE_HEAD], struct bytes input, struct buf *reply)
{
    _cleanup_(close_descriptor) int ours = -1;
    int pair[2], line, status = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    ours = pair[0];
    int r = spawner_run(spawner, PICTURE_ARGUMENT, pair[1], pair[1], &line);
    close(pair[1]);
    int ended = r;
    if (r == 0) {
        r = converse(ours, head, input, reply);
        ended = spawner_wait(line, r < 0, &status);
    }
    if (ended < 0) {
        log_event(LOG_ERROR, "picture-worker", "errno=%d meaning=\"it could not be started\"", -ended);
        return -EIO;
    }
    if (reply->len == 0 || r < 0)
        log_event(LOG_WARNING, "picture-refused", "signal=%d status=%d errno=%d", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                  WIFEXITED(status) ? WEXITSTATUS(status) : 0, -r);
    return r;
}

static int work(struct spawner *spawner, enum message_job job, struct picture_cut cut, struct bytes input, struct arena *arena, size_t count,
                struct picture *ret_pictures)
{
    _cleanup_(buf_free) struct buf reply = buf_bounded(MESSAGE_REPLY_MAX + PIECE);
    uint8_t head[MESSAGE_HEAD], *at = message_put(head, MESSAGE_FORMAT);
    struct picture pictures[PICTURE_SIZES];

    if (input.len > PICTURE_INPUT_MAX)
        return -EFBIG;
    at = message_put(at, job);
    at = message_put(at, cut.x);
    at = message_put(at, cut.y);
    at = message_put(at, cut.zoom);
    message_put(at, (uint32_t)input.len);
    int r = ask(spawner, head, input, &reply);
    if (r == -ENOMEM || r == -EIO)
        return r;
    // Who dies over a picture, or takes too long for it, was given a bad one.
    if (r < 0 || reply.len == 0)
        return -EINVAL;
    r = message_read_reply(str_bytes(buf_view(&reply)), count, pictures);
    for (size_t i = 0; i < count && r == 0; i++) {
        pictures[i].webp = arena_bytes(arena, pictures[i].webp);
        r = pictures[i].webp.ptr ? 0 : -ENOMEM;
    }
    if (r == 0)
        memcpy(ret_pictures, pictures, count * sizeof(*pictures));
    return r;
}

int picture_make(struct spawner *spawner, struct bytes input, struct arena *arena, struct picture ret_sizes[PICTURE_SIZES])
{
    return work(spawner, MESSAGE_MAKE, (struct picture_cut){ 0 }, input, arena, PICTURE_SIZES, ret_sizes);
}

int picture_square(struct spawner *spawner, struct bytes input, struct picture_cut cut, struct arena *arena, struct picture *ret_picture)
{
    return work(spawner, MESSAGE_SQUARE, cut, input, arena, 1, ret_picture);
}
