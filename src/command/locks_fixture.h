// SPDX-License-Identifier: MPL-2.0
// A dialogue of Emil with Anne, and Lone who sees it from its third message on but holds all keys, so that what is seen hangs on the number alone.
#pragma once

#include "feature/dialogue/dialogue.h"

#define EMIL 101
#define ANNE 102
#define LONE 103
#define KARIM 104
#define AISHA 107
#define INVITATION 700
#define UNIT 7
#define FIRST 3   // Lone sees from here on
#define LAST 4

struct fixture {
    char folder[64], key[96], shares[96], database[96];
    struct keeper *keeper;
    struct dialogue_scene scene;
    struct dialogue *anne;
    int64_t file[LAST + 1];   // by the post that it stands in
};

// For cmocka: *state is the fixture; its scene is in a write transaction.
int locks_setup(void **state);
int locks_teardown(void **state);

struct dialogue *locks_open_as(struct fixture *fixture, int64_t person);

// Adds a file that waits for Anne's next message; its id.
int64_t locks_add_file(struct fixture *fixture);
