// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper_fixture.h"
#include "crypt/keeper_message.h"

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
#include <unistd.h>

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
    struct keeper_fixture *fixture = *state;
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
    struct keeper_fixture *fixture = *state;
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
    struct keeper_fixture *fixture = *state;
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
    struct keeper_fixture *fixture = *state;
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
    struct keeper_fixture *fixture = argument;
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

static void without_its_keeper_the_server_gets_errors_and_no_keys(void **state)
{
    struct keeper_fixture *fixture = *state;
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
        cmocka_unit_test_setup_teardown(a_wrapped_key_opens_only_with_what_it_was_bound_to, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test_setup_teardown(the_same_master_key_gives_the_same_keys_after_a_restart, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_key_file_that_is_missing_malformed_or_open_to_others_is_refused, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test(requests_that_do_not_follow_the_format_are_refused),
        cmocka_unit_test_setup_teardown(a_refused_request_does_not_end_the_keeper, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test_setup_teardown(threads_that_ask_at_once_each_get_their_own_answer, keeper_fixture_setup, keeper_fixture_teardown),
        cmocka_unit_test_setup_teardown(without_its_keeper_the_server_gets_errors_and_no_keys, keeper_fixture_setup, keeper_fixture_teardown),
    };

    if (sodium_init() < 0)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
