// SPDX-License-Identifier: MPL-2.0
// Secrets that people copy by hand: starting passwords and recovery codes.
#include "feature/local/local.h"

#include "base/random.h"
#include "feature/local/local_sql.h"

#include <errno.h>
#include <sodium.h>

#define MEBIBYTE      ((size_t)1 << 20)
#define MEBIBYTES_MIN 19
#define MEBIBYTES_MAX 1024
#define PASSES_MIN    2
#define PASSES_MAX    20

// Without i, l, o and u, which are taken for others (D. Crockford, "Base 32").
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct str local_secret(struct arena *arena, int groups, int length)
{
    size_t len = (size_t)(groups * (length + 1) - 1), at = 0;
    uint8_t random[64];
    char *text = arena_alloc(arena, len + 1);
    if (!text || len > sizeof(random))
        return (struct str){ NULL, 0 };
    random_bytes(random, sizeof(random));
    for (size_t i = 0; i < len; i++)
        text[i] = (i + 1) % (size_t)(length + 1) == 0 ? '-' : digits[random[at++] & 31];
    sodium_memzero(random, sizeof(random));
    return (struct str){ text, len };
}

struct str local_secret_read(struct arena *arena, struct str text)
{
    char *read = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    if (!read)
        return (struct str){ NULL, 0 };
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        read[len++] = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
    }
    return (struct str){ read, len };
}

int local_cost_read(const struct config *config, struct local_cost *ret_cost)
{
    // 64 MiB and 3 passes: the second choice of RFC 9106, section 4, for where memory is scarce; with one lane, since each runs on one thread here.
    struct local_cost cost;
    int result = config_int(config, "local.password_mebibytes", MEBIBYTES_MIN, MEBIBYTES_MAX, 64, &cost.mebibytes);
    if (result == 0)
        result = config_int(config, "local.password_passes", PASSES_MIN, PASSES_MAX, 3, &cost.passes);
    if (result == 0)
        *ret_cost = cost;
    return result;
}

int local_hash(struct arena *arena, const struct local_cost *cost, struct str secret, struct str *ret_hash)
{
    char hash[crypto_pwhash_argon2id_STRBYTES];
    struct str read = local_secret_read(arena, secret);
    if (!read.ptr || crypto_pwhash_argon2id_str(hash, read.ptr, read.len, (unsigned long long)cost->passes, (size_t)cost->mebibytes * MEBIBYTE) != 0)
        return -ENOMEM;
    *ret_hash = arena_str(arena, str_from(hash));
    return ret_hash->ptr ? 0 : -ENOMEM;
}

bool local_hash_fits(struct arena *arena, const struct local_cost *cost, struct str hash, struct str secret)
{
    struct str read = local_secret_read(arena, secret), terminated = arena_str(arena, hash);
    if (!read.ptr || !terminated.ptr)
        return false;
    if (hash.len)
        return crypto_pwhash_argon2id_str_verify(terminated.ptr, read.ptr, read.len) == 0;
    // Nobody can tell by the time it takes whether a name is known.
    uint8_t waste[16], salt[crypto_pwhash_argon2id_SALTBYTES] = { 0 };
    if (crypto_pwhash_argon2id(waste, sizeof(waste), read.ptr, read.len, salt, (unsigned long long)cost->passes, (size_t)cost->mebibytes * MEBIBYTE,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
        sodium_memzero(waste, sizeof(waste));
    return false;
}

// The person is in it: a code moved to another's account in the database is none.
static int code_hash(const struct account_scene *scene, int64_t person, struct str code, uint8_t ret_hash[LOOKUP_BYTES])
{
    struct str read = local_secret_read(scene->arena, code);
    struct str text = read.ptr ? arena_format(scene->arena, "code\n%lld\n%.*s", (long long)person, (int)read.len, read.ptr) : read;
    if (!text.ptr)
        return -ENOMEM;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, text, ret_hash);
    return 0;
}

static int add_code(const struct account_scene *scene, int64_t person, struct str *ret_code)
{
    uint8_t hash[LOOKUP_BYTES];
    struct str code = local_secret(scene->arena, LOCAL_CODE_GROUPS, LOCAL_CODE_LENGTH);
    int result = code.ptr ? code_hash(scene, person, code, hash) : -ENOMEM;
    if (result < 0)
        return result;
    int64_t rows = sql_local_code_add(scene->db, &(struct sql_local_code_add_in){ .code = bytes_from(hash, sizeof(hash)), .person = person });
    *ret_code = code;
    return rows < 0 ? (int)rows : 0;
}

int local_codes_make(const struct account_scene *scene, int64_t person, struct str ret_codes[LOCAL_CODES])
{
    int64_t rows = sql_local_codes_remove(scene->db, &(struct sql_local_codes_remove_in){ .person = person });
    int result = rows < 0 ? (int)rows : 0;
    for (size_t i = 0; result == 0 && i < LOCAL_CODES; i++)
        result = add_code(scene, person, &ret_codes[i]);
    return result;
}

int local_code_use(const struct account_scene *scene, int64_t person, struct str code)
{
    uint8_t hash[LOOKUP_BYTES];
    int result = code_hash(scene, person, code, hash);
    if (result < 0)
        return result;
    int64_t rows = sql_local_code_use(scene->db, &(struct sql_local_code_use_in){
        .code = bytes_from(hash, sizeof(hash)), .person = person, .now = scene->now });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ENOENT;
}

int local_codes_state(const struct account_scene *scene, int64_t person, int64_t *ret_left, int64_t *ret_used)
{
    struct sql_local_codes_state row;
    int result = sql_local_codes_state(scene->db, scene->arena, &(struct sql_local_codes_state_in){ .person = person }, &row);
    if (result < 0)
        return result;
    *ret_left = row.left_over;
    *ret_used = row.used_null ? 0 : row.used;
    return 0;
}
