// SPDX-License-Identifier: MPL-2.0
#include "crypt/seal.h"
#include "crypt/data_key.h"
#include "crypt/nonces.h"
#include "crypt/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char folder[64];
    char shares[96];
    char key_file[96];
    struct keeper *keeper;
    struct keyring *keyring;
    struct arena *arena;
};

static const struct seal_place post = { .type = SEAL_POST, .dialogue = 12, .epoch = 1, .object = 3, .version = 1 };
static const struct grant_place anne = { .dialogue = 12, .epoch = 1, .member = 77, .role = 3, .consent = 0, .share = 1 };

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    int64_t share;

    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-seal-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->key_file, sizeof(fixture->key_file), "%s/master.key", fixture->folder);
    snprintf(fixture->shares, sizeof(fixture->shares), "%s/shares", fixture->folder);
    *state = fixture;
    return keeper_create_key(fixture->key_file) || keeper_start(fixture->key_file, &fixture->keeper) ||
           keeper_open_shares(fixture->keeper, fixture->shares, true) || keyring_new(fixture->keeper, &fixture->keyring) ||
           keyring_take_share(fixture->keyring, 0, &share) || share != anne.share || arena_new(16 << 20, &fixture->arena);
}

static int teardown(void **state)
{
    static const char *const names[] = { "master.key", "shares", "shares.rewrap", "other", "other.rewrap" };
    struct fixture *fixture = *state;
    char path[128];

    arena_free(fixture->arena);
    keyring_free(fixture->keyring);
    keeper_stop(fixture->keeper);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

static struct bytes sealed_text(struct fixture *fixture, struct data_key *key, const struct seal_place *place, struct str text)
{
    struct bytes sealed;

    assert_int_equal(seal(key, place, str_bytes(text), fixture->arena, &sealed), 0);
    assert_int_equal(sealed.len, text.len + SEAL_OVERHEAD);
    return sealed;
}

static void what_is_sealed_opens_again(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key;
    struct bytes plain;
    static char text[70000];

    memset(text, 'x', sizeof(text));
    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    for (size_t len = 0; len < 200; len++) {
        struct bytes sealed = sealed_text(fixture, key, &post, (struct str){ text, len });
        assert_int_equal(unseal(key, &post, sealed, fixture->arena, &plain), 0);
        assert_int_equal(plain.len, len);
        assert_memory_equal(plain.ptr, text, len);
        assert_int_equal(plain.ptr[len], 0);
    }
    struct bytes sealed = sealed_text(fixture, key, &post, (struct str){ text, sizeof(text) });
    assert_int_equal(unseal(key, &post, sealed, fixture->arena, &plain), 0);
    assert_memory_equal(plain.ptr, text, sizeof(text));
}

static void the_same_text_sealed_twice_looks_different(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key = keyring_directory(fixture->keyring);
    struct bytes first = sealed_text(fixture, key, &post, STR("Vi ses på fredag."));
    struct bytes second = sealed_text(fixture, key, &post, STR("Vi ses på fredag."));

    assert_memory_not_equal(first.ptr + 1 + COMMITMENT, second.ptr + 1 + COMMITMENT, first.len - 1 - COMMITMENT);
}

static void every_flipped_bit_and_every_cut_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key;
    struct bytes plain = { NULL, 0 };

    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    struct bytes sealed = sealed_text(fixture, key, &post, STR("Jonas kom i skole i dag."));
    uint8_t *bad = arena_alloc(fixture->arena, sealed.len + 1);
    memcpy(bad, sealed.ptr, sealed.len);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(unseal(key, &post, bytes_from(bad, sealed.len), fixture->arena, &plain), -EBADMSG);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sealed.len; len++)
        assert_int_equal(unseal(key, &post, bytes_from(bad, len), fixture->arena, &plain), -EBADMSG);
    assert_int_equal(unseal(key, &post, bytes_from(bad, sealed.len + 1), fixture->arena, &plain), -EBADMSG);
    assert_null(plain.ptr);
    assert_int_equal(unseal(key, &post, bytes_from(bad, sealed.len), fixture->arena, &plain), 0);
}

