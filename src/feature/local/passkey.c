// SPDX-License-Identifier: MPL-2.0
#include "feature/local/passkey.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/random.h"
#include "crypt/seal.h"
#include "feature/local/local_sql.h"

#include <errno.h>
#include <sodium.h>

#define CHALLENGE_BYTES 32
#define FIRST_VERSION   1

struct row {
    int64_t id, person, version;
    struct bytes credential, sealed;
};

#define ROW_OF(r) { .id = (r).id, .person = (r).person, .version = (r).version, .credential = (r).credential, .sealed = (r).sealed }

static struct seal_place passkey_place(int64_t id, int64_t version)
{
    return (struct seal_place){ .type = SEAL_PASSKEY, .object = id, .version = version };
}

static void credential_hash(const struct account_scene *scene, struct bytes credential, uint8_t ret_hash[LOOKUP_BYTES])
{
    keyring_lookup(scene->keys, LOOKUP_TOKEN, bytes_str(credential), ret_hash);
}

// Sealed, a line each: person, algorithm, credential, key, counter, created, used; the rest is the name.
static int seal_passkey(const struct account_scene *scene, const struct passkey *passkey, struct bytes *ret_sealed)
{
    struct str credential = encode_base64url(scene->arena, passkey->key.credential), key = encode_base64url(scene->arena, passkey->key.key);
    if (!credential.ptr || !key.ptr)
        return -ENOMEM;
    struct str plain = arena_format(scene->arena, "%lld\n%d\n%.*s\n%.*s\n%lld\n%lld\n%lld\n%.*s", (long long)passkey->person, -(int)passkey->key.algorithm,
        (int)credential.len, credential.ptr, (int)key.len, key.ptr, (long long)passkey->counter, (long long)passkey->created, (long long)passkey->used,
        (int)passkey->name.len, passkey->name.ptr);
    struct seal_place place = passkey_place(passkey->id, passkey->version);
    return plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, ret_sealed) : -ENOMEM;
}

static int read_numbers(struct str *rest, int64_t *const into[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_to_int(str_cut(rest, '\n'), into[i]) < 0)
            return -EBADMSG;
    }
    return 0;
}

static int read_plain(const struct account_scene *scene, struct bytes plain, struct passkey *passkey)
{
    struct str rest = bytes_str(plain);
    int64_t algorithm;
    int result = read_numbers(&rest, (int64_t *const[]){ &passkey->person, &algorithm }, 2);
    struct str credential = str_cut(&rest, '\n'), key = str_cut(&rest, '\n');
    if (result == 0)
        result = decode_base64url(scene->arena, credential, &passkey->key.credential);
    if (result == 0)
        result = decode_base64url(scene->arena, key, &passkey->key.key);
    if (result == 0)
        result = read_numbers(&rest, (int64_t *const[]){ &passkey->counter, &passkey->created, &passkey->used }, 3);
    if (result < 0)
        return result == -ENOMEM ? result : -EBADMSG;
    passkey->key.algorithm = (enum webauthn_algorithm)-algorithm;
    passkey->name = rest;
    return 0;
}

// -EBADMSG for a row that says another person or credential than was sealed: somebody has changed it.
static int open_row(const struct account_scene *scene, const struct row *row, struct passkey *ret_passkey)
{
    uint8_t hash[LOOKUP_BYTES];
    struct bytes plain;
    struct passkey passkey = { .id = row->id, .version = row->version };
    struct seal_place place = passkey_place(row->id, row->version);
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    if (result == 0)
        result = read_plain(scene, plain, &passkey);
    if (result < 0)
        return result;
    credential_hash(scene, passkey.key.credential, hash);
    if (passkey.person != row->person || !str_equal(bytes_str(row->credential), bytes_str(bytes_from(hash, sizeof(hash)))))
        return -EBADMSG;
    *ret_passkey = passkey;
    return 0;
}

int passkey_find(const struct account_scene *scene, struct bytes credential, struct passkey *ret_passkey)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_local_passkey_by_credential found;
    credential_hash(scene, credential, hash);
    int result = sql_local_passkey_by_credential(scene->db, scene->arena,
        &(struct sql_local_passkey_by_credential_in){ .credential = bytes_from(hash, sizeof(hash)) }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_passkey);
}

int passkey_get(const struct account_scene *scene, int64_t person, int64_t id, struct passkey *ret_passkey)
{
    struct sql_local_passkey_by_id found;
    int result = sql_local_passkey_by_id(scene->db, scene->arena, &(struct sql_local_passkey_by_id_in){ .id = id, .person = person }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_passkey);
}

