// SPDX-License-Identifier: MPL-2.0
#include "feature/local/local.h"

#include "base/cleanup.h"
#include "crypt/seal.h"
#include "feature/local/local_sql.h"
#include "feature/local/passkey.h"

#include <errno.h>

#define FIRST_VERSION 1

// Before the name that is hashed: no issuer of a login provider begins so.
#define NAME_PREFIX "local\n"

struct row {
    int64_t person, tries, tried, version;
    struct bytes name, sealed;
};

#define ROW_OF(r) { .person = (r).person, .tries = (r).tries, .tried = (r).tried, .version = (r).version, .name = (r).name, .sealed = (r).sealed }

static bool is_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '@';
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool local_name_sound(struct str name)
{
    bool sound = name.len >= 2 && name.len <= LOCAL_NAME_MAX;
    for (size_t i = 0; i < name.len && sound; i++)
        sound = is_name_letter(small(name.ptr[i]));
    return sound;
}

// In small letters; ptr NULL when it can be no name, or memory is exhausted.
static struct str read_name(struct arena *arena, struct str name)
{
    char *letters = local_name_sound(name) ? arena_alloc(arena, name.len + 1) : NULL;
    for (size_t i = 0; letters && i < name.len; i++)
        letters[i] = small(name.ptr[i]);
    return (struct str){ letters, letters ? name.len : 0 };
}

static int name_hash(const struct account_scene *scene, struct str name, uint8_t ret_hash[LOOKUP_BYTES])
{
    struct str text = arena_format(scene->arena, NAME_PREFIX "%.*s", (int)name.len, name.ptr);
    if (!text.ptr)
        return -ENOMEM;
    keyring_lookup(scene->keys, LOOKUP_LOGIN, text, ret_hash);
    return 0;
}

static struct seal_place account_place(int64_t person, int64_t version)
{
    return (struct seal_place){ .type = SEAL_LOCAL_ACCOUNT, .object = person, .version = version };
}

// Sealed: name, what is kept of the password, until when; a line each.
static int open_row(const struct account_scene *scene, const struct row *row, struct local_account *ret_account)
{
    uint8_t hash[LOOKUP_BYTES];
    struct bytes plain;
    struct seal_place place = account_place(row->person, row->version);
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    struct local_account account = { .person = row->person, .tries = row->tries, .tried = row->tried, .version = row->version };
    account.name = str_cut(&rest, '\n');
    account.password = str_cut(&rest, '\n');
    result = str_to_int(rest, &account.password_until) < 0 ? -EBADMSG : name_hash(scene, account.name, hash);
    // A name that was put to another's account in the database is nobody's.
    if (result == 0 && !str_equal(bytes_str(row->name), bytes_str(bytes_from(hash, sizeof(hash)))))
        result = -EBADMSG;
    if (result == 0)
        *ret_account = account;
    return result;
}

static int seal_account(const struct account_scene *scene, const struct local_account *account, struct bytes *ret_sealed)
{
    struct str plain = arena_format(scene->arena, "%.*s\n%.*s\n%lld", (int)account->name.len, account->name.ptr, (int)account->password.len,
                                    account->password.ptr, (long long)account->password_until);
    struct seal_place place = account_place(account->person, account->version);
    return plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, ret_sealed) : -ENOMEM;
}

int local_any(const struct account_scene *scene, bool *ret_any)
{
    struct sql_local_any row;
    int result = sql_local_any(scene->db, scene->arena, &row);
    if (result < 0 && result != -ENOENT)
        return result;
    *ret_any = result == 0;
    return 0;
}

int local_find(const struct account_scene *scene, struct str name, struct local_account *ret_account)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_local_by_name found;
    struct str read = read_name(scene->arena, name);
    if (!read.ptr)
        return -ENOENT;
    int result = name_hash(scene, read, hash);
    if (result == 0)
        result = sql_local_by_name(scene->db, scene->arena, &(struct sql_local_by_name_in){ .name = bytes_from(hash, sizeof(hash)) }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_account);
}

int local_get(const struct account_scene *scene, int64_t person, struct local_account *ret_account)
{
    struct sql_local_by_person found;
    int result = sql_local_by_person(scene->db, scene->arena, &(struct sql_local_by_person_in){ .person = person }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_account);
}