static void a_row_that_was_moved_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key;
    struct bytes plain;
    const struct seal_place moved[] = {
        { .type = SEAL_TOPIC, .dialogue = 12, .epoch = 1, .object = 3, .version = 1 },
        { .type = SEAL_POST, .dialogue = 13, .epoch = 1, .object = 3, .version = 1 },
        { .type = SEAL_POST, .dialogue = 12, .epoch = 2, .object = 3, .version = 1 },
        { .type = SEAL_POST, .dialogue = 12, .epoch = 1, .object = 4, .version = 1 },
        { .type = SEAL_POST, .dialogue = 12, .epoch = 1, .object = 3, .version = 2 },
        { .type = SEAL_POST, .dialogue = 12, .epoch = 1, .object = 1, .version = 3 },
    };

    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    struct bytes sealed = sealed_text(fixture, key, &post, STR("Jonas kom i skole i dag."));
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
        assert_int_equal(unseal(key, &moved[i], sealed, fixture->arena, &plain), -EBADMSG);
}

// An attacker who knows two keys can make bytes that open under both; the commitment names one.
static void a_value_opens_under_no_other_key(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key, *other;
    struct bytes plain;

    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    assert_int_equal(keyring_create(fixture->keyring, &other), 0);
    struct bytes sealed = sealed_text(fixture, key, &post, STR("Jonas kom i skole i dag."));
    struct bytes under_other = sealed_text(fixture, other, &post, STR("Jonas kom i skole i dag."));
    assert_int_equal(unseal(other, &post, sealed, fixture->arena, &plain), -EBADMSG);
    assert_memory_equal(sealed.ptr + 1, key->commitment, COMMITMENT);
    assert_memory_not_equal(key->commitment, other->commitment, COMMITMENT);

    // Rightly sealed under this key but for the commitment: refused for that alone.
    uint8_t *forged = arena_alloc(fixture->arena, sealed.len);
    memcpy(forged, sealed.ptr, sealed.len);
    memcpy(forged + 1, under_other.ptr + 1, COMMITMENT);
    assert_int_equal(unseal(key, &post, bytes_from(forged, sealed.len), fixture->arena, &plain), -EBADMSG);
}

static void a_member_opens_the_dialogue_with_the_grant_that_was_made_for_them(void **state)
{
    struct fixture *fixture = *state;
    struct keyring *later;
    struct data_key *key, *opened, *again;
    struct bytes wrapped, plain;

    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    struct bytes sealed = sealed_text(fixture, key, &post, STR("Velkommen, Anne."));
    assert_int_equal(keyring_wrap(fixture->keyring, key, &anne, fixture->arena, &wrapped), 0);
    assert_int_equal(wrapped.len, KEEPER_WRAPPED);

    assert_int_equal(keyring_new(fixture->keeper, &later), 0);
    assert_int_equal(keyring_unwrap(later, wrapped, &anne, &opened), 0);
    assert_int_equal(keyring_unwrap(later, wrapped, &anne, &again), 0);
    assert_ptr_equal(opened, again);
    assert_int_equal(unseal(opened, &post, sealed, fixture->arena, &plain), 0);
    assert_memory_equal(plain.ptr, "Velkommen, Anne.", plain.len);
    keyring_free(later);
}

static void a_grant_row_that_was_inserted_copied_or_changed_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key, *opened = NULL;
    struct bytes wrapped;
    uint8_t forged[KEEPER_WRAPPED];
    struct grant_place places[] = { anne, anne, anne, anne, anne };

    places[0].dialogue++;
    places[1].epoch++;
    places[2].member++;
    places[3].role++;
    places[4].consent++;
    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    assert_int_equal(keyring_wrap(fixture->keyring, key, &anne, fixture->arena, &wrapped), 0);
    // Also when the right one is in the cache already.
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(keyring_unwrap(fixture->keyring, wrapped, &places[i], &opened), -EBADMSG);
        for (size_t byte = 0; byte < KEEPER_WRAPPED; byte++) {
            memcpy(forged, wrapped.ptr, sizeof(forged));
            forged[byte] ^= 0x10;
            assert_int_equal(keyring_unwrap(fixture->keyring, bytes_from(forged, sizeof(forged)), &anne, &opened), -EBADMSG);
        }
        randombytes_buf(forged, sizeof(forged));
        assert_int_equal(keyring_unwrap(fixture->keyring, bytes_from(forged, sizeof(forged)), &anne, &opened), -EBADMSG);
        assert_int_equal(keyring_unwrap(fixture->keyring, bytes_from(forged, 79), &anne, &opened), -EBADMSG);
        assert_null(opened);
        assert_int_equal(keyring_unwrap(fixture->keyring, wrapped, &anne, &opened), 0);
        opened = NULL;
    }
}

