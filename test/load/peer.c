// SPDX-License-Identifier: MPL-2.0
#include "peer.h"
#include "base/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)8 * 1024 * 1024)

// One request that waits, with the time at which it is resumed.
struct waiting {
    struct waiting *next;
    struct exchange *exchange;
    int64_t due;
    bool again;
};

struct peer {
    struct server *server;
    struct hub *hub;
    char *page, *big;
    pthread_t waker;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct waiting *waiting;
    bool ends;
};

static void push_waiting(struct peer *peer, struct waiting *waiting)
{
    pthread_mutex_lock(&peer->lock);
    waiting->next = peer->waiting;
    peer->waiting = waiting;
    pthread_cond_signal(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}

// Resumes everything that is due, all at once, as a writer does after a commit.
static void *waker(void *context)
{
    struct peer *peer = context;
    pthread_mutex_lock(&peer->lock);
    while (!peer->ends || peer->waiting) {
        if (!peer->waiting) {
            pthread_cond_wait(&peer->changed, &peer->lock);
            continue;
        }
        int64_t now = clock_monotonic();
        for (struct waiting **at = &peer->waiting; *at;) {
            struct waiting *waiting = *at;
            if (waiting->due > now) {
                at = &waiting->next;
                continue;
            }
            *at = waiting->next;
            exchange_resume(waiting->exchange);
        }
        pthread_mutex_unlock(&peer->lock);
        usleep(500);
        pthread_mutex_lock(&peer->lock);
    }
    pthread_mutex_unlock(&peer->lock);
    return NULL;
}

static void echo(struct exchange *exchange)
{
    struct buf body = buf_bounded(PEER_BODY_MAX + 8192);
    struct str sent = exchange_body(exchange);
    if (sent.len > 0) {
        buf_str(&body, sent);
    } else {
        buf_str(&body, exchange_method(exchange));
        buf_char(&body, ' ');
        buf_str(&body, exchange_path(exchange));
        buf_char(&body, '?');
        buf_str(&body, exchange_query(exchange));
    }
    exchange_answer(exchange, 200, &(struct header){ "Content-Type", STR("text/plain") }, 1, &body);
}

static void resumed(struct exchange *exchange, void *worker_state)
{
    struct waiting *waiting = exchange_data(exchange);
    (void)worker_state;
    if (!waiting->again) {
        echo(exchange);
        return;
    }
    waiting->again = false;
    waiting->due = clock_monotonic();
    exchange_suspend(exchange, resumed);
    exchange_resume(exchange);
}

static void wait(struct peer *peer, struct exchange *exchange)
{
    int64_t milliseconds = 0;
    struct waiting *waiting = arena_alloc(exchange_arena(exchange), sizeof(*waiting));
    (void)str_to_int(exchange_query(exchange), &milliseconds);
    *waiting = (struct waiting){ .exchange = exchange,
                                 .due = clock_monotonic() + milliseconds,
                                 .again = true };
    exchange_set_data(exchange, waiting);
    exchange_suspend(exchange, resumed);
    push_waiting(peer, waiting);
}

static void listen_to(struct peer *peer, struct exchange *exchange)
{
    struct hub_listener listener = { .expires = INT64_MAX };
    struct str person = exchange_query(exchange);
    (void)str_to_int(str_cut(&person, '&'), &listener.topic);
    if (str_to_int(person, &listener.person) < 0)
        listener.person = listener.topic;
    memset(listener.session, (int)listener.topic, sizeof(listener.session));
    if (hub_listen(peer->hub, exchange, &listener) < 0)
        exchange_answer(exchange, 429, NULL, 0, NULL);
}

static void resumed_to_listen(struct exchange *exchange, void *worker_state)
{
    (void)worker_state;
    listen_to(exchange_data(exchange), exchange);
}

// As the router does, which waits for the read record's commit.
static void listen_later(struct peer *peer, struct exchange *exchange)
{
    exchange_set_data(exchange, peer);
    exchange_suspend(exchange, resumed_to_listen);
    exchange_resume(exchange);
}

static void tell(struct exchange *exchange, struct str text)
{
    struct buf body = buf_bounded(8192);
    buf_str(&body, text);
    exchange_answer(exchange, 200, NULL, 0, &body);
}

static void tell_address(struct exchange *exchange)
{
    struct str address = exchange_address(exchange);
    tell(exchange, arena_format(exchange_arena(exchange), "%.*s %s", (int)address.len, address.ptr,
                                exchange_secure(exchange) ? "https" : "http"));
}

static void handle(void *context, void *worker_state, struct exchange *exchange)
{
    struct peer *peer = context;
    struct str path = exchange_path(exchange);
    (void)worker_state;
    if (str_equal(path, STR("/page")))
        exchange_answer_static(exchange, 200, NULL, 0, bytes_from(peer->page, 6000));
    else if (str_equal(path, STR("/big")))
        exchange_answer_static(exchange, 200, NULL, 0, bytes_from(peer->big, PEER_BIG));
    else if (str_equal(path, STR("/wait")))
        wait(peer, exchange);
    else if (str_equal(path, STR("/stream")))
        listen_to(peer, exchange);
    else if (str_equal(path, STR("/later")))
        listen_later(peer, exchange);
    else if (str_equal(path, STR("/address")))
        tell_address(exchange);
    else if (str_equal(path, STR("/cookie")))
        tell(exchange, exchange_cookie(exchange, "sid"));
    else
        echo(exchange);
}

static size_t body_limit(void *context, void *worker_state, struct exchange *exchange)
{
    (void)context, (void)worker_state;
    return str_equal(exchange_method(exchange), STR("POST")) ? PEER_BODY_MAX : 0;
}

struct server_options peer_options(void)
{
    return (struct server_options){
        .address = "127.0.0.1",
        .workers = 2,
        .connections = 5000,
        .connections_address = 5000,
        .idle_seconds = 30,
        .header_seconds = 10,
    };
}

static void peer_free(struct peer *peer)
{
    hub_free(peer->hub);
    free(peer->page);
    free(peer->big);
    free(peer);
}

int peer_start(const struct server_options *options, struct peer **ret_peer)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    if (!peer)
        return -ENOMEM;
    peer->page = malloc(6000);
    peer->big = malloc(PEER_BIG);
    int result = peer->page && peer->big ? hub_new(&peer->hub) : -ENOMEM;
    struct server_handler handler = { .context = peer, .body_limit = body_limit, .handle = handle };
    if (result == 0) {
        memset(peer->page, 'p', 6000);
        memset(peer->big, 'b', PEER_BIG);
        pthread_mutex_init(&peer->lock, NULL);
        pthread_cond_init(&peer->changed, NULL);
        result = server_start(options, &handler, &peer->server);
    }
    if (result == 0)
        result = -pthread_create(&peer->waker, NULL, waker, peer);
    if (result < 0) {
        peer_free(peer);
        return result;
    }
    *ret_peer = peer;
    return 0;
}

