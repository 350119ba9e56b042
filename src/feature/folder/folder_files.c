// SPDX-License-Identifier: MPL-2.0
// Pictures and files in the file: within it where they are small enough, otherwise by name, size and hash.
#include "base/encode.h"
#include "base/log.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_part.h"
#include "feature/folder/folder_view.h"
#include "feature/folder/folder_write.h"

#include <errno.h>
#include <sodium.h>

#define HASH crypto_hash_sha256_BYTES

static bool fits(const struct folder_part *part, const struct file *file, enum file_part which, int64_t most)
{
    int64_t bytes = file->parts[which].bytes;
    return bytes > 0 && bytes <= (int64_t)FOLDER_FILE_MAX && part->embedded + bytes <= most;
}

// Which part of a file goes in; FILE_PART_UNSET: it is only listed.
static enum file_part choose(const struct folder_part *part, const struct file *file)
{
    if (file->kind == FILE_PLAIN)
        return fits(part, file, FILE_WHOLE, FOLDER_EMBED_MAX) ? FILE_WHOLE : FILE_PART_UNSET;
    if (fits(part, file, FILE_LARGE, FOLDER_EMBED_MAX / 2))
        return FILE_LARGE;
    if (fits(part, file, FILE_MIDDLE, FOLDER_EMBED_MAX))
        return FILE_MIDDLE;
    return fits(part, file, FILE_SMALL, FOLDER_EMBED_MAX) ? FILE_SMALL : FILE_PART_UNSET;
}

static int digest(void *context, struct bytes chunk)
{
    return crypto_hash_sha256_update(context, chunk.ptr, chunk.len) == 0 ? 0 : -EIO;
}

// The hash of what is only listed. False when it can't be told.
static bool look_at(struct folder_part *part, const struct file *file, enum file_part which, uint8_t ret_hash[HASH], bool *ret_unreadable)
{
    crypto_hash_sha256_state state;
    if (part->looked_at + file->parts[which].bytes > FOLDER_LOOK_MAX)
        return false;
    part->looked_at += file->parts[which].bytes;
    crypto_hash_sha256_init(&state);
    *ret_unreadable = file_walk(part->request->app, file, which, digest, &state) < 0;
    crypto_hash_sha256_final(&state, ret_hash);
    return !*ret_unreadable;
}

static void put_picture(struct folder_part *part, const struct file *file, enum file_part which, struct bytes bytes)
{
    const struct file_shape *shape = &file->parts[which];
    buf_format(&part->html, "<img width=\"%u\" height=\"%u\" alt=\"", shape->width, shape->height);
    html_text(&part->html, file->about.len ? file->about : file->name);
    buf_lit(&part->html, "\" src=\"data:image/webp;base64,");
    folder_base64(&part->html, bytes);
    buf_lit(&part->html, "\">\n");
}

// The address holds the bytes; the browser keeps them under the name and never shows them.
static void put_download(struct folder_part *part, const struct file *file, struct bytes bytes)
{
    buf_lit(&part->html, "<a class=\"file__name\" download=\"");
    html_text(&part->html, file->name);
    buf_lit(&part->html, "\" href=\"data:application/octet-stream;base64,");
    folder_base64(&part->html, bytes);
    buf_lit(&part->html, "\">");
    html_text(&part->html, file->name);
    buf_lit(&part->html, "</a>\n");
}

static void put_data(struct folder_part *part, const struct file *file, enum file_part which, const struct folder_view_file *view)
{
    static const char *const names[FILE_PARTS] = { [FILE_WHOLE] = "whole", [FILE_SMALL] = "small", [FILE_MIDDLE] = "middle", [FILE_LARGE] = "large" };
    json_out_open(&part->values, '{');
    folder_put_id(part, "id", file->id);
    folder_put_text(part, "name", file->name);
    folder_put_text(part, "kind", file->kind == FILE_PICTURE ? STR("picture") : STR("file"));
    folder_put_text(part, "about", file->about);
    folder_put_text(part, "part", str_from(names[which]));
    folder_put_int(part, "bytes", file->parts[which].bytes);
    folder_put_text(part, "sha256", view->hash);
    json_out_key(&part->values, STR("included"));
    json_out_bool(&part->values, !view->listed);
    json_out_close(&part->values, '}');
}

// A file that is damaged on the disk is told of, and does not keep its owner from the rest.
static int put_file(struct folder_part *part, const struct dialogue *dialogue, const struct file *file)
{
    enum file_part which = choose(part, file), shown = which;
    uint8_t hash[HASH];
    struct bytes bytes = { NULL, 0 };
    arena_reset(part->bytes);
    struct folder_view_file view = { .id = file->id, .number = dialogue_told_number(dialogue, file->post), .name = file->name, .about = file->about,
                                     .picture = file->kind == FILE_PICTURE, .hash = STR("") };
    bool known = which != FILE_PART_UNSET && file_read(part->request->app, file, which, part->bytes, &bytes) == 0;
    if (known)
        crypto_hash_sha256(hash, bytes.ptr, bytes.len);
    view.listed = !known;
    view.unreadable = !known && which != FILE_PART_UNSET;
    if (which == FILE_PART_UNSET) {
        shown = file->kind == FILE_PICTURE ? FILE_LARGE : FILE_WHOLE;
        known = look_at(part, file, shown, hash, &view.unreadable);
    }
    if (view.unreadable)
        log_event(LOG_ERROR, "folder-file", "file=%lld part=%d", (long long)file->id, (int)shown);
    if (known)
        view.hash = encode_hex(part->bytes, bytes_from(hash, HASH));
    view.size = file_size_text(part->request, file->parts[shown].bytes);
    if (!view.size.ptr || !view.hash.ptr)
        return -ENOMEM;
    part->embedded += view.listed ? 0 : (int64_t)bytes.len;
    buf_format(&part->html, "<figure class=\"file\" id=\"f%lld\">\n", (long long)file->id);
    if (!view.listed && view.picture)
        put_picture(part, file, which, bytes);
    else if (!view.listed)
        put_download(part, file, bytes);
    folder_file_html(&part->out, &view);
    buf_lit(&part->html, "</figure>\n");
    put_data(part, file, shown, &view);
    return request_left(part->request) ? -ECANCELED : folder_flush(part);
}

int folder_part_files(struct folder_part *part, const struct dialogue *dialogue, const struct file *files, size_t count)
{
    int result = 0;
    json_out_key(&part->values, STR("files"));
    json_out_open(&part->values, '[');
    for (size_t i = 0; result == 0 && i < count; i++)
        result = put_file(part, dialogue, &files[i]);
    json_out_close(&part->values, ']');
    return result;
}