int local_ways(const struct account_scene *scene, int64_t person, struct local_ways *ret_ways)
{
    struct local_account local;
    struct local_ways ways = { 0 };
    const struct passkey *list;
    int result = local_get(scene, person, &local);
    if (result == 0)
        result = passkey_list(scene, person, &list, &ways.passkeys_count);
    if (result == 0)
        result = local_codes_state(scene, person, &ways.codes, &ways.code_used);
    struct local_passkey *passkeys = result == 0 ? arena_array(scene->arena, ways.passkeys_count + 1, sizeof(*passkeys)) : NULL;
    if (!passkeys)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < ways.passkeys_count; i++)
        passkeys[i] = (struct local_passkey){ list[i].name, list[i].created, list[i].used };
    ways.account = local.name;
    ways.passkeys = passkeys;
    *ret_ways = ways;
    return 0;
}

int local_list(const struct account_scene *scene, size_t max, const int64_t **ret_persons, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_local_list row;
    size_t count = 0;
    int64_t *persons = arena_array(scene->arena, max, sizeof(*persons));
    int result = persons ? sql_local_list(scene->db, &(struct sql_local_list_in){ .count = (int64_t)max }, &stmt) : -ENOMEM;
    while (result == 0 && count < max && (result = sql_local_list_next(stmt, &row)) == 1) {
        persons[count++] = row.person;
        result = 0;
    }
    if (result < 0)
        return result;
    *ret_persons = persons;
    *ret_count = count;
    return 0;
}

// Writes the next version of an account, whose name stays.
static int change(const struct account_scene *scene, const struct local_account *account, struct str hash, int64_t until)
{
    struct bytes sealed;
    struct local_account next = *account;
    next.password = hash;
    next.password_until = until;
    next.version++;
    int result = seal_account(scene, &next, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_local_change(scene->db, &(struct sql_local_change_in){
        .person = next.person, .was = account->version, .version = next.version, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -ESTALE;
}

static int add(const struct account_scene *scene, int64_t person, struct str name, struct str hash)
{
    uint8_t lookup[LOOKUP_BYTES];
    struct bytes sealed;
    struct local_account account = { .person = person, .name = read_name(scene->arena, name), .password = hash,
        .password_until = scene->now + LOCAL_PASSWORD_MS, .version = FIRST_VERSION };
    if (!account.name.ptr)
        return -EINVAL;
    int result = name_hash(scene, account.name, lookup);
    if (result == 0)
        result = seal_account(scene, &account, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_local_add(scene->db, &(struct sql_local_add_in){
        .person = person, .name = bytes_from(lookup, sizeof(lookup)), .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static int begin_anew(const struct account_scene *scene, const struct local_account *account, struct str hash)
{
    int64_t rows = sql_local_passkeys_remove(scene->db, &(struct sql_local_passkeys_remove_in){ .person = account->person });
    if (rows >= 0)
        rows = sql_local_codes_remove(scene->db, &(struct sql_local_codes_remove_in){ .person = account->person });
    int result = rows < 0 ? (int)rows : local_sign_out(scene, account->person, (struct bytes){ NULL, 0 });
    return result < 0 ? result : change(scene, account, hash, scene->now + LOCAL_PASSWORD_MS);
}

int local_give(const struct account_scene *scene, int64_t person, struct str name, struct str hash)
{
    struct local_account account;
    int result = local_get(scene, person, &account);
    if (result == -ENOENT)
        return add(scene, person, name, hash);
    return result < 0 ? result : begin_anew(scene, &account, hash);
}

int local_password_end(const struct account_scene *scene, const struct local_account *account)
{
    return change(scene, account, STR(""), 0);
}

bool local_may_try(const struct local_account *account, int64_t now)
{
    bool is_over = now - account->tried > LOCAL_TRIES_MS || account->tried > now;
    return is_over || account->tries < LOCAL_TRIES;
}

int local_note_try(const struct account_scene *scene, const struct local_account *account, bool right)
{
    bool is_over = scene->now - account->tried > LOCAL_TRIES_MS || account->tried > scene->now;
    struct sql_local_tried_in in = { .person = account->person, .tries = is_over ? 1 : account->tries + 1, .tried = is_over ? scene->now : account->tried };
    if (right && account->tries == 0)
        return 0;
    if (right)
        in.tries = 0;
    int64_t rows = sql_local_tried(scene->db, &in);
    return rows < 0 ? (int)rows : 0;
}

int local_sign_out(const struct account_scene *scene, int64_t person, struct bytes but)
{
    static const uint8_t none[1] = { 0 };   // no session's key
    int64_t rows = sql_local_sign_out(scene->db, &(struct sql_local_sign_out_in){
        .person = person, .but = but.len ? but : bytes_from(none, sizeof(none)) });
    return rows < 0 ? (int)rows : 0;
}
