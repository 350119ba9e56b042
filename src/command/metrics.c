// SPDX-License-Identifier: MPL-2.0
#include "command/metrics.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "command/metrics_text.h"
#include "web/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#define TEXT_MAX (1u << 20)
#define TOKEN_MAX 256
#define TOKEN_MIN 16
#define STOP_SECONDS 2

struct metrics {
    const struct options *options;
    const struct app *app;
    struct server *server;
    char token[TOKEN_MAX + 1];   // empty: none is asked for
};

static int refuse(const char *setting, const char *value, const char *expected)
{
    log_event(LOG_ERROR, "config", "setting=metrics.%s value=\"%s\" expected=\"%s\"", setting, value, expected);
    return -EINVAL;
}

static bool is_loopback(const char *address)
{
    struct in_addr four;

    return strcmp(address, "::1") == 0 || (inet_pton(AF_INET, address, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

// The file's first line. Others may not read it.
static int read_token(const char *file, char ret_token[TOKEN_MAX + 1])
{
    _cleanup_(close_descriptor) int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return refuse("token_file", file, "a file that can be read");
    if (status.st_mode & (S_IRWXG | S_IRWXO))
        return refuse("token_file", file, "a file that only this user may read (chmod 600)");
    ssize_t n = read(fd, ret_token, TOKEN_MAX);
    ret_token[n > 0 ? n : 0] = '\0';
    ret_token[strcspn(ret_token, "\r\n")] = '\0';
    return strlen(ret_token) >= TOKEN_MIN ? 0 : refuse("token_file", file, "a token of 16 to 256 bytes in its first line");
}

static int read_settings(const struct config *config, struct server_options *listen, char ret_token[TOKEN_MAX + 1])
{
    const char *file = config_get(config, "metrics.token_file", NULL);
    int64_t port;
    int r = config_int(config, "metrics.port", 0, UINT16_MAX, 0, &port);

    *listen = (struct server_options){
        .address = config_get(config, "metrics.address", "127.0.0.1"),
        .port = (uint16_t)port,
        .workers = 1,
        .connections = 64,
        .connections_address = 64,
        .idle_seconds = 30,
        .header_seconds = 5,
    };
    if (r < 0 || port == 0)
        return r;
    if (file)
        return read_token(file, ret_token);
    return is_loopback(listen->address) ? 0 : refuse("address", listen->address, "an address of this machine alone (127.0.0.1), or metrics.token_file too");
}

int metrics_settings_check(const struct config *config)
{
    struct server_options listen;
    char token[TOKEN_MAX + 1] = "";

    return read_settings(config, &listen, token);
}

static int worker_begin(void *context, unsigned worker, void **ret_state)
{
    const struct metrics *metrics = context;

    return db_open(metrics->options->database, DB_READ, (struct db **)ret_state);
}

static void worker_end(void *context, void *state)
{
    db_close(state);
}

static size_t body_limit(void *context, void *state, struct exchange *exchange)
{
    return 0;
}

// Compared in a time that says nothing about where they differ.
static bool is_allowed(const struct metrics *metrics, struct exchange *exchange)
{
    struct str given = exchange_header(exchange, "authorization"), wanted = str_from(metrics->token);

    if (wanted.len == 0)
        return true;
    if (!given.ptr || !str_starts(given, STR("Bearer ")))
        return false;
    given = (struct str){ given.ptr + 7, given.len - 7 };
    return given.len == wanted.len && sodium_memcmp(given.ptr, wanted.ptr, wanted.len) == 0;
}

static void too_large(void *context, void *state, struct exchange *exchange, size_t limit)
{
    exchange_answer(exchange, 413, NULL, 0, NULL);
}

static void handle(void *context, void *state, struct exchange *exchange)
{
    static const struct header headers[] = {
        { "Content-Type", { "text/plain; version=0.0.4; charset=utf-8", 40 } },
        { "Cache-Control", { "no-store", 8 } },
    };
    const struct metrics *metrics = context;
    const int64_t since = clock_now(metrics->app->clock) - metrics->app->session_idle;
    struct buf text = buf_bounded(TEXT_MAX);
    struct figures figures;

    if (!str_equal(exchange_path(exchange), STR("/metrics")) || !str_equal(exchange_method(exchange), STR("GET"))) {
        exchange_answer(exchange, 404, NULL, 0, NULL);
    } else if (!is_allowed(metrics, exchange)) {
        exchange_answer(exchange, 401, &(struct header){ "WWW-Authenticate", STR("Bearer") }, 1, NULL);
    } else {
        int r = figures_read(metrics->options, state, since, &figures);

        metrics_text(metrics->app, r < 0 ? NULL : &figures, &text);
        exchange_answer(exchange, 200, headers, sizeof(headers) / sizeof(headers[0]), &text);
    }
}

int metrics_start(const struct options *options, const struct app *app, struct metrics **ret_metrics)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    struct server_options listen;

    if (!metrics)
        return -ENOMEM;
    *metrics = (struct metrics){ .options = options, .app = app };
    const struct server_handler handler = {
        .context = metrics,
        .worker_begin = worker_begin,
        .worker_end = worker_end,
        .body_limit = body_limit,
        .too_large = too_large,
        .handle = handle,
    };
    int r = read_settings(options->config, &listen, metrics->token);
    if (r == 0 && listen.port != 0)
        r = server_start(&listen, &handler, &metrics->server);
    if (r < 0 || listen.port == 0) {
        free(metrics);
        metrics = NULL;
    } else {
        log_event(LOG_INFO, "metrics", "address=%s port=%u", listen.address, server_port(metrics->server));
    }
    *ret_metrics = metrics;
    return r;
}

void metrics_stop(struct metrics *metrics)
{
    if (!metrics)
        return;
    server_stop(metrics->server, STOP_SECONDS);
    sodium_memzero(metrics->token, sizeof(metrics->token));
    free(metrics);
}
