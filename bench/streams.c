// SPDX-License-Identifier: MPL-2.0
// streams: what an open live stream costs in memory, and how long an event takes to reach all of
// them against a bare loop of write() over as many sockets, alternating in the same run. Prints one
// line of JSON.
//
//   streams [NUMBER [ROUNDS]]      1,000 streams, 21 rounds
//
// bytes_each: memory of a stream. reach_us: from the call until the last reader has it.
// bare_reach_us: the same for the bare loop, bare_loop_us: the loop alone. All are medians of the
// rounds.
//
// A child process is the server; it also holds the bare sockets. This process reads both kinds in
// the same way.
#include "../test/load/peer.h"
#include "process.h"
#include "web/json_out.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBER_MAX 4000   // that may wait in a listening socket's queue
#define ROUNDS_MAX 1001
#define TOPIC 77

static const char event[] = "event: post\ndata: 1234567890123456789\n\n";

struct ports {
    uint16_t server, bare;
};

// What the server process is asked to do, one byte each. It answers with the microseconds that the
// work took.
enum { DO_ACCEPT = 'a', DO_PUBLISH = 'p', DO_WRITE = 'w' };

static int listen_bare(uint16_t *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)(void *)&address, length) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)(void *)&address, &length) < 0)
        return -1;
    *ret_port = ntohs(address.sin_port);
    return fd;
}

// The child: serves until the other end of the line is closed.
static int serve(int line, size_t number)
{
    struct server_options options = peer_options();
    options.workers = 1;
    options.connections = options.connections_address = (unsigned)number * 2 + 100;
    struct peer *peer;
    struct ports ports;
    int *bare = calloc(number, sizeof(*bare));
    int listener = listen_bare(&ports.bare);
    if (!bare || listener < 0 || peer_start(&options, &peer) < 0)
        return 1;
    ports.server = peer_port(peer);
    (void)!write(line, &ports, sizeof(ports));
    for (char what; read(line, &what, 1) == 1;) {
        int64_t begin = process_clock();
        for (size_t i = 0; i < number && what == DO_ACCEPT; i++) {
            bare[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
            setsockopt(bare[i], IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        }
        if (what == DO_PUBLISH)
            hub_publish(peer_hub(peer), TOPIC, STR("post"), STR("1234567890123456789"));
        for (size_t i = 0; i < number && what == DO_WRITE; i++)
            (void)!write(bare[i], event, sizeof(event) - 1);
        int64_t took = process_clock() - begin;
        (void)!write(line, &took, sizeof(took));
    }
    peer_stop(peer, 1);
    return 0;
}

// Opens the streams and waits until each has its head.
static int open_streams(uint16_t port, int *fds, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        struct buf request = buf_bounded(256);
        fds[i] = peer_connect(port);
        buf_format(&request,
                   "GET /stream?%d&%zu HTTP/1.1\r\nHost: x\r\n"
                   "Cookie: samtraad=0123456789abcdef0123456789abcdef\r\n\r\n",
                   TOPIC, i + 1);
        bool sent = fds[i] >= 0 && peer_send(fds[i], buf_view(&request));
        buf_free(&request);
        if (!sent)
            return -EIO;
    }
    for (size_t i = 0; i < number; i++) {
        struct peer_answer answer = peer_read(fds[i], false);
        bool well = answer.status == 200;
        peer_answer_free(&answer);
        if (!well)
            return -EIO;
    }
    return 0;
}

// One kept-alive connection each, that has had an answer.
static int open_idle(uint16_t port, int *fds, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        fds[i] = peer_connect(port);
        if (fds[i] < 0 || !peer_send(fds[i], STR("GET /page HTTP/1.1\r\nHost: x\r\n\r\n")))
            return -EIO;
    }
    for (size_t i = 0; i < number; i++) {
        struct peer_answer answer = peer_read(fds[i], true);
        bool well = answer.status == 200;
        peer_answer_free(&answer);
        if (!well)
            return -EIO;
    }
    return 0;
}

static int watch(const int *fds, size_t number)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < number; i++) {
        struct epoll_event wanted = { .events = EPOLLIN, .data.fd = fds[i] };
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[i], &wanted) < 0)
            return -1;
    }
    return epoll_fd;
}

