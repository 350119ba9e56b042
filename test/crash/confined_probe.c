// SPDX-License-Identifier: MPL-2.0
// Preloaded into the server by confined.test.mjs: at SIGUSR2 it tries, from inside the server's process, what somebody who took it over
// would try. Reads "keeper-pid other-port" from the file "probe" in the data folder and writes a line for each attempt to "probe.out" there:
// its name and "0", or the error's number.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char data[512], beside[512], key[512], shares[520];
static int out = -1;

static void tell(const char *name, long result)
{
    char line[128];
    int error = result < 0 ? errno : 0;

    if (write(out, line, (size_t)snprintf(line, sizeof(line), "%s %d\n", name, error)) < 0)
        _exit(3);
}

static long open_close(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    return fd < 0 ? -1 : close(fd);
}

static long connect_to(uint16_t port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long r = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)&address, sizeof(address));
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return r;
}

// 0 when the program ran and ended well.
static long run(const char *program, char *argument)
{
    char name[] = "samtraad";
    char *words[] = { name, argument, NULL }, *none[] = { NULL };
    int status, nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = vfork();

    if (child == 0) {
        dup2(nowhere, 1);
        execve(program, words, none);
        _exit(errno);
    }
    close(nowhere);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return errno == 0 ? 0 : -1;
}

static long fork_once(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child < 0 || waitpid(child, NULL, 0) != child ? -1 : 0;
}

static void try_files(void)
{
    tell("opens the key", open_close(key, O_RDONLY));
    tell("opens the shares", open_close(shares, O_RDONLY));
    tell("opens the shadow file", open_close("/etc/shadow", O_RDONLY));
    tell("writes beside the data folder", open_close(beside, O_WRONLY | O_CREAT));
    tell("writes where programs lie", open_close("/usr/bin/samtraad-probe", O_WRONLY | O_CREAT));
    tell("mounts", mount("tmpfs", "/not-there", "tmpfs", 0, NULL));
}

static void try_processes(pid_t keeper)
{
    char path[64], bytes[16], name[] = "samtraad", version[] = "version", command[] = "-c";
    char *words[] = { name, version, NULL }, *none[] = { NULL };
    struct iovec here = { bytes, sizeof(bytes) }, there = { path, sizeof(bytes) };

    snprintf(path, sizeof(path), "/proc/%d/mem", (int)keeper);
    tell("traces the keeper", ptrace(PTRACE_SEIZE, keeper, NULL, NULL));
    tell("reads the keeper's memory", process_vm_readv(keeper, &here, 1, &there, 1, 0));
    tell("opens the keeper's memory", open_close(path, O_RDONLY));
    tell("runs a shell", run("/bin/sh", command));
    tell("runs itself", run("/proc/self/exe", version));
    tell("makes a process", fork_once());
    tell("asks for a program", execve("/not-there", none, none));
    tell("asks for a program another way", execveat(AT_FDCWD, "/not-there", none, none, 0));
    tell("turns into itself", execve("/proc/self/exe", words, none));   // when it may, nothing more is told
}

static void try_kernel(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    const struct __user_cap_data_struct all[2] = { { ~0u, ~0u, 0 }, { 0, 0, 0 } };

    tell("takes capabilities", syscall(SYS_capset, &head, all));
    tell("makes a namespace", unshare(CLONE_NEWUSER));
    tell("loads a program into the kernel", syscall(SYS_bpf, 0, NULL, 0));
    tell("makes an io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    tell("listens to the wire", socket(AF_PACKET, SOCK_RAW, 0));
    tell("becomes somebody else", setuid(1));
}

static void probe(int signal)
{
    char path[600], text[64] = "";
    int keeper = 0, port = 0, saved = errno;

    snprintf(path, sizeof(path), "%s/probe", data);
    int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0 || read(in, text, sizeof(text) - 1) < 0 || sscanf(text, "%d %d", &keeper, &port) != 2)
        _exit(4);
    close(in);
    snprintf(path, sizeof(path), "%s/probe.out", data);
    out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    try_files();
    try_processes(keeper);
    try_kernel();
    tell("connects elsewhere", connect_to((uint16_t)port));
    tell("connects to the usual port", connect_to(443));
    tell("done", 0);
    errno = saved;
}

__attribute__((constructor)) static void prepare(void)
{
    const char *folder = getenv("PROBE_FOLDER");
    const struct sigaction action = { .sa_handler = probe, .sa_flags = SA_RESTART };

    if (!folder)
        return;
    snprintf(data, sizeof(data), "%s/data", folder);
    snprintf(beside, sizeof(beside), "%s/beside", folder);
    snprintf(key, sizeof(key), "%s/master.key", folder);
    snprintf(shares, sizeof(shares), "%s.shares", data);
    sigaction(SIGUSR2, &action, NULL);
}
