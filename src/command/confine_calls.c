// SPDX-License-Identifier: MPL-2.0
#include "command/confine.h"

#include "base/filter.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define NEW_NAMESPACES (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS)
#define CALL(name) ALLOW(SYS_##name)
#define GO_IF(value, places) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (places), 0)

// A refused call gives an error rather than death: libraries try much, and the server goes on for everybody else.
//
// The spawner lives under this filter, and with it the picture worker and the journal's child, which are this program started anew and then
// live under their own. Running a program is allowed here; which, Landlock says. The server itself lives under 'alone' as well.
// The numbers of the x32 calls on x86-64 have bit 30 set, so none equals an allowed one.
static const struct sock_filter filter[] = {
    FILTER_BEGIN,
    // Sockets of this machine, of the internet, and the one that tells the C library which addresses there are.
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 7),
    LOAD(ARGUMENT(0)), GO_IF(AF_UNIX, 4), GO_IF(AF_INET, 3), GO_IF(AF_INET6, 2), GO_IF(AF_NETLINK, 1), GIVE(REFUSE(EAFNOSUPPORT)), GIVE(SECCOMP_RET_ALLOW),
    // Threads and children, but no new namespaces; clone3 keeps its flags where a filter can't look, and the C library then uses clone.
    WITHOUT_OR(SYS_clone, 0, NEW_NAMESPACES, REFUSE(EPERM)),
    ON(SYS_clone3, REFUSE(ENOSYS)),
    // Waiting, threads, time.
    CALL(futex), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(epoll_ctl), CALL(epoll_create1), CALL(ppoll), CALL(pselect6), CALL(eventfd2),
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(timerfd_create),
    CALL(timerfd_settime), CALL(setitimer), CALL(getitimer), CALL(sched_yield), CALL(sched_getaffinity), CALL(sched_setaffinity),
    CALL(sched_getparam), CALL(sched_getscheduler), CALL(sched_get_priority_max), CALL(sched_get_priority_min), CALL(getcpu),
    CALL(set_robust_list), CALL(get_robust_list), CALL(rseq), CALL(membarrier), CALL(set_tid_address), CALL(gettid), CALL(exit),
    CALL(exit_group),
    CALL(restart_syscall),
    // Descriptors and files.
    CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(pread64), CALL(pwrite64), CALL(preadv), CALL(pwritev), CALL(lseek),
    CALL(fsync), CALL(fdatasync), CALL(ftruncate), CALL(truncate), CALL(fallocate), CALL(fadvise64), CALL(openat), CALL(close),
    CALL(close_range),
    CALL(fcntl), CALL(flock), CALL(ioctl), CALL(dup), CALL(dup3), CALL(pipe2), CALL(fstat), CALL(newfstatat), CALL(statx), CALL(fstatfs),
    CALL(statfs), CALL(faccessat), CALL(faccessat2), CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(unlinkat), CALL(mkdirat),
    CALL(renameat), CALL(renameat2), CALL(linkat), CALL(fchmod), CALL(fchmodat), CALL(fchown), CALL(utimensat), CALL(umask),
    CALL(memfd_create),
    CALL(sendfile), CALL(copy_file_range), CALL(inotify_init1), CALL(inotify_add_watch), CALL(inotify_rm_watch),
    // Memory.
    CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(msync), CALL(mincore), CALL(brk), CALL(mlock),
    CALL(mlock2), CALL(munlock),
    CALL(getrandom),
    // The network.
    CALL(socketpair), CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(getsockname), CALL(getpeername),
    CALL(getsockopt),
    CALL(setsockopt), CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg), CALL(sendmmsg), CALL(recvmmsg), CALL(shutdown),
    // This process and its children.
    CALL(execve), CALL(wait4), CALL(waitid), CALL(pidfd_open), CALL(kill), CALL(tgkill), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
    CALL(rt_sigtimedwait), CALL(rt_sigsuspend), CALL(sigaltstack), CALL(signalfd4), CALL(prctl), CALL(prlimit64), CALL(getrlimit),
    CALL(setrlimit), CALL(getrusage), CALL(times), CALL(sysinfo),
    CALL(uname), CALL(getpid), CALL(getppid), CALL(getpgid), CALL(getsid), CALL(setsid), CALL(getuid), CALL(geteuid), CALL(getgid),
    CALL(getegid), CALL(getgroups), CALL(getresuid), CALL(getresgid),
    CALL(getpriority), CALL(setpriority), CALL(capget), CALL(capset), CALL(seccomp), CALL(landlock_create_ruleset),
    CALL(landlock_add_rule), CALL(landlock_restrict_self),
#if defined(__x86_64__)
    CALL(arch_prctl), CALL(epoll_wait), CALL(epoll_create), CALL(poll), CALL(select), CALL(open), CALL(stat), CALL(lstat), CALL(access),
    CALL(readlink), CALL(unlink), CALL(mkdir), CALL(rmdir), CALL(rename), CALL(chmod), CALL(pipe), CALL(dup2), CALL(time), CALL(alarm),
    CALL(getpgrp), CALL(vfork),
#endif
#if SANITIZED
    CALL(ptrace), CALL(process_vm_readv), CALL(personality), CALL(tkill),   // how it looks for leaks when the program ends
#if defined(__x86_64__)
    CALL(getdents),
#endif
#endif
    GIVE(REFUSE(EPERM)),
};

// On top of it: no program, and no process but threads of this one. The sanitizers look for leaks from a process that shares our memory.
static const struct sock_filter alone[] = {
    FILTER_BEGIN,
    ON(SYS_execve, REFUSE(EPERM)), ON(SYS_execveat, REFUSE(EPERM)),
#if !SANITIZED
    ONLY_WITH_OR(SYS_clone, 0, CLONE_THREAD, REFUSE(EPERM)),
#endif
#if defined(__x86_64__)
    ON(SYS_fork, REFUSE(EPERM)), ON(SYS_vfork, REFUSE(EPERM)),
#endif
    GIVE(SECCOMP_RET_ALLOW),
};

static int put_on(const struct sock_filter *rules, size_t count)
{
    const struct sock_fprog program = { (unsigned short)count, (struct sock_filter *)rules };

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int confine_calls(bool by_itself)
{
    int r = by_itself ? put_on(alone, sizeof(alone) / sizeof(alone[0])) : 0;

    return r < 0 ? r : put_on(filter, sizeof(filter) / sizeof(filter[0]));
}
