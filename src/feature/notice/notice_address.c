// SPDX-License-Identifier: MPL-2.0
#include "feature/notice/notice_address.h"

#include "base/encode.h"
#include "base/random.h"
#include "feature/notice/notice.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>

#define TOKEN_BYTES 24

enum stage { STAGE_UNSET, STAGE_CONFIRMED, STAGE_WISHED };

static struct seal_place address_place(int64_t person, enum stage stage)
{
    return (struct seal_place){ .type = SEAL_ADDRESS, .object = person, .version = stage };
}

static int seal_address(const struct dialogue_scene *scene, int64_t person, enum stage stage, struct str plain, struct bytes *ret_sealed)
{
    struct seal_place place = address_place(person, stage);
    return plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, ret_sealed) : -ENOMEM;
}

static int open_address(const struct dialogue_scene *scene, int64_t person, enum stage stage, struct bytes sealed, struct str *ret_plain)
{
    struct seal_place place = address_place(person, stage);
    struct bytes plain;
    int result = unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain);
    if (result == 0)
        *ret_plain = bytes_str(plain);
    return result;
}

int notice_address_get(const struct dialogue_scene *scene, int64_t person, struct notice_address *ret_address)
{
    struct sql_notice_address row;
    struct notice_address address = { 0 };
    int result = sql_notice_address(scene->db, scene->arena, &(struct sql_notice_address_in){ .person = person }, &row);
    if (result == 0)
        result = open_address(scene, person, STAGE_CONFIRMED, row.sealed, &address.address);
    if (result < 0)
        return result;
    address.confirmed = row.confirmed;
    address.refused = row.refused_null ? 0 : row.refused;
    *ret_address = address;
    return 0;
}

// What is sealed of a wish: the address, a line feed, the secret.
static int open_wish(const struct dialogue_scene *scene, int64_t expires, struct bytes sealed, struct notice_wish *wish)
{
    struct str plain;
    if (expires <= scene->now)
        return -ENOENT;
    int result = open_address(scene, wish->person, STAGE_WISHED, sealed, &plain);
    if (result < 0)
        return result;
    wish->address = str_cut(&plain, '\n');
    wish->token = plain;
    return 0;
}

int notice_wish_get(const struct dialogue_scene *scene, int64_t person, struct notice_wish *ret_wish)
{
    struct sql_notice_wish row;
    int result = sql_notice_wish(scene->db, scene->arena, &(struct sql_notice_wish_in){ .person = person }, &row);
    if (result < 0)
        return result;
    struct notice_wish wish = { .person = person, .mail = row.mail, .made = row.made };
    result = open_wish(scene, row.expires, row.sealed, &wish);
    if (result == 0)
        *ret_wish = wish;
    return result;
}

int notice_wish_find(const struct dialogue_scene *scene, struct str token, struct notice_wish *ret_wish)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_notice_wish_by_token row;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, token, hash);
    int result = sql_notice_wish_by_token(scene->db, scene->arena, &(struct sql_notice_wish_by_token_in){ .token = bytes_from(hash, sizeof(hash)) }, &row);
    if (result < 0)
        return result;
    struct notice_wish wish = { .person = row.person };
    result = open_wish(scene, row.expires, row.sealed, &wish);
    if (result == 0)
        *ret_wish = wish;
    return result;
}

// How many links the person has had sent today, this one included. -EAGAIN when that is too many.
static int count_today(const struct dialogue_scene *scene, int64_t person, int64_t *ret_count)
{
    struct sql_notice_wish row;
    int result = sql_notice_wish(scene->db, scene->arena, &(struct sql_notice_wish_in){ .person = person }, &row);
    if (result < 0 && result != -ENOENT)
        return result;
    *ret_count = result == 0 && row.day == scene->now / DAY_MS ? row.day_count + 1 : 1;
    return *ret_count > WISHES_A_DAY ? -EAGAIN : 0;
}

static int add_entry(const struct dialogue_scene *scene, int64_t person, int64_t id)
{
    struct seal_place place = { .type = SEAL_OUTBOX, .object = id };
    struct bytes sealed;
    int result = seal(keyring_directory(scene->keys), &place, str_bytes(STR("-")), scene->arena, &sealed);
    return result < 0 ? result : outbox_add(scene->db, &(struct outbox_entry){ .id = id, .kind = OUTBOX_MAIL, .purpose = NOTICE_FOR_CONFIRMATION,
        .person = person, .made = scene->now, .due = scene->now, .sealed = sealed });
}

int notice_address_ask(const struct dialogue_scene *scene, int64_t person, struct str address)
{
    uint8_t secret[TOKEN_BYTES], hash[LOOKUP_BYTES];
    int64_t count, mail = id_new(scene->now);
    struct bytes sealed;
    random_bytes(secret, sizeof(secret));
    struct str token = encode_base64url(scene->arena, bytes_from(secret, sizeof(secret)));
    int result = token.ptr ? count_today(scene, person, &count) : -ENOMEM;
    if (result == 0)
        result = seal_address(scene, person, STAGE_WISHED, arena_format(scene->arena, "%.*s\n%.*s", (int)address.len, address.ptr, (int)token.len, token.ptr),
            &sealed);
    if (result == 0)
        result = add_entry(scene, person, mail);
    if (result < 0)
        return result;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, token, hash);
    int64_t rows = sql_notice_wish_put(scene->db, &(struct sql_notice_wish_put_in){ .person = person, .mail = mail,
        .token = bytes_from(hash, sizeof(hash)), .made = scene->now, .expires = scene->now + WISH_MS, .day = scene->now / DAY_MS, .day_count = count,
        .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static int end_wish(const struct dialogue_scene *scene, int64_t person, bool forgiven)
{
    int64_t rows = sql_notice_wish_end(scene->db, &(struct sql_notice_wish_end_in){ .person = person, .now = scene->now, .forgiven = forgiven });
    return rows < 0 ? (int)rows : 0;
}

int notice_wish_end(const struct dialogue_scene *scene, int64_t person)
{
    return end_wish(scene, person, false);
}

int notice_wish_confirm(const struct dialogue_scene *scene, const struct notice_wish *wish)
{
    struct bytes sealed;
    int result = seal_address(scene, wish->person, STAGE_CONFIRMED, wish->address, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_notice_address_put(scene->db, &(struct sql_notice_address_put_in){
        .person = wish->person, .confirmed = scene->now, .sealed = sealed });
    return rows < 0 ? (int)rows : end_wish(scene, wish->person, true);
}

int notice_address_remove(const struct dialogue_scene *scene, int64_t person)
{
    int64_t rows = sql_notice_address_remove(scene->db, &(struct sql_notice_address_remove_in){ .person = person });
    return rows < 0 ? (int)rows : notice_wish_end(scene, person);
}
