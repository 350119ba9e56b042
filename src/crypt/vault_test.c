// SPDX-License-Identifier: MPL-2.0
#include "crypt/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct vault_place newest = { .dialogue = 12, .before = 51, .count = 50 };

static int setup(void **state)
{
    struct vault *vault;
    int result = sodium_init() < 0 ? -1 : vault_new(&vault);
    *state = result == 0 ? vault : NULL;
    return result;
}

static int teardown(void **state)
{
    vault_free(*state);
    return 0;
}

static void put(struct vault *vault, const struct vault_place *place, int64_t content, const char *text, int64_t now)
{
    size_t size = strlen(text) + 1;
    char *room = vault_keep(vault, place, content, size, now);
    assert_non_null(room);
    memcpy(room, text, size);
}

static void what_was_put_is_found_at_its_place_only(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Blåbær", 1000);
    assert_string_equal(vault_find(vault, &newest, 7, 2000), "Blåbær");
    const struct vault_place others[] = {
        { .dialogue = 13, .before = 51, .count = 50 }, { .dialogue = 12, .before = 50, .count = 50 },
        { .dialogue = 12, .before = 51, .count = 49 }, { .dialogue = 12, .before = 51, .first = 20, .count = 50 },
        { .dialogue = 12, .after = 51, .count = 50 },
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_null(vault_find(vault, &others[i], 7, 2000));
}

static void a_change_makes_it_vanish_for_good(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Før", 1000);
    assert_null(vault_find(vault, &newest, 8, 1000));
    assert_null(vault_find(vault, &newest, 7, 1000));
    put(vault, &newest, 8, "Efter", 1000);
    assert_string_equal(vault_find(vault, &newest, 8, 1000), "Efter");
}

static void what_a_request_holds_stays_until_it_ends(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Før", 1000);
    const char *held = vault_find(vault, &newest, 7, 1000);
    put(vault, &newest, 8, "Efter", 1000);
    assert_string_equal(held, "Før");
    vault_trim(vault, 0, 1000);
    assert_string_equal(vault_find(vault, &newest, 8, 1000), "Efter");
}

static void what_comes_after_finds_nothing_of_what_was_there(void **state)
{
    struct vault *vault = *state;
    const size_t sizes[] = { 1, 64, 4096, 5000, 20000, 41000, VAULT_SIZE_MAX };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *first = vault_keep(vault, &newest, 7, sizes[i], 1000);
        assert_non_null(first);
        memset(first, 'x', sizes[i]);
        assert_null(vault_find(vault, &newest, 8, 1000));
        vault_trim(vault, 0, 1000);
        uint8_t *second = vault_keep(vault, &newest, 8, sizes[i], 1000);
        assert_ptr_equal(second, first);
        assert_true(sodium_is_zero(second, sizes[i]));
        assert_null(vault_find(vault, &newest, 9, 1000));
        vault_trim(vault, 0, 1000);
    }
}

static void behind_a_piece_is_nothing(void **state)
{
    struct vault *vault = *state;
    for (size_t size = 1; size <= VAULT_SIZE_MAX; size += 997) {
        uintptr_t end = (uintptr_t)vault_keep(vault, &newest, 7, size, 1000) + size;
        assert_true((4096 - end % 4096) % 4096 < 64);
        vault_trim(vault, 0, 1000);
    }
}

static void nothing_is_kept_for_longer_than_its_time_however_often_it_is_asked_for(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Blåbær", 1000);
    for (int64_t now = 1000; now <= 1000 + VAULT_MS; now += VAULT_MS / 10)
        assert_non_null(vault_find(vault, &newest, 7, now));
    assert_null(vault_find(vault, &newest, 7, 1001 + VAULT_MS));
}

static void trimming_alone_ends_the_time_too(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Blåbær", 1000);
    vault_trim(vault, 0, 2000 + VAULT_MS);
    assert_null(vault_find(vault, &newest, 7, 1000));
}

static void when_keys_are_destroyed_everything_goes(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Blåbær", 1000);
    vault_trim(vault, 0, 1000);
    assert_non_null(vault_find(vault, &newest, 7, 1000));
    vault_trim(vault, 1, 1000);
    assert_null(vault_find(vault, &newest, 7, 1000));
}

static void it_has_a_bound_and_gives_up_what_was_used_longest_ago(void **state)
{
    struct vault *vault = *state;
    size_t found = 0;
    for (int64_t dialogue = 1; dialogue <= 4 * VAULT_PLACES; dialogue++) {
        put(vault, &(struct vault_place){ .dialogue = dialogue, .before = 51, .count = 50 }, 1, "x", dialogue);
        vault_trim(vault, 0, dialogue);
    }
    for (int64_t dialogue = 1; dialogue <= 4 * VAULT_PLACES; dialogue++)
        found += vault_find(vault, &(struct vault_place){ .dialogue = dialogue, .before = 51, .count = 50 }, 1, 2000) != NULL;
    assert_in_range(found, VAULT_PLACES / 2, VAULT_PLACES);
    assert_non_null(vault_find(vault, &(struct vault_place){ .dialogue = 4 * VAULT_PLACES, .before = 51, .count = 50 }, 1, 2000));
    assert_null(vault_keep(vault, &newest, 1, VAULT_SIZE_MAX + 1, 1000));
}

// The kernel's flags of the mapping that holds an address: "lo" locked, "dd" in no dump.
static bool has_flag(const void *address, const char *flag)
{
    char line[1024];
    bool here = false, found = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (unsigned long)address >= from && (unsigned long)address < to;
        if (here && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, flag) != NULL;
    }
    (void)fclose(maps);
    return found;
}

static void it_is_in_no_core_dump(void **state)
{
    struct vault *vault = *state;
    put(vault, &newest, 7, "Blåbær", 1000);
    assert_true(has_flag(vault_find(vault, &newest, 7, 1000), " dd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_is_found_at_its_place_only, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_makes_it_vanish_for_good, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_request_holds_stays_until_it_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_after_finds_nothing_of_what_was_there, setup, teardown),
        cmocka_unit_test_setup_teardown(behind_a_piece_is_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_kept_for_longer_than_its_time_however_often_it_is_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(trimming_alone_ends_the_time_too, setup, teardown),
        cmocka_unit_test_setup_teardown(when_keys_are_destroyed_everything_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(it_has_a_bound_and_gives_up_what_was_used_longest_ago, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_in_no_core_dump, setup, teardown),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
