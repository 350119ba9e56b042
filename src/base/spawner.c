// SPDX-License-Identifier: MPL-2.0
#include "base/spawner.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define WORD_MAX 32
#define NOT_RUN 127

struct spawner {
    pid_t child;
    int socket;
};

// What goes along with a job's word: its standard input and output, and the line that its end is told on. Who closes the other end of the
// line has it killed.
enum { JOB_IN, JOB_OUT, JOB_LINE, JOB_DESCRIPTORS };

struct job {
    char word[WORD_MAX];
    int fds[JOB_DESCRIPTORS];
};

union control {
    char bytes[CMSG_SPACE(sizeof(((struct job *)0)->fds))];
    struct cmsghdr head;
};

static bool die_with(pid_t parent)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

// The job's own process, from here to the program.
static _Noreturn void become(const char *program, struct job *job, pid_t parent)
{
    char name[] = "samtraad";
    char *arguments[] = { name, job->word, NULL }, *environment[] = { NULL };
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && die_with(parent) && dup2(job->fds[JOB_IN], STDIN_FILENO) >= 0 &&
        dup2(job->fds[JOB_OUT], STDOUT_FILENO) >= 0 && close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        execve(program, arguments, environment);
    _exit(NOT_RUN);
}

// One process for each job waits for its end, or for who asked to lose patience.
static _Noreturn void mind(const char *program, struct job *job, pid_t parent)
{
    const pid_t self = getpid();
    int status;

    signal(SIGCHLD, SIG_DFL);
    pid_t worker = die_with(parent) ? fork() : -1;
    if (worker == 0)
        become(program, job, self);
    int ended = worker > 0 ? pidfd_open(worker, 0) : -1;
    if (ended < 0)
        _exit(EXIT_FAILURE);
    close(job->fds[JOB_IN]);   // so that its other end sees the worker close it
    close(job->fds[JOB_OUT]);
    struct pollfd wait[] = { { .fd = ended, .events = POLLIN }, { .fd = job->fds[JOB_LINE], .events = POLLIN } };
    while (poll(wait, 2, -1) < 0 && errno == EINTR)
        continue;
    if (!wait[0].revents)
        kill(worker, SIGKILL);
    if (waitpid(worker, &status, 0) == worker)
        (void)!send(job->fds[JOB_LINE], &status, sizeof(status), MSG_NOSIGNAL);
    _exit(EXIT_SUCCESS);
}

static bool receive_job(struct job *job)
{
    union control control;
    struct iovec part = { job->word, sizeof(job->word) - 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
    ssize_t n;

    do
        n = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof(job->fds)))
        return false;
    job->word[n] = '\0';
    memcpy(job->fds, CMSG_DATA(head), sizeof(job->fds));
    return true;
}

static bool is_among(const char *const *words, const char *word)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words;
}

static _Noreturn void serve(const struct spawner_orders *orders)
{
    const pid_t self = getpid();
    struct job job;

    signal(SIGCHLD, SIG_IGN);   // nobody waits for those who mind the jobs
    while (receive_job(&job) && is_among(orders->words, job.word)) {
        if (fork() == 0)
            mind(orders->program, &job, self);
        for (size_t i = 0; i < JOB_DESCRIPTORS; i++)
            close(job.fds[i]);
    }
    _exit(EXIT_SUCCESS);
}

// Keeps the socket as standard input and nothing else.
static int leave_behind(int socket)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nowhere < 0 || dup2(socket, STDIN_FILENO) < 0 || dup2(nowhere, STDOUT_FILENO) < 0 || dup2(nowhere, STDERR_FILENO) < 0)
        return -errno;
    return close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ? -errno : 0;
}

static _Noreturn void spawner_child(int socket, const struct spawner_orders *orders, pid_t parent)
{
    prctl(PR_SET_NAME, "samtraad-spawn");
    prctl(PR_SET_DUMPABLE, 0);
    if (!die_with(parent))
        _exit(EXIT_FAILURE);
    int r = leave_behind(socket);
    if (r < 0)
        _exit(EXIT_FAILURE);
    r = orders->confine ? orders->confine(orders->context) : 0;
    if (send(STDIN_FILENO, &r, sizeof(r), MSG_NOSIGNAL) == (ssize_t)sizeof(r) && r == 0)
        serve(orders);
    _exit(EXIT_FAILURE);
}

static ssize_t receive_number(int socket, int *ret_number)
{
    ssize_t n;

    do
        n = recv(socket, ret_number, sizeof(*ret_number), 0);
    while (n < 0 && errno == EINTR);
    return n;
}

int spawner_start(const struct spawner_orders *orders, struct spawner **ret_spawner)
{
    const pid_t parent = getpid();
    struct spawner *spawner = calloc(1, sizeof(*spawner));
    int pair[2], r;

    if (!spawner)
        return -ENOMEM;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        r = -errno;
        free(spawner);
        return r;
    }
    spawner->child = fork();
    if (spawner->child == 0)
        spawner_child(pair[1], orders, parent);
    r = spawner->child < 0 ? -errno : 0;
    close(pair[1]);
    spawner->socket = pair[0];
    int started = 0;
    if (r == 0 && receive_number(spawner->socket, &started) != (ssize_t)sizeof(started))
        r = -EIO;
    r = r < 0 ? r : started;
    if (r < 0) {
        spawner_stop(spawner);
        return r;
    }
    *ret_spawner = spawner;
    return 0;
}

bool spawner_alive(struct spawner *spawner)
{
    if (spawner->child > 0 && waitpid(spawner->child, NULL, WNOHANG) == spawner->child)
        spawner->child = 0;
    return spawner->child > 0;
}

void spawner_stop(struct spawner *spawner)
{
    if (!spawner)
        return;
    shutdown(spawner->socket, SHUT_RDWR);   // the keeper's child may hold a copy of the descriptor until it has closed what it does not need
    close(spawner->socket);
    if (spawner->child > 0) {
        while (waitpid(spawner->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    free(spawner);
}

static int send_job(int socket, const char *word, const int fds[JOB_DESCRIPTORS])
{
    union control control = { .head = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(JOB_DESCRIPTORS * sizeof(*fds)) } };
    char text[WORD_MAX];
    struct iovec part = { text, strlen(word) };
    const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
    ssize_t n;

    if (part.iov_len >= sizeof(text))
        return -EINVAL;
    memcpy(text, word, part.iov_len);
    memcpy(CMSG_DATA(&control.head), fds, JOB_DESCRIPTORS * sizeof(*fds));
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

int spawner_run(struct spawner *spawner, const char *word, int in, int out, int *ret_line)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    int r = send_job(spawner->socket, word, (const int[JOB_DESCRIPTORS]){ in, out, pair[1] });
    close(pair[1]);
    if (r < 0)
        close(pair[0]);
    else
        *ret_line = pair[0];
    return r;
}

int spawner_wait(int line, bool kill, int *ret_status)
{
    int status;

    if (kill)
        shutdown(line, SHUT_WR);
    ssize_t n = receive_number(line, &status);
    close(line);
    if (n != (ssize_t)sizeof(status) || (WIFEXITED(status) && WEXITSTATUS(status) == NOT_RUN))
        return -EIO;
    *ret_status = status;
    return 0;
}
