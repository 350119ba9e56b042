// SPDX-License-Identifier: MPL-2.0
// One request and its answer: what the router sees.
#include "base/clock.h"
#include "web/cookie.h"
#include "web/server_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

#define ARENA_LIMIT ((size_t)16 * 1024 * 1024)
#define SPARE_MAX 64
#define LIBRARY_TIMEOUT (24u * 60 * 60)   // never reached: the deadlines are ours
#define SOURCE_PIECE ((size_t)64 * 1024)
#define ANSWER_RATE ((int64_t)16 * 1024)   // bytes a second that a peer must take

struct exchange *exchange_new(struct worker *worker, struct connection *connection)
{
    struct exchange *exchange = worker->spare;
    if (exchange) {
        worker->spare = exchange->next;
        worker->spare_count--;
    } else {
        exchange = calloc(1, sizeof(*exchange));
        if (!exchange)
            return NULL;
        if (arena_new(ARENA_LIMIT, &exchange->arena) < 0) {
            free(exchange);
            return NULL;
        }
    }
    exchange->worker = worker;
    exchange->connection = connection;
    exchange->state = EXCHANGE_HEAD;
    return exchange;
}

// A handler's part in it is over.
static void leave_handler(struct exchange *exchange, enum exchange_state state)
{
    assert(exchange->state == EXCHANGE_HANDLED);
    exchange->state = state;
    exchange->worker->exchanges--;
}

void exchange_taken(struct exchange *exchange)
{
    counts_answer(exchange, 200);
    leave_handler(exchange, EXCHANGE_CLOSING);
}

void exchange_free(struct exchange *exchange)
{
    struct worker *worker = exchange->worker;
    assert(exchange->state != EXCHANGE_HANDLED && exchange->state != EXCHANGE_SUSPENDED);
    buf_free(&exchange->body);
    if (exchange->claimed)
        atomic_fetch_sub(&worker->server->large, exchange->claimed);
    if (worker->spare_count == SPARE_MAX || worker->stopping) {
        arena_free(exchange->arena);
        free(exchange);
        return;
    }
    arena_reset(exchange->arena);
    struct arena *arena = exchange->arena;
    memset(exchange, 0, offsetof(struct exchange, head.fields));
    memset((char *)exchange + offsetof(struct exchange, head.count), 0,
           sizeof(*exchange) - offsetof(struct exchange, head.count));
    exchange->arena = arena;
    exchange->next = worker->spare;
    worker->spare = exchange;
    worker->spare_count++;
}

static void enter_handler(struct exchange *exchange, const struct MHD_Connection *library)
{
    assert(exchange->connection->library == library);
    connection_phase(exchange->connection, PHASE_RUN, 0);
    exchange->state = EXCHANGE_HANDLED;
    exchange->began = clock_monotonic_us();
    exchange->worker->exchanges++;
}

void exchange_handle(struct exchange *exchange, struct MHD_Connection *library)
{
    struct worker *worker = exchange->worker;
    struct server_handler *handler = &worker->server->handler;
    enter_handler(exchange, library);
    handler->handle(handler->context, worker->state, exchange);
    assert(exchange->state != EXCHANGE_HANDLED);
}

void exchange_too_large(struct exchange *exchange, struct MHD_Connection *library, size_t limit)
{
    struct worker *worker = exchange->worker;
    struct server_handler *handler = &worker->server->handler;
    enter_handler(exchange, library);
    handler->too_large(handler->context, worker->state, exchange, limit);
    assert(exchange->state == EXCHANGE_ANSWERED || exchange->state == EXCHANGE_CLOSING);
}

struct str exchange_method(const struct exchange *exchange)
{
    return exchange->head.is_head ? STR("GET") : exchange->head.method;
}

bool exchange_is_head(const struct exchange *exchange)
{
    return exchange->head.is_head;
}

struct str exchange_path(const struct exchange *exchange)
{
    return exchange->head.path;
}

struct str exchange_query(const struct exchange *exchange)
{
    return exchange->head.query;
}

struct str exchange_header(const struct exchange *exchange, const char *name)
{
    return head_value(&exchange->head, str_from(name));
}

struct str exchange_cookie(const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->head.count; i++) {
        if (!head_name_equal(exchange->head.fields[i].name, STR("cookie")))
            continue;
        struct str value = cookie_find(exchange->head.fields[i].value, str_from(name));
        if (value.ptr)
            return value;
    }
    return (struct str){ NULL, 0 };
}

struct str exchange_body(const struct exchange *exchange)
{
    return buf_view(&exchange->body);
}

// The last entry of the last X-Forwarded-For is the front's own; all before it came from outside.
static struct str forwarded_address(const struct head *head)
{
    struct str list = head_last_value(head, STR("x-forwarded-for"));
    struct str last = { NULL, 0 };
    while (list.len > 0)
        last = head_trim(str_cut(&list, ','));
    return last.ptr && address_valid(last) ? last : (struct str){ NULL, 0 };
}

