// SPDX-License-Identifier: MPL-2.0
// load: sends requests for a while and prints one line of JSON.
//
//   load --port 8080 --get /dialogue/1 --cookie samtraad=… --pid $(pidof samtraad)
//   load --port 8080 --post /dialogue/1/post --body 'text=Number+{n}' --expect 303
//   load --port 8080 --connections 8 --seconds 5 --file request.http
//
// --get, --post and --file (raw bytes) may stand several times and are sent in turn; --type and
// --body belong to the --post before them. --cookie: one for each connection, in turn. --header and
// --expect (a status that is right; 200 without any) may stand several times too. "{n}" becomes a
// number that is never used twice; in a file, "{cookie}" becomes the cookie.
#include "client.h"
#include "web/json_out.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUESTS_MAX 64
#define COOKIES_MAX 4096
#define REQUEST_BYTES ((size_t)1024 * 1024)

struct wanted {
    const char *method, *path, *type, *body;
};

struct options {
    struct client_load load;
    struct wanted wanted[REQUESTS_MAX];
    size_t wanted_count;
    struct buf files[REQUESTS_MAX];
    size_t file_count;
    struct buf headers;
    struct str cookies[COOKIES_MAX];
    size_t status_count;
    const char *name;
};

enum option_name {
    OPTION_UNSET,
    OPTION_PORT,
    OPTION_CONNECTIONS,
    OPTION_SECONDS,
    OPTION_GET,
    OPTION_POST,
    OPTION_FILE,
    OPTION_TYPE,
    OPTION_BODY,
    OPTION_COOKIE,
    OPTION_HEADER,
    OPTION_EXPECT,
    OPTION_PID,
    OPTION_NAME,
};

static const struct option names[] = {
    { "port", required_argument, NULL, OPTION_PORT },
    { "connections", required_argument, NULL, OPTION_CONNECTIONS },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "get", required_argument, NULL, OPTION_GET },
    { "post", required_argument, NULL, OPTION_POST },
    { "file", required_argument, NULL, OPTION_FILE },
    { "type", required_argument, NULL, OPTION_TYPE },
    { "body", required_argument, NULL, OPTION_BODY },
    { "cookie", required_argument, NULL, OPTION_COOKIE },
    { "header", required_argument, NULL, OPTION_HEADER },
    { "expect", required_argument, NULL, OPTION_EXPECT },
    { "pid", required_argument, NULL, OPTION_PID },
    { "name", required_argument, NULL, OPTION_NAME },
    { 0 },
};

static int read_file(struct options *options, const char *path)
{
    FILE *file = options->file_count < REQUESTS_MAX ? fopen(path, "re") : NULL;
    if (!file)
        return -ENOENT;
    struct buf *into = &options->files[options->file_count++];
    *into = buf_bounded(REQUEST_BYTES);
    char part[4096];
    for (size_t got; (got = fread(part, 1, sizeof(part), file)) > 0;)
        buf_put(into, part, got);
    (void)fclose(file);
    return into->error;
}

static int add_request(struct options *options, const char *method, const char *path)
{
    if (options->wanted_count == REQUESTS_MAX)
        return -E2BIG;
    options->wanted[options->wanted_count++] =
        (struct wanted){ method, path, "application/x-www-form-urlencoded", "" };
    return 0;
}

static int set(struct options *options, int option, const char *value)
{
    struct client_load *load = &options->load;
    struct wanted *last = options->wanted_count ? &options->wanted[options->wanted_count - 1]
                                                : NULL;
    switch (option) {
    case OPTION_PORT: load->port = (uint16_t)strtoul(value, NULL, 10); return 0;
    case OPTION_CONNECTIONS: load->connections = (unsigned)strtoul(value, NULL, 10); return 0;
    case OPTION_SECONDS: load->duration = (int64_t)(strtod(value, NULL) * 1e6); return 0;
    case OPTION_PID: load->pid = (int)strtol(value, NULL, 10); return 0;
    case OPTION_NAME: options->name = value; return 0;
    case OPTION_GET: return add_request(options, "GET", value);
    case OPTION_POST: return add_request(options, "POST", value);
    case OPTION_FILE: return read_file(options, value);
    case OPTION_HEADER: buf_format(&options->headers, "%s\r\n", value); return 0;
    }
    if (option == OPTION_COOKIE && load->cookie_count < COOKIES_MAX)
        options->cookies[load->cookie_count++] = str_from(value);
    else if (option == OPTION_EXPECT && options->status_count < CLIENT_STATUSES)
        load->statuses[options->status_count++] = (unsigned)strtoul(value, NULL, 10);
    else if (option == OPTION_TYPE && last)
        last->type = value;
    else if (option == OPTION_BODY && last)
        last->body = value;
    else
        return -EINVAL;
    return 0;
}

