// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper_child.h"

#include "base/cleanup.h"
#include "crypt/keeper_message.h"
#include "crypt/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// All that the child holds, in guarded memory: locked, kept out of core dumps, wiped when freed.
struct cell {
    struct keeper_secret secret;
    struct key_file file;
    char text[KEY_FILE_MAX + 1];
    uint8_t request[KEEPER_REQUEST_MAX];
    uint8_t reply[KEEPER_REPLY_MAX];
};

static enum keeper_status key_file_open(const char *key_file, int *ret_fd)
{
    struct stat status;
    int fd = open(key_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? KEEPER_FILE_MISSING : errno == EACCES ? KEEPER_FILE_DENIED : KEEPER_NOT_STARTED;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return KEEPER_FILE_MALFORMED;
    }
    if (key_file_is_exposed(key_file, status.st_mode)) {
        close(fd);
        return KEEPER_FILE_EXPOSED;
    }
    *ret_fd = fd;
    return KEEPER_DONE;
}

static enum keeper_status key_read(struct cell *cell, const char *key_file)
{
    _cleanup_(close_descriptor) int fd = -1;
    size_t used = 0;
    enum keeper_status status = key_file_open(key_file, &fd);

    if (status != KEEPER_DONE)
        return status;
    while (used < sizeof(cell->text)) {
        ssize_t n = read(fd, cell->text + used, sizeof(cell->text) - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return KEEPER_NOT_STARTED;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    int r = key_file_parse((struct str){ cell->text, used }, &cell->file);
    if (r == 0)
        keeper_secret_make(&cell->file, &cell->secret);
    sodium_memzero(cell->text, sizeof(cell->text));
    sodium_memzero(&cell->file, sizeof(cell->file));
    return r == 0 ? KEEPER_DONE : r == -ENOKEY ? KEEPER_FILE_SEALED : KEEPER_FILE_MALFORMED;
}

static void answer_until_closed(struct cell *cell, int socket)
{
    for (;;) {
        ssize_t n = recv(socket, cell->request, sizeof(cell->request), MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        // With MSG_TRUNC the length is the packet's own: a longer one than fits is refused as such.
        struct bytes request = bytes_from(cell->request, (size_t)n > sizeof(cell->request) ? 0 : (size_t)n);
        size_t len = keeper_answer(&cell->secret, request, cell->reply);
        ssize_t sent = send(socket, cell->reply, len, MSG_NOSIGNAL);
        sodium_memzero(cell->request, sizeof(cell->request));
        sodium_memzero(cell->reply, sizeof(cell->reply));
        if (sent < 0)
            return;
    }
}

// The terminal's and the service manager's signals go to the whole group: the server must be able to finish its work before its keeper
// leaves. It leaves when the socket closes, or when the server dies.
static bool outlive_signals(pid_t parent)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE };

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

_Noreturn void keeper_child(int socket, const char *key_file, pid_t parent)
{
    enum keeper_status status = KEEPER_NOT_STARTED;
    struct cell *cell;

    prctl(PR_SET_NAME, "samtraad-keeper");
    prctl(PR_SET_DUMPABLE, 0);
    if (!outlive_signals(parent) || dup2(socket, 0) < 0 || close_range(1, ~0U, 0) < 0)
        _exit(EXIT_FAILURE);
    cell = sodium_malloc(sizeof(*cell));
    if (!cell)
        _exit(EXIT_FAILURE);

    status = key_read(cell, key_file);
    if (status == KEEPER_DONE && sandbox_enter() < 0)
        status = KEEPER_NOT_STARTED;
    const uint8_t started[KEEPER_REPLY_HEAD] = { KEEPER_FORMAT, (uint8_t)status };
    if (send(0, started, sizeof(started), MSG_NOSIGNAL) == (ssize_t)sizeof(started) && status == KEEPER_DONE)
        answer_until_closed(cell, 0);
    sodium_memzero(cell, sizeof(*cell));
    _exit(status == KEEPER_DONE ? EXIT_SUCCESS : EXIT_FAILURE);
}
