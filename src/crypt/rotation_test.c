// SPDX-License-Identifier: MPL-2.0
// A new master key: what opens with which, and what a crash leaves.
#include "crypt/keeper_message.h"
#include "crypt/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#define KEY_FILE "master.key"
#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct fixture {
    char folder[64];
    char key_file[96];
    struct keeper *keeper;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-keeper-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->key_file, sizeof(fixture->key_file), "%s/%s", fixture->folder, KEY_FILE);
    *state = fixture;
    return keeper_create_key(fixture->key_file) || keeper_start(fixture->key_file, &fixture->keeper);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    keeper_stop(fixture->keeper);
    unlink(fixture->key_file);
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

// A share for a dialogue and a key that is wrapped with it.
static void wrap_one(struct keeper *keeper, int64_t newest, int64_t *ret_share, uint8_t key[32], uint8_t wrapped[KEEPER_WRAPPED])
{
    randombytes_buf(key, 32);
    assert_int_equal(keeper_take_share(keeper, newest, ret_share), 0);
    assert_int_equal(keeper_wrap_shared(keeper, *ret_share, key, str_bytes(STR("place")), wrapped), 0);
}

static void assert_opens(struct keeper *keeper, int64_t share, const uint8_t wrapped[KEEPER_WRAPPED], const uint8_t key[32])
{
    uint8_t opened[32];

    assert_int_equal(keeper_unwrap_shared(keeper, share, bytes_from(wrapped, KEEPER_WRAPPED), str_bytes(STR("place")), opened), 0);
    assert_memory_equal(opened, key, 32);
}

static void admission(const struct key_file *file, const struct keeper_versions *versions, uint8_t box[KEEPER_ADMISSION_BOX])
{
    uint8_t plain[KEEPER_ADMISSION] = { 0 };

    plain[3] = (uint8_t)file->masters[1].version;
    memcpy(plain + 4, file->masters[1].key, 32);
    plain[36 + 3] = (uint8_t)file->masters[0].version;
    memcpy(plain + 40, file->masters[0].key, 32);
    assert_int_equal(crypto_box_seal(box, plain, sizeof(plain), versions->box), 0);
}

static uint32_t version_of(const uint8_t wrapped[KEEPER_WRAPPED])
{
    return wrapped[4];
}

// The key file with the next key beside, as samtraad rotate writes it first.
static void bring_next(const struct fixture *fixture, struct key_file *ret_file)
{
    assert_int_equal(key_file_read(fixture->key_file, ret_file), 0);
    key_file_carry(ret_file);
    ret_file->masters[1] = ret_file->masters[0];
    ret_file->masters[0].version++;
    randombytes_buf(ret_file->masters[0].key, 32);
    ret_file->count = 2;
    ret_file->uses_older = true;
}

static void rewrap_all_shares(struct keeper *keeper)
{
    for (int64_t next = 1; next > 0;)
        assert_int_equal(keeper_rewrap_shares(keeper, next, &next), 0);
}

