// SPDX-License-Identifier: MPL-2.0
// HTTP, with the library behind it hidden: requests come in whole (within limits) on a worker's
// loop, are answered there or suspended and resumed, or become a live stream. One loop and thread
// for each worker.
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <sys/types.h>

struct server;
struct exchange;   // one request and its answer; lives on its worker until the answer is sent
struct stream;     // one open event stream

struct server_handler {
    void *context;
    // Makes and frees what a worker's thread needs for itself (database connection, keyring).
    int (*worker_begin)(void *context, unsigned worker, void **ret_worker_state);
    void (*worker_end)(void *context, void *worker_state);
    // Largest body in bytes of a request of which only the head is here; over it the answer is 413 without reading on.
    size_t (*body_limit)(void *context, void *worker_state, struct exchange *exchange);
    // A request whose body would be larger than that; only its head is here, and the rest is not read. Must call exchange_answer before it returns. NULL: the
    // answer is a plain one.
    void (*too_large)(void *context, void *worker_state, struct exchange *exchange, size_t limit);
    // A whole request has arrived. Must call exchange_answer, exchange_stream, or exchange_suspend
    // before it returns.
    void (*handle)(void *context, void *worker_state, struct exchange *exchange);
    // About once a second, also when nobody asks for anything; may be NULL.
    void (*tick)(void *context, void *worker_state);
    // After what had come was handed over one by one, before the worker looks for more; may be NULL.
    void (*rest)(void *context, void *worker_state);
};

struct server_options {
    const char *address;   // "127.0.0.1", "::"
    uint16_t port;         // 0: any free one
    unsigned workers;
    unsigned connections;   // at most, in all

    // At most from one address (IPv6: one /64). Not counted behind a trusted front, which has to.
    unsigned connections_address;

    // Between requests of a connection; also to take an answer, with a second more for each 16 KiB.
    unsigned idle_seconds;

    // From connecting, or from the request line, to the end of the header; again for the body, with
    // a second more for each 16 KiB that has come.
    unsigned header_seconds;

    bool reads_forwarded_for;   // a front we trust sets X-Forwarded-For and X-Forwarded-Proto
};

int server_start(const struct server_options *options, const struct server_handler *handler,
                 struct server **ret_server);
uint16_t server_port(const struct server *server);

// Stops accepting, lets running requests finish (at most 'seconds'), ends all streams, joins the
// threads, frees. When a request is still suspended after that, the server's memory stays, so that
// whoever holds the request can still resume it.
void server_stop(struct server *server, unsigned seconds);

// The request; what is ambiguous, malformed or over a limit has been refused before
// (server_head.h). All views live as long as the exchange.

// "GET" (HEAD too: the body is left out by itself) or "POST".
struct str exchange_method(const struct exchange *exchange);
bool exchange_is_head(const struct exchange *exchange);

// Still percent-encoded, printable ASCII, without the query.
struct str exchange_path(const struct exchange *exchange);

// Without '?'; empty when there is none.
struct str exchange_query(const struct exchange *exchange);

// ptr NULL when absent.
struct str exchange_header(const struct exchange *exchange, const char *name);
struct str exchange_cookie(const struct exchange *exchange, const char *name);

struct str exchange_body(const struct exchange *exchange);
struct str exchange_address(const struct exchange *exchange);   // of the peer, or as the front says
bool exchange_secure(const struct exchange *exchange);          // the front says https
struct arena *exchange_arena(struct exchange *exchange);        // freed after the answer
unsigned exchange_worker(const struct exchange *exchange);

// Room for the router's own record of this exchange.
void exchange_set_data(struct exchange *exchange, void *data);
void *exchange_data(const struct exchange *exchange);

struct header {
    const char *name;
    struct str value;   // no CR, LF or NUL: asserted
};

// Answers. The body's memory is taken over (body is left empty). body NULL: none. On the exchange's
// worker only.
void exchange_answer(struct exchange *exchange, unsigned status, const struct header *headers,
                     size_t count, struct buf *body);

// The same with bytes that live as long as the program (assets).
void exchange_answer_static(struct exchange *exchange, unsigned status,
                            const struct header *headers, size_t count, struct bytes body);

// A long answer that is made piece by piece while it goes out. 'fill' puts up to 'room' bytes from
// 'at' on into ret_data and says how many, or -E…: the connection is then cut, so that nobody takes
// the part for the whole. It runs on the exchange's worker; 'done' frees the data, on the same.
struct source {
    uint64_t length;
    ssize_t (*fill)(void *data, uint64_t at, uint8_t *ret_data, size_t room);
    void (*done)(void *data);
    void *data;
};

// Answers 200 with a source, which is taken over.
void exchange_answer_source(struct exchange *exchange, const struct header *headers, size_t count,
                            const struct source *source);

// Suspends the exchange: the worker goes on with others. exchange_resume (any thread, once) has
// 'then' called on the exchange's worker, which answers or suspends again.
void exchange_suspend(struct exchange *exchange,
                      void (*then)(struct exchange *exchange, void *worker_state));
void exchange_resume(struct exchange *exchange);

// Whether the peer of a suspended exchange has hung up (or closed its half), so that nobody waits for the answer. Only for who will resume it.
bool exchange_left(const struct exchange *exchange);

// What a server has answered since its start, by class: a number below SERVER_CLASSES that the handler gives each exchange; 0 unless it does.
#define SERVER_CLASSES 64
#define SERVER_BOUNDS 12   // of durations: server_bound

struct server_counts {
    struct {
        uint64_t answers[6];                    // by the status' first digit
        uint64_t within[SERVER_BOUNDS + 1];     // by duration; the last: longer than all bounds
        uint64_t microseconds;                  // from the whole request to its answer, in all
    } classes[SERVER_CLASSES];
    uint64_t refused;                           // before they reached the handler: malformed, too large, too slow, too many
};

void exchange_class(struct exchange *exchange, unsigned class);

// The longest duration that counts as within a bound, microseconds.
int64_t server_bound(unsigned bound);

// Any thread; what is counted at this moment may be missing.
void server_counts(const struct server *server, struct server_counts *ret_counts);

// Turns the answer into an event stream (text/event-stream); not of a HEAD, whose answer ends with its head. 'closed' is called on the worker when
// the peer has gone or the stream was ended; after it the stream is dead. -ENOMEM.
int exchange_stream(struct exchange *exchange, void (*closed)(struct stream *stream, void *data),
                    void *data, struct stream **ret_stream);

// Sends bytes to a stream (a complete event). Any thread that knows the stream is not closed (hold
// the hub's lock). Bytes are copied or shared; a peer that is more than 64 KiB behind is ended.
void stream_send(struct stream *stream, struct str bytes);

// Ends the stream at once: nothing that was not yet sent goes out. Any thread, as stream_send.
void stream_end(struct stream *stream);
