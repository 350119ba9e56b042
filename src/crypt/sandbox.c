// SPDX-License-Identifier: MPL-2.0
#include "crypt/sandbox.h"

#include "base/capability.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "Name this processor's AUDIT_ARCH in sandbox.c"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define GIVE(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), GIVE(SECCOMP_RET_ALLOW)

// ThreadSanitizer keeps its own memory and a thread that tidies it; without it the keeper needs none of these.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FOR_THE_SANITIZER                                                                          \
    ALLOW(SYS_mmap), ALLOW(SYS_munmap), ALLOW(SYS_madvise), ALLOW(SYS_futex), ALLOW(SYS_sched_yield), ALLOW(SYS_clock_nanosleep), \
    ALLOW(SYS_nanosleep), ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_getpid), ALLOW(SYS_gettid), ALLOW(SYS_write), ALLOW(SYS_openat), ALLOW(SYS_read), ALLOW(SYS_close),
#endif
#endif
#ifndef FOR_THE_SANITIZER
#define FOR_THE_SANITIZER
#endif

static int give_up_limits(void)
{
    static const int limits[] = { RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_FSIZE };
    const struct rlimit none = { 0, 0 };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (setrlimit((__rlimit_resource_t)limits[i], &none) < 0)
            return -errno;
    }
    return 0;
}

static int filter_calls(void)
{
    // The numbers of the x32 calls on x86-64 have bit 30 set, so none of them equals one that is allowed.
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCHITECTURE, 1, 0),
        GIVE(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOW(SYS_recvfrom),
        ALLOW(SYS_sendto),
        ALLOW(SYS_getrandom),
        ALLOW(SYS_exit_group),
        FOR_THE_SANITIZER
        GIVE(SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}

int sandbox_enter(void)
{
    int r;

    if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    r = give_up_limits();
    if (r == 0)
        r = capability_keep(CAPABILITY_NONE);   // there are some where the service runs as root, in a container for instance
    return r < 0 ? r : filter_calls();
}
