// SPDX-License-Identifier: MPL-2.0
// One's own portrait: chosen, cut and taken away by oneself.
#include "feature/account/account_html.h"
#include "feature/account/account_view.h"
#include "feature/account/portrait.h"
#include "feature/file/file.h"
#include "web/request.h"

#include <errno.h>

#define FORM_ROOM ((size_t)64 << 10)
#define ZOOM_MIN 1000
#define ZOOM_MAX 4000

// Faces are rather above the middle than below.
static const struct picture_cut first_cut = { 500, 400, ZOOM_MIN };

struct choose_form {
    struct form_files picture;
};

static const struct form_field choose_fields[] = {
    FORM_FIELD(struct choose_form, picture, FORM_FILES, TEXT("Choose a picture"), .required = true, .max = 1, .missing = TEXT("Choose a picture first.")),
};
static const struct form choose_form = FORM("PortraitChoose", struct choose_form, choose_fields);

struct cut_form {
    int64_t x, y, zoom;
};

static const struct form_field cut_fields[] = {
    FORM_FIELD(struct cut_form, x, FORM_INT, TEXT("Left or right"), .required = true, .min = 0, .max = 1000),
    FORM_FIELD(struct cut_form, y, FORM_INT, TEXT("Up or down"), .required = true, .min = 0, .max = 1000),
    FORM_FIELD(struct cut_form, zoom, FORM_INT, TEXT("How near"), .required = true, .min = ZOOM_MIN, .max = ZOOM_MAX),
};
static const struct form cut_form = FORM("PortraitCut", struct cut_form, cut_fields);

static const struct page portrait_page = { NULL, account_portrait_any, TEXT("Your picture") };

static size_t choose_body(const struct app *app)
{
    return (size_t)app->file_max + FORM_ROOM;
}

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

static int get_page(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct portrait_source source;
    struct account account;
    struct account_view_portrait view = { .error = form_error_of(&request->errors, "picture") };
    int result = account_get(&scene, request->session.person, &account);
    if (result == 0)
        result = avatar_make(request->arena, account.id, account.name, account.portrait, &view.avatar);
    if (result < 0)
        return result;
    view.name = account.name;
    result = portrait_source_get(&scene, account.id, &source);
    if (result < 0 && result != -ENOENT)
        return result;
    if (result == 0) {
        view.source = true;
        view.width = source.picture.width;
        view.height = source.picture.height;
        view.x = source.cut.x;
        view.y = source.cut.y;
        view.zoom = source.cut.zoom;
    }
    return request_page(request, &portrait_page, STR(""), &view);
}

static int get_source(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct portrait_source source;
    int result = portrait_source_get(&scene, request->session.person, &source);
    return result < 0 ? result : request_bytes(request, "image/webp", source.picture.webp);
}

// What the handler keeps.
struct making {
    struct portrait_source source;
    struct picture square;
};

static int told(struct request *request, int result)
{
    const char *text = file_error_text(result);
    return text ? request_refuse(request, "picture", text) : result;
}

static int prepare_choose(struct request *request)
{
    const struct choose_form *form = request_form(request, &choose_form);
    struct making *making = arena_alloc(request->arena, sizeof(*making));
    struct picture sizes[PICTURE_SIZES];
    int result = making ? file_picture(request->app, form->picture.list[0].bytes, request->arena, sizes) : -ENOMEM;
    if (result == 0)
        result = file_square(request->app, sizes[PICTURE_MIDDLE].webp, first_cut, request->arena, &making->square);
    if (result < 0)
        return told(request, result);
    making->source = (struct portrait_source){ first_cut, sizes[PICTURE_MIDDLE] };
    request->prepared = making;
    return 0;
}

static int prepare_cut(struct request *request)
{
    const struct cut_form *form = request_form(request, &cut_form);
    struct account_scene scene = scene_of(request);
    struct making *making = arena_alloc(request->arena, sizeof(*making));
    int result = making ? portrait_source_get(&scene, request->session.person, &making->source) : -ENOMEM;
    if (result < 0)
        return result;
    making->source.cut = (struct picture_cut){ (uint32_t)form->x, (uint32_t)form->y, (uint32_t)form->zoom };
    result = file_square(request->app, making->source.picture.webp, making->source.cut, request->arena, &making->square);
    request->prepared = making;
    return told(request, result);
}

static int keep(struct request *request)
{
    struct account_scene scene = scene_of(request);
    const struct making *making = request->prepared;
    int result = portrait_source_put(&scene, request->session.person, &making->source);
    if (result == 0)
        result = portrait_put(&scene, request->session.person, making->square.webp);
    return result < 0 ? result : request_redirect(request, STR("/profile/picture"));
}

static int post_remove(struct request *request)
{
    struct account_scene scene = scene_of(request);
    int result = portrait_remove(&scene, request->session.person);
    return result < 0 ? result : request_redirect(request, STR("/profile/picture"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/profile/picture", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_page,
      .summary = "The page for one's own picture." },
    { .method = METHOD_GET, .path = "/profile/picture/source", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_source,
      .summary = "The picture that one's own portrait was cut from." },
    { .method = METHOD_POST, .path = "/profile/picture", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_PROFILE_CHANGE, .form = &choose_form,
      .prepare = prepare_choose, .handle = keep, .again = get_page, .body = choose_body, .summary = "A new picture of oneself." },
    { .method = METHOD_POST, .path = "/profile/picture/cut", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_PROFILE_CHANGE, .form = &cut_form,
      .prepare = prepare_cut, .handle = keep, .again = get_page, .summary = "Cuts the portrait from the picture anew." },
    { .method = METHOD_POST, .path = "/profile/picture/remove", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_PROFILE_CHANGE, .form = &form_empty,
      .handle = post_remove, .summary = "Takes one's own picture away." },
};
FEATURE(portrait, routes);
