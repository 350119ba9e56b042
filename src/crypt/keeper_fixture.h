// SPDX-License-Identifier: MPL-2.0
// A keeper with a key file in a folder of its own. For tests.
#pragma once

#include "crypt/keeper.h"

#include <sys/types.h>

struct keeper_fixture {
    char folder[64];
    char key_file[96];
    struct keeper *keeper;
};

int keeper_fixture_setup(void **state);
int keeper_fixture_teardown(void **state);

// The child of this process that is the keeper.
pid_t keeper_child_of_this_process(void);