// Has the server do it and reads until every socket has had the event. Microseconds; -1 when
// something is missing.
static int64_t reach(int line, char what, int epoll_fd, size_t number, int64_t *ret_server)
{
    int64_t begin = process_clock();
    size_t missing = number * (sizeof(event) - 1);
    (void)!write(line, &what, 1);
    while (missing > 0) {
        struct epoll_event events[512];
        char part[4096];
        int count = epoll_wait(epoll_fd, events, 512, 5000);
        if (count <= 0)
            return -1;
        for (int i = 0; i < count; i++) {
            ssize_t got = recv(events[i].data.fd, part, sizeof(part), MSG_DONTWAIT);
            if (got <= 0)
                return -1;
            missing -= (size_t)got;
        }
    }
    int64_t took = process_clock() - begin;
    return read(line, ret_server, sizeof(*ret_server)) == sizeof(*ret_server) ? took : -1;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(int64_t *list, size_t count)
{
    qsort(list, count, sizeof(*list), ascending);
    return list[count / 2];
}

struct figures {
    int64_t stream_bytes, idle_bytes;
    int64_t reached[ROUNDS_MAX], bare_reached[ROUNDS_MAX], bare_loop[ROUNDS_MAX];
};

static int alternate(int line, const int *streams, const int *bare, size_t number, size_t rounds,
                     struct figures *figures)
{
    int64_t took;
    int stream_epoll = watch(streams, number), bare_epoll = watch(bare, number);
    for (size_t i = 0; i < rounds; i++) {
        figures->bare_reached[i] =
            reach(line, DO_WRITE, bare_epoll, number, &figures->bare_loop[i]);
        figures->reached[i] = reach(line, DO_PUBLISH, stream_epoll, number, &took);
        if (figures->reached[i] < 0 || figures->bare_reached[i] < 0)
            return -EIO;
    }
    return 0;
}

static int open_bare(int line, uint16_t port, int *fds, size_t number)
{
    int64_t took;
    for (size_t i = 0; i < number; i++)
        if ((fds[i] = peer_connect(port)) < 0)
            return -EIO;
    bool accepted = write(line, &(char){ DO_ACCEPT }, 1) == 1 &&
                    read(line, &took, sizeof(took)) == sizeof(took);
    return accepted ? 0 : -EIO;
}

// fds: room for three times the number.
static int measure(int line, pid_t server, int *fds, size_t number, size_t rounds,
                   struct figures *figures)
{
    int *streams = fds, *idle = fds + number, *bare = fds + 2 * number;
    struct ports ports;
    if (read(line, &ports, sizeof(ports)) != sizeof(ports))
        return -EIO;
    int64_t before = process_memory(server);
    int result = open_streams(ports.server, streams, number);
    int64_t with_streams = process_memory(server);
    if (result == 0)
        result = open_idle(ports.server, idle, number);
    figures->stream_bytes = (with_streams - before) / (int64_t)number;
    figures->idle_bytes = (process_memory(server) - with_streams) / (int64_t)number;
    if (result == 0)
        result = open_bare(line, ports.bare, bare, number);
    return result ? result : alternate(line, streams, bare, number, rounds, figures);
}

static void print_field(struct json_out *out, const char *name, int64_t number)
{
    json_out_key(out, str_from(name));
    json_out_int(out, number);
}

static void print(struct figures *figures, size_t number, size_t rounds)
{
    struct buf line = buf_bounded(4096);
    struct json_out out = { .buf = &line };
    json_out_open(&out, '{');
    json_out_key(&out, STR("name"));
    json_out_text(&out, STR("streams"));
    print_field(&out, "streams", (int64_t)number);
    print_field(&out, "rounds", (int64_t)rounds);
    print_field(&out, "bytes_each", figures->stream_bytes);
    print_field(&out, "idle_connection_bytes", figures->idle_bytes);
    print_field(&out, "reach_us", median(figures->reached, rounds));
    print_field(&out, "bare_reach_us", median(figures->bare_reached, rounds));
    print_field(&out, "bare_loop_us", median(figures->bare_loop, rounds));
    json_out_close(&out, '}');
    printf("%.*s\n", (int)line.len, line.data);
    buf_free(&line);
}

int main(int argc, char **argv)
{
    static struct figures figures;
    size_t number = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 21;
    struct rlimit limit;
    int line[2];
    if (number < 1 || number > NUMBER_MAX || rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "streams: 1 to %d streams, 1 to %d rounds\n", NUMBER_MAX, ROUNDS_MAX);
        return 1;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, line) < 0)
        return 1;
    pid_t server = fork();
    if (server == 0) {
        close(line[0]);
        _exit(serve(line[1], number));
    }
    close(line[1]);
    int *fds = calloc(number, 3 * sizeof(*fds));
    int result = -ENOMEM;
    if (server > 0 && fds)
        result = measure(line[0], server, fds, number, rounds, &figures);
    free(fds);
    close(line[0]);
    waitpid(server, NULL, 0);
    if (result < 0) {
        (void)fprintf(stderr, "streams: %s\n", strerror(-result));
        return 1;
    }
    print(&figures, number, rounds);
    return 0;
}
