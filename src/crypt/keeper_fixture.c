// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

int keeper_fixture_setup(void **state)
{
    struct keeper_fixture *fixture = calloc(1, sizeof(*fixture));

    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-keeper-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->key_file, sizeof(fixture->key_file), "%s/master.key", fixture->folder);
    *state = fixture;
    return keeper_create_key(fixture->key_file) || keeper_start(fixture->key_file, &fixture->keeper);
}

int keeper_fixture_teardown(void **state)
{
    struct keeper_fixture *fixture = *state;

    keeper_stop(fixture->keeper);
    unlink(fixture->key_file);
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

pid_t keeper_child_of_this_process(void)
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
