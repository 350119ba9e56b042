// SPDX-License-Identifier: MPL-2.0
#include "feature/account/portrait.h"

#include "crypt/seal.h"
#include "feature/account/account_sql.h"

#include <errno.h>

static struct seal_place portrait_place(int64_t person, int64_t version)
{
    return (struct seal_place){ .type = SEAL_PORTRAIT, .object = person, .version = version };
}

int portrait_put(const struct account_scene *scene, int64_t person, struct bytes png)
{
    static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    if (png.len > PORTRAIT_MAX_BYTES)
        return -E2BIG;
    if (png.len < sizeof(signature) || memcmp(png.ptr, signature, sizeof(signature)) != 0)
        return -EINVAL;
    struct bytes sealed;
    struct seal_place place = portrait_place(person, scene->now);
    int result = seal(keyring_directory(scene->keys), &place, png, scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_account_portrait_put(scene->db, &(struct sql_account_portrait_put_in){ .person = person, .version = scene->now, .sealed = sealed });
    if (rows >= 0)
        rows = sql_account_portrait_note(scene->db, &(struct sql_account_portrait_note_in){ .id = person, .portrait = scene->now });
    return rows < 0 ? (int)rows : 0;
}

int portrait_get(const struct account_scene *scene, int64_t person, struct bytes *ret_png)
{
    struct sql_account_portrait_get row;
    int result = sql_account_portrait_get(scene->db, scene->arena, &(struct sql_account_portrait_get_in){ .person = person }, &row);
    if (result < 0)
        return result;
    struct seal_place place = portrait_place(person, row.version);
    return unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, ret_png);
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
        result = sql_account_meet(scene->db, scene->arena, &(struct sql_account_meet_in){ .viewer = viewer, .person = person }, &row);
    if (result == 0)
        *ret_visible = viewer == person || colleague || row.count > 0;
    return result;
}

int account_portrait(const struct account_scene *scene, int64_t person, struct bytes *ret_png)
{
    return portrait_get(scene, person, ret_png);
}
