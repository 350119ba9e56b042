// SPDX-License-Identifier: MPL-2.0
// How files arrive piece by piece, as the page's script sends them; and what is said about those that wait.
#include "feature/file/file_disk.h"
#include "feature/file/file_html.h"
#include "feature/file/file_make.h"
#include "feature/file/file_take.h"
#include "feature/file/file_view.h"
#include "web/request.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE ((int64_t)1 << 20)

_Static_assert(PIECE % SEALED_FILE_CHUNK == 0, "a piece ends where a chunk ends");

struct begin_form {
    struct str name;
    int64_t size;
};

static const struct form_field begin_fields[] = {
    FORM_FIELD(struct begin_form, name, FORM_LINES, TEXT("Name of the file"), .max = 1000),
    FORM_FIELD(struct begin_form, size, FORM_INT, TEXT("Size"), .required = true, .min = 0, .max = INT64_C(1) << 40),
};
static const struct form begin_form = FORM("FileBegin", struct begin_form, begin_fields);

struct piece_form {
    int64_t offset;
    struct form_files data;
};

static const struct form_field piece_fields[] = {
    FORM_FIELD(struct piece_form, offset, FORM_INT, TEXT("Offset"), .min = 0, .max = INT64_C(1) << 40),
    FORM_FIELD(struct piece_form, data, FORM_FILES, TEXT("Piece"), .required = true, .max = 1),
};
static const struct form piece_form = FORM("FilePiece", struct piece_form, piece_fields);

struct about_form {
    struct str about;
};

static const struct form_field about_fields[] = {
    FORM_FIELD(struct about_form, about, FORM_TEXT, TEXT("What does the picture show?"), .max = FILE_ABOUT_MAX),
};
static const struct form about_form = FORM("FileAbout", struct about_form, about_fields);

static const struct view_field upload_fields[] = {
    VIEW_ID(struct file_view_upload, id, "The file."),
    VIEW_INT(struct file_view_upload, size, "Bytes that are to come."),
    VIEW_INT(struct file_view_upload, offset, "The next byte that is wanted; the size: all has come, finish it."),
    VIEW_INT(struct file_view_upload, piece, "How many bytes to send at a time; the last piece may be shorter."),
};
static const struct view upload_json = VIEW("FileUpload", struct file_view_upload, upload_fields);

static const struct view_field made_fields[] = {
    VIEW_ID(struct file_view_made, id, "The file."),
    VIEW_BOOL(struct file_view_made, ready, "It may be sent with the next post."),
    VIEW_BOOL(struct file_view_made, again, "It may be tried again later; otherwise the file is gone."),
    VIEW_STR(struct file_view_made, error, "Why it is not ready, for the person."),
};
static const struct view made_json = VIEW("FileMade", struct file_view_made, made_fields);

static const struct view_field tray_fields[] = {
    VIEW_ID(struct file_view_tray, dialogue, "The dialogue."),
    VIEW_LIST(struct file_view_tray, files, &file_json, "Those that wait to be sent."),
    VIEW_STR(struct file_view_tray, ids, "Of those that have arrived: what to send as the post's \"files\"."),
};
static const struct view tray_json = VIEW("FileTray", struct file_view_tray, tray_fields);

static const struct page upload_page = { &upload_json, NULL, NULL };
static const struct page made_page = { &made_json, NULL, NULL };
static const struct page tray_page = { &tray_json, file_tray_any, NULL };

static size_t piece_body(const struct app *app)
{
    return (size_t)PIECE + FILE_FORM_ROOM;
}

static int too_large(struct request *request, const char *field)
{
    struct text_value value = { "most", file_size_text(request, request->app->file_max) };
    _cleanup_(buf_free) struct buf text = buf_bounded(1024);
    text_format(&text, request_text(request, TEXT("A file may be at most {most}. Choose a smaller one.")), &value, 1);
    struct str message = arena_str(request->arena, buf_view(&text));
    if (text.error || !message.ptr)
        return -ENOMEM;
    form_error_add(&request->errors, field, message);
    return -EINVAL;
}

