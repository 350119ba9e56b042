// SPDX-License-Identifier: MPL-2.0
// How files arrive as one form, from a page without script.
#include "feature/file/file_html.h"
#include "feature/file/file_take.h"
#include "feature/file/file_view.h"

#include <errno.h>

struct choose_form {
    struct form_files files;
    int64_t reply;
};

static const struct form_field choose_fields[] = {
    FORM_FIELD(struct choose_form, files, FORM_FILES, TEXT("Pictures and files"), .required = true, .max = FILE_POST_MAX,
               .missing = TEXT("Choose a picture or a file first.")),
    FORM_FIELD(struct choose_form, reply, FORM_INT, TEXT("Answer to"), .min = 1, .max = INT64_MAX),
};
static const struct form choose_form = FORM("FileChoose", struct choose_form, choose_fields);

static const struct form_field asked_fields[] = {
    FORM_FIELD(struct choose_form, reply, FORM_INT, TEXT("Answer to"), .min = 1, .max = INT64_MAX),
};
static const struct form asked_form = FORM("FileChooseAsk", struct choose_form, asked_fields);

static const struct page choose_page = { NULL, file_choose_any, TEXT("Add pictures or files") };

static size_t choose_body(const struct app *app)
{
    return (size_t)app->file_max + FILE_FORM_ROOM;
}

// What the message answers goes along, from page to page.
static int64_t reply_of(const struct request *request)
{
    const struct choose_form *sent = request_form(request, &choose_form), *asked = request->query;
    return sent ? sent->reply : asked ? asked->reply : 0;
}

static struct str message_address(const struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    long long id = dialogue->id, reply = reply_of(request);
    return reply ? arena_format(request->arena, "/dialogue/%lld?reply=%lld#end", id, reply) : arena_format(request->arena, "/dialogue/%lld#end", id);
}

static int get_choose(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct file_view_choose view = { .topic = dialogue->topic, .most = file_size_text(request, request->app->file_max),
                                     .reply = reply_of(request), .back = url_local(request->arena, message_address(request)),
                                     .errors = request->errors.list, .errors_count = request->errors.count };
    request->errors.said = UINT32_MAX;   // each has its line
    int result = file_tray_fill(request, dialogue, &view.tray);
    view.room = FILE_POST_MAX - (int64_t)view.tray.files_count;
    return result < 0 ? result : request_page(request, &choose_page, STR(""), &view);
}

struct chosen {
    struct file_verdict list[FORM_FILES_MAX];
    size_t count;
};

static int prepare_choose(struct request *request)
{
    const struct choose_form *form = request_form(request, &choose_form);
    struct chosen *chosen = arena_alloc(request->arena, sizeof(*chosen));
    struct dialogue *dialogue;
    int result = chosen ? file_open_early(request, &dialogue) : -ENOMEM;
    request->prepared = chosen;
    for (size_t i = 0; i < form->files.count && result == 0; i++) {
        const struct form_file *sent = &form->files.list[i];
        struct file_verdict *verdict = &chosen->list[chosen->count];
        result = file_new(dialogue, sent->name, (int64_t)sent->bytes.len, &verdict->file);
        result = result < 0 ? result : file_make_one(request, sent->bytes, verdict);
        chosen->count += result == 0;
    }
    return result;
}

// "IMG_1.jpg: We can't read this picture. …"
static int tell(struct request *request, const struct file_verdict *verdict)
{
    struct str text = request_text(request, file_error_text(verdict->error)), name = verdict->file.name;
    struct str message = arena_format(request->arena, "%.*s: %.*s", (int)name.len, name.ptr, (int)text.len, text.ptr);
    if (message.ptr)
        form_error_add(&request->errors, "files", message);
    return message.ptr ? 0 : -ENOMEM;
}

// What can be taken is taken; what can't is told of on the page.
static int post_choose(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct chosen *chosen = request->prepared;
    int result = 0;
    for (size_t i = 0; i < chosen->count && result == 0; i++) {
        struct file_verdict *verdict = &chosen->list[i];
        result = verdict->error ? tell(request, verdict) : file_add(dialogue, &verdict->file);
    }
    if (result == -E2BIG)
        return file_too_many(request, "files");
    if (result < 0)
        return result;
    return request->errors.count ? get_choose(request) : request_redirect(request, message_address(request));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/files", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_NONE, .load = dialogue_load,
      .query = &asked_form, .handle = get_choose, .summary = "The page for choosing pictures and files." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/files", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_FILE_ADD, .form = &choose_form,
      .prepare = prepare_choose, .load = dialogue_load, .handle = post_choose, .again = get_choose, .body = choose_body,
      .summary = "Adds whole files, as a page without JavaScript sends them." },
};
FEATURE(file_choose, routes);
