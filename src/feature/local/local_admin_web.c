// SPDX-License-Identifier: MPL-2.0
// Employees who get an account of the installation's own. An administrator makes a new person with it, and never gives one to somebody who is there already:
// with the starting password they could sign in as that person.
#include "feature/local/local_html.h"
#include "feature/local/local_page.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

#define NAME_MAX   120
#define SHOWN_MAX  200

struct new_form {
    struct str name, title, account;
    int64_t unit;
};

static const struct form_field new_fields[] = {
    FORM_FIELD(struct new_form, name, FORM_TEXT, TEXT("Name"), .required = true, .max = NAME_MAX),
    FORM_FIELD(struct new_form, title, FORM_TEXT, TEXT("Title"), .max = NAME_MAX),
    FORM_FIELD(struct new_form, unit, FORM_ID, TEXT("Unit"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct new_form, account, FORM_TEXT, TEXT("The account's name"), .required = true, .min = 2, .max = LOCAL_NAME_MAX),
};
static const struct form new_form = FORM("LocalAccountForm", struct new_form, new_fields);

static const struct page admin_page = { &local_admin_json, local_admin_any, TEXT("Our own accounts") };
static const struct page password_page = { &local_password_json, local_password_any, TEXT("A starting password") };

// Who administers one unit gives accounts there.
static bool covers(const struct request *request, int64_t unit)
{
    return request->session.unit == 0 || request->session.unit == unit;
}

// What was made on a thread that may take its time.
struct made {
    struct str password, hash;
};

static int prepare_password(struct request *request)
{
    struct local_cost cost;
    struct made *made = arena_alloc(request->arena, sizeof(*made));
    int result = made ? local_cost_read(request->app->config, &cost) : -ENOMEM;
    if (result < 0)
        return result;
    made->password = local_secret(request->arena, LOCAL_PASSWORD_GROUPS, LOCAL_PASSWORD_LENGTH);
    request->prepared = made;
    result = made->password.ptr ? local_hash_begin(request->app) : -ENOMEM;
    if (result < 0)
        return result;
    result = local_hash(request->arena, &cost, made->password, &made->hash);
    local_hash_end(request->app);
    return result;
}

static int fill_units(struct request *request, int64_t selected, struct local_view_admin *view)
{
    struct account_scene scene = local_scene(request);
    const struct account_unit *list;
    size_t all, count = 0;
    int result = account_units(&scene, &list, &all);
    struct local_view_unit *units = result == 0 ? arena_array(request->arena, all + 1, sizeof(*units)) : NULL;
    if (!units)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < all; i++) {
        if (covers(request, list[i].id))
            units[count++] = (struct local_view_unit){ .id = list[i].id, .name = list[i].name, .selected = list[i].id == selected };
    }
    view->units = units;
    view->units_count = count;
    return 0;
}

static int describe(struct request *request, const struct account *account, struct local_view_given *ret_given)
{
    struct account_scene scene = local_scene(request);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct local_account local;
    const struct passkey *list;
    size_t count;
    int result = local_get(&scene, account->id, &local);
    if (result == 0)
        result = passkey_list(&scene, account->id, &list, &count);
    if (result < 0)
        return result;
    struct text_value value = { "until", dates_short(&dates, local.password_until) };
    const char *words = count ? TEXT("Signs in with a passkey") : TEXT("Signs in with recovery codes");
    if (local.password.len)
        words = local.password_until > request->now ? TEXT("Has a starting password until {until}") : TEXT("Has a starting password that is too old");
    *ret_given = (struct local_view_given){ .person = account->id, .name = account->name, .waiting = local.password.len && account->role == ROLE_EMPLOYEE,
        .about = account->role == ROLE_FORMER ? request_text(request, TEXT("Has left")) : local_words(request, words, &value, 1) };
    return ret_given->about.ptr ? 0 : -ENOMEM;
}