static void after_a_rotation_the_older_key_opens_nothing_and_what_is_derived_stays(void **state)
{
    struct fixture *fixture = *state;
    struct keeper *keeper = fixture->keeper;
    struct keeper_versions versions;
    struct key_file file, before;
    uint8_t key[32], opened[32], wrapped[KEEPER_WRAPPED], anew[KEEPER_WRAPPED], box[KEEPER_ADMISSION_BOX], purpose[32], same[32], public_key[32], public_same[32];
    char shares[128];
    int64_t share;

    snprintf(shares, sizeof(shares), "%s/shares", fixture->folder);
    assert_int_equal(keeper_open_shares(keeper, shares, true), 0);
    wrap_one(keeper, 0, &share, key, wrapped);
    assert_int_equal(keeper_derive(keeper, STR("directory data key"), purpose), 0);
    assert_int_equal(keeper_public_key(keeper, public_key), 0);

    assert_int_equal(key_file_read(fixture->key_file, &before), 0);
    bring_next(fixture, &file);
    assert_int_equal(keeper_versions(keeper, &versions), 0);
    assert_int_equal(versions.newest, 1);

    // Who does not have the present key can't bring another one.
    struct key_file stranger = file;
    stranger.masters[1].key[0] ^= 1;
    admission(&stranger, &versions, box);
    assert_int_equal(keeper_admit(keeper, box), -EBADMSG);
    admission(&file, &versions, box);
    assert_int_equal(keeper_admit(keeper, box), 0);
    assert_int_equal(keeper_admit(keeper, box), -EBADMSG);
    assert_int_equal(keeper_use(keeper), 0);

    assert_opens(keeper, share, wrapped, key);
    assert_int_equal(keeper_destroy_share(keeper, share + 1), 0);
    rewrap_all_shares(keeper);
    assert_true(keeper_share_destroyed(keeper, share + 1));
    assert_opens(keeper, share, wrapped, key);
    assert_int_equal(keeper_rewrap_shared(keeper, share, bytes_from(wrapped, sizeof(wrapped)), str_bytes(STR("elsewhere")), anew), -EBADMSG);
    assert_int_equal(keeper_rewrap_shared(keeper, share, bytes_from(wrapped, sizeof(wrapped)), str_bytes(STR("place")), anew), 0);
    assert_opens(keeper, share, anew, key);

    assert_int_equal(keeper_retire(keeper), 0);
    assert_opens(keeper, share, anew, key);
    assert_int_equal(keeper_unwrap_shared(keeper, share, bytes_from(wrapped, sizeof(wrapped)), str_bytes(STR("place")), opened), -EBADMSG);
    assert_int_equal(keeper_derive(keeper, STR("directory data key"), same), 0);
    assert_memory_equal(purpose, same, 32);

    // Started anew from the new file it is the same; from the old one it is not.
    file.count = 1;
    file.uses_older = false;
    assert_int_equal(key_file_replace(fixture->key_file, &file), 0);
    keeper_stop(keeper);
    assert_int_equal(keeper_start(fixture->key_file, &fixture->keeper), 0);
    assert_int_equal(keeper_open_shares(fixture->keeper, shares, false), 0);
    assert_opens(fixture->keeper, share, anew, key);
    assert_int_equal(keeper_derive(fixture->keeper, STR("directory data key"), same), 0);
    assert_memory_equal(purpose, same, 32);
    assert_int_equal(keeper_public_key(fixture->keeper, public_same), 0);
    assert_memory_equal(public_key, public_same, 32);
    assert_int_equal(key_file_replace(fixture->key_file, &before), 0);
    keeper_stop(fixture->keeper);
    assert_int_equal(keeper_start(fixture->key_file, &fixture->keeper), 0);
    assert_int_equal(keeper_open_shares(fixture->keeper, shares, false), 0);
    assert_int_equal(keeper_unwrap_shared(fixture->keeper, share, bytes_from(anew, sizeof(anew)), str_bytes(STR("place")), opened), -EBADMSG);
    unlink(shares);
    snprintf(shares, sizeof(shares), "%s/shares.rewrap", fixture->folder);
    unlink(shares);
}

// Two servers with a keeper each: what one of them wraps opens in the other at each step, whether that was started before or behind it.
static void a_key_that_is_known_wraps_nothing_until_it_is_used(void **state)
{
    struct fixture *fixture = *state;
    struct keeper *late, *keeper = fixture->keeper;
    struct keeper_versions versions;
    struct key_file file;
    uint8_t key[32] = { 7 }, wrapped[KEEPER_WRAPPED], newer[KEEPER_WRAPPED], opened[32], box[KEEPER_ADMISSION_BOX];
    const struct bytes place = str_bytes(STR("place"));

    assert_int_equal(keeper_retire(keeper), 0);
    assert_int_equal(keeper_use(keeper), 0);   // with one key neither does anything
    assert_int_equal(keeper_wrap(keeper, key, place, wrapped), 0);
    assert_int_equal(version_of(wrapped), 1);

    bring_next(fixture, &file);
    assert_int_equal(key_file_replace(fixture->key_file, &file), 0);
    assert_int_equal(keeper_start(fixture->key_file, &late), 0);
    assert_int_equal(keeper_versions(keeper, &versions), 0);
    admission(&file, &versions, box);
    assert_int_equal(keeper_admit(keeper, box), 0);
    struct keeper *const both[] = { keeper, late };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(keeper_versions(both[i], &versions), 0);
        assert_int_equal(versions.newest, 2);
        assert_int_equal(versions.used, 1);
        assert_int_equal(versions.lowest, 1);
        assert_int_equal(keeper_wrap(both[i], key, place, wrapped), 0);
        assert_int_equal(version_of(wrapped), 1);
        assert_true(keeper_is_current(both[i], wrapped));
        assert_int_equal(keeper_retire(both[i]), -EINVAL);   // what wraps is not forgotten
    }

    assert_int_equal(keeper_use(keeper), 0);
    assert_int_equal(keeper_use(keeper), 0);
    assert_int_equal(keeper_versions(keeper, &versions), 0);
    assert_int_equal(versions.used, 2);
    assert_int_equal(keeper_wrap(keeper, key, place, newer), 0);
    assert_int_equal(version_of(newer), 2);
    assert_false(keeper_is_current(keeper, wrapped));
    assert_int_equal(keeper_unwrap(late, bytes_from(newer, sizeof(newer)), place, opened), 0);
    assert_int_equal(keeper_unwrap(keeper, bytes_from(wrapped, sizeof(wrapped)), place, opened), 0);
    keeper_stop(late);

    // Who starts once it is used uses it.
    file.uses_older = false;
    assert_int_equal(key_file_replace(fixture->key_file, &file), 0);
    assert_int_equal(keeper_start(fixture->key_file, &late), 0);
    assert_int_equal(keeper_wrap(late, key, place, newer), 0);
    assert_int_equal(version_of(newer), 2);
    assert_int_equal(keeper_retire(late), 0);
    assert_int_equal(keeper_unwrap(late, bytes_from(wrapped, sizeof(wrapped)), place, opened), -EBADMSG);
    keeper_stop(late);
}

