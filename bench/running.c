// SPDX-License-Identifier: MPL-2.0
#include "running.h"
#include "process.h"

#include "../test/load/peer.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

#define START_MS 20000

extern char **environ;

static int spawn(const char *const *arguments, const char *out, const char *errors, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int r = posix_spawnp(ret_pid, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments,
                         environ);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECANCELED;
}

int running_once(const char *const *arguments, const char *log)
{
    pid_t pid;
    int r = spawn(arguments, "/dev/null", log, &pid);
    return r < 0 ? r : wait_for(pid);
}

int running_stop(struct running *running)
{
    if (running->pid == 0)
        return 0;
    kill(running->pid, SIGTERM);
    int r = wait_for(running->pid);
    running->pid = 0;
    return r;
}

static int read_file(const char *path, char *text, size_t size)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);
    if (len < 0)
        return -errno;
    text[len] = '\0';
    return 0;
}

int running_get(const struct running *server, const char *path, const char *headers,
                char **ret_body, size_t *ret_len)
{
    _cleanup_(buf_free) struct buf request = buf_bounded(8192);
    _cleanup_(close_descriptor) int fd = peer_connect(server->port);
    buf_format(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n", path, server->port,
               headers);
    if (fd < 0 || !peer_send(fd, buf_view(&request)))
        return -ECONNREFUSED;
    struct peer_answer answer = peer_read(fd, true);
    int r = answer.status == 200 ? 0 : -EPROTO;
    if (r == 0) {
        *ret_body = answer.body;
        *ret_len = answer.body_len;
        answer.body = NULL;
    }
    peer_answer_free(&answer);
    return r;
}

// Whether it has ended by itself.
static bool has_ended(struct running *running)
{
    if (waitpid(running->pid, NULL, WNOHANG) != running->pid)
        return false;
    running->pid = 0;
    return true;
}

// Until it answers.
static int await(struct running *running, const char *path, int64_t begun)
{
    for (int64_t until = begun + START_MS * 1000; process_clock() < until; usleep(500)) {
        char *body = NULL;
        size_t len;
        if (running->port != 0 && running_get(running, path, "", &body, &len) == 0) {
            running->first_answer = process_clock() - begun;
            free(body);
            return 0;
        }
        if (has_ended(running))
            return -ECHILD;
    }
    running_stop(running);
    return -ETIMEDOUT;
}

static int await_port(struct running *running, const char *out, int64_t begun)
{
    static const char before[] = "ready on port ";
    for (int64_t until = begun + START_MS * 1000; process_clock() < until; usleep(500)) {
        char text[512];
        const char *at = read_file(out, text, sizeof(text)) == 0 ? strstr(text, before) : NULL;
        if (at && strchr(at, '\n')) {
            running->port = (uint16_t)strtoul(at + sizeof(before) - 1, NULL, 10);
            return 0;
        }
        if (has_ended(running))
            return -ECHILD;
    }
    running_stop(running);
    return -ETIMEDOUT;
}

static int write_file(const char *path, struct str text)
{
    _cleanup_(close_descriptor) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len ? 0 : -EIO;
}

int running_serve(const char *program, const struct town *town, struct running *ret_server)
{
    const char *config = arena_format(town->arena, "%s.conf", town->data).ptr;
    const char *out = arena_format(town->arena, "%s.out", town->data).ptr,
               *log = arena_format(town->arena, "%s.log", town->data).ptr;
    const char *const arguments[] = { program,      "serve",        "--data",   town->data, "--key",  town->key,
                                      "--database", town->database, "--config", config,     "--port", "0",      NULL };
    // One person asks here as often as a town does.
    int r = write_file(
        config, STR("[limit]\nperson = 0\nperson_writes = 0\naddress = 0\naddress_writes = 0\n"));
    struct running server = { .port = 0 };
    int64_t begun = process_clock();
    unlink(out);
    r = r < 0 ? r : spawn(arguments, out, log, &server.pid);
    r = r < 0 ? r : await_port(&server, out, begun);
    r = r < 0 ? r : await(&server, "/healthz", begun);
    if (r == 0)
        *ret_server = server;
    return r;
}

int running_nginx(const char *folder, struct str page, struct running *ret_server)
{
    _cleanup_(buf_free) struct buf settings = buf_bounded(4096);
    char page_path[512], settings_path[512], log_path[512];
    struct running server = { .port = 0 };
    // A port that was free a moment ago: nginx can't say which one it took.
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = bind(probe, (struct sockaddr *)(void *)&address, length) < 0 ||
                    getsockname(probe, (struct sockaddr *)(void *)&address, &length) < 0
                ? -errno
                : 0;
    close(probe);
    server.port = ntohs(address.sin_port);
    (void)snprintf(page_path, sizeof(page_path), "%s/page", folder);
    (void)snprintf(settings_path, sizeof(settings_path), "%s/nginx.conf", folder);
    (void)snprintf(log_path, sizeof(log_path), "%s/nginx.log", folder);
    buf_format(&settings,
               "%sworker_processes auto;\nerror_log %s/nginx.log;\npid %s/nginx.pid;\ndaemon "
               "off;\nevents { worker_connections 1024; }\n"
               "http { access_log off; sendfile on; tcp_nopush on; open_file_cache max=16; "
               "keepalive_requests 1000000000;\n"
               "client_body_temp_path %s/nginx-1; proxy_temp_path %s/nginx-2; fastcgi_temp_path "
               "%s/nginx-3; uwsgi_temp_path %s/nginx-4;\n"
               "scgi_temp_path %s/nginx-5; server { listen 127.0.0.1:%u; root %s; default_type "
               "text/html; } }\n",
               getuid() == 0 ? "user root;\n" : "", folder, folder, folder, folder, folder, folder,
               folder, server.port, folder);
    r = r < 0 ? r : write_file(page_path, page);
    r = r < 0 ? r : write_file(settings_path, buf_view(&settings));
    const char *const arguments[] = { "nginx", "-p", folder, "-c", settings_path, NULL };
    int64_t begun = process_clock();
    r = r < 0 ? r : spawn(arguments, "/dev/null", log_path, &server.pid);
    r = r < 0 ? r : await(&server, "/page", begun);
    if (r == 0)
        *ret_server = server;
    return r;
}

static bool field(const char *text, const char *name, double *ret_value)
{
    const char *at = strstr(text, name);
    if (at)
        *ret_value = strtod(at + strlen(name), NULL);
    return at != NULL;
}

int running_batch(const struct town *town, double *ret_jobs)
{
    static char text[1 << 16];
    const char *log = arena_format(town->arena, "%s.log", town->data).ptr;
    double transactions, jobs;
    int r = log ? read_file(log, text, sizeof(text)) : -ENOMEM;
    if (r < 0)
        return r;
    if (!field(text, " transactions=", &transactions) || !field(text, " jobs=", &jobs) ||
        transactions < 1)
        return -ENODATA;
    *ret_jobs = jobs / transactions;
    return 0;
}
