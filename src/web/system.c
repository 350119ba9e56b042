// SPDX-License-Identifier: MPL-2.0
// Routes of the web floor itself: the session's clock, the language, health, the description of all
// routes.
#include <errno.h>

#include "base/cleanup.h"
#include "web/answer.h"
#include "web/csrf.h"
#include "web/negotiate.h"
#include "web/pages.h"
#include "web/router.h"
#include "web/session_sql.h"
#include "web/web_html.h"

#define OPENAPI_MAX  (4u << 20)
#define YEAR_SECONDS (INT64_C(365) * 24 * 3600)

static const struct view_field session_fields[] = {
    VIEW_ID(struct session_page, person, "Who is signed in; null: nobody"),
    VIEW_STR(struct session_page, name, "Their name"),
    VIEW_STR(struct session_page, language, "Language of the answers"),
    VIEW_INT(struct session_page, seconds, "Until the session ends without further use"),
    VIEW_STR(struct session_page, csrf, "Send it as X-CSRF-Token with each POST"),
};
static const struct view session_view = VIEW("Session", struct session_page, session_fields);
static const struct page session_shown = { &session_view, session_any, TEXT("Your session") };

static int session_show(struct request *request)
{
    const struct session *session = &request->session;
    struct session_page page = {
        .person = session->person,
        .name = session->person != 0 ? session->name : STR(""),
        .language = str_from(language_tag(request->language)),
        .seconds = session->person != 0 ? (session->expires - request->now) / SECOND_MS : 0,
    };
    int r = session_visitor(request);
    r = r ? r : csrf_token(session->csrf, request->arena, &page.csrf);
    return r ? r : request_page(request, &session_shown, STR(""), &page);
}

struct next_form {
    struct str next;
};

static const struct form_field next_fields[] = {
    { .name = "next",
      .type = FORM_TEXT,
      .offset = offsetof(struct next_form, next),
      .max = 2000,
      .label = TEXT("Page to go on to") },
};
static const struct form next_form = FORM("NextForm", struct next_form, next_fields);

// Back to where the person was, when that is a page of ours.
static int go_on(struct request *request, struct str next)
{
    struct url url = url_local(request->arena, next);
    int r = url.text.ptr ? request_redirect(request, url.text) : -EINVAL;
    return r == -EINVAL ? request_redirect(request, STR("/")) : r;
}

static int session_stay(struct request *request)
{
    const struct next_form *form = request_form(request, &next_form);
    int r = session_touch_now(request);
    if (r < 0)
        return r;
    return request->wants_json || request->wants_fragment ? session_show(request)
                                                          : go_on(request, form->next);
}

struct language_form {
    int64_t language;
    struct str next;
};

// In the order of enum language.
static const char *const language_choices[] = { "da", "en", NULL };

static const struct form_field language_fields[] = {
    { .name = "language",
      .type = FORM_CHOICE,
      .offset = offsetof(struct language_form, language),
      .required = true,
      .choices = language_choices,
      .label = TEXT("Language") },
    { .name = "next",
      .type = FORM_TEXT,
      .offset = offsetof(struct language_form, next),
      .max = 2000,
      .label = TEXT("Page to go on to") },
};
static const struct form language_form =
    FORM("LanguageForm", struct language_form, language_fields);

static int language_choose(struct request *request)
{
    const struct language_form *form = request_form(request, &language_form);
    if (request->session.person != 0) {
        struct sql_session_choose_language_in in = { .person = request->session.person,
                                                     .language = form->language };
        int64_t changes = sql_session_choose_language(request->db, &in);
        if (changes < 0)
            return (int)changes;
    }
    struct str tag = str_from(language_tag((enum language)form->language));
    int r = request_cookie(request, LANGUAGE_COOKIE, tag, YEAR_SECONDS);
    return r ? r : go_on(request, form->next);
}

static int health_show(struct request *request)
{
    struct sql_session_alive row;
    int r = sql_session_alive(request->db, request->arena, &row);
    return r ? r : request_bytes(request, "text/plain; charset=utf-8", str_bytes(STR("ok\n")));
}

static int openapi_show(struct request *request)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(OPENAPI_MAX);
    int r = router_openapi(&buf);
    return r ? r : request_bytes(request, "application/json", str_bytes(buf_view(&buf)));
}

static const struct route system_routes[] = {
    { .method = METHOD_GET,
      .path = "/session",
      .permission = PERMISSION_ANYONE,
      .audit = AUDIT_NONE,
      .handle = session_show,
      .answer = &session_view,
      .flags = ROUTE_IDLE,
      .summary = "Who is signed in, for how long, and a CSRF token; does not prolong the session" },
    { .method = METHOD_POST,
      .path = "/session/stay",
      .permission = PERMISSION_SIGNED_IN,
      .audit = AUDIT_NONE,
      .form = &next_form,
      .handle = session_stay,
      .answer = &session_view,
      .summary = "Prolong the session" },
    { .method = METHOD_POST,
      .path = "/language",
      .permission = PERMISSION_ANYONE,
      .audit = AUDIT_NONE,
      .form = &language_form,
      .handle = language_choose,
      .summary = "Choose the language" },
    { .method = METHOD_GET,
      .path = "/healthz",
      .permission = PERMISSION_ANYONE,
      .audit = AUDIT_NONE,
      .handle = health_show,
      .flags = ROUTE_IDLE,
      .summary = "Whether the server and its database answer" },
    { .method = METHOD_GET,
      .path = "/api/openapi.json",
      .permission = PERMISSION_ANYONE,
      .audit = AUDIT_NONE,
      .handle = openapi_show,
      .flags = ROUTE_IDLE,
      .summary = "This document" },
};
FEATURE(web, system_routes);