int passkey_list(const struct account_scene *scene, int64_t person, const struct passkey **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_local_passkeys_of found;
    size_t count = 0;
    struct passkey *list = arena_array(scene->arena, LOCAL_PASSKEYS_MAX, sizeof(*list));
    int result = list ? sql_local_passkeys_of(scene->db, &(struct sql_local_passkeys_of_in){ .person = person, .count = LOCAL_PASSKEYS_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < LOCAL_PASSKEYS_MAX && (result = sql_local_passkeys_of_next(stmt, &found)) == 1) {
        struct row row = ROW_OF(found);
        result = open_row(scene, &row, &list[count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int passkey_add(const struct account_scene *scene, const struct passkey *passkey, int64_t *ret_id)
{
    uint8_t hash[LOOKUP_BYTES];
    const struct passkey *list;
    size_t count;
    struct bytes sealed;
    struct passkey made = *passkey;
    struct passkey other;
    int result = passkey_list(scene, passkey->person, &list, &count);
    if (result == 0 && count == LOCAL_PASSKEYS_MAX)
        result = -E2BIG;
    // Asked before, not found out by an insert that fails: the caller may want to commit what it did until then.
    if (result == 0)
        result = passkey_find(scene, passkey->key.credential, &other);
    if (result != -ENOENT)
        return result == 0 ? -EEXIST : result;
    made.id = id_new(scene->now);
    made.version = FIRST_VERSION;
    made.created = scene->now;
    made.used = 0;
    result = seal_passkey(scene, &made, &sealed);
    if (result < 0)
        return result;
    credential_hash(scene, made.key.credential, hash);
    int64_t rows = sql_local_passkey_add(scene->db, &(struct sql_local_passkey_add_in){
        .id = made.id, .person = made.person, .credential = bytes_from(hash, sizeof(hash)), .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    *ret_id = made.id;
    return 0;
}

int passkey_used(const struct account_scene *scene, const struct passkey *passkey, int64_t counter)
{
    struct bytes sealed;
    struct passkey next = *passkey;
    // Section 7.2, step 21: both 0 means that it does not count.
    if ((counter || passkey->counter) && counter <= passkey->counter)
        return -ESTALE;
    next.counter = counter;
    next.used = scene->now;
    next.version++;
    int result = seal_passkey(scene, &next, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_local_passkey_change(scene->db, &(struct sql_local_passkey_change_in){
        .id = next.id, .was = passkey->version, .version = next.version, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ESTALE;
}

int passkey_remove(const struct account_scene *scene, int64_t id)
{
    int64_t rows = sql_local_passkey_remove(scene->db, &(struct sql_local_passkey_remove_in){ .id = id });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ENOENT;
}

void passkey_handle(const struct account_scene *scene, int64_t person, uint8_t ret_handle[PASSKEY_HANDLE])
{
    uint8_t bound[16] = "passkey";
    memcpy(bound + 8, &person, sizeof(person));
    keyring_lookup(scene->keys, LOOKUP_LOGIN, bytes_str(bytes_from(bound, sizeof(bound))), ret_handle);
}

// The challenge's hash is bound into what it seals.
static struct seal_place challenge_place(const uint8_t hash[LOOKUP_BYTES])
{
    int64_t object;
    memcpy(&object, hash, sizeof(object));
    return (struct seal_place){ .type = SEAL_CHALLENGE, .object = object };
}

int passkey_challenge_make(const struct account_scene *scene, const struct passkey_challenge *what, struct str *ret_challenge)
{
    uint8_t random[CHALLENGE_BYTES], hash[LOOKUP_BYTES];
    struct bytes sealed;
    random_bytes(random, sizeof(random));
    struct str challenge = encode_base64url(scene->arena, bytes_from(random, sizeof(random))), browser = encode_hex(scene->arena, what->browser);
    if (!challenge.ptr || !browser.ptr)
        return -ENOMEM;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, challenge, hash);
    struct str plain = arena_format(scene->arena, "%d\n%lld\n%lld\n%.*s", (int)what->purpose, (long long)what->person, (long long)what->version,
                                    (int)browser.len, browser.ptr);
    struct seal_place place = challenge_place(hash);
    int result = plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, &sealed) : -ENOMEM;
    if (result < 0)
        return result;
    int64_t rows = sql_local_challenge_sweep(scene->db, &(struct sql_local_challenge_sweep_in){ .before = scene->now - PASSKEY_CHALLENGE_MS });
    if (rows >= 0)
        rows = sql_local_challenge_add(scene->db, &(struct sql_local_challenge_add_in){
            .challenge = bytes_from(hash, sizeof(hash)), .created = scene->now, .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    *ret_challenge = challenge;
    return 0;
}

static int open_challenge(const struct account_scene *scene, const uint8_t hash[LOOKUP_BYTES], struct bytes sealed, struct passkey_challenge *ret_challenge)
{
    struct bytes plain;
    int64_t purpose;
    struct passkey_challenge challenge = { .purpose = PASSKEY_UNSET };
    struct seal_place place = challenge_place(hash);
    int result = unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    result = read_numbers(&rest, (int64_t *const[]){ &purpose, &challenge.person, &challenge.version }, 3);
    if (result == 0)
        result = decode_hex(scene->arena, rest, &challenge.browser);
    challenge.purpose = (enum passkey_purpose)purpose;
    if (result == 0)
        *ret_challenge = challenge;
    return result;
}

int passkey_challenge_take(const struct account_scene *scene, struct str challenge, enum passkey_purpose purpose, struct bytes browser,
                           struct passkey_challenge *ret_challenge)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_local_challenge_get row;
    struct passkey_challenge kept;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, challenge, hash);
    int result = sql_local_challenge_get(scene->db, scene->arena, &(struct sql_local_challenge_get_in){ .challenge = bytes_from(hash, sizeof(hash)) }, &row);
    if (result == 0)
        result = open_challenge(scene, hash, row.sealed, &kept);
    if (result < 0)
        return result;
    if (kept.purpose != purpose || kept.browser.len != browser.len || sodium_memcmp(kept.browser.ptr, browser.ptr, browser.len) != 0)
        return -ENOENT;
    int64_t rows = sql_local_challenge_remove(scene->db, &(struct sql_local_challenge_remove_in){ .challenge = bytes_from(hash, sizeof(hash)) });
    if (rows < 0)
        return (int)rows;
    // One that lies in the future was made under a clock that was wrong.
    bool in_time = scene->now >= row.created && scene->now - row.created <= PASSKEY_CHALLENGE_MS;
    *ret_challenge = kept;
    return rows == 1 && in_time ? 0 : -ENOENT;
}
