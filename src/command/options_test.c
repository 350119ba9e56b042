// SPDX-License-Identifier: MPL-2.0
#include "command/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static int forget_environment(void **state)
{
    unsetenv("SAMTRAAD_DATA");
    unsetenv("SAMTRAAD_KEY");
    unsetenv("SAMTRAAD_CONFIG");
    unsetenv("PORT");
    return 0;
}

static void the_key_lies_beside_the_folder_unless_said_otherwise(void **state)
{
    char *plain[] = { NULL }, *folder[] = { "--data", "/srv/rebild/", NULL },
         *both[] = { "--data=x", "--key", "/safe/key", NULL };
    struct options options;

    assert_int_equal(options_read(OPTIONS_FOLDER, plain, &options), 0);
    assert_string_equal(options.key, "data.key");
    assert_string_equal(options.database, "data/samtraad.db");
    options_free(&options);
    assert_int_equal(options_read(OPTIONS_FOLDER, folder, &options), 0);
    assert_string_equal(options.key, "/srv/rebild.key");
    assert_string_equal(options.database, "/srv/rebild/samtraad.db");
    options_free(&options);
    assert_int_equal(options_read(OPTIONS_FOLDER, both, &options), 0);
    assert_string_equal(options.data, "x");
    assert_string_equal(options.key, "/safe/key");
    options_free(&options);
}

static void the_command_line_counts_before_the_environment_before_the_file(void **state)
{
    char path[] = "/tmp/samtraad-options-XXXXXX";
    char *file_only[] = { "--config", path, NULL },
         *all[] = { "--config", path, "--port", "3", NULL };
    struct options options;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "port = 1\nworkers = 7\n", 21), 21);
    close(fd);
    assert_int_equal(options_read(OPTIONS_SERVE, file_only, &options), 0);
    assert_string_equal(config_get(options.config, "port", ""), "1");
    assert_string_equal(config_get(options.config, "workers", ""), "7");
    assert_false(options.demo);
    options_free(&options);
    setenv("PORT", "2", 1);
    assert_int_equal(options_read(OPTIONS_SERVE, file_only, &options), 0);
    assert_string_equal(config_get(options.config, "port", ""), "2");
    options_free(&options);
    assert_int_equal(options_read(OPTIONS_SERVE, all, &options), 0);
    assert_string_equal(config_get(options.config, "port", ""), "3");
    options_free(&options);
    unlink(path);
}

static void what_a_command_does_not_know_is_refused(void **state)
{
    char *const wrong[][3] = { { "--prot", "1" },
                               { "--port" },
                               { "--demo=1" },
                               { "word" },
                               { "--config", "/nowhere/at/all" },
                               { "--data", "" } };
    struct options options;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char *arguments[] = { wrong[i][0], wrong[i][1], NULL };

        assert_true(options_read(OPTIONS_SERVE, arguments, &options) < 0);
        options_free(&options);
    }
    assert_int_equal(options_read(OPTIONS_FOLDER, (char *[]){ "--demo", NULL }, &options), -EINVAL);
    options_free(&options);
}

static void demonstration_is_never_on_by_a_file(void **state)
{
    char *demo[] = { "--demo", NULL };
    struct options options;

    assert_int_equal(options_read(OPTIONS_SERVE, demo, &options), 0);
    assert_true(options.demo);
    assert_null(config_get(options.config, "demo", NULL));
    options_free(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_lies_beside_the_folder_unless_said_otherwise),
        cmocka_unit_test(the_command_line_counts_before_the_environment_before_the_file),
        cmocka_unit_test(what_a_command_does_not_know_is_refused),
        cmocka_unit_test(demonstration_is_never_on_by_a_file),
    };

    return cmocka_run_group_tests(tests, forget_environment, NULL);
}
