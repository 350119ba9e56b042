// SPDX-License-Identifier: MPL-2.0
#include "feature/inbox/letter.h"

#include "base/log.h"
#include "feature/inbox/inbox_sql.h"

#include <errno.h>

static struct seal_place place_of(int64_t dialogue)
{
    return (struct seal_place){ .type = SEAL_LETTER, .object = dialogue };
}

int letter_add(const struct account_scene *scene, int64_t dialogue, int64_t unit)
{
    struct seal_place place = place_of(dialogue);
    struct bytes sealed;
    int result = seal(keyring_directory(scene->keys), &place, bytes_from(&unit, sizeof(unit)), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_inbox_letter_add(scene->db, &(struct sql_inbox_letter_add_in){
        .dialogue = dialogue, .unit = unit, .created = scene->now, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

int letter_find(const struct account_scene *scene, int64_t dialogue, int64_t unit)
{
    struct seal_place place = place_of(dialogue);
    struct sql_inbox_letter row;
    struct sql_inbox_taken taken;
    struct bytes plain;
    int result = sql_inbox_letter(scene->db, scene->arena, &(struct sql_inbox_letter_in){ .dialogue = dialogue }, &row);
    if (result == 0)   // what was taken once waits no more, also when somebody puts its row back
        result = sql_inbox_taken(scene->db, scene->arena, &(struct sql_inbox_taken_in){ .dialogue = dialogue }, &taken);
    if (result < 0 || row.unit != unit || taken.count > 0)
        return result < 0 ? result : -ENOENT;
    result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    if (result == 0 && (plain.len != sizeof(unit) || memcmp(plain.ptr, &unit, sizeof(unit)) != 0))
        result = -EBADMSG;
    if (result == -EBADMSG) {
        log_event(LOG_ERROR, "letter-refused", "dialogue=%lld", (long long)dialogue);
        result = -ENOENT;
    }
    return result;
}

int letter_remove(const struct account_scene *scene, int64_t dialogue)
{
    int64_t rows = sql_inbox_letter_remove(scene->db, &(struct sql_inbox_letter_remove_in){ .dialogue = dialogue });
    return rows < 0 ? (int)rows : 0;
}

int inbox_waits(struct request *request, int64_t dialogue, int64_t unit, bool *ret_waits)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    int result = letter_find(&scene, dialogue, unit);
    *ret_waits = result == 0;
    return result == -ENOENT ? 0 : result;
}