static void another_installations_key_opens_nothing_of_this_one(void **state)
{
    struct fixture *here = *state;
    struct fixture *there;
    struct data_key *key;
    struct bytes wrapped, plain;

    assert_int_equal(setup((void **)&there), 0);
    assert_int_equal(keyring_create(here->keyring, &key), 0);
    assert_int_equal(keyring_wrap(here->keyring, key, &anne, here->arena, &wrapped), 0);
    struct bytes sealed = sealed_text(here, keyring_directory(here->keyring), &post, STR("Anne Holm"));
    assert_int_equal(keyring_unwrap(there->keyring, wrapped, &anne, &key), -EBADMSG);
    assert_int_equal(unseal(keyring_directory(there->keyring), &post, sealed, there->arena, &plain), -EBADMSG);
    teardown((void **)&there);
}

static void look_ups_are_the_same_each_time_and_tell_nothing_across_kinds(void **state)
{
    struct fixture *fixture = *state;
    struct keyring *later;
    uint8_t first[LOOKUP_BYTES], again[LOOKUP_BYTES], other[LOOKUP_BYTES];

    assert_int_equal(keyring_new(fixture->keeper, &later), 0);
    keyring_lookup(fixture->keyring, LOOKUP_CPR, STR("0101019999"), first);
    keyring_lookup(later, LOOKUP_CPR, STR("0101019999"), again);
    keyring_lookup(later, LOOKUP_LOGIN, STR("0101019999"), other);
    assert_memory_equal(first, again, LOOKUP_BYTES);
    assert_memory_not_equal(first, other, LOOKUP_BYTES);
    keyring_lookup(later, LOOKUP_CPR, STR("0101019998"), other);
    assert_memory_not_equal(first, other, LOOKUP_BYTES);
    keyring_free(later);
}

