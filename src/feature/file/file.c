// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "crypt/fixed.h"
#include "crypt/seal.h"
#include "feature/file/file_name.h"
#include "feature/file/file_sql.h"

#include <errno.h>
#include <sodium.h>

// What is sealed: format (1 byte = 1) | kind (1) | owner | created | parts: bytes, width, height (8 each) | key (32) | length of the name (8) |
// name | about. Numbers most significant byte first. Owner and creation stand there so that neither can be changed in the row.
#define FORMAT 1
#define HEAD (2 + 2 * 8 + (FILE_PARTS - 1) * 3 * 8 + SEALED_FILE_KEY + 8)

static struct seal_place place_of(const struct dialogue *dialogue, int64_t epoch, const struct file *file)
{
    return (struct seal_place){ .type = SEAL_FILE, .dialogue = dialogue->id, .epoch = epoch, .object = file->id, .version = file->post };
}

static int encode(struct arena *arena, const struct file *file, uint8_t **ret_plain, size_t *ret_len)
{
    size_t len = HEAD + file->name.len + file->about.len;
    uint8_t *plain = arena_alloc(arena, len), *at = plain;
    if (!plain)
        return -ENOMEM;
    *at++ = FORMAT;
    *at++ = (uint8_t)file->kind;
    at = fixed_i64(fixed_i64(at, file->owner), file->created);
    for (int part = FILE_UPLOAD; part < FILE_PARTS; part++) {
        const struct file_shape *shape = &file->parts[part];
        at = fixed_u64(fixed_u64(fixed_i64(at, shape->bytes), shape->width), shape->height);
    }
    at = fixed_put(at, file->key, SEALED_FILE_KEY);
    at = fixed_u64(at, file->name.len);
    at = fixed_put(at, file->name.ptr, file->name.len);
    fixed_put(at, file->about.ptr, file->about.len);
    *ret_plain = plain;
    *ret_len = len;
    return 0;
}

static int64_t take(const uint8_t **at)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | (*at)[i];
    *at += 8;
    return (int64_t)number;
}

// What was sealed comes from encode: anything else is damage, or another row.
static int decode(struct bytes plain, struct file *file)
{
    const uint8_t *at = plain.ptr + 2;
    if (plain.len < HEAD || plain.ptr[0] != FORMAT || take(&at) != file->owner || take(&at) != file->created)
        return -EBADMSG;
    file->kind = (enum file_kind)plain.ptr[1];
    for (int part = FILE_UPLOAD; part < FILE_PARTS; part++) {
        struct file_shape *shape = &file->parts[part];
        shape->bytes = take(&at);
        shape->width = (uint32_t)take(&at);
        shape->height = (uint32_t)take(&at);
    }
    memcpy(file->key, at, SEALED_FILE_KEY);
    at += SEALED_FILE_KEY;
    uint64_t len = (uint64_t)take(&at), left = plain.len - HEAD;
    if (len > left)
        return -EBADMSG;
    file->name = (struct str){ (const char *)at, (size_t)len };
    file->about = (struct str){ (const char *)at + len, (size_t)(left - len) };
    return 0;
}

static int seal_file(struct dialogue *dialogue, const struct file *file, struct bytes *ret_sealed)
{
    struct data_key *key;
    uint8_t *plain = NULL;
    size_t len = 0;
    struct seal_place place = place_of(dialogue, dialogue->epoch, file);
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = encode(dialogue->scene.arena, file, &plain, &len);
    if (result < 0)
        return result;
    result = seal(key, &place, bytes_from(plain, len), dialogue->scene.arena, ret_sealed);
    sodium_memzero(plain, len);
    return result;
}

static int unseal_file(struct dialogue *dialogue, int64_t epoch, struct bytes sealed, struct file *file)
{
    struct data_key *key;
    struct bytes plain;
    struct seal_place place = place_of(dialogue, epoch, file);
    int result = dialogue_key(dialogue, epoch, &key);
    if (result == 0)
        result = unseal(key, &place, sealed, dialogue->scene.arena, &plain);
    return result < 0 ? result : decode(plain, file);
}