static int fill_people(struct request *request, struct local_view_admin *view)
{
    struct account_scene scene = local_scene(request);
    const int64_t *persons;
    size_t all;
    int result = local_list(&scene, SHOWN_MAX, &persons, &all);
    struct local_view_given *people = result == 0 ? arena_array(request->arena, all + 1, sizeof(*people)) : NULL;
    if (!people)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < all; i++) {
        struct account account;
        result = account_get(&scene, persons[i], &account);
        if (result == 0 && covers(request, account.unit))
            result = describe(request, &account, &people[view->people_count++]);
    }
    view->people = people;
    return result;
}

static int show(struct request *request, const struct new_form *form)
{
    struct local_view_admin view = { .name = form ? form->name : STR(""), .title = form ? form->title : STR(""), .account = form ? form->account : STR(""),
        .error = form_error_first(&request->errors) };
    int result = fill_units(request, form ? form->unit : request->session.unit, &view);
    if (result == 0)
        result = fill_people(request, &view);
    return result < 0 ? result : request_page(request, &admin_page, STR(""), &view);
}

static int get_admin(struct request *request)
{
    return show(request, request_form(request, &new_form));
}

static int again_admin(struct request *request)
{
    request->event.kind = AUDIT_ADMIN_READ;
    return get_admin(request);
}

static int show_password(struct request *request, struct str name, struct str account)
{
    const struct made *made = request->prepared;
    struct local_view_password view = { .name = name, .account = account, .password = made->password };
    return request_page(request, &password_page, STR(""), &view);
}

static int post_admin(struct request *request)
{
    const struct new_form *form = request_form(request, &new_form);
    const struct made *made = request->prepared;
    struct account_scene scene = local_scene(request);
    struct local_account known;
    struct str unit;
    int64_t person;
    if (!local_name_sound(form->account))
        return request_refuse(request, "account", TEXT("The account's name may have letters from a to z, digits, dots, hyphens, underscores and @."));
    int result = local_find(&scene, form->account, &known);
    if (result == 0)
        return request_refuse(request, "account", TEXT("Somebody has that account's name already. Choose another one."));
    if (result == -ENOENT)
        result = covers(request, form->unit) ? account_unit_name(&scene, form->unit, &unit) : -ENOENT;
    if (result == 0)
        result = account_add(&scene, &(struct account_new){ .role = ROLE_EMPLOYEE, .unit = form->unit, .name = form->name, .title = form->title }, &person);
    if (result == 0)
        result = local_give(&scene, person, form->account, made->hash);
    if (result == 0)
        result = local_get(&scene, person, &known);
    if (result < 0)
        return result;
    request->event.object = person;
    return show_password(request, form->name, known.name);
}

// Only for who has not made a passkey: the password of anybody else is at its end, and what they can read is theirs.
static int post_password(struct request *request)
{
    const struct made *made = request->prepared;
    struct account_scene scene = local_scene(request);
    struct local_account local;
    struct account account;
    int result = account_get(&scene, request->number[0], &account);
    if (result == 0 && (account.role != ROLE_EMPLOYEE || !covers(request, account.unit)))
        result = -ENOENT;
    if (result == 0)
        result = local_get(&scene, account.id, &local);
    if (result == 0 && local.password.len == 0)
        result = -ENOENT;
    if (result == 0)
        result = local_give(&scene, account.id, local.name, made->hash);
    if (result < 0)
        return result;
    request->event.object = account.id;
    return show_password(request, account.name, local.name);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/local", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_admin,
      .answer = &local_admin_json, .summary = "Accounts of the installation's own." },
    { .method = METHOD_POST, .path = "/admin/local", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_LOCAL_ACCOUNT, .form = &new_form,
      .prepare = prepare_password, .handle = post_admin, .again = again_admin, .answer = &local_password_json,
      .summary = "Makes a new employee with an account and a starting password, shown once." },
    { .method = METHOD_POST, .path = "/admin/local/{person#}/password", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_LOCAL_ACCOUNT, .form = &form_empty,
      .prepare = prepare_password, .handle = post_password, .answer = &local_password_json,
      .summary = "A new starting password for an employee who has not made a passkey yet." },
};
FEATURE(local_admin, routes);

MENU_ITEM(local_admin, .menu = MENU_ADMIN, .order = 35, .text = TEXT("Our own accounts"), .path = "/admin/local", .permission = PERMISSION_ADMINISTER);
