// SPDX-License-Identifier: MPL-2.0
// What the process that draws a PDF can reach from inside its cell, were it taken over: fonts and time zones, and nothing else.
#include "feature/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
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

static bool opens_its_own_environment(void)
{
    return open("/proc/self/environ", O_RDONLY) >= 0;
}

static bool lists_the_root(void)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY);
    char entries[1024];
    return fd >= 0 && syscall(SYS_getdents64, fd, entries, sizeof(entries)) > 0;
}

static bool leaves_the_fonts_upwards(void)
{
    return open("/usr/share/fonts/truetype/dejavu/../../../../../etc/passwd", O_RDONLY) >= 0;
}

static bool makes_a_file_among_the_fonts(void)
{
    return open("/usr/share/fonts/truetype/dejavu/new", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool writes_into_a_font(void)
{
    return open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", O_RDWR) >= 0;
}

static bool removes_a_file(void)
{
    return unlink("/usr/share/fonts/truetype/dejavu/not-there") == 0 || errno == ENOENT;
}

static bool connects(void)
{
    return connect(0, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(struct sockaddr)) == 0;
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

static bool works_in_memory(void)
{
    char *data = malloc(8 << 20);
    if (!data)
        return false;
    for (size_t i = 0; i < 8 << 20; i += 4096)
        data[i] = 1;
    free(data);
    return true;
}

static bool reads_a_font(void)
{
    char head[4];
    int fd = open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head);
}

// A whole PDF, with letters that Liberation does not have, in another time zone.
static bool draws_a_pdf(void)
{
    static const char package[] =
        "{\"format\":\"samtraad-journal\",\"version\":1,\"language\":\"da\",\"timezone\":\"Europe/Copenhagen\",\"made\":\"2026-01-31T10:00:00.000Z\","
        "\"day\":\"2026-01-31\",\"theme\":\"Søvn ✓ 👍\",\"kind\":\"messages\",\"dialogue\":{\"id\":\"1\",\"topic\":\"Emil\",\"unit\":\"Skole\"},"
        "\"participants\":[],\"messages\":[]}\n";
    struct buf pdf = buf_bounded(1 << 24);
    int r = journal_pdf((struct str){ package, sizeof(package) - 1 }, &pdf);
    bool good = r == 0 && pdf.len > 1000 && memcmp(pdf.data, "%PDF", 4) == 0;
    buf_free(&pdf);
    return good;
}

static int try_inside(bool (*attempt)(void))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(journal_confine() < 0 ? NOT_ENTERED : attempt() ? SUCCEEDED : REFUSED);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void nothing_outside_can_be_reached(void **state)
{
    static bool (*const attempts[])(void) = {
        opens_a_file, opens_its_own_environment, lists_the_root, leaves_the_fonts_upwards, makes_a_file_among_the_fonts, writes_into_a_font, removes_a_file, connects,
        opens_our_memory, makes_a_file, reaches_the_network, reaches_a_local_socket, starts_a_process, runs_a_program, signals_the_server,
        traces_the_server, reads_the_servers_memory, makes_code, turns_data_into_code, raises_its_limits, asks_the_kernel_for_queues,
    };

    outside = getpid();
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        int status = try_inside(attempts[i]);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        bool refused = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
        if (!killed && !refused)
            fail_msg("attempt %zu: status %x", i, (unsigned)status);
    }
}

// Otherwise the test above would hold for a cell in which nothing works at all.
static void what_the_work_needs_is_there(void **state)
{
    static bool (*const needs[])(void) = { works_in_memory, reads_a_font, draws_a_pdf };

    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        int status = try_inside(needs[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != SUCCEEDED)
            fail_msg("need %zu: status %x", i, (unsigned)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_can_be_reached),
        cmocka_unit_test(what_the_work_needs_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
