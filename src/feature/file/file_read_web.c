// SPDX-License-Identifier: MPL-2.0
// How files are opened: through the post that they stand in, or by who is about to send them.
#include "feature/file/file_disk.h"
#include "feature/file/file_html.h"
#include "feature/file/file_view.h"
#include "web/request.h"

#include <errno.h>

static const struct page picture_page = { NULL, file_picture_any, NULL };

// Which part an address names. Others' pictures are only to be had as we made them.
static enum file_part part_of(const struct file *file, struct str name)
{
    static const struct {
        struct str name;
        enum file_part part;
        enum file_kind kind;
    } parts[] = {
        { STR("small"), FILE_SMALL, FILE_PICTURE },
        { STR("middle"), FILE_MIDDLE, FILE_PICTURE },
        { STR("large"), FILE_LARGE, FILE_PICTURE },
        { STR("whole"), FILE_WHOLE, FILE_PLAIN },
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (str_equal(name, parts[i].name) && file->kind == parts[i].kind)
            return parts[i].part;
    }
    return FILE_PART_UNSET;
}

static int send_part(struct request *request, const struct file *file, struct str name)
{
    enum file_part part = part_of(file, name);
    struct source source;
    if (part == FILE_PART_UNSET)
        return -ENOENT;
    int result = file_disk_source(request->app->files_path, file, part, &source);
    if (result < 0)
        return result;
    if (part == FILE_WHOLE)
        return request_file(request, "application/octet-stream", file->name, &source);
    return request_file(request, "image/webp", STR(""), &source);
}

static int note(struct request *request, const struct file *file, enum audit_kind kind)
{
    request->event.kind = kind;
    request->event.object = file->id;
    request->event.first = request->event.last = file->post;
    return 0;
}

static int get_bytes(struct request *request)
{
    struct file file;
    int result = file_of_post(request->entity, request->number[1], request->number[2], &file);
    if (result == 0)
        result = note(request, &file, str_equal(request->part[3], STR("small")) || str_equal(request->part[3], STR("middle")) ? AUDIT_FILE_PREVIEW : AUDIT_FILE_READ);
    return result < 0 ? result : send_part(request, &file, request->part[3]);
}

static int get_picture(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    const struct file_view *views;
    struct file file;
    int result = file_of_post(dialogue, request->number[1], request->number[2], &file);
    if (result == 0 && file.kind != FILE_PICTURE)
        result = -ENOENT;
    if (result == 0)
        result = note(request, &file, AUDIT_FILE_READ);
    if (result == 0)
        result = file_show(request, dialogue, &file, 1, &views);
    if (result < 0)
        return result;
    struct file_view_picture view = { .topic = dialogue->topic, .file = views[0] };
    view.file.width = file.parts[FILE_LARGE].width;
    view.file.height = file.parts[FILE_LARGE].height;
    return request_page(request, &picture_page, file.about.len ? file.about : file.name, &view);
}

static int get_waiting(struct request *request)
{
    struct file file;
    int result = file_waiting_get(request->entity, request->number[1], &file);
    return result < 0 ? result : send_part(request, &file, request->part[2]);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/file/{file#}", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_FILE_READ,
      .load = dialogue_load, .handle = get_picture, .summary = "A picture of a post on a page of its own." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/file/{file#}/{size}", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_FILE_READ,
      .load = dialogue_load, .handle = get_bytes, .summary = "The bytes of a post's file: small, middle or large of a picture, whole of another file." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/file/{file#}/{size}", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE,
      .load = dialogue_load, .handle = get_waiting, .summary = "The bytes of one's own file that has not been sent." },
};
FEATURE(file_read, routes);
