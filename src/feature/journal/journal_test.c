// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "feature/journal/journal_layout.h"
#include "feature/journal/journal_steps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static uint8_t large[100000];

static const struct journal_file files[] = {
    { "package.json", { large, sizeof(large) } },
    { "manifest.json", { (const uint8_t *)"{\"entry\":\"1\"}", 13 } },
};
static const struct journal_parcel parcel = { "samtraad-1", files, 2 };

struct place {
    char path[64];
    struct journal_adapter *adapter;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    if (!place)
        return -1;
    snprintf(place->path, sizeof(place->path), "/tmp/samtraad-journal-XXXXXX");
    *state = place;
    return mkdtemp(place->path) ? journal_folder_new(place->path, &place->adapter) : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", place->path);
    place->adapter->free(place->adapter);
    int result = system(command);
    free(place);
    return result;
}

static size_t entries(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (folder)
        closedir(folder);
    return count;
}

static int64_t size_of(const struct place *place, const char *name)
{
    struct stat status;
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", place->path, name);
    return stat(path, &status) < 0 ? -errno : status.st_size;
}

static void a_parcel_is_there_whole_and_once(void **state)
{
    const struct place *place = *state;
    assert_int_equal(place->adapter->deliver(place->adapter, &parcel), 0);
    assert_int_equal(size_of(place, "samtraad-1/package.json"), sizeof(large));
    assert_int_equal(place->adapter->deliver(place->adapter, &parcel), 0);
    assert_int_equal(entries(place->path), 1);
    struct journal_file other[] = { files[0], { "manifest.json", { (const uint8_t *)"{}", 2 } } };
    assert_int_equal(place->adapter->deliver(place->adapter, &(struct journal_parcel){ "samtraad-1", other, 2 }), -EEXIST);
    assert_int_equal(size_of(place, "samtraad-1/manifest.json"), 13);
}

// A file may not grow beyond a bound: to the program the same as a disk that is full.
static void on_a_full_disk_nothing_half_is_left_and_later_it_comes(void **state)
{
    const struct place *place = *state;
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = { 50000, 50000 };
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(place->adapter->deliver(place->adapter, &parcel) == -EFBIG ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(entries(place->path), 0);
    assert_int_equal(place->adapter->deliver(place->adapter, &parcel), 0);
}

static void what_an_earlier_try_left_is_cleared_away(void **state)
{
    const struct place *place = *state;
    char path[200];
    snprintf(path, sizeof(path), "%s/.samtraad-1.part", place->path);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.samtraad-1.part/package.json", place->path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "half", 4), 4);
    close(fd);
    assert_int_equal(place->adapter->deliver(place->adapter, &parcel), 0);
    assert_int_equal(entries(place->path), 1);
    assert_int_equal(size_of(place, "samtraad-1/package.json"), sizeof(large));
}

static void a_receipt_that_is_a_link_elsewhere_is_not_read(void **state)
{
    const struct place *place = *state;
    _cleanup_(buf_free) struct buf text = buf_bounded(JOURNAL_RECEIPT_MAX);
    char path[200];
    assert_int_equal(place->adapter->receipt(place->adapter, "samtraad-1", &text), -ENOENT);
    snprintf(path, sizeof(path), "%s/samtraad-1.receipt.json", place->path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(place->adapter->receipt(place->adapter, "samtraad-1", &text), -ELOOP);
    assert_int_equal(text.len, 0);
}

static void a_receipt_is_taken_only_in_its_form(void **unused)
{
    static const char *const wrong[] = {
        "", "null", "[]", "{\"entry\":\"7\"}", "{\"entry\":\"8\",\"state\":\"accepted\"}", "{\"entry\":7,\"state\":\"accepted\"}",
        "{\"entry\":\"7\",\"state\":\"ACCEPTED\"}", "{\"entry\":\"7\",\"state\":\"accepted\",\"case\":5}",
        "{\"entry\":\"7\",\"state\":\"accepted\",\"message\":\"a\\nb\"}", "{\"entry\":\"7\",\"state\":\"accepted\",\"message\":\"a\\u202eb\"}",
    };
    struct arena *arena;
    enum journal_state found;
    struct journal_receipt receipt;
    assert_int_equal(arena_new(1 << 16, &arena), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(journal_receipt_read(str_from(wrong[i]), 7, arena, &found, &receipt), -EBADMSG);
    assert_int_equal(journal_receipt_read(STR("{\"entry\":\"7\",\"state\":\"refused\",\"case\":null,\"message\":\"nej\",\"more\":[1]}"), 7, arena, &found, &receipt), 0);
    assert_int_equal(found, JOURNAL_REFUSED);
    assert_int_equal(receipt.case_number.len, 0);
    assert_true(str_equal(receipt.message, STR("nej")));
    arena_free(arena);
}

static void what_is_no_pdf_of_ours_gets_no_language(void **unused)
{
    static const char *const wrong[] = { "", "%PDF-1.5\n", "/Root 9 /Info 9 /Size 9 startxref\n9", "/Root 99999999999999999999 0 R\n" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        _cleanup_(buf_free) struct buf pdf = buf_bounded(1000);
        buf_str(&pdf, str_from(wrong[i]));
        assert_int_equal(journal_catalog(LANGUAGE_DANISH, &pdf), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_parcel_is_there_whole_and_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(on_a_full_disk_nothing_half_is_left_and_later_it_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_earlier_try_left_is_cleared_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_receipt_that_is_a_link_elsewhere_is_not_read, set_up, tear_down),
        cmocka_unit_test(a_receipt_is_taken_only_in_its_form),
        cmocka_unit_test(what_is_no_pdf_of_ours_gets_no_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
