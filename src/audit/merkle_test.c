// SPDX-License-Identifier: MPL-2.0
#include "audit/merkle.h"
#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <openssl/evp.h>

#define MOST 150

static int setup(void **state)
{
    return merkle_hasher_new((struct merkle_hasher **)state);
}

static int teardown(void **state)
{
    merkle_hasher_free(*state);
    return 0;
}

// RFC 6962 section 2.1 word for word: MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n.
static void slow_root(const uint8_t (*entries)[4], size_t n, uint8_t ret_root[32])
{
    uint8_t text[65] = { n == 1 ? 0x00 : 0x01 };
    size_t len = 0;
    size_t k = 1;

    if (n == 1) {
        memcpy(text + 1, entries[0], 4);
        len = 5;
    } else if (n > 1) {
        while (2 * k < n)
            k *= 2;
        slow_root(entries, k, text + 1);
        slow_root(entries + k, n - k, text + 33);
        len = 65;
    }
    assert_int_equal(EVP_Digest(text, len, ret_root, NULL, EVP_sha256(), NULL), 1);
}

static void the_root_is_the_one_of_the_standards_definition_at_each_size(void **state)
{
    uint8_t entries[MOST][4];
    struct merkle tree = { 0 };
    uint8_t root[32], slow[32];

    for (size_t n = 0; n <= MOST; n++) {
        merkle_root(*state, &tree, root);
        slow_root((const uint8_t(*)[4])entries, n, slow);
        assert_memory_equal(root, slow, 32);
        if (n == MOST)
            break;
        memcpy(entries[n], (uint8_t[]){ (uint8_t)n, 7, (uint8_t)(n * n), 1 }, 4);
        merkle_add(*state, &tree, bytes_from(entries[n], 4));
    }
}

// The eight entries and roots that implementations of certificate transparency share.
static void the_root_is_the_one_that_others_compute(void **state)
{
    static const char *const entries[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f" };
    static const char *const roots[] = { [1] = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         [2] = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         [8] = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" };
    struct merkle tree = { 0 };
    uint8_t entry[16], root[32], expected[32];

    for (size_t n = 1; n <= 8; n++) {
        struct str text = str_from(entries[n - 1]);
        assert_int_equal(decode_hex_exact(text, entry, text.len / 2), 0);
        merkle_add(*state, &tree, bytes_from(entry, text.len / 2));
        merkle_root(*state, &tree, root);
        if (roots[n]) {
            assert_int_equal(decode_hex_exact(str_from(roots[n]), expected, 32), 0);
            assert_memory_equal(root, expected, 32);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_root_is_the_one_of_the_standards_definition_at_each_size, setup, teardown),
        cmocka_unit_test_setup_teardown(the_root_is_the_one_that_others_compute, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
