// SPDX-License-Identifier: MPL-2.0
#include "command/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "Name this processor's AUDIT_ARCH in confine_calls.c"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

#define NEW_NAMESPACES (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS)

#define ARGUMENT(n) (offsetof(struct seccomp_data, args[n]) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define LOAD(place) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (place))
#define GIVE(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(number) (SECCOMP_RET_ERRNO | (number))
#define ON(call, action) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), GIVE(action)
#define ALLOW(call) ON(SYS_##call, SECCOMP_RET_ALLOW)
#define GO_IF(value, places) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (places), 0)

// A refused call gives an error rather than death: libraries try much, and the server goes on for everybody else.
//
// The picture worker and the journal's child, which are this program started anew, live under this filter too and then under their own.
// Running a program is allowed here; which, Landlock says. The numbers of the x32 calls on x86-64 have bit 30 set, so none equals an allowed one.
static const struct sock_filter filter[] = {
    LOAD(offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
    GIVE(SECCOMP_RET_KILL_PROCESS),
    LOAD(offsetof(struct seccomp_data, nr)),
    // Sockets of this machine, of the internet, and the one that tells the C library which addresses there are.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 7),
    LOAD(ARGUMENT(0)), GO_IF(AF_UNIX, 4), GO_IF(AF_INET, 3), GO_IF(AF_INET6, 2), GO_IF(AF_NETLINK, 1), GIVE(REFUSE(EAFNOSUPPORT)), GIVE(SECCOMP_RET_ALLOW),
    // Threads and children, but no new namespaces; clone3 keeps its flags where a filter can't look, and the C library then uses clone.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
    LOAD(ARGUMENT(0)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1), GIVE(REFUSE(EPERM)), GIVE(SECCOMP_RET_ALLOW),
    ON(SYS_clone3, REFUSE(ENOSYS)),
    // Waiting, threads, time.
    ALLOW(futex), ALLOW(epoll_pwait), ALLOW(epoll_pwait2), ALLOW(epoll_ctl), ALLOW(epoll_create1), ALLOW(ppoll), ALLOW(pselect6), ALLOW(eventfd2),
    ALLOW(clock_gettime), ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday), ALLOW(timerfd_create),
    ALLOW(timerfd_settime), ALLOW(setitimer), ALLOW(getitimer), ALLOW(sched_yield), ALLOW(sched_getaffinity), ALLOW(sched_setaffinity),
    ALLOW(sched_getparam), ALLOW(sched_getscheduler), ALLOW(sched_get_priority_max), ALLOW(sched_get_priority_min), ALLOW(getcpu),
    ALLOW(set_robust_list), ALLOW(get_robust_list), ALLOW(rseq), ALLOW(membarrier), ALLOW(set_tid_address), ALLOW(gettid), ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(restart_syscall),
    // Descriptors and files.
    ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(pread64), ALLOW(pwrite64), ALLOW(preadv), ALLOW(pwritev), ALLOW(lseek),
    ALLOW(fsync), ALLOW(fdatasync), ALLOW(ftruncate), ALLOW(truncate), ALLOW(fallocate), ALLOW(fadvise64), ALLOW(openat), ALLOW(close),
    ALLOW(close_range),
    ALLOW(fcntl), ALLOW(flock), ALLOW(ioctl), ALLOW(dup), ALLOW(dup3), ALLOW(pipe2), ALLOW(fstat), ALLOW(newfstatat), ALLOW(statx), ALLOW(fstatfs),
    ALLOW(statfs), ALLOW(faccessat), ALLOW(faccessat2), ALLOW(readlinkat), ALLOW(getdents64), ALLOW(getcwd), ALLOW(unlinkat), ALLOW(mkdirat),
    ALLOW(renameat), ALLOW(renameat2), ALLOW(linkat), ALLOW(fchmod), ALLOW(fchmodat), ALLOW(fchown), ALLOW(utimensat), ALLOW(umask),
    ALLOW(memfd_create),
    ALLOW(sendfile), ALLOW(copy_file_range), ALLOW(inotify_init1), ALLOW(inotify_add_watch), ALLOW(inotify_rm_watch),
    // Memory.
    ALLOW(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect), ALLOW(madvise), ALLOW(msync), ALLOW(mincore), ALLOW(brk), ALLOW(mlock),
    ALLOW(mlock2), ALLOW(munlock),
    ALLOW(getrandom),
    // The network.
    ALLOW(socketpair), ALLOW(connect), ALLOW(bind), ALLOW(listen), ALLOW(accept), ALLOW(accept4), ALLOW(getsockname), ALLOW(getpeername),
    ALLOW(getsockopt),
    ALLOW(setsockopt), ALLOW(sendto), ALLOW(recvfrom), ALLOW(sendmsg), ALLOW(recvmsg), ALLOW(sendmmsg), ALLOW(recvmmsg), ALLOW(shutdown),
    // This process and its children.
    ALLOW(execve), ALLOW(wait4), ALLOW(waitid), ALLOW(kill), ALLOW(tgkill), ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),
    ALLOW(rt_sigtimedwait), ALLOW(rt_sigsuspend), ALLOW(sigaltstack), ALLOW(signalfd4), ALLOW(prctl), ALLOW(prlimit64), ALLOW(getrlimit),
    ALLOW(setrlimit), ALLOW(getrusage), ALLOW(times), ALLOW(sysinfo),
    ALLOW(uname), ALLOW(getpid), ALLOW(getppid), ALLOW(getpgid), ALLOW(getsid), ALLOW(setsid), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid),
    ALLOW(getegid), ALLOW(getgroups), ALLOW(getresuid), ALLOW(getresgid),
    ALLOW(getpriority), ALLOW(setpriority), ALLOW(capget), ALLOW(capset), ALLOW(seccomp), ALLOW(landlock_create_ruleset),
    ALLOW(landlock_add_rule), ALLOW(landlock_restrict_self),
#if defined(__x86_64__)
    ALLOW(arch_prctl), ALLOW(epoll_wait), ALLOW(epoll_create), ALLOW(poll), ALLOW(select), ALLOW(open), ALLOW(stat), ALLOW(lstat), ALLOW(access),
    ALLOW(readlink), ALLOW(unlink), ALLOW(mkdir), ALLOW(rmdir), ALLOW(rename), ALLOW(chmod), ALLOW(pipe), ALLOW(dup2), ALLOW(time), ALLOW(alarm),
    ALLOW(getpgrp), ALLOW(vfork),
#endif
#if SANITIZED
    ALLOW(ptrace), ALLOW(process_vm_readv), ALLOW(personality),   // how it looks for leaks when the program ends
#endif
    GIVE(REFUSE(EPERM)),
};

int confine_calls(void)
{
    const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), (struct sock_filter *)filter };

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}