static int answer_upload(struct request *request, const struct file *file, int64_t offset)
{
    struct file_view_upload view = { .id = file->id, .size = file->parts[FILE_UPLOAD].bytes, .offset = offset, .piece = PIECE };
    return request_page(request, &upload_page, STR(""), &view);
}

static int post_begin(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    const struct begin_form *form = request_form(request, &begin_form);
    struct file file;
    if (form->size > request->app->file_max)
        return too_large(request, "size");
    if (form->size == 0)
        return request_refuse(request, "size", file_error_text(FILE_EMPTY));
    int result = file_new(dialogue, form->name, form->size, &file);
    if (result == 0)
        result = file_add(dialogue, &file);
    if (result == -E2BIG)
        return file_too_many(request, "name");
    if (result < 0)
        return result;
    request->event.object = file.id;
    return answer_upload(request, &file, 0);
}

// The disk is written to where that may take its time. prepared: how much is there now.
static int prepare_piece(struct request *request)
{
    const struct piece_form *form = request_form(request, &piece_form);
    struct dialogue *dialogue;
    struct file file;
    int64_t *length = arena_alloc(request->arena, sizeof(*length));
    int result = length ? file_open_early(request, &dialogue) : -ENOMEM;
    if (result == 0)
        result = file_waiting_get(dialogue, request->number[1], &file);
    if (result == 0 && file.kind != FILE_ARRIVING)
        *length = file.parts[FILE_UPLOAD].bytes;
    else if (result == 0)
        result = file_disk_add(request->app->files_path, &file, form->offset, form->data.list[0].bytes, length);
    request->prepared = length;
    if (result == -EINVAL)
        return request_refuse(request, "data", TEXT("The file did not arrive as it should. Remove it, and choose it again."));
    return result;
}

static int post_piece(struct request *request)
{
    const int64_t *length = request->prepared;
    struct file file;
    int result = file_waiting_get(request->entity, request->number[1], &file);
    return result < 0 ? result : answer_upload(request, &file, *length);
}

static int get_upload(struct request *request)
{
    struct file file;
    int64_t length = 0;
    int result = file_waiting_get(request->entity, request->number[1], &file);
    if (result == 0 && file.kind == FILE_ARRIVING)
        result = file_disk_length(request->app->files_path, &file, FILE_UPLOAD, file.parts[FILE_UPLOAD].bytes, &length);
    else if (result == 0)
        length = file.parts[FILE_UPLOAD].bytes;
    return result < 0 ? result : answer_upload(request, &file, length);
}

static int prepare_finish(struct request *request)
{
    struct file_verdict *verdict = arena_alloc(request->arena, sizeof(*verdict));
    struct dialogue *dialogue;
    uint8_t *bytes;
    int result = verdict ? file_open_early(request, &dialogue) : -ENOMEM;
    if (result == 0)
        result = file_waiting_get(dialogue, request->number[1], &verdict->file);
    request->prepared = verdict;
    if (result < 0 || verdict->file.kind != FILE_ARRIVING)
        return result;
    result = file_disk_upload(request->app->files_path, &verdict->file, &bytes);
    if (result == -EBUSY || result == -EBADMSG)
        return request_refuse(request, "", TEXT("The file has not all arrived. Try again."));
    if (result < 0)
        return result;
    result = file_make_one(request, bytes_from(bytes, (size_t)verdict->file.parts[FILE_UPLOAD].bytes), verdict);
    free(bytes);
    return result;
}

struct removal {
    int64_t id;
    bool all;   // or only what arrived
};

static void remove_parts(struct app *app, void *data)
{
    const struct removal *removal = data;
    if (removal->all)
        files_remove(app->files_path, &removal->id, 1);
    else
        file_disk_remove(app->files_path, removal->id, FILE_UPLOAD);
}

