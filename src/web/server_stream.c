// SPDX-License-Identifier: MPL-2.0
// Event streams. A stream takes a duplicate of its connection's socket and lets the library close
// its own (which, with MHD_USE_TURBO, does not shut the connection down): so it costs a few hundred
// bytes instead of the library's buffers, and the library does not walk over a thousand suspended
// connections each time one of them is resumed.
#include "web/server_stream.h"
#include "web/server_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BACKLOG_MAX ((size_t)64 * 1024)
#define SOCKET_BUFFER (32 * 1024)   // the kernel doubles it
#define PARTS 16

struct message {
    atomic_uint references;
    size_t len;
    char data[];
};

struct pending {
    struct pending *next;
    struct message *message;
};

struct stream {
    enum watch watch;
    struct worker *worker;
    struct stream *previous, *next;   // the worker's list
    struct address_key address;
    void (*closed)(struct stream *stream, void *data);
    void *data;
    struct stream *stirred_next;   // under the worker's lock
    bool stirred;

    pthread_mutex_t lock;   // over the rest
    int fd;                 // -1 once ended
    bool waits;             // for room in the socket's buffer
    struct pending *first, *last;
    size_t sent;      // bytes of the first that have gone
    size_t backlog;   // bytes that have not
};

int message_new(struct str bytes, struct message **ret_message)
{
    struct message *message = malloc(sizeof(*message) + bytes.len);
    if (!message)
        return -ENOMEM;
    atomic_init(&message->references, 1);
    message->len = bytes.len;
    if (bytes.len)
        memcpy(message->data, bytes.ptr, bytes.len);
    *ret_message = message;
    return 0;
}

void message_unref(struct message *message)
{
    if (message && atomic_fetch_sub(&message->references, 1) == 1)
        free(message);
}

static void drop_first(struct stream *stream)
{
    struct pending *pending = stream->first;
    stream->first = pending->next;
    stream->sent = 0;
    message_unref(pending->message);
    free(pending);
}

// Has the worker look at the stream. The stream's lock may be held.
static void stir(struct stream *stream)
{
    struct worker *worker = stream->worker;
    bool wake = false;
    pthread_mutex_lock(&worker->lock);
    if (!stream->stirred) {
        stream->stirred = true;
        stream->stirred_next = NULL;
        wake = !worker->stirred_first;
        if (wake)
            worker->stirred_first = stream;
        else
            worker->stirred_last->stirred_next = stream;
        worker->stirred_last = stream;
    }
    pthread_mutex_unlock(&worker->lock);
    if (wake)
        worker_wake(worker);
}

// Under the stream's lock. What the kernel still holds for a peer that does not read is thrown away
// with a reset.
static void close_now(struct stream *stream)
{
    if (stream->fd < 0)
        return;
    int unsent = 0;
    if (ioctl(stream->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0)
        setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
                   sizeof(struct linger));
    // The library may not have closed its own descriptor yet: closing this one would then neither
    // end the connection nor the watch.
    shutdown(stream->fd, SHUT_RDWR);
    epoll_ctl(stream->worker->epoll_fd, EPOLL_CTL_DEL, stream->fd, NULL);
    close(stream->fd);
    stream->fd = -1;
    while (stream->first)
        drop_first(stream);
    stream->backlog = 0;
}

// Under the stream's lock.
static int append(struct stream *stream, struct message *message)
{
    if (stream->backlog + message->len > BACKLOG_MAX)
        return -EMSGSIZE;
    struct pending *pending = malloc(sizeof(*pending));
    if (!pending)
        return -ENOMEM;
    atomic_fetch_add(&message->references, 1);
    *pending = (struct pending){ .message = message };
    if (stream->first)
        stream->last->next = pending;
    else
        stream->first = pending;
    stream->last = pending;
    stream->backlog += message->len;
    return 0;
}

void stream_send_message(struct stream *stream, struct message *message)
{
    pthread_mutex_lock(&stream->lock);
    bool works = stream->fd >= 0 && !stream->waits;
    if (stream->fd >= 0 && append(stream, message) < 0) {
        close_now(stream);
        works = true;
    }
    pthread_mutex_unlock(&stream->lock);
    if (works)
        stir(stream);
}

void stream_send(struct stream *stream, struct str bytes)
{
    struct message *message;
    if (message_new(bytes, &message) < 0) {
        stream_end(stream);   // an event that is lost would never be missed by its reader
        return;
    }
    stream_send_message(stream, message);
    message_unref(message);
}

void stream_end(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    close_now(stream);
    pthread_mutex_unlock(&stream->lock);
    stir(stream);
}

// So many bytes of the pending messages have gone. Under the stream's lock.
static void take_off(struct stream *stream, size_t gone)
{
    stream->backlog -= gone;
    stream->sent += gone;
    while (stream->first && stream->sent >= stream->first->message->len) {
        size_t rest = stream->sent - stream->first->message->len;
        drop_first(stream);
        stream->sent = rest;
    }
}

