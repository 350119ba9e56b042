// SPDX-License-Identifier: MPL-2.0
#include "feature/account/portrait.h"

#include "crypt/fixed.h"
#include "crypt/seal.h"
#include "feature/account/account_sql.h"

#include <errno.h>

static struct seal_place portrait_place(int64_t person, int64_t version)
{
    return (struct seal_place){ .type = SEAL_PORTRAIT, .object = person, .version = version };
}

int portrait_put(const struct account_scene *scene, int64_t person, struct bytes picture)
{
    enum picture_kind kind = picture_kind_of(picture);
    if (picture.len > PORTRAIT_MAX_BYTES)
        return -E2BIG;
    if (kind != PICTURE_PNG && kind != PICTURE_WEBP)
        return -EINVAL;
    struct bytes sealed;
    struct seal_place place = portrait_place(person, scene->now);
    int result = seal(keyring_directory(scene->keys), &place, picture, scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_account_portrait_put(scene->db, &(struct sql_account_portrait_put_in){ .person = person, .version = scene->now, .sealed = sealed });
    if (rows >= 0)
        rows = sql_account_portrait_note(scene->db, &(struct sql_account_portrait_note_in){ .id = person, .portrait = scene->now });
    return rows < 0 ? (int)rows : account_shown_changed(scene, person);
}

int portrait_get(const struct account_scene *scene, int64_t person, struct bytes *ret_picture)
{
    struct sql_account_portrait_get row;
    int result = sql_account_portrait_get(scene->db, scene->arena, &(struct sql_account_portrait_get_in){ .person = person }, &row);
    if (result < 0)
        return result;
    struct seal_place place = portrait_place(person, row.version);
    return unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, ret_picture);
}

int portrait_visible(const struct account_scene *scene, int64_t viewer, enum role viewer_role, int64_t person, bool *ret_visible)
{
    struct account account;
    struct sql_account_meet row = { 0 };
    int result = account_get(scene, person, &account);
    if (result < 0)
        return result;
    bool colleague = viewer_role == ROLE_EMPLOYEE && account.role == ROLE_EMPLOYEE;
    if (viewer != person && !colleague)
        result = sql_account_meet(scene->db, scene->arena, &(struct sql_account_meet_in){ .viewer = viewer, .person = person, .now = scene->now }, &row);
    if (result == 0)
        *ret_visible = viewer == person || colleague || row.count > 0;
    return result;
}

int account_portrait(const struct account_scene *scene, int64_t person, struct bytes *ret_picture)
{
    return portrait_get(scene, person, ret_picture);
}

// What is sealed: cut x, y, zoom, width, height (8 bytes each, most significant first) | the picture.
#define SOURCE_HEAD (5 * 8)

static struct seal_place source_place(int64_t person, int64_t version)
{
    return (struct seal_place){ .type = SEAL_PORTRAIT_SOURCE, .object = person, .version = version };
}

int portrait_source_put(const struct account_scene *scene, int64_t person, const struct portrait_source *source)
{
    struct bytes webp = source->picture.webp, sealed;
    const uint64_t numbers[] = { source->cut.x, source->cut.y, source->cut.zoom, source->picture.width, source->picture.height };
    uint8_t *plain = arena_alloc(scene->arena, SOURCE_HEAD + webp.len), *at = plain;
    if (!plain)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        at = fixed_u64(at, numbers[i]);
    fixed_put(at, webp.ptr, webp.len);
    struct seal_place place = source_place(person, scene->now);
    int result = seal(keyring_directory(scene->keys), &place, bytes_from(plain, SOURCE_HEAD + webp.len), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_account_source_put(scene->db, &(struct sql_account_source_put_in){ .person = person, .version = scene->now, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static uint32_t number_at(struct bytes plain, size_t which)
{
    uint32_t number = 0;
    for (size_t i = 4; i < 8; i++)
        number = number << 8 | plain.ptr[8 * which + i];
    return number;
}

int portrait_source_get(const struct account_scene *scene, int64_t person, struct portrait_source *ret_source)
{
    struct sql_account_source_get row;
    struct bytes plain;
    int result = sql_account_source_get(scene->db, scene->arena, &(struct sql_account_source_get_in){ .person = person }, &row);
    if (result < 0)
        return result;
    struct seal_place place = source_place(person, row.version);
    result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    if (plain.len < SOURCE_HEAD)
        return -EBADMSG;
    *ret_source = (struct portrait_source){
        .cut = { number_at(plain, 0), number_at(plain, 1), number_at(plain, 2) },
        .picture = { number_at(plain, 3), number_at(plain, 4), bytes_from(plain.ptr + SOURCE_HEAD, plain.len - SOURCE_HEAD) },
    };
    return 0;
}

int portrait_remove(const struct account_scene *scene, int64_t person)
{
    int64_t rows = sql_account_portrait_forget(scene->db, &(struct sql_account_portrait_forget_in){ .id = person });
    if (rows >= 0)
        rows = sql_account_portrait_remove(scene->db, &(struct sql_account_portrait_remove_in){ .person = person });
    if (rows >= 0)
        rows = sql_account_source_remove(scene->db, &(struct sql_account_source_remove_in){ .person = person });
    return rows < 0 ? (int)rows : account_shown_changed(scene, person);
}
