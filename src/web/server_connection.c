// SPDX-License-Identifier: MPL-2.0
// Accepted connections: their limits, their deadlines, and how they are closed. The library knows
// inactivity only; here a peer that trickles bytes runs out of time as well.
#include "web/server_internal.h"

#include "base/cleanup.h"
#include "web/html.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define FAREWELLS_MAX 256
#define PAGE_MAX 4096
#define FAREWELL_MS (2 * SECOND_MS)

// A connection that the library has closed while its peer may still be sending. It is read to its
// end for a while: closing with unread bytes would reset it, and the peer would lose the answer
// that says why.
struct farewell {
    enum watch watch;
    int fd;
    int64_t until;
    struct worker *worker;
    struct farewell *previous, *next;
};

struct connection *connection_of(struct MHD_Connection *library)
{
    return MHD_get_connection_info(library, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void connection_phase(struct connection *connection, enum phase phase, int64_t milliseconds)
{
    connection->phase = phase;
    connection->deadline = milliseconds ? connection->worker->now + milliseconds : 0;
}

static void farewell_free(struct farewell *farewell)
{
    struct worker *worker = farewell->worker;
    if (farewell->previous)
        farewell->previous->next = farewell->next;
    else
        worker->farewells = farewell->next;
    if (farewell->next)
        farewell->next->previous = farewell->previous;
    worker->farewell_count--;
    close(farewell->fd);
    free(farewell);
}

void farewell_event(struct farewell *farewell)
{
    char scrap[16 * 1024];
    ssize_t got = recv(farewell->fd, scrap, sizeof(scrap), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        farewell_free(farewell);
}

void farewells_end(struct worker *worker, int64_t until)
{
    for (struct farewell *farewell = worker->farewells, *next; farewell; farewell = next) {
        next = farewell->next;
        if (farewell->until <= until)
            farewell_free(farewell);
    }
}

static void say_farewell(struct connection *connection)
{
    struct worker *worker = connection->worker;
    if (worker->farewell_count >= FAREWELLS_MAX || worker->stopping)
        return;
    struct farewell *farewell = calloc(1, sizeof(*farewell));
    if (!farewell)
        return;
    *farewell = (struct farewell){ .watch = WATCH_FAREWELL,
                                   .worker = worker,
                                   .until = worker->now + FAREWELL_MS };
    farewell->fd = fcntl(connection->fd, F_DUPFD_CLOEXEC, 0);
    if (farewell->fd < 0) {
        free(farewell);
        return;
    }
    shutdown(farewell->fd, SHUT_WR);
    farewell->next = worker->farewells;
    if (farewell->next)
        farewell->next->previous = farewell;
    worker->farewells = farewell;
    worker->farewell_count++;
    if (worker_watch(worker, farewell->fd, EPOLLIN, farewell) < 0)
        farewell_free(farewell);
}

static struct connection *connection_new(struct worker *worker, struct MHD_Connection *library)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return NULL;
    *connection = (struct connection){
        .worker = worker,
        .library = library,
        .fd = MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
        .address = address_key(
            MHD_get_connection_info(library, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr),
    };
    if (addresses_add(worker->server->addresses, connection->address) < 0) {
        free(connection);
        return NULL;
    }
    connection_phase(connection, PHASE_IDLE, worker->server->options.header_seconds * SECOND_MS);
    connection->next = worker->connections;
    if (connection->next)
        connection->next->previous = connection;
    worker->connections = connection;
    return connection;
}

static void connection_free(struct connection *connection)
{
    struct worker *worker = connection->worker;
    int unread = 0;
    if (!connection->taken &&
        (connection->gently || (ioctl(connection->fd, FIONREAD, &unread) == 0 && unread > 0)))
        say_farewell(connection);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        worker->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (!connection->taken)
        addresses_remove(worker->server->addresses, connection->address);
    free(connection);
}

struct refusal {
    unsigned status;
    struct str answer;
};

#define REFUSAL_HEADERS                                                                        \
    "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"         \
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"

#define REFUSAL(status, reason, more, words)                                                   \
    { status, STR("HTTP/1.1 " #status " " reason "\r\n" REFUSAL_HEADERS                         \
                  "Content-Type: text/plain; charset=utf-8\r\n" more "\r\n" words "\n") }

static const struct refusal refusals[] = {
    REFUSAL(400, "Bad Request", "", "This request can't be understood."),
    REFUSAL(405, "Method Not Allowed", "Allow: GET, HEAD, POST\r\n",
            "Only GET, HEAD and POST are answered here."),
    REFUSAL(408, "Request Timeout", "", "The request took too long to arrive."),
    REFUSAL(411, "Length Required", "", "The request must say how long its body is."),
    REFUSAL(413, "Content Too Large", "", "This is more than may be sent here."),
    REFUSAL(500, "Internal Server Error", "",
            "Something went wrong here. Look whether it was done before you try again."),
    REFUSAL(503, "Service Unavailable", "Retry-After: 30\r\n",
            "There is too much to do just now. Please try again in a while."),
    REFUSAL(505, "HTTP Version Not Supported", "", "Only HTTP/1.1 and HTTP/1.0 are spoken here."),
};

// What people with a browser can run into: in all languages, for which one is theirs is not known yet.
static const struct {
    unsigned status;
    const char *reason, *words;
} pages[] = {
    { 414, "URI Too Long", TEXT("The address is too long: more than 4,000 characters. Did something get into it that does not belong there?") },
    { 431, "Request Header Fields Too Large", TEXT("Your browser has sent more than 8 KB about itself. It helps to remove its cookies for this page.") },
};

static bool refuse_with_page(int fd, unsigned status)
{
    _cleanup_(buf_free) struct buf page = buf_bounded(PAGE_MAX);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (pages[i].status != status)
            continue;
        buf_format(&page, "HTTP/1.1 %u %s\r\n" REFUSAL_HEADERS "Content-Type: text/html; charset=utf-8\r\n\r\n<!doctype html><title>Samtråd</title>\n",
                   status, pages[i].reason);
        for (enum language language = LANGUAGE_UNSET + 1; language < LANGUAGE_COUNT; language++) {
            buf_format(&page, "<p lang=\"%s\">", language_tag(language));
            html_text(&page, text_of(language, pages[i].words));
            buf_lit(&page, " <a href=\"/\">");
            html_text(&page, text_of(language, TEXT("Go to the front page")));
            buf_lit(&page, "</a></p>\n");
        }
        return !page.error && send(fd, page.data, page.len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)page.len;
    }
    return false;
}

// Nothing else has been sent for this request, and the text is far smaller than the socket's buffer.
static void send_refusal(struct worker *worker, int fd, unsigned status)
{
    counts_refusal(worker);
    const struct refusal *refusal = refusals;
    if (refuse_with_page(fd, status))
        return;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (refusals[i].status == status)
            refusal = &refusals[i];
    (void)send(fd, refusal->answer.ptr, refusal->answer.len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void connection_refuse(struct connection *connection, unsigned status)
{
    send_refusal(connection->worker, connection->fd, status);
    connection->gently = true;
}

// Over a limit: told at once, before anything was asked. The library finds the end of the stream and lets go.
static void turn_away(struct worker *worker, struct MHD_Connection *library)
{
    int fd = MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    send_refusal(worker, fd, 503);
    shutdown(fd, SHUT_RDWR);
}

void connection_notify(void *context, struct MHD_Connection *library, void **socket_context,
                       enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = connection_new(context, library);
        if (!*socket_context)
            turn_away(context, library);
    } else if (*socket_context) {
        connection_free(*socket_context);
        *socket_context = NULL;
    }
}

// Ends what has run out of time. A suspended connection has no deadline: the library would not
// notice.
void connections_sweep(struct worker *worker)
{
    for (struct connection *connection = worker->connections; connection;
         connection = connection->next) {
        if (!connection->deadline || connection->deadline > worker->now)
            continue;
        if (connection->phase == PHASE_HEAD || connection->phase == PHASE_BODY)
            connection_refuse(connection, 408);
        shutdown(connection->fd, SHUT_RDWR);
        connection->deadline = 0;
    }
    farewells_end(worker, worker->now);
}