struct str exchange_address(const struct exchange *exchange)
{
    if (exchange->worker->server->options.reads_forwarded_for) {
        struct str forwarded = forwarded_address(&exchange->head);
        if (forwarded.ptr)
            return forwarded;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        exchange->connection->library, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct str text = address_text(exchange->arena, info->client_addr);
    return text.ptr ? text : STR("");
}

bool exchange_secure(const struct exchange *exchange)
{
    return exchange->worker->server->options.reads_forwarded_for &&
           head_name_equal(head_last_value(&exchange->head, STR("x-forwarded-proto")),
                           STR("https"));
}

struct arena *exchange_arena(struct exchange *exchange)
{
    return exchange->arena;
}

unsigned exchange_worker(const struct exchange *exchange)
{
    return exchange->worker->index;
}

void exchange_set_data(struct exchange *exchange, void *data)
{
    exchange->data = data;
}

void *exchange_data(const struct exchange *exchange)
{
    return exchange->data;
}

// Whether the bytes can't end a header line; the library wants C strings.
static bool is_header_safe(struct str value)
{
    return !value.len ||
           (!memchr(value.ptr, '\r', value.len) && !memchr(value.ptr, '\n', value.len) &&
            !memchr(value.ptr, '\0', value.len));
}

static int add_header(struct exchange *exchange, struct MHD_Response *response, const char *name,
                      struct str value)
{
    assert(is_header_safe(value));
    struct str copy = arena_str(exchange->arena, value);
    return copy.ptr && MHD_add_response_header(response, name, copy.ptr) == MHD_YES ? 0 : -ENOMEM;
}

static int queue(struct exchange *exchange, unsigned status, const struct header *headers,
                 size_t count, struct MHD_Response *response)
{
    int result = response ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_header(exchange, response, headers[i].name, headers[i].value);
    if (result == 0 && exchange->worker->stopping)
        result = add_header(exchange, response, "Connection", STR("close"));
    if (result == 0 &&
        MHD_queue_response(exchange->connection->library, status, response) != MHD_YES)
        result = -EIO;
    if (response)
        MHD_destroy_response(response);   // the library holds its own reference while it sends
    return result;
}

static void answer(struct exchange *exchange, unsigned status, const struct header *headers,
                   size_t count, struct MHD_Response *response, size_t length)
{
    struct worker *worker = exchange->worker;
    int result = queue(exchange, status, headers, count, response);
    counts_answer(exchange, result < 0 ? (status < 400 ? 500 : 503) : status);
    // What was to be told as done must not be told as something to try again.
    if (result < 0)
        connection_refuse(exchange->connection, status < 400 ? 500 : 503);
    leave_handler(exchange, result < 0 ? EXCHANGE_CLOSING : EXCHANGE_ANSWERED);
    connection_phase(exchange->connection, PHASE_ANSWER,
                     (worker->server->options.idle_seconds + (int64_t)length / ANSWER_RATE) *
                         SECOND_MS);
}

void exchange_answer(struct exchange *exchange, unsigned status, const struct header *headers,
                     size_t count, struct buf *body)
{
    struct buf taken = body ? *body : buf_bounded(0);
    if (body)
        *body = buf_bounded(body->max);
    struct MHD_Response *response = NULL;
    if (!taken.error)
        response = MHD_create_response_from_buffer_with_free_callback(taken.len, taken.data, free);
    if (!response)
        buf_free(&taken);
    answer(exchange, status, headers, count, response, taken.len);
}

void exchange_answer_static(struct exchange *exchange, unsigned status,
                            const struct header *headers, size_t count, struct bytes body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_PERSISTENT);
    answer(exchange, status, headers, count, response, body.len);
}

static ssize_t fill(void *context, uint64_t at, char *data, size_t room)
{
    const struct source *source = context;
    ssize_t got = source->fill(source->data, at, (uint8_t *)data, room);
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void done(void *context)
{
    struct source *source = context;
    source->done(source->data);
    free(source);
}

void exchange_answer_source(struct exchange *exchange, const struct header *headers, size_t count,
                            const struct source *source)
{
    struct MHD_Response *response = NULL;
    struct source *copy = malloc(sizeof(*copy));
    if (copy) {
        *copy = *source;
        response = MHD_create_response_from_callback(source->length, SOURCE_PIECE, fill, copy, done);
    }
    if (!response) {
        free(copy);
        source->done(source->data);
    }
    answer(exchange, 200, headers, count, response, source->length);
}

void exchange_suspend(struct exchange *exchange,
                      void (*then)(struct exchange *exchange, void *worker_state))
{
    assert(exchange->state == EXCHANGE_HANDLED && then);
    exchange->then = then;
    exchange->state = EXCHANGE_SUSPENDED;
    if (!exchange->suspended)
        MHD_suspend_connection(exchange->connection->library);
    exchange->suspended = true;
}

void exchange_resume(struct exchange *exchange)
{
    struct worker *worker = exchange->worker;
    exchange->next = NULL;
    pthread_mutex_lock(&worker->lock);
    bool first = !worker->resumed_first;
    if (first)
        worker->resumed_first = exchange;
    else
        worker->resumed_last->next = exchange;
    worker->resumed_last = exchange;
    pthread_mutex_unlock(&worker->lock);
    if (first)
        worker_wake(worker);
}

bool exchange_left(const struct exchange *exchange)
{
    struct pollfd peer = { .fd = exchange->connection->fd, .events = POLLRDHUP };
    return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

void exchange_continue(struct exchange *exchange)
{
    assert(exchange->state == EXCHANGE_SUSPENDED);
    exchange->state = EXCHANGE_HANDLED;
    exchange->then(exchange, exchange->worker->state);
    if (exchange->state == EXCHANGE_SUSPENDED)
        return;
    assert(exchange->state != EXCHANGE_HANDLED);
    exchange->suspended = false;
    // A resumed connection would be read from before its answer is looked at, and closed when the
    // peer has closed its half. One with a time-out of its own is first looked at.
    exchange->connection->noticed = true;
    MHD_set_connection_option(exchange->connection->library, MHD_CONNECTION_OPTION_TIMEOUT,
                              LIBRARY_TIMEOUT);
    MHD_resume_connection(exchange->connection->library);
}
