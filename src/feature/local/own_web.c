// SPDX-License-Identifier: MPL-2.0
// One's own passkeys and recovery codes.
#include "feature/local/local_html.h"
#include "feature/local/local_page.h"
#include "web/date.h"

#include <errno.h>

static const struct page own_page = { &local_own_json, local_own_any, TEXT("How you sign in") };
static const struct page remove_page = { &local_remove_json, local_remove_any, TEXT("Remove a passkey") };
static const struct page codes_page = { &local_codes_json, local_codes_any, TEXT("Your recovery codes") };
static const struct page begin_page = { &local_ask_json, NULL, TEXT("How you sign in") };

// Whoever finds a session that was left open can't make it theirs for good.
static bool is_fresh(const struct request *request)
{
    return request->now - request->session.created < LOCAL_FRESH_MS;
}

// -ENOENT for those who sign in otherwise.
static int own_account(struct request *request, struct local_account *ret_local)
{
    struct account_scene scene = local_scene(request);
    return local_get(&scene, request->session.person, ret_local);
}

// The same, for a change. -EACCES: it is too long since the person signed in.
static int own_account_now(struct request *request, struct local_account *ret_local)
{
    int result = own_account(request, ret_local);
    return result == 0 && !is_fresh(request) ? -EACCES : result;
}

static int describe(struct request *request, struct dates *dates, const struct passkey *passkey, struct local_view_passkey *ret_view)
{
    struct text_value values[] = { { "added", dates_short(dates, passkey->created) }, { "used", STR("") } };
    const char *words = TEXT("Added {added}, not used yet");
    if (passkey->used) {
        words = TEXT("Added {added}, used {used}");
        values[1].value = dates_short(dates, passkey->used);
    }
    *ret_view = (struct local_view_passkey){ .id = passkey->id, .name = passkey->name,
        .about = local_words(request, words, values, passkey->used ? 2 : 1) };
    return ret_view->about.ptr ? 0 : -ENOMEM;
}

static int fill_passkeys(struct request *request, struct dates *dates, struct local_view_own *view)
{
    struct account_scene scene = local_scene(request);
    const struct passkey *list;
    size_t count;
    int result = passkey_list(&scene, request->session.person, &list, &count);
    struct local_view_passkey *passkeys = result == 0 ? arena_array(request->arena, count + 1, sizeof(*passkeys)) : NULL;
    if (!passkeys)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = describe(request, dates, &list[i], &passkeys[i]);
    view->passkeys = passkeys;
    view->passkeys_count = count;
    return result;
}

static int fill_codes(struct request *request, struct dates *dates, struct local_view_own *view)
{
    struct account_scene scene = local_scene(request);
    int64_t used;
    int result = local_codes_state(&scene, request->session.person, &view->codes, &used);
    if (result < 0 || used == 0)
        return result;
    struct text_value value = { "used", dates_short(dates, used) };
    view->code_used = local_words(request, TEXT("One was used {used}."), &value, 1);
    return view->code_used.ptr ? 0 : -ENOMEM;
}

static int get_own(struct request *request)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct local_account local;
    struct local_view_own view = { .fresh = is_fresh(request), .code_used = STR(""), .here = STR("/profile/passkeys"), .error = form_error_of(&request->errors, "name"),
                                   .by_code = request->session.assurance == LOCAL_ASSURANCE_CODE };
    int result = own_account(request, &local);
    if (result == 0)
        result = fill_passkeys(request, &dates, &view);
    if (result == 0)
        result = fill_codes(request, &dates, &view);
    if (result < 0)
        return result;
    view.account = local.name;
    return request_page(request, &own_page, STR(""), &view);
}

static int post_begin(struct request *request)
{
    struct local_account local;
    struct local_view_ask ask;
    int result = own_account_now(request, &local);
    if (result == 0)
        result = local_ask(request, PASSKEY_ADD, local.person, &ask);
    return result < 0 ? result : request_page(request, &begin_page, STR(""), &ask);
}

