// SPDX-License-Identifier: MPL-2.0
// Preloaded into programs that run inside valgrind (script/analyse): valgrind needs system calls, files and memory of its own, which the server and its keeper give up
// for good when they start. Here the calls by which they do so succeed and do nothing. What they start anew (the picture worker, the journal's child) gets no
// environment, so not this either: it runs outside valgrind, in its own cell.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 4096

// The C library's own.
static long real_syscall(long number, const long arguments[6])
{
    long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");

    return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

static void take(va_list list, long ret_arguments[6])
{
    for (int i = 0; i < 6; i++)
        ret_arguments[i] = va_arg(list, long);
}

// No filter of system calls.
int prctl(int option, ...)
{
    long arguments[6];
    va_list list;

    va_start(list, option);
    take(list, arguments);
    va_end(list);
    if (option == PR_SET_SECCOMP)
        return 0;
    return (int)real_syscall(SYS_prctl, (const long[6]){ option, arguments[0], arguments[1], arguments[2], arguments[3] });
}

// No closed file system: a Landlock of the first version, which restricts nothing.
long syscall(long number, ...)
{
    long arguments[6];
    va_list list;

    va_start(list, number);
    take(list, arguments);
    va_end(list);
    if (number == SYS_landlock_create_ruleset)
        return arguments[0] ? open("/dev/null", O_RDONLY | O_CLOEXEC) : 1;
    if (number == SYS_landlock_add_rule || number == SYS_landlock_restrict_self)
        return 0;
    return real_syscall(number, arguments);
}

// No limit of nothing at all. (The server is built for files beyond 2 GiB, thus the name.)
int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
    if (limit->rlim_max == 0)
        return 0;
    return (int)real_syscall(SYS_prlimit64, (const long[6]){ 0, (long)resource, (long)(uintptr_t)limit });
}

// Debian 12's valgrind does not know this call. It keeps its own descriptors from being closed by the other.
int close_range(unsigned first, unsigned last, int flags)
{
    for (unsigned fd = first; fd <= last && fd < DESCRIPTORS_MAX; fd++)
        close((int)fd);
    return 0;
}

// Inside valgrind /proc/self/exe is valgrind; and that a program is not there, which a child tells its parent in the memory that they share, would not be heard.
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[])
{
    int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]) =
        (int (*)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]))dlsym(RTLD_NEXT, "posix_spawn");
    const char *own = getenv("VALGRIND_SHIM_PROGRAM");

    if (own && strcmp(path, "/proc/self/exe") == 0)
        path = own;
    return access(path, X_OK) < 0 ? errno : next(pid, path, actions, attributes, arguments, environment);
}
