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
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// How long a child may take, waiting for the processor included. It limits its own use of it.
#define RENDER_MS (60 * SECOND_MS)

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

// -EIO unless the child ended by itself and well; -EMSGSIZE when it had to work for too long: what somebody writes can take long to draw.
static int look_at(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
        return -EMSGSIZE;
    bool no_cell = WIFEXITED(status) && WEXITSTATUS(status) == JOURNAL_EXIT_NO_CELL;
    log_event(LOG_ERROR, "journal-pdf", "status=%d%s", status, no_cell ? " meaning=\"the kernel has no Landlock, without which no PDF is drawn\"" : "");
    return -EIO;
}

static int put_input(int in, struct str package, struct str pictures)
{
    int result = in < 0 ? -errno : file_write(in, str_bytes(package));
    if (result == 0)
        result = file_write(in, str_bytes(pictures));
    return result == 0 && lseek(in, 0, SEEK_SET) < 0 ? -errno : result;
}

int journal_render(struct spawner *spawner, struct str package, struct str pictures, struct buf *pdf)
{
    _cleanup_(close_descriptor) int in = memfd_create("package", MFD_CLOEXEC);
    _cleanup_(close_descriptor) int from = -1;
    int pipes[2], line, status;
    int result = put_input(in, package, pictures);
    if (result == 0 && pipe2(pipes, O_CLOEXEC) < 0)
        result = -errno;
    if (result < 0)
        return result;
    from = pipes[0];
    result = spawner_run(spawner, JOURNAL_PDF_ARGUMENT, in, pipes[1], &line);
    close(pipes[1]);
    if (result < 0)
        return result;
    result = read_all(from, pdf);
    int ended = spawner_wait(line, result < 0, &status);
    ended = ended < 0 ? ended : look_at(status);
    if (result == -ETIMEDOUT)
        result = -EMSGSIZE;
    return result < 0 ? result : ended;
}