static int post_own(struct request *request)
{
    const struct local_created_form *form = request_form(request, &local_created_form);
    struct local_account local;
    int64_t person = 0;
    int result = own_account_now(request, &local);
    if (result < 0)
        return result;
    result = local_created(request, PASSKEY_ADD, form, &person);
    if (result == -EEXIST)
        return request_refuse(request, "name", TEXT("This device or key has a passkey here already."));
    if (result == -E2BIG)
        return request_refuse(request, "name", TEXT("You have twenty passkeys. Remove one first."));
    if (result == -EACCES || (result == 0 && person != local.person))
        return request_refuse(request, "name", TEXT("The passkey could not be added. Try again."));
    return result < 0 ? result : request_redirect(request, STR("/profile/passkeys"));
}

// The passkey of the path, and what would be left without it.
static int find(struct request *request, struct passkey *ret_passkey, struct local_view_remove *view)
{
    struct account_scene scene = local_scene(request);
    const struct passkey *list;
    size_t count;
    int64_t left, used;
    int result = passkey_get(&scene, request->session.person, request->number[0], ret_passkey);
    if (result == 0)
        result = passkey_list(&scene, request->session.person, &list, &count);
    if (result == 0)
        result = local_codes_state(&scene, request->session.person, &left, &used);
    if (result < 0)
        return result;
    view->last = count == 1;
    view->may = !view->last || left > 0;
    return 0;
}

static int get_remove(struct request *request)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct local_view_remove view = { .fresh = is_fresh(request) };
    struct passkey passkey;
    int result = find(request, &passkey, &view);
    if (result == 0)
        result = describe(request, &dates, &passkey, &view.passkey);
    view.here = arena_format(request->arena, "/profile/passkeys/%lld", (long long)request->number[0]);
    if (!view.here.ptr)
        return -ENOMEM;
    return result < 0 ? result : request_page(request, &remove_page, STR(""), &view);
}

static int post_remove(struct request *request)
{
    struct account_scene scene = local_scene(request);
    struct local_view_remove view = { .last = false };
    struct local_account local;
    struct passkey passkey;
    int result = own_account_now(request, &local);
    if (result == 0)
        result = find(request, &passkey, &view);
    if (result == 0)
        result = view.may ? passkey_remove(&scene, passkey.id) : -EACCES;
    if (result == 0)
        result = local_sign_out(&scene, local.person, local_browser(request));
    if (result < 0)
        return result;
    request->event.object = passkey.id;
    // Also this session's streams end, which come back by themselves.
    result = request_tell(request, &(struct news){ .kind = NEWS_GONE, .person = local.person });
    return result < 0 ? result : request_redirect(request, STR("/profile/passkeys"));
}

static int post_codes(struct request *request)
{
    struct account_scene scene = local_scene(request);
    struct local_account local;
    struct str codes[LOCAL_CODES];
    struct local_view_code *shown = arena_array(request->arena, LOCAL_CODES, sizeof(*shown));
    int result = shown ? own_account_now(request, &local) : -ENOMEM;
    if (result == 0)
        result = local_codes_make(&scene, local.person, codes);
    if (result < 0)
        return result;
    for (size_t i = 0; i < LOCAL_CODES; i++)
        shown[i].code = codes[i];
    struct local_view_codes view = { .codes = shown, .codes_count = LOCAL_CODES, .account = local.name };
    return request_page(request, &codes_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/profile/passkeys", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_own, .answer = &local_own_json,
      .summary = "One's passkeys and how many recovery codes are left; for accounts of the installation's own." },
    { .method = METHOD_POST, .path = "/profile/passkeys/begin", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .form = &form_empty,
      .handle = post_begin, .answer = &local_ask_json, .summary = "A challenge for a new passkey, within a quarter of an hour of signing in." },
    { .method = METHOD_POST, .path = "/profile/passkeys", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .form = &local_created_form,
      .handle = post_own, .again = get_own, .summary = "Adds a passkey." },
    { .method = METHOD_GET, .path = "/profile/passkeys/{passkey#}", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_remove,
      .answer = &local_remove_json, .summary = "What removing a passkey would mean." },
    { .method = METHOD_POST, .path = "/profile/passkeys/{passkey#}/remove", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_PASSKEY_REMOVE,
      .form = &form_empty, .handle = post_remove, .summary = "Removes a passkey, unless nothing to sign in with would be left." },
    { .method = METHOD_POST, .path = "/profile/passkeys/codes", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_RECOVERY_CODES, .form = &form_empty,
      .handle = post_codes, .answer = &local_codes_json, .summary = "Ten new recovery codes, shown once; earlier ones work no more." },
};
FEATURE(local_own, routes);
