// SPDX-License-Identifier: MPL-2.0
#include "crypt/sealed_file.h"

#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define SIZE ((int64_t)(2 * SEALED_FILE_CHUNK + 1000))
#define SEALED_CHUNK ((int64_t)(SEALED_FILE_CHUNK + SEALED_FILE_OVERHEAD))

struct fixture {
    struct sealed_file file;
    int fd;
    uint8_t *plain, *opened;
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->file = (struct sealed_file){ .file = 4711, .part = 1 };
    sealed_file_key(fixture->file.key);
    fixture->fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    fixture->plain = malloc(SIZE);
    fixture->opened = malloc(SEALED_FILE_CHUNK);
    random_bytes(fixture->plain, SIZE);
    assert_int_equal(sealed_file_write(&fixture->file, fixture->fd, 0, bytes_from(fixture->plain, SIZE)), 0);
    *state = fixture;
    return fixture->fd >= 0 ? 0 : -1;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    close(fixture->fd);
    free(fixture->plain);
    free(fixture->opened);
    free(fixture);
    return 0;
}

static int read_at(struct fixture *fixture, const struct sealed_file *file, int64_t offset)
{
    size_t len;

    return sealed_file_read(file, fixture->fd, SIZE, offset, fixture->opened, &len);
}

static void what_was_written_is_read(void **state)
{
    struct fixture *fixture = *state;
    size_t len;

    for (int64_t offset = 0; offset < SIZE; offset += (int64_t)len) {
        assert_int_equal(sealed_file_read(&fixture->file, fixture->fd, SIZE, offset, fixture->opened, &len), 0);
        assert_memory_equal(fixture->opened, fixture->plain + offset, len);
    }
}

static void another_key_file_or_part_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct sealed_file other = fixture->file;

    other.file++;
    assert_int_equal(read_at(fixture, &other, 0), -EBADMSG);
    other = fixture->file;
    other.part = 2;
    assert_int_equal(read_at(fixture, &other, 0), -EBADMSG);
    other = fixture->file;
    other.key[31] ^= 1;
    assert_int_equal(read_at(fixture, &other, 0), -EBADMSG);
    other = fixture->file;
    sealed_file_forget(&other);
    assert_int_equal(read_at(fixture, &other, 0), -EBADMSG);
    assert_int_equal(read_at(fixture, &fixture->file, 0), 0);
}

static void chunks_that_change_places_do_not_open(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *first = malloc(SEALED_CHUNK), *second = malloc(SEALED_CHUNK);

    assert_int_equal(pread(fixture->fd, first, SEALED_CHUNK, 0), SEALED_CHUNK);
    assert_int_equal(pread(fixture->fd, second, SEALED_CHUNK, SEALED_CHUNK), SEALED_CHUNK);
    assert_int_equal(pwrite(fixture->fd, second, SEALED_CHUNK, 0), SEALED_CHUNK);
    assert_int_equal(pwrite(fixture->fd, first, SEALED_CHUNK, SEALED_CHUNK), SEALED_CHUNK);
    assert_int_equal(read_at(fixture, &fixture->file, 0), -EBADMSG);
    assert_int_equal(read_at(fixture, &fixture->file, SEALED_FILE_CHUNK), -EBADMSG);
    assert_int_equal(read_at(fixture, &fixture->file, 2 * SEALED_FILE_CHUNK), 0);
    free(first);
    free(second);
}

static void no_bit_can_be_changed_and_nothing_be_cut_off(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    uint8_t byte;

    for (int64_t at = 0; at < SEALED_CHUNK; at += 13001) {
        assert_int_equal(pread(fixture->fd, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(fixture->fd, &byte, 1, at), 1);
        assert_int_equal(read_at(fixture, &fixture->file, 0), -EBADMSG);
        byte ^= 4;
        assert_int_equal(pwrite(fixture->fd, &byte, 1, at), 1);
    }
    assert_int_equal(fstat(fixture->fd, &status), 0);
    assert_int_equal(ftruncate(fixture->fd, status.st_size - 1), 0);
    assert_int_equal(read_at(fixture, &fixture->file, 2 * SEALED_FILE_CHUNK), -EBADMSG);
}

static void an_upload_that_a_crash_cut_short_goes_on_from_its_last_whole_chunk(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    int64_t length;

    assert_int_equal(sealed_file_length(fixture->fd, SIZE, &length), 0);
    assert_int_equal(length, SIZE);
    assert_int_equal(fstat(fixture->fd, &status), 0);
    for (int64_t cut = 1; cut < 1000; cut += 333) {
        assert_int_equal(ftruncate(fixture->fd, status.st_size - cut), 0);
        assert_int_equal(sealed_file_length(fixture->fd, SIZE, &length), 0);
        assert_int_equal(length, 2 * SEALED_FILE_CHUNK);
    }
    assert_int_equal(ftruncate(fixture->fd, SEALED_CHUNK - 7), 0);
    assert_int_equal(sealed_file_length(fixture->fd, SIZE, &length), 0);
    assert_int_equal(length, 0);
    assert_int_equal(sealed_file_write(&fixture->file, fixture->fd, 0, bytes_from(fixture->plain, SIZE)), 0);
    assert_int_equal(read_at(fixture, &fixture->file, SEALED_FILE_CHUNK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, begin, end),
        cmocka_unit_test_setup_teardown(another_key_file_or_part_opens_nothing, begin, end),
        cmocka_unit_test_setup_teardown(chunks_that_change_places_do_not_open, begin, end),
        cmocka_unit_test_setup_teardown(no_bit_can_be_changed_and_nothing_be_cut_off, begin, end),
        cmocka_unit_test_setup_teardown(an_upload_that_a_crash_cut_short_goes_on_from_its_last_whole_chunk, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