static void the_keyring_keeps_what_was_used_last_within_its_bound(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key, *opened;
    struct bytes first_wrapped, plain;
    int r = 0;

    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    struct bytes sealed = sealed_text(fixture, key, &post, STR("stadig her"));
    assert_int_equal(keyring_wrap(fixture->keyring, key, &anne, fixture->arena, &first_wrapped), 0);
    assert_int_equal(keyring_unwrap(fixture->keyring, first_wrapped, &anne, &opened), 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    struct data_key *kept;
    assert_int_equal(keyring_unwrap(fixture->keyring, first_wrapped, &anne, &kept), 0);
    assert_ptr_equal(kept, opened);
    keyring_trim(fixture->keyring);
    assert_int_equal(keyring_unwrap(fixture->keyring, first_wrapped, &anne, &kept), 0);
    assert_ptr_equal(kept, opened);
    assert_int_equal(unseal(kept, &post, sealed, fixture->arena, &plain), 0);

    int more = 0;
    while (r == 0 && more++ < 20000)
        r = keyring_create(fixture->keyring, &key);
    assert_int_equal(r, -ENOBUFS);
    assert_int_equal(more, 16384 - 4096 + 1);
    keyring_trim(fixture->keyring);
    assert_int_equal(keyring_unwrap(fixture->keyring, first_wrapped, &anne, &kept), 0);
    assert_int_equal(unseal(kept, &post, sealed, fixture->arena, &plain), 0);
}

// The file as a backup from before would put it back; the grants are what a restored database holds.
static void after_its_share_is_destroyed_a_key_opens_nowhere(void **state)
{
    struct fixture *fixture = *state;
    struct data_key *key, *opened, *other;
    struct bytes wrapped, others;
    struct keyring *later;
    struct grant_place place = anne;
    int64_t second;

    assert_int_equal(keyring_take_share(fixture->keyring, anne.share, &second), 0);
    assert_int_equal(second, anne.share + 1);
    assert_int_equal(keyring_create(fixture->keyring, &key), 0);
    assert_int_equal(keyring_wrap(fixture->keyring, key, &anne, fixture->arena, &wrapped), 0);
    place.share = second;
    assert_int_equal(keyring_wrap(fixture->keyring, key, &place, fixture->arena, &others), 0);
    assert_int_equal(keyring_unwrap(fixture->keyring, wrapped, &place, &opened), -EBADMSG);
    assert_int_equal(keyring_unwrap(fixture->keyring, wrapped, &anne, &opened), 0);
    assert_false(keeper_share_destroyed(fixture->keeper, anne.share));
    assert_int_equal(keeper_destroy_share(fixture->keeper, anne.share), 0);
    assert_true(keeper_share_destroyed(fixture->keeper, anne.share));
    assert_false(keeper_share_destroyed(fixture->keeper, second));

    // The running server: from its next request on. A new one: at once. The other dialogue: as before.
    keyring_trim(fixture->keyring);
    assert_int_equal(keyring_unwrap(fixture->keyring, wrapped, &anne, &opened), -EBADMSG);
    assert_int_equal(keyring_unwrap(fixture->keyring, others, &place, &other), 0);
    assert_int_equal(keyring_wrap(fixture->keyring, other, &anne, fixture->arena, &wrapped), -EBADMSG);
    keeper_stop(fixture->keeper);
    fixture->keeper = NULL;
    keyring_free(fixture->keyring);
    fixture->keyring = NULL;
    assert_int_equal(keeper_start(fixture->key_file, &fixture->keeper), 0);
    assert_int_equal(keyring_new(fixture->keeper, &later), 0);
    assert_int_equal(keyring_unwrap(later, others, &place, &other), -EBADMSG);
    assert_int_equal(keyring_take_share(later, 0, &second), -ENOENT);
    assert_int_equal(keeper_open_shares(fixture->keeper, fixture->shares, false), 0);
    assert_int_equal(keyring_unwrap(later, wrapped, &anne, &opened), -EBADMSG);
    assert_int_equal(keyring_unwrap(later, others, &place, &other), 0);
    // A destroyed one is never given out again.
    assert_int_equal(keyring_take_share(later, 0, &second), 0);
    assert_int_equal(second, anne.share + 1);
    keyring_free(later);
}

static void a_file_of_shares_that_is_none_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct shares *shares;
    uint8_t share[SHARE_BYTES];
    char path[128];

    snprintf(path, sizeof(path), "%s/other", fixture->folder);
    assert_int_equal(shares_open(path, false, &shares), -ENOENT);
    assert_int_equal(shares_open(path, true, &shares), 0);
    assert_int_equal(shares_count(shares), 0);
    assert_int_equal(shares_get(shares, 1, share), -ENOENT);
    memset(share, 7, sizeof(share));
    assert_int_equal(shares_append(shares, share, 1), 0);
    assert_int_equal(shares_destroy(shares, 2), -ENOENT);
    shares_close(shares);
    // A power cut left half of the next one.
    assert_int_equal(truncate(path, 16 + SHARE_BYTES + 40), 0);
    assert_int_equal(shares_open(path, false, &shares), 0);
    assert_int_equal(shares_count(shares), 1);
    assert_int_equal(shares_append(shares, share, 1), 0);
    assert_int_equal(shares_get(shares, 2, share), 0);
    shares_close(shares);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(shares_open(path, false, &shares), -EPERM);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 9), 0);
    assert_int_equal(shares_open(path, false, &shares), -EINVAL);
}

static void a_forked_child_never_takes_a_nonce_of_its_parent(void **state)
{
    struct nonces *nonces;
    uint8_t theirs[NONCE];
    int ends[2];

    assert_int_equal(nonces_new(&nonces), 0);
    nonces_take(nonces);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(write(ends[1], nonces_take(nonces), NONCE) == NONCE ? 0 : 1);
    assert_int_equal(read(ends[0], theirs, NONCE), NONCE);
    assert_memory_not_equal(nonces_take(nonces), theirs, NONCE);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    nonces_free(nonces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sealed_opens_again, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_text_sealed_twice_looks_different, setup, teardown),
        cmocka_unit_test_setup_teardown(every_flipped_bit_and_every_cut_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_that_was_moved_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_opens_under_no_other_key, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_opens_the_dialogue_with_the_grant_that_was_made_for_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grant_row_that_was_inserted_copied_or_changed_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(another_installations_key_opens_nothing_of_this_one, setup, teardown),
        cmocka_unit_test_setup_teardown(look_ups_are_the_same_each_time_and_tell_nothing_across_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(the_keyring_keeps_what_was_used_last_within_its_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(after_its_share_is_destroyed_a_key_opens_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_of_shares_that_is_none_is_refused, setup, teardown),
        cmocka_unit_test(a_forked_child_never_takes_a_nonce_of_its_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
