// SPDX-License-Identifier: MPL-2.0
#include "client.h"
#include "base/buf.h"
#include "process.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define NUMBER_DIGITS 10
#define HEAD_MAX ((size_t)16 * 1024)
#define REQUEST_MAX ((size_t)1024 * 1024)
#define LATENCIES_MAX ((size_t)64 * 1024 * 1024)

struct connection {
    int fd;
    size_t index;
    int64_t sent_at;
    struct buf request;
    size_t sent;
    struct buf head;   // what has come of the answer's head
    bool in_body;
    uint64_t body_left;
    unsigned status;
    int64_t resume_at;   // when the pause ends; 0: none
    bool idle;           // waits for a request whose time has come
};

struct run {
    const struct client_load *load;
    struct client_result *result;
    int epoll_fd;
    bool counts;
    uint64_t number;
    uint64_t turn;
    int64_t begin;      // of what is counted
    size_t next_due;
    struct connection *connections;
    struct buf latencies;   // uint32_t microseconds
};

// Replaces each placeholder of the template.
static void fill(struct run *run, struct connection *connection, struct str template)
{
    struct buf *out = &connection->request;
    out->len = 0;
    connection->sent = 0;
    while (template.len > 0) {
        const char *brace = memchr(template.ptr, '{', template.len);
        size_t plain = brace ? (size_t)(brace - template.ptr) : template.len;
        buf_put(out, template.ptr, plain);
        template = (struct str){ template.ptr + plain, template.len - plain };
        if (str_starts(template, STR("{n}"))) {
            buf_format(out, "%0*llu", NUMBER_DIGITS, (unsigned long long)run->number++);
            template = (struct str){ template.ptr + 3, template.len - 3 };
        } else if (str_starts(template, STR("{cookie}")) && run->load->cookie_count > 0) {
            buf_str(out, run->load->cookies[connection->index % run->load->cookie_count]);
            template = (struct str){ template.ptr + 8, template.len - 8 };
        } else if (template.len > 0) {
            buf_char(out, template.ptr[0]);
            template = (struct str){ template.ptr + 1, template.len - 1 };
        }
    }
}

