// SPDX-License-Identifier: MPL-2.0
#include "picture/cell.h"

#include "base/cleanup.h"
#include "base/filter.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define MEMORY_MAX ((rlim_t)1536 << 20)
#define CPU_SECONDS 20

static int filter_calls(void)
{
    struct sock_filter filter[] = {
        FILTER_BEGIN,
        // The socket that is there, and memory.
        ALLOW(SYS_recvfrom), ALLOW(SYS_sendto), ALLOW(SYS_munmap), ALLOW(SYS_mremap), ALLOW(SYS_madvise), ALLOW(SYS_brk),
        WITHOUT(SYS_mmap, 2, PROT_EXEC),
        WITHOUT(SYS_mprotect, 2, PROT_EXEC),
        // Threads of this process, nothing else that runs.
        ONLY_WITH(SYS_clone, 0, CLONE_THREAD),
        ON(SYS_clone3, REFUSE(ENOSYS)),   // its flags lie in memory, where the filter can't look: the C library then uses clone
        ALLOW(SYS_set_robust_list), ALLOW(SYS_rseq), ALLOW(SYS_futex), ALLOW(SYS_sched_yield), ALLOW(SYS_sched_getaffinity),
        ALLOW(SYS_gettid), ALLOW(SYS_getpid), ALLOW(SYS_exit), ALLOW(SYS_exit_group), ALLOW(SYS_nanosleep), ALLOW(SYS_clock_nanosleep),
        ALLOW(SYS_clock_gettime), ALLOW(SYS_gettimeofday), ALLOW(SYS_getrandom), ALLOW(SYS_close), ALLOW(SYS_fstat), ALLOW(SYS_lseek),
        ALLOW(SYS_rt_sigaction), ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_rt_sigreturn), ALLOW(SYS_sigaltstack),
        // What libraries try in good faith, and go on without.
        ON(SYS_openat, REFUSE(EACCES)), ON(SYS_newfstatat, REFUSE(EACCES)), ON(SYS_statx, REFUSE(EACCES)), ON(SYS_faccessat, REFUSE(EACCES)),
        ON(SYS_readlinkat, REFUSE(EACCES)), ON(SYS_ioctl, REFUSE(ENOTTY)), ON(SYS_prctl, REFUSE(EPERM)), ON(SYS_prlimit64, REFUSE(EPERM)),
        ON(SYS_getrusage, REFUSE(EPERM)), ON(SYS_sysinfo, REFUSE(EPERM)), ON(SYS_write, REFUSE(EBADF)),
        ON(SYS_writev, REFUSE(EBADF)), ON(SYS_getpeername, REFUSE(EBADF)), ON(SYS_fcntl, REFUSE(EBADF)),
#if defined(__x86_64__)
        ON(SYS_open, REFUSE(EACCES)), ON(SYS_stat, REFUSE(EACCES)), ON(SYS_access, REFUSE(EACCES)), ON(SYS_readlink, REFUSE(EACCES)),
#endif
        GIVE(SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

// A ruleset without rules: nothing of the file system is left, whatever the system calls are. Kernels without Landlock (before 5.13, or
// where it is switched off) rely on the filter alone.
static int give_up_files(void)
{
    const uint64_t all = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;   // of the first version, which every later one has
    const struct landlock_ruleset_attr attributes = { .handled_access_fs = all };
    long fd = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);

    if (fd < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
    long r = syscall(SYS_landlock_restrict_self, (int)fd, 0);
    int error = errno;
    close((int)fd);
    return r < 0 ? -error : 0;
}

static int limit(int which, rlim_t value)
{
    const struct rlimit limits = { value, value };

    return setrlimit((__rlimit_resource_t)which, &limits) < 0 ? -errno : 0;
}

static int give_up_limits(void)
{
    int r = limit(RLIMIT_CORE, 0);

    r = r < 0 ? r : limit(RLIMIT_FSIZE, 0);
    r = r < 0 ? r : limit(RLIMIT_NOFILE, 0);
    r = r < 0 ? r : limit(RLIMIT_CPU, CPU_SECONDS);
    // The address sanitizer reserves terabytes that it never uses.
    return r < 0 || SANITIZED ? r : limit(RLIMIT_AS, MEMORY_MAX);
}

int cell_enter(void)
{
    if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    int r = give_up_files();
    r = r < 0 ? r : give_up_limits();
    return r < 0 ? r : filter_calls();
}