// The length of the body once "{n}" has become ten digits.
static size_t filled_length(const char *body)
{
    size_t len = strlen(body);
    for (const char *at = body; (at = strstr(at, "{n}")); at += 3)
        len += 10 - 3;
    return len;
}

static void build(struct options *options, const struct wanted *wanted, struct buf *request)
{
    *request = buf_bounded(REQUEST_BYTES);
    buf_format(request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n", wanted->method, wanted->path,
               options->load.port);
    buf_str(request, buf_view(&options->headers));
    if (options->load.cookie_count > 0)
        buf_lit(request, "Cookie: {cookie}\r\n");
    if (wanted->method[0] == 'P')
        buf_format(request, "Content-Type: %s\r\nContent-Length: %zu\r\n", wanted->type,
                   filled_length(wanted->body));
    buf_format(request, "\r\n%s", wanted->method[0] == 'P' ? wanted->body : "");
}

static void print_field(struct json_out *out, const char *name, int64_t number)
{
    json_out_key(out, str_from(name));
    json_out_int(out, number);
}

static void print(const struct options *options, const struct client_result *result)
{
    struct buf line = buf_bounded(4096);
    struct json_out out = { .buf = &line };
    json_out_open(&out, '{');
    json_out_key(&out, STR("name"));
    json_out_text(&out, str_from(options->name));
    print_field(&out, "connections", options->load.connections);
    print_field(&out, "elapsed_us", result->elapsed);
    print_field(&out, "answers", (int64_t)result->answers);
    print_field(&out, "wrong", (int64_t)result->wrong);
    print_field(&out, "wrong_status", result->wrong_status);
    print_field(&out, "broken", (int64_t)result->broken);
    print_field(&out, "per_second", (int64_t)result->answers * 1000000 / result->elapsed);
    print_field(&out, "p50_us", result->p50);
    print_field(&out, "p99_us", result->p99);
    print_field(&out, "worst_us", result->worst);
    print_field(&out, "bytes", (int64_t)result->bytes);
    if (result->cpu >= 0 && result->answers > 0)
        print_field(&out, "cpu_ns_each", result->cpu * 1000 / (int64_t)result->answers);
    json_out_close(&out, '}');
    printf("%.*s\n", (int)line.len, line.data);
    buf_free(&line);
}

static int run(struct options *options)
{
    struct buf built[REQUESTS_MAX * 2];
    struct str requests[REQUESTS_MAX * 2];
    size_t count = 0;
    for (; count < options->wanted_count; count++)
        build(options, &options->wanted[count], &built[count]);
    for (size_t i = 0; i < options->file_count; i++)
        built[count++] = options->files[i];
    for (size_t i = 0; i < count; i++)
        requests[i] = buf_view(&built[i]);
    options->load.requests = requests;
    options->load.request_count = count;
    options->load.cookies = options->cookies;
    if (!options->load.statuses[0])
        options->load.statuses[0] = 200;
    struct client_result result;
    int status = count > 0 && options->load.port ? client_run(&options->load, &result) : -EINVAL;
    if (status == 0)
        print(options, &result);
    for (size_t i = 0; i < count; i++)
        buf_free(&built[i]);
    if (status < 0)
        return status;
    return result.wrong || result.broken ? -EPROTO : 0;
}

int main(int argc, char **argv)
{
    static struct options options = { .name = "load" };
    options.load.connections = 64;
    options.load.warm_up = 300000;
    options.load.duration = 3000000;
    options.headers = buf_bounded(REQUEST_BYTES);
    int result = 0;
    for (int option; result == 0 && (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
        result = option == '?' ? -EINVAL : set(&options, option, optarg);
    if (result == 0)
        result = run(&options);
    buf_free(&options.headers);
    if (result < 0)
        (void)fprintf(stderr, "load: %s\n", strerror(-result));
    return result < 0;
}
