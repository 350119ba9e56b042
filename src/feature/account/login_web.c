// SPDX-License-Identifier: MPL-2.0
// The way to a login provider and back.
#include "feature/account/account_html.h"
#include "feature/account/account_json.h"
#include "feature/account/account_view.h"
#include "feature/account/oidc.h"
#include "web/request.h"
#include "web/server.h"

#include <errno.h>

#define CODE_BYTES_MAX 2048

struct leave_form {
    struct str next;
};

static const struct form_field leave_fields[] = {
    FORM_FIELD(struct leave_form, next, FORM_TEXT, TEXT("Page to go on to"), .max = 2000),
};
static const struct form leave_form = FORM("LoginForm", struct leave_form, leave_fields);

// What a provider sends back; some send more than they should.
struct return_form {
    struct str code, state, error, iss, ignored;
};

static const struct form_field return_fields[] = {
    FORM_FIELD(struct return_form, code, FORM_TEXT, TEXT("Code"), .max = CODE_BYTES_MAX),
    FORM_FIELD(struct return_form, state, FORM_TEXT, TEXT("State"), .max = 200),
    FORM_FIELD(struct return_form, error, FORM_TEXT, TEXT("Error"), .max = 200),
    FORM_FIELD(struct return_form, iss, FORM_TEXT, TEXT("Issuer"), .max = 2000),
    { .name = "error_description", .type = FORM_TEXT, .offset = offsetof(struct return_form, ignored), .max = 2000, .label = TEXT("Error") },
    { .name = "error_uri", .type = FORM_TEXT, .offset = offsetof(struct return_form, ignored), .max = 2000, .label = TEXT("Error") },
    { .name = "session_state", .type = FORM_TEXT, .offset = offsetof(struct return_form, ignored), .max = 2000, .label = TEXT("State") },
    { .name = "scope", .type = FORM_TEXT, .offset = offsetof(struct return_form, ignored), .max = 2000, .label = TEXT("Scope") },
};
static const struct form return_form = FORM("LoginReturn", struct return_form, return_fields);

static const struct page refused_page = { &account_refused_json, account_refused_any, TEXT("Sign in") };

// What was found out before the handler runs; all of it in the arena.
struct visit {
    struct oidc_provider provider;
    struct oidc_kept kept;
    struct str endpoint;              // where to leave for
    struct oidc_login login;
    struct oidc_identity identity;
    int result;                       // 0: endpoint or identity are there
    bool known;                       // the browser left here for this provider
};

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// With the prefix no other host, and nobody without TLS, can plant a cookie that makes this browser finish another one's sign-in.
static const char *login_cookie(const struct request *request)
{
    return exchange_secure(request->exchange) ? "__Host-samtraad-login" : "samtraad-login";
}

static enum oidc_kind kind_of(const struct request *request)
{
    return str_starts(str_from(request->route->path), STR("/login/staff")) ? OIDC_STAFF : OIDC_CITIZEN;
}

// Our own address for the way back, as registered with the provider.
static struct str redirect_address(struct request *request)
{
    struct str base = request->app->base_url;
    return arena_format(request->arena, "%.*s/login/%s/return", (int)base.len, base.ptr, kind_of(request) == OIDC_STAFF ? "staff" : "citizen");
}

static int begin_visit(struct request *request, struct visit **ret_visit)
{
    struct visit *visit = arena_alloc(request->arena, sizeof(*visit));
    if (!visit)
        return -ENOMEM;
    int result = oidc_provider_read(request->app->config, kind_of(request), &visit->provider);
    if (result == 0)
        *ret_visit = visit;
    return result;
}

// view: why, if that is known, and where the person was going.
static int show_refused(struct request *request, struct account_view_refused view)
{
    if (view.next.len == 0)
        view.next = STR("/");
    request->event.kind = AUDIT_SIGN_IN_REFUSED;
    request_status(request, 403);
    return request_page(request, &refused_page, STR(""), &view);
}

static int prepare_leave(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct visit *visit;
    int result = begin_visit(request, &visit);
    if (result < 0)
        return result;
    struct oidc_metadata metadata = { .fresh = false };
    visit->result = oidc_metadata_get(&scene, &visit->provider, false, &metadata);
    if (visit->result == 0)
        visit->result = oidc_metadata_seal(&scene, visit->provider.kind, &metadata, &visit->kept);
    if (visit->result == 0)
        visit->endpoint = arena_str(request->arena, str_from(json_string_value(json_object_get(metadata.discovery, "authorization_endpoint"))));
    oidc_metadata_free(&metadata);
    request->prepared = visit;
    return visit->result == 0 && !visit->endpoint.ptr ? -ENOMEM : 0;
}

static int leave(struct request *request, struct visit *visit, struct str next)
{
    struct account_scene scene = scene_of(request);
    struct str redirect = redirect_address(request);
    int result = oidc_metadata_keep(&scene, &visit->kept);
    if (result == 0)
        result = oidc_login_sweep(&scene);
    if (result == 0)
        result = oidc_login_begin(&scene, visit->provider.kind, next, &visit->login);
    struct str address = result == 0 && redirect.ptr
        ? oidc_authorization_address(request->arena, &visit->provider, visit->endpoint, &visit->login, redirect) : (struct str){ NULL, 0 };
    if (!address.ptr)
        return result < 0 ? result : -ENOMEM;
    result = request_cookie(request, login_cookie(request), visit->login.cookie, OIDC_LOGIN_MS / SECOND_MS);
    return result < 0 ? result : request_redirect_out(request, (struct url){ address });
}

