// SPDX-License-Identifier: MPL-2.0
// The keeper's cell, from inside and from outside. Apart from the other tests, since those run where there is no cell, too (script/analyse units).
#include "crypt/keeper_fixture.h"
#include "crypt/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum escape { OPEN_FILE, MAKE_SOCKET, START_PROCESS, READ_DESCRIPTOR, MAP_MEMORY, TRACE, RANDOM };

static void try_to(enum escape escape)
{
    uint8_t byte;

    switch (escape) {
    case OPEN_FILE:
        syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY);
        break;
    case MAKE_SOCKET:
        syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
        break;
    case START_PROCESS:
        syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        break;
    case READ_DESCRIPTOR:
        syscall(SYS_read, 0, &byte, 1);
        break;
    case MAP_MEMORY:
        syscall(SYS_mmap, 0, 4096, 7, 0x22, -1, 0);
        break;
    case TRACE:
        syscall(SYS_ptrace, 0, 0, 0, 0);
        break;
    case RANDOM:
        syscall(SYS_getrandom, &byte, 1, 0);
        break;
    }
}

static int status_of(enum escape escape)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (sandbox_enter() == 0)
            try_to(escape);
        syscall(SYS_exit_group, 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void whoever_takes_over_the_keeper_dies_at_the_first_step_outside(void **state)
{
    for (enum escape escape = OPEN_FILE; escape < RANDOM; escape++) {
        int status = status_of(escape);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
    int status = status_of(RANDOM);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void the_running_keeper_has_its_filter_and_one_descriptor(void **state)
{
    pid_t pid = keeper_child_of_this_process();
    char path[64];
    char line[256];
    unsigned seccomp = 0, privileges = 0;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        sscanf(line, "Seccomp: %u", &seccomp);
        sscanf(line, "NoNewPrivs: %u", &privileges);
    }
    fclose(file);
    assert_int_equal(seccomp, 2);
    assert_int_equal(privileges, 1);
    if (geteuid() != 0)
        return;   // the kernel lets nobody else look, which is the point
    for (int fd = 0; fd < 64; fd++) {
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
        ssize_t n = readlink(path, line, sizeof(line) - 1);
        assert_true(fd == 0 ? n > 0 : n < 0);
    }
}

// Root may read every process. So the question is put by another user, as the server's is.
static void another_process_of_the_same_user_can_not_read_the_keepers_memory(void **state)
{
    struct keeper_fixture *fixture = *state;
    int status;
    pid_t child;

    if (geteuid() == 0) {
        assert_int_equal(chown(fixture->folder, 65534, 65534), 0);
        assert_int_equal(chown(fixture->key_file, 65534, 65534), 0);
    }
    child = fork();
    if (child == 0) {
        struct keeper *keeper;
        char path[64];
        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(10);
        if (keeper_start(fixture->key_file, &keeper) < 0)
            _exit(11);
        snprintf(path, sizeof(path), "/proc/%d/mem", (int)keeper_child_of_this_process());
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        _exit(fd < 0 && (errno == EACCES || errno == EPERM) ? 0 : 12);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_takes_over_the_keeper_dies_at_the_first_step_outside),
        cmocka_unit_test_setup_teardown(the_running_keeper_has_its_filter_and_one_descriptor, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test_setup_teardown(another_process_of_the_same_user_can_not_read_the_keepers_memory, keeper_fixture_setup, keeper_fixture_teardown),
    };

    if (sodium_init() < 0)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