// Once the commit is durable.
static int remove_later(struct request *request, int64_t id, bool all)
{
    struct removal *removal = arena_alloc(request->arena, sizeof(*removal));
    if (!removal)
        return -ENOMEM;
    *removal = (struct removal){ id, all };
    return request_after(request, remove_parts, removal);
}

static int post_finish(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct file_verdict *verdict = request->prepared;
    const char *text = file_error_text(verdict->error);
    struct file file;
    int result = file_waiting_get(dialogue, request->number[1], &file);
    if (result == 0 && verdict->error == 0 && file.kind == FILE_ARRIVING) {
        file.kind = verdict->file.kind;
        memcpy(file.parts, verdict->file.parts, sizeof(file.parts));
        result = file_change(dialogue, &file);
        result = result < 0 ? result : remove_later(request, file.id, false);
    } else if (result == 0 && text && verdict->error != FILE_UNCHECKED) {
        result = file_remove(dialogue, file.id);
        result = result < 0 ? result : remove_later(request, file.id, true);
    }
    if (result < 0)
        return result;
    request->event.object = file.id;
    struct file_view_made view = { .id = file.id, .ready = verdict->error == 0, .again = verdict->error == FILE_UNCHECKED,
                                   .error = text ? request_text(request, text) : STR("") };
    return request_page(request, &made_page, STR(""), &view);
}

// Back to what one was writing, or what is left beside it.
static int answer_tray(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct file_view_tray view;
    if (!request->wants_json && !request->wants_fragment)
        return request_redirect(request, arena_format(request->arena, "/dialogue/%lld#composer", (long long)dialogue->id));
    int result = file_tray_fill(request, dialogue, &view);
    return result < 0 ? result : request_page(request, &tray_page, STR(""), &view);
}

static int post_remove(struct request *request)
{
    int64_t id = request->number[1];
    int result = file_remove(request->entity, id);
    if (result == 0)
        result = remove_later(request, id, true);
    request->event.object = id;
    return result < 0 ? result : answer_tray(request);
}

static int post_about(struct request *request)
{
    const struct about_form *form = request_form(request, &about_form);
    struct file file;
    int result = file_waiting_get(request->entity, request->number[1], &file);
    file.about = form->about;
    if (result == 0)
        result = file_change(request->entity, &file);
    return result < 0 ? result : answer_tray(request);
}

static int get_tray(struct request *request)
{
    struct file_view_tray view;
    int result = file_tray_fill(request, request->entity, &view);
    return result < 0 ? result : request_page(request, &tray_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/file", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_FILE_ADD, .form = &begin_form,
      .load = dialogue_load, .handle = post_begin, .answer = &upload_json, .summary = "Begins a file that is to be sent with the next post." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/file/{file#}/piece", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE,
      .form = &piece_form, .prepare = prepare_piece, .load = dialogue_load, .handle = post_piece, .answer = &upload_json, .body = piece_body,
      .summary = "Adds a piece at an offset. The answer says where to go on, also when the piece was not the next one." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/file/{file#}/upload", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE,
      .load = dialogue_load, .handle = get_upload, .answer = &upload_json, .summary = "How far an upload has come: where to go on after a connection was lost." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/file/{file#}/finish", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_FILE_ADD,
      .form = &form_empty, .prepare = prepare_finish, .load = dialogue_load, .handle = post_finish, .answer = &made_json,
      .summary = "All has come: the file is looked through, and a picture is made anew." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/file/{file#}/remove", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_FILE_REMOVE,
      .form = &form_empty, .load = dialogue_load, .handle = post_remove, .answer = &tray_json, .summary = "Takes away one's own file that has not been sent." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/file/{file#}/about", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE,
      .form = &about_form, .load = dialogue_load, .handle = post_about, .answer = &tray_json, .summary = "Says what one's own picture shows, for who can't see it." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/tray", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE, .load = dialogue_load,
      .handle = get_tray, .answer = &tray_json, .summary = "One's own files that wait to be sent." },
};
FEATURE(file_upload, routes);
