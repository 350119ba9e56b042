// SPDX-License-Identifier: MPL-2.0
#include "feature/local/local_page.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encode.h"
#include "base/log.h"
#include "feature/local/local_html.h"

#include <errno.h>

#define WORDS_MAX  1000
#define HASHES_MAX 2   // at a time
#define KNOWN_MAX ((size_t)LOCAL_PASSKEYS_MAX * (LOCAL_TEXT_MAX(WEBAUTHN_CREDENTIAL_MAX) + 1))

static const struct page login_page = { &local_login_json, local_login_any, TEXT("Sign in with a passkey") };

static const struct form_field created_fields[] = {
    FORM_FIELD(struct local_created_form, client_data, FORM_TEXT, TEXT("What the browser says"), .required = true, .max = LOCAL_TEXT_MAX(WEBAUTHN_CLIENT_DATA_MAX)),
    FORM_FIELD(struct local_created_form, authenticator_data, FORM_TEXT, TEXT("What the passkey says"), .required = true,
               .max = LOCAL_TEXT_MAX(WEBAUTHN_AUTHENTICATOR_MAX)),
    FORM_FIELD(struct local_created_form, name, FORM_TEXT, TEXT("Name of the passkey"), .required = true, .max = PASSKEY_NAME_MAX),
    FORM_FIELD(struct local_created_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
const struct form local_created_form = FORM("PasskeyForm", struct local_created_form, created_fields);

struct str local_next(struct request *request, struct str next)
{
    struct url url = url_local(request->arena, next);
    return url.text.ptr && url.text.len ? url.text : STR("/");
}

struct str local_words(struct request *request, const char *english, const struct text_value *values, size_t count)
{
    _cleanup_(buf_free) struct buf words = buf_bounded(WORDS_MAX);
    text_format(&words, request_text(request, english), values, count);
    return words.error ? (struct str){ NULL, 0 } : arena_str(request->arena, buf_view(&words));
}

int local_show_login(struct request *request, const struct local_view_login *view)
{
    struct local_view_login shown = *view;
    shown.next = local_next(request, view->next);
    return request_page(request, &login_page, STR(""), &shown);
}

int local_refuse(struct request *request, const struct local_view_login *view)
{
    request_status(request, 403);
    return local_show_login(request, view);
}

int local_person(struct request *request, int64_t person, struct account *ret_account)
{
    struct account_scene scene = local_scene(request);
    struct account account;
    int result = account_get(&scene, person, &account);
    if (result == 0 && account.role != ROLE_EMPLOYEE && account.role != ROLE_ADMINISTRATOR)
        result = -ENOENT;
    if (result == 0)
        *ret_account = account;
    return result;
}

int local_hash_begin(struct app *app)
{
    if (__atomic_add_fetch(&app->hashes_at_work, 1, __ATOMIC_SEQ_CST) <= HASHES_MAX)
        return 0;
    local_hash_end(app);
    return -EBUSY;
}

void local_hash_end(struct app *app)
{
    __atomic_sub_fetch(&app->hashes_at_work, 1, __ATOMIC_SEQ_CST);
}

// The credentials of a person, so that no authenticator takes a second one.
static int fill_known(struct request *request, int64_t person, struct str *ret_known)
{
    struct account_scene scene = local_scene(request);
    _cleanup_(buf_free) struct buf known = buf_bounded(KNOWN_MAX);
    const struct passkey *list;
    size_t count;
    int result = passkey_list(&scene, person, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct str text = encode_base64url(request->arena, list[i].key.credential);
        if (!text.ptr)
            return -ENOMEM;
        if (i)
            buf_char(&known, ' ');
        buf_str(&known, text);
    }
    *ret_known = arena_str(request->arena, buf_view(&known));
    return result < 0 ? result : known.error ? known.error : ret_known->ptr ? 0 : -ENOMEM;
}

// For whom a passkey is to be made.
static int fill_person(struct request *request, int64_t person, struct local_view_ask *ask, int64_t *ret_version)
{
    struct account_scene scene = local_scene(request);
    struct account account;
    struct local_account local;
    uint8_t handle[PASSKEY_HANDLE];
    int result = local_person(request, person, &account);
    if (result == 0)
        result = local_get(&scene, person, &local);
    if (result == 0)
        result = fill_known(request, person, &ask->known);
    if (result < 0)
        return result;
    passkey_handle(&scene, person, handle);
    ask->handle = encode_base64url(request->arena, bytes_from(handle, sizeof(handle)));
    ask->name = local.name;
    ask->display = account.name;
    *ret_version = local.version;
    return ask->handle.ptr ? 0 : -ENOMEM;
}

int local_ask(struct request *request, enum passkey_purpose purpose, int64_t person, struct local_view_ask *ret_ask)
{
    struct account_scene scene = local_scene(request);
    struct local_view_ask ask = {
        .site = webauthn_site_of(request->app->base_url).id, .handle = STR(""), .name = STR(""), .display = STR(""), .known = STR(""),
    };
    struct passkey_challenge what = { .purpose = purpose, .person = person, .browser = local_browser(request) };
    // Without a cookie of ours there is no browser that the challenge could be bound to.
    if (request->session.csrf.len == 0)
        return -EINVAL;
    int result = person ? fill_person(request, person, &ask, &what.version) : 0;
    if (result == 0)
        result = passkey_challenge_make(&scene, &what, &ask.challenge);
    if (result == 0)
        *ret_ask = ask;
    return result;
}

static int refuse(enum webauthn_fault fault)
{
    log_event(LOG_WARNING, "passkey-refused", "act=create reason=%s", webauthn_fault_name(fault));
    return -EACCES;
}

// Takes the challenge of what was said back, and finds out for whom it was made.
static int take_challenge(struct request *request, enum passkey_purpose purpose, struct str challenge, int64_t *ret_person)
{
    struct account_scene scene = local_scene(request);
    struct passkey_challenge kept;
    struct local_account local;
    int result = passkey_challenge_take(&scene, challenge, purpose, local_browser(request), &kept);
    if (result == 0)
        result = local_get(&scene, kept.person, &local);
    if (result == 0 && local.version != kept.version)
        result = -ENOENT;
    if (result == 0)
        *ret_person = kept.person;
    return result;
}

int local_created(struct request *request, enum passkey_purpose purpose, const struct local_created_form *form, int64_t *ret_person)
{
    struct account_scene scene = local_scene(request);
    struct webauthn_site site = webauthn_site_of(request->app->base_url);
    struct passkey passkey = { .name = form->name };
    struct bytes client, authenticator;
    enum webauthn_fault fault = WEBAUTHN_SOUND;
    struct str challenge;
    if (decode_base64url(request->arena, form->client_data, &client) < 0 || decode_base64url(request->arena, form->authenticator_data, &authenticator) < 0)
        return refuse(WEBAUTHN_SIZE);
    int result = webauthn_client(request->arena, &site, WEBAUTHN_CREATE, client, &challenge, &fault);
    if (result == 0)
        result = take_challenge(request, purpose, challenge, &passkey.person);
    if (result == 0)
        result = webauthn_created(request->arena, &site, authenticator, &passkey.key, &passkey.counter, &fault);
    if (result == -EACCES || result == -ENOENT)
        return refuse(fault);
    if (result == 0)
        result = passkey_add(&scene, &passkey, &passkey.id);
    if (result < 0)
        return result;
    *ret_person = passkey.person;
    return request_audit(request, &(struct audit_event){ .kind = AUDIT_PASSKEY_ADD, .person = passkey.person, .object = passkey.id });
}