static bool open_socket(struct run *run, struct connection *connection)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(run->load->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        return false;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
    if (connect(connection->fd, (struct sockaddr *)(void *)&address, sizeof(address)) < 0 ||
        epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0) {
        close(connection->fd);
        connection->fd = -1;
        return false;
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    return true;
}

static bool send_rest(struct run *run, struct connection *connection)
{
    struct buf *request = &connection->request;
    ssize_t gone = send(connection->fd, request->data + connection->sent,
                        request->len - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (gone < 0 && errno != EAGAIN)
        return false;
    connection->sent += gone > 0 ? (size_t)gone : 0;
    if (connection->sent < request->len) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.ptr = connection };
        epoll_ctl(run->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
    }
    return true;
}

// 'since': from when on it counts.
static bool send_one(struct run *run, struct connection *connection, size_t which, int64_t since)
{
    const struct client_load *load = run->load;
    fill(run, connection, load->requests[which % load->request_count]);
    connection->head.len = 0;
    connection->in_body = connection->idle = false;
    connection->sent_at = since;
    return send_rest(run, connection);
}

static bool send_next(struct run *run, struct connection *connection)
{
    if (run->load->schedule) {
        connection->idle = true;
        return true;
    }
    return send_one(run, connection, run->load->own ? connection->index : run->turn++, process_clock());
}

static bool is_expected(const struct client_load *load, unsigned status)
{
    for (size_t i = 0; i < CLIENT_STATUSES && load->statuses[i]; i++)
        if (load->statuses[i] == status)
            return true;
    return false;
}

static void count_answer(struct run *run, struct connection *connection)
{
    if (!run->counts)
        return;
    uint32_t took = (uint32_t)(process_clock() - connection->sent_at);
    if (is_expected(run->load, connection->status)) {
        run->result->answers++;
        buf_put(&run->latencies, &took, sizeof(took));
    } else {
        run->result->wrong++;
        run->result->wrong_status = connection->status;
    }
}

// The head is complete: finds the status and the length.
static void read_head(struct connection *connection)
{
    static const char name[] = "\r\ncontent-length: ";
    struct buf *head = &connection->head;
    head->data[head->len - 1] = '\0';
    connection->status = (unsigned)strtoul(head->data + sizeof("HTTP/1.1"), NULL, 10);
    const char *length = strcasestr(head->data, name);
    connection->body_left = length ? strtoull(length + sizeof(name) - 1, NULL, 10) : 0;
    connection->in_body = true;
}

// Takes bytes of an answer; 1 when it is complete, 0 when not, -EMSGSIZE for a head without end.
static int take(struct connection *connection, const char *data, size_t len)
{
    if (!connection->in_body) {
        size_t before = connection->head.len;
        buf_put(&connection->head, data, len);
        size_t from = before > 3 ? before - 3 : 0;
        char *end = connection->head.error ? NULL
                                           : memmem(connection->head.data + from,
                                                    connection->head.len - from, "\r\n\r\n", 4);
        if (connection->head.error)
            return -EMSGSIZE;
        if (!end)
            return 0;
        size_t head_len = (size_t)(end - connection->head.data) + 4;
        len = connection->head.len - head_len;
        connection->head.len = head_len;
        read_head(connection);
    }
    connection->body_left -= len < connection->body_left ? len : connection->body_left;
    return connection->body_left == 0;
}

static bool receive(struct run *run, struct connection *connection)
{
    static char part[256 * 1024];
    ssize_t got = recv(connection->fd, part,
                       connection->in_body ? sizeof(part) : HEAD_MAX - connection->head.len,
                       MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return true;
    if (got <= 0)
        return false;
    run->result->bytes += run->counts ? (uint64_t)got : 0;
    int done = take(connection, part, (size_t)got);
    if (done <= 0)
        return done == 0;
    count_answer(run, connection);
    if (run->load->pause == 0)
        return send_next(run, connection);
    connection->resume_at = process_clock() + run->load->pause;
    return true;
}

// A connection has ended: another takes its place.
static void reopen(struct run *run, struct connection *connection)
{
    run->result->broken += run->counts && !connection->idle;   // the server lets go of one that was not used for long
    close(connection->fd);
    connection->in_body = false;
    if (open_socket(run, connection))
        send_next(run, connection);
}

// Sends what has paused long enough; returns when the next pause ends, at the latest 'until'.
static int64_t end_pauses(struct run *run, int64_t until)
{
    int64_t now = process_clock();
    for (size_t i = 0; run->load->pause && i < run->load->connections; i++) {
        struct connection *connection = &run->connections[i];
        if (connection->resume_at == 0)
            continue;
        if (connection->resume_at <= now) {
            connection->resume_at = 0;
            send_next(run, connection);
        } else if (connection->resume_at < until) {
            until = connection->resume_at;
        }
    }
    return until;
}

// In turn, so that none is unused for long.
static struct connection *find_idle(const struct run *run)
{
    size_t count = run->load->connections;
    for (size_t i = 0; i < count; i++)
        if (run->connections[(run->next_due + i) % count].idle)
            return &run->connections[(run->next_due + i) % count];
    return NULL;
}

// Sends what is due, as far as connections are free; returns when the next one is due, at the
// latest 'until'.
static int64_t send_due(struct run *run, int64_t until)
{
    const struct client_load *load = run->load;
    while (run->counts && run->next_due < load->scheduled) {
        const struct client_due *due = &load->schedule[run->next_due];
        if (run->begin + due->at > process_clock())
            return run->begin + due->at < until ? run->begin + due->at : until;
        struct connection *connection = find_idle(run);
        if (!connection)
            return until;
        run->next_due++;
        send_one(run, connection, due->request, run->begin + due->at);
    }
    return until;
}

static void turn_until(struct run *run, int64_t until)
{
    struct epoll_event events[256];
    for (;;) {
        int64_t left = until - process_clock();
        if (left <= 0)
            return;
        left = send_due(run, end_pauses(run, until)) - process_clock();
        left = left > 0 ? left : 0;
        const struct timespec most = { .tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000 };
        int count = epoll_pwait2(run->epoll_fd, events, 256, &most, NULL);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            bool well = true;
            if (events[i].events & EPOLLOUT) {
                struct epoll_event quiet = { .events = EPOLLIN, .data.ptr = connection };
                epoll_ctl(run->epoll_fd, EPOLL_CTL_MOD, connection->fd, &quiet);
                well = send_rest(run, connection);
            }
            if (well && (events[i].events & ~(uint32_t)EPOLLOUT))
                well = receive(run, connection);
            if (!well)
                reopen(run, connection);
        }
    }
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void summarise(struct run *run)
{
    struct client_result *result = run->result;
    uint32_t *latencies = (uint32_t *)(void *)run->latencies.data;
    size_t count = run->latencies.len / sizeof(*latencies);
    if (count == 0)
        return;
    qsort(latencies, count, sizeof(*latencies), ascending);
    result->p50 = latencies[count / 2];
    result->p99 = latencies[count - 1 - count / 100];
    result->worst = latencies[count - 1];
}

static int measure(struct run *run, struct connection *connections)
{
    const struct client_load *load = run->load;
    run->connections = connections;
    for (size_t i = 0; i < load->connections; i++) {
        connections[i] = (struct connection){
            .fd = -1, .index = i, .request = buf_bounded(REQUEST_MAX), .head = buf_bounded(HEAD_MAX)
        };
        if (!open_socket(run, &connections[i]))
            return -ECONNREFUSED;
        send_next(run, &connections[i]);
    }
    turn_until(run, process_clock() + load->warm_up);
    struct process_time before = { 0, 0 }, after = { 0, 0 };
    bool timed = load->pid && process_times(load->pid, &before) == 0;
    run->begin = process_clock();
    run->counts = true;
    turn_until(run, run->begin + load->duration);
    run->result->elapsed = process_clock() - run->begin;
    timed = timed && process_times(load->pid, &after) == 0;
    run->result->user = after.user - before.user;
    run->result->system = after.system - before.system;
    run->result->cpu = timed ? run->result->user + run->result->system : -1;
    summarise(run);
    return 0;
}

int client_run(const struct client_load *load, struct client_result *ret_result)
{
    struct client_result result = { 0 };
    struct run run = { .load = load,
                       .result = &result,
                       .latencies = buf_bounded(LATENCIES_MAX),
                       .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                       .number = (uint64_t)process_clock() % 1000000000 };
    struct connection *connections = calloc(load->connections, sizeof(*connections));
    int status = connections && run.epoll_fd >= 0 ? measure(&run, connections) : -ENOMEM;
    for (size_t i = 0; connections && i < load->connections; i++) {
        if (connections[i].fd > 0)
            close(connections[i].fd);
        buf_free(&connections[i].request);
        buf_free(&connections[i].head);
    }
    free(connections);
    buf_free(&run.latencies);
    if (run.epoll_fd >= 0)
        close(run.epoll_fd);
    if (status == 0)
        *ret_result = result;
    return status;
}
