// SPDX-License-Identifier: MPL-2.0
// What the files of the server share. libmicrohttpd reads requests and writes answers; each worker
// drives a library daemon of its own from its own loop, because the library's own thread stops at
// 128 simultaneous events (version 0.9.75).
//
// Threads: all of a worker is its thread's, except what stands under 'lock' and a stream's own
// lock. Order of locks: the hub's, a stream's, a worker's.
#pragma once

#include "base/cleanup.h"
#include "base/clock.h"
#include "web/server.h"
#include "web/server_address.h"
#include "web/server_head.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

// What an event of a worker's epoll descriptor is about. First member of whatever is watched.
enum watch { WATCH_UNSET, WATCH_LIBRARY, WATCH_WAKE, WATCH_STREAM, WATCH_FAREWELL };

enum phase {
    PHASE_UNSET,
    PHASE_IDLE,   // no request yet, or between two
    PHASE_HEAD,   // the request line is here
    PHASE_BODY,
    PHASE_RUN,      // with the handler
    PHASE_ANSWER,   // being sent
};

// One accepted connection, from the library's first to its last word about it.
struct connection {
    struct connection *previous, *next;   // the worker's list
    struct worker *worker;
    struct MHD_Connection *library;
    struct address_key address;
    int fd;   // the library's
    enum phase phase;
    int64_t deadline;   // monotonic ms; 0: none
    bool gently;   // the peer may still be sending: let it read the answer before the connection is
                   // reset
    bool noticed;   // has a time-out of its own, so that the library looks at it first
    bool taken;     // went on as a stream, which now counts for it
};

enum exchange_state {
    EXCHANGE_UNSET,
    EXCHANGE_HEAD,      // the request line is here
    EXCHANGE_BODY,      // the body may come
    EXCHANGE_HANDLED,   // in the handler or in 'then'
    EXCHANGE_SUSPENDED,
    EXCHANGE_ANSWERED,
    EXCHANGE_CLOSING,   // the library is to close the connection: it became a stream, or the answer
                        // failed
};

struct exchange {
    struct exchange *next;   // among the resumed, or the spare
    struct worker *worker;
    struct connection *connection;
    struct arena *arena;
    enum exchange_state state;
    bool suspended;   // for the library
    void (*then)(struct exchange *exchange, void *worker_state);
    void *data;
    unsigned class;
    int64_t began;   // microseconds, monotonic
    const char *raw_target;   // where the target stands in the library's buffer
    struct str address;
    struct buf body;
    size_t claimed;   // bytes of server.large that are this body's
    struct head head;
};

struct farewell;

struct worker {
    struct server *server;
    unsigned index;
    pthread_t thread;
    void *state;   // the handler's
    struct MHD_Daemon *library;
    int epoll_fd;
    int wake_fd;   // eventfd
    int64_t now;   // monotonic ms of this turn of the loop
    struct connection *connections;
    struct stream *streams;
    struct farewell *farewells;
    unsigned farewell_count;
    struct server_counts counts;   // added to by this thread alone, atomically
    unsigned exchanges;   // with the handler: handled or suspended
    struct exchange *spare;
    unsigned spare_count;
    bool stopping;

    pthread_mutex_t lock;   // over what other threads touch:
    struct exchange *resumed_first, *resumed_last;
    struct stream *stirred_first, *stirred_last;   // streams with something to send or to end
    bool stop_wanted;
};

struct server {
    struct server_options options;
    struct server_handler handler;
    uint16_t port;
    int listen_fd;
    struct addresses *addresses;
    atomic_int stop_seconds;
    atomic_size_t large;   // bytes that large bodies, together, may come to hold
    unsigned started;   // workers whose threads run
    struct worker workers[];
};

// server_worker.c
int worker_start(struct worker *worker);
void worker_ask_to_stop(struct worker *worker);
bool worker_finish(
    struct worker *worker);   // joins and frees; false when somebody still holds an exchange of it
void worker_wake(struct worker *worker);
int worker_watch(struct worker *worker, int fd, uint32_t events, void *watched);

// server_request.c: the library's callbacks
void *request_line(void *context, const char *target, struct MHD_Connection *library);
enum MHD_Result request_part(void *context, struct MHD_Connection *library, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *data_size, void **request);
void request_completed(void *context, struct MHD_Connection *library, void **request,
                       enum MHD_RequestTerminationCode code);

// server_exchange.c
struct exchange *exchange_new(struct worker *worker, struct connection *connection);
void exchange_free(struct exchange *exchange);
void exchange_handle(struct exchange *exchange, struct MHD_Connection *library);
void exchange_too_large(struct exchange *exchange, struct MHD_Connection *library, size_t limit);
void exchange_taken(struct exchange *exchange);      // became a stream
void exchange_continue(struct exchange *exchange);   // what was resumed

// server_counts.c
void counts_answer(struct exchange *exchange, unsigned status);
void counts_refusal(struct worker *worker);

// server_connection.c
void connection_notify(void *context, struct MHD_Connection *library, void **socket_context,
                       enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(struct MHD_Connection *library);
void connection_phase(struct connection *connection, enum phase phase, int64_t milliseconds);
void connection_refuse(struct connection *connection, unsigned status);
void connections_sweep(struct worker *worker);
void farewell_event(struct farewell *farewell);
void farewells_end(struct worker *worker, int64_t until);

// server_stream.c
void stream_event(struct stream *stream, uint32_t events);
void streams_stir(struct worker *worker);
void streams_end(struct worker *worker);
