// SPDX-License-Identifier: MPL-2.0
// Starting and stopping: the listening socket and the workers.
#include "base/log.h"
#include "web/server_internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BACKLOG 1024
#define OTHER_DESCRIPTORS 256   // databases, outbound connections and the like

// Binds and listens; the descriptor, or -errno.
static int listen_on(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int));
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static const char *listen_expected(int error)
{
    switch (error) {
    case -EADDRINUSE:
        return "a port that no other program listens on";
    case -EADDRNOTAVAIL:
        return "an address of this machine";
    case -EACCES:
        return "a port above 1023";
    default:
        return "an address and a free port of this machine";
    }
}

static int open_listener(const struct server_options *options)
{
    struct addrinfo wanted = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                               .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    if (getaddrinfo(options->address, "0", &wanted, &found) != 0) {
        log_event(LOG_ERROR, "listen", "address=%s expected=\"a numeric IPv4 or IPv6 address\"",
                  options->address);
        return -EINVAL;
    }
    // The port has the same place in both families.
    ((struct sockaddr_in *)(void *)found->ai_addr)->sin_port = htons(options->port);
    int fd = listen_on(found);
    freeaddrinfo(found);
    if (fd < 0)
        log_event(LOG_ERROR, "listen",
                  "address=%s port=%u error=%s expected=\"%s\"",
                  options->address, options->port, strerrorname_np(-fd), listen_expected(fd));
    return fd;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in6 address = { 0 };
    socklen_t length = sizeof(address);
    getsockname(fd, (struct sockaddr *)(void *)&address, &length);
    return ntohs(address.sin6_port);
}

// Each connection is a descriptor, and for a moment two when it becomes a stream.
static void raise_descriptor_limit(unsigned connections)
{
    struct rlimit limit;
    rlim_t need = (rlim_t)connections + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
        return;
    limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < need)
        log_event(LOG_WARNING, "descriptors", "limit=%llu expected=%llu",
                  (unsigned long long)limit.rlim_cur, (unsigned long long)need);
}

static void stop_listening(struct server *server)
{
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    server->listen_fd = -1;
}

static void server_free(struct server *server)
{
    stop_listening(server);
    addresses_free(server->addresses);
    free(server);
}

int server_start(const struct server_options *options, const struct server_handler *handler,
                 struct server **ret_server)
{
    struct server *server = calloc(1, sizeof(*server) + options->workers * sizeof(struct worker));
    if (!server)
        return -ENOMEM;
    server->options = *options;
    server->handler = *handler;
    server->listen_fd = open_listener(options);
    int result = server->listen_fd < 0 ? server->listen_fd : 0;
    if (result == 0)
        result = addresses_new(options->connections,
                               options->reads_forwarded_for ? 0 : options->connections_address,
                               &server->addresses);
    if (result < 0) {
        server_free(server);
        return result;
    }
    server->port = port_of(server->listen_fd);
    raise_descriptor_limit(options->connections);
    for (unsigned i = 0; i < options->workers && result == 0; i++) {
        server->workers[i].server = server;
        server->workers[i].index = i;
        result = worker_start(&server->workers[i]);
        server->started += result == 0;
    }
    if (result < 0) {
        log_event(LOG_ERROR, "server-start", "error=%s", strerrorname_np(-result));
        server_stop(server, 0);
        return result;
    }
    *ret_server = server;
    return 0;
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

void server_stop(struct server *server, unsigned seconds)
{
    atomic_store(&server->stop_seconds, (int)seconds);
    bool whole = true;
    stop_listening(server);
    for (unsigned i = 0; i < server->started; i++)
        worker_ask_to_stop(&server->workers[i]);
    for (unsigned i = 0; i < server->started; i++)
        whole &= worker_finish(&server->workers[i]);
    // Somebody may still resume what was suspended: then the memory has to stay.
    if (whole)
        server_free(server);
}
