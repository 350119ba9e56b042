// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account_html.h"
#include "feature/account/account_json.h"
#include "feature/account/account_view.h"
#include "feature/account/demo.h"
#include "feature/account/portrait.h"
#include "feature/local/local.h"
#include "web/menu.h"

#include <errno.h>

#define DEMO_MAX 100
#define ASSURANCE_SUBSTANTIAL 2

struct next_form {
    struct str next;
    bool ended;
};

static const struct form_field next_fields[] = {
    FORM_FIELD(struct next_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
    FORM_FIELD(struct next_form, ended, FORM_FLAG, TEXT("The session ran out")),
};
static const struct form login_form = FORM("LoginQuery", struct next_form, next_fields);

struct demo_form {
    int64_t person;
    struct str next;
};

static const struct form_field demo_fields[] = {
    FORM_FIELD(struct demo_form, person, FORM_ID, TEXT("Person"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct demo_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form demo_form = FORM("DemoForm", struct demo_form, demo_fields);


static const struct page login_page = { &account_login_json, account_login_any, TEXT("Sign in") };
static const struct page profile_page = { &account_profile_json, account_profile_any, TEXT("My profile") };

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// A page of ours, or the start page.
static struct str safe_next(struct request *request, struct str next)
{
    struct url url = url_local(request->arena, next);
    return url.text.ptr && url.text.len ? url.text : STR("/");
}

// Whether the account belongs to the group: employees, citizens and relatives, or people from outside (they have a title).
static bool in_group(const struct account *account, int group)
{
    bool employed = account->role == ROLE_EMPLOYEE || account->role == ROLE_ADMINISTRATOR;
    return employed == (group == 1);
}

static int fill_group(struct request *request, const struct account *list, size_t count, int group, struct str next,
                      struct account_view_demo_group *ret_group)
{
    static const char *const titles[] = { TEXT("Citizens, relatives and others"), TEXT("Employees") };
    struct account_view_demo *people = arena_array(request->arena, count + 1, sizeof(*people));
    if (!people)
        return -ENOMEM;
    *ret_group = (struct account_view_demo_group){ .title = request_text(request, titles[group]), .people = people };
    for (size_t i = 0; i < count; i++) {
        if (!in_group(&list[i], group))
            continue;
        struct account_view_demo *one = &people[ret_group->people_count++];
        *one = (struct account_view_demo){ .person = list[i].id, .name = list[i].name, .about = list[i].title, .next = next };
        int result = avatar_make(request->arena, list[i].id, list[i].name, list[i].portrait, &one->avatar);
        if (result < 0)
            return result;
    }
    return 0;
}

static int fill_demo(struct request *request, struct account_view_login *view)
{
    struct account_scene scene = scene_of(request);
    const struct account *list;
    size_t count;
    int result = demo_list(&scene, DEMO_MAX, &list, &count);
    struct account_view_demo_group *groups = result == 0 ? arena_array(request->arena, 2, sizeof(*groups)) : NULL;
    if (!groups)
        return result < 0 ? result : -ENOMEM;
    for (int group = 0; result == 0 && group < 2; group++)
        result = fill_group(request, list, count, group, view->next, &groups[group]);
    view->groups = groups;
    view->groups_count = 2;
    return result;
}

static int get_login(struct request *request)
{
    const struct next_form *query = request->query;
    struct account_view_login view = {
        .next = safe_next(request, query->next), .ended = query->ended, .demo = request->app->demo,
        .citizen = config_get(request->app->config, "citizen.issuer", NULL) != NULL,
        .staff = config_get(request->app->config, "staff.issuer", NULL) != NULL,
    };
    // In a demonstration one goes on as somebody else from here.
    if (request->session.person && !request->wants_json && !view.demo)
        return request_redirect(request, view.next);
    struct account_scene scene = scene_of(request);
    int result = local_any(&scene, &view.local);
    if (result == 0 && view.demo)
        result = fill_demo(request, &view);
    return result < 0 ? result : request_page(request, &login_page, STR(""), &view);
}

static int post_demo(struct request *request)
{
    const struct demo_form *form = request_form(request, &demo_form);
    struct account_scene scene = scene_of(request);
    struct account account;
    if (!request->app->demo)
        return -ENOENT;
    int result = demo_find(&scene, form->person, &account);
    if (result == 0)
        result = session_begin(request, account.id, ASSURANCE_SUBSTANTIAL);
    request->event.person = form->person;
    return result < 0 ? result : request_redirect(request, safe_next(request, form->next));
}

static int post_logout(struct request *request)
{
    int result = session_end(request);
    return result < 0 ? result : request_redirect(request, STR("/login"));
}

static const char *role_text(enum role role)
{
    if (role == ROLE_EMPLOYEE)
        return TEXT("Employee");
    return role == ROLE_ADMINISTRATOR ? TEXT("Administrator") : TEXT("Citizen or relative");
}

static int get_profile(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct account account;
    int result = account_get(&scene, request->session.person, &account);
    if (result < 0)
        return result;
    struct account_view_profile view = {
        .name = account.name, .role = request_text(request, role_text(account.role)), .unit = STR(""),
        .english = request->language == LANGUAGE_ENGLISH,
        .login = account.role == ROLE_PUBLIC ? STR("MitID") : request_text(request, TEXT("your work account")),
    };
    struct local_account local;
    result = local_get(&scene, account.id, &local);
    view.local = result == 0;
    if (view.local)
        view.login = request_text(request, request->session.assurance == LOCAL_ASSURANCE_CODE ? TEXT("a recovery code") : TEXT("a passkey"));
    else if (request->app->demo)
        view.login = request_text(request, TEXT("a made-up person"));
    if (result < 0 && result != -ENOENT)
        return result;
    result = avatar_make(request->arena, account.id, account.name, account.portrait, &view.avatar);
    if (result == 0 && account.unit)
        result = account_unit_name(&scene, account.unit, &view.unit);
    return result < 0 ? result : request_page(request, &profile_page, STR(""), &view);
}

static int may_see_portrait(struct request *request, int64_t person, bool *ret_visible)
{
    struct account_scene scene = scene_of(request);
    struct account account;
    // The faces of the demonstration's sign-in page are for everybody.
    int result = request->app->demo ? demo_find(&scene, person, &account) : -ENOENT;
    if (result == -ENOENT && request->session.person)
        return portrait_visible(&scene, request->session.person, request->session.role, person, ret_visible);
    *ret_visible = result == 0;
    return result;
}

static int get_portrait(struct request *request)
{
    struct account_scene scene = scene_of(request);
    int64_t person = request->number[0];
    struct bytes picture;
    bool visible = false;
    int result = may_see_portrait(request, person, &visible);
    if (result == 0 && !visible)
        result = -ENOENT;
    if (result == 0)
        result = portrait_get(&scene, person, &picture);
    if (result < 0)
        return result;
    return request_bytes(request, picture_kind_of(picture) == PICTURE_PNG ? "image/png" : "image/webp", picture);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/login", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .query = &login_form, .handle = get_login,
      .answer = &account_login_json, .summary = "The ways to sign in." },
    { .method = METHOD_POST, .path = "/login/demo", .permission = PERMISSION_ANYONE, .audit = AUDIT_SIGN_IN, .form = &demo_form,
      .handle = post_demo, .summary = "Signs in as somebody made up; only where the server runs as a demonstration." },
    { .method = METHOD_POST, .path = "/logout", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_SIGN_OUT, .form = &form_empty,
      .handle = post_logout, .summary = "Signs out." },
    { .method = METHOD_GET, .path = "/profile", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_profile,
      .answer = &account_profile_json, .summary = "Who one is here, and the language." },
    // The page on which a picture stands has been logged with its people.
    { .method = METHOD_GET, .path = "/portrait/{person#}", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .handle = get_portrait,
      .summary = "A person's picture, for those who meet them." },
};
FEATURE(account, routes);

MENU_ITEM(profile, .menu = MENU_PERSON, .order = 10, .text = TEXT("My profile"), .path = "/profile", .permission = PERMISSION_SIGNED_IN);
