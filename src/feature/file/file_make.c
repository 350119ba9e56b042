// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_make.h"

#include "feature/file/file_disk.h"
#include "feature/file/file_name.h"
#include "feature/file/file_scan.h"
#include "web/text.h"

const char *file_error_text(int error)
{
    switch (error) {
    case FILE_INFECTED:
        return TEXT("Our virus check found something harmful in the file. So we can't take it.");
    case FILE_UNCHECKED:
        return TEXT("We can't check files for viruses just now. Try again in a little while.");
    case FILE_UNREADABLE:
        return TEXT("We can't read this picture. It may be damaged. Try to take or save it again.");
    case FILE_TOO_MANY_PIXELS:
        return TEXT("This picture is too large for us to show. Make it smaller, and try again.");
    case FILE_UNKNOWN_PICTURE:
        return TEXT("We can't show this kind of picture. Save it as JPEG, and try again. On an iPhone: Settings, Camera, Formats, Most Compatible.");
    case FILE_EMPTY:
        return TEXT("There is nothing in this file. Choose another one.");
    default:
        return NULL;
    }
}

static int put(const struct app *app, struct file *file, enum file_part part, struct bytes plain, uint32_t width, uint32_t height)
{
    int result = file_disk_put(app->files_path, file, part, plain);
    if (result == 0)
        file->parts[part] = (struct file_shape){ .bytes = (int64_t)plain.len, .width = width, .height = height };
    return result;
}

static int picture_error(int error)
{
    if (error == -EINVAL)
        return FILE_UNREADABLE;
    return error == -EFBIG ? FILE_TOO_MANY_PIXELS : error == -EOPNOTSUPP ? FILE_UNKNOWN_PICTURE : error;
}

// Only what we made of it is kept: the sender's own bytes say where and when a picture was taken.
static int make_picture(const struct app *app, struct bytes bytes, struct arena *arena, struct file *file)
{
    static const enum file_part parts[PICTURE_SIZES] = { FILE_SMALL, FILE_MIDDLE, FILE_LARGE };
    struct picture sizes[PICTURE_SIZES];
    int result = picture_error(picture_make(app->spawner, bytes, arena, sizes));
    for (size_t i = 0; i < PICTURE_SIZES && result == 0; i++)
        result = put(app, file, parts[i], sizes[i].webp, sizes[i].width, sizes[i].height);
    if (result == 0)
        file->kind = FILE_PICTURE;
    return result;
}

// 0 as well where there is no scanner.
static int scan(const struct app *app, struct bytes bytes)
{
    if (bytes.len == 0)
        return FILE_EMPTY;
    return app->clamd ? file_scan(app->clamd, bytes) : 0;
}

static int make(const struct app *app, struct bytes bytes, struct arena *arena, struct file *file)
{
    enum picture_kind kind = picture_kind_of(bytes);
    int result = scan(app, bytes);
    if (result < 0)
        return result;
    if (kind != PICTURE_NONE)
        return make_picture(app, bytes, arena, file);
    // Whatever it is, it is not what it says.
    if (file_name_is_picture(file->name))
        return FILE_UNREADABLE;
    result = put(app, file, FILE_WHOLE, bytes, 0, 0);
    if (result == 0)
        file->kind = FILE_PLAIN;
    return result;
}

int file_make(struct app *app, struct bytes bytes, struct arena *arena, struct file *file)
{
    int result = make(app, bytes, arena, file);
    for (int part = FILE_WHOLE; part < FILE_PARTS && result < 0; part++)
        file_disk_remove(app->files_path, file->id, (enum file_part)part);
    return result;
}

int file_picture(struct app *app, struct bytes bytes, struct arena *arena, struct picture ret_sizes[PICTURE_SIZES])
{
    int result = scan(app, bytes);
    if (result == 0)
        result = picture_error(picture_make(app->spawner, bytes, arena, ret_sizes));
    return result;
}

int file_square(struct app *app, struct bytes bytes, struct picture_cut cut, struct arena *arena, struct picture *ret_picture)
{
    return picture_error(picture_square(app->spawner, bytes, cut, arena, ret_picture));
}