// A file of shares in a folder of its own, and some bytes for what may stand there.
struct place {
    char folder[64], file[96], note_file[112];
    uint8_t list[3 * SHARE_BYTES], other[3 * SHARE_BYTES];
    struct shares *shares;
};

static void place_make(struct place *place)
{
    snprintf(place->folder, sizeof(place->folder), "/tmp/samtraad-shares-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->file, sizeof(place->file), "%s/shares", place->folder);
    snprintf(place->note_file, sizeof(place->note_file), "%s.rewrap", place->file);
    randombytes_buf(place->list, sizeof(place->list));
    randombytes_buf(place->other, sizeof(place->other));
    assert_int_equal(shares_open(place->file, true, &place->shares), 0);
}

static void place_remove(struct place *place)
{
    shares_close(place->shares);
    unlink(place->file);
    unlink(place->note_file);
    assert_int_equal(rmdir(place->folder), 0);
}

// As two servers have them open. The first dies while it replaces; here it only leaves what that would leave: its note, and one share half old and half new.
static void what_a_server_left_half_replaced_another_finishes_before_it_does_anything(void **unused)
{
    uint8_t there[SHARE_BYTES], note[32 + 2 * SHARE_BYTES + 32] = "samtraad rewrap1";
    struct place place;

    place_make(&place);
    note[16 + 7] = 1;
    note[16 + 15] = 2;
    memcpy(note + 32, place.other, 2 * SHARE_BYTES);
    crypto_generichash(note + sizeof(note) - 32, 32, note, sizeof(note) - 32, NULL, 0);
    assert_int_equal(shares_append(place.shares, place.list, 2), 0);
    int fd = open(place.file, O_WRONLY), note_fd = open(place.note_file, O_RDWR);

    // Found by who reads.
    assert_int_equal(pwrite(fd, place.other, 40, 16), 40);
    assert_int_equal(pwrite(note_fd, note, sizeof(note), 0), sizeof(note));
    assert_int_equal(shares_refresh(place.shares), 0);
    assert_int_equal(shares_get(place.shares, 1, there), 0);
    assert_memory_equal(there, place.other, SHARE_BYTES);

    // Destroyed meanwhile: it does not come back from the note.
    assert_int_equal(pwrite(note_fd, note, sizeof(note), 0), sizeof(note));
    assert_int_equal(shares_destroy(place.shares, 2), 0);
    assert_int_equal(shares_refresh(place.shares), 0);
    assert_int_equal(shares_get(place.shares, 2, there), -ENOENT);

    // Who read them before that replaces nothing, or it would come back from there.
    assert_int_equal(shares_replace(place.shares, 1, place.other, place.list, 2), -EAGAIN);
    assert_int_equal(shares_get(place.shares, 2, there), -ENOENT);
    assert_int_equal(shares_get(place.shares, 1, there), 0);
    assert_memory_equal(there, place.other, SHARE_BYTES);
    close(fd);
    close(note_fd);
    place_remove(&place);
}

static void a_share_that_another_server_died_replacing_opens_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[32], wrapped[KEEPER_WRAPPED], note[32 + SHARE_BYTES + 32] = "samtraad rewrap1", torn[SHARE_BYTES];
    char shares[96], note_file[112];
    int64_t share;

    snprintf(shares, sizeof(shares), "%s/shares", fixture->folder);
    snprintf(note_file, sizeof(note_file), "%s.rewrap", shares);
    assert_int_equal(keeper_open_shares(fixture->keeper, shares, true), 0);
    wrap_one(fixture->keeper, 0, &share, key, wrapped);
    assert_int_equal(share, 1);
    int fd = open(shares, O_RDWR), note_fd = open(note_file, O_RDWR);
    note[16 + 7] = 1;
    note[16 + 15] = 1;
    assert_int_equal(pread(fd, note + 32, SHARE_BYTES, 16), SHARE_BYTES);
    crypto_generichash(note + 32 + SHARE_BYTES, 32, note, 32 + SHARE_BYTES, NULL, 0);
    assert_int_equal(pwrite(note_fd, note, sizeof(note), 0), sizeof(note));
    memcpy(torn, note + 32, SHARE_BYTES);
    memset(torn + 40, 1, 40);
    assert_int_equal(pwrite(fd, torn, SHARE_BYTES, 16), SHARE_BYTES);
    assert_opens(fixture->keeper, share, wrapped, key);

    // What nobody is replacing opens no more for it.
    assert_int_equal(pwrite(fd, torn, SHARE_BYTES, 16), SHARE_BYTES);
    uint8_t opened[32];
    assert_int_equal(keeper_unwrap_shared(fixture->keeper, share, bytes_from(wrapped, sizeof(wrapped)), str_bytes(STR("place")), opened), -EBADMSG);
    close(fd);
    close(note_fd);
    unlink(shares);
    unlink(note_file);
}