// Bytes that went; -errno. Under the stream's lock.
static ssize_t write_once(struct stream *stream)
{
    struct iovec parts[PARTS];
    struct msghdr header = { .msg_iov = parts };
    for (struct pending *at = stream->first; at && header.msg_iovlen < PARTS; at = at->next)
        parts[header.msg_iovlen++] = (struct iovec){ at->message->data, at->message->len };
    parts[0].iov_base = (char *)parts[0].iov_base + stream->sent;
    parts[0].iov_len -= stream->sent;
    ssize_t gone = sendmsg(stream->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    return gone < 0 ? -errno : gone;
}

// Writes what is pending, as far as it goes. Under the stream's lock.
static void write_pending(struct stream *stream)
{
    ssize_t gone = 0;
    while (stream->first && (gone >= 0 || gone == -EINTR)) {
        gone = write_once(stream);
        if (gone >= 0)
            take_off(stream, (size_t)gone);
    }
    if (gone < 0 && gone != -EAGAIN)
        close_now(stream);
    bool waits = stream->first;
    if (waits != stream->waits && stream->fd >= 0) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | (waits ? EPOLLOUT : 0),
                                     .data.ptr = stream };
        epoll_ctl(stream->worker->epoll_fd, EPOLL_CTL_MOD, stream->fd, &event);
    }
    stream->waits = waits;
}

static void stream_free(struct stream *stream)
{
    struct worker *worker = stream->worker;
    stream->closed(stream, stream->data);   // from here on nobody else knows the stream
    pthread_mutex_lock(&worker->lock);
    bool stirred = stream->stirred;
    pthread_mutex_unlock(&worker->lock);
    if (stirred) {   // the worker will come by once more; then nothing is left to tell
        stream->closed = NULL;
        return;
    }
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

// Takes an ended stream out of the worker and frees it.
static void stream_retire(struct stream *stream)
{
    struct worker *worker = stream->worker;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        worker->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    addresses_remove(worker->server->addresses, stream->address);
    stream_free(stream);
}

static void stream_work(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    write_pending(stream);
    bool ended = stream->fd < 0;
    pthread_mutex_unlock(&stream->lock);
    if (ended)
        stream_retire(stream);
}

void streams_stir(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    struct stream *stream = worker->stirred_first;
    worker->stirred_first = worker->stirred_last = NULL;
    pthread_mutex_unlock(&worker->lock);
    while (stream) {
        pthread_mutex_lock(&worker->lock);
        struct stream *next = stream->stirred_next;
        stream->stirred = false;
        pthread_mutex_unlock(&worker->lock);
        if (stream->closed) {
            stream_work(stream);
        } else {
            pthread_mutex_destroy(&stream->lock);
            free(stream);
        }
        stream = next;
    }
}

void streams_end(struct worker *worker)
{
    for (struct stream *stream = worker->streams; stream; stream = stream->next)
        stream_end(stream);
}

// A browser sends nothing on an event stream; the end of its half means that it has gone.
void stream_event(struct stream *stream, uint32_t events)
{
    char scrap[512];
    pthread_mutex_lock(&stream->lock);
    bool gone = false;
    if (stream->fd >= 0 && (events & EPOLLIN)) {
        ssize_t got = recv(stream->fd, scrap, sizeof(scrap), MSG_DONTWAIT);
        gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    if (gone || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
        close_now(stream);
    pthread_mutex_unlock(&stream->lock);
    stir(stream);
}

static const char stream_header[] = "HTTP/1.1 200 OK\r\n"
                                    "Content-Type: text/event-stream\r\n"
                                    "Cache-Control: no-store\r\n"
                                    "X-Content-Type-Options: nosniff\r\n"
                                    "X-Accel-Buffering: no\r\n"
                                    "Connection: close\r\n"
                                    "\r\n";

static struct stream *stream_new(struct exchange *exchange)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    *stream = (struct stream){ .watch = WATCH_STREAM,
                               .worker = exchange->worker,
                               .address = exchange->connection->address };
    stream->fd = fcntl(exchange->connection->fd, F_DUPFD_CLOEXEC, 0);
    if (stream->fd < 0 ||
        worker_watch(stream->worker, stream->fd, EPOLLIN | EPOLLRDHUP, stream) < 0) {
        if (stream->fd >= 0)
            close(stream->fd);
        free(stream);
        return NULL;
    }
    setsockopt(stream->fd, SOL_SOCKET, SO_SNDBUF, &(int){ SOCKET_BUFFER }, sizeof(int));
    pthread_mutex_init(&stream->lock, NULL);
    return stream;
}

int exchange_stream(struct exchange *exchange, void (*closed)(struct stream *stream, void *data),
                    void *data, struct stream **ret_stream)
{
    struct worker *worker = exchange->worker;
    struct message *header;
    assert(!exchange->head.is_head);
    if (message_new(STR(stream_header), &header) < 0)
        return -ENOMEM;
    struct stream *stream = stream_new(exchange);
    if (!stream) {
        message_unref(header);
        return -ENOMEM;
    }
    stream->closed = closed;
    stream->data = data;
    stream->next = worker->streams;
    if (stream->next)
        stream->next->previous = stream;
    worker->streams = stream;
    exchange->connection->taken = true;
    exchange_taken(exchange);
    stream_send_message(stream, header);
    message_unref(header);
    if (worker->stopping)
        stream_end(stream);
    *ret_stream = stream;
    return 0;
}
