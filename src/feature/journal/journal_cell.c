// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_cell.h"

#include "base/cleanup.h"
#include "base/filter.h"
#include "feature/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define SECONDS_MAX 40
#define OPEN_MAX_FILES 64
#define MEMORY_MAX (SANITIZED ? RLIM_INFINITY : (rlim_t)1 << 30)   // the sanitizers map terabytes

const char *const journal_font_folders[] = {
    "/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/ancient-scripts", NULL,
};

static int give_up_limits(void)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t value;
    } limits[] = { { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, JOURNAL_PDF_MAX }, { RLIMIT_CPU, SECONDS_MAX }, { RLIMIT_DATA, MEMORY_MAX }, { RLIMIT_NOFILE, OPEN_MAX_FILES } };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct rlimit limit = { limits[i].value, limits[i].value };
        if (setrlimit(limits[i].resource, &limit) < 0)
            return -errno;
    }
    return 0;
}

// What is not there can't be read either.
static int allow_reading(int ruleset, const char *path)
{
    _cleanup_(close_descriptor) int fd = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR, .parent_fd = fd };
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

static int give_up_files(void)
{
    const uint64_t all = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;   // of the first version, which every later one has
    const struct landlock_ruleset_attr attributes = { .handled_access_fs = all };
    _cleanup_(close_descriptor) int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (ruleset < 0)
        return errno == ENOSYS ? -EOPNOTSUPP : -errno;
    int r = allow_reading(ruleset, "/usr/share/zoneinfo");
    for (const char *const *folder = journal_font_folders; r == 0 && *folder; folder++)
        r = allow_reading(ruleset, *folder);
    if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        r = -errno;
    return r;
}

static int filter_calls(void)
{
    struct sock_filter filter[] = {
        FILTER_BEGIN,
        // What is open, the fonts, and memory.
        ALLOW(SYS_read), ALLOW(SYS_pread64), ALLOW(SYS_write), ALLOW(SYS_writev), ALLOW(SYS_lseek), ALLOW(SYS_close), ALLOW(SYS_fstat), ALLOW(SYS_newfstatat),
        ALLOW(SYS_statx), ALLOW(SYS_faccessat), ALLOW(SYS_faccessat2), ALLOW(SYS_getdents64), ALLOW(SYS_fadvise64),
#if defined(__x86_64__)
        ALLOW(SYS_access),
#endif
        WITHOUT_OR(SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND, REFUSE(EACCES)),
        WITHOUT(SYS_mmap, 2, PROT_EXEC), WITHOUT(SYS_mprotect, 2, PROT_EXEC),
        ALLOW(SYS_munmap), ALLOW(SYS_mremap), ALLOW(SYS_madvise), ALLOW(SYS_brk),
        // Threads of this process, nothing else that runs.
        ONLY_WITH(SYS_clone, 0, CLONE_THREAD),
        ON(SYS_clone3, REFUSE(ENOSYS)),   // its flags lie in memory, where the filter can't look: the C library then uses clone
        ALLOW(SYS_set_robust_list), ALLOW(SYS_rseq), ALLOW(SYS_futex), ALLOW(SYS_sched_yield), ALLOW(SYS_sched_getaffinity),
        ALLOW(SYS_gettid), ALLOW(SYS_getpid), ALLOW(SYS_exit), ALLOW(SYS_exit_group), ALLOW(SYS_nanosleep), ALLOW(SYS_clock_nanosleep),
        ALLOW(SYS_clock_gettime), ALLOW(SYS_gettimeofday), ALLOW(SYS_getrandom), ALLOW(SYS_rt_sigaction), ALLOW(SYS_rt_sigprocmask),
        ALLOW(SYS_rt_sigreturn), ALLOW(SYS_sigaltstack),
        // What libraries try in good faith, and go on without.
        ON(SYS_readlinkat, REFUSE(EACCES)), ON(SYS_ioctl, REFUSE(ENOTTY)), ON(SYS_prctl, REFUSE(EPERM)),
        ON(SYS_prlimit64, REFUSE(EPERM)), ON(SYS_getrusage, REFUSE(EPERM)), ON(SYS_sysinfo, REFUSE(EPERM)), ON(SYS_uname, REFUSE(EPERM)),
        ON(SYS_fcntl, REFUSE(EBADF)), ON(SYS_fstatfs, REFUSE(ENOSYS)), ON(SYS_getcwd, REFUSE(EACCES)), ON(SYS_sched_setattr, REFUSE(EPERM)),
        ON(SYS_sched_getattr, REFUSE(EPERM)), ON(SYS_eventfd2, REFUSE(EPERM)), ON(SYS_geteuid, REFUSE(EPERM)), ON(SYS_getuid, REFUSE(EPERM)),
        ON(SYS_getpeername, REFUSE(EBADF)),
#if defined(__x86_64__)
        ON(SYS_open, REFUSE(EACCES)), ON(SYS_readlink, REFUSE(EACCES)),
#endif
        GIVE(SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int journal_confine(void)
{
    if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    int r = give_up_files();
    r = r < 0 ? r : give_up_limits();
    return r < 0 ? r : filter_calls();
}
