// SPDX-License-Identifier: MPL-2.0
// The first time: a starting password opens nothing but the page on which a passkey is made.
#include "feature/local/local_html.h"
#include "feature/local/local_page.h"

#include <errno.h>

#define SECRET_MAX 100

struct password_form {
    struct str name, password, next;
};

static const struct form_field password_fields[] = {
    FORM_FIELD(struct password_form, name, FORM_TEXT, TEXT("Your account's name"), .required = true, .max = LOCAL_NAME_MAX),
    FORM_FIELD(struct password_form, password, FORM_TEXT, TEXT("Password"), .required = true, .max = SECRET_MAX),
    FORM_FIELD(struct password_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form password_form = FORM("StartingPasswordForm", struct password_form, password_fields);

static const char no_password[] = TEXT("The name and the password do not fit, or the password is too old. Ask whoever gave it to you for a new one.");
static const char no_passkey[] = TEXT("The passkey could not be made. Write name and password once more, and try again.");

static const struct page enrol_page = { &local_enrol_json, local_enrol_any, TEXT("Make your passkey") };

// What was found out on a thread that may take its time.
struct tried {
    int64_t person;    // 0: nobody has that name
    int64_t version;   // of the account that the password was held against
    bool fits;
};

static int try_password(struct request *request, const struct local_cost *cost, struct tried *tried)
{
    const struct password_form *form = request_form(request, &password_form);
    struct account_scene scene = local_scene(request);
    struct local_account local = { .password = STR("") };
    int result = local_find(&scene, form->name, &local);
    if (result < 0 && result != -ENOENT)
        return result;
    bool open = result == 0 && local_may_try(&local, request->now) && request->now < local.password_until;
    tried->person = local.person;
    tried->version = local.version;
    // Always tried, so that it takes the same time whoever it is.
    tried->fits = local_hash_fits(request->arena, cost, open ? local.password : STR(""), form->password);
    return 0;
}

static int prepare_password(struct request *request)
{
    struct local_cost cost;
    struct tried *tried = arena_alloc(request->arena, sizeof(*tried));
    if (request->wants_json)
        return -EPROTONOSUPPORT;
    int result = tried ? local_cost_read(request->app->config, &cost) : -ENOMEM;
    if (result < 0)
        return result;
    request->prepared = tried;
    result = local_hash_begin(request->app);
    if (result < 0)
        return result;
    result = try_password(request, &cost, tried);
    local_hash_end(request->app);
    return result;
}

// The account that the password opens. -ENOENT: it does not, or the account was changed meanwhile.
static int open_account(struct request *request, const struct tried *tried, struct local_account *ret_local)
{
    struct account_scene scene = local_scene(request);
    struct account account;
    int result = tried->person ? local_get(&scene, tried->person, ret_local) : -ENOENT;
    if (result < 0)
        return result;
    bool fits = tried->fits && tried->version == ret_local->version && local_may_try(ret_local, request->now);
    result = local_note_try(&scene, ret_local, fits);
    if (result < 0)
        return result;
    return fits ? local_person(request, tried->person, &account) : -ENOENT;
}

static int post_password(struct request *request)
{
    const struct password_form *form = request_form(request, &password_form);
    struct local_view_enrol view = { .next = local_next(request, form->next), .error = STR("") };
    struct local_account local;
    int result = open_account(request, request->prepared, &local);
    if (result == -ENOENT) {
        request->event.kind = AUDIT_SIGN_IN_REFUSED;
        return local_refuse(request, &(struct local_view_login){ .next = form->next, .name = form->name,
            .password_error = request_text(request, no_password) });
    }
    if (result == 0)
        result = local_ask(request, PASSKEY_ENROL, local.person, &view.ask);
    if (result < 0)
        return result;
    request->event.person = local.person;
    return request_page(request, &enrol_page, STR(""), &view);
}

// With the passkey the person is signed in, and the password is at its end.
static int begin(struct request *request, int64_t person)
{
    struct account_scene scene = local_scene(request);
    struct local_account local;
    struct account account;
    int result = local_get(&scene, person, &local);
    if (result == 0)
        result = local_person(request, person, &account);
    // Another page was quicker with the same password.
    if (result == 0 && local.password.len == 0)
        result = -ENOENT;
    if (result == 0)
        result = local_password_end(&scene, &local);
    return result < 0 ? result : session_begin(request, person, LOCAL_ASSURANCE_PASSKEY);
}

static int refuse_enrol(struct request *request)
{
    struct local_view_login view = { .next = STR("/"), .password_error = request_text(request, no_passkey) };
    request->event.kind = AUDIT_SIGN_IN_REFUSED;
    return local_refuse(request, &view);
}

static int post_enrol(struct request *request)
{
    const struct local_created_form *form = request_form(request, &local_created_form);
    int64_t person;
    if (request->wants_json)
        return -EPROTONOSUPPORT;
    int result = local_created(request, PASSKEY_ENROL, form, &person);
    if (result == -EACCES || result == -EEXIST || result == -E2BIG)
        return refuse_enrol(request);
    if (result == 0)
        result = begin(request, person);
    if (result == -ENOENT)
        return request_refuse(request, "name", no_passkey);
    if (result < 0)
        return result;
    request->event.person = person;
    return request_redirect(request, STR("/profile/passkeys"));
}

static const struct route routes[] = {
    { .method = METHOD_POST, .path = "/login/local/password", .permission = PERMISSION_ANYONE, .audit = AUDIT_LOCAL_PASSWORD, .form = &password_form,
      .prepare = prepare_password, .handle = post_password, .again = refuse_enrol,
      .summary = "With a starting password to the page on which a passkey is made; signs nobody in. For browsers: answers in HTML." },
    { .method = METHOD_POST, .path = "/login/local/enrol", .permission = PERMISSION_ANYONE, .audit = AUDIT_SIGN_IN, .form = &local_created_form,
      .handle = post_enrol, .again = refuse_enrol, .summary = "Keeps the first passkey of an account and signs in. For browsers: answers in HTML." },
};
FEATURE(local_enrol, routes);
