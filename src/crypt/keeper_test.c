// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper.h"
#include "crypt/keeper_message.h"
#include "crypt/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_FILE "master.key"

struct fixture {
    char folder[64];
    char key_file[96];
    struct keeper *keeper;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-keeper-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->key_file, sizeof(fixture->key_file), "%s/%s", fixture->folder, KEY_FILE);
    *state = fixture;
    return keeper_create_key(fixture->key_file) || keeper_start(fixture->key_file, &fixture->keeper);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    keeper_stop(fixture->keeper);
    unlink(fixture->key_file);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void a_wrapped_key_opens_only_with_what_it_was_bound_to(void **state)
{
    struct fixture *fixture = *state;
    const uint8_t key[32] = "a data key of thirty-two bytes..";
    const struct bytes place = str_bytes(STR("dialogue 7, Anne"));
    uint8_t wrapped[KEEPER_WRAPPED];
    uint8_t opened[32] = { 0 };

    assert_int_equal(keeper_wrap(fixture->keeper, key, place, wrapped), 0);
    assert_int_equal(keeper_unwrap(fixture->keeper, bytes_from(wrapped, sizeof(wrapped)), place, opened), 0);
    assert_memory_equal(opened, key, 32);

    assert_int_equal(keeper_unwrap(fixture->keeper, bytes_from(wrapped, sizeof(wrapped)), str_bytes(STR("dialogue 8, Anne")), opened),
                     -EBADMSG);
    assert_int_equal(keeper_unwrap(fixture->keeper, bytes_from(wrapped, sizeof(wrapped) - 1), place, opened), -EBADMSG);
    for (size_t bit = 0; bit < 8 * sizeof(wrapped); bit++) {
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(keeper_unwrap(fixture->keeper, bytes_from(wrapped, sizeof(wrapped)), place, opened), -EBADMSG);
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void the_same_master_key_gives_the_same_keys_after_a_restart(void **state)
{
    struct fixture *fixture = *state;
    struct keeper *again;
    uint8_t first[32], second[32], other[32], public_key[32], public_again[32];
    uint8_t signature[KEEPER_SIGNATURE];
    const struct bytes message = str_bytes(STR("head of the log"));

    assert_int_equal(keeper_start(fixture->key_file, &again), 0);
    assert_int_equal(keeper_derive(fixture->keeper, STR("lookup cpr"), first), 0);
    assert_int_equal(keeper_derive(again, STR("lookup cpr"), second), 0);
    assert_int_equal(keeper_derive(again, STR("lookup token"), other), 0);
    assert_memory_equal(first, second, 32);
    assert_memory_not_equal(first, other, 32);

    assert_int_equal(keeper_public_key(fixture->keeper, public_key), 0);
    assert_int_equal(keeper_public_key(again, public_again), 0);
    assert_memory_equal(public_key, public_again, 32);
    assert_int_equal(keeper_sign(again, message, signature), 0);
    assert_int_equal(crypto_sign_verify_detached(signature, message.ptr, message.len, public_key), 0);
    keeper_stop(again);
}

static void a_key_file_that_is_missing_malformed_or_open_to_others_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct keeper *keeper = NULL;
    char path[128];
    char text[80];
    struct stat status;

    assert_int_equal(stat(fixture->key_file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0400);
    assert_int_equal(status.st_size, 65);
    assert_int_equal(keeper_create_key(fixture->key_file), -EEXIST);

    snprintf(path, sizeof(path), "%s/other.key", fixture->folder);
    assert_int_equal(keeper_start(path, &keeper), -ENOENT);
    assert_int_equal(keeper_start(fixture->folder, &keeper), -EINVAL);
    memset(text, 'a', 64);
    memcpy(text + 64, "\n", 2);
    write_file(path, text, 0640);
    assert_int_equal(keeper_start(path, &keeper), -EPERM);
    write_file(path, text, 0604);
    assert_int_equal(keeper_start(path, &keeper), -EPERM);
    text[63] = 'g';
    write_file(path, text, 0600);
    assert_int_equal(keeper_start(path, &keeper), -EINVAL);
    text[63] = '\n';
    text[64] = '\0';
    write_file(path, text, 0600);
    assert_int_equal(keeper_start(path, &keeper), -EINVAL);
    memcpy(text + 63, "a\n\n", 4);
    write_file(path, text, 0600);
    assert_int_equal(keeper_start(path, &keeper), -EINVAL);
    assert_null(keeper);
    unlink(path);
}

// Sends any bytes; gives the answer's status.
static enum keeper_status told(struct keeper_secret *secret, const uint8_t *request, size_t len)
{
    uint8_t reply[KEEPER_REPLY_MAX];
    size_t n = keeper_answer(secret, bytes_from(request, len), reply);

    assert_true(n >= KEEPER_REPLY_HEAD && n <= sizeof(reply));
    assert_true(reply[1] == KEEPER_DONE || n == KEEPER_REPLY_HEAD);
    return (enum keeper_status)reply[1];
}

static void requests_that_do_not_follow_the_format_are_refused(void **state)
{
    struct key_file file = { .count = 1, .masters = { { 1, { 1 } } } };
    struct keeper_secret secret;
    uint8_t request[KEEPER_REQUEST_MAX + 1] = { KEEPER_FORMAT, KEEPER_WRAP };

    keeper_secret_make(&file, &secret);
    assert_int_equal(told(&secret, request, KEEPER_HEAD + 32), KEEPER_DONE);
    for (size_t len = 0; len <= sizeof(request); len++) {
        if (len != KEEPER_HEAD + 32)
            assert_int_equal(told(&secret, request, len), KEEPER_REFUSED);
    }
    for (unsigned operation = 0; operation < 256; operation++) {
        request[1] = (uint8_t)operation;
        if (operation != KEEPER_WRAP)
            assert_int_equal(told(&secret, request, KEEPER_HEAD + 32), KEEPER_REFUSED);
    }
    memcpy(request, (uint8_t[]){ 2, KEEPER_WRAP, 0, 0 }, KEEPER_HEAD);
    assert_int_equal(told(&secret, request, KEEPER_HEAD + 32), KEEPER_REFUSED);
    memcpy(request, (uint8_t[]){ KEEPER_FORMAT, KEEPER_WRAP, 4, 1 }, KEEPER_HEAD);
    assert_int_equal(told(&secret, request, KEEPER_HEAD + 32 + 1025), KEEPER_REFUSED);
    memcpy(request, (uint8_t[]){ KEEPER_FORMAT, KEEPER_DERIVE, 0, 0 }, KEEPER_HEAD);
    assert_int_equal(told(&secret, request, KEEPER_HEAD), KEEPER_REFUSED);
    memcpy(request, (uint8_t[]){ KEEPER_FORMAT, KEEPER_DERIVE, 0, 65 }, KEEPER_HEAD);
    assert_int_equal(told(&secret, request, KEEPER_HEAD + 65), KEEPER_REFUSED);
    memcpy(request, (uint8_t[]){ KEEPER_FORMAT, KEEPER_GIVE_PUBLIC_KEY, 0, 1 }, KEEPER_HEAD);
    assert_int_equal(told(&secret, request, KEEPER_HEAD + 1), KEEPER_REFUSED);
}

static void a_refused_request_does_not_end_the_keeper(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[32];
    char long_purpose[65];

    memset(long_purpose, 'p', sizeof(long_purpose));
    assert_int_equal(keeper_derive(fixture->keeper, (struct str){ long_purpose, 65 }, key), -EINVAL);
    assert_int_equal(keeper_derive(fixture->keeper, STR(""), key), -EINVAL);
    assert_int_equal(keeper_derive(fixture->keeper, (struct str){ long_purpose, 64 }, key), -EINVAL);
    assert_int_equal(keeper_derive(fixture->keeper, STR("installation"), key), 0);
}

static void *ask_often(void *argument)
{
    struct fixture *fixture = argument;
    char name[16];

    snprintf(name, sizeof(name), "thread %u", (unsigned)(pthread_self() % 1000));
    for (int i = 0; i < 300; i++) {
        uint8_t key[32], wrapped[KEEPER_WRAPPED], opened[32];
        randombytes_buf(key, sizeof(key));
        if (keeper_wrap(fixture->keeper, key, str_bytes(str_from(name)), wrapped) != 0 ||
            keeper_unwrap(fixture->keeper, bytes_from(wrapped, sizeof(wrapped)), str_bytes(str_from(name)), opened) != 0 ||
            memcmp(key, opened, sizeof(key)) != 0)
            return fixture;
    }
    return NULL;
}

static void threads_that_ask_at_once_each_get_their_own_answer(void **state)
{
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, *state), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

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

// The child of this process that is the keeper.
static pid_t keeper_child_of_this_process(void)
{
    char path[64];
    char list[256] = "";
    int pid = -1;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(list, sizeof(list), file));
    fclose(file);
    assert_int_equal(sscanf(list, "%d", &pid), 1);
    return pid;
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
    struct fixture *fixture = *state;
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

static void without_its_keeper_the_server_gets_errors_and_no_keys(void **state)
{
    struct fixture *fixture = *state;
    struct keeper *keeper;
    uint8_t key[32];

    keeper_stop(fixture->keeper);
    fixture->keeper = NULL;
    assert_int_equal(keeper_start(fixture->key_file, &keeper), 0);
    assert_int_equal(kill(keeper_child_of_this_process(), SIGTERM), 0);
    assert_int_equal(keeper_derive(keeper, STR("installation"), key), 0);
    assert_int_equal(kill(keeper_child_of_this_process(), SIGKILL), 0);
    assert_int_equal(keeper_derive(keeper, STR("installation"), key), -EIO);
    assert_int_equal(keeper_derive(keeper, STR("installation"), key), -EIO);
    keeper_stop(keeper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wrapped_key_opens_only_with_what_it_was_bound_to, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_master_key_gives_the_same_keys_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_file_that_is_missing_malformed_or_open_to_others_is_refused, setup, teardown),
        cmocka_unit_test(requests_that_do_not_follow_the_format_are_refused),
        cmocka_unit_test_setup_teardown(a_refused_request_does_not_end_the_keeper, setup, teardown),
        cmocka_unit_test_setup_teardown(threads_that_ask_at_once_each_get_their_own_answer, setup, teardown),
        cmocka_unit_test(whoever_takes_over_the_keeper_dies_at_the_first_step_outside),
        cmocka_unit_test_setup_teardown(the_running_keeper_has_its_filter_and_one_descriptor, setup, teardown),
        cmocka_unit_test_setup_teardown(another_process_of_the_same_user_can_not_read_the_keepers_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(without_its_keeper_the_server_gets_errors_and_no_keys, setup, teardown),
    };

    if (sodium_init() < 0)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
