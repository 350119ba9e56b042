// SPDX-License-Identifier: MPL-2.0
// Files as pages show them.
#include "feature/file/file.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "feature/file/file_name.h"
#include "web/request.h"

#include <errno.h>

static const struct view_field file_fields[] = {
    VIEW_ID(struct file_view, id, "The file."),
    VIEW_INT(struct file_view, number, "The post that it stands in; 0: waits to be sent."),
    VIEW_BOOL(struct file_view, picture, "A picture, to be had as small, middle and large; otherwise a file, as whole."),
    VIEW_STR(struct file_view, name, "Its name."),
    VIEW_STR(struct file_view, about, "What the picture shows."),
    VIEW_STR(struct file_view, type, "\"PDF\"."),
    VIEW_INT(struct file_view, bytes, "Size."),
    VIEW_INT(struct file_view, width, "Of the middle size of a picture."),
    VIEW_INT(struct file_view, height, "Of the middle size of a picture."),
};
const struct view file_json = VIEW("File", struct file_view, file_fields);

// "640 KB", "1,2 MB": a megabyte is 1,024 KB, so that the limit is the round number that was set.
struct str file_size_text(struct request *request, int64_t bytes)
{
    const char *comma = request->language == LANGUAGE_DANISH ? "," : ".";
    int64_t kilobytes = (bytes + 1023) / 1024, tenths = bytes * 10 / (1024 * 1024);
    if (kilobytes < 1024)
        return arena_format(request->arena, "%lld KB", (long long)kilobytes);
    if (tenths < 100 && tenths % 10 != 0)
        return arena_format(request->arena, "%lld%s%lld MB", (long long)(tenths / 10), comma, (long long)(tenths % 10));
    return arena_format(request->arena, "%lld MB", (long long)(tenths / 10));
}

// The extension in capitals; people know files by it.
static struct str type_text(struct request *request, const struct file *file)
{
    struct str extension = file_name_extension(file->name);
    if (extension.len == 0)
        return request_text(request, TEXT("File"));
    struct str copy = arena_str(request->arena, extension);
    for (size_t i = 0; copy.ptr && i < copy.len; i++) {
        char *at = (char *)(uintptr_t)copy.ptr + i;
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    }
    return copy;
}

static int64_t bytes_of(const struct file *file)
{
    if (file->kind == FILE_PICTURE)
        return file->parts[FILE_LARGE].bytes;
    return file->parts[file->kind == FILE_PLAIN ? FILE_WHOLE : FILE_UPLOAD].bytes;
}

int file_show(struct request *request, const struct dialogue *dialogue, const struct file *files, size_t count, const struct file_view **ret_views)
{
    struct file_view *views = arena_array(request->arena, count + 1, sizeof(*views));
    if (!views)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct file *file = &files[i];
        views[i] = (struct file_view){
            .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, file->post), .id = file->id,
            .picture = file->kind == FILE_PICTURE, .arriving = file->kind == FILE_ARRIVING,
            .width = file->parts[FILE_MIDDLE].width, .height = file->parts[FILE_MIDDLE].height, .name = file->name, .about = file->about,
            .type = type_text(request, file), .size = file_size_text(request, bytes_of(file)), .bytes = bytes_of(file),
        };
        if (!views[i].type.ptr || !views[i].size.ptr)
            return -ENOMEM;
    }
    *ret_views = views;
    return 0;
}

static int list_ids(struct request *request, const struct file *files, size_t count, struct str *ret_ids)
{
    _cleanup_(buf_free) struct buf ids = buf_bounded(32 * FILE_POST_MAX);
    for (size_t i = 0; i < count; i++) {
        if (files[i].kind == FILE_ARRIVING)
            continue;
        if (ids.len)
            buf_char(&ids, ' ');
        buf_int(&ids, files[i].id);
    }
    *ret_ids = arena_str(request->arena, buf_view(&ids));
    return ids.error ? ids.error : ret_ids->ptr ? 0 : -ENOMEM;
}

int file_tray_fill(struct request *request, struct dialogue *dialogue, struct file_view_tray *ret_tray)
{
    struct file_view_tray tray = { .dialogue = dialogue->id, .error = STR("") };
    const struct file *files;
    int result = file_waiting(dialogue, &files, &tray.files_count);
    if (result == 0)
        result = file_show(request, dialogue, files, tray.files_count, &tray.files);
    if (result == 0)
        result = list_ids(request, files, tray.files_count, &tray.ids);
    if (result == 0)
        *ret_tray = tray;
    return result;
}
