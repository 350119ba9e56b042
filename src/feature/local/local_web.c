// SPDX-License-Identifier: MPL-2.0
// Signing in with a passkey or a recovery code.
//
// What is refused is told as a page that is committed: a challenge that was answered wrongly is used up, and a code that was wrong counts. That is why none of
// these answer in JSON, which would be refused only afterwards.
#include "base/encode.h"
#include "base/log.h"
#include "feature/local/local_html.h"
#include "feature/local/local_page.h"

#include <errno.h>
#include <sodium.h>

#define SECRET_MAX 100
#define HANDLE_MAX 64   // bytes, as the standard says

struct next_form {
    struct str next;
};

static const struct form_field next_fields[] = {
    FORM_FIELD(struct next_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form next_form = FORM("LocalLoginQuery", struct next_form, next_fields);

struct passkey_form {
    struct str credential, client_data, authenticator_data, signature, handle, next;
};

#define ANSWER_FIELD(member, text, bytes) FORM_FIELD(struct passkey_form, member, FORM_TEXT, text, .max = LOCAL_TEXT_MAX(bytes))

static const struct form_field passkey_fields[] = {
    ANSWER_FIELD(credential, TEXT("Which passkey"), WEBAUTHN_CREDENTIAL_MAX),
    ANSWER_FIELD(client_data, TEXT("What the browser says"), WEBAUTHN_CLIENT_DATA_MAX),
    ANSWER_FIELD(authenticator_data, TEXT("What the passkey says"), WEBAUTHN_AUTHENTICATOR_MAX),
    ANSWER_FIELD(signature, TEXT("Signature"), WEBAUTHN_SIGNATURE_MAX),
    ANSWER_FIELD(handle, TEXT("Whose passkey"), HANDLE_MAX),
    FORM_FIELD(struct passkey_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form passkey_form = FORM("PasskeyLoginForm", struct passkey_form, passkey_fields);

struct code_form {
    struct str name, code, next;
};

static const struct form_field code_fields[] = {
    FORM_FIELD(struct code_form, name, FORM_TEXT, TEXT("Your account's name"), .required = true, .max = LOCAL_NAME_MAX),
    FORM_FIELD(struct code_form, code, FORM_TEXT, TEXT("Recovery code"), .required = true, .max = SECRET_MAX),
    FORM_FIELD(struct code_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form code_form = FORM("RecoveryCodeForm", struct code_form, code_fields);

static const char no_code[] =
    TEXT("The name and the code do not fit, or the code has been used. Wait a quarter of an hour if you have tried many times.");

static const struct page begin_page = { &local_ask_json, NULL, TEXT("Sign in with a passkey") };

static int get_login(struct request *request)
{
    const struct next_form *query = request->query;
    return local_show_login(request, &(struct local_view_login){ .next = query->next });
}

// The page again, after a form that could not even be read.
static int again_login(struct request *request)
{
    return local_show_login(request, &(struct local_view_login){ .next = STR("/"), .error = request_text(request, TEXT("Something is missing. Try again.")) });
}

static int post_begin(struct request *request)
{
    struct local_view_ask ask;
    int result = local_ask(request, PASSKEY_SIGN_IN, 0, &ask);
    return result < 0 ? result : request_page(request, &begin_page, STR(""), &ask);
}

// The passkey's answer as bytes. -EACCES.
static int read_answer(struct request *request, const struct passkey_form *form, struct webauthn_assertion *ret_assertion, struct bytes *ret_credential,
                       struct bytes *ret_handle)
{
    struct arena *arena = request->arena;
    int result = decode_base64url(arena, form->client_data, &ret_assertion->client_data);
    if (result == 0)
        result = decode_base64url(arena, form->authenticator_data, &ret_assertion->authenticator_data);
    if (result == 0)
        result = decode_base64url(arena, form->signature, &ret_assertion->signature);
    if (result == 0)
        result = decode_base64url(arena, form->credential, ret_credential);
    if (result == 0)
        result = decode_base64url(arena, form->handle, ret_handle);
    return result == -EINVAL ? -EACCES : result;
}

// Whether the passkey belongs to whom the authenticator says.
static bool is_handle(const struct account_scene *scene, int64_t person, struct bytes handle)
{
    uint8_t own[PASSKEY_HANDLE];
    passkey_handle(scene, person, own);
    return handle.len == sizeof(own) && sodium_memcmp(handle.ptr, own, sizeof(own)) == 0;
}

// A passkey's answer under way.
struct attempt {
    struct webauthn_assertion assertion;
    struct bytes credential, handle;
    struct passkey passkey;   // id 0: not found
    int64_t counter;
    enum webauthn_fault fault;
};

// -EACCES or -ENOENT: refused. -ESTALE: the counter went back.
static int check(struct request *request, const struct passkey_form *form, struct attempt *attempt)
{
    struct account_scene scene = local_scene(request);
    struct webauthn_site site = webauthn_site_of(request->app->base_url);
    struct passkey passkey;
    struct account account;
    struct str challenge;
    struct passkey_challenge nobody;
    int result = read_answer(request, form, &attempt->assertion, &attempt->credential, &attempt->handle);
    if (result == 0)
        result = webauthn_client(request->arena, &site, WEBAUTHN_GET, attempt->assertion.client_data, &challenge, &attempt->fault);
    if (result == 0)
        result = passkey_challenge_take(&scene, challenge, PASSKEY_SIGN_IN, local_browser(request), &nobody);
    if (result == 0)
        result = passkey_find(&scene, attempt->credential, &passkey);
    if (result == 0 && !is_handle(&scene, passkey.person, attempt->handle))
        result = -EACCES;
    if (result == 0)
        result = webauthn_signed(&site, &passkey.key, &attempt->assertion, &attempt->counter, &attempt->fault);
    if (result < 0)
        return result;
    attempt->passkey = passkey;
    result = local_person(request, passkey.person, &account);
    return result < 0 ? result : passkey_used(&scene, &passkey, attempt->counter);
}

static int refuse_passkey(struct request *request, const struct passkey_form *form, const struct attempt *attempt, int result)
{
    bool counter = result == -ESTALE;
    request->event.kind = counter ? AUDIT_PASSKEY_COUNTER : AUDIT_SIGN_IN_REFUSED;
    // The person's own log shows that somebody came with an older state of their passkey.
    request->event.person = counter ? attempt->passkey.person : 0;
    request->event.object = attempt->passkey.id;
    log_event(LOG_WARNING, "passkey-refused", "act=get passkey=%lld reason=%s", (long long)attempt->passkey.id,
              counter ? "counter" : webauthn_fault_name(attempt->fault));
    return local_refuse(request, &(struct local_view_login){ .next = form->next,
        .error = request_text(request, TEXT("You could not be signed in with that passkey. Try again, or use a recovery code.")) });
}

static int post_passkey(struct request *request)
{
    const struct passkey_form *form = request_form(request, &passkey_form);
    struct attempt attempt = { .fault = WEBAUTHN_SOUND };
    if (request->wants_json)
        return -EPROTONOSUPPORT;
    int result = check(request, form, &attempt);
    if (result == -EACCES || result == -ENOENT || result == -ESTALE)
        return refuse_passkey(request, form, &attempt, result);
    if (result == 0)
        result = session_begin(request, attempt.passkey.person, LOCAL_ASSURANCE_PASSKEY);
    if (result < 0)
        return result;
    request->event.person = attempt.passkey.person;
    request->event.object = attempt.passkey.id;
    return request_redirect(request, local_next(request, form->next));
}

// -ENOENT: no such account, none that may sign in, no such code, or too many wrong ones lately.
static int use_code(struct request *request, const struct code_form *form, int64_t *ret_person)
{
    struct account_scene scene = local_scene(request);
    struct local_account local;
    struct account account;
    int result = local_find(&scene, form->name, &local);
    if (result == 0)
        result = local_may_try(&local, request->now) ? local_person(request, local.person, &account) : -ENOENT;
    // A name that nobody has costs as much as one that is known.
    if (result < 0)
        return result == -ENOENT ? local_code_use(&scene, 0, form->code) : result;
    result = local_code_use(&scene, local.person, form->code);
    if (result < 0 && result != -ENOENT)
        return result;
    int noted = local_note_try(&scene, &local, result == 0);
    *ret_person = local.person;
    return noted < 0 ? noted : result;
}

static int post_code(struct request *request)
{
    const struct code_form *form = request_form(request, &code_form);
    int64_t person = 0;
    if (request->wants_json)
        return -EPROTONOSUPPORT;
    int result = use_code(request, form, &person);
    if (result == -ENOENT) {
        request->event.kind = AUDIT_SIGN_IN_REFUSED;
        return local_refuse(request, &(struct local_view_login){ .next = form->next, .name = form->name,
            .code_error = request_text(request, no_code) });
    }
    if (result == 0)
        result = session_begin(request, person, LOCAL_ASSURANCE_CODE);
    if (result < 0)
        return result;
    request->event.person = person;
    // To the page that says what it means that a code was used, wherever one was going.
    return request_redirect(request, STR("/profile/passkeys"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/login/local", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .query = &next_form, .handle = get_login,
      .answer = &local_login_json, .summary = "Signing in with a passkey, a recovery code or a starting password." },
    { .method = METHOD_POST, .path = "/login/local/begin", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .form = &form_empty, .handle = post_begin,
      .answer = &local_ask_json, .summary = "A challenge for a passkey to sign, for this browser, once." },
    { .method = METHOD_POST, .path = "/login/local/passkey", .permission = PERMISSION_ANYONE, .audit = AUDIT_SIGN_IN, .form = &passkey_form,
      .handle = post_passkey, .again = again_login, .summary = "Signs in with a passkey. For browsers: answers in HTML." },
    { .method = METHOD_POST, .path = "/login/local/code", .permission = PERMISSION_ANYONE, .audit = AUDIT_RECOVERY_USE, .form = &code_form,
      .handle = post_code, .again = again_login, .summary = "Signs in with a recovery code. For browsers: answers in HTML." },
};
FEATURE(local, routes);
