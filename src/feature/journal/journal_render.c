// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "feature/journal/journal_package.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// How long a child may take, waiting for the processor included. It limits its own use of it.
#define RENDER_MS (60 * SECOND_MS)

// The child gets its input, a pipe for what it makes, and nothing else of ours: no environment, no other descriptor.
static int start_child(int in, int out, pid_t *ret_child)
{
    static const char *const command[] = { "samtraad", "journal-pdf", NULL }, *const environment[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return -error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        return -error;
    }
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    error = error ? error : posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    error = error ? error : posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    error = error ? error : posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    error = error ? error : posix_spawn(ret_child, "/proc/self/exe", &actions, &attributes, (char *const *)command, (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

// Until the child closes its end. -ETIMEDOUT, -EMSGSIZE.
static int read_all(int fd, struct buf *out)
{
    int64_t end = clock_monotonic() + RENDER_MS;
    for (;;) {
        int64_t left = end - clock_monotonic();
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (ready == 0)
            return -ETIMEDOUT;
        char *at = buf_reserve(out, 1 << 16);
        if (!at)
            return out->error;
        ssize_t n = ready < 0 ? -1 : read(fd, at, 1 << 16);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        out->len += n > 0 ? (size_t)n : 0;
    }
}

// -EIO unless the child ended by itself and well.
static int wait_for(pid_t child)
{
    int status;
    pid_t got;
    do
        got = waitpid(child, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    bool no_cell = WIFEXITED(status) && WEXITSTATUS(status) == JOURNAL_EXIT_NO_CELL;
    log_event(LOG_ERROR, "journal-pdf", "status=%d%s", status, no_cell ? " meaning=\"the kernel has no Landlock, without which no PDF is drawn\"" : "");
    return -EIO;
}

int journal_render(struct str package, struct str pictures, struct buf *pdf)
{
    _cleanup_(close_descriptor) int in = memfd_create("package", MFD_CLOEXEC);
    _cleanup_(close_descriptor) int from = -1;
    int pipes[2];
    pid_t child;
    int result = in < 0 ? -errno : file_write(in, str_bytes(package));
    if (result == 0)
        result = file_write(in, str_bytes(pictures));
    if (result == 0 && lseek(in, 0, SEEK_SET) < 0)
        result = -errno;
    if (result == 0 && pipe2(pipes, O_CLOEXEC) < 0)
        result = -errno;
    if (result < 0)
        return result;
    from = pipes[0];
    result = start_child(in, pipes[1], &child);
    close(pipes[1]);
    if (result < 0)
        return result;
    result = read_all(from, pdf);
    if (result < 0)
        kill(child, SIGKILL);
    int ended = wait_for(child);
    return result < 0 ? result : ended;
}