int file_new(struct dialogue *dialogue, struct str name, int64_t size, struct file *ret_file)
{
    struct dialogue_scene *scene = &dialogue->scene;
    struct file file = {
        .id = id_new(scene->now), .owner = dialogue->member, .created = scene->now, .kind = FILE_ARRIVING, .about = STR(""),
        .name = file_name_clean(scene->arena, name), .parts[FILE_UPLOAD].bytes = size,
    };
    if (!file.name.ptr)
        return -ENOMEM;
    sealed_file_key(file.key);
    *ret_file = file;
    return 0;
}

int file_add(struct dialogue *dialogue, struct file *file)
{
    const struct file *waiting;
    struct bytes sealed;
    size_t count;
    int result = file_waiting(dialogue, &waiting, &count);
    if (result == 0 && count >= FILE_POST_MAX)
        result = -E2BIG;
    if (result < 0)
        return result;
    file->place = count ? waiting[count - 1].place + 1 : 1;
    result = seal_file(dialogue, file, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_file_add(dialogue->scene.db, &(struct sql_file_add_in){ .id = file->id, .dialogue = dialogue->id, .owner = file->owner, .place = file->place,
                                                                               .created = file->created, .epoch = dialogue->epoch, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

void file_ask_waiting(const struct dialogue_scene *scene, int64_t dialogue, int64_t person)
{
    sql_file_waiting_ask(scene->db, &(struct sql_file_waiting_in){ .dialogue = dialogue, .owner = person });
}

int file_waiting(struct dialogue *dialogue, const struct file **ret_files, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_file_waiting row;
    size_t count = 0;
    struct file *files = arena_array(dialogue->scene.arena, FILE_POST_MAX, sizeof(*files));
    int result = files ? 0 : -ENOMEM;
    if (result == 0)
        result = sql_file_waiting(dialogue->scene.db, &(struct sql_file_waiting_in){ .dialogue = dialogue->id, .owner = dialogue->member }, &stmt);
    while (result == 0 && count < FILE_POST_MAX && (result = sql_file_waiting_next(stmt, &row)) == 1) {
        files[count] = (struct file){ .id = row.id, .owner = dialogue->member, .place = row.place, .created = row.created };
        result = unseal_file(dialogue, row.epoch, row.sealed, &files[count]);
        count += result == 0;
        // From an earlier time here, whose keys one no longer has: it will be forgotten.
        result = result == -ENOENT ? 0 : result;
    }
    if (result < 0)
        return result;
    *ret_files = files;
    *ret_count = count;
    return 0;
}

int file_waiting_get(struct dialogue *dialogue, int64_t id, struct file *ret_file)
{
    struct sql_file_waiting_get row;
    int result = sql_file_waiting_get(dialogue->scene.db, dialogue->scene.arena,
                                      &(struct sql_file_waiting_get_in){ .id = id, .dialogue = dialogue->id, .owner = dialogue->member }, &row);
    if (result < 0)
        return result;
    struct file file = { .id = id, .owner = dialogue->member, .place = row.place, .created = row.created };
    result = unseal_file(dialogue, row.epoch, row.sealed, &file);
    if (result == 0)
        *ret_file = file;
    return result;
}

int file_change(struct dialogue *dialogue, const struct file *file)
{
    struct bytes sealed;
    int result = seal_file(dialogue, file, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_file_change(dialogue->scene.db,
                                   &(struct sql_file_change_in){ .id = file->id, .place = file->place, .epoch = dialogue->epoch, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 0 ? -ENOENT : 0;
}

int file_remove(struct dialogue *dialogue, int64_t id)
{
    int64_t rows = sql_file_remove(dialogue->scene.db, &(struct sql_file_remove_in){ .id = id, .dialogue = dialogue->id, .owner = dialogue->member });
    return rows < 0 ? (int)rows : rows == 0 ? -ENOENT : 0;
}

static int attach(struct dialogue *dialogue, int64_t number, int64_t id, int64_t place)
{
    struct file file;
    struct bytes sealed;
    int result = file_waiting_get(dialogue, id, &file);
    if (result == 0 && file.kind == FILE_ARRIVING)
        result = -EBUSY;
    file.post = number;
    if (result == 0)
        result = seal_file(dialogue, &file, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_file_attach(dialogue->scene.db,
                                   &(struct sql_file_attach_in){ .id = id, .post = number, .place = place, .epoch = dialogue->epoch, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 0 ? -ENOENT : 0;
}

int file_attach(struct dialogue *dialogue, int64_t number, const int64_t *ids, size_t count)
{
    int result = count > FILE_POST_MAX ? -E2BIG : 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = attach(dialogue, number, ids[i], (int64_t)i + 1);
    return result;
}

static bool is_shown(const struct post *posts, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (posts[i].number == number && !posts[i].hidden)
            return true;
    }
    return false;
}

void file_ask_of_posts(struct dialogue *dialogue, int64_t first, int64_t last)
{
    sql_file_of_posts_ask(dialogue->scene.db, &(struct sql_file_of_posts_in){ .dialogue = dialogue->id, .first = first, .last = last });
}

int file_of_posts(struct dialogue *dialogue, const struct post *posts, size_t count, const struct file **ret_files, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_file_of_posts row;
    struct file *files = NULL;
    size_t found = 0, room = count * FILE_POST_MAX;
    if (count == 0) {
        *ret_count = 0;
        return 0;
    }
    int result = sql_file_of_posts(dialogue->scene.db,
        &(struct sql_file_of_posts_in){ .dialogue = dialogue->id, .first = posts[0].number, .last = posts[count - 1].number }, &stmt);
    while (result == 0 && found < room && (result = sql_file_of_posts_next(stmt, &row)) == 1) {
        result = 0;
        if (!is_shown(posts, count, row.post))
            continue;
        if (!files)
            files = arena_array(dialogue->scene.arena, room, sizeof(*files));
        if (!files)
            return -ENOMEM;
        files[found] = (struct file){ .id = row.id, .owner = row.owner, .post = row.post, .place = row.place, .created = row.created };
        result = unseal_file(dialogue, row.epoch, row.sealed, &files[found++]);
    }
    if (result < 0)
        return result;
    *ret_files = files;
    *ret_count = found;
    return 0;
}

int file_count(struct dialogue *dialogue, int64_t *ret_count, int64_t *ret_own)
{
    struct sql_file_count row;
    int result = sql_file_count(dialogue->scene.db, dialogue->scene.arena,
        &(struct sql_file_count_in){ .dialogue = dialogue->id, .owner = dialogue->member, .first = dialogue_first_visible(dialogue) }, &row);
    if (result == 0) {
        *ret_count = row.count;
        *ret_own = row.own;
    }
    return result;
}

int file_of_post(struct dialogue *dialogue, int64_t number, int64_t id, struct file *ret_file)
{
    struct sql_file_of_post row;
    struct post post;
    int result = post_get(dialogue, number, &post);
    if (result == 0 && post.hidden)
        result = -ENOENT;
    if (result == 0)
        result = sql_file_of_post(dialogue->scene.db, dialogue->scene.arena,
                                  &(struct sql_file_of_post_in){ .id = id, .dialogue = dialogue->id, .post = number }, &row);
    if (result < 0)
        return result;
    struct file file = { .id = id, .owner = row.owner, .post = number, .place = row.place, .created = row.created };
    result = unseal_file(dialogue, row.epoch, row.sealed, &file);
    if (result == 0)
        *ret_file = file;
    return result;
}

int file_read_ids(struct str text, int64_t ids[FILE_POST_MAX], size_t *ret_count)
{
    size_t count = 0;
    for (text = str_trim(text); text.len > 0; text = str_trim(text)) {
        if (count == FILE_POST_MAX)
            return -E2BIG;
        if (str_to_int(str_cut(&text, ' '), &ids[count++]) < 0)
            return -EINVAL;
    }
    *ret_count = count;
    return 0;
}
