// SPDX-License-Identifier: MPL-2.0
// A worker: one thread, one loop over the library's epoll descriptor, an eventfd that other threads
// write, and the streams.
#include "web/server_internal.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define EVENTS 128
#define SWEEP_MS SECOND_MS
#define STOP_SWEEP_MS 20
#define ACCEPT_MS 500
// Holds a head of 8 KiB, the library's records of its fields, and the head of the answer. The
// library wipes all of it after each request, so this is what an idle connection costs.
#define CONNECTION_MEMORY ((size_t)16 * 1024)

struct start {
    struct worker *worker;
    sem_t ready;
    int result;
};

int worker_watch(struct worker *worker, int fd, uint32_t events, void *watched)
{
    struct epoll_event event = { .events = events, .data.ptr = watched };
    return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void worker_wake(struct worker *worker)
{
    // A full counter wakes as well.
    (void)!write(worker->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static int library_start(struct worker *worker)
{
    struct server *server = worker->server;
    int listen_fd = fcntl(server->listen_fd, F_DUPFD_CLOEXEC, 0);
    if (listen_fd < 0)
        return -errno;
    worker->library = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_part,
        worker, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
        server->options.connections + 1,   // the last is accepted to be told
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)2048, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_NOTIFY_CONNECTION, connection_notify, worker, MHD_OPTION_NOTIFY_COMPLETED,
        request_completed, worker, MHD_OPTION_URI_LOG_CALLBACK, request_line, worker,
        MHD_OPTION_END);
    if (!worker->library) {
        close(listen_fd);
        return -EIO;
    }
    static const enum watch library = WATCH_LIBRARY, wake = WATCH_WAKE;
    int epoll_fd = MHD_get_daemon_info(worker->library, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    int result = worker_watch(worker, epoll_fd, EPOLLIN, (void *)(uintptr_t)&library);
    return result < 0 ? result
                      : worker_watch(worker, worker->wake_fd, EPOLLIN, (void *)(uintptr_t)&wake);
}

static void run_library(struct worker *worker)
{
    const struct server_handler *handler = &worker->server->handler;
    MHD_run(worker->library);
    if (handler->rest)
        handler->rest(handler->context, worker->state);
}

// Closing the listening socket resets those who are waiting to be accepted.
static void accept_waiting(struct worker *worker)
{
    struct pollfd listener = {
        .fd = MHD_get_daemon_info(worker->library, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd,
        .events = POLLIN,
    };
    int64_t until = worker->now + ACCEPT_MS;
    while (poll(&listener, 1, 0) == 1 && clock_monotonic() < until)
        run_library(worker);
}

static void stop_accepting(struct worker *worker)
{
    accept_waiting(worker);
    worker->stopping = true;
    int fd = MHD_quiesce_daemon(worker->library);
    if (fd >= 0)
        close(fd);
    streams_end(worker);
}

// What other threads have left for this one. Returns whether the library has something to do.
static bool take_messages(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    struct exchange *exchange = worker->resumed_first;
    worker->resumed_first = worker->resumed_last = NULL;
    bool stop = worker->stop_wanted && !worker->stopping;
    bool stirred = worker->stirred_first;
    pthread_mutex_unlock(&worker->lock);
    bool resumed = exchange;
    while (exchange) {
        struct exchange *next = exchange->next;
        exchange_continue(exchange);
        exchange = next;
    }
    if (stop)
        stop_accepting(worker);
    if (stirred || stop)
        streams_stir(worker);
    return resumed;
}

// Returns whether the library has something to do.
static bool take_events(struct worker *worker, int timeout)
{
    struct epoll_event events[EVENTS];
    bool library = false;
    int count = epoll_wait(worker->epoll_fd, events, EVENTS, timeout);
    worker->now = clock_monotonic();
    for (int i = 0; i < count; i++) {
        void *watched = events[i].data.ptr;
        switch (*(enum watch *)watched) {
        case WATCH_LIBRARY: library = true; break;
        case WATCH_WAKE: (void)!read(worker->wake_fd, &(uint64_t){ 0 }, sizeof(uint64_t)); break;
        case WATCH_STREAM: stream_event(watched, events[i].events); break;
        default: farewell_event(watched);
        }
    }
    return library;
}

static bool library_waits(struct worker *worker)
{
    MHD_UNSIGNED_LONG_LONG timeout;
    return MHD_get_timeout(worker->library, &timeout) == MHD_YES && timeout == 0;
}

// While stopping: connections without a request, even an unread one, are closed; true when nothing
// is left.
static bool stop_step(struct worker *worker)
{
    for (struct connection *connection = worker->connections; connection;
         connection = connection->next) {
        int unread = 0;
        if (connection->phase == PHASE_IDLE && ioctl(connection->fd, FIONREAD, &unread) == 0 &&
            unread == 0)
            shutdown(connection->fd, SHUT_RDWR);
    }
    return !worker->connections && !worker->streams && worker->exchanges == 0;
}

static void loop(struct worker *worker)
{
    int64_t sweep = 0, give_up = 0;
    bool stopped = false;
    while (!stopped) {
        int64_t left = sweep - worker->now;
        int timeout = library_waits(worker) || left < 0 ? 0 : (int)left;
        bool library = take_events(worker, timeout) || timeout == 0;
        library |= take_messages(worker);
        if (worker->stopping && !give_up)
            give_up = worker->now + atomic_load(&worker->server->stop_seconds) * SECOND_MS;
        if (library || worker->now >= sweep)
            run_library(worker);
        if (worker->now >= sweep) {
            connections_sweep(worker);
            if (worker->server->handler.tick)
                worker->server->handler.tick(worker->server->handler.context, worker->state);
            sweep = worker->now + (worker->stopping ? STOP_SWEEP_MS : SWEEP_MS);
        }
        if (worker->stopping)
            stopped = stop_step(worker) || worker->now >= give_up;
    }
}

// Lets go of all that is left. A request that is still suspended belongs to somebody who may be
// reading it: then nothing is freed, and the connections end with the program.
static void close_down(struct worker *worker)
{
    streams_end(worker);
    streams_stir(worker);
    farewells_end(worker, INT64_MAX);
    if (worker->exchanges > 0) {
        log_event(LOG_ERROR, "stop-unfinished", "worker=%u requests=%u", worker->index,
                  worker->exchanges);
        for (struct connection *connection = worker->connections; connection;
             connection = connection->next)
            shutdown(connection->fd, SHUT_RDWR);
        return;
    }
    MHD_stop_daemon(worker->library);
    while (worker->spare) {
        struct exchange *exchange = worker->spare;
        worker->spare = exchange->next;
        arena_free(exchange->arena);
        free(exchange);
    }
}

static void *run(void *argument)
{
    struct start *start = argument;
    struct worker *worker = start->worker;
    struct server_handler *handler = &worker->server->handler;
    worker->now = clock_monotonic();
    int result = handler->worker_begin
                     ? handler->worker_begin(handler->context, worker->index, &worker->state)
                     : 0;
    if (result == 0) {
        result = library_start(worker);
        if (result < 0 && handler->worker_end)
            handler->worker_end(handler->context, worker->state);
    }
    start->result = result;
    sem_post(&start->ready);   // 'start' is gone from here on
    if (result < 0)
        return NULL;
    loop(worker);
    close_down(worker);
    if (handler->worker_end)
        handler->worker_end(handler->context, worker->state);
    return NULL;
}

static void release(struct worker *worker)
{
    if (worker->epoll_fd >= 0)
        close(worker->epoll_fd);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    pthread_mutex_destroy(&worker->lock);
}

int worker_start(struct worker *worker)
{
    struct start start = { .worker = worker };
    pthread_mutex_init(&worker->lock, NULL);
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int result = worker->epoll_fd < 0 || worker->wake_fd < 0 ? -EMFILE : 0;
    if (result == 0) {
        sem_init(&start.ready, 0, 0);
        result = -pthread_create(&worker->thread, NULL, run, &start);
        if (result == 0) {
            while (sem_wait(&start.ready) < 0) {
            }
            result = start.result;
            if (result < 0)
                pthread_join(worker->thread, NULL);
        }
        sem_destroy(&start.ready);
    }
    if (result < 0)
        release(worker);
    return result;
}

void worker_ask_to_stop(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->stop_wanted = true;
    pthread_mutex_unlock(&worker->lock);
    worker_wake(worker);
}

bool worker_finish(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
    if (worker->exchanges > 0)
        return false;
    release(worker);
    return true;
}