uint16_t peer_port(const struct peer *peer)
{
    return server_port(peer->server);
}

struct hub *peer_hub(struct peer *peer)
{
    return peer->hub;
}

void peer_stop(struct peer *peer, unsigned seconds)
{
    server_stop(peer->server, seconds);
    pthread_mutex_lock(&peer->lock);
    peer->ends = true;
    pthread_cond_signal(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
    pthread_join(peer->waker, NULL);
    peer_free(peer);
}

int peer_connect(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)(void *)&address, sizeof(address)) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    return fd;
}

bool peer_send(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t gone = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (gone <= 0)
            return false;
        bytes.ptr += gone;
        bytes.len -= (size_t)gone;
    }
    return true;
}

// The number behind "name: " in the head, or -1.
static int64_t number_in(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

struct peer_answer peer_read(int fd, bool wants_body)
{
    struct peer_answer answer = { 0 };
    struct buf head = buf_bounded(ANSWER_MAX), body = buf_bounded(ANSWER_MAX);
    char byte;
    // Byte by byte, so that nothing of a following answer is taken.
    while (head.len < 4 || memcmp(head.data + head.len - 4, "\r\n\r\n", 4) != 0) {
        if (recv(fd, &byte, 1, 0) != 1) {
            buf_free(&head);
            answer.closed = true;
            return answer;
        }
        buf_char(&head, byte);
    }
    buf_char(&head, '\0');
    answer.head = head.data;
    answer.status = (unsigned)strtoul(head.data + sizeof("HTTP/1.1"), NULL, 10);
    int64_t length = number_in(head.data, "\r\ncontent-length: ");
    while (wants_body && (length < 0 || body.len < (size_t)length)) {
        char part[65536];
        size_t most = length < 0 || (size_t)length - body.len > sizeof(part)
                          ? sizeof(part)
                          : (size_t)length - body.len;
        ssize_t got = recv(fd, part, most, 0);
        if (got <= 0) {
            answer.closed = true;
            break;
        }
        buf_put(&body, part, (size_t)got);
    }
    answer.closed |= strcasestr(head.data, "\r\nconnection: close\r\n") != NULL;
    answer.body_len = body.len;
    buf_char(&body, '\0');
    answer.body = body.data;
    return answer;
}

void peer_answer_free(struct peer_answer *answer)
{
    free(answer->head);
    free(answer->body);
}

bool peer_closes(int fd, int milliseconds)
{
    int64_t until = clock_monotonic() + milliseconds;
    for (;;) {
        char part[4096];
        int64_t left = until - clock_monotonic();
        struct pollfd wanted = { .fd = fd, .events = POLLIN };
        if (left <= 0 || poll(&wanted, 1, (int)left) <= 0)
            return false;
        ssize_t got = recv(fd, part, sizeof(part), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return true;
    }
}
