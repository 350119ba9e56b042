// SPDX-License-Identifier: MPL-2.0
// How a request arrives: the library's callbacks. It accepts what must be refused (RFC 9112: space
// before a colon, folded lines, NUL, bare LF, several lengths); its view is therefore compared with
// the bytes it was read from.
#include "web/server_internal.h"

#include <assert.h>
#include <errno.h>

// Bodies above the first size share the second: what people send at the same time must not fill the
// memory. Who comes too late for it is asked to try again.
#define BODY_LARGE ((size_t)256 * 1024)
#define BODIES_LARGE ((size_t)256 * 1024 * 1024)
#define BODY_RATE ((int64_t)16 * 1024)   // bytes a second that a slow phone can be trusted to send

void *request_line(void *context, const char *target, struct MHD_Connection *library)
{
    struct connection *connection = connection_of(library);
    if (!connection)
        return NULL;
    struct exchange *exchange = exchange_new(context, connection);
    if (!exchange)
        return NULL;
    exchange->raw_target = target;
    // The library is about to decode it in place.
    size_t len = strnlen(target, HEAD_TARGET + 1);
    exchange->head.target = arena_str(exchange->arena, (struct str){ target, len });
    connection_phase(connection, PHASE_HEAD,
                     connection->worker->server->options.header_seconds * SECOND_MS);
    return exchange;
}

// Walks along the header lines in the library's buffer, where it has made each colon and CRLF zero.
struct walk {
    struct head *head;
    const char *at;    // where the next line must begin
    const char *end;   // of the whole head, with the empty line
    unsigned status;   // 0 while all is well
};

static enum MHD_Result walk_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct walk *walk = context;
    (void)kind;
    if (walk->head->count == HEAD_FIELDS) {
        walk->status = 431;
        return MHD_NO;
    }
    const char *after = value ? value + value_len : NULL;
    if (!value || name != walk->at || value <= name + name_len || walk->end - after < 2 ||
        after[0] || after[1]) {
        walk->status = 400;
        return MHD_NO;
    }
    for (const char *gap = name + name_len + 1; gap < value; gap++)
        if (*gap != ' ' && *gap != '\t')
            walk->status = 400;
    walk->head->fields[walk->head->count++] =
        (struct head_field){ { name, name_len }, head_trim((struct str){ value, value_len }) };
    walk->at = after + 2;
    return MHD_YES;
}

// Fills exchange->head from what the library has read; 0, or the status that refuses it.
static unsigned read_head(struct exchange *exchange, struct MHD_Connection *library,
                          const char *method, const char *version)
{
    struct head *head = &exchange->head;
    size_t size =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
    if (!head->target.ptr)
        return 503;
    if (head->target.len > HEAD_TARGET)
        return 414;
    if (size > HEAD_BYTES)
        return 431;
    head->method = str_from(method);
    head->version = str_from(version);
    if (exchange->raw_target != method + head->method.len + 1 ||
        version != exchange->raw_target + head->target.len + 1)
        return 400;
    struct walk walk = { .head = head,
                         .at = version + head->version.len + 2,
                         .end = method + size };
    MHD_get_connection_values_n(library, MHD_HEADER_KIND, walk_field, &walk);
    if (walk.status)
        return walk.status;
    if (walk.end - walk.at != 2 || walk.at[-1] || walk.at[-2] || walk.at[0] || walk.at[1])
        return 400;
    return head_check(head);
}

static enum MHD_Result refuse(struct exchange *exchange, unsigned status)
{
    connection_refuse(exchange->connection, status);
    exchange->state = EXCHANGE_CLOSING;
    return MHD_NO;
}

// Makes room for the body: 0, or the status that refuses it.
static unsigned prepare_body(struct exchange *exchange, size_t limit)
{
    struct server *server = exchange->worker->server;
    size_t length = (size_t)exchange->head.length;
    if (exchange->head.length < 0 || length > limit)
        return 413;
    exchange->body = buf_bounded(limit);
    if (length <= BODY_LARGE)
        return 0;
    if (atomic_fetch_add(&server->large, length) > BODIES_LARGE - length) {
        atomic_fetch_sub(&server->large, length);
        return 503;
    }
    exchange->claimed = length;
    return buf_reserve(&exchange->body, length) ? 0 : 503;
}

static enum MHD_Result begin(struct exchange *exchange, struct MHD_Connection *library,
                             const char *method, const char *version)
{
    struct connection *connection = exchange->connection;
    struct server *server = connection->worker->server;
    unsigned status = read_head(exchange, library, method, version);
    if (status)
        return refuse(exchange, status);
    size_t limit = server->handler.body_limit(server->handler.context, connection->worker->state, exchange);
    status = prepare_body(exchange, limit);
    // An answer before the body is there has the library read no more, and close.
    if (status == 413 && server->handler.too_large) {
        exchange_too_large(exchange, library, limit);
        connection->gently = true;
        return exchange->state == EXCHANGE_CLOSING ? MHD_NO : MHD_YES;
    }
    if (status)
        return refuse(exchange, status);
    exchange->state = EXCHANGE_BODY;
    connection_phase(connection, PHASE_BODY, server->options.header_seconds * SECOND_MS);
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *data_size)
{
    buf_put(&exchange->body, data, *data_size);
    exchange->connection->deadline += (int64_t)*data_size * SECOND_MS / BODY_RATE;
    *data_size = 0;
    if (exchange->body.error)
        return refuse(exchange, exchange->body.error == -ENOMEM ? 503 : 413);
    return MHD_YES;
}

enum MHD_Result request_part(void *context, struct MHD_Connection *library, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *data_size, void **request)
{
    (void)context, (void)url;
    struct exchange *exchange = *request;
    if (!exchange)
        return MHD_NO;
    switch (exchange->state) {
    case EXCHANGE_HEAD: return begin(exchange, library, method, version);
    case EXCHANGE_BODY:
        if (*data_size > 0)
            return take_body(exchange, data, data_size);
        exchange_handle(exchange, library);
        return exchange->state == EXCHANGE_CLOSING ? MHD_NO : MHD_YES;
    default: assert(exchange->state == EXCHANGE_CLOSING); return MHD_NO;
    }
}

void request_completed(void *context, struct MHD_Connection *library, void **request,
                       enum MHD_RequestTerminationCode code)
{
    struct worker *worker = context;
    struct connection *connection = connection_of(library);
    if (connection) {
        connection_phase(connection, PHASE_IDLE, worker->server->options.idle_seconds * SECOND_MS);
        if (connection->noticed)
            MHD_set_connection_option(library, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
        connection->noticed = false;
        // The library has refused the request itself.
        if (code == MHD_REQUEST_TERMINATED_WITH_ERROR)
            connection->gently = true;
    }
    if (*request)
        exchange_free(*request);
    *request = NULL;
}