static void a_crash_while_shares_are_replaced_leaves_all_of_the_old_or_all_of_the_new(void **unused)
{
    uint8_t there[SHARE_BYTES], note[4096], zeros[4096] = { 0 };
    struct place place;

    place_make(&place);
    assert_int_equal(shares_append(place.shares, place.list, 3), 0);
    assert_int_equal(shares_replace(place.shares, 1, place.list, place.list, 4), -EINVAL);
    assert_int_equal(shares_replace(place.shares, 2, place.list + SHARE_BYTES, place.other, 2), 0);

    // The note is wiped; put back as it was before the overwriting, it is carried out; cut short or changed, it is not.
    int fd = open(place.note_file, O_RDWR);
    ssize_t len = read(fd, note, sizeof(note));
    assert_int_equal(len, 16 + 16 + 2 * SHARE_BYTES + 32);
    assert_memory_equal(note, zeros, (size_t)len);
    memcpy(note, "samtraad rewrap1", 16);
    note[16 + 7] = 1;
    note[16 + 15] = 2;
    memcpy(note + 32, place.other, 2 * SHARE_BYTES);
    crypto_generichash(note + 32 + 2 * SHARE_BYTES, 32, note, 32 + 2 * SHARE_BYTES, NULL, 0);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(pwrite(fd, zeros, (size_t)len, 0), len);
        assert_int_equal(pwrite(fd, note, (size_t)(round == 0 ? len - 1 : len), 0), round == 0 ? len - 1 : len);
        if (round == 1)
            assert_int_equal(pwrite(fd, "x", 1, 40), 1);
        shares_close(place.shares);
        assert_int_equal(shares_open(place.file, false, &place.shares), 0);
        assert_int_equal(shares_get(place.shares, 1, there), 0);
        assert_memory_equal(there, round < 2 ? place.list : place.other, SHARE_BYTES);
        assert_int_equal(pread(fd, note + 2048, (size_t)len, 0), len);
        assert_memory_equal(note + 2048, zeros, (size_t)len);
    }
    close(fd);
    place_remove(&place);
}

static void a_key_file_of_the_second_form_is_read_as_it_was_written(void **unused)
{
    struct key_file file = { .count = 2, .masters = { { 7, { 7 } }, { 6, { 6 } } } }, again;
    char text[KEY_FILE_MAX];

    key_file_carry(&file);
    size_t len = key_file_format(&file, text);
    assert_int_equal(key_file_parse((struct str){ text, len }, &again), 0);
    assert_memory_equal(&file, &again, sizeof(file));
    assert_false(again.uses_older);
    file.uses_older = true;
    len = key_file_format(&file, text);
    assert_int_equal(key_file_parse((struct str){ text, len }, &again), 0);
    assert_memory_equal(&file, &again, sizeof(file));
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(key_file_parse((struct str){ text, cut }, &again) == 0 && text[cut - 1] != '\n', 0);
    static const char *const wrong[] = { "", "\n", "samtraad master key 2\n", "samtraad master key 2\nkey 0 aa\n", "samtraad master key 3\nkey 1 \n",
                                        "samtraad master key 2\nkey 2 " DIGITS "\nuse 2\n", "samtraad master key 2\nkey 2 " DIGITS "\nkey 1 " DIGITS "\nuse 2\n",
                                        "samtraad master key 2\nkey 2 " DIGITS "\nkey 1 " DIGITS "\nuse 1\nuse 1\n" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(key_file_parse(str_from(wrong[i]), &again), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(after_a_rotation_the_older_key_opens_nothing_and_what_is_derived_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_is_known_wraps_nothing_until_it_is_used, setup, teardown),
        cmocka_unit_test_setup_teardown(a_share_that_another_server_died_replacing_opens_all_the_same, setup, teardown),
        cmocka_unit_test(what_a_server_left_half_replaced_another_finishes_before_it_does_anything),
        cmocka_unit_test(a_crash_while_shares_are_replaced_leaves_all_of_the_old_or_all_of_the_new),
        cmocka_unit_test(a_key_file_of_the_second_form_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