static int post_leave(struct request *request)
{
    const struct leave_form *form = request_form(request, &leave_form);
    struct visit *visit = request->prepared;
    struct url next = url_local(request->arena, form->next);
    struct str path = next.text.ptr && next.text.len ? next.text : STR("/");
    if (visit->result < 0)
        return show_refused(request, (struct account_view_refused){ .next = path });
    request->event.kind = AUDIT_NONE;
    return leave(request, visit, path);
}

// Everything that has to be asked of the provider.
static int ask(struct request *request, struct visit *visit)
{
    const struct return_form *query = request->query;
    struct account_scene scene = scene_of(request);
    struct oidc_metadata metadata = { .fresh = false };
    json_t *claims = NULL;
    struct str redirect = redirect_address(request);
    int result = redirect.ptr ? oidc_metadata_get(&scene, &visit->provider, false, &metadata) : -ENOMEM;
    if (result == 0 && !oidc_answer_fits(&visit->provider, &metadata, query->iss))
        result = -EACCES;
    if (result == 0)
        result = oidc_exchange(&scene, &visit->provider, &metadata, &visit->login, query->code, redirect, &claims);
    if (result == 0)
        result = oidc_identity_read(request->arena, &visit->provider, claims, &visit->identity);
    if (result == 0)
        result = oidc_metadata_seal(&scene, visit->provider.kind, &metadata, &visit->kept);
    json_decref(claims);
    oidc_metadata_free(&metadata);
    return result;
}

// That something failed is for the handler to say.
static int prepare_return(struct request *request)
{
    const struct return_form *query = request->query;
    struct account_scene scene = scene_of(request);
    struct visit *visit;
    int result = begin_visit(request, &visit);
    if (result < 0)
        return result;
    request->prepared = visit;
    visit->result = oidc_login_find(&scene, visit->provider.kind, query->state, exchange_cookie(request->exchange, login_cookie(request)), &visit->login);
    visit->known = visit->result == 0;
    if (visit->known && !query->error.len)
        visit->result = ask(request, visit);
    return 0;
}

static int sign_in(struct request *request, struct visit *visit)
{
    struct account_scene scene = scene_of(request);
    const struct oidc_identity *identity = &visit->identity;
    int64_t person;
    if (identity->assurance < visit->provider.required)
        return show_refused(request, (struct account_view_refused){ .next = visit->login.next, .assurance = true });
    int result = oidc_account(&scene, &visit->provider, identity, &person);
    if (result == -EACCES || result == -EPERM)
        return show_refused(request, (struct account_view_refused){ .next = visit->login.next, .no_work = result == -EPERM });
    if (result == 0)
        result = session_begin(request, person, identity->assurance);
    if (result < 0)
        return result;
    request->event.person = person;
    return request_redirect(request, visit->login.next);
}

static int finish(struct request *request, struct visit *visit)
{
    const struct return_form *query = request->query;
    struct account_scene scene = scene_of(request);
    if (!visit->known)
        return show_refused(request, (struct account_view_refused){ .next = STR("/") });
    // Once, whatever comes of it. Two at the same time: the second finds it gone.
    int result = oidc_login_end(&scene, query->state);
    if (result == -ENOENT)
        return show_refused(request, (struct account_view_refused){ .next = STR("/") });
    if (result == 0)
        result = request_cookie(request, login_cookie(request), STR(""), 0);
    if (result == 0)
        result = oidc_metadata_keep(&scene, &visit->kept);
    if (result < 0)
        return result;
    if (query->error.len)
        return show_refused(request, (struct account_view_refused){ .next = visit->login.next,
                                                                    .cancelled = str_equal(query->error, STR("access_denied")) });
    if (visit->result < 0)
        return show_refused(request, (struct account_view_refused){ .next = visit->login.next, .no_work = visit->result == -EPERM });
    return sign_in(request, visit);
}

static int get_return(struct request *request)
{
    return finish(request, request->prepared);
}

static int again_leave(struct request *request)
{
    return show_refused(request, (struct account_view_refused){ .next = STR("/") });
}

#define LEAVE(address)                                                                                                               \
    { .method = METHOD_POST, .path = address, .permission = PERMISSION_ANYONE, .audit = AUDIT_SIGN_IN_REFUSED, .form = &leave_form,   \
      .prepare = prepare_leave, .handle = post_leave, .again = again_leave, .summary = "Sends the browser to the login provider." }
#define RETURN(address)                                                                                                              \
    { .method = METHOD_GET, .path = address, .permission = PERMISSION_ANYONE, .audit = AUDIT_SIGN_IN, .query = &return_form,          \
      .prepare = prepare_return, .handle = get_return, .flags = ROUTE_WRITES, .summary = "Where the login provider sends the browser back." }

static const struct route routes[] = {
    LEAVE("/login/citizen"), LEAVE("/login/staff"), RETURN("/login/citizen/return"), RETURN("/login/staff/return"),
};
FEATURE(login, routes);
