// SPDX-License-Identifier: MPL-2.0
// Real processes, started from this test's own binary.
#include "base/spawner.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#define PATIENCE_MS 20000

static const char *const words[] = { "tell", "wait", NULL };

static struct spawner *spawner_of(const char *program)
{
    struct spawner *made;

    assert_int_equal(spawner_start(&(struct spawner_orders){ .program = program, .words = words }, &made), 0);
    return made;
}

static int start(void **state)
{
    *state = spawner_of("/proc/self/exe");
    return 0;
}

static int stop(void **state)
{
    spawner_stop(*state);
    return 0;
}

// Starts it with an input that is empty. ret_out: ends when the last process that could write to it has ended.
static int run(struct spawner *spawner, const char *word, int *ret_out, int *ret_line)
{
    int in[2], out[2];

    if (pipe(in) < 0 || pipe(out) < 0)
        return -errno;
    int r = spawner_run(spawner, word, in[0], out[1], ret_line);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    *ret_out = out[0];
    return r;
}

static void read_byte(int fd, char expected)
{
    char got = 0;

    assert_int_equal(read(fd, &got, 1), 1);
    assert_int_equal(got, expected);
}

static void expect_end(int fd)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    char byte;

    assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
}

static void nothing_of_ours_goes_along(void **state)
{
    char text[64] = "";
    int out, line, status, descriptors, variables, ignored;

    assert_int_equal(run(*state, "tell", &out, &line), 0);
    assert_true(read(out, text, sizeof(text) - 1) > 0);
    assert_int_equal(sscanf(text, "%d %d %d", &descriptors, &variables, &ignored), 3);
    assert_int_equal(descriptors, 3);
    assert_int_equal(variables, 0);
    assert_int_equal(ignored, 0);
    assert_int_equal(spawner_wait(line, false, &status), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    expect_end(out);
}

static void who_loses_patience_has_it_killed(void **state)
{
    int out, line, status;

    assert_int_equal(run(*state, "wait", &out, &line), 0);
    read_byte(out, '!');
    assert_int_equal(spawner_wait(line, true, &status), 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    expect_end(out);
}

static void it_ends_with_whoever_asked(void **state)
{
    int out, line;

    assert_int_equal(run(*state, "wait", &out, &line), 0);
    read_byte(out, '!');
    close(line);
    expect_end(out);
}

static void it_ends_with_its_spawner(void **state)
{
    struct spawner *spawner = spawner_of("/proc/self/exe");
    int out, line;

    assert_int_equal(run(spawner, "wait", &out, &line), 0);
    read_byte(out, '!');
    assert_true(spawner_alive(spawner));
    spawner_stop(spawner);
    expect_end(out);
    close(line);
}

static void a_server_that_is_killed_leaves_nothing_behind(void **state)
{
    int status, ours[2];

    assert_int_equal(pipe(ours), 0);
    pid_t server = fork();
    if (server == 0) {
        int in[2], line;
        close(ours[0]);
        struct spawner *spawner = spawner_of("/proc/self/exe");
        (void)!(pipe(in) == 0 && spawner_run(spawner, "wait", in[0], ours[1], &line) == 0 && pause());
        _exit(EXIT_FAILURE);
    }
    close(ours[1]);
    read_byte(ours[0], '!');
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, &status, 0), server);
    assert_true(WIFSIGNALED(status));
    expect_end(ours[0]);
}

static void whoever_asks_for_anything_else_ends_it(void **state)
{
    static const char *const others[] = { "serve", "", "telling", "a word that is much longer than any that it knows" };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct spawner *spawner = spawner_of("/proc/self/exe");
        int out, line, status;
        int r = run(spawner, others[i], &out, &line);
        if (r == 0) {
            assert_int_equal(spawner_wait(line, false, &status), -EIO);
            for (int tries = 0; tries < PATIENCE_MS && spawner_alive(spawner); tries++)
                poll(NULL, 0, 1);
            assert_false(spawner_alive(spawner));
        } else {
            assert_int_equal(r, -EINVAL);
        }
        expect_end(out);
        spawner_stop(spawner);
    }
}

static void a_program_that_is_not_there_is_told(void **state)
{
    struct spawner *lost = spawner_of("/nonexistent/samtraad");
    int out, line, status;

    assert_int_equal(run(lost, "tell", &out, &line), 0);
    assert_int_equal(spawner_wait(line, false, &status), -EIO);
    expect_end(out);
    spawner_stop(lost);
}

static int refuse(const void *context)
{
    return *(const int *)context;
}

static void without_its_limits_it_does_not_start(void **state)
{
    const int error = -EPERM;
    struct spawner *spawner = NULL;
    const struct spawner_orders orders = { .program = "/proc/self/exe", .words = words, .confine = refuse, .context = &error };

    assert_int_equal(spawner_start(&orders, &spawner), -EPERM);
    assert_null(spawner);
}

// What it was started with: descriptors, variables, signals that it would not hear.
static int tell(void)
{
    struct sigaction action;
    sigset_t blocked;
    int descriptors = -1, variables = 0, unheard = 0;   // not counting the one that it looks through
    DIR *folder = opendir("/proc/self/fd");

    if (!folder)
        return EXIT_FAILURE;
    for (const struct dirent *entry; (entry = readdir(folder));)
        descriptors += entry->d_name[0] != '.';
    closedir(folder);
    while (environ[variables])
        variables++;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < SIGRTMIN; number++)
        unheard += sigismember(&blocked, number) == 1 || (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    printf("%d %d %d", descriptors, variables, unheard);
    return fflush(stdout) == 0 ? 7 : EXIT_FAILURE;
}

static int wait_for_ever(void)
{
    (void)!write(STDOUT_FILENO, "!", 1);
    return pause();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_ours_goes_along, start, stop),
        cmocka_unit_test_setup_teardown(who_loses_patience_has_it_killed, start, stop),
        cmocka_unit_test_setup_teardown(it_ends_with_whoever_asked, start, stop),
        cmocka_unit_test(it_ends_with_its_spawner),
        cmocka_unit_test(a_server_that_is_killed_leaves_nothing_behind),
        cmocka_unit_test(whoever_asks_for_anything_else_ends_it),
        cmocka_unit_test(a_program_that_is_not_there_is_told),
        cmocka_unit_test(without_its_limits_it_does_not_start),
    };

    if (argc == 2 && strcmp(argv[1], "tell") == 0)
        return tell();
    if (argc == 2 && strcmp(argv[1], "wait") == 0)
        return wait_for_ever();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
