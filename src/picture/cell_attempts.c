// SPDX-License-Identifier: MPL-2.0
#include "picture/cell_attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define NOT_ENTERED 97
#define SUCCEEDED 1
#define REFUSED 0

static pid_t outside;
static char secret[] = "the server's memory";

// Each gives true when it got what it must not get.
static bool opens_a_file(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool opens_our_memory(void)
{
    return open("/proc/self/mem", O_RDWR) >= 0;
}

static bool makes_a_file(void)
{
    return open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0;
}

static bool reaches_the_network(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool reaches_a_local_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool starts_a_process(void)
{
    return fork() >= 0;
}

static bool runs_a_program(void)
{
    char name[] = "/bin/true";
    char *arguments[] = { name, NULL };
    return execv(name, arguments) == 0;
}

static bool signals_the_server(void)
{
    return kill(outside, 0) == 0;
}

static bool traces_the_server(void)
{
    return ptrace(PTRACE_ATTACH, outside, NULL, NULL) == 0;
}

static bool reads_the_servers_memory(void)
{
    char copy[sizeof(secret)];
    struct iovec here = { copy, sizeof(copy) }, there = { secret, sizeof(secret) };
    return process_vm_readv(outside, &here, 1, &there, 1, 0) > 0;
}

static bool makes_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool turns_data_into_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool raises_its_limits(void)
{
    const struct rlimit more = { 1000, 1000 };
    return setrlimit(RLIMIT_NOFILE, &more) == 0;
}

static bool asks_the_kernel_for_queues(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) >= 0;
}

bool cell_works_in_memory(void)
{
    char *data = malloc(8 << 20);
    if (!data)
        return false;
    for (size_t i = 0; i < 8 << 20; i += 4096)
        data[i] = 1;
    free(data);
    return true;
}

static int try_inside(int (*enter)(void), bool (*attempt)(void))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(enter() < 0 ? NOT_ENTERED : attempt() ? SUCCEEDED : REFUSED);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

void cell_refuses(int (*enter)(void), bool (*const attempts[])(void), size_t count)
{
    outside = getpid();
    for (size_t i = 0; i < count; i++) {
        int status = try_inside(enter, attempts[i]);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        bool refused = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
        if (!killed && !refused)
            fail_msg("attempt %zu: status %x", i, (unsigned)status);
    }
}

void cell_refuses_all(int (*enter)(void))
{
    static bool (*const attempts[])(void) = {
        opens_a_file, opens_our_memory, makes_a_file, reaches_the_network, reaches_a_local_socket, starts_a_process, runs_a_program, signals_the_server,
        traces_the_server, reads_the_servers_memory, makes_code, turns_data_into_code, raises_its_limits, asks_the_kernel_for_queues,
    };

    cell_refuses(enter, attempts, sizeof(attempts) / sizeof(attempts[0]));
}

void cell_allows(int (*enter)(void), bool (*const needs[])(void), size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status = try_inside(enter, needs[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != SUCCEEDED)
            fail_msg("need %zu: status %x", i, (unsigned)status);
    }
}
